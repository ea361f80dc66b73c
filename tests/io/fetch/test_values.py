"""What the service says stands in the file: values, names of columns, outlines where they belong."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pandas as pd
import pyogrio
import pytest

from geoasm.errors import FetchError
from geoasm.io.fetch.columns import distinct_names
from tests.io.fetch.conftest import Download
from tests.io.fetch.map_server import FIELDS, MapServer, Row, planted, square

Serve = Callable[[MapServer], MapServer]

RUC = 20123456789


def with_column(name: str, kind: str, values: list[Any]) -> MapServer:
    """A server whose rows have one more column."""
    rows = [{**row, name: v} for row, v in zip(planted(len(values)), values, strict=True)]
    fields = [*FIELDS, {"name": name, "type": f"esriFieldType{kind}"}]
    return MapServer(rows, fields=fields)


def written(download: Download) -> pd.DataFrame:
    return pyogrio.read_dataframe(download.target, layer="cadastre")


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("Integer", [RUC, None, -5]),
        ("SmallInteger", [70_000, None, 3]),
        ("BigInteger", [2**53 + 1, None, -(2**63)]),
        ("Double", [1.5, None, 7]),
        ("String", ["007", None, "Ñ"]),
    ],
)
def test_a_value_stands_as_it_came(
    serve: Serve, download: Download, kind: str, values: list[Any]
) -> None:
    assert download(serve(with_column("COL", kind, values))).agrees
    with closing(sqlite3.connect(download.target)) as db:  # pandas would make floats of it
        assert [v for (v,) in db.execute("SELECT COL FROM cadastre ORDER BY fid")] == values


@pytest.mark.parametrize(
    ("kind", "values", "texts"),
    [
        ("Integer", [RUC, "n/a", None], [str(RUC), "n/a", None]),
        ("Integer", [2**70, 1.5, True], [str(2**70), "1.5", "true"]),
        ("Double", [1.5, "n/a", None], ["1.5", "n/a", None]),
        ("Date", ["2020-01-05", 1577854800000, None], ["2020-01-05", "2020-01-01", None]),
        ("Date", [9 * 10**17, 0, None], ["9" + "0" * 17, "1970-01-01", None]),
    ],
)
def test_a_value_that_is_none_of_its_type_makes_the_column_text_and_is_told(
    serve: Serve,
    download: Download,
    caplog: pytest.LogCaptureFixture,
    kind: str,
    values: list[Any],
    texts: list[str | None],
) -> None:
    with caplog.at_level(logging.WARNING, logger="geoasm"):
        download(serve(with_column("COL", kind, values)))
    assert [None if pd.isna(v) else v for v in written(download)["COL"]] == texts
    assert f"of COL are none of its type ({kind}): the column is written as text" in caplog.text
    assert str(RUC) not in caplog.text


def test_the_first_and_the_last_day_of_the_calendar_are_days(
    serve: Serve, download: Download
) -> None:
    download(serve(with_column("DAY", "Date", [-62135596800000, 253402300799000, -1])))
    days = [str(d)[:10] for d in written(download)["DAY"]]
    assert days == ["0001-01-01", "9999-12-31", "1969-12-31"]


@pytest.mark.parametrize("name", ["geometry", "geom", "GEOM", "fid", "codigou", "source_row", " "])
def test_a_column_that_a_geopackage_cannot_hold_is_renamed_before_the_download(
    serve: Serve, download: Download, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    server = with_column(name, "String", ["a", "b"])
    server.trouble = lambda *_: "500"
    with caplog.at_level(logging.WARNING, logger="geoasm"), pytest.raises(FetchError):
        download(serve(server), limits={"attempts": 1}, page_rows=1)
    new = "column" if name == " " else f"{name}_1"
    assert f"{name!r} becomes {new!r}" in caplog.text
    server.trouble = lambda *_: None
    assert download(server).agrees
    assert written(download)[new].tolist() == ["a", "b"]


def test_a_new_name_is_none_that_stands_there_already() -> None:
    names = distinct_names(["fid", "fid_1", "a", "A"])
    assert names == {"fid": "fid_2", "fid_1": "fid_1", "a": "a", "A": "A_1"}


def shaped(shapes: list[Any], **changes: Any) -> MapServer:
    """A server whose rows have outlines as given."""

    class Shaped(MapServer):
        def _feature(self, row: Row, asked: dict[str, str]) -> dict[str, Any]:
            said = super()._feature(row, asked)
            return {**said, "geometry": shapes[(row["OBJECTID"] - 7) // 3]}

    return Shaped(planted(len(shapes)), **changes)


RING = square(-76, -10)


@pytest.mark.parametrize(
    "shape",
    [
        {"curveRings": [[[-76, -10], {"c": [[-75, -9], [-75.5, -9.9]]}, [-76, -10]]]},
        {"rings": [[[-76, -10], [-76, -10]]]},
        {"rings": [[[-76, None], [-75, -9], [-76, -9], [-76, None]]]},
        {"rings": [[["a", 1], [2, 3], [4, 5], ["a", 1]]]},
        {"rings": [RING[:-1]]},
        {"rings": "none"},
        {"xmin": 1, "ymin": 2, "xmax": 3, "ymax": 4},
        [1, 2],
    ],
    ids=str,
)
def test_a_row_whose_outline_cannot_be_read_is_named_and_the_others_arrive(
    serve: Serve, download: Download, shape: Any
) -> None:
    done = download(serve(shaped([{"rings": [RING]}, shape, {"rings": [RING]}])))
    assert (done.rows, done.expected, done.agrees) == (2, 3, False)
    assert done.missing.startswith("1 rows have arcs or another outline")
    assert done.missing.endswith("(OBJECTID 10)")
    assert written(download)["OBJECTID"].tolist() == [7, 13]


@pytest.mark.parametrize("shape", [None, {}, {"rings": []}, {"rings": [[]]}, {"rings": None}])
def test_a_row_without_outline_stays(serve: Serve, download: Download, shape: Any) -> None:
    done = download(serve(shaped([{"rings": [RING]}, shape])))
    assert (done.rows, done.agrees) == (2, True)
    assert written(download).geometry.isna().tolist() == [False, True]


def test_rings_that_could_have_arcs_and_have_none_are_read(
    serve: Serve, download: Download
) -> None:
    assert download(serve(shaped([{"curveRings": [RING]}]))).agrees


def test_metres_that_are_called_degrees_are_an_error(serve: Serve, download: Download) -> None:
    server = serve(shaped([{"rings": [square(-8460000, -1118000, 1000)]}]))
    with pytest.raises(FetchError, match=r"says EPSG:4326 \(degrees\), and 1 of 1 rows .* x=-846"):
        download(server)
    assert not download.target.exists()
    assert not download.parts.exists()  # the same page would fail for ever


def test_coordinates_that_changed_places_are_told(
    serve: Serve, download: Download, caplog: pytest.LogCaptureFixture
) -> None:
    turned = [[y, x] for x, y in RING]
    with caplog.at_level(logging.WARNING, logger="geoasm"):
        download(serve(shaped([{"rings": [turned]}])))
    assert "1 of 1 rows lie outside the country's bounds" in caplog.text
    assert "with x and y exchanged they lie in them" in caplog.text


@pytest.mark.parametrize("lists_ids", [True, False])
def test_negative_and_large_object_ids_arrive(
    serve: Serve, download: Download, lists_ids: bool
) -> None:
    ids = [-9, -1, 0, 2**31 + 5, 2**53 + 1]
    rows = [{**row, "OBJECTID": i} for row, i in zip(planted(5), ids, strict=True)]
    done = download(serve(MapServer(rows, lists_ids=lists_ids)))
    assert (done.rows, done.expected, done.agrees) == (5, 5, True)
    column = pyogrio.read_dataframe(done.path, layer="cadastre", use_arrow=True)["OBJECTID"]
    assert sorted(column.tolist()) == ids


def test_all_rows_are_asked_for_in_another_way_where_the_first_is_refused(
    serve: Serve, download: Download
) -> None:
    class Plain(MapServer):
        def query(self, asked: dict[str, str]) -> Any:
            if "IS NOT NULL" in asked.get("where", ""):
                return {"error": {"code": 400, "message": "Invalid query"}}, None
            return super().query(asked)

    server = serve(Plain(planted(12)))
    assert download(server).agrees
    assert sum("IS NOT NULL" in a.get("where", "") for a in server.asked) == 1
