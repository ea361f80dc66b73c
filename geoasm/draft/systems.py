"""Where a country is and in which systems its rights were drawn, told by the outlines alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from geoasm import geometry
from geoasm.draft.places import bounds_of, in_degrees, middles
from geoasm.draft.sources import Drawn
from geoasm.schema import OUTPUT_CRS

WGS84 = OUTPUT_CRS
_MOST_SHAPES = 2_000
_SHORTEST_SIDE_DEG = 0.001  # some hundred metres: shorter sides have no direction to speak of
_ALONG_DEG, _ALONG_M = 2e-7, 0.05
_ON_GRID_M, _ON_GRID_S = 0.6, 0.02
_STEPS_M, _STEPS_S = (1000, 500, 100, 10), (60, 30, 15, 10, 1)
_MOST = 0.5
NULL_OPERATION = "EPSG:15894"  # degrees as they stand


@dataclass(frozen=True)
class Systems:
    """Bounds in degrees, UTM zones, and how the outlines of rights lie in both systems."""

    bounds: tuple[float, float, float, float]
    outside: int  # shapes and places that lie far from the others
    zones: tuple[int, ...]
    is_south: bool
    drawn_in: str
    along_degrees: float | None = None  # share of sides along meridians and parallels
    along_grid: float | None = None
    step: str | None = None  # whose multiples most corners are
    on_step: float = 0.0
    nameless: str | None = None  # a geographic system without a datum, as its file writes it


def find_systems(sources: Sequence[Drawn]) -> Systems | None:
    """Find the systems of the files; None where nothing has a place."""
    places = [p for p in (middles(s.raw.frame, s.positions) for s in sources) if len(p)]
    if not places:
        return None
    at = np.concatenate(places)
    bounds = bounds_of(at)
    west, south, east, north = bounds
    inside = (at >= [west, south]).all(axis=1) & (at <= [east, north]).all(axis=1)
    zones = tuple(range(_zone(at[inside, 0].min()), _zone(at[inside, 0].max()) + 1))
    is_south = bool(np.median(at[:, 1]) < 0)
    rights = next((s for s in sources if s.role == "concessions"), None)
    found = Systems(bounds, int((~inside).sum()), zones, is_south, "geographic")
    return found if rights is None else _with_grid(found, rights)


def _zone(longitude: float) -> int:
    return int(min(max(math.floor((longitude + 180) / 6) + 1, 1), 60))


def _with_grid(systems: Systems, rights: Drawn) -> Systems:
    """Add how sides and corners of rights lie: along meridians, or along the grid of a zone."""
    frame = rights.raw.frame
    shapes = in_degrees(frame)
    shapes = shapes[np.isfinite(shapely.bounds(shapes)).all(axis=1)]
    shapes = shapes[:: max(1, len(shapes) // _MOST_SHAPES)]
    rings = shapely.get_rings(shapely.get_parts(shapes))
    at, owner = shapely.get_coordinates(rings, return_index=True)
    if not len(at):
        return systems
    middle = shapely.get_x(shapely.centroid(rings))
    zone = np.array([_zone(x) for x in middle])[owner] * (-1 if systems.is_south else 1)
    metres = geometry.to_utm(at[:, 0], at[:, 1], zone)
    same = owner[1:] == owner[:-1]
    side, side_m = np.diff(at, axis=0)[same], np.diff(metres, axis=0)[same]
    long = np.hypot(*side.T) > _SHORTEST_SIDE_DEG
    along_degrees = _share((np.abs(side[long]) < _ALONG_DEG).any(axis=1))
    along_grid = _share((np.abs(side_m[long]) < _ALONG_M).any(axis=1))
    is_grid = along_grid > along_degrees
    if is_grid:
        step, on_step = _step(metres, _STEPS_M, _ON_GRID_M)
    else:
        step, on_step = _step(at * 3600, _STEPS_S, _ON_GRID_S)
    unit = "m" if is_grid else "arc-second" if step == 1 else "arc-seconds"
    return replace(
        systems,
        drawn_in="zone" if is_grid else "geographic",
        along_degrees=along_degrees,
        along_grid=along_grid,
        step=f"{step} {unit}" if step else None,
        on_step=on_step,
        nameless=_nameless(pyproj.CRS(frame.crs)),
    )


def _share(hits: npt.NDArray[np.bool_]) -> float:
    return float(hits.mean()) if len(hits) else 0.0


def _step(at: geometry.Floats, steps: Sequence[int], tolerance: float) -> tuple[int | None, float]:
    """Give the widest step of which most corners are whole multiples."""
    for step in steps:
        off = np.abs(at - np.round(at / step) * step).max(axis=1)
        share = _share(off < tolerance)
        if share >= _MOST:
            return step, share
    return None, 0.0


def _nameless(crs: pyproj.CRS) -> str | None:
    """Give a geographic system from which no operation to WGS84 is known, as text that means the same."""
    geographic = crs.geodetic_crs
    if geographic is None or geographic.equals(pyproj.CRS(WGS84), ignore_axis_order=True):
        return None
    group = pyproj.transformer.TransformerGroup(crs, WGS84, always_xy=True, allow_ballpark=False)
    if group.transformers:
        return None
    return str(geographic.to_2d().to_wkt())
