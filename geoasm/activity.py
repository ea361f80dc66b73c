"""What the evidence on a right adds up to: worked, idle, or nothing that says so."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoasm.codes import EvidenceSays, EvidenceScope, HolderActivity
from geoasm.law import LawAt
from geoasm.parsing.text import join_groups
from geoasm.schema import LIST_SEPARATOR


def judge(ledger: pd.DataFrame, n: int, law: LawAt) -> pd.DataFrame:
    """
    Judge `n` rights by their evidence.

    Active: a piece that counts says that the right is worked. Idle: penalties, which say that nothing
    was produced, in `idle_penalty_years` of the last years, and nothing that counts says that it is
    worked or disputes it. Both at once is a conflict, and not idle. Absence never makes a right idle.

    Parameters
    ----------
    ledger
        Frame of `evidence.Ledger`.

    Returns
    -------
    activity
        RangeIndex of `n`: `holder_activity`, `activity_evidence` (what counts, as kind, year and
        place, joined by ;), `activity_conflict` (boolean).
    """
    counting = ledger[ledger["counts"].to_numpy(dtype=bool)]

    def has(says: EvidenceSays) -> np.ndarray:
        mask = np.zeros(n, dtype=bool)
        mask[counting.loc[counting["says"] == says, "right"].to_numpy(dtype=np.intp)] = True
        return mask

    unworked = counting[counting["says"] == EvidenceSays.NOT_WORKED]
    years = unworked.drop_duplicates(["right", "year"])["right"].value_counts()
    enough = years.reindex(range(n)).fillna(0).to_numpy() >= law.number("idle_penalty_years")
    worked, disputed = has(EvidenceSays.WORKED), has(EvidenceSays.DISPUTES)
    activity = np.select(
        [worked, enough & ~disputed],
        [HolderActivity.ACTIVE.value, HolderActivity.IDLE.value],
        HolderActivity.NO_EVIDENCE.value,
    )
    return pd.DataFrame(
        {
            "holder_activity": pd.array(activity, dtype="str"),
            "activity_evidence": _spell(counting).reindex(range(n)).fillna("").astype("str").array,
            "activity_conflict": enough & (worked | disputed),
        }
    )


def _spell(counting: pd.DataFrame) -> pd.Series:
    """Write what counts on each right, the place where it is not the right itself."""
    year = counting["year"].astype("str").where(counting["year"].notna(), "")
    place = counting["scope"].where(counting["scope"] != EvidenceScope.RIGHT, "")
    text = (counting["kind"] + " " + year + " " + place).str.replace(r"\s+", " ", regex=True)
    told = pd.DataFrame({"right": counting["right"], "text": text.str.strip()}).drop_duplicates()
    told = told.sort_values(["right", "text"])
    return join_groups(told["text"], told["right"], LIST_SEPARATOR)
