"""Planted ground: heights at the middle of every pixel, and points in metres from a round place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from geoasm import terrain
from geoasm.geometry import operation
from geoasm.io.profiles import load_profile
from geoasm.law import LawAt
from geoasm.model import Grid, Source, Window

PE = load_profile("pe")
LAW = PE.law.at(date(2024, 6, 1))
ZONE = "EPSG:32718"
X, Y = 500_000.0, 9_000_000.0  # a round place in the middle of the zone

Heights = Callable[[np.ndarray, np.ndarray], np.ndarray]


def slope(degrees: float, to_east: float = 0.6, to_north: float = 0.8) -> Heights:
    """A plane that rises in a direction given as a unit vector; metres from the round place."""
    rise = np.tan(np.radians(degrees))
    return lambda east, north: 1000 + rise * (to_east * east + to_north * north)


def degrees_of(east: np.ndarray, north: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    at = np.asarray(east, dtype=float), np.asarray(north, dtype=float)
    return operation(ZONE, "EPSG:4326", PE.crs).points(X + at[0], Y + at[1])


def dem(
    heights: Heights,
    transform: tuple[float, ...] = (30.0, 0.0, X - 3000, 0.0, -30.0, Y + 3000),
    shape: tuple[int, int] = (200, 200),
    crs: str = ZONE,
    block: tuple[int, int] = (16, 16),
    valid: np.ndarray | None = None,
) -> Grid:
    """Heights at the middle of every pixel, in any system."""
    a, b, c, d, e, f = transform
    column, row = np.meshgrid(np.arange(shape[1]) + 0.5, np.arange(shape[0]) + 0.5)
    x, y = (a * column + b * row + c).ravel(), (d * column + e * row + f).ravel()
    east, north = operation(crs, ZONE, PE.crs).points(x, y)
    values = heights(east - X, north - Y).reshape(shape)
    seen = np.ones(shape, dtype=bool) if valid is None else valid

    def read(window: Window) -> tuple[np.ndarray, np.ndarray]:
        row, column, rows, columns = window
        assert row >= 0
        assert column >= 0
        at = slice(row, row + rows), slice(column, column + columns)
        assert values[at].shape == (rows, columns)
        return values[at], seen[at]

    return Grid(Source("elevation", "dem.tif"), crs, transform, shape, block, None, read)


def describe(
    east: object,
    north: object,
    *,
    law: LawAt = LAW,
    elevation: Grid | None = None,
    rivers: object = None,
) -> pd.DataFrame:
    lon, lat = degrees_of(np.atleast_1d(east), np.atleast_1d(north))
    return terrain.describe(lon, lat, law, PE.crs, elevation=elevation, rivers=rivers).frame
