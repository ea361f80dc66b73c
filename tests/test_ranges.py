"""Shares with the range that position error leaves them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geoasm.ranges import add_ranges

N = 200


def register(**columns: object) -> pd.DataFrame:
    same = {"activity": "extraction", "basis": "spatial", "flags": "", "position_sigma_m": 100.0}
    return pd.DataFrame({**same, **columns}, index=pd.RangeIndex(N))


def answer(kind: str, rows: np.ndarray, share: float | np.ndarray) -> pd.DataFrame:
    """Give rows one of three answers with a probability."""
    axes = {
        "lsm": ("on_lsm_msm", "third_party", "lsm_msm", 1),
        "small": ("on_small_scale", "third_party", "small_scale", 1),
        "open": ("open_ground", "none", "unknown", 0),
    }
    name, relation, stratum, n = axes[kind]
    return pd.DataFrame(
        {
            "registration": rows,
            "probability": share,
            "asm_class": name,
            "title_relation": relation,
            "holder_stratum": stratum,
            "stratum_basis": "official",
            "n_rights": n,
            "n_titles": n,
        }
    )


def summary(step: str, share: float | None, asm_class: str = "on_lsm_msm") -> dict:
    row = {"share": share}
    return {
        "funnel": [{"step": step, **row}],
        "tables": {"by_class": [{"asm_class": asm_class, **row}]},
    }


def test_certain_answers_have_no_range() -> None:
    possible = answer("lsm", np.arange(N), 1.0)
    out = add_ranges(summary("third_party_lsm_msm", 1.0), register(), possible, "persons")
    for row in (*out["funnel"], *out["tables"]["by_class"]):
        assert (row["share_low"], row["share_expected"], row["share_high"]) == (1.0, 1.0, 1.0)


def test_range_is_that_of_independent_errors_one_by_one() -> None:
    rng = np.random.default_rng(5)
    p = rng.random((N, 3))
    p /= p.sum(axis=1, keepdims=True)
    rows = np.arange(N)
    kinds = ("lsm", "small", "open")
    possible = pd.concat([answer(k, rows, p[:, i]) for i, k in enumerate(kinds)], ignore_index=True)
    drawn = (rng.random((4000, N, 1)) > p.cumsum(axis=1)).sum(axis=2)
    lsm, small = (drawn == 0).sum(axis=1), (drawn == 1).sum(axis=1)
    ratio, part = lsm / (lsm + small), lsm / N
    out = add_ranges(summary("third_party_lsm_msm", ratio.mean()), register(), possible, "persons")
    funnel = out["funnel"][0]
    assert funnel["share_expected"] == pytest.approx(ratio.mean(), abs=0.003)
    assert funnel["share_high"] - funnel["share_low"] == pytest.approx(3.92 * ratio.std(), rel=0.06)
    by_class = add_ranges(summary("all", part.mean()), register(), possible, "persons")
    row = by_class["tables"]["by_class"][0]
    assert row["share_expected"] == pytest.approx(p[:, 0].mean(), abs=1e-9)
    assert row["share_high"] - row["share_low"] == pytest.approx(3.92 * part.std(), rel=0.06)


def test_range_holds_the_share_as_stated() -> None:
    rows = np.arange(N)
    possible = pd.concat([answer("lsm", rows, 0.9), answer("open", rows, 0.1)], ignore_index=True)
    out = add_ranges(summary("all", 1.0), register(), possible, "persons")
    row = out["tables"]["by_class"][0]
    assert row["share_expected"] == pytest.approx(0.9)
    assert row["share_high"] == 1.0
    assert row["share_low"] == pytest.approx(0.9 - 1.96 * np.sqrt(0.09 / N), abs=1e-4)


def test_no_share_has_no_range() -> None:
    possible = answer("open", np.arange(N), 1.0)
    row = add_ranges(summary("third_party_lsm_msm", None), register(), possible, "persons")[
        "funnel"
    ][0]
    assert (row["share_low"], row["share_expected"], row["share_high"]) == (None, None, None)


def test_error_is_described_by_its_median_and_ends() -> None:
    sigma = np.r_[np.full(N - 2, 100.0), 350.0, np.nan]
    possible = answer("lsm", np.arange(N), 1.0)
    given = add_ranges(summary("all", 1.0), register(position_sigma_m=sigma), possible, "persons")
    error = given["position_error"]
    assert error["sigma_m"] == 100
    assert error["radius_95_m"] == pytest.approx(245, abs=0.5)
    assert (error["sigma_low_m"], error["sigma_high_m"]) == (100, 350)
