"""The review list: which likenesses a person is asked about, how it is laid out, what a no means."""

from __future__ import annotations

import pandas as pd
import pytest

from geoasm.parties import Parties, identify, review
from geoasm.parties.review import find_similar, list_holders
from tests.parties.sides import (
    FIRM,
    JUAN,
    OTHER_JUAN,
    ROSA,
    RULES,
    answers,
    cadastre,
    likely,
    register,
    text,
)
from tests.people import table

HOLDER = "PEREZ LOPEZ JUAN"
LONG = "ASOCIACION DE PRODUCTORES MINEROS ARTESANALES Y PEQUEÑOS MINEROS DEL VALLE ALTO DE LA REGION NORTE"


def met(people: list[tuple[str | None, str | None]], *holders: str | None) -> Parties:
    return identify(register(*people), cadastre(*holders), RULES)


# --- who is asked about


def test_a_name_that_is_much_alike_is_asked_about() -> None:
    parties = met([("PERES LOPEZ JUAN", JUAN), ("OTRO NOMBRE ENTERO", ROSA)], HOLDER)
    assert likely(parties) == [("PERES LOPEZ JUAN", HOLDER, "similar")]


def test_an_equal_name_is_no_question() -> None:
    assert likely(met([("JUAN PÉREZ LÓPEZ", JUAN)], HOLDER)) == []


def test_numbers_on_both_sides_leave_no_question() -> None:
    known = table(holder_name=[HOLDER], ruc=[OTHER_JUAN])
    people = register(("PERES LOPEZ JUAN", JUAN), ("PEREZ LOPES JUAN", None))
    parties = identify(people, cadastre(HOLDER), RULES, holders=known)
    assert likely(parties) == [("PEREZ LOPES JUAN", HOLDER, "similar")]


def test_every_spelling_of_a_registrant_is_compared_and_asked_about_once() -> None:
    people = [("A. PEREZ", JUAN), ("PERES LOPEZ JUAN", JUAN), ("PERES LOPES JUAN", JUAN)]
    parties = met(people, HOLDER)
    assert likely(parties) == [("A. PEREZ", HOLDER, "similar")]
    assert find_similar(parties, RULES)["score"].iloc[0] > 92  # of the likeliest spelling


def test_each_of_several_holders_is_compared() -> None:
    parties = met([("PERES LOPEZ JUAN", JUAN)], f"QUISPE MAMANI ROSA Y {HOLDER}")
    (found,) = find_similar(parties, RULES).itertuples()
    keys = parties.frame.set_index("party_id")["keys"]
    assert keys[found.member_id] == ("JUAN LOPEZ PEREZ",)
    assert answers(parties, likely=find_similar(parties, RULES)) == [[None]]


def test_bearers_of_one_name_are_all_asked_about() -> None:
    parties = met([(HOLDER, JUAN), (HOLDER, OTHER_JUAN), ("OTRO NOMBRE ENTERO", ROSA)], HOLDER)
    assert likely(parties) == [(HOLDER, HOLDER, "namesake")] * 2
    assert set(find_similar(parties, RULES)["registrant_id"]) == {1, 2}


def test_a_numberless_homonym_is_asked_about_beside_a_known_holder() -> None:
    known = table(holder_name=[HOLDER], ruc=[ROSA])
    people = register((HOLDER, JUAN), (HOLDER, None))
    parties = identify(people, cadastre(HOLDER), RULES, holders=known)
    found = find_similar(parties, RULES)
    assert found["reason"].tolist() == ["namesake"]
    assert found["registrant_id"].tolist() == [parties.registrant.iloc[1]]


def test_the_likeliest_come_first() -> None:
    people = [("PERES LOPES JUAN", JUAN), ("PEREZ LOPEZ JUAM", OTHER_JUAN)]
    assert [row[0] for row in likely(met(people, HOLDER))] == [
        "PEREZ LOPEZ JUAM",
        "PERES LOPES JUAN",
    ]


@pytest.mark.parametrize(
    ("people", "holders"),
    [([], []), ([], [HOLDER]), ([(HOLDER, JUAN)], []), ([(None, JUAN)], [None])],
)
def test_empty_sides(people: list, holders: list) -> None:
    found = find_similar(met(people, *holders), RULES)
    assert found.empty
    assert found.dtypes.astype(str).to_dict() == {
        "registrant_id": "int64",
        "member_id": "int64",
        "score": "float64",
        "reason": "str",
    }


