"""Points for registrations: candidates everywhere, then as many of each class as was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm.codes import AsmClass, ConcessionStatus, Role
from geoasm.errors import OptionError
from geoasm.geometry import Floats, Geometries, operation, points
from geoasm.law import LawAt
from geoasm.model import CrsPlan
from geoasm.simulate import faults, holders, truth, truth_ground

DECIMALS = 6  # of the degrees that a register states
_FROM_RIGHTS = 4  # candidates on rights for each registration
_RARE, _AT_LEAST = 0.1, 7  # of the own titles: of joint holders, of holders whose name is misspelt
_CLEAR_M = 1.0  # beyond reach, around rights on or near which nobody is to register
_NOBODY = truth.Party(ruc="-", key="-")

Ints = npt.NDArray[np.intp]


@dataclass(frozen=True)
class World:
    """
    Everything that stands on the ground before anybody registers.

    `rights` are judged: who holds each (`members`, rows of `holders`; `is_open`), stratum and
    activity; `unclear` where it is a question who holds a right, `apart` where nobody is to register
    on or near it.
    """

    rights: pd.DataFrame
    holders: pd.DataFrame
    areas: Mapping[Role, pd.DataFrame]
    admin: pd.DataFrame | None
    plan: CrsPlan
    law: LawAt

    def records(self) -> list[truth.Right]:
        """Give the rights as the oracle sees them."""
        return truth.right_records(self.rights, truth.holder_parties(self.holders), self.law)


@dataclass(frozen=True)
class Sites:
    """Chosen points: degrees, the class each was chosen for, and what covers each."""

    lon: Floats
    lat: Floats
    planned: npt.NDArray[np.object_]
    closed: npt.NDArray[np.bool_]
    asm_zone: npt.NDArray[np.bool_]
    stack: list[tuple[int, ...]]  # rows of rights
    tile: Ints  # row of admin, -1 where there is no admin layer


def choose(
    rng: np.random.Generator,
    world: World,
    records: list[truth.Right],
    n: int,
    shares: Mapping[AsmClass, float],
) -> Sites:
    """
    Choose `n` points so that each class of `shares` has its part, as far as the ground has it.

    Raises
    ------
    OptionError
        No ground at all is left for a registration.
    """
    pool = _pool(rng, world, n)
    if not len(pool.lon):
        raise OptionError("--concessions: no point inside the rights is left to plant on")
    held = _ownable(world.rights)
    names, cache = [], {}
    for stack, closed, asm in zip(pool.stack, pool.closed, pool.asm_zone, strict=True):
        key = (stack, closed, asm)
        if key not in cache:
            answer = truth.decide(_NOBODY, tuple(records[i] for i in stack), closed, asm)
            to_own = not closed and any(held[i] for i in stack)
            cache[key] = (answer.asm_class, to_own)
        names.append(cache[key])
    classes = np.array([c for c, _ in names], dtype=object)
    ownable = np.array([o for _, o in names], dtype=bool)
    first = [
        np.array([any(some[i] for i in stack) for stack in pool.stack], dtype=bool) & ownable
        for some in _rare(world, held)
    ]
    rows, planned = _quotas(rng, classes, ownable, first, n, shares)
    return Sites(
        pool.lon[rows],
        pool.lat[rows],
        planned,
        pool.closed[rows],
        pool.asm_zone[rows],
        [pool.stack[i] for i in rows],
        pool.tile[rows],
    )


def _ownable(rights: pd.DataFrame) -> list[bool]:
    """Tell which titles can be given to a registrant for his own: in force, of holders who are known."""
    titled = rights["status"] == ConcessionStatus.TITLED
    return [bool(v) for v in titled & (rights["members"].map(len) > 0) & ~rights["unclear"]]


def _rare(world: World, ownable: list[bool]) -> list[list[bool]]:
    """
    Tell which titles that can be own are of joint holders, and of holders misspelt in the register.

    Of the latter those whom a person's answer makes known, those whom their number does, those of whom
    the answer says something else, and those of whom nobody says anything.
    """
    wrong, said = world.holders["spelling"].notna(), world.holders["alias"]
    listed, told = wrong & world.holders["listed"], said == holders.ALIAS
    kinds = (told, listed, said.notna() & ~told, wrong & ~listed & said.isna())
    marks = [m.to_numpy(dtype=bool) for m in kinds]
    rows = list(zip(ownable, world.rights["members"], world.rights["is_open"], strict=True))
    joint = [own and (len(some) > 1 or bool(is_open)) for own, some, is_open in rows]
    return [joint, *([own and bool(m[list(some)].any()) for own, some, _ in rows] for m in marks)]


def _quotas(
    rng: np.random.Generator,
    classes: npt.NDArray[np.object_],
    ownable: npt.NDArray[np.bool_],
    first: list[npt.NDArray[np.bool_]],
    n: int,
    shares: Mapping[AsmClass, float],
) -> tuple[Ints, npt.NDArray[np.object_]]:
    """
    Pick candidates by class; what a class lacks is made up from any other.

    Of the own titles a part each is taken from those of `first`.
    """
    free = np.ones(len(classes), dtype=bool)
    order = rng.permutation(len(classes))
    rows: list[Ints] = []
    planned: list[str] = []
    # Scarce places first: an ambiguous stack is easily spent on something else.
    for asm_class in sorted(shares, key=lambda c: shares[c]):
        want = max(2, round(shares[asm_class] * n)) if shares[asm_class] else 0
        suits = free.copy()
        if asm_class is AsmClass.OWN_TITLE:
            for some in first:
                most = min(want // 8, max(_AT_LEAST, round(_RARE * want)))
                got = order[(some & free)[order]][:most]
                free[got] = False
                rows.append(got)
                planned += [str(asm_class)] * len(got)
                want -= len(got)
            suits = free & ownable
        elif asm_class is not AsmClass.UNLOCATABLE:
            suits &= classes == asm_class
        got = order[suits[order]][:want]
        free[got] = False
        rows.append(got)
        planned += [str(asm_class)] * len(got)
    picked = np.concatenate(rows)[:n]
    spare = order[free[order]][: max(0, n - len(picked))]
    if len(picked) + len(spare) < n:
        more = rng.choice(order, n - len(picked) - len(spare))
        spare = np.concatenate([spare, more])
    planned = planned[: len(picked)] + [str(classes[i]) for i in spare]
    return np.concatenate([picked, spare]), np.array(planned, dtype=object)


def _pool(rng: np.random.Generator, world: World, n: int) -> Sites:
    """Scatter candidates and keep those clear of every edge, with what covers them."""
    lon, lat = _scatter(rng, world, n)
    lon, lat = np.round(lon, DECIMALS), np.round(lat, DECIMALS)
    west, south, east, north = world.plan.bounds
    clear = (lon > west) & (lon < east) & (lat > south) & (lat < north)
    lon, lat = lon[clear], lat[clear]
    tile, near_border = tiles(lon, lat, world.admin)
    covering, near = truth_ground.stacks(lon, lat, world.rights, world.plan)
    ground = truth_ground.ground(lon, lat, world.areas, world.admin, world.law)
    stack = _as_tuples(covering, len(lon))
    ok = ~near & ~ground.near_edge & ~near_border
    if world.admin is not None:
        ok &= tile >= 0
    # Where nobody can say for certain who holds a title, nor can anybody say what it means.
    titled = world.rights["status"].isin([ConcessionStatus.TITLED, ConcessionStatus.UNKNOWN])
    unclear = (titled & world.rights["unclear"]).to_numpy(dtype=bool)
    ok[covering.loc[unclear[covering["right"]], "point"]] = False
    apart = world.rights[world.rights["apart"]]
    reach_m = world.law.number("link_reach_m") + _CLEAR_M
    ok[truth_ground.within_reach(lon, lat, apart, reach_m, world.plan)[0]] = False
    keep = np.flatnonzero(ok)
    return Sites(
        lon[keep],
        lat[keep],
        np.full(len(keep), None, dtype=object),
        ground.closed[keep],
        ground.asm_zone[keep],
        [stack[i] for i in keep],
        tile[keep],
    )


def _as_tuples(covering: pd.DataFrame, n: int) -> list[tuple[int, ...]]:
    """Gather the rights of each point, in order."""
    rights = covering["right"].tolist()
    ends = np.cumsum(np.bincount(covering["point"], minlength=n)).tolist()
    return [tuple(rights[a:b]) for a, b in zip([0, *ends[:-1]], ends, strict=True)]


def tiles(
    lon: Floats, lat: Floats, admin: pd.DataFrame | None
) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Find the admin region of each point (-1: none), and whether the point is on a border."""
    row = np.full(len(lon), -1, dtype=np.intp)
    near = np.zeros(len(lon), dtype=bool)
    if admin is None:
        return row, near
    some = points(lon, lat)
    shapes = admin["geometry"].to_numpy(dtype=object)
    shapely.prepare(shapes)
    p, r = shapely.STRtree(shapes).query(some)
    hit = shapely.covers(shapes[r], some[p])
    # Where neighbours overlap nobody can say whose a point is.
    near |= np.bincount(p[hit], minlength=len(lon)) > 1
    row[p[hit]] = r[hit]
    edges = truth_ground.edge_tree(shapes)
    near[edges.query(some, predicate="dwithin", distance=truth_ground.EDGE_DEG)[0]] = True
    return row, near


