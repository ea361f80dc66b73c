"""Rights held as flat outlines, and the points that come by in batches: which right covers which."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from numba import njit

from geoasm.geometry import Floats
from geoasm.kernels.covering import order_by_cell, scan, sort_into_cells
from geoasm.kernels.outlines import Outlines

Positions = npt.NDArray[np.intp]

BANDS = 2048  # of rights from south to north, each ordered eastward
MOST_CELLS = 1 << 21


class Held(NamedTuple):
    """Outlines in the order of their places, and the position that each had before."""

    outlines: Outlines
    number: Positions


def hold(outlines: Outlines) -> Held:
    """Order outlines by place once, so that every batch of points walks through memory."""
    low, high = np.inf, -np.inf
    known = np.isfinite(outlines.bounds).all(axis=1)
    if known.any():
        low, high = outlines.bounds[known, 1].min(), outlines.bounds[known, 3].max()
    per_unit = BANDS / (high - low) if high > low else 0.0
    frame = (0.0, float(low), float(per_unit), 1, BANDS)
    order = order_by_cell(outlines.bounds, frame)
    return Held(take(outlines, order), order)


def take(outlines: Outlines, which: Positions) -> Outlines:
    """Give the outlines at positions, in their order."""
    vertices, rings, parts = _taken(outlines.vertices, outlines.rings, outlines.parts, which)
    return Outlines(vertices, rings, parts, outlines.bounds[which], outlines.upright[which])


def cover(held: Held, x: Floats, y: Floats) -> tuple[Positions, Positions]:
    """
    Join a batch of points to the polygons that cover them, as GEOS' `covers` does.

    Parameters
    ----------
    x, y
        Float64 coordinates in the polygons' system; NaN matches nothing.

    Returns
    -------
    polygon, counts
        Positions that the polygons had before they were held, point after point, ascending for
        each; how many cover each point.
    """
    places = sort_into_cells(x, y, MOST_CELLS)
    point, polygon, doubtful = scan(*places, *held.outlines, True)
    if len(doubtful):
        kept = np.ones(len(point), dtype=bool)
        for k in doubtful:
            kept[k] = covered_by_geos(held.outlines, polygon[k], x[point[k]], y[point[k]])
        point, polygon = point[kept], polygon[kept]
    return _by_point(point, polygon, held.number, x.size)


def covered_by_geos(outlines: Outlines, polygon: int, x: float, y: float) -> bool:
    """Let GEOS locate a point against each ring of a polygon: on one, or inside an odd number."""
    first, last = outlines.parts[polygon], outlines.parts[polygon + 1]
    inside = 0
    for ring in range(first, last):
        area = shapely.Polygon(outlines.vertices[outlines.rings[ring] : outlines.rings[ring + 1]])
        if shapely.contains_xy(area, x, y):
            inside += 1
        elif shapely.intersects_xy(area, x, y):
            return True
    return inside % 2 == 1


@njit(cache=True, nogil=True)
def _taken(
    vertices: Floats, rings: Positions, parts: Positions, which: Positions
) -> tuple[Any, ...]:
    # Sizes in the order of memory first: far reads that do not wait for each other.
    sizes, counts = np.empty(parts.size - 1, np.int32), np.empty(parts.size - 1, np.int32)
    for p in range(sizes.size):
        sizes[p], counts[p] = rings[parts[p + 1]] - rings[parts[p]], parts[p + 1] - parts[p]
    n, n_rings = 0, 0
    for p in which:
        n += sizes[p]
        n_rings += counts[p]
    out, ring_ends = np.empty((n, 2)), np.zeros(n_rings + 1, np.intp)
    part_ends = np.zeros(which.size + 1, np.intp)
    n, n_rings = 0, 0
    for k in range(which.size):
        p = which[k]
        for ring in range(parts[p], parts[p + 1]):
            for i in range(rings[ring], rings[ring + 1]):
                out[n, 0], out[n, 1] = vertices[i, 0], vertices[i, 1]
                n += 1
            n_rings += 1
            ring_ends[n_rings] = n
        part_ends[k + 1] = n_rings
    return out, ring_ends, part_ends


@njit(cache=True, nogil=True)
def _by_point(
    point: Positions, polygon: Positions, number: Positions, n: int
) -> tuple[Positions, Positions]:
    """Order pairs by point, then by the number of their polygon; count them for each point."""
    counts = np.zeros(n, np.intp)
    for k in range(point.size):
        counts[point[k]] += 1
    free, at = np.empty(n, np.intp), 0
    for i in range(n):
        free[i] = at
        at += counts[i]
    out = np.empty(point.size, np.intp)
    for k in range(point.size):
        i, value = point[k], number[polygon[k]]
        j = free[i]
        out[j] = value
        free[i] += 1
    for i in range(n):
        first, end = free[i] - counts[i], free[i]
        for k in range(first + 1, end):
            value, j = out[k], k
            while j > first and out[j - 1] > value:
                out[j] = out[j - 1]
                j -= 1
            out[j] = value
    return out, counts
