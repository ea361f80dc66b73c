"""Registrations, rights and rules in a line each, as the pipeline hands them to what follows from classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geoasm import schema
from geoasm.io.profiles import load_profile
from geoasm.model import CandidateRules

PE = load_profile("pe")
assert PE.candidates is not None
RULES: CandidateRules = PE.candidates

_REGISTRATION = {
    "registrant_kind": "natural",
    "status": "active",
    "activity": "extraction",
    "asm_class": "on_lsm_msm",
    "pathway": "coexistence_agreement",
    "title_relation": "third_party",
    "holder_stratum": "lsm_msm",
    "holder_activity": "active",
    "declared_relation": "none",
    "basis": "spatial",
    "setting": "unknown",
    "flags": "",
}
_RIGHT = {
    "status": "titled",
    "holder_stratum": "lsm_msm",
    "stratum_basis": "official",
    "holder_scale": "unknown",
    "holder_activity": "active",
    "activity_conflict": False,
    "is_joint": False,
}
LEDGER = {"right": 0, "kind": "production", "says": "worked", "counts": True, "scope": "right"}
LEDGER |= {"by_holder": True, "distance_m": 0.0}


def register(n: int, **columns: Any) -> pd.DataFrame:
    """Registrations that count, on titles of large holders, far from each other; others as stated."""
    frame = pd.DataFrame(dict.fromkeys(schema.REGISTRATIONS.names), index=range(n))
    given = {"registration_id": [f"{i:03}" for i in range(n)], "registrant_id": range(1, n + 1)}
    given["geometry"] = shapely.points(-75.0, -9.0 - 0.1 * np.arange(n))
    for name, value in {**_REGISTRATION, **given, **columns}.items():
        frame[name] = value
    return schema.conform(frame, schema.REGISTRATIONS)


def rights(n: int, **columns: Any) -> pd.DataFrame:
    """Titles of large holders at work, one holder each; others as stated."""
    frame = pd.DataFrame({"concession_id": [f"R{i}" for i in range(n)]}, dtype="str")
    given = {"holder_id": pd.array(range(1, n + 1), dtype="Int64")}
    given["geometry"] = np.full(n, shapely.box(-75, -9, -74.99, -8.99))
    for name, value in {**_RIGHT, **given, **columns}.items():
        frame[name] = value
    return frame


def ledger(*rows: dict[str, Any]) -> pd.DataFrame:
    """Evidence of work in a right, that of the holder; others as stated."""
    frame = pd.DataFrame([{**LEDGER, **row} for row in rows], columns=list(LEDGER))
    return frame.astype({"right": "int64", "counts": "bool", "by_holder": "boolean"})


def pairs(*rows: tuple[int, int]) -> pd.DataFrame:
    """Registrations and the rights that cover them."""
    frame = pd.DataFrame(rows, columns=["registration", "concession"], dtype="int64")
    return frame.assign(covered=True)


def affiliates(names: Sequence[str]) -> pd.DataFrame:
    """Who stands behind each right, one each."""
    return pd.DataFrame({"right": range(len(names)), "affiliate": pd.array(names, dtype="str")})


def overlaps(*rows: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["concession_id_a", "concession_id_b"], dtype="str")


def assessed(*rows: tuple[int, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["right", "factor", "value"])


def rules(*names: str, **changes: Any) -> CandidateRules:
    """Weigh only some factors; other numbers as stated."""
    chosen = tuple(f for f in RULES.factors if f.name in names) if names else RULES.factors
    return replace(RULES, factors=chosen, **changes)
