"""Real layers, where they lie beside the checkout: what is wrong with them is what is reported."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from geoasm import issues as issue_list
from geoasm import normalize
from geoasm.io.profiles import load_profile
from geoasm.model import RawLayer, Source

pytestmark = pytest.mark.real

ON = date(2026, 6, 1)


def read(path: Path) -> RawLayer:
    frame: Any = pd.read_csv(path, dtype="str") if path.suffix == ".csv" else gpd.read_file(path)
    frame = frame.assign(source_row=range(1, len(frame) + 1))
    return RawLayer(frame, Source("file", path.name, rows=len(frame)))


def concessions(path: Path, profile_name: str) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    profile = load_profile(profile_name)
    raw = read(path)
    rights, issues = normalize.concessions(
        raw, profile.roles["concessions"], profile.crs, on=ON, area_tolerance_share=0.02
    )
    gone = issue_list.count_set_aside(issues, "concessions")
    assert len(raw.frame) == len(rights) + gone
    return rights, issues


def test_the_older_schema_of_the_cadastre(real: Path) -> None:
    rights, issues = concessions(real / "peru_cajamarca" / "concessions.geojson", "pe")
    assert len(rights) == 2785
    counts = issues["problem"].value_counts().to_dict()
    assert counts.pop("area_mismatch") < 30
    assert counts == {"missing_date": 11, "missing_holder": 2, "invalid_geometry": 1}
    assert set(rights["status"]) == {"titled", "pending", "extinct", "other"}
    assert rights["drawn"].map(lambda g: g.is_valid).all()


def test_the_modern_schema_reads_without_mojibake(real: Path) -> None:
    rights, issues = concessions(real / "peru_raura" / "concessions.geojson", "pe")
    assert set(issues["problem"]) == {"mojibake", "invalid_geometry"}
    text = rights.select_dtypes("str")
    scrambled = text.apply(lambda c: c.str.contains("Ã|Â", na=False))
    assert not scrambled.any(axis=None)
    assert text["holder_name"].str.startswith("COMPAÑIA").sum() > 50


def test_titles_of_another_country(real: Path) -> None:
    rights, issues = concessions(real / "drc_2020" / "titles.geojson", "cd")
    gone = issues[issues["action"] == "set_aside"].set_index("id")["problem"]
    assert set(gone.index) == {"13214", "2331", "2791"}
    assert gone["13214"] == "outside_country"
    assert len(rights) == 3463
    assert "unknown_code" not in set(issues["problem"])


def test_visits_come_down_to_the_latest_of_each_site(real: Path) -> None:
    profile = load_profile("cd")
    raw = read(real / "drc_2020" / "asm_site_visits.csv")
    sites, issues = normalize.registrations(raw, profile.roles["registrations"], profile.crs, on=ON)
    latest = pd.to_datetime(raw.frame["visit_date"]).groupby(raw.frame["pcode"]).max()
    assert len(sites) == len(latest) == 2988
    visited = sites.set_index("registration_id")["visited_on"]
    assert (visited == latest.loc[visited.index]).all()
    assert len(raw.frame) == len(sites) + issue_list.count_set_aside(issues, "registrations")
