"""Candidates in words: each reason says what its figures say, and the first step is the first that is open."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from shapely.geometry import Point

from geoasm import schema
from geoasm.codes import ASSESSED, FactorName
from geoasm.io.profiles import load_profile
from geoasm.model import CandidateRules
from geoasm.render.coexistence import first, put_into_words, score_span, section
from geoasm.render.labels import Labels
from geoasm.render.parties import Names
from tests.render import synthetic

RULES = load_profile("pe").candidates or pytest.fail("pe has no candidates")
ES, EN = Labels("es"), Labels("en")


def candidate(n: int = 4, **facts: Any) -> pd.DataFrame:
    """One candidate of which everything is known and nothing speaks, but for what is given."""
    row: dict[str, Any] = {f"factor_{name}": 0.0 for name in FactorName}
    row |= {f"known_{name}": 1.0 for name in FactorName}
    row |= {
        "concession_id": "C1",
        "rank": 1,
        "n_registrations": n,
        "hinges": "",
        "geometry": Point(0, 0),
    }
    blank = dict.fromkeys(schema.CANDIDATES.names)
    return schema.conform(pd.DataFrame([{**blank, **row, **facts}]), schema.CANDIDATES)


def told(
    frame: pd.DataFrame, column: str, labels: Labels = EN, rules: CandidateRules = RULES
) -> str:
    return str(put_into_words(frame, rules, labels)[column].iloc[0])


def test_a_merit_speaks_from_the_share_that_the_profile_names() -> None:
    for value, speaks in ((0.5, True), (0.49, False)):
        frame = candidate(100, factor_active_registrations=value)
        assert ("active registrations" in told(frame, "reasons_for")) is speaks
        assert ("active registrations" in told(frame, "reasons_against")) is not speaks


def test_a_share_is_told_of_the_registrations_of_which_it_is_known() -> None:
    frame = candidate(8, factor_legal_entities=0.75, known_legal_entities=0.5)
    assert "registrations of legal entities: 3 of 4" in told(
        frame, "reasons_for", rules=replace(RULES, reason_share=0.3)
    )


def test_what_the_unknown_part_could_turn_is_told_on_neither_side() -> None:
    frame = candidate(4, factor_hard_rock=0.0, known_hard_rock=0.25)
    assert "hard rock" not in told(frame, "reasons_for") + told(frame, "reasons_against")
    known = candidate(4, factor_hard_rock=0.0, known_hard_rock=0.75)
    assert "registrations in hard rock: 0 of 3" in told(known, "reasons_against")


def test_an_unknown_factor_is_no_reason() -> None:
    unknown = {f"known_{name}": 0.0 for name in FactorName}
    frame = candidate(**unknown, **{f"factor_{name}": None for name in FactorName})
    assert told(frame, "reasons_for") == told(frame, "reasons_against") == ""


def test_a_risk_speaks_against_wherever_it_is_known() -> None:
    frame = candidate(10, factor_community=0.1)
    assert "registrations on community land: 1 of 10" in told(frame, "reasons_against")
    assert "community" not in told(candidate(), "reasons_against")


def test_work_in_the_right_and_work_near_it_are_told_apart() -> None:
    assert "in the right or its unit" in told(candidate(factor_active_holder=1.0), "reasons_for")
    near = told(candidate(factor_active_holder=0.6), "reasons_for")
    assert "nearby" in near
    assert "in the right or its unit" not in near


def test_a_plant_is_told_with_its_distance() -> None:
    frame = candidate(factor_own_plant=1.0, plant_distance_m=1926.6)
    assert "own plant 1.9 km away" in told(frame, "reasons_for")


def test_the_first_step_is_the_conflict_then_positions_then_the_weightiest_unknown() -> None:
    everything = {
        "factor_conflict_area": 0.5,
        "hinges": "one_registration;positions",
        "known_igafom": 0.0,
    }
    assert told(candidate(**everything), "next_step") == EN.text("next_step.conflict_area")
    rest = {**everything, "factor_conflict_area": 0.0}
    assert told(candidate(**rest), "next_step") == EN.text("next_step.positions")
    unknown = {"known_igafom": 0.0, "known_community": 0.0}
    assert told(candidate(**unknown), "next_step") == EN.text("next_step.igafom")
    assert told(candidate(known_community=0.0), "next_step") == EN.text("next_step.community")


def test_what_only_an_analyst_can_tell_is_no_first_step() -> None:
    frame = candidate(**{f"known_{name}": 0.0 for name in ASSESSED})
    assert told(frame, "next_step") == EN.text("next_step.talk")


@pytest.mark.parametrize("labels", [ES, EN], ids=["es", "en"])
def test_every_factor_has_words_in_both_languages(labels: Labels) -> None:
    full = candidate(plant_distance_m=500.0, **{f"factor_{name}": 1.0 for name in FactorName})
    for frame in (full, candidate(), candidate(**{f"known_{name}": 0.0 for name in FactorName})):
        words = put_into_words(frame, RULES, labels)
        assert words["next_step"].iloc[0]
        assert "{" not in words[["reasons_for", "reasons_against", "next_step"]].iloc[0].str.cat()


def test_without_rules_or_candidates_the_frame_stays() -> None:
    frame = candidate()
    assert put_into_words(frame, None, EN) is frame
    empty = schema.empty(schema.CANDIDATES)
    assert put_into_words(empty, RULES, EN) is empty


def test_a_score_is_shown_as_the_interval_that_it_is() -> None:
    assert score_span(candidate(score_low=39.6, score_high=71.2), ES) == ["40–71"]


def test_equal_ranks_stand_in_the_order_of_their_codes() -> None:
    frame = pd.concat(
        [candidate(concession_id=c, rank=r) for c, r in (("B", 1), ("C", 2), ("A", 1))]
    )
    assert first(frame, 2)["concession_id"].tolist() == ["A", "B"]


def test_the_section_counts_what_the_tables_count() -> None:
    run = synthetic.result()
    found = section(run, EN, Names(run, EN, "public"))
    assert found is not None
    assert found.lead.startswith("1 rights pass every gate")
    assert [row[1].text for row in found.top.rows] == run.candidates["concession_id"].tolist()
    none = {table.name: schema.empty(table) for table in schema.PROSPECTS}
    assert section(replace(run, **none), EN, Names(run, EN, "public")) is None
