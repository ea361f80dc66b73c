"""Tables of a PostgreSQL database to frames, as the readers of files give them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import shapely

from geoasm.errors import CRSError, UnreadableSource
from geoasm.geometry import parse_crs
from geoasm.io import damaged
from geoasm.io.database import REACH_POSTGIS, connect
from geoasm.io.database_catalogue import (
    SPATIAL,
    Column,
    choose_geometry,
    find_table,
    list_columns,
)
from geoasm.io.database_url import GEOMETRY, TABLE, DatabaseUrl, parse_url
from geoasm.io.vector import with_common_axes

if TYPE_CHECKING:
    from psycopg import Cursor, sql

_BLOCK_BYTES = 32 << 20  # of text that is parsed at once
# How values are written, whatever server and user have set.
_SETTINGS = {
    "datestyle": "ISO",
    "timezone": "UTC",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
}
_WORDS = ("text", "varchar", "bpchar", "name")
_DAYS = ("date", "timestamp", "timestamptz")

# Of a column of days: one that no calendar has. Of numbers: one that 64 bits do not hold as a whole
# number; one of more digits than a float keeps, as a float's numeric has those and no more.
_BEYOND = "bool_or(NOT isfinite({0}) OR extract(year FROM {0}) NOT BETWEEN 1 AND 9999)"
_NOT_WHOLE = """
bool_or({0} <> trunc({0}) OR {0} NOT BETWEEN -9223372036854775808 AND 9223372036854775807)"""
_ROUNDED = """
bool_or(CASE WHEN {0} = 0 THEN false
             WHEN abs({0}) BETWEEN 1e-300 AND 1e300 THEN {0}::numeric::float8::numeric <> {0}
             ELSE {0} <> 'NaN' END)"""
_SYSTEM = "SELECT auth_name, auth_srid, srtext FROM spatial_ref_sys WHERE srid = %s"


@dataclass(frozen=True)
class TableRead:
    """
    A table as read.

    `broken` lists rows whose geometry cannot be read, `curved` tells that arcs became lines. `sha256`
    is of names and types of the columns and of the rows as the server wrote them, in their order.
    """

    frame: pd.DataFrame
    broken: pd.DataFrame | None
    curved: bool
    sha256: str


@dataclass(frozen=True)
class _Plan:
    """A table that was found, and how its columns are read."""

    name: str  # as the user says it
    source: sql.Identifier
    columns: tuple[Column, ...]  # without geometry
    types: tuple[pa.DataType, ...]
    shape: str | None  # the geometry column
    srids: tuple[int, ...]
    curved: bool


@dataclass(frozen=True)
class _Seen:
    """What only the rows tell."""

    srids: tuple[int, ...]
    curved: bool
    types: Mapping[str, pa.DataType]  # against those that the columns state


def parse_table(text: str) -> DatabaseUrl:
    """
    Take the URL of a table apart.

    Raises
    ------
    OptionError
        It has signs that are not escaped, or parameters that mean nothing here.
    """
    return parse_url(text, (TABLE, GEOMETRY))


def read_table(url: DatabaseUrl) -> TableRead:
    """
    Read a table or view whole, in one read-only look at the database.

    Rows come in the order of the primary key; where there is none, in the order of all that they
    say, as a server gives no other order twice.

    Returns
    -------
    read
        The table's columns: dates as datetime64, numbers as numbers, all else as text, and
        `source_row`, the place in that order, from 1. A GeoDataFrame where the table has geometry,
        in the system of its SRID.

    Raises
    ------
    OptionError, SourceNotFound, UnreadableSource
        No table is named; there is none of that name; it has several geometry columns or SRIDs.
    """
    with connect(url, UnreadableSource) as connection:
        from psycopg import IsolationLevel

        connection.read_only = True
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        with connection.cursor() as cursor:
            plan = _plan(cursor, url)
            crs = _system(cursor, plan)
            return _read(cursor, plan, crs)


def _plan(cursor: Cursor[Any], url: DatabaseUrl) -> _Plan:
    from psycopg import sql

    name = url.said.get(TABLE)
    oid, *place = find_table(cursor, name)
    columns = list_columns(cursor, oid, str(name))
    shape = choose_geometry(columns, str(name), url.said.get(GEOMETRY))
    # records are numbered anew, as those of files are
    plain = tuple(c for c in columns if c.kind not in SPATIAL and c.name != "source_row")
    if shape is None and not plain:
        raise UnreadableSource(f"table {name} has no columns beside source_row; name another table")
    source = sql.Identifier(*place)
    _settle(cursor)
    seen = _look(cursor, source, shape, plain)
    types = tuple(seen.types.get(c.name, c.type) for c in plain)
    srids = seen.srids or ((shape.srid,) if shape is not None else ())
    return _Plan(str(name), source, plain, types, shape.name if shape else None, srids, seen.curved)


def _settle(cursor: Cursor[Any]) -> None:
    """Fix how values are written, and find PostGIS's functions wherever they were installed."""
    for setting, value in _SETTINGS.items():
        cursor.execute("SELECT set_config(%s, %s, true)", (setting, value))
    cursor.execute(REACH_POSTGIS)


