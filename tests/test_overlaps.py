"""Rights against rights: which pairs share ground, how much, measured where, and who goes before."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from geoasm import geometry, normalize, rights
from geoasm.codes import Role
from geoasm.io.layers import read_layer
from geoasm.io.profiles import load_profile
from geoasm.kernels import engine
from geoasm.overlaps import Overlaps, find_overlaps
from geoasm.schema import OVERLAPS
from tests.rights import X, Y, cadastre, square

PROFILE = load_profile("pe")
PLAN, LAW = PROFILE.crs, PROFILE.law.at(date(2024, 6, 1))


def overlaps(shapes: dict[str, BaseGeometry], **columns: object) -> Overlaps:
    return find_overlaps(cadastre(PLAN, shapes, **columns), PLAN, LAW)


def measures(found: Overlaps) -> dict[tuple[str, str], tuple[float, float, float]]:
    rows = found.frame[OVERLAPS.names[:5]].itertuples(index=False)
    return {(a, b): (ha, of_a, of_b) for a, b, ha, of_a, of_b in rows}


def test_a_part_in_common_is_measured_against_both() -> None:
    found = overlaps({"B": square(500, 0), "A": square(0, 0), "C": square(5000, 0)})
    assert measures(found) == {("A", "B"): pytest.approx((50, 0.5, 0.5), rel=1e-9)}
    assert set(found.frame["measured_in"]) == {"EPSG:32718"}
    assert found.frame.crs == "EPSG:4326"
    there = geometry.operation("EPSG:4326", "EPSG:32718", PLAN)
    assert shapely.area(there.geometries(found.frame.geometry.to_numpy()))[0] == pytest.approx(5e5)


def test_identical_rights_share_everything() -> None:
    found = overlaps({"A": square(0, 0), "B": square(0, 0)})
    assert measures(found) == {("A", "B"): pytest.approx((100, 1, 1))}


def test_a_right_inside_another_is_shared_whole() -> None:
    round_right = shapely.Point(X + 500, Y + 500).buffer(200)
    found = overlaps({"A": round_right, "B": square(0, 0)})
    assert measures(found) == {
        ("A", "B"): pytest.approx((round_right.area / 1e4, 1, round_right.area / 1e6))
    }


@pytest.mark.parametrize(
    "other", [square(1000, 0), square(1000, 1000), square(0, -1000), square(3000, 0)]
)
def test_an_edge_or_a_corner_is_no_ground(other: BaseGeometry) -> None:
    found = overlaps({"A": square(0, 0), "B": other})
    assert len(found.frame) == 0
    assert list(found.frame.columns) == OVERLAPS.names
    assert found.slivers == 0


def test_a_right_in_the_hole_of_another_shares_nothing() -> None:
    ring = shapely.difference(square(0, 0), square(300, 300, 400))
    assert not measures(overlaps({"A": ring, "B": square(300, 300, 400)}))


@pytest.mark.parametrize(("width", "pairs", "slivers"), [(0.009, 0, 1), (0.011, 1, 0)])
def test_ten_square_metres_part_slivers_from_overlaps(
    width: float, pairs: int, slivers: int
) -> None:
    found = overlaps({"A": square(0, 0), "B": square(1000 - width, 0)})
    assert (len(found.frame), found.slivers) == (pairs, slivers)
    assert found.slivers_ha == pytest.approx(slivers * width * 1000 / 1e4, rel=1e-6)


def test_three_deep_makes_three_pairs_and_the_law_orders_each() -> None:
    shapes = {"A": square(0, 0), "B": square(100, 0), "C": square(200, 0)}
    found = overlaps(
        shapes,
        status=["titled", "titled", "extinct"],
        filed_on=["2005-01-01", "2001-01-01", "1990-01-01"],
    )
    assert found.frame["senior_id"].tolist() == ["B", "A", "B"]
    assert found.frame["relation"].tolist() == ["filed_on", "extinct", "extinct"]


def test_no_right_is_senior_where_nobody_can_tell() -> None:
    shapes = {"A": square(0, 0), "B": square(100, 0), "C": square(200, 0)}
    found = overlaps(shapes, filed_on=["2005-01-01", "2005-01-01", None])
    assert found.frame["senior_id"].isna().all()
    assert found.frame["relation"].tolist() == ["simultaneous", "unknown", "unknown"]


def in_zone(shape: BaseGeometry, source: str, target: str) -> BaseGeometry:
    """The same ground in another zone, its edges followed every ten metres."""
    dense = np.array([shapely.segmentize(shape, 10)], dtype=object)
    return geometry.operation(source, target, PLAN).geometries(dense)[0]


def at_the_border() -> BaseGeometry:
    """Five kilometres a side in zone 17, across 78 degrees west."""
    x, y = geometry.operation("EPSG:4326", "EPSG:32717", PLAN).points(
        np.array([-78.0]), np.array([-7.0])
    )
    return shapely.box(x[0] - 2500, y[0], x[0] + 2500, y[0] + 5000)


def test_across_zones_ground_is_measured_in_equal_area() -> None:
    here = at_the_border()
    half = shapely.box(here.bounds[0] + 2500, *here.bounds[1:])
    pair = {"A": here, "B": in_zone(half, "EPSG:32717", "EPSG:32718")}
    found = overlaps(pair, crs=["EPSG:32717", "EPSG:32718"])
    assert found.frame["measured_in"].tolist() == [PLAN.equal_area]
    assert found.frame["share_of_a"][0] == pytest.approx(0.5, abs=1e-4)
    assert found.frame["share_of_b"][0] == pytest.approx(1, abs=1e-6)
    # On the ground the edge of the zone is stretched: 2,500 ha of grid are some 0.2 % less.
    assert found.frame["overlap_ha"][0] == pytest.approx(1250, rel=3e-3)


def test_neighbours_across_zones_whose_edges_bend_alike_merely_adjoin() -> None:
    here = at_the_border()
    beside = shapely.affinity.translate(here, 5000)
    corners = in_zone(beside, "EPSG:32717", "EPSG:32718")
    found = overlaps({"A": here, "B": corners}, crs=["EPSG:32717", "EPSG:32718"])
    assert len(found.frame) == 0


def slow_overlaps(rights: pd.DataFrame) -> dict[tuple[str, str], tuple[float, float, float]]:
    """Every pair, one by one."""
    out = {}
    for a, b in combinations(rights.sort_values("concession_id").itertuples(), 2):
        boxes = a.planar.bounds, b.planar.bounds
        apart = any(one[i] > other[i + 2] for one, other in (boxes, boxes[::-1]) for i in (0, 1))
        if apart or a.planar_crs != b.planar_crs:
            continue
        shared = a.planar.intersection(b.planar).area
        if shared > 10:
            key = (a.concession_id, b.concession_id)
            out[key] = (shared / 1e4, shared / a.planar.area, shared / b.planar.area)
    return out


WHOLE = st.integers(0, 12)
RECTANGLE = st.tuples(WHOLE, WHOLE, st.integers(1, 6), st.integers(1, 6)).map(
    lambda r: shapely.box(
        X + r[0] * 100, Y + r[1] * 100, X + (r[0] + r[2]) * 100, Y + (r[1] + r[3]) * 100
    )
)
SHAPE = RECTANGLE | st.lists(st.tuples(WHOLE, WHOLE), min_size=3, max_size=6, unique=True).map(
    lambda c: shapely.MultiPoint([(X + x * 100, Y + y * 100) for x, y in c]).convex_hull
).filter(lambda s: s.geom_type == "Polygon")


@given(st.lists(SHAPE, min_size=2, max_size=7), st.randoms(use_true_random=False))
def test_any_cadastre_agrees_with_every_pair_one_by_one_in_any_order(shapes, random) -> None:
    frame = cadastre(PLAN, {f"R{i}": shape for i, shape in enumerate(shapes)})
    expected = slow_overlaps(frame)
    found = find_overlaps(frame, PLAN, LAW)
    assert measures(found).keys() == expected.keys()
    for pair, values in measures(found).items():
        assert values == pytest.approx(expected[pair], rel=1e-9)
    order = list(range(len(frame)))
    random.shuffle(order)
    again = find_overlaps(frame.iloc[order].reset_index(drop=True), PLAN, LAW)
    pd.testing.assert_frame_equal(pd.DataFrame(again.frame), pd.DataFrame(found.frame))


@given(st.lists(SHAPE, min_size=2, max_size=7))
def test_compiled_loops_find_the_overlaps_that_shapely_finds(shapes) -> None:
    frame = cadastre(PLAN, {f"R{i}": shape for i, shape in enumerate(shapes)})
    with engine.use("shapely"):
        expected = find_overlaps(frame, PLAN, LAW)
    with engine.use("numba"):
        found = find_overlaps(frame, PLAN, LAW)
    plain = [frame.drop(columns="geometry") for frame in (found.frame, expected.frame)]
    pd.testing.assert_frame_equal(*map(pd.DataFrame, plain), rtol=1e-9)
    pd.testing.assert_frame_equal(found.meeting, expected.meeting, rtol=1e-9)
    apart = shapely.hausdorff_distance(
        found.frame.geometry.to_numpy(), expected.frame.geometry.to_numpy()
    )
    assert (apart < 1e-12).all()


def real_rights(path: Path, profile: str, day: date) -> gpd.GeoDataFrame:
    country = load_profile(profile)
    raw = read_layer(str(path), Role.CONCESSIONS)
    spec = country.roles[Role.CONCESSIONS]
    return rights.settle_status(normalize.concessions(raw, spec, country.crs, on=day)[0])


@pytest.mark.real
def test_real_overlaps_equal_every_pair_one_by_one(real: Path) -> None:
    frame = real_rights(real / "peru_cajamarca" / "concessions.geojson", "pe", LAW.on)
    found = measures(find_overlaps(frame, PLAN, LAW))
    codes = frame["concession_id"].to_numpy(dtype=object)
    boxes = shapely.bounds(frame["planar"].to_numpy(dtype=object))
    expected = {}
    for i in range(len(frame)):  # without any index of places
        near = (boxes[:, 0] <= boxes[i, 2]) & (boxes[:, 2] >= boxes[i, 0])
        near &= (boxes[:, 1] <= boxes[i, 3]) & (boxes[:, 3] >= boxes[i, 1])
        near &= (frame["planar_crs"] == frame["planar_crs"][i]).to_numpy() & (codes > codes[i])
        for j in np.flatnonzero(near):
            shared = frame["planar"][i].intersection(frame["planar"][j]).area
            if shared > 10:
                expected[codes[i], codes[j]] = shared / 1e4
    assert {pair: ha for pair, (ha, *_) in found.items()} == pytest.approx(expected, rel=1e-6)
    assert len(found) > 1900


@pytest.mark.real
def test_real_titles_in_degrees_are_cut_in_degrees_and_measured_in_their_zone(real: Path) -> None:
    country = load_profile("cd")
    law = country.law.at(LAW.on)
    frame = real_rights(real / "drc_2020" / "titles.geojson", "cd", LAW.on)
    found = find_overlaps(frame, country.crs, law).frame
    by_code = frame.set_index("concession_id")
    a, b = (by_code.loc[found[f"concession_id_{s}"]] for s in "ab")
    across = a["planar_crs"].to_numpy() != b["planar_crs"].to_numpy()
    assert ((found["measured_in"] == country.crs.equal_area) == across).all()
    assert found[["share_of_a", "share_of_b"]].max().max() <= 1
    cut = shapely.intersection(a["drawn"].to_numpy(object), b["drawn"].to_numpy(object))
    share = shapely.area(cut) / shapely.area(a["drawn"].to_numpy(object))
    assert found["share_of_a"].to_numpy() == pytest.approx(share, rel=1e-2, abs=1e-6)
