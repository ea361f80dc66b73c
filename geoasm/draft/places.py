"""Where the rows of a file are, before any profile says how to read it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geoasm import geometry
from geoasm.draft.looks import degrees_of
from geoasm.model import PositionSpec

_MARGIN_DEG = 1.0
_GAP_DEG, _GAP_SHARE = 1.5, 0.1


def in_degrees(frame: gpd.GeoDataFrame) -> geometry.Geometries:
    """Give outlines in the degrees of the file's own datum; none where its system is not known."""
    shapes: geometry.Geometries = shapely.force_2d(np.asarray(frame.geometry.array, dtype=object))
    if frame.crs is None:
        return np.full(len(shapes), None)
    crs = pyproj.CRS(frame.crs)
    if crs.is_geographic or crs.geodetic_crs is None:
        return shapes
    move = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    moved: geometry.Geometries = shapely.transform(
        shapes, lambda at: np.column_stack(move.transform(at[:, 0], at[:, 1]))
    )
    return moved


def middles(frame: pd.DataFrame, positions: Sequence[PositionSpec]) -> geometry.Floats:
    """Give where the rows of a file are, in degrees; rows without a place are left out."""
    if isinstance(frame, gpd.GeoDataFrame):
        box = shapely.bounds(in_degrees(frame))
        at = np.column_stack([box[:, [0, 2]].mean(axis=1), box[:, [1, 3]].mean(axis=1)])
    else:
        pair = next((p for p in positions if p.kind == "lonlat"), None)
        if pair is None:
            return np.empty((0, 2))
        columns = (frame[c] for c in (pair.x_columns[0], pair.y_columns[0]))
        at = np.column_stack([degrees_of(c).to_numpy() for c in columns])
    real = np.isfinite(at).all(axis=1) & (np.abs(at) <= [180, 90]).all(axis=1)
    real &= (at != 0).any(axis=1)
    return np.asarray(at[real], dtype=float)


def bounds_of(at: geometry.Floats) -> tuple[float, float, float, float]:
    """Give what holds all places but those far from the rest, with a margin, to the tenth of a degree."""
    (west, east), (south, north) = (_reach(np.sort(axis)) for axis in at.T)
    west, south = (math.floor((v - _MARGIN_DEG) * 10) / 10 for v in (west, south))
    east, north = (math.ceil((v + _MARGIN_DEG) * 10) / 10 for v in (east, north))
    return max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0)


def _reach(along: geometry.Floats) -> tuple[float, float]:
    """Give the least and the greatest value, without few that a wide gap parts from all others."""
    low, high = np.quantile(along, [0.02, 0.98])
    wide = np.diff(along) > max(_GAP_DEG, _GAP_SHARE * (high - low))
    first = np.flatnonzero(wide & (along[1:] <= low))
    last = np.flatnonzero(wide & (along[:-1] >= high))
    start = first[-1] + 1 if len(first) else 0
    end = last[0] if len(last) else len(along) - 1
    return float(along[start]), float(along[end])
