"""How far rights get by the truth: each reason and each gate in its turn, doubles and close calls."""

from __future__ import annotations

import pandas as pd
import pytest

from geoasm.simulate import truth_prospects as oracle

COUNTS = {
    "asm_class": "on_lsm_msm",
    "status": "active",
    "activity": "extraction",
    "setting": "hard_rock",
    "right_status": "titled",
    "is_other": True,
}
IN_TURN = (
    ("own_title", {"asm_class": "own_title"}),
    ("prohibited", {"asm_class": "prohibited_area"}),
    ("ambiguous", {"asm_class": "ambiguous"}),
    ("unlocatable", {"asm_class": "unlocatable"}),
    ("excluded", {"status": "excluded"}),
    ("processing", {"activity": "processing"}),
    ("alluvial", {"setting": "alluvial"}),
    ("no_title", {"right_status": "pending"}),
    ("unknown_party", {"is_other": False}),
)


def test_a_registration_counts_where_nothing_speaks_against_it() -> None:
    assert oracle.why_not(**COUNTS) is None
    for change in ({"status": "suspended"}, {"activity": "unknown"}, {"setting": "unknown"}):
        assert oracle.why_not(**{**COUNTS, **change}) is None


@pytest.mark.parametrize("at", range(len(IN_TURN)))
def test_the_first_reason_is_told(at: int) -> None:
    facts = dict(COUNTS)
    for _, change in reversed(IN_TURN[at:]):
        facts |= change
    assert oracle.why_not(**facts) == IN_TURN[at][0]


def test_who_may_be_alluvial_is_a_close_call_unless_something_else_is_told() -> None:
    assert oracle.why_not(**{**COUNTS, "setting": None}) == "close_call"
    assert oracle.why_not(**{**COUNTS, "setting": None, "status": "excluded"}) == "excluded"


@pytest.mark.parametrize(
    ("status", "activity", "stratum", "conflict", "n_on", "n_counted", "told"),
    [
        ("titled", "active", "lsm_msm", False, 2, 1, "candidate"),
        ("titled", "active", "lsm_msm", False, 0, 0, None),
        ("pending", "idle", "small_scale", True, 1, 0, "not_in_force"),
        ("titled", "idle", "small_scale", True, 1, 0, "idle"),
        ("titled", "active", "small_scale", True, 1, 0, "small_scale"),
        ("titled", "active", "unknown", True, 1, 0, "none_counting"),
        ("titled", "no_evidence", "unknown", True, 1, 1, "verify:stratum"),
        ("titled", "no_evidence", "lsm_msm", True, 1, 1, "verify:conflict"),
        ("titled", "no_evidence", "lsm_msm", False, 1, 1, "verify:activity"),
    ],
)
def test_the_first_gate_is_told(
    status: str,
    activity: str,
    stratum: str,
    conflict: bool,
    n_on: int,
    n_counted: int,
    told: str | None,
) -> None:
    assert oracle.prospect(status, activity, stratum, conflict, n_on, n_counted) == told


def rights(**changes: object) -> pd.DataFrame:
    frame = {"concession_id": ["A", "B"], "status": "titled", "holder_activity": "active"}
    frame |= {"holder_stratum": "lsm_msm", "activity_conflict": False}
    return pd.DataFrame({**frame, "unclear": False, "activity_unclear": False, **changes})


def entries(*rows: tuple[str | None, str | None, str | None, str]) -> pd.DataFrame:
    columns = ["not_counted", "concession_id", "right_ids", "fault_outcome"]
    return pd.DataFrame(rows, columns=columns)


def test_doubles_are_not_counted_and_entries_without_a_position_count_where_they_declare() -> None:
    truth = entries(
        (None, "A", "A;B", "kept"),
        (None, "A", "A;B", "set_aside"),
        (None, "A", None, "unlocatable"),
        ("excluded", "B", "B", "kept"),
    )
    told = oracle.of_rights(rights(), truth)
    assert told["n_counted"].tolist() == [2, 0]
    assert told["prospect"].tolist() == ["candidate", "none_counting"]


def test_who_declares_a_right_and_has_no_position_meets_it_even_where_he_does_not_count() -> None:
    truth = entries(
        ("own_title", "A", None, "unlocatable"), ("unlocatable", None, None, "unlocatable")
    )
    told = oracle.of_rights(rights(), truth)
    assert told["n_counted"].tolist() == [0, 0]
    assert [None if pd.isna(p) else p for p in told["prospect"]] == ["none_counting", None]


def test_a_right_that_hangs_on_a_close_call_is_left_open() -> None:
    truth = entries(("close_call", "A", "A", "kept"), ("close_call", "B", "B", "kept"))
    more = pd.concat([truth, entries((None, "B", "B", "kept"))])
    told = oracle.of_rights(rights(), more)
    assert told["n_counted"].isna().all()
    assert told["prospect"].isna().tolist() == [True, False]


@pytest.mark.parametrize("doubt", ["unclear", "activity_unclear"])
def test_a_right_of_which_nobody_is_sure_is_left_open_unless_it_is_not_in_force(doubt: str) -> None:
    truth = entries((None, "A", "A", "kept"), (None, "B", "B", "kept"))
    told = oracle.of_rights(rights(status=["titled", "pending"], **{doubt: True}), truth)
    assert pd.isna(told["prospect"][0])
    assert told["prospect"][1] == "not_in_force"
