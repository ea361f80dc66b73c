"""The law of a country as dated parameters and an ordered table of rules, frozen at one day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from geoasm.codes import AsmClass, EvidenceKind
from geoasm.errors import ParameterUndefined
from geoasm.model import AreaLevel, EvidenceRule

ORDER_UNKNOWN = ".order_unknown"  # ends the id of the rule where no order can be told

Value = float | int | str | tuple[str, ...]


class DatedValue(NamedTuple):
    """A value in force from a day on; None repeals it."""

    starts_on: date
    value: Value | None


@dataclass(frozen=True)
class Parameter:
    """One number or word of the law with its unit, its reference and its history."""

    name: str
    unit: str
    reference: str
    verified: bool
    history: tuple[DatedValue, ...]

    def at(self, on: date) -> Value:
        """
        Give the value in force on a day.

        Raises
        ------
        ParameterUndefined
            The parameter does not yet exist on that day, or is repealed.
        """
        value: Value | None = None
        for dated in self.history:
            if dated.starts_on <= on:
                value = dated.value
        if value is None:
            raise ParameterUndefined(
                f"parameter {self.name} has no value on {on.isoformat()}; "
                f"its history starts on {self.history[0].starts_on.isoformat()}: choose another --on"
            )
        return value


@dataclass(frozen=True)
class Rule:
    """
    One line of the order of decision.

    `when` names facts that must all hold. Where they come out unknown the registration takes
    `unknown_class` in the step `unknown_step`. A lower `step` outranks a higher one between the
    rights at a point; within a step the senior right decides.
    """

    id: str
    step: str
    when: tuple[str, ...]
    then: AsmClass
    unknown_class: AsmClass
    unknown_step: str
    reference: str
    verified: bool
    starts_on: date
    ends_on: date | None

    def holds_on(self, on: date) -> bool:
        """Tell whether the rule is in force on a day."""
        return self.starts_on <= on and (self.ends_on is None or on < self.ends_on)


@dataclass(frozen=True)
class Criterion:
    """
    One test of which of two rights goes before the other.

    With `order`, values of an earlier group go before those of a later one; a value in no group
    decides nothing. Without it the smaller value (date, hour) goes before, equal values leave the
    question to the next criterion, and a missing value leaves it open, unless both lack it and an
    earlier value was known and equal.
    """

    by: str  # column of concessions
    order: tuple[tuple[str, ...], ...]
    relation: str  # what an overlap says of why the senior right goes before
    reference: str
    verified: bool


@dataclass(frozen=True)
class LawAt:
    """The law of one day."""

    on: date
    parameters: Mapping[str, Value]
    rules: tuple[Rule, ...]
    steps: tuple[str, ...]
    area_levels: tuple[AreaLevel, ...]
    seniority: tuple[Criterion, ...]
    order_unknown_id: str
    evidence: Mapping[EvidenceKind, EvidenceRule] = field(default_factory=dict)

    def number(self, name: str) -> float:
        """
        Give a numeric parameter.

        Raises
        ------
        ParameterUndefined
            The law of the day has no such number.
        """
        value = self.parameters.get(name)
        if not isinstance(value, int | float):
            raise ParameterUndefined(
                f"law.toml: no number {name!r} in force on {self.on.isoformat()}"
            )
        return float(value)

    def may_number(self, name: str) -> float | None:
        """Give a numeric parameter, None where the law of the day has none."""
        return self.number(name) if name in self.parameters else None

    def texts(self, name: str) -> tuple[str, ...]:
        """Give a parameter that is a list of texts; empty where the law of the day has none."""
        value = self.parameters.get(name, ())
        return value if isinstance(value, tuple) else (str(value),)


@dataclass(frozen=True)
class Law:
    """The law of a country over time."""

    parameters: Mapping[str, Parameter]
    rules: tuple[Rule, ...]
    steps: tuple[str, ...]
    area_levels: tuple[AreaLevel, ...]
    seniority: tuple[Criterion, ...]  # in order: the first that tells two rights apart decides
    order_unknown_id: str  # rule named where no order between rights can be told
    evidence: tuple[EvidenceRule, ...] = ()

    def at(self, on: date) -> LawAt:
        """
        Freeze the law at a day: parameters with a value on that day, rules in force on it.

        Raises
        ------
        ParameterUndefined
            No rule at all is in force on that day.
        """
        parameters: dict[str, Value] = {}
        for name, parameter in self.parameters.items():
            try:
                parameters[name] = parameter.at(on)
            except ParameterUndefined:
                continue
        rules = tuple(rule for rule in self.rules if rule.holds_on(on))
        if not rules:
            starts = sorted(rule.starts_on.isoformat() for rule in self.rules)
            raise ParameterUndefined(
                f"no rule is in force on {on.isoformat()}: "
                + (f"the first starts on {starts[0]}, choose --on" if starts else "there is none")
            )
        return LawAt(
            on=on,
            parameters=parameters,
            rules=rules,
            steps=self.steps,
            area_levels=self.area_levels,
            seniority=self.seniority,
            order_unknown_id=self.order_unknown_id,
            evidence={rule.kind: rule for rule in self.evidence},
        )
