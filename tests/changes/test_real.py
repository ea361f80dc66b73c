"""A real cadastre against itself, exported anew in every way that changes nothing: no change is found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import geoasm
from geoasm import flows
from geoasm.changes import find_changes
from geoasm.io.profiles import load_profile
from geoasm.model import Result

PE = load_profile("pe")
UTM = "EPSG:32717"
pytestmark = [pytest.mark.real, pytest.mark.slow]


@pytest.fixture(scope="module")
def cadastre(real: Path) -> gpd.GeoDataFrame:
    frame = gpd.read_file(real / "peru_cajamarca" / "concessions.geojson")
    return frame.set_crs("EPSG:4326", allow_override=True)


def register(cadastre: gpd.GeoDataFrame) -> pd.DataFrame:
    """A registration inside every third right."""
    points = shapely.point_on_surface(cadastre.geometry.to_numpy()[::3])
    rows = pd.DataFrame({"COD_REINFO": [f"{i:06}" for i in range(len(points))]})
    rows["NOMBRE_MIN"], rows["ESTADO"] = "PEREZ JUAN CARLOS", "VIGENTE"
    rows["LONGITUD_G84"], rows["LATITUD_G84"] = shapely.get_x(points), shapely.get_y(points)
    return rows


def run(concessions: object, registrations: pd.DataFrame) -> Result:
    return geoasm.analyze(concessions=concessions, registrations=registrations, on=date(2026, 1, 1))


@pytest.fixture(scope="module")
def base(cadastre: gpd.GeoDataFrame) -> Result:
    return run(cadastre, register(cadastre))


def reordered(frame: gpd.GeoDataFrame, folder: Path) -> object:
    columns = [*reversed(frame.columns.drop("geometry")), "geometry"]
    return frame.sample(frac=1, random_state=3)[columns].reset_index(drop=True)


def reprojected_and_back(frame: gpd.GeoDataFrame, folder: Path) -> object:
    return frame.to_crs(UTM).to_crs("EPSG:4326")


def shapefile(frame: gpd.GeoDataFrame, folder: Path) -> object:
    days = frame.assign(FEC_DENU=frame["FEC_DENU"].dt.date)
    days.to_file(folder / "cadastre.shp", encoding="ISO-8859-1")
    return folder / "cadastre.shp"


def utm_geopackage(frame: gpd.GeoDataFrame, folder: Path) -> object:
    frame.to_crs(UTM).to_file(folder / "cadastre.gpkg")
    return folder / "cadastre.gpkg"


def with_a_millimetre_of_noise(frame: gpd.GeoDataFrame, folder: Path) -> object:
    flat = frame.to_crs(UTM)
    xy, of = shapely.get_coordinates(flat.geometry.to_numpy(), return_index=True)
    _, same = np.unique(np.column_stack([of, xy]), axis=0, return_inverse=True)
    noise = np.random.default_rng(1).uniform(-0.001, 0.001, (same.max() + 1, 2))[same]
    shapes = shapely.set_coordinates(flat.geometry.to_numpy().copy(), xy + noise)
    return flat.set_geometry(gpd.GeoSeries(shapes, crs=UTM)).to_crs("EPSG:4326")


@pytest.mark.parametrize(
    "export",
    [reordered, reprojected_and_back, shapefile, utm_geopackage, with_a_millimetre_of_noise],
    ids=lambda f: f.__name__,
)
def test_another_export_of_the_same_cadastre_is_no_change(
    base: Result,
    cadastre: gpd.GeoDataFrame,
    export: Callable[[gpd.GeoDataFrame, Path], object],
    tmp_path: Path,
) -> None:
    again = run(export(cadastre, tmp_path), register(cadastre).iloc[::-1])
    assert PE.comparison is not None
    found = find_changes(base, again, PE.parties, PE.comparison)
    assert len(base.concessions) == 2785
    assert found.rights.empty
    assert found.registrations.empty
    assert flows.moved(found.flows).empty


def test_what_is_planted_in_a_real_cadastre_is_found(
    base: Result, cadastre: gpd.GeoDataFrame
) -> None:
    titled = cadastre.index[cadastre["ESTADO"] == "T"]
    other = cadastre.drop(index=titled[:3])
    other.loc[titled[3:5], "ESTADO"] = "F"
    other.loc[[titled[5]], "geometry"] = other.geometry[[titled[5]]].translate(0.01)
    again = run(other.reset_index(drop=True), register(cadastre))
    assert PE.comparison is not None
    found = find_changes(base, again, PE.parties, PE.comparison)
    codes = cadastre["CODIGOU"]
    by_change = {
        change: set(rows["concession_id"])
        for change, rows in found.rights.groupby("change")
        if change in {"vanished", "status", "moved"}
    }
    assert by_change == {
        "vanished": set(codes[titled[:3]]),
        "status": set(codes[titled[3:5]]),
        "moved": {codes[titled[5]]},
    }
    assert found.summary["failed"] == []
    assert set(found.registrations["cause"].dropna()) <= {"right", "status", "stratum"}
