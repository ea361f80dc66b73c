"""The page on the method says what the code does: its constants, published figures and the sample's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import geoasm
from geoasm import geometry, position_error
from geoasm.api import compare_rights, run_study
from geoasm.candidates.score import score, weigh
from geoasm.codes import FactorName
from geoasm.io.profiles import load_profile
from geoasm.io.study import read_study
from geoasm.model import CandidateRules, Factor
from geoasm.planar import BALANCE
from geoasm.strata import _MEASURED

PAGE = (Path(__file__).parents[1] / "docs" / "method.md").read_text(encoding="utf-8")
PERU = load_profile("pe")
LAW = PERU.law.at(date(2026, 1, 1))


def percent(share: float) -> str:
    return f"{share:.1%}".replace("%", " %").replace(".0 ", " ")


def table() -> list[list[str]]:
    """Rows of the table beside published figures, without its head."""
    part = re.search(r"<!-- published -->\n(.*?)<!-- /published -->", PAGE, re.S)
    assert part is not None
    rows = [line.strip("| ").split(" | ") for line in part[1].splitlines()]
    return rows[2:]


@pytest.fixture(scope="module")
def summary(sample: Path) -> Mapping[str, Any]:
    return run_study(read_study(sample / "study.toml")).summary


def test_every_published_figure_stands_there_with_its_source() -> None:
    def written(row: Mapping[str, Any]) -> str:
        value = row["value"]
        return f"{value:,}" if value > 1 else percent(value)

    told = {tuple(row[:3]) for row in table()}
    expected = {
        (f"`{row['figure']}`", f"{written(row)} ({row['year']})", row["reference"])
        for row in PERU.published
    }
    assert told == expected
    assert len(table()) == len(PERU.published)


@pytest.mark.slow
def test_the_column_of_the_sample_is_that_of_a_run_of_today(summary: Mapping[str, Any]) -> None:
    ours = {f"`{row['figure']}`": row["ours"] for row in summary["published"]}
    for figure, *_, told, _, _ in table():
        value = ours[figure]
        assert told == (f"{value:,}" if value > 1 else f"{value:.1%}".replace("%", " %")), figure


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("link_reach_m", "`link_reach_m` ({:g} m)"),
        ("position_sigma_m", "position_sigma_m ({:g})"),
        ("edge_uncertain_share", "edge_uncertain_share ({:g})"),
        ("overlap_tolerance_m2", "overlap_tolerance_m2 ({:g} m²)"),
        ("activity_window_years", "window ({:g})"),
        ("idle_window_years", "window ({:g})"),
        ("idle_penalty_years", "≥ {:g} distinct years"),
        ("small_scale_limit_ha", "total_ha > {:,.0f} ·"),
    ],
)
def test_parameters_are_those_of_the_law(name: str, told: str) -> None:
    assert told.format(LAW.number(name)) in PAGE


def test_constants_are_those_of_the_code() -> None:
    rules = PERU.candidates
    assert rules is not None
    assert f"{position_error.N_SAMPLES} points of equal weight" in PAGE
    assert f"cut at {position_error.CUT:g} sigma" in PAGE
    assert f"{geometry.M_PER_DEGREE:,.0f} m (degrees)" in PAGE
    assert (
        f"{rules.draws:,} draws, each weight between {1 - rules.spread:g} and {1 + rules.spread:g}"
        in PAGE
    )
    assert f"among the first {rules.top}" in PAGE
    assert f"(1 + {_MEASURED - 1:.5f})" in PAGE
    assert f"≤ 10^{np.log10(BALANCE):.0f} ·" in PAGE
    assert (
        f"({PERU.crs.operations[0].operation}, {PERU.crs.operations[0].accuracy_m:g} m)"
        in PAGE.replace("Peru: ", "")
    )


def test_the_points_of_the_error_are_those_of_the_formula() -> None:
    i, n = np.arange(610), 610
    radius = np.sqrt(-2 * np.log(1 - (1 - np.exp(-9 / 2)) * (i + 0.5) / n))
    angle = 2 * np.pi * ((i * (np.sqrt(5) - 1) / 2) % 1)
    east, north = position_error.stencil()
    assert east == pytest.approx(radius * np.cos(angle))
    assert north == pytest.approx(radius * np.sin(angle))


def test_the_score_is_that_of_the_formula() -> None:
    names = [FactorName.OWN_PLANT, FactorName.IGAFOM, FactorName.COMMUNITY]  # the last a risk
    w, v, k = np.array([20.0, 8.0, 3.0]), np.array([0.5, 1.0, 0.25]), np.array([1.0, 0.5, 1.0])
    factors = tuple(
        Factor(name, weight, "", False, (), {}) for name, weight in zip(names, w, strict=True)
    )
    rules = CandidateRules(factors, *[0] * 9, reference="")
    frames = [pd.DataFrame([row], columns=[str(name) for name in names]) for row in (v, k)]
    found = score(weigh(*frames, rules)).iloc[0]
    g = np.array([v[0], v[1], 1 - v[2]])
    low, coverage = 100 * (w * k * g).sum() / w.sum(), (w * k).sum() / w.sum()
    assert found["score_low"] == pytest.approx(low)
    assert found["coverage"] == pytest.approx(coverage)
    assert found["score_high"] == pytest.approx(low + 100 * (1 - coverage))


@pytest.mark.real
def test_hectares_of_real_rights_are_those_that_the_cadastre_states(real: Path) -> None:
    found = compare_rights(real / "peru_cajamarca" / "concessions.geojson", on=date(2026, 6, 1))
    rights = found.concessions[found.concessions["declared_area_ha"] > 0]
    ours, stated = rights["area_ha"], rights["declared_area_ha"]
    off = (ours / stated - 1).abs()
    assert f"{ours.sum():,.0f} ha | {stated.sum():,.0f} ha" in PAGE
    assert f"of the {len(rights):,} rights" in PAGE
    assert f"{(off < 0.001).mean():.1%}".replace("%", " %") + " of the rights within 0.1 %" in PAGE
    assert off.median() < 0.000025
    assert f"{found.summary['ground']['pairs']:,} pairs" in PAGE


@pytest.mark.real
def test_sites_of_dr_congo_are_on_the_rights_that_a_plain_join_finds(real: Path) -> None:
    titles = gpd.read_file(real / "drc_2020" / "titles.geojson")
    titles = titles.set_geometry(titles.geometry.make_valid())
    visits = pd.read_csv(real / "drc_2020" / "asm_site_visits.csv").sort_values("visit_date")
    sites = visits.drop_duplicates("pcode", keep="last")
    at = gpd.points_from_xy(sites["longitude"], sites["latitude"], crs=4326)
    spots = gpd.GeoDataFrame(sites[["pcode"]], geometry=at)
    in_force = titles["Status"].str.match("Actif|Droit Octroy|Renouvellement|A d")
    mining = titles[in_force & titles["Licence_"].isin(["PR", "PE", "PEPM"])]
    joined = [spots.sjoin(some)["pcode"].nunique() for some in (titles, mining)]
    run = geoasm.analyze(
        concessions=real / "drc_2020" / "titles.geojson",
        registrations=real / "drc_2020" / "asm_site_visits.csv",
        layers={"asm_zones": real / "drc_2020" / "artisanal_zones.geojson"},
        profile="cd",
        on=date(2020, 1, 31),
    )
    steps = {row["step"]: row["registrations"] for row in run.summary["funnel"]}
    assert [steps["inside_any_right"], steps["on_title_in_force"]] == joined
    assert f"{joined[0]:,} sites on a right, {joined[1]:,} on a mining title in force" in PAGE
    assert f"{(run.registrations['asm_class'] == 'in_asm_zone').sum()} have the class" in PAGE
