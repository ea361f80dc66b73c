"""A profile under a scenario: other parameters, rules, levels; what its law does not have is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from geoasm.amendments import (
    LevelChange,
    Measure,
    RuleChange,
    Scenario,
    Where,
    amend_profile,
)
from geoasm.codes import AsmClass, ClosureLevel, MeasureKind
from geoasm.errors import OptionError
from geoasm.io.profiles import load_profile
from geoasm.law import LawAt

PE = load_profile("pe")
ON = date(2026, 1, 1)


def law(**changes: Any) -> LawAt:
    return amend_profile(PE, Scenario("s.toml", {}, **changes), ON).law.at(ON)


def test_a_parameter_has_the_scenarios_value_on_every_day() -> None:
    assert law(parameters={"idle_penalty_years": 10}).number("idle_penalty_years") == 10
    assert PE.law.at(ON).number("idle_penalty_years") == 2


def test_a_rule_is_left_out_or_leads_elsewhere_without_a_reference() -> None:
    assert "pe.idle" not in {r.id for r in law(rules={"pe.idle": RuleChange(off=True)}).rules}
    change = RuleChange(then=AsmClass.OPEN_GROUND, unknown=AsmClass.AMBIGUOUS)
    (rule,) = (r for r in law(rules={"pe.lsm_msm": change}).rules if r.id == "pe.lsm_msm")
    assert (rule.then, rule.unknown_class) == (AsmClass.OPEN_GROUND, AsmClass.AMBIGUOUS)
    assert (rule.reference, rule.verified) == ("", False)


def test_every_area_of_a_code_takes_the_level() -> None:
    levels = law(area_levels=(LevelChange("ANAP", ClosureLevel.HARD),)).area_levels
    assert {x.level for x in levels if x.code == "ANAP"} == {ClosureLevel.HARD}
    assert sum(x.code == "ANAP" for x in levels) == 2
    assert [x for x in levels if x.code != "ANAP"] == [
        x for x in PE.law.area_levels if x.code != "ANAP"
    ]


def test_nothing_changed_is_the_same_law() -> None:
    assert amend_profile(PE, Scenario("s.toml", {}), ON) == PE


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"parameters": {"idle_years": 3}},
            r"^s\.toml: parameters\.idle_years: .*idle_penalty_years",
        ),
        ({"parameters": {"idle_penalty_years": "3"}}, r"must be a number \(years\), not '3'"),
        ({"parameters": {"corridor_region": 3}}, "must be a text"),
        ({"parameters": {"presumed_small_forms": 3}}, "must be a list of texts"),
        ({"rules": {"pe.idel": RuleChange(off=True)}}, r"rules\.pe\.idel: .*did you mean pe\.idle"),
        ({"rules": {"pe.idle_before_2019": RuleChange(off=True)}}, "no rule in force"),
        (
            {"area_levels": (LevelChange("XX", ClosureLevel.HARD),)},
            r"area_level\[0\]\.code: the law has no areas of code 'XX'",
        ),
    ],
)
def test_what_the_law_of_the_day_does_not_have_is_named(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(OptionError, match=message):
        law(**changes)


def test_a_measure_that_no_rule_could_tell_is_refused() -> None:
    rules = tuple(r for r in PE.law.rules if "in_asm_zone" not in r.when)
    bare = replace(PE, law=replace(PE.law, rules=rules))
    asked = Measure(MeasureKind.GROUND_RESERVED, Where(status=("extinct",)))
    with pytest.raises(OptionError, match=r"measure\[0\]\.kind: no rule .*in_asm_zone"):
        amend_profile(bare, Scenario("s.toml", {}, measures=(asked,)), ON)


def test_where_the_register_has_no_persons_nobody_signs() -> None:
    asked = Measure(MeasureKind.CONTRACTS_SIGNED, Where(status=("titled",)))
    with pytest.raises(OptionError, match="names nobody who could sign"):
        amend_profile(
            replace(PE, registrants="none"), Scenario("s.toml", {}, measures=(asked,)), ON
        )
