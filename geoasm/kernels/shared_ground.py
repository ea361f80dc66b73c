"""
How much ground pairs of polygons share, compiled: boxes that meet, then edge against edge.

Along a level y, a polygon reaches from edges that go down to edges that go up, its inside to the
left. What two polygons share is therefore the signed sum, over every edge of one and every edge of
the other, of the ground between a common western limit and whichever edge lies further west. That
holds for holes, parts and any number of vertices, and needs no crossing to be found.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from numba import njit

from geoasm.geometry import Floats, Geometries
from geoasm.kernels.covering import cell_of, grown, sort_into_strips
from geoasm.kernels.outlines import Outlines, flatten
from geoasm.kernels.overlay import NOTHING, ROUNDING, UNITS, cut_pairs

Positions = npt.NDArray[np.intp]

FEW_VERTICES = 64  # more are sorted into strips
STRIPS_PER_BOX = 2  # in which a box stands, about
NEARLY_NOTHING = 1e-9  # of the boxes' common ground: whether so little is shared, GEOS decides


class Meetings(NamedTuple):
    """
    Pairs of polygons whose boxes share ground, ordered, and the ground that they share themselves.

    `least` is how much a pair must share for its area to tell that it does share ground, and that
    rounding of coordinates leaves something of it.
    """

    first: Positions
    second: Positions
    area: Floats
    least: Floats


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
    first, second, area, least = measure(outlines, split)
    open_ = np.flatnonzero(area <= least)
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
    first, second = meet(bounds, split)
    sizes = rings[parts[1:]] - rings[parts[:-1]]
    larger = np.where(sizes[first] > sizes[second], first, second)
    many = np.where(sizes[larger] > FEW_VERTICES, larger, -1)
    order = np.lexsort((second, first))
    first, second, many = first[order], second[order], many[order]
    turn = np.argsort(many, kind="stable")  # pairs of an outline of many vertices follow each other
    direction = np.sign(own_areas(vertices, rings, parts))
    area, error = measure_pairs(
        first, second, many, turn, vertices, rings, parts, bounds, upright, direction
    )
    low = np.maximum(bounds[first, :2], bounds[second, :2])
    high = np.minimum(bounds[first, 2:], bounds[second, 2:])
    width, height = (high - low).T
    unit = ROUNDING * np.maximum(np.abs(low), np.abs(high)).max(axis=1)
    least = np.maximum(NEARLY_NOTHING * width * height, UNITS * unit * (width + height))
    return Meetings(first, second, area, np.maximum(least, error))


@njit(cache=True, nogil=True)
def meet(bounds: Floats, split: int) -> tuple[Positions, Positions]:
    """
    Find the pairs of boxes that share ground, the lower position first.

    Boxes stand in strips from west to east; a pair is told where its common ground begins.
    """
    n, lowest, highest, height = 0, np.inf, -np.inf, 0.0
    for i in range(len(bounds)):
        if bounds[i, 0] < bounds[i, 2] and bounds[i, 1] < bounds[i, 3]:
            n += 1
            lowest, highest = min(lowest, bounds[i, 1]), max(highest, bounds[i, 3])
            height += bounds[i, 3] - bounds[i, 1]
    strips, per_unit = 1, 0.0
    if n > 0 and np.isfinite(n / height):
        per_unit = (STRIPS_PER_BOX - 1) * n / height
        strips = max(1, min(n, int(min((highest - lowest) * per_unit, 1e9))))
    by_west = np.argsort(bounds[:, 0], kind="mergesort")
    ends = np.zeros(strips + 1, np.intp)
    for i in range(len(bounds)):
        if bounds[i, 0] < bounds[i, 2] and bounds[i, 1] < bounds[i, 3]:
            low = cell_of(bounds[i, 1], lowest, per_unit, strips)
            for strip in range(low, cell_of(bounds[i, 3], lowest, per_unit, strips) + 1):
                ends[strip + 1] += 1
    ends = np.cumsum(ends)
    places, boxes, free = (
        np.empty(ends[strips], np.intp),
        np.empty((ends[strips], 4)),
        ends[:-1].copy(),
    )
    for i in by_west:
        if bounds[i, 0] < bounds[i, 2] and bounds[i, 1] < bounds[i, 3]:
            low = cell_of(bounds[i, 1], lowest, per_unit, strips)
            for strip in range(low, cell_of(bounds[i, 3], lowest, per_unit, strips) + 1):
                places[free[strip]], boxes[free[strip]] = i, bounds[i]
                free[strip] += 1
    first, second, found = np.empty(1024, np.intp), np.empty(1024, np.intp), 0
    for strip in range(strips):
        for u in range(ends[strip], ends[strip + 1]):
            i, south, east, north = places[u], boxes[u, 1], boxes[u, 2], boxes[u, 3]
            for v in range(u + 1, ends[strip + 1]):
                if boxes[v, 0] >= east:
                    break
                begins = max(south, boxes[v, 1])
                if begins >= min(north, boxes[v, 3]):
                    continue
                j = places[v]
                if split > 0 and (i < split) == (j < split):
                    continue
                if cell_of(begins, lowest, per_unit, strips) != strip:
                    continue
                if found == first.size:
                    first, second = grown(first, found, 2 * found), grown(second, found, 2 * found)
                first[found], second[found] = min(i, j), max(i, j)
                found += 1
    return first[:found], second[:found]


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
    """Measure what each pair shares, and how far rounding may have moved that."""
    area, error = np.empty(first.size), np.zeros(first.size)
    one, other = np.empty((64, 5)), np.empty((64, 5))
    sorted_of, strips, per_unit = -1, 0, 0.0
    offsets, edges = np.empty(0, np.intp), np.empty(0, np.intp)
    for k in turn:
        i, j = first[k], second[k]
        west, south = max(bounds[i, 0], bounds[j, 0]), max(bounds[i, 1], bounds[j, 1])
        east, north = min(bounds[i, 2], bounds[j, 2]), min(bounds[i, 3], bounds[j, 3])
        if upright[i] and upright[j]:
            area[k] = (east - west) * (north - south)
            continue
        box, big = (west, south, east - west, north - south), many[k]
        if big >= 0:
            i = j if big == i else i
            if big != sorted_of:
                offsets, edges, per_unit, strips = sort_into_strips(
                    vertices, rings, parts[big], parts[big + 1], bounds[big, 1], bounds[big, 3]
                )
                sorted_of = big
            low = cell_of(south, bounds[big, 1], per_unit, strips)
            high = cell_of(north, bounds[big, 1], per_unit, strips)
            other = room(other, 4 * (offsets[high + 1] - offsets[low]) + 1)
            n_other = 0
            for strip in range(low, high + 1):
                for at in range(offsets[strip], offsets[strip + 1]):
                    e = edges[at]
                    begins = min(vertices[e, 1], vertices[e + 1, 1])
                    if max(low, cell_of(begins, bounds[big, 1], per_unit, strips)) == strip:
                        n_other = reach(other, n_other, vertices, e, direction[big], box)
            j = big
        else:
            other = room(other, 4 * (rings[parts[j + 1]] - rings[parts[j]]) + 1)
            n_other = reach_all(other, vertices, rings, parts[j], parts[j + 1], direction[j], box)
        one = room(one, 4 * (rings[parts[i + 1]] - rings[parts[i]]) + 1)
        n_one = reach_all(one, vertices, rings, parts[i], parts[i + 1], direction[i], box)
        wide = max(max(bounds[i, 2], bounds[j, 2]) - west, west - min(bounds[i, 0], bounds[j, 0]))
        area[k], error[k] = between(one[:n_one], other[:n_other], wide)
    return area, error


@njit(cache=True, nogil=True)
def room(pieces: Floats, n: int) -> Floats:
    """Give an array of at least n rows; what is in it may be lost."""
    return pieces if len(pieces) >= n else np.empty((2 * n, 5))


@njit(cache=True, nogil=True)
def reach_all(
    pieces: Floats, vertices: Floats, rings: Positions, first: int, last: int, direction: float,
    box: tuple[float, float, float, float],
) -> int:  # fmt: skip
    """List the pieces of a polygon's edges that reach into a box; how many."""
    n = 0
    for ring in range(first, last):
        for i in range(rings[ring], rings[ring + 1] - 1):
            n = reach(pieces, n, vertices, i, direction, box)
    return n


