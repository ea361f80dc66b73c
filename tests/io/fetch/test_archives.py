"""Zips of zones: resumed by bytes, tested, joined; a right in two zones is one row."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from geoasm.codes import ServiceKind
from geoasm.errors import FetchError, OptionError
from geoasm.io.inspection import inspect_file
from geoasm.io.layers import read_layer
from geoasm.io.profiles import load_profile
from tests.io.fetch.conftest import Download
from tests.io.fetch.map_server import MapServer, _Handler, running

ZONES = {"17S": ("EPSG:32717", -79.0), "18S": ("EPSG:32718", -76.0), "19S": ("EPSG:32719", -70.0)}


def rights(zone: str, first: int, n: int = 5) -> gpd.GeoDataFrame:
    """Rights of one zone, in its system; texts have letters that Latin-1 writes in one byte."""
    crs, longitude = ZONES[zone]
    numbers = range(first, first + n)
    return gpd.GeoDataFrame(
        {
            "CODIGOU": [f"0100{i:05d}" for i in numbers],
            "TIT_CONCES": [f"COMPAÑÍA MINERA Nº {i} S.A." for i in numbers],
            "ESTADO": "T",
            "FEC_DENU": pd.Series([date(2001, 2, 3)] * n, dtype="object"),
            "FECHA_ACTU": pd.Series([date(2026, 9, 21)] * n, dtype="object"),
        },
        geometry=[
            shapely.box(longitude + i / 50, -9, longitude + i / 50 + 0.01, -8.99) for i in range(n)
        ],
        crs="EPSG:4326",
    ).to_crs(crs)


def zipped(frame: gpd.GeoDataFrame, name: str) -> bytes:
    """A zipped shapefile in Latin-1, which does not say so."""
    content = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.shp"
        columns = frame.columns.drop("geometry")
        kinds = {c: "date" if c[:3] == "FEC" else _kind(frame[c]) for c in columns}
        frame.to_file(
            path,
            engine="fiona",
            encoding="ISO-8859-1",
            schema={"geometry": "Polygon", "properties": kinds},
        )
        with zipfile.ZipFile(content, "w") as archive:
            for part in sorted(Path(folder).iterdir()):
                if part.suffix != ".cpg":
                    archive.write(part, part.name)
    return content.getvalue()


def _kind(values: pd.Series) -> str:
    return "int:4" if pd.api.types.is_integer_dtype(values) else "str:60"


class Files(_Handler):
    """Gives files, and parts of them, with a version; `plan` says what becomes of each request."""

    version = '"v1"'
    plan: Iterator[str] = iter(())

    def do_GET(self) -> None:  # noqa: N802 -- the name that http.server calls
        server = self.map_server
        body = server.files[self.path]
        span = self.headers.get("Range")
        same = self.headers.get("If-Range") in (None, self.version)
        kept = self.headers.get("If-None-Match", "")
        server.asked.append({"path": self.path, "range": span or "", "kept": kept})
        if kept and kept == self.version:
            self._send(b"", status=304, headers={"ETag": kept})
            return
        act = next(self.plan, "give")
        if act == "web page":
            self._send(b"<html>Mantenimiento</html>", kind="text/html")
        elif act == "500":
            self._send(b"", status=500)
        elif act == "not there" and span:
            self._send(b"", status=416)
        elif act == "damaged":
            self._send(body[:-60] + bytes(60), headers={"ETag": self.version})
        elif span and same:
            start = int(re.findall(r"\d+", span)[0])
            said = {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"}
            self._give(body[start:], act, 206, said)
        else:
            self._give(body, act, 200, {"ETag": self.version} if self.version else {})

    def _give(self, body: bytes, act: str, status: int, headers: dict[str, str]) -> None:
        sent = body[: len(body) // 2] if act == "broken off" else body
        self._send(sent, status=status, length=len(body), headers=headers)
        self.close_connection = act == "broken off"


@contextmanager
def giving(
    frames: dict[str, gpd.GeoDataFrame] | None = None, *plan: str, version: str = '"v1"'
) -> Iterator[MapServer]:
    """Serve a zip for each zone."""
    frames = frames or {zone: rights(zone, 10 * k) for k, zone in enumerate(ZONES)}
    files = {f"/CMI_WGS84_{z}.zip": zipped(f, f"CMI_WGS84_{z}") for z, f in frames.items()}
    handler = type("Giving", (Files,), {"plan": iter(plan), "version": version})
    with running(MapServer([], files=files), handler) as server:
        yield server


def of_zones(server: MapServer) -> dict[str, Any]:
    return {
        "kind": ServiceKind.FILES,
        "urls": tuple(f"http://127.0.0.1:{server.port}{path}" for path in server.files),
        "encoding": "latin-1",
        "unique_by": "CODIGOU",
        "updated_column": "FECHA_ACTU",
    }


def test_three_zones_become_one_layer(download: Download) -> None:
    with giving() as server:
        done = download(server, **of_zones(server))
    assert (done.rows, done.arrived, done.agrees) == (15, 15, True)
    assert done.data_on == ("2026-09-21", "2026-09-21")
    frame = read_layer(str(done.path), "concessions").frame
    wanted = pd.concat([rights(z, 10 * k).to_crs(4326) for k, z in enumerate(ZONES)])
    assert frame.crs == "EPSG:4326"
    assert frame["CODIGOU"].tolist() == wanted["CODIGOU"].tolist()
    assert frame["TIT_CONCES"].tolist() == wanted["TIT_CONCES"].tolist()
    apart = shapely.hausdorff_distance(frame.geometry.to_numpy(), wanted.geometry.to_numpy())
    assert apart.max() < 1e-9
    said = pyogrio.read_dataframe(done.path, layer="geoasm_provenance")
    assert said["url"].str[-7:].tolist() == ["17S.zip", "18S.zip", "19S.zip"]
    assert said["crs_served"].tolist() == ["EPSG:32717", "EPSG:32718", "EPSG:32719"]
    assert said["rows_written"].tolist() == [5, 5, 5]
    ((report,), _) = inspect_file(str(done.path), [load_profile("pe")])
    assert report.best is not None
    assert report.best.role == "concessions"


def test_a_right_in_two_zones_is_one_row_and_parts_stay(download: Download) -> None:
    west, middle = rights("17S", 0), rights("18S", 10)
    again = west.iloc[[1, 3]].to_crs(middle.crs)
    part = middle.iloc[[0]].assign(CODIGOU=west["CODIGOU"].iloc[2])
    frames = {"17S": west, "18S": pd.concat([middle, again, part])}
    with giving(frames) as server:
        done = download(server, **of_zones(server))
    assert (done.arrived, done.rows, done.agrees) == (13, 11, True)
    said = pyogrio.read_dataframe(done.path, layer="geoasm_provenance")
    assert said["rows_received"].tolist() == [5, 8]
    assert said["rows_repeated"].tolist() == [0, 2]
    codes = read_layer(str(done.path), "concessions").frame["CODIGOU"].value_counts()
    assert codes[codes > 1].to_dict() == {west["CODIGOU"].iloc[2]: 2}


@pytest.mark.parametrize("broken", range(3))
def test_a_file_that_breaks_off_goes_on_at_its_byte(download: Download, broken: int) -> None:
    plan = ["give"] * broken + ["broken off"]
    with giving(None, *plan) as server:
        with pytest.raises(
            FetchError, match=r"kept in out\.gpkg\.parts, and the same command goes on"
        ):
            download(server, limits={"attempts": 1}, **of_zones(server))
        asked = len(server.asked)
        assert download(server, **of_zones(server)).agrees
        half = len(list(server.files.values())[broken]) // 2
        again = [(a["path"], a["range"]) for a in server.asked[asked:]]
        paths = list(server.files)
        # The whole ones are held against the service's version, the broken one goes on.
        wanted = [(p, f"bytes={half}-" if p == paths[broken] else "") for p in paths]
        assert again == wanted
        assert all(a["kept"] for a in server.asked[asked : asked + broken])
    assert len(read_layer(str(download.target), "concessions").frame) == 15


@pytest.mark.parametrize("act", ["web page", "500", "damaged", "broken off"])
def test_a_file_that_is_none_is_asked_again(download: Download, act: str) -> None:
    with giving(None, act, act) as server:
        assert download(server, **of_zones(server)).agrees
        assert len(server.asked) == 5


@pytest.mark.parametrize("act", ["web page", "damaged"])
def test_a_file_that_stays_none_is_one_line(download: Download, act: str) -> None:
    what = {"web page": "is a web page, not a zip", "damaged": "is no zip, or is damaged"}
    with (
        giving(None, *[act] * 9) as server,
        pytest.raises(
            FetchError, match=rf"what the service gives as CMI_WGS84_17S\.zip {what[act]}"
        ),
    ):
        download(server, **of_zones(server))
    assert not download.parts.exists() or not list(download.parts.glob("*.zip"))


def test_a_new_version_starts_from_its_first_byte(download: Download) -> None:
    with giving(None, "broken off") as server:
        with pytest.raises(FetchError):
            download(server, limits={"attempts": 1}, **of_zones(server))
        files, port = server.files, server.port
    newer = type("Newer", (Files,), {"version": '"v2"'})
    first = next(iter(files))
    fresh = {**files, first: zipped(rights("17S", 90, 7), "CMI_WGS84_17S")}
    with running(MapServer([], files=fresh), newer, port=port) as server:
        assert download(server, **of_zones(server)).rows == 17
        assert [bool(a["range"]) for a in server.asked] == [True, False, False]


@pytest.mark.parametrize("version", ["", 'W/"weak"'])
def test_without_a_firm_version_nothing_is_pieced_together(
    download: Download, version: str
) -> None:
    with giving(None, "broken off", version=version) as server:
        assert download(server, **of_zones(server)).agrees
        assert {a["range"] for a in server.asked} == {""}


def test_a_range_that_is_not_there_starts_over(download: Download) -> None:
    with giving(None, "broken off", "not there") as server:
        assert download(server, **of_zones(server)).agrees
        assert [bool(a["range"]) for a in server.asked[:3]] == [False, True, False]


def test_files_take_no_box(download: Download) -> None:
    with (
        giving() as server,
        pytest.raises(OptionError, match="comes as whole files; leave --bbox out"),
    ):
        download(server, options={"box": (-80.0, -10.0, -70.0, -5.0)}, **of_zones(server))


def test_columns_of_two_types_become_text(download: Download) -> None:
    frames = {
        "17S": rights("17S", 0).assign(ZONA=np.int64(17)),
        "18S": rights("18S", 10).assign(ZONA="18"),
    }
    with giving(frames) as server:
        download(server, **of_zones(server))
    zones = read_layer(str(download.target), "concessions").frame["ZONA"]
    assert zones.tolist() == ["17"] * 5 + ["18"] * 5
