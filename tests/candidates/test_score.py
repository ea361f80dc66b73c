"""Scores against plain sums, draw by draw and candidate by candidate; what ignorance may and may not do."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoasm.candidates.score import find_pivots, rank, score, stay_at_top, weigh
from geoasm.codes import RISKS
from geoasm.model import CandidateRules
from tests import scenes

NAMES = [str(factor.name) for factor in scenes.RULES.factors]
WEIGHT = {str(factor.name): factor.weight for factor in scenes.RULES.factors}
TOTAL = sum(WEIGHT.values())
# A value, and how much of the factor is known; of nothing known there is no value.
CELL = st.sampled_from([(None, 0.0), *((v / 4, k / 4) for v in range(5) for k in range(1, 5))])
ROW = st.lists(CELL, min_size=len(NAMES), max_size=len(NAMES))
Rows = list[list[tuple[float | None, float]]]


def frames(rows: Rows) -> tuple[pd.DataFrame, pd.DataFrame]:
    values, known = ([[cell[i] for cell in row] for row in rows] for i in (0, 1))
    return (
        pd.DataFrame(values, columns=NAMES, dtype="float64"),
        pd.DataFrame(known, columns=NAMES, dtype="float64"),
    )


def scored(rows: Rows) -> pd.DataFrame:
    return score(weigh(*frames(rows), scenes.RULES))


def parts(row: list[tuple[float | None, float]]) -> list[float]:
    """What each factor gives to the lower end, before weights: risks speak by their absence."""
    found = []
    for name, (value, known) in zip(NAMES, row, strict=True):
        good = 0.0 if value is None else 1 - value if name in RISKS else value
        found.append(good * known if value is not None else 0.0)
    return found


def interval(row: list[tuple[float | None, float]]) -> tuple[float, float, float]:
    """Score a candidate by hand: the sum of what is known, and of what might be."""
    low = high = coverage = 0.0
    for name, part, (_, known) in zip(NAMES, parts(row), row, strict=True):
        low += WEIGHT[name] * part
        high += WEIGHT[name] * (part + 1 - known)
        coverage += WEIGHT[name] * known
    return 100 * low / TOTAL, 100 * high / TOTAL, coverage / TOTAL


@given(st.lists(ROW, min_size=1, max_size=8))
def test_scores_are_the_sums_of_weighed_parts(rows: Rows) -> None:
    told = scored(rows)
    for row, got in zip(rows, told.itertuples(), strict=True):
        expected = interval(row)
        assert (got.score_low, got.score_high, got.coverage) == pytest.approx(expected, abs=1e-8)


@given(ROW)
def test_scores_and_coverage_stay_within_their_bounds(
    row: list[tuple[float | None, float]],
) -> None:
    got = scored([row]).iloc[0]
    assert 0 <= got["score_low"] <= got["score_high"] <= 100
    assert 0 <= got["coverage"] <= 1


def test_everything_for_and_everything_against_are_the_ends_of_the_scale() -> None:
    best = [(0.0 if name in RISKS else 1.0, 1.0) for name in NAMES]
    worst = [(1.0 if name in RISKS else 0.0, 1.0) for name in NAMES]
    nothing: list[tuple[float | None, float]] = [(None, 0.0)] * len(NAMES)
    told = scored([best, worst, nothing])
    assert told["score_low"].tolist() == [100, 0, 0]
    assert told["score_high"].tolist() == [100, 0, 100]
    assert told["coverage"].tolist() == [1, 1, 0]


@given(ROW, st.data())
def test_finding_something_out_never_widens_the_interval(
    row: list[tuple[float | None, float]], data: Any
) -> None:
    at = data.draw(st.integers(0, len(NAMES) - 1))
    value, known = row[at]
    more = data.draw(st.floats(known, 1.0))
    rest = data.draw(st.floats(0.0, 1.0))  # the value of what is found out
    mixed = ((value or 0.0) * known + rest * (more - known)) / more if more else None
    after = scored([[*row[:at], (mixed, more), *row[at + 1 :]]]).iloc[0]
    before = scored([row]).iloc[0]
    assert after["score_low"] >= before["score_low"] - 1e-7
    assert after["score_high"] <= before["score_high"] + 1e-7
    assert after["coverage"] >= before["coverage"] - 1e-9


@given(ROW, st.integers(0, len(NAMES) - 1))
def test_ignorance_never_lifts_the_lower_end(
    row: list[tuple[float | None, float]], at: int
) -> None:
    ignorant = [*row[:at], (None, 0.0), *row[at + 1 :]]
    less, more = scored([ignorant, row])["score_low"]
    assert less <= more


@given(st.lists(ROW, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_candidates_changes_nothing(rows: Rows, random: Any) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)
    turned = [rows[i] for i in order]
    for function in (everything, scored):
        pd.testing.assert_frame_equal(
            function(turned), function(rows).iloc[order].reset_index(drop=True)
        )


def everything(rows: Rows) -> pd.DataFrame:
    rules = scenes.rules(draws=20, top=2)
    worth = weigh(*frames(rows), rules)
    told = score(worth)
    return told.join(find_pivots(worth, told)).assign(
        rank=rank(told), top_share=stay_at_top(worth, rules)
    )


def test_equal_scores_share_a_place() -> None:
    told = pd.DataFrame({"score_low": [40.0, 70.0, 40.0, 10.0]})
    assert rank(told).tolist() == [2, 1, 2, 4]


def redraw(rows: Rows, rules: CandidateRules) -> list[float]:
    """Draw the weights again and count in how many draws each is among the first."""
    rng = np.random.default_rng(rules.seed)
    stayed = [0] * len(rows)
    n = len(rules.factors)
    for factors in rng.uniform(1 - rules.spread, 1 + rules.spread, (rules.draws, n)).tolist():
        weights = [w * f.weight for w, f in zip(factors, rules.factors, strict=True)]
        scores = [
            round(sum(w / sum(weights) * p for w, p in zip(weights, parts(row), strict=True)), 9)
            for row in rows
        ]
        for i, own in enumerate(scores):
            stayed[i] += sum(other > own for other in scores) < rules.top
    return [some / rules.draws for some in stayed]


@settings(max_examples=25)
@given(st.lists(ROW, min_size=3, max_size=8))
def test_the_share_of_draws_at_the_top_is_what_drawing_again_gives(rows: Rows) -> None:
    rules = scenes.rules(draws=40, top=2)
    assert stay_at_top(weigh(*frames(rows), rules), rules).tolist() == redraw(rows, rules)


def test_draws_in_pieces_are_the_same_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    rows = [[(float(v), 1.0) for v in rng.random(len(NAMES))] for _ in range(30)]
    rules = scenes.rules(draws=200, top=5)
    worth = weigh(*frames(rows), rules)
    whole = stay_at_top(worth, rules)
    assert ((whole > 0) & (whole < 1)).any()  # some come and go
    monkeypatch.setattr(sys.modules[weigh.__module__], "_CELLS", 100)
    np.testing.assert_array_equal(stay_at_top(worth, rules), whole)


def test_as_many_candidates_as_places_are_always_at_the_top() -> None:
    rows: Rows = [[(0.5, 1.0)] * len(NAMES), [(None, 0.0)] * len(NAMES)]
    rules = scenes.rules(draws=10, top=2)
    assert stay_at_top(weigh(*frames(rows), rules), rules).tolist() == [1.0, 1.0]


def pivots(rows: Rows) -> list[tuple[object, object, object, object]]:
    """Move one fact at a time and look at the places, candidate by candidate."""
    lows = [round(interval(row)[0], 9) for row in rows]
    found: list[tuple[object, object, object, object]] = []
    for i, row in enumerate(rows):
        told: list[object] = []
        before = 1 + sum(other > lows[i] for other in lows)
        up = [WEIGHT[name] * (1 - known) for name, (_, known) in zip(NAMES, row, strict=True)]
        down = [WEIGHT[name] * part for name, part in zip(NAMES, parts(row), strict=True)]
        for sign, steps in ((1, up), (-1, down)):
            at = max(range(len(steps)), key=lambda k: (round(steps[k], 9), -k))
            moved = round(lows[i] + sign * 100 * steps[at] / TOTAL, 9)
            others = lows[:i] + lows[i + 1 :]
            after = 1 + sum(other > moved for other in others)
            told += [NAMES[at], after] if after != before else [None, None]
        found.append(tuple(told))  # type: ignore[arg-type]
    return found


@given(st.lists(ROW, min_size=1, max_size=8))
def test_pivots_are_the_facts_that_move_a_candidate_the_farthest(rows: Rows) -> None:
    worth = weigh(*frames(rows), scenes.RULES)
    told = find_pivots(worth, score(worth))
    columns = ["pivot_up", "rank_up", "pivot_down", "rank_down"]
    got = [
        tuple(None if pd.isna(v) else v for v in row)
        for row in told[columns].itertuples(index=False, name=None)
    ]
    assert got == pivots(rows)


def test_a_pivot_that_moves_nobody_past_a_neighbour_is_not_told() -> None:
    told = everything([[(0.5, 1.0)] * len(NAMES)]).iloc[0]
    assert told[["pivot_up", "rank_up", "pivot_down", "rank_down"]].isna().all()


def test_one_fact_found_out_lifts_the_second_past_the_first() -> None:
    first: list[tuple[float | None, float]] = [(0.5, 1.0)] * len(NAMES)
    second = [(None, 0.0), (0.6, 1.0), *first[2:]]
    told = everything([first, second])
    assert NAMES[0] == "active_holder"
    assert told["pivot_up"].tolist()[1] == "active_holder"
    assert told["rank_up"].tolist()[1] == 1
    assert told["pivot_down"].tolist()[0] == "active_holder"
    assert pd.isna(told["pivot_up"][0])