@njit(cache=True, nogil=True)
def reach(
    pieces: Floats, n: int, vertices: Floats, i: int, direction: float,
    box: tuple[float, float, float, float],
) -> int:  # fmt: skip
    """
    Add the pieces of an edge that matter within a box: inside it, or beyond its eastern side.

    A piece is its lower and upper y, its x at both, and the sign of its direction, from the box's
    corner. What lies east of the box counts as on its side, and is joined to what goes on there.
    """
    west, south, width, height = box
    x1, y1 = vertices[i, 0] - west, vertices[i, 1] - south
    x2, y2 = vertices[i + 1, 0] - west, vertices[i + 1, 1] - south
    sign = direction
    if y1 > y2:
        x1, y1, x2, y2, sign = x2, y2, x1, y1, -direction
    low, high = max(y1, 0.0), min(y2, height)
    if not low < high or max(x1, x2) <= 0.0:
        return n
    per_y = (x2 - x1) / (y2 - y1)
    a = x1 if low == y1 else x1 + (low - y1) * per_y
    b = x2 if high == y2 else x1 + (high - y1) * per_y
    if min(a, b) >= width:
        return beyond(pieces, n, low, high, width, sign)
    if max(a, b) <= 0.0:
        return n
    if a <= 0.0:
        low, a = min(max(y1 - x1 / per_y, low), high), 0.0
    elif b <= 0.0:
        high, b = min(max(y1 - x1 / per_y, low), high), 0.0
    if a > width:
        turn = min(max(y1 + (width - x1) / per_y, low), high)
        n = beyond(pieces, n, low, turn, width, sign)
        low, a = turn, width
    elif b > width:
        turn = min(max(y1 + (width - x1) / per_y, low), high)
        n = beyond(pieces, n, turn, high, width, sign)
        high, b = turn, width
    pieces[n, 0], pieces[n, 1], pieces[n, 2], pieces[n, 3], pieces[n, 4] = low, high, a, b, sign
    return n + 1


