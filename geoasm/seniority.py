"""Which right goes before which: between two rights, and in the stack at a point."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm.codes import ConcessionStatus, PairRole
from geoasm.law import Criterion, LawAt

Ints = npt.NDArray[np.int8]

FIRST, SIMULTANEOUS, SECOND = -1, 0, 1
OPEN = 2  # nobody can tell
SIMULTANEOUS_RELATION, OPEN_RELATION = "simultaneous", "unknown"


def compare(
    concessions: pd.DataFrame,
    first: npt.NDArray[np.intp],
    second: npt.NDArray[np.intp],
    law: LawAt,
) -> pd.DataFrame:
    """
    Tell for each pair of rights which goes before the other, by the criteria of the law in order.

    Parameters
    ----------
    concessions
        The columns that the criteria name; an absent column counts as missing.
    first, second
        Positions of the two rights of each pair.

    Returns
    -------
    order
        RangeIndex: `senior` (int8: FIRST, SECOND, SIMULTANEOUS where all that is known is equal,
        OPEN where nobody can tell) and `relation` (why, from the criterion that decided).
    """
    n = len(first)
    senior = np.full(n, OPEN, dtype=np.int8)
    relation = np.full(n, OPEN_RELATION, dtype=object)
    undecided = np.ones(n, dtype=bool)
    equal_seen = np.zeros(n, dtype=bool)
    for criterion in law.seniority:
        verdict, equal, open_ = _apply(criterion, concessions, first, second)
        settled = undecided & (verdict != SIMULTANEOUS)
        senior[settled] = verdict[settled]
        relation[settled] = criterion.relation
        equal_seen |= undecided & equal
        undecided &= ~settled & ~open_
        equal_seen &= ~open_
    tied = undecided & equal_seen
    senior[tied] = SIMULTANEOUS
    relation[tied] = SIMULTANEOUS_RELATION
    return pd.DataFrame({"senior": senior, "relation": pd.Series(relation, dtype="str")})


def _apply(
    criterion: Criterion,
    concessions: pd.DataFrame,
    first: npt.NDArray[np.intp],
    second: npt.NDArray[np.intp],
) -> tuple[Ints, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Give the verdict of one criterion, where it found both equal, and where it ends the question."""
    place = _places(criterion, concessions)
    a, b = place[first], place[second]
    lacking_a, lacking_b = np.isnan(a), np.isnan(b)
    both = ~lacking_a & ~lacking_b
    verdict = np.sign(np.where(both, a, 0.0) - np.where(both, b, 0.0)).astype(np.int8)
    if criterion.order:  # a value outside the order decides nothing and is equal to nothing
        nowhere = np.zeros(len(a), dtype=bool)
        return verdict, nowhere, nowhere
    return verdict, both & (verdict == SIMULTANEOUS), lacking_a != lacking_b


def _places(criterion: Criterion, concessions: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Turn a column into numbers of which the smaller goes before; NaN where it says nothing."""
    if criterion.by not in concessions:
        return np.full(len(concessions), np.nan)
    column = concessions[criterion.by]
    if criterion.order:
        group = {value: i for i, values in enumerate(criterion.order) for value in values}
        return np.asarray(column.map(group), dtype=float)
    if pd.api.types.is_datetime64_any_dtype(column):
        days = column.to_numpy(dtype="datetime64[D]")
        return np.asarray(np.where(np.isnat(days), np.nan, days.astype("int64")), dtype=float)
    return _seconds(column)


def _seconds(hours: pd.Series) -> npt.NDArray[np.float64]:
    """Read hours of the day as cadastres write them: 9:05, 09:05:30, 0905."""
    parts = (
        hours.astype("str").str.extract(r"^\s*(\d{1,2}):?(\d{2})(?::?(\d{2}))?\s*$").astype(float)
    )
    seconds = parts[0] * 3600 + parts[1] * 60 + parts[2].fillna(0)
    return np.asarray(seconds, dtype=float)


def order_stacks(pairs: pd.DataFrame, concessions: pd.DataFrame, law: LawAt) -> pd.DataFrame:
    """
    Rank the rights at each point, the senior first.

    Parameters
    ----------
    pairs
        Linked pairs: `registration`, `concession` (positions), `covered`.
    concessions
        `status` and the columns that the law's criteria name.

    Returns
    -------
    pairs
        The same rows and index with `seniority` (Int64: 1 and the number of rights that go before;
        NA outside the stack, or where the order to every other right is open) and `role`.
    """
    covered = pairs["covered"].to_numpy(dtype=bool)
    stack = pairs.loc[covered, ["registration", "concession"]].reset_index(names="pair")
    both = stack.merge(stack, on="registration", suffixes=("", "_other"))
    both = both[both["pair"] != both["pair_other"]]
    order = compare(
        concessions, both["concession"].to_numpy(), both["concession_other"].to_numpy(), law
    )
    verdict = order["senior"].to_numpy()
    pair = both["pair"].to_numpy()
    counted = (
        pd.DataFrame(
            {"before": verdict == SECOND, "tied": verdict == SIMULTANEOUS, "open": verdict == OPEN}
        )
        .groupby(pair)
        .agg(["sum", "all"])
    )
    counted = counted.reindex(stack["pair"])
    before = counted[("before", "sum")].fillna(0)
    all_open = counted[("open", "all")].fillna(False).to_numpy(dtype=bool)
    any_open = counted[("open", "sum")].fillna(0).to_numpy() > 0
    tied = counted[("tied", "sum")].fillna(0).to_numpy() > 0
    rank = (before + 1).mask(all_open)
    role = np.select(
        [all_open | (any_open & (before == 0)), (before == 0) & tied, before == 0],
        [PairRole.UNKNOWN.value, PairRole.SIMULTANEOUS.value, PairRole.PRIOR.value],
        PairRole.LATER.value,
    )
    status = concessions["status"].to_numpy(dtype=object)[stack["concession"]]
    role = np.where(status == ConcessionStatus.EXTINCT, PairRole.EXTINCT.value, role)
    out = pairs.copy()
    out["seniority"] = rank.reindex(pairs.index).astype("Int64")
    places = pd.Series(role, index=stack["pair"].to_numpy(), dtype=object)
    out["role"] = places.reindex(pairs.index).fillna(PairRole.ADJOINING.value).astype("str")
    return out


def sort_key(concessions: pd.DataFrame) -> pd.Series:
    """Give each right its place in a list: by filing date, the undated and then the extinct last."""
    listed = concessions.assign(is_extinct=concessions["status"] == ConcessionStatus.EXTINCT)
    order = listed.sort_values(
        ["is_extinct", "filed_on", "concession_id"], na_position="last", kind="stable"
    ).index
    return pd.Series(np.arange(len(order)), index=order).reindex(concessions.index)
