"""Samples of where registrations may lie, tested against shapes and counted, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from geoasm.geometry import Floats
from geoasm.kernels.covering import (
    INSIDE,
    UNDECIDED,
    Bools,
    Positions,
    grown,
    locate,
    locate_in_rings,
)

Keys = npt.NDArray[np.uint64]

# Nearer to an edge than this share of the coordinates' size, samples are tested one by one: far more
# than rounding can move them.
_NEAR = 1e-12
_STRAIGHT = 1e-6  # sine of a corner that is no corner


@njit(cache=True, nogil=True)
def _edges_beside(
    vertices: Floats, rings: Positions, first: int, last: int,
    west: float, south: float, north: float, edges: Positions,
) -> tuple[Any, ...]:  # fmt: skip
    """List the edges that a ray eastward from a box may meet."""
    n = 0
    for ring in range(first, last):
        for i in range(rings[ring], rings[ring + 1] - 1):
            y1, y2 = vertices[i, 1], vertices[i + 1, 1]
            if (y1 < south and y2 < south) or (y1 > north and y2 > north):
                continue
            if vertices[i, 0] < west and vertices[i + 1, 0] < west:
                continue
            if n == edges.size:
                edges = grown(edges, n, 2 * n)
            edges[n] = i
            n += 1
    return edges, n


@njit(cache=True, nogil=True)
def _edges_within(
    at: Floats, rx: float, ry: float, near: float,
    vertices: Floats, rings: Positions, first: int, last: int,
) -> tuple[int, int, int, int]:  # fmt: skip
    """Count the edges that may meet a box about a place, and give the last two and the last's ring."""
    n, before, edge, ring_of = 0, -1, -1, -1
    for ring in range(first, last):
        for i in range(rings[ring], rings[ring + 1] - 1):
            ax, ay, bx, by = vertices[i, 0], vertices[i, 1], vertices[i + 1, 0], vertices[i + 1, 1]
            if (ax < at[0] - rx and bx < at[0] - rx) or (ax > at[0] + rx and bx > at[0] + rx):
                continue
            if (ay < at[1] - ry and by < at[1] - ry) or (ay > at[1] + ry and by > at[1] + ry):
                continue
            dx, dy = bx - ax, by - ay
            side = dx * (at[1] - ay) - dy * (at[0] - ax)
            doubt = near + _NEAR * (abs(at[0] - ax) + abs(at[1] - ay))
            if abs(side) > abs(dx) * (ry + doubt) + abs(dy) * (rx + doubt):
                continue
            n += 1
            before, edge, ring_of = edge, i, ring
    return n, before, edge, ring_of


@njit(cache=True, nogil=True)
def _test_side(
    at: Floats, east: Floats, north: Floats, near: float, vertices: Floats, i: int, left: Bools
) -> int:
    """Tell which samples lie left of an edge's line; 1 or 0 for the place itself, -1 for too near."""
    dx, dy = vertices[i + 1, 0] - vertices[i, 0], vertices[i + 1, 1] - vertices[i, 1]
    away_x, away_y = at[0] - vertices[i, 0], at[1] - vertices[i, 1]
    side = dx * away_y - dy * away_x
    per_east, per_north = dx * at[3] - dy * at[2], dx * at[5] - dy * at[4]
    limit = (near + _NEAR * (abs(away_x) + abs(away_y))) * (abs(dx) + abs(dy))
    doubtful = 0
    for k in range(east.size):
        value = side + per_east * east[k] + per_north * north[k]
        doubtful += abs(value) <= limit
        left[k] = value > 0.0
    if doubtful > 0 or abs(side) <= limit:
        return -1
    return 1 if side > 0.0 else 0


@njit(cache=True, nogil=True)
def _lies_in(x: float, y: float, at: Floats, rx: float, ry: float) -> bool:
    return abs(x - at[0]) <= rx and abs(y - at[1]) <= ry


