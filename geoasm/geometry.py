"""The only place that projects, repairs and measures."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely
from pyproj.transformer import Transformer, TransformerGroup

from geoasm.errors import CRSError
from geoasm.model import CrsPlan
from geoasm.schema import OUTPUT_CRS

Geometries = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]

M2_PER_HA = 10_000.0
M_PER_DEGREE = 111_320.0  # of the equator, and nearly of a meridian
_NAMELESS = ("", "unknown", "unnamed", "undefined")
_GEOD = pyproj.Geod(ellps="WGS84")
_GEOCENTRIC = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)


def parse_crs(text: object) -> pyproj.CRS:
    """
    Parse a coordinate system as users and files write it.

    Raises
    ------
    CRSError
        PROJ does not know it.
    """
    try:
        return pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError as err:
        raise CRSError(f"unknown coordinate system {text!r}: write it as EPSG:32718") from err


def crs_label(crs: object) -> str:
    """Name a coordinate system shortly: its EPSG code where it has one, else its name."""
    parsed = parse_crs(crs)
    code = parsed.to_epsg()
    if code:
        return f"EPSG:{code}"
    if parsed.name.lower() not in _NAMELESS:
        return str(parsed.name)
    method = parsed.coordinate_operation.method_name if parsed.coordinate_operation else ""
    return f"{method or 'system'} without EPSG code"


class Operation:
    """
    A chosen coordinate operation between two systems, x before y, with its stated accuracy.

    Datum shifts that the plan pins are used as pinned. Otherwise PROJ's best operation is taken;
    one that ignores the datum ("ballpark") is an error.
    """

    def __init__(self, source: str, target: str, plan: CrsPlan) -> None:
        self.source, self.target = source, target
        steps, self.accuracy_m, self.name = _choose(source, target, plan)
        self._steps = steps

    def points(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Convert coordinates; NaN stays NaN, what cannot be converted becomes NaN."""
        for step in self._steps:
            x, y = step.transform(x, y, errcheck=False)
        x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        bad = ~(np.isfinite(x) & np.isfinite(y))
        if bad.any():
            x, y = np.where(bad, np.nan, x), np.where(bad, np.nan, y)
        return x, y

    def geometries(self, geometries: Geometries) -> Geometries:
        """Convert every vertex of every geometry once."""
        if not self._steps:
            return geometries
        coordinates = shapely.get_coordinates(geometries)
        x, y = self.points(coordinates[:, 0], coordinates[:, 1])
        out: Geometries = shapely.set_coordinates(geometries.copy(), np.column_stack([x, y]))
        return out

    def describe(self) -> dict[str, object]:
        """Give what the manifest records of the operation."""
        return {
            "from": self.source,
            "to": self.target,
            "operation": self.name,
            "accuracy_m": self.accuracy_m,
        }


@lru_cache(maxsize=256)
def operation(source: str, target: str, plan: CrsPlan) -> Operation:
    """
    Give the operation from one system to another under a country's plan.

    Raises
    ------
    CRSError
        A system is unknown, or only a ballpark operation joins them.
    """
    return Operation(source, target, plan)


def _choose(source: str, target: str, plan: CrsPlan) -> tuple[list[Transformer], float | None, str]:
    a, b = parse_crs(source), parse_crs(target)
    if a == b or (a.is_geographic and b.is_geographic and a.equals(b, ignore_axis_order=True)):
        return [], 0.0, "none"
    geo_a, geo_b = a.geodetic_crs, b.geodetic_crs
    if geo_a is not None and geo_b is not None:
        for pin in plan.operations:
            if _same_datum(geo_a, pin.source) and _same_datum(geo_b, pin.target):
                return (
                    _pinned(a, b, pin.source, pin.target, pin.operation, False),
                    pin.accuracy_m,
                    pin.operation,
                )
            if _same_datum(geo_b, pin.source) and _same_datum(geo_a, pin.target):
                return (
                    _pinned(a, b, pin.target, pin.source, pin.operation, True),
                    pin.accuracy_m,
                    pin.operation,
                )
    west, south, east, north = plan.bounds
    area: Any = pyproj.aoi.AreaOfInterest(west, south, east, north)
    group = TransformerGroup(a, b, always_xy=True, area_of_interest=area, allow_ballpark=False)
    if not group.transformers:
        raise CRSError(
            f"no datum operation known from {crs_label(a)} to {crs_label(b)}; "
            "convert the file first, or add the operation to the profile's [[crs.operation]]"
        )
    best = group.transformers[0]
    accuracy = best.accuracy if best.accuracy is not None and best.accuracy >= 0 else None
    return [best], accuracy, best.description or best.name


def _same_datum(geographic: pyproj.CRS, code: str) -> bool:
    return bool(geographic.to_2d().equals(parse_crs(code), ignore_axis_order=True))


def _pinned(
    a: pyproj.CRS, b: pyproj.CRS, geo_a: str, geo_b: str, code: str, inverse: bool
) -> list[Transformer]:
    """Compose: source to its own degrees, the pinned shift, degrees to the target."""
    shift = Transformer.from_pipeline(f"urn:ogc:def:coordinateOperation:{code.replace(':', '::')}")
    steps = [Transformer.from_crs(a, geo_a, always_xy=True), _Flipped(shift, inverse)]
    return [*steps, Transformer.from_crs(geo_b, b, always_xy=True)]  # type: ignore[list-item]


class _Flipped:
    """An EPSG operation works in latitude, longitude; this one in x, y."""

    def __init__(self, shift: Transformer, inverse: bool) -> None:
        self._shift = shift
        self._direction = "INVERSE" if inverse else "FORWARD"

    def transform(self, x: Floats, y: Floats, errcheck: bool = False) -> tuple[Floats, Floats]:
        lat, lon = self._shift.transform(y, x, direction=self._direction, errcheck=errcheck)
        return lon, lat


