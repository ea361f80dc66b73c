"""What must be so before a way leads to formality, and what to find out first: situations of the law."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from geoasm.codes import MissingCheck, Pathway, Precondition
from geoasm.pathways import missing_check, precondition
from tests import scenes
from tests.situations import Place, Right, ask


def told(places: list[Place]) -> pd.DataFrame:
    """Classify places and say what each still needs."""
    answers = ask(places)
    answers["holder_activity"] = answers["holder_activity"].fillna("no_evidence")
    return answers.assign(precondition=precondition(answers), missing_check=missing_check(answers))


SITUATIONS = {
    "own title": (Place([Right("A", own=True)]), Precondition.NOTHING_MORE),
    "large holder": (Place([Right("A")]), Precondition.HOLDER_AGREES),
    "small holder": (Place([Right("A", stratum="small_scale")]), Precondition.HOLDER_AGREES),
    "contract": (Place([Right("A", contract=True)]), Precondition.NOTHING_MORE),
    "idle": (Place([Right("A", idle=True)]), Precondition.TITLE_REFORMED),
    "nobody knows": (Place([Right("A", own=None)]), Precondition.HOLDER_KNOWN),
    "pending": (Place([Right("A", status="pending")]), Precondition.TITLE_GRANTED),
    "extinct": (Place([Right("A", status="extinct")]), Precondition.STATE_ACQUIRES),
    "quarry": (Place([Right("A", status="other")]), Precondition.RIGHT_KNOWN),
    "open ground": (Place(), Precondition.GROUND_FREE),
    "ASM zone": (Place(asm_zone=True), Precondition.NOTHING_MORE),
    "closed area": (Place([Right("A")], closed=True), Precondition.OTHER_PLACE),
    "two statuses": (Place([Right("A", status="unknown")]), Precondition.ORDER_KNOWN),
    "nowhere": (Place(located=False), Precondition.PLACE_KNOWN),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_each_situation_needs_what_the_report_says(situation: str) -> None:
    place, needed = SITUATIONS[situation]
    assert told([place])["precondition"].tolist() == [needed]


def test_every_pathway_has_its_precondition() -> None:
    ways = [str(way) for way in Pathway]
    found = precondition(scenes.register(len(ways), pathway=ways))
    assert found.notna().all()
    assert set(found) == {str(code) for code in Precondition}


# In the order in which they are to be found out; each row is open where those above it are not.
CHECKS: list[tuple[MissingCheck, dict[str, str]]] = [
    (MissingCheck.POSITION, {"flags": "edge_uncertain"}),
    (MissingCheck.CLOSED_AREAS, {"flags": "untested:protected_areas"}),
    (MissingCheck.REGISTRANT, {"title_relation": "unknown"}),
    (MissingCheck.HOLDER_STRATUM, {"holder_stratum": "unknown"}),
    (MissingCheck.DECLARED_RIGHT, {"flags": "declared_mismatch"}),
    (MissingCheck.HOLDER_ACTIVITY, {"holder_activity": "no_evidence"}),
    (MissingCheck.CONTRACT, {}),
]


def check(*changes: dict[str, str], **more: object) -> str:
    row = dict(more)
    flags = []
    for change in changes:
        flags += [change["flags"]] if "flags" in change else []
        row |= {k: v for k, v in change.items() if k != "flags"}
    flags += [more["flags"]] if "flags" in more else []
    return str(missing_check(scenes.register(1, **{**row, "flags": ";".join(flags)})).iloc[0])


@pytest.mark.parametrize(("code", "change"), CHECKS)
def test_each_open_question_alone_is_told(code: str, change: dict[str, str]) -> None:
    assert check(change) == code


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(range(len(CHECKS)), 2)))
def test_of_two_open_questions_the_first_is_told(one: int, other: int) -> None:
    assert check(CHECKS[other][1], CHECKS[one][1]) == CHECKS[one][0]


@pytest.mark.parametrize("flag", ["edge_uncertain", "datum_sensitive", "zone_sensitive"])
def test_a_position_that_may_be_another_is_to_be_checked(flag: str) -> None:
    assert check(flags=f"stacked;{flag};co_holder") == MissingCheck.POSITION


@pytest.mark.parametrize(
    ("asm_class", "n_rights", "code"),
    [
        ("unlocatable", 0, "location"),
        ("ambiguous", 1, "right_status"),
        ("ambiguous", 2, "rights_order"),
    ],
)
def test_place_and_rights_come_first(asm_class: str, n_rights: int, code: str) -> None:
    more = {"asm_class": asm_class, "n_rights": n_rights}
    assert check(*(change for _, change in CHECKS), **more) == code


@pytest.mark.parametrize("flag", ["", "declared_mismatch", "surface_community"])
def test_nothing_is_to_be_found_out_on_closed_ground_but_where_it_is(flag: str) -> None:
    closed = {"asm_class": "prohibited_area", "pathway": "none_prohibited"}
    assert check(closed, flags=flag) == MissingCheck.NOTHING
    assert check(closed, flags="edge_uncertain") == MissingCheck.POSITION


@pytest.mark.parametrize(
    ("pathway", "code"),
    [("state_acquisition", "free_for_claiming"), ("claim_ground", "nothing")],
)
def test_extinct_ground_is_free_or_nobody_knows(pathway: str, code: str) -> None:
    assert check({"asm_class": "on_extinct_claim", "pathway": pathway}) == code


def test_whose_land_it_is_comes_last() -> None:
    own = {"asm_class": "own_title", "pathway": "complete_formalization"}
    assert check(own, flags="surface_community") == MissingCheck.SURFACE_LAND
    assert check(own) == MissingCheck.NOTHING
    assert check(flags="surface_community") == MissingCheck.CONTRACT


@pytest.mark.parametrize("asm_class", ["open_ground", "own_title", "on_pending_claim"])
def test_who_holds_the_title_is_asked_only_where_another_s_title_is(asm_class: str) -> None:
    row = {"asm_class": asm_class, "pathway": "claim_ground", "title_relation": "unknown"}
    row |= {"holder_stratum": "unknown", "holder_activity": "no_evidence"}
    assert check(row) == MissingCheck.NOTHING


def test_where_the_holder_is_small_his_work_is_not_asked_for() -> None:
    row = {"asm_class": "on_small_scale", "pathway": "access_contract"}
    assert check({**row, "holder_activity": "no_evidence"}) == MissingCheck.CONTRACT


def test_missing_facts_are_no_open_questions_of_their_own() -> None:
    row = scenes.register(1, holder_stratum=None, holder_activity=None, flags=None)
    assert missing_check(row).tolist() == [MissingCheck.CONTRACT]
