"""Shapes out of columns of well-known binary."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import shapely

from geoasm.io import arrow_shapes


def test_coordinates_that_are_no_numbers_are_read_as_they_are_without_a_warning() -> None:
    with np.errstate(invalid="ignore"):
        odd = shapely.to_wkb(shapely.Polygon([(0, 0), (np.nan, 0), (0, 1)]))
    read = arrow_shapes.geometries(pa.chunked_array([[odd, None]]))
    assert np.isnan(shapely.get_coordinates(read[0])).any()
    assert read[1] is None
