"""What lies at planted points: every right held against every point, and areas; and who is near an edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm.codes import ClosureLevel, Role
from geoasm.geometry import Floats, Geometries, operation, points
from geoasm.law import LawAt
from geoasm.model import CrsPlan
from geoasm.parsing.text import fold

EDGE_M = 1.0  # planted points keep this far from any edge of a right
EDGE_DEG = 2e-5  # and this far from edges of areas
_CHUNK = 200_000


@dataclass(frozen=True)
class Ground:
    """What lies at each point beside rights, one boolean a point."""

    closed: npt.NDArray[np.bool_]
    asm_zone: npt.NDArray[np.bool_]
    near_edge: npt.NDArray[np.bool_]


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


def within_reach(
    lon: Floats, lat: Floats, rights: pd.DataFrame, reach_m: float, plan: CrsPlan
) -> npt.NDArray[np.intp]:
    """
    Pair points with the rights on or near which they are, in the system of the right.

    Returns
    -------
    pairs
        Shape (2, n): point and row of `rights`.
    """
    drawn = rights["drawn"].to_numpy(dtype=object)
    found = [np.empty((2, 0), dtype=np.intp)]
    for crs, rows in sorted(rights.groupby("crs_used").indices.items()):
        x, y = operation(plan.geographic, str(crs), plan).points(lon, lat)
        point, right = shapely.STRtree(drawn[rows]).query(
            points(x, y), predicate="dwithin", distance=reach_m
        )
        found.append(np.stack([point, rows[right]]))
    return np.concatenate(found, axis=1)
