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
)

Keys = npt.NDArray[np.uint64]


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
def _test_row(
    at: Floats, east: Floats, north: Floats, sure: int, stated: bool,
    vertices: Floats, rings: Positions, first: int, last: int, bounds: Floats, upright: bool,
    inside: Bools, edges: Positions,
) -> tuple[Any, ...]:  # fmt: skip
    """Test the samples of one place against one shape; the first `sure` fare as the stated point."""
    n = east.size
    x, y = np.empty(n), np.empty(n)
    low_x, low_y, high_x, high_y = np.inf, np.inf, -np.inf, -np.inf
    for k in range(n):
        if k < sure:
            inside[k] = stated
            continue
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
    sums = np.empty(n_samples, np.uint64)
    for p in range(n_places):
        sums[:] = base[p]
        decided = True
        for row in range(starts[p], starts[p + 1]):
            s = shape[row]
            edges, sure_row = _test_row(
                at[row], east, north, sure[row], stated[row],
                vertices, rings, parts[s], parts[s + 1], bounds[s], upright[s], inside, edges,
            )  # fmt: skip
            decided = decided and sure_row
            for k in range(n_samples):
                if inside[k]:
                    sums[k] += key[row]
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
    edges, inside = np.empty(256, np.intp), np.empty(1, np.bool_)
    for m in range(place.size):
        k = sample[m]
        for row in range(starts[place[m]], starts[place[m] + 1]):
            s = shape[row]
            edges, _ = _test_row(
                at[row], east[k : k + 1], north[k : k + 1], 1 if k < sure[row] else 0, stated[row],
                vertices, rings, parts[s], parts[s + 1], bounds[s], upright[s], inside, edges,
            )  # fmt: skip
            if inside[0]:
                if n == member.size:
                    member, row_of = grown(member, n, 2 * n), grown(row_of, n, 2 * n)
                member[n], row_of[n] = m, row
                n += 1
    return member[:n], row_of[:n]
