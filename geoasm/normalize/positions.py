"""Positions as a register states them: geometry, degrees or UTM, whichever a row has."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm import geometry
from geoasm.codes import Action, Problem
from geoasm.errors import CRSError, MissingColumn
from geoasm.model import CrsPlan, PositionSpec, RawLayer, RoleSpec
from geoasm.normalize.columns import ColumnNames
from geoasm.normalize.findings import Findings
from geoasm.parsing.angles import read_angles
from geoasm.parsing.codes import read_text
from geoasm.parsing.numbers import decimals, read_numbers
from geoasm.schema import OUTPUT_CRS

LONLAT, UTM, GEOMETRY = "lonlat", "utm", "geometry"
FALSE_NORTHING_M = 10_000_000.0
_FIRST_DIGITS = re.compile(r"\d+")
# Behind the number: N or a band of the northern hemisphere, not S, which mostly means south.
_NORTH = r"(?i)\d\s*(?:N(?:ORTE|ORTH|ORD)?|[PQRT-X])\s*$"


def read_positions(
    raw: RawLayer, spec: RoleSpec, plan: CrsPlan, findings: Findings
) -> pd.DataFrame:
    """
    Read the position of each row: its geometry, else the first pair of columns that is readable.

    Returns
    -------
    stated
        What each row states, before any test: `kind` (missing where nothing is stated), `x`, `y`
        (degrees or metres, NaN unreadable), `zone` (number in `plan.zones`, -1 not stated), `lon`,
        `lat` (EPSG:4326 as stated, NaN where that takes a zone that is not stated), `decimals`,
        `text` (what stands in the file).

    Raises
    ------
    MissingColumn
        The file has neither geometry nor columns of positions.
    CRSError
        The geometry has no coordinate system.
    """
    names = ColumnNames(raw.frame)
    ways = []
    if isinstance(raw.frame, gpd.GeoDataFrame) and raw.frame._geometry_column_name in raw.frame:
        ways.append(_from_geometry(raw, spec, plan, findings))
    for position in spec.positions:
        found = [names.find(c) for c in (position.x_columns, position.y_columns)]
        if all(found):
            ways.append(_from_columns(raw.frame, names, position, plan))
    if not ways:
        known = "; ".join(
            f"{'/'.join(p.x_columns)} with {'/'.join(p.y_columns)}" for p in spec.positions
        )
        raise MissingColumn(
            f"{raw.source.name}: {spec.role} need positions: geometry, or columns {known}; "
            "rename the columns"
        )
    out = ways[0]
    for other in ways[1:]:
        better = (out["x"].isna() | out["y"].isna()) & other["x"].notna() & other["y"].notna()
        better |= out["kind"].isna()
        out = out.mask(better, other)
    return out.astype(ways[0].dtypes.to_dict())


def _from_geometry(
    raw: RawLayer, spec: RoleSpec, plan: CrsPlan, findings: Findings
) -> pd.DataFrame:
    frame = raw.frame
    if frame.crs is None:
        raise CRSError(
            f"{raw.source.name}: no coordinate system; name it with --crs {spec.role}=EPSG:CODE"
        )
    crs = frame.crs.to_string()
    shapes = shapely.force_2d(np.asarray(frame.geometry.array, dtype=object))
    single = (shapely.get_type_id(shapes) == 4) & (shapely.get_num_geometries(shapes) == 1)
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    wrong = (shapely.get_type_id(shapes) != 0) & ~shapely.is_missing(shapes)
    wrong &= ~shapely.is_empty(shapes)
    findings.add(
        Problem.WRONG_GEOMETRY_TYPE,
        Action.DOUBTED,
        frame.index[wrong],
        field="geometry",
        detail="a point is needed; the shape is not used",
    )
    shapes[wrong] = None
    given = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    shapes[~given] = None
    x, y = shapely.get_x(shapes), shapely.get_y(shapes)
    lon, lat = geometry.operation(crs, OUTPUT_CRS, plan).points(x, y)
    same = geometry.parse_crs(crs).is_geographic
    digits = pd.concat([decimals(pd.Series(v, index=frame.index)) for v in (lon, lat)], axis=1)
    return _stated(
        frame.index,
        kind=pd.Series(GEOMETRY, index=frame.index, dtype="str").where(given),
        x=lon,
        y=lat,
        lon=lon,
        lat=lat,
        decimals=digits.max(axis=1) if same else pd.Series(pd.NA, index=frame.index),
        text=_pair(pd.Series(x, index=frame.index), pd.Series(y, index=frame.index)),
    )


def _from_columns(
    frame: pd.DataFrame, names: ColumnNames, position: PositionSpec, plan: CrsPlan
) -> pd.DataFrame:
    first = [names.find(c)[0] for c in (position.x_columns, position.y_columns)]
    stated = [frame[c] for c in first]
    given = read_text(stated[0]).notna() | read_text(stated[1]).notna()
    kind = pd.Series(position.kind, index=frame.index, dtype="str").where(given)
    if position.kind == LONLAT:
        read = [read_angles(c) for c in stated]
        x, y = (r.degrees.to_numpy() for r in read)
        lon, lat = geometry.operation(position.crs or plan.geographic, OUTPUT_CRS, plan).points(
            x, y
        )
        digits = pd.concat([r.decimals for r in read], axis=1).max(axis=1)
        return _stated(
            frame.index, kind=kind, x=x, y=y, lon=lon, lat=lat, decimals=digits, text=_pair(*stated)
        )
    x, y = (read_numbers(c).to_numpy() for c in stated)
    zone_columns = names.find(position.zone_columns)
    zone_text = read_text(frame[zone_columns[0]]) if zone_columns else given.map({}).astype("str")
    # A country of one zone needs not name it.
    alone = len(plan.zones) == 1
    zone = np.zeros(len(frame), dtype=np.int64) if alone else stated_zones(zone_text, plan)
    y = _northings(x, y, zone, zone_text.str.contains(_NORTH).fillna(False).to_numpy(bool), plan)
    lon, lat = from_utm(x, y, zone, plan)
    # No easting is that small: these are degrees in columns of that name.
    degrees = (np.abs(x) <= 180) & (np.abs(y) <= 90)
    digits = pd.concat([decimals(c) for c in stated], axis=1).max(axis=1)
    return _stated(
        frame.index,
        kind=kind.mask(degrees & given, LONLAT),
        x=x,
        y=y,
        zone=zone,
        lon=np.where(degrees, x, lon),
        lat=np.where(degrees, y, lat),
        decimals=digits,
        text=_pair(*stated),
    )


def _northings(
    x: geometry.Floats,
    y: geometry.Floats,
    zone: npt.NDArray[np.int64],
    north: npt.NDArray[np.bool_],
    plan: CrsPlan,
) -> geometry.Floats:
    """Count northings of northern zones (`35N`) as the plan's zones do, where that is in the country."""
    lon, lat = from_utm(x, y + FALSE_NORTHING_M, np.where(north, zone, -1), plan)
    west, south, east, top = plan.bounds
    fits = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= top)
    return np.where(fits, y + FALSE_NORTHING_M, y)


