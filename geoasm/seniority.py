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
Codes = npt.NDArray[np.int8]

FIRST, SIMULTANEOUS, SECOND = -1, 0, 1
OPEN = 2  # nobody can tell
SIMULTANEOUS_RELATION, OPEN_RELATION = "simultaneous", "unknown"

_HOUR = (
    r"^\s*(?P<hour>\d{1,2})\s*:?\s*(?P<minute>[0-5]\d)(?:\s*:?\s*(?P<second>[0-5]\d)(?:\.\d*)?)?"
    r"\s*(?:(?P<half>[AaPp])\.?\s?[Mm]\.?)?\s*$"
)
_HOURS, _SECONDS = 24, 3600

NOT_SAID, UNREADABLE = np.iinfo(np.int64).min, np.iinfo(np.int64).min + 1
NO_PLACE = 0
_ROLES = (PairRole.UNKNOWN, PairRole.SIMULTANEOUS, PairRole.PRIOR, PairRole.LATER, PairRole.EXTINCT)


@dataclass(frozen=True)
class Order:
    """
    What the law's criteria ask of each right, as numbers of which the smaller goes before.

    `numbers` holds int64 per right for each of `criteria`: NOT_SAID where the right says nothing,
    UNREADABLE where it says what nobody can order. `listed` is each right's place among all by filing
    date, the undated last, then code; `is_extinct` sets those apart that only ever go last.
    """

    criteria: tuple[Criterion, ...]
    numbers: tuple[npt.NDArray[np.int64], ...]
    listed: Positions
    is_extinct: Bools

    def compare(self, first: Positions, second: Positions) -> tuple[Codes, Positions]:
        """
        Tell for each pair of rights (positions) which goes before, as `compare` does.

        Returns
        -------
        senior, decided_by
            FIRST, SECOND, SIMULTANEOUS or OPEN; position of the criterion that told, -1 for none.
        """
        senior = np.full(len(first), OPEN, dtype=np.int8)
        decided_by = np.full(len(first), -1)
        equal_seen = np.zeros(len(first), dtype=bool)
        rows = np.arange(len(first))
        for i, (criterion, number) in enumerate(zip(self.criteria, self.numbers, strict=True)):
            a, b = number[first[rows]], number[second[rows]]
            known = (a > UNREADABLE) & (b > UNREADABLE)
            settled = known & (a != b)
            senior[rows[settled]] = np.where(a[settled] < b[settled], FIRST, SECOND)
            decided_by[rows[settled]] = i
            if criterion.order:
                # A value outside the order decides nothing, nor are two of one group equal.
                rows = rows[~settled]
                continue
            unsaid = (a == NOT_SAID) & (b == NOT_SAID) & equal_seen[rows]
            rows = rows[(known & ~settled) | unsaid]
            equal_seen[rows] = True
        senior[rows[equal_seen[rows]]] = SIMULTANEOUS
        return senior, decided_by


def read_order(concessions: pd.DataFrame, law: LawAt) -> Order:
    """
    Read once of every right what the law's order asks of it.

    Parameters
    ----------
    concessions
        `concession_id`, `status`, `filed_on` and the columns that the criteria name; an absent
        column counts as missing.
    """
    n = len(concessions)
    blank = pd.Series(np.nan, index=concessions.index)
    code = concessions.get("concession_id", blank).rank(method="first").to_numpy(dtype=float)
    filed_on = concessions.get("filed_on", blank).to_numpy()
    listed = np.empty(n, dtype=np.intp)
    listed[np.lexsort((code, filed_on))] = np.arange(n)
    return Order(
        law.seniority,
        tuple(_read(criterion, concessions) for criterion in law.seniority),
        listed,
        (concessions.get("status", blank) == ConcessionStatus.EXTINCT).to_numpy(dtype=bool),
    )


