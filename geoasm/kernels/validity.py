"""Which outlines are surely valid polygons: told by their edges alone; GEOS is asked of the others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from geoasm.geometry import Floats
from geoasm.kernels.exact import bends_one_way, side

Positions = npt.NDArray[np.intp]

MOST_EDGES = 64  # every edge is held against every other


@njit(cache=True, nogil=True)
def surely_valid(
    vertices: Floats, rings: Positions, parts: Positions, upright: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """
    Tell which polygons have no outline, or one ring that surely meets itself nowhere.

    False where a polygon has several rings, many vertices, or edges too near each other to tell.
    """
    out = np.zeros(parts.size - 1, np.bool_)
    for p in range(out.size):
        first = parts[p]
        count = parts[p + 1] - first
        if count == 1 and not upright[p]:
            ring = vertices[rings[first] : rings[first + 1]]
            few = 4 <= len(ring) <= MOST_EDGES + 1
            out[p] = few and is_finite(ring) and (bends_one_way(ring) or is_simple(ring))
        elif count == 1:
            out[p] = is_finite(vertices[rings[first] : rings[first + 1]])
        else:
            out[p] = count == 0
    return out


@njit(cache=True, nogil=True)
def is_finite(ring: Floats) -> bool:
    """Tell whether every coordinate is a number."""
    return bool(np.isfinite(ring).all())


@njit(cache=True, nogil=True)
def is_simple(ring: Floats) -> bool:
    """Tell whether no two edges of a closed ring meet, but neighbours where one follows the other."""
    n = len(ring) - 1
    for i in range(n):
        if not goes_on(ring[i - 1] if i else ring[n - 1], ring[i], ring[i + 1]):
            return False
    for i in range(n - 2):
        west, east = min(ring[i, 0], ring[i + 1, 0]), max(ring[i, 0], ring[i + 1, 0])
        south, north = min(ring[i, 1], ring[i + 1, 1]), max(ring[i, 1], ring[i + 1, 1])
        for j in range(i + 2, n - 1 if i == 0 else n):
            x1, y1, x2, y2 = ring[j, 0], ring[j, 1], ring[j + 1, 0], ring[j + 1, 1]
            if (x1 < west and x2 < west) or (x1 > east and x2 > east):
                continue
            if (y1 < south and y2 < south) or (y1 > north and y2 > north):
                continue
            if not apart(ring[i, 0], ring[i, 1], ring[i + 1, 0], ring[i + 1, 1], x1, y1, x2, y2):
                return False
    return True


@njit(cache=True, nogil=True)
def goes_on(a: Floats, b: Floats, c: Floats) -> bool:
    """Tell whether the edge from b to c surely meets the one from a to b in b alone."""
    bend = side(a[0], a[1], b[0], b[1], c[0], c[1])
    if bend != 0.0:
        return not np.isnan(bend)
    return (a[0] < b[0] < c[0] or a[0] > b[0] > c[0]) or (
        a[0] == b[0] == c[0] and (a[1] < b[1] < c[1] or a[1] > b[1] > c[1])
    )


@njit(cache=True, nogil=True)
def apart(
    ax: float, ay: float, bx: float, by: float, cx: float, cy: float, dx: float, dy: float
) -> bool:
    """Tell whether both ends of an edge, a to b or c to d, surely lie on one side of the other."""
    if side(ax, ay, bx, by, cx, cy) * side(ax, ay, bx, by, dx, dy) > 0.0:
        return True
    return side(cx, cy, dx, dy, ax, ay) * side(cx, cy, dx, dy, bx, by) > 0.0
