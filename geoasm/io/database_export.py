"""A run's public tables into one schema of a PostGIS database: all of them, or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import shapely

from geoasm import held, schema
from geoasm.errors import OptionError, OutputError, OutputExists
from geoasm.io.database import REACH_POSTGIS, missing_extra, transact
from geoasm.io.database_url import SCHEMA, DatabaseUrl, is_database, parse_url, without_password
from geoasm.io.geopackage import multi_part
from geoasm.io.results import arrange_public
from geoasm.io.writers import to_arrow
from geoasm.manifest import RUN_FORMAT, plain
from geoasm.model import Result
from geoasm.schema import OUTPUT_CRS, Table

if TYPE_CHECKING:
    import sqlalchemy as sa

DEFAULT_SCHEMA = "geoasm"
RUN, ROW = "run", "row_number"

_POINTS = (schema.REGISTRATIONS, schema.NEAR_OUTSIDE)
# Of these a row may lack parts of its key; their rows are numbered instead.
_NUMBERED = (schema.SIGNS, schema.EVIDENCE, schema.TERRITORY, schema.ISSUES)
_BLOCK_BYTES = 1 << 20
_SHOWN = 8  # names of tables in a message
_SRID = int(OUTPUT_CRS.rpartition(":")[2])
_NOTED = {"tables": "text[]", "manifest": "jsonb"}  # in `run`, by which it is known
_RUN_COMMENT = "The run whose tables these are; by it geoasm knows what it may replace"

_PRESENT = """
SELECT c.relname, c.relkind = 'r' FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = :schema AND c.relkind IN ('r', 'v', 'm', 'p', 'f', 'S')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('e', 'a', 'i'))
ORDER BY 1"""
_COLUMNS = """
SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
WHERE attrelid = format('%I.%I', cast(:schema AS text), cast(:name AS text))::regclass
  AND attnum > 0 AND NOT attisdropped"""


def parse_target(text: str) -> DatabaseUrl:
    """
    Take the URL of a database and schema apart.

    Raises
    ------
    OptionError
        It is no such URL, or has parameters that mean nothing here.
    """
    if not is_database(text):
        raise OptionError(
            "an export goes into a database: postgresql://user@host/database?schema=NAME; "
            "a run folder holds files already"
        )
    url = parse_url(text, (SCHEMA,))
    return DatabaseUrl(url.dsn, {SCHEMA: DEFAULT_SCHEMA, **url.said})


def shown_target(text: str) -> str:
    """Give the URL as it may be shown: without a password, and with the schema."""
    shown = without_password(text)
    if SCHEMA in parse_url(text, (SCHEMA,)).said:
        return shown
    return f"{shown}{'&' if '?' in shown else '?'}{SCHEMA}={DEFAULT_SCHEMA}"


def export_result(result: Result, url: DatabaseUrl, *, overwrite: bool = False) -> dict[str, int]:
    """
    Write the public tables of a run into a schema, in one transaction.

    Geometry is in EPSG:4326 with a spatial index, polygons multi-part; keys are primary keys, or
    `row_number` where a key may be incomplete; columns carry their meaning as comments. The table
    `run` holds manifest, summary and the names of what was written.

    Parameters
    ----------
    overwrite
        Replace what an earlier export wrote there; other tables stay as they are.

    Returns
    -------
    counts
        Name of each table to its rows.

    Raises
    ------
    OutputExists
        The schema has tables, and `overwrite` was not asked for.
    OutputError
        The server cannot be reached or refuses, has no PostGIS, or a table of that name is not
        geoasm's.
    """
    raw = result.issues if "private" in result.issues else None
    frames = arrange_public(result, raw)
    name = url.said[SCHEMA]
    with transact(url, OutputError) as connection:
        _prepare(connection, name, frames, overwrite=overwrite)
        tables = _create(connection, name, frames)
        for told, frame in frames.items():
            _copy(connection, tables[told], frame, schema.TABLES[told])
            _index(connection, tables[told])
        record = {"tables": [*frames], "manifest": result.manifest, "summary": result.summary}
        connection.execute(tables[RUN].insert(), [plain(record)])
    return {told: len(frame) for told, frame in frames.items()}


def _prepare(
    connection: sa.Connection, name: str, frames: Iterable[str], *, overwrite: bool
) -> None:
    """Make the schema, and room in it."""
    from sqlalchemy import text
    from sqlalchemy.schema import CreateSchema

    if connection.execute(text(REACH_POSTGIS)).first() is None:
        raise OutputError(
            "the database has no PostGIS; have its owner run CREATE EXTENSION postgis in it"
        )
    if connection.execute(text("SHOW server_encoding")).scalar() == "SQL_ASCII":
        raise OutputError(
            "the database is in SQL_ASCII, which is no encoding; export into one in UTF8, as of "
            "CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0"
        )
    there = "SELECT 1 FROM pg_namespace WHERE nspname = :schema"
    if connection.execute(text(there), {"schema": name}).first() is None:
        connection.execute(CreateSchema(name))
        return
    found = connection.execute(text(_PRESENT), {"schema": name}).all()
    present = [str(relation) for relation, _ in found]
    listed = ", ".join(present[:_SHOWN]) + (" …" if len(present) > _SHOWN else "")
    if present and not overwrite:
        raise OutputExists(
            f"schema {name} of the database has tables ({listed}); name another, as in "
            "?schema=NAME, or replace what geoasm wrote there with --overwrite"
        )
    ours = _written(connection, name, [str(relation) for relation, is_table in found if is_table])
    foreign = [n for n in (*frames, RUN) if n in present and n not in ours]
    if foreign:
        raise OutputError(
            f"schema {name} has a table {foreign[0]} that geoasm did not write, so --overwrite "
            "does not replace it; name another schema, as in ?schema=NAME"
        )
    _drop(connection, name, ours)


def _written(connection: sa.Connection, name: str, present: Iterable[str]) -> list[str]:
    """List the tables there that an earlier export wrote, by what it noted in `run`."""
    import sqlalchemy as sa

    if RUN not in present:
        return []
    found = connection.execute(sa.text(_COLUMNS), {"schema": name, "name": RUN}).all()
    if not _NOTED.items() <= {(str(column), str(kind)) for column, kind in found}:
        return []
    run = sa.table(RUN, sa.column("tables"), sa.column("manifest"), schema=name)
    kind = sa.func.jsonb_extract_path_text(run.c.manifest, "format", "name")
    rows = connection.execute(sa.select(run.c.tables).where(kind == RUN_FORMAT)).scalars().all()
    noted = {str(table) for tables in rows for table in tables or ()}
    return [n for n in present if (n in noted and n in schema.TABLES) or (rows and n == RUN)]


def _json() -> Any:
    from sqlalchemy.dialects.postgresql import JSONB

    return JSONB


def _drop(connection: sa.Connection, name: str, tables: Iterable[str]) -> None:
    import sqlalchemy as sa

    metadata = sa.MetaData(schema=name)
    for table in tables:
        sa.Table(table, metadata)
    metadata.drop_all(connection, checkfirst=False)


def _create(connection: sa.Connection, name: str, frames: Iterable[str]) -> Mapping[str, sa.Table]:
    import sqlalchemy as sa

    metadata = sa.MetaData(schema=name)
    tables = {told: _table(metadata, schema.TABLES[told]) for told in frames}
    tables[RUN] = sa.Table(
        RUN,
        metadata,
        sa.Column("tables", sa.ARRAY(sa.Text), comment="tables that the export wrote"),
        sa.Column("manifest", _json(), comment="inputs, law, options and versions of the run"),
        sa.Column("summary", _json(), comment="funnel and tables, each share with its denominator"),
        comment=_RUN_COMMENT,
    )
    metadata.create_all(connection, checkfirst=False)
    return tables


def _table(metadata: sa.MetaData, table: Table) -> sa.Table:
    import sqlalchemy as sa

    try:
        from geoalchemy2 import Geometry
    except ImportError as err:
        raise missing_extra() from err
    types: dict[str, Any] = {
        "text": sa.Text,
        "integer": sa.BigInteger,
        "number": sa.Double,
        "boolean": sa.Boolean,
        "date": sa.Date,
        # the index is made when the rows are in, which is faster
        "geometry": Geometry(
            "POINT" if table in _POINTS else "MULTIPOLYGON", srid=_SRID, spatial_index=False
        ),
    }
    numbered = table in _NUMBERED
    number = sa.Column(
        ROW,
        sa.BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="place in the run's table",
    )
    columns = [
        sa.Column(
            c.name,
            types[c.dtype],
            primary_key=c.name in table.key and not numbered,
            autoincrement=False,
            comment=f"{c.meaning} ({c.unit})" if c.unit else c.meaning,
        )
        for c in table.columns
    ]
    told = f"Table of a geoasm run, by {', '.join(table.key)}; replaced with the next export"
    head = [number] if numbered else []
    return sa.Table(table.name, metadata, *head, *columns, comment=told)


def _copy(connection: sa.Connection, target: sa.Table, frame: pd.DataFrame, table: Table) -> None:
    """Send the rows as CSV, in which nothing at all is NULL and empty text is quoted."""
    from psycopg import sql

    arrow = to_arrow(frame, table)
    if table.geometry is not None:
        shapes = held.shapes(frame[table.geometry])
        shapes = shapely.set_srid(shapes if table in _POINTS else multi_part(shapes), _SRID)
        wkb = shapely.to_wkb(shapes, hex=True, include_srid=True)
        at = arrow.column_names.index(table.geometry)
        arrow = arrow.set_column(at, table.geometry, pa.array(wkb, type=pa.string()))
    if table in _NUMBERED:
        arrow = arrow.add_column(0, ROW, pa.array(range(1, len(frame) + 1), type=pa.int64()))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(str(target.schema), target.name),
        sql.SQL(", ").join(map(sql.Identifier, arrow.column_names)),
    )
    rows = BytesIO()
    pyarrow.csv.write_csv(arrow, rows, pyarrow.csv.WriteOptions(include_header=False))
    rows.seek(0)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as sink:
        while block := rows.read(_BLOCK_BYTES):
            sink.write(block)


def _index(connection: sa.Connection, target: sa.Table) -> None:
    import sqlalchemy as sa

    if "geometry" in target.c:
        name = f"{target.name}_geometry"
        sa.Index(name, target.c.geometry, postgresql_using="gist").create(connection)
