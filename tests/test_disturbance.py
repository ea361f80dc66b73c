"""Disturbed ground of rights: how much, since when, and what is not known of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from geoasm import geometry, schema
from geoasm.codes import Role
from geoasm.disturbance import Disturbance, measure
from geoasm.errors import CRSError, InputError, ParameterUndefined
from geoasm.io.profiles import load_profile
from geoasm.model import Grid, Window
from tests.grids import CRS, PIXEL_M, X, Y, raster
from tests.rights import cadastre, square

PROFILE = load_profile("pe")
PLAN, LAW = PROFILE.crs, PROFILE.law.at(date(2024, 6, 1))
LEGENDS = PROFILE.legends[Role.ACTIVITY]
MIN_VALID, MIN_GROWTH = 0.5, 0.1  # as the profile's law has them
YEARS = ["first_disturbed_year", "first_growth_year", "last_growth_year"]


def rights(**shapes: BaseGeometry) -> pd.DataFrame:
    return cadastre(PLAN, shapes)


def block(west: int, south: int, east: int, north: int) -> BaseGeometry:
    """A right of whole pixels, counted from the raster's south-west corner."""
    return shapely.box(*(o + PIXEL_M * v for o, v in zip((X, Y, X, Y), (west, south, east, north), strict=True)))  # fmt: skip


def seen(concessions: pd.DataFrame, *grids: Grid, **options: Any) -> Disturbance:
    return measure(concessions, grids, LEGENDS, LAW, PLAN, **options)


def series(*hectares: int, first: int = 2015) -> list[Grid]:
    """Rasters of following years, the first so many of 16 pixels disturbed."""
    cells = np.arange(16).reshape(4, 4)
    return [raster(cells < n, first + i) for i, n in enumerate(hectares)]


def one(found: Disturbance) -> dict[str, Any]:
    assert len(found.frame) == 1
    return found.frame.iloc[0].to_dict()


def years_of(found: Disturbance) -> list[int | None]:
    return [None if pd.isna(v) else int(v) for v in found.frame.loc[0, YEARS]]


def problems(found: Disturbance) -> list[tuple[str, str]]:
    return list(found.issues[["problem", "action"]].itertuples(index=False, name=None))


WHOLE = rights(R=block(0, 0, 4, 4))


# --- How much


def test_pixels_count_with_their_part_inside_the_right() -> None:
    mask = np.zeros((4, 4))
    mask[3, 0] = mask[0, 3] = 1  # the corners at the south-west and the north-east
    found = one(seen(rights(R=square(50, 75, 200)), raster(mask)))
    assert found["disturbed_ha"] == pytest.approx(0.5 * 0.25)
    assert found["disturbed_share"] == pytest.approx(0.125 / 4)
    assert found["disturbed_valid_share"] == 1.0


def test_hectares_are_divided_as_the_cadastre_measures_them() -> None:
    frame = WHOLE.assign(area_ha=20.0)
    assert one(seen(frame, *series(4)))["disturbed_ha"] == pytest.approx(5.0)


def test_the_answer_is_on_the_index_of_the_rights() -> None:
    frame = rights(A=block(0, 0, 2, 4), B=block(2, 0, 4, 4)).set_axis(["x", "y"])
    found = seen(frame, raster([[0, 1, 0, 0]] * 4))
    assert list(found.frame.index) == ["x", "y"]
    assert found.frame["disturbed_ha"].tolist() == pytest.approx([4, 0])


def test_overlapping_rights_each_have_all_of_their_ground() -> None:
    frame = rights(A=block(0, 0, 3, 4), B=block(1, 0, 4, 4), C=block(1, 0, 3, 4))
    found = seen(frame, raster([[0, 1, 1, 0]] * 4)).frame
    assert found["disturbed_ha"].tolist() == pytest.approx([8, 8, 8])


def test_a_right_without_a_place_has_no_figures() -> None:
    frame = rights(A=block(0, 0, 4, 4), B=block(0, 0, 2, 2))
    frame.loc[1, "drawn"] = None
    found = seen(frame, *series(4)).frame
    assert found.loc[1].isna().all()
    assert found.loc[0, "disturbed_ha"] == pytest.approx(4)


# --- What is not seen


def half_seen(share: float, year: int = 2020, disturbed: int = 4) -> Grid:
    cells = np.arange(16).reshape(4, 4)
    return raster(cells < disturbed, year, valid=cells < 16 * share)


