"""Only formats that geoasm promises are opened, and none leads a reader anywhere else."""

from __future__ import annotations

import contextlib
import json
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import rasterio
import shapely

from geoasm.errors import EmptySource, GeoasmError, UnreadableSource
from geoasm.io import drivers
from geoasm.io.layers import read_layer
from geoasm.io.profiles import load_profile
from geoasm.io.raster_inspection import inspect_raster
from geoasm.io.rasters import ENVIRONMENT
from tests import geotiffs
from tests.fuzz.documents import POINTERS, WEB

PE = [load_profile("pe")]
LARGE = np.full((1500, 1500), 3, dtype=np.uint8)  # inspected by a look that asks for overviews


class Ear:
    """A port of this machine that answers nobody, and knows whether anybody knocked."""

    def __init__(self, port: socket.socket) -> None:
        self._port = port
        self.address = f"http://127.0.0.1:{port.getsockname()[1]}/data"

    def heard(self) -> bool:
        try:
            self._port.accept()[0].close()
        except BlockingIOError:
            return False
        return True


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ear]:
    monkeypatch.setenv("GDAL_HTTP_TIMEOUT", "2")  # a reader that knocks must not wait for ever
    with socket.create_server(("127.0.0.1", 0)) as port:
        port.setblocking(False)
        yield Ear(port)


def square() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"A": ["1"]}, geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:4326")


@pytest.mark.parametrize("number", range(len(POINTERS)))
@pytest.mark.parametrize("suffix", [".xml", ".kml", ".gpkg", ".geojson", ".shp", ".tif"])
def test_a_document_that_points_elsewhere_is_not_followed(
    tmp_path: Path, ear: Ear, number: int, suffix: str
) -> None:
    path = tmp_path / f"m_2020{suffix}"
    path.write_bytes(POINTERS[number].replace(WEB.encode(), ear.address.encode()))
    with contextlib.suppress(UnreadableSource, EmptySource):
        assert read_layer(str(path), "concessions").frame.columns.tolist()
    with pytest.raises(UnreadableSource):
        inspect_raster(str(path), PE)
    assert not ear.heard()


def test_a_service_behind_a_file_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(f"<OGRWFSDataSource><URL>{WEB}</URL></OGRWFSDataSource>")
    with pytest.raises(UnreadableSource, match=r"a\.xml only points to data elsewhere"):
        read_layer(str(path), "concessions")


def test_a_system_that_is_an_address_is_not_asked_for(tmp_path: Path, ear: Ear) -> None:
    """GeoJSON may name its system by a link, which GDAL would fetch."""
    data = json.loads(square().to_json())
    data["crs"] = {"type": "link", "properties": {"href": ear.address, "type": "proj4"}}
    (tmp_path / "a.geojson").write_text(json.dumps(data))
    read_layer(f"{tmp_path}/a.geojson", "concessions")
    assert not ear.heard()


@pytest.mark.parametrize(
    ("side", "text"),
    [
        (".tif.ovr", '<GDAL_WMS><Service name="WMS"><ServerUrl>{}?</ServerUrl></Service></GDAL_WMS>'),
        (".tif.msk", "<GDAL_WMTS><GetCapabilitiesUrl>{}</GetCapabilitiesUrl></GDAL_WMTS>"),
        (".tif.aux.xml", '<PAMDataset><Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">{}</MDI>'
                         "</Metadata></PAMDataset>"),
    ],
)  # fmt: skip
def test_side_files_of_a_raster_lead_nowhere(
    tmp_path: Path, ear: Ear, side: str, text: str
) -> None:
    path = geotiffs.write(tmp_path / "m_2020.tif", LARGE)
    (tmp_path / f"m_2020{side}").write_text(text.format(ear.address))
    with pytest.raises(UnreadableSource, match="only points to one elsewhere"):
        inspect_raster(str(path), PE)
    assert not ear.heard()


