"""Cadastres in a line each, as normalisation gives them."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geoasm import geometry
from geoasm.model import CrsPlan

X, Y = 500_000.0, 9_000_000.0


def square(x: float, y: float, side: float = 1000.0) -> BaseGeometry:
    """A square by its south-west corner, in metres from a round place in the zone's middle."""
    return shapely.box(X + x, Y + y, X + x + side, Y + y + side)


def cadastre(
    plan: CrsPlan,
    shapes: dict[str, BaseGeometry],
    crs: str | list[str] = "EPSG:32718",
    **columns: Any,
) -> gpd.GeoDataFrame:
    """Rights by code, drawn in a UTM zone each; titled and filed in the order given if not said."""
    n = len(shapes)
    systems = [crs] * n if isinstance(crs, str) else crs
    drawn = np.array(list(shapes.values()), dtype=object)
    degrees = [
        geometry.operation(system, "EPSG:4326", plan).geometries(np.array([shape], dtype=object))[0]
        for system, shape in zip(systems, drawn, strict=True)
    ]
    filed = pd.date_range("2010-01-01", periods=n)
    given = {"status": "titled", "filed_on": filed, **columns}
    frame = pd.DataFrame({"concession_id": pd.Series(list(shapes), dtype="str")})
    for name, values in given.items():
        frame[name] = values
    frame = frame.astype({"status": "str", "filed_on": "datetime64[s]"})
    for name in ("crs_used", "planar_crs"):
        frame[name] = pd.Series(systems, dtype="str")
    for name in ("drawn", "planar"):
        frame[name] = pd.Series(drawn, dtype=object)
    frame["area_ha"] = geometry.area_ha(drawn)
    return gpd.GeoDataFrame(frame, geometry=degrees, crs="EPSG:4326")
