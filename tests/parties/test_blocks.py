"""Which names are compared at all: few of all pairs, and those that matter."""

from __future__ import annotations

import numpy as np
import pytest

from geoasm.parties import blocks


def met(registrants: list[str], holders: list[str]) -> set[tuple[str, str]]:
    names = registrants + holders
    registers = np.arange(len(names)) < len(registrants)
    one, other = blocks.pair([name.split() for name in names], registers, ~registers)
    assert len(one) == len(set(zip(one.tolist(), other.tolist(), strict=True)))
    return {(names[i], names[k]) for i, k in zip(one, other, strict=True)}


def crowd(*words: str) -> list[str]:
    """So many names with each word that it is no rare one."""
    return [f"{word} FILL{i}ER" for word in words for i in range(blocks._RARE + 1)]


QUISPE, MAMANI, ROSA = "QUISPE", "MAMANI", "ROSA"
COMMON = crowd(QUISPE, MAMANI, ROSA)


def asked(one: str, other: str) -> bool:
    """Whether a registrant is compared with a holder, in a country where Quispe, Mamani, Rosa are common."""
    return (one, other) in met([one, *COMMON], [other])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("QUISPE MAMANI ROSA", "ROSA QUISPE ANA"),  # two words
        ("QUISPI MAMANI ANA", "QUISPE MAMANI LUZ"),  # one, and a slip of another
        ("QUISPI MAMAMI ANA", "QUISPE MAMANI LUZ"),  # two slips
        ("QUISPEMAMANI ANA", "QUISPE MAMANI LUZ"),  # two words as one
        ("QUISPE MAMANI ANA", "QUISPEMAMANI LUZ"),
        ("QUISPE QUISPE R", "QUISPE QUISPE ROSA"),  # a word that stands twice is two
        ("ZUVENDA X", "ZUVENDA Y"),  # a word that few bear
        ("ZUBENDA X", "ZUVENDA Y"),
        ("ZUVEND X", "ZUVENDA Y"),
        ("ZUVNEDA X", "ZUVENDA Y"),
    ],
)
def test_names_that_share_enough_are_compared(one: str, other: str) -> None:
    assert asked(one, other)
    assert asked(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("QUISPE MAMANI", "QUISPE ROSA"),  # one common word
        ("QUISPI LUZ", "QUISPE ANA"),
        ("ZUVENDA X", "TORUNDA Y"),
        ("A B C", "A B C"),  # initials
        ("QUISPE", "QUISPE"),
        ("QUISPE QUISPE", "QUISPE ROSA"),
    ],
)
def test_others_are_not(one: str, other: str) -> None:
    assert not asked(one, other)


def test_what_too_many_share_is_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"QUISPE MAMANI N{i}X" for i in range(20)]
    assert len(met(names, ["QUISPE MAMANI LUZ"])) == 20
    monkeypatch.setattr(blocks, "_MOST_SHARING", 19)
    assert met(names, ["QUISPE MAMANI LUZ"]) == set()


def test_only_registrants_and_holders_are_paired() -> None:
    words = [["QUISPE", "MAMANI"]] * 3
    one, other = blocks.pair(words, np.array([True, True, False]), np.array([False, True, True]))
    pairs = sorted(zip(one.tolist(), other.tolist(), strict=True))
    assert pairs == [(0, 1), (0, 2), (1, 1), (1, 2)]


@pytest.mark.parametrize("names", [[], [[]], [["A"]], [["AB"], []]])
def test_names_without_words_meet_nobody(names: list[list[str]]) -> None:
    none = np.zeros(len(names), dtype=bool)
    one, other = blocks.pair(names, ~none, none)
    assert len(one) == len(other) == 0
