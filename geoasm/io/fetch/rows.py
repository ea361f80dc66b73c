"""Pages on disk to one frame: types as the service states them, days, one system, no row twice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely

from geoasm import geometry
from geoasm.errors import FetchError
from geoasm.io.damaged import hushed
from geoasm.io.fetch.layer import LayerFacts
from geoasm.model import CrsPlan
from geoasm.parsing.text import fold

DAY = pd.ArrowDtype(pa.date32())

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
_SAME_OUTLINE = 1e-7  # degrees, a centimetre: what two projections of one vertex may differ by
_INTEGERS = frozenset(
    f"esriFieldType{kind}" for kind in ("OID", "Integer", "SmallInteger", "BigInteger")
)
_NUMBERS = frozenset({"esriFieldTypeDouble", "esriFieldTypeSingle"})
_DATE = "esriFieldTypeDate"


@dataclass(frozen=True)
class Rows:
    """
    The rows of a layer, in the system asked for.

    `received` counts them as they came, `alike` those left out as the same row again, `parted` the
    rows that share a key and differ in outline, which are kept.
    """

    frame: gpd.GeoDataFrame
    received: int
    alike: int
    parted: int
    crs_served: str


def read_pages(
    paths: list[Path], facts: LayerFacts, *, utc_offset_h: float, out_crs: str, plan: CrsPlan
) -> Rows:
    """
    Read pages in Esri's JSON into one frame.

    Returns
    -------
    rows
        Columns in the service's order and names; dates as days; no object id twice.

    Raises
    ------
    FetchError
        A page says other rows than it holds, has no system, or another than the page before.
    CRSError
        The service's system cannot be brought to `out_crs`.
    """
    frames = [_page(path, facts, utc_offset_h) for path in paths]
    served = {geometry.crs_label(f.crs) if f.crs is not None else "none" for f in frames}
    if len(served) > 1 or "none" in served:
        raise FetchError(
            f"the pages are in several systems or state none ({', '.join(sorted(served))})"
        )
    crs = served.pop()
    frame = pd.concat(frames, ignore_index=True)
    received = len(frame)
    frame = frame.drop_duplicates(facts.id_field, ignore_index=True)
    frame = in_crs(frame, out_crs, plan)
    return Rows(frame, received, received - len(frame), 0, crs)


def in_crs(frame: gpd.GeoDataFrame, out_crs: str, plan: CrsPlan) -> gpd.GeoDataFrame:
    """Bring every vertex to a system, by the operation that the country's plan pins."""
    operation = geometry.operation(geometry.crs_label(frame.crs), out_crs, plan)
    shapes = operation.geometries(frame.geometry.to_numpy())
    frame = frame.drop(columns=frame.geometry.name)
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=out_crs)


def without_repeats(rows: Rows, key: str) -> Rows:
    """
    Leave out rows that share a key and an outline with an earlier one.

    Rows that share a key and differ in outline are parts of one thing, and stay.
    """
    frame = rows.frame
    if key not in frame.columns:
        raise FetchError(f"the service has no column {key}, by which its rows should be unique")
    keys = frame[key]
    first = frame.index.to_series().groupby(keys, sort=False).transform("first")
    later = keys.notna() & (first != frame.index)
    shapes = shapely.normalize(frame.geometry.to_numpy())
    theirs = shapes[first[later].to_numpy(dtype=np.intp)]
    own = shapes[later.to_numpy()]
    same = shapely.equals_exact(own, theirs, _SAME_OUTLINE)
    same |= shapely.is_missing(own) & shapely.is_missing(theirs)
    drop = frame.index[later][same]
    return Rows(
        frame.drop(index=drop).reset_index(drop=True),
        rows.received,
        rows.alike + len(drop),
        int((~same).sum()),
        rows.crs_served,
    )


def data_days(frame: pd.DataFrame, column: str | None) -> tuple[str | None, str | None]:
    """Give the first and the last day (ISO) that a column of update dates states."""
    known = {fold(name): name for name in frame.columns}
    name = known.get(fold(column)) if column else None
    if name is None:
        return None, None
    days = pd.to_datetime(frame[name].astype("object"), errors="coerce").dropna()
    if days.empty:
        return None, None
    return days.min().date().isoformat(), days.max().date().isoformat()


