"""Classes against a slow reading of the law, rights and registrations one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from geoasm.codes import AsmClass
from tests.situations import LAW, ON, Place, Right, ask

PATHWAYS = {
    "own_title": "complete_formalization",
    "on_lsm_msm": "coexistence_agreement",
    "on_small_scale": "access_contract",
    "on_unknown_holder": "verify_holder",
    "on_idle_claim": "title_reform",
    "on_pending_claim": "await_title",
    "on_extinct_claim": "state_acquisition",
    "on_other_right": "verify_right",
    "in_asm_zone": "complete_formalization",
    "open_ground": "claim_ground",
    "prohibited_area": "none_prohibited",
    "ambiguous": "verify_rights",
    "unlocatable": "verify_location",
}


def class_of_title(right: Right) -> str:
    if right.status == "unknown":
        return "ambiguous"
    if right.own:
        return "own_title"
    if right.own is None:
        return "on_unknown_holder"
    if right.idle:
        return "on_idle_claim"
    if right.stratum == "lsm_msm":
        return "on_lsm_msm"
    if right.stratum == "small_scale":
        return "on_small_scale"
    return "on_unknown_holder"


def goes_before(a: Right, b: Right) -> bool | None:
    """Compare two rights of one kind by datum, origin, day and hour; None: equal, or nobody knows."""
    if {a.datum, b.datum} == {"psad56", "wgs84"}:
        return a.datum == "psad56"
    if {a.origin, b.origin} == {"old_claim", "refiled_claim"}:
        return a.origin == "old_claim"
    if a.filed_on and b.filed_on and a.filed_on != b.filed_on:
        return a.filed_on < b.filed_on
    same_day = a.filed_on and a.filed_on == b.filed_on
    if same_day and a.filed_hour and b.filed_hour and a.filed_hour != b.filed_hour:
        return a.filed_hour < b.filed_hour
    return None


def may_go_first(rights: list[Right]) -> list[Right]:
    """Give the rights before which no other goes; all where the order runs in a circle."""
    first = [r for r in rights if not any(goes_before(o, r) for o in rights if o is not r)]
    return first or rights


def is_open(a: Right, b: Right) -> bool:
    """Tell whether one of two rights may go before the other and nobody knows."""
    if (a.status == "extinct") != (b.status == "extinct") or goes_before(a, b) is not None:
        return False
    return not a.filed_on or not b.filed_on or (not a.filed_hour) != (not b.filed_hour)


def in_order(rights: list[Right], stack: list[Right]) -> list[Right]:
    """List rights as their stack does: by the number of rights before, then by day and code."""

    def behind(a: Right, b: Right) -> bool:
        if (a.status == "extinct") != (b.status == "extinct"):
            return a.status == "extinct"
        return goes_before(b, a) is True

    place = {r.id: sum(behind(r, o) for o in stack if o is not r) for r in stack}
    circular = bool(stack) and min(place.values()) > 0
    nowhere = {
        r.id: circular or (len(stack) > 1 and all(is_open(r, o) for o in stack if o is not r))
        for r in stack
    }
    return sorted(
        rights,
        key=lambda r: (
            nowhere[r.id],
            not nowhere[r.id] and place[r.id],
            r.filed_on or "9999",
            r.id,
        ),
    )


def slow_decision(place: Place, stacked: str) -> tuple[str, str]:
    """Give the class and the right that decided; empty where the ground decided, or nothing did."""
    if not place.located:
        return "unlocatable", ""
    if place.closed or place.outside:
        return "prohibited_area", ""
    titles = [r for r in place.rights if r.status in ("titled", "unknown")]
    own = [r for r in titles if r.status == "titled" and r.own]
    if own or titles:
        senior = may_go_first(own or titles)
        classes = {class_of_title(r) for r in senior}
        every = {class_of_title(r) for r in titles}
        if len(classes) > 1 or (stacked == "ambiguous" and len(every) > 1):
            return "ambiguous", ""
        asm_class = classes.pop()
        return asm_class, "" if asm_class == "ambiguous" else in_order(senior, place.rights)[0].id
    if place.asm_zone:
        return "in_asm_zone", ""
    for status, name in (
        ("pending", "on_pending_claim"),
        ("extinct", "on_extinct_claim"),
        ("other", "on_other_right"),
    ):
        there = [r for r in place.rights if r.status == status]
        if there:
            return name, in_order(may_go_first(there), place.rights)[0].id
    return "open_ground", ""


def slow_relation(place: Place, asm_class: str, decided: str) -> str:
    if not place.located:
        return "unknown"
    titles = in_order([r for r in place.rights if r.status == "titled"], place.rights)
    statuses = {r.status for r in place.rights}
    if any(r.own for r in titles):
        return "own"
    doubtful = "unknown" in statuses or any(r.own is None for r in titles)
    if asm_class == "ambiguous" and doubtful:
        return "unknown"
    if titles:
        spoken_of = next((r for r in titles if r.id == decided), titles[0])
        return "unknown" if spoken_of.own is None else "third_party"
    if "unknown" in statuses:
        return "unknown"
    for status, name in (
        ("pending", "pending"),
        ("extinct", "extinct"),
        ("other", "other_right"),
    ):
        if status in statuses:
            return name
    return "none"


def slow_pathway(place: Place, asm_class: str, decided: str) -> str:
    signed = any(r.contract and r.id == decided and r.status == "titled" for r in place.rights)
    lapsed = [r for r in place.rights if r.status == "extinct"]
    free = all(r.free_on and r.free_on <= ON.isoformat() for r in lapsed) and not place.anap
    if asm_class == "on_extinct_claim" and free:
        return "claim_ground"
    return "complete_formalization" if signed else PATHWAYS[asm_class]


def is_contested(place: Place, decided: str) -> bool:
    own = next(r for r in place.rights if r.id == decided)
    others = [r for r in place.rights if r.status == "titled" and not r.own]
    return any(goes_before(other, own) for other in others)


def slow(places: list[Place], stacked: str) -> pd.DataFrame:
    rows = []
    for place in places:
        asm_class, decided = slow_decision(place, stacked)
        # Closing the ground takes nobody's title away: the relation is that of the open ground.
        beneath = slow_decision(replace(place, closed=False, outside=False), stacked)
        rows.append(
            {
                "asm_class": asm_class,
                "concession_id": decided,
                "pathway": slow_pathway(place, asm_class, decided),
                "title_relation": slow_relation(place, *beneath),
                "n_rights": len(place.rights),
                "n_titles": sum(r.status == "titled" for r in place.rights),
                "right_ids": ";".join(r.id for r in in_order(place.rights, place.rights)),
                "contested": asm_class == "own_title" and is_contested(place, decided),
            }
        )
    return pd.DataFrame(rows)


def comparable(answers: pd.DataFrame) -> pd.DataFrame:
    names = ["asm_class", "concession_id", "pathway", "title_relation", "n_rights", "n_titles"]
    out = answers[names].copy()
    out["concession_id"] = out["concession_id"].fillna("")
    out["right_ids"] = answers["right_ids"].fillna("")
    out["contested"] = answers["flags"].str.split(";").map(lambda f: "own_title_contested" in f)
    return out


def random_place(rng: np.random.Generator, number: int) -> Place:
    def right(i: int) -> Right:
        status = rng.choice(
            ["titled", "pending", "extinct", "other", "unknown"], p=[0.55, 0.15, 0.15, 0.08, 0.07]
        )
        return Right(
            id=f"R{number:04}{i}{rng.integers(10)}",
            status=str(status),
            filed_on=[None, "1999-01-01", "1999-01-01", "2005-01-01", "2015-01-01"][
                rng.integers(5)
            ],
            own=[True, False, False, None][rng.integers(4)],
            stratum=["lsm_msm", "small_scale", "unknown"][rng.integers(3)],
            idle=bool(rng.random() < 0.3),
            free_on=[None, "2020-01-01", "2024-06-01", "2024-06-02"][rng.integers(4)],
            contract=bool(rng.random() < 0.2),
            filed_hour=[None, "09:05", "10:30"][rng.integers(3)],
            datum=["unknown", "unknown", "psad56", "wgs84"][rng.integers(4)],
            origin=["unknown", "claim", "old_claim", "refiled_claim"][rng.integers(4)],
        )

    located = rng.random() > 0.05
    return Place(
        rights=[right(i) for i in range(rng.integers(0, 4) if located else 0)],
        beside=[right(i) for i in range(7, 7 + (rng.integers(0, 2) if located else 0))],
        located=bool(located),
        closed=bool(located and rng.random() < 0.08),
        outside=bool(located and rng.random() < 0.05),
        asm_zone=bool(located and rng.random() < 0.15),
        anap=bool(located and rng.random() < 0.2),
    )


@pytest.fixture(scope="module")
def world() -> list[Place]:
    rng = np.random.default_rng(20)
    return [random_place(rng, i) for i in range(1000)]


@pytest.mark.parametrize("stacked", ["seniority", "ambiguous"])
def test_the_slow_reading_of_the_law_agrees(world: list[Place], stacked: str) -> None:
    got, expected = comparable(ask(world, stacked=stacked)), slow(world, stacked)
    pd.testing.assert_frame_equal(got, expected, check_dtype=False)
    assert set(expected["asm_class"]) == {c.value for c in AsmClass}, "a class is never reached"


def test_order_of_rows_does_not_matter(world: list[Place]) -> None:
    first = ask(world).drop(columns="decided_by")
    again = ask(world, shuffle=1).drop(columns="decided_by")
    pd.testing.assert_frame_equal(again, first)


def test_rights_that_do_not_cover_a_point_never_matter(world: list[Place]) -> None:
    alone = [Place(**{**place.__dict__, "beside": []}) for place in world]
    strangers = Place(rights=[Right("Z1", own=None), Right("A1", status="unknown", filed_on=None)])
    got = ask([*alone, strangers]).iloc[:-1].drop(columns="decided_by")
    pd.testing.assert_frame_equal(got, ask(world).drop(columns="decided_by"))


def test_other_registrations_never_matter(world: list[Place]) -> None:
    some = world[:200]
    doubled = ask([*some, *some, *world[200:300]]).drop(columns="decided_by")
    alone = ask(some).drop(columns="decided_by")
    for start in (0, 200):
        part = doubled.iloc[start : start + 200].reset_index(drop=True)
        pd.testing.assert_frame_equal(part, alone)


small_rights = st.builds(
    Right,
    id=st.sampled_from(["A", "B", "C", "D"]),
    status=st.sampled_from(["titled", "pending", "extinct", "other", "unknown"]),
    filed_on=st.sampled_from([None, "1999-01-01", "2005-01-01"]),
    own=st.sampled_from([True, False, None]),
    stratum=st.sampled_from(["lsm_msm", "small_scale", "unknown"]),
    idle=st.booleans(),
    filed_hour=st.sampled_from([None, "09:05", "10:30"]),
    datum=st.sampled_from(["unknown", "psad56", "wgs84"]),
    origin=st.sampled_from(["claim", "old_claim", "refiled_claim"]),
)


@settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(
    st.lists(small_rights, max_size=4, unique_by=lambda r: r.id),
    st.booleans(),
    st.sampled_from(["seniority", "ambiguous"]),
)
def test_any_small_stack(rights: list[Right], asm_zone: bool, stacked: str) -> None:
    place = Place(rights=rights, asm_zone=asm_zone)
    got = comparable(ask([place], stacked=stacked))
    pd.testing.assert_frame_equal(got, slow([place], stacked), check_dtype=False)


def test_every_answer_names_a_rule_of_the_day_with_its_reference(world: list[Place]) -> None:
    got = ask(world)
    references = {rule.id: rule.reference for rule in LAW.rules}
    references[LAW.order_unknown_id] = ""
    assert got["rule_id"].map(references).tolist() == got["reference"].tolist()
    classes = {rule.id: {rule.then, rule.unknown_class} for rule in LAW.rules}
    classes[LAW.order_unknown_id] = {AsmClass.AMBIGUOUS}
    assert all(c in classes[r] for c, r in zip(got["asm_class"], got["rule_id"], strict=True))
