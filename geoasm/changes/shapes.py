"""Whether two outlines are the same, and what became of one that is not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm import geometry
from geoasm.codes import RightChange
from geoasm.geometry import Geometries

Mask = npt.NDArray[np.bool_]
_DEGREE_M = 111_700.0  # no degree is longer, along a meridian or along a parallel


def is_same_outline(before: Geometries, after: Geometries, within_m: float) -> Mask:
    """
    Tell pair by pair whether no point of one outline lies further than a distance from the other.

    Parameters
    ----------
    before, after
        Polygons in degrees, none of them missing.

    Notes
    -----
    Where both have the same vertices up to the distance, nothing is measured. Else the discrete
    Hausdorff distance is, in a plane of each pair: both outlines are straight between the vertices
    it looks at.
    """
    first, second = shapely.normalize(before), shapely.normalize(after)
    same = _same_vertices(first, second, within_m)
    rest = np.flatnonzero(~same)
    if len(rest):
        flat = [_metres(side[rest], first[rest]) for side in (first, second)]
        near = shapely.hausdorff_distance(*flat) <= within_m
        # Vertices may lie near while ground between them is gone: what differs must be a thin seam.
        apart = np.flatnonzero(near)
        seam = shapely.area(shapely.symmetric_difference(flat[0][apart], flat[1][apart]))
        near[apart] = seam <= within_m * shapely.length(flat[0][apart])
        same[rest] = near
    return same


def _same_vertices(first: Geometries, second: Geometries, within_m: float) -> Mask:
    counts = shapely.get_num_coordinates(first)
    same: Mask = (counts == shapely.get_num_coordinates(second)) & (
        shapely.get_num_geometries(first) == shapely.get_num_geometries(second)
    )
    rows = np.flatnonzero(same)
    if not len(rows):
        return same
    steps = np.abs(
        shapely.get_coordinates(first[rows]) - shapely.get_coordinates(second[rows])
    ).max(axis=1)
    starts = np.concatenate([[0], np.cumsum(counts[rows])[:-1]])
    worst = np.maximum.reduceat(steps, starts)
    same[rows] = worst * _DEGREE_M * np.sqrt(2) <= within_m
    return same


def _metres(shapes: Geometries, origin: Geometries) -> Geometries:
    """Put shapes into metres east and north of the middle of their origin; good for small differences."""
    box = shapely.bounds(origin)
    middle = (box[:, :2] + box[:, 2:]) / 2
    unit_m = geometry.degree_m(middle[:, 1])
    counts = shapely.get_num_coordinates(shapes)
    xy = shapely.get_coordinates(shapes) - np.repeat(middle, counts, axis=0)
    out: Geometries = shapely.set_coordinates(shapes.copy(), xy * np.repeat(unit_m, counts, axis=0))
    return out


def compare_outlines(
    before: Geometries, after: Geometries, same_share: float, within_m: float
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.float64]]:
    """
    Say of pairs of outlines that differ what became of the first.

    Parameters
    ----------
    before, after
        Polygons in degrees.
    same_share
        Of what two shapes cover together, from which one moved on the other is the other.
    within_m
        Up to which outlines that were moved on each other are the same.

    Returns
    -------
    change, moved_m
        A `RightChange` each, and how far its middle moved, metres.
    """
    a, b = shapely.centroid(before), shapely.centroid(after)
    moved_m = distance_m(a, b)
    shift = shapely.get_coordinates(b) - shapely.get_coordinates(a)
    counts = shapely.get_num_coordinates(before)
    there = shapely.set_coordinates(
        before.copy(), shapely.get_coordinates(before) + np.repeat(shift, counts, axis=0)
    )
    # Shares do not feel that a degree of longitude is the shorter one.
    larger = shapely.area(after) > shapely.area(before)
    kept = shapely.area(shapely.intersection(before, after))
    grew = larger & (kept >= same_share * shapely.area(before))
    shrank = ~larger & (kept >= same_share * shapely.area(after))
    is_elsewhere = common_share(before, after) < same_share
    has_moved = is_same_outline(there, after, within_m)
    has_moved |= is_elsewhere & (common_share(there, after) >= same_share)
    change = np.select(
        [has_moved, grew, shrank],
        [RightChange.MOVED.value, RightChange.GREW.value, RightChange.SHRANK.value],
        RightChange.RESHAPED.value,
    ).astype(object)
    return change, moved_m


def common_share(one: Geometries, other: Geometries) -> npt.NDArray[np.float64]:
    """Give what pairs of shapes share, as a part of what they cover together."""
    shared = shapely.area(shapely.intersection(one, other))
    union = shapely.area(one) + shapely.area(other) - shared
    share: npt.NDArray[np.float64] = np.divide(
        shared, union, out=np.zeros(len(shared)), where=union > 0
    )
    return share


def distance_m(one: Geometries, other: Geometries) -> npt.NDArray[np.float64]:
    """Measure from point to point (degrees), in metres; not a number where one is missing."""
    out = np.full(len(one), np.nan)
    both = np.flatnonzero(
        ~shapely.is_missing(one) & ~shapely.is_missing(other)
        & ~shapely.is_empty(one) & ~shapely.is_empty(other)
    )  # fmt: skip
    ends = [
        geometry.geocentric(shapely.get_x(side[both]), shapely.get_y(side[both]))
        for side in (one, other)
    ]
    out[both] = np.linalg.norm(ends[0] - ends[1], axis=1)
    return out


def has_place(shapes: pd.Series) -> pd.Series:
    """Tell which geometries are there and not empty."""
    values = shapes.astype(object).where(shapes.notna(), None).to_numpy(dtype=object)
    there = ~shapely.is_missing(values) & ~shapely.is_empty(values)
    return pd.Series(there, index=shapes.index)


def covering(old: pd.Series, new: pd.Series, share: float) -> pd.DataFrame:
    """
    Pair shapes that lie one in the other.

    Parameters
    ----------
    old, new
        Polygons in degrees, each of an index of its own.
    share
        Of the smaller shape, from which it counts as lying in the other.

    Returns
    -------
    pairs
        `old`, `new` (labels of the two indexes), `of_old`, `of_new` (shared part of each).
    """
    shapes = [side.to_numpy(dtype=object) for side in (old, new)]
    i, j = shapely.STRtree(shapes[1]).query(shapes[0], predicate="intersects")
    shared = shapely.area(shapely.intersection(shapes[0][i], shapes[1][j]))
    pairs = pd.DataFrame(
        {
            "old": old.index.to_numpy()[i],
            "new": new.index.to_numpy()[j],
            "of_old": shared / shapely.area(shapes[0][i]),
            "of_new": shared / shapely.area(shapes[1][j]),
        }
    )
    return pairs[(pairs[["of_old", "of_new"]] >= share).any(axis=1)].reset_index(drop=True)
