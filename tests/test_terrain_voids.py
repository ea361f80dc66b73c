"""Heights that no ground has are voids, though the elevation raster does not declare them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geoasm import terrain
from geoasm.model import Grid
from tests.ground import LAW, PE, Heights, degrees_of, dem, describe, slope


def doubts(east: object, north: object, elevation: Grid) -> pd.DataFrame:
    lon, lat = degrees_of(np.atleast_1d(east), np.atleast_1d(north))
    return terrain.describe(lon, lat, LAW, PE.crs, elevation=elevation, rivers=None).issues


def holed(value: float, *cells: tuple[int, int]) -> Heights:
    """A slope of 20 degrees with a value in the cells at these metres east and north."""
    plane = slope(20)

    def heights(east: np.ndarray, north: np.ndarray) -> np.ndarray:
        z = plane(east, north)
        for x, y in cells:
            z[(np.abs(east - x) < 15) & (np.abs(north - y) < 15)] = value
        return z

    return heights


@pytest.mark.parametrize("value", [-9999.0, -32768.0, 32767.0, 9999.0, -3.4028234663852886e38])
def test_a_value_that_no_ground_has_is_no_height_though_no_nodata_is_declared(value: float) -> None:
    grid = dem(holed(value, (45, 45)))
    near, far = [0, 46], [-2000, -2000]
    found = describe([near[0], far[0], near[1]], [near[0], far[1], near[1]], elevation=grid)
    assert found["slope_deg"].notna().tolist() == [False, True, False]
    assert found["elevation_m"].notna().tolist() == [True, True, False]
    assert found["setting"].tolist() == ["unknown", "hard_rock", "unknown"]
    told = doubts([near[0], far[0], near[1]], [near[0], far[1], near[1]], grid)
    assert told[["source", "problem", "action", "value"]].values.tolist() == [
        ["elevation", "impossible_height", "doubted", f"{value:g}: 1 px"]
    ]
    detail = told["detail"].item()
    assert detail.startswith("dem.tif has values below -500 m or above 9000 m")
    assert "around 2 of 3 registrations" in detail
    assert f"--assume elevation.nodata={value:.9g}," in detail


def test_such_a_value_where_no_registration_is_near_is_nobody_s_doubt() -> None:
    assert not len(doubts(-2000, -2000, dem(holed(-9999, (45, 45)))))


def test_a_pixel_around_several_points_is_counted_once_and_the_commonest_value_is_named() -> None:
    grid = dem(holed(-9999, (45, 45), (45, 75)), block=(7, 13))
    told = doubts([0, 10, 20, 300], [0, 0, 0, 0], grid)
    assert told["value"].tolist() == ["-9999: 2 px"]
    assert "around 3 of 4 registrations" in told["detail"].item()


@pytest.mark.parametrize("height", [-430.0, 0.0, 8849.0])
def test_the_lowest_and_the_highest_ground_are_heights(height: float) -> None:
    grid = dem(lambda east, _: np.full(east.shape, height))
    assert describe(0, 0, elevation=grid)["elevation_m"].item() == height
    assert not len(doubts(0, 0, grid))


def test_the_value_to_declare_is_the_one_that_the_file_stores() -> None:
    grid = replace(dem(holed(-999.9 + 10, (45, 45))), scale=0.1, offset=10.0)
    assert "--assume elevation.nodata=-9999," in doubts(0, 0, grid)["detail"].item()
