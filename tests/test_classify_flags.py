"""Axes, flags and pathways beside the class: single statements of the law."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from geoasm.codes import AsmClass, Pathway
from geoasm.errors import ProfileError
from tests.situations import LAW, Place, Right, ask, one


def test_rights_are_listed_senior_first_and_extinct_last() -> None:
    place = Place(
        rights=[
            Right("B", filed_on="2005-01-01"),
            Right("D", filed_on="1999-01-01"),
            Right("C", filed_on="1990-01-01", status="extinct"),
            Right("E", filed_on="2015-01-01", datum="psad56"),
            Right("F", filed_on="2010-01-01", datum="wgs84"),
        ]
    )
    # E goes before F by datum though D and B, of no known datum, go before both by date.
    assert one(place)["right_ids"] == "D;B;E;F;C"


def test_a_right_whose_place_is_open_is_listed_at_the_first_it_may_have() -> None:
    undated = Right("A", filed_on=None)
    dated = [Right("B", filed_on="2005-01-01"), Right("D", filed_on="1999-01-01")]
    assert one(Place(rights=[undated, *dated]))["right_ids"] == "D;B;A"
    gone = Right("C", filed_on="1990-01-01", status="extinct")
    assert one(Place(rights=[undated, *dated, gone]))["right_ids"] == "D;A;B;C"


def test_without_strata_the_holder_of_a_third_party_s_title_is_unknown() -> None:
    got = one(Place(rights=[Right("A", stratum=None)]))
    assert got[["asm_class", "rule_id"]].tolist() == ["on_unknown_holder", "pe.stratum_untested"]
    assert got[["title_relation", "holder_stratum"]].tolist() == ["third_party", "unknown"]


def test_axes_speak_of_the_right_that_decided() -> None:
    senior = Right("A", filed_on="1990-01-01", stratum="small_scale", idle=True)
    got = one(Place(rights=[senior, Right("B")]))
    axes = ["asm_class", "title_relation", "holder_stratum", "holder_activity", "stratum_basis"]
    assert got[axes].tolist() == ["on_idle_claim", "third_party", "small_scale", "idle", "official"]


def test_closed_ground_keeps_the_axes_of_its_title() -> None:
    senior = Right("A", filed_on="1990-01-01", stratum="small_scale")
    got = one(Place(rights=[Right("B"), senior], closed=True))
    axes = ["asm_class", "title_relation", "holder_stratum"]
    assert got[axes].tolist() == ["prohibited_area", "third_party", "small_scale"]
    assert pd.isna(got["concession_id"])
    own = Right("C", filed_on="2010-01-01", own=True)
    got = one(Place(rights=[senior, own], closed=True))
    assert got[axes].tolist() == ["prohibited_area", "own", "lsm_msm"]


def test_where_no_title_decides_no_stratum_is_picked() -> None:
    twins = [Right("A", stratum="lsm_msm"), Right("B", stratum="small_scale")]
    got = one(Place(rights=twins))
    assert got[["asm_class", "rule_id"]].tolist() == ["ambiguous", "pe.order_unknown"]
    assert got[["holder_stratum", "stratum_basis"]].tolist() == ["unknown", "none"]


def test_titles_without_order_that_lead_to_one_class_are_not_ambiguous() -> None:
    got = one(Place(rights=[Right("B"), Right("A", filed_on=None)]))
    assert got["asm_class"] == "on_lsm_msm"
    assert "stacked" in got["flags"].split(";")


def test_only_titles_count_between_titles() -> None:
    """A pending right before one of two titles makes neither of them the senior."""
    undated = Right("U", filed_on=None, stratum="small_scale", datum="wgs84")
    dated = Right("T", filed_on="2005-01-01", stratum="lsm_msm")
    early = Right("P", status="pending", filed_on="1990-01-01", datum="wgs84")
    gone = Right("X", status="extinct", filed_on="1980-01-01")
    place = Place(rights=[undated, dated, early, gone])
    assert one(place)["asm_class"] == "ambiguous"
    own = Right("T", filed_on="2005-01-01", own=True)
    got = one(Place(rights=[undated, own, early, gone]))
    assert got["asm_class"] == "own_title"
    assert "own_title_contested" not in got["flags"]


def circle(*strata: str) -> list[Right]:
    """Three titles of which each goes before the next, the last before the first."""
    return [
        Right("A", datum="psad56", filed_on="2010-01-01", stratum=strata[0]),
        Right("B", datum="wgs84", filed_on="2000-01-01", stratum=strata[1]),
        Right("C", filed_on="2005-01-01", stratum=strata[2]),
    ]


def test_an_order_that_runs_in_a_circle_decides_nothing() -> None:
    got = one(Place(rights=circle("lsm_msm", "lsm_msm", "small_scale")))
    assert got[["asm_class", "rule_id"]].tolist() == ["ambiguous", "pe.order_unknown"]
    assert one(Place(rights=circle("lsm_msm", "lsm_msm", "lsm_msm")))["asm_class"] == "on_lsm_msm"
    senior = Right("D", filed_on="1990-01-01", datum="psad56", stratum="small_scale")
    got = one(Place(rights=[*circle("lsm_msm", "lsm_msm", "small_scale"), senior]))
    assert got[["asm_class", "concession_id"]].tolist() == ["on_small_scale", "D"]


def flags_of(place: Place, **given: object) -> set[str]:
    return {f for f in one(place, **given)["flags"].split(";") if f}


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Place(), set()),
        (Place(community=True, restricted="RN;ZA"), {"surface_community", "restricted:RN", "restricted:ZA"}),
        (Place(rights=[Right("A", status="pending", own=True)]), {"own_pending"}),
        (Place(rights=[Right("A", status="pending", own=None)]), set()),
        (Place(rights=[Right("A", own=None)]), set()),
        (Place(rights=[Right("A", contract=True)]), {"has_contract"}),
        (Place(rights=[Right("A", contract=True, status="extinct")]), set()),
        (Place(rights=[Right("A", contract=True, status="pending")]), set()),
        (
            Place(rights=[Right("A", filed_on="1990-01-01"), Right("B", contract=True)]),
            {"stacked"},
        ),
        (
            Place(rights=[Right("A", filed_on="1990-01-01"), Right("B", own=True)]),
            {"stacked", "own_title_contested"},
        ),
        (
            Place(rights=[Right("A", filed_on="2005-01-01"), Right("B", own=True)]),
            {"stacked"},
        ),
        (Place(rights=[Right("A"), Right("B", own=True)]), {"stacked"}),
        (
            Place(rights=[Right("A", filed_on="1990-01-01"), Right("B", own=True)], closed=True),
            {"stacked"},
        ),
        (
            Place(rights=[Right("A", status="extinct", filed_on="1990-01-01"), Right("B", own=True)]),
            {"stacked"},
        ),
    ],
)  # fmt: skip
def test_flags_of_rights(place: Place, expected: set[str]) -> None:
    assert flags_of(place) == expected


@pytest.mark.parametrize(
    ("filed_on", "since", "status", "expected"),
    [
        ("1999-01-01", "2000-01-01", "titled", True),
        ("2000-01-01", "2000-01-01", "titled", False),
        (None, "2000-01-01", "titled", False),
        ("1999-01-01", None, "titled", False),
        ("1999-01-01", "2000-01-01", "pending", False),
    ],
)
def test_a_title_older_than_the_area_is_flagged_and_the_ground_stays_closed(
    filed_on: str | None, since: str | None, status: str, expected: bool
) -> None:
    right = Right("A", filed_on=filed_on, status=status)
    place = Place(rights=[right], closed=True, closed_since=since)
    assert flags_of(place) == ({"right_older_than_area"} if expected else set())
    assert one(place)["asm_class"] == "prohibited_area"


def lapsed(*days: str | None, anap: bool = False) -> tuple[str, set[str]]:
    rights = [
        Right(f"E{i}", status="extinct", free_on=day, filed_on=f"199{i}-01-01")
        for i, day in enumerate(days)
    ]
    got = one(Place(rights=rights, anap=anap))
    return got["pathway"], set(got["flags"].split(";")) & {
        "extinct_free",
        "extinct_not_free",
        "extinct_anap",
    }


@pytest.mark.parametrize(
    ("days", "anap", "pathway", "flag"),
    [
        ([None], False, "state_acquisition", set()),
        (["2024-06-01"], False, "claim_ground", {"extinct_free"}),
        (["2024-06-02"], False, "state_acquisition", {"extinct_not_free"}),
        (["2024-06-01"], True, "state_acquisition", {"extinct_anap"}),
        (["2024-06-02"], True, "state_acquisition", {"extinct_not_free", "extinct_anap"}),
        (["2010-01-01", "2030-01-01"], False, "state_acquisition", {"extinct_not_free"}),
        (["2010-01-01", None], False, "state_acquisition", set()),
        (["2010-01-01", "2011-01-01"], False, "claim_ground", {"extinct_free"}),
    ],
)
def test_ground_is_free_where_every_extinct_right_over_it_is(
    days: list, anap: bool, pathway: str, flag: set[str]
) -> None:
    assert lapsed(*days, anap=anap) == (pathway, flag)


def test_a_contract_opens_no_way_in_a_closed_area() -> None:
    got = one(Place(rights=[Right("A", contract=True)], closed=True))
    assert got["pathway"] == Pathway.NONE_PROHIBITED


def test_untested_roles_stand_on_every_row() -> None:
    places = [Place(), Place(located=False), Place(rights=[Right("A")])]
    flags = ask(places, untested=["strata", "asm_zones"])["flags"]
    assert flags.str.endswith("untested:strata;untested:asm_zones").all()


def test_a_register_without_persons_knows_no_third_party() -> None:
    got = ask([Place(rights=[Right("A")]), Place()], registrants="none")
    assert got["title_relation"].tolist() == ["unknown", "none"]
    assert got["asm_class"].tolist() == ["on_lsm_msm", "open_ground"]


def test_an_empty_cadastre_and_an_empty_register() -> None:
    places = [Place(), Place(located=False), Place(closed=True), Place(asm_zone=True)]
    got = ask(places)
    classes = ["open_ground", "unlocatable", "prohibited_area", "in_asm_zone"]
    assert got["asm_class"].tolist() == classes
    assert got["concession_id"].isna().all()
    assert len(ask([])) == 0


def test_a_law_with_a_gap_is_named_not_guessed() -> None:
    gap = replace(LAW, rules=tuple(r for r in LAW.rules if r.then != AsmClass.ON_PENDING_CLAIM))
    with pytest.raises(
        ProfileError, match=r"no rule applies on 2024-06-01 where holder_lsm_msm holds"
    ):
        ask([Place(rights=[Right("A", status="pending")])], law=gap)
