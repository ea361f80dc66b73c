"""Ground that polygons share, compiled, against GEOS: the same pairs, areas and shapes."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoasm import cutting, geometry
from geoasm.kernels import engine, exact, flat, overlay, shared_ground
from geoasm.kernels.meetings import in_order, meet

SQUARE = shapely.box(0, 0, 10, 10)
HOLED = SQUARE.difference(shapely.box(4, 4, 6, 6))
DIAMOND = shapely.Polygon([(5, -3), (13, 5), (5, 13), (-3, 5)])
ELL = shapely.Polygon([(0, 0), (10, 0), (10, 4), (4, 4), (4, 10), (0, 10)])


def array(*polygons):
    return np.array(polygons, dtype=object)


def by_geos(polygons):
    """What every two polygons share, one by one."""
    return {
        (i, j): shared
        for i, j in combinations(range(len(polygons)), 2)
        if shapely.relate_pattern(polygons[i], polygons[j], "T********")
        and (shared := shapely.intersection(polygons[i], polygons[j])).area > 0
    }


def kind(one, other):
    flat = shared_ground.consistent(array(one, other))
    pair = np.array([0]), np.array([1])
    return overlay.cut_pairs(*pair, *flat[:3], shared_ground.own_areas(*flat[:3]))[0][0]


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (SQUARE, DIAMOND, overlay.CUT),
        (HOLED, DIAMOND, overlay.CUT),
        (ELL, shapely.box(2, 2, 12, 12), overlay.CUT),
        (SQUARE, SQUARE, overlay.FIRST_INSIDE),
        (shapely.box(0, 0, 5, 5), SQUARE, overlay.FIRST_INSIDE),
        (SQUARE, shapely.box(2, 2, 5, 5), overlay.SECOND_INSIDE),
        (SQUARE, HOLED, overlay.SECOND_INSIDE),
        (HOLED, shapely.box(4, 4, 6, 6), overlay.NOTHING),
        (HOLED, shapely.box(4.5, 4.5, 5, 5), overlay.NOTHING),
        (HOLED, shapely.box(3, 3, 7, 7), overlay.CUT),
        (SQUARE, shapely.box(10, 2, 12, 5), overlay.NOTHING),
        (SQUARE, shapely.box(10, 10, 12, 12), overlay.NOTHING),
        (SQUARE, shapely.Polygon([(10, 5), (14, 0), (14, 9)]), overlay.NOTHING),
        (ELL, shapely.box(4, 4, 9, 9), overlay.NOTHING),
        (ELL, shapely.box(5, 5, 9, 9), overlay.NOTHING),
    ],
)
def test_a_pair_comes_to_what_its_outlines_say(one, other, told) -> None:
    assert kind(one, other) == told


def test_a_ring_that_would_touch_itself_is_left_to_geos() -> None:
    bow = shapely.Polygon([(0, 0), (4, 0), (4, 4), (8, 4), (8, 8), (0, 8)])
    band = shapely.Polygon([(2, 2), (4, 4), (6, 2), (9, 5), (4, 10), (-1, 5)])
    shapes = array(bow, band)

    with engine.use("numba"):
        _, _, shared = cutting.find_shared(shapes)
    (found,) = shared.made()

    assert found.is_valid
    assert found.equals(bow.intersection(band))


@pytest.mark.parametrize("turned", [False, True])
def test_a_corner_cut_into_an_upright_edge_lies_on_it_to_the_last_digit(turned) -> None:
    upright = shapely.box(0.1, -1000.3, 700.7, 900.9)
    slants = [
        shapely.Polygon([(-30.3, y), (800.1, y / 3 + 0.7), (-20.9, y + 50.1)])
        for y in np.linspace(-700.1, 700.3, 60)
    ]
    for slant in slants:
        with engine.use("numba"):
            _, _, shared = cutting.find_shared(
                array(slant, upright) if turned else array(upright, slant)
            )
        x = shared.vertices[:, 0]
        assert {0.1, 700.7} == {float(v) for v in x if abs(v - 0.1) < 1 or abs(v - 700.7) < 1}


def test_a_shape_whose_area_is_not_the_measured_one_is_cut_by_geos(monkeypatch) -> None:
    cut_pairs = overlay.cut_pairs

    def moved(*given):
        kind, corners, *rest = cut_pairs(*given)
        return kind, corners * [1.0, 0.999], *rest

    monkeypatch.setattr(overlay, "cut_pairs", moved)
    with engine.use("numba"):
        _, _, shared = cutting.find_shared(array(ELL, DIAMOND))

    assert shared.made()[0].equals(ELL.intersection(DIAMOND))


def test_many_vertices_are_left_to_geos_but_measured() -> None:
    coast = shapely.Point(0, 0).buffer(100, quad_segs=500)
    bitten = coast.difference(shapely.Point(80, 0).buffer(30, quad_segs=300))
    boxes = array(*(shapely.box(x, -7, x + 31, 9) for x in range(-140, 120, 13)))
    first, second, area = shared_ground.areas(boxes, array(bitten, coast))

    expected = shapely.area(shapely.intersection(boxes[first], array(bitten, coast)[second]))
    assert area == pytest.approx(expected, rel=1e-12)
    shared = shapely.area(shapely.intersection(boxes[:, None], array(bitten, coast)[None])) > 0
    assert list(zip(first, second, strict=True)) == list(zip(*np.nonzero(shared), strict=True))
    assert kind(boxes[0], coast) == overlay.UNDECIDED


@pytest.mark.parametrize("quad_segs", [4, 500])
def test_what_stays_clear_of_an_outline_needs_no_cutting(quad_segs) -> None:
    ring = shapely.Point(0, 0).buffer(100, quad_segs=quad_segs)
    ring = ring.difference(shapely.Point(0, 0).buffer(80, quad_segs=quad_segs))
    in_the_hole, outside = shapely.box(-5, -5, 5, 5), shapely.box(90, 90, 95, 99)
    crossing, grazing = shapely.box(70, -5, 95, 5), shapely.box(100, -5, 105, 5)
    slanting = shapely.affinity.rotate(in_the_hole, 30)
    shapes = array(in_the_hole, outside, crossing, grazing, slanting, ring)

    meetings = shared_ground.measure(shared_ground.consistent(shapes), split=5)

    told = {int(i): (area, least) for i, _, area, least in zip(*meetings, strict=True)}
    assert told[0] == told[1] == told[4] == (0.0, 0.0)
    assert told[2][0] > told[2][1] > 0.0
    assert not len(meetings.open)
    assert 3 not in told


@pytest.mark.parametrize("gap", [0.0, 1e-13, 1e-9])
def test_an_edge_within_rounding_of_a_box_is_left_open(gap) -> None:
    low = 40 - gap
    ell = shapely.Polygon([(0, 0), (99, 0), (99, low), (low, low), (low, 99), (0, 99)])
    beside = shapely.box(40, 40, 90, 90)

    meetings = shared_ground.measure(shared_ground.consistent(array(ell, beside)))

    assert meetings.open.tolist() == ([0] if gap < 1e-10 else [])


def test_an_edge_within_rounding_of_a_box_is_seen_in_the_strip_below() -> None:
    below = np.nextafter(50.0, 0.0)
    ragged = [(i % 2 / 2, y) for i, y in enumerate(np.linspace(0, 100, 396))]
    tower = shapely.Polygon([*ragged, (10, 100), (10, below), (90, below), (90, 0)])
    assert len(tower.exterior.coords) == 401  # 100 strips, one of which begins at 50
    above = shapely.box(40, 50, 60, 70)

    meetings = shared_ground.measure(shared_ground.consistent(array(above, tower)))

    assert meetings.open.tolist() == [0]
    assert not len(shared_ground.areas(array(above, tower))[0])


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=60))
def test_pairs_are_ordered_as_by_comparing(pairs) -> None:
    first, second = np.array(pairs, dtype=np.intp).reshape(-1, 2).T

    ordered = in_order(np.ascontiguousarray(first), np.ascontiguousarray(second), 10)

    assert list(zip(*ordered, strict=True)) == sorted(pairs)


@pytest.mark.parametrize("way", ["numba", "shapely"])
def test_twins_that_differ_by_a_rounding_share_their_ground(way) -> None:
    one = [
        (-148.27796289571, 2749.083100643028), (2466.1038300758687, 475.5779258347887),
        (3776.222929143418, 1785.6970249023377), (1161.841136171839, 4059.2021997105767),
    ]  # fmt: skip
    other = [
        (-148.27796289570998, 2749.083100643028), (2466.1038300758687, 475.57792583478863),
        (3776.222929143418, 1785.6970249023377), (1161.841136171839, 4059.202199710576),
    ]  # fmt: skip
    shapes = np.array([shapely.Polygon(one), shapely.Polygon(other)], dtype=object)
    assert shapely.area(shapely.intersection(*shapes)) == 0.0  # what GEOS makes of them

    with engine.use(way):
        first, second, shared = cutting.find_shared(shapes)

    assert (first.tolist(), second.tolist()) == ([0], [1])
    assert shared.areas() == pytest.approx(shapely.area(shapes[:1]), rel=1e-12)


TINY = 5e-324  # the least number above 0: shares of it are none


@pytest.mark.parametrize(
    "shape",
    [
        [(-10.0, 0.0), (-10.0, 20.0), (-25.0, 20.0), (-25.0, TINY)],
        [(-TINY, 0.0), (TINY, 20.0), (-25.0, 20.0), (-25.0, 5.0)],
        [(0.0, -TINY), (20.0, TINY), (20.0, 25.0), (-5.0, 25.0)],
        [(-TINY, 20.0), (0.0, 0.0), (20.0, 0.0), (20.0, 20.0)],
    ],
)
@pytest.mark.parametrize(
    "other",
    [
        [(-20.0, -5.0), (9.0, -5.0), (9.0, 15.0), (-20.0, 15.0)],
        [(-30.0, -8.0), (9.0, -3.0), (15.0, 19.0), (-21.0, 15.0)],
        [(-40.0, -40.0), (40.0, -30.0), (35.0, 40.0), (-35.0, 35.0)],
        [(0.0, -9.0), (10.0, -9.0), (10.0, 12.0), (5.0, 15.0), (0.0, 12.0)],
        [(-30.0, -9.0), (0.0, -9.0), (0.0, 12.0), (-5.0, 15.0), (-30.0, 12.0)],
    ],
)
def test_edges_that_all_but_run_along_an_axis_are_measured(shape, other) -> None:
    shapes = np.array([shapely.Polygon(shape), shapely.Polygon(other)], dtype=object)
    plain = [[0.0 if abs(v) == TINY else v for v in xy] for xy in shape]

    for turned in (shapes, shapes[::-1]):
        _, _, area = shared_ground.areas(turned)

        expected = shapely.area(shapely.intersection(shapely.Polygon(plain), shapes[1]))
        assert area.sum() == pytest.approx(expected)


def test_what_is_missing_or_empty_shares_nothing() -> None:
    polygons = array(None, SQUARE, shapely.Polygon(), DIAMOND)

    first, second, area = shared_ground.areas(polygons)

    assert (first.tolist(), second.tolist()) == ([1], [3])
    assert area == pytest.approx([SQUARE.intersection(DIAMOND).area])
    assert not len(shared_ground.areas(polygons[:1])[0])


@given(
    st.lists(st.tuples(*[st.integers(0, 30)] * 2, *[st.integers(0, 9)] * 2), max_size=40),
    st.integers(0, 20),
)
def test_boxes_meet_where_they_share_ground_and_are_told_once(corners, split) -> None:
    boxes = np.array([(x, y, x + w, y + h) for x, y, w, h in corners], dtype=float).reshape(-1, 4)
    first, second = meet(boxes, split)

    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    both = np.triu((low < high).all(axis=2), 1)
    if split:
        both[:split, :split] = both[split:, split:] = False
    assert sorted(zip(first, second, strict=True)) == list(zip(*np.nonzero(both), strict=True))


def random_shape(rng):
    """A lattice rectangle, a polyomino, a star, each with a hole or two parts at times."""
    low = rng.integers(0, 12, 2)
    shape = shapely.box(*low, *(low + rng.integers(1, 6, 2)))
    choice = rng.integers(5)
    if choice == 1:
        steps = low + np.cumsum(rng.integers(0, 2, (4, 2)), axis=0)
        shape = shapely.union_all([shape, *shapely.box(*steps.T, *(steps + 1).T)])
    if choice == 2:
        corners = low + rng.integers(0, 7, (rng.integers(3, 9), 2))
        around = np.arctan2(*(corners - corners.mean(axis=0) - 0.01).T)
        shape = shapely.Polygon(corners[np.argsort(around)])
    if choice == 3:
        shape = shapely.box(*low, *(low + 4)).difference(shapely.box(*(low + 1), *(low + 2)))
    if choice == 4:
        shape = shapely.union_all([shape, shapely.box(*(low + 7), *(low + 9))])
    return shape if shape.is_valid and shape.area > 0 else shapely.box(*low, *(low + 2))


@st.composite
def worlds(draw):
    """Some shapes on one lattice, some of them twice, turned and moved together, or a bit apart."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shapes = [random_shape(rng) for _ in range(8)]
    shapes = np.array([*shapes, *shapes[:2]], dtype=object)
    angle = draw(st.sampled_from([0.0, 0.0, 0.3, np.pi / 4]))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    noise = draw(st.sampled_from([0.0, 0.0, 1e-3]))
    scale, shift = draw(st.sampled_from([1.0, 100.0])), draw(st.sampled_from([0.0, 1e6]))
    moved = [
        shapely.transform(s, lambda at: at @ turn * scale + shift + rng.normal(0, noise, 2))
        for s in shapes
    ]
    return np.array([s for s in moved if s.is_valid], dtype=object)


