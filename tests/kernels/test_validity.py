"""Outlines that are surely valid: GEOS never disagrees, and of plain shapes it need not be asked."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoasm.kernels.outlines import flatten
from geoasm.kernels.validity import surely_valid


def sure(shapes):
    flat = flatten(np.array(shapes, dtype=object))
    return surely_valid(flat.vertices, flat.rings, flat.parts, flat.upright)


@settings(max_examples=300)
@given(
    st.integers(0, 2**32 - 1), st.sampled_from([3, 6, 1000]), st.sampled_from([1.0, 0.1, 1e-160])
)
def test_what_is_surely_valid_is_valid(seed, cells, scale) -> None:
    rng = np.random.default_rng(seed)
    rings = [rng.integers(0, cells, (rng.integers(3, 9), 2)) * scale for _ in range(40)]
    shapes = [shapely.Polygon(ring) for ring in rings]

    told = sure(shapes)

    assert shapely.is_valid(np.array(shapes)[told]).all()


def test_plain_shapes_are_known() -> None:
    angle = np.linspace(0, 2 * np.pi, 41)[:-1]
    star = np.column_stack([np.cos(angle), np.sin(angle)]) * (1 + np.arange(40) % 2)[:, None]
    steps = [(0, 0), (1, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2), (0, 1)]

    assert sure([shapely.box(0, 0, 1, 1), shapely.Polygon(star), shapely.Polygon(steps)]).all()
    assert sure([None, shapely.Polygon()]).all()


@pytest.mark.parametrize(
    "ring",
    [
        [(0, 0), (2, 2), (2, 0), (0, 2)],
        [(0, 0), (4, 0), (4, 4), (2, 0), (0, 4)],
        [(0, 0), (4, 0), (8, 0), (4, 0), (4, 4)],
        [(0, 0), (4, 0), (np.inf, 4)],
        [(0, 0), (1, 0), (0, 0)],
    ],
)
def test_outlines_that_meet_themselves_are_not(ring) -> None:
    assert not sure([shapely.Polygon(ring)]).any()
