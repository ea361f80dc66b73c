"""How far a position may be off, and the points that stand for that."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geoasm.geometry import operation
from geoasm.io.profiles import load_profile
from geoasm.position_error import CUT, N_SAMPLES, Spread, sigmas, stencil

PE = load_profile("pe")
LAW = PE.law.at(date(2024, 6, 1))


def test_points_of_the_error_have_its_mean_and_spread() -> None:
    east, north = stencil()
    assert len(east) == N_SAMPLES
    assert np.hypot(east, north).max() <= CUT
    assert abs(east.mean()) < 0.003 > abs(north.mean())
    cut_variance = 1 - (CUT**2 / 2) * np.exp(-(CUT**2) / 2) / -np.expm1(-(CUT**2) / 2)
    assert east.var() == pytest.approx(cut_variance, abs=0.01)
    assert north.var() == pytest.approx(cut_variance, abs=0.01)


def stated(**columns: object) -> gpd.GeoDataFrame:
    frame = {"position_kind": ["lonlat"], "position_decimals": pd.array([6], dtype="Int64")}
    return gpd.GeoDataFrame({**frame, **columns}, geometry=[shapely.Point(-75, -10)], crs=4326)


@pytest.mark.parametrize(
    ("decimals", "kind", "expected"),
    [(6, "lonlat", 100.0), (3, "lonlat", 105.0), (2, "lonlat", 336.6), (0, "utm", 100.0)],
)
def test_few_decimals_widen_the_error(decimals: int, kind: str, expected: float) -> None:
    row = stated(position_decimals=pd.array([decimals], dtype="Int64"), position_kind=[kind])
    assert sigmas(row, LAW)[0] == pytest.approx(expected, abs=0.1)


def test_source_goes_before_the_option_and_that_before_the_law() -> None:
    assert sigmas(stated(), LAW, 30.0)[0] == pytest.approx(30, abs=0.01)
    assert sigmas(stated(position_sigma_m=["12"]), LAW, 30.0)[0] == pytest.approx(12, abs=0.01)
    assert sigmas(stated(position_sigma_m=[np.nan]), LAW, 30.0)[0] == pytest.approx(30, abs=0.01)


@pytest.mark.parametrize("crs", ["EPSG:32717", "EPSG:32718", "EPSG:24878", "EPSG:4326"])
def test_samples_are_the_same_places_in_every_system(crs: str) -> None:
    lon, lat = np.array([-77.9]), np.array([-12.0])
    spread = Spread(lon, lat, np.array([150.0]), PE.crs)
    x, y, xe, ye, xn, yn = spread.in_system(crs)[0]
    back = operation(crs, "EPSG:4326", PE.crs)
    there = back.points(np.array([x + 2 * xe - xn]), np.array([y + 2 * ye - yn]))
    own = spread.in_system("EPSG:32718")[0]
    meant = operation("EPSG:32718", "EPSG:4326", PE.crs).points(
        np.array([own[0] + 2 * own[2] - own[4]]), np.array([own[1] + 2 * own[3] - own[5]])
    )
    assert np.hypot(*np.subtract(there, meant)) < 1e-6  # of a degree: a decimetre
    assert np.hypot(own[2], own[3]) == pytest.approx(150, rel=2e-3)
    assert np.hypot(own[4], own[5]) == pytest.approx(150, rel=2e-3)
