"""Registrations near an active holder's rights, against every distance in UTM; who is left out."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from geoasm.link import Points, link
from geoasm.neighbours import find_near
from tests import scenes
from tests.rights import X, Y, cadastre, square

NEAR_M = scenes.RULES.near_m
ZONE = "EPSG:32718"
TO_DEGREES = Transformer.from_crs(ZONE, 4326, always_xy=True)
TO_ZONE = Transformer.from_crs(4326, ZONE, always_xy=True)
ACTIVE = {"holder_stratum": "lsm_msm", "holder_activity": "active", "is_joint": False}


def rights(shapes: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    """Titles of active large holders, one each; others as stated."""
    named = {f"R{i}": shape for i, shape in enumerate(shapes)}
    frame = cadastre(scenes.PE.crs, named, **{**ACTIVE, **columns})
    if "holder_id" not in frame:
        frame["holder_id"] = range(len(frame))
    return frame.astype({"holder_id": "Int64"})


def point(east: float, north: float) -> shapely.Point:
    return shapely.Point(TO_DEGREES.transform(X + east, Y + north))


def near(
    places: list[tuple[float, float]],
    held: gpd.GeoDataFrame,
    behind: list[str] | pd.DataFrame | None = None,
    **columns: Any,
) -> list[tuple[str, str]]:
    """Registrations and the rights that they are told to be near."""
    told = near_frame(places, held, behind, **columns)
    return list(zip(told["registration_id"], told["concession_id"], strict=True))


def near_frame(
    places: list[tuple[float, float]],
    held: gpd.GeoDataFrame,
    behind: list[str] | pd.DataFrame | None = None,
    **columns: Any,
) -> pd.DataFrame:
    registered = scenes.register(
        len(places), geometry=[point(*place) for place in places], **columns
    )
    points = Points(registered.geometry.to_numpy(), scenes.PE.crs)
    pairs = link(points, held, reach_m=300.0)
    if not isinstance(behind, pd.DataFrame):
        behind = scenes.affiliates(behind or [f"party {h}" for h in held["holder_id"]])
    return find_near(registered, points, held, pairs, behind, scenes.RULES)


ONE = [square(0, 0)]


@pytest.mark.parametrize(
    ("east", "told"),
    [(500.0, False), (0.0, False), (-1.0, True), (-1_999.0, True), (-2_001.0, False)],
)
def test_near_is_outside_and_within_the_distance(east: float, told: bool) -> None:
    assert near([(east, 500.0)], rights(ONE)) == ([("000", "R0")] if told else [])


def test_the_distance_is_told_in_metres() -> None:
    told = near_frame([(-300.0, -400.0)], rights(ONE))
    assert told["distance_m"].iloc[0] == pytest.approx(500.0, abs=0.01)


@pytest.mark.parametrize(
    "change",
    [{"status": "pending"}, {"status": "extinct"}, {"holder_activity": "idle"},
     {"holder_activity": "no_evidence"}, {"holder_stratum": "small_scale"},
     {"holder_stratum": "unknown"}, {"holder_id": pd.array([None], dtype="Int64")}],
)  # fmt: skip
def test_only_rights_in_force_of_active_large_holders_have_neighbours(
    change: dict[str, Any],
) -> None:
    held = rights(ONE, **change)
    assert near([(-100.0, 0.0)], held, ["party 0"]) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"status": "excluded"}, False),
        ({"activity": "processing"}, False),
        ({"asm_class": "prohibited_area"}, False),
        ({"status": "suspended", "activity": "unknown", "asm_class": "open_ground"}, True),
    ],
)
def test_the_excluded_plants_and_closed_ground_are_left_out(
    change: dict[str, Any], told: bool
) -> None:
    assert bool(near([(-100.0, 0.0)], rights(ONE), **change)) is told


TWO = [square(0, 0), square(1_500, 0)]  # 500 metres between them


def test_who_stands_on_a_right_of_the_holder_is_no_neighbour_of_his_other_rights() -> None:
    assert near([(500.0, 500.0)], rights(TWO)) == [("000", "R1")]
    assert near([(500.0, 500.0)], rights(TWO, holder_id=[7, 7])) == []


def test_nor_who_stands_on_a_right_of_the_group() -> None:
    assert near([(500.0, 500.0)], rights(TWO), ["group G", "group G"]) == []


def test_nor_who_stands_on_an_idle_title_of_the_holder() -> None:
    held = rights(TWO, holder_activity=["idle", "active"])
    assert near([(500.0, 500.0)], held) == [("000", "R1")]
    assert near([(500.0, 500.0)], held, ["party 1", "party 1"]) == []


@pytest.mark.parametrize("status", ["pending", "other"])
def test_nor_who_stands_on_any_other_right_of_his(status: str) -> None:
    held = rights(TWO, status=[status, "titled"])
    assert near([(500.0, 500.0)], held) == [("000", "R1")]
    assert near([(500.0, 500.0)], held, ["party 1", "party 1"]) == []


def test_an_extinct_right_of_his_is_his_no_more() -> None:
    held = rights(TWO, status=["extinct", "titled"])
    assert near([(500.0, 500.0)], held, ["party 1", "party 1"]) == [("000", "R1")]


def test_one_joint_holder_is_enough_to_stand_on_his_ground() -> None:
    behind = pd.DataFrame({"right": [0, 0, 1], "affiliate": ["party 1", "party 2", "party 2"]})
    assert near([(500.0, 500.0)], rights(TWO), behind) == []


def test_of_each_holder_the_nearest_right_is_told() -> None:
    place = [(1_200.0, 500.0)]  # 200 metres from the one, 300 from the other
    assert near(place, rights(TWO)) == [("000", "R0"), ("000", "R1")]
    assert near(place, rights(TWO, holder_id=[7, 7])) == [("000", "R0")]


def test_of_two_rights_as_near_the_first_by_code_is_told() -> None:
    twice = [square(0, 0), square(0, 0)]
    assert near([(-100.0, 500.0)], rights(twice, holder_id=[7, 7])) == [("000", "R0")]


def slowly(
    places: list[tuple[float, float]], held: gpd.GeoDataFrame, behind: list[str]
) -> list[tuple[str, str]]:
    """Measure from every registration to every right of every holder."""
    found = []
    shapes = held["drawn"].tolist()
    for i, place in enumerate(places):
        at = shapely.Point(TO_ZONE.transform(*point(*place).coords[0]))
        on = {behind[k] for k, shape in enumerate(shapes) if shape.covers(at)}
        best: dict[int, tuple[float, str]] = {}
        for k, right in enumerate(held.itertuples()):
            worked = right.status == "titled" and right.holder_activity == "active"
            if not worked or right.holder_stratum != "lsm_msm" or behind[k] in on:
                continue
            gap = (round(at.distance(shapes[k]), 6), right.concession_id)
            if shapes[k].covers(at) or gap[0] > NEAR_M:
                continue
            best[right.holder_id] = min(best.get(right.holder_id, gap), gap)
        found += [(f"{i:03}", code) for _, (_, code) in sorted(best.items())]
    return found


@given(st.integers(0, 200))
def test_in_any_world_the_neighbours_are_those_that_measuring_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 8
    shapes = [square(*rng.uniform(0, 9_000, 2), side=rng.uniform(200, 2_500)) for _ in range(n)]
    owner = rng.integers(0, 4, n)
    held = rights(
        shapes,
        holder_id=owner,
        status=rng.choice(["titled", "pending"], n, p=[0.8, 0.2]),
        holder_activity=rng.choice(["active", "idle"], n, p=[0.7, 0.3]),
        holder_stratum=rng.choice(["lsm_msm", "small_scale"], n, p=[0.8, 0.2]),
    )
    behind = ["group G" if o < 2 else f"party {o}" for o in owner]
    places = [tuple(p) for p in rng.uniform(-1_000, 11_000, (12, 2))]
    assert near(places, held, behind) == slowly(places, held, behind)


def test_without_rights_or_positions_there_are_no_neighbours() -> None:
    assert near([], rights(ONE)) == []
    nothing = scenes.register(1, geometry=[None])
    points = Points(nothing.geometry.to_numpy(), scenes.PE.crs)
    held = rights(ONE)
    pairs = link(points, held, reach_m=300.0)
    told = find_near(nothing, points, held, pairs, scenes.affiliates(["party 0"]), scenes.RULES)
    assert len(told) == 0
    assert near([(-100.0, 0.0)], rights(ONE, status="extinct")) == []
