"""`geoasm export`: a run into a schema, whole or not at all, and nothing private in it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
import psycopg
import pytest
import shapely
from click.testing import CliRunner, Result

from geoasm import schema
from geoasm.cli.main import cli
from geoasm.geometry import Geometries
from geoasm.io import database_export
from geoasm.io.layers import read_layer
from geoasm.io.results import PUBLIC_TABLES, load_result, save_result
from geoasm.manifest import RUN_FORMAT
from tests.databases import LOCKED, PASSWORD, Database, Server
from tests.screened import sample_run

ALL = (*PUBLIC_TABLES, schema.ISSUES)
NASTY = 'x"; DROP SCHEMA kept; --%s ñ'


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_result(sample_run(), tmp_path_factory.mktemp("runs") / "run")


@pytest.fixture(scope="module")
def exported(postgres: Server, run: Path) -> tuple[Database, Result]:
    """A database with the sample's run, exported once; tests do not change it."""
    database = postgres.database()
    return database, export(run, database.url())


def export(*arguments: object) -> Result:
    outcome = CliRunner().invoke(cli, ["export", *(str(a) for a in arguments)])
    for secret in (PASSWORD, quote(PASSWORD, safe="")):
        assert secret not in outcome.output
    return outcome


def refusal(*arguments: object) -> str:
    """Run what must be refused with exit code 2, nothing on stdout, one line on stderr."""
    outcome = export(*arguments)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    (line,) = outcome.stderr.splitlines()
    return line


def tables(database: Database, name: str = "geoasm") -> set[str]:
    found = database.ask(f"SELECT tablename FROM pg_tables WHERE schemaname = '{name}'")
    return {str(row[0]) for row in found}


def shape_of(value: Geometries) -> Geometries:
    return shapely.normalize(value)


def test_the_url_goes_to_stdout_without_password_and_the_counts_to_stderr(
    exported: tuple[Database, Result],
) -> None:
    database, outcome = exported
    assert outcome.exit_code == 0, outcome.output
    assert outcome.stdout.startswith(f"postgresql://tester@/{database.name}?")
    assert outcome.stdout.endswith("&schema=geoasm\n")
    told = dict(line.rsplit(maxsplit=1) for line in outcome.stderr.splitlines())
    assert told["registrations"] == "600"
    assert tables(database) == {*(t.name for t in ALL), "run"} == {*told, "run"}


@pytest.mark.parametrize("table", ALL, ids=lambda t: t.name)
def test_every_table_reads_back_as_it_was(
    exported: tuple[Database, Result], run: Path, table: schema.Table
) -> None:
    database, _ = exported
    back = read_layer(database.url(f"geoasm.{table.name}"), "ROLE").frame
    kept = load_result(run)
    frame = getattr(kept, table.name)
    if table is schema.ISSUES:
        frame = database_export.arrange_public(kept, kept.issues)["issues"]
    assert len(frame)
    back = schema.conform(back, table)
    order = list(table.key)
    whole = [c.name for c in table.columns if c.dtype != "geometry" and c.name != "source_row"]
    if table in database_export._NUMBERED:
        order = whole
    back = back.sort_values(order, ignore_index=True)
    frame = frame.sort_values(order, ignore_index=True)
    pd.testing.assert_frame_equal(pd.DataFrame(back[whole]), pd.DataFrame(frame[whole]))
    if "source_row" in table.names:  # which reading numbers anew
        (key,) = table.key
        rows = database.ask(f"SELECT {key}, source_row FROM geoasm.{table.name}")
        assert dict(rows) == dict(zip(frame[key], frame["source_row"], strict=True))
    if table.geometry:
        assert back.crs == "EPSG:4326"
        ours, theirs = (shape_of(f.geometry.to_numpy()) for f in (frame, back))
        single = shapely.get_type_id(ours) == 3
        ours[single] = shapely.multipolygons(ours[single].reshape(-1, 1))
        assert shapely.equals_identical(ours, theirs)[~shapely.is_missing(ours)].all()
        assert (shapely.is_missing(ours) == shapely.is_missing(theirs)).all()


