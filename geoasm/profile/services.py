"""Official services from which a country's layers can be downloaded, as data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from geoasm import geometry
from geoasm.codes import Paging, Role, ServiceKind
from geoasm.errors import CRSError
from geoasm.profile.sections import Section

FILE = "services.toml"  # a profile may lack it

_NAME = re.compile(r"[a-z][a-z0-9-]*")
_ADDRESS = re.compile(  # plain http only on this machine, for tests and mirrors
    r"(?:https://[\w.-]+|http://(?:127\.0\.0\.1|localhost))(?::\d+)?/[^?#\s]*?([^/?#\s]+)"
)


@dataclass(frozen=True)
class Service:
    """
    One layer of an official service: where it is, how it is asked, what its rows mean.

    `utc_offset_h` is the clock of the service's instants (hours from UTC), from which days follow.
    `unique_by` names the column of which rows with one value and one outline are one row, if they
    agree in all columns but those of `copies_differ_in`.
    """

    name: str
    titles: Mapping[str, str]
    role: Role
    kind: ServiceKind
    urls: tuple[str, ...]
    out_crs: str
    licence: Mapping[str, str]
    reference: str
    verified: bool
    paging: Paging = Paging.ID_RANGES
    page_rows: int = 1000
    utc_offset_h: float = 0.0
    encoding: str | None = None
    unique_by: str | None = None
    copies_differ_in: tuple[str, ...] = ()
    updated_column: str | None = None
    note: Mapping[str, str] = field(default_factory=dict)


def parse_services(section: Section) -> tuple[Service, ...]:
    """
    Read the table of services.

    Raises
    ------
    ProfileError
        A key is missing, misspelt or impossible; the text names file and key.
    """
    services: dict[str, Service] = {}
    for part in section.sections("service"):
        service = _service(part)
        if service.name in services:
            raise part.fault("name", f"{service.name!r} stands twice")
        services[service.name] = service
    section.done()
    return tuple(services.values())


def _service(section: Section) -> Service:
    kind = ServiceKind(section.one_of("kind", ServiceKind))
    reference, verified = section.reference()
    service = Service(
        name=_name(section),
        titles=_words(section, "title"),
        role=Role(section.one_of("role", Role)),
        kind=kind,
        urls=_urls(section, kind),
        out_crs=_crs(section),
        licence=_words(section, "licence"),
        reference=reference,
        verified=verified,
        unique_by=section.take("unique_by", str, None),
        copies_differ_in=section.texts("copies_differ_in", []),
        updated_column=section.take("updated_column", str, None),
        note=_words(section, "note") if section.has("note") else {},
        **(_paged(section) if kind is ServiceKind.ARCGIS else _archived(section)),
    )
    section.done()
    return service


def _paged(section: Section) -> dict[str, Any]:
    rows = section.take("page_rows", int)
    if rows < 1:
        raise section.fault("page_rows", f"cannot be {rows}")
    hours = float(section.take("utc_offset_h", (int, float)))
    if not -12 <= hours <= 14:
        raise section.fault("utc_offset_h", f"cannot be {hours:g}: hours from UTC, -12 to 14")
    paging = Paging(section.one_of("paging", Paging))
    return {"page_rows": rows, "utc_offset_h": hours, "paging": paging}


def _archived(section: Section) -> dict[str, Any]:
    return {"encoding": section.take("encoding", str, None)}


def _name(section: Section) -> str:
    name: str = section.take("name", str)
    if not _NAME.fullmatch(name):
        raise section.fault("name", f"{name!r} must be small letters, digits and hyphens")
    return name


def _crs(section: Section) -> str:
    text: str = section.take("out_crs", str)
    try:
        geometry.parse_crs(text)
    except CRSError as err:
        raise section.fault("out_crs", str(err)) from err
    return text


def _words(section: Section, key: str) -> dict[str, str]:
    words = section.section(key).rest()
    if not words or not all(isinstance(text, str) and text.strip() for text in words.values()):
        raise section.fault(key, 'must hold a text for each language: { es = "…", en = "…" }')
    return words


def _urls(section: Section, kind: ServiceKind) -> tuple[str, ...]:
    urls = section.texts("urls")
    if not urls or (kind is ServiceKind.ARCGIS and len(urls) > 1):
        raise section.fault("urls", "needs at least one address, and arcgis takes no second one")
    names = set()
    for url in urls:
        parts = _ADDRESS.fullmatch(url)
        if parts is None:
            raise section.fault("urls", f"{url!r} must be a plain https:// address")
        if kind is ServiceKind.ARCGIS and not parts[1].isdecimal():
            raise section.fault("urls", f"{url!r} must end in the number of a layer")
        names.add(parts[1])
    if len(names) < len(urls):
        raise section.fault("urls", "name two files alike")
    return urls
