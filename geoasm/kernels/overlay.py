"""
The shape of the ground that pairs of polygons share, compiled, for the pairs that leave no doubt.

Where outlines meet, they are cut into arcs. What two share is bounded by the arcs of each that run
inside the other, and by those that both follow in one direction, with the ground to their left
(Greiner and Hormann 1998, Efficient clipping of arbitrary polygons; Foster, Hormann and Popa 2019, for
vertices upon edges). Vertices are the given ones and crossings, as in GEOS. Pairs of many vertices,
and those that touch themselves in what they share, are handed back, for GEOS.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from geoasm.geometry import Floats
from geoasm.kernels.crossings import (
    IN,
    MOST_NODES,
    MOST_VERTICES,
    OUT,
    SAME,
    judge_arcs,
    judge_rings,
    lay_out,
    meet,
    order_along_other,
)

Positions = npt.NDArray[np.intp]
Statuses = npt.NDArray[np.int8]

# What a pair comes to.
UNDECIDED, FIRST_INSIDE, SECOND_INSIDE, CUT, NOTHING = 0, 1, 2, 3, 4
ROUNDING = 2.0**-52
UNITS = (
    8  # of rounding of coordinates: what is so narrow may be gone, or cross itself, once cut out
)


@njit(cache=True, nogil=True)
def link_nodes(
    nodes: Floats, n: int, edge: int, links: Positions, order: Positions, after: Positions
) -> None:
    """Link each node to the next one along the same ring, nodes given in the order of its edges."""
    begins = 0
    for k in range(n):
        ring = links[int(nodes[order[k], edge]), 2]
        if k + 1 < n and links[int(nodes[order[k + 1], edge]), 2] == ring:
            after[order[k]] = order[k + 1]
        else:
            after[order[k]] = order[begins]
            begins = k + 1


@njit(cache=True, nogil=True)
def follow(
    corners: Floats, links: Positions, here: Floats, there: Floats, out: Floats, n: int
) -> int:
    """Add the corners of an outline from a place on one edge (edge, share) to one on another."""
    e, arrive = int(here[0]), int(there[0])
    if e == arrive and here[1] < there[1]:
        return n
    while True:
        e = links[e, 0]
        out[n, 0], out[n, 1] = corners[e, 0], corners[e, 1]
        n += 1
        if e == arrive:
            return n


@njit(cache=True, nogil=True)
def trace(
    one: Floats, to_one: Positions, other: Floats, to_other: Positions, nodes: Floats, n: int,
    after_one: Positions, after_other: Positions, arcs_one: Statuses, arcs_other: Statuses,
    out: Floats, ends: Positions,
) -> int:  # fmt: skip
    """Write the rings of arcs that bound what two polygons share; how many, -1 where unsure."""
    seen = np.zeros(n, np.bool_)
    size, count = 0, 0
    for start in range(n):
        along = arcs_one[start] == IN or arcs_one[start] == SAME
        if seen[start] or not (along or arcs_other[start] == IN):
            continue
        begins, k = size, start
        while True:
            along = arcs_one[k] == IN or arcs_one[k] == SAME
            if (
                seen[k]
                or along == (arcs_other[k] == IN)
                or size + MOST_VERTICES + 2 > len(out) - 4 * MOST_VERTICES
            ):
                return -1
            seen[k] = True
            out[size, 0], out[size, 1] = nodes[k, 4], nodes[k, 5]
            here = k
            if along:
                k = after_one[k]
                size = follow(one, to_one, nodes[here, 0:2], nodes[k, 0:2], out, size + 1)
            else:
                k = after_other[k]
                size = follow(other, to_other, nodes[here, 2:4], nodes[k, 2:4], out, size + 1)
            if k == start:
                break
        size = close(out, begins, size)
        if size - begins < 4:
            return -1
        ends[count] = size
        count += 1
    return count


@njit(cache=True, nogil=True)
def add_whole(
    corners: Floats, links: Positions, n: int, whole: Statuses, out: Floats, ends: Positions,
    count: int,
) -> int:  # fmt: skip
    """Write the rings that run inside the other polygon whole; how many there are now."""
    size, ring = ends[count - 1] if count else 0, -1
    for c in range(n):
        if whole[links[c, 2]] != IN:
            continue
        if links[c, 2] != ring:
            ring, begins = links[c, 2], size
        out[size] = corners[c]
        size += 1
        if links[c, 0] < c or links[c, 0] == c:
            out[size] = out[begins]
            size += 1
            ends[count] = size
            count += 1
    return count


@njit(cache=True, nogil=True)
def close(out: Floats, begins: int, size: int) -> int:
    """Drop vertices that repeat the one before, and repeat the first one at the end."""
    n = begins
    for i in range(begins, size):
        if n == begins or out[i, 0] != out[n - 1, 0] or out[i, 1] != out[n - 1, 1]:
            out[n] = out[i]
            n += 1
    if n > begins + 1 and (out[n - 1, 0] == out[begins, 0] and out[n - 1, 1] == out[begins, 1]):
        n -= 1
    out[n] = out[begins]
    return n + 1


@njit(cache=True, nogil=True)
def nearly_touches(out: Floats, total: int, ends: Positions) -> bool:
    """Tell whether a vertex of some rings is so near another's edge that rounding may join them."""
    most = 0.0
    for i in range(total):
        most = max(most, abs(out[i, 0]), abs(out[i, 1]))
    near = UNITS * ROUNDING * most
    ring, begins = 0, 0
    for i in range(total - 1):
        if i + 1 == ends[ring]:
            ring, begins = ring + 1, i + 1
            continue
        ax, ay, bx, by = out[i, 0], out[i, 1], out[i + 1, 0], out[i + 1, 1]
        west, east, south, north = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
        last = begins if i + 2 == ends[ring] else i + 1
        for k in range(total):
            px, py = out[k, 0], out[k, 1]
            if px < west - near or px > east + near or py < south - near or py > north + near:
                continue
            if k in (i, last, i + 1) or (i == begins and k + 1 == ends[ring]):
                continue
            ux, uy, vx, vy = bx - ax, by - ay, px - ax, py - ay
            length = ux * ux + uy * uy
            if (ux * vy - uy * vx) ** 2 <= near * near * length:
                return True
    return False


