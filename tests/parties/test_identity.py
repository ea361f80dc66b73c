"""Who is who: numbers first, then the exact name; joint holders; numbering."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoasm.parties import identify
from geoasm.parties.names import CUT
from tests.parties.sides import (
    FIRM,
    JUAN,
    OTHER_JUAN,
    ROSA,
    RULES,
    answers,
    cadastre,
    members,
    register,
)
from tests.people import table

# --- numbers and names


def test_without_numbers_the_exact_name_decides() -> None:
    parties = identify(register(("Juan Pérez", None)), cadastre("PEREZ, JUAN", "PEREZ JOSE"), RULES)
    assert answers(parties) == [[True, False]]


def test_numbers_on_both_sides_outrank_the_name() -> None:
    people = register(("JUAN PEREZ", JUAN), ("J. PEREZ", OTHER_JUAN))
    known = table(holder_name=["JUAN PEREZ"], ruc=[OTHER_JUAN])
    parties = identify(people, cadastre("JUAN PEREZ"), RULES, holders=known)
    assert answers(parties) == [[False], [True]]
    assert parties.frame["by_number"].tolist() == [False, True]


def test_the_table_s_number_reaches_every_spelling_of_its_holder() -> None:
    known = table(holder_name=["MINERA X S.A.C."], ruc=[FIRM])
    rights = cadastre("minera x SAC (EN LIQUIDACION)", "MINERA X S.A.")
    parties = identify(register(("OTRO NOMBRE", FIRM)), rights, RULES, holders=known)
    assert answers(parties) == [[True, False]]


def test_a_holder_to_whom_the_table_gives_two_numbers_has_none() -> None:
    known = table(holder_name=["JUAN PEREZ"] * 2, ruc=[JUAN, OTHER_JUAN])
    parties = identify(register(("JUAN PEREZ", JUAN)), cadastre("JUAN PEREZ"), RULES, holders=known)
    assert answers(parties) == [[None]]


def test_the_table_names_nobody_who_is_on_neither_side() -> None:
    known = table(holder_name=["JUAN PEREZ", "ROSA QUISPE"], ruc=[JUAN, ROSA])
    parties = identify(register(), cadastre("JUAN PEREZ"), RULES, holders=known)
    assert parties.frame["name"].tolist() == ["JUAN PEREZ"]


def test_the_sole_bearer_of_a_name_lends_it_the_number() -> None:
    people = register(("ROSA QUISPE", ROSA), ("ROSA QUISPE", None))
    parties = identify(people, cadastre("QUISPE ROSA"), RULES)
    assert answers(parties) == [[True], [True]]
    assert parties.frame["ruc"].tolist() == [ROSA]
    assert parties.has_number.tolist() == [True, False]


def test_a_name_that_two_numbers_bear_decides_nothing() -> None:
    people = register(
        ("JUAN PEREZ", JUAN),
        ("JUAN PEREZ", OTHER_JUAN),
        ("JUAN PEREZ", None),
        ("ROSA QUISPE", ROSA),
    )
    parties = identify(people, cadastre("PEREZ JUAN"), RULES)
    assert answers(parties) == [[None], [None], [None], [False]]


def test_homonyms_stay_unknown_under_every_spelling_of_a_number() -> None:
    """The number's first spelling is another one: the second is the homonym all the same."""
    people = register(("A. PEREZ", JUAN), ("JUAN PEREZ", JUAN), ("JUAN PEREZ", OTHER_JUAN))
    parties = identify(people, cadastre("JUAN PEREZ"), RULES)
    assert answers(parties) == [[None], [None], [None]]


def test_a_holder_named_twice_in_the_table_keeps_its_number() -> None:
    known = table(holder_name=["JUAN PEREZ", "PEREZ, JUAN"], ruc=[OTHER_JUAN, OTHER_JUAN])
    parties = identify(register(("JUAN PEREZ", JUAN)), cadastre("JUAN PEREZ"), RULES, holders=known)
    assert answers(parties) == [[False]]


