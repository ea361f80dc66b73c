"""How much of each region's ground is titled, applied for, extinct, closed or free."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm import geometry
from geoasm.codes import ClosureLevel, ConcessionStatus
from geoasm.geometry import M2_PER_HA, Floats, Geometries
from geoasm.kernels import engine
from geoasm.model import CrsPlan
from geoasm.schema import OUTPUT_CRS, TERRITORY

Positions = npt.NDArray[np.intp]

ADMIN = ["admin_1", "admin_2", "admin_3"]
TILE_M = 50_000.0  # a tile of this side holds some hundred rights at most
CLOSED, FREE = "closed", "free"
KINDS = (
    CLOSED,
    ConcessionStatus.TITLED.value,
    ConcessionStatus.PENDING.value,
    ConcessionStatus.EXTINCT.value,
    ConcessionStatus.OTHER.value,
    ConcessionStatus.UNKNOWN.value,
)


def measure(
    concessions: pd.DataFrame,
    areas: Iterable[pd.DataFrame],
    admin: pd.DataFrame | None,
    plan: CrsPlan,
) -> pd.DataFrame:
    """
    Measure the ground of each kind in each region, in the plan's equal-area system.

    Each kind is dissolved. `net_ha` counts ground once: under the first kind that it has, in the
    order closed, titled, pending, extinct, other, unknown, free; so the nets of a region sum to its area.

    Parameters
    ----------
    concessions
        `geometry` (EPSG:4326) and `status`.
    areas
        Graded areas of each role: `geometry` (EPSG:4326) and `level`.
    admin
        Regions that do not overlap: `admin_1` and finer names, `geometry`; None measures the whole
        without a denominator and without free ground.

    Returns
    -------
    territory
        Columns of `schema.TERRITORY`: each region of each level, and the whole with empty names.
    """
    move = geometry.operation(OUTPUT_CRS, plan.equal_area, plan)
    rights = move.geometries(concessions.geometry.to_numpy())
    status = concessions["status"].to_numpy(dtype=object)
    hard = [a.geometry[a["level"] == ClosureLevel.HARD].to_numpy() for a in areas if len(a)]
    closed = move.geometries(np.concatenate(hard)) if hard else np.empty(0, dtype=object)
    ground = {k: closed if k == CLOSED else rights[status == k] for k in KINDS}
    ground = {
        k: geometry.polygonal(geometry.repair(shapes[~shapely.is_missing(shapes)])[0])
        for k, shapes in ground.items()
    }
    if admin is None:
        return _whole(ground)
    regions = geometry.repair(move.geometries(admin.geometry.to_numpy()))[0]
    return _by_region(ground, admin, regions)


def _whole(ground: dict[str, Geometries]) -> pd.DataFrame:
    gross, net = _measure_parts(ground, _tiles(np.concatenate(list(ground.values()))))
    frame = pd.DataFrame({"ground": KINDS, "area_ha": gross.sum(axis=1), "net_ha": net.sum(axis=1)})
    for name in (*ADMIN, "share", "net_share", "region_ha"):
        frame[name] = "" if name in ADMIN else np.nan
    return frame[TERRITORY.names]


def _by_region(
    ground: dict[str, Geometries], admin: pd.DataFrame, regions: Geometries
) -> pd.DataFrame:
    names = [name for name in ADMIN if name in admin and admin[name].notna().any()]
    rows = admin[names].fillna("").reset_index(drop=True)
    region_ha = shapely.area(regions) / M2_PER_HA
    gross, net = _measure_parts(ground, regions)
    free = np.maximum(region_ha - net.sum(axis=0), 0.0)  # sums of areas round
    parts = [
        rows.assign(ground=kind, area_ha=area, net_ha=once)
        for kind, area, once in zip((*KINDS, FREE), (*gross, free), (*net, free), strict=True)
    ]
    finest = pd.concat([p.assign(region_ha=region_ha) for p in parts], ignore_index=True)
    levels = [[], *[names[: i + 1] for i in range(len(names))]]
    out = []
    for level in levels:
        # A nameless region has no row of its own: it would repeat that of the region above it.
        named = finest[finest[level[-1]] != ""] if level else finest
        sums = named.groupby([*level, "ground"], sort=True)[["area_ha", "net_ha", "region_ha"]]
        out.append(sums.sum().reset_index())
    frame = pd.concat(out, ignore_index=True)
    frame["share"] = frame["area_ha"] / frame["region_ha"]
    frame["net_share"] = frame["net_ha"] / frame["region_ha"]
    for name in ADMIN:
        frame[name] = frame[name].fillna("") if name in frame else ""
    return frame[TERRITORY.names]


def _tiles(shapes: Geometries) -> Geometries:
    """Cut the plane into squares: many small unions are cheaper than a large one."""
    if not len(shapes):
        return np.empty(0, dtype=object)
    west, south, east, north = shapely.total_bounds(shapes)
    x = np.arange(west, east + TILE_M, TILE_M)
    y = np.arange(south, north + TILE_M, TILE_M)
    columns, rows = np.meshgrid(x, y)
    tiles: Geometries = shapely.box(columns, rows, columns + TILE_M, rows + TILE_M).ravel()
    return tiles


def _measure_parts(ground: dict[str, Geometries], parts: Geometries) -> tuple[Floats, Floats]:
    """
    Measure each kind in each part of the plane.

    Returns
    -------
    gross, net
        Hectares, shape (kinds, parts): dissolved within the kind; and of that what no earlier
        kind covers.
    """
    shapes = np.concatenate(list(ground.values()))
    kind = np.repeat(np.arange(len(KINDS)), [len(ground[k]) for k in KINDS])
    if not len(shapes) or not len(parts):
        return np.zeros((len(KINDS), len(parts))), np.zeros((len(KINDS), len(parts)))
    part, shape = shapely.STRtree(shapes).query(parts, predicate="intersects")
    measure = _sweep_parts if engine.compiled(len(shapes)) else _unite_parts
    gross, net = measure(shapes, kind, parts, shape, part)
    return gross / M2_PER_HA, net / M2_PER_HA


def _unite_parts(
    shapes: Geometries, kind: Positions, parts: Geometries, shape: Positions, part: Positions
) -> tuple[Floats, Floats]:
    """Measure by union; `shape` and `part` are the pairs that meet: square metres."""
    pieces = _cut(shapes[shape], parts, part)
    place = part * len(KINDS) + kind[shape]
    order = np.argsort(place, kind="stable")
    first = np.searchsorted(place[order], np.arange(len(parts) * len(KINDS) + 1))
    gross, net = np.zeros((2, len(KINDS), len(parts)))
    for i in range(len(parts)):
        begins, before = first[i * len(KINDS)], 0.0
        for k, at in enumerate(range(i * len(KINDS), (i + 1) * len(KINDS))):
            if first[at] == first[at + 1]:
                continue
            gross[k, i] = shapely.union_all(pieces[order[first[at] : first[at + 1]]]).area
            # Of what was united already, another union may lose slivers.
            covered = shapely.union_all(pieces[order[begins : first[at + 1]]]).area
            net[k, i], before = covered - before, covered
    return gross, net


def _cut(pieces: Geometries, parts: Geometries, part: Positions) -> Geometries:
    """Cut pieces at the border of the part that each is in."""
    shapely.prepare(parts)
    crossing = ~shapely.covers(parts[part], pieces)
    pieces[crossing] = geometry.polygonal(
        shapely.intersection(pieces[crossing], parts[part[crossing]])
    )
    return pieces


def _sweep_parts(
    shapes: Geometries, kind: Positions, parts: Geometries, shape: Positions, part: Positions
) -> tuple[Floats, Floats]:
    """Measure as `_unite_parts` does, without a union: see `kernels.sweep`."""
    from geoasm.kernels import sweep

    borders = np.arange(len(parts))
    lows, highs, turn, ends = sweep.list_edges(np.concatenate([shapes, parts]))
    shape, part = np.concatenate([shape, len(shapes) + borders]), np.concatenate([part, borders])
    kind = np.concatenate([kind, np.full(len(parts), len(KINDS))])
    sizes = ends[shape + 1] - ends[shape]
    each = np.repeat(np.arange(len(shape)), sizes)
    edge = np.arange(len(each)) + np.repeat(ends[shape] - np.cumsum(sizes) + sizes, sizes)
    order = np.lexsort((lows[edge, 1], part[each]))
    edge, each = edge[order], each[order]
    first = np.searchsorted(part[each], np.arange(len(parts) + 1))
    edges = np.column_stack([lows[edge], highs[edge]])
    gross, net = sweep.measure(edges, kind[shape[each]], turn[edge], first, len(KINDS))
    return gross.T, net.T
