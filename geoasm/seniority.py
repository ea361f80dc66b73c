"""Which right goes before which: the order of the stack at a point."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoasm.codes import ConcessionStatus, PairRole


def order_stacks(pairs: pd.DataFrame, concessions: pd.DataFrame) -> pd.DataFrame:
    """
    Rank the rights at each point by filing date, the earliest first.

    Parameters
    ----------
    pairs
        Linked pairs: `registration`, `concession` (positions), `covered`.
    concessions
        `concession_id`, `filed_on`, `status`.

    Returns
    -------
    pairs
        The same rows and index with `seniority` (Int64, 1 the most senior of the dated rights,
        equal dates equal rank; NA outside the stack and where the date is missing) and `role`.
    """
    filed_on = concessions["filed_on"].to_numpy()[pairs["concession"]]
    status = concessions["status"].to_numpy(dtype=object)[pairs["concession"]]
    stack = pd.DataFrame(
        {"registration": pairs["registration"], "filed_on": filed_on}, index=pairs.index
    )[pairs["covered"].to_numpy(dtype=bool)]
    size = stack.groupby("registration")["filed_on"].transform("size")
    dated = stack[stack["filed_on"].notna()]
    rank = dated.groupby("registration")["filed_on"].rank("min")
    rank = rank.reindex(stack.index).mask(size == 1, 1)
    first = (rank == 1).groupby(stack["registration"]).transform("sum")
    role = pd.Series(PairRole.LATER.value, index=stack.index, dtype=object)
    role[rank == 1] = PairRole.PRIOR.value
    role[(rank == 1) & (first > 1)] = PairRole.SIMULTANEOUS.value
    role[rank.isna()] = PairRole.UNKNOWN.value
    out = pairs.copy()
    out["seniority"] = rank.reindex(pairs.index).astype("Int64")
    out["role"] = role.reindex(pairs.index).fillna(PairRole.ADJOINING.value)
    is_extinct = (status == ConcessionStatus.EXTINCT) & pairs["covered"].to_numpy(dtype=bool)
    out["role"] = out["role"].mask(is_extinct, PairRole.EXTINCT.value).astype("str")
    return out


def sort_key(concessions: pd.DataFrame) -> pd.Series:
    """Give each right its place when rights are listed senior first; undated last, then by code."""
    order = concessions.sort_values(
        ["filed_on", "concession_id"], na_position="last", kind="stable"
    ).index
    return pd.Series(np.arange(len(order)), index=order).reindex(concessions.index)
