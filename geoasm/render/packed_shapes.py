"""Places and outlines as whole numbers, near ones after each other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from geoasm import geometry as geometries
from geoasm.render.packed_numbers import packed_size, varints, zigzag

UNITS_PER_DEGREE = 1_000_000  # about 0.1 m
UNITS_PER_METRE = 10
_UNITS_PER_TENTH_HA = 1_000 * UNITS_PER_METRE**2
_SIDE = 1 << 16  # cells a side of the curve that orders features
_ZONE_DEGREES = 6
_QUAD = 4

Positions = npt.NDArray[np.intp]
Whole = npt.NDArray[np.int64]
Geometries = npt.NDArray[np.object_]


class Outlines(NamedTuple):
    """Vertices of shapes: sections of whole numbers from 0, their grid, and tenths of hectares (UTM only)."""

    sections: dict[str, npt.NDArray[np.uint64]]
    grid: str
    vertices: int
    tenths_ha: Whole | None


def hilbert_order(x: npt.ArrayLike, y: npt.ArrayLike) -> Positions:
    """Order places along a Hilbert curve over their extent; places of one cell by their coordinates."""
    across, up = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if not len(across):
        return np.zeros(0, dtype=np.intp)
    cx, cy = (
        ((v - v.min()) / (np.ptp(v) or 1.0) * (_SIDE - 1)).astype(np.int64) for v in (across, up)
    )
    place = np.zeros(len(cx), dtype=np.int64)
    side = _SIDE >> 1
    while side:
        right, top = (cx & side) > 0, (cy & side) > 0
        place += side * side * ((3 * right) ^ top)
        turned = right & ~top
        cx, cy = np.where(turned, _SIDE - 1 - cx, cx), np.where(turned, _SIDE - 1 - cy, cy)
        cx, cy = np.where(top, cx, cy), np.where(top, cy, cx)
        side >>= 1
    return np.lexsort((up, across, place))


def points(geometry: Geometries) -> npt.NDArray[np.uint64]:
    """Give places as signed steps of longitude and latitude."""
    whole = _whole_degrees(shapely.get_coordinates(geometry))
    return zigzag(np.diff(whole, axis=0, prepend=0).ravel())


def outlines(geometry: Geometries, kind: str) -> Outlines:
    """Give lines or polygons in UTM or in degrees, whichever packs smaller."""
    if kind == "polygon":
        # Outer rings run against the clock and holes with it: a reader sums their areas.
        turned = shapely.orient_polygons(geometry, exterior_cw=False)
        parts, owner = shapely.get_parts(turned, return_index=True)
        rings, part = shapely.get_rings(parts, return_index=True)
        owner = owner[part]
    else:
        rings, owner = shapely.get_parts(geometry, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    if kind == "polygon":  # the last vertex of a ring is its first
        keep = np.diff(ring, append=-1) == 0
        xy, ring = xy[keep], ring[keep]
    sizes = np.bincount(ring, minlength=len(rings))
    feature = owner[ring]
    told = {
        "rings": np.bincount(owner, minlength=len(geometry)).astype(np.uint64),
        "ringSize": sizes.astype(np.uint64),
    }
    is_quad = (sizes == _QUAD)[ring] & (kind == "polygon")
    tried = {"degrees": _steps(_whole_degrees(xy), feature, ring, is_quad)}
    zone = _zones(xy, feature)
    tenths = None
    if zone is not None:
        metres = geometries.to_utm(xy[:, 0], xy[:, 1], zone)
        whole = _whole_from_first(metres * UNITS_PER_METRE, feature)
        tried["utm"] = _steps(whole, feature, ring, is_quad)
        tried["utm"]["zone"] = zigzag(zone[_starts(feature)])
        tenths = _tenths_ha(whole, ring, owner, len(geometry))
    # Cadastres are drawn in zones or in degrees: what was drawn on a lattice packs well on it.
    grid = min(tried, key=lambda name: sum(packed_size(varints(v)) for v in tried[name].values()))
    found = tenths if grid == "utm" and kind == "polygon" else None
    return Outlines(told | tried[grid], grid, len(xy), found)


def _steps(
    whole: Whole, feature: Positions, ring: Positions, is_quad: npt.NDArray[np.bool_]
) -> dict[str, npt.NDArray[np.uint64]]:
    """
    Write vertices as steps: between first vertices of features, and from vertex to vertex.

    The third side of a ring of four vertices nearly undoes the first: their sum is written.
    """
    first = _starts(feature)
    step = np.diff(whole, axis=0, prepend=0)
    start = np.flatnonzero(_starts(ring))
    place = np.arange(len(ring)) - start[np.cumsum(_starts(ring)) - 1] if len(ring) else ring
    side, back = is_quad & ((place == 1) | (place == 2)), is_quad & (place == 3)
    return {
        "first": zigzag(np.diff(whole[first], axis=0, prepend=0).ravel()),
        "quad": zigzag(step[side].ravel()),
        "back": zigzag((step[back] + step[np.flatnonzero(back) - 2]).ravel()),
        "next": zigzag(step[~first & ~side & ~back].ravel()),
    }


def _tenths_ha(whole: Whole, ring: Positions, owner: Positions, n: int) -> Whole:
    """Measure shapes in their own zone; rings against the clock count, rings with it count off."""
    starts = _starts(ring)
    from_first = whole - whole[starts][np.cumsum(starts) - 1]
    ends = np.append(starts[1:], True)
    after = np.where(ends[:, None], 0, np.roll(from_first, -1, axis=0))
    twice = from_first[:, 0] * after[:, 1] - after[:, 0] * from_first[:, 1]
    of_feature = np.bincount(owner[ring], twice, minlength=n)
    tenths: Whole = np.floor(np.abs(of_feature) / (2 * _UNITS_PER_TENTH_HA) + 0.5).astype(np.int64)
    return tenths


def _whole_degrees(xy: npt.NDArray[np.float64]) -> Whole:
    return np.rint(xy * UNITS_PER_DEGREE).astype(np.int64)


def _starts(feature: Positions) -> npt.NDArray[np.bool_]:
    starts: npt.NDArray[np.bool_] = np.diff(feature, prepend=-1) != 0
    return starts


def _whole_from_first(xy: npt.NDArray[np.float64], feature: Positions) -> Whole:
    """Round each feature's first vertex, and the others by their way from it: a cell stays a cell."""
    first = xy[_starts(feature)][np.cumsum(_starts(feature)) - 1]
    whole: Whole = (np.rint(first) + np.rint(xy - first)).astype(np.int64)
    return whole


def _zones(xy: npt.NDArray[np.float64], feature: Positions) -> Whole | None:
    """Give the UTM zone of each vertex by its feature's first one; None where one reaches too far from it."""
    first = xy[_starts(feature)][np.cumsum(_starts(feature)) - 1]
    zone = np.floor((first[:, 0] + 180) / _ZONE_DEGREES).astype(np.int64) + 1
    zone = np.clip(zone, 1, 360 // _ZONE_DEGREES)
    middle = zone * _ZONE_DEGREES - 180 - _ZONE_DEGREES / 2
    if len(xy) and np.abs(xy[:, 0] - middle).max() > _ZONE_DEGREES:
        return None
    signed: Whole = np.where(first[:, 1] < 0, -zone, zone)
    return signed
