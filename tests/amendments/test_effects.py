"""What moved and why: reasons in their order, flows both ways, candidates with what stops them."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from geoasm import schema
from geoasm.amendments import Chosen, LevelChange, Measure, RuleChange, Scenario, Where, measure
from geoasm.codes import ClosureLevel, MeasureKind
from geoasm.model import Result
from tests.scenes import register

BARE = Scenario("s.toml", {})
LAPSE, RESERVE, SIGN = MeasureKind


def run(n: int, **columns: Any) -> Result:
    names = [f.name for f in fields(Result) if f.name in schema.TABLES]
    empty = {name: schema.empty(schema.TABLES[name]) for name in names}
    return Result(**{**empty, "registrations": register(n, **columns)}, summary={}, manifest={})


def chosen(kind: MeasureKind, *codes: str) -> Chosen:
    return Chosen(Measure(kind, Where(concession_id=codes)), codes, 100.0, ())


def reasons(scenario: Scenario, done: list[Chosen], before: Result, after: Result) -> list[Any]:
    asked = replace(scenario, measures=tuple(one.measure for one in done))
    effects = measure(asked, done, before, after)
    return [None if pd.isna(r) else r for r in effects.registrations["reason"]]


def test_a_measure_is_the_reason_where_it_touches_a_right_at_the_point() -> None:
    before = run(5, right_ids=["A", "B;A", "C", "A", ""], concession_id=["A", "B", "C", "A", "A"])
    classes = [
        "on_extinct_claim",
        "on_extinct_claim",
        "on_unknown_holder",
        "on_lsm_msm",
        "unlocatable",
    ]
    after = run(5, asm_class=classes)
    found = reasons(BARE, [chosen(LAPSE, "A")], before, after)
    # The third has no such right: a holder's other rights; the fourth did not move.
    assert found == ["rights_lapse", "rights_lapse", "knock_on", None, "rights_lapse"]


def test_what_a_registration_ends_as_tells_measures_apart() -> None:
    before = run(3, right_ids="A", concession_id="A")
    after = run(
        3,
        asm_class=["in_asm_zone", "on_lsm_msm", "on_extinct_claim"],
        pathway=["complete_formalization", "complete_formalization", "state_acquisition"],
        flags=["", "stacked;has_contract", ""],
    )
    done = [chosen(kind, "A") for kind in (LAPSE, RESERVE, SIGN)]
    found = reasons(BARE, done, before, after)
    assert found == ["ground_reserved", "contracts_signed", "rights_lapse"]


def test_a_contract_that_was_there_is_no_reason() -> None:
    before = run(1, right_ids="A", flags="has_contract")
    after = run(1, asm_class="open_ground", flags="has_contract")
    done = [chosen(SIGN, "A")]
    assert reasons(replace(BARE, parameters={"x": 1}), done, before, after) == ["parameters"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"parameters": {"x": 1}}, "parameters"),
        ({"rules": {"x": RuleChange(off=True)}}, "rules"),
        ({"area_levels": (LevelChange("x", ClosureLevel.HARD),)}, "area_levels"),
        ({"on": date(2026, 1, 1)}, "day"),
        ({"stacked": "ambiguous"}, "stacked"),
        ({"stacked": "ambiguous", "on": date(2026, 1, 1)}, "several"),
    ],
)
def test_changed_law_is_the_reason_where_nothing_else_is(
    changes: dict[str, Any], reason: str
) -> None:
    scenario = replace(BARE, **changes)
    assert reasons(scenario, [], run(1), run(1, asm_class="open_ground")) == [reason]


def test_a_pathway_alone_is_a_move() -> None:
    effects = measure(
        replace(BARE, parameters={"x": 1}),
        [],
        run(2),
        run(2, pathway=["x", "coexistence_agreement"]),
    )
    assert effects.flows[["pathway_b", "reason", "registrations"]].fillna("").values.tolist() == [
        ["coexistence_agreement", "", 1],
        ["x", "parameters", 1],
    ]


def test_what_only_one_run_has_is_in_the_flows() -> None:
    before, after = run(2), run(2)
    after = replace(after, registrations=after.registrations.iloc[:1])
    effects = measure(replace(BARE, on=date(2026, 1, 1)), [], before, after)
    assert effects.flows["registrations"].sum() == 2
    assert effects.flows["class_b"].isna().sum() == 1
    assert effects.faults == ()


def candidates(*rows: tuple[str, float, float]) -> pd.DataFrame:
    frame = pd.DataFrame(dict.fromkeys(schema.CANDIDATES.names), index=range(len(rows)))
    frame["concession_id"] = [code for code, *_ in rows]
    frame["score_low"] = [low for _, low, _ in rows]
    frame["factor_igafom"] = [igafom for *_, igafom in rows]
    frame["rank"] = range(1, len(rows) + 1)
    return frame


def stopped(table: schema.Table, code: str, column: str, why: str) -> pd.DataFrame:
    frame = pd.DataFrame(dict.fromkeys(table.names), index=[0])
    return frame.assign(concession_id=code, **{column: why})


def test_candidates_are_kept_lost_or_gained_with_what_stops_them() -> None:
    before = replace(
        run(1),
        candidates=candidates(("A", 50, 0.5), ("B", 40, 0.5), ("C", 30, 0.5), ("E", 20, 1.0)),
        candidates_rejected=stopped(schema.CANDIDATES_REJECTED, "D", "gate", "idle"),
    )
    after = replace(
        run(1),
        candidates=candidates(("A", 50, 0.5), ("B", 45, 1.0), ("D", 30, 0.5)),
        verify_first=stopped(schema.VERIFY_FIRST, "C", "verify", "activity"),
    )
    found = measure(BARE, [], before, after).candidates.set_index("concession_id")
    assert found["move"].to_dict() == {
        "A": "kept",
        "B": "kept",
        "C": "lost",
        "D": "gained",
        "E": "lost",
    }
    assert found["reason"].fillna("").to_dict() == {
        **{"A": "", "B": "igafom", "C": "activity", "D": "idle", "E": ""}
    }
    assert found.loc["B", ["score_low_a", "score_low_b"]].tolist() == [40, 45]
    assert found["in_a"].tolist() == [True, True, True, False, True]
