"""Rasters as users name them: what is read of them, which pixels are valid, and their years."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.enums import ColorInterp
from rasterio.errors import RasterioIOError

from geoasm.codes import Role
from geoasm.errors import CRSError, InputError, OptionError, SourceNotFound, UnreadableSource
from geoasm.io.paths import RasterFile, is_raster
from geoasm.io.rasters import open_rasters, stated_year
from geoasm.model import Source
from tests.geotiffs import VALUES, write
from tests.io.opening import PLAN, grid, opened, refusal, whole

# --- What is read


def test_a_raster_is_known_before_its_values_are(tmp_path: Path) -> None:
    file = write(tmp_path / "mining_2020.tif", nodata=9, tiled=True, blockxsize=16, blockysize=32)
    found = grid(file)
    assert found.source == Source(
        "activity",
        "mining_2020.tif",
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        crs_read="EPSG:32718",
    )
    assert (found.crs, found.shape, found.block) == ("EPSG:32718", (3, 4), (32, 16))
    assert found.transform == (30, 0, 500_000, 0, -30, 9_000_000)
    assert (found.nodata, found.year) == (9, 2020)


def test_a_window_is_read_by_row_and_column(tmp_path: Path) -> None:
    file = write(tmp_path / "mining_2020.tif", nodata=6)
    with open_rasters({Role.ACTIVITY: [RasterFile(str(file))]}, PLAN) as grids:
        values, valid = grids[Role.ACTIVITY][0].read((1, 0, 2, 3))
    assert values.tolist() == [[4, 5, 6], [8, 9, 10]]
    assert valid.tolist() == [[True, True, False], [True, True, True]]


def test_a_band_is_named_after_the_path(tmp_path: Path) -> None:
    file = write(tmp_path / "mining_2020.tif", np.stack([VALUES, VALUES + 1, VALUES + 2]))
    assert whole(f"{file}:2")[0][0, 0] == 1
    assert grid(f"{file}:2").source.layer == "2"


def test_an_alpha_band_is_not_one_of_several(tmp_path: Path) -> None:
    def colour(out: Any) -> None:
        out.colorinterp = [ColorInterp.gray, ColorInterp.alpha]

    alpha = np.where(VALUES == 5, 0, 255).astype(np.uint8)
    file = write(tmp_path / "mining_2020.tif", np.stack([VALUES, alpha]), finish=colour)
    values, valid = whole(file)
    assert values.tolist() == VALUES.tolist()
    assert valid.tolist() == (VALUES != 5).tolist()


def test_a_raster_is_closed_when_the_work_is_done(tmp_path: Path) -> None:
    closed = grid(write(tmp_path / "mining_2020.tif"))
    with pytest.raises((UnreadableSource, RasterioIOError)):
        closed.read((0, 0, 1, 1))


@pytest.mark.parametrize("fails", [False, True])
def test_a_raster_that_is_replaced_while_it_is_open_is_told(tmp_path: Path, fails: bool) -> None:
    file = write(tmp_path / "mining_2020.tif")

    def replace_it() -> None:
        with open_rasters({Role.ACTIVITY: [RasterFile(str(file))]}, PLAN):
            file.unlink()
            if fails:
                raise RasterioIOError("read failed")

    with pytest.raises(UnreadableSource, match=r"mining_2020\.tif was changed, replaced or rem"):
        replace_it()


def test_a_raster_is_closed_where_the_next_one_fails(tmp_path: Path) -> None:
    good = write(tmp_path / "mining_2020.tif")
    refusal(SourceNotFound, good, tmp_path / "no_2021.tif")
    good.unlink()


def test_the_heights_of_a_system_are_of_no_matter(tmp_path: Path) -> None:
    assert grid(write(tmp_path / "m_2020.tif", crs="EPSG:32718+5773")).crs == "EPSG:32718"


# --- Which pixels are valid


def test_not_a_number_is_never_valid(tmp_path: Path) -> None:
    values = np.array([[1.0, np.nan, np.inf, 0.0]], dtype=np.float32)
    assert whole(write(tmp_path / "m_2020.tif", values))[1].tolist() == [[True, False, False, True]]


def test_a_float_raster_knows_its_nodata_as_its_type_rounds_it(tmp_path: Path) -> None:
    values = np.array([[1, -3.4e38, 0.1]], dtype=np.float32)
    file = write(tmp_path / "m_2020.tif", values, nodata=float(np.float32(-3.4e38)))
    assert whole(file)[1].tolist() == [[True, False, True]]
    assumed = {("activity", "nodata"): "0.1"}
    assert whole(file, assumptions=assumed)[1].tolist() == [[True, True, False]]


def test_a_nodata_too_large_for_the_type_is_no_value(tmp_path: Path) -> None:
    file = write(tmp_path / "m_2020.tif", np.array([[1, 2]], dtype=np.float32))
    assert whole(file, assumptions={("activity", "nodata"): "-1.7e308"})[1].all()


def test_a_mask_decides_too(tmp_path: Path) -> None:
    mask = VALUES % 2 == 0
    file = write(tmp_path / "m_2020.tif", mask=mask)
    assert whole(file)[1].tolist() == mask.tolist()
    both = whole(file, assumptions={("activity", "nodata"): "4"})[1]
    assert both.tolist() == (mask & (VALUES != 4)).tolist()


@pytest.mark.parametrize(("said", "invalid"), [("3", 3), ("none", None), ("-9999", None)])
def test_an_assumed_nodata_goes_before_the_declared_one(
    tmp_path: Path, said: str, invalid: int | None
) -> None:
    file = write(tmp_path / "m_2020.tif", nodata=7)
    assumed = {("activity", "nodata"): said}
    assert whole(file, assumptions=assumed)[1].tolist() == (invalid != VALUES).tolist()
    assert grid(file, assumptions=assumed).nodata == (None if said == "none" else float(said))


def test_an_assumed_nodata_must_be_a_number(tmp_path: Path) -> None:
    file = write(tmp_path / "m_2020.tif")
    text = refusal(OptionError, file, assumptions={("activity", "nodata"): "water"})
    assert text == "assume: activity.nodata=water is no number; write a value, or none"


# --- Years


@pytest.mark.parametrize(
    ("texts", "year"),
    [
        (("mining_2020",), 2020),
        (("mining1998",), 1998),
        (("AP-2020-2020",), 2020),
        (("mining_2019_2020",), None),
        (("tile_12020",), None),
        (("mining_1850",), None),
        (("mining", None, "classification_1985"), 1985),
        (("mining_1985_2020", None, "classification_1985"), 1985),
    ],
)
def test_a_year_is_told_by_the_only_such_number(texts: tuple[str, ...], year: int | None) -> None:
    assert stated_year(*texts) == year


def test_a_year_that_is_said_goes_before_the_name(tmp_path: Path) -> None:
    assert grid(RasterFile(str(write(tmp_path / "m_2020.tif")), 2018)).year == 2018


def test_a_band_may_tell_its_year(tmp_path: Path) -> None:
    def describe(out: Any) -> None:
        out.descriptions = ("classification_1985", "classification_1990")

    file = write(tmp_path / "cover.tif", np.stack([VALUES, VALUES]), finish=describe)
    years = [g.year for g in opened(f"{file}:2", f"{file}:1")[Role.ACTIVITY]]
    assert years == [1985, 1990]


def test_a_year_that_nothing_tells_must_be_said(tmp_path: Path) -> None:
    text = refusal(InputError, write(tmp_path / "mining.tif"))
    assert "mining.tif: its name does not tell its year" in text
    assert "--raster activity@2020=" in text


def test_two_rasters_of_one_year_cannot_be_told_apart(tmp_path: Path) -> None:
    a, b = write(tmp_path / "a_2020.tif"), write(tmp_path / "b_2020.tif")
    assert "a_2020.tif and b_2020.tif are both of 2020" in refusal(InputError, a, b)


def test_heights_come_once_and_have_no_year(tmp_path: Path) -> None:
    dem = write(tmp_path / "dem.tif")
    assert grid(dem, role=Role.ELEVATION).year is None
    assert "elevation is given 2 times" in refusal(OptionError, dem, dem, role=Role.ELEVATION)
    dated = RasterFile(str(dem), 2020)
    assert "only activity has years" in refusal(OptionError, dated, role=Role.ELEVATION)


# --- Heights


def test_scaled_heights_are_metres_and_scaled_classes_stay(tmp_path: Path) -> None:
    def scale(out: Any) -> None:
        out.scales, out.offsets = (0.5,), (100.0,)

    file = write(tmp_path / "dem_2020.tif", finish=scale, nodata=3)
    heights, valid = whole(file, Role.ELEVATION)
    assert heights[0].tolist() == [100, 100.5, 101, 101.5]
    assert valid[0].tolist() == [True, True, True, False]
    assert whole(file)[0][0].tolist() == [0, 1, 2, 3]
    told = grid(file, role=Role.ELEVATION), grid(file)
    assert [(g.scale, g.offset) for g in told] == [(0.5, 100.0), (1.0, 0.0)]


FEET = (
    *("ft", "feet", "Foot", "FT.", "us-ft", "ftUS", "US_survey_foot", "US survey foot"),
    *(
        "USSurveyFoot",
        "Foot_US",
        "foot_us",
        "US Feet",
        "usft",
        "International_foot",
        "feet (NAVD88)",
    ),
)


def labelled(folder: Path, unit: str) -> Path:
    def label(out: Any) -> None:
        out.units = (unit,)

    return write(folder / "dem.tif", finish=label)


@pytest.mark.parametrize("unit", FEET)
def test_heights_in_feet_are_refused(tmp_path: Path, unit: str) -> None:
    text = refusal(InputError, labelled(tmp_path, unit), role=Role.ELEVATION)
    assert text == f"dem.tif has heights in {unit}; convert it to metres"


@pytest.mark.parametrize("unit", ["m", "metre", "m (shifted)", "m_after_fit", "drift"])
def test_heights_in_other_units_are_read(tmp_path: Path, unit: str) -> None:
    grid(labelled(tmp_path, unit), role=Role.ELEVATION)


# --- Systems


def test_a_raster_without_a_system_is_named_with_the_flag(tmp_path: Path) -> None:
    text = refusal(CRSError, write(tmp_path / "m_2020.tif", crs=None))
    assert text.startswith("m_2020.tif: no coordinate system is stated")
    assert "--crs activity=EPSG:32717 or EPSG:32718" in text


def test_a_given_system_goes_before_the_stated_one(tmp_path: Path) -> None:
    file = write(tmp_path / "m_2020.tif", crs=None)
    found = grid(file, crs={Role.ACTIVITY: "EPSG:32718", Role.ELEVATION: "EPSG:4326"})
    assert found.crs == "EPSG:32718"
    assert found.source.crs_read == "EPSG:32718 (given)"
    assert grid(write(file), crs={Role.ACTIVITY: "EPSG:32717"}).crs == "EPSG:32717"


def test_metres_called_degrees_are_a_contradiction(tmp_path: Path) -> None:
    text = refusal(CRSError, write(tmp_path / "m_2020.tif", crs="EPSG:4326"))
    assert "which is degrees, but its coordinates are metres" in text
    assert "--crs activity=" in text


def test_a_system_of_a_building_site_is_none(tmp_path: Path) -> None:
    local = 'LOCAL_CS["site grid",UNIT["metre",1]]'
    assert "is no system on the Earth" in refusal(
        CRSError, write(tmp_path / "m_2020.tif", crs=local)
    )


def test_a_system_without_code_is_kept_whole(tmp_path: Path) -> None:
    albers = (
        "+proj=aea +lat_0=-32 +lon_0=-60 +lat_1=-5 +lat_2=-42 +ellps=aust_SA +units=m +type=crs"
    )
    found = grid(write(tmp_path / "m_2020.tif", crs=rasterio.CRS.from_user_input(albers)))
    assert "-42" in found.crs
    assert found.source.crs_read is not None
    assert "EPSG" not in found.source.crs_read.removesuffix("without EPSG code")


# --- Telling rasters from layers


def test_a_raster_is_told_by_its_content_or_its_name(tmp_path: Path) -> None:
    file = write(tmp_path / "m_2020.tif")
    assert is_raster(str(file))
    assert is_raster(f"{file}:1")
    assert is_raster(str(file.rename(tmp_path / "m.dat")))
    (tmp_path / "m.asc").write_text("ncols 1", encoding="ascii")
    assert is_raster(str(tmp_path / "m.asc"))
    (tmp_path / "m.csv").write_text("a,b", encoding="ascii")
    assert not is_raster(str(tmp_path / "m.csv"))
    assert not is_raster(str(tmp_path / "missing.tif"))
    assert not is_raster(str(tmp_path))
