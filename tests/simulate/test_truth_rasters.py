"""Scars, clouds and heights: what is drawn is what the truth says of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
import shapely

from geoasm.geometry import operation
from geoasm.law import LawAt
from geoasm.profile import Profile
from geoasm.simulate import relief, scars, truth_rasters
from geoasm.simulate.raster import Lattice, lattice_over, overlap
from geoasm.simulate.scars import Scars

BOUNDS = (-75.1, -12.1, -74.9, -11.9)
BESIDE = (-74.5, -12.1, -74.4, -11.9)


@pytest.fixture(scope="module")
def law(peru: Profile) -> LawAt:
    return peru.law.at(date(2026, 1, 1))


@pytest.fixture(scope="module")
def blank(law: LawAt) -> Scars:
    return scars.empty([BOUNDS, BESIDE], law)


def right_over(lattice: Lattice, rows: tuple[int, int], columns: tuple[int, int], peru: Profile):
    """A right whose edges are edges of pixels."""
    west, east = (lattice.west + c * lattice.side for c in columns)
    north, south = (lattice.north - r * lattice.side for r in rows)
    box = shapely.segmentize(shapely.box(west, south, east, north), lattice.side)
    drawn = operation("EPSG:4326", "EPSG:32718", peru.crs).geometries(np.array([box], dtype=object))
    return pd.DataFrame({"concession_id": ["A"], "drawn": drawn, "crs_used": "EPSG:32718"})


def scarred(blank: Scars, *kinds: tuple[float, ...], at: tuple[int, int] = (100, 100)) -> Scars:
    places = np.array([at] * len(kinds))
    return Scars(blank.lattice, blank.filled, blank.years, places, np.array(kinds))


def test_rasters_lie_on_whole_pixels_and_years_before_the_day(blank: Scars) -> None:
    assert blank.years == (2020, 2023, 2025)
    lattice = lattice_over([BOUNDS, BESIDE], 0.001)
    assert (lattice.west, lattice.north) == (-75.1, -11.9)
    assert (lattice.rows, lattice.columns) == (200, 700)
    assert lattice.window(BESIDE) == (0, 600, 200, 100)
    assert lattice.cells(np.array([-75.0995]), np.array([-11.9005])).tolist() == [[0, 0]]
    assert overlap((0, 0, 5, 5), (3, 4, 9, 9)) == (3, 4, 2, 1)
    assert overlap((0, 0, 5, 5), (5, 0, 9, 9)) is None


def test_a_window_shows_scars_clouds_and_nothing_between_the_blocks(blank: Scars) -> None:
    planted = replace(scarred(blank, scars.GROWING), clouds=((2, (99, 95, 3, 5)),))
    first, _, last = (raster.read((95, 90, 10, 20)) for raster in planted.rasters())
    assert (first == 1).sum() == 5
    assert first[5, 10] == 1
    assert (last == 255).sum() == 15
    assert (last == 1).sum() == 21 - 6  # a cloud hides the western part of it
    gap = planted.rasters()[0].read((0, 195, 2, 10))
    assert gap.tolist() == [[0] * 5 + [255] * 5] * 2


@pytest.mark.parametrize(
    "kind", [scars.GROWING, scars.STABLE, scars.BEGUN, scars.GROWN, scars.SHRUNK]
)
def test_windows_and_the_truth_know_the_same_pixels(blank: Scars, kind: tuple[float, ...]) -> None:
    planted = scarred(blank, kind)
    for year, raster in enumerate(planted.rasters()):
        rows, columns = np.nonzero(raster.read((0, 0, 200, 200)) == 1)
        assert np.column_stack([rows, columns]).tolist() == planted.disturbed[year].tolist()


def shown_and_told(rights: pd.DataFrame, planted: Scars, law: LawAt, peru: Profile):
    shown = truth_rasters.show(rights, planted, peru.crs)
    return shown, truth_rasters.tell(shown, planted.years, law).iloc[0]


@pytest.mark.parametrize(
    ("kind", "pixels", "growth"),
    [
        (scars.GROWING, 21, (2023, 2025)),
        (scars.STABLE, 9, (None, None)),
        (scars.BEGUN, 9, (2025, 2025)),
        (scars.GROWN, 13, (2023, 2023)),
        (scars.SHRUNK, 5, (None, None)),
    ],
)
def test_growth_is_more_ground_than_the_raster_before_shows(
    kind: tuple[float, ...], pixels: int, growth: tuple, blank: Scars, law: LawAt, peru: Profile
) -> None:
    rights = right_over(blank.lattice, (90, 111), (90, 111), peru)
    shown, told = shown_and_told(rights, scarred(blank, kind), law, peru)
    area_ha = shapely.area(rights["drawn"].iloc[0]) / 10_000
    assert shown.disturbed_ha[0, 2] == pytest.approx(area_ha * pixels / 441, rel=1e-4)
    assert told["disturbed_ha"] == shown.disturbed_ha[0, 2]
    years = told[["first_growth_year", "last_growth_year"]]
    assert tuple(None if pd.isna(y) else y for y in years) == growth
    assert not told["unclear"]


def test_only_the_part_of_a_pixel_that_lies_in_a_right_counts(
    blank: Scars, law: LawAt, peru: Profile
) -> None:
    planted = scarred(blank, (1.0, 1.0, 1.0))
    whole = right_over(blank.lattice, (90, 111), (90, 111), peru)
    half = right_over(blank.lattice, (100.5, 111), (90, 111), peru)  # type: ignore[arg-type]
    cut, _ = shown_and_told(half, planted, law, peru)
    full, _ = shown_and_told(whole, planted, law, peru)
    assert cut.disturbed_ha[0, 0] == pytest.approx(full.disturbed_ha[0, 0] * 2.5 / 5, rel=1e-3)


def test_ground_that_comes_to_be_seen_is_no_growth(blank: Scars, law: LawAt, peru: Profile) -> None:
    rights = right_over(blank.lattice, (90, 111), (90, 111), peru)
    cloud = (1, (98, 98, 2, 5))
    stable, told = shown_and_told(
        rights, replace(scarred(blank, scars.STABLE), clouds=(cloud,)), law, peru
    )
    assert stable.disturbed_ha[0, 1] < stable.disturbed_ha[0, 2]
    assert stable.grown_ha[0, 2] == 0
    assert pd.isna(told["last_growth_year"])
    assert not told["unclear"]
    _, told = shown_and_told(
        rights, replace(scarred(blank, scars.BEGUN), clouds=(cloud,)), law, peru
    )
    assert told["unclear"]  # who looks at hectares alone cannot tell


def test_a_right_of_which_half_is_hidden_has_no_hectares(
    blank: Scars, law: LawAt, peru: Profile
) -> None:
    rights = right_over(blank.lattice, (90, 111), (90, 111), peru)
    hidden = tuple((year, (90, 90, 12, 21)) for year in range(3))
    shown, told = shown_and_told(
        rights, replace(scarred(blank, scars.GROWING, at=(107, 100)), clouds=hidden), law, peru
    )
    assert shown.valid_share[0] == pytest.approx([9 / 21] * 3, abs=1e-3)
    assert pd.isna(told["disturbed_ha"])
    outside = right_over(blank.lattice, (90, 111), (195, 216), peru)
    shown, _ = shown_and_told(outside, scarred(blank, scars.GROWING), law, peru)
    assert shown.valid_share[0] == pytest.approx([5 / 21] * 3, abs=1e-3)


@pytest.fixture(scope="module")
def ground() -> relief.Relief:
    return relief.raise_ground(np.random.default_rng(1), [BOUNDS])


def at(ground: relief.Relief, away: float, along: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """A place so far from the river in the middle of the block, degrees."""
    valley = ground.valleys[0]
    lon, lat = valley._place(np.array([away]), np.array([along])).T
    return lon, lat


@pytest.mark.parametrize(
    ("away", "setting"),
    [
        (0.0, "alluvial"),
        (400.0, "alluvial"),
        (500.0, None),  # too near to what counts as near
        (700.0, "unknown"),
        (1_200.0, None),  # the side begins
        (2_500.0, "hard_rock"),
        (4_500.0, "unknown"),
        (6_900.0, None),  # beyond the edge of the raster, or near it
    ],
)
def test_settings_are_told_where_they_are_clear(
    away: float, setting: str | None, ground: relief.Relief, law: LawAt, peru: Profile
) -> None:
    lon, lat = at(ground, away, along=9_600.0 if away > 6_000 else -3_000.0)
    assert truth_rasters.settings(lon, lat, ground, law, peru.crs)[0] == setting


def test_nothing_is_told_near_heights_that_are_left_out(
    ground: relief.Relief, law: LawAt, peru: Profile
) -> None:
    lon, lat = at(ground, 2_500.0, along=-3_000.0)
    cell = ground.lattice.cells(lon, lat)[0]
    holed = replace(ground, holes=((int(cell[0]) + 2, int(cell[1]), 6, 6),))
    assert truth_rasters.settings(lon, lat, holed, law, peru.crs)[0] is None


def test_heights_of_the_raster_are_those_of_the_formula(ground: relief.Relief) -> None:
    raster = ground.raster()
    values = raster.read((0, 0, ground.lattice.rows, ground.lattice.columns))
    known = values != relief.NODATA
    lon, lat = ground.lattice.centres((0, 0, *values.shape))
    assert np.abs(values - ground.valleys[0].height_m(lon, lat))[known].max() <= 0.5
    assert 0 < (~known).sum() <= 3 * 36 + 2 * sum(values.shape)
    lon, lat = at(ground, 2_000.0)
    rise = ground.valleys[0].height_m(*at(ground, 3_000.0)) - ground.valleys[0].height_m(lon, lat)
    assert np.degrees(np.arctan(rise / 1_000.0))[0] == pytest.approx(22.0, abs=0.01)


def test_a_lake_makes_water_near_where_no_river_is(
    ground: relief.Relief, law: LawAt, peru: Profile
) -> None:
    lake = ground.rivers["geometry"].iloc[-1]
    assert lake.geom_type == "Polygon"
    middle = lake.centroid
    lon, lat = np.array([middle.x]), np.array([middle.y])
    assert ground.valleys[0].from_river_m(lon, lat)[0] > 6_000
    assert truth_rasters.settings(lon, lat, ground, law, peru.crs)[0] == "alluvial"