@njit(cache=True, nogil=True)
def beyond(pieces: Floats, n: int, low: float, high: float, width: float, sign: float) -> int:
    """Add a piece on the eastern side, or join it to the last one there."""
    if n > 0 and pieces[n - 1, 2] == width and pieces[n - 1, 3] == width:
        if pieces[n - 1, 4] == sign and pieces[n - 1, 1] == low:
            pieces[n - 1, 1] = high
            return n
        if pieces[n - 1, 4] == sign and pieces[n - 1, 0] == high:
            pieces[n - 1, 0] = low
            return n
    pieces[n, 0], pieces[n, 1], pieces[n, 2], pieces[n, 3], pieces[n, 4] = (
        low, high, width, width, sign,
    )  # fmt: skip
    return n + 1


@njit(cache=True, nogil=True)
def between(one: Floats, other: Floats, wide: float) -> tuple[float, float]:
    """Sum the ground west of both of every two pieces, signed; and bound the sum's rounding."""
    total, size, levels = 0.0, 0.0, 0.0
    for i in range(len(one)):
        low_i, high_i, a_i, b_i, sign = one[i, 0], one[i, 1], one[i, 2], one[i, 3], one[i, 4]
        slope_i = (b_i - a_i) / (high_i - low_i) if high_i > low_i else 0.0
        for j in range(len(other)):
            low, high = max(low_i, other[j, 0]), min(high_i, other[j, 1])
            if not low < high:
                continue
            a, b = a_i + (low - low_i) * slope_i, a_i + (high - low_i) * slope_i
            slope = (other[j, 3] - other[j, 2]) / (other[j, 1] - other[j, 0])
            c = other[j, 2] + (low - other[j, 0]) * slope
            d = other[j, 2] + (high - other[j, 0]) * slope
            before, after, height = a - c, b - d, high - low
            term = (min(a, c) + min(b, d)) * height
            if (before < 0.0 < after) or (after < 0.0 < before):
                share = before / (before - after)
                middle = a + share * (b - a)
                term = height * (
                    share * (min(a, c) + middle) + (1.0 - share) * (middle + min(b, d))
                )
            total += sign * other[j, 4] * term
            size += abs(term)
            levels += height
    return total / 2.0, 8.0 * ROUNDING * (size + wide * levels)
