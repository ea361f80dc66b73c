"""Frames to files and back, the same bytes for the same rows: Parquet, GeoParquet, CSV."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from geoasm import geometry, held, schema
from geoasm.errors import SchemaError
from geoasm.geometry import Floats, Geometries
from geoasm.io import arrow_shapes
from geoasm.io.atomic import encodable
from geoasm.kernels import engine
from geoasm.schema import OUTPUT_CRS, Table

GEOPARQUET_VERSION = "1.1.0"
MEASURES = (
    "registrations",
    "registrants",
    "points",
    "share",
    "share_expected",
    "share_low",
    "share_high",
    "denominator",
    "denominator_registrations",
)

_ARROW_TYPES = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "geometry": pa.binary(),
}
_FORMULA_START = list("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # ASCII and full-width


def arrange(frame: pd.DataFrame, table: Table, *, unique: bool = True) -> pd.DataFrame:
    """
    Put a frame into the form in which it is written: the table's columns, rows in its order.

    Parameters
    ----------
    unique
        The table's key identifies a row; else rows that share a key are ordered by what they say.

    Returns
    -------
    frame
        RangeIndex; text that no file can hold (lone surrogates, NUL) carries U+FFFD instead.

    Raises
    ------
    SchemaError
        The frame does not fit the table, or rows share a key that should be unique.
    """
    texts = [c.name for c in table.columns if c.dtype == "text" and c.name in frame.columns]
    mended = {name: _encodable_column(frame[name]) for name in texts}
    out = schema.conform(frame.assign(**mended), table)
    key = list(table.key)
    if key and _ascends(out[key]):
        return out.reset_index(drop=True)
    repeated = out.duplicated(key, keep=False) if key else pd.Series(True, index=out.index)
    if unique and key and repeated.any():
        raise SchemaError(
            f"table {table.name}: {int(repeated.sum())} rows share their {', '.join(key)}"
        )
    if not repeated.any():
        order = out[key]
    else:
        order = pd.DataFrame(out.drop(columns=[table.geometry] if table.geometry else []))
        order = order[key + [c for c in order.columns if c not in key]]
        if table.geometry:
            order = order.assign(_shape=shapely.to_wkb(held.shapes(out[table.geometry]), hex=True))
    if order.shape[1] == 0:
        return out.reset_index(drop=True)
    order = order.reset_index(drop=True).sort_values(
        list(order.columns), kind="stable", na_position="first"
    )
    return out.take(order.index).reset_index(drop=True)


def _ascends(keys: pd.DataFrame) -> bool:
    """Tell whether each row comes after the one above it: then none is missing or repeated."""
    after = np.zeros(max(len(keys) - 1, 0), dtype=bool)
    level = ~after
    for name in keys:
        values = pa.array(keys[name], from_pandas=True)
        if values.null_count:
            return False
        above, here = values[:-1], values[1:]
        after |= level & pc.greater(here, above).to_numpy(zero_copy_only=False)
        level &= pc.equal(here, above).to_numpy(zero_copy_only=False)
        if not (after | level).all():
            return False
    return bool(after.all())


def to_arrow(frame: pd.DataFrame, table: Table) -> pa.Table:
    """
    Turn an arranged frame into Arrow columns: dates as date32, geometry as little-endian WKB.

    Each field carries the column's meaning and unit.
    """
    arrays, fields = [], []
    for column in table.columns:
        kind = _ARROW_TYPES[column.dtype]
        arrays.append(_arrow_array(frame[column.name], column.dtype, kind))
        told = {"description": column.meaning, "unit": column.unit}
        fields.append(pa.field(column.name, kind, metadata={k: v for k, v in told.items() if v}))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def write_parquet(frame: pd.DataFrame, table: Table, path: Path) -> pa.Table:
    """
    Write an arranged frame as Parquet; as GeoParquet in EPSG:4326 where the table has geometry.

    Returns
    -------
    arrow
        What `to_arrow` makes of the frame.
    """
    arrow = to_arrow(frame, table)
    metadata = {"pandas": json.dumps(_pandas_metadata(frame, table))}
    if table.geometry:
        metadata["geo"] = json.dumps(_geo_metadata(frame, table.geometry), sort_keys=True)
    pq.write_table(arrow.replace_schema_metadata(metadata), path, compression="zstd")
    return arrow


def read_parquet(path: Path, table: Table, *, hold: bool = False) -> pd.DataFrame:
    """
    Read a frame that `write_parquet` wrote.

    Parameters
    ----------
    hold
        Make no shapes, but hold them as well-known binary.

    Raises
    ------
    SchemaError
        The file lacks columns of the table.
    """
    arrow = pq.read_table(path)
    if table.geometry is None or table.geometry not in arrow.column_names:
        return schema.conform(arrow.to_pandas(date_as_object=False), table)
    column = held.hold(arrow[table.geometry])
    frame = arrow.drop_columns([table.geometry]).to_pandas(date_as_object=False)
    frame[table.geometry] = column if hold else held.shapes(column)
    return schema.conform(frame, table)


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """
    Write a table as CSV in plain UTF-8, lines ended by a line feed.

    Text that a spreadsheet would run as a formula is written with an apostrophe before it.
    """
    out = frame.copy()
    for name in out.columns:
        if pd.api.types.is_string_dtype(out[name].dtype):
            text = _encodable_column(out[name]).astype("str")
            risky = text.str[:1].isin(_FORMULA_START)
            out[name] = text.mask(risky, "'" + text)
    out.to_csv(path, index=False, lineterminator="\n", date_format="%Y-%m-%d", encoding="utf-8")


def summary_frame(summary: Mapping[str, Any]) -> pd.DataFrame:
    """
    Lay the funnel and the tables of a summary out in long form.

    Returns
    -------
    frame
        One row per table row: `table`, its labels, the counts, the share and its denominator.
    """
    tables = {"funnel": summary.get("funnel", ()), **summary.get("tables", {})}
    rows = [{"table": name, **row} for name, content in tables.items() for row in content]
    labels = list(dict.fromkeys(k for row in rows for k in row if k not in MEASURES))
    names = [*(labels or ["table"]), *MEASURES]
    kinds = {name: "float64" for name in MEASURES if name.startswith("share")}
    kinds["denominator"] = "str"
    columns = {
        name: pd.Series(
            [row.get(name) for row in rows],
            dtype=kinds.get(name, "Int64") if name in MEASURES else "object",
        )
        for name in names
    }
    frame = pd.DataFrame(columns)
    for label in labels:
        frame[label] = _encodable_column(frame[label]).map(str, na_action="ignore").astype("str")
    return frame


def indented_json(value: Any, margin: str = "\n") -> str:
    """
    Write what JSON knows as `json.dumps` does with an indent of 2, rows in compiled code.

    Parameters
    ----------
    margin
        Line feed and indentation before the end of the value.
    """
    if not isinstance(value, dict | list) or not value:
        return _json_encoder(", ").encode(value)
    inner = margin + "  "
    if isinstance(value, list):
        texts = [indented_json(v, inner) for v in value]
        return f"[{inner}{(',' + inner).join(texts)}{margin}]"
    if not any(isinstance(v, dict | list) for v in value.values()):
        row = _json_encoder("," + inner).encode(value)
        return f"{{{inner}{row[1:-1]}{margin}}}"
    key = _json_encoder(", ").encode
    texts = [f"{key(k)}: {indented_json(v, inner)}" for k, v in value.items()]
    return f"{{{inner}{(',' + inner).join(texts)}{margin}}}"


@lru_cache
def _json_encoder(separator: str) -> json.JSONEncoder:
    """Give one encoder for all rows of a margin: `json.dumps` makes another for each."""
    return json.JSONEncoder(ensure_ascii=False, separators=(separator, ": "))


def _encodable_column(values: pd.Series) -> pd.Series:
    if values.dtype == object:
        return values.map(lambda v: encodable(v) if isinstance(v, str) else v, na_action="ignore")
    if pd.api.types.is_string_dtype(values.dtype):
        held = pc.match_substring(
            pa.array(values, type=pa.large_string(), from_pandas=True), "\x00"
        )
        return values.str.replace("\x00", "\ufffd", regex=False) if pc.any(held).as_py() else values
    return values


def _arrow_array(values: pd.Series, dtype: str, kind: pa.DataType) -> pa.Array:
    if held.is_held(values):
        return held.binary(values)
    if dtype == "geometry":
        wkb = shapely.to_wkb(values.to_numpy(), byte_order=1, include_srid=False)
        return pa.array(wkb, type=kind)
    if dtype == "date":
        return pa.array(values.to_numpy().astype("datetime64[D]"), type=kind)
    return pa.array(values, type=kind, from_pandas=True)


def _pandas_metadata(frame: pd.DataFrame, table: Table) -> dict[str, Any]:
    """Tell pandas the nullable types of the columns, and that the index is no column."""
    flat = pd.DataFrame(frame.drop(columns=[table.geometry] if table.geometry else []))
    found = pa.Table.from_pandas(flat.iloc[:0], preserve_index=False).schema.pandas_metadata
    metadata: dict[str, Any] = found
    return metadata


def _sum_up(shapes: Geometries) -> tuple[list[str], Floats | None]:
    """Give the types of shapes, and the box around all; None where there is no vertex."""
    _, examples = np.unique(shapely.get_type_id(shapes), return_index=True)
    kinds = sorted(shape.geom_type for shape in shapes[examples] if shape is not None)
    if shapely.is_empty(shapes[~shapely.is_missing(shapes)]).all():
        return kinds, None
    return kinds, shapely.total_bounds(shapes)


def _geo_metadata(frame: pd.DataFrame, name: str) -> dict[str, Any]:
    if held.is_held(frame[name]) and engine.compiled(len(frame)):
        kinds, bounds = arrow_shapes.sum_up(held.binary(frame[name]))
    else:
        kinds, bounds = _sum_up(held.shapes(frame[name]))
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": kinds,
        "crs": geometry.parse_crs(OUTPUT_CRS).to_json_dict(),
    }
    if bounds is not None:
        column["bbox"] = [float(v) for v in bounds]
    return {"version": GEOPARQUET_VERSION, "primary_column": name, "columns": {name: column}}