def test_nobody_known_is_nobody_s_equal() -> None:
    people = register((None, None), ("JUAN PEREZ", None))
    parties = identify(people, cadastre(None, "JUAN PEREZ", "SIN TITULAR"), RULES)
    assert answers(parties) == [[None, None, None], [None, True, None]]


def test_a_number_and_a_name_cannot_be_compared() -> None:
    """A register of numbers alone says nothing of a cadastre of names alone."""
    parties = identify(register((None, JUAN)), cadastre("JUAN PEREZ"), RULES)
    assert answers(parties) == [[None]]


def test_similar_names_are_never_the_same() -> None:
    parties = identify(register(("JUAN PERES", None)), cadastre("JUAN PEREZ"), RULES)
    assert answers(parties) == [[False]]


@pytest.mark.parametrize(
    ("name", "number", "kind", "is_person"),
    [
        ("ROSA QUISPE", None, "natural", False),
        ("ROSA QUISPE MAMANI", None, "natural", True),
        ("MINERA X SAC", None, "legal", False),
        ("ROSA QUISPE MAMANI", FIRM, "legal", False),
        ("ROSA QUISPE S.A.C.", ROSA, "natural", True),
    ],
)
def test_the_number_tells_firms_from_persons_else_the_legal_form(
    name: str, number: str | None, kind: str, is_person: bool
) -> None:
    frame = identify(register((name, number)), cadastre(), RULES).frame
    assert frame[["kind", "is_person"]].values.tolist() == [[kind, is_person]]


@pytest.mark.parametrize(("n_people", "n_rights"), [(0, 0), (0, 1), (1, 0)])
def test_empty_sides(n_people: int, n_rights: int) -> None:
    parties = identify(register(*[("A", None)] * n_people), cadastre(*["B"] * n_rights), RULES)
    assert len(parties.registrant) == n_people
    assert len(parties.holder) == n_rights
    assert len(parties.frame) == n_people + n_rights
    assert answers(parties) == [[False] * n_rights] * n_people


def test_columns_that_a_frame_lacks_count_as_empty() -> None:
    bare = register(("JUAN PEREZ", JUAN)).drop(columns=["ruc", "source_row"])
    parties = identify(bare, cadastre("PEREZ JUAN").drop(columns=["source_row"]), RULES)
    assert answers(parties) == [[True]]
    nobody = identify(bare[["registration_id"]], cadastre("X").iloc[:, :1], RULES)
    assert answers(nobody) == [[None]]


# --- joint holders


def test_each_of_several_holders_is_a_party_and_they_are_one_together() -> None:
    rights = cadastre("QUISPE MAMANI ROSA Y PEREZ LOPEZ JUAN", "PEREZ LOPEZ JUAN")
    parties = identify(register(), rights, RULES)
    assert members(parties) == [["JUAN LOPEZ PEREZ", "MAMANI QUISPE ROSA"], ["JUAN LOPEZ PEREZ"]]
    assert parties.holder.nunique() == 2


def test_joint_holders_are_the_same_in_whatever_order_they_are_named() -> None:
    rights = cadastre(
        "QUISPE MAMANI ROSA Y PEREZ LOPEZ JUAN",
        "PEREZ LOPEZ JUAN, QUISPE MAMANI ROSA",
        "PEREZ LOPEZ JUAN, QUISPE MAMANI ROSA Y OTROS",
    )
    first, second, open_ended = identify(register(), rights, RULES).holder
    assert first == second != open_ended


def test_who_is_not_named_may_hold_as_well() -> None:
    parties = identify(register(), cadastre("QUISPE MAMANI ROSA Y OTROS", "X SAC"), RULES)
    is_open = parties.frame.set_index("party_id")["is_open"]
    assert [bool(is_open[holder]) for holder in parties.holder] == [True, False]


@pytest.mark.parametrize("elsewhere", ["register", "table"])
def test_a_text_that_somebody_bears_whole_is_one_party_s(elsewhere: str) -> None:
    whole = "QUISPE MAMANI ROSA Y PEREZ LOPEZ JUAN"
    people = register((whole, None)) if elsewhere == "register" else register()
    known = table(holder_name=[whole], ruc=[FIRM]) if elsewhere == "table" else None
    parties = identify(people, cadastre(whole), RULES, holders=known)
    assert len(members(parties)[0]) == 1


