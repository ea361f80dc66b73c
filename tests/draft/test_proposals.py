"""Which columns are proposed for which fields, and which never are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import pandas as pd
import pytest

from geoasm.codes import Role
from geoasm.draft.proposals import Columns
from geoasm.draft.words import read_catalogue
from geoasm.io.profiles import list_profiles, load_profile, read_template
from tests.draft import country

Looked = Callable[[pd.DataFrame], Columns]


@pytest.fixture(scope="module")
def look() -> Looked:
    catalogue = read_catalogue(read_template()[1])
    profiles = [load_profile(name) for name in list_profiles()]
    return lambda frame: Columns(frame, catalogue, profiles, date(2026, 1, 1))


@pytest.mark.parametrize(
    "names", [country.SPANISH, country.FRENCH, country.PORTUGUESE, country.ENGLISH]
)
def test_rights_are_known_by_the_words_of_several_languages(
    look: Looked, names: Mapping[str, str]
) -> None:
    found = look(country.rights(names)).propose(Role.CONCESSIONS)
    assert {field: found[field].columns for field in names} == {f: (n,) for f, n in names.items()}
    assert found["status_code"] == found["status"]


def test_the_spellings_of_the_profile_that_knows_most_go_first(look: Looked) -> None:
    """ESTADO is a state of Brazil in one profile, a status in another."""
    names = {"registration_id": "COD_REINFO", "registrant_name": "NOMBRE_MIN", "status": "ESTADO"}
    frame = country.miners({**country.MINERS, **names})
    found = look(frame).propose(Role.REGISTRATIONS)
    assert {field: found[field].columns for field in names} == {f: (n,) for f, n in names.items()}
    assert found["status"].why == "as profile pe spells it"
    assert "declared_admin_1" not in found


def test_columns_of_no_known_word_are_known_by_their_values(look: Looked) -> None:
    letters = dict(zip(country.SPANISH, ("AAA", "BBB", "CCC", "DDD", "EEE"), strict=True))
    found = look(country.rights(letters)).propose(Role.CONCESSIONS)
    assert {field: p.columns for field, p in found.items()} == {
        "concession_id": ("AAA",),
        "holder_name": ("BBB",),
        "filed_on": ("CCC",),
    }


def test_what_a_code_means_is_never_told_by_its_values(look: Looked) -> None:
    frame = country.rights().rename(columns={"ESTADO_TRAMITE": "DDD"})
    assert "status" not in look(frame).propose(Role.CONCESSIONS)


@pytest.mark.parametrize("name", ["NOMBRE", "Name", "nome", "DNI", "TELEFONO", "REPRESENTANTE"])
def test_no_public_field_reads_a_column_that_may_tell_a_person(look: Looked, name: str) -> None:
    frame = country.miners().assign(**{name: country.PERSON})
    columns = look(frame)
    public = [p for f, p in columns.propose(Role.REGISTRATIONS).items() if f != "registrant_name"]
    assert not [p for p in public if name in p.columns]
    assert name in columns.private | columns.bare | set(columns.identity)


def test_names_of_areas_are_no_persons(look: Looked) -> None:
    frame = pd.DataFrame({"NOMBRE": ["Parque A", "Parque B"], "CATEGORIA": ["PN", "SN"]})
    found = look(frame).propose(Role.PROTECTED_AREAS)
    assert found["name"].columns == ("NOMBRE",)
    assert found["area_type"].columns == ("CATEGORIA",)


def test_the_one_day_of_a_snapshot_is_no_filing(look: Looked) -> None:
    frame = country.rights().assign(FECHA_SOLICITUD="2025-12-01")
    frame = frame.rename(columns={"FECHA_SOLICITUD": "XXX"})
    assert "filed_on" not in look(frame).propose(Role.CONCESSIONS)


@pytest.mark.parametrize("role", [Role.CONCESSIONS, Role.REGISTRATIONS])
def test_a_state_is_a_status_or_a_region_by_what_its_values_say(look: Looked, role: Role) -> None:
    frame = pd.DataFrame({"NO": [f"A{n:03}" for n in range(30)]})
    statuses = frame.assign(STATE=["Granted", "Applied for", "Renewal pending"] * 10)
    found = look(statuses).propose(role)
    assert (found["status"].columns, found["status"].why) == (
        ("STATE",),
        "as its values are statuses",
    )
    assert "declared_admin_1" not in found
    regions = look(frame.assign(STATE=["Kano", "Kwara", "Active Hills"] * 10)).propose(role)
    assert "status" not in regions
    if role is Role.REGISTRATIONS:
        assert regions["declared_admin_1"].columns == ("STATE",)


def test_two_columns_of_statuses_are_for_a_person_to_choose_from(look: Looked) -> None:
    frame = pd.DataFrame({"NO": [f"A{n:03}" for n in range(30)], "X": "Granted", "Y": "valid"})
    assert "status" not in look(frame).propose(Role.CONCESSIONS)


def test_places_are_degrees_and_metres_with_a_zone(look: Looked) -> None:
    frame = country.miners().assign(ESTE=610_000, NORTE=8_001_000, ZONA="20")
    assert [(p.kind, *p.x_columns, *p.y_columns) for p in look(frame).positions()] == [
        ("lonlat", "LONGITUD", "LATITUD"),
        ("utm", "ESTE", "NORTE"),
    ]
    assert [p.kind for p in look(frame.drop(columns="ZONA")).positions()] == ["lonlat"]


def test_degrees_without_a_word_are_known_by_lying_in_the_country(look: Looked) -> None:
    frame = country.miners({**country.MINERS, "lon": "P1", "lat": "P2"})
    columns = look(frame)
    assert columns.positions() == []
    inside = columns.positions((-63.0, -19.0, -60.0, -17.0))
    assert [(p.x_columns, p.y_columns) for p in inside] == [(("P1",), ("P2",))]
    assert columns.positions((10.0, 40.0, 20.0, 50.0)) == []


def test_degrees_that_could_be_either_are_not_guessed(look: Looked) -> None:
    frame = pd.DataFrame({"c1": [f"{9.2 + n / 97:.5f}" for n in range(60)]})
    columns = look(frame.assign(c2=[f"{13.1 + n / 89:.5f}" for n in range(60)]))
    assert len(columns.positions((12.9, 9.0, 14.5, 11.0))) == 1
    assert columns.positions((8.0, 2.0, 17.0, 14.0)) == []


def test_words_of_degrees_over_other_values_are_no_place(look: Looked) -> None:
    frame = country.miners().assign(LATITUD="8 001 000", LONGITUD=610_000)
    assert look(frame).positions() == []