def _stated(index: pd.Index, **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame({"zone": -1} | columns, index=index)
    return frame.astype({"zone": "int64", "decimals": "Int64", "text": "str", "kind": "str"})


def _pair(x: pd.Series, y: pd.Series) -> pd.Series:
    return read_text(x).fillna("") + "; " + read_text(y).fillna("")


def stated_zones(text: pd.Series, plan: CrsPlan) -> npt.NDArray[np.int64]:
    """Give the number of the zone that a text like `17`, `17S` or `17 L` names; -1 where none."""
    number = {zone.code: i for i, zone in enumerate(plan.zones)}
    codes, distinct = pd.factorize(text)
    digits = [_FIRST_DIGITS.search(value) for value in distinct]
    named = [
        max(number.get(value, -1), number.get(found[0], -1) if found else -1)
        for value, found in zip(distinct, digits, strict=True)
    ]
    zone: npt.NDArray[np.int64] = np.array([*named, -1], dtype=np.int64)[codes]
    return zone


def from_utm(
    x: geometry.Floats, y: geometry.Floats, zone: npt.NDArray[np.int64], plan: CrsPlan
) -> tuple[geometry.Floats, geometry.Floats]:
    """Convert eastings and northings of the zones of a plan to degrees; NaN where zone is -1."""
    lon, lat = np.full(len(x), np.nan), np.full(len(x), np.nan)
    for i in np.unique(zone[zone >= 0]):
        rows = zone == i
        step = geometry.operation(plan.zones[i].crs, OUTPUT_CRS, plan)
        lon[rows], lat[rows] = step.points(x[rows], y[rows])
    return lon, lat
