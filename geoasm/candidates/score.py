"""Scores as intervals, the order they give, how firm that order is, and on which facts it hangs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm.codes import RISKS
from geoasm.model import CandidateRules

Floats = npt.NDArray[np.float64]
_FULL = 100.0
_DIGITS = 9  # of a score: sums of the same parts in another order are the same score
_CELLS = 4_000_000  # scores worked out at a time


class Worth(NamedTuple):
    """What each factor (columns) is worth to each candidate (rows), from 0 to 1, and its weight."""

    low: Floats  # unknown at nought
    known: Floats
    weight: Floats
    names: list[str]


def weigh(values: pd.DataFrame, known: pd.DataFrame, rules: CandidateRules) -> Worth:
    """
    Turn values into what speaks for a candidate: merits as they are, risks as their absence.

    Parameters
    ----------
    values, known
        Of `factors.measure`.
    """
    names = [str(factor.name) for factor in rules.factors]
    value = values[names].fillna(0.0).to_numpy(dtype="float64")
    part = known[names].to_numpy(dtype="float64")
    is_risk = np.array([factor.name in RISKS for factor in rules.factors])
    good = np.where(is_risk, 1.0 - value, value)
    weight = np.array([factor.weight for factor in rules.factors])
    return Worth(good * part, part, weight, names)


def score(worth: Worth) -> pd.DataFrame:
    """Give `score_low`, `score_high` (0 to 100) and `coverage` (0 to 1)."""
    share = worth.weight / worth.weight.sum()
    low = (worth.low @ share) * _FULL
    coverage = worth.known @ share
    return pd.DataFrame(
        {
            "score_low": low.round(_DIGITS),
            "score_high": (low + (1.0 - coverage) * _FULL).round(_DIGITS),
            "coverage": coverage.round(_DIGITS),
        }
    )


def rank(scores: pd.DataFrame) -> pd.Series:
    """Give places by the lower end of the score, equal ones the same."""
    return scores["score_low"].rank(method="min", ascending=False).astype("Int64")


def stay_at_top(worth: Worth, rules: CandidateRules) -> Floats:
    """
    Tell in which share of draws of the weights each candidate is among the first.

    Each weight is drawn evenly between `1 - spread` and `1 + spread` times itself; the same seed gives
    the same draws.
    """
    rng = np.random.default_rng(rules.seed)
    draws = rng.uniform(1 - rules.spread, 1 + rules.spread, (rules.draws, len(worth.weight)))
    draws *= worth.weight
    draws /= draws.sum(axis=1, keepdims=True)
    n = len(worth.low)
    if n <= rules.top:
        return np.ones(n)
    stayed = np.zeros(n)
    at_a_time = max(1, _CELLS // n)
    for start in range(0, rules.draws, at_a_time):
        drawn = (worth.low @ draws[start : start + at_a_time].T).round(_DIGITS)
        last = np.partition(drawn, n - rules.top, axis=0)[n - rules.top]
        stayed += (drawn >= last).sum(axis=1)
    return stayed / rules.draws


def find_pivots(worth: Worth, scores: pd.DataFrame) -> pd.DataFrame:
    """
    Find the single fact that would move each candidate the farthest, up and down.

    Returns
    -------
    pivots
        `pivot_up`, `rank_up`: the unknown factor of the greatest weight left, and the place if it were
        found to be full; `pivot_down`, `rank_down`: the known factor that gives the most, and the place
        without it. Missing where the place would stay.
    """
    share = worth.weight / worth.weight.sum() * _FULL
    low = scores["score_low"].to_numpy()
    exact = worth.low @ share  # a step added to a rounded score would miss its equals
    places = rank(scores).to_numpy(dtype="int64")
    rising = np.sort(low)
    columns: dict[str, pd.Series] = {}
    for way, steps in (("up", (1.0 - worth.known) * share), ("down", -(worth.low * share))):
        widest = np.abs(steps).argmax(axis=1)
        moved = (exact + steps[np.arange(len(low)), widest]).round(_DIGITS)
        above = len(low) - np.searchsorted(rising, moved, side="right")
        above -= (low > moved).astype(int)  # it is not above itself
        at = above + 1
        changes = at != places
        name = np.array(worth.names, dtype=object)[widest]
        columns[f"pivot_{way}"] = pd.Series(name).where(changes).astype("str")
        columns[f"rank_{way}"] = pd.Series(at).astype("Int64").where(changes)
    return pd.DataFrame(columns)
