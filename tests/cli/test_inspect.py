from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from click.testing import CliRunner

from geoasm.cli.inspect import inspect
from tests.geotiffs import write


@pytest.fixture
def file(tmp_path: Path) -> Path:
    frame = gpd.GeoDataFrame(
        {
            "CODIGOU": ["010000116", "010000216"],
            "TIT_CONCES": ["QUISPE ROJAS JUANA", "MINERA UNO S.A."],
            "D_ESTADO": ["D.M. Titulado D.L. 708"] * 2,
            "FEC_DENU": ["2016-01-04"] * 2,
        },
        geometry=[shapely.box(345_000, 8_670_000 + i, 346_000, 8_671_000) for i in range(2)],
        crs="EPSG:32718",
    )
    frame.to_file(tmp_path / "rights.shp")
    (tmp_path / "rights.prj").unlink()
    return tmp_path / "rights.shp"


def test_a_file_is_described_for_people(file: Path) -> None:
    result = CliRunner().invoke(inspect, [str(file)])
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "rights.shp"
    assert "  rows      2" in lines
    assert "  CRS       not stated" in lines
    assert "  fits      concessions of profile pe" in lines
    assert "--crs concessions=EPSG:32717" in result.stdout
    assert "010000116" in result.stdout
    assert "QUISPE" not in result.stdout


def test_the_flag_stands_unbroken_on_one_line(file: Path) -> None:
    result = CliRunner(env={"COLUMNS": "40"}).invoke(inspect, [str(file)])
    remedy = next(line for line in result.stdout.splitlines() if "->" in line)
    assert "EPSG:32717 or EPSG:32718 or EPSG:32719" in remedy


def test_a_file_is_described_for_programs(file: Path) -> None:
    result = CliRunner().invoke(inspect, ["--json", str(file)])
    report = json.loads(result.stdout)[0]
    assert (report["file"], report["rows"], report["crs"]) == ("rights.shp", 2, None)
    assert report["matches"][0]["fits"] is True
    assert report["matches"][0]["role"] == "concessions"
    assert "QUISPE" not in result.stdout


def test_a_bad_file_is_reported_after_the_good_ones(file: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(inspect, [f"{tmp_path}/none.shp", str(file), str(tmp_path)])
    assert result.exit_code == 2
    assert "rights.shp" in result.stdout
    first, second = result.stderr.splitlines()
    assert first.startswith("geoasm: error: no such file")
    assert "is a directory" in second


def test_one_profile_alone_can_be_tried(file: Path) -> None:
    result = CliRunner().invoke(inspect, ["--profile", "cd", str(file)])
    assert "concessions of profile pe" not in result.stdout


@pytest.mark.real
@pytest.mark.parametrize("name", ["peru_raura/concessions.geojson", "drc_2020/titles.geojson"])
def test_real_names_are_never_printed(real: Path, name: str) -> None:
    frame = gpd.read_file(real / name)
    private = frame["TIT_CONCES" if "TIT_CONCES" in frame else "Parties"].dropna().unique()
    output = CliRunner().invoke(inspect, [str(real / name)]).stdout
    assert not [n for n in private if n in output]


def test_a_raster_is_described_beside_layers(file: Path, tmp_path: Path) -> None:
    mask = write(tmp_path / "mining_2020.tif", np.eye(4, dtype=np.uint8), nodata=255)
    result = CliRunner().invoke(inspect, ["--profile", "pe", str(file), str(mask)])
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    at = lines.index("mining_2020.tif")
    assert lines[at + 1] == "  raster    4 rows x 4 columns, 1 x uint8"
    assert "  CRS       EPSG:32718" in lines[at:]
    assert "  pixel     30 x 30 metre" in lines[at:]
    assert "  nodata    255" in lines[at:]
    assert "  year      2020" in lines[at:]
    assert "  values    0, 1" in lines[at:]
    assert "  fits      activity: binary of profile pe, mapbiomas of profile pe" in lines[at:]
    assert "  nothing looks wrong" in lines[at:]


def test_a_raster_is_described_for_programs(tmp_path: Path) -> None:
    heights = np.arange(600, dtype=np.float32).reshape(20, 30)
    dem = write(tmp_path / "dem.tif", heights)
    result = CliRunner().invoke(inspect, ["--profile", "pe", "--json", str(dem)])
    (report,) = json.loads(result.stdout)
    assert report["shape"] == [20, 30]
    assert report["value_range"] == [0, 599]
    assert report["findings"] == []


def test_a_raster_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "dem.tif").write_bytes(b"II*\0 cut short")
    result = CliRunner().invoke(inspect, [str(tmp_path / "dem.tif")])
    assert result.exit_code == 2
    assert result.stderr.startswith("geoasm: error: dem.tif is no raster, or is damaged")
