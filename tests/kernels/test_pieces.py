"""Edges that meet a box are never told to stay clear of it, however far away they begin."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from geoasm.kernels.pieces import Box, comes_near
from geoasm.kernels.shared_ground import ROUNDING, UNITS


def meets(ends: np.ndarray, box: Box) -> bool:
    """Tell by exact arithmetic whether a segment has a point in a box."""
    west, south, width, height = map(Fraction, box)
    (x1, y1), (x2, y2) = ((Fraction(x) - west, Fraction(y) - south) for x, y in ends)
    first, last = Fraction(0), Fraction(1)
    for start, step, length in ((x1, x2 - x1, width), (y1, y2 - y1, height)):
        if step == 0:
            if not 0 <= start <= length:
                return False
            continue
        into, out_of = sorted((-start / step, (length - start) / step))
        first, last = max(first, into), min(last, out_of)
    return first <= last


@pytest.mark.parametrize("seed", range(4))
def test_an_edge_through_a_corner_comes_near_from_wherever_it_begins(seed: int) -> None:
    rng = np.random.default_rng(seed)
    met = 0
    for _ in range(1000):
        west, south = rng.uniform(0, 1, 2) * 10.0 ** rng.integers(0, 3)
        width, height = rng.uniform(0.1, 1, 2) * 10.0 ** rng.integers(-1, 3)
        box = (west, south, width, height)
        corner = np.array([west, south]) + rng.integers(0, 2, 2) * (width, height)
        way, (back, on) = rng.normal(size=2), 10.0 ** rng.integers(0, 16, 2)
        ends = np.array([corner - way * back, corner + way * on])
        margin = UNITS * ROUNDING * max(west + width, south + height)
        if meets(ends, box):
            met += 1
            assert comes_near(ends, 0, box, margin)
    assert met > 500
