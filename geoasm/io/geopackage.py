"""A run as one GeoPackage that QGIS opens with its styles."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
import pyogrio.raw
import shapely

from geoasm import geometry
from geoasm.errors import OutputError
from geoasm.io.refusals import describe_refusal, is_memory
from geoasm.io.writers import to_arrow
from geoasm.schema import OUTPUT_CRS, Table

GEOMETRY_COLUMN = "geom"
_REFUSALS = (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError)

_MULTI = {"Polygon": "MultiPolygon", "LineString": "MultiLineString"}
_STYLE_TABLE = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
    f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT CURRENT_TIMESTAMP
)"""
_SCHEMA_EXTENSION = """
CREATE TABLE gpkg_data_columns (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT,
    mime_type TEXT, constraint_name TEXT,
    CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
    CONSTRAINT gdc_tn UNIQUE (table_name, name)
);
CREATE TABLE gpkg_data_column_constraints (
    constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC,
    min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
    CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value)
);
INSERT INTO gpkg_extensions (table_name, column_name, extension_name, definition, scope) VALUES
    ('gpkg_data_columns', NULL, 'gpkg_schema',
     'http://www.geopackage.org/spec121/#extension_schema', 'read-write'),
    ('gpkg_data_column_constraints', NULL, 'gpkg_schema',
     'http://www.geopackage.org/spec121/#extension_schema', 'read-write');
"""


@dataclass(frozen=True)
class Layer:
    """
    One layer to write: an arranged frame with its table.

    `geometry_type` is `Point`, `Polygon`, `LineString` or `Unknown`; polygons and lines are
    written as multi-part, as a GeoPackage layer holds one type. None: a table without geometry.
    `arrow` is what `to_arrow` made of the frame, where that is at hand.
    """

    frame: pd.DataFrame
    table: Table
    geometry_type: str | None
    description: str
    arrow: pa.Table | None = None


def write_layers(
    path: Path, layers: Iterable[Layer], *, changed_on: str, styles: Sequence[Mapping[str, object]]
) -> None:
    """
    Write layers, the meaning of their columns, and their QGIS styles into a new GeoPackage.

    Parameters
    ----------
    layers
        Asked for one by one: none is held while the next is made.
    changed_on
        Day (ISO) that the file states as its last change, so that the same run gives the same
        bytes.
    styles
        Rows of the `layer_styles` table, by its column names; those of layers that are not written,
        or, where they tell a `geometry_type`, are of another, are left out.

    Raises
    ------
    OutputError
        The disk refuses.
    """
    stamp = f"{changed_on}T00:00:00.000Z"
    try:
        with _gdal_options(OGR_CURRENT_DATE=stamp, OGR_SQLITE_SYNCHRONOUS="OFF"):
            written = list(map(partial(_write_layer, path), layers))
        with closing(sqlite3.connect(path)) as db, db:
            # as for GDAL above: the file is not in its place yet
            db.execute("PRAGMA synchronous = OFF")
            _describe_columns(db, [table for table, _ in written])
            kinds = {table.name: kind for table, kind in written}
            _write_styles(db, [row for row in styles if _fits(row, kinds)], stamp)
    except (*_REFUSALS, sqlite3.Error, OSError) as err:
        if is_memory(err):
            raise
        raise OutputError(f"cannot write {path}: {describe_refusal(err, path.parent)}") from err


def layer_names(path: Path) -> list[str]:
    """List the layers of a GeoPackage, tables without geometry too."""
    return [str(name) for name, _ in pyogrio.list_layers(path)]


def read_layer_as_written(path: Path, layer: str) -> pd.DataFrame:
    """Read one layer of a GeoPackage that `write_layers` wrote."""
    frame = pyogrio.read_dataframe(path, layer=layer)
    if frame.__class__ is pd.DataFrame:
        return frame
    return frame.rename_geometry("geometry") if frame.geometry.name != "geometry" else frame


