"""Tables of a PostgreSQL database to frames, as the readers of files give them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import shapely

from geoasm.errors import CRSError, OptionError, SourceNotFound, UnreadableSource
from geoasm.geometry import parse_crs
from geoasm.io import damaged
from geoasm.io.database import REACH_POSTGIS, connect
from geoasm.io.database_url import GEOMETRY, TABLE, DatabaseUrl, parse_url
from geoasm.io.vector import with_common_axes

if TYPE_CHECKING:
    from psycopg import Cursor, sql

_BLOCK_BYTES = 32 << 20  # of text that is parsed at once
_SHOWN = 12  # names of tables in a message
# How values are written, whatever server and user have set.
_SETTINGS = {
    "datestyle": "ISO",
    "timezone": "UTC",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
}
_SPATIAL = ("geometry", "geography")
_WORDS = ("text", "varchar", "bpchar", "name")
_DAYS = ("date", "timestamp", "timestamptz")
_TYPES = {
    **dict.fromkeys(("int2", "int4", "int8"), pa.int64()),
    **dict.fromkeys(("float4", "float8", "numeric"), pa.float64()),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", "UTC"),
}
_MOST_DIGITS = 18  # of a whole number that 64 bits hold, whatever the digits

_FIND = """
SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f')
  AND (n.nspname || '.' || c.relname = %(name)s
       OR c.relname = %(name)s AND pg_table_is_visible(c.oid))
ORDER BY pg_table_is_visible(c.oid) DESC, n.nspname LIMIT 1"""
_NAMES = """
SELECT CASE WHEN pg_table_is_visible(c.oid) THEN '' ELSE n.nspname || '.' END || c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND n.nspname !~ '^pg_|^information_schema$'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1"""
_COLUMNS = """
SELECT a.attname, coalesce(base.typname, t.typname),
       CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END,
       array_position(key.indkey::int2[], a.attnum)
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_type base ON base.oid = t.typbasetype AND t.typtype = 'd'
LEFT JOIN pg_index key ON key.indrelid = a.attrelid AND key.indisprimary
WHERE a.attrelid = %(oid)s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"""
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
class _Column:
    name: str
    kind: str  # PostgreSQL's name of the type, of a domain that of its base
    modifier: int
    key_place: int | None  # in the primary key

    @property
    def type(self) -> pa.DataType:
        """Type as which the server's text is parsed."""
        if self.kind == "numeric" and self.modifier >= 4 and not (self.modifier - 4) & 0x7FF:
            fits = (self.modifier - 4) >> 16 <= _MOST_DIGITS
            return pa.int64() if fits else pa.string()
        return _TYPES.get(self.kind, pa.string())


@dataclass(frozen=True)
class _Plan:
    """A table that was found, and how its columns are read."""

    name: str  # as the user says it
    source: sql.Identifier
    columns: tuple[_Column, ...]  # without geometry
    types: tuple[pa.DataType, ...]
    shape: str | None  # the geometry column
    srids: tuple[int, ...]
    curved: bool


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
    oid, *place = _find(cursor, name)
    columns = [_Column(*row) for row in cursor.execute(_COLUMNS, {"oid": oid})]
    shape = _geometry(columns, str(name), url.said.get(GEOMETRY))
    # records are numbered anew, as those of files are
    plain = tuple(c for c in columns if c.kind not in _SPATIAL and c.name != "source_row")
    source = sql.Identifier(*place)
    _settle(cursor)
    days = [c.name for c in plain if c.kind in _DAYS]
    srids, curved, beyond = _look(cursor, source, shape, days)
    types = tuple(pa.string() if c.name in beyond else c.type for c in plain)
    return _Plan(str(name), source, plain, types, shape, srids, curved)


def _find(cursor: Cursor[Any], name: str | None) -> tuple[Any, ...]:
    found = cursor.execute(_FIND, {"name": name}).fetchone()
    if found is not None:
        return tuple(found)
    names = [str(row[0]) for row in cursor.execute(_NAMES)]
    rest = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    has = f"the database has {', '.join(names[:_SHOWN]) or 'no table at all'}{rest}"
    if name is None:
        raise OptionError(f"a database URL must name its table, as in ?table=schema.name; {has}")
    folded = {n.lower(): n for n in names} | {n.lower().rpartition(".")[2]: n for n in names}
    near = dict.fromkeys(folded[n] for n in get_close_matches(name.lower(), folded, n=3))
    hint = f"did you mean {' or '.join(near)}?" if near else has
    raise SourceNotFound(f"no such table: {name}; {hint}")


def _geometry(columns: Sequence[_Column], name: str, wanted: str | None) -> str | None:
    spatial = [c.name for c in columns if c.kind in _SPATIAL]
    if wanted is not None and wanted not in spatial:
        has = f"it has {', '.join(spatial)}" if spatial else "it has none; leave &geometry= out"
        raise SourceNotFound(f"table {name} has no geometry column {wanted}: {has}")
    if wanted is None and len(spatial) > 1:
        raise UnreadableSource(
            f"table {name} has {len(spatial)} geometry columns: {', '.join(spatial)}; "
            f"name one, as in &geometry={spatial[0]}"
        )
    if spatial and any(c.name == "geometry" and c.kind not in _SPATIAL for c in columns):
        raise UnreadableSource(
            f"table {name} has a column geometry that is none; "
            "make a view that calls it otherwise, and name the view"
        )
    return wanted or next(iter(spatial), None)


def _settle(cursor: Cursor[Any]) -> None:
    """Fix how values are written, and find PostGIS's functions wherever they were installed."""
    for setting, value in _SETTINGS.items():
        cursor.execute("SELECT set_config(%s, %s, true)", (setting, value))
    cursor.execute(REACH_POSTGIS)


def _look(
    cursor: Cursor[Any], source: sql.Identifier, shape: str | None, days: Sequence[str]
) -> tuple[tuple[int, ...], bool, frozenset[str]]:
    """Tell SRIDs, whether there are arcs, and which columns have days beyond the calendar."""
    from psycopg import sql

    asked: list[sql.Composable] = [sql.SQL("NULL"), sql.SQL("NULL")]
    if shape is not None:
        geometry = sql.SQL("{}::geometry").format(sql.Identifier(shape))
        asked = [
            sql.SQL("array_agg(DISTINCT ST_SRID({}))").format(geometry),
            sql.SQL("bool_or(ST_HasArc({}))").format(geometry),
        ]
    beyond = "bool_or(NOT isfinite({0}) OR extract(year FROM {0}) NOT BETWEEN 1 AND 9999)"
    asked += [sql.SQL(beyond).format(sql.Identifier(day)) for day in days]
    query = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(asked), source)
    srids, curved, *found = cursor.execute(query).fetchone() or (None, None)
    return (
        tuple(sorted(s for s in srids or () if s is not None)),
        bool(curved),
        frozenset(day for day, is_beyond in zip(days, found, strict=True) if is_beyond),
    )


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
    chosen: list[sql.Composable] = [
        text if kind == pa.string() else name
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
    if not tables:
        return pd.DataFrame({c.name: pd.Series(dtype="str") for c in plan.columns})
    table = pa.concat_tables(tables).rename_columns([c.name for c in plan.columns])
    frame = table.to_pandas(date_as_object=False)
    for name, column in zip(table.column_names, table.columns, strict=True):
        if column.type == pa.int64() and column.null_count:
            # codes of many digits would be rounded as floats
            frame[name] = column.combine_chunks().to_pandas(types_mapper=_nullable)
    return frame


def _nullable(kind: pa.DataType) -> Any:
    return pd.Int64Dtype() if kind == pa.int64() else None
