"""Polygons as flat arrays of vertices, as compiled loops read them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from numba import njit

from geoasm.geometry import Floats, Geometries

Positions = npt.NDArray[np.intp]

POLYGON, MULTIPOLYGON = 3, 6
MIN_VERTICES = 4  # of a ring, its first one repeated


class Outlines(NamedTuple):
    """
    Vertices of polygons, ring after ring.

    `vertices` has shape (n, 2); ring r has the vertices `rings[r]` to `rings[r + 1]`, its first one
    repeated at its end; polygon p has the rings `parts[p]` to `parts[p + 1]`, none where it is
    missing or empty. `bounds` has shape (p, 4), NaN where there are no rings.
    """

    vertices: Floats
    rings: Positions
    parts: Positions
    bounds: Floats


def flatten(polygons: Geometries) -> Outlines:
    """
    Give the vertices of polygons, multipolygons and missing values.

    Raises
    ------
    TypeError
        A geometry is of another type.
    """
    kind = shapely.get_type_id(polygons)
    if not np.isin(kind, (-1, POLYGON, MULTIPOLYGON)).all():
        raise TypeError("only polygons have outlines that cover ground")
    vertices = shapely.get_coordinates(polygons)
    sizes = shapely.get_num_coordinates(polygons)
    lengths, n_rings, unclear = split_into_rings(vertices, sizes)
    if unclear.any():
        lengths, n_rings = _told_by_geos(polygons, lengths, n_rings, unclear)
    rings = np.concatenate([[0], np.cumsum(lengths)]).astype(np.intp)
    parts = np.concatenate([[0], np.cumsum(n_rings)]).astype(np.intp)
    return Outlines(vertices, rings, parts, shapely.bounds(polygons))


@njit(cache=True, nogil=True)
def split_into_rings(
    vertices: Floats, sizes: Positions
) -> tuple[Positions, Positions, npt.NDArray[np.bool_]]:
    """
    Cut each polygon's vertices where they come back to where they left.

    A ring that touches itself at its first vertex becomes two, with the same edges.

    Returns
    -------
    lengths, n_rings, unclear
        Vertices of each ring; rings of each polygon; polygons where a vertex that is repeated
        leaves open where a ring ends.
    """
    lengths = np.empty(len(vertices) + 1, np.intp)
    n_rings, unclear = np.zeros(sizes.size, np.intp), np.zeros(sizes.size, np.bool_)
    n, at = 0, 0
    for p in range(sizes.size):
        end = at + sizes[p]
        while at < end:
            x, y = vertices[at, 0], vertices[at, 1]
            closed = at + MIN_VERTICES - 1
            while closed < end and not (vertices[closed, 0] == x and vertices[closed, 1] == y):
                closed += 1
            after = closed + 1
            if closed >= end or (
                after < end and vertices[after, 0] == x and vertices[after, 1] == y
            ):
                unclear[p] = True
                after = end
            lengths[n] = after - at
            n_rings[p] += 1
            n += 1
            at = after
    return lengths[:n], n_rings, unclear


def _told_by_geos(
    polygons: Geometries, lengths: Positions, n_rings: Positions, unclear: npt.NDArray[np.bool_]
) -> tuple[Positions, Positions]:
    """Take the rings of unclear polygons from their geometries."""
    which = np.flatnonzero(unclear)
    parts, of_part = shapely.get_parts(polygons[which], return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    was_clear = np.repeat(~unclear, n_rings)
    counts = n_rings.copy()
    counts[which] = np.bincount(of_part[of_ring], minlength=len(which))
    out = np.empty(counts.sum(), dtype=np.intp)
    is_clear = np.repeat(~unclear, counts)
    out[is_clear] = lengths[was_clear]
    out[~is_clear] = shapely.get_num_coordinates(rings)
    return out, counts