def _page(path: Path, facts: LayerFacts, utc_offset_h: float) -> gpd.GeoDataFrame:
    said = json.loads(path.read_bytes())
    with hushed():
        frame = pyogrio.read_dataframe(path)
    if not isinstance(frame, gpd.GeoDataFrame):
        frame = gpd.GeoDataFrame(frame, geometry=np.full(len(frame), None), crs=_stated(said))
    features = said["features"]
    outlined = sum(_has_outline(f.get("geometry")) for f in features)
    shapes = frame.geometry.to_numpy()
    read = int((~(shapely.is_missing(shapes) | shapely.is_empty(shapes))).sum())
    listed = [f["attributes"][facts.id_field] for f in features]
    if frame[facts.id_field].tolist() != listed or read != outlined:
        raise FetchError(
            f"{path.name}: {len(listed)} rows with {outlined} outlines are read as {len(frame)} with"
            f" {read}; the page has arcs or other outlines that geoasm cannot read"
        )
    return _typed(frame, facts.fields, utc_offset_h)


def _stated(said: Mapping[str, Any]) -> str | None:
    system = said.get("spatialReference") or {}
    number = system.get("latestWkid") or system.get("wkid")
    return f"EPSG:{number}" if number else None


def _has_outline(shape: Any) -> bool:
    """Tell whether a feature has coordinates: an empty ring list, or a point of NaN, has none."""
    if not isinstance(shape, dict):
        return False
    if "x" in shape:
        return isinstance(shape["x"], int | float) and shape["x"] == shape["x"]
    return any(isinstance(part, list) and part for part in shape.values())


def _typed(
    frame: gpd.GeoDataFrame, fields: Mapping[str, str], utc_offset_h: float
) -> gpd.GeoDataFrame:
    shapes, crs = frame.geometry.to_numpy(), frame.crs
    columns = {}
    for name, kind in fields.items():
        values = frame[name] if name in frame.columns else pd.Series(pd.NA, index=frame.index)
        columns[name] = _column(values, kind, utc_offset_h)
    return gpd.GeoDataFrame(pd.DataFrame(columns, index=frame.index), geometry=shapes, crs=crs)


def _column(values: pd.Series, kind: str, utc_offset_h: float) -> pd.Series:
    if kind == _DATE:
        return days_of(values, utc_offset_h)
    if kind in _INTEGERS:
        return pd.to_numeric(values, errors="coerce").astype("Int64")
    if kind in _NUMBERS:
        return pd.to_numeric(values, errors="coerce").astype("float64")
    if pd.api.types.is_float_dtype(values.dtype) and not values.notna().any():
        return values.astype("object").astype("str")
    return values.astype("str")


def days_of(instants: pd.Series, utc_offset_h: float) -> pd.Series:
    """
    Turn instants into the days that they mean on a country's clock.

    Midnight UTC means that day wherever the clock stands: some services write days so. An instant
    an hour before the country's midnight is the midnight of a summer time.

    Parameters
    ----------
    instants
        Timestamps, or milliseconds since 1970 UTC.
    """
    if pd.api.types.is_datetime64_any_dtype(instants.dtype):
        utc = (
            instants
            if instants.dt.tz is None
            else instants.dt.tz_convert("UTC").dt.tz_localize(None)
        )
        values, missing = utc.astype("datetime64[ms]").astype("int64"), utc.isna()
    else:
        numbers = pd.to_numeric(instants, errors="coerce").astype("float64")
        missing = numbers.isna()
        values = numbers.fillna(0).astype("int64")
    ms = values.to_numpy()
    local = ms + round(utc_offset_h * _HOUR_MS)
    local = np.where(local % _DAY_MS == 23 * _HOUR_MS, local + _HOUR_MS, local)
    days = np.where(ms % _DAY_MS == 0, ms, local) // _DAY_MS
    stamps = pa.array(days.astype("int32"), mask=missing.to_numpy()).cast(pa.date32())
    return pd.Series(stamps.to_pandas(types_mapper={pa.date32(): DAY}.get), index=instants.index)
