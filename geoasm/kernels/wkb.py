"""
Well-known binary to flat outlines and coordinates and back, compiled: no object is made of any shape.

Reads what GEOS reads of polygons, multipolygons and points: either byte order, heights and measures
by ISO's numbers or by PostGIS' bits (they are dropped), a system's number (skipped). No byte outside
a value is looked at, whatever the value claims.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from numba import njit

from geoasm.errors import BrokenGeometry, NotPoints, NotPolygons
from geoasm.geometry import Floats
from geoasm.kernels.outlines import Outlines, from_rings

Bytes = npt.NDArray[np.uint8]
Positions = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

POINT, POLYGON, MULTIPOLYGON = 1, 3, 6
HEIGHT, MEASURE, SYSTEM = 0x80000000, 0x40000000, 0x20000000
HEADER, POINT_LENGTH = 5, 21
COUNTED_HEADER, VERTEX = HEADER + 4, 16
FEWEST_IN_RING = 3  # GEOS takes a ring that goes out and back; whether it is valid comes later
BYTES_OF_SMALLEST_RING = 4 + 16 * FEWEST_IN_RING

FINE, OTHER_TYPE, CUT_SHORT, BROKEN_RING, UNREADABLE = 0, 1, 2, 3, 4
REASONS: Final = {
    CUT_SHORT: "it ends before all that it announces",
    BROKEN_RING: "a ring has fewer than 3 vertices or does not end where it began",
    UNREADABLE: "its first bytes name no byte order or no type",
}


def polygons(data: Bytes, offsets: Positions, present: Bools, first: int = 0) -> Outlines:
    """
    Give the outlines of polygons and multipolygons in well-known binary, as `outlines.flatten` does.

    Parameters
    ----------
    data, offsets
        Bytes of all values; value i has those from `offsets[i]` to `offsets[i + 1]`.
    present
        Which values are there; the others have no outline.
    first
        Rows before these, for messages.

    Raises
    ------
    NotPolygons
        A value is of another type.
    BrokenGeometry
        A value is no well-known binary; the text tells its row, from 1.
    """
    offsets = offsets.astype(np.int64, copy=False)
    words, rings, parts, at, fault = _read_polygons(data, offsets, present)
    if fault == OTHER_TYPE:
        raise NotPolygons(
            f"only polygons have outlines that cover ground: row {first + at + 1} has none"
        )
    if fault != FINE:
        raise BrokenGeometry(f"row {first + at + 1} is no well-known binary: {REASONS[fault]}")
    return from_rings(words.view(np.float64), rings, parts)


def points(
    data: Bytes, offsets: Positions, present: Bools, first: int = 0
) -> tuple[Floats, Floats]:
    """
    Give x and y of points in well-known binary; NaN of those missing or empty.

    Parameters
    ----------
    data, offsets, present, first
        As of `polygons`.

    Raises
    ------
    NotPoints
        A value is of another type.
    BrokenGeometry
        A value is no well-known binary; the text tells its row, from 1.
    """
    x, y, at, fault = _read_points(data, offsets.astype(np.int64, copy=False), present)
    if fault == OTHER_TYPE:
        raise NotPoints(f"only points have one position: row {first + at + 1} is none")
    if fault != FINE:
        raise BrokenGeometry(f"row {first + at + 1} is no well-known binary: {REASONS[fault]}")
    return x.view(np.float64), y.view(np.float64)


def write(
    vertices: Floats,
    rings: Positions,
    polygons: Positions,
    shapes: Positions,
    multi: Bools,
    rows: Positions,
) -> tuple[Bytes, Positions]:
    """
    Write some of the shapes of `flat.Flat` as GEOS does, the least byte first.

    Returns
    -------
    data, offsets
        Value i has the bytes from `offsets[i]` to `offsets[i + 1]`.
    """
    sizes = lengths(rings, polygons, shapes, multi, rows)
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    data = np.empty(offsets[-1], np.uint8)
    raw = np.ascontiguousarray(vertices, dtype="<f8").view(np.uint8).reshape(-1)
    _write(data, offsets, raw, rings, polygons, shapes, multi, rows)
    return data, offsets


@njit(cache=True, nogil=True)
def lengths(
    rings: Positions, polygons: Positions, shapes: Positions, multi: Bools, rows: Positions
) -> Positions:
    """Give the number of bytes of shapes in well-known binary."""
    out = np.empty(rows.size, np.intp)
    for i in range(rows.size):
        first, end = shapes[rows[i]], shapes[rows[i] + 1]
        n_rings = polygons[end] - polygons[first]
        n_vertices = rings[polygons[end]] - rings[polygons[first]]
        heads = end - first + 1 if multi[rows[i]] else 1
        out[i] = heads * COUNTED_HEADER + 4 * n_rings + VERTEX * n_vertices
    return out


@njit(cache=True, nogil=True)
def _write(
    data: Bytes, offsets: Positions, raw: Bytes, rings: Positions, polygons: Positions,
    shapes: Positions, multi: Bools, rows: Positions,
) -> None:  # fmt: skip
    for i in range(rows.size):
        at, first, end = offsets[i], shapes[rows[i]], shapes[rows[i] + 1]
        if multi[rows[i]]:
            at = _put_head(data, at, MULTIPOLYGON, end - first)
        elif first == end:
            at = _put_head(data, at, POLYGON, 0)
        for p in range(first, end):
            at = _put_head(data, at, POLYGON, polygons[p + 1] - polygons[p])
            for r in range(polygons[p], polygons[p + 1]):
                at = _put_four(data, at, rings[r + 1] - rings[r])
                size = VERTEX * (rings[r + 1] - rings[r])
                data[at : at + size] = raw[VERTEX * rings[r] : VERTEX * rings[r + 1]]
                at += size


@njit(cache=True, nogil=True)
def _put_head(data: Bytes, at: int, kind: int, count: int) -> int:
    """Write byte order, type and number of what follows; gives the byte after."""
    data[at] = 1
    return _put_four(data, _put_four(data, at + 1, kind), count)


@njit(cache=True, nogil=True)
def _put_four(data: Bytes, at: int, value: int) -> int:
    """Write an unsigned number of four bytes; gives the byte after."""
    for k in range(4):
        data[at + k] = (value >> (8 * k)) & 0xFF
    return at + 4


@njit(cache=True, nogil=True, inline="always")
def _four(data: Bytes, at: int, little: bool) -> Any:
    """Read an unsigned number of four bytes."""
    a, b = np.int64(data[at]), np.int64(data[at + 1])
    c, d = np.int64(data[at + 2]), np.int64(data[at + 3])
    if little:
        return a | b << 8 | c << 16 | d << 24
    return d | c << 8 | b << 16 | a << 24


@njit(cache=True, nogil=True, inline="always")
def _eight(data: Bytes, at: int, little: bool) -> Any:
    """Read the bits of a float of eight bytes."""
    word = np.uint64(0)
    if little:
        for i in range(8):
            word |= np.uint64(data[at + i]) << np.uint64(8 * i)
    else:
        for i in range(8):
            word |= np.uint64(data[at + i]) << np.uint64(56 - 8 * i)
    return word


@njit(cache=True, nogil=True)
def _head(data: Bytes, at: int, end: int) -> tuple[int, bool, int, int, int]:
    """
    Read byte order and type of a geometry.

    Returns
    -------
    type, little, ordinates, after, fault
        Its type without flags; whether the least byte comes first; numbers a vertex; the first byte
        after the head.
    """
    if end - at < HEADER:
        return 0, True, 2, at, CUT_SHORT
    if data[at] > 1:
        return 0, True, 2, at, UNREADABLE
    little = data[at] == 1
    code = _four(data, at + 1, little)
    plain = code & 0x0FFFFFFF
    thousands = plain // 1000
    if thousands > 3 or code & 0x10000000:
        return 0, True, 2, at, UNREADABLE
    height = (code & HEIGHT) != 0 or thousands == 1 or thousands == 3
    measure = (code & MEASURE) != 0 or thousands == 2 or thousands == 3
    after = at + HEADER + (4 if code & SYSTEM else 0)
    if after > end:
        return 0, True, 2, at, CUT_SHORT
    return plain % 1000, little, 2 + int(height) + int(measure), after, FINE


@njit(cache=True, nogil=True, inline="always")
def _equal(a: Any, b: Any) -> bool:
    """Tell whether two floats, given as bits, are equal: zeros of either sign are, NaN never."""
    if a == b:
        return (a << np.uint64(1)) <= np.uint64(0xFFE0000000000000)
    return ((a | b) << np.uint64(1)) == np.uint64(0)


@njit(cache=True, nogil=True)
def _read_rings(
    data: Bytes, at: int, end: int, little: bool, ordinates: int,
    words: Any, rings: Positions, n: int, n_rings: int,
) -> tuple[int, int, int, int]:  # fmt: skip
    """Read the rings of one polygon; gives the byte after, vertices and rings so far, the fault."""
    if end - at < 4:
        return at, n, n_rings, CUT_SHORT
    count = _four(data, at, little)
    at += 4
    shell_is_empty = False
    for ring in range(count):
        if end - at < 4:
            return at, n, n_rings, CUT_SHORT
        size = _four(data, at, little)
        at += 4
        if size > (end - at) // (8 * ordinates):
            return at, n, n_rings, CUT_SHORT
        if size == 0:
            shell_is_empty = shell_is_empty or ring == 0
            continue
        if size < FEWEST_IN_RING or shell_is_empty:
            return at, n, n_rings, BROKEN_RING
        first = n
        for _ in range(size):
            words[n, 0], words[n, 1] = _eight(data, at, little), _eight(data, at + 8, little)
            at += 8 * ordinates
            n += 1
        if not (
            _equal(words[first, 0], words[n - 1, 0]) and _equal(words[first, 1], words[n - 1, 1])
        ):
            return at, n, n_rings, BROKEN_RING
        n_rings += 1
        rings[n_rings] = n
    return at, n, n_rings, FINE


@njit(cache=True, nogil=True)
def _read_polygons(data: Bytes, offsets: Positions, present: Bools) -> tuple[Any, ...]:
    """Read all values, or to the first fault; gives words, rings, parts, its position and kind."""
    count = present.size
    held = max(0, offsets[count] - offsets[0]) if count else 0
    held = min(held, data.size)
    words = np.empty((held // 16 + 1, 2), np.uint64)
    rings = np.zeros(held // BYTES_OF_SMALLEST_RING + 2, np.intp)
    parts = np.zeros(count + 1, np.intp)
    n, n_rings, last = 0, 0, 0
    for p in range(count):
        start, end = offsets[p], offsets[p + 1]
        if start < last or end < start or end > data.size:
            return words[:0], rings[:1], parts[:1], p, CUT_SHORT
        last = end
        if present[p]:
            kind, little, ordinates, at, fault = _head(data, start, end)
            if fault == FINE and kind == POLYGON:
                at, n, n_rings, fault = _read_rings(
                    data, at, end, little, ordinates, words, rings, n, n_rings
                )
            elif fault == FINE and kind == MULTIPOLYGON:
                n, n_rings, fault = _read_members(data, at, end, little, words, rings, n, n_rings)
            elif fault == FINE:
                fault = OTHER_TYPE
            if fault != FINE:
                return words[:0], rings[:1], parts[:1], p, fault
        parts[p + 1] = n_rings
    return words[:n], rings[: n_rings + 1], parts, -1, FINE


@njit(cache=True, nogil=True)
def _read_members(
    data: Bytes, at: int, end: int, little: bool, words: Any, rings: Positions, n: int, n_rings: int
) -> tuple[int, int, int]:
    """Read the polygons of a multipolygon; gives vertices and rings so far, and the fault."""
    if end - at < 4:
        return n, n_rings, CUT_SHORT
    count = _four(data, at, little)
    at += 4
    for _ in range(count):
        kind, order, ordinates, at, fault = _head(data, at, end)
        if fault == FINE and kind != POLYGON:
            fault = UNREADABLE
        if fault == FINE:
            at, n, n_rings, fault = _read_rings(
                data, at, end, order, ordinates, words, rings, n, n_rings
            )
        if fault != FINE:
            return n, n_rings, fault
    return n, n_rings, FINE


@njit(cache=True, nogil=True)
def _read_points(data: Bytes, offsets: Positions, present: Bools) -> tuple[Any, ...]:
    """Read all values, or to the first fault; gives x and y as bits, its position and kind."""
    count = present.size
    nowhere = np.full(1, np.nan).view(np.uint64)[0]
    x, y = np.full(count, nowhere), np.full(count, nowhere)
    for p in range(count):
        start, end = offsets[p], offsets[p + 1]
        if start < 0 or end < start or end > data.size:
            return x, y, p, CUT_SHORT
        if not present[p]:
            continue
        if (
            end - start >= POINT_LENGTH
            and data[start] == 1
            and _four(data, start + 1, True) == POINT
        ):
            x[p], y[p] = _eight(data, start + 5, True), _eight(data, start + 13, True)
            continue
        kind, little, ordinates, at, fault = _head(data, start, end)
        if fault == FINE and kind != POINT:
            fault = OTHER_TYPE
        if fault == FINE and end - at < 8 * ordinates:
            fault = CUT_SHORT
        if fault != FINE:
            return x, y, p, fault
        x[p], y[p] = _eight(data, at, little), _eight(data, at + 8, little)
    return x, y, -1, FINE
