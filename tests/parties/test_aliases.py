"""A person's word on two spellings: whom it speaks of, and that a contradiction decides nothing."""

from __future__ import annotations

import pandas as pd
import pytest

from geoasm.parties import identify
from geoasm.parties.review import denied, find_similar
from tests.parties.sides import (
    FIRM,
    JUAN,
    OTHER_JUAN,
    RULES,
    answers,
    cadastre,
    register,
)
from tests.people import table

CONTRADICTIONS = [
    table(spelling=["X X", "X X"], holder_name=["A SAC", "B SAC"]),
    table(spelling=["X X", "X X"], holder_name=["A SAC", "A SAC"], same=["yes", "no"]),
    table(spelling=["X X", "x x"], holder_name=["A SAC", "A S.A.C."], ruc=[JUAN] * 2, same=["yes", "no"]),
    table(spelling=["X X", "X X"], holder_name=["A SAC", "A SAC"], ruc=[JUAN, None], same=["yes", "no"]),
    table(spelling=["X X", "X X"], holder_name=["A SAC", "A SAC"], ruc=[JUAN, None], same=["no", "yes"]),
]  # fmt: skip


def test_an_alias_without_number_speaks_of_whoever_spells_so() -> None:
    people = register(("PERES JUAN", None), ("Juan Peres", JUAN), ("PEREZ JUAN", None))
    said = table(spelling=["PERES JUAN"], holder_name=["PEREZ JUAN"])
    parties = identify(people, cadastre("PEREZ JUAN"), RULES, aliases=said)
    assert answers(parties) == [[True], [True], [True]]


def test_an_alias_with_number_speaks_of_that_registrant_only() -> None:
    people = register(("PERES JUAN", JUAN), ("PERES JUAN", OTHER_JUAN))
    said = table(spelling=["PERES JUAN"], holder_name=["PEREZ JUAN"], ruc=[JUAN])
    parties = identify(people, cadastre("PEREZ JUAN"), RULES, aliases=said)
    assert answers(parties) == [[True], [False]]


@pytest.mark.parametrize(("same", "expected"), [("yes", True), ("no", False), ("unknown", False)])
@pytest.mark.parametrize("number", [None, JUAN])
def test_only_yes_makes_two_spellings_one(same: str, number: str | None, expected: bool) -> None:
    said = table(spelling=["PERES JUAN"], holder_name=["PEREZ JUAN"], ruc=[number], same=[same])
    people = register(("PERES JUAN", JUAN))
    parties = identify(people, cadastre("PEREZ JUAN"), RULES, aliases=said)
    assert answers(parties) == [[expected]]


def test_an_alias_tells_homonyms_apart() -> None:
    people = register(("JUAN PEREZ", JUAN), ("JUAN PEREZ", OTHER_JUAN))
    said = table(spelling=["JUAN PEREZ"], holder_name=["JUAN PEREZ"], ruc=[JUAN], same=["yes"])
    parties = identify(people, cadastre("JUAN PEREZ"), RULES, aliases=said)
    assert answers(parties) == [[True], [False]]


@pytest.mark.parametrize("said", CONTRADICTIONS)
def test_aliases_that_contradict_each_other_decide_nothing_and_are_asked_about(
    said: pd.DataFrame,
) -> None:
    for rows in (said, said.iloc[::-1]):
        rights = cadastre("A SAC", "B SAC", "C SAC")
        parties = identify(register(("X X", JUAN)), rights, RULES, aliases=rows)
        asked = find_similar(parties, RULES, denied(rows, RULES))
        named = said["holder_name"].nunique()
        may_be = [[None, None if "B SAC" in set(said["holder_name"]) else False, False]]
        assert answers(parties, likely=asked) == may_be
        assert set(asked["reason"]) == {"contradicted"}
        assert len(asked) == (2 if named == 2 and may_be[0][1] is None else 1)
        assert parties.issues["problem"].tolist() == ["contradictory_alias"] * 2
        assert sorted(parties.issues["row"]) == [1, 2]
        assert parties.issues["private"].all()


def test_answers_of_two_registrants_of_one_name_do_not_contradict_each_other() -> None:
    said = table(
        spelling=["X X"] * 2, holder_name=["A SAC"] * 2, ruc=[JUAN, OTHER_JUAN], same=["yes", "no"]
    )
    people = register(("X X", JUAN), ("X X", OTHER_JUAN))
    parties = identify(people, cadastre("A SAC"), RULES, aliases=said)
    assert answers(parties) == [[True], [False]]
    assert parties.issues.empty


def test_one_registrant_may_be_two_holders_by_number() -> None:
    """Two spellings of the cadastre are one party then."""
    said = table(spelling=["X X"] * 2, holder_name=["A SAC", "AA SAC"], ruc=[JUAN] * 2)
    parties = identify(register(("X X", JUAN)), cadastre("A SAC", "AA SAC"), RULES, aliases=said)
    assert answers(parties) == [[True, True]]


def test_a_contradiction_counts_for_nothing_where_numbers_tell() -> None:
    known = table(holder_name=["A SAC"], ruc=[FIRM])
    said = CONTRADICTIONS[0]
    parties = identify(
        register(("X X", JUAN)), cadastre("A SAC"), RULES, holders=known, aliases=said
    )
    assert find_similar(parties, RULES).empty


def test_an_alias_settles_a_remark() -> None:
    said = table(spelling=["SMRL ROSA (II)"], holder_name=["SMRL ROSA"], same=["yes"])
    people = register(("SMRL ROSA (II)", FIRM))
    parties = identify(people, cadastre("SMRL ROSA"), RULES, aliases=said)
    assert answers(parties, likely=find_similar(parties, RULES)) == [[True]]


def test_an_alias_of_an_alias_leads_no_further() -> None:
    said = table(spelling=["A A", "B B"], holder_name=["B B", "C C"])
    parties = identify(register(("A A", None)), cadastre("B B", "C C"), RULES, aliases=said)
    assert answers(parties) == [[True, False]]
