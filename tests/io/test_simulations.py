"""Simulations as files: whole folders, paths that move along, dates as days."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import rasterio
import shapely

from geoasm.codes import Role
from geoasm.errors import OutputError, OutputExists
from geoasm.io.simulations import TRUTH_DISTURBANCE, save_simulation
from geoasm.io.study import read_study
from geoasm.model import Window
from geoasm.simulate import Simulation
from geoasm.simulate.raster import Lattice, Raster


@pytest.fixture
def tiny() -> Simulation:
    day = pd.Series(pd.to_datetime(["2020-02-03"])).astype("datetime64[s]")
    rights = gpd.GeoDataFrame(
        {"CODIGOU": ["010000120"], "FEC_DENU": day},
        geometry=[shapely.box(-75, -12, -74.9, -11.9)],
        crs="EPSG:4326",
    )
    register = pd.DataFrame({"COD_REINFO": ["007"], "FECHA": day, "NOMBRE": ['Ñ "A", B']})
    truth = pd.DataFrame({"registration_id": ["007"], "n_rights": [1]})
    return Simulation(
        profile="pe",
        on=date(2026, 1, 1),
        concessions=rights,
        registrations=register,
        layers={},
        tables={Role.STRATA: pd.DataFrame({"holder": ["A"], "stratum": ["PPM"]})},
        truth=truth,
        truth_concessions=pd.DataFrame({"concession_id": ["010000120"], "filed_on": day}),
    )


def test_every_part_lands_in_a_file_that_the_study_names(tiny: Simulation, tmp_path: Path) -> None:
    study = read_study(save_simulation(tiny, tmp_path / "made", title='Ñ "x"'))
    assert (study.profile, study.on, study.title) == ("pe", date(2026, 1, 1), 'Ñ "x"')
    assert set(study.files) == {Role.CONCESSIONS, Role.REGISTRATIONS, Role.STRATA}
    register = pd.read_csv(study.files[Role.REGISTRATIONS], dtype=str)
    assert register.iloc[0].tolist() == ["007", "2020-02-03", 'Ñ "A", B']


def test_a_finished_run_stays_as_it_is(tiny: Simulation, finished: Path) -> None:
    before = sorted(finished.rglob("*"))
    with pytest.raises(OutputError, match="lies in the finished run"):
        save_simulation(tiny, finished / "x", overwrite=True)
    assert sorted(finished.rglob("*")) == before
    assert save_simulation(tiny, finished / "private" / "x").is_file()


def test_days_are_days_and_polygons_one_type(tiny: Simulation, tmp_path: Path) -> None:
    save_simulation(tiny, tmp_path / "made")
    info = pyogrio.read_info(tmp_path / "made" / "concessions.gpkg")
    assert info["geometry_type"] == "MultiPolygon"
    assert info["dtypes"].tolist() == ["object", "datetime64[D]"]
    kept = pq.read_schema(tmp_path / "made" / "truth_concessions.parquet")
    assert str(kept.field("filed_on").type) == "date32[day]"
    assert kept.metadata is None


def test_given_files_are_named_from_the_folder_of_the_study(
    tiny: Simulation, tmp_path: Path
) -> None:
    source = tmp_path / "sources" / "rights.gpkg"
    given = {Role.CONCESSIONS: f"{source}:titles", Role.ADMIN: "postgresql://host/db?table=a"}
    path = save_simulation(
        tiny, tmp_path / "made", given=given, crs={Role.CONCESSIONS: "EPSG:32718"}
    )
    text = path.read_text(encoding="utf-8")
    assert 'concessions = "../sources/rights.gpkg:titles"' in text
    assert 'admin = "postgresql://host/db?table=a"' in text
    assert read_study(path).crs == {Role.CONCESSIONS: "EPSG:32718"}


def test_an_existing_folder_stays_unless_it_may_go(tiny: Simulation, tmp_path: Path) -> None:
    save_simulation(tiny, tmp_path / "made")
    with pytest.raises(OutputExists, match="--overwrite"):
        save_simulation(tiny, tmp_path / "made")
    (tmp_path / "made" / "stale.csv").touch()
    save_simulation(tiny, tmp_path / "made", overwrite=True)
    assert not (tmp_path / "made" / "stale.csv").exists()


def square(role: Role, side: int, year: int | None = None) -> Raster:
    """Ones in the upper left of a raster of three tiles by three, nothing elsewhere."""

    def read(window: Window) -> np.ndarray:
        row, column, rows, columns = window
        out = np.full((rows, columns), 255, dtype=np.uint8)
        out[: max(0, side - row), : max(0, side - column)] = 1
        return out

    lattice = Lattice(-75.0, -12.0, 0.001, 1_200, 1_300)
    return Raster(role, lattice, "uint8", 255, ((0, 0, side, side),), read, year)


def test_rasters_are_written_tile_by_tile_and_empty_tiles_are_left_out(
    tiny: Simulation, tmp_path: Path
) -> None:
    asked = []
    raster = square(Role.ACTIVITY, 600, 2020)

    def read(window: Window) -> np.ndarray:
        asked.append(window)
        return raster.read(window)

    made = replace(tiny, rasters=(replace(raster, read=read),))
    path = save_simulation(made, tmp_path / "made").parent / "activity_2020.tif"
    assert asked == [(0, 0, 512, 512), (0, 512, 512, 512), (512, 0, 512, 512), (512, 512, 512, 512)]
    with rasterio.open(path) as file:
        assert (file.width, file.height, file.nodata) == (1_300, 1_200, 255)
        assert file.crs.to_epsg() == 4326
        assert file.transform[:6] == pytest.approx((0.001, 0, -75.0, 0, -0.001, -12.0))
        assert file.profile["compress"] == "deflate"
        values = file.read(1)
    assert (values[:600, :600] == 1).all()
    assert (values == 1).sum() == 600 * 600
    assert path.stat().st_size < 9 * 512 * 512 / 100


def test_the_study_names_rasters_one_or_several(tiny: Simulation, tmp_path: Path) -> None:
    rasters = (
        square(Role.ACTIVITY, 5, 2020),
        square(Role.ACTIVITY, 5, 2023),
        square(Role.ELEVATION, 5),
    )
    path = save_simulation(replace(tiny, rasters=rasters), tmp_path / "made")
    study = tomllib.loads(path.read_text(encoding="utf-8"))
    assert study["rasters"] == {
        "activity": ["activity_2020.tif", "activity_2023.tif"],
        "elevation": "elevation.tif",
    }
    assert {role: len(files) for role, files in read_study(path).rasters.items()} == {
        Role.ACTIVITY: 2,
        Role.ELEVATION: 1,
    }


def test_one_raster_gives_one_set_of_bytes(tiny: Simulation, tmp_path: Path) -> None:
    made = replace(tiny, rasters=(square(Role.ACTIVITY, 600, 2020),))
    paths = [save_simulation(made, tmp_path / name).parent / "activity_2020.tif" for name in "ab"]
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize(
    ("shapes", "kind"),
    [
        ([shapely.Point(0, 0), shapely.Point(1, 1)], "Point"),
        ([shapely.LineString([(0, 0), (1, 1)]), shapely.box(0, 0, 1, 1)], "Unknown"),
        (
            [shapely.box(0, 0, 1, 1), shapely.MultiPolygon([shapely.box(0, 0, 1, 1)])],
            "MultiPolygon",
        ),
        ([None, shapely.box(0, 0, 1, 1)], "MultiPolygon"),
    ],
)
def test_layers_of_points_and_lines_stay_what_they_are(
    shapes: list[object], kind: str, tiny: Simulation, tmp_path: Path
) -> None:
    layer = gpd.GeoDataFrame({"NOMBRE": ["A", "B"]}, geometry=shapes, crs="EPSG:4326")
    made = replace(tiny, layers={Role.RIVERS: layer})
    path = save_simulation(made, tmp_path / "made").parent / "rivers.gpkg"
    assert pyogrio.read_info(path)["geometry_type"] == kind
    back = pyogrio.read_dataframe(path).geometry
    assert back.isna().tolist() == [s is None for s in shapes]


def test_the_truth_of_rasters_is_a_file_of_its_own(tiny: Simulation, tmp_path: Path) -> None:
    assert not (save_simulation(tiny, tmp_path / "a").parent / TRUTH_DISTURBANCE).exists()
    years = pd.DataFrame({"concession_id": ["010000120"], "year": [2020], "disturbed_ha": [1.5]})
    folder = save_simulation(replace(tiny, truth_disturbance=years), tmp_path / "b").parent
    assert pd.read_parquet(folder / TRUTH_DISTURBANCE)["disturbed_ha"].tolist() == [1.5]
