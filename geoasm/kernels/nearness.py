"""Polygons whose ground or whose edge is near points, compiled, with the distance to the edge."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from geoasm.geometry import Floats
from geoasm.kernels.covering import (
    OUTSIDE,
    Bools,
    Positions,
    cell_of,
    grown,
    locate_in_rings,
)


@njit(cache=True, nogil=True)
def segment_distance(px: float, py: float, x1: float, y1: float, x2: float, y2: float) -> float:
    """Measure from a point to a segment, in the order of operations of GEOS."""
    dx, dy = x2 - x1, y2 - y1
    length2 = dx * dx + dy * dy
    along = ((px - x1) * dx + (py - y1) * dy) / length2 if length2 > 0.0 else 0.0
    if along <= 0.0:
        return np.sqrt((px - x1) * (px - x1) + (py - y1) * (py - y1))
    if along >= 1.0:
        return np.sqrt((px - x2) * (px - x2) + (py - y2) * (py - y2))
    return abs(((y1 - py) * dx - (x1 - px) * dy) / length2) * np.sqrt(length2)


@njit(cache=True, nogil=True)
def edge_distance(
    px: float, py: float, vertices: Floats, rings: Positions, first: int, last: int
) -> float:
    """Measure from a point to the nearest edge of rings."""
    least = np.inf
    for ring in range(first, last):
        for i in range(rings[ring], rings[ring + 1] - 1):
            least = min(
                least,
                segment_distance(
                    px, py, vertices[i, 0], vertices[i, 1], vertices[i + 1, 0], vertices[i + 1, 1]
                ),
            )
    return least


@njit(cache=True, nogil=True)
def scan_near(
    places: Floats, offsets: Positions, frame: tuple[Any, ...],
    vertices: Floats, rings: Positions, parts: Positions, bounds: Floats, upright: Bools,
    reach: float, keep_all: bool,
) -> tuple[Any, ...]:  # fmt: skip
    """
    Find the sorted points that each polygon covers or whose nearest edge is within reach.

    With `keep_all` every point in the polygon's box, widened by the reach, is kept.

    Returns
    -------
    point, polygon, edge, where
        Pairs ordered by polygon; distance to the nearest edge; OUTSIDE, INSIDE or UNDECIDED.
    """
    x0, y0, per_unit, columns, rows = frame
    point, polygon = np.empty(1024, np.intp), np.empty(1024, np.intp)
    edge, where, n = np.empty(1024), np.empty(1024, np.int8), 0
    for p in range(parts.size - 1):
        first, last = parts[p], parts[p + 1]
        west, south, east, north = bounds[p, 0], bounds[p, 1], bounds[p, 2], bounds[p, 3]
        if first == last or not len(places) or not (west <= east and south <= north):
            continue
        c0 = cell_of(west - reach, x0, per_unit, columns)
        c1 = cell_of(east + reach, x0, per_unit, columns)
        r0 = cell_of(south - reach, y0, per_unit, rows)
        for row in range(r0, cell_of(north + reach, y0, per_unit, rows) + 1):
            start, end = offsets[row * columns + c0], offsets[row * columns + c1 + 1]
            if n + end - start > point.size:
                size = 2 * point.size + end - start
                point, polygon = grown(point, n, size), grown(polygon, n, size)
                edge, where = grown(edge, n, size), grown(where, n, size)
            for k in range(start, end):
                px, py = places[k, 0], places[k, 1]
                if not (
                    west - reach <= px <= east + reach and south - reach <= py <= north + reach
                ):
                    continue
                inside = OUTSIDE
                if west <= px <= east and south <= py <= north:
                    inside = locate_in_rings(px, py, vertices, rings, first, last)
                away = edge_distance(px, py, vertices, rings, first, last)
                if inside == OUTSIDE and away > reach and not keep_all:
                    continue
                point[n], polygon[n], edge[n], where[n] = int(places[k, 2]), p, away, inside
                n += 1
    return point[:n], polygon[:n], edge[:n], where[:n]
