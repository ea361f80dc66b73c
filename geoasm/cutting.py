"""The ground that polygons of one system share, pair by pair, through shapely or compiled loops."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import numpy.typing as npt
import shapely

from geoasm import geometry
from geoasm.errors import NotPolygons
from geoasm.geometry import Floats, Geometries
from geoasm.kernels import engine, flat
from geoasm.kernels.flat import Flat

Positions = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

COLLECTION = 7  # GEOS' number of the type
UPRIGHT = 1 - 1e-12  # of its bounding box: a rectangle along the grid, but for rounding
GRID = 2.0**-48  # of the largest coordinate: what it rounds is some roundings of a number wide


def find_shared(shapes: Geometries) -> tuple[Positions, Positions, Flat]:
    """
    Find every two polygons whose interiors meet, and cut out what they share.

    Parameters
    ----------
    shapes
        Valid polygons in one system.

    Returns
    -------
    first, second, shared
        Positions of the pairs, in no order, `first` below `second`; polygons.
    """
    if engine.compiled(len(shapes)):
        with suppress(NotPolygons):
            return _find_compiled(shapes)
    a, b = shapely.STRtree(shapes).query(shapes)
    a, b, shared = cut(shapes, a[a < b], b[a < b])
    return a, b, flat.flatten(shared)


def cut(shapes: Geometries, a: Positions, b: Positions) -> tuple[Positions, Positions, Geometries]:
    """Cut pairs of candidates; keep those that share ground."""
    boxes = shapely.bounds(shapes)
    low = np.maximum(boxes[a, :2], boxes[b, :2])
    high = np.minimum(boxes[a, 2:], boxes[b, 2:])
    fills = _fill_their_box(shapes, boxes)
    plain = fills[a] & fills[b]
    meet: Bools = np.asarray((low < high).all(axis=1))
    rest = np.flatnonzero(meet & ~plain)
    shapely.prepare(shapes)
    meet[rest] = shapely.relate_pattern(shapes[a[rest]], shapes[b[rest]], "T********")
    a, b, low, high, plain = a[meet], b[meet], low[meet], high[meet], plain[meet]
    shared: Geometries = np.asarray(shapely.box(*low.T, *high.T), dtype=object)
    rest = np.flatnonzero(~plain)
    one, other = shapes[a[rest]], shapes[b[rest]]
    holds, held = shapely.contains(one, other), shapely.contains(other, one)
    shapely.destroy_prepared(shapes)
    shared[rest[holds]] = other[holds]
    shared[rest[held]] = one[held]
    apart = ~(holds | held)
    shared[rest[apart]] = _cut_out(one[apart], other[apart])
    real = shapely.area(shared) > 0
    return a[real], b[real], shared[real]


def _cut_out(one: Geometries, other: Geometries) -> Geometries:
    """
    Cut out what pairs share whose interiors meet.

    Of two that are the same but for rounding GEOS may find nothing: those are cut on a grid, and
    count where they share more than the grid could make.
    """
    out = _polygons_of(shapely.intersection(one, other))
    for k in np.flatnonzero(shapely.area(out) == 0.0):
        grid = GRID * max(map(abs, (*one[k].bounds, *other[k].bounds)))
        found = _polygons_of(shapely.intersection(one[k : k + 1], other[k : k + 1], grid_size=grid))
        if shapely.area(found[0]) > grid * shapely.length(found[0]):
            out[k] = found[0]
    return out


def _polygons_of(cuts: Geometries) -> Geometries:
    """Keep only polygons: where shapes also touch, points and lines are cut out with them."""
    out = np.array(cuts, dtype=object)
    mixed = np.flatnonzero(shapely.get_type_id(out) == COLLECTION)
    parts, place = shapely.get_parts(out[mixed], return_index=True)
    solid = shapely.get_dimensions(parts) == 2
    single = np.bincount(place[solid], minlength=len(mixed))[place] == 1
    out[mixed[place[solid & single]]] = parts[solid & single]
    return geometry.polygonal(out)


def _fill_their_box(shapes: Geometries, boxes: Floats) -> Bools:
    filled: Bools = shapely.area(shapes) >= UPRIGHT * np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    return filled


def _find_compiled(shapes: Geometries) -> tuple[Positions, Positions, Flat]:
    """Cut in compiled loops what leaves no doubt, and the rest as `cut` does."""
    from geoasm.kernels import overlay, shared_ground

    outlines = shared_ground.consistent(shapes)
    meetings = shared_ground.measure(outlines)
    a, b, area, least = (column[meetings.least > 0.0] for column in meetings)
    bounds = outlines.bounds
    fills = _fill_their_box(shapes, bounds)
    plain = fills[a] & fills[b]
    told = [np.flatnonzero(plain)]
    one, other = bounds[a[plain]], bounds[b[plain]]
    lots = [flat.boxes(np.maximum(one, other)[:, :2], np.minimum(one, other)[:, 2:])]
    rest = np.flatnonzero(~plain)
    own = shared_ground.own_areas(*outlines[:3])
    kind, *found = overlay.cut_pairs(a[rest], b[rest], *outlines[:3], own)
    inner = np.where(kind == overlay.FIRST_INSIDE, a[rest], b[rest])
    inside = (kind == overlay.FIRST_INSIDE) | (kind == overlay.SECOND_INSIDE)
    open_ = [rest[kind == overlay.UNDECIDED]]
    for rows, lot in (
        (rest[kind == overlay.CUT], flat.from_rings(*found)),
        (rest[inside], _repeated(shapes, inner[inside])),
    ):
        sure = (area[rows] > least[rows]) & (np.abs(lot.areas() - area[rows]) <= least[rows])
        told.append(rows[sure])
        lots.append(lot if sure.all() else lot.take(np.flatnonzero(sure)))
        open_.append(rows[~sure])
    a_cut, b_cut, left = _cut_few(shapes, *(side[np.concatenate(open_)] for side in (a, b)))
    rows = np.concatenate(told)
    shared = flat.join([*lots, flat.flatten(left)])
    return np.concatenate([a[rows], a_cut]), np.concatenate([b[rows], b_cut]), shared


def _repeated(shapes: Geometries, rows: Positions) -> Flat:
    """Give some shapes, many of them more than once."""
    which, place = np.unique(rows, return_inverse=True)
    return flat.flatten(shapes[which]).take(place)


def _cut_few(
    shapes: Geometries, a: Positions, b: Positions
) -> tuple[Positions, Positions, Geometries]:
    """Cut pairs among few of many polygons."""
    few, place = np.unique(np.concatenate([a, b]), return_inverse=True)
    one, other, shared = cut(shapes[few], *place.reshape(2, -1))
    return few[one], few[other], shared


def repair_moved(shapes: Flat) -> Flat:
    """Make polygons valid whose vertices were moved: edges that all but touch may cross then."""
    sure = shapes.surely_valid()
    if sure.all():
        return shapes
    doubtful = np.flatnonzero(~sure)
    made, mended = geometry.repair(shapes.take(doubtful).made())
    if not mended.any():
        return shapes
    place = np.arange(len(shapes))
    place[doubtful[mended]] = len(shapes) + np.arange(mended.sum())
    return flat.join([shapes, flat.flatten(made[mended])]).take(place)