def _scatter(rng: np.random.Generator, world: World, n: int) -> tuple[Floats, Floats]:
    """Scatter candidates over rights of every kind, over areas, and over the regions."""
    rights, plan = world.rights, world.plan
    kind = rights["kind"] if "kind" in rights.columns else rights["status"]
    kind = kind.mask(rights["fault"].isin(faults.OF_TITLES), rights["fault"])
    weight = 1.0 / kind.groupby(kind).transform("size").to_numpy()
    weight = 0.5 * weight / weight.sum() + 0.5 / len(rights)
    pick = rng.choice(len(rights), _FROM_RIGHTS * n + 1_500, p=weight / weight.sum())
    drawn = rights["drawn"].to_numpy(dtype=object)
    systems = rights["crs_used"].to_numpy(dtype=object)
    found = []
    for crs in sorted(set(systems)):
        x, y = _in_boxes(rng, drawn[pick[systems[pick] == crs]])
        found.append(operation(str(crs), plan.geographic, plan).points(x, y))
    if world.admin is not None:
        regions = world.admin["geometry"].to_numpy(dtype=object)
    else:
        bounds = shapely.total_bounds(rights["geometry"].to_numpy(dtype=object))
        regions = np.array([shapely.box(*bounds)], dtype=object)
    areas = [frame["geometry"].to_numpy(dtype=object) for frame in world.areas.values()]
    for some in areas:
        found.append(_in_boxes(rng, some[rng.integers(0, len(some), n // 2 + 50)]))
    found.append(_in_boxes(rng, regions[rng.integers(0, len(regions), n + 50)]))
    return np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found])


def _in_boxes(rng: np.random.Generator, shapes: Geometries) -> tuple[Floats, Floats]:
    """Take one point in the bounding box of each shape, inside the shape for most."""
    west, south, east, north = shapely.bounds(shapes).T
    x, y = rng.uniform(west, east), rng.uniform(south, north)
    out = ~shapely.contains_xy(shapes, x, y)
    again = rng.uniform(west, east), rng.uniform(south, north)
    return np.where(out, again[0], x), np.where(out, again[1], y)