def test_joint_holders_count_as_firms_where_all_of_them_are_and_are_named() -> None:
    rights = cadastre("NORTE S.A.C. Y SUR S.A.", "NORTE S.A.C. Y SUR S.A. Y OTROS",
                      "NORTE S.A.C. Y PEREZ LOPEZ JUAN")  # fmt: skip
    parties = identify(register(), rights, RULES)
    kinds = parties.frame.set_index("party_id")["kind"]
    assert [kinds[holder] for holder in parties.holder] == ["legal", "natural", "natural"]


def test_a_member_is_called_by_its_own_text() -> None:
    joint = "Quispe Mamani, Rosa (60%); Ñu S.A.C. (40%)"
    parties = identify(register(), cadastre(joint, "PEREZ LOPEZ JUAN Y OTROS"), RULES)
    named = parties.frame.set_index("party_id")["name"]
    assert [named[holder] for holder in parties.holder] == [joint, "PEREZ LOPEZ JUAN Y OTROS"]
    members = parties.members["member_id"].map(named)
    assert sorted(members) == ["NU S.A.C.", "PEREZ LOPEZ JUAN", "QUISPE MAMANI, ROSA"]


def test_a_text_of_its_own_goes_before_a_piece_of_a_joint_one() -> None:
    parties = identify(register(), cadastre("Sur S.A. Y Ñu S.A.C.", "Ñu S.A.C."), RULES)
    named = parties.frame.set_index("party_id")["name"]
    assert set(named) == {"Sur S.A. Y Ñu S.A.C.", "SUR S.A.", "Ñu S.A.C."}


# --- names that the cadastre cut

LONG = "MINERA " + "LARGA " * 15 + "S.A.C."


def test_a_cut_name_equals_no_other_not_even_the_same_text() -> None:
    cut = LONG[: RULES.name_width]
    parties = identify(register((cut, None)), cadastre(cut), RULES)
    assert answers(parties) == [[False]]
    assert parties.frame["is_cut"].tolist() == [False, True]
    assert parties.frame["keys"].map(lambda k: k[0].endswith(CUT)).tolist() == [False, True]


def test_rights_under_one_cut_name_have_one_holder() -> None:
    cut = LONG[: RULES.name_width]
    first, second = identify(register(), cadastre(cut, cut), RULES).holder
    assert first == second


# --- numbering


def shuffled(frame: pd.DataFrame, order: np.ndarray | list[int]) -> pd.DataFrame:
    return frame.iloc[order].reset_index(drop=True)


PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(["JUAN PEREZ", "PEREZ, JUAN", "ROSA QUISPE", "X S.A.C.", "Y SAC", None]),
        st.sampled_from([JUAN, OTHER_JUAN, FIRM, None]),
    ),
    max_size=7,
)
RIGHTS = st.lists(
    st.sampled_from(
        ["PEREZ JUAN", "X SAC", "X S.A.C. Y Y S.A.C.", "ROSA QUISPE Y OTROS", "S/N", None]
    ),
    max_size=6,
)


@settings(max_examples=25)
@given(PEOPLE, RIGHTS, st.randoms(use_true_random=False))
def test_nothing_hangs_on_the_order_of_rows(people: list, rights: list, rng: object) -> None:
    register_, cadastre_ = register(*people), cadastre(*rights)
    first = identify(register_, cadastre_, RULES)
    p, r = list(range(len(people))), list(range(len(rights)))
    rng.shuffle(p)  # type: ignore[attr-defined]
    rng.shuffle(r)  # type: ignore[attr-defined]
    again = identify(shuffled(register_, p), shuffled(cadastre_, r), RULES)
    pd.testing.assert_frame_equal(again.frame, first.frame)
    pd.testing.assert_frame_equal(again.members, first.members)
    assert again.registrant.fillna(0).tolist() == first.registrant.iloc[p].fillna(0).tolist()
    assert again.holder.fillna(0).tolist() == first.holder.iloc[r].fillna(0).tolist()