@njit(cache=True, nogil=True)
def holes_last(out: Floats, ends: Positions, count: int) -> int:
    """Put the only shell before its holes; 1 where there are holes, 0 where none, -1 if unsure."""
    if count <= 0 or nearly_touches(out, ends[count - 1], ends):
        return -1
    shells, shell = 0, 0
    for r in range(count):
        begins, area = ends[r - 1] if r else 0, 0.0
        for i in range(begins + 2, ends[r]):
            area += (out[i - 1, 0] - out[begins, 0]) * (out[i, 1] - out[begins, 1])
            area -= (out[i, 0] - out[begins, 0]) * (out[i - 1, 1] - out[begins, 1])
        if area > 0.0:
            shells, shell = shells + 1, r
        elif area == 0.0:
            return -1
    if shells == count:
        return 0
    if shells != 1:
        return -1
    begins = ends[shell - 1] if shell else 0
    moved, size = out[begins : ends[shell]].copy(), ends[shell] - begins
    for i in range(begins - 1, -1, -1):
        out[i + size] = out[i]
    out[:size] = moved
    for r in range(shell, 0, -1):
        ends[r] = ends[r - 1] + size
    ends[0] = size
    return 1


@njit(cache=True, nogil=True)
def cut_pairs(
    first: Positions, second: Positions,
    vertices: Floats, rings: Positions, parts: Positions, own: Floats,
) -> tuple[Statuses, Floats, Positions, Positions, npt.NDArray[np.bool_]]:  # fmt: skip
    """
    Find the shape of what pairs share.

    Parameters
    ----------
    own
        Signed areas of the polygons.

    Returns
    -------
    kind, corners, ends, pair, is_hole
        What each pair comes to; vertices of rings, closed; where each ring ends, which pair it
        belongs to, and whether it is a hole of the shell before it.
    """
    kind = np.zeros(first.size, np.int8)
    corners, size = np.empty((8 * first.size + 1024, 2)), 0
    ends, pair, count = np.empty(first.size + 64, np.intp), np.empty(first.size + 64, np.intp), 0
    is_hole = np.empty(first.size + 64, np.intp)
    out, closed = np.empty((12 * MOST_VERTICES, 2)), np.empty(2 * MOST_NODES, np.intp)
    desk = (
        np.empty((MOST_VERTICES, 2)), np.empty((MOST_VERTICES, 3), np.intp),
        np.empty((MOST_VERTICES, 2)), np.empty((MOST_VERTICES, 3), np.intp),
        np.empty((MOST_NODES, 6)), np.empty((4, MOST_VERTICES), np.int8),
        np.empty((3, MOST_NODES), np.intp), np.arange(MOST_NODES),
    )  # fmt: skip
    for k in range(first.size):
        kind[k], found, holes = cut_pair(
            first[k], second[k], vertices, rings, parts, own, desk, out, closed
        )
        if kind[k] != CUT:
            continue
        total = closed[found - 1]
        corners = roomier(corners, size, size + total)
        ends, pair = longer(ends, count, count + found), longer(pair, count, count + found)
        is_hole = longer(is_hole, count, count + found)
        corners[size : size + total] = out[:total]
        ends[count : count + found] = size + closed[:found]
        pair[count : count + found] = k
        is_hole[count : count + found] = holes
        is_hole[count] = 0
        size, count = size + total, count + found
    return kind, corners[:size], ends[:count], pair[:count], is_hole[:count] > 0


