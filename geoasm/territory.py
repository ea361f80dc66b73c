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
from geoasm.model import CrsPlan
from geoasm.schema import TERRITORY

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
    order closed, titled, pending, extinct, other, free; so the nets of a region sum to its area.

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
    move = geometry.operation(plan.geographic, plan.equal_area, plan)
    rights = move.geometries(concessions.geometry.to_numpy())
    status = concessions["status"].to_numpy(dtype=object)
    hard = [a.geometry[a["level"] == ClosureLevel.HARD].to_numpy() for a in areas if len(a)]
    closed = move.geometries(np.concatenate(hard)) if hard else np.empty(0, dtype=object)
    ground = {k: closed if k == CLOSED else rights[status == k] for k in KINDS}
    ground = {
        k: geometry.repair(shapes[~shapely.is_missing(shapes)])[0] for k, shapes in ground.items()
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
    free = region_ha - net.sum(axis=0)
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
    cut = [_cut(ground[kind], parts) for kind in KINDS]
    gross, net = np.zeros((2, len(KINDS), len(parts)))
    for i in range(len(parts)):
        before = 0.0
        covered: shapely.Geometry = shapely.MultiPolygon()
        for k, (shapes, first) in enumerate(cut):
            here = shapes[first[i] : first[i + 1]]
            if not len(here):
                continue
            kind = shapely.union_all(here)
            covered = shapely.union(covered, kind)
            gross[k, i] = kind.area
            net[k, i], before = covered.area - before, covered.area
    return gross / M2_PER_HA, net / M2_PER_HA


def _cut(shapes: Geometries, parts: Geometries) -> tuple[Geometries, npt.NDArray[np.intp]]:
    """Cut shapes at the borders of the parts; give the pieces by part and where each part's begin."""
    if not len(shapes) or not len(parts):
        return np.empty(0, dtype=object), np.zeros(len(parts) + 1, dtype=np.intp)
    shape, part = shapely.STRtree(parts).query(shapes, predicate="intersects")
    order = np.lexsort((shape, part))
    shape, part = shape[order], part[order]
    pieces = shapes[shape]
    shapely.prepare(parts)
    crossing = ~shapely.covers(parts[part], pieces)
    pieces[crossing] = geometry.polygonal(
        shapely.intersection(pieces[crossing], parts[part[crossing]])
    )
    return pieces, np.searchsorted(part, np.arange(len(parts) + 1))