# --- names that the cadastre cut


@pytest.mark.parametrize(
    ("name", "is_asked"),
    [
        (f"{LONG} Y SUR", True),
        (f"{LONG} S.A.C.", True),
        (LONG.replace("VALLE", "CERRO"), False),
        (f"{LONG.replace('NORTE', 'SUR')} Y ESTE", False),
        ("OTRA ASOCIACION DE PRODUCTORES", False),
    ],
)
def test_a_cut_name_is_asked_about_with_every_name_that_begins_so(
    name: str, is_asked: bool
) -> None:
    cut = f"{LONG} Y SUR"[: RULES.name_width]
    assert len(cut) == RULES.name_width
    expected = [(name, cut, "cut")] if is_asked else []
    assert likely(met([(name, FIRM)], cut)) == expected


def test_the_last_word_of_a_cut_name_may_be_the_beginning_of_one() -> None:
    whole = f"{LONG.removesuffix(' NORTE')} ORIENTAL DEL PERU"
    cut = whole[: RULES.name_width]
    assert cut.endswith("ORIENTA")
    others = [(whole, FIRM), (whole.replace("ORIENTAL", "OCCIDENTAL"), None)]
    assert likely(met(others, cut)) == [(whole, cut, "cut")]


@pytest.mark.parametrize("end", ["SOCIEDAD ANONIMA ", "SOCIEDAD ANON", "SOCIEDAD ", "SOC"])
def test_a_cut_legal_form_is_the_beginning_of_one(end: str) -> None:
    letters = "L" * (RULES.name_width - len(f"X  MIN {end}"))
    whole = f"X {letters} MIN SOCIEDAD ANONIMA CERRADA"
    cut = whole[: RULES.name_width].strip()
    assert f"{cut} ".endswith(f" {end.strip()} ")
    assert likely(met([(whole, FIRM)], cut)) == [(whole, cut, "cut")]


# --- remarks that may be part of a name


def test_a_remark_is_asked_about_whoever_has_it() -> None:
    assert likely(met([("SMRL ROSA", FIRM)], "SMRL ROSA (II)")) == [
        ("SMRL ROSA", "SMRL ROSA (II)", "remark")
    ]
    assert likely(met([("SMRL ROSA (II)", FIRM)], "SMRL ROSA")) == [
        ("SMRL ROSA (II)", "SMRL ROSA", "remark")
    ]


def test_two_remarks_of_one_name_make_two_firms() -> None:
    assert likely(met([("SMRL ROSA (III)", FIRM)], "SMRL ROSA (II)")) == []


def test_a_remark_is_no_question_where_numbers_tell_or_a_person_said_no() -> None:
    known = table(holder_name=["SMRL ROSA (II)"], ruc=[OTHER_JUAN])
    people = register(("SMRL ROSA", FIRM))
    assert likely(identify(people, cadastre("SMRL ROSA (II)"), RULES, holders=known)) == []
    parties = met([("SMRL ROSA", FIRM)], "SMRL ROSA (II)")
    assert likely(parties, no("SMRL ROSA", "SMRL ROSA (II)")) == []


# --- a no


@pytest.mark.parametrize("same", ["yes", "unknown"])
def test_only_a_no_denies(same: str) -> None:
    said = table(spelling=["A"], holder_name=["B"], same=[same])
    assert review.denied(said, RULES).empty
    assert review.denied(None, RULES).empty
    assert review.denied(said.drop(columns="same"), RULES).empty


def no(spelling: str, holder: str, ruc: str | None = None) -> pd.DataFrame:
    return review.denied(
        table(spelling=[spelling], holder_name=[holder], ruc=[ruc], same=["no"]), RULES
    )


def test_a_denied_pair_is_not_asked_about_again() -> None:
    parties = met([("PERES LOPEZ JUAN", JUAN), ("PEREZ LOPES JUAN", OTHER_JUAN)], HOLDER)
    left = [("PEREZ LOPES JUAN", HOLDER, "similar")]
    assert likely(parties, no("Peres López Juan", HOLDER)) == left
    assert likely(parties, no("PERES LOPEZ JUAN", HOLDER, JUAN)) == left
    assert len(likely(parties, no("PERES LOPEZ JUAN", HOLDER, OTHER_JUAN))) == 2


