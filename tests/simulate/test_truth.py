"""The order of decision, situation by situation, and places near edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
import shapely

from geoasm.geometry import operation
from geoasm.profile import Profile
from geoasm.simulate import truth, truth_ground
from geoasm.simulate.truth import Order, Party, Right, decide

MINER = Party("10990000001", "A B")
STRANGER = Party("20990000002", "C SAC")
OTHER = Party("20990000003", "D SAC")


def right(code: str, status: str = "titled", **facts: object) -> Right:
    known: dict[str, object] = {"filed": 100, "holders": (STRANGER,), "stratum": "small_scale"}
    known |= facts
    return Right(code, status, **known)  # type: ignore[arg-type]


def answer(
    *stack: Right, closed: bool = False, asm_zone: bool = False, miner: Party = MINER
) -> tuple[str, str, str | None]:
    found = decide(miner, stack, closed, asm_zone)
    return found.asm_class, found.title_relation, found.right.id if found.right else None


def test_without_rights_the_ground_decides() -> None:
    assert answer() == ("open_ground", "none", None)
    assert answer(asm_zone=True) == ("in_asm_zone", "none", None)
    assert answer(closed=True, asm_zone=True) == ("prohibited_area", "none", None)


@pytest.mark.parametrize(
    ("facts", "asm_class", "relation"),
    [
        ({"stratum": "lsm_msm"}, "on_lsm_msm", "third_party"),
        ({"stratum": "small_scale"}, "on_small_scale", "third_party"),
        ({"stratum": "unknown"}, "on_unknown_holder", "third_party"),
        ({"stratum": "lsm_msm", "activity": "idle"}, "on_idle_claim", "third_party"),
        ({"stratum": "lsm_msm", "activity": "active"}, "on_lsm_msm", "third_party"),
        ({"stratum": "unknown", "activity": "idle"}, "on_idle_claim", "third_party"),
        ({"holders": (), "activity": "idle"}, "on_unknown_holder", "unknown"),
        ({"holders": (MINER,), "activity": "idle"}, "own_title", "own"),
        ({"holders": (STRANGER, MINER)}, "own_title", "own"),
        ({"holders": (STRANGER, MINER), "is_open": True}, "own_title", "own"),
        ({"holders": (STRANGER, OTHER)}, "on_small_scale", "third_party"),
        ({"is_open": True}, "on_unknown_holder", "unknown"),
        ({"holders": (STRANGER, Party(None, None))}, "on_unknown_holder", "unknown"),
    ],
)
def test_one_title_means_what_its_holder_is(
    facts: dict[str, object], asm_class: str, relation: str
) -> None:
    assert answer(right("R", **facts)) == (asm_class, relation, "R")


@pytest.mark.parametrize(
    ("status", "asm_class", "relation"),
    [
        ("pending", "on_pending_claim", "pending"),
        ("extinct", "on_extinct_claim", "extinct"),
        ("other", "on_other_right", "other_right"),
    ],
)
def test_lesser_rights_give_way_to_titles_and_to_asm_zones(
    status: str, asm_class: str, relation: str
) -> None:
    lesser = right("L", status, filed=1)
    assert answer(lesser) == (asm_class, relation, "L")
    assert answer(lesser, right("T", filed=9)) == ("on_small_scale", "third_party", "T")
    assert answer(lesser, asm_zone=True) == ("in_asm_zone", relation, None)


def test_applications_go_before_extinct_rights_and_these_before_others() -> None:
    stack = [right("O", "other", filed=1), right("X", "extinct", filed=2)]
    assert answer(*stack)[0] == "on_extinct_claim"
    assert answer(*stack, right("P", "pending", filed=3))[0] == "on_pending_claim"


def test_a_title_beats_an_asm_zone_and_a_closed_area_beats_every_title() -> None:
    own = right("R", holders=(MINER,))
    assert answer(own, asm_zone=True)[0] == "own_title"
    assert answer(own, closed=True) == ("prohibited_area", "own", None)


def test_the_senior_title_decides_between_third_parties() -> None:
    old, young = right("Z", filed=1, stratum="lsm_msm"), right("A", filed=2)
    assert answer(young, old) == ("on_lsm_msm", "third_party", "Z")


def test_an_own_title_goes_before_senior_ones_and_is_then_contested() -> None:
    own, senior = right("O", filed=5, holders=(MINER,)), right("S", filed=1)
    assert answer(own, senior) == ("own_title", "own", "O")
    assert decide(MINER, (own, senior), False, False).contested
    assert not decide(MINER, (own, right("J", filed=9)), False, False).contested
    assert not decide(MINER, (own, right("X", "extinct", filed=1)), False, False).contested


def codes(*stack: Right) -> list[str]:
    return [r.id for r in truth.by_seniority(stack)]


@pytest.mark.parametrize(
    ("senior", "junior"),
    [
        ({"filed": 1}, {"filed": 2}),
        ({"hour": 545}, {"hour": 546}),
        ({"filed": 1, "hour": 900}, {"filed": 2, "hour": 1}),
        ({"filed": 9, "datum": "psad56"}, {"filed": 1, "datum": "wgs84"}),
        ({"filed": 9, "origin": "old_claim"}, {"filed": 1, "origin": "refiled_claim"}),
        (
            {"filed": 9, "datum": "psad56", "origin": "refiled_claim"},
            {"filed": 1, "datum": "wgs84", "origin": "old_claim"},
        ),
        ({"filed": 1, "datum": "wgs84"}, {"filed": 2, "datum": "unknown"}),
        ({"filed": 1, "origin": "refiled_claim"}, {"filed": 2, "origin": "claim"}),
        ({"filed": None}, {"filed": 1, "status": "extinct", "datum": "psad56"}),
    ],
)
def test_the_first_criterion_that_tells_two_rights_apart_orders_them(
    senior: dict[str, object], junior: dict[str, object]
) -> None:
    one, two = right("Z", **senior), right("A", **junior)
    assert truth.order_of(one, two) is Order.FIRST
    assert truth.order_of(two, one) is Order.SECOND
    assert codes(two, one) == ["Z", "A"]
    assert truth.seniors((two, one)) == (one,)


@pytest.mark.parametrize(
    ("one", "other", "order"),
    [
        ({}, {}, Order.SAME),
        ({"hour": 545}, {"hour": 545}, Order.SAME),
        ({"hour": 545}, {}, Order.OPEN),
        ({"filed": None}, {}, Order.OPEN),
        ({"filed": None, "hour": 1}, {"filed": None, "hour": 2}, Order.OPEN),
    ],
)
def test_equal_days_and_hours_are_one_instant_and_missing_ones_leave_it_open(
    one: dict[str, object], other: dict[str, object], order: Order
) -> None:
    assert truth.order_of(right("A", **one), right("B", **other)) is order
    assert len(truth.seniors((right("A", **one), right("B", **other)))) == 2


def test_stacks_are_listed_senior_first_and_rights_without_a_place_last() -> None:
    undated = right("A", filed=None)
    assert codes(undated, right("C", filed=2), right("B", filed=2), right("D", filed=1)) == [
        *"DBCA"
    ]
    circle = (
        right("A", filed=3, datum="psad56"),
        right("B", filed=1, datum="wgs84"),
        right("C", filed=2),
    )
    assert codes(*circle) == [*"BCA"]
    assert truth.seniors(circle) == circle


def test_records_know_only_what_the_law_asks_for(peru: Profile) -> None:
    law = peru.law.at(date(2026, 1, 1))
    columns = {"filed_hour": ["09:05", "1030", None], "datum": "psad56", "origin": "claim"}
    frame = pd.DataFrame({"concession_id": [*"ABC"], "status": "titled", **columns})
    frame["filed_on"] = pd.to_datetime(["1970-01-02", None, "1970-01-03"])
    frame["members"] = [(0,), (1, 0), ()]
    frame = frame.assign(
        is_open=[False, True, False], holder_stratum="unknown", stratum_basis="none"
    )
    frame = frame.assign(holder_activity="no_evidence", activity_conflict=False)
    records = truth.right_records(frame, [MINER, STRANGER], law)
    assert [(r.filed, r.hour) for r in records] == [(1, 545), (None, 630), (2, None)]
    assert [r.holders for r in records] == [(MINER,), (STRANGER, MINER), ()]
    assert [r.is_joint for r in records] == [False, True, False]
    assert {(r.datum, r.origin) for r in records} == {("psad56", "claim")}
    dates = replace(law, seniority=tuple(c for c in law.seniority if c.by == "filed_on"))
    records = truth.right_records(frame, [MINER, STRANGER], dates)
    assert {(r.hour, r.datum, r.origin) for r in records} == {(None, None, None)}


@pytest.mark.parametrize("filed", [100, None])
def test_no_order_between_titles_is_ambiguous_only_where_classes_differ(filed: int | None) -> None:
    first, other = right("A"), right("B", filed=filed)
    assert answer(first, other) == ("on_small_scale", "third_party", "A")
    large = right("B", filed=filed, stratum="lsm_msm")
    assert answer(first, large) == ("ambiguous", "third_party", None)
    assert answer(right("S", filed=1), first, right("B", stratum="lsm_msm"))[0] == "on_small_scale"


def test_an_unknown_status_is_ambiguous_where_it_is_senior_or_unordered() -> None:
    unknown = right("U", "unknown", filed=5)
    assert answer(unknown) == ("ambiguous", "unknown", None)
    assert answer(unknown, asm_zone=True)[0] == "ambiguous"
    assert answer(unknown, right("T", filed=9))[0] == "ambiguous"
    assert answer(unknown, right("T", filed=5))[0] == "ambiguous"
    assert answer(unknown, right("T", filed=1)) == ("on_small_scale", "third_party", "T")
    assert answer(unknown, right("O", filed=9, holders=(MINER,)))[0] == "own_title"


@pytest.mark.parametrize(
    ("registrant", "holder", "same"),
    [
        (Party("1", "A"), Party("1", "OTHER SPELLING"), True),
        (Party("1", "A"), Party("2", "A"), False),
        (Party("1", "A"), Party(None, "A"), True),
        (Party(None, "A"), Party("2", "B"), False),
        (Party("1", None), Party(None, "A"), None),
        (Party(None, None), Party("2", "A"), None),
        (Party("1", "A"), Party(None, None), None),
        (Party("1", "AB", like="BA"), Party(None, "BA"), None),
        (Party("1", "AB", like="BA"), Party("1", "BA"), True),
        (Party("1", "AB", like="BA"), Party("2", "BA"), False),
        (Party("1", "AB", like="BA"), Party(None, "C"), False),
    ],
)
def test_parties_compare_by_number_then_by_name_and_likeness_tells_nothing(
    registrant: Party, holder: Party, same: bool | None
) -> None:
    assert truth.same_party(registrant, holder) is same


@pytest.mark.parametrize(
    ("said", "party"),
    [
        (None, Party("1", "AB", like="BA")),
        ("number", Party("1", "AB", like="BA")),  # the number tells, not the name
        ("yes", Party("1", "BA", by_alias=True)),
        ("no", Party("1", "AB")),
    ],
)
def test_a_table_of_aliases_answers_for_a_spelling(said: str | None, party: Party) -> None:
    assert truth.registrant_party("1", "ab", {"AB": ("BA", said)}) == party


def test_what_shows_that_a_title_is_own() -> None:
    joint = right("R", holders=(Party("1", "A"), Party(None, "B")))
    assert truth.own_basis(Party("1", "X"), joint) == "ruc"
    assert truth.own_basis(Party(None, "A"), joint) == "name"
    assert truth.own_basis(Party("2", "B"), joint) == "name"
    assert truth.own_basis(Party("2", "B", by_alias=True), joint) == "alias"


def test_every_right_over_a_point_is_found_and_edges_are_told(peru: Profile) -> None:
    squares = [shapely.box(500_000, 9_000_000, 501_000, 9_001_000)]
    far = shapely.box(503_000, 9_003_000, 504_000, 9_004_000)
    squares += [shapely.MultiPolygon([shapely.box(500_500, 9_000_500, 502_000, 9_002_000), far])]
    rights = pd.DataFrame({"drawn": squares, "crs_used": "EPSG:32718"})
    x = np.array([500_100.0, 500_700.0, 501_900.0, 501_000.4, 503_000.5])
    y = np.array([9_000_100.0, 9_000_700.0, 9_001_900.0, 9_000_300.0, 9_002_999.5])
    shift = operation("EPSG:32718", "EPSG:4326", peru.crs)
    covering, near = truth_ground.stacks(*shift.points(x, y), rights, peru.crs)
    pairs = list(covering.itertuples(index=False, name=None))
    assert pairs == [(0, 0), (1, 0), (1, 1), (2, 1)]
    assert near.tolist() == [False, False, False, True, True]


def test_rights_within_reach_are_found_from_outside_and_inside(peru: Profile) -> None:
    square = shapely.box(500_000, 9_000_000, 501_000, 9_001_000)
    rights = pd.DataFrame({"drawn": [square], "crs_used": "EPSG:32718"})
    x, y = np.array([500_500.0, 501_299.9, 501_300.1]), np.full(3, 9_000_500.0)
    lonlat = operation("EPSG:32718", "EPSG:4326", peru.crs).points(x, y)
    assert truth_ground.within_reach(*lonlat, rights, 300.0, peru.crs)[0].tolist() == [0, 1]