def test_a_share_is_of_the_ground_that_is_seen_and_hectares_are_not_extrapolated() -> None:
    found = one(seen(WHOLE, half_seen(0.5)))
    assert found["disturbed_ha"] == pytest.approx(4)
    assert found["disturbed_share"] == pytest.approx(0.5)
    assert found["disturbed_valid_share"] == MIN_VALID


def test_below_the_least_share_there_are_no_figures() -> None:
    found = one(seen(WHOLE, half_seen(7 / 16)))
    assert found["disturbed_valid_share"] == pytest.approx(7 / 16)
    assert pd.isna([v for k, v in found.items() if k != "disturbed_valid_share"]).all()


def test_where_no_year_shows_enough_the_latest_tells_how_much_it_does() -> None:
    found = seen(WHOLE, half_seen(1 / 4, 2015), half_seen(3 / 8, 2020))
    assert one(found)["disturbed_valid_share"] == pytest.approx(3 / 8)
    assert pd.isna(one(found)["disturbed_year"])
    better = seen(WHOLE, half_seen(1 / 4, 2015), half_seen(1, 2020))
    assert not problems(better)


def test_the_latest_year_that_shows_enough_is_told() -> None:
    found = one(seen(WHOLE, half_seen(1, 2015, disturbed=6), half_seen(1 / 4, 2020)))
    assert (found["disturbed_year"], found["disturbed_ha"]) == (2015, pytest.approx(6))
    assert found["disturbed_valid_share"] == 1.0


def test_ground_outside_the_raster_is_not_seen() -> None:
    found = seen(
        rights(A=block(2, 0, 6, 4), B=block(3, 0, 7, 4), C=block(50, 0, 54, 4)), *series(16)
    )
    assert found.frame["disturbed_valid_share"].tolist() == pytest.approx([0.5, 0.25, 0])
    assert found.frame["disturbed_ha"].isna().tolist() == [False, True, True]
    assert problems(found) == [("outside_raster", "doubted")]
    assert "2 of 3 rights" in found.issues.loc[0, "detail"]
    assert found.years["concession_id"].tolist() == ["A", "B"]


def test_a_raster_that_no_right_meets_is_an_error() -> None:
    message = "mining_2020.tif does not overlap the concessions .*--crs activity=EPSG:CODE"
    with pytest.raises(InputError, match=message):
        seen(rights(A=block(0, 0, 4, 4)), raster(np.zeros((4, 4)), transform=(100, 0, X + 9e4, 0, -100, Y)))  # fmt: skip


def test_one_of_several_rasters_elsewhere_is_named() -> None:
    away = raster(np.zeros((4, 4)), 2019, transform=(100, 0, X, 0, -100, Y - 5e4))
    with pytest.raises(InputError, match=r"mining_2019\.tif does not overlap"):
        seen(WHOLE, *series(4), away)


# --- Since when


def test_the_first_raster_is_stock_and_growth_is_dated_by_the_later_one() -> None:
    found = seen(WHOLE, *series(2, 2, 5, 5, 9))
    assert years_of(found) == [2015, 2017, 2019]
    assert one(found)["growth_ha"] == pytest.approx(7)
    assert one(found)["disturbed_year"] == 2019


def test_ground_that_was_never_disturbed_has_no_years() -> None:
    found = seen(WHOLE, *series(0, 0))
    assert years_of(found) == [None, None, None]
    assert one(found)["disturbed_ha"] == one(found)["growth_ha"] == 0


def test_ground_that_recovers_does_not_grow() -> None:
    found = seen(WHOLE, *series(8, 3))
    assert years_of(found) == [2015, None, None]
    assert one(found)["growth_ha"] == pytest.approx(-5)


def test_growth_after_a_recovery_is_growth() -> None:
    assert years_of(seen(WHOLE, *series(8, 3, 4))) == [2015, 2017, 2017]


def test_one_raster_tells_no_growth() -> None:
    found = seen(WHOLE, *series(4))
    assert years_of(found) == [2015, None, None]
    assert pd.isna(one(found)["growth_ha"])