def _look(
    cursor: Cursor[Any], source: sql.Identifier, shape: Column | None, columns: Sequence[Column]
) -> _Seen:
    """Look through the rows for what the types of the columns do not tell."""
    from psycopg import sql

    asked: list[sql.Composable] = [sql.SQL("NULL"), sql.SQL("NULL")]
    if shape is not None:
        geometry = sql.SQL("{}::geometry").format(sql.Identifier(shape.name))
        asked = [
            sql.SQL("array_agg(DISTINCT ST_SRID({}))").format(geometry),
            sql.SQL("bool_or(ST_HasArc({}))").format(geometry),
        ]
    days = [c.name for c in columns if c.kind in _DAYS]
    exact = [c.name for c in columns if c.is_exact]
    for tests, names in (((_BEYOND,), days), ((_NOT_WHOLE, _ROUNDED), exact)):
        asked += [sql.SQL(t).format(sql.Identifier(n)) for n in names for t in tests]
    query = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(asked), source)
    found: list[Any]
    srids, curved, *found = cursor.execute(query).fetchone() or (None, None)
    types = {day: pa.string() for day, beyond in zip(days, found, strict=False) if beyond}
    of_numbers = found[len(days) :]
    for name, broken, rounded in zip(exact, of_numbers[::2], of_numbers[1::2], strict=True):
        whole = pa.string() if rounded else pa.float64()
        types[name] = whole if broken or broken is None else pa.int64()
    known = tuple(sorted(s for s in srids or () if s is not None))
    return _Seen(known, bool(curved), types)


def _system(cursor: Cursor[Any], plan: _Plan) -> Any:
    """Give the coordinate system of the SRID; None where it is nought, or nobody knows it."""
    if len(plan.srids) > 1:
        raise UnreadableSource(
            f"table {plan.name} has geometries of several SRIDs: "
            f"{', '.join(map(str, plan.srids))}; make a view of each, and name one"
        )
    if not any(plan.srids):
        return None
    authority, code, wkt = cursor.execute(_SYSTEM, plan.srids).fetchone() or (None, None, None)
    for text in (f"{authority}:{code}" if authority and code else None, wkt):
        try:
            if text:
                return parse_crs(text)
        except CRSError:
            continue
    return None


def _read(cursor: Cursor[Any], plan: _Plan, crs: Any) -> TableRead:
    width = len(plan.columns)
    head = [[c.name, str(t)] for c, t in zip(plan.columns, plan.types, strict=True)]
    total = hashlib.sha256(json.dumps([head, plan.srids], ensure_ascii=False).encode())
    tables, shapes, unread = [], [np.empty(0, dtype=object)], [np.empty(0, dtype=bool)]
    for block in _blocks(cursor, _query(plan)):
        total.update(block)
        table = _parse(block, plan)
        tables.append(table.select(range(width)))
        if plan.shape is not None:
            wkb = table.column(width)
            read = shapely.from_wkb(wkb.to_numpy(), on_invalid="ignore")
            shapes.append(read)
            unread.append(shapely.is_missing(read) & wkb.is_valid().to_numpy())
    frame = _frame(tables, plan)
    frame["source_row"] = np.arange(1, len(frame) + 1)
    broken = None
    if plan.shape is not None:
        frame = gpd.GeoDataFrame(frame, geometry=np.concatenate(shapes), crs=crs)
        if crs is not None:
            frame = with_common_axes(frame)
        lost = np.concatenate(unread)
        if lost.any():
            rows = [int(n) for n in frame.loc[lost, "source_row"]]
            broken = damaged.broken_rows(rows, damaged.GEOMETRY)
            frame = frame[~lost].reset_index(drop=True)
    return TableRead(frame, broken, plan.curved, total.hexdigest())