@njit(cache=True, nogil=True)
def _test_beside_edge(
    at: Floats, east: Floats, north: Floats, reach: float,
    vertices: Floats, rings: Positions, first: int, last: int, inside: Bools, other: Bools,
) -> bool:  # fmt: skip
    """
    Test the samples of a place that reach one edge or one corner of a shape, by sides of lines.

    Returns
    -------
    done
        False where there is more within reach, or a sample is too near an edge: nothing is told.
    """
    size = abs(at[0]) + abs(at[1])
    rx, ry = np.hypot(at[2], at[4]) * reach, np.hypot(at[3], at[5]) * reach
    near = _NEAR * (size + rx + ry)
    rx, ry = rx + near, ry + near
    n, before, edge, ring = _edges_within(at, rx, ry, near, vertices, rings, first, last)
    if n > 2:
        return False
    where = locate_in_rings(at[0], at[1], vertices, rings, first, last)
    if where == UNDECIDED:
        return False
    is_inside = where == INSIDE
    if n == 0:
        inside[:] = is_inside
        return True
    if n == 2:
        start, end = rings[ring], rings[ring + 1] - 1
        if before == start and edge == end - 1 and edge - before > 1:
            before, edge = edge, before  # the corner where the ring closes
        elif before < start or edge != before + 1:
            return False
        if not _lies_in(vertices[edge, 0], vertices[edge, 1], at, rx, ry):
            return False
    head = before if n == 2 else edge
    if _lies_in(vertices[head, 0], vertices[head, 1], at, rx, ry) or _lies_in(
        vertices[edge + 1, 0], vertices[edge + 1, 1], at, rx, ry
    ):
        return False
    is_left = _test_side(at, east, north, near, vertices, edge, inside)
    if is_left < 0:
        return False
    if n == 2:
        was_left = _test_side(at, east, north, near, vertices, before, other)
        dx, dy = (
            vertices[edge + 1, 0] - vertices[edge, 0],
            vertices[edge + 1, 1] - vertices[edge, 1],
        )
        ex, ey = vertices[edge, 0] - vertices[before, 0], vertices[edge, 1] - vertices[before, 1]
        turn = ex * dy - ey * dx
        if was_left < 0 or abs(turn) <= _STRAIGHT * (abs(dx) + abs(dy)) * (abs(ex) + abs(ey)):
            return False
        # Left of both edges where the outline turns left, else left of one of them.
        if turn > 0.0:
            is_left &= was_left
            for k in range(east.size):
                inside[k] &= other[k]
        else:
            is_left |= was_left
            for k in range(east.size):
                inside[k] |= other[k]
    turned = (is_left == 1) != is_inside
    for k in range(east.size):
        inside[k] ^= turned
    return True


@njit(cache=True, nogil=True)
def _test_row(
    at: Floats, east: Floats, north: Floats, sure: int, stated: bool,
    vertices: Floats, rings: Positions, first: int, last: int, bounds: Floats, upright: bool,
    reach: float, inside: Bools, other: Bools, edges: Positions,
) -> tuple[Any, ...]:  # fmt: skip
    """Test the samples of one place against one shape; the first `sure` fare as the stated point."""
    n = east.size
    inside[:sure] = stated
    if not upright and _test_beside_edge(
        at, east[sure:], north[sure:], reach, vertices, rings, first, last, inside[sure:], other
    ):
        return edges, True
    x, y = np.empty(n), np.empty(n)
    low_x, low_y, high_x, high_y = np.inf, np.inf, -np.inf, -np.inf
    for k in range(sure, n):
        x[k] = at[0] + at[2] * east[k] + at[4] * north[k]
        y[k] = at[1] + at[3] * east[k] + at[5] * north[k]
        inside[k] = bounds[0] <= x[k] <= bounds[2] and bounds[1] <= y[k] <= bounds[3]
        if inside[k]:
            low_x, high_x = min(low_x, x[k]), max(high_x, x[k])
            low_y, high_y = min(low_y, y[k]), max(high_y, y[k])
    decided = True
    if low_x > high_x or upright:
        return edges, decided
    edges, n_edges = _edges_beside(vertices, rings, first, last, low_x, low_y, high_y, edges)
    for k in range(sure, n):
        if inside[k]:
            where = locate(x[k], y[k], vertices, edges, 0, n_edges)
            inside[k] = where == INSIDE
            decided = decided and where != UNDECIDED
    return edges, decided


@njit(cache=True, nogil=True)
def _count_equal(
    sums: Keys, p: int, place: Positions, total: Keys, samples: Positions, sample: Positions, n: int
) -> int:
    """Append the runs of equal sums of one place, and tell how many runs there are then."""
    first = run = n
    for k in range(sums.size):
        # Neighbours on the spiral mostly fall on the same sum as the sample before.
        if not (run < n and total[run] == sums[k]):
            run = first
            while run < n and total[run] != sums[k]:
                run += 1
            if run == n:
                place[n], total[n], samples[n], sample[n] = p, sums[k], 0, k
                n += 1
        samples[run] += 1
    return n


