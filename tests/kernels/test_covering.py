"""Points in polygons, compiled, against GEOS' `covers`: not one pair may differ."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoasm.errors import NotPolygons
from geoasm.kernels import covering, joins, outlines

SQUARE = shapely.box(0, 0, 10, 10)
HOLED = shapely.Polygon([(0, 0), (10, 0), (10, 10), (0, 10)], [[(4, 4), (6, 4), (6, 6), (4, 6)]])
TWO = shapely.MultiPolygon([shapely.box(0, 0, 2, 2), shapely.box(4, 0, 6, 2)])


def pairs(point, polygon):
    return set(zip(point.tolist(), polygon.tolist(), strict=True))


def by_geos(polygons, x, y):
    """Ask GEOS of every point and polygon, one by one, without an index."""
    spots = shapely.points(x, y)
    return {
        (int(i), p)
        for p, polygon in enumerate(polygons)
        if polygon is not None
        for i in np.flatnonzero(shapely.covers(polygon, spots))
    }


def same(polygons, x, y):
    polygons = np.array(polygons, dtype=object)
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    return pairs(*joins.covers(polygons, x, y)) == by_geos(polygons, x, y)


@pytest.mark.parametrize(
    ("polygon", "x", "y", "covered"),
    [
        (SQUARE, 10, 5, True),
        (SQUARE, 10, 10, True),
        (SQUARE, np.nextafter(10, 11), 5, False),
        (HOLED, 5, 5, False),
        (HOLED, 4, 5, True),
        (HOLED, 6, 6, True),
        (HOLED, 3, 5, True),
        (TWO, 3, 1, False),
        (TWO, 5, 1, True),
        (shapely.Polygon([(0, 0), (9, 3), (0, 6)]), 3, 1, True),
        (shapely.Polygon([(0, 0), (9, 3), (0, 6)]), 9, 3, True),
        (shapely.Polygon([(0, 0), (9, 3), (0, 6)]), 9.5, 3, False),
    ],
)
def test_edges_and_corners_belong_to_a_polygon_and_holes_do_not(polygon, x, y, covered) -> None:
    point, _ = joins.covers(np.array([polygon]), np.array([float(x)]), np.array([float(y)]))

    assert (len(point) == 1) == covered


def test_what_is_missing_or_empty_or_nowhere_meets_nothing() -> None:
    polygons = np.array([None, shapely.Polygon(), SQUARE, shapely.MultiPolygon()], dtype=object)
    x = np.array([5.0, np.nan, np.inf, 5.0])
    y = np.array([5.0, 5.0, 5.0, np.nan])

    assert pairs(*joins.covers(polygons, x, y)) == {(0, 2)}
    assert not len(joins.covers(polygons[:0], x, y)[0])
    assert not len(joins.covers(polygons, x[:0], y[:0])[0])


def test_other_shapes_are_refused() -> None:
    with pytest.raises(NotPolygons, match="only polygons"):
        outlines.flatten(np.array([shapely.Point(0, 0)]))


@st.composite
def lattice_worlds(draw, scales=(1.0, 1e-3, 0.1, 1e7, 1 / 3)):
    """Polygons on a small lattice and points on its vertices, edges and between them."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    scale = draw(st.sampled_from(scales))
    shift = draw(st.sampled_from([0.0, 0.1, 5e5, 9e6, 2.0**52]))
    polygons = [shape for shape in (_random_shape(rng) for _ in range(12)) if shape is not None]
    moved = [shapely.transform(shape, lambda at: at * scale + shift) for shape in polygons]
    spots = rng.integers(0, 17, (160, 2)) / rng.choice([1.0, 2.0, 3.0], (160, 1))
    corners = shapely.get_coordinates(moved)
    middles = (corners[1:] + corners[:-1]) / 2
    x, y = np.vstack([spots * scale + shift, corners, middles, np.nextafter(corners, np.inf)]).T
    return [shape for shape in moved if shape.is_valid], x, y


def _random_shape(rng):
    corners = rng.integers(0, 17, (rng.integers(3, 8), 2))
    if not rng.integers(4):
        low, high = np.sort(rng.integers(0, 17, (2, 2)), axis=0)
        return shapely.box(*low, *high) if (low < high).all() else None
    middle = corners.mean(axis=0) + 0.01
    around = np.arctan2(*(corners - middle).T)
    star = shapely.Polygon(corners[np.argsort(around)])
    if not rng.integers(3):
        star = star.difference(shapely.box(6, 6, 9, 9))
    return star if star.is_valid and star.geom_type in {"Polygon", "MultiPolygon"} else None


@settings(max_examples=150, deadline=None)
@given(lattice_worlds() | lattice_worlds(scales=(1e150, 1e-150, 1e-160)))
def test_vertices_edges_and_slivers_at_any_scale_fare_as_with_geos(world) -> None:
    polygons, x, y = world

    assert same(polygons, x, y)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-9, 1e-3, 1.0, 1e6]))
