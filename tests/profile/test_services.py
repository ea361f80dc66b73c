"""The table of services: what it must say, and what it says of Peru."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from geoasm.codes import Paging, Role, ServiceKind
from geoasm.errors import ProfileError
from geoasm.io.profiles import list_profiles, load_profile
from geoasm.profile.sections import Section
from geoasm.profile.services import Service, parse_services


def told(**changes: Any) -> dict[str, Any]:
    """A service as TOML gives it; None leaves a key out."""
    given = {
        "name": "cadastre",
        "title": {"es": "Catastro", "en": "Cadastre"},
        "role": "concessions",
        "kind": "arcgis",
        "urls": ["https://example.org/arcgis/rest/services/X/MapServer/0"],
        "paging": "id_ranges",
        "page_rows": 1000,
        "out_crs": "EPSG:4326",
        "utc_offset_h": -5,
        "licence": {"es": "No consta.", "en": "None stated."},
        "reference": "",
        "verified": False,
        **changes,
    }
    return {key: value for key, value in given.items() if value is not None}


def parse(*services: dict[str, Any]) -> tuple[Service, ...]:
    return parse_services(Section({"service": list(services)}, "services.toml"))


def zips(*names: str, **changes: Any) -> dict[str, Any]:
    urls = [f"https://example.org/{name}" for name in names]
    none = dict.fromkeys(("paging", "page_rows", "utc_offset_h"))
    return told(**{**none, "kind": "files", "urls": urls, **changes})


def test_a_layer_and_files_are_read() -> None:
    layer, files = parse(told(), zips("a.zip", "b.zip", name="zones", encoding="latin-1"))
    assert (layer.kind, layer.paging, layer.page_rows) == (
        ServiceKind.ARCGIS,
        Paging.ID_RANGES,
        1000,
    )
    assert (layer.role, layer.utc_offset_h) == (Role.CONCESSIONS, -5.0)
    assert (files.kind, files.encoding, len(files.urls)) == (ServiceKind.FILES, "latin-1", 2)


@pytest.mark.parametrize(
    ("service", "fault"),
    [
        (told(paging="pages"), r"paging: 'pages' is none of id_ranges, id_batches"),
        (told(paging=None), r"paging: is missing"),
        (told(pagging="x"), r"pagging: is no key of this table"),
        (told(page_rows=0), r"page_rows: cannot be 0"),
        (told(utc_offset_h=500), r"utc_offset_h: cannot be 500: hours from UTC"),
        (told(name="Mi servicio"), r"name: 'Mi servicio' must be small letters"),
        (told(role="mines"), r"role: 'mines' is none of"),
        (told(verified=True), r"reference: is empty; state the source, or verified = false"),
        (told(title="Catastro"), r"title: must be a table"),
        (told(licence={"es": ""}), r"licence: must hold a text for each language"),
        (told(licence=None), r"licence: must hold a text"),
        (told(urls=[]), r"urls: needs at least one address"),
        (told(urls=["https://a.pe/0", "https://a.pe/1"]), r"urls: .*arcgis takes no second"),
        (told(urls=["http://a.pe/x/0"]), r"must be a plain https:// address"),
        (told(urls=["https://a.pe/x/0?f=json"]), r"must be a plain https:// address"),
        (told(urls=["https://a.pe/MapServer"]), r"must end in the number of a layer"),
        (told(encoding="latin-1"), r"encoding: is no key of this table"),
        (zips("x/a.zip", "y/a.zip"), r"urls: name two files alike"),
        (zips("a.zip", paging="offset"), r"paging: is no key of this table"),
    ],
)
def test_a_fault_names_file_and_key(service: dict[str, Any], fault: str) -> None:
    with pytest.raises(ProfileError, match=rf"^services\.toml: service.*{fault}"):
        parse(service)


def test_a_name_stands_once() -> None:
    with pytest.raises(ProfileError, match=r"service\[1\]\.name: 'cadastre' stands twice"):
        parse(told(), told())


def test_a_profile_may_lack_services() -> None:
    assert parse() == ()
    assert load_profile("cd").services == ()


def test_shipped_services_read_a_role_of_their_profile_and_are_of_one_name() -> None:
    names = []
    for profile in map(load_profile, list_profiles()):
        for service in profile.services:
            names.append(service.name)
            assert service.role in profile.roles
            assert set(service.titles) == set(service.licence) == {"es", "en"}
            assert service.unique_by is None or service.unique_by == "CODIGOU"
            assert all(urlsplit(url).scheme == "https" for url in service.urls)
    assert len(set(names)) == len(names)


def test_peru_names_the_cadastre_the_register_and_the_areas() -> None:
    services = {s.name: s for s in load_profile("pe").services}
    assert {s.role for s in services.values()} == {
        *(Role.CONCESSIONS, Role.REGISTRATIONS, Role.PROTECTED_AREAS),
        *(Role.BUFFER_ZONES, Role.MINING_CORRIDOR),
    }
    assert not any(s.verified for s in services.values())
    assert len(services["cadastre-zones"].urls) == 3
    assert services["reinfo"].urls[0].endswith("SERV_REINFO/MapServer/0")
    assert services["mining-corridor"].urls[0].endswith("SERV_AREA_RESERVADA/MapServer/8")
