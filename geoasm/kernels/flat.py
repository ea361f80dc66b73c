"""Polygons without objects: vertices in rings, rings in polygons, polygons in shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from geoasm.geometry import Floats, Geometries, Operation
from geoasm.kernels import engine

Positions = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

MULTIPOLYGON = 6  # GEOS' number of the type
_MOST_BYTES = 1 << 30  # of one Arrow array, whose offsets have 32 bits


@dataclass(frozen=True)
class Flat:
    """
    Shapes made of polygons.

    `vertices` has shape (n, 2); ring r has the vertices `rings[r]` to `rings[r + 1]`, its first one
    repeated at its end; polygon p has the rings `polygons[p]` to `polygons[p + 1]`, its shell first;
    shape s has the polygons `shapes[s]` to `shapes[s + 1]`, and `multi` tells whether it is a
    multipolygon, which may have one.
    """

    vertices: Floats
    rings: Positions
    polygons: Positions
    shapes: Positions
    multi: Bools

    def __len__(self) -> int:
        return len(self.multi)

    def take(self, rows: Positions) -> Flat:
        """Give some of the shapes, in the order asked for."""
        shapes, which = _within(self.shapes, rows)
        polygons, which = _within(self.polygons, which)
        rings, which = _within(self.rings, which)
        return Flat(self.vertices[which], rings, polygons, shapes, self.multi[rows])

    def moved(self, operation: Operation) -> Flat:
        """Convert every vertex once."""
        x, y = operation.points(self.vertices[:, 0], self.vertices[:, 1])
        return replace(self, vertices=np.column_stack([x, y]))

    def areas(self) -> Floats:
        """Measure the shapes as GEOS does."""
        if engine.compiled(len(self)):
            from geoasm.kernels.outlines import areas

            return areas(self.vertices, self.rings, self.polygons, self.shapes)
        return np.asarray(shapely.area(self.made()), dtype=float)

    def surely_valid(self) -> Bools:
        """Tell which shapes cannot but be valid; of the others GEOS knows."""
        if not engine.compiled(len(self)):
            return np.zeros(len(self), dtype=bool)
        from geoasm.kernels.validity import surely_valid

        upright = np.zeros(len(self), dtype=bool)  # not known: their edges tell
        return surely_valid(self.vertices, self.rings, self.polygons[self.shapes], upright)

    def made(self) -> Geometries:
        """Make objects of the shapes."""
        rings = shapely.linearrings(self.vertices, indices=_owners(self.rings))
        polygons = np.full(len(self.polygons) - 1, shapely.Polygon(), dtype=object)
        filled = np.diff(self.polygons) > 0
        polygons[filled] = shapely.polygons(rings, indices=(np.cumsum(filled) - 1)[_owners(self.polygons)])  # fmt: skip
        out = np.full(len(self), shapely.Polygon(), dtype=object)
        out[self.multi] = shapely.MultiPolygon()
        owner = _owners(self.shapes)
        out[owner[~self.multi[owner]]] = polygons[~self.multi[owner]]
        several = self.multi & (np.diff(self.shapes) > 0)
        if several.any():
            part = several[owner]
            place = (np.cumsum(several) - 1)[owner[part]]
            out[several] = shapely.multipolygons(polygons[part], indices=place)
        return out

    def wkb(self, rows: Positions) -> pa.ChunkedArray:
        """Give some of the shapes as little-endian well-known binary, in the order asked for."""
        if not engine.compiled(len(rows)):
            written = shapely.to_wkb(self.take(rows).made(), byte_order=1)
            return pa.chunked_array([pa.array(written, type=pa.binary())])
        from geoasm.kernels import wkb

        offsets = self.rings, self.polygons, self.shapes, self.multi
        ends = np.cumsum(wkb.lengths(*offsets, rows))
        cuts = np.searchsorted(ends, np.arange(_MOST_BYTES, ends[-1] if len(ends) else 0, _MOST_BYTES))  # fmt: skip
        arrays = []
        for lot in np.split(rows, cuts):
            data, starts = wkb.write(self.vertices, *offsets, lot)
            buffers = [None, pa.py_buffer(starts.astype(np.int32)), pa.py_buffer(data)]
            arrays.append(pa.Array.from_buffers(pa.binary(), len(lot), buffers))
        return pa.chunked_array(arrays)


def flatten(shapes: Geometries) -> Flat:
    """Take polygons and multipolygons apart; what is missing becomes an empty polygon."""
    parts, of_shape = shapely.get_parts(shapes, return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    vertices, of_ring = shapely.get_coordinates(rings, return_index=True)
    filled = np.flatnonzero(np.bincount(of_part, minlength=len(parts)))  # else empty
    return Flat(
        vertices,
        _offsets(np.bincount(of_ring, minlength=len(rings))),
        _offsets(np.bincount(of_part, minlength=len(parts))[filled]),
        _offsets(np.bincount(of_shape[filled], minlength=len(shapes))),
        shapely.get_type_id(shapes) == MULTIPOLYGON,
    )


def boxes(low: Floats, high: Floats) -> Flat:
    """Give upright rectangles from corners of shape (n, 2), vertices in the order of `shapely.box`."""
    n = len(low)
    x = np.column_stack([high[:, 0], high[:, 0], low[:, 0], low[:, 0], high[:, 0]])
    y = np.column_stack([low[:, 1], high[:, 1], high[:, 1], low[:, 1], low[:, 1]])
    one = np.arange(n + 1)
    vertices = np.stack([x, y], axis=2).reshape(-1, 2)
    return Flat(vertices, 5 * one, one, one, np.zeros(n, dtype=bool))


def from_rings(vertices: Floats, ends: Positions, owner: Positions, is_hole: Bools) -> Flat:
    """
    Give shapes of rings, a multipolygon where one has several shells.

    Parameters
    ----------
    ends
        Where each ring ends.
    owner
        What the ring belongs to, ascending: a shape each.
    is_hole
        Whether it is a hole of the shell before it.
    """
    shells = np.flatnonzero(~is_hole)
    _, count = np.unique(owner[shells], return_counts=True)
    return Flat(
        vertices,
        np.concatenate([[0], ends]).astype(np.intp),
        np.append(shells, len(ends)),
        _offsets(count),
        count > 1,
    )


def join(several: Sequence[Flat]) -> Flat:
    """Give the shapes of several lots as one, in order."""
    if len(several) == 1:
        return several[0]
    return Flat(
        np.concatenate([np.empty((0, 2)), *(lot.vertices for lot in several)]),
        _offsets(_joined([np.diff(lot.rings) for lot in several])),
        _offsets(_joined([np.diff(lot.polygons) for lot in several])),
        _offsets(_joined([np.diff(lot.shapes) for lot in several])),
        np.concatenate([np.empty(0, dtype=bool), *(lot.multi for lot in several)]),
    )


def _joined(several: Sequence[Positions]) -> Positions:
    return np.concatenate([np.empty(0, np.intp), *several])


def _offsets(sizes: Positions) -> Positions:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)


def _owners(offsets: Positions) -> Positions:
    """Tell of each thing within which one it lies."""
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))


def _within(offsets: Positions, rows: Positions) -> tuple[Positions, Positions]:
    """Give the offsets of some rows, and what lies within them."""
    sizes = offsets[rows + 1] - offsets[rows]
    out = _offsets(sizes)
    return out, np.arange(out[-1]) + np.repeat(offsets[rows] - out[:-1], sizes)
