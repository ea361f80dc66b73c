"""Drafts from layers of two countries that nobody here wrote."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geoasm import api
from geoasm.cases import run_cases
from geoasm.codes import Role
from geoasm.draft import draft_profile
from geoasm.io.profiles import load_profile
from geoasm.io.study import Study
from geoasm.profile import Profile

pytestmark = pytest.mark.real
AMAPA = "mining_processes.gpkg:sigmine_AP_2021_poly"


def drafted(code: str, files: list[tuple[Role | None, str]], folder: Path) -> Profile:
    profile = load_profile(str(draft_profile(code, files).save(folder / code)))
    assert all(outcome.ok for outcome in run_cases(profile))
    return profile


def columns_of(profile: Profile, role: Role) -> dict[str, tuple[str, ...]]:
    fields = profile.roles[role].fields
    return {name: tuple(c for s in f.sources for c in s.columns) for name, f in fields.items()}


def test_titles_and_visits_of_the_congo(real: Path, tmp_path: Path) -> None:
    titles, visits, zones = (
        str(real / "drc_2020" / name)
        for name in ("titles.geojson", "asm_site_visits.csv", "artisanal_zones.geojson")
    )
    files = [(None, titles), (None, visits), (Role.ASM_ZONES, zones)]
    profile = drafted("cd", files, tmp_path)
    rights = columns_of(profile, Role.CONCESSIONS)
    assert (rights["concession_id"], rights["holder_name"]) == (("Code",), ("Parties",))
    assert (rights["status"], rights["right_type"]) == (("Status",), ("Licence_",))
    sites = columns_of(profile, Role.REGISTRATIONS)
    assert (sites["registration_id"], sites["visited_on"]) == (("pcode",), ("visit_date",))
    assert profile.roles[Role.REGISTRATIONS].latest_by == "visited_on"
    assert profile.registrants == "none"
    assert profile.crs.drawn_in == "geographic"
    assert [zone.epsg for zone in profile.crs.zones] == [32733, 32734, 32735, 32736]
    west, south, east, north = profile.crs.bounds
    assert 11 < west < south + 26  # without the one title that lies far outside
    assert (south > -15, east < 32.5, north < 6.5) == (True, True, True)


def test_processes_of_amapa_with_a_datum_that_nobody_names(real: Path, tmp_path: Path) -> None:
    layer = str(real / "brazil_amapa" / AMAPA)
    profile = drafted("br", [(None, layer)], tmp_path)
    rights = columns_of(profile, Role.CONCESSIONS)
    assert (rights["concession_id"], rights["holder_name"]) == (("PROCESSO",), ("NOME",))
    assert (rights["status"], rights["substance"]) == (("FASE",), ("SUBS",))
    status = profile.roles[Role.CONCESSIONS].fields["status"].sources[0].vocabulary
    assert status is not None
    assert len(status.values) == 10  # of 13; three are rare and of several words, so only counted
    assert profile.crs.drawn_in == "geographic"
    assert len(profile.crs.operations) == 1
    register = tmp_path / "register.csv"
    pd.DataFrame({"registration_id": ["1", "2"], "registrant_name": ["A B C", "D E F"]}).assign(
        longitude=[-51.59, -51.6], latitude=[2.30, 0.9]
    ).to_csv(register, index=False)
    study = Study(
        profile=str(tmp_path / "br"),
        files={Role.CONCESSIONS: layer, Role.REGISTRATIONS: str(register)},
    )
    result = api.run_study(study)
    assert len(result.registrations) == 2
    assert set(result.registrations["asm_class"]) <= {"ambiguous", "open_ground"}
