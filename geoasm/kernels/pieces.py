"""
Pieces of edges in the common box of two polygons, and the ground between them, compiled.

Along a level y, a polygon reaches from edges that go down to edges that go up, its inside to the
left. What two polygons share is therefore the signed sum, over every edge of one and every edge of
the other, of the ground between a common western limit and whichever edge lies further west. That
holds for holes, parts and any number of vertices, and needs no crossing to be found.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from geoasm.geometry import Floats
from geoasm.kernels.outlines import Positions
from geoasm.kernels.overlay import ROUNDING

Box = tuple[float, float, float, float]  # west, south, width, height

LEAST_HEIGHT = 2.0**-900  # of a piece: a slope over less is no number


@njit(cache=True, nogil=True)
def room(pieces: Floats, n: int) -> Floats:
    """Give an array of at least n rows; what is in it may be lost."""
    return pieces if len(pieces) >= n else np.empty((2 * n, 5))


@njit(cache=True, nogil=True)
def reach_all(
    pieces: Floats, vertices: Floats, rings: Positions, first: int, last: int, direction: float,
    box: Box,
) -> int:  # fmt: skip
    """List the pieces of a polygon's edges that reach into a box; how many."""
    n = 0
    for ring in range(first, last):
        for i in range(rings[ring], rings[ring + 1] - 1):
            n = reach(pieces, n, vertices, i, direction, box)
    return n


@njit(cache=True, nogil=True, error_model="numpy")
def reach(
    pieces: Floats, n: int, vertices: Floats, i: int, direction: float,
    box: Box,
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
    if high - low < LEAST_HEIGHT:
        return n
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


@njit(cache=True, nogil=True)
def sum_in_box(
    pieces: Floats, vertices: Floats, rings: Positions, first: int, last: int, direction: float,
    box: Box, wide: float,
) -> tuple[float, float]:  # fmt: skip
    """
    Sum the ground of a polygon within a box; and bound the sum's rounding.

    It is what `between` gives of a box whose own pieces are its western and its eastern side. Room
    for the pieces of one edge is given.
    """
    west, south, width, height = box
    total, size, levels = 0.0, 0.0, 0.0
    for ring in range(first, last):
        x2, y2 = vertices[rings[ring], 0] - west, vertices[rings[ring], 1] - south
        for i in range(rings[ring], rings[ring + 1] - 1):
            x1, y1 = x2, y2
            x2, y2 = vertices[i + 1, 0] - west, vertices[i + 1, 1] - south
            low, high = max(min(y1, y2), 0.0), min(max(y1, y2), height)
            if not low < high or max(x1, x2) <= 0.0:
                continue
            if x1 == x2:
                term = 2.0 * min(x1, width) * (high - low)
            else:
                n, term = reach(pieces, 0, vertices, i, 1.0, box), 0.0
                for k in range(n):
                    term += (pieces[k, 2] + pieces[k, 3]) * (pieces[k, 1] - pieces[k, 0])
            total += term if y1 < y2 else -term
            size += term
            levels += 2.0 * (high - low)
    return direction * total / 2.0, 8.0 * ROUNDING * (size + wide * levels)


@njit(cache=True, nogil=True)
def sum_pieces(pieces: Floats) -> float:
    """Sum the ground west of pieces, signed."""
    total = 0.0
    for k in range(len(pieces)):
        height = pieces[k, 1] - pieces[k, 0]
        total += pieces[k, 4] * (pieces[k, 2] + pieces[k, 3]) * height
    return total / 2.0


@njit(cache=True, nogil=True)
def comes_near(vertices: Floats, i: int, box: Box, margin: float) -> bool:
    """Tell whether an edge comes nearer to a box than a margin, or may do so."""
    west, south, width, height = box
    x1, y1 = vertices[i, 0] - west, vertices[i, 1] - south
    x2, y2 = vertices[i + 1, 0] - west, vertices[i + 1, 1] - south
    if y1 > y2:
        x1, y1, x2, y2 = x2, y2, x1, y1
    low, high = max(y1, -margin), min(y2, height + margin)
    if low > high or max(x1, x2) < -margin or min(x1, x2) > width + margin:
        return False
    if y2 - y1 < LEAST_HEIGHT:
        return True
    per_y = (x2 - x1) / (y2 - y1)
    a, b = x1 + (low - y1) * per_y, x1 + (high - y1) * per_y
    # What is added to the far end's x may be rounded by more than the margin where edges are long.
    loose = margin + 4.0 * ROUNDING * (abs(x1) + abs(x2))
    return max(a, b) >= -loose and min(a, b) <= width + loose
