"""Counts of a dossier: registrations by what they are, factors of candidates in rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoasm.codes import ASSESSED, AsmClass, FactorName, Flag
from geoasm.dossier import CountsFor, Dossier, Place
from geoasm.model import CandidateRules

DIMENSIONS = ("asm_class", "status", "activity", "registrant_kind", "not_counted")


def count_registrations(dossier: Dossier) -> pd.DataFrame:
    """
    Count registrations on and near the subject's rights.

    What counts towards coexistence is counted of those on the rights alone: near ones count for
    another holder's right, or for none.

    Returns
    -------
    counts
        `dimension` (one of `DIMENSIONS`; `not_counted` only where candidates are weighed), `code`
        (empty where a registration has none; of those that count, whom for), `n_on`, `n_on_title`,
        `n_near`, missing of what counts or does not; of classes also `probability`, the mean of those
        on the rights that have one, and `n_edge`, those on the rights whose class the position's error
        may change.
    """
    rows = dossier.registrations
    marks = pd.DataFrame(
        {
            "n_on": rows["is_on"],
            "n_on_title": rows["place"] == Place.ON_TITLE,
            "n_near": rows["near_id"].notna(),
        }
    )
    parts = []
    for dimension in DIMENSIONS:
        code = rows[dimension]
        if dimension == "not_counted":
            if not dossier.weighed:
                continue
            code = code.fillna(rows["counts_for"])[rows["is_on"]]
        code = code.astype(object).where(code.notna(), "")
        counts = marks.loc[code.index].groupby(code.rename("code")).sum().astype("Int64")
        if dimension == "not_counted":
            counts["n_near"] = pd.array([pd.NA] * len(counts), dtype="Int64")
        parts.append(counts.reset_index().assign(dimension=dimension))
    out = pd.concat(parts, ignore_index=True)
    on = rows[rows["is_on"]]
    shaken = on["flags"].str.contains(Flag.EDGE_UNCERTAIN, regex=False).fillna(False).astype(bool)
    is_class = out["dimension"] == "asm_class"
    mean = on.groupby("asm_class")["class_probability"].mean()
    edge = on.loc[shaken, "asm_class"].value_counts()
    out["probability"] = out["code"].map(mean).where(is_class).astype("float64")
    out["n_edge"] = out["code"].map(edge).fillna(0).astype("Int64").where(is_class)
    order = {str(code): at for at, code in enumerate(AsmClass)}
    place = out["code"].map(order).where(is_class).fillna(len(order))
    counting = {str(whom): at - len(CountsFor) for at, whom in enumerate(CountsFor)}
    place = out["code"].map(counting).fillna(place)  # before what does not count
    out = out.assign(
        by_dimension=out["dimension"].map(DIMENSIONS.index),
        by_place=place,
        by_size=-out["n_on"] - out["n_near"].fillna(0),
    )
    out = out.sort_values(["by_dimension", "by_place", "by_size", "code"])
    return out.drop(columns=["by_dimension", "by_place", "by_size"]).reset_index(drop=True)


def list_factors(candidates: pd.DataFrame, rules: CandidateRules | None) -> pd.DataFrame:
    """
    Lay the factors of candidates out in rows: `rank`, `concession_id`, `factor`, `value`, `known`, `weight`.

    Factors of which nothing is known and that only an analyst tells are left out.
    """
    weights = {f.name: f.weight for f in rules.factors} if rules else {}
    parts = [
        pd.DataFrame(
            {
                "rank": candidates["rank"],
                "concession_id": candidates["concession_id"],
                "factor": str(name),
                "value": candidates[f"factor_{name}"],
                "known": candidates[f"known_{name}"],
                "weight": weights.get(name, np.nan),
            }
        )
        for name in FactorName
        if name not in ASSESSED or candidates[f"factor_{name}"].notna().any()
    ]
    rows = pd.concat(parts).astype({"factor": "str"})
    return rows.sort_values(["rank", "concession_id"], kind="stable").reset_index(drop=True)
