"""How much ground pairs of polygons share, compiled: boxes that meet, then edge against edge."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from numba import njit

from geoasm.geometry import Floats, Geometries
from geoasm.kernels.covering import cell_of, sort_into_strips
from geoasm.kernels.meetings import in_order, meet
from geoasm.kernels.outlines import Outlines, Positions, flatten
from geoasm.kernels.overlay import NOTHING, ROUNDING, UNITS, cut_pairs
from geoasm.kernels.pieces import (
    Box,
    between,
    comes_near,
    reach,
    reach_all,
    room,
    sum_in_box,
    sum_pieces,
)

FEW_VERTICES = 64  # more are sorted into strips
NEARLY_NOTHING = 1e-9  # of the boxes' common ground: whether so little is shared, GEOS decides


class Meetings(NamedTuple):
    """
    Pairs of polygons whose boxes share ground, ordered, and the ground that they share themselves.

    `least` is how much a pair must share for its area to tell that it does share ground, and that
    rounding of coordinates leaves something of it; 0 where they surely share nothing, as `area` is.
    """

    first: Positions
    second: Positions
    area: Floats
    least: Floats

    @property
    def open(self) -> Positions:
        """Positions of the pairs whose area does not tell whether they share ground."""
        return np.flatnonzero((self.area <= self.least) & (self.least > 0.0))


def areas(
    polygons: Geometries, others: Geometries | None = None
) -> tuple[Positions, Positions, Floats]:
    """
    Measure the ground that every two polygons share, or every one of some with every one of others.

    Parameters
    ----------
    polygons, others
        Valid polygons, multipolygons or None, in one system.

    Returns
    -------
    first, second, area
        Positions of the pairs that share ground, `second` in `others`, or in `polygons` above
        `first`; square units.
    """
    every = polygons if others is None else np.concatenate([polygons, others])
    split = 0 if others is None else len(polygons)
    outlines = consistent(every)
    meetings = measure(outlines, split)
    first, second, area, _ = meetings
    open_ = meetings.open
    kind = cut_pairs(first[open_], second[open_], *outlines[:3], own_areas(*outlines[:3]))[0]
    area[open_[kind == NOTHING]] = 0.0
    open_ = open_[kind != NOTHING]
    area[open_] = shapely.area(shapely.intersection(every[first[open_]], every[second[open_]]))
    shared = area > 0.0
    return first[shared], second[shared] - split, area[shared]


def consistent(polygons: Geometries) -> Outlines:
    """Flatten polygons so that each one's shells go one way around, and its holes the other."""
    outlines = flatten(polygons)
    several = np.diff(outlines.parts) > 1
    if not several.any():
        return outlines
    of_several = np.repeat(
        several, outlines.rings[outlines.parts[1:]] - outlines.rings[outlines.parts[:-1]]
    )
    turned = shapely.orient_polygons(polygons[several])
    outlines.vertices[of_several] = shapely.get_coordinates(turned)
    return outlines


def measure(outlines: Outlines, split: int = 0) -> Meetings:
    """
    Measure what pairs share whose boxes share ground, whether they do or not.

    Parameters
    ----------
    outlines
        Rings in consistent directions.
    split
        Pair only polygons before this position with others; 0 pairs all.
    """
    vertices, rings, parts, bounds, upright = outlines
    first, second = in_order(*meet(bounds, split), len(bounds))
    sizes = rings[parts[1:]] - rings[parts[:-1]]
    larger = np.where(sizes[first] > sizes[second], first, second)
    many = np.where(sizes[larger] > FEW_VERTICES, larger, -1)
    turn = np.argsort(many, kind="stable")  # pairs of an outline of many vertices follow each other
    direction = np.sign(own_areas(vertices, rings, parts))
    area, least = measure_pairs(
        first, second, many, turn, vertices, rings, parts, bounds, upright, direction
    )
    return Meetings(first, second, area, least)


@njit(cache=True, nogil=True)
def own_areas(vertices: Floats, rings: Positions, parts: Positions) -> Floats:
    """Measure polygons: above 0 where shells go against the clock, below where with it."""
    out = np.zeros(parts.size - 1)
    for p in range(out.size):
        for ring in range(parts[p], parts[p + 1]):
            x0, y0 = vertices[rings[ring]]
            for i in range(rings[ring] + 1, rings[ring + 1]):
                x1, y1 = vertices[i - 1, 0] - x0, vertices[i - 1, 1] - y0
                x2, y2 = vertices[i, 0] - x0, vertices[i, 1] - y0
                out[p] += (x1 * y2 - x2 * y1) / 2.0
    return out


