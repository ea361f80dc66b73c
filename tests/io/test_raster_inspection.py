"""What `inspect` tells of a raster: its band, its place, the legend that fits, and what looks wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from geoasm.errors import SourceNotFound, UnreadableSource
from geoasm.io.profiles import load_profile
from geoasm.io.raster_inspection import RasterReport, inspect_raster
from tests.geotiffs import write

PROFILES = [load_profile("cd"), load_profile("pe")]


def report(path: Path | str) -> RasterReport:
    return inspect_raster(str(path), PROFILES)


def problems(path: Path | str) -> str:
    return "\n".join(f"{f.problem} -> {f.remedy}" for f in report(path).findings)


def classes(*values: float, dtype: Any = np.uint8) -> np.ndarray:
    return np.resize(np.array(values, dtype=dtype), (8, 8))


def test_a_raster_of_classes(tmp_path: Path) -> None:
    found = report(write(tmp_path / "cover_2020.tif", classes(3, 30, 255), nodata=255))
    assert (found.file, found.band, found.bands, found.dtype) == ("cover_2020.tif", 1, 1, "uint8")
    assert (found.shape, found.crs, found.unit) == ((8, 8), "EPSG:32718", "metre")
    assert found.pixel == (30, 30)
    assert found.bounds == (500_000, 9_000_000 - 240, 500_240, 9_000_000)
    assert (found.nodata, found.masked, found.year) == (255, False, 2020)
    assert found.values == (3, 30)
    assert found.legends == ("mapbiomas of profile pe",)
    assert not found.findings


def test_a_mask_band_is_told(tmp_path: Path) -> None:
    assert report(write(tmp_path / "m_2020.tif", classes(0, 1), mask=np.eye(8))).masked


def test_heights_have_a_range_and_no_legend(tmp_path: Path) -> None:
    heights = np.arange(900, dtype=np.float32).reshape(30, 30)
    heights[0, 0] = np.nan
    found = report(write(tmp_path / "dem.tif", heights))
    assert (found.values, found.value_range, found.legends) == ((), (1, 899), ())
    assert not found.findings


def test_a_large_raster_is_looked_at_evenly(tmp_path: Path) -> None:
    large = np.zeros((1500, 1500), dtype=np.uint8)
    large[700:] = 1
    assert report(write(tmp_path / "m_2020.tif", large)).values == (0, 1)


def test_what_looks_wrong_comes_with_the_flag(tmp_path: Path) -> None:
    assert "its name does not tell its year -> say it, as in --raster activity@2020=m.tif" in (
        problems(write(tmp_path / "m.tif", classes(0, 1)))
    )
    assert "no coordinate system is stated" in problems(
        write(tmp_path / "a_2020.tif", classes(0, 1), crs=None)
    )
    assert "no legend knows all its values -> " in problems(
        write(tmp_path / "b_2020.tif", classes(0, 200))
    )
    assert "it declares 0 as no data, but legend binary has no other value" in problems(
        write(tmp_path / "c_2020.tif", classes(0, 1), nodata=0)
    )
    assert "its numbers are complex" in problems(
        write(tmp_path / "d_2020.tif", classes(0, 1, dtype=np.complex64))
    )


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")  # of writing it
def test_pixels_without_a_position(tmp_path: Path) -> None:
    file = write(tmp_path / "m_2020.tif", classes(0, 1), transform=None)
    assert "its pixels have no position" in problems(file)


def test_several_bands_want_a_name(tmp_path: Path) -> None:
    file = write(tmp_path / "m_2020.tif", np.stack([classes(0, 1), classes(0, 30), classes(3, 4)]))
    assert report(file).band is None
    assert problems(file) == "it has 3 bands -> name one, as in activity=m_2020.tif:1"
    assert report(f"{file}:2").values == (0, 30)
    with pytest.raises(SourceNotFound, match="has no band '7'; it has bands 1 to 3"):
        report(f"{file}:7")


def test_a_damaged_raster_is_told(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64), dtype=np.uint8)
    file = write(tmp_path / "m_2020.tif", noise, compress="deflate")
    content = bytearray(file.read_bytes())
    content[-2000:-1000] = b"\xff" * 1000
    file.write_bytes(content)
    with pytest.raises(UnreadableSource, match=r"m_2020\.tif is damaged; fetch"):
        report(file)
    assert rasterio.open(file).closed is False
