"""
Which polygons cover which points, compiled: points sorted into cells once, polygons read one by one.

A point is in a polygon where a ray from it crosses the outline an odd number of times, or where it
lies on the outline: the rule of GEOS' `covers`, on the numbers as they are. A product that rounding
could turn around decides nothing: such pairs are handed back, for GEOS to decide.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from geoasm.geometry import Floats

Positions = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

OUTSIDE, INSIDE, UNDECIDED = 0, 1, 2
# A difference of two products has the sign it shows where it is larger than this share of their
# sum: Shewchuk, Adaptive Precision Floating-Point Arithmetic (1997), bound A of orient2d.
ORIENTATION_ERROR = (3.0 + 16.0 * 2.0**-53) * 2.0**-53
FEW_EDGES = 24  # fewer are looked at one by one
EDGES_PER_STRIP = 4
MOST_STRIPS = 4096
CELLS_PER_POINT = 2  # points crowd: on even ground fewer would do
MOST_CELLS = 1 << 18  # their offsets stay in a processor's cache
MOST_CELLS_A_SIDE = 1 << 13


@njit(cache=True, nogil=True)
def cell_of(value: float, low: float, per_unit: float, n: int) -> int:
    """Number the cell of a coordinate; monotone in it, so that no point is missed at a border."""
    scaled = (value - low) * per_unit
    if not scaled > 0.0:
        return 0
    return n - 1 if scaled >= n else int(scaled)


@njit(cache=True, nogil=True)
def sort_into_cells(x: Floats, y: Floats, most_cells: int = MOST_CELLS) -> tuple[Any, ...]:
    """
    Sort finite points by cell of a grid over them, row after row.

    Parameters
    ----------
    most_cells
        More of them are worth their memory where polygons come in the order of their places.

    Returns
    -------
    places, offsets, frame
        Shape (n, 3): x, y and position, together because they are read together; first place of
        each cell; (x0, y0, cells per unit, columns, rows).
    """
    x0, y0, per_unit, columns, rows = frame = _lay_grid(x, y, most_cells)
    # Rows first, then the cells of each row: writes stay near each other at either step.
    ends = np.zeros(rows + 1, np.intp)
    for i in range(x.size):
        if np.isfinite(x[i]) and np.isfinite(y[i]):
            ends[cell_of(y[i], y0, per_unit, rows) + 1] += 1
    ends = np.cumsum(ends)
    free, by_row = ends[:-1].copy(), np.empty((ends[rows], 3))
    for i in range(x.size):
        if np.isfinite(x[i]) and np.isfinite(y[i]):
            row = cell_of(y[i], y0, per_unit, rows)
            at = free[row]
            free[row] += 1
            by_row[at, 0], by_row[at, 1], by_row[at, 2] = x[i], y[i], i
    offsets = np.zeros(columns * rows + 1, np.int32)
    places = np.empty_like(by_row)
    for row in range(rows):
        cells = offsets[row * columns : (row + 1) * columns + 1]
        for k in range(ends[row], ends[row + 1]):
            cells[cell_of(by_row[k, 0], x0, per_unit, columns) + 1] += 1
        for column in range(columns):
            cells[column + 1] += cells[column]
        free = cells[:-1].astype(np.intp)
        for k in range(ends[row], ends[row + 1]):
            column = cell_of(by_row[k, 0], x0, per_unit, columns)
            at = free[column]
            free[column] += 1
            places[at, 0], places[at, 1], places[at, 2] = by_row[k, 0], by_row[k, 1], by_row[k, 2]
    return places, offsets, frame


@njit(cache=True, nogil=True)
def _lay_grid(x: Floats, y: Floats, most_cells: int) -> tuple[float, float, float, int, int]:
    """Lay square cells over finite points: x0, y0, cells per unit, columns, rows."""
    usable = 0
    x0, y0, x1, y1 = np.inf, np.inf, -np.inf, -np.inf
    for i in range(x.size):
        if np.isfinite(x[i]) and np.isfinite(y[i]):
            usable += 1
            x0, x1 = min(x0, x[i]), max(x1, x[i])
            y0, y1 = min(y0, y[i]), max(y1, y[i])
    if usable == 0:
        return 0.0, 0.0, 0.0, 1, 1
    width, height = x1 - x0, y1 - y0
    cells = min(CELLS_PER_POINT * usable, most_cells)
    side = max(max(width, height) / MOST_CELLS_A_SIDE, np.sqrt(width / cells) * np.sqrt(height))
    if not (side > 0.0 and np.isfinite(side) and np.isfinite(1.0 / side)):
        return x0, y0, 0.0, 1, 1
    return x0, y0, 1.0 / side, int(width / side) + 1, int(height / side) + 1


@njit(cache=True, nogil=True)
def order_by_cell(bounds: Floats, frame: tuple[Any, ...]) -> Positions:
    """Order polygons by the row and cell of their corner, so that their points lie near each other."""
    y0, per_unit, rows = frame[1], frame[2], frame[4]
    n, counts = len(bounds), np.zeros(rows + 1, np.intp)
    for p in range(n):
        counts[cell_of(bounds[p, 1], y0, per_unit, rows) + 1] += 1
    counts = np.cumsum(counts)
    order = np.empty(n, np.intp)
    for p in range(n):
        row = cell_of(bounds[p, 1], y0, per_unit, rows)
        order[counts[row]] = p
        counts[row] += 1
    start = 0
    for row in range(rows):
        here = order[start : counts[row]]
        start = counts[row]
        order[start - here.size : start] = here[np.argsort(bounds[here, 0])]
    return order


@njit(cache=True, nogil=True, inline="always")
def crosses(px: float, py: float, x1: float, y1: float, x2: float, y2: float) -> int:
    """
    Tell what an edge does to a ray from a point eastward.

    Returns 0 for nothing, 1 where it crosses, 2 where the point is on the edge, 3 where rounding
    leaves it open.
    """
    if x1 < px and x2 < px:
        return 0
    if px == x2 and py == y2:
        return 2
    if y1 == py and y2 == py:
        return 2 if min(x1, x2) <= px <= max(x1, x2) else 0
    if (y1 > py) == (y2 > py):
        return 0
    left, right = (x1 - px) * (y2 - py), (y1 - py) * (x2 - px)
    turn = left - right
    if abs(turn) > ORIENTATION_ERROR * (abs(left) + abs(right)):
        return 1 if (turn > 0.0) == (y2 > y1) else 0
    if (x1 == px or y2 == py) and (y1 == py or x2 == px):
        return 2
    return 3


@njit(cache=True, nogil=True)
def locate(px: float, py: float, vertices: Floats, edges: Positions, low: int, high: int) -> int:
    """Locate a point against the edges that start at the vertices `edges[low:high]`."""
    odd = False
    for k in range(low, high):
        i = edges[k]
        met = crosses(
            px, py, vertices[i, 0], vertices[i, 1], vertices[i + 1, 0], vertices[i + 1, 1]
        )
        if met == 1:
            odd = not odd
        elif met == 2:
            return INSIDE
        elif met == 3:
            return UNDECIDED
    return INSIDE if odd else OUTSIDE


@njit(cache=True, nogil=True)
def locate_in_rings(
    px: float, py: float, vertices: Floats, rings: Positions, first: int, last: int
) -> int:
    """Locate a point against rings, edge by edge."""
    odd = False
    for ring in range(first, last):
        above = vertices[rings[ring], 1] > py
        for i in range(rings[ring] + 1, rings[ring + 1]):
            y2 = vertices[i, 1]
            was_above, above = above, y2 > py
            # Most edges pass above or below. A vertex beside the point is met as an edge's end.
            if above == was_above and y2 != py:
                continue
            met = crosses(px, py, vertices[i - 1, 0], vertices[i - 1, 1], vertices[i, 0], y2)
            if met == 1:
                odd = not odd
            elif met == 2:
                return INSIDE
            elif met == 3:
                return UNDECIDED
    return INSIDE if odd else OUTSIDE


@njit(cache=True, nogil=True)
def sort_into_strips(
    vertices: Floats, rings: Positions, first: int, last: int, low: float, high: float
) -> tuple[Any, ...]:
    """
    List the edges of a polygon that reach into each of equally high strips.

    Returns
    -------
    offsets, edges, per_unit, n
    """
    count = rings[last] - rings[first]
    n = max(1, min(count // EDGES_PER_STRIP, MOST_STRIPS))
    while True:
        per_unit = n / (high - low) if high > low else 0.0
        if not np.isfinite(per_unit):
            per_unit, n = 0.0, 1
        offsets = np.zeros(n + 1, np.intp)
        for ring in range(first, last):
            for i in range(rings[ring], rings[ring + 1] - 1):
                y1, y2 = vertices[i, 1], vertices[i + 1, 1]
                bottom = cell_of(min(y1, y2), low, per_unit, n)
                for strip in range(bottom, cell_of(max(y1, y2), low, per_unit, n) + 1):
                    offsets[strip + 1] += 1
        for strip in range(n):
            offsets[strip + 1] += offsets[strip]
        # Long edges reach into many strips: fewer strips then, so that memory stays bounded.
        if n == 1 or offsets[n] <= 8 * count:
            break
        n = n // 2
    edges, place = np.empty(offsets[n], np.intp), offsets[:-1].copy()
    for ring in range(first, last):
        for i in range(rings[ring], rings[ring + 1] - 1):
            y1, y2 = vertices[i, 1], vertices[i + 1, 1]
            bottom = cell_of(min(y1, y2), low, per_unit, n)
            for strip in range(bottom, cell_of(max(y1, y2), low, per_unit, n) + 1):
                edges[place[strip]] = i
                place[strip] += 1
    return offsets, edges, per_unit, n


@njit(cache=True, nogil=True)
def scan(
    places: Floats, offsets: Positions, frame: tuple[Any, ...],
    vertices: Floats, rings: Positions, parts: Positions, bounds: Floats, upright: Bools,
    in_order: bool = False,
) -> tuple[Any, ...]:  # fmt: skip
    """
    Find the sorted points that each polygon covers.

    Parameters
    ----------
    in_order
        Polygons come in the order of their places.

    Returns
    -------
    point, polygon, doubtful
        Positions of each pair; places in them that GEOS must decide.
    """
    # Few points stay in the cache, in whatever order polygons come.
    jumps = len(places) > MOST_CELLS and not in_order
    order = order_by_cell(bounds, frame) if jumps else np.arange(bounds.shape[0])
    size = 1024 + 2 * len(places)  # growing costs more than pages never touched
    point, polygon, doubtful = (
        np.empty(size, np.intp),
        np.empty(size, np.intp),
        np.empty(64, np.intp),
    )
    at, n, n_doubtful, most = 0, 0, 0, 64
    while True:
        at, n, n_doubtful, room = scan_on(
            order, at, point, n, polygon, doubtful, n_doubtful, most,
            places, offsets, frame, vertices, rings, parts, bounds, upright,
        )  # fmt: skip
        if at == order.size:
            return point[:n], polygon[:n], doubtful[:n_doubtful]
        most = max(most, 2 * room)
        if n + room > point.size:
            size = 2 * point.size + room
            point, polygon = grown(point, n, size), grown(polygon, n, size)
        if n_doubtful + room > doubtful.size:
            doubtful = grown(doubtful, n_doubtful, 2 * doubtful.size + room)


@njit(cache=True, nogil=True)
def scan_on(
    order: Positions, at: int, point: Positions, n: int, polygon: Positions,
    doubtful: Positions, n_doubtful: int, most: int,
    places: Floats, offsets: Positions, frame: tuple[Any, ...],
    vertices: Floats, rings: Positions, parts: Positions, bounds: Floats, upright: Bools,
) -> tuple[int, int, int, int]:  # fmt: skip
    """
    Go on with `scan` from a place in the order of polygons, as far as there is room.

    Arrays that are replaced on the way would cost each polygon as much as looking at its points.

    Returns
    -------
    at, n, n_doubtful, room
        How far it came; pairs and doubts so far; the room that the next polygon may need.
    """
    x0, y0, per_unit, columns, rows = frame
    here_x, here_y, where = np.empty(most), np.empty(most), np.empty(most, np.intp)
    for k in range(at, order.size):
        p = order[k]
        first, last, box, begins, room = parts[p], parts[p + 1], upright[p], n, 0
        west, south, east, north = bounds[p, 0], bounds[p, 1], bounds[p, 2], bounds[p, 3]
        if first == last or not len(places) or not (west <= east and south <= north):
            continue
        c0, c1 = cell_of(west, x0, per_unit, columns), cell_of(east, x0, per_unit, columns)
        r0, r1 = cell_of(south, y0, per_unit, rows), cell_of(north, y0, per_unit, rows)
        for row in range(r0, r1 + 1):
            room += offsets[row * columns + c1 + 1] - offsets[row * columns + c0]
        if room == 0:
            continue
        if n + room > point.size or (
            not box and (room > most or n_doubtful + room > doubtful.size)
        ):
            return k, n, n_doubtful, room
        for row in range(r0, r1 + 1):
            for i in range(offsets[row * columns + c0], offsets[row * columns + c1 + 1]):
                # Written whether it is inside or not: half of them are, which no branch foresees.
                px, py = places[i, 0], places[i, 1]
                if not box:
                    here_x[n - begins], here_y[n - begins] = px, py
                point[n], polygon[n] = int(places[i, 2]), p
                n += int((px >= west) & (px <= east) & (py >= south) & (py <= north))
        if box or n == begins:
            continue
        here = here_x[: n - begins], here_y[: n - begins], vertices, rings, first, last
        if rings[last] - rings[first] <= FEW_EDGES:
            locate_each(*here, where)
        else:
            locate_by_strips(*here, where)
        found, n = n, begins
        for i in range(begins, found):
            told = where[i - begins]
            if told == UNDECIDED:
                doubtful[n_doubtful] = n
                n_doubtful += 1
            point[n] = point[i]
            n += int(told != OUTSIDE)
    return order.size, n, n_doubtful, 0


@njit(cache=True, nogil=True)
def locate_each(
    x: Floats, y: Floats, vertices: Floats, rings: Positions, first: int, last: int,
    where: Positions,
) -> None:  # fmt: skip
    """Locate points against rings, edge after edge for all of them, several at once."""
    where[: x.size] = OUTSIDE
    for ring in range(first, last):
        for i in range(rings[ring], rings[ring + 1] - 1):
            x1, y1, x2, y2 = vertices[i, 0], vertices[i, 1], vertices[i + 1, 0], vertices[i + 1, 1]
            east, goes_up = max(x1, x2), y2 > y1
            for k in range(x.size):
                px, py = x[k], y[k]
                left, right = (x1 - px) * (y2 - py), (y1 - py) * (x2 - px)
                turn = left - right
                sure = abs(turn) > ORIENTATION_ERROR * (abs(left) + abs(right))
                passes = (y1 > py) != (y2 > py)
                where[k] ^= np.intp(passes & sure & ((turn > 0.0) == goes_up))  # INSIDE is odd
                unsure = (passes & ~sure) | (y1 == py) | (y2 == py)
                where[k] |= np.intp(unsure & (east >= px)) * UNDECIDED
    for k in range(x.size):
        if where[k] >= UNDECIDED:
            where[k] = locate_in_rings(x[k], y[k], vertices, rings, first, last)


@njit(cache=True, nogil=True)
def locate_by_strips(
    x: Floats, y: Floats, vertices: Floats, rings: Positions, first: int, last: int,
    where: Positions,
) -> None:  # fmt: skip
    """Locate points against rings of many edges, each point against those of its strip."""
    south, north = np.inf, -np.inf
    for i in range(rings[first], rings[last]):
        south, north = min(south, vertices[i, 1]), max(north, vertices[i, 1])
    offsets, edges, per_unit, strips = sort_into_strips(vertices, rings, first, last, south, north)
    for k in range(x.size):
        strip = cell_of(y[k], south, per_unit, strips)
        where[k] = locate(x[k], y[k], vertices, edges, offsets[strip], offsets[strip + 1])


@njit(cache=True, nogil=True)
def grown(values: npt.NDArray[np.generic], n: int, size: int) -> npt.NDArray[np.generic]:
    """Copy the first `n` values into a longer array."""
    out = np.empty(size, values.dtype)
    out[:n] = values[:n]
    return out
