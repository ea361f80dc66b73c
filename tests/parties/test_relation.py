"""Whether a registrant holds a right, by what that is shown, and whether there is a contract."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from geoasm.io.profiles import load_profile
from geoasm.parties import has_contract, identify, is_joint, own_basis
from geoasm.parties.review import find_similar
from tests.parties.sides import (
    FIRM,
    JUAN,
    OTHER_JUAN,
    ROSA,
    RULES,
    answers,
    cadastre,
    register,
    text,
)
from tests.people import table

ON = date(2024, 6, 1)
BOTH = "QUISPE MAMANI ROSA Y PEREZ LOPEZ JUAN"


# --- yes, no, or not to be told


def test_one_of_several_holders_holds() -> None:
    people = register(("ROSA QUISPE MAMANI", None), ("PEREZ LOPEZ JUAN", JUAN), ("OTRO SAC", FIRM))
    parties = identify(people, cadastre(BOTH, "PEREZ LOPEZ JUAN"), RULES)
    assert answers(parties) == [[True, False], [True, True], [False, False]]


def test_a_register_may_name_several_as_well() -> None:
    parties = identify(register((BOTH, None)), cadastre(BOTH, "PEREZ LOPEZ JUAN"), RULES)
    assert answers(parties) == [[True, False]]


def test_of_holders_not_all_named_a_stranger_may_be_one() -> None:
    people = register(("QUISPE MAMANI ROSA", None), ("PEREZ LOPEZ JUAN", None))
    parties = identify(people, cadastre("QUISPE MAMANI ROSA Y OTROS"), RULES)
    assert answers(parties) == [[True], [None]]


def test_much_alike_is_neither_yes_nor_no() -> None:
    people = register(("PERES LOPEZ JUAN", JUAN), ("PEREZ LOPEZ JUAN", ROSA), ("OTRO SAC", FIRM))
    parties = identify(people, cadastre("PEREZ LOPEZ JUAN", BOTH), RULES)
    likely = find_similar(parties, RULES)
    assert answers(parties) == [[False, False], [True, True], [False, False]]
    # The number that the exact bearer lends the holder answers for the other as well.
    assert answers(parties, likely=likely) == [[False, False], [True, True], [False, False]]
    alone = identify(
        register(("PERES LOPEZ JUAN", JUAN)), cadastre("PEREZ LOPEZ JUAN", BOTH), RULES
    )
    assert answers(alone) == [[False, False]]
    assert answers(alone, likely=find_similar(alone, RULES)) == [[None, None]]


@pytest.mark.parametrize(
    ("holder", "registrant"),
    [
        ("SMRL SANTA ROSA (II)", "SMRL SANTA ROSA"),
        ("MINERA LOS PINOS S.A.C. (DOS)", "MINERA LOS PINOS S.A.C."),
        ("CHOQUE VILCA MARIO (SUCESION)", "CHOQUE VILCA MARIO"),
        ("MINERA SAN BLAS (PERU S.A.C.", "MINERA SAN BLAS"),
        ("GRUPO MINERO NORTE", "NORTE MINERO GRUPO"),
        ("MINERA SIETE DE JUNIO S.A.C.", "MINERA 7 DE JUNIO S.A.C."),
        ("COMPANIA MINERA AGUA BLANCA S.A.", "AGUA BLANCA CIA. MINERA S.A."),
        ("LUZ DEL VALLE Y AGUA DEL CERRO", "LUZ DEL VALLE"),
        ("LUZ DEL VALLE Y AGUA DEL CERRO", "AGUA DEL CERRO Y LUZ DEL VALLE"),
        ("ROSA QUISPE Y JUAN MAMANI", "JUAN QUISPE Y ROSA MAMANI"),
    ],
)
def test_what_may_be_the_holder_s_name_is_neither_yes_nor_no(holder: str, registrant: str) -> None:
    for one, other in ((holder, registrant), (registrant, holder)):
        parties = identify(register((other, FIRM)), cadastre(one), RULES)
        assert answers(parties, likely=find_similar(parties, RULES)) == [[None]]


@pytest.mark.parametrize("registrant", ["ANA PAULA COUTO", "SILVA DE OLIVEIRA"])
def test_a_name_that_may_be_two_persons_is_neither_one_s_nor_a_stranger_s(registrant: str) -> None:
    rules = load_profile("br").parties
    rights = cadastre("ANA PAULA COUTO E SILVA DE OLIVEIRA")
    parties = identify(register((registrant, None)), rights, rules)
    assert answers(parties, likely=find_similar(parties, rules)) == [[None]]
    assert not is_joint(parties.holder, parties).any()


def test_a_surely_own_right_stays_own_however_like_its_co_holder_is() -> None:
    joint = "QUISPE MAMANI ROSA Y QUISPE MAMANI ROSO"
    parties = identify(register(("QUISPE MAMANI ROSA", None)), cadastre(joint), RULES)
    assert answers(parties, likely=find_similar(parties, RULES)) == [[True]]


def test_a_register_without_persons_has_no_equals() -> None:
    parties = identify(register(("X SAC", None), (None, None)), cadastre("X SAC", None), RULES)
    assert answers(parties, "none") == [[False, False], [False, False]]


def test_a_homonym_of_a_co_holder_may_be_the_holder() -> None:
    people = register(("PEREZ LOPEZ JUAN", JUAN), ("PEREZ LOPEZ JUAN", OTHER_JUAN))
    parties = identify(people, cadastre(BOTH), RULES)
    assert answers(parties) == [[None], [None]]


def test_rights_are_joint_where_several_hold_or_not_all_are_named() -> None:
    rights = cadastre("X SAC", BOTH, "PEREZ LOPEZ JUAN Y OTROS", None)
    parties = identify(register(), rights, RULES)
    assert is_joint(parties.holder, parties).tolist() == [False, True, True, False]


# --- what shows it


@pytest.mark.parametrize(
    ("person", "known", "said", "basis"),
    [
        (("PEREZ LOPEZ JUAN", JUAN), False, False, "name"),
        (("PEREZ LOPEZ JUAN", None), False, False, "name"),
        (("J PEREZ", JUAN), True, False, "ruc"),
        (("PEREZ LOPEZ JUAN", None), True, False, "name"),  # one side alone states a number
        (("PERES LOPEZ JUAN", None), False, True, "alias"),
    ],
)
def test_the_basis_of_an_own_title(person: tuple, known: bool, said: bool, basis: str) -> None:
    parties = identify(
        register(person),
        cadastre("PEREZ LOPEZ JUAN"),
        RULES,
        holders=table(holder_name=["PEREZ LOPEZ JUAN"], ruc=[JUAN]) if known else None,
        aliases=table(spelling=[person[0]], holder_name=["PEREZ LOPEZ JUAN"]) if said else None,
    )
    assert answers(parties) == [[True]]
    assert own_basis(parties.registrant, parties).tolist() == [basis]


def test_a_number_that_the_cadastre_itself_states_is_the_basis_too() -> None:
    rights = cadastre("PEREZ LOPEZ JUAN", "PEREZ LOPEZ JUAN").assign(holder_ruc=[JUAN, None])
    parties = identify(register(("J PEREZ", JUAN)), rights, RULES)
    assert answers(parties)[0][0] is True
    assert own_basis(parties.registrant, parties).tolist() == ["ruc"]


# --- contracts


def test_a_contract_counts_from_the_day_it_was_signed() -> None:
    parties = identify(register(("ROSA QUISPE", ROSA), ("X", None)), cadastre("Y SAC"), RULES)
    contracts = pd.DataFrame({"concession_id": text(["R0", "R1", "R2", "R0"])})
    contracts["ruc"] = text([ROSA, ROSA, ROSA, None])
    contracts["signed_on"] = pd.Series([ON, "2024-06-02", None, None], dtype="datetime64[s]")
    asked = text(["R0", "R1", "R2", "R3", "R0"])
    registrant = parties.registrant.take([0, 0, 0, 0, 1]).reset_index(drop=True)
    found = has_contract(registrant, asked, parties, contracts, on=ON)
    assert found.tolist() == [True, False, True, False, False]
    assert not has_contract(registrant, asked, parties, None, on=ON).any()
    undated = contracts.drop(columns="signed_on")
    assert has_contract(registrant, asked, parties, undated, on=ON).sum() == 3
