"""Misspelt names: each fault does what it says, to whom it can befall, and invents nobody real."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from rapidfuzz.distance import OSA, Prefix

from geoasm.parsing.text import fold
from geoasm.simulate.names import letters_of
from geoasm.simulate.spellings import WIDTH, Fault, misspell, population

PERSON, SHORT = "ÑAMCHA DE LA VOLÓN RITA ELBA", "ÑAMCHA VOLÓN RITA"
FIRM, CHAINED = "COMPAÑÍA MINERA ÑAMCHA VOLÓN S.A.C.", "MINERA ÑAMCHA II S.A."
TRIALS = 300


def spelt(name: str, fault: Fault, is_legal: bool = False) -> set[str]:
    """Every spelling that comes out in many trials."""
    names = pd.Series([name] * TRIALS, dtype="str")
    told = misspell(np.random.default_rng(1), names, np.full(TRIALS, is_legal), fault)
    return set(told.dropna())


def bare(name: str) -> str:
    return "".join(c for c in fold(name) if c.isalnum())


@pytest.mark.parametrize("fault", [Fault.NONE, Fault.HOMONYM])
def test_some_names_stay_as_they_are(fault: Fault) -> None:
    assert spelt(PERSON, fault) == {PERSON}


def test_respelt_names_have_the_letters_they_had_or_another_spelling_of_the_form() -> None:
    told = spelt(PERSON, Fault.RESPELT)
    assert len(told) > 8
    assert {bare(name) for name in told} == {bare(PERSON)}
    assert any("Ñ" not in name for name in told)
    assert any("," in name for name in told)
    assert any("-" in name for name in told)
    firms = {fold(name) for name in spelt(FIRM, Fault.RESPELT, True)}
    assert {name.split()[0] for name in firms} == {"CIA", "CIA.", "C.I.A.", "COMPANIA"}
    assert any(name.endswith("SOCIEDAD ANONIMA CERRADA") for name in firms)


def test_given_names_go_before_surnames() -> None:
    assert spelt(PERSON, Fault.REORDERED) == {"RITA ELBA ÑAMCHA DE LA VOLÓN"}
    assert spelt(FIRM, Fault.REORDERED, True) == set()


def test_a_remark_stands_at_the_end_in_parentheses() -> None:
    told = spelt(FIRM, Fault.REMARK, True)
    assert all(name.startswith(f"{FIRM} (") for name in told)
    assert any(not name.endswith(")") for name in told)


@pytest.mark.parametrize(("name", "is_legal"), [(PERSON, False), (FIRM, True)])
def test_a_doubted_remark_holds_a_number_a_form_or_heirs(name: str, is_legal: bool) -> None:
    told = {
        wrong.removeprefix(f"{name} (") for wrong in spelt(name, Fault.DOUBTED_REMARK, is_legal)
    }
    assert len(told) > 2
    words = ("II", "2", "S.A") if is_legal else ("SUC", "HEREDEROS")
    assert all(any(word in remark for word in words) for remark in told)


@pytest.mark.parametrize(("name", "is_legal"), [(PERSON, False), (FIRM, True)])
def test_a_typo_is_one_slip_of_a_letter_anywhere(name: str, is_legal: bool) -> None:
    told = spelt(name, Fault.TYPO, is_legal)
    assert {OSA.distance(fold(name), fold(wrong)) for wrong in told} == {1}
    lengths = {len(wrong) - len(name) for wrong in told}
    assert lengths == {-1, 0, 1}
    assert any(sorted(fold(w)) == sorted(fold(name)) for w in told)  # swapped
    place = {Prefix.similarity(name, wrong) for wrong in told}
    assert len(place) > 15
    punctuation = [c for c in name if not c.isalpha()]
    assert all([c for c in wrong if not c.isalpha()] == punctuation for wrong in told)


def test_two_typos_are_at_most_two_slips() -> None:
    distances = {OSA.distance(fold(PERSON), fold(w)) for w in spelt(PERSON, Fault.TWO_TYPOS)}
    assert 2 in distances
    assert max(distances) <= 3  # the second may fall between the letters that the first swapped


def test_a_second_given_name_or_surname_is_dropped() -> None:
    assert spelt(PERSON, Fault.DROPPED) == {"ÑAMCHA DE LA VOLÓN RITA", "ÑAMCHA RITA ELBA"}
    assert spelt(SHORT, Fault.DROPPED) == {"ÑAMCHA RITA"}
    assert spelt(FIRM, Fault.DROPPED, True) == set()


def test_a_given_name_becomes_its_initial() -> None:
    assert spelt(SHORT, Fault.INITIAL) == {"ÑAMCHA VOLÓN R", "ÑAMCHA VOLÓN R."}
    assert len(spelt(PERSON, Fault.INITIAL)) == 4
    assert spelt(FIRM, Fault.INITIAL, True) == set()


def test_two_words_become_one_but_no_legal_form_in_letters() -> None:
    assert spelt(SHORT, Fault.JOINED) == {"ÑAMCHAVOLÓN RITA", "ÑAMCHA VOLÓNRITA"}
    assert spelt("MINERA ÑAM S.A.C.", Fault.JOINED, True) == {"MINERAÑAM S.A.C."}
    assert spelt("ÑAM S.A.C.", Fault.JOINED, True) == set()


def test_a_form_at_the_end_becomes_another() -> None:
    stem = FIRM.removesuffix("S.A.C.")
    assert spelt(FIRM, Fault.FORM, True) == {f"{stem}S.A.", f"{stem}S.R.L."}
    assert spelt("S.M.R.L. ÑAM", Fault.FORM, True) == spelt(PERSON, Fault.FORM) == set()


def test_only_names_wider_than_the_column_are_cut() -> None:
    long = "ÑAM " * 30
    assert spelt(long, Fault.TRUNCATED, True) == {long[:WIDTH]}
    assert spelt(long[:WIDTH], Fault.TRUNCATED, True) == set()


def test_a_sibling_of_a_chain_has_another_number() -> None:
    told = spelt(CHAINED, Fault.SIBLING_FIRM, True)
    assert told == {f"MINERA ÑAMCHA {n} S.A." for n in ("I", "III", "IV", "V")}
    assert all(name.startswith("MINERA ÑAM ") for name in spelt("MINERA ÑAM S.A.", Fault.SIBLING_FIRM, True))  # fmt: skip
    assert spelt(PERSON, Fault.SIBLING_FIRM) == set()


def test_a_relative_has_both_surnames_and_no_given_name() -> None:
    people = population(np.random.default_rng(2), 400, 50)
    legal = (people["kind"] == "legal").to_numpy()
    told = misspell(np.random.default_rng(3), people["name"], legal, Fault.SHARED_SURNAME)
    assert told.index.equals(people.index)
    assert told[legal].isna().all()
    pairs = [(a.split(), b.split()) for a, b in zip(people["name"], told, strict=True) if b == b]
    assert len(pairs) > 350
    assert all(a[0] == b[0] and a[-1] not in b for a, b in pairs)


def test_a_population_is_as_common_and_as_rare_as_a_country_s() -> None:
    people = population(np.random.default_rng(5), 8_000, 2_000, {"VOLON"})
    assert people["name"].map(letters_of).is_unique
    assert (people["kind"].iloc[:8_000] == "natural").all()
    assert (people["kind"].iloc[8_000:] == "legal").all()
    persons = people["name"].iloc[:8_000].str.split()
    first = persons.str[0].value_counts(normalize=True)
    assert 0.01 < first.iloc[0] < 0.05
    assert (first < 0.0005).sum() > 500
    assert persons.str.len().between(3, 8).all()
    assert not any("VOLON" in fold(name).split() for name in people["name"])
    assert people["name"].str.len().max() > WIDTH


def test_the_same_seed_gives_the_same_names() -> None:
    again = [population(np.random.default_rng(9), 60, 40) for _ in range(2)]
    pd.testing.assert_frame_equal(*again)
    faults = [
        misspell(np.random.default_rng(9), again[0]["name"], np.zeros(100, dtype=bool), Fault.TYPO)
        for _ in range(2)
    ]
    pd.testing.assert_series_equal(*faults)