@pytest.mark.parametrize(("side_m", "grown"), [(99.9, False), (100.1, True)])
def test_growth_below_the_least_is_none(side_m: float, grown: bool) -> None:
    """A pixel of 10 hectares lies a little in a right: by 0.0999 or 0.1001 ha."""
    wide = {"transform": (1000, 0, X, 0, -100, Y + 100)}
    shape = shapely.box(X + 1000 - side_m, Y + 90, X + 2500, Y + 100)
    frame = rights(R=shape)
    grids = [raster([[0, 0, 0]], 2019, **wide), raster([[1, 0, 0]], 2020, **wide)]
    assert years_of(seen(frame, *grids))[1:] == ([2020, 2020] if grown else [None, None])


def test_growth_is_against_the_last_year_that_shows_enough() -> None:
    clouded = half_seen(1 / 4, 2016, disturbed=0)
    found = seen(WHOLE, *series(4), clouded, *series(4, 6, first=2017))
    assert years_of(found) == [2015, 2018, 2018]


def test_ground_newly_shown_may_have_been_disturbed_before() -> None:
    """Four more disturbed pixels where four more are seen are no growth; five are."""
    before = half_seen(0.75, 2019, disturbed=2)
    assert years_of(seen(WHOLE, before, half_seen(1, 2020, disturbed=6)))[1:] == [None, None]
    assert years_of(seen(WHOLE, before, half_seen(1, 2020, disturbed=7)))[1:] == [2020, 2020]


def test_ground_that_goes_out_of_sight_does_not_grow() -> None:
    found = seen(WHOLE, half_seen(1, 2019, disturbed=2), half_seen(0.75, 2020, disturbed=2))
    assert years_of(found)[1:] == [None, None]


def test_rasters_come_in_any_order() -> None:
    grids = series(2, 5, 9)
    turned = seen(WHOLE, *grids[::-1])
    pd.testing.assert_frame_equal(turned.frame, seen(WHOLE, *grids).frame)
    assert turned.years["year"].tolist() == [2015, 2016, 2017]


# --- The day of the law


def test_years_after_the_day_count_for_nothing() -> None:
    found = seen(WHOLE, *series(4, 9, first=2024))
    assert one(found)["disturbed_year"] == 2024
    assert one(found)["disturbed_ha"] == pytest.approx(4)
    assert found.years["year"].tolist() == [2024]
    assert problems(found) == [("later_fact", "set_aside")]
    assert "mining_2025.tif" in found.issues.loc[0, "detail"]


def test_with_later_years_alone_nothing_is_known() -> None:
    found = seen(WHOLE, *series(4, first=2030))
    assert found.frame.isna().all(axis=None)
    assert not len(found.years)
    assert problems(found) == [("later_fact", "set_aside")]


def test_a_country_without_parameters_says_which_is_missing() -> None:
    law = load_profile("cd").law.at(date(2024, 6, 1))
    with pytest.raises(ParameterUndefined, match="activity_min_valid_share"):
        measure(WHOLE, series(4), LEGENDS, law, PLAN)


# --- Systems and grids


def test_rights_of_several_zones_are_seen_on_a_raster_of_one() -> None:
    other = "EPSG:32719"
    moved = geometry.operation(CRS, other, PLAN).geometries(np.array([block(0, 0, 2, 4)]))
    frame = cadastre(PLAN, {"A": moved[0], "B": block(2, 0, 4, 4)}, crs=[other, CRS])
    found = seen(frame, raster([[1, 0, 0, 1]] * 4)).frame
    assert found["disturbed_share"].tolist() == pytest.approx([0.5, 0.5], rel=1e-6)
    assert found["disturbed_ha"].tolist() == pytest.approx([frame.loc[0, "area_ha"] / 2, 4])


def test_a_raster_in_degrees_gives_the_hectares_of_the_cadastre() -> None:
    corner = geometry.operation(CRS, "EPSG:4326", PLAN).points(
        np.array([X - 50]), np.array([Y + 450])
    )
    step = 10 / 111_000
    fine = raster(
        np.ones((60, 60)), transform=(step, 0, corner[0][0], 0, -step, corner[1][0]), crs="EPSG:4326"
    )  # fmt: skip
    found = one(seen(WHOLE, fine))
    assert found["disturbed_ha"] == pytest.approx(16.0)
    assert found["disturbed_valid_share"] == 1.0


def test_only_a_ballpark_way_to_the_raster_is_an_error() -> None:
    local = "+proj=utm +zone=18 +south +ellps=bessel +type=crs"
    with pytest.raises(CRSError, match="no datum operation"):
        seen(WHOLE, raster(np.zeros((4, 4)), crs=local))


