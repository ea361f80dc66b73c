"""
How much ground of each kind polygons cover together, compiled: a sweep from level to level.

The ground is not united: between two levels, lines are walked eastward and what covers is counted.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from numba import njit

from geoasm.geometry import Floats, Geometries
from geoasm.kernels.outlines import flatten

Positions = npt.NDArray[np.intp]

NEARLY = 1e-6  # of a slab's height from its bottom or top: edges that meet there are in order again


def list_edges(polygons: Geometries) -> tuple[Floats, Floats, Positions, Positions]:
    """
    List the edges of polygons that are not level.

    Returns
    -------
    lows, highs, turn, ends
        x and y of the lower and the upper end; +1 where the ground lies east of the edge, -1 where
        it lies west; the edges of polygon p are `ends[p]` to `ends[p + 1]`.
    """
    vertices, rings, parts, *_ = flatten(shapely.orient_polygons(polygons))
    a, b = vertices[:-1], vertices[1:]
    kept = a[:, 1] != b[:, 1]
    kept[rings[1:-1] - 1] = False  # from one ring to the next
    ends = np.concatenate([[0], np.cumsum(kept)])[np.maximum(rings[parts] - 1, 0)]
    a, b = a[kept], b[kept]
    falls = a[:, 1] > b[:, 1]
    low, high = np.where(falls[:, None], b, a), np.where(falls[:, None], a, b)
    return low, high, np.where(falls, 1, -1), ends


@njit(cache=True, nogil=True)
def measure(
    edges: Floats, kind: Positions, turn: Positions, first: Positions, n_kinds: int
) -> tuple[Floats, Floats]:
    """
    Measure the ground of each kind in each group of edges, in slabs from level to level.

    Edges of the kind `n_kinds` bound the part of the plane that is measured.

    Between the levels of vertices and of crossings the width of any covered ground is linear in y,
    so that its width halfway up measures it. The width is continuous in y, too, so that a crossing
    that rounding misses or moves changes next to nothing.
    """
    n_groups = len(first) - 1
    gross, net = np.zeros((n_groups, n_kinds)), np.zeros((n_groups, n_kinds))
    count = np.zeros(n_kinds + 1, np.intp)
    active = np.empty(len(edges), np.intp)
    # x of each edge at the bottom of a slab, at its top, and between; then room for `measure_slab`
    ends = np.empty((4, len(edges) + 1))
    low, high, x, _ = ends
    for g in range(n_groups):
        here = edges[first[g] : first[g + 1]]
        levels = np.unique(np.concatenate((here[:, 1], here[:, 3])))
        n, entering = 0, first[g]
        for slab in range(len(levels) - 1):
            south, north = levels[slab], levels[slab + 1]
            n, entering = change_edges(edges, active, n, entering, first[g + 1], south, low, high)
            inside, west, ordered = False, -np.inf, True
            for i in range(n):
                e = active[i]
                x0, y0, x1, y1 = edges[e]
                high[e] = x0 + (x1 - x0) * ((north - y0) / (y1 - y0))
                x[e] = low[e] + NEARLY * (high[e] - low[e])
                ordered &= west <= x[e]
                west = x[e]
                inside |= kind[e] == n_kinds
            if inside:
                if not ordered:
                    put_in_order(active[:n], x)
                measure_slab(active[:n], ends, north - south, kind, turn, count, gross[g], net[g])
    return gross, net


@njit(cache=True, nogil=True)
def change_edges(
    edges: Floats, active: Positions, n: int, entering: int, end: int, south: float,
    low: Floats, high: Floats,
) -> tuple[int, int]:  # fmt: skip
    """Let go of edges that end at a level, take in those that begin; the others go on from there."""
    kept = 0
    for i in range(n):
        e = active[i]
        if edges[e, 3] > south:
            low[e] = high[e]
            active[kept] = e
            kept += 1
    while entering < end and edges[entering, 1] <= south:
        low[entering] = edges[entering, 0]
        active[kept] = entering
        kept, entering = kept + 1, entering + 1
    return kept, entering


@njit(cache=True, nogil=True)
def put_in_order(active: Positions, x: Floats) -> None:
    """Put edges in the order of their x; they are nearly in order."""
    for i in range(1, len(active)):
        e, j = active[i], i
        while j > 0 and x[active[j - 1]] > x[e]:
            active[j] = active[j - 1]
            j -= 1
        active[j] = e


@njit(cache=True, nogil=True)
def measure_slab(
    active: Positions, ends: Floats, height: float, kind: Positions, turn: Positions,
    count: Positions, gross: Floats, net: Floats,
) -> None:  # fmt: skip
    """Measure between two levels, in blocks of edges none of which crosses those of another."""
    low, high, x, least = ends  # at the top, least x from each place eastward
    n, top = len(active), len(gross)
    least[n] = np.inf
    for i in range(n - 1, -1, -1):
        e = active[i]
        x[e] = high[e] - NEARLY * (high[e] - low[e])
        least[i] = min(least[i + 1], x[e])
    count[:], apart, begins, most = 0, 0, 0, -np.inf
    for i in range(n):
        e = active[i]
        most = max(most, x[e])
        if most > least[i + 1]:
            continue
        if i == begins:
            x[e] = (low[e] + high[e]) / 2.0
        else:
            block = active[begins : i + 1]
            top = count_eastward(
                active, apart, begins, x, height, kind, turn, count, top, gross, net
            )
            top = measure_block(block, ends, height, kind, turn, count, top, gross, net)
            apart = i + 1
        begins, most = i + 1, -np.inf
    count_eastward(active, apart, n, x, height, kind, turn, count, top, gross, net)


@njit(cache=True, nogil=True)
def measure_block(
    block: Positions, ends: Floats, height: float, kind: Positions, turn: Positions,
    count: Positions, top: int, gross: Floats, net: Floats,
) -> int:  # fmt: skip
    """Measure between edges that cross, from crossing to crossing; give the first kind east of them."""
    low, high, x, _ = ends
    cuts = np.empty(len(block) * (len(block) - 1) // 2 + 2)
    cuts[0], cuts[1], n = 0.0, 1.0, 2
    for i in range(1, len(block)):
        e, j = block[i], i
        while j > 0 and x[block[j - 1]] > x[e]:
            f = block[j - 1]
            apart = low[e] - low[f]
            cuts[n] = min(max(apart / (apart - (high[e] - high[f])), 0.0), 1.0)
            block[j] = f
            n, j = n + 1, j - 1
        block[j] = e
    cuts = cuts[:n]
    cuts.sort()
    before, after = count.copy(), top
    for i in range(n - 1, 0, -1):  # from the top, where they are in order
        share = (cuts[i] + cuts[i - 1]) / 2.0
        for e in block:
            x[e] = low[e] + share * (high[e] - low[e])
        put_in_order(block, x)
        count[:] = before
        depth = (cuts[i] - cuts[i - 1]) * height
        after = count_eastward(block, 0, len(block), x, depth, kind, turn, count, top, gross, net)
    for e in block:
        x[e] = high[e]
    put_in_order(block, x)
    return after


@njit(cache=True, nogil=True)
def count_eastward(
    active: Positions, begins: int, end: int, x: Floats, height: float, kind: Positions,
    turn: Positions, count: Positions, top: int, gross: Floats, net: Floats,
) -> int:  # fmt: skip
    """
    Walk eastward over edges; give the first kind that the ground has behind them.

    `count` is how many polygons of each kind cover the ground, and last whether it is measured. What
    ends adds its x, what begins takes it away.
    """
    border = len(gross)
    for i in range(begins, end):
        e = active[i]
        k, strip = kind[e], x[e] * height
        before = count[k]
        count[k] += turn[e]
        if (before > 0) == (count[k] > 0):
            continue
        signed = strip if before > 0 else -strip
        if k == border:
            for j in range(top, border):
                if count[j] > 0:
                    gross[j] += signed
            if top < border:
                net[top] += signed
            continue
        was = top
        if k <= top:
            top = k
            while top < border and count[top] <= 0:
                top += 1
        if count[border] > 0:
            gross[k] += signed
            if was != top and was < border:
                net[was] += strip
            if was != top and top < border:
                net[top] -= strip
    return top
