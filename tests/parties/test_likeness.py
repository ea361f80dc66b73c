"""Which two names may be one party's: slips, short forms, and what is another party for certain."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoasm.parties.likeness import Judge, worth_judging
from geoasm.parties.names import name_keys
from tests.parties.sides import RULES, text

JUDGE = Judge(RULES)


def words(*names: str) -> list[list[str]]:
    return [key.split() for key in name_keys(text(list(names)), RULES)["key"]]


def judged(one: str, other: str) -> tuple[float, str] | None:
    found = JUDGE(*words(one, other))
    turned = JUDGE(*words(other, one))
    assert (found is None) == (turned is None)
    assert found is None or found == (pytest.approx(turned[0]), turned[1])
    return found


@pytest.mark.parametrize(
    ("spelt", "name"),
    [
        ("QUISPI MAMANI ROSA", "QUISPE MAMANI ROSA"),
        ("QUSIPE MAMANI ROSA", "QUISPE MAMANI ROSA"),
        ("QUISPPE MAMANI ROSA", "QUISPE MAMANI ROSA"),
        ("QISPE MAMANI ROSA", "QUISPE MAMANI ROSA"),
        ("QUISPI MAMAMI ROSA", "QUISPE MAMANI ROSA"),
        ("ROZA QUISPI MAMANI", "QUISPE MAMANI ROSA"),  # whatever the order
        ("DA LA CRUZ PEREZ JUAN", "DE LA CRUZ PEREZ JUAN"),
        ("QUISPEMAMANI ROSA", "QUISPE MAMANI ROSA"),
        ("DELACRUZ PEREZ JUAN", "DE LA CRUZ PEREZ JUAN"),
        ("MINERANORTE S.A.C.", "MINERA NORTE S.A.C."),
        ("COMPAÑÍAMINERA NORTE S.A.", "COMPAÑÍA MINERA NORTE S.A."),
        ("MINERA NORTEII S.A.C.", "MINERA NORTE II S.A.C."),
        ("COMPAÑA MINERA NORTE S.A.", "COMPAÑÍA MINERA NORTE S.A."),
        ("COMPAÑA MIENRA NORTE S.A.", "CIA. MINERA NORTE S.A."),
        ("MINERA NORTE SOCIEDAD ANONIMA CERADA", "MINERA NORTE S.A.C."),
        ("SOCIEDAD MINERA DE RESPONSABILIDAD LIMITDA NORTE", "S.M.R.L. NORTE"),
        ("MINERA NORTE S.A.D.", "MINERA NORTE S.A.C."),
        ("MINERA NORTE S.C.", "MINERA NORTE S.A.C."),
        ("MINERA NORTE E.X.R.L.", "MINERA NORTE E.I.R.L."),
        ("MINERA NORTESAC", "MINERA NORTE S.A.C."),
    ],
)
def test_slips_are_alike(spelt: str, name: str) -> None:
    found = judged(spelt, name)
    assert found is not None
    assert found[1] in ("similar", "form")
    assert RULES.review_score <= found[0] <= 100


@pytest.mark.parametrize(
    ("short", "name"),
    [
        ("QUISPE MAMANI ROSA", "QUISPE MAMANI ROSA ELENA"),
        ("QUISPE ROSA", "QUISPE MAMANI ROSA"),
        ("QUISPE MAMANI R.", "QUISPE MAMANI ROSA"),
        ("QUISPE MAMANI ROSA V.", "QUISPE MAMANI ROSA VILMA"),  # of a person, V is no number
        ("QUISPE MAMANI ROSA", "QUISPE MAMANI ROSA SEGUNDA"),  # nor is this
        ("MINERA NORTE S.A.C.", "MINERA NORTE DEL PERU S.A.C."),
    ],
)
def test_a_short_name_is_part_of_a_long_one(short: str, name: str) -> None:
    found = judged(short, name)
    assert found is not None
    assert found[1] == "part"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("MINERA NORTE S.A.", "MINERA NORTE S.A.C."),
        ("MINERA NORTE", "MINERA NORTE S.A.C."),
        ("COMPAÑÍA MINERA NORTE S.A.", "MINERA NORTE S.A."),
    ],
)
def test_another_legal_form_is_a_question(one: str, other: str) -> None:
    found = judged(one, other)
    assert found is not None
    assert found[1] == "form"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("COMPAÑIA MINERA AGUA BLANCA S.A.", "AGUA BLANCA CIA. MINERA S.A."),
        ("GRUPO MINERO NORTE", "NORTE MINERO GRUPO"),
        ("ORTIZ RAMON Y CAJAL JUAN", "JUAN ORTIZ RAMON Y CAJAL"),
    ],
)
def test_words_of_a_firm_in_another_order_are_a_question(one: str, other: str) -> None:
    assert judged(one, other) == (100.0, "order")


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("MINERA SIETE DE JUNIO S.A.C.", "MINERA 7 DE JUNIO S.A.C.", "similar"),
        ("S.M.R.L. VEINTIOCHO DE JULIO", "S.M.R.L. 28 DE JULIO", "similar"),
        ("MINERA NORTE II S.A.C.", "MINERA NORTE 2 S.A.C.", "similar"),
        ("S.M.R.L. NORTE SEGUNDA", "S.M.R.L. NORTE II", "similar"),
        ("MINERA NORTE DOS S.A.C.", "MINERA NORTES 2 S.A.C.", "similar"),
        ("SIETE DE JUNIO", "7 DE JUNIO", "order"),
    ],
)
def test_a_number_in_words_and_in_digits_is_a_question(one: str, other: str, reason: str) -> None:
    found = judged(one, other)
    assert found is not None
    assert found[1] == reason


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("MINERA NORTE DOS S.A.C.", "MINERA NORTE 3 S.A.C."),
        ("S.M.R.L. VEINTIOCHO DE JULIO", "S.M.R.L. 29 DE JULIO"),
        ("QUISPE MAMANI ROSA", "QUISPE MAMANI JUAN"),  # a family, not a person
        ("QUISPE MAMANI ROSA", "QUISPE HUAMAN ROSA"),
        ("QUISPE MAMANI A.", "QUISPE MAMANI B."),
        ("QUISPE MAMANI R.", "QUISPE MAMANI ELENA"),
        ("QUISPE R.", "QUISPE ROSA"),
        ("QUISPE", "QUISPE MAMANI ROSA"),
        ("MINERA NORTE I S.A.C.", "MINERA NORTE II S.A.C."),
        ("MINERA NORTE S.A.C.", "MINERA NORTE I S.A.C."),
        ("MINERA NORTE 2008 S.A.C.", "MINERA NORTE 2009 S.A.C."),
        ("S.M.R.L. NORTE PRIMERA", "S.M.R.L. NORTE SEGUNDA"),
        ("MINERA S.A.C.", "MINERA NORTE S.A.C."),
        ("MINERA NORTE SUR", "MINERA NORTE SUR ESTE S.A.C."),
        ("MINERA NORTE S.A.C.", "MINERA SURESTE S.A.C."),
        ("MINERA NORTE S.A.C.", "CORPORACION MINERA OESTE S.A.C."),
        ("QUISPE MAMANI ROSA", "MAMANI ROSA QUISPE"),  # the very name: no question of likeness
    ],
)
def test_two_parties_are_no_question(one: str, other: str) -> None:
    assert judged(one, other) is None


def test_the_more_slips_the_lower_the_score() -> None:
    name = "QUISPE MAMANI ROSA ELENA"
    scores = [judged(f"{spelt} ROSA ELENA", name) for spelt in ("QUISPE MAMANY", "QUISPI MAMANY")]
    assert scores[0][0] > scores[1][0] > RULES.review_score


NAMES = st.lists(
    st.sampled_from(
        (
            *("QUISPE", "QUISPI", "MAMANI", "MAMAMI", "ROSA", "R", "ROSAQUISPE", "MINERA", "NORTE"),
            *("NORTEE", "II", "S.A.C.", "S.A.", "CIA", "COMPANA", "SOCIEDAD ANONIMA CERADA"),
        )
    ),
    min_size=2,
    max_size=5,
).map(" ".join)


@settings(max_examples=60)
@given(st.lists(NAMES, min_size=2, max_size=8, unique=True))
def test_no_pair_is_left_out_that_would_be_kept(names: list[str]) -> None:
    told = words(*names)
    n = len(told)
    one, other = np.divmod(np.arange(n * n), n)
    worth = worth_judging(told, one, other, RULES.review_score)
    for (i, k), is_worth in zip(product(range(n), repeat=2), worth, strict=True):
        kept = JUDGE(told[i], told[k])
        assert kept is None or is_worth, (names[i], names[k])


@settings(max_examples=60)
@given(NAMES, NAMES)
def test_likeness_is_mutual(one: str, other: str) -> None:
    judged(one, other)
