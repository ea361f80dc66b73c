"""Which right goes before which: between two rights, and in the stack at a point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm.codes import ConcessionStatus, PairRole
from geoasm.law import Criterion, LawAt

Positions = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

FIRST, SIMULTANEOUS, SECOND = -1, 0, 1
OPEN = 2  # nobody can tell
SIMULTANEOUS_RELATION, OPEN_RELATION = "simultaneous", "unknown"

_HOUR = (
    r"^\s*(?P<hour>\d{1,2})\s*:?\s*(?P<minute>[0-5]\d)(?:\s*:?\s*(?P<second>[0-5]\d)(?:\.\d*)?)?"
    r"\s*(?:(?P<half>[AaPp])\.?\s?[Mm]\.?)?\s*$"
)
_HOURS, _SECONDS = 24, 3600


@dataclass(frozen=True)
class _Places:
    """A column as numbers of which the smaller goes before: NaN where it says nothing."""

    number: npt.NDArray[np.float64]
    unreadable: Bools  # it says something that nobody can order


def compare(
    concessions: pd.DataFrame, first: Positions, second: Positions, law: LawAt
) -> pd.DataFrame:
    """
    Tell for each pair of rights which goes before the other, by the criteria of the law in order.

    Dates and hours refine one another: where one of them is missing on one side the question stays
    open, and where both lack it too, unless what stands before it in the law was known and equal.

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
        places = _places(criterion, concessions)
        a, b = places.number[first], places.number[second]
        lacking = np.isnan(a).astype(np.int8) + np.isnan(b)
        settled = undecided & (lacking == 0) & (a != b)
        senior[settled] = np.where(a[settled] < b[settled], FIRST, SECOND)
        relation[settled] = criterion.relation
        undecided &= ~settled
        if (
            criterion.order
        ):  # a value outside the order decides nothing, nor are two of one group equal
            continue
        unreadable = places.unreadable[first] | places.unreadable[second]
        undecided &= (lacking == 0) | ((lacking == 2) & equal_seen & ~unreadable)
        equal_seen |= undecided
    tied = undecided & equal_seen
    senior[tied] = SIMULTANEOUS
    relation[tied] = SIMULTANEOUS_RELATION
    return pd.DataFrame({"senior": senior, "relation": pd.Series(relation, dtype="str")})


def _places(criterion: Criterion, concessions: pd.DataFrame) -> _Places:
    n = len(concessions)
    if criterion.by not in concessions:
        return _Places(np.full(n, np.nan), np.zeros(n, dtype=bool))
    column = concessions[criterion.by]
    if criterion.order:
        group = {value: float(i) for i, values in enumerate(criterion.order) for value in values}
        number = column.map(group)
    elif pd.api.types.is_datetime64_any_dtype(column):
        days = pd.Series(column.to_numpy(dtype="datetime64[D]").astype("int64"), column.index)
        number = days.where(column.notna())
    else:
        codes, distinct = pd.factorize(column)
        number = pd.Series(np.append(_seconds(pd.Series(distinct)), np.nan)[codes], column.index)
    number = number.to_numpy(dtype=float, na_value=np.nan)
    return _Places(number, column.notna().to_numpy(dtype=bool) & np.isnan(number))


def _seconds(hours: pd.Series) -> npt.NDArray[np.float64]:
    """Read hours of the day as cadastres write them: 9:05, 09:05:30, 0905, 02:30 p.m."""
    parts = hours.astype("str").str.extract(_HOUR)
    hour = parts["hour"].astype(float)
    half = parts["half"].str.lower()
    hour = hour.where(half.isna() | hour.between(1, _HOURS // 2))
    hour = hour.where(half.isna(), hour % (_HOURS // 2) + (half == "p") * (_HOURS // 2))
    minute, second = parts["minute"].astype(float), parts["second"].astype(float).fillna(0)
    seconds = hour.where(hour < _HOURS) * _SECONDS + minute * 60 + second
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
        NA outside the stack, where the order to every other right is open, and in a stack whose
        order runs in a circle) and `role`.
    """
    rows = np.flatnonzero(pairs["covered"].to_numpy(dtype=bool))
    registration = pairs["registration"].to_numpy()[rows]
    right = pairs["concession"].to_numpy()[rows]
    first, second = _couples(registration)
    verdict = compare(concessions, right[first], right[second], law)["senior"].to_numpy()

    def count(*outcomes: tuple[Positions, int]) -> Positions:
        ends = [end[verdict == outcome] for end, outcome in outcomes]
        return np.bincount(np.concatenate(ends), minlength=len(rows))

    before = count((second, FIRST), (first, SECOND))
    tied = count((first, SIMULTANEOUS), (second, SIMULTANEOUS)) > 0
    unsure = count((first, OPEN), (second, OPEN))
    others = np.bincount(np.concatenate([first, second]), minlength=len(rows))
    in_front = pd.Series(before).groupby(registration).transform("min").to_numpy()
    no_place = ((others > 0) & (unsure == others)) | (in_front > 0)
    role = np.select(
        [no_place | ((unsure > 0) & (before == 0)), (before == 0) & tied, before == 0],
        [PairRole.UNKNOWN.value, PairRole.SIMULTANEOUS.value, PairRole.PRIOR.value],
        PairRole.LATER.value,
    )
    status = concessions["status"].to_numpy(dtype=object)[right]
    role = np.where(status == ConcessionStatus.EXTINCT, PairRole.EXTINCT.value, role)
    ranks = np.full(len(pairs), np.nan)
    ranks[rows] = np.where(no_place, np.nan, before + 1)
    roles = np.full(len(pairs), PairRole.ADJOINING.value, dtype=object)
    roles[rows] = role
    out = pairs.copy()
    out["seniority"] = pd.Series(ranks, index=pairs.index).astype("Int64")
    out["role"] = pd.Series(roles, index=pairs.index, dtype="str")
    return out


def outranked(
    registration: Positions, right: Positions, concessions: pd.DataFrame, law: LawAt
) -> Bools:
    """
    Tell which rights another one of the same registration goes before.

    Where the order runs in a circle, so that somebody goes before everybody, nobody is outranked.
    """
    first, second = _couples(registration)
    verdict = compare(concessions, right[first], right[second], law)["senior"].to_numpy()
    behind = np.zeros(len(right), dtype=bool)
    behind[second[verdict == FIRST]] = True
    behind[first[verdict == SECOND]] = True
    circle = pd.Series(behind).groupby(registration).transform("all").to_numpy(dtype=bool)
    out: Bools = behind & ~circle
    return out


def _couples(group: Positions) -> tuple[Positions, Positions]:
    """Give every two members of each group once, as positions."""
    order = np.argsort(group, kind="stable")
    ends = np.flatnonzero(np.diff(group[order], append=-1)) + 1
    end = np.repeat(ends, np.diff(ends, prepend=0))
    at = np.arange(len(group))
    later = end - at - 1
    first = np.repeat(at, later)
    second = first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(later) - later, later)
    return order[first], order[second]


def sort_key(concessions: pd.DataFrame) -> pd.Series:
    """Give each right its place in a list: by filing date, the undated and then the extinct last."""
    listed = concessions.assign(is_extinct=concessions["status"] == ConcessionStatus.EXTINCT)
    order = listed.sort_values(
        ["is_extinct", "filed_on", "concession_id"], na_position="last", kind="stable"
    ).index
    return pd.Series(np.arange(len(order)), index=order).reindex(concessions.index)