@njit(cache=True, nogil=True)
def count_answers(
    starts: Positions, base: Keys, key: Keys, shape: Positions, at: Floats,
    east: Floats, north: Floats, sure: Positions, stated: Bools,
    vertices: Floats, rings: Positions, parts: Positions, bounds: Floats, upright: Bools,
) -> tuple[Any, ...]:  # fmt: skip
    """
    Count, of each place, on how many samples each sum of keys falls.

    Parameters
    ----------
    starts
        First row of each place, and one past the last; a row is an open shape of a place.
    base
        Sum of the keys that always count, per place.
    at
        Per row: x, y, and their change by one sigma east and by one north.
    sure
        Per row: samples, outward, that no edge parts from the stated point.

    Returns
    -------
    place, total, samples, sample, undecided
        Runs: place, sum of keys, number of samples, the first such sample; places with a sample
        that GEOS must decide, whose runs mean nothing.
    """
    n_places, n_samples = starts.size - 1, east.size
    place, total = np.empty(1024, np.intp), np.empty(1024, np.uint64)
    samples, sample, n = np.empty(1024, np.intp), np.empty(1024, np.intp), 0
    undecided, n_undecided = np.empty(16, np.intp), 0
    edges, inside = np.empty(256, np.intp), np.empty(n_samples, np.bool_)
    sums, other = np.empty(n_samples, np.uint64), np.empty(n_samples, np.bool_)
    reach = np.sqrt((east**2 + north**2).max()) if n_samples else 0.0
    for p in range(n_places):
        sums[:] = base[p]
        decided = True
        for row in range(starts[p], starts[p + 1]):
            s = shape[row]
            edges, sure_row = _test_row(
                at[row], east, north, sure[row], stated[row],
                vertices, rings, parts[s], parts[s + 1], bounds[s], upright[s],
                reach, inside, other, edges,
            )  # fmt: skip
            decided = decided and sure_row
            for k in range(n_samples):
                sums[k] += key[row] * np.uint64(inside[k])
        if not decided:
            if n_undecided == undecided.size:
                undecided = grown(undecided, n_undecided, 2 * n_undecided)
            undecided[n_undecided] = p
            n_undecided += 1
            continue
        if n + n_samples > place.size:
            size = 2 * place.size + n_samples
            place, total = grown(place, n, size), grown(total, n, size)
            samples, sample = grown(samples, n, size), grown(sample, n, size)
        n = _count_equal(sums, p, place, total, samples, sample, n)
    return place[:n], total[:n], samples[:n], sample[:n], undecided[:n_undecided]


@njit(cache=True, nogil=True)
def list_members(
    place: Positions, sample: Positions, starts: Positions, shape: Positions, at: Floats,
    east: Floats, north: Floats, sure: Positions, stated: Bools,
    vertices: Floats, rings: Positions, parts: Positions, bounds: Floats, upright: Bools,
) -> tuple[Any, ...]:  # fmt: skip
    """
    List the rows whose shapes cover one sample of a place each.

    Returns
    -------
    member, row
        Number in `place`, and row, of each.
    """
    member, row_of, n = np.empty(1024, np.intp), np.empty(1024, np.intp), 0
    for m in range(place.size):
        k = sample[m]
        for row in range(starts[place[m]], starts[place[m] + 1]):
            s, here = shape[row], at[row]
            inside = stated[row]
            if k >= sure[row]:
                x = here[0] + here[2] * east[k] + here[4] * north[k]
                y = here[1] + here[3] * east[k] + here[5] * north[k]
                box = bounds[s]
                inside = box[0] <= x <= box[2] and box[1] <= y <= box[3]
                if inside and not upright[s]:
                    where = locate_in_rings(x, y, vertices, rings, parts[s], parts[s + 1])
                    inside = where == INSIDE
            if inside:
                if n == member.size:
                    member, row_of = grown(member, n, 2 * n), grown(row_of, n, 2 * n)
                member[n], row_of[n] = m, row
                n += 1
    return member[:n], row_of[:n]
