"""
Shapes and points for benchmarks, in metres, drawn by numpy alone: the same ones for a seed everywhere.

Mixes follow what national cadastres look like: mostly rectangles along a kilometre lattice, some of
several lattice cells, some with any outline, few with a hole, crowded around mining centres.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely

SIDE_KM = 1000
CENTRES = 400
CROWDED = 0.8
CELL_M = 1000.0


class Ground(NamedTuple):
    """A square, and the places in it around which rights crowd; kilometres."""

    side_km: int
    centres: np.ndarray


class Layer(NamedTuple):
    """Polygons and points in one system."""

    shapes: np.ndarray
    x: np.ndarray
    y: np.ndarray


def ground(side_km: int, centres: int, seed: int = 1) -> Ground:
    """Draw the centres of a square."""
    rng = np.random.default_rng(seed)
    return Ground(side_km, rng.uniform(50, side_km - 50, (centres, 2)))


def _places(rng: np.random.Generator, n: int, on: Ground | None = None) -> np.ndarray:
    """Draw places in kilometres, most of them around centres."""
    side_km, centres = on or (SIDE_KM, rng.uniform(50, SIDE_KM - 50, (CENTRES, 2)))
    around = centres[rng.integers(0, len(centres), n)] + rng.normal(0, 12, (n, 2))
    anywhere = rng.uniform(0, side_km, (n, 2))
    places = np.where(rng.random((n, 1)) < CROWDED, around, anywhere)
    return np.clip(places, 10, side_km - 20)


def rights(n: int, seed: int | tuple[int, ...] = 1, on: Ground | None = None) -> np.ndarray:
    """Draw n rights: rectangles, polyominoes (12 %), any outline (7 %), with a hole (1 %)."""
    rng = np.random.default_rng(seed)
    corner = np.floor(_places(rng, n, on)) * CELL_M
    size = rng.integers(1, 5, (n, 2)) * CELL_M
    shapes = shapely.box(*corner.T, *(corner + size).T)
    kind = rng.choice(4, n, p=[0.80, 0.12, 0.07, 0.01])
    for i in np.flatnonzero(kind == 1):
        steps = corner[i] + np.cumsum(rng.integers(0, 2, (4, 2)), axis=0) * CELL_M
        shapes[i] = shapely.union_all([shapes[i], *shapely.box(*steps.T, *(steps + CELL_M).T)])
        if shapes[i].geom_type != "Polygon":
            shapes[i] = shapes[i].geoms[0]
    for i in np.flatnonzero(kind == 2):
        shapes[i] = _star(rng, corner[i], rng.integers(4, 25), 500.0, 3000.0)
    for i in np.flatnonzero(kind == 3):
        outer = np.maximum(size[i], 3 * CELL_M)
        hole = corner[i] + CELL_M
        shapes[i] = shapely.box(*corner[i], *(corner[i] + outer)).difference(
            shapely.box(*hole, *(hole + CELL_M))
        )
    return shapes


def _star(
    rng: np.random.Generator, centre: np.ndarray, n: int, least: float, most: float
) -> shapely.Polygon:
    angle = np.sort(rng.random(n) * 2 * np.pi)
    radius = rng.uniform(least, most, n)
    at = centre + np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, None]
    shape = shapely.make_valid(shapely.Polygon(np.round(at)))
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
    return max(parts, key=lambda p: p.area, default=shapely.box(*centre, *(centre + CELL_M)))


def protected_areas(n: int, seed: int = 2, most: int = 50_000) -> np.ndarray:
    """Draw n multipolygons with rugged outlines of up to `most` vertices."""
    rng = np.random.default_rng(seed)
    out = np.empty(n, dtype=object)
    for i, centre in enumerate(_places(rng, n) * 1000.0):
        parts = []
        for part in range(rng.integers(1, 3)):
            count = int(np.exp(rng.uniform(np.log(500), np.log(most))))
            angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
            waves = rng.normal(0, 1, (12, 2)) / np.arange(1, 13)[:, None] ** 1.2
            turns = np.arange(1, 13)[:, None] * angle
            bend = (waves[:, :1] * np.cos(turns) + waves[:, 1:] * np.sin(turns)).sum(axis=0)
            radius = rng.uniform(4e3, 4e4) * np.exp(0.15 * bend + rng.normal(0, 2e-5, count))
            at = np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, None]
            parts.append(shapely.Polygon(at + centre + np.array([9e4 * part, 0.0])))
        out[i] = shapely.MultiPolygon([p for p in parts if p.is_valid][:1])
    return out[~shapely.is_empty(out)]


def scattered(shapes: np.ndarray, n: int, seed: int = 3) -> Layer:
    """Draw n points, most of them where shapes are, one in a hundred on a vertex or between two."""
    rng = np.random.default_rng(seed)
    boxes = shapely.bounds(shapes)
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    near = middle[rng.integers(0, len(shapes), n)] + rng.normal(0, 1000, (n, 2))
    west, south, east, north = (
        boxes[:, 0].min(),
        boxes[:, 1].min(),
        boxes[:, 2].max(),
        boxes[:, 3].max(),
    )
    anywhere = rng.uniform([west, south], [east, north], (n, 2))
    at = np.round(np.where(rng.random((n, 1)) < CROWDED, near, anywhere))
    on = rng.choice(n, n // 100, replace=False)
    corners = shapely.get_coordinates(shapes[rng.integers(0, len(shapes), 2000)])
    at[on] = corners[rng.integers(0, len(corners), len(on))]
    return Layer(shapes, at[:, 0].copy(), at[:, 1].copy())
