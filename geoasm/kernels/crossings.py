"""
Where the outlines of two polygons meet, compiled, and how each runs to the other from there.

Both are decided by exact signs of triangles of given vertices, as in GEOS; what they leave open is
said to be unsure.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from geoasm.geometry import Floats
from geoasm.kernels.covering import INSIDE, OUTSIDE, locate_in_rings
from geoasm.kernels.exact import side, turn

Positions = npt.NDArray[np.intp]
Statuses = npt.NDArray[np.int8]

# How an arc runs to the other outline: inside it, outside, along it, along it the other way, unsure.
IN, OUT, SAME, OPPOSITE, UNSURE = 0, 1, 2, 3, 4
MOST_VERTICES = 64
MOST_NODES = 64


@njit(cache=True, nogil=True)
def lay_out(
    vertices: Floats, rings: Positions, first: int, last: int, direction: float,
    corners: Floats, links: Positions,
) -> int:  # fmt: skip
    """
    Write a polygon's corners with the ground to the left of their edges; how many.

    `links` has, of each corner, the next one, the one before, and its ring.
    """
    n = 0
    for ring in range(first, last):
        begins, size = n, rings[ring + 1] - rings[ring] - 1
        for i in range(size):
            at = rings[ring] + i if direction > 0.0 else rings[ring + 1] - 1 - i
            corners[n, 0], corners[n, 1] = vertices[at, 0], vertices[at, 1]
            links[n, 0] = n + 1 if i + 1 < size else begins
            links[n, 1] = n - 1 if i > 0 else begins + size - 1
            links[n, 2] = ring - first
            n += 1
    return n


@njit(cache=True, nogil=True)
def meet(
    one: Floats, to_one: Positions, n_one: int, other: Floats, to_other: Positions, n_other: int,
    nodes: Floats,
) -> int:  # fmt: skip
    """
    List where two outlines meet, in the order of the first; -1 where that is unsure.

    A node is: edge of the first, share along it, edge of the second, share along it, x, y. A node
    on a vertex is at share 0 of the edge that leaves it.
    """
    n = 0
    for i in range(n_one):
        ax, ay = one[i, 0], one[i, 1]
        bx, by = one[to_one[i, 0], 0], one[to_one[i, 0], 1]
        west, east, south, north = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
        begins = n
        for j in range(n_other):
            cx, cy = other[j, 0], other[j, 1]
            dx, dy = other[to_other[j, 0], 0], other[to_other[j, 0], 1]
            if (max(cx, dx) < west or min(cx, dx) > east) or (
                max(cy, dy) < south or min(cy, dy) > north
            ):
                continue
            of_a, of_b = side(cx, cy, dx, dy, ax, ay), side(cx, cy, dx, dy, bx, by)
            if of_a * of_b > 0.0:
                continue
            of_c, of_d = side(ax, ay, bx, by, cx, cy), side(ax, ay, bx, by, dx, dy)
            if of_c * of_d > 0.0:
                continue
            if np.isnan(of_a + of_b + of_c + of_d) or n + 2 > MOST_NODES:
                return -1
            if of_a * of_b < 0.0 and of_c * of_d < 0.0:
                of_a, of_b = turn(cx, cy, dx, dy, ax, ay)[0], turn(cx, cy, dx, dy, bx, by)[0]
                of_c, of_d = turn(ax, ay, bx, by, cx, cy)[0], turn(ax, ay, bx, by, dx, dy)[0]
                t = of_a / (of_a - of_b)
                x = cx if cx == dx else ax + t * (bx - ax)
                y = cy if cy == dy else ay + t * (by - ay)
                n = insert(nodes, begins, n, i, t, j, of_c / (of_c - of_d), x, y)
                continue
            if of_a == 0.0 and ax == cx and ay == cy:
                n = insert(nodes, begins, n, i, 0.0, j, 0.0, ax, ay)
                continue
            if of_a == 0.0 and within(ax, ay, cx, cy, dx, dy):
                n = insert(nodes, begins, n, i, 0.0, j, share(ax, ay, cx, cy, dx, dy), ax, ay)
            if of_c == 0.0 and within(cx, cy, ax, ay, bx, by):
                n = insert(nodes, begins, n, i, share(cx, cy, ax, ay, bx, by), j, 0.0, cx, cy)
    for k in range(1, n):
        if nodes[k, 0] == nodes[k - 1, 0] and nodes[k, 1] == nodes[k - 1, 1]:
            return -1
    return n


@njit(cache=True, nogil=True)
def within(px: float, py: float, ax: float, ay: float, bx: float, by: float) -> bool:
    """Tell whether a point on the line of an edge is on it, and on none of its ends."""
    if (px == ax and py == ay) or (px == bx and py == by):
        return False
    return min(ax, bx) <= px <= max(ax, bx) and min(ay, by) <= py <= max(ay, by)


@njit(cache=True, nogil=True)
def share(px: float, py: float, ax: float, ay: float, bx: float, by: float) -> float:
    """Give how far along an edge a point on it is, above 0 and below 1."""
    if abs(bx - ax) > abs(by - ay):
        return (px - ax) / (bx - ax)
    return (py - ay) / (by - ay)


@njit(cache=True, nogil=True)
def insert(
    nodes: Floats, begins: int, n: int, i: int, t: float, j: int, u: float, x: float, y: float
) -> int:
    """Add a node in the order of its share along the edge whose nodes begin at a place."""
    at = n
    while at > begins and nodes[at - 1, 1] > t:
        nodes[at] = nodes[at - 1]
        at -= 1
    nodes[at, 0], nodes[at, 1], nodes[at, 2], nodes[at, 3] = i, t, j, u
    nodes[at, 4], nodes[at, 5] = x, y
    return n + 1


@njit(cache=True, nogil=True)
def order_along_other(nodes: Floats, n: int, order: Positions) -> bool:
    """Order nodes along the second outline; False where two are in one place."""
    for k in range(n):
        at = k
        while at > 0 and (
            nodes[order[at - 1], 2] > nodes[k, 2]
            or (nodes[order[at - 1], 2] == nodes[k, 2] and nodes[order[at - 1], 3] > nodes[k, 3])
        ):
            order[at] = order[at - 1]
            at -= 1
        order[at] = k
    for k in range(1, n):
        here, before = nodes[order[k]], nodes[order[k - 1]]
        if here[2] == before[2] and here[3] == before[3]:
            return False
    return True


@njit(cache=True, nogil=True)
def departs(
    px: float, py: float, x: float, y: float, other: Floats, links: Positions, f: int, u: float
) -> int:
    """Tell how an edge to p runs, from x and y on edge f of the other outline, to that outline."""
    bx, by = other[f, 0], other[f, 1]
    cx, cy = other[links[f, 0], 0], other[links[f, 0], 1]
    after = side(bx, by, cx, cy, px, py)
    if u > 0.0:
        if after == 0.0:
            return SAME if (px - x) * (cx - bx) + (py - y) * (cy - by) > 0.0 else OPPOSITE
        return UNSURE if np.isnan(after) else IN if after > 0.0 else OUT
    ax, ay = other[links[f, 1], 0], other[links[f, 1], 1]
    before, bend = side(ax, ay, bx, by, px, py), side(ax, ay, bx, by, cx, cy)
    if np.isnan(after + before + bend):
        return UNSURE
    if after == 0.0 and (px - bx) * (cx - bx) + (py - by) * (cy - by) > 0.0:
        return SAME
    if before == 0.0 and (px - bx) * (ax - bx) + (py - by) * (ay - by) > 0.0:
        return OPPOSITE
    if bend > 0.0:
        return IN if before > 0.0 and after > 0.0 else OUT
    return IN if before > 0.0 or after > 0.0 else OUT


@njit(cache=True, nogil=True)
def judge_arcs(
    corners: Floats, links: Positions, edge: int, other: Floats, to_other: Positions, f: int,
    nodes: Floats, n: int, arcs: Statuses,
) -> bool:  # fmt: skip
    """
    Tell how the arcs of an outline run from their nodes; True where one is unsure.

    `edge` and `f` are the columns of `nodes` of the two outlines' edges.
    """
    for k in range(n):
        e = int(nodes[k, edge])
        to = links[e, 0]
        arcs[k] = departs(
            corners[to, 0], corners[to, 1], corners[e, 0], corners[e, 1],
            other, to_other, int(nodes[k, f]), nodes[k, f + 1],
        )  # fmt: skip
        if arcs[k] == UNSURE:
            return True
    return False


@njit(cache=True, nogil=True)
def judge_rings(
    corners: Floats, links: Positions, size: int, nodes: Floats, n: int, edge: int,
    vertices: Floats, rings: Positions, first: int, last: int, whole: Statuses,
) -> bool:  # fmt: skip
    """
    Tell of rings without a node whether they run inside another polygon; True where one is unsure.

    `whole` is IN, OUT, or SAME where a ring has nodes.
    """
    ring = -1
    for c in range(size):
        if links[c, 2] == ring:
            continue
        ring = links[c, 2]
        whole[ring] = OUT
        for k in range(n):
            if links[int(nodes[k, edge]), 2] == ring:
                whole[ring] = SAME
        if whole[ring] == OUT:
            at = locate_in_rings(corners[c, 0], corners[c, 1], vertices, rings, first, last)
            if at != INSIDE and at != OUTSIDE:
                return True
            if at == INSIDE:
                whole[ring] = IN
    return False
