"""Evidence that a holder works a right, or does not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoasm.codes import HolderActivity
from geoasm.law import LawAt
from geoasm.schema import LIST_SEPARATOR


def judge(concessions: pd.DataFrame, law: LawAt, *, penalties: pd.DataFrame | None) -> pd.DataFrame:
    """
    Judge each right by the penalties paid for it: paying one says that nothing was produced.

    Parameters
    ----------
    penalties
        `concession_id`, `year`; years after the law's day are ignored.

    Returns
    -------
    activity
        `holder_activity`, `activity_evidence`, on the index of `concessions`. Absence of evidence
        never makes a right idle.
    """
    activity = pd.Series(HolderActivity.NO_EVIDENCE.value, index=concessions.index, dtype="str")
    evidence = pd.Series("", index=concessions.index, dtype="str")
    if penalties is None:
        return pd.DataFrame({"holder_activity": activity, "activity_evidence": evidence})
    window = law.number("idle_window_years")
    paid = penalties[["concession_id", "year"]].dropna().drop_duplicates()
    paid = paid[(paid["year"] <= law.on.year) & (paid["year"] > law.on.year - window)]
    paid = paid.sort_values(["concession_id", "year"])
    paid["text"] = "penalty " + paid["year"].astype("str")
    by_right = paid.groupby("concession_id")["text"]
    years = concessions["concession_id"].map(by_right.size()).fillna(0)
    listed = concessions["concession_id"].map(by_right.agg(LIST_SEPARATOR.join))
    idle = years >= law.number("idle_penalty_years")
    return pd.DataFrame(
        {
            "holder_activity": np.where(idle, HolderActivity.IDLE.value, activity),
            "activity_evidence": listed.astype("str").fillna(""),
        },
        index=concessions.index,
    ).astype("str")
