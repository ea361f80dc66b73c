"""
What the law says of a planted point, worked out slowly and plainly.

It shares no code with what it is used to test: every right is held against every point, and the
order of decision is written out case by case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm.codes import (
    AsmClass,
    ClosureLevel,
    ConcessionStatus,
    HolderActivity,
    HolderStratum,
    Role,
    TitleRelation,
)
from geoasm.geometry import Floats, Geometries, operation, points
from geoasm.law import LawAt
from geoasm.model import CrsPlan
from geoasm.parsing.text import fold
from geoasm.simulate.holders import name_key

EDGE_M = 1.0  # planted points keep this far from any edge of a right
EDGE_DEG = 2e-5  # and this far from edges of areas
_CHUNK = 200_000


@dataclass(frozen=True)
class Party:
    """Who somebody is, as far as the sources say."""

    ruc: str | None
    key: str | None  # folded name


@dataclass(frozen=True)
class Right:
    """One right, as far as it matters to a decision; `filed` counts days, `hour` minutes."""

    id: str
    status: str
    filed: int | None
    holder: Party
    stratum: str | None
    idle: bool
    hour: int | None = None
    datum: str | None = None
    origin: str | None = None


@dataclass(frozen=True)
class Ground:
    """What lies at each point beside rights, one boolean a point."""

    closed: npt.NDArray[np.bool_]
    asm_zone: npt.NDArray[np.bool_]
    near_edge: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Answer:
    """The truth of one registration."""

    asm_class: AsmClass
    title_relation: TitleRelation
    right: Right | None = None
    contested: bool = False
    stack: tuple[Right, ...] = field(default=())


def stacks(
    lon: Floats, lat: Floats, rights: pd.DataFrame, plan: CrsPlan
) -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    """
    Find every right that covers each point, in the system in which the right was drawn.

    Returns
    -------
    covering, near_edge
        `point` and `right` (positions), sorted; whether a point is within `EDGE_M` of any edge.
    """
    found = []
    near = np.zeros(len(lon), dtype=bool)
    drawn = rights["drawn"].to_numpy(dtype=object)
    for crs, rows in sorted(rights.groupby("crs_used").indices.items()):
        x, y = operation(plan.geographic, str(crs), plan).points(lon, lat)
        tree = shapely.STRtree(drawn[rows])
        edges = edge_tree(drawn[rows])
        edge = EDGE_DEG if crs == plan.geographic else EDGE_M
        for start in range(0, len(lon), _CHUNK):
            some = points(x[start : start + _CHUNK], y[start : start + _CHUNK])
            p, r = tree.query(some)
            hit = shapely.covers(drawn[rows][r], some[p])
            found.append(np.column_stack([p[hit] + start, rows[r[hit]]]))
            near[edges.query(some, predicate="dwithin", distance=edge)[0] + start] = True
    pairs = np.concatenate(found) if found else np.empty((0, 2), dtype=int)
    covering = pd.DataFrame(pairs, columns=["point", "right"])
    return covering.sort_values(["point", "right"], ignore_index=True), near


def edge_tree(shapes: Geometries) -> shapely.STRtree:
    """Index every side of polygons by itself: long boundaries are slow to measure from."""
    rings = shapely.get_rings(shapely.get_parts(shapes))
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    return shapely.STRtree(shapely.linestrings(np.stack([corners[:-1], corners[1:]], axis=1)[same]))


def ground(
    lon: Floats,
    lat: Floats,
    areas: Mapping[Role, pd.DataFrame],
    admin: pd.DataFrame | None,
    law: LawAt,
) -> Ground:
    """Tell for each point whether it is closed to mining, or set aside for ASM."""
    some = points(lon, lat)
    closed = np.zeros(len(lon), dtype=bool)
    near = np.zeros(len(lon), dtype=bool)
    for role in (Role.PROTECTED_AREAS, Role.RESTRICTED_AREAS):
        if role in areas:
            hard = {
                t
                for level in law.area_levels
                if level.role is role and level.level is ClosureLevel.HARD
                for t in level.types
            }
            frame = areas[role]
            frame = frame[frame["area_type"].map(fold).isin(hard)]
            closed |= _covered(some, frame, near)
    if Role.MINING_CORRIDOR in areas and admin is not None:
        name = fold(law.parameters.get("corridor_region", ""))
        region = admin[admin["admin_1"].map(fold) == name]
        in_region = _covered(some, region, near, whole=True)
        closed |= in_region & ~_covered(some, areas[Role.MINING_CORRIDOR], near)
    asm = np.zeros(len(lon), dtype=bool)
    if Role.ASM_ZONES in areas:
        asm = _covered(some, areas[Role.ASM_ZONES], near)
    return Ground(closed, asm, near)


def _covered(
    some: npt.NDArray[np.object_],
    frame: pd.DataFrame,
    near: npt.NDArray[np.bool_],
    whole: bool = False,
) -> npt.NDArray[np.bool_]:
    """Tell which points any area covers, and mark those near an edge in `near`."""
    shapes = frame["geometry"].to_numpy(dtype=object)
    inside = np.zeros(len(some), dtype=bool)
    if not len(shapes):
        return inside
    shapely.prepare(shapes)
    p, r = shapely.STRtree(shapes).query(some)
    hit = shapely.covers(shapes[r], some[p])
    inside[p[hit]] = True
    edges = edge_tree(np.array([shapely.union_all(shapes)]) if whole else shapes)
    near[edges.query(some, predicate="dwithin", distance=EDGE_DEG)[0]] = True
    return inside


def same_holder(registrant: Party, holder: Party) -> bool | None:
    """Compare two parties: by number where both have one, else by name; None where neither can tell."""
    if registrant.ruc and holder.ruc:
        return registrant.ruc == holder.ruc
    if registrant.key and holder.key:
        return registrant.key == holder.key
    return None


def class_on_title(registrant: Party, right: Right) -> tuple[AsmClass, TitleRelation]:
    """Give what one title in force, or one of unknown status, means to a registrant."""
    if right.status == ConcessionStatus.UNKNOWN:
        return AsmClass.AMBIGUOUS, TitleRelation.UNKNOWN
    same = same_holder(registrant, right.holder)
    if same is True:
        return AsmClass.OWN_TITLE, TitleRelation.OWN
    if same is None:
        return AsmClass.ON_UNKNOWN_HOLDER, TitleRelation.UNKNOWN
    if right.idle:
        return AsmClass.ON_IDLE_CLAIM, TitleRelation.THIRD_PARTY
    if right.stratum == HolderStratum.LSM_MSM:
        return AsmClass.ON_LSM_MSM, TitleRelation.THIRD_PARTY
    if right.stratum == HolderStratum.SMALL_SCALE:
        return AsmClass.ON_SMALL_SCALE, TitleRelation.THIRD_PARTY
    return AsmClass.ON_UNKNOWN_HOLDER, TitleRelation.THIRD_PARTY


class Order(Enum):
    """What can be said of two rights: which goes before, that neither does, or nothing."""

    FIRST, SECOND, SAME, OPEN = range(4)


def order_of(a: Right, b: Right) -> Order:
    """
    Tell which of two rights goes before the other.

    Extinct rights go last, the former datum first, a denuncio before a redenuncio; then the
    earlier day, then the earlier hour.
    """
    if (a.status == ConcessionStatus.EXTINCT) != (b.status == ConcessionStatus.EXTINCT):
        return Order.SECOND if a.status == ConcessionStatus.EXTINCT else Order.FIRST
    if {a.datum, b.datum} == {"psad56", "wgs84"}:
        return Order.FIRST if a.datum == "psad56" else Order.SECOND
    if {a.origin, b.origin} == {"old_claim", "refiled_claim"}:
        return Order.FIRST if a.origin == "old_claim" else Order.SECOND
    if a.filed is None or b.filed is None:
        return Order.OPEN
    if a.filed != b.filed:
        return Order.FIRST if a.filed < b.filed else Order.SECOND
    if a.hour is None and b.hour is None:
        return Order.SAME
    if a.hour is None or b.hour is None:
        return Order.OPEN
    if a.hour != b.hour:
        return Order.FIRST if a.hour < b.hour else Order.SECOND
    return Order.SAME


def by_seniority(stack: tuple[Right, ...]) -> tuple[Right, ...]:
    """
    List rights senior first: each by the number of rights that go before it, then by day and code.

    Last come those whose order to all others is open, and all where nobody comes first.
    """
    before, lost = {}, {}
    for right in stack:
        met = [order_of(right, other) for other in stack if other is not right]
        before[right.id] = met.count(Order.SECOND)
        lost[right.id] = bool(met) and met.count(Order.OPEN) == len(met)
    if before and min(before.values()) > 0:
        lost = dict.fromkeys(lost, True)

    def place(right: Right) -> tuple[bool, int, bool, int, str]:
        nowhere = lost[right.id]
        rank = 0 if nowhere else before[right.id]
        return nowhere, rank, right.filed is None, right.filed or 0, right.id

    return tuple(sorted(stack, key=place))


def seniors(rights: tuple[Right, ...]) -> tuple[Right, ...]:
    """Keep the rights before which none of the others goes; all where that leaves nobody."""
    first = []
    for right in rights:
        met = [order_of(right, other) for other in rights if other is not right]
        if Order.SECOND not in met:
            first.append(right)
    return tuple(first) or rights


def _of_status(stack: tuple[Right, ...], *statuses: ConcessionStatus) -> tuple[Right, ...]:
    return tuple(r for r in stack if r.status in statuses)


def _on_titles(registrant: Party, titles: tuple[Right, ...]) -> Answer:
    """Decide between titles in force and rights of unknown status, listed senior first."""
    meaning = {r.id: class_on_title(registrant, r) for r in titles}
    own = tuple(r for r in titles if meaning[r.id][0] is AsmClass.OWN_TITLE)
    if own:
        mine = seniors(own)[0]
        contested = any(
            r.status == ConcessionStatus.TITLED
            and r not in own
            and order_of(r, mine) is Order.FIRST
            for r in titles
        )
        return Answer(AsmClass.OWN_TITLE, TitleRelation.OWN, mine, contested)
    top = seniors(titles)
    classes = {meaning[r.id][0] for r in top}
    if len(classes) == 1 and AsmClass.AMBIGUOUS not in classes:
        return Answer(classes.pop(), meaning[top[0].id][1], top[0])
    relations = {relation for _, relation in meaning.values()}
    unknown = TitleRelation.UNKNOWN in relations
    return Answer(
        AsmClass.AMBIGUOUS, TitleRelation.UNKNOWN if unknown else TitleRelation.THIRD_PARTY
    )


def decide(registrant: Party, stack: tuple[Right, ...], closed: bool, asm_zone: bool) -> Answer:
    """
    Walk the order of decision for one registration.

    Closed area, own title, the senior title in force, ASM zone, application, extinct right, other
    right, open ground. The relation to titles stands beside a class that the ground decides.
    """
    stack = by_seniority(stack)
    titles = _of_status(stack, ConcessionStatus.TITLED, ConcessionStatus.UNKNOWN)
    lesser = (
        (ConcessionStatus.PENDING, AsmClass.ON_PENDING_CLAIM, TitleRelation.PENDING),
        (ConcessionStatus.EXTINCT, AsmClass.ON_EXTINCT_CLAIM, TitleRelation.EXTINCT),
        (ConcessionStatus.OTHER, AsmClass.ON_OTHER_RIGHT, TitleRelation.OTHER_RIGHT),
    )
    answer = Answer(AsmClass.OPEN_GROUND, TitleRelation.NONE)
    if titles:
        answer = _on_titles(registrant, titles)
    else:
        for status, asm_class, relation in lesser:
            if some := _of_status(stack, status):
                answer = Answer(asm_class, relation, seniors(some)[0])
                break
    if closed:
        return Answer(AsmClass.PROHIBITED_AREA, answer.title_relation, stack=stack)
    if asm_zone and not titles:
        return Answer(AsmClass.IN_ASM_ZONE, answer.title_relation, stack=stack)
    return Answer(answer.asm_class, answer.title_relation, answer.right, answer.contested, stack)


def right_records(
    rights: pd.DataFrame, holders: pd.DataFrame, idle: frozenset[str], law: LawAt
) -> list[Right]:
    """
    Give every right as a record, in order.

    Parameters
    ----------
    rights
        `concession_id`, `status`, `filed_on`, `holder_name` (empty: not known); `filed_hour`,
        `datum` and `origin` where there are such columns and the law asks for them.
    holders
        `name`, `ruc`, `stratum`, `listed`.
    idle
        Codes of rights with evidence of idleness.
    """
    known: dict[str, tuple[str | None, str | None]] = {}
    for row in holders.itertuples():
        stratum = None if pd.isna(row.stratum) else str(row.stratum)
        known[str(name_key(row.name))] = (str(row.ruc) if row.listed else None, stratum)
    records = []
    days = rights["filed_on"].to_numpy().astype("datetime64[D]")
    asked = {criterion.by for criterion in law.seniority}
    nothing = [None] * len(rights)
    more = [
        list(rights[name]) if name in asked and name in rights else nothing
        for name in ("filed_hour", "datum", "origin")
    ]
    columns = (rights["concession_id"], rights["status"], days, rights["holder_name"], *more)
    for code, status, day, name, hour, datum, origin in zip(*columns, strict=True):
        key = name_key(name)
        ruc, stratum = known.get(key, (None, None)) if key else (None, None)
        filed = None if np.isnat(day) else int(day.astype(int))
        holder = Party(ruc, key)
        right = Right(code, status, filed, holder, stratum, code in idle, _minutes(hour))
        records.append(replace(right, datum=_text(datum), origin=_text(origin)))
    return records


def _minutes(hour: object) -> int | None:
    """Count the minutes of an hour like 09:05 or 0905."""
    digits = (_text(hour) or "").replace(":", "")
    return int(digits[:2]) * 60 + int(digits[2:]) if len(digits) == 4 else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def idle_codes(penalties: pd.DataFrame, law: LawAt) -> frozenset[str]:
    """Give the rights with penalties in enough of the last years, that of the day counted."""
    need, window = law.number("idle_penalty_years"), law.number("idle_window_years")
    counts: dict[str, set[int]] = {}
    for code, year in zip(penalties["concession_id"], penalties["year"], strict=True):
        if law.on.year - window < year <= law.on.year:
            counts.setdefault(code, set()).add(int(year))
    return frozenset(code for code, years in counts.items() if len(years) >= need)


def activity(right: Right | None) -> str | None:
    """Say what is known of the activity of a right's holder; None where no title decided."""
    if right is None or right.status != ConcessionStatus.TITLED:
        return None
    return str(HolderActivity.IDLE if right.idle else HolderActivity.NO_EVIDENCE)