def test_a_raster_that_names_its_overviews_elsewhere_is_refused(tmp_path: Path, ear: Ear) -> None:
    path = geotiffs.write(
        tmp_path / "m_2020.tif",
        LARGE,
        finish=lambda made: made.update_tags(ns="OVERVIEWS", OVERVIEW_FILE=ear.address),
    )
    with pytest.raises(UnreadableSource, match="only points to one elsewhere"):
        inspect_raster(str(path), PE)
    assert not ear.heard()


def test_overviews_beside_a_raster_that_are_rasters_stay(tmp_path: Path) -> None:
    path = geotiffs.write(tmp_path / "m_2020.tif", LARGE)
    geotiffs.write(tmp_path / "m_2020.tif.ovr", LARGE[:750, :750])
    assert inspect_raster(str(path), PE).values == (3.0,)


@pytest.mark.parametrize(("name", "driver"), [("a.gpx", "GPX"), ("a.dxf", "DXF"), ("a.jml", "JML")])
def test_a_format_that_is_not_promised_is_named_with_those_that_are(
    tmp_path: Path, name: str, driver: str
) -> None:
    frame = gpd.GeoDataFrame(geometry=[shapely.Point(0, 1)], crs="EPSG:4326")
    frame.to_file(tmp_path / name, driver=driver)
    with pytest.raises(UnreadableSource, match="geoasm reads Shapefile, GeoPackage") as caught:
        read_layer(f"{tmp_path}/{name}", "mining_units")
    assert "\n" not in str(caught.value)


def test_what_gdal_takes_a_file_for_must_be_promised() -> None:
    with pytest.raises(UnreadableSource, match="of the format GPX, which is not read"):
        drivers.check_driver("GPX", "a.gpx")
    for driver in drivers.VECTOR:
        drivers.check_driver(driver, "a")


def test_a_raster_of_another_format_is_refused_with_those_that_are_read(tmp_path: Path) -> None:
    path = tmp_path / "m_2020.bmp"
    with rasterio.open(
        path, "w", driver="BMP", width=4, height=3, count=1, dtype="uint8",
        crs="EPSG:32718", transform=geotiffs.PLACE,
    ) as out:  # fmt: skip
        out.write(geotiffs.VALUES, 1)
    with pytest.raises(UnreadableSource, match="geoasm reads GeoTIFF, IMG"):
        inspect_raster(str(path), PE)


def test_every_promised_driver_is_there() -> None:
    assert set(drivers.VECTOR) <= set(pyogrio.list_drivers())
    with rasterio.Env() as environment:
        assert set(drivers.RASTER) <= set(environment.drivers())
    assert drivers.OFFLINE.items() <= ENVIRONMENT.items()


def test_a_file_named_like_a_service_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    square().to_file(tmp_path / "a.geojson")
    (tmp_path / "a.geojson").rename(tmp_path / "WFS:a.geojson")
    monkeypatch.chdir(tmp_path)
    assert len(read_layer("WFS:a.geojson", "concessions").frame) == 1


def test_options_of_readers_are_as_before_afterwards(tmp_path: Path) -> None:
    square().to_file(tmp_path / "a.gpkg")
    before = pyogrio.get_gdal_config_option("GDAL_HTTP_PROXY")
    with drivers.offline(), drivers.offline():
        assert pyogrio.get_gdal_config_option("GDAL_HTTP_PROXY") == "http://127.0.0.1:9"
    read_layer(f"{tmp_path}/a.gpkg", "concessions")
    with pytest.raises(GeoasmError):
        read_layer(f"{tmp_path}/a.gpkg:b", "concessions")
    assert pyogrio.get_gdal_config_option("GDAL_HTTP_PROXY") == before


def test_a_description_of_tables_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    square().to_file(path, layer="a")
    with contextlib.closing(sqlite3.connect(path)) as base:
        base.execute("PRAGMA writable_schema = ON")
        base.execute(
            "UPDATE sqlite_master SET name = CAST(x'61f2c1' AS TEXT), sql = 'CREATE nothing'"
            " WHERE name = 'a'"
        )
        base.commit()
    with pytest.raises(UnreadableSource, match="damaged"):
        read_layer(str(path), "concessions")