def test_tables_have_keys_indexes_types_and_meanings(exported: tuple[Database, Result]) -> None:
    database, _ = exported
    keys = dict(
        database.ask(
            """SELECT (SELECT relname FROM pg_class c WHERE c.oid = conrelid), pg_get_constraintdef(oid) FROM pg_constraint
               WHERE contype = 'p' AND connamespace = 'geoasm'::regnamespace"""
        )
    )
    assert set(keys) == {t.name for t in ALL}
    assert keys["pairs"] == "PRIMARY KEY (registration_id, concession_id)"
    assert keys["issues"] == "PRIMARY KEY (row_number)"
    shapes = dict(
        database.ask(
            """SELECT f_table_name, type || srid FROM geometry_columns
               WHERE f_table_schema = 'geoasm'"""
        )
    )
    spatial = {t.name for t in ALL if t.geometry}
    assert set(shapes) == spatial
    assert shapes["registrations"] == shapes["near_outside"] == "POINT4326"
    assert set(shapes.values()) == {"POINT4326", "MULTIPOLYGON4326"}
    indexed = database.ask(
        "SELECT tablename FROM pg_indexes WHERE schemaname = 'geoasm' AND indexdef ~ 'USING gist'"
    )
    assert {str(row[0]) for row in indexed} == spatial
    told = dict(
        database.ask(
            """SELECT attname, col_description(attrelid, attnum) FROM pg_attribute
               WHERE attrelid = 'geoasm.overlaps'::regclass AND attnum > 0"""
        )
    )
    assert told["overlap_ha"] == "ground in both (ha)"
    assert all(told.values())


def test_the_run_is_told_with_its_tables(exported: tuple[Database, Result], run: Path) -> None:
    database, _ = exported
    ((names, manifest, summary),) = database.ask("SELECT * FROM geoasm.run")
    kept = load_result(run)
    assert set(names) == {t.name for t in ALL}
    assert manifest == kept.manifest
    assert summary["funnel"] == kept.summary["funnel"]


def test_nothing_private_is_written(exported: tuple[Database, Result], run: Path) -> None:
    database, _ = exported
    kept = load_result(run)
    people = kept.parties[kept.parties["kind"] != "legal"]
    secrets = {*people["name"].dropna(), *people["ruc"].dropna()}
    hidden = kept.issues[kept.issues["private"] & kept.issues["value"].notna()]
    assert len(secrets) > 100
    assert len(hidden)
    text = "\n".join(
        str(row[0])
        for t in tables(database)
        for row in database.ask(f"SELECT t::text FROM geoasm.{t} t")
    )
    assert not [s for s in secrets if s in text]
    values = [v for (v,) in database.ask("SELECT DISTINCT value FROM geoasm.issues")]
    assert "[private]" in values
    assert not set(hidden["value"]) & set(values)


def test_a_schema_with_tables_is_left_alone_unless_asked(database: Database, run: Path) -> None:
    database.run("CREATE SCHEMA geoasm", "CREATE TABLE geoasm.mine AS SELECT 1 AS a")
    assert "has tables (mine); name another" in refusal(run, database.url())
    assert export(run, database.url(), "--overwrite", "-q").exit_code == 0
    assert "--overwrite" in refusal(run, database.url())
    database.run("UPDATE geoasm.registrations SET asm_class = 'gone'")
    again = export(run, database.url(schema="geoasm"), "--overwrite", "-q")
    assert (again.exit_code, again.stderr) == (0, "")
    assert database.ask("SELECT count(*) FROM geoasm.registrations WHERE asm_class = 'gone'") == [
        (0,)
    ]
    assert database.ask("SELECT * FROM geoasm.mine") == [(1,)]
    assert database.ask("SELECT count(*) FROM geoasm.run") == [(1,)]


