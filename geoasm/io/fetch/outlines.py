"""Outlines of a page in Esri's JSON: which are whole, and as shapes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyogrio
import pyproj
import shapely

from geoasm.errors import FetchError
from geoasm.io.damaged import hushed

_FEWEST = {"rings": 4, "paths": 2}  # vertices of a part
_STRAIGHT = {"curveRings": "rings", "curvePaths": "paths"}
_KINDS = {
    "x": "esriGeometryPoint",
    "points": "esriGeometryMultipoint",
    "rings": "esriGeometryPolygon",
    "paths": "esriGeometryPolyline",
}
_FAILURES = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.GeometryError,
    pyogrio.errors.CRSError,
    shapely.errors.GEOSException,
    RuntimeError,
    ValueError,
)


class _Unreadable(Exception):
    """Arcs, coordinates that are no numbers, a ring that encloses nothing."""


def read_outlines(
    said: Mapping[str, Any], name: str
) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_], pyproj.CRS | None]:
    """
    Read the outlines of a page.

    GDAL sees nothing but outlines: what it makes of attributes is not what the service said.

    Returns
    -------
    shapes, unreadable, crs
        One shape a row, None where the row has no outline or one that cannot be read; which rows
        are of the second kind; the system that the page states.

    Raises
    ------
    FetchError
        The page as a whole cannot be read.
    """
    outlines, unreadable = [], np.zeros(len(said["features"]), dtype=bool)
    for number, feature in enumerate(said["features"]):
        try:
            outlines.append(_plain(feature.get("geometry")))
        except _Unreadable:
            outlines.append(None)
            unreadable[number] = True
    frame = _read(said, outlines, name)
    shapes = np.full(len(outlines), None, dtype=object)
    shapes[frame["row"].to_numpy(dtype=np.intp)] = frame.geometry.to_numpy()
    shapes[shapely.is_empty(shapes)] = None
    whole = np.array([outline is not None for outline in outlines], dtype=bool)
    unreadable |= whole & shapely.is_missing(shapes)
    return shapes, unreadable, frame.crs


def _read(
    said: Mapping[str, Any], outlines: list[dict[str, Any] | None], name: str
) -> gpd.GeoDataFrame:
    kinds = _KINDS.keys() & {key for outline in outlines if outline for key in outline}
    if len(kinds) > 1:
        raise FetchError(f"{name}: the page mixes outlines of several kinds")
    page = {
        "geometryType": _KINDS[min(kinds)] if kinds else "esriGeometryPoint",
        "spatialReference": said.get("spatialReference"),
        "hasZ": said.get("hasZ") is True,
        "hasM": said.get("hasM") is True,
        "fields": [{"name": "row", "type": "esriFieldTypeInteger"}],
        "features": [{"attributes": {"row": i}, "geometry": o} for i, o in enumerate(outlines)],
    }
    try:
        with hushed():
            frame = pyogrio.read_dataframe(json.dumps(page).encode("utf-8"))
    except _FAILURES as err:
        raise FetchError(f"{name}: its outlines cannot be read ({err})") from err
    if not isinstance(frame, gpd.GeoDataFrame):
        frame = gpd.GeoDataFrame(frame, geometry=np.full(len(frame), None))
    return frame


def _plain(shape: Any) -> dict[str, Any] | None:
    """Give an outline in straight segments, None where there is none."""
    if shape is None:
        return None
    if not isinstance(shape, dict):
        raise _Unreadable
    if "x" in shape:
        return _point(shape)
    if "points" in shape:
        return _parts("points", [shape["points"]] if shape["points"] else [], 1)
    key = next((k for k in (*_STRAIGHT, *_FEWEST) if shape.get(k)), None)
    if key is None:
        if shape.keys() - {"spatialReference", "hasZ", "hasM", *_STRAIGHT, *_FEWEST}:
            raise _Unreadable  # an envelope, or what nobody has seen yet
        return None
    straight = _STRAIGHT.get(key, key)  # rings that could have arcs and have none are rings
    return _parts(straight, shape[key], _FEWEST[straight])


def _point(shape: Mapping[str, Any]) -> dict[str, Any] | None:
    if shape["x"] in (None, "NaN") or shape["x"] != shape["x"]:
        return None
    numbers = {k: shape[k] for k in ("x", "y", "z", "m") if shape.get(k) is not None}
    _check([[shape["x"], shape.get("y")]], 1)
    return {k: v for k, v in numbers.items() if isinstance(v, int | float) and v == v}


def _parts(key: str, parts: Any, fewest: int) -> dict[str, Any] | None:
    if not isinstance(parts, list):
        raise _Unreadable
    parts = [part for part in parts if part != []]
    for part in parts:
        corners = _check(part, fewest)
        if key == "rings" and (corners[0, :2] != corners[-1, :2]).any():
            raise _Unreadable
    if not parts:
        return None
    return {key: parts[0] if key == "points" else parts}


def _check(part: Any, fewest: int) -> npt.NDArray[np.float64]:
    """Make sure that a part is a list of coordinates, all of them numbers."""
    try:
        corners = np.asarray(part, dtype=np.float64)  # null becomes NaN; an arc is no number
    except (TypeError, ValueError, OverflowError):
        raise _Unreadable from None
    if corners.ndim != 2 or corners.shape[0] < fewest or corners.shape[1] < 2:
        raise _Unreadable
    if not np.isfinite(corners[:, :2]).all():
        raise _Unreadable
    return corners