def _write_layer(path: Path, layer: Layer) -> tuple[Table, str | None]:
    """Write a layer; give what is said of it later."""
    table, kind = layer.table, layer.geometry_type
    arrow = to_arrow(layer.frame, table) if layer.arrow is None else layer.arrow
    if table.geometry and kind in _MULTI:
        place = table.names.index(table.geometry)
        shapes = multi_part_wkb(arrow[table.geometry])
        arrow = arrow.set_column(place, arrow.schema.field(place), shapes)
    pyogrio.raw.write_arrow(
        arrow,
        path,
        layer=table.name,
        driver="GPKG",
        geometry_name=table.geometry,
        geometry_type=_MULTI.get(kind, kind) if kind else None,
        crs=geometry.parse_crs(OUTPUT_CRS).to_wkt() if table.geometry else None,
        layer_options={
            "IDENTIFIER": table.name,
            "DESCRIPTION": layer.description,
            **({"GEOMETRY_NAME": GEOMETRY_COLUMN} if table.geometry else {}),
        },
    )
    return table, kind


def multi_part(shapes: geometry.Geometries) -> geometry.Geometries:
    """Make polygons and lines multi-part, for tables that hold geometries of one type."""
    out = np.array(shapes, dtype=object, copy=True)
    kinds = shapely.get_type_id(out)
    for single, join in ((3, shapely.multipolygons), (1, shapely.multilinestrings)):
        alone = kinds == single
        if alone.any():
            out[alone] = join(out[alone].reshape(-1, 1))
    return out


def multi_part_wkb(shapes: pa.ChunkedArray) -> pa.ChunkedArray:
    """Make polygons and lines multi-part as `multi_part` does, in little-endian WKB."""
    codes = pc.binary_slice(shapes, 1, 5)
    for code in pc.unique(codes).drop_null().to_pylist():
        number = int.from_bytes(code, "little")
        if number & 0xFF in (2, 3):  # the number of a collection is 3 above that of its parts
            one = b"\x01" + (number + 3).to_bytes(4, "little") + (1).to_bytes(4, "little")
            joined = pc.binary_join_element_wise(one, shapes, b"")
            shapes = pc.if_else(pc.equal(codes, code), joined, shapes)
    return shapes


def _describe_columns(db: sqlite3.Connection, tables: Sequence[Table]) -> None:
    db.executescript(_SCHEMA_EXTENSION)
    db.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, description) VALUES (?, ?, ?)",
        [
            (table.name, c.name, f"{c.meaning} ({c.unit})" if c.unit else c.meaning)
            for table in tables
            for c in table.columns
            if c.dtype != "geometry" and c.meaning
        ],
    )


def _fits(style: Mapping[str, object], kinds: Mapping[str, str | None]) -> bool:
    name = str(style["f_table_name"])
    return name in kinds and style.get("geometry_type", kinds[name]) == kinds[name]


def _write_styles(
    db: sqlite3.Connection, styles: Sequence[Mapping[str, object]], stamp: str
) -> None:
    db.execute(_STYLE_TABLE)
    db.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change)"
        " VALUES ('layer_styles', 'attributes', 'layer_styles', 'QGIS styles', ?)",
        [stamp],
    )
    blank = {
        "f_table_catalog": "",  # QGIS looks for empty text here, not for NULL
        "f_table_schema": "",
        "f_table_name": "",
        "f_geometry_column": GEOMETRY_COLUMN,
        "styleName": "",
        "styleQML": "",
        "styleSLD": "",
        "useAsDefault": True,
        "description": "",
        "owner": "",
        "ui": None,
        "update_time": stamp,
    }
    names, places = ", ".join(blank), ", ".join(f":{name}" for name in blank)
    db.executemany(
        f"INSERT INTO layer_styles ({names}) VALUES ({places})",
        [{**blank, **style} for style in styles],
    )


@contextmanager
def _gdal_options(**options: str) -> Iterator[None]:
    former = {name: pyogrio.get_gdal_config_option(name) for name in options}
    pyogrio.set_gdal_config_options(options)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(former)