@njit(cache=True, nogil=True)
def measure_pairs(
    first: Positions, second: Positions, many: Positions, turn: Positions,
    vertices: Floats, rings: Positions, parts: Positions, bounds: Floats,
    upright: npt.NDArray[np.bool_], direction: Floats,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Measure what each pair shares, and how much must be shared to be told from rounding."""
    area, least = np.empty(first.size), np.empty(first.size)
    one, other = np.empty((64, 5)), np.empty((64, 5))
    sorted_of, strips = -1, (np.empty(0, np.intp), np.empty(0, np.intp), 0.0, 0)
    for k in turn:
        i, j = first[k], second[k]
        west, south = max(bounds[i, 0], bounds[j, 0]), max(bounds[i, 1], bounds[j, 1])
        east, north = min(bounds[i, 2], bounds[j, 2]), min(bounds[i, 3], bounds[j, 3])
        box = (west, south, east - west, north - south)
        narrow = UNITS * ROUNDING * max(max(abs(west), abs(east)), max(abs(south), abs(north)))
        least[k] = max(NEARLY_NOTHING * box[2] * box[3], narrow * (box[2] + box[3]))
        if upright[i] and upright[j]:
            area[k] = box[2] * box[3]
            continue
        if upright[j] if many[k] < 0 else many[k] == i:
            i, j = j, i
        wide = max(max(bounds[i, 2], bounds[j, 2]) - west, west - min(bounds[i, 0], bounds[j, 0]))
        shape = vertices, rings, parts[j], parts[j + 1]
        if many[k] < 0 and upright[i]:
            area[k], error = sum_in_box(other, *shape, direction[j], box, wide)
            least[k] = max(least[k], error)
            if area[k] <= least[k] < box[2] * box[3] / 2.0 and clears(*shape, box, narrow):
                area[k] = least[k] = 0.0
            continue
        if many[k] < 0:
            other = room(other, 4 * (rings[parts[j + 1]] - rings[parts[j]]) + 1)
            n_other = reach_all(other, *shape, direction[j], box)
        else:
            if j != sorted_of:
                strips = sort_into_strips(*shape, bounds[j, 1], bounds[j, 3])
                sorted_of = j
            other, n_other = reach_strips(other, vertices, bounds[j], strips, direction[j], box)
        one = room(one, 4 * (rings[parts[i + 1]] - rings[parts[i]]) + 1)
        n_one = reach_all(one, vertices, rings, parts[i], parts[i + 1], direction[i], box)
        area[k], error = between(one[:n_one], other[:n_other], wide)
        least[k] = max(least[k], error)
        if area[k] <= least[k] and sum_pieces(other[:n_other]) < box[2] * box[3] / 2.0:
            if many[k] < 0:
                clear = clears(*shape, box, narrow)
            else:
                clear = clears_strips(vertices, bounds[j], strips, box, narrow)
            if clear:
                area[k] = least[k] = 0.0
    return area, least


@njit(cache=True, nogil=True)
def reach_strips(
    pieces: Floats, vertices: Floats, bounds: Floats, sorted_edges: tuple[Any, ...],
    direction: float, box: Box,
) -> tuple[Floats, int]:  # fmt: skip
    """List the pieces of a polygon's edges, sorted into strips, that reach into a box."""
    offsets, edges, per_unit, strips = sorted_edges
    low = cell_of(box[1], bounds[1], per_unit, strips)
    high = cell_of(box[1] + box[3], bounds[1], per_unit, strips)
    pieces = room(pieces, 4 * (offsets[high + 1] - offsets[low]) + 1)
    n = 0
    for strip in range(low, high + 1):
        for at in range(offsets[strip], offsets[strip + 1]):
            e = edges[at]
            begins = min(vertices[e, 1], vertices[e + 1, 1])
            if max(low, cell_of(begins, bounds[1], per_unit, strips)) == strip:
                n = reach(pieces, n, vertices, e, direction, box)
    return pieces, n


@njit(cache=True, nogil=True)
def clears_strips(
    vertices: Floats, bounds: Floats, sorted_edges: tuple[Any, ...], box: Box, margin: float
) -> bool:
    """Tell whether all of a polygon's edges, sorted into strips, stay clear of a box."""
    offsets, edges, per_unit, strips = sorted_edges
    low = cell_of(box[1] - margin, bounds[1], per_unit, strips)
    high = cell_of(box[1] + box[3] + margin, bounds[1], per_unit, strips)
    for at in range(offsets[low], offsets[high + 1]):
        if comes_near(vertices, edges[at], box, margin):
            return False
    return True


@njit(cache=True, nogil=True)
def clears(
    vertices: Floats, rings: Positions, first: int, last: int, box: Box, margin: float
) -> bool:
    """Tell whether all of a polygon's edges stay clear of a box."""
    for ring in range(first, last):
        for i in range(rings[ring], rings[ring + 1] - 1):
            if comes_near(vertices, i, box, margin):
                return False
    return True
