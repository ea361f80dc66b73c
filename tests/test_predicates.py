"""Facts that a rule may name: true, false, and unknown where the sources should say and do not."""

from __future__ import annotations

import pandas as pd
import pytest

from geoasm import predicates
from geoasm.predicates import SITUATION_COLUMNS

NA = pd.NA
BASE = {
    "located": True,
    "in_closed_area": False,
    "outside_corridor": False,
    "in_asm_zone": False,
    "right_status": "titled",
    "same_holder": False,
    "holder_stratum": "lsm_msm",
    "holder_activity": "no_evidence",
}


def situations(*rows: dict[str, object]) -> pd.DataFrame:
    frame = pd.DataFrame([BASE | row for row in rows], columns=list(SITUATION_COLUMNS))
    frame.index = frame.index + 10
    return frame.astype(SITUATION_COLUMNS)


def answers(name: str, column: str, *values: object) -> list[object]:
    fact = predicates.facts()[name](situations(*({column: v} for v in values)))
    return [None if pd.isna(v) else bool(v) for v in fact]


@pytest.mark.parametrize("name", sorted(predicates.facts()))
def test_every_fact_keeps_the_index_and_is_a_nullable_boolean(name: str) -> None:
    rows = situations({}, {"right_status": None, "same_holder": NA, "holder_stratum": None})
    fact = predicates.facts()[name](rows)
    assert fact.dtype == "boolean"
    assert fact.index.equals(rows.index)


@pytest.mark.parametrize("name", sorted(predicates.facts()))
def test_every_fact_accepts_no_situations_at_all(name: str) -> None:
    assert len(predicates.facts()[name](situations({}).iloc[:0])) == 0


@pytest.mark.parametrize("name", sorted(predicates.facts()))
def test_every_fact_says_what_it_means(name: str) -> None:
    assert (predicates.facts()[name].__doc__ or "").strip().endswith(".")


def test_a_registration_without_position_is_unlocated() -> None:
    assert answers("unlocated", "located", True, False) == [False, True]


@pytest.mark.parametrize("name", ["in_closed_area", "outside_corridor", "in_asm_zone"])
def test_ground_facts_are_as_found(name: str) -> None:
    assert answers(name, name, True, False) == [True, False]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("in_force", "titled"),
        ("pending", "pending"),
        ("extinct", "extinct"),
        ("other_right", "other"),
        ("status_unknown", "unknown"),
    ],
)
def test_each_status_has_one_fact_and_no_right_has_none(name: str, status: str) -> None:
    statuses = ["titled", "pending", "extinct", "other", "unknown", None]
    assert answers(name, "right_status", *statuses) == [s == status for s in statuses]


def test_no_right_is_true_only_where_the_situation_has_no_right() -> None:
    assert answers("no_right", "right_status", "titled", "unknown", None) == [False, False, True]


def test_an_unknown_holder_is_neither_the_registrant_nor_another() -> None:
    assert answers("same_holder", "same_holder", True, False, NA) == [True, False, None]


def test_absence_of_evidence_is_not_idleness() -> None:
    assert answers("idle", "holder_activity", "idle", "active", "no_evidence", None) == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("name", "mine", "other"),
    [
        ("holder_lsm_msm", "lsm_msm", "small_scale"),
        ("holder_small_scale", "small_scale", "lsm_msm"),
    ],
)
def test_a_stratum_that_the_table_lacks_is_unknown_but_no_table_makes_it_false(
    name: str, mine: str, other: str
) -> None:
    assert answers(name, "holder_stratum", mine, other, "unknown", None) == [
        True,
        False,
        None,
        False,
    ]
