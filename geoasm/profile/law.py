"""The law file of a profile: steps, rules, parameters, levels of areas, seniority."""

from __future__ import annotations

from collections.abc import Collection

from geoasm import predicates
from geoasm.codes import AsmClass, ClosureLevel, EvidenceKind, EvidenceSays, EvidenceScope, Role
from geoasm.law import ORDER_UNKNOWN, Criterion, DatedValue, Law, Parameter, Rule
from geoasm.model import AreaLevel, EvidenceRule
from geoasm.parsing.text import fold
from geoasm.profile.sections import Section


def parse_law(section: Section, code: str) -> Law:
    """Read a law file; faults name file and key."""
    steps = section.texts("steps")
    parameters = {n: _parameter(n, s) for n, s in section.section("parameters").items()}
    rules = tuple(_rule(s, steps) for s in section.sections("rule"))
    repeated = {r.id for r in rules if sum(q.id == r.id for q in rules) > 1}
    if repeated:
        raise section.fault("rule", f"id {sorted(repeated)[0]!r} stands twice")
    criteria = tuple(_criterion(s) for s in section.sections("seniority"))
    levels = tuple(_level(s) for s in section.sections("area_level"))
    evidence = tuple(_evidence(s, parameters) for s in section.sections("evidence"))
    twice = {e.kind for e in evidence if sum(o.kind is e.kind for o in evidence) > 1}
    if twice:
        raise section.fault("evidence", f"kind {min(twice)!r} stands twice")
    section.done()
    return Law(parameters, rules, steps, levels, criteria, f"{code}{ORDER_UNKNOWN}", evidence)


def _parameter(name: str, section: Section) -> Parameter:
    unit = section.take("unit", str)
    reference, verified = section.reference()
    history = []
    for row in section.sections("history"):
        value = row.take("value", (int, float, str, list), None)
        history.append(
            DatedValue(row.day("from"), tuple(value) if isinstance(value, list) else value)
        )
        row.done()
    if not history:
        raise section.fault("history", "is missing: [{ from = 2000-01-01, value = … }]")
    if [d.starts_on for d in history] != sorted({d.starts_on for d in history}):
        raise section.fault("history", "must run forward in time, one value a day")
    section.done()
    return Parameter(name, unit, reference, verified, tuple(history))


def _rule(section: Section, steps: tuple[str, ...]) -> Rule:
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


def _criterion(section: Section) -> Criterion:
    reference, verified = section.reference()
    order = section.take("order", list, [])
    if not all(isinstance(group, list) for group in order):
        raise section.fault("order", "must be a list of lists, the senior values first")
    criterion = Criterion(
        by=section.take("by", str),
        order=tuple(tuple(map(str, group)) for group in order),
        relation=section.take("relation", str),
        reference=reference,
        verified=verified,
    )
    section.done()
    return criterion


def _level(section: Section) -> AreaLevel:
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


def _evidence(section: Section, parameters: Collection[str]) -> EvidenceRule:
    reference, verified = section.reference()
    says = EvidenceSays(section.one_of("says", EvidenceSays))
    scopes = tuple(EvidenceScope(s) for s in section.some_of("scopes", EvidenceScope, ()))
    if (says is EvidenceSays.CONTEXT) == bool(scopes):
        raise section.fault("scopes", "names where evidence counts; context counts nowhere")
    rule = EvidenceRule(
        kind=EvidenceKind(section.one_of("kind", EvidenceKind)),
        says=says,
        scopes=scopes,
        within=section.one_of("within", parameters, None),
        reference=reference,
        verified=verified,
    )
    section.done()
    return rule
