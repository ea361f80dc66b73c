"""Rights that are held for batches of points: what rounding leaves open, GEOS decides ring by ring."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geoasm.kernels.batches import covered_by_geos
from geoasm.kernels.outlines import flatten

HOLED = shapely.box(0, 0, 10, 10).difference(shapely.box(4, 4, 6, 6))
ISLAND = shapely.union(HOLED, shapely.box(4.5, 4.5, 5.5, 5.5))


@pytest.mark.parametrize("polygon", [HOLED, ISLAND])
@pytest.mark.parametrize(
    "point", [(2, 2), (5, 5), (4.2, 4.2), (4, 5), (4.5, 5), (10, 3), (0, 0), (11, 5), (6, 6)]
)
def test_holes_islands_and_edges_are_told_as_geos_tells_them(
    polygon: shapely.Geometry, point: tuple[float, float]
) -> None:
    outlines = flatten(np.array([shapely.box(20, 20, 21, 21), polygon], dtype=object))
    assert covered_by_geos(outlines, 1, *point) == polygon.covers(shapely.Point(point))
