"""DR Congo: what each status and licence means, and that nothing in the files goes unread."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from geoasm import pipeline
from geoasm.codes import Role
from geoasm.io.layers import read_layer
from geoasm.io.profiles import load_profile
from geoasm.model import Options, RoleSpec, Vocabulary
from geoasm.parsing.text import fold
from geoasm.profile import Profile

IN_FORCE = [
    "Actif", "Actif-En Force Majeure", "Actif-Levée de Force Majeure", "Actif-En Renouvellement",
    "Actif-Transformation PR en PE", "Actif-Transformation PR en PEPM", "Actif-Transformation PEPM en PE",
    "Actif-Transformation ARPC en AECP", "Actif-Transformation en Multiple",
    "Actif-En cours de Transformation Partielle", "Actif-En cours de Cession Partielle",
    "Actif-En cours de Cession Totale", "Actif-En cours de Renonciation partielle",
    "Droit Octroyé", "Droit Octroyé PR->PE", "Droit Octroyé PR->PEPM", "Renouvellement Octroi",
]  # fmt: skip
IN_FORCE_BUT_DOUBTFUL = [
    "A déchoir pour non paiement", "Actif-En Déchéance_NonPaiement",
    "Actif-En Déchéance_NonCommencement", "Actif-Report de Déchéance",
    "Actif-En cours de Renonciation totale",
]  # fmt: skip
APPLICATIONS = [
    "Demande Approuvée", "Demande-Transformation Partielle", "Demande-Cession Partielle",
    "Demande-Transformation en Multiple",
]  # fmt: skip
MEANING = (
    dict.fromkeys(IN_FORCE + IN_FORCE_BUT_DOUBTFUL, "titled")
    | dict.fromkeys(APPLICATIONS, "pending")
    | {"Droit Déchu": "extinct"}
)


@pytest.fixture(scope="module")
def congo() -> Profile:
    return load_profile("cd")


def vocabulary(profile: Profile, field: str) -> Vocabulary:
    (source,) = profile.roles[Role.CONCESSIONS].fields[field].sources
    assert source.vocabulary is not None
    return source.vocabulary


def test_each_of_the_27_statuses_has_its_meaning(congo: Profile) -> None:
    assert len(MEANING) == 27
    known = vocabulary(congo, "status").values
    assert {s: known[fold(s)] for s in MEANING} == MEANING


def test_titles_on_their_way_out_are_in_force_and_doubted(congo: Profile) -> None:
    doubtful = vocabulary(congo, "status").doubtful
    assert all(fold(s) in doubtful for s in IN_FORCE_BUT_DOUBTFUL)
    assert not any(fold(s) in doubtful for s in [*IN_FORCE, "Droit Déchu", "Demande Approuvée"])


@pytest.mark.parametrize(
    ("licence", "kind", "stratum"),
    [
        ("PR", "mining", "lsm_msm"),
        ("PE", "mining", "lsm_msm"),
        ("PEPM", "mining", "small_scale"),
        ("PER", "tailings", "unknown"),
        ("ARPC", "quarry", "unknown"),
        ("AECP (Car)", "quarry", "unknown"),
        ("AECP (Min)", "quarry", "unknown"),
        ("C.U.P.", "other", "unknown"),
        ("ZEA", "asm_zone", "unknown"),
    ],
)
def test_a_licence_says_what_the_right_is_and_how_large_its_holder(
    congo: Profile, licence: str, kind: str, stratum: str
) -> None:
    assert vocabulary(congo, "right_type").values[fold(licence)] == kind
    assert vocabulary(congo, "stratum_by_licence").values[fold(licence)] == stratum


def test_a_visit_has_no_registrant(congo: Profile) -> None:
    assert congo.registrants == "none"
    fields = congo.roles[Role.REGISTRATIONS].fields
    assert not {"ruc", "registrant_name"} & set(fields)
    assert "own_title" not in {r.then for r in congo.law.rules}


def test_a_site_is_one_row_its_latest_visit(congo: Profile) -> None:
    spec = congo.roles[Role.REGISTRATIONS]
    assert spec.latest_by == "visited_on"
    assert spec.fields["activity"].default == "extraction"
    assert spec.fields["status"].default == "unknown"


def test_titles_are_drawn_in_degrees_and_measured_in_zones_that_span_the_country(
    congo: Profile,
) -> None:
    plan = congo.crs
    assert (plan.drawn_in, plan.geographic) == ("geographic", "EPSG:4326")
    assert plan.zones[0].west >= plan.bounds[0]
    assert plan.zones[-1].east >= plan.bounds[2]
    assert all(a.east == b.west for a, b in zip(plan.zones, plan.zones[1:], strict=False))


def known_columns(spec: RoleSpec) -> set[str]:
    read = {fold(c) for f in spec.fields.values() for s in f.sources for c in s.columns}
    positions = {fold(c) for p in spec.positions for c in (*p.x_columns, *p.y_columns)}
    return read | positions | spec.ignored


@pytest.mark.real
def test_every_column_of_the_visits_is_read_or_left_out_by_name(congo: Profile, real: Path) -> None:
    with (real / "drc_2020" / "asm_site_visits.csv").open(encoding="utf-8-sig") as file:
        header = next(csv.reader(file))
    assert {fold(c) for c in header} <= known_columns(congo.roles[Role.REGISTRATIONS])


def test_a_title_may_come_in_several_blocks_under_one_code(congo: Profile) -> None:
    assert congo.roles[Role.CONCESSIONS].merge_parts


@pytest.mark.real
def test_the_sites_of_2020_stand_where_an_independent_count_puts_them(
    congo: Profile, real: Path
) -> None:
    files = {
        Role.CONCESSIONS: real / "drc_2020" / "titles.geojson",
        Role.REGISTRATIONS: real / "drc_2020" / "asm_site_visits.csv",
        Role.ASM_ZONES: real / "drc_2020" / "artisanal_zones.geojson",
    }
    raw = {role: read_layer(str(path), role.value) for role, path in files.items()}
    result = pipeline.run(raw, congo, Options(on=date(2020, 12, 31)))
    sites = result.registrations

    visits = pd.read_csv(files[Role.REGISTRATIONS]).drop_duplicates("pcode")
    points = gpd.GeoSeries(gpd.points_from_xy(visits["longitude"], visits["latitude"]), crs=4326)
    titles = gpd.read_file(files[Role.CONCESSIONS])
    inside = points.sindex.query(titles.geometry, predicate="covers")[1]
    assert set(sites.loc[sites["n_rights"] > 0, "registration_id"]) == set(
        visits["pcode"].iloc[inside]
    )

    assert len(sites) == visits["pcode"].nunique()
    assert not (sites["asm_class"] == "own_title").any()
    assert not sites["title_relation"].isin(["own", "third_party"]).any()
    status = result.concessions.set_index("concession_id")["status"]
    lapsed = sites["asm_class"] == "on_extinct_claim"
    assert lapsed.any()
    assert (status.loc[sites.loc[lapsed, "concession_id"]] == "extinct").all()
    assert (sites["asm_class"] == "in_asm_zone").any()
    assert {"13214", "2331", "2791"} <= set(
        result.issues.loc[result.issues["action"] == "set_aside", "id"]
    )
    assert result.summary["failed"] == []
