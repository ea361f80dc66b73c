"""Tables of a database give what files give; what goes wrong is one line without a password."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import MultiPolygon, Point, box

from geoasm.errors import (
    EmptySource,
    GeoasmError,
    MissingExtra,
    OptionError,
    SourceNotFound,
    UnreadableSource,
)
from geoasm.io import database_tables
from geoasm.io.layers import read_layer
from tests.databases import LOCKED, PASSWORD, Database, Server

SECRETS = (PASSWORD, quote(PASSWORD, safe=""))
NASTY = "x\"; drop table a/kept; --'%s ñ"


@pytest.fixture(scope="module")
def kept(postgres: Server) -> Database:
    """A database that tests read and do not change."""
    database = postgres.database()
    database.fill("rights", rights(), key="fid")
    # geopandas writes empty text as NULL
    database.run("""UPDATE rights SET "CODIGOU" = '' WHERE fid = 4""")
    return database


def rights() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "fid": [1, 2, 3, 4],
            "CODIGOU": ["010000116", "010000216", None, ""],
            "TITULAR": ["PEÑA, 'A' \"B\"", "two\nlines; 🙂", None, "\\."],
            "HECTAREA": [100.0, 1 / 3, np.nan, -0.1],
            "FEC_DENU": pd.to_datetime(["2001-02-03", "1889-12-31", None, "2020-02-29"]),
            "VIGENTE": [True, False, True, False],
        },
        geometry=[
            box(-75, -10, -74.5, -9.5),
            MultiPolygon([box(0, 0, 1, 1), box(2, 2, 3, 3)]),
            None,
            box(-75.1, -10.7, -74.123456789, -9.5),
        ],
        crs="EPSG:4326",
    )


def refusal(url: str, kind: type[GeoasmError], **asked: Any) -> str:
    """Read what must be refused, and give the message: one line, nothing secret."""
    with pytest.raises(kind) as caught:
        read_layer(url, "concessions", **asked)
    text = str(caught.value)
    assert "\n" not in text
    assert not [secret for secret in SECRETS if secret in text]
    assert caught.value.__suppress_context__ or caught.value.__cause__ is None
    return text


def test_a_table_gives_what_a_file_gives(kept: Database, tmp_path: Path) -> None:
    path = tmp_path / "rights.parquet"
    rights().to_parquet(path)
    table = read_layer(kept.url("rights"), "concessions")
    file = read_layer(str(path), "concessions")
    exact = table.frame.astype({"FEC_DENU": file.frame["FEC_DENU"].dtype})
    pd.testing.assert_frame_equal(pd.DataFrame(exact[file.frame.columns]), pd.DataFrame(file.frame))
    assert table.frame.crs == file.frame.crs
    assert table.frame.index.equals(pd.RangeIndex(4))
    assert not shapely.get_srid(table.frame.geometry.dropna()).any()
    assert (table.source.name, table.source.layer) == ("rights", None)
    assert (table.source.rows, table.source.crs_read) == (4, "EPSG:4326")
    assert table.broken is None


def test_columns_have_the_types_of_files(database: Database) -> None:
    database.run(
        "CREATE TYPE phase AS ENUM ('titled', 'pending')",
        "CREATE DOMAIN code AS varchar(12)",
        "CREATE DOMAIN hectares AS numeric(12,2)",
        """CREATE TABLE t (id int PRIMARY KEY, small smallint, big bigint, whole numeric(11,0),
           long numeric(25,0), part numeric, ha hectares, single real, yes bool, day date,
           at timestamp, moment timestamptz, padded char(8), code code, phase phase, key uuid,
           more jsonb, several int[])""",
        """INSERT INTO t VALUES (1, 7, 9007199254740993, 20512345678, 1234567890123456789012345,
           0.1, 99.50, 0.25, true, '2001-02-03', '2001-02-03 04:05:06.5', '2001-02-03 00:00-05',
           'A1', '0100', 'titled', '00000000-0000-0000-0000-000000000001', '{"a": 1}', '{1,2}')""",
        "INSERT INTO t (id) VALUES (2)",
    )
    frame = read_layer(database.url("t"), "strata").frame
    first = frame.iloc[0]
    assert first["big"] == 9007199254740993  # a float would have rounded it
    assert first["whole"] == 20512345678
    assert first["long"] == "1234567890123456789012345"
    assert (first["part"], first["ha"], first["single"]) == (0.1, 99.5, 0.25)
    assert first["yes"] is True
    assert first["day"] == pd.Timestamp("2001-02-03")
    assert first["at"] == pd.Timestamp("2001-02-03 04:05:06.5")
    assert first["moment"] == pd.Timestamp("2001-02-03 05:00", tz="UTC")
    assert (first["padded"], first["code"], first["phase"]) == ("A1", "0100", "titled")
    assert (first["more"], first["several"]) == ('{"a": 1}', "{1,2}")
    assert frame.loc[1].drop(["id", "source_row"]).isna().all()
    assert not isinstance(frame, gpd.GeoDataFrame)


def test_days_that_no_calendar_has_come_as_text(database: Database) -> None:
    database.run(
        "CREATE TABLE t (id int PRIMARY KEY, until date, since date)",
        "INSERT INTO t VALUES (1, 'infinity', '2001-02-03'), (2, '2030-01-01', NULL)",
    )
    frame = read_layer(database.url("t"), "contracts").frame
    assert frame["until"].tolist() == ["infinity", "2030-01-01"]
    assert frame["since"].dtype.kind == "M"


def test_settings_of_the_server_change_nothing(database: Database) -> None:
    database.fill("rights", rights(), key="fid")
    before = read_layer(database.url("rights"), "concessions")
    database.run(
        f"ALTER DATABASE {database.name} SET datestyle = 'SQL, DMY'",
        f"ALTER DATABASE {database.name} SET timezone = 'America/Lima'",
        f"ALTER DATABASE {database.name} SET extra_float_digits = -5",
        f"ALTER DATABASE {database.name} SET bytea_output = 'escape'",
        f"ALTER DATABASE {database.name} SET client_encoding = 'LATIN1'",
    )
    after = read_layer(database.url("rights"), "concessions")
    assert after.source == before.source
    pd.testing.assert_frame_equal(pd.DataFrame(after.frame), pd.DataFrame(before.frame))


def test_rows_stand_in_the_order_of_the_primary_key(database: Database) -> None:
    database.run(
        'CREATE TABLE t (a text COLLATE "en-x-icu", b int, v text, PRIMARY KEY (b, a))',
        "INSERT INTO t VALUES ('é', 2, 'w'), ('z', 2, 'x'), ('Z', 2, 'y'), ('a', 1, 'z')",
    )
    frame = read_layer(database.url("t"), "strata").frame
    assert frame["v"].tolist() == ["z", "y", "x", "w"]  # by bytes, whatever the server's language
    assert frame["source_row"].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 1, 0, 2]])
def test_without_a_key_the_same_rows_read_the_same(
    database: Database, order: list[int], shuffled: list[pd.DataFrame]
) -> None:
    alike = gpd.GeoDataFrame(
        {"code": ["A"] * 4, "kind": ["t", "t", "t", "p"], "ha": [1.0, 1.0, 2.0, 1.0]},
        geometry=[Point(1, 2), Point(1, 3), Point(0, 0), Point(1, 2)],
        crs="EPSG:4326",
    )
    database.fill("rights", alike.iloc[order])
    raw = read_layer(database.url("rights"), "concessions")
    shuffled.append(pd.DataFrame(raw.frame).assign(sha256=raw.source.sha256))
    pd.testing.assert_frame_equal(shuffled[0], shuffled[-1])


@pytest.fixture(scope="module")
def shuffled() -> Iterator[list[pd.DataFrame]]:
    """What was read of each order."""
    frames: list[pd.DataFrame] = []
    yield frames
    assert len(frames) == 2


def test_the_sum_tells_contents_apart(database: Database) -> None:
    database.fill("a", rights(), key="fid")
    database.fill("b", rights(), key="fid")
    database.fill("c", rights().to_crs("EPSG:32718").set_crs("EPSG:4326", allow_override=True))

    def sha256(table: str) -> str | None:
        return read_layer(database.url(table), "concessions").source.sha256

    whole = sha256("a")
    assert whole == sha256("b") != sha256("c")
    database.run('UPDATE b SET "TITULAR" = \'\' WHERE "TITULAR" IS NULL')
    assert sha256("b") != whole
    database.run('ALTER TABLE a RENAME "TITULAR" TO "HOLDER"')
    assert sha256("a") != whole


def test_blocks_join_to_the_whole(kept: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read_layer(kept.url("rights"), "concessions")
    monkeypatch.setattr(database_tables, "_BLOCK_BYTES", 1)
    parts = read_layer(kept.url("rights"), "concessions")
    assert parts.source == whole.source
    pd.testing.assert_frame_equal(pd.DataFrame(parts.frame), pd.DataFrame(whole.frame))


def test_heights_stay_measures_go_arcs_become_segments(database: Database) -> None:
    database.run(
        "CREATE TABLE t (id int PRIMARY KEY, shape geometry)",
        """INSERT INTO t VALUES (1, 'POINT Z (1 2 3)'), (2, 'POINT M (1 2 4)'),
           (3, 'POINT ZM (1 2 3 4)'), (4, 'CURVEPOLYGON (CIRCULARSTRING (0 0, 2 0, 0 0))')""",
    )
    raw = read_layer(database.url("t"), "plants")
    shapes = raw.frame.geometry
    assert [s.wkt for s in shapes[:3]] == ["POINT Z (1 2 3)", "POINT (1 2)", "POINT Z (1 2 3)"]
    assert shapes[3].area == pytest.approx(np.pi, rel=1e-2)
    assert raw.curved
    assert raw.source.crs_read is None
    given = read_layer(database.url("t"), "plants", crs="EPSG:32718")
    assert given.source.crs_read == "EPSG:32718 (given)"


def test_a_shape_that_no_reader_knows_is_a_broken_row(database: Database) -> None:
    database.run(
        "CREATE TABLE t (id int PRIMARY KEY, shape geometry)",
        "INSERT INTO t VALUES (1, 'POINT (1 2)'), (2, 'TIN (((0 0, 0 1, 1 1, 0 0)))'), (3, NULL)",
    )
    raw = read_layer(database.url("t"), "plants")
    assert raw.broken is not None
    assert raw.broken.to_numpy().tolist() == [[2, "its geometry cannot be read"]]
    assert (raw.frame["id"].tolist(), raw.source.rows) == ([1, 3], 3)


def test_geography_views_and_schemas_are_read(database: Database) -> None:
    database.run(
        "CREATE SCHEMA catastro",
        "CREATE TABLE catastro.t (id int PRIMARY KEY, shape geography(Point, 4326))",
        "INSERT INTO catastro.t VALUES (1, 'POINT (-75 -10)')",
        "CREATE VIEW v AS SELECT * FROM catastro.t",
        "CREATE MATERIALIZED VIEW m AS SELECT * FROM catastro.t",
    )
    for table in ("catastro.t", "v", "public.v", "m"):
        raw = read_layer(database.url(table), "plants")
        assert (raw.frame.geometry[0], raw.source.crs_read) == (Point(-75, -10), "EPSG:4326")
        assert raw.source.name == table


def test_postgis_is_found_wherever_it_is_installed(postgres: Server) -> None:
    database = postgres.database(postgis=False)
    database.run(
        'CREATE SCHEMA "Ext s"',
        'CREATE EXTENSION postgis SCHEMA "Ext s"',
        'CREATE TABLE t AS SELECT 1 AS id, "Ext s".ST_SetSRID("Ext s".ST_Point(1, 2), 32718) AS g',
    )
    raw = read_layer(database.url("t"), "plants")
    assert (raw.frame.geometry[0], raw.source.crs_read) == (Point(1, 2), "EPSG:32718")


def test_a_database_without_postgis_has_tables(postgres: Server) -> None:
    database = postgres.database(postgis=False)
    database.fill("strata", pd.DataFrame({"holder": ["A", "B"], "stratum": ["x", None]}))
    assert read_layer(database.url("strata"), "strata").frame["holder"].tolist() == ["A", "B"]


def test_names_are_names_and_never_sql(database: Database) -> None:
    quoted = '"' + NASTY.replace('"', '""') + '"'
    database.run(
        "CREATE TABLE kept (a int)",
        f"CREATE SCHEMA {quoted}",
        f"CREATE TABLE {quoted}.{quoted} ({quoted} text PRIMARY KEY, g geometry(Point, 4326))",
        f"INSERT INTO {quoted}.{quoted} VALUES ('v', 'SRID=4326;POINT (1 2)')",
    )
    raw = read_layer(database.url(f"{NASTY}.{NASTY}", geometry="g"), "plants")
    assert raw.frame[NASTY].tolist() == ["v"]
    assert raw.source.name == f"{NASTY}.{NASTY}"
    refusal(database.url(NASTY), SourceNotFound)
    refusal(database.url("kept'; DROP TABLE kept; --"), SourceNotFound)
    refusal(database.url("kept", geometry=NASTY), SourceNotFound)
    assert database.ask("SELECT count(*) FROM kept") == [(0,)]


def test_reading_cannot_write(database: Database) -> None:
    database.run(
        "CREATE TABLE kept (a int)",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'INSERT INTO kept VALUES (1) RETURNING a'",
        "CREATE VIEW v AS SELECT f()",
    )
    assert "read-only" in refusal(database.url("v"), UnreadableSource)


def test_several_geometry_columns_are_asked_about(database: Database) -> None:
    database.run(
        "CREATE TABLE t (id int PRIMARY KEY, geometry geometry(Point, 4326), utm geometry)",
        "INSERT INTO t VALUES (1, 'SRID=4326;POINT (1 2)', 'SRID=32718;POINT (3 4)')",
    )
    assert "geometry, utm; name one, as in &geometry=" in refusal(
        database.url("t"), UnreadableSource
    )
    raw = read_layer(database.url("t", geometry="utm"), "plants")
    assert (raw.frame.geometry[0], raw.source.crs_read) == (Point(3, 4), "EPSG:32718")
    assert list(raw.frame.columns) == ["id", "source_row", "geometry"]
    assert "it has geometry, utm" in refusal(database.url("t", geometry="um"), SourceNotFound)


def test_mixed_systems_and_reserved_names_are_refused(database: Database) -> None:
    database.run(
        "CREATE TABLE mixed (g geometry)",
        "INSERT INTO mixed VALUES ('SRID=32717;POINT (1 2)'), ('SRID=32718;POINT (1 2)'), (NULL)",
        "CREATE TABLE reserved (geometry text, g geometry)",
        "CREATE TABLE none (g geometry)",
    )
    assert "32717, 32718" in refusal(database.url("mixed"), UnreadableSource)
    assert "a column geometry that is none" in refusal(database.url("reserved"), UnreadableSource)
    assert "none has no rows" in refusal(database.url("none"), EmptySource)


def test_a_wrong_table_is_answered_with_the_nearest(kept: Database) -> None:
    assert "did you mean rights?" in refusal(kept.url("RIGTHS"), SourceNotFound)
    assert "the database has rights" in refusal(kept.url("xyz"), SourceNotFound)
    assert "?table=schema.name; the database has rights" in refusal(kept.url(), OptionError)
    assert "states its own" in refusal(kept.url("rights"), OptionError, encoding="utf-8")


def test_what_the_server_refuses_is_one_line(
    kept: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGPASSWORD", raising=False)
    locked = kept.url("rights", user=LOCKED)
    assert "permission denied for table rights; ask its owner" in refusal(locked, UnreadableSource)
    wrong = locked.replace(quote(PASSWORD, safe=""), "wr0ng")
    told = refusal(wrong, UnreadableSource)
    assert "cannot connect to database cadastre_" in told
    assert "wr0ng" not in told
    assert "PGPASSWORD" in refusal(
        locked.replace(":" + quote(PASSWORD, safe=""), ""), UnreadableSource
    )
    nowhere = "postgresql://ana:wr0ng@127.0.0.1:1/db?table=t"
    assert "database db at 127.0.0.1" in refusal(nowhere, UnreadableSource)
    odd = refusal("postgresql://ana:wr0ng@h/db?table=t&colour=red", OptionError)
    assert 'no parameter "colour"' in odd
    hasty = refusal(kept.url("rights", connect_timeout="abc"), OptionError)
    assert "connect_timeout= in a database URL takes whole seconds" in hasty
    assert "wr0ng" not in odd


def test_a_password_may_come_from_the_environment(
    kept: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.run(f"GRANT SELECT ON rights TO {LOCKED}")
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    url = kept.url("rights", user=LOCKED).replace(":" + quote(PASSWORD, safe=""), "")
    assert read_layer(url, "concessions").source.rows == 4
    kept.run(f"REVOKE SELECT ON rights FROM {LOCKED}")


def test_without_the_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtra, match=r"pip install 'geoasm\[postgis\]'"):
        read_layer("postgresql://h/db?table=t", "concessions")


def test_the_core_runs_without_any_driver() -> None:
    code = (
        "import sys; import geoasm.api, geoasm.cli.run, geoasm.io.database_export; "
        "print({'psycopg', 'sqlalchemy', 'geoalchemy2'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