def _query(plan: _Plan) -> sql.Composed:
    from psycopg import sql

    names = [sql.Identifier(c.name) for c in plan.columns]
    texts = [sql.SQL("{}::text").format(name) for name in names]
    whole = sql.SQL("{}::int8")  # of numeric, which may be written 1.00
    chosen: list[sql.Composable] = [
        text if kind == pa.string() else whole.format(name) if kind == pa.int64() else name
        for name, text, kind in zip(names, texts, plan.types, strict=True)
    ]
    in_bytes = sql.SQL('{} COLLATE "C"')
    keys = sorted(
        (c.key_place, name, c.kind)
        for c, name in zip(plan.columns, names, strict=True)
        if c.key_place is not None
    )
    order: list[sql.Composable] = [
        in_bytes.format(name) if kind in _WORDS else name for _, name, kind in keys
    ]
    if not order:
        order = [in_bytes.format(text) for text in texts]
    if plan.shape is not None:
        wkb = sql.SQL("ST_AsBinary({}, 'NDR')").format(_drawn(plan))
        chosen.append(sql.SQL("encode({}, 'hex')").format(wkb))
        if not keys:
            order.append(wkb)
    return sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT (FORMAT csv)").format(
        sql.SQL(", ").join(chosen), plan.source, sql.SQL(", ").join(order)
    )


def _drawn(plan: _Plan) -> sql.Composable:
    """Give the geometry without measures, and arcs as segments, as the readers of files do."""
    from psycopg import sql

    shape: sql.Composable = sql.SQL("{}::geometry").format(sql.Identifier(str(plan.shape)))
    if plan.curved:
        shape = sql.SQL("ST_CurveToLine({})").format(shape)
    without_measures = (
        "CASE ST_Zmflag({0}) WHEN 1 THEN ST_Force2D({0}) WHEN 3 THEN ST_Force3DZ({0}) ELSE {0} END"
    )
    return sql.SQL(without_measures).format(shape)


def _blocks(cursor: Cursor[Any], query: sql.Composed) -> Iterator[bytes]:
    """Give the rows as blocks of CSV, whole rows each."""
    block = bytearray()
    with cursor.copy(query) as rows:
        for row in rows:
            block += row
            if len(block) >= _BLOCK_BYTES:
                yield bytes(block)
                block.clear()
    if block:
        yield bytes(block)


def _parse(block: bytes, plan: _Plan) -> pa.Table:
    types = [*plan.types, *([pa.string()] if plan.shape is not None else [])]
    names = [str(i) for i in range(len(types))]
    try:
        return pyarrow.csv.read_csv(
            pa.BufferReader(block),
            read_options=pyarrow.csv.ReadOptions(
                column_names=names, block_size=len(block) + 1, use_threads=False
            ),
            parse_options=pyarrow.csv.ParseOptions(
                newlines_in_values=True, ignore_empty_lines=False
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict(zip(names, types, strict=True)),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                true_values=["t"],
                false_values=["f"],
            ),
        )
    except pa.ArrowInvalid as err:
        raise UnreadableSource(
            f"table {plan.name} has text that is not UTF-8, or values beyond their type; "
            "make a view that leaves them out, and name the view"
        ) from err


def _frame(tables: Sequence[pa.Table], plan: _Plan) -> pd.DataFrame:
    fields = [(str(i), kind) for i, kind in enumerate(plan.types)]
    table = pa.concat_tables([pa.schema(fields).empty_table(), *tables])
    table = table.rename_columns([c.name for c in plan.columns])
    frame = table.to_pandas(date_as_object=False)
    for name, column in zip(table.column_names, table.columns, strict=True):
        if column.type == pa.int64() and column.null_count:
            # codes of many digits would be rounded as floats
            frame[name] = column.combine_chunks().to_pandas(types_mapper=_nullable)
    return frame


def _nullable(kind: pa.DataType) -> Any:
    return pd.Int64Dtype() if kind == pa.int64() else None
