"""Simulations as files: whole folders, paths that move along, dates as days."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from geoasm.codes import Role
from geoasm.errors import OutputExists
from geoasm.io.simulations import save_simulation
from geoasm.io.study import read_study
from geoasm.simulate import Simulation


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
