"""The law of a scenario: a profile with other parameters, rules and levels of areas."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from geoasm.amendments.stated import LevelChange, RuleChange, Scenario
from geoasm.codes import MeasureKind
from geoasm.law import DatedValue, Law, Parameter, Rule, Value
from geoasm.model import AreaLevel
from geoasm.profile import Profile

# The fact without which no rule of a law can tell that a measure was taken.
_NEEDED = {MeasureKind.RIGHTS_LAPSE: "extinct", MeasureKind.GROUND_RESERVED: "in_asm_zone"}


def amend_profile(profile: Profile, scenario: Scenario, on: date) -> Profile:
    """
    Put what a scenario changes of the law into a profile; what is changed has no reference.

    Parameters
    ----------
    on
        Day of the scenario: what it changes must be in force then.

    Raises
    ------
    OptionError
        The law of that day has no such parameter, rule or area; the text names file, key and nearest.
    """
    _check_measures(profile, scenario, on)
    law = profile.law
    in_force = law.at(on)
    parameters = dict(law.parameters)
    for name, value in scenario.parameters.items():
        key = f"parameters.{name}"
        if name not in in_force.parameters:
            raise scenario.unknown(key, name, in_force.parameters, "the law has no parameter")
        parameters[name] = _parameter(parameters[name], value, in_force.parameters[name], scenario)
    ids = {rule.id for rule in in_force.rules}
    for name in scenario.rules:
        if name not in ids:
            raise scenario.unknown(f"rules.{name}", name, ids, "no rule in force is called")
    codes = {level.code for level in law.area_levels}
    for i, change in enumerate(scenario.area_levels):
        if change.code not in codes:
            key = f"area_level[{i}].code"
            raise scenario.unknown(key, change.code, codes, "the law has no areas of code")
    amended = Law(
        parameters=parameters,
        rules=tuple(
            _rule(rule, scenario.rules.get(rule.id))
            for rule in law.rules
            if not scenario.rules.get(rule.id, RuleChange()).off
        ),
        steps=law.steps,
        area_levels=tuple(_level(level, scenario.area_levels) for level in law.area_levels),
        seniority=law.seniority,
        order_unknown_id=law.order_unknown_id,
        evidence=law.evidence,
    )
    return replace(profile, law=amended)


def _check_measures(profile: Profile, scenario: Scenario, on: date) -> None:
    facts = {name for rule in profile.law.at(on).rules for name in rule.when}
    for i, measure in enumerate(scenario.measures):
        key = f"measure[{i}].kind"
        needed = _NEEDED.get(measure.kind)
        if needed is not None and needed not in facts:
            raise scenario.fault(
                key, f"no rule of profile {profile.code} looks at {needed}: nothing could move"
            )
        if measure.kind is MeasureKind.CONTRACTS_SIGNED and profile.registrants == "none":
            raise scenario.fault(
                key, f"the register of profile {profile.code} names nobody who could sign"
            )


def _parameter(parameter: Parameter, value: Value, now: Value, scenario: Scenario) -> Parameter:
    kinds = ((int | float, "a number"), (str, "a text"), (tuple, "a list of texts"))
    kind, told = next((k, t) for k, t in kinds if isinstance(now, k))
    if not isinstance(value, kind):
        raise scenario.fault(
            f"parameters.{parameter.name}", f"must be {told} ({parameter.unit}), not {value!r}"
        )
    first = parameter.history[0].starts_on
    return replace(parameter, reference="", verified=False, history=(DatedValue(first, value),))


def _rule(rule: Rule, change: RuleChange | None) -> Rule:
    if change is None:
        return rule
    return replace(
        rule,
        then=change.then or rule.then,
        unknown_class=change.unknown or rule.unknown_class,
        reference="",
        verified=False,
    )


def _level(level: AreaLevel, changes: tuple[LevelChange, ...]) -> AreaLevel:
    for change in changes:
        if change.code == level.code:
            return replace(level, level=change.level, reference="", verified=False)
    return level
