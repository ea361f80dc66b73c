"""The paper of a drawn map: its middle, its edges, and where places come to stand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from geoasm.render.figures import WIDTH
from geoasm.render.paper import fit_paper

GROUND = pd.Series([shapely.box(-78.3, -7.4, -78.1, -7.2)], dtype=object)


def test_what_is_drawn_has_its_middle_in_the_middle_of_the_paper() -> None:
    paper = fit_paper([GROUND])
    assert (paper.lon, paper.lat) == pytest.approx((-78.2, -7.3))
    middle = paper.place(np.array([shapely.Point(paper.lon, paper.lat)], dtype=object))[0]
    assert (middle.x, middle.y) == pytest.approx((WIDTH / 2, paper.height / 2))


def test_the_edges_of_the_paper_are_at_equal_distances_from_its_middle() -> None:
    paper = fit_paper([GROUND])
    west, south, east, north = paper.ends
    assert ((west + east) / 2, (south + north) / 2) == pytest.approx((paper.lon, paper.lat))
    corners = paper.place(np.array([shapely.Point(west, north), shapely.Point(east, south)]))
    placed = [(point.x, point.y) for point in corners]
    assert placed == [pytest.approx((0, 0), abs=1e-6), pytest.approx((WIDTH, paper.height))]
