"""Groups of holders: what the user's table says, and what is only suggested."""

from __future__ import annotations

import pandas as pd
import pytest

from geoasm.parties.groups import suggest
from tests.parties.sides import FIRM, RULES, SISTER, cadastre, text
from tests.people import meet, table

NORTE, SUR, ESTE = "MINERA NORTE S.A.C.", "MINERA SUR S.A.", "S.M.R.L. ESTE"
PERSON = "PEREZ LOPEZ JUAN"


def affiliates(groups: object, right: int) -> list[str]:
    rows = groups.affiliates  # type: ignore[attr-defined]
    return rows.loc[rows["right"] == right, "affiliate"].tolist()


# --- the user's table


def test_holders_of_a_group_are_one_affiliate_and_others_stand_alone() -> None:
    rights = cadastre(NORTE, SUR, ESTE)
    parties, groups = meet(
        rights, groups=table(holder_name=["minera norte SAC", SUR], group=["G"] * 2)
    )
    assert groups.affiliate(parties.holder).tolist() == ["group G", "group G", "party 3"]
    assert groups.issues.empty


def test_behind_a_joint_right_stands_the_affiliate_of_each_member() -> None:
    rights = cadastre(f"{NORTE} Y {PERSON}", NORTE, None)
    _, groups = meet(rights, groups=table(holder_name=[NORTE], group=["G"]))
    assert affiliates(groups, 0) == ["group G", "party 2"]
    assert affiliates(groups, 1) == ["group G"]
    assert affiliates(groups, 2) == []


def test_two_members_of_one_group_are_one_affiliate() -> None:
    rights = cadastre(f"{NORTE} Y {SUR}")
    _, groups = meet(rights, groups=table(holder_name=[NORTE, SUR], group=["G", "G"]))
    assert affiliates(groups, 0) == ["group G"]


def test_a_group_is_of_the_party_under_all_its_spellings() -> None:
    known = table(holder_name=[NORTE, "NORTE ANTIGUA S.A."], ruc=[FIRM, FIRM])
    rights = cadastre(NORTE, "NORTE ANTIGUA S.A.")
    said = table(holder_name=["NORTE ANTIGUA S.A."], group=["G"])
    parties, groups = meet(rights, holders=known, groups=said)
    assert groups.affiliate(parties.holder).tolist() == ["group G", "group G"]


def test_who_holds_nothing_may_be_of_a_group_and_is_told() -> None:
    """An operator of units need not hold a right."""
    parties, groups = meet(
        cadastre(NORTE), groups=table(holder_name=[NORTE, SUR], group=["G", "G"])
    )
    named = groups.affiliate_of_name(text(["MINERA NORTE *SAC", "MINERA SUR *SA"]), parties)
    assert named.tolist() == ["group G", "group G"]
    assert groups.issues[["problem", "row", "value"]].values.tolist() == [
        ["unknown_holder", 2, SUR]
    ]
    assert groups.issues["private"].all()


def test_of_several_groups_the_first_of_the_alphabet_counts_and_all_rows_are_told() -> None:
    said = table(holder_name=[NORTE, SUR, "Minera Norte SAC"], group=["Z", "Z", "A"])
    for rows in (said, said.iloc[::-1]):
        parties, groups = meet(cadastre(NORTE, SUR), groups=rows)
        assert groups.affiliate(parties.holder).tolist() == ["group A", "group Z"]
        assert groups.issues["problem"].tolist() == ["several_groups"] * 2
        assert set(groups.issues["row"]) == {1, 3}


def test_without_a_table_everybody_stands_alone() -> None:
    parties, groups = meet(cadastre(NORTE, None, NORTE))
    assert groups.affiliate(parties.holder).fillna("-").tolist() == ["party 1", "-", "party 1"]
    assert groups.issues.empty


def test_a_name_that_nobody_bears_names_no_affiliate() -> None:
    parties, groups = meet(cadastre(NORTE))
    named = groups.affiliate_of_name(text(["NOBODY", None, "MINERA NORTE *SAC"]), parties)
    assert named.isna().tolist() == [True, True, False]


# --- what is published of them


def published(groups: object) -> list[str]:
    return groups.published.tolist()  # type: ignore[attr-defined]


def test_a_group_of_firms_is_published_by_its_name() -> None:
    said = table(holder_name=[NORTE, SUR], group=["G", "G"])
    _, groups = meet(cadastre(NORTE, SUR), groups=said)
    assert published(groups) == ["G", "G"]


