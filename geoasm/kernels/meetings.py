"""Boxes that share ground, pair by pair, compiled."""

from __future__ import annotations

import numpy as np
from numba import njit

from geoasm.geometry import Floats
from geoasm.kernels.covering import cell_of, grown
from geoasm.kernels.outlines import Positions

STRIPS_PER_BOX = 2  # in which a box stands, about


def meet(bounds: Floats, split: int) -> tuple[Positions, Positions]:
    """Find the pairs of boxes that share ground, in no order, the lower position first."""
    return _meet(bounds, np.argsort(bounds[:, 0]), split)


@njit(cache=True, nogil=True)
def _meet(bounds: Floats, by_west: Positions, split: int) -> tuple[Positions, Positions]:
    """Let boxes stand in strips from west to east; tell a pair where its common ground begins."""
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
    sorted_bounds = bounds[by_west]  # read in turn, twice
    ends = np.zeros(strips + 1, np.intp)
    for west, south, east, north in sorted_bounds:
        if west < east and south < north:
            low = cell_of(south, lowest, per_unit, strips)
            for strip in range(low, cell_of(north, lowest, per_unit, strips) + 1):
                ends[strip + 1] += 1
    ends = np.cumsum(ends)
    places, boxes = np.empty(ends[strips], np.intp), np.empty((ends[strips], 4))
    free = ends[:-1].copy()
    for k in range(len(by_west)):
        west, south, east, north = sorted_bounds[k]
        if west < east and south < north:
            low = cell_of(south, lowest, per_unit, strips)
            for strip in range(low, cell_of(north, lowest, per_unit, strips) + 1):
                at = free[strip]
                places[at] = by_west[k]
                boxes[at, 0], boxes[at, 1], boxes[at, 2], boxes[at, 3] = west, south, east, north
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
def in_order(first: Positions, second: Positions, n: int) -> tuple[Positions, Positions]:
    """Order pairs of positions below `n` by the first, then the second, counting instead of comparing."""
    for _ in range(2):
        first, second = _sorted_by_second(first, second, n)
        first, second = second, first
    return first, second


@njit(cache=True, nogil=True)
def _sorted_by_second(first: Positions, second: Positions, n: int) -> tuple[Positions, Positions]:
    free = np.zeros(n + 1, np.intp)
    for k in range(second.size):
        free[second[k] + 1] += 1
    for i in range(n):
        free[i + 1] += free[i]
    one, other = np.empty_like(first), np.empty_like(second)
    for k in range(second.size):
        at = free[second[k]]
        free[second[k]] += 1
        one[at], other[at] = first[k], second[k]
    return one, other
