"""Polygons as flat arrays of vertices, as compiled loops read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from numba import njit

from geoasm.errors import NotPolygons
from geoasm.geometry import Floats, Geometries

Positions = npt.NDArray[np.intp]

MISSING, POLYGON, MULTIPOLYGON = -1, 3, 6  # GEOS' numbers of types
MIN_VERTICES = 4  # of a ring, its first one repeated


class Outlines(NamedTuple):
    """
    Vertices of polygons, ring after ring.

    `vertices` has shape (n, 2); ring r has the vertices `rings[r]` to `rings[r + 1]`, its first one
    repeated at its end; polygon p has the rings `parts[p]` to `parts[p + 1]`, none where it is
    missing or empty. `bounds` has shape (p, 4), NaN where there are no rings; `upright` tells which
    are rectangles along the axes.
    """

    vertices: Floats
    rings: Positions
    parts: Positions
    bounds: Floats
    upright: npt.NDArray[np.bool_]


def flatten(polygons: Geometries) -> Outlines:
    """
    Give the vertices of polygons, multipolygons and missing values.

    Raises
    ------
    NotPolygons
        A geometry is of another type.
    """
    kind = shapely.get_type_id(polygons)
    if not ((kind == POLYGON) | (kind == MULTIPOLYGON) | (kind == MISSING)).all():
        raise NotPolygons("only polygons have outlines that cover ground")
    vertices, of_polygon = shapely.get_coordinates(polygons, return_index=True)
    sizes = np.bincount(of_polygon, minlength=len(polygons))
    lengths, n_rings, unclear = split_into_rings(vertices, sizes)
    if unclear.any():
        lengths, n_rings = _told_by_geos(polygons, lengths, n_rings, unclear)
    rings = np.concatenate([[0], np.cumsum(lengths)]).astype(np.intp)
    parts = np.concatenate([[0], np.cumsum(n_rings)]).astype(np.intp)
    upright = find_upright(vertices, rings, parts)
    return Outlines(vertices, rings, parts, boxes(vertices, sizes), upright)


def from_rings(vertices: Floats, rings: Positions, parts: Positions) -> Outlines:
    """Give outlines of vertices whose rings are known; shapes and offsets as of `Outlines`."""
    sizes = np.diff(rings[parts])
    return Outlines(
        vertices, rings, parts, boxes(vertices, sizes), find_upright(vertices, rings, parts)
    )


def join(several: Sequence[Outlines]) -> Outlines:
    """Give the outlines of several lots as one, in order."""
    if len(several) == 1:
        return several[0]
    return Outlines(
        np.concatenate([np.empty((0, 2)), *(lot.vertices for lot in several)]),
        _joined([lot.rings for lot in several]),
        _joined([lot.parts for lot in several]),
        np.concatenate([np.empty((0, 4)), *(lot.bounds for lot in several)]),
        np.concatenate([np.empty(0, np.bool_), *(lot.upright for lot in several)]),
    )


def _joined(several: Sequence[Positions]) -> Positions:
    """Join offsets, each lot's after the end of the lot before it."""
    out, end = [np.zeros(1, np.intp)], 0
    for offsets in several:
        out.append(offsets[1:] + end)
        end += int(offsets[-1])
    return np.concatenate(out)


@njit(cache=True, nogil=True)
def split_into_rings(
    vertices: Floats, sizes: Positions
) -> tuple[Positions, Positions, npt.NDArray[np.bool_]]:
    """
    Cut each polygon's vertices where they come back to where they left.

    A ring that touches itself at its first vertex becomes two, with the same edges.

    Returns
    -------
    lengths, n_rings, unclear
        Vertices of each ring; rings of each polygon; polygons where a vertex that is repeated
        leaves open where a ring ends.
    """
    lengths = np.empty(len(vertices) + 1, np.intp)
    n_rings, unclear = np.zeros(sizes.size, np.intp), np.zeros(sizes.size, np.bool_)
    n, at = 0, 0
    for p in range(sizes.size):
        end = at + sizes[p]
        while at < end:
            x, y = vertices[at, 0], vertices[at, 1]
            closed = at + MIN_VERTICES - 1
            while closed < end and not (vertices[closed, 0] == x and vertices[closed, 1] == y):
                closed += 1
            after = closed + 1
            if closed >= end or (
                after < end and vertices[after, 0] == x and vertices[after, 1] == y
            ):
                unclear[p] = True
                after = end
            lengths[n] = after - at
            n_rings[p] += 1
            n += 1
            at = after
    return lengths[:n], n_rings, unclear