@njit(cache=True, nogil=True)
def cut_pair(
    i: int, j: int, vertices: Floats, rings: Positions, parts: Positions, own: Floats,
    desk: tuple[Any, ...], out: Floats, closed: Positions,
) -> tuple[int, int, int]:  # fmt: skip
    """Find the shape of what a pair shares: what it comes to, rings written, 1 if some are holes."""
    one, to_one, other, to_other, nodes, status, work, as_listed = desk
    a, b, c, d = parts[i], parts[i + 1], parts[j], parts[j + 1]
    if max(rings[b] - rings[a], rings[d] - rings[c]) > MOST_VERTICES:
        return UNDECIDED, 0, 0
    n_one = lay_out(vertices, rings, a, b, own[i], one, to_one)
    n_other = lay_out(vertices, rings, c, d, own[j], other, to_other)
    n = meet(one, to_one, n_one, other, to_other, n_other, nodes)
    if n < 0 or not order_along_other(nodes, n, work[0]):
        return UNDECIDED, 0, 0
    if judge(
        one, to_one, n_one, other, to_other, n_other, nodes, n, vertices, rings, a, b, c, d, status
    ):
        return UNDECIDED, 0, 0
    kind = sum_up(status, n, to_one[n_one - 1, 2] + 1, to_other[n_other - 1, 2] + 1)
    if kind != CUT:
        return kind, 0, 0
    link_nodes(nodes, n, 2, to_other, work[0], work[2])
    link_nodes(nodes, n, 0, to_one, as_listed, work[1])
    found = trace(
        one, to_one, other, to_other, nodes, n, work[1], work[2], status[0], status[1], out, closed
    )
    if found >= 0:
        found = add_whole(one, to_one, n_one, status[2], out, closed, found)
        found = add_whole(other, to_other, n_other, status[3], out, closed, found)
    holes = holes_last(out, closed, found)
    return (UNDECIDED if holes < 0 else CUT), found, holes


@njit(cache=True, nogil=True)
def judge(
    one: Floats, to_one: Positions, n_one: int, other: Floats, to_other: Positions, n_other: int,
    nodes: Floats, n: int, vertices: Floats, rings: Positions, a: int, b: int, c: int, d: int,
    status: Statuses,
) -> bool:  # fmt: skip
    """Tell how arcs and whole rings of both polygons run to the other; True where one is unsure."""
    return (
        judge_arcs(one, to_one, 0, other, to_other, 2, nodes, n, status[0])
        or judge_arcs(other, to_other, 2, one, to_one, 0, nodes, n, status[1])
        or judge_rings(one, to_one, n_one, nodes, n, 0, vertices, rings, c, d, status[2])
        or judge_rings(other, to_other, n_other, nodes, n, 2, vertices, rings, a, b, status[3])
    )


@njit(cache=True, nogil=True)
def sum_up(status: Statuses, n: int, rings_one: int, rings_other: int) -> int:
    """Tell what a pair comes to, by how its arcs and whole rings run."""
    of_one, of_other, missing_one, missing_other = False, False, False, False
    for k in range(n):
        of_one |= status[0, k] == IN
        of_other |= status[1, k] == IN
        missing_one |= status[0, k] != IN and status[0, k] != SAME
        missing_other |= status[1, k] != IN and status[1, k] != SAME
    shared = of_one or of_other
    for k in range(n):
        shared |= status[0, k] == SAME
    for r in range(rings_one):
        of_one |= status[2, r] == IN
        missing_one |= status[2, r] == OUT
    for r in range(rings_other):
        of_other |= status[3, r] == IN
        missing_other |= status[3, r] == OUT
    if not (shared or of_one or of_other):
        return NOTHING
    if not (missing_one or of_other):
        return FIRST_INSIDE
    if not (missing_other or of_one):
        return SECOND_INSIDE
    return CUT


@njit(cache=True, nogil=True)
def roomier(corners: Floats, n: int, needed: int) -> Floats:
    """Give an array with room for rows, the first n kept."""
    if needed <= len(corners):
        return corners
    out = np.empty((2 * needed, 2))
    out[:n] = corners[:n]
    return out


@njit(cache=True, nogil=True)
def longer(values: Positions, n: int, needed: int) -> Positions:
    """Give an array with room for values, the first n kept."""
    if needed <= values.size:
        return values
    out = np.empty(2 * needed, np.intp)
    out[:n] = values[:n]
    return out
