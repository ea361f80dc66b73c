"""Rasters that cannot be used: one line each, with the file and the way out."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.control import GroundControlPoint
from rasterio.transform import Affine

from geoasm.codes import Role
from geoasm.errors import EmptySource, InputError, SourceNotFound, UnreadableSource
from geoasm.io import rasters
from geoasm.io.paths import RasterFile
from geoasm.io.profiles import load_profile
from geoasm.io.raster_inspection import inspect_raster
from geoasm.io.rasters import open_rasters
from tests import geotiffs
from tests.geotiffs import PLACE, VALUES, write
from tests.io.opening import PLAN, refusal


def test_three_bands_want_a_name(tmp_path: Path) -> None:
    file = write(tmp_path / "photo_2020.tif", np.stack([VALUES] * 3))
    text = refusal(UnreadableSource, file)
    assert text == (
        "photo_2020.tif has 3 bands, as a picture has; name the one with the values, "
        "as in activity=photo_2020.tif:1"
    )


@pytest.mark.parametrize("band", ["4", "0", "red"])
def test_a_band_that_is_not_there(tmp_path: Path, band: str) -> None:
    file = write(tmp_path / "m_2020.tif", np.stack([VALUES] * 3))
    text = refusal(SourceNotFound, f"{file}:{band}")
    assert text == f"m_2020.tif has no band {band!r}; it has bands 1 to 3"


def test_a_missing_file_is_missed(tmp_path: Path) -> None:
    write(tmp_path / "m_2020.img")
    assert "did you mean m_2020.img?" in refusal(SourceNotFound, tmp_path / "m_2020.tif")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"code,x,y\n1,2,3\n", "is no raster, or is damaged"),
        (b"<VRTDataset rasterXSize='1'/>", "only points to one elsewhere"),
        (b"  <GDAL_WMS/>", "only points to one elsewhere"),
        (b'{"type": "FeatureCollection"}', "is no raster"),
        (b"II*\0 cut short", "is no raster, or is damaged"),
    ],
)
def test_what_is_no_raster(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "m_2020.tif"
    file.write_bytes(content)
    text = refusal(UnreadableSource, file)
    assert text.startswith("m_2020.tif ")
    assert words in text


def test_an_empty_file_and_a_folder(tmp_path: Path) -> None:
    (tmp_path / "m_2020.tif").touch()
    assert "is empty" in refusal(EmptySource, tmp_path / "m_2020.tif")
    assert "is a directory" in refusal(UnreadableSource, tmp_path)


def test_a_file_of_several_rasters(tmp_path: Path) -> None:
    file = tmp_path / "two_2020.gpkg"
    for name, more in (("a", {}), ("b", {"APPEND_SUBDATASET": "YES"})):
        with rasterio.open(
            file, "w", driver="GPKG", width=4, height=3, count=1, dtype="uint8", crs="EPSG:32718",
            transform=PLACE, RASTER_TABLE=name, **more,
        ) as out:  # fmt: skip
            out.write(VALUES, 1)
    text = refusal(UnreadableSource, file)
    assert text.startswith("two_2020.gpkg holds 2 rasters")
    assert "export the one with the values as a GeoTIFF" in text


def test_a_raster_on_the_network_is_no_file() -> None:
    for text in ("/vsicurl/https://example.org/m_2020.tif", "https://example.org/m_2020.tif"):
        assert "no such file" in refusal(SourceNotFound, text)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")  # of writing it
def test_pixels_without_a_position(tmp_path: Path) -> None:
    bare = write(tmp_path / "m_2020.tif", transform=None)
    assert "has no position of its pixels" in refusal(InputError, bare)
    points = [
        GroundControlPoint(row=r, col=c, x=500_000 + c, y=9_000_000 - r)
        for r, c in ((0, 0), (0, 4), (3, 0))
    ]
    pinned = write(tmp_path / "p_2020.tif", transform=None, gcps=points)
    assert "has only ground control points; warp it first" in refusal(InputError, pinned)


def test_pixels_without_an_area(tmp_path: Path) -> None:
    flat = write(tmp_path / "m_2020.tif", transform=Affine(30, 60, 5e5, 15, 30, 9e6))
    assert "its pixels have no area" in refusal(InputError, flat)


def test_complex_numbers_mean_nothing(tmp_path: Path) -> None:
    file = write(tmp_path / "m_2020.tif", VALUES.astype(np.complex64))
    assert "has complex numbers" in refusal(UnreadableSource, file)


def test_damage_in_the_middle_is_told_when_it_is_met(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (256, 256), dtype=np.uint8)
    file = write(tmp_path / "m_2020.tif", noise, blockysize=16, compress="deflate")
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4000] = b"\xff" * 4000
    file.write_bytes(content)
    with open_rasters({Role.ACTIVITY: [RasterFile(str(file))]}, PLAN) as grids:
        (only,) = grids[Role.ACTIVITY]
        assert only.read((0, 0, 16, 256))[0].tolist() == noise[:16].tolist()
        with pytest.raises(UnreadableSource, match=r"m_2020\.tif is damaged: rows 112 to 144 cannot be read; fetch"):  # fmt: skip
            only.read((112, 0, 32, 256))


def test_a_file_cut_short_is_told_when_its_end_is_met(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (256, 256), dtype=np.uint8)
    file = write(tmp_path / "m_2020.tif", noise, blockysize=16)
    file.write_bytes(file.read_bytes()[:-5000])
    with open_rasters({Role.ACTIVITY: [RasterFile(str(file))]}, PLAN) as grids:
        (only,) = grids[Role.ACTIVITY]
        with pytest.raises(UnreadableSource, match=r"m_2020\.tif is damaged"):
            only.read((240, 0, 16, 256))


@pytest.mark.parametrize("size", [2**32 - 1])
def test_a_size_that_its_bytes_cannot_hold_is_told(tmp_path: Path, size: int) -> None:
    content = write(tmp_path / "whole_2020.tif").read_bytes()
    content = geotiffs.with_tag(geotiffs.with_tag(content, 256, size), 257, size)
    file = tmp_path / "m_2020.tif"
    file.write_bytes(content)
    with pytest.raises(UnreadableSource, match=r"m_2020\.tif is (damaged|no raster)") as caught:
        inspect_raster(str(file), [load_profile("pe")])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("number", [1, 3])
def test_a_georeference_of_no_numbers_has_no_ground(
    tmp_path: Path, value: float, number: int
) -> None:
    content = write(tmp_path / "whole_2020.tif").read_bytes()
    origin = struct.pack("<dd", 500_000, 9_000_000)
    assert content.count(origin) == 1
    file = tmp_path / "m_2020.tif"
    spoilt = (
        struct.pack("<dd", value, value) if number == 3 else struct.pack("<d", value) + origin[8:]
    )
    file.write_bytes(content.replace(origin, spoilt))
    with pytest.raises(InputError, match=r"m_2020\.tif"):
        inspect_raster(str(file), [load_profile("pe")])
    assert "m_2020.tif" in refusal(InputError, file)


def test_damage_that_is_met_late_names_the_file() -> None:
    """GDAL opens a file whose keys contradict each other, and complains when something is asked."""
    with (
        pytest.raises(UnreadableSource, match=r"m_2020\.tif is damaged"),
        rasters.blamed("m_2020.tif"),
    ):
        raise CPLE_BaseError(1, 1, "Key 1026 is of type ASCII, but")


def test_as_many_bands_as_a_file_can_state_are_refused_at_once(tmp_path: Path) -> None:
    """They were once looked up anew for each: minutes."""
    content = write(tmp_path / "whole_2020.tif").read_bytes()
    file = tmp_path / "m_2020.tif"
    file.write_bytes(geotiffs.with_tag(content, 277, 65_535, kind=3))
    start = time.process_time()
    assert "has 65535 bands" in refusal(UnreadableSource, file)
    assert time.process_time() - start < 10
