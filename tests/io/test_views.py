"""Views of a GeoPackage: those that end are read, and no others are handed to a reader."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from geoasm.errors import UnreadableSource
from geoasm.io import views
from geoasm.io.layers import read_layer
from tests.io.refusing import refused

ROWS = 2_000
ENDLESS = {
    "everything with everything": "SELECT a.fid, a.geom FROM a, a b, a c",
    "a value that is": "SELECT fid, geom, (SELECT count(*) FROM a x, a y, a z) AS n FROM a",
    "recursion": "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c)"
    " SELECT i AS fid, geom FROM c, a",
    "a text beyond the file": "SELECT fid, geom, zeroblob(900000000) AS n FROM a",
}
LAWFUL = {
    "columns": "SELECT * FROM a",
    "a join by key": "SELECT a.*, t.N FROM a JOIN t ON a.K = t.K",
    "an order": "SELECT * FROM a ORDER BY K DESC",
    "a table of its own": "WITH b AS (SELECT * FROM a) SELECT * FROM b",
}


def geopackage(folder: Path, rows: int = ROWS, **said: str) -> Path:
    """A layer `a`, a table `t` with a row for each of its rows, and views as they are said."""
    path = folder / "a.gpkg"
    places = shapely.points(np.linspace(-75, -74, rows), -10)
    frame = gpd.GeoDataFrame({"K": range(rows)}, geometry=places, crs="EPSG:4326")
    frame.to_file(path, layer="a")
    with contextlib.closing(sqlite3.connect(path)) as base:
        base.execute("CREATE TABLE t AS SELECT K, 'N ' || K AS N FROM a")
        for name, query in said.items():
            base.execute(f"CREATE VIEW {name} AS {query}")
            base.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id)"
                " VALUES (?, 'features', ?, 4326)",
                (name, name),
            )
            base.execute(
                "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'POINT', 4326, 0, 0)", (name,)
            )
        base.commit()
    return path


@pytest.mark.parametrize("query", ENDLESS.values(), ids=ENDLESS.keys())
def test_a_view_that_computes_without_end_is_refused_before_a_reader_computes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setattr(pyogrio, "list_layers", None)
    path = geopackage(tmp_path, b=query)
    start = time.process_time()
    assert "its view 'b' may compute rows without end; write it as a table" in refused(path)
    assert time.process_time() - start < 20


@pytest.mark.parametrize("query", LAWFUL.values(), ids=LAWFUL.keys())
def test_a_view_that_ends_is_read(tmp_path: Path, query: str) -> None:
    path = geopackage(tmp_path, b=query)
    assert len(read_layer(f"{path}:b", "concessions").frame) == ROWS


def test_a_join_of_a_hundred_thousand_rows_by_key_is_read(tmp_path: Path) -> None:
    path = geopackage(tmp_path, 100_000, b=LAWFUL["a join by key"])
    assert len(read_layer(f"{path}:b", "concessions").frame) == 100_000


def test_a_small_file_may_compute_a_little_more_than_it_holds(tmp_path: Path) -> None:
    """Ten million steps, and a text of a megabyte: both a second's work at most."""
    said = "CASE fid WHEN 1 THEN hex(zeroblob(450000)) END AS long"
    order = "(SELECT count(*) FROM a b WHERE b.K < a.K) AS n"
    path = geopackage(tmp_path, 1_500, b=f"SELECT fid, geom, {said}, {order} FROM a")
    assert len(read_layer(f"{path}:b", "concessions").frame) == 1_500


def test_views_share_what_a_file_may_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "_LEAST_STEPS", 3 * 6 * ROWS)
    monkeypatch.setattr(views, "_STEPS_A_BYTE", 0)
    monkeypatch.setattr(views, "_STEPS_AT_ONCE", 100)
    views.check_views(geopackage(tmp_path, b=LAWFUL["columns"]))
    (tmp_path / "many").mkdir()
    many = {f"b{i}": LAWFUL["columns"] for i in range(9)}
    assert "may compute rows" in refused(geopackage(tmp_path / "many", **many))


def test_larger_files_may_take_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "_LEAST_STEPS", 0)
    views.check_views(geopackage(tmp_path, **{f"b{i}": LAWFUL["an order"] for i in range(5)}))


def test_a_view_that_needs_functions_of_other_programs_is_refused(tmp_path: Path) -> None:
    path = geopackage(tmp_path, b="SELECT a.* FROM a, a b, a c WHERE ST_IsEmpty(a.geom) = 0")
    assert "its view 'b' needs functions that only other programs have" in refused(path)


def test_a_view_of_a_table_that_is_gone_costs_no_other_layer(tmp_path: Path) -> None:
    path = geopackage(tmp_path, b="SELECT * FROM t")
    with contextlib.closing(sqlite3.connect(path)) as base:
        base.execute("DROP TABLE t")
        base.commit()
    assert len(read_layer(f"{path}:a", "concessions").frame) == ROWS


def test_a_view_whose_name_is_no_text_is_refused(tmp_path: Path) -> None:
    path = geopackage(tmp_path, bbb=ENDLESS["everything with everything"])
    path.write_bytes(path.read_bytes().replace(b"bbb", b"b\xffb"))
    assert "may compute rows without end" in refused(path)


def test_a_view_in_words_that_no_reader_has_is_damage(tmp_path: Path) -> None:
    path = geopackage(tmp_path, b=LAWFUL["columns"])
    path.write_bytes(path.read_bytes().replace(b"b AS SELECT * FROM", b"b AS SELECT ) FROM"))
    assert "a.gpkg is damaged or cut short" in refused(path)


def test_dear_steps_end_by_the_time_they_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "_MOST_SECONDS", 0.3)
    dear = "SELECT a.fid, length(hex(zeroblob(90000 + a.K))) AS n, a.geom FROM a"
    assert "may compute rows without end" in refused(geopackage(tmp_path, v=f"{dear}, t"))


def test_a_log_of_changes_that_cannot_be_written_is_left_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    class Base(sqlite3.Connection):
        def execute(self, *said: object) -> sqlite3.Cursor:
            if len(opened) == 1:
                error = sqlite3.OperationalError("attempt to write a readonly database")
                error.sqlite_errorcode = sqlite3.SQLITE_READONLY
                raise error
            return super().execute(*said)

    def connect(name: str, **more: object) -> sqlite3.Connection:
        opened.append(name)
        return Base(name, **more)

    path = geopackage(tmp_path, v=ENDLESS["recursion"])
    monkeypatch.setattr(views.sqlite3, "connect", connect)
    with pytest.raises(UnreadableSource, match="without end"):
        views.check_views(path)
    assert [name.partition("?")[2] for name in opened] == ["mode=ro", "mode=ro&immutable=1"]
