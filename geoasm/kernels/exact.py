"""
Signs of triangles, exact: rough where that is enough, in twice the precision where not.

Error-free sums and products are Knuth's and Dekker's; see Shewchuk, Adaptive Precision
Floating-Point Arithmetic and Fast Robust Geometric Predicates (1997).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from geoasm.geometry import Floats
from geoasm.kernels.covering import ORIENTATION_ERROR

Positions = npt.NDArray[np.intp]

SPLITTER = 2.0**27 + 1.0


@njit(cache=True, nogil=True)
def product_tail(a: float, b: float, product: float) -> float:
    """Give what rounding took from a product (Dekker 1971)."""
    scaled = SPLITTER * a
    a_high = scaled - (scaled - a)
    a_low = a - a_high
    scaled = SPLITTER * b
    b_high = scaled - (scaled - b)
    b_low = b - b_high
    return a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


@njit(cache=True, nogil=True)
def difference_is_exact(a: float, b: float) -> bool:
    """Tell whether a - b is a number without rounding (Knuth's two-sum)."""
    x = a - b
    virtual = a - x
    return (a - (x + virtual)) + (virtual - b) == 0.0


@njit(cache=True, nogil=True)
def turn(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> tuple[float, bool]:
    """
    Tell on which side of the line from a to b a point lies: above 0 to the left, 0 on it.

    Returns
    -------
    area, exact
        Twice the signed area of the triangle, to twice the precision; whether its sign is sure.
    """
    ux, uy, vx, vy = bx - ax, by - ay, px - ax, py - ay
    left, right = ux * vy, uy * vx
    exact = (
        difference_is_exact(bx, ax)
        and difference_is_exact(by, ay)
        and difference_is_exact(px, ax)
        and difference_is_exact(py, ay)
    )
    rough = left - right
    sure = exact or abs(rough) > ORIENTATION_ERROR * (abs(left) + abs(right))
    virtual = left - rough
    tail = (left - (rough + virtual)) + (virtual - right)
    return rough + (tail + product_tail(ux, vy, left) - product_tail(uy, vx, right)), sure


@njit(cache=True, nogil=True)
def side(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> float:
    """Give `turn` roughly, with its exact sign; NaN where that is unsure."""
    left, right = (bx - ax) * (py - ay), (by - ay) * (px - ax)
    rough = left - right
    if abs(rough) > ORIENTATION_ERROR * (abs(left) + abs(right)):
        return rough
    area, sure = turn(ax, ay, bx, by, px, py)
    return area if sure else np.nan


@njit(cache=True, nogil=True)
def bends_one_way(ring: Floats) -> bool:
    """Tell whether a closed ring bends one way at every vertex, and only once around."""
    n, way, reversals = len(ring) - 1, 0.0, 0
    eastward = ring[0, 0] > ring[n - 1, 0]
    for i in range(n):
        before = ring[i - 1] if i else ring[n - 1]
        here, after = ring[i], ring[i + 1]
        bend = side(before[0], before[1], here[0], here[1], after[0], after[1])
        if not bend * (way if i else bend) > 0.0:
            return False
        way = bend
        if after[0] != here[0] and (after[0] > here[0]) != eastward:
            eastward = not eastward
            reversals += 1
    return n >= 3 and reversals <= 2
