"""Net ground: pieces that do not overlap, that sum to the union, and that name their rights."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from geoasm import geometry
from geoasm.io.profiles import load_profile
from geoasm.overlaps import find_overlaps
from geoasm.planar import (
    NetGround,
    _cover,
    count_ground,
    count_pairs,
    ground_faults,
    group,
    planarize,
)
from tests.rights import X, Y, cadastre, square
from tests.test_overlaps import SHAPE, at_the_border, in_zone, real_rights

PROFILE = load_profile("pe")
PLAN, LAW = PROFILE.crs, PROFILE.law.at(date(2024, 6, 1))


def cut(frame: pd.DataFrame) -> NetGround:
    return planarize(frame, find_overlaps(frame, PLAN, LAW), PLAN, LAW)


def pieces(shapes: dict[str, BaseGeometry], **columns: object) -> dict[str, float]:
    """Hectares of the pieces by their rights, senior first."""
    frame = cut(cadastre(PLAN, shapes, **columns)).pieces
    assert frame["right_ids"].is_unique
    return dict(zip(frame["right_ids"], frame["area_ha"].round(6), strict=True))


def test_a_right_alone_is_one_piece() -> None:
    assert pieces({"A": square(0, 0), "B": square(5000, 0)}) == {"A": 100, "B": 100}


def test_neighbours_that_share_an_edge_stay_whole() -> None:
    assert pieces({"A": square(0, 0), "B": square(1000, 0)}) == {"A": 100, "B": 100}


def test_identical_rights_are_one_piece_senior_first() -> None:
    filed = ["2009-01-01", "2005-01-01"]
    assert pieces({"A": square(0, 0), "B": square(0, 0)}, filed_on=filed) == {"B;A": 100}


def test_a_right_inside_another_leaves_a_ring() -> None:
    assert pieces({"A": square(0, 0), "B": square(200, 200, 500)}) == {"A": 75, "A;B": 25}


def test_three_deep() -> None:
    shapes = {"A": square(0, 0), "B": square(500, 0), "C": square(500, 0, 500)}
    assert pieces(shapes) == {"A": 50, "A;B": 25, "A;B;C": 25, "B": 50}


def test_a_sliver_is_a_piece() -> None:
    found = pieces({"A": square(0, 0), "B": square(999.995, 0)})
    assert found == {"A": 99.9995, "A;B": 0.0005, "B": 99.9995}


def test_edges_that_all_but_touch_give_valid_pieces_in_degrees() -> None:
    # A vertex at mid-edge leaves the chord by centimetres once moved; the edges are 5 mm apart.
    bent = [(0, 0.005), (4000, 0.005), (8000, 0.005), (8000, 8000), (0, 8000)]
    inner = shapely.Polygon([(X + x, Y + y) for x, y in bent])
    frame = cadastre(PLAN, {"A": square(0, 0, 8000), "B": inner})
    found = find_overlaps(frame, PLAN, LAW)
    assert found.frame.geometry.is_valid.all()
    net = planarize(frame, found, PLAN, LAW).pieces
    assert net.geometry.is_valid.all()
    assert not net.geometry.is_empty.any()
    assert net["area_ha"].round(4).tolist() == [0.004, 6399.996]


def test_the_ground_in_a_ring_of_rights_is_no_piece() -> None:
    frame = {
        "S": shapely.affinity.scale(square(0, 0), 3, 1, origin=square(0, 0).centroid),
        "N": shapely.affinity.scale(square(0, 2000), 3, 1, origin=square(0, 2000).centroid),
        "W": shapely.affinity.scale(square(-1000, 1000), 1, 3, origin=square(-1000, 1000).centroid),
        "E": shapely.affinity.scale(square(1000, 1000), 1, 3, origin=square(1000, 1000).centroid),
    }
    assert sum(pieces(frame).values()) == pytest.approx(800)


def test_no_right_is_senior_of_a_piece_where_nobody_can_tell() -> None:
    shapes = {"A": square(0, 0), "B": square(500, 0), "C": square(500, 0, 500)}
    filed = ["2005-01-01", "2005-01-01", "2001-01-01"]
    frame = cut(cadastre(PLAN, shapes, filed_on=filed)).pieces.set_index("right_ids")
    assert frame["senior_id"].isna().to_dict() == {
        "A": False,
        "A;B": True,
        "B": False,
        "C;A;B": False,
    }
    assert frame["senior_id"]["C;A;B"] == "C"
    assert frame["n_rights"].tolist() == [1, 2, 1, 3]


def test_stacks_across_zones_are_cut_and_measured_in_equal_area() -> None:
    here = at_the_border()
    half = shapely.box(here.bounds[0] + 2500, *here.bounds[1:])
    pair = {"A": here, "B": in_zone(half, "EPSG:32717", "EPSG:32718")}
    net = cut(cadastre(PLAN, pair, crs=["EPSG:32717", "EPSG:32718"]))
    assert set(net.pieces["measured_in"]) == {PLAN.equal_area}
    large = net.pieces[net.pieces["area_ha"] > 1]
    assert large["right_ids"].tolist() == ["A", "A;B"]
    assert large["area_ha"].to_numpy() == pytest.approx([1250, 1250], rel=3e-3)
    assert ground_faults(count_ground(net)) == []


def test_no_rights_no_pieces() -> None:
    frame = cadastre(PLAN, {"A": square(0, 0)}).iloc[:0]
    net = cut(frame)
    assert len(net.pieces) == 0
    assert ground_faults(count_ground(net)) == []


def check_balance(frame: pd.DataFrame, net: NetGround) -> None:
    """Pieces sum to the union, to each right, and do not overlap."""
    union = shapely.union_all(frame["planar"].to_numpy(dtype=object)).area / 1e4
    assert net.pieces["area_ha"].sum() == pytest.approx(union, rel=1e-6)
    own = net.pieces.assign(right=net.pieces["right_ids"].str.split(";")).explode("right")
    summed = own.groupby("right")["area_ha"].sum()
    area = frame.set_index("concession_id")["area_ha"]
    assert summed.sort_index().to_numpy() == pytest.approx(area.sort_index().to_numpy(), rel=1e-6)
    counts = count_ground(net)
    assert counts["once_ha"] + counts["twice_ha"] + counts["more_ha"] == pytest.approx(union)
    assert counts["rights_ha"] - counts["double_counted_ha"] == pytest.approx(union)
    assert ground_faults(counts) == []


@settings(max_examples=60)
@given(st.lists(SHAPE, min_size=1, max_size=7), st.randoms(use_true_random=False))
def test_any_cadastre_balances_in_any_order(shapes, random) -> None:
    frame = cadastre(PLAN, {f"R{i}": shape for i, shape in enumerate(shapes)})
    net = cut(frame)
    check_balance(frame, net)
    order = list(range(len(frame)))
    random.shuffle(order)
    again = cut(frame.iloc[order].reset_index(drop=True))
    pd.testing.assert_frame_equal(pd.DataFrame(again.pieces), pd.DataFrame(net.pieces))


@pytest.mark.parametrize("noise_m", [1e-9, 1e-4, 1e-3])
def test_edges_that_all_but_coincide_leave_no_ground_out(noise_m: float) -> None:
    rng = np.random.default_rng(0)
    shapes = {}
    for i in range(100):
        x, y = rng.integers(0, 8, 2) * 500
        whole = square(x, y, rng.integers(1, 4) * 500)
        noise = rng.normal(0, noise_m)
        turned = shapely.affinity.rotate(whole, noise * 1e-3, origin=(X, Y))
        shapes[f"R{i:02}"] = shapely.affinity.translate(turned, noise, noise)
    frame = cadastre(PLAN, shapes)
    check_balance(frame, cut(frame))


def test_a_face_whose_inner_point_lies_in_an_outgrowth_keeps_its_right() -> None:
    right = shapely.box(X, Y, X + 100, Y + 1000)
    shelf = shapely.box(X, Y + 500, X + 1000, Y + 500.00005)
    face = shapely.union(right, shelf)
    assert not right.covers(face.point_on_surface())
    faces, rights = (np.array([shape], dtype=object) for shape in (face, right))
    group_of = np.zeros(1, dtype=np.intp)
    found = _cover(faces, group_of, rights, group_of, 1e-4)
    assert [place.tolist() for place in found] == [[0], [0]]


def test_pieces_that_do_not_balance_are_a_fault() -> None:
    counts = count_ground(cut(cadastre(PLAN, {"A": square(0, 0), "B": square(500, 0)})))
    assert ground_faults(counts) == []
    assert ground_faults({**counts, "rights_ha": 150.0})[0]["rights_ha"] == 150.0


def test_pairs_are_counted_by_status_and_by_what_decides() -> None:
    shapes = {"A": square(0, 0), "B": square(100, 0), "C": square(999.999, 0)}
    status = ["titled", "pending", "extinct"]
    frame = cadastre(PLAN, shapes, status=status)
    counts = count_pairs(find_overlaps(frame, PLAN, LAW), frame)
    assert (counts["pairs"], counts["slivers"], counts["tolerance_m2"]) == (2, 1, 10)
    assert [(r["status_a"], r["status_b"], r["pairs"]) for r in counts["by_status"]] == [
        ("extinct", "pending", 1),
        ("pending", "titled", 1),
    ]
    assert {r["relation"]: r["pairs"] for r in counts["by_relation"]} == {
        "extinct": 1,
        "filed_on": 1,
    }


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=14))
def test_groups_are_what_is_reached_step_by_step(links) -> None:
    a, b = (np.array([link[i] for link in links], dtype=np.intp) for i in (0, 1))
    reached = []
    for start in range(12):
        seen = {start}
        for _ in range(12):
            seen |= {y for pair in links for x, y in (pair, pair[::-1]) if x in seen}
        reached.append(min(seen))
    assert group(12, a, b).tolist() == reached


@pytest.mark.real
def test_real_pieces_sum_to_the_union_in_any_order(real: Path) -> None:
    frame = real_rights(real / "peru_cajamarca" / "concessions.geojson", "pe", LAW.on)
    net = cut(frame)
    union = 0.0
    for _, rights in frame.groupby("planar_crs"):
        union += geometry.dissolved_ha(rights["planar"].to_numpy(dtype=object))
    assert net.pieces["area_ha"].sum() == pytest.approx(union, rel=1e-6)
    assert ground_faults(count_ground(net)) == []
    shuffled = cut(frame.sample(frac=1, random_state=4).reset_index(drop=True))
    pd.testing.assert_frame_equal(pd.DataFrame(shuffled.pieces), pd.DataFrame(net.pieces))