def test_points_a_rounding_away_from_slanted_edges_fare_as_with_geos(seed, length) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.random((2, 2)) * length
    apex = a + np.array([-(b - a)[1], (b - a)[0]])
    share = rng.random(200)[:, None]
    on = a + share * (b - a)
    near = np.vstack([on, np.nextafter(on, np.inf), np.nextafter(on, -np.inf), on + on * 1e-16])

    assert same([shapely.Polygon([a, b, apex])], *near.T)


def test_products_that_rounding_could_turn_are_left_to_geos(monkeypatch) -> None:
    thin = shapely.Polygon([(0.1, 0.1), (0.7, 0.7), (0.1, 0.8)])
    share = np.random.default_rng(1).random(4000)
    asked = []
    real = shapely.intersects_xy

    def counted(polygons, x, y):
        asked.append(len(x))
        return real(polygons, x, y)

    monkeypatch.setattr(joins.shapely, "intersects_xy", counted)
    x = 0.1 + 0.6 * share

    assert same([thin], x, np.nextafter(x, 1))
    assert sum(asked) > 0


def test_any_number_of_points_may_be_left_to_geos() -> None:
    slopes = np.array([shapely.Polygon([(0, i), (3, i + 1), (0, i + 1)]) for i in range(40)])
    x = np.tile(np.linspace(0.1, 2.9, 100), 40)
    y = np.repeat(np.arange(40.0), 100) + x / 3
    places = covering.sort_into_cells(x, y)

    _, _, doubtful = covering.scan(*places, *outlines.flatten(slopes))

    assert len(doubtful) > 500
    assert same(slopes, x, y)


def test_an_outline_of_many_vertices_is_searched_by_strips() -> None:
    angle = np.linspace(0, 2 * np.pi, 5001)[:-1]
    radius = 100 + 10 * np.sin(37 * angle)
    coast = shapely.Polygon(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))
    comb = shapely.Polygon(
        [(-201, -201), *[(i, 200 * (-1) ** i) for i in range(-200, 200)], (201, -201)]
    )
    rng = np.random.default_rng(3)
    x, y = np.vstack([rng.uniform(-220, 220, (3000, 2)), shapely.get_coordinates(coast)[:500]]).T

    assert comb.is_valid
    assert same([coast, comb], x, y)


def test_strips_of_long_edges_stay_few() -> None:
    comb = np.array([(i, 1e6 * (i % 2)) for i in range(4000)] + [(4000, -1.0), (0, -1.0), (0, 0.0)])
    rings = np.array([0, len(comb)])

    offsets, edges, _, n = covering.sort_into_strips(comb, rings, 0, 1, -1.0, 1e6)

    assert len(edges) == offsets[n] <= 8 * len(comb)


@pytest.mark.parametrize(
    "ring",
    [
        [(0, 0), (4, 0), (4, 3), (0, 3)],
        [(4, 3), (4, 0), (0, 0), (0, 3)],
    ],
)
def test_an_upright_rectangle_is_known_either_way_around(ring) -> None:
    closed = np.array([*ring, ring[0]], dtype=float)

    assert outlines.is_upright_rectangle(closed, 0, 5)


@pytest.mark.parametrize(
    "ring",
    [
        [(0, 0), (4, 0), (4, 3), (1, 3)],
        [(0, 0), (4, 0), (0, 0), (0, 3)],
        [(0, 0), (4, 0), (4, 3), (4, 0)],
        [(0, 0), (4, 1), (4, 3), (0, 2)],
        [(0, 0), (4, 0), (4, 0), (0, 0)],
    ],
)
def test_other_quadrilaterals_are_no_upright_rectangles(ring) -> None:
    closed = np.array([*ring, ring[0]], dtype=float)

    assert not outlines.is_upright_rectangle(closed, 0, 5)


def test_rings_are_found_where_vertices_come_back() -> None:
    polygons = np.array([None, HOLED, TWO, shapely.Polygon(), SQUARE], dtype=object)

    found = outlines.flatten(polygons)

    assert found.parts.tolist() == [0, 0, 2, 4, 4, 5]
    assert np.diff(found.rings).tolist() == [5, 5, 5, 5, 5]


@settings(max_examples=60, deadline=None)
@given(lattice_worlds(), st.sampled_from([0.0, 0.5, 3.0]))
def test_the_distance_to_the_edge_is_that_of_geos_to_the_bit(world, reach) -> None:
    polygons, x, y = np.array(world[0], dtype=object), world[1], world[2]

    point, polygon, covered, edge = joins.near(polygons, x, y, reach)

    spots = shapely.points(x[point], y[point])
    away = np.atleast_1d(shapely.distance(shapely.boundary(polygons[polygon]), spots))
    assert np.array_equal(edge, away)
    assert np.array_equal(covered, np.atleast_1d(shapely.covers(polygons[polygon], spots)))
    assert (covered | (edge <= reach)).all()
    expected = {
        (int(i), p)
        for p, shape in enumerate(polygons)
        for i in np.flatnonzero(shapely.dwithin(shape, shapely.points(x, y), reach * (1 - 1e-9)))
    }
    assert expected <= pairs(point, polygon)
