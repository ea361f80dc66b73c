"""A country's own datum changes nothing but where rights lie that are drawn in its degrees."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

import geoasm
from geoasm.codes import Role
from geoasm.io.profiles import load_profile
from geoasm.model import Result

SOUTH_AMERICAN_1969 = "EPSG:4618"  # some seventy metres from WGS84
LAYERS = (Role.PROTECTED_AREAS, Role.ASM_ZONES, Role.MINING_CORRIDOR, Role.ADMIN, Role.RIVERS)
LAYERS += (Role.MINING_UNITS,)


def analyze(sample: Path, geographic: str) -> Result:
    peru = load_profile("pe")
    assert peru.crs.drawn_in == "zone"
    return geoasm.analyze(
        concessions=sample / "concessions.gpkg",
        registrations=sample / "registrations.csv",
        profile=replace(peru, crs=replace(peru.crs, geographic=geographic)),
        on=date(2026, 1, 1),
        layers={role: sample / f"{role}.gpkg" for role in LAYERS},
        rasters={"elevation": sample / "elevation.tif"},
    )


@pytest.mark.parametrize(
    "table", ["registrations", "concessions", "pairs", "evidence", "territory", "signs"]
)
def test_where_rights_are_drawn_in_zones_the_datum_of_degrees_changes_nothing(
    both: tuple[Result, Result], table: str
) -> None:
    one, other = (getattr(result, table) for result in both)
    assert len(one)
    pd.testing.assert_frame_equal(one, other)


@pytest.fixture(scope="module")
def both(sample: Path) -> tuple[Result, Result]:
    return analyze(sample, "EPSG:4326"), analyze(sample, SOUTH_AMERICAN_1969)


def test_a_right_beyond_the_poles_is_set_aside_without_a_warning(sample: Path) -> None:
    squares = [box(-75, -10, -74.99, -9.99), box(-1e300, -1e300, 1e300, 1e300)]
    rights = {"CODIGOU": ["010000001"] * 2, "TIT_CONCES": "X SA", "FEC_DENU": "1999-01-01"}
    found = geoasm.compare_rights(
        gpd.GeoDataFrame({**rights, "ESTADO": "T"}, geometry=squares, crs="EPSG:4326")
    )
    assert len(found.concessions) == 1
    assert (found.issues["problem"] == "outside_country").sum() == 1
