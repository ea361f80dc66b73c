"""A whole run gives what was planted: on the sample, on a region, on a cadastre that exists."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from geoasm.cli.main import cli
from tests.simulate.comparison import (
    CLOSE_CALL,
    ENTRY_COLUMNS,
    ENTRY_FLAGS,
    RIGHT_COLUMNS,
    Comparison,
    compare,
    off,
    run_study,
)


def made(out: Path, *args: str) -> Path:
    result = CliRunner().invoke(cli, ["simulate", "--profile", "pe", *args, "--out", str(out)])
    assert result.exit_code == 0, result.output
    return out


@pytest.fixture(
    scope="module",
    params=[
        "sample",
        pytest.param("region", marks=pytest.mark.slow),
        pytest.param("cajamarca", marks=[pytest.mark.real, pytest.mark.slow]),
    ],
)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def folder(
    world: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp(world) / "data"
    if world != "cajamarca":
        return made(out, "--scale", world)
    place = request.getfixturevalue("real") / "peru_cajamarca"
    given = ["--concessions", str(place / "concessions.geojson"), "--registrations", "2000"]
    for role, name in {"protected_areas": "protected_areas", "admin": "provinces"}.items():
        given += ["--layer", f"{role}={place / name}.geojson"]
    return made(out, *given)


@pytest.fixture(scope="module")
def found(folder: Path) -> Comparison:
    return compare(folder, run_study(folder, folder.parent / "run"))


def test_every_registration_and_every_right_is_in_the_run(found: Comparison) -> None:
    assert (found.entries["_merge"] == "both").all()
    assert (found.rights["_merge"] == "both").all()


@pytest.mark.parametrize("column", ENTRY_COLUMNS)
def test_registrations_are_what_they_truly_are(found: Comparison, column: str) -> None:
    assert found.entries[f"{column}_true"].notna().any()
    assert found.wrong_entries(column) == []


@pytest.mark.parametrize("flag", ENTRY_FLAGS)
def test_flags_are_where_they_belong(found: Comparison, flag: str) -> None:
    assert found.wrong_flags(flag) == []


def test_mobile_operators_are_flagged(found: Comparison) -> None:
    entries = found.entries[found.entries["setting_true"].notna()]
    mobile = entries["setting_true"].eq("alluvial") & entries["title_relation_true"].eq(
        "third_party"
    )
    told = entries["flags"].fillna("").str.split(";").map(lambda some: "mobile_operator" in some)
    assert mobile.any()
    assert (mobile == told).all()


@pytest.mark.parametrize("column", RIGHT_COLUMNS)
def test_rights_are_what_they_truly_are(found: Comparison, column: str) -> None:
    assert found.rights[f"{column}_true"].notna().sum() > 300
    assert found.wrong_rights(column) == []


def test_what_counts_towards_coexistence_is_what_should(found: Comparison) -> None:
    reasons = set(found.entries["not_counted_true"].dropna())
    assert reasons >= {"own_title", "prohibited", "excluded", "processing", "alluvial", "no_title"}
    assert (found.entries["not_counted_true"] == CLOSE_CALL).mean() < 0.05
    assert found.wrong_counting() == []


def test_every_candidate_and_every_gate_is_what_it_should_be(found: Comparison) -> None:
    told = set(found.reached.loc[found.reached["is_plain"], "prospect_true"].dropna())
    gates = {"not_in_force", "idle", "small_scale", "none_counting"}
    assert told >= {"candidate", "verify:stratum", "verify:activity", *gates}
    assert found.reached["is_plain"].mean() > 0.9
    assert found.reached["concession_id"].is_unique
    assert found.wrong_prospects() == []


def test_as_many_registrations_count_on_each_right_as_should(found: Comparison) -> None:
    met = found.reached[found.reached["is_sure"]].dropna(subset=["n_counted_true", "n_counted_run"])
    assert (met["n_counted_true"] > 1).sum() > 20
    wrong = met[met["n_counted_true"] != met["n_counted_run"]]
    assert wrong["concession_id"].tolist() == []


def test_the_ground_of_holders_and_groups_is_measured_once(found: Comparison) -> None:
    true, run = (found.rights[f"holder_total_ha_{side}"] for side in ("true", "run"))
    assert ((true - run).abs() < 1e-3)[true.notna()].all()


def test_disturbed_hectares_are_those_of_the_planted_pixels(found: Comparison) -> None:
    rights, years = found.rights, found.years
    assert (rights["disturbed_ha_true"] > 1).sum() > 20
    assert not off(rights["disturbed_ha_true"], rights["disturbed_ha_run"]).any()
    shown = years[(years["_merge"] == "both") & years["disturbed_ha_run"].notna()]
    assert not off(shown["disturbed_ha_true"], shown["disturbed_ha_run"]).any()
    assert (shown["valid_share_true"] - shown["valid_share_run"]).abs().max() < 1e-3


def test_what_no_raster_shows_enough_of_has_no_hectares(found: Comparison) -> None:
    years = found.years
    little = years["valid_share_true"] < 0.49
    assert years.loc[little, "disturbed_ha_run"].isna().all()
    assert (years.loc[years["_merge"] == "left_only", "valid_share_true"] < 1e-6).all()


@pytest.mark.parametrize("column", ["first_growth_year", "last_growth_year"])
def test_growth_is_dated(found: Comparison, column: str) -> None:
    known = found.rights[found.rights["growth_known"]]
    true, run = (known[f"{column}_{side}"].astype("Int64") for side in ("true", "run"))
    assert true.nunique() == 2
    pd.testing.assert_series_equal(true, run, check_names=False)


def test_certificates_that_may_have_lapsed_are_doubted(folder: Path, found: Comparison) -> None:
    """Of holders whom the official table calls small and whose ground is above the limit."""
    doubts = pd.read_csv(folder.parent / "run" / "issues.csv", dtype=str)
    rights = found.rights
    over = (rights["stratum_basis_true"] == "official") & (rights["holder_total_ha_true"] > 2001)
    lapsed = rights[over & (rights["holder_stratum_true"] == "small_scale")]
    assert len(lapsed)
    assert (doubts["problem"] == "stratum_conflict").any()
