"""Columns of a database lose no digit, and tables that hardly are any are told or read."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from geoasm.errors import EmptySource, UnreadableSource
from geoasm.io.database_tables import parse_table, read_table
from geoasm.io.layers import read_layer
from tests.databases import Database, Server

EXTREMES = ("9223372036854775807", "-9223372036854775808", "9223372036854775808")


def read(database: Database, table: str = "t") -> pd.DataFrame:
    return read_table(parse_table(database.url(table))).frame


def kept(database: Database, kind: str, *values: str) -> pd.Series:
    """Put numbers into a column of that type, and read them."""
    rows = ", ".join(f"({i}, {v})" for i, v in enumerate(values))
    database.run(
        "DROP TABLE IF EXISTS t",
        f"CREATE TABLE t (id int PRIMARY KEY, n {kind})",
        f"INSERT INTO t VALUES {rows}",
    )
    return read(database)["n"]


@pytest.mark.parametrize("kind", ["numeric", "numeric(30,10)", "numeric(17,2)", "numeric(20,0)"])
@pytest.mark.parametrize(
    "values",
    [
        ("12345678901234568", "12345678901234569"),
        ("123456789012345.67", "123456789012345.66", "NULL"),
        ("0.1", "99.5", "-1234567.25", "NULL"),
        ("100", "2.00", "NULL"),
        ("123456789012345", "123456789012344.5"),
    ],
)
def test_no_numeric_is_rounded(database: Database, kind: str, values: tuple[str, ...]) -> None:
    if kind == "numeric(17,2)":
        values = tuple(v if v == "NULL" else str(Decimal(v) / 100) for v in values)
    read_back = kept(database, kind, *values)
    exact = [row[0] for row in database.ask("SELECT n FROM t ORDER BY id")]
    for wanted, found in zip(exact, read_back, strict=True):
        assert (pd.isna(found) and wanted is None) or Decimal(str(found)) == wanted


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (("12345678901234568", "12345678901234569"), "int64"),
        (("9007199254740993", "NULL"), "Int64"),
        (("1.00", "2"), "int64"),
        ((EXTREMES[0], EXTREMES[1]), "int64"),
        ((EXTREMES[0], EXTREMES[2]), "str"),
        (("0.1", "100"), "float64"),
        (("0.1", "'NaN'"), "float64"),
        (("NULL", "NULL"), "float64"),
        (("0.1", "1234567890.123456"), "str"),
        (("1e-400", "1"), "str"),
        (("1e400", "0.5"), "str"),
    ],
)
def test_a_numeric_without_precision_is_what_its_values_are(
    database: Database, values: tuple[str, ...], dtype: str
) -> None:
    assert str(kept(database, "numeric", *values).dtype) == dtype


def test_keys_of_many_digits_stay_apart(database: Database) -> None:
    database.run(
        "CREATE TABLE t (code numeric PRIMARY KEY)",
        "INSERT INTO t SELECT 12345678901234567 + g::numeric FROM generate_series(1, 2) g",
    )
    assert read(database)["code"].tolist() == [12345678901234568, 12345678901234569]


def test_hectares_of_few_digits_are_numbers_whatever_the_rows(database: Database) -> None:
    assert kept(database, "numeric(12,2)", "1", "2").dtype == np.float64


def test_domains_over_domains_are_what_is_at_their_bottom(database: Database) -> None:
    database.run(
        "CREATE DOMAIN place AS geometry(Point, 32718)",
        "CREATE DOMAIN pit AS place",
        "CREATE DOMAIN hectares AS numeric(12,2)",
        "CREATE DOMAIN ground AS hectares",
        "CREATE TABLE t (id int PRIMARY KEY, ha ground, g pit)",
        "INSERT INTO t VALUES (1, 2, 'SRID=32718;POINT (3 4)')",
    )
    raw = read_layer(database.url("t"), "plants")
    assert (raw.frame.geometry[0].wkt, raw.source.crs_read) == ("POINT (3 4)", "EPSG:32718")
    assert raw.frame["ha"].dtype == np.float64


@pytest.mark.parametrize(
    ("kind", "crs"),
    [
        ("geometry(Point, 4326)", "EPSG:4326"),
        ("geometry(MultiPolygonZ, 32718)", "EPSG:32718"),
        ("geography", "EPSG:4326"),
        ("geography(Point, 4326)", "EPSG:4326"),
        ("geometry", None),
        ("geometry(Point)", None),
    ],
)
def test_a_table_without_rows_has_the_types_and_system_of_its_columns(
    database: Database, kind: str, crs: str | None
) -> None:
    database.run(f"CREATE TABLE t (id int, day date, g {kind})")
    frame = read(database)
    assert (frame.crs and frame.crs.to_string()) == crs
    assert [frame[c].dtype.kind for c in ("id", "day")] == ["i", "M"]
    with pytest.raises(EmptySource, match="t has no rows"):
        read_layer(database.url("t"), "plants")
    database.run("INSERT INTO t (id) VALUES (1)")
    found = read(database)
    assert (found.crs and found.crs.to_string()) == crs


def test_a_table_without_columns_is_told(database: Database) -> None:
    database.run("CREATE TABLE t ()", "CREATE TABLE u (source_row int)")
    with pytest.raises(UnreadableSource, match="t has no columns; name another"):
        read(database)
    with pytest.raises(UnreadableSource, match="u has no columns beside source_row; name another"):
        read(database, "u")


def test_a_column_source_row_gives_way_as_in_files(database: Database) -> None:
    database.run("CREATE TABLE t (id int PRIMARY KEY, source_row text)")
    database.run("INSERT INTO t VALUES (1, 'A9')")
    assert read(database)["source_row"].tolist() == [1]


def test_text_in_no_known_encoding_is_told_with_the_way_out(postgres: Server) -> None:
    bare = postgres.database(postgis=False, encoding="SQL_ASCII")
    bare.run(
        "CREATE TABLE t (id int PRIMARY KEY, holder text)",
        "INSERT INTO t VALUES (1, E'\\361')",
        "CREATE TABLE plain AS SELECT 1 AS id, 'A'::text AS holder",
    )
    with pytest.raises(UnreadableSource, match="into a database in UTF8") as caught:
        read(bare)
    assert "\n" not in str(caught.value)
    assert read(bare, "plain")["holder"].tolist() == ["A"]
