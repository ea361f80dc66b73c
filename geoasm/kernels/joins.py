"""Points beside polygons through compiled loops; what rounding leaves open, GEOS decides."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from geoasm.geometry import Floats, Geometries
from geoasm.kernels.covering import INSIDE, UNDECIDED, scan, sort_into_cells
from geoasm.kernels.nearness import scan_near
from geoasm.kernels.outlines import Outlines, flatten

Positions = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]


def covers(
    polygons: Geometries, x: Floats, y: Floats, outlines: Outlines | None = None
) -> tuple[Positions, Positions]:
    """
    Join points to the polygons that cover them, as `geoasm.link.covers` does.

    Parameters
    ----------
    polygons
        Valid polygons or None, in one system.
    x, y
        Float64 coordinates in that system; NaN matches nothing.
    outlines
        Of the polygons, where they are at hand.

    Returns
    -------
    point, polygon
        Positions of each pair.

    Raises
    ------
    NotPolygons
        A shape is a line or a point.
    """
    outlines = outlines or flatten(polygons)
    point, polygon, doubtful = scan(*sort_into_cells(_plain(x), _plain(y)), *outlines)
    if not len(doubtful):
        return point, polygon
    kept = np.ones(len(point), dtype=bool)
    at = point[doubtful]
    kept[doubtful] = shapely.intersects_xy(polygons[polygon[doubtful]], x[at], y[at])
    return point[kept], polygon[kept]


def near(
    polygons: Geometries,
    x: Floats,
    y: Floats,
    reach: float,
    *,
    keep_all: bool = False,
    outlines: Outlines | None = None,
) -> tuple[Positions, Positions, Bools, Floats]:
    """
    Join points to the polygons that cover them or whose nearest edge is within reach.

    Parameters
    ----------
    reach
        In units of the coordinates.
    keep_all
        Keep every pair whose box, widened by the reach, holds the point.
    outlines
        Of the polygons, where they are at hand.

    Returns
    -------
    point, polygon, covered, edge
        Positions of each pair, ordered by polygon; whether it covers the point; distance to its
        nearest edge.
    """
    outlines = outlines or flatten(polygons)
    point, polygon, edge, where = scan_near(
        *sort_into_cells(_plain(x), _plain(y)), *outlines, float(reach), keep_all
    )
    covered = where == INSIDE
    doubtful = np.flatnonzero(where == UNDECIDED)
    at = point[doubtful]
    covered[doubtful] = shapely.intersects_xy(polygons[polygon[doubtful]], x[at], y[at])
    kept = covered | (edge <= reach) | keep_all
    return point[kept], polygon[kept], covered[kept], edge[kept]


def _plain(values: Floats) -> Floats:
    return np.ascontiguousarray(values, dtype=np.float64)