def test_a_no_is_of_the_party_under_all_its_spellings() -> None:
    """The list shows one spelling of a party, which need not be the one that was found alike."""
    parties = met([("A. PEREZ", JUAN), ("PERES LOPEZ JUAN", JUAN)], HOLDER)
    ((shown, holder, _),) = likely(parties)
    assert shown == "A. PEREZ"
    assert likely(parties, no(shown, holder, JUAN)) == []


def test_a_no_to_a_cut_name_and_to_a_namesake_counts_as_well() -> None:
    cut = f"{LONG} Y SUR"[: RULES.name_width]
    parties = met([(f"{LONG} Y SUR", FIRM)], cut)
    assert likely(parties, no(f"{LONG} Y SUR", cut, FIRM)) == []
    parties = met([(HOLDER, JUAN), (HOLDER, OTHER_JUAN)], HOLDER)
    left = find_similar(parties, RULES, no(HOLDER, HOLDER, JUAN))
    assert left["registrant_id"].tolist() == [2]


# --- the list


def laid_out(parties: Parties, stands: list[tuple[int, int]], n_rights: int) -> pd.DataFrame:
    on = pd.DataFrame(stands, columns=["registration", "concession"]).astype("int64")
    codes = [text([f"{c}{i:03}" for i in range(n)]) for c, n in (("R", n_rights), ("A", len(parties.registrant)))]  # fmt: skip
    return list_holders(find_similar(parties, RULES), parties, *codes, on)


def test_the_list_shows_both_spellings_and_what_is_concerned() -> None:
    people = [("PERES LOPEZ JUAN", JUAN), ("PERES LOPEZ JUAN", JUAN), ("QUISPE MAMANI ROSA", ROSA)]
    parties = met(people, HOLDER, "X S.A.C.", HOLDER)
    found = laid_out(parties, [(0, 0), (1, 0), (1, 2), (2, 0)], 3)
    assert found.to_dict("records") == [
        {
            "same": "",
            "spelling": "PERES LOPEZ JUAN",
            "ruc": JUAN,
            "holder": HOLDER,
            "score": 92.9,
            "reason": "similar",
            "n_met": 3,
            "registrations": "A000;A001",
            "rights": "R000;R002",
        }
    ]


def test_first_come_those_who_stand_on_the_holder_s_ground() -> None:
    people = [("PEREZ LOPEZ JUAM", JUAN), ("PERES LOPES JUAN", OTHER_JUAN)]
    found = laid_out(met(people, HOLDER), [(1, 0)], 1)
    assert found["spelling"].tolist() == ["PERES LOPES JUAN", "PEREZ LOPEZ JUAM"]
    assert found["n_met"].tolist() == [1, 0]


def test_an_empty_list_has_its_columns() -> None:
    found = laid_out(met([], HOLDER), [], 1)
    assert found.empty
    assert found.columns[:4].tolist() == ["same", "spelling", "ruc", "holder"]


# --- the list comes back


def given_back(people: list[tuple[str, str | None]], holder: str, same: str) -> Parties:
    """Answer every line of the list, and identify everybody again."""
    parties = met(people, holder)
    asked = laid_out(parties, [(0, 0)], 1)
    said = asked.rename(columns={"holder": "holder_name"}).assign(same=same)
    return identify(register(*people), cadastre(holder), RULES, aliases=said)


@pytest.mark.parametrize(("same", "is_own"), [("yes", True), ("no", False)])
def test_an_answer_on_one_of_several_holders_counts(same: str, is_own: bool) -> None:
    """The list calls a member by its own name, not by the text of all."""
    joint = f"QUISPE MAMANI ROSA (60%), {HOLDER} (40%)"
    assert answers(given_back([("PERES LOPEZ JUAN", JUAN)], joint, same)) == [[is_own]]


@pytest.mark.parametrize("number", [JUAN, None])
@pytest.mark.parametrize(("same", "is_own"), [("yes", True), ("no", False), ("", False)])
def test_an_answer_in_the_list_counts_as_an_alias(
    number: str | None, same: str, is_own: bool
) -> None:
    parties = given_back([("PERES LOPEZ JUAN", number)], HOLDER, same)
    assert answers(parties) == [[is_own]]
