"""Outlines: noise is no change, and what is one has a name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from geoasm.changes import shapes

DEGREE = 1 / 111_000  # of latitude, to a metre
WITHIN = 0.5


def square(west: float = -75.0, south: float = -10.0, side: float = 0.01) -> BaseGeometry:
    return shapely.box(west, south, west + side, south + side)


def array(*some: BaseGeometry) -> np.ndarray:
    return np.array(some, dtype=object)


def same(one: BaseGeometry, other: BaseGeometry) -> bool:
    return bool(shapes.is_same_outline(array(one), array(other), WITHIN)[0])


@given(st.integers(0, 3), st.booleans(), st.integers(0, 4))
def test_start_direction_and_more_vertices_on_an_edge_are_no_change(
    start: int, is_turned: bool, more: int
) -> None:
    ring = list(square().exterior.coords)[:-1]
    ring = ring[start:] + ring[:start]
    drawn = shapely.Polygon(ring[::-1] if is_turned else ring)
    drawn = shapely.segmentize(drawn, 0.01 / (more + 1))
    assert same(square(), drawn)


@given(st.floats(0, 3), st.floats(0, 2 * np.pi))
def test_a_shift_counts_from_the_stated_distance(metres: float, bearing: float) -> None:
    east, north = metres * np.sin(bearing) * DEGREE, metres * np.cos(bearing) * DEGREE
    found = same(square(), shapely.affinity.translate(square(), east, north))
    if metres < 0.95 * WITHIN:
        assert found
    if metres > 1.1 * WITHIN:
        assert not found


def test_a_hole_is_a_change() -> None:
    ring = square(-74.998, -9.998, 0.0005)
    assert not same(square(), shapely.difference(square(), ring))


def test_a_thin_slit_that_parts_a_right_is_found_by_its_vertices() -> None:
    slit = shapely.box(-74.995, -10.0, -74.995 + 3 * DEGREE, -9.991)
    assert not same(square(), shapely.difference(square(), slit))


def test_a_corner_behind_a_thread_of_ground_is_not_there_though_every_vertex_is() -> None:
    west, south, east, north = square().bounds
    thread = north - 0.3 * DEGREE
    cut = [(west, south), (east, south), (east, north), (west, north), (-74.995, thread)]
    assert shapely.Polygon(cut).is_valid
    assert not same(square(), shapely.Polygon(cut))


@pytest.mark.parametrize(
    ("after", "change"),
    [
        (square(-74.98, side=0.01002), "moved"),
        (square(-74.99), "moved"),
        (square(-75.0 + 5 * DEGREE), "moved"),
        (square(side=0.012), "grew"),
        (square(side=0.008), "shrank"),
        (shapely.box(-75.0, -10.0, -74.98, -9.995), "reshaped"),
    ],
)
def test_what_became_of_an_outline(after: BaseGeometry, change: str) -> None:
    found, _ = shapes.compare_outlines(array(square()), array(after), 0.98, WITHIN)
    assert found[0] == change


def test_moves_are_measured_on_the_ground() -> None:
    _, moved_m = shapes.compare_outlines(array(square()), array(square(-74.99)), 0.98, WITHIN)
    # A hundredth of a degree of longitude at 10° south.
    assert moved_m[0] == pytest.approx(1096.5, abs=1)


def test_shapes_in_shapes_are_paired_with_what_they_share() -> None:
    old = pd.Series([square()], index=[7])
    new = pd.Series(
        [square(side=0.005), square(-74.995, -10.0, 0.005), square(-74)], index=[1, 2, 3]
    )
    pairs = shapes.covering(old, new, 0.98)
    assert pairs["new"].tolist() == [1, 2]
    assert pairs["of_old"].tolist() == pytest.approx([0.25, 0.25])
    assert pairs["of_new"].tolist() == pytest.approx([1.0, 1.0])


def test_a_missing_point_has_no_distance() -> None:
    points = array(shapely.Point(-75, -10), None, shapely.Point())
    assert np.isnan(shapes.distance_m(points, array(*[shapely.Point(-75, -10)] * 3))).tolist() == [
        False, True, True,
    ]  # fmt: skip
