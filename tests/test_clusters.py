"""Clusters against every distance on the ellipsoid, one by one; what they do not depend on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from pyproj import Geod

from geoasm.clusters import describe_clusters, find_clusters
from tests import scenes

GEOD = Geod(ellps="WGS84")
RADIUS_M, FEWEST = scenes.RULES.cluster_radius_m, scenes.RULES.cluster_fewest
LON, LAT = -75.0, -9.0  # the border of two zones is at 78
DEGREE = 0.001  # of latitude: 111 metres
PLACE = st.tuples(st.integers(0, 40), st.integers(0, 40))
PLACES = st.lists(PLACE, max_size=25)


def at(places: list[tuple[float, float]], lon: float = LON, lat: float = LAT) -> list[Any]:
    return [shapely.Point(lon + x * DEGREE, lat + y * DEGREE) for x, y in places]


def clustered(points: list[Any], **columns: Any) -> list[int | None]:
    registered = scenes.register(len(points), geometry=points, **columns)
    return [None if pd.isna(c) else int(c) for c in find_clusters(registered, scenes.RULES)]


def distances(points: list[Any]) -> list[list[float]]:
    return [[GEOD.inv(a.x, a.y, b.x, b.y)[2] for b in points] for a in points]


def check(points: list[Any], told: list[int | None]) -> None:
    """
    Hold clusters against the definition.

    Whoever has enough registrations within the radius, itself among them, is a core; cores within the
    radius of each other are of one cluster; the others stand with a core within the radius, or alone.
    """
    gap = distances(points)
    n = len(points)
    near = [[j for j in range(n) if gap[i][j] <= RADIUS_M] for i in range(n)]
    core = [len(some) >= FEWEST for some in near]
    group = list(range(n))
    for i in range(n):
        for j in near[i]:
            if core[i] and core[j]:
                old, new = group[j], group[i]
                group = [new if g == old else g for g in group]
    of_group: dict[int, int | None] = {}
    for i in range(n):
        if core[i]:
            assert told[i] is not None
            assert of_group.setdefault(group[i], told[i]) == told[i]
        else:
            reached = {group[j] for j in near[i] if core[j]}
            assert (told[i] is None) == (not reached)
    assert len(set(of_group.values())) == len(of_group)  # two groups are two clusters
    for i in range(n):
        if told[i] is not None and not core[i]:
            assert told[i] in {of_group[group[j]] for j in near[i] if core[j]}
    first = [min(i for i in range(n) if told[i] == c) for c in sorted({*told} - {None})]
    assert sorted({*told} - {None}) == list(range(1, len(first) + 1))
    assert first == sorted(first)  # numbered by the least code


@given(PLACES)
def test_clusters_are_those_of_the_definition(places: list[tuple[int, int]]) -> None:
    points = at(places)
    assume(all(abs(d - RADIUS_M) > 0.01 for row in distances(points) for d in row))
    check(points, clustered(points))


def test_a_crowd_of_clusters_is_that_of_the_definition() -> None:
    rng = np.random.default_rng(5)
    points = at(list(rng.uniform(0, 90, (150, 2))))
    told = clustered(points)
    check(points, told)
    assert len({*told} - {None}) > 5
    assert None in told


@given(PLACES, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(places: list[tuple[int, int]], random: Any) -> None:
    points = at(places)
    codes = [f"{i:03}" for i in range(len(points))]
    order = list(range(len(points)))
    random.shuffle(order)
    turned = clustered([points[i] for i in order], registration_id=[codes[i] for i in order])
    assert turned == [clustered(points)[i] for i in order]


@given(PLACES, st.integers(1, 20))
def test_unrelated_rows_far_away_change_nothing_however_often_they_stand_there(
    places: list[tuple[int, int]], copies: int
) -> None:
    points = at(places)
    far = at([(0, 0)] * copies, lon=-70.0)
    told = clustered([*points, *far])
    assert told[: len(points)] == clustered(points)
    assert (None in told[len(points) :]) == (copies < FEWEST)


@given(PLACES, st.sampled_from([-3.0, -2.98, 1.7, 4.0]))
def test_clusters_move_along_with_the_meridian_across_the_borders_of_zones(
    places: list[tuple[int, int]], east: float
) -> None:
    points = at(places)
    assume(all(abs(d - RADIUS_M) > 0.01 for row in distances(points) for d in row))
    assert clustered(at(places, lon=LON + east)) == clustered(points)


@pytest.mark.parametrize(("metres", "together"), [(RADIUS_M - 0.5, True), (RADIUS_M + 0.5, False)])
@pytest.mark.parametrize("bearing", [0, 45, 90, 200])
def test_the_radius_is_measured_in_metres_on_the_ellipsoid(
    metres: float, bearing: float, together: bool
) -> None:
    lon, lat, _ = GEOD.fwd(LON, LAT, bearing, metres)
    points = [shapely.Point(LON, LAT)] * (FEWEST - 1) + [shapely.Point(lon, lat)]
    assert clustered(points) == ([1] * FEWEST if together else [None] * FEWEST)


def test_registrations_at_one_point_are_as_many_as_they_are() -> None:
    assert clustered(at([(0, 0)] * FEWEST)) == [1] * FEWEST
    assert clustered(at([(0, 0)] * (FEWEST - 1))) == [None] * (FEWEST - 1)


@pytest.mark.parametrize(
    ("column", "value"), [("status", "excluded"), ("activity", "processing"), ("geometry", None)]
)
def test_the_excluded_plants_and_the_unlocated_stand_in_no_cluster(
    column: str, value: object
) -> None:
    points = at([(0, 0)] * (FEWEST + 1))
    registered = scenes.register(len(points), geometry=points)
    registered.loc[0, column] = value
    assert find_clusters(registered, scenes.RULES).isna().tolist() == [True] + [False] * FEWEST
    registered.loc[1, column] = value
    assert find_clusters(registered, scenes.RULES).isna().all()


def test_the_suspended_and_those_of_unknown_activity_stand_in_clusters() -> None:
    points = at([(0, 0)] * FEWEST)
    assert clustered(points, status="suspended", activity="unknown") == [1] * FEWEST


def test_without_registrations_there_is_no_cluster() -> None:
    assert clustered([]) == []
    nobody = pd.Series([], dtype="Int64")
    assert not len(describe_clusters(scenes.register(0), nobody, scenes.RULES))


def described(points: list[Any], **columns: Any) -> pd.Series:
    registered = scenes.register(len(points), geometry=points, **columns)
    told = describe_clusters(registered, find_clusters(registered, scenes.RULES), scenes.RULES)
    assert len(told) == 1
    return told.iloc[0]


FOUR = at([(0, 0), (1, 0), (0, 1), (0, 1)])


def test_a_cluster_tells_who_stands_in_it_and_on_what() -> None:
    told = described(
        FOUR,
        registrant_id=[1, 1, 2, None],
        status=["active", "suspended", "unknown", "active"],
        concession_id=["R2", "R1", None, "R1"],
        asm_class=["on_lsm_msm", "on_small_scale", "open_ground", "on_small_scale"],
        admin_1=["PUNO", "ANCASH", "PUNO", "ANCASH"],
    )
    assert told[["n_registrations", "n_registrants", "n_active", "n_places"]].tolist() == [
        4,
        2,
        2,
        3,
    ]
    assert told["active_share"] == pytest.approx(2 / 3)
    assert told["n_concessions"] == 2
    assert told["concession_ids"] == "R1;R2"
    assert told["classes"] == "on_lsm_msm;on_small_scale;open_ground"
    assert told["admin_1"] == "ANCASH"  # of two with as many the first by name
    assert pd.isna(told["admin_2"])


def test_a_cluster_of_which_no_status_is_known_has_no_active_share() -> None:
    told = described(FOUR, status="unknown")
    assert told["n_active"] == 0
    assert pd.isna(told["active_share"])


@pytest.mark.parametrize(
    "places", [[(0, 0), (1, 0), (0, 1)], [(0, 0), (1, 0), (2, 0)], [(0, 0)] * 3, [(0, 0)] * 9]
)
def test_the_hull_is_a_polygon_around_every_registration_and_not_far_from_them(
    places: list[tuple[int, int]],
) -> None:
    points = at(places)
    hull = described(points).geometry
    assert hull.geom_type == "Polygon"
    assert all(hull.contains(p) for p in points)
    corners = [shapely.Point(c) for c in hull.exterior.coords]
    gaps = [min(GEOD.inv(c.x, c.y, p.x, p.y)[2] for p in points) for c in corners]
    assert max(gaps) < 0.11 * RADIUS_M


def test_each_cluster_has_its_own_hull() -> None:
    points = at([(0, 0)] * 3 + [(40, 40)] * 3)
    registered = scenes.register(6, geometry=points, registration_id=[*"dafbec"])
    cluster = find_clusters(registered, scenes.RULES)
    told = describe_clusters(registered, cluster, scenes.RULES)
    assert told["n_registrations"].tolist() == [3, 3]
    for number, point in zip(cluster, points, strict=True):
        within = told["geometry"].contains(point).tolist()
        assert within == [number == 1, number == 2]
