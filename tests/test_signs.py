"""What raises a question: each kind with its subject, counted once, and none where nothing is odd."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoasm.codes import Role, SignKind
from geoasm.signs import find_signs
from tests import scenes

CROWD = scenes.RULES.crowd


def signs(registered: pd.DataFrame, kind: str, **context: Any) -> list[tuple[Any, ...]]:
    """Signs of one kind: subject, right, registrations, registrants, codes."""
    found = find_signs(
        registered, context.get("layers", {}), context.get("areas", {}), scenes.RULES
    )
    found = found[found["kind"] == kind]
    columns = ["subject", "concession_id", "n_registrations", "n_registrants", "registration_ids"]
    return [
        tuple(None if pd.isna(v) else v for v in row)
        for row in found[columns].itertuples(index=False, name=None)
    ]


@pytest.mark.parametrize("n", [CROWD, CROWD + 1])
def test_more_registrations_than_the_crowd_raise_a_question(n: int) -> None:
    told = signs(scenes.register(n, registrant_id=5), SignKind.MANY_REGISTRATIONS)
    codes = ";".join(f"{i:03}" for i in range(n))
    assert told == ([("5", None, n, 1, codes)] if n > CROWD else [])


def test_registrations_of_nobody_known_are_not_many_of_one() -> None:
    nobody = scenes.register(CROWD + 1, registrant_id=None)
    assert signs(nobody, SignKind.MANY_REGISTRATIONS) == []


def test_the_excluded_raise_no_question() -> None:
    registered = scenes.register(
        CROWD + 1,
        registrant_id=5,
        status=["excluded"] + ["active"] * CROWD,
        geometry=shapely.Point(-75, -9),
        declared_relation=["elsewhere"] + ["none"] * CROWD,
        cluster_id=1,
    )
    registered.loc[0, "registrant_id"] = 6
    found = find_signs(registered, {}, {}, scenes.RULES)
    assert len(found) == 0


def test_only_strangers_at_one_point_raise_a_question() -> None:
    points = [shapely.Point(-75, -9)] * 3 + [shapely.Point(-75.1, -9)] * 2
    registered = scenes.register(5, geometry=points, registrant_id=[1, 2, 1, 3, 3])
    told = signs(registered, SignKind.SAME_PLACE)
    assert told == [("-9.0000000 -75.0000000", None, 3, 2, "000;001;002")]


@pytest.mark.parametrize(("apart", "told"), [(4e-8, True), (2e-7, False)])
def test_one_point_is_one_to_a_centimetre(apart: float, told: bool) -> None:
    points = [shapely.Point(-75, -9), shapely.Point(-75 + apart, -9)]
    registered = scenes.register(2, geometry=points)
    assert bool(signs(registered, SignKind.SAME_PLACE)) is told


def test_those_without_a_position_share_no_point() -> None:
    registered = scenes.register(2, geometry=[None, None])
    assert signs(registered, SignKind.SAME_PLACE) == []


@pytest.mark.parametrize(
    ("relation", "told"),
    [("elsewhere", True), ("extinct", True), ("unknown_code", False), ("agrees", False),
     ("near", False), ("none", False)],
)  # fmt: skip
def test_rights_declared_that_are_not_at_the_point_raise_a_question(
    relation: str, told: bool
) -> None:
    registered = scenes.register(
        3,
        declared_relation=relation,
        declared_right_id="R9",
        concession_id=["R1", "R1", None],
        registrant_id=[1, 1, 2],
    )
    found = signs(registered, SignKind.DECLARED_ELSEWHERE)
    assert found == ([("R9", "R1", 2, 1, "000;001"), ("R9", None, 1, 1, "002")] if told else [])


def test_registrants_of_one_cluster_compete_for_one_right_or_for_ground_that_no_right_decided() -> (
    None
):
    registered = scenes.register(
        7,
        cluster_id=[1, 1, 1, 1, 1, 2, None],
        concession_id=["R1", "R1", "R2", None, None, "R1", "R1"],
        registrant_id=[1, 2, 3, 4, 5, 6, 7],
    )
    assert signs(registered, SignKind.COMPETING) == [
        (None, "R1", 2, 2, "000;001"),
        (None, None, 2, 2, "003;004"),
    ]


def test_who_works_his_own_title_or_stands_twice_competes_with_nobody() -> None:
    own = scenes.register(
        3, cluster_id=1, concession_id="R1", asm_class=["own_title", "on_lsm_msm", "on_lsm_msm"]
    )
    assert signs(own, SignKind.COMPETING) == [(None, "R1", 2, 2, "001;002")]
    twice = scenes.register(2, cluster_id=1, concession_id="R1", registrant_id=4)
    assert signs(twice, SignKind.COMPETING) == []


def test_land_of_communities_under_registrations_is_told_by_name() -> None:
    lands = pd.DataFrame({"name": pd.array(["LAND A", "LAND A", None], dtype="str")})
    met = pd.DataFrame({"registration": [0, 0, 1, 2, 3], "area": [0, 1, 1, 2, 0]})
    registered = scenes.register(4, registrant_id=[1, 1, 2, 3])
    registered.loc[3, "status"] = "excluded"
    context = {"layers": {Role.COMMUNITIES: lands}, "areas": {Role.COMMUNITIES: met}}
    assert signs(registered, SignKind.SURFACE_LAND, **context) == [
        ("LAND A", None, 2, 1, "000;001"),
        (None, None, 1, 1, "002"),
    ]
    assert signs(registered, SignKind.SURFACE_LAND) == []


def test_years_of_registration_are_told_where_the_register_says_them() -> None:
    registered = scenes.register(3, geometry=shapely.Point(-75, -9))
    told = find_signs(registered, {}, {}, scenes.RULES).iloc[0]
    assert pd.isna(told["first_year"])
    years = pd.array([2014, None, 2012], dtype="Int64")
    told = find_signs(registered.assign(registered_year=years), {}, {}, scenes.RULES).iloc[0]
    assert told[["first_year", "last_year"]].tolist() == [2012, 2014]


WHO = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 2), st.sampled_from("ABC")),
    max_size=30,
)


@given(WHO, st.randoms(use_true_random=False))
def test_signs_are_what_counting_by_hand_gives_in_any_order(
    rows: list[tuple[int, int, int, str]], random: Any
) -> None:
    registered = scenes.register(
        len(rows),
        registrant_id=[row[0] for row in rows],
        geometry=[shapely.Point(-75 + row[1], -9) for row in rows],
        cluster_id=pd.array([row[2] or None for row in rows], dtype="Int64"),
        concession_id=[row[3] for row in rows],
    )
    sizes = Counter(row[0] for row in rows)
    crowds = {(str(who), n) for who, n in sizes.items() if n > CROWD}
    told = signs(registered, SignKind.MANY_REGISTRATIONS)
    assert {(subject, n) for subject, _, n, _, _ in told} == crowds
    places = {row[1]: {other[0] for other in rows if other[1] == row[1]} for row in rows}
    shared = sorted(len(who) for who in places.values() if len(who) > 1)
    assert sorted(row[3] for row in signs(registered, SignKind.SAME_PLACE)) == shared
    rivals: dict[tuple[int, str], set[int]] = {}
    for who, _, cluster, right in rows:
        if cluster:
            rivals.setdefault((cluster, right), set()).add(who)
    expected = sorted((right, len(who)) for (_, right), who in rivals.items() if len(who) > 1)
    told = signs(registered, SignKind.COMPETING)
    assert sorted((right, n) for _, right, _, n, _ in told) == expected
    order = list(range(len(rows)))
    random.shuffle(order)
    turned = find_signs(registered.iloc[order].reset_index(drop=True), {}, {}, scenes.RULES)
    pd.testing.assert_frame_equal(turned, find_signs(registered, {}, {}, scenes.RULES))
