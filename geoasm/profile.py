"""A country as data: its systems, the columns and codes of its files, its law."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from geoasm import predicates
from geoasm.codes import (
    Activity,
    AsmClass,
    ClosureLevel,
    ConcessionStatus,
    FieldKind,
    HolderStratum,
    RegistrationStatus,
    Role,
)
from geoasm.errors import ProfileError
from geoasm.law import DatedValue, Law, Parameter, Rule
from geoasm.model import (
    AreaLevel,
    CrsPlan,
    DatumOperation,
    FieldSource,
    FieldSpec,
    PartyRules,
    PositionSpec,
    RoleSpec,
    Vocabulary,
    Zone,
)
from geoasm.parsing.text import fold

FILES = ("profile.toml", "lookups.toml", "law.toml", "cases.toml")

# Fields whose values the rules compare: a vocabulary may give nothing else.
CLOSED_FIELDS: Mapping[tuple[Role, str], type[StrEnum]] = {
    (Role.CONCESSIONS, "status"): ConcessionStatus,
    (Role.CONCESSIONS, "stratum_by_licence"): HolderStratum,
    (Role.REGISTRATIONS, "status"): RegistrationStatus,
    (Role.REGISTRATIONS, "activity"): Activity,
    (Role.STRATA, "stratum"): HolderStratum,
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


class _Section:
    """A TOML table that knows its file and key, hands out values, and refuses leftovers."""

    def __init__(self, data: object, file: str, key: str = "") -> None:
        self.file, self.key = file, key
        if not isinstance(data, Mapping):
            raise self.fault("", "must be a table")
        self._data: dict[str, Any] = dict(data)

    def fault(self, key: str, message: str) -> ProfileError:
        where = ".".join(k for k in (self.key, key) if k)
        return ProfileError(f"{self.file}: {where}: {message}")

    def take(self, key: str, kind: type | tuple[type, ...], default: Any = ...) -> Any:
        if key not in self._data:
            if default is ...:
                raise self.fault(key, "is missing")
            return default
        value = self._data.pop(key)
        if isinstance(value, bool) and kind is not bool:
            raise self.fault(key, f"cannot be {value!r}")
        if not isinstance(value, kind):
            raise self.fault(key, f"cannot be {value!r}")
        return value

    def texts(self, key: str, default: Any = ...) -> tuple[str, ...]:
        values = self.take(key, list, default)
        if not all(isinstance(v, str) for v in values):
            raise self.fault(key, "must be a list of texts")
        return tuple(values)

    def day(self, key: str, default: Any = ...) -> Any:
        value = self.take(key, date, default)
        return value.date() if isinstance(value, datetime) else value

    def section(self, key: str) -> _Section:
        return _Section(self._data.pop(key, {}), self.file, f"{self.key}.{key}".strip("."))

    def sections(self, key: str) -> list[_Section]:
        rows = self.take(key, list, [])
        return [
            _Section(r, self.file, f"{self.key}.{key}[{i}]".strip(".")) for i, r in enumerate(rows)
        ]

    def items(self) -> Iterable[tuple[str, _Section]]:
        names = list(self._data)
        return [(name, self.section(name)) for name in names]

    def rest(self) -> dict[str, Any]:
        data, self._data = self._data, {}
        return data

    def one_of(self, key: str, allowed: Iterable[str], default: Any = ...) -> Any:
        value = self.take(key, str, default)
        choices = [str(a) for a in allowed]
        if value is not None and value not in choices:
            raise self.fault(key, f"{value!r} is none of {', '.join(choices)}")
        return value

    def reference(self) -> tuple[str, bool]:
        """Read `reference` and `verified`: a reference may be empty only where it says unverified."""
        reference = self.take("reference", str)
        verified = self.take("verified", bool, True)
        if verified and not reference.strip():
            raise self.fault("reference", "is empty; state the source, or verified = false")
        return reference, verified

    def done(self) -> None:
        if self._data:
            raise self.fault(next(iter(self._data)), "is no key of this table")


def parse_profile(code: str, documents: Mapping[str, Mapping[str, Any]]) -> Profile:
    """
    Build a profile from its parsed TOML files.

    Parameters
    ----------
    code
        Name of the profile's folder.
    documents
        File name to its content: `profile.toml`, `lookups.toml`, `law.toml`, `cases.toml`.

    Raises
    ------
    ProfileError
        A key is missing, misspelt or impossible; the text names file and key.
    """
    top = _Section(documents["profile.toml"], "profile.toml")
    lookups = _Section(documents["lookups.toml"], "lookups.toml")
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
    cases = _Section(documents["cases.toml"], "cases.toml")
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
        law=_law(_Section(documents["law.toml"], "law.toml"), code),
        cases=case_rows,
        expect=top.section("expect").rest(),
        published=tuple(s.rest() for s in top.sections("published")),
    )
    head.done()
    top.done()
    return profile


def _vocabulary(name: str, section: _Section) -> Vocabulary:
    reference, _ = section.reference()
    values = {fold(k): v for k, v in section.section("values").rest().items()}
    prefixes = tuple((fold(k), v) for k, v in section.section("prefixes").rest().items())
    doubtful = frozenset(fold(v) for v in section.texts("doubtful", []))
    section.done()
    return Vocabulary(name, reference, values, prefixes, doubtful)


def _crs(section: _Section) -> CrsPlan:
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


def _bounds(section: _Section) -> tuple[float, float, float, float]:
    values = section.take("bounds", list)
    if len(values) != 4 or not all(isinstance(v, int | float) for v in values):
        raise section.fault("bounds", "must be west, south, east, north in degrees")
    west, south, east, north = map(float, values)
    return west, south, east, north


def _zone(section: _Section) -> Zone:
    number = (int, float)
    zone = Zone(
        section.take("code", str),
        section.take("epsg", int),
        float(section.take("west", number)),
        float(section.take("east", number)),
    )
    section.done()
    return zone


def _operation(section: _Section) -> DatumOperation:
    operation = DatumOperation(
        section.take("from", str),
        section.take("to", str),
        section.take("code", str),
        float(section.take("accuracy_m", (int, float))),
        section.reference()[0],
    )
    section.done()
    return operation


def _parties(section: _Section) -> PartyRules:
    forms = section.section("legal_forms").rest()
    rules = PartyRules(
        legal_forms=tuple(
            (fold(spelling), form) for form, group in forms.items() for spelling in group
        ),
        legal_prefixes=section.texts("legal_prefixes", []),
        natural_prefixes=section.texts("natural_prefixes", []),
    )
    section.done()
    return rules


def _role(role: Role, section: _Section, vocabularies: Mapping[str, Vocabulary]) -> RoleSpec:
    fields = {n: _field(n, s, vocabularies) for n, s in section.section("fields").items()}
    for name, codes in ((n, CLOSED_FIELDS[role, n]) for n in fields if (role, n) in CLOSED_FIELDS):
        _check_closed(section, fields[name], codes)
    need = section.take("need_one_of", list, [])
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


def _field(name: str, section: _Section, vocabularies: Mapping[str, Vocabulary]) -> FieldSpec:
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


def _check_closed(section: _Section, spec: FieldSpec, codes: type[StrEnum]) -> None:
    known = f"is none of {', '.join(codes)}"
    if spec.default is not None and spec.default not in set(codes):
        raise section.fault(f"fields.{spec.name}.default", f"{spec.default!r} {known}")
    for vocabulary in (s.vocabulary for s in spec.sources if s.vocabulary):
        given = {*vocabulary.values.values(), *dict(vocabulary.prefixes).values()}
        for value in sorted(given - set(codes)):
            raise ProfileError(f"lookups.toml: vocabulary.{vocabulary.name}: {value!r} {known}")


def _position(section: _Section) -> PositionSpec:
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


def _law(section: _Section, code: str) -> Law:
    steps = section.texts("steps")
    parameters = {n: _parameter(n, s) for n, s in section.section("parameters").items()}
    rules = tuple(_rule(s, steps) for s in section.sections("rule"))
    repeated = {r.id for r in rules if sum(q.id == r.id for q in rules) > 1}
    if repeated:
        raise section.fault("rule", f"id {sorted(repeated)[0]!r} stands twice")
    levels = tuple(_level(s) for s in section.sections("area_level"))
    section.done()
    return Law(parameters, rules, steps, levels, f"{code}.order_unknown")


def _parameter(name: str, section: _Section) -> Parameter:
    unit = section.take("unit", str)
    reference, verified = section.reference()
    history = []
    for row in section.sections("history"):
        history.append(DatedValue(row.day("from"), row.take("value", (int, float, str), None)))
        row.done()
    if not history:
        raise section.fault("history", "is missing: [{ from = 2000-01-01, value = … }]")
    if [d.starts_on for d in history] != sorted({d.starts_on for d in history}):
        raise section.fault("history", "must run forward in time, one value a day")
    section.done()
    return Parameter(name, unit, reference, verified, tuple(history))


def _rule(section: _Section, steps: tuple[str, ...]) -> Rule:
    when = section.texts("when")
    for name in when:
        if name not in predicates.facts():
            known = ", ".join(sorted(predicates.facts()))
            raise section.fault("when", f"{name!r} is no predicate; known: {known}")
    then = AsmClass(section.one_of("then", AsmClass))
    step = section.one_of("step", steps)
    reference, verified = section.reference()
    rule = Rule(
        id=section.take("id", str),
        step=step,
        when=when,
        then=then,
        unknown_class=AsmClass(section.one_of("unknown", AsmClass, str(then))),
        unknown_step=section.one_of("unknown_step", steps, step),
        reference=reference,
        verified=verified,
        starts_on=section.day("from"),
        ends_on=section.day("until", None),
    )
    section.done()
    return rule


def _level(section: _Section) -> AreaLevel:
    role = section.one_of("role", Role)
    reference, verified = section.reference()
    level = AreaLevel(
        Role(role),
        tuple(fold(t) for t in section.texts("types")),
        section.take("code", str),
        ClosureLevel(section.one_of("level", ClosureLevel)),
        reference,
        verified,
    )
    section.done()
    return level
