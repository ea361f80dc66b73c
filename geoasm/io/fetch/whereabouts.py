"""Coordinates held against the system that they claim, and against the country."""

from __future__ import annotations

import logging

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geoasm import geometry
from geoasm.errors import FetchError
from geoasm.model import CrsPlan

log = logging.getLogger(__name__)

_ROUNDED = 1e-6  # degrees beyond the edge of the world that rounding explains


def check_degrees(frame: gpd.GeoDataFrame) -> None:
    """
    Make sure that coordinates in degrees can be degrees.

    Raises
    ------
    FetchError
        They lie beyond 180 or 90.
    """
    label = geometry.crs_label(frame.crs)
    if not frame.crs.is_geographic:
        return
    bounds = np.abs(shapely.bounds(frame.geometry.to_numpy()))
    beyond = (bounds > np.array([180, 90, 180, 90]) + _ROUNDED).any(axis=1)
    if beyond.any():
        x, y = shapely.bounds(frame.geometry.to_numpy())[beyond][0, :2]
        raise FetchError(
            f"the service says {label} (degrees), and {int(beyond.sum()):,} of {len(frame):,} rows"
            f" have coordinates that are none, as x={x:.10g} y={y:.10g}; ask it in another system"
            " (out_crs in services.toml of the profile), or tell its owner"
        )


def tell_outside(frame: gpd.GeoDataFrame, plan: CrsPlan) -> None:
    """Say when most rows lie outside the country, as where x and y have changed places."""
    shapes = frame.geometry.to_numpy()
    shapes = shapes[~shapely.is_missing(shapes)]
    if geometry.crs_label(frame.crs) != plan.geographic:
        operation = geometry.operation(geometry.crs_label(frame.crs), plan.geographic, plan)
        shapes = operation.geometries(shapes)
    bounds = shapely.bounds(shapes)
    outside = int((~_inside(bounds, plan)).sum())
    if 2 * outside <= len(shapes):
        return
    turned = _inside(bounds[:, [1, 0, 3, 2]], plan)
    log.warning(
        "%d of %d rows lie outside the country's bounds (west, south, east, north %s)%s",
        *(outside, len(shapes), ", ".join(f"{v:g}" for v in plan.bounds)),
        "; with x and y exchanged they lie in them" if 2 * turned.sum() > len(shapes) else "",
    )


def _inside(bounds: npt.NDArray[np.float64], plan: CrsPlan) -> npt.NDArray[np.bool_]:
    west, south, east, north = plan.bounds
    inside = (bounds[:, :2] <= (east, north)) & (bounds[:, 2:] >= (west, south))
    return np.asarray(inside.all(axis=1))
