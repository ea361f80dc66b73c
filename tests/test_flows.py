"""Flows count every registration once, and add up on both sides."""

from __future__ import annotations

from collections import Counter

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from geoasm.flows import balance_faults, count_flows, moved

CLASSES = ("own_title", "on_lsm_msm", "on_idle_claim", "open_ground")
run = st.dictionaries(st.integers(0, 30), st.sampled_from(CLASSES), max_size=25)


def series(classes: dict[int, str]) -> pd.Series:
    return pd.Series(classes, dtype=object)


@given(run, run)
def test_flows_are_what_a_loop_over_both_runs_counts(a: dict[int, str], b: dict[int, str]) -> None:
    expected = Counter((a.get(key), b.get(key)) for key in {*a, *b})
    found = count_flows(series(a), series(b))
    rows = zip(found["class_a"], found["class_b"], found["registrations"], strict=True)
    assert {
        (None if pd.isna(x) else x, None if pd.isna(y) else y): n for x, y, n in rows
    } == expected


@given(run, run)
def test_flows_balance_in_both_directions(a: dict[int, str], b: dict[int, str]) -> None:
    before, after = series(a), series(b)
    flows = count_flows(before, after)
    assert balance_faults(flows, before, after) == []
    assert flows["registrations"].sum() == len({*a, *b})


@given(run)
def test_a_run_against_itself_moves_nothing(a: dict[int, str]) -> None:
    assert moved(count_flows(series(a), series(a))).empty


def test_a_lost_registration_is_named_on_the_side_that_lost_it() -> None:
    before, after = (
        series({1: "own_title", 2: "open_ground"}),
        series({1: "own_title", 2: "on_idle_claim"}),
    )
    flows = count_flows(before, after)
    flows.loc[flows["class_b"] == "on_idle_claim", "registrations"] = 0
    assert balance_faults(flows, before, after) == ["open_ground", "on_idle_claim"]


def test_flows_are_counted_by_region_and_a_missing_region_counts_too() -> None:
    before = series({1: "own_title", 2: "own_title"})
    flows = count_flows(before, before, admin_1=pd.Series({1: "PUNO", 2: None}))
    assert flows["registrations"].tolist() == [1, 1]
    assert flows["admin_1"].isna().tolist() == [False, True]
