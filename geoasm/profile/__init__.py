"""A country as data: its systems, the columns and codes of its files, its law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from geoasm.codes import (
    RASTER_ROLES,
    Activity,
    ConcessionStatus,
    Expectation,
    FactorName,
    FieldKind,
    HolderScale,
    HolderStratum,
    RegistrationStatus,
    Role,
    Substance,
    UnitStage,
    UnitSubstance,
)
from geoasm.errors import ProfileError
from geoasm.law import Law
from geoasm.model import (
    CandidateRules,
    ClaimGrid,
    ComparisonRules,
    CrsPlan,
    DatumOperation,
    FieldSource,
    FieldSpec,
    Legend,
    PartyRules,
    PositionSpec,
    RoleSpec,
    Vocabulary,
    Zone,
)
from geoasm.parsing.text import fold
from geoasm.profile.candidates import parse_candidates
from geoasm.profile.comparison import parse_comparison
from geoasm.profile.grid import parse_grid
from geoasm.profile.law import parse_law
from geoasm.profile.sections import Section
from geoasm.profile.services import FILE as SERVICES_FILE
from geoasm.profile.services import Service, parse_services

FILES = ("profile.toml", "lookups.toml", "law.toml", "cases.toml")
OPTIONAL_FILES = (SERVICES_FILE,)

# Fields whose values the rules compare: a vocabulary may give nothing else.
CLOSED_FIELDS: Mapping[tuple[Role, str], type[StrEnum]] = {
    (Role.CONCESSIONS, "status"): ConcessionStatus,
    (Role.CONCESSIONS, "stratum_by_licence"): HolderStratum,
    (Role.CONCESSIONS, "substance"): Substance,
    (Role.REGISTRATIONS, "status"): RegistrationStatus,
    (Role.REGISTRATIONS, "activity"): Activity,
    (Role.REGISTRATIONS, "substance"): Substance,
    (Role.STRATA, "stratum"): HolderStratum,
    (Role.STRATA, "scale"): HolderScale,
    (Role.ASSESSMENTS, "factor"): FactorName,
    (Role.PRODUCTION, "stratum"): HolderStratum,
    (Role.MINING_UNITS, "stage"): UnitStage,
    (Role.MINING_UNITS, "substance"): UnitSubstance,
    (Role.PLANTS, "stage"): UnitStage,
}


@dataclass(frozen=True)
class Profile:
    """One country, whole and checked."""

    code: str
    names: Mapping[str, str]
    language: str
    registrants: str  # "persons" or "none"
    crs: CrsPlan
    roles: Mapping[Role, RoleSpec]
    parties: PartyRules
    law: Law
    cases: tuple[Mapping[str, Any], ...]
    expect: Mapping[str, float]
    published: tuple[Mapping[str, Any], ...]
    legends: Mapping[Role, tuple[Legend, ...]] = field(default_factory=dict)
    candidates: CandidateRules | None = None
    grid: ClaimGrid | None = None
    comparison: ComparisonRules | None = None
    services: tuple[Service, ...] = ()
    is_shipped: bool = False  # it came with the package


def parse_profile(code: str, documents: Mapping[str, Mapping[str, Any]]) -> Profile:
    """
    Build a profile from its parsed TOML files.

    Parameters
    ----------
    code
        Name of the profile's folder.
    documents
        File name to its content: `profile.toml`, `lookups.toml`, `law.toml`, `cases.toml`,
        and `services.toml` where there is one.

    Raises
    ------
    ProfileError
        A key is missing, misspelt or impossible; the text names file and key.
    """
    top = Section(documents["profile.toml"], "profile.toml")
    lookups = Section(documents["lookups.toml"], "lookups.toml")
    vocabularies = {n: _vocabulary(n, s) for n, s in lookups.section("vocabulary").items()}
    lookups.done()
    head = top.section("profile")
    if head.take("code", str) != code:
        raise head.fault("code", f"must be the folder's name, {code!r}")
    roles = {}
    for name, section in top.section("roles").items():
        if name not in set(Role):
            raise ProfileError(f"profile.toml: roles.{name}: is no role; roles: {', '.join(Role)}")
        roles[Role(name)] = _role(Role(name), section, vocabularies)
    cases = Section(documents["cases.toml"], "cases.toml")
    case_rows = tuple(s.rest() for s in cases.sections("case"))
    cases.done()
    profile = Profile(
        code=code,
        names=head.section("name").rest(),
        language=head.take("language", str),
        registrants=head.one_of("registrants", ("persons", "none")),
        crs=_crs(top.section("crs")),
        roles=roles,
        parties=_parties(top.section("parties")),
        law=parse_law(Section(documents["law.toml"], "law.toml"), code),
        cases=case_rows,
        expect=_expect(top.section("expect")),
        published=tuple(s.rest() for s in top.sections("published")),
        legends=_legends(top.section("rasters")),
        candidates=parse_candidates(top.section("candidates")),
        grid=parse_grid(top.section("grid")),
        comparison=parse_comparison(top.section("comparison")),
        services=parse_services(Section(documents.get(SERVICES_FILE, {}), SERVICES_FILE)),
    )
    head.done()
    top.done()
    return profile


def _expect(section: Section) -> dict[str, float]:
    floors = {
        name: float(section.take(name, (int, float)))
        for name in map(str, Expectation)
        if section.has(name)
    }
    section.done()
    return floors


def _vocabulary(name: str, section: Section) -> Vocabulary:
    reference, _ = section.reference()
    values = {fold(k): v for k, v in section.section("values").rest().items()}
    prefixes = tuple((fold(k), v) for k, v in section.section("prefixes").rest().items())
    doubtful = frozenset(fold(v) for v in section.texts("doubtful", []))
    section.done()
    return Vocabulary(name, reference, values, prefixes, doubtful)


def _crs(section: Section) -> CrsPlan:
    plan = CrsPlan(
        geographic=section.take("geographic", str),
        drawn_in=section.one_of("drawn_in", ("zone", "geographic")),
        zones=tuple(_zone(s) for s in section.sections("zone")),
        equal_area=section.take("equal_area", str),
        bounds=_bounds(section),
        operations=tuple(_operation(s) for s in section.sections("operation")),
        legacy_zones=tuple(_zone(s) for s in section.sections("legacy_zone")),
    )
    if not plan.zones:
        raise section.fault("zone", "needs at least one zone")
    section.done()
    return plan


def _bounds(section: Section) -> tuple[float, float, float, float]:
    values = section.take("bounds", list)
    if len(values) != 4 or not all(isinstance(v, int | float) for v in values):
        raise section.fault("bounds", "must be west, south, east, north in degrees")
    west, south, east, north = map(float, values)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise section.fault("bounds", f"{values} are not west, south, east, north in degrees")
    return west, south, east, north


def _zone(section: Section) -> Zone:
    number = (int, float)
    zone = Zone(
        section.take("code", str),
        section.take("epsg", int),
        float(section.take("west", number)),
        float(section.take("east", number)),
    )
    section.done()
    return zone


def _operation(section: Section) -> DatumOperation:
    operation = DatumOperation(
        section.take("from", str),
        section.take("to", str),
        section.take("code", str),
        float(section.take("accuracy_m", (int, float))),
        section.reference()[0],
    )
    section.done()
    return operation


def _parties(section: Section) -> PartyRules:
    listed = section.section("legal_forms")
    forms = {name: listed.texts(name) for name in listed.left()}
    numerals = _numerals(section.section("numerals"))

    def folded(key: str) -> tuple[str, ...]:
        return tuple(fold(text) for text in section.texts(key, []))

    rules = PartyRules(
        legal_forms=tuple(
            (fold(spelling), form) for form, group in forms.items() for spelling in group
        ),
        closing_forms=frozenset(section.some_of("closing_forms", forms, ())),
        trader_forms=frozenset(section.some_of("trader_forms", forms, ())),
        legal_prefixes=section.texts("legal_prefixes", []),
        natural_prefixes=section.texts("natural_prefixes", []),
        firm_words=frozenset(folded("firm_words")),
        person_words=section.take("person_words", int, None),
        and_word=fold(section.take("and_word", str, "Y")),
        others=folded("others"),
        no_names=folded("no_names"),
        name_width=section.take("name_width", int, None),
        review_score=float(section.take("review_score", (int, float), 85.0)),
        review_rest_score=float(section.take("review_rest_score", (int, float), 60.0)),
        numerals=numerals,
        particles=frozenset(folded("particles")),
        and_joins_surnames=section.take("and_joins_surnames", bool, False),
        succession_words=frozenset(folded("succession_words")),
    )
    section.done()
    return rules


def _numerals(section: Section) -> dict[str, int]:
    """Give the value of each word that numbers something."""
    words: dict[str, int] = {}
    for value in section.left():
        if not value.isdigit():
            raise section.fault(value, "must be a number")
        words |= dict.fromkeys(map(fold, section.texts(value)), int(value))
    return words


def _legends(section: Section) -> dict[Role, tuple[Legend, ...]]:
    legends = {}
    for name, part in section.items():
        if name not in RASTER_ROLES:
            raise ProfileError(
                f"profile.toml: rasters.{name}: is no raster; rasters: {', '.join(RASTER_ROLES)}"
            )
        legends[Role(name)] = tuple(_legend(s) for s in part.sections("legend"))
        part.done()
    return legends


def _legend(section: Section) -> Legend:
    reference, verified = section.reference()
    known = section.take("known", list)
    if not all(isinstance(r, list) and len(r) == 2 for r in known):
        raise section.fault("known", "must be a list of ranges, [[0, 1]]")
    legend = Legend(
        name=section.take("name", str),
        disturbed=section.numbers("disturbed"),
        known=tuple((float(a), float(b)) for a, b in known),
        reference=reference,
        verified=verified,
        fractions=section.take("fractions", bool, False),
    )
    section.done()
    return legend


def _role(role: Role, section: Section, vocabularies: Mapping[str, Vocabulary]) -> RoleSpec:
    fields = {n: _field(n, s, vocabularies) for n, s in section.section("fields").items()}
    for name, codes in ((n, CLOSED_FIELDS[role, n]) for n in fields if (role, n) in CLOSED_FIELDS):
        _check_closed(section, fields[name], codes)
    need = section.take("need_one_of", list, [])
    if not all(isinstance(group, list) for group in need):
        raise section.fault("need_one_of", 'must be a list of lists, [["ruc", "name"]]')
    for name in (n for group in need for n in group):
        if name not in fields:
            raise section.fault("need_one_of", f"{name!r} is no field of this role")
    latest_by = section.take("latest_by", str, None)
    if latest_by is not None and latest_by not in fields:
        raise section.fault("latest_by", f"{latest_by!r} is no field of this role")
    spec = RoleSpec(
        role=role,
        geometry=section.one_of("geometry", ("polygon", "line", "point", "any", "none")),
        fields=fields,
        positions=tuple(_position(s) for s in section.sections("position")),
        need_one_of=tuple(tuple(group) for group in need),
        ignored=frozenset(fold(c) for c in section.texts("ignored", [])),
        latest_by=latest_by,
        merge_parts=section.take("merge_parts", bool, False),
    )
    section.done()
    return spec


def _field(name: str, section: Section, vocabularies: Mapping[str, Vocabulary]) -> FieldSpec:
    kind = FieldKind(section.one_of("kind", FieldKind))
    sources = []
    for part in section.sections("from") or [section]:
        vocabulary = part.take("vocabulary", str, None)
        if (vocabulary is None) == (kind is FieldKind.VOCABULARY):
            raise part.fault("vocabulary", "goes with kind = 'vocabulary', and only with it")
        if vocabulary is not None and vocabulary not in vocabularies:
            raise part.fault("vocabulary", f"lookups.toml has no vocabulary {vocabulary!r}")
        columns = part.texts("columns")
        sources.append(FieldSource(columns, vocabularies[vocabulary] if vocabulary else None))
        if part is not section:
            part.done()
    lengths = section.take("lengths", list, [])
    if not all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in lengths):
        raise section.fault("lengths", "must be a list of numbers of characters, [9, 11]")
    spec = FieldSpec(
        name=name,
        kind=kind,
        sources=tuple(sources),
        required=section.take("required", bool, False),
        unit=section.take("unit", str, ""),
        code_lengths=tuple(lengths),
        default=section.take("default", str, None),
    )
    section.done()
    return spec


def _check_closed(section: Section, spec: FieldSpec, codes: type[StrEnum]) -> None:
    known = f"is none of {', '.join(codes)}"
    if spec.default is not None and spec.default not in set(codes):
        raise section.fault(f"fields.{spec.name}.default", f"{spec.default!r} {known}")
    for vocabulary in (s.vocabulary for s in spec.sources if s.vocabulary):
        given = {*vocabulary.values.values(), *dict(vocabulary.prefixes).values()}
        for value in sorted(given - set(codes)):
            raise ProfileError(f"lookups.toml: vocabulary.{vocabulary.name}: {value!r} {known}")


def _position(section: Section) -> PositionSpec:
    spec = PositionSpec(
        kind=section.one_of("kind", ("lonlat", "utm")),
        x_columns=section.texts("x"),
        y_columns=section.texts("y"),
        crs=section.take("crs", str, None),
        zone_columns=section.texts("zone", []),
    )
    if spec.kind == "lonlat" and spec.crs is None:
        raise section.fault("crs", "is missing: a lonlat position needs its system")
    section.done()
    return spec
