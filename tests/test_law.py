"""The law has dates: what holds on a day, and what does not exist yet."""

from __future__ import annotations

from datetime import date

import pytest

from geoasm.codes import AsmClass
from geoasm.errors import ParameterUndefined
from geoasm.law import DatedValue, Law, Parameter, Rule


def parameter(*history: tuple[date, float | str | None]) -> Parameter:
    return Parameter("limit", "ha", "", False, tuple(DatedValue(*row) for row in history))


def rule(name: str, start: date, end: date | None = None) -> Rule:
    return Rule(
        id=name,
        step="title",
        when=("in_force",),
        then=AsmClass.ON_LSM_MSM,
        unknown_class=AsmClass.ON_UNKNOWN_HOLDER,
        unknown_step="title",
        reference="",
        verified=False,
        starts_on=start,
        ends_on=end,
    )


def test_a_value_holds_from_its_first_day_until_the_next_begins() -> None:
    limit = parameter((date(2002, 1, 1), 1000), (date(2012, 1, 1), 2000))
    assert limit.at(date(2002, 1, 1)) == 1000
    assert limit.at(date(2011, 12, 31)) == 1000
    assert limit.at(date(2012, 1, 1)) == 2000


def test_before_its_first_day_a_parameter_is_undefined_and_never_zero() -> None:
    with pytest.raises(ParameterUndefined, match=r"limit has no value on 2001-12-31.*2002-01-01"):
        parameter((date(2002, 1, 1), 1000)).at(date(2001, 12, 31))


def test_a_repealed_parameter_is_undefined_from_the_day_of_repeal() -> None:
    limit = parameter((date(2002, 1, 1), 1000), (date(2012, 1, 1), None))
    assert limit.at(date(2011, 12, 31)) == 1000
    with pytest.raises(ParameterUndefined):
        limit.at(date(2012, 1, 1))


def test_a_value_of_nought_is_a_value() -> None:
    assert parameter((date(2002, 1, 1), 0)).at(date(2002, 1, 1)) == 0


def test_a_rule_holds_on_its_first_day_and_not_on_the_day_it_ends() -> None:
    idle = rule("idle", date(2009, 1, 1), date(2019, 1, 1))
    on = {d: idle.holds_on(d) for d in map(date.fromisoformat, ("2008-12-31", "2009-01-01"))}
    assert list(on.values()) == [False, True]
    assert idle.holds_on(date(2018, 12, 31))
    assert not idle.holds_on(date(2019, 1, 1))


def law() -> Law:
    rules = (rule("old", date(2009, 1, 1), date(2019, 1, 1)), rule("new", date(2019, 1, 1)))
    parameters = {
        "limit": parameter((date(2012, 1, 1), 2000)),
        "region": parameter((date(2009, 1, 1), "NORTE")),
    }
    return Law(parameters, rules, ("title",), (), (), "zz.order_unknown")


def test_a_day_has_the_rules_and_parameters_in_force_on_it() -> None:
    before, after = law().at(date(2011, 12, 31)), law().at(date(2019, 1, 1))
    assert [r.id for r in before.rules] == ["old"]
    assert [r.id for r in after.rules] == ["new"]
    assert set(before.parameters) == {"region"}
    assert set(after.parameters) == {"limit", "region"}


def test_a_day_before_every_rule_is_refused() -> None:
    with pytest.raises(ParameterUndefined, match=r"no rule .* 2008-12-31: .* starts on 2009-01-01"):
        law().at(date(2008, 12, 31))
    with pytest.raises(ParameterUndefined, match="there is none"):
        Law({}, (), (), (), (), "zz").at(date(2020, 1, 1))


def test_a_number_that_is_not_in_force_is_refused_by_name_and_day() -> None:
    with pytest.raises(ParameterUndefined, match=r"'limit'.*2011-12-31"):
        law().at(date(2011, 12, 31)).number("limit")
    assert law().at(date(2012, 1, 1)).number("limit") == 2000.0


def test_a_word_is_no_number() -> None:
    with pytest.raises(ParameterUndefined, match="region"):
        law().at(date(2012, 1, 1)).number("region")