def _read(criterion: Criterion, concessions: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Read one column: groups as their position, dates as days, hours as seconds."""
    if criterion.by not in concessions:
        return np.full(len(concessions), NOT_SAID)
    column = concessions[criterion.by]
    if pd.api.types.is_datetime64_any_dtype(column) and not criterion.order:
        days: npt.NDArray[np.int64] = column.to_numpy(dtype="datetime64[D]").astype(np.int64)
        days[column.isna().to_numpy()] = NOT_SAID
        return days
    codes, distinct = pd.factorize(column)
    if criterion.order:
        group = {value: i for i, values in enumerate(criterion.order) for value in values}
        number = np.array([group.get(value, UNREADABLE) for value in distinct], dtype=np.int64)
    else:
        seconds = _seconds(pd.Series(distinct))
        number = np.where(np.isnan(seconds), UNREADABLE, np.nan_to_num(seconds).astype(np.int64))
    of_right: npt.NDArray[np.int64] = np.append(number, NOT_SAID)[codes]
    return of_right


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
    senior, decided_by = read_order(concessions, law).compare(first, second)
    names = [*(criterion.relation for criterion in law.seniority), OPEN_RELATION]
    relation = np.array(names, dtype=object)[decided_by]
    relation[senior == SIMULTANEOUS] = SIMULTANEOUS_RELATION
    return pd.DataFrame({"senior": senior, "relation": pd.Series(relation, dtype="str")})


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


def order_stacks(
    pairs: pd.DataFrame, concessions: pd.DataFrame, law: LawAt, order: Order | None = None
) -> pd.DataFrame:
    """
    Rank the rights at each point, the senior first.

    Parameters
    ----------
    pairs
        Linked pairs: `registration`, `concession` (positions), `covered`.
    concessions
        `status` and the columns that the law's criteria name.
    order
        Of these rights by this law, where it was read before.

    Returns
    -------
    pairs
        The same rows and index with `seniority` (Int64: 1 and the number of rights that go before;
        NA outside the stack, where the order to every other right is open, and in a stack whose
        order runs in a circle) and `role`.
    """
    order = order or read_order(concessions, law)
    rows = np.flatnonzero(pairs["covered"].to_numpy(dtype=bool))
    registration = pairs["registration"].to_numpy()[rows]
    place, role = rank_stacks(registration, pairs["concession"].to_numpy()[rows], order)
    ranks = np.zeros(len(pairs), dtype=np.int64)
    ranks[rows] = place
    roles = np.full(len(pairs), len(_ROLES))
    roles[rows] = role
    names = pd.Series([*(r.value for r in _ROLES), PairRole.ADJOINING.value], dtype="str")
    out = pairs.copy()
    out["seniority"] = pd.arrays.IntegerArray(ranks, ranks == NO_PLACE)
    out["role"] = names.take(roles).set_axis(pairs.index)
    return out


def rank_stacks(
    registration: Positions, right: Positions, order: Order
) -> tuple[Positions, Positions]:
    """
    Rank the rights that cover each registration's point.

    Returns
    -------
    place, role
        Per pair: 1 and the number of rights that go before, NO_PLACE where nobody can tell;
        position of its role in `_ROLES`.
    """
    n = len(right)
    first, second = _couples(registration)
    verdict, _ = order.compare(right[first], right[second])

    def count(*outcomes: tuple[Positions, int]) -> Positions:
        ends = [end[verdict == outcome] for end, outcome in outcomes]
        return np.bincount(np.concatenate(ends), minlength=n)

    before = count((second, FIRST), (first, SECOND))
    tied = count((first, SIMULTANEOUS), (second, SIMULTANEOUS)) > 0
    unsure = count((first, OPEN), (second, OPEN))
    others = np.bincount(np.concatenate([first, second]), minlength=n)
    no_place = ((others > 0) & (unsure == others)) | _without(before == 0, registration)
    role = np.select(
        [
            order.is_extinct[right],
            no_place | ((unsure > 0) & (before == 0)),
            (before == 0) & tied,
            before == 0,
        ],
        [_ROLES.index(r) for r in (PairRole.EXTINCT, *_ROLES[:3])],
        _ROLES.index(PairRole.LATER),
    )
    return np.where(no_place, NO_PLACE, before + 1), role


def find_outranked(registration: Positions, right: Positions, order: Order) -> Bools:
    """
    Tell which rights another one of the same registration goes before.

    Where the order runs in a circle, so that somebody goes before everybody, nobody is outranked.
    """
    first, second = _couples(registration)
    verdict, _ = order.compare(right[first], right[second])
    behind = np.zeros(len(right), dtype=bool)
    behind[second[verdict == FIRST]] = True
    behind[first[verdict == SECOND]] = True
    return behind & ~_without(~behind, registration)


def _without(mask: Bools, group: Positions) -> Bools:
    """Tell which rows are of a group that has no row of the mask."""
    has = np.zeros(group.max(initial=-1) + 1, dtype=bool)
    has[group[mask]] = True
    out: Bools = ~has[group]
    return out


def _couples(group: Positions) -> tuple[Positions, Positions]:
    """Give every two members of each group once, as positions."""
    is_sorted = not (group[1:] < group[:-1]).any()
    order = np.arange(len(group)) if is_sorted else np.argsort(group, kind="stable")
    grouped = group[order]
    ends = np.flatnonzero(np.diff(grouped, append=-1)) + 1
    sizes = np.diff(ends, prepend=0)
    shared = np.repeat(sizes > 1, sizes)  # most stand alone
    at = np.flatnonzero(shared)
    later = np.repeat(ends[sizes > 1], sizes[sizes > 1]) - at - 1
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
