"""Registrations planted on rights that exist, invented ones and real ones."""

from __future__ import annotations

import tomllib
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner

from geoasm.cli.simulate import simulate as command
from geoasm.codes import Role
from geoasm.errors import OptionError
from geoasm.geometry import operation
from geoasm.profile import Profile
from geoasm.simulate import Simulation, plant_on, scale
from geoasm.simulate.reading import name_key


@pytest.fixture(scope="module")
def rights(peru: Profile) -> gpd.GeoDataFrame:
    """Six squares in a row; one has joint holders, one none, one is extinct."""
    squares = [shapely.box(x, 9e6, x + 2_000, 9e6 + 2_000) for x in range(500_000, 512_000, 2_000)]
    holders = ["MINERA ABETO S.A.C.", "TULA BRENDO OFILIO", "A B Y C D", None, "X S.A.", "X S.A."]
    status = ["titled", "titled", "titled", "titled", "extinct", "pending"]
    degrees = operation("EPSG:32718", "EPSG:4326", peru.crs).geometries(
        pd.Series(squares).to_numpy(dtype=object)
    )
    frame = {
        "concession_id": [f"01000010{i}" for i in range(6)],
        "name": [f"R{i}" for i in range(6)],
        "status": status,
        "holder_name": pd.array(holders, dtype="str"),
        "filed_on": pd.Series(pd.to_datetime(["2001-02-03"] * 6)).astype("datetime64[s]"),
        "drawn": squares,
        "planar": squares,
        "crs_used": "EPSG:32718",
    }
    return gpd.GeoDataFrame(frame, geometry=degrees, crs="EPSG:4326")


@pytest.fixture(scope="module")
def planted(peru: Profile, rights: gpd.GeoDataFrame) -> Simulation:
    return plant_on(peru, rights, scale("sample", registrations=200), seed=4)


def test_only_the_register_and_the_tables_are_made(planted: Simulation) -> None:
    assert planted.concessions is None
    assert set(planted.layers) == {"mining_units", "rivers", "communities", "conflict_areas"}
    assert set(planted.tables) >= {"strata", "penalties", "production"}
    named = planted.tables["strata"]["holder"].dropna().map(name_key)
    assert set(named) <= {"MINERA ABETO SAC", "TULA BRENDO OFILIO", "X SA"}


def test_land_of_communities_that_is_given_is_not_planted(
    peru: Profile, rights: gpd.GeoDataFrame
) -> None:
    land = gpd.GeoDataFrame({"name": ["C"]}, geometry=[shapely.box(-75, -9.1, -74.9, -9)], crs=4326)
    size, given = scale("sample", registrations=60), {Role.COMMUNITIES: land}
    made = plant_on(peru, rights, size, seed=4, areas=given)
    assert Role.COMMUNITIES not in made.layers
    assert Role.CONFLICT_AREAS in made.layers


def test_a_layer_that_is_planted_cannot_be_given(peru: Profile, rights: gpd.GeoDataFrame) -> None:
    given = {Role.MINING_UNITS: rights}
    with pytest.raises(OptionError, match="--layer mining_units: simulate plants its own"):
        plant_on(peru, rights, scale("sample", registrations=20), seed=1, areas=given)


def test_the_truth_is_silent_on_rights_of_holders_nobody_is_sure_of(planted: Simulation) -> None:
    told = planted.truth_concessions.set_index("concession_id")
    unsure = told.loc["010000102"]
    assert (
        unsure[["holder_stratum", "stratum_basis", "holder_total_ha", "holder_activity"]]
        .isna()
        .all()
    )
    known = told.drop("010000102")
    assert known[["holder_stratum", "holder_activity"]].notna().all(axis=None)


def test_nobody_is_planted_on_titles_of_joint_holders(planted: Simulation) -> None:
    ids = planted.truth["right_ids"].dropna()
    assert not ids.str.contains("010000102").any()
    assert ids.str.contains("010000103").any()


def test_rights_without_a_holder_are_of_unknown_holders(planted: Simulation) -> None:
    kept = planted.truth[planted.truth["fault_outcome"] == "kept"]
    unknown = kept[kept["concession_id"] == "010000103"]
    assert len(unknown)
    assert (unknown["asm_class"] == "on_unknown_holder").all()


def test_the_order_of_rights_does_not_matter(
    peru: Profile, rights: gpd.GeoDataFrame, planted: Simulation
) -> None:
    turned = rights.iloc[::-1].reset_index(drop=True)
    again = plant_on(peru, turned, scale("sample", registrations=200), seed=4)
    pd.testing.assert_frame_equal(again.truth, planted.truth)


def test_without_regions_no_slip_is_planted_that_regions_would_find(planted: Simulation) -> None:
    slips = {"wrong_zone", "swapped_axes", "lost_digit", "wrong_sign", "missing_false_northing"}
    assert not slips & set(planted.truth["fault"])
    assert planted.truth["admin_1"].isna().all()


def test_classes_that_the_ground_lacks_are_counted(planted: Simulation) -> None:
    assert planted.shortfalls["in_asm_zone"] == 8


@pytest.mark.real
def test_a_real_cadastre_takes_registrations_of_most_classes(real: Path, tmp_path: Path) -> None:
    place = real / "peru_cajamarca"
    layers = {"protected_areas": "protected_areas", "admin": "provinces"}
    args = ["--profile", "pe", "--concessions", str(place / "concessions.geojson")]
    for role, name in layers.items():
        args += ["--layer", f"{role}={place / name}.geojson"]
    args += ["--registrations", "600", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(command, args, catch_exceptions=False)
    assert result.exit_code == 0
    study = tomllib.loads((tmp_path / "out" / "study.toml").read_text(encoding="utf-8"))
    given = [study["layers"][role] for role in layers]
    for path in [study["files"]["concessions"], *given]:
        assert (tmp_path / "out" / path).resolve().is_relative_to(place.resolve())
    truth = pd.read_parquet(tmp_path / "out" / "truth.parquet")
    assert truth["registration_id"].nunique() == 600
    assert {"own_title", "on_lsm_msm", "on_small_scale", "on_extinct_claim", "on_pending_claim",
            "prohibited_area", "open_ground", "on_idle_claim"} <= set(truth["asm_class"])  # fmt: skip
    assert truth["admin_2"].notna().all()