@pytest.mark.parametrize("rights", [(NORTE, PERSON), (NORTE, SUR)])
def test_a_group_with_a_person_in_it_is_published_by_a_number(rights: tuple[str, ...]) -> None:
    """Also where the person holds nothing: the group may be called by the name."""
    said = table(holder_name=[SUR, NORTE, PERSON], group=["group 1", "FAMILIA P", "FAMILIA P"])
    parties, groups = meet(cadastre(SUR, *rights), groups=said)
    assert published(groups)[:2] == ["group 1", "group 2"]
    assert "FAMILIA P" not in published(groups)
    assert groups.affiliate(parties.holder).iloc[1] == "group FAMILIA P"


def test_numbers_of_groups_follow_the_parties_not_the_names() -> None:
    said = table(holder_name=["ROJAS DIAZ ANA", PERSON], group=["A", "Z"])
    _, groups = meet(cadastre(PERSON, "ROJAS DIAZ ANA"), groups=said)
    assert published(groups) == ["group 1", "group 2"]
    _, groups = meet(cadastre("ROJAS DIAZ ANA", PERSON), groups=said)
    assert groups.of_party.sort_index().tolist() == ["A", "Z"]
    assert published(groups) == ["group 1", "group 2"]


# --- suggestions


def suggested(
    rights: pd.DataFrame, holders: pd.DataFrame | None = None
) -> list[tuple[str, str, str]]:
    parties, _ = meet(rights)
    found = suggest(parties, RULES, holders)
    named = parties.frame.set_index("party_id")["name"]
    rows = zip(found["party_id"], found["group"], found["reason"], strict=True)
    return [(named[party], group, reason) for party, group, reason in rows]


def test_firms_that_differ_in_a_number_are_suggested_as_a_chain() -> None:
    chain = ["MINERA ALFA I S.A.C.", "MINERA ALFA II S.A.C.", "MINERA ALFA 2008 S.A."]
    found = suggested(cadastre(*chain, "MINERA BETA I S.A.C.", "MINERA GAMA S.A.C."))
    assert found == [(name, "MINERA ALFA", "chain") for name in chain]


def test_one_firm_a_right_is_suggested_as_a_chain() -> None:
    found = suggested(
        cadastre("S.M.R.L. ROSA PRIMERA", "S.M.R.L. ROSA SEGUNDA DE ICA", "S.M.R.L. ROSA")
    )
    assert [row[0] for row in found] == ["S.M.R.L. ROSA PRIMERA", "S.M.R.L. ROSA"]


def test_common_words_alone_make_no_chain() -> None:
    assert (
        suggested(cadastre("MINERA I S.A.C.", "MINERA II S.A.C.", "DE LA S.A.", "DE LA 2 S.A."))
        == []
    )


def test_persons_make_no_chain() -> None:
    assert suggested(cadastre("PEREZ LOPEZ JUAN", "PEREZ LOPEZ JUAN II")) == []


def test_firms_of_one_address_are_suggested() -> None:
    holders = table(
        holder_name=[NORTE, SUR, ESTE, PERSON],
        ruc=[FIRM, SISTER, None, None],
        address=["Av. Sol 123 Of. 4, Lima", "AV. SOL 123 OF. 9", "Av. Sol", "Av. Sol 123 Of. 4"],
    )
    found = suggested(cadastre(NORTE, SUR, ESTE, PERSON), holders)
    assert [row[0] for row in found] == [NORTE, SUR]
    assert {row[2] for row in found} == {"address"}


def test_nothing_follows_from_a_suggestion() -> None:
    parties, groups = meet(cadastre("MINERA ALFA I S.A.C.", "MINERA ALFA II S.A.C."))
    assert len(suggest(parties, RULES, None)) == 2
    assert groups.affiliate(parties.holder).nunique() == 2
    assert parties.holder.nunique() == 2


def test_suggestions_do_not_hang_on_the_order_of_rows() -> None:
    names = ["MINERA ALFA I S.A.C.", "MINERA ALFA II S.A.C.", "S.M.R.L. BETA 1", "S.M.R.L. BETA 2"]
    assert sorted(suggested(cadastre(*names))) == sorted(suggested(cadastre(*names[::-1])))


def test_only_holders_are_suggested() -> None:
    parties, _ = meet(cadastre("MINERA ALFA I S.A.C."), ["MINERA ALFA II S.A.C."])
    assert suggest(parties, RULES, None).empty