@settings(max_examples=25)
@given(PEOPLE, RIGHTS)
def test_rows_that_come_twice_make_nobody_new(people: list, rights: list) -> None:
    register_, cadastre_ = register(*people), cadastre(*rights)
    first = identify(register_, cadastre_, RULES)
    twice = identify(
        pd.concat([register_, register_], ignore_index=True),
        pd.concat([cadastre_, cadastre_], ignore_index=True),
        RULES,
    )
    pd.testing.assert_frame_equal(twice.frame, first.frame)
    pd.testing.assert_frame_equal(twice.members, first.members)
    assert twice.holder.fillna(0).tolist() == first.holder.fillna(0).tolist() * 2


def test_parties_are_numbered_by_their_first_registration_then_by_their_first_right() -> None:
    people = register(("ZOILA", None), ("ANA", None), ("ZOILA", None))
    rights = cadastre("MINERA B", "ANA", "MINERA A", "MINERA B")
    known = table(holder_name=["AARON"], ruc=[FIRM])
    parties = identify(people, rights, RULES, holders=known)
    assert parties.frame["name"].tolist() == ["ZOILA", "ANA", "MINERA B", "MINERA A"]
    assert parties.registrant.tolist() == [1, 2, 1]
    assert parties.holder.tolist() == [3, 2, 4, 3]


def test_the_number_of_a_party_does_not_tell_the_rank_of_its_identity_number() -> None:
    numbers = [JUAN, ROSA, OTHER_JUAN, FIRM]
    for order in (numbers, numbers[::-1]):
        people = register(*[(f"NAME {i}", ruc) for i, ruc in enumerate(order)])
        assert identify(people, cadastre(), RULES).registrant.tolist() == [1, 2, 3, 4]


def test_a_party_bears_the_first_of_its_spellings_and_all_of_its_keys() -> None:
    people = register(("R. QUISPE", ROSA), (None, ROSA), ("ROSA QUISPE", ROSA), ("QUISPE, R", ROSA))
    (party,) = identify(people, cadastre(), RULES).frame.itertuples()
    assert party.name == "QUISPE, R"
    assert party.keys == ("QUISPE R", "QUISPE ROSA")


# --- doubts


def doubts(parties: object) -> list[list[object]]:
    found = parties.issues  # type: ignore[attr-defined]
    assert found["private"].all()
    return found[["source", "row", "problem", "value"]].values.tolist()


def test_homonyms_are_reported_and_their_name_kept_private() -> None:
    people = register(("JUAN PEREZ", JUAN), ("JUAN PEREZ", OTHER_JUAN), ("JUAN PEREZ", None))
    parties = identify(people, cadastre("X SAC", "PEREZ JUAN"), RULES)
    assert doubts(parties) == [
        ["registrations", 3, "ambiguous_name", "JUAN PEREZ"],
        ["concessions", 2, "ambiguous_name", "PEREZ JUAN"],
    ]
    assert not parties.issues["detail"].str.contains("PEREZ").any()


def test_names_that_are_cut_missing_or_not_all_there_are_reported() -> None:
    cut = LONG[: RULES.name_width]
    rights = cadastre("X SAC", "S/N", cut, None, "PEREZ LOPEZ JUAN Y OTROS")
    assert doubts(identify(register(), rights, RULES)) == [
        ["concessions", 3, "truncated_name", cut],
        ["concessions", 2, "no_name", "S/N"],
        ["concessions", 5, "unnamed_holders", "PEREZ LOPEZ JUAN Y OTROS"],
    ]


def test_plain_names_raise_no_doubt() -> None:
    people = register(("JUAN PEREZ", JUAN), (None, None), (LONG, None))
    rights = cadastre("X SAC", "QUISPE MAMANI ROSA Y PEREZ LOPEZ JUAN")
    assert doubts(identify(people, rights, RULES)) == []
