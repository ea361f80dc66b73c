"""A scenario's outcome in numbers, for pages and machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

import pandas as pd

from geoasm.amendments.choose import Chosen
from geoasm.amendments.effects import Effects, has_flag
from geoasm.amendments.stated import Scenario, Where
from geoasm.codes import (
    SHAKEN_FLAGS,
    AsmClass,
    CandidateMove,
    Flag,
    LeftAlone,
    MeasureKind,
    Pathway,
)
from geoasm.law import LawAt
from geoasm.model import Result


def tally(
    scenario: Scenario,
    chosen: Sequence[Chosen],
    laws: tuple[LawAt, LawAt],
    runs: tuple[Result, Result],
    effects: Effects,
) -> dict[str, Any]:
    """
    Count what a scenario supposes and what it moves.

    Parameters
    ----------
    laws, runs
        Of the baseline, and of the scenario.

    Returns
    -------
    tally
        Values that JSON knows; holders of a condition are counted and not named.
    """
    before, after = runs
    both = effects.registrations
    moved = both["reason"].notna()
    done_a, done_b = (both[f"pathway_{side}"] == Pathway.COMPLETE_FORMALIZATION for side in "ab")
    return {
        "supposed": {
            "day": [str(run.summary["on"]) for run in runs] if scenario.on else None,
            "position_sigma_m": _pair(laws, runs, "position_sigma_m")
            if scenario.position_sigma_m
            else None,
            "stacked": [run.manifest["options"]["stacked"] for run in runs]
            if scenario.stacked
            else None,
            "parameters": _parameters(scenario, laws),
            "rules": [
                {"id": name, **{k: v for k, v in asdict(change).items() if v}}
                for name, change in scenario.rules.items()
            ],
            "area_levels": [asdict(change) for change in scenario.area_levels],
            "measures": [_measure(one, both) for one in chosen],
        },
        "registrations": len(both),
        "moved": int(moved.sum()),
        "class_moved": int((both["class_a"] != both["class_b"])[moved].sum()),
        "completion": {
            "gained": int((done_b & ~done_a).sum()),
            "lost": int((done_a & ~done_b).sum()),
        },
        "by_reason": _counts(both.loc[moved, "reason"]),
        "classes": _beside(both, "class", AsmClass),
        "pathways": _beside(both, "pathway", Pathway),
        "candidates": {
            "a": int(effects.candidates["in_a"].sum()),
            "b": int(effects.candidates["in_b"].sum()),
            **{str(m): int((effects.candidates["move"] == m).sum()) for m in CandidateMove},
        },
        "certainty": [_certainty(run.registrations) for run in (before, after)],
        "balanced": not effects.faults,
    }


def _pair(laws: tuple[LawAt, LawAt], runs: tuple[Result, Result], name: str) -> list[float | None]:
    return [
        run.manifest["options"].get(name) or law.may_number(name)
        for law, run in zip(laws, runs, strict=True)
    ]


def _parameters(scenario: Scenario, laws: tuple[LawAt, LawAt]) -> list[dict[str, Any]]:
    return [
        {"name": name, "a": laws[0].parameters.get(name), "b": laws[1].parameters.get(name)}
        for name in scenario.parameters
    ]


def _measure(chosen: Chosen, both: pd.DataFrame) -> dict[str, Any]:
    left = dict(chosen.left_alone)
    concerned = both.loc[both.index.isin(chosen.registration_ids)]
    if chosen.measure.kind is MeasureKind.CONTRACTS_SIGNED:
        same = concerned["class_a"].eq(concerned["class_b"])
        unsigned = ~has_flag(concerned["flags_b"], Flag.HAS_CONTRACT) & same
        concerned = concerned[~unsigned.to_numpy(dtype=bool)]
        if unsigned.any():
            left[LeftAlone.NO_NUMBER] = int(unsigned.sum())
    return {
        "kind": chosen.measure.kind,
        "free": chosen.measure.free,
        "where": _where(chosen.measure.where),
        "rights": len(chosen.concession_ids),
        "area_ha": round(chosen.area_ha, 4),
        "registrations": len(concerned),
        "moved": int(concerned["reason"].notna().sum()),
        "left_alone": {str(reason): n for reason, n in left.items()},
    }


def _where(where: Where) -> dict[str, Any]:
    """Give the conditions that are stated; of holders only how many, as they may be persons."""
    stated = {f.name: getattr(where, f.name) for f in fields(Where)}
    stated["holder"] = len(where.holder) or None
    return {name: value for name, value in stated.items() if value not in ((), None)}


def _beside(
    both: pd.DataFrame, name: str, order: type[AsmClass] | type[Pathway]
) -> list[dict[str, Any]]:
    one, other = both[f"{name}_a"], both[f"{name}_b"]
    a, b = _counts(one), _counts(other)
    out, into = _counts(one[one != other]), _counts(other[one != other])
    return [
        {"code": c, "a": a.get(c, 0), "b": b.get(c, 0), "out": out.get(c, 0), "in": into.get(c, 0)}
        for c in map(str, order)
        if c in a or c in b
    ]


def _certainty(registered: pd.DataFrame) -> Mapping[str, Any]:
    probability = registered["class_probability"]
    shaken = pd.Series(False, index=registered.index)
    for flag in SHAKEN_FLAGS:
        shaken |= has_flag(registered["flags"], flag)
    expected = probability.sum() if probability.notna().any() else None
    return {
        "weighed": int(probability.notna().sum()),
        "expected_elsewhere": None if expected is None else float((1 - probability).sum()),
        "shaken": int(shaken.sum()),
    }


def _counts(codes: pd.Series) -> dict[str, int]:
    return {str(code): int(n) for code, n in codes.dropna().value_counts().sort_index().items()}