@pytest.mark.parametrize(
    "run_table",
    [
        "CREATE TABLE geoasm.run (a int)",
        "CREATE TABLE geoasm.run AS SELECT '{pairs}'::text[] AS tables, '{}'::jsonb AS manifest",
        "CREATE TABLE geoasm.run (tables int, manifest int)",
        "CREATE TABLE geoasm.run AS SELECT 1 AS tables, '{}'::jsonb AS manifest",
        "CREATE TABLE geoasm.run AS SELECT '{pairs}'::text[] AS tables, '{}'::text AS manifest",
        "CREATE VIEW geoasm.run AS SELECT '{pairs}'::text[] AS tables, "
        f"""'{{"format": {{"name": "{RUN_FORMAT}"}}}}'::jsonb AS manifest""",
        "SELECT 1",
    ],
)
def test_a_table_that_geoasm_did_not_write_is_never_replaced(
    database: Database, run: Path, run_table: str
) -> None:
    database.run("CREATE SCHEMA geoasm", "CREATE TABLE geoasm.pairs AS SELECT 1 AS a", run_table)
    before = tables(database)
    assert "that geoasm did not write" in refusal(run, database.url(), "--overwrite")
    assert tables(database) == before
    assert database.ask("SELECT * FROM geoasm.pairs") == [(1,)]


def test_views_on_the_tables_are_not_torn_down(database: Database, run: Path) -> None:
    export(run, database.url())
    database.run("CREATE VIEW v AS SELECT * FROM geoasm.pairs")
    line = refusal(run, database.url(), "--overwrite")
    assert "depend on it" in line
    assert "drop what depends on it" in line
    assert len(database.ask("SELECT * FROM v")) == 1410


def test_a_failure_in_the_middle_leaves_everything_as_it_was(
    database: Database, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy: Any = database_export._copy

    def failing(connection: Any, target: Any, *rest: Any) -> None:
        if target.name == "territory":
            target = replace_name(target)
        copy(connection, target, *rest)

    monkeypatch.setattr(database_export, "_copy", failing)
    assert "no_such" in refusal(run, database.url())
    assert not database.ask("SELECT 1 FROM pg_namespace WHERE nspname = 'geoasm'")
    monkeypatch.undo()
    export(run, database.url())
    database.run("UPDATE geoasm.registrations SET asm_class = 'kept'")
    monkeypatch.setattr(database_export, "_copy", failing)
    refusal(run, database.url(), "--overwrite")
    assert database.ask("SELECT DISTINCT asm_class FROM geoasm.registrations") == [("kept",)]


def replace_name(target: Any) -> Any:
    import sqlalchemy as sa

    return sa.Table("no_such", sa.MetaData(schema=target.schema))


def test_a_schema_of_any_name_is_a_name(database: Database, run: Path) -> None:
    database.run("CREATE SCHEMA kept")
    assert export(run, database.url(schema=NASTY)).exit_code == 0
    assert database.ask("SELECT 1 FROM pg_namespace WHERE nspname = 'kept'")
    found = database.ask("SELECT count(*) FROM pg_tables WHERE schemaname ~ 'DROP SCHEMA'")
    assert found == [(len(ALL) + 1,)]


def test_hostile_texts_arrive_to_the_letter(database: Database, tmp_path: Path) -> None:
    result = sample_run()
    texts = ["\\.", "", None, 'a "b",\n\\N', "'; DROP", "\t", "NULL", "ñ🙂\u2028"]
    rights = result.concessions.head(len(texts)).copy()
    rights["name"] = pd.Series(texts, dtype="str", index=rights.index)
    save_result(replace(result, concessions=rights), tmp_path / "run")
    assert export(tmp_path / "run", database.url()).exit_code == 0
    query = "SELECT concession_id, name FROM geoasm.concessions"
    wanted = rights["name"].astype(object).where(rights["name"].notna(), None)
    assert dict(database.ask(query)) == dict(zip(rights["concession_id"], wanted, strict=True))


def test_what_cannot_be_is_said_in_one_line(
    postgres: Server, database: Database, run: Path, tmp_path: Path
) -> None:
    bare = postgres.database(postgis=False)
    assert "CREATE EXTENSION postgis" in refusal(run, bare.url())
    assert "permission denied" in refusal(run, database.url(user=LOCKED))
    assert "no such folder" in refusal(tmp_path / "no", database.url())
    assert "postgresql://user@host" in refusal(run, tmp_path / "out.gpkg")
    assert "schema= do" in refusal(run, database.url("t"))
    assert "cannot connect" in refusal(run, "postgresql://ana:x@127.0.0.1:1/db")
    assert tables(database) == set()


AGAIN = "somebody else is at work on it: try again later"


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("RAISE 'x' USING ERRCODE = '40P01'", AGAIN),  # deadlock
        ("RAISE 'x' USING ERRCODE = '40001'", AGAIN),
        ("RAISE 'x' USING ERRCODE = '53100'", "short of room"),
        ("PERFORM pg_terminate_backend(pg_backend_pid())", "see that it runs"),
    ],
)
def test_what_breaks_off_an_export_is_one_line_with_the_next_step(
    database: Database, run: Path, monkeypatch: pytest.MonkeyPatch, statement: str, told: str
) -> None:
    def failing(connection: Any, *_: Any) -> None:
        connection.exec_driver_sql(f"DO $$ BEGIN {statement}; END $$")

    monkeypatch.setattr(database_export, "_copy", failing)
    assert told in refusal(run, database.url())
    assert tables(database) == set()