def test_a_right_out_of_the_reach_of_the_rasters_system_has_no_figures() -> None:
    half_globe = "+proj=ortho +lat_0=-9 +lon_0=-75 +datum=WGS84 +type=crs"
    shapes = {"A": shapely.box(-75, -9, -74.9, -8.9), "B": shapely.box(100, 10, 101, 11)}
    frame = cadastre(PLAN, shapes, crs="EPSG:4326")
    wide = raster(np.ones((4, 4)), transform=(1e4, 0, -2e4, 0, -1e4, 2e4), crs=half_globe)
    found = seen(frame, wide).frame
    assert found["disturbed_share"].tolist() == pytest.approx([1, np.nan], nan_ok=True)


def test_grids_that_look_alike_in_two_systems_are_two() -> None:
    near, far = series(4, 4)
    with pytest.raises(InputError, match=r"mining_2016\.tif does not overlap"):
        seen(WHOLE, near, replace(far, crs="EPSG:32719"))


def test_grids_of_another_kind_are_measured_and_doubted() -> None:
    fine = raster(np.arange(64).reshape(8, 8) < 32, 2016, transform=(50, 0, X, 0, -50, Y + 400))
    found = seen(WHOLE, *series(4), fine)
    assert found.years["disturbed_ha"].tolist() == pytest.approx([4, 8])
    assert problems(found) == [("other_grid", "doubted")]
    assert "mining_2016.tif has other pixels than mining_2015.tif" in found.issues.loc[0, "detail"]


def test_corners_that_differ_by_rounding_are_one_grid() -> None:
    near = raster(np.ones((4, 4)), 2016, transform=(100, 0, X + 0.05, 0, -100, Y + 400))
    off = raster(np.ones((4, 4)), 2016, transform=(100, 0, X + 0.5, 0, -100, Y + 400))
    assert not problems(seen(WHOLE, *series(4), near))
    assert ("other_grid", "doubted") in problems(seen(WHOLE, *series(4), off))


def test_only_windows_that_rights_meet_are_read() -> None:
    windows: list[Window] = []
    large = raster(np.zeros((400, 400)), transform=(100, 0, X, 0, -100, Y + 40_000), block=(16, 16), read=windows)  # fmt: skip
    seen(rights(A=block(2, 2, 5, 6)), large)
    assert {(r + h, c + w) for r, c, h, w in windows} == {(398, 5)}
    assert max(h * w for _, _, h, w in windows) == 3 * 4


# --- Tables


def test_the_columns_are_those_of_the_dictionary() -> None:
    found = seen(WHOLE, *series(2, 5))
    assert set(found.frame) <= set(schema.CONCESSIONS.names)
    assert {str(found.frame[name].dtype) for name in [*YEARS, "disturbed_year"]} == {"Int64"}
    table = schema.conform(found.years, schema.DISTURBANCE)
    assert table.values.tolist() == [["R", 2015, 2.0, 1.0], ["R", 2016, 5.0, 1.0]]


# --- Against a slow and obvious way


def slowly(hectares: list[float | None]) -> tuple[list[int | None], float | None]:
    """First disturbed, first and last growth, and growth, walking through the years one by one."""
    stated = [(2015 + i, ha) for i, ha in enumerate(hectares) if ha is not None]
    disturbed = [year for year, ha in stated if ha > 0]
    grown = [year for (_, before), (year, ha) in pairwise(stated) if ha - before >= MIN_GROWTH]
    ends = (
        disturbed[0] if disturbed else None,
        grown[0] if grown else None,
        grown[-1] if grown else None,
    )
    return list(ends), stated[-1][1] - stated[0][1] if len(stated) > 1 else None


@given(st.lists(st.one_of(st.none(), st.integers(0, 16)), min_size=1, max_size=6))
def test_years_agree_with_a_walk_through_them(hectares: list[int | None]) -> None:
    cells = np.arange(16).reshape(4, 4)
    grids = [
        raster(cells < (n or 0), 2015 + i, valid=np.full((4, 4), n is not None))
        for i, n in enumerate(hectares)
    ]
    found = seen(WHOLE, *grids)
    years, growth = slowly([None if n is None else float(n) for n in hectares])
    assert years_of(found) == years
    got = one(found)["growth_ha"]
    assert (None if pd.isna(got) else got) == (None if growth is None else pytest.approx(growth))
