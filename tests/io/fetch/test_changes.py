"""A service that changes under the download, or between two: its rows are never mixed in silence."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from geoasm.errors import FetchError
from geoasm.io.fetch import Clock, Limits, fetch
from geoasm.io.profiles import load_profile
from tests.io.fetch.conftest import LIMITS, Download, service
from tests.io.fetch.map_server import MapServer, planted, running
from tests.io.fetch.test_archives import Files, giving, of_zones, rights, zipped
from tests.io.fetch.test_server import check_rows, rows_of

Serve = Callable[[MapServer], MapServer]


class Renumbers(MapServer):
    """After its first page every object id is another."""

    def query(self, asked: dict[str, str]) -> tuple[Mapping[str, Any], list[int] | None]:
        said = super().query(asked)
        if said[1] is not None and self.pages == 0:
            self.rows = [{**r, "OBJECTID": r["OBJECTID"] + 10} for r in self.rows]
        return said


@pytest.mark.parametrize("unique_by", ["CODIGOU", None])
def test_ids_that_are_renumbered_meanwhile_are_told(
    serve: Serve, download: Download, unique_by: str | None
) -> None:
    done = download(serve(Renumbers(planted(25, step=1))), unique_by=unique_by)
    assert not done.agrees
    assert "object ids changed during the download (10 new, 10 gone)" in done.missing
    assert (done.arrived, done.rows) == (15 if unique_by else 25, 15 if unique_by else 25)
    assert not download.parts.exists()  # the next download starts anew
    server = serve(MapServer(planted(25)))
    assert download(server, options={"overwrite": True}).agrees
    check_rows(download.target, server.rows)


def test_a_row_that_comes_twice_under_one_id_is_told(serve: Serve, download: Download) -> None:
    class Twice(MapServer):
        def query(self, asked: dict[str, str]) -> tuple[Mapping[str, Any], list[int] | None]:
            said, ids = super().query(asked)
            return (said if ids is None else {**said, "features": 2 * said["features"]}), ids

    done = download(serve(Twice(planted(5))))
    assert (done.rows, done.repeated, done.agrees) == (5, 5, False)
    assert done.missing == "5 rows came again under one OBJECTID"


def broken(download: Download, server: MapServer) -> None:
    server.trouble = lambda page, _: "500" if page >= 3 else None
    with pytest.raises(FetchError):
        download(server, limits={"attempts": 1})
    server.trouble = lambda *_: None


@pytest.mark.parametrize("lists_ids", [True, False])
def test_rows_of_two_editions_are_not_joined(
    serve: Serve, download: Download, caplog: pytest.LogCaptureFixture, lists_ids: bool
) -> None:
    server = serve(MapServer(planted(57), lists_ids=lists_ids, cap=10))
    broken(download, server)
    server.rows = [{**row, "CODIGOU": f"NEW{row['OBJECTID']}"} for row in server.rows]
    with caplog.at_level(logging.WARNING, logger="geoasm"):
        assert download(server).agrees
    assert "the rows of the service have changed since" in caplog.text
    check_rows(download.target, server.rows)


@pytest.mark.parametrize(("hours", "anew"), [(23, False), (25, True)])
def test_parts_of_another_day_are_not_gone_on_with(
    serve: Serve, download: Download, caplog: pytest.LogCaptureFixture, hours: int, anew: bool
) -> None:
    server = serve(MapServer(planted(57)))
    broken(download, server)
    given, now = len(server.given), datetime.now(UTC) + timedelta(hours=hours)
    clock = Clock(sleep=lambda _: None, utc=lambda: now)
    with caplog.at_level(logging.WARNING, logger="geoasm"):
        fetch(
            service(server.url),
            load_profile("pe").crs,
            download.target,
            limits=Limits(**LIMITS),  # type: ignore[arg-type]
            clock=clock,
        )
    assert ("over 24 hours have passed" in caplog.text) == anew
    assert len(server.given) - given == (6 if anew else 5)
    check_rows(download.target, server.rows)


@pytest.mark.parametrize("version", ['"v2"', '"v1"', ""])
def test_a_whole_zip_of_another_version_is_downloaded_anew(
    download: Download, version: str
) -> None:
    with giving(None, "give", "broken off", version='"v1"') as server:
        with pytest.raises(FetchError):
            download(server, limits={"attempts": 1}, **of_zones(server))
        files, port = server.files, server.port
    fresh = dict(files)
    if version != '"v1"':
        fresh[next(iter(files))] = zipped(rights("17S", 90, 9), "CMI_WGS84_17S")
    handler = type("Newer", (Files,), {"version": version})
    with running(MapServer([], files=fresh), handler, port=port) as server:
        done = download(server, **of_zones(server))
    assert done.agrees
    assert done.rows == (15 if version == '"v1"' else 19)


def test_a_row_whose_copy_says_otherwise_stays(
    serve: Serve, download: Download, caplog: pytest.LogCaptureFixture
) -> None:
    rows = planted(6)
    rows[1] = {**rows[0], "OBJECTID": rows[1]["OBJECTID"], "ESTADO": "X"}
    rows[2] = {**rows[0], "OBJECTID": rows[2]["OBJECTID"]}
    with caplog.at_level(logging.WARNING, logger="geoasm"):
        done = download(serve(MapServer(rows)), unique_by="CODIGOU")
    assert (done.rows, done.repeated) == (5, 1)
    assert rows_of(done.path)["OBJECTID"].tolist() == [rows[i]["OBJECTID"] for i in (0, 1, 3, 4, 5)]
    assert "1 rows share their CODIGOU and outline with another row and differ" in caplog.text


def test_columns_in_which_copies_may_differ_are_named(serve: Serve, download: Download) -> None:
    rows = planted(6)
    rows[1] = {**rows[0], "OBJECTID": rows[1]["OBJECTID"], "HECTAREA": 99.9}
    server = serve(MapServer(rows))
    changes = {"unique_by": "CODIGOU", "copies_differ_in": ("hectarea",)}
    assert download(server, **changes).rows == 5
