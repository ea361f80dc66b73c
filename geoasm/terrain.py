"""The setting of a point: height and slope of the ground around it, and the distance to water."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely

from geoasm import geometry, issues, raster_legends
from geoasm.codes import Action, Problem, Role, Setting
from geoasm.errors import InputError
from geoasm.geometry import Floats, Geometries
from geoasm.law import LawAt
from geoasm.model import CrsPlan, Grid
from geoasm.schema import OUTPUT_CRS
from geoasm.zonal import Bools, Positions, tiles

WATER_SEARCH_M = 20_000.0  # water farther away is not looked for
# No ground lies beyond, from the shore of the Dead Sea (-430 m) to Everest (8,849 m): such a value of a
# raster is no height, whether its file declares it as no data or not.
LOWEST_M, HIGHEST_M = -500.0, 9_000.0
_MOST_STEPS = 15  # pixels from the centre to the rim; of finer grids every n-th pixel is taken
_WINDOW_PIXELS = 1 << 18  # points are sparse: larger windows would read much for nothing
_SAMPLES = 1 << 21  # heights looked at together
_PIECE_EDGES = 16  # of a line: of long ones the boxes would tell nothing
_METRES_PER_DEGREE = 110_000.0  # at least nearly, for choosing what may be near


@dataclass(frozen=True)
class Settings:
    """The setting of points, and what was doubted of the ground around them."""

    frame: pd.DataFrame
    issues: pd.DataFrame


def describe(
    lon: Floats,
    lat: Floats,
    law: LawAt,
    plan: CrsPlan,
    *,
    elevation: Grid | None,
    rivers: pd.DataFrame | None,
) -> Settings:
    """
    Describe the setting of points, and give the numbers behind it.

    Parameters
    ----------
    lon, lat
        Degrees of WGS84; NaN where a point has no position.
    law
        `setting_radius_m` and the limits of slope and distance; without them settings stay unknown.
    elevation
        Heights in metres, in any system; those that no ground has (`LOWEST_M`, `HIGHEST_M`) are taken
        for missing, and become an issue.
    rivers
        Lines, or polygons of water; `geometry` in degrees.

    Returns
    -------
    surroundings
        `frame`: RangeIndex; `elevation_m` of the pixel at the point, `slope_deg` of the least-squares plane
        through the heights within the radius (three by three pixels at least), NaN where any of them
        is missing; `water_distance_m` in the UTM zone of the point, 0 in water, NaN beyond
        `WATER_SEARCH_M`; `setting` as `geoasm.codes.Setting`.

    Raises
    ------
    InputError
        No point lies on the elevation raster.
    """
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    height, slope, water = np.full((3, len(lon)), np.nan)
    radius_m = law.may_number("setting_radius_m")
    doubts = issues.none()
    if elevation is not None and radius_m is not None:
        ground = _Ground(lon, lat, elevation, plan, radius_m)
        height, slope = ground.fit()
        doubts = ground.doubts()
    if rivers is not None:
        water = _distance_to_water(lon, lat, rivers.geometry.to_numpy(), plan)
    setting = np.full(len(lon), Setting.UNKNOWN.value, dtype=object)
    steep = law.may_number("hard_rock_slope_min_deg")
    gentle, near = (law.may_number(f"alluvial_{n}") for n in ("slope_max_deg", "water_max_m"))
    if steep is not None:
        setting[slope >= steep] = Setting.HARD_ROCK.value
    if gentle is not None and near is not None:
        setting[(slope <= gentle) & (water <= near)] = Setting.ALLUVIAL.value
    frame = pd.DataFrame(
        {
            "elevation_m": height,
            "slope_deg": slope,
            "water_distance_m": water,
            "setting": pd.array(setting, dtype="str"),
        }
    )
    return Settings(frame, doubts)


class _Window(NamedTuple):
    """Heights around some points, which of them are valid, which are none that ground can have."""

    heights: Floats
    valid: Bools
    impossible: Bools
    row: int  # of its corner on the raster
    column: int


class _Ground:
    """Points on an elevation raster, and the ground around each as pixels and metres."""

    def __init__(
        self, lon: Floats, lat: Floats, grid: Grid, plan: CrsPlan, radius_m: float
    ) -> None:
        self._grid, self._radius_m, self._n = grid, radius_m, len(lon)
        a, b, c, d, e, f = grid.transform
        x, y = geometry.operation(OUTPUT_CRS, grid.crs, plan).points(lon, lat)
        turn = a * e - b * d
        column = (e * (x - c) - b * (y - f)) / turn
        row = (a * (y - f) - d * (x - c)) / turn
        with np.errstate(invalid="ignore"):
            inside = (column >= 0) & (column < grid.shape[1]) & (row >= 0) & (row < grid.shape[0])
        if np.isfinite(lon).any() and not inside.any():
            raise InputError(
                f"elevation raster {grid.source.name} does not overlap the registrations; where it "
                f"is not in {geometry.crs_label(grid.crs)}, name its system: "
                "--crs elevation=EPSG:CODE"
            )
        self._points = np.flatnonzero(inside)
        self._column, self._row = column[inside], row[inside]
        self._metres = self._scale(x[inside], y[inside], lon[inside], plan)
        self._impossible: dict[int, float] = {}  # pixel, counted row by row, to its value
        self._beside = 0  # points that have such a pixel around them

    def _scale(self, x: Floats, y: Floats, lon: Floats, plan: CrsPlan) -> Floats:
        """Give metres east and north of a step along columns and along rows: shape (n, 2, 2)."""
        a, b, _, d, e, _ = self._grid.transform
        out = np.empty((len(x), 2, 2))
        zone = geometry.zone_of(lon, plan)
        for i in np.unique(zone):
            at = zone == i
            step = geometry.operation(self._grid.crs, plan.zones[i].crs, plan)
            base = np.column_stack(step.points(x[at], y[at]))
            out[at, :, 0] = np.column_stack(step.points(x[at] + a, y[at] + d)) - base
            out[at, :, 1] = np.column_stack(step.points(x[at] + b, y[at] + e)) - base
        return out

    def fit(self) -> tuple[Floats, Floats]:
        """Give height and slope of the ground at every point; NaN where it is not complete."""
        height, slope = np.full((2, self._n), np.nan)
        if len(self._points):
            offsets = self._offsets()
            reach = int(np.abs(offsets).max())
            for members, window in self._windows(reach):
                for some in _chunks(members, max(_SAMPLES // len(offsets), 1)):
                    at = self._points[some]
                    height[at], slope[at] = self._planes(some, offsets, window)
        return height, slope

    def doubts(self) -> pd.DataFrame:
        """Tell of values around the points that are no heights, as `fit` met them."""
        if not self._impossible:
            return issues.none()
        seen = Counter(self._impossible.values())
        most = min(seen, key=lambda value: (-seen[value], value))
        stored = (most - self._grid.offset) / (self._grid.scale or 1.0)
        return issues.make(
            Role.ELEVATION,
            Problem.IMPOSSIBLE_HEIGHT,
            Action.DOUBTED,
            field="nodata",
            values=raster_legends.listed(seen),
            detail=f"{self._grid.source.name} has values below {LOWEST_M:g} m or above {HIGHEST_M:g} m, "
            f"which no ground has, around {self._beside} of {len(self._points)} registrations: they are "
            "taken for no data and no slope is computed across them; if they are no data, say "
            f"--assume elevation.nodata={stored:.9g}, else give heights in metres",
        )

    def _offsets(self) -> Positions:
        """Give the columns and rows, from a point's own, of pixels that some point may need."""
        rim = self._radius_m * np.linalg.norm(np.linalg.inv(self._metres), axis=2).max(axis=0)
        half = np.maximum(np.ceil(rim + 0.5).astype(np.intp), 1)
        step = np.maximum(-(-half // _MOST_STEPS), 1)
        axes = [np.arange(-(h // s), h // s + 1) * s for h, s in zip(half, step, strict=True)]
        return np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)

    def _windows(self, reach: int) -> Iterator[tuple[Positions, _Window]]:
        """Read the windows that hold points, with the ground around them."""
        shape = self._grid.shape
        _, _, rows, columns = next(tiles(shape, self._grid.block, _WINDOW_PIXELS))
        key = (self._row // rows) * shape[1] + self._column // columns
        order = np.argsort(key, kind="stable")
        for members in np.split(order, np.flatnonzero(np.diff(key[order])) + 1):
            row, column = self._row[members].astype(int), self._column[members].astype(int)
            r0, c0 = max(row.min() - reach, 0), max(column.min() - reach, 0)
            r1, c1 = (
                min(row.max() + reach + 1, shape[0]),
                min(column.max() + reach + 1, shape[1]),
            )
            values, valid = self._grid.read((r0, c0, r1 - r0, c1 - c0))
            heights = values.astype(float)
            impossible = valid & ((heights < LOWEST_M) | (heights > HIGHEST_M))
            yield members, _Window(heights, valid & ~impossible, impossible, r0, c0)

    def _planes(
        self, some: Positions, offsets: Positions, window: _Window
    ) -> tuple[Floats, Floats]:
        """Lay a plane through the heights around some points of one window."""
        column, row = self._column[some], self._row[some]
        c = column.astype(int)[:, None] + offsets[:, 0]
        r = row.astype(int)[:, None] + offsets[:, 1]
        away = np.stack([c + 0.5 - column[:, None], r + 0.5 - row[:, None]], axis=-1)
        east, north = np.moveaxis(away @ self._metres[some].transpose(0, 2, 1), -1, 0)
        needed = np.hypot(east, north) <= self._radius_m
        needed |= (np.abs(offsets) <= 1).all(axis=1)
        heights = window.heights
        i, j = r - window.row, c - window.column
        there = (i >= 0) & (i < heights.shape[0]) & (j >= 0) & (j < heights.shape[1])
        i, j = np.where(there, i, 0), np.where(there, j, 0)
        if window.impossible.any():
            met = needed & there & window.impossible[i, j]
            pixels = (r * self._grid.shape[1] + c)[met].tolist()
            self._impossible.update(zip(pixels, heights[i, j][met].tolist(), strict=True))
            self._beside += int(met.any(axis=1).sum())
        there &= window.valid[i, j]
        own = int(np.flatnonzero((offsets == 0).all(axis=1))[0])
        z = np.where(there, heights[i, j], np.nan)
        slope = np.where((there | ~needed).all(axis=1), _slope_deg(east, north, z, needed), np.nan)
        return z[:, own], slope


def _chunks(members: Positions, size: int) -> Iterator[Positions]:
    for begin in range(0, len(members), size):
        yield members[begin : begin + size]


def _slope_deg(east: Floats, north: Floats, z: Floats, used: Bools) -> Floats:
    """Give the slope of the least-squares plane through the used heights of each row."""
    n = used.sum(axis=1, keepdims=True)
    x, y, z = (
        np.where(used, v - np.where(used, v, 0).sum(axis=1, keepdims=True) / n, 0)
        for v in (east, north, z)
    )
    xx, xy, yy, xz, yz = ((p * q).sum(axis=1) for p, q in ((x, x), (x, y), (y, y), (x, z), (y, z)))
    turn = xx * yy - xy * xy
    to_east, to_north = (xz * yy - yz * xy) / turn, (yz * xx - xz * xy) / turn
    return np.asarray(np.degrees(np.arctan(np.hypot(to_east, to_north))))


def _distance_to_water(lon: Floats, lat: Floats, water: Geometries, plan: CrsPlan) -> Floats:
    out = np.full(len(lon), np.nan)
    water = water[~(shapely.is_missing(water) | shapely.is_empty(water))]
    located = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    zone = geometry.zone_of(lon[located], plan)
    for i in np.unique(zone):
        at = located[zone == i]
        step = geometry.operation(OUTPUT_CRS, plan.zones[i].crs, plan)
        near = step.geometries(_within_reach(water, lon[at], lat[at]))
        x, y = step.points(lon[at], lat[at])
        edges = _edges(near, x, y)
        points = shapely.points(x, y)
        # Asked for a greatest distance the tree takes twenty times as long.
        (which, _), metres = shapely.STRtree(edges).query_nearest(
            points, return_distance=True, all_matches=False
        )
        out[at[which]] = np.where(metres <= WATER_SEARCH_M, metres, np.nan)
        bodies = near[shapely.get_dimensions(near) == 2]
        in_water, _ = shapely.STRtree(bodies).query(points, predicate="intersects")
        out[at[in_water]] = 0.0
    return out


def _within_reach(water: Geometries, lon: Floats, lat: Floats) -> Geometries:
    """Leave out water whose box is out of reach of every point."""
    high = WATER_SEARCH_M / _METRES_PER_DEGREE
    wide = high / max(np.cos(np.radians(np.abs(lat).max() + high)), 0.01)
    west, south, east, north = shapely.bounds(water).reshape(-1, 4).T
    keep = (west <= lon.max() + wide) & (east >= lon.min() - wide)
    near: Geometries = water[keep & (south <= lat.max() + high) & (north >= lat.min() - high)]
    return near


def _edges(water: Geometries, x: Floats, y: Floats) -> Geometries:
    """Give the lines and shores in reach of the points' box, in short pieces for the tree."""
    shores = np.where(shapely.get_dimensions(water) == 2, shapely.boundary(water), water)
    at, line = shapely.get_coordinates(shapely.get_parts(shores), return_index=True)
    begin = np.flatnonzero(line[1:] == line[:-1])  # of every edge
    number = begin - np.searchsorted(line, line[begin])
    first = np.flatnonzero(number % _PIECE_EDGES == 0)
    count = np.diff(np.append(first, len(begin))) + 1  # vertices of every piece
    offset = np.cumsum(count) - count
    at = at[np.arange(count.sum()) + np.repeat(begin[first] - offset, count)]
    if not len(at):
        return np.empty(0, dtype=object)
    low, high = np.minimum.reduceat(at, offset), np.maximum.reduceat(at, offset)
    with np.errstate(invalid="ignore"):
        keep = (low[:, 0] <= x.max() + WATER_SEARCH_M) & (high[:, 0] >= x.min() - WATER_SEARCH_M)
        keep &= (low[:, 1] <= y.max() + WATER_SEARCH_M) & (high[:, 1] >= y.min() - WATER_SEARCH_M)
    piece = np.repeat(np.arange(keep.sum()), count[keep])
    edges: Geometries = np.asarray(shapely.linestrings(at[np.repeat(keep, count)], indices=piece))
    return edges