@settings(max_examples=200, deadline=None)
@given(worlds())
def test_any_shapes_share_what_geos_says(shapes) -> None:
    expected = by_geos(shapes)
    unit = np.spacing(np.abs(shapely.bounds(shapes)).max())
    with engine.use("numba"):
        first, second, flat_shared = cutting.find_shared(shapes)
    shared = flat_shared.made()
    found = dict(zip(zip(first.tolist(), second.tolist(), strict=True), shared, strict=True))

    assert found.keys() == expected.keys()
    assert shapely.is_valid(shared).all()
    for pair, shape in found.items():
        off = shapely.symmetric_difference(shape, expected[pair]).area
        assert off <= 8 * unit * shape.length


@settings(max_examples=200, deadline=None)
@given(worlds())
def test_any_areas_are_those_of_geos(shapes) -> None:
    first, second, area = shared_ground.areas(shapes)
    cut = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    unit = np.spacing(np.abs(shapely.bounds(shapes)).max())

    assert np.abs(area - cut) == pytest.approx(0, abs=64 * unit * shapely.length(shapes).max())
    assert set(zip(first.tolist(), second.tolist(), strict=True)) == by_geos(shapes).keys()


@pytest.mark.parametrize(
    ("ring", "convex"),
    [
        ([(0, 0), (4, 0), (4, 3), (0, 3)], True),
        ([(0, 3), (4, 3), (4, 0), (0, 0)], True),
        ([(0, 0), (4, 0), (2, 5)], True),
        ([(0, 0), (2, 0), (4, 0), (4, 3), (0, 3)], False),
        ([(0, 0), (4, 0), (1, 1), (0, 4)], False),
        ([(0, 0), (4, 3), (4, 0), (0, 3)], False),
        ([(0, 3), (2, -3), (-3, 1), (3, 1), (-2, -3)], False),
        ([(0, 0), (1, 1), (2, 2)], False),
    ],
)
def test_only_rings_that_cannot_cross_themselves_bend_one_way(ring, convex) -> None:
    closed = shapely.get_coordinates(shapely.Polygon(ring))

    assert exact.bends_one_way(closed) == convex


def test_moved_shapes_are_mended_where_their_edges_cross() -> None:
    crossed = shapely.Polygon([(0, 0), (4, 3), (4, 0), (0, 3)])

    with engine.use("numba"):
        mended = cutting.repair_moved(flat.flatten(array(SQUARE, crossed, HOLED))).made()

    assert shapely.is_valid(mended).all()
    assert shapely.equals_exact(mended[[0, 2]], array(SQUARE, HOLED)).all()
    assert mended[1].area == pytest.approx(geometry.repair(array(crossed))[0][0].area)


@pytest.mark.parametrize("way", ["left", "right"])
def test_a_point_an_eighth_of_a_rounding_beside_a_line_has_a_sign(way) -> None:
    tiny = 2.0**-50 if way == "left" else -(2.0**-50)

    assert np.sign(exact.side(0.0, 0.0, 3.0, 1.0, 9.0, 3.0 + 8 * tiny)) == np.sign(tiny)
    assert exact.side(0.0, 0.0, 3.0, 1.0, 9.0, 3.0) == 0.0
    assert np.isnan(exact.side(1e-30, 0.1, 3.0, 1.1, 6.0, 2.1))