def test_a_server_that_went_away_is_one_line_with_the_next_step(
    database: Database, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy: Any = database_export._copy

    def cut_off(connection: Any, *rest: Any) -> None:
        connection.connection.driver_connection.pgconn.finish()
        copy(connection, *rest)

    monkeypatch.setattr(database_export, "_copy", cut_off)
    assert "see that the server runs, and try again" in refusal(run, database.url())


@pytest.mark.parametrize(
    "foreign",
    [
        "CREATE INDEX pairs ON geoasm.mine (a)",
        "CREATE INDEX overlaps_geometry ON geoasm.mine (a)",
        "CREATE TYPE geoasm.pairs AS ENUM ('a')",
        "CREATE DOMAIN geoasm.run AS int",
    ],
)
def test_a_foreign_thing_of_a_tables_name_is_told_with_the_next_step(
    database: Database, run: Path, foreign: str
) -> None:
    database.run("CREATE SCHEMA geoasm", "CREATE TABLE geoasm.mine (a int)", foreign)
    line = refusal(run, database.url(), "--overwrite")
    assert "already exists; something else there has that name: name another schema" in line
    assert tables(database) == {"mine"}


def test_two_that_make_one_schema_at_once_are_told_to_try_again(
    database: Database, run: Path
) -> None:
    with psycopg.connect(database.url()) as other, ThreadPoolExecutor(1) as pool:
        other.execute("CREATE SCHEMA geoasm")
        second = pool.submit(refusal, run, database.url())
        waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        while not database.ask(waits) and not second.done():
            time.sleep(0.02)
        other.commit()
        assert AGAIN in second.result()
    assert tables(database) == set()


def test_a_name_or_an_encoding_that_cannot_be_is_refused(
    postgres: Server, database: Database, run: Path
) -> None:
    assert "63 at most" in refusal(run, database.url(schema="s" * 80))
    old = postgres.database(postgis=False, encoding="SQL_ASCII")
    old.run("CREATE EXTENSION postgis")
    assert "into one in UTF8" in refusal(run, old.url())


def test_a_password_under_an_escaped_key_is_not_printed(database: Database, run: Path) -> None:
    url = f"postgresql://tester@/{database.name}?host={database.socket}&p%61ssword=s3cret"
    outcome = export(run, url, "-q")
    assert outcome.exit_code == 0, outcome.output
    assert "s3cret" not in outcome.output
    assert outcome.stdout.endswith(f"?host={database.socket}&schema=geoasm\n")
    assert "no parameter" in refusal(run, f"{url}&c%6Flour=s3cret", "--overwrite")
