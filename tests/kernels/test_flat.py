"""Polygons without objects: what GEOS makes of them, taken apart, measured, moved and written."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoasm import geometry
from geoasm.io.profiles import load_profile
from geoasm.kernels import engine, flat

SQUARE = shapely.box(0, 0, 10, 10)
HOLED = shapely.Polygon([(0, 0), (10, 0), (10, 10), (0, 10)], [[(4, 4), (6, 4), (6, 6), (4, 6)]])
TWO = shapely.MultiPolygon([HOLED, shapely.box(40, 0, 60, 2)])
ONE = shapely.MultiPolygon([SQUARE])
GAPPED = shapely.MultiPolygon([SQUARE, shapely.Polygon(), HOLED])
EMPTY = (shapely.Polygon(), shapely.MultiPolygon())
WAYS = ("numba", "shapely")


def array(*polygons):
    out = np.empty(len(polygons), dtype=object)
    out[:] = polygons
    return out


def little(shapes):
    return shapely.to_wkb(shapes, byte_order=1).tolist()


@st.composite
def shapes(draw):
    """Boxes, stars either way around, holes, several parts or one, and empty ones."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale, shift = draw(st.sampled_from([1.0, 1e-3, 1 / 3])), draw(st.sampled_from([0.0, 8e6]))
    out = np.empty(draw(st.integers(0, 12)), dtype=object)
    for i in range(len(out)):
        angle = np.sort(rng.random(rng.integers(3, 40))) * 2 * np.pi
        star = shapely.Polygon(
            np.column_stack([np.cos(angle), np.sin(angle)])[:: rng.choice([1, -1])]
        )
        kinds = [*EMPTY, star, HOLED, TWO, SQUARE, ONE]
        chosen = kinds[rng.integers(0, len(kinds))]
        out[i] = shapely.transform(chosen, lambda at: at * scale + shift)
    return out


@settings(max_examples=100, deadline=None)
@given(shapes(), st.sampled_from(WAYS), st.randoms(use_true_random=False))
def test_any_shapes_are_written_as_geos_writes_them(polygons, way, random) -> None:
    rows = [random.randrange(len(polygons)) for _ in range(len(polygons) + 3) if len(polygons)]
    rows = np.array(rows, dtype=np.intp)
    with engine.use(way):
        written = flat.flatten(polygons).wkb(rows)

    assert written.to_pylist() == little(polygons[rows])


@settings(max_examples=100, deadline=None)
@given(shapes(), st.sampled_from(WAYS))
def test_any_shapes_come_back_and_have_the_areas_of_geos_to_the_last_digit(polygons, way) -> None:
    apart = flat.flatten(polygons)
    with engine.use(way):
        areas = apart.areas()

    assert little(apart.made()) == little(polygons)
    assert np.array_equal(areas, shapely.area(polygons))


@settings(max_examples=100, deadline=None)
@given(shapes(), shapes(), st.randoms(use_true_random=False))
def test_what_is_joined_and_taken_stands_where_it_was_asked_for(some, others, random) -> None:
    every = np.concatenate([some, others])
    rows = np.array([random.randrange(len(every)) for _ in every], dtype=np.intp)

    taken = flat.join([flat.flatten(some), flat.flatten(others)]).take(rows)

    assert little(taken.made()) == little(every[rows])
    assert len(taken) == len(rows)


@pytest.mark.parametrize("way", WAYS)
def test_long_columns_are_written_in_several_arrays(way, monkeypatch) -> None:
    monkeypatch.setattr(flat, "_MOST_BYTES", 300)
    polygons = array(TWO, *EMPTY, SQUARE, HOLED, TWO)
    with engine.use(way):
        written = flat.flatten(polygons).wkb(np.arange(6))

    assert written.to_pylist() == little(polygons)
    assert written.num_chunks == (3 if way == "numba" else 1)
    assert all(chunk.buffers()[1].size < 100 for chunk in written.chunks)


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_written_as_an_empty_column(way) -> None:
    with engine.use(way):
        written = flat.join([]).wkb(np.empty(0, np.intp))

    assert (len(written), str(written.type)) == (0, "binary")


def test_an_empty_part_is_left_out_and_a_missing_shape_is_an_empty_one() -> None:
    apart = flat.flatten(array(GAPPED, None))

    assert apart.made().tolist() == [shapely.MultiPolygon([SQUARE, HOLED]), shapely.Polygon()]


def test_rectangles_are_those_that_shapely_draws() -> None:
    low, high = np.array([[0.0, 1.0], [5.0, -3.0]]), np.array([[2.0, 7.0], [9.0, 1.0]])

    assert little(flat.boxes(low, high).made()) == little(shapely.box(*low.T, *high.T))


def test_rings_make_a_multipolygon_where_one_pair_has_several_shells() -> None:
    rings = [
        HOLED.exterior,
        HOLED.interiors[0],
        SQUARE.exterior,
        shapely.box(40, 0, 60, 2).exterior,
    ]
    corners = shapely.get_coordinates(rings)
    ends = np.cumsum(shapely.get_num_coordinates(rings))

    made = flat.from_rings(
        corners, ends, np.array([3, 3, 7, 7]), np.array([False, True, False, False])
    ).made()

    assert little(made) == little(
        array(HOLED, shapely.MultiPolygon([SQUARE, shapely.box(40, 0, 60, 2)]))
    )


def test_vertices_are_moved_as_those_of_objects_are() -> None:
    plan = load_profile("pe").crs
    there = geometry.operation("EPSG:32718", "EPSG:4326", plan)
    drawn = shapely.transform(array(SQUARE, TWO, HOLED), lambda at: at * 100 + [500_000, 8_600_000])

    assert little(flat.flatten(drawn).moved(there).made()) == little(there.geometries(drawn))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.tuples(*[st.integers(0, 6)] * 2), min_size=3, max_size=8), max_size=6))
def test_what_is_surely_valid_is_valid_for_geos(corners) -> None:
    polygons = np.array([*map(shapely.Polygon, corners), SQUARE, TWO, ONE], dtype=object)
    with engine.use("numba"):
        sure = flat.flatten(polygons).surely_valid()
    with engine.use("shapely"):
        assert not flat.flatten(polygons).surely_valid().any()

    assert shapely.is_valid(polygons[sure]).all()
    assert sure[[-3, -1]].all()