def zone_of(longitude: Floats, plan: CrsPlan) -> npt.NDArray[np.intp]:
    """Give the number in `plan.zones` of each longitude's zone; outside all, the nearest zone."""
    edges = np.array([z.east for z in plan.zones[:-1]])
    return np.searchsorted(edges, longitude, side="right")


def area_ha(geometries: Geometries) -> Floats:
    """Measure planar area in hectares of geometries whose coordinates are metres."""
    return np.asarray(shapely.area(geometries), dtype=float) / M2_PER_HA


def repair(geometries: Geometries) -> tuple[Geometries, npt.NDArray[np.bool_]]:
    """
    Make polygons valid without losing ground, and tell which were not.

    Returns
    -------
    geometries, mended
        Valid geometries without lines or points left over, two-dimensional; boolean mask.
    """
    flat = geometries.copy()
    high = shapely.get_coordinate_dimension(flat) > 2  # the others need no second copy of each
    flat[high] = shapely.force_2d(flat[high])
    bad = ~shapely.is_valid(flat) & ~shapely.is_missing(flat)
    if bad.any():
        flat[bad] = polygonal(shapely.make_valid(flat[bad], method="structure"))
    return flat, bad


def polygonal(geometries: Geometries) -> Geometries:
    """Keep only the polygons of collections; empty where there are none."""
    out = np.array(geometries, dtype=object, copy=True)
    mixed = np.flatnonzero(np.isin(shapely.get_type_id(out), (0, 1, 2, 4, 5, 7)))
    for i in mixed:
        parts = shapely.get_parts(out[i])
        keep = parts[np.isin(shapely.get_type_id(parts), (3, 6))]
        out[i] = shapely.union_all(keep) if len(keep) else shapely.MultiPolygon()
    return out


def dissolved_ha(geometries: Geometries) -> float:
    """Measure the ground that geometries cover together, nothing counted twice (metres in)."""
    present = geometries[~shapely.is_missing(geometries)]
    if not len(present):
        return 0.0
    return float(shapely.area(shapely.union_all(present))) / M2_PER_HA


def points(x: pd.Series | Floats, y: pd.Series | Floats) -> Geometries:
    """Make points; None where a coordinate is not a number."""
    xs, ys = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    ok = np.isfinite(xs) & np.isfinite(ys)
    out = np.full(len(xs), None, dtype=object)
    out[ok] = shapely.points(xs[ok], ys[ok])
    return out


def along_curve(x: Floats, y: Floats) -> npt.NDArray[np.intp]:
    """Order places along a Hilbert curve, neighbours near each other; those without come last."""
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    along = np.full(len(x), np.inf)
    if len(known):
        along[known] = gpd.GeoSeries(points(x[known], y[known])).hilbert_distance()
    order: npt.NDArray[np.intp] = np.argsort(along, kind="stable")
    return order


def cut(x: Floats, y: Floats, n_parts: int) -> list[npt.NDArray[np.intp]]:
    """
    Cut places into parts of neighbours, alike in size.

    Returns
    -------
    parts
        Positions in each part, ascending; one part at least, and none without places otherwise.
    """
    if n_parts <= 1 or len(x) <= 1:
        return [np.arange(len(x))]
    shares = np.array_split(along_curve(x, y), min(n_parts, len(x)))
    return [np.sort(share) for share in shares]


def geocentric(longitude: Floats, latitude: Floats) -> Floats:
    """
    Give points on the ellipsoid WGS84 as x, y, z in metres, shape (n, 3).

    A chord is shorter than the ground by less than a millimetre in a kilometre, whatever the zone.
    """
    x, y, z = _GEOCENTRIC.transform(longitude, latitude, np.zeros(len(longitude)))
    return np.column_stack([x, y, z])


def degree_m(latitude: Floats) -> Floats:
    """Give the length of a degree of longitude and of latitude on WGS84 at latitudes, metres, (n, 2)."""
    step = 0.005
    east = _GEOD.inv(
        np.full_like(latitude, -step), latitude, np.full_like(latitude, step), latitude
    )
    zero = np.zeros_like(latitude)
    north = _GEOD.inv(zero, latitude - step, zero, latitude + step)
    return np.column_stack([east[2], north[2]]) / (2 * step)


def around(
    longitude: Floats, latitude: Floats, radius_m: float, corners: int = 8
) -> tuple[Floats, Floats]:
    """Give corners in a ring around each point, on the ellipsoid; shapes (n, corners), degrees."""
    n = len(longitude)
    bearings = np.tile(np.arange(corners) * 360.0 / corners, (n, 1))
    x, y, _ = _GEOD.fwd(
        np.repeat(longitude, corners),
        np.repeat(latitude, corners),
        bearings.ravel(),
        np.full(n * corners, radius_m),
    )
    return np.reshape(x, (n, corners)), np.reshape(y, (n, corners))


def to_utm(
    longitude: Floats, latitude: Floats, zones: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Give UTM WGS84 easting and northing of points, shape (n, 2), each in its zone; below 0: south."""
    out = np.zeros((len(longitude), 2))
    for zone in np.unique(zones):
        rows = zones == zone
        epsg = (32700 if zone < 0 else 32600) + abs(int(zone))
        move = Transformer.from_crs(OUTPUT_CRS, f"EPSG:{epsg}", always_xy=True)
        out[rows] = np.column_stack(move.transform(longitude[rows], latitude[rows]))
    return out