@njit(cache=True, nogil=True)
def is_upright_rectangle(vertices: Floats, first: int, end: int) -> bool:
    """Tell whether a ring goes once along four edges, each along an axis."""
    if end - first != 5:
        return False
    ax, ay, bx, by = (
        vertices[first, 0], vertices[first, 1], vertices[first + 1, 0], vertices[first + 1, 1],
    )  # fmt: skip
    cx, cy, dx, dy = (
        vertices[first + 2, 0], vertices[first + 2, 1],
        vertices[first + 3, 0], vertices[first + 3, 1],
    )  # fmt: skip
    if ax == cx or ay == cy:
        return False
    if ax == bx:
        return by == cy and cx == dx and dy == ay
    return ay == by and bx == cx and cy == dy and dx == ax


@njit(cache=True, nogil=True)
def find_upright(vertices: Floats, rings: Positions, parts: Positions) -> npt.NDArray[np.bool_]:
    """Tell which polygons are upright rectangles: they cover their box."""
    upright = np.zeros(parts.size - 1, np.bool_)
    for p in range(upright.size):
        first = parts[p]
        upright[p] = parts[p + 1] - first == 1 and is_upright_rectangle(
            vertices, rings[first], rings[first + 1]
        )
    return upright


@njit(cache=True, nogil=True)
def boxes(vertices: Floats, sizes: Positions) -> Floats:
    """Give west, south, east and north of each polygon; NaN of those without vertices."""
    bounds = np.full((sizes.size, 4), np.nan)
    at = 0
    for p in range(sizes.size):
        if sizes[p] > 0:
            west, south = vertices[at]
            east, north = west, south
            for i in range(at, at + sizes[p]):
                west, east = min(west, vertices[i, 0]), max(east, vertices[i, 0])
                south, north = min(south, vertices[i, 1]), max(north, vertices[i, 1])
            bounds[p] = west, south, east, north
        at += sizes[p]
    return bounds


@njit(cache=True, nogil=True)
def areas(vertices: Floats, rings: Positions, polygons: Positions, shapes: Positions) -> Floats:
    """Measure shapes of polygons, whose shells come first, in GEOS' order of sums: to the last digit."""
    out = np.zeros(shapes.size - 1)
    for s in range(out.size):
        for p in range(shapes[s], shapes[s + 1]):
            of_polygon = 0.0
            for r in range(polygons[p], polygons[p + 1]):
                first, end, twice = rings[r], rings[r + 1], 0.0
                for i in range(first + 1, end - 1):
                    along = vertices[i, 0] - vertices[first, 0]
                    twice += along * (vertices[i - 1, 1] - vertices[i + 1, 1])
                ring = abs(twice / 2.0)
                of_polygon += ring if r == polygons[p] else -ring
            out[s] += of_polygon
    return out


def _told_by_geos(
    polygons: Geometries, lengths: Positions, n_rings: Positions, unclear: npt.NDArray[np.bool_]
) -> tuple[Positions, Positions]:
    """Take the rings of unclear polygons from their geometries."""
    which = np.flatnonzero(unclear)
    parts, of_part = shapely.get_parts(polygons[which], return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    was_clear = np.repeat(~unclear, n_rings)
    counts = n_rings.copy()
    counts[which] = np.bincount(of_part[of_ring], minlength=len(which))
    out = np.empty(counts.sum(), dtype=np.intp)
    is_clear = np.repeat(~unclear, counts)
    out[is_clear] = lengths[was_clear]
    out[~is_clear] = shapely.get_num_coordinates(rings)
    return out, counts
