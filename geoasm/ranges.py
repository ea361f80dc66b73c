"""Shares of a summary with the range that position error leaves them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from geoasm.position_error import RADIUS_95
from geoasm.summarize import funnel_steps

Row = dict[str, Any]

_TWO_SIDED_95 = 1.959964
_ROUND_OFF = 1e-12  # of what is certain
_DECIMALS = 9  # the order of summation shows behind them


def add_ranges(
    summary: Mapping[str, Any],
    registrations: pd.DataFrame,
    possible: pd.DataFrame,
    registrants: str,
) -> dict[str, Any]:
    """
    Give the shares of funnel and classes `share_expected`, `share_low` and `share_high`.

    The expected share counts each registration by its probabilities. With errors that do not depend
    on one another its variance is the sum of theirs (of the ratio, where the denominator is
    uncertain, too, to first order). The range is 95 % around the expected share, and wide enough to
    hold the share as stated.

    Parameters
    ----------
    registrations
        As written: `activity`, `basis`, `flags`, `position_sigma_m`.
    possible
        Of `confidence.measure`.

    Returns
    -------
    summary
        The same with those keys, and `position_error`: `sigma_m` (median, metres per axis),
        `radius_95_m`, `sigma_low_m`, `sigma_high_m`.
    """
    at = possible["registration"].to_numpy()
    stated = registrations[["activity", "basis", "flags"]].iloc[at].set_axis(possible.index)
    answers = possible.join(stated)
    n = len(registrations)
    found = {
        name: _range(answers, mask, of, n)
        for name, mask, of, _ in funnel_steps(answers, registrants)
    }
    everything = pd.Series(True, index=answers.index)
    by_class = {
        row["asm_class"]: _range(answers, answers["asm_class"] == row["asm_class"], everything, n)
        for row in summary["tables"]["by_class"]
    }
    classes = [_widen(row, by_class[row["asm_class"]]) for row in summary["tables"]["by_class"]]
    return {
        **summary,
        "funnel": [_widen(row, found[row["step"]]) for row in summary["funnel"]],
        "tables": {**summary["tables"], "by_class": classes},
        "position_error": _describe(registrations["position_sigma_m"].dropna()),
    }


def _range(
    answers: pd.DataFrame, mask: pd.Series, of: pd.Series, n: int
) -> tuple[float, float] | None:
    """Give the expected share, and half of its range; None where nobody is counted."""
    at, weight = answers["registration"].to_numpy(), answers["probability"].to_numpy()
    part = np.bincount(at, weight * mask.to_numpy(dtype=bool), n)
    whole = np.bincount(at, weight * of.to_numpy(dtype=bool), n)
    if not whole.sum():
        return None
    share = part.sum() / whole.sum()
    square = part * (1 - share) ** 2 + (whole - part) * share**2
    variance = square - (part - share * whole) ** 2
    deviation = np.sqrt(variance[variance > _ROUND_OFF].sum())
    half = _TWO_SIDED_95 * deviation / whole.sum()
    return round(float(share), _DECIMALS), round(float(half), _DECIMALS)


def _widen(row: Mapping[str, Any], found: tuple[float, float] | None) -> Row:
    if found is None or row["share"] is None:
        return {**row, "share_expected": None, "share_low": None, "share_high": None}
    share, half = found
    return {
        **row,
        "share_expected": share,
        "share_low": max(0.0, min(row["share"], share - half)),
        "share_high": min(1.0, max(row["share"], share + half)),
    }


def _describe(sigma_m: pd.Series) -> Row:
    if sigma_m.empty:
        return {}
    return {
        "sigma_m": float(sigma_m.median()),
        "radius_95_m": float(RADIUS_95 * sigma_m.median()),
        "sigma_low_m": float(sigma_m.min()),
        "sigma_high_m": float(sigma_m.max()),
    }
