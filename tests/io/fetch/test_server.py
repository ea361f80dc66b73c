"""Each manner of the services out there, one test: the file holds every planted row all the same."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from geoasm.codes import Paging
from geoasm.errors import FetchError, OptionError, OutputError
from geoasm.io.inspection import inspect_file
from geoasm.io.layers import read_layer
from geoasm.io.profiles import load_profile
from tests.io.fetch.conftest import Download
from tests.io.fetch.map_server import MapServer, Row, planted, square

Serve = Callable[[MapServer], MapServer]


def rows_of(path: Path) -> gpd.GeoDataFrame:
    return read_layer(str(path), "concessions").frame.sort_values("OBJECTID", ignore_index=True)


def check_rows(path: Path, rows: list[Row]) -> None:
    """Hold the file against the planted rows, value by value."""
    frame, wanted = rows_of(path), sorted(rows, key=lambda r: int(r["OBJECTID"]))
    assert frame["OBJECTID"].tolist() == [r["OBJECTID"] for r in wanted]
    for name in ("CODIGOU", "TIT_CONCES", "ESTADO", "HECTAREA"):
        got = [None if pd.isna(v) else v for v in frame[name]]
        assert got == [r[name] for r in wanted]
    days = [None if pd.isna(v) else str(v)[:10] for v in frame["FEC_DENU"]]
    assert days == [_day(r["FEC_DENU"]) for r in wanted]
    outlines = [None if r["_ring"] is None else shapely.Polygon(r["_ring"]) for r in wanted]
    shapes, wanted_outlines = frame.geometry.to_numpy(), np.array(outlines, dtype=object)
    absent = shapely.is_missing(wanted_outlines)
    assert (shapely.equals(shapes, wanted_outlines) | (absent & shapely.is_missing(shapes))).all()


def _day(instant: int | None) -> str | None:
    if instant is None:
        return None
    return str(np.datetime64(instant - 5 * 3_600_000, "ms").astype("datetime64[D]"))


def provenance(path: Path) -> pd.Series:
    return pyogrio.read_dataframe(path, layer="geoasm_provenance").iloc[0]


def test_every_row_arrives_and_the_file_says_where_from(serve: Serve, download: Download) -> None:
    server = serve(MapServer(planted(37)))
    done = download(server)
    assert (done.rows, done.arrived, done.expected, done.agrees) == (37, 37, 37, True)
    check_rows(done.path, server.rows)
    said = provenance(done.path)
    assert (said.source, said.url, said.role) == ("cadastre", server.url, "concessions")
    assert (said.pages, said.rows_received, said.rows_written) == (4, 37, 37)
    assert (said.server_count, said.credit, said.licence) == (
        37,
        "INGEMMET",
        "No consta. / None stated.",
    )
    assert (said.data_first_on, said.data_last_on) == ("2026-09-21", "2026-09-21")
    assert (said.crs_served, bool(said.verified)) == ("EPSG:4326", False)
    assert said.started_at <= said.finished_at
    assert not download.parts.exists()


def test_the_file_is_a_layer_that_fits_its_role(serve: Serve, download: Download) -> None:
    done = download(serve(MapServer(planted(12))))
    ((report,), errors) = inspect_file(str(done.path), [load_profile("pe")])
    assert errors == []
    assert report.best is not None
    assert report.best.role == "concessions"
    assert (report.rows, report.crs, report.geometry) == (12, "EPSG:4326", {"MultiPolygon": 12})
    assert [f.problem for f in report.findings] == []


def test_only_get_and_never_all_at_once(serve: Serve, download: Download) -> None:
    server = serve(MapServer(planted(30)))
    download(server)
    pages = [a for a in server.asked if "outSR" in a]
    assert all(a["f"] == "json" and a["outSR"] == "4326" for a in pages)
    assert [a["where"] for a in pages] == [
        "OBJECTID >= 7 AND OBJECTID <= 34",
        "OBJECTID >= 37 AND OBJECTID <= 64",
        "OBJECTID >= 67 AND OBJECTID <= 94",
    ]
    assert not any(a.get("where") == "1=1" for a in server.asked)


@pytest.mark.parametrize("way", Paging)
@pytest.mark.parametrize(
    "refuses", [{}, {"takes_ranges": False}, {"takes_batches": False}], ids=str
)
def test_refused_paging_gives_place_to_another_way(
    serve: Serve, download: Download, way: Paging, refuses: dict[str, bool]
) -> None:
    server = serve(MapServer(planted(25), **refuses))
    assert download(server, paging=way).agrees
    check_rows(download.target, server.rows)
    assert sorted(i for page in server.given for i in page) == [r["OBJECTID"] for r in server.rows]


def test_offset_paging_is_used_where_it_is_taken(serve: Serve, download: Download) -> None:
    server = serve(MapServer(planted(25), takes_offset=True))
    assert download(server, paging=Paging.OFFSET).agrees
    check_rows(download.target, server.rows)
    assert [a["resultOffset"] for a in server.asked if "resultOffset" in a] == ["0", "10", "20"]


def test_a_server_that_refuses_every_way_is_an_error(serve: Serve, download: Download) -> None:
    server = serve(MapServer(planted(25), takes_ranges=False, takes_batches=False))
    with pytest.raises(
        FetchError, match=r"cadastre: 127\.0\.0\.1 answers with error 400: Invalid query"
    ):
        download(server)
    assert not download.parts.exists()
    assert not download.target.exists()


def test_listed_ids_fit_into_an_address(serve: Serve, download: Download) -> None:
    rows = planted(1200, step=99991)
    server = serve(MapServer(rows))
    assert download(server, paging=Paging.ID_BATCHES, page_rows=1000).agrees
    check_rows(download.target, rows)
    longest = max(
        len(a["objectIds"]) + 2 * a["objectIds"].count(",")
        for a in server.asked
        if "objectIds" in a
    )
    assert 1000 < longest <= 1500


@pytest.mark.parametrize("says_cut", [True, False])
def test_a_cap_below_the_page_costs_no_row(
    serve: Serve, download: Download, says_cut: bool
) -> None:
    server = serve(MapServer(planted(2500), cap=1000, states_cap=False, says_cut=says_cut))
    assert download(server, page_rows=2000).agrees
    check_rows(download.target, server.rows)
    assert [len(page) for page in server.given] == [1000, 1000, 500]


def test_a_cap_that_is_stated_is_kept_to(serve: Serve, download: Download) -> None:
    server = serve(MapServer(planted(2500), cap=1000))
    assert download(server, page_rows=2000).agrees
    assert [len(page) for page in server.given] == [1000, 1000, 500]


def test_a_server_without_a_list_of_ids_is_read_in_their_order(
    serve: Serve, download: Download
) -> None:
    server = serve(MapServer(planted(2500), lists_ids=False))
    assert download(server).agrees
    check_rows(download.target, server.rows)
    assert [len(page) for page in server.given] == [1000, 1000, 500, 0]


def test_neither_a_list_nor_an_order_is_an_error(serve: Serve, download: Download) -> None:
    class Shuffled(MapServer):
        def query(self, asked: dict[str, str]) -> tuple[Mapping[str, Any], list[int] | None]:
            said, ids = super().query(asked)
            return (said if ids is None else {**said, "features": said["features"][::-1]}), ids

    with pytest.raises(FetchError, match="does not give rows in their order"):
        download(serve(Shuffled(planted(57), lists_ids=False, cap=10)))
    assert not download.target.exists()


@pytest.mark.parametrize(
    "kind", ["500", "503", "error", "cut short", "broken off", "web page"], ids=str
)
def test_a_page_that_fails_is_asked_again(serve: Serve, download: Download, kind: str) -> None:
    server = serve(MapServer(planted(30), trouble=lambda page, _: kind if page in (2, 3) else None))
    assert download(server).agrees
    check_rows(download.target, server.rows)
    assert [len(page) for page in server.given] == [10, 10, 10]
    assert server.pages == 5


def test_a_list_of_ids_that_is_cut_is_gone_beyond(serve: Serve, download: Download) -> None:
    server = serve(MapServer(planted(57), lists_at_most=20, cap=15))
    assert download(server).agrees
    check_rows(download.target, server.rows)
    assert [len(page) for page in server.given] == [10, 10, 15, 15, 7, 0]


def test_a_row_that_has_gone_is_named(serve: Serve, download: Download) -> None:
    class Loses(MapServer):
        def query(self, asked: dict[str, str]) -> tuple[Mapping[str, object], list[int] | None]:
            if "outSR" in asked:  # between the list and the pages
                self.rows = [r for r in self.rows if r["OBJECTID"] != 40]
            return super().query(asked)

    server = serve(Loses(planted(37)))
    done = download(server)
    assert (done.arrived, done.expected, done.agrees) == (36, 36, False)
    assert done.missing == (
        "1 rows are listed and not there (OBJECTID 40);"
        " object ids changed during the download (0 new, 1 gone)"
    )


def test_a_server_that_gives_only_empty_pages_ends_the_download(
    serve: Serve, download: Download
) -> None:
    class Empty(MapServer):
        def query(self, asked: dict[str, str]) -> tuple[Mapping[str, object], list[int] | None]:
            said, ids = super().query(asked)
            return (said, None) if ids is None else ({**said, "features": []}, [])

    server = serve(Empty(planted(900)))
    with pytest.raises(FetchError, match=r"lists rows and gives none; try again on another day$"):
        download(server)
    assert server.pages < 51 * 6


def test_a_full_disk_is_one_line(
    serve: Serve, download: Download, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("geoasm.io.fetch.parts.os.fsync", full)
    with pytest.raises(OutputError, match=r"cannot write .*: no space left on the disk; make room"):
        download(serve(MapServer(planted(5))))


def test_a_page_that_always_fails_is_asked_in_smaller_ones(
    serve: Serve, download: Download
) -> None:
    rows = planted(40)
    heavy = rows[13]["OBJECTID"]
    server = serve(
        MapServer(rows, trouble=lambda _, ids: "500" if heavy in ids and len(ids) > 3 else None)
    )
    assert download(server).agrees
    check_rows(download.target, rows)


def test_a_row_that_cannot_be_had_is_named_and_the_counts_differ(
    serve: Serve, download: Download
) -> None:
    rows = planted(40)
    lost = rows[13]["OBJECTID"]
    server = serve(MapServer(rows, trouble=lambda _, ids: "500" if lost in ids else None))
    done = download(server)
    assert (done.arrived, done.expected, done.agrees) == (39, 40, False)
    assert done.missing == f"1 rows cannot be given (OBJECTID {lost})"
    assert provenance(done.path).rows_missing == done.missing
    check_rows(done.path, [r for r in rows if r["OBJECTID"] != lost])
    server.trouble = lambda *_: None
    before = server.pages
    assert download(server, options={"overwrite": True}).agrees
    check_rows(download.target, rows)
    assert server.pages == before + 2  # the first page again, and the row


def test_a_server_that_fails_for_good_ends_the_download(serve: Serve, download: Download) -> None:
    server = serve(MapServer(planted(40), trouble=lambda page, _: "500" if page > 1 else None))
    with pytest.raises(FetchError, match=r"HTTP 500; what has arrived is kept in out\.gpkg\.parts"):
        download(server)
    assert len(list(download.parts.glob("0*.json"))) == 1
    assert not download.target.exists()


def test_a_count_that_differs_is_told_and_the_file_is_written(
    serve: Serve, download: Download
) -> None:
    server = serve(MapServer(planted(20), miscount=3))
    done = download(server)
    assert (done.arrived, done.expected, done.agrees) == (20, 23, False)
    assert provenance(done.path).server_count == 23
    check_rows(done.path, server.rows)


def test_a_server_that_does_not_count_is_held_against_its_list(
    serve: Serve, download: Download
) -> None:
    assert download(serve(MapServer(planted(20), counts=False))).expected == 20


def test_rows_that_were_not_asked_for_are_refused(serve: Serve, download: Download) -> None:
    server = serve(MapServer(planted(30), cap=5, hears_where=False, takes_batches=False))
    with pytest.raises(FetchError, match=r"Invalid query|not asked for"):
        download(server)


def test_a_wrong_content_type_and_charset_are_read_by_the_bytes(
    serve: Serve, download: Download
) -> None:
    server = serve(MapServer(planted(20), content_type="text/html", trouble=lambda *_: "latin-1"))
    assert download(server).agrees
    check_rows(download.target, server.rows)


def test_web_mercator_is_brought_to_degrees(serve: Serve, download: Download) -> None:
    server = serve(MapServer(planted(20), hears_out_sr=False, geometry="esriGeometryPoint"))
    done = download(server)
    frame = rows_of(done.path)
    wanted = np.array([r["_ring"][0] for r in server.rows])
    assert frame.crs == "EPSG:4326"
    assert np.abs(frame.geometry.get_coordinates().to_numpy() - wanted).max() < 1e-9
    said = provenance(done.path)
    assert (said.crs_served, said.crs_written) == ("EPSG:3857", "EPSG:4326")


def test_rows_without_an_outline_stay_rows(serve: Serve, download: Download) -> None:
    rows = planted(20)
    rows[0]["_ring"] = rows[19]["_ring"] = None
    assert download(serve(MapServer(rows))).agrees
    check_rows(download.target, rows)


def test_arcs_are_an_error_and_not_a_hole(serve: Serve, download: Download) -> None:
    class Curved(MapServer):
        def _feature(self, row: Row, asked: dict[str, str]) -> dict[str, object]:
            arc = [[-75, -10], {"c": [[-74, -9], [-74.5, -9.9]]}, [-75, -10]]
            return {**super()._feature(row, asked), "geometry": {"curveRings": [arc]}}

    with pytest.raises(FetchError, match="every row has arcs or another outline that geoasm can"):
        download(serve(Curved(planted(3))))


def test_a_column_that_is_empty_on_one_page_keeps_its_type(
    serve: Serve, download: Download
) -> None:
    rows = planted(30)
    for row in rows[:10]:
        row |= {"ESTADO": None, "HECTAREA": None, "FEC_DENU": None}
    download(serve(MapServer(rows)))
    check_rows(download.target, rows)
    kinds = pyogrio.read_info(download.target, layer="cadastre")
    types = dict(zip(kinds["fields"], kinds["ogr_types"], strict=True))
    assert (types["ESTADO"], types["HECTAREA"], types["FEC_DENU"]) == (
        *("OFTString", "OFTReal", "OFTDate"),
    )


def test_rows_that_share_code_and_outline_are_one_and_parts_stay(
    serve: Serve, download: Download, caplog: pytest.LogCaptureFixture
) -> None:
    rows = planted(20)
    rows[5] = {**rows[4], "OBJECTID": rows[5]["OBJECTID"]}
    rows[7] |= {"CODIGOU": rows[6]["CODIGOU"], "_ring": square(-70, -12)}
    with caplog.at_level(logging.INFO, logger="geoasm"):
        done = download(serve(MapServer(rows)), unique_by="CODIGOU")
    assert (done.rows, done.expected, done.agrees) == (19, 20, False)
    assert done.missing == "1 rows stand there again under another OBJECTID"
    check_rows(done.path, rows[:5] + rows[6:])
    assert "1 rows share their CODIGOU with another outline; all are kept as parts" in caplog.text
    assert provenance(done.path).rows_repeated == 1


def test_a_box_asks_for_the_rows_that_touch_it(serve: Serve, download: Download) -> None:
    rows = planted(40)
    server = serve(MapServer(rows))
    done = download(server, options={"box": (-75.945, -11.0, -75.895, -9.0)})
    assert done.agrees
    check_rows(done.path, [r for r in rows if -75.955 <= r["_ring"][0][0] <= -75.895])
    assert provenance(done.path).box == "-75.945,-11,-75.895,-9"


def test_a_layer_without_rows_is_an_error(serve: Serve, download: Download) -> None:
    with pytest.raises(FetchError, match=r"cadastre: there are no rows$"):
        download(serve(MapServer([])))
    assert not download.parts.exists()


def test_an_address_that_is_no_layer_is_an_error(serve: Serve, download: Download) -> None:
    server = serve(MapServer(planted(3), fields=[]))
    with pytest.raises(FetchError, match="is no layer whose rows have object ids"):
        download(server)
    with pytest.raises(FetchError, match="HTTP 404"):
        download(server, urls=(server.url.replace("SERV_TEST", "NADA"),))


def test_the_target_is_a_geopackage(serve: Serve, download: Download) -> None:
    download.target = download.target.with_suffix(".shp")
    with pytest.raises(OptionError, match=r"out\.shp: --out takes a GeoPackage"):
        download(serve(MapServer(planted(3))))
