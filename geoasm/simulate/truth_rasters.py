"""
What rasters show, from the scars, clouds and formulas that they are drawn by, pixel by pixel.

Nothing is read from a raster: each planted pixel is cut with each right, and heights are a formula.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm.codes import Setting
from geoasm.geometry import Floats, Geometries, Operation, operation, points, zone_of
from geoasm.law import LawAt
from geoasm.model import CrsPlan
from geoasm.simulate.raster import Cells
from geoasm.simulate.relief import PROFILE, SPACING_M, Relief
from geoasm.simulate.scars import Scars

_M2_PER_HA = 10_000.0
_SIDE_DEG = 0.01  # pieces of the edge of a raster: in a zone's metres it is no straight line
_DOUBT_HA = 0.02  # a growth so near to the least that counts is not told
_DOUBT_SHARE = 0.01  # nor are hectares where so nearly enough is shown
# A setting is told where the ground is of one slope so far around, and water clearly near or far.
_AROUND_M, _WATER_DOUBT_M = 500.0, 60.0
_LINE = 1  # type of shapely
_LEAST_M_A_DEGREE = 100_000.0  # of longitude, in the tropics


@dataclass(frozen=True)
class Shown:
    """What rasters show of rights, rights × years."""

    disturbed_ha: Floats  # on ground that the raster shows
    valid_share: Floats
    grown_ha: (
        Floats  # since the year before, on ground that both rasters show; from the second year on
    )
    grown_least_ha: Floats  # were all ground that came to be shown disturbed already


def show(rights: pd.DataFrame, scars: Scars, plan: CrsPlan) -> Shown:
    """
    Cut every planted pixel with every right.

    Parameters
    ----------
    rights
        `drawn` (metres) in `crs_used`.
    """
    n, years = len(rights), len(scars.years)
    area = np.zeros(n)
    valid, disturbed, grown = np.zeros((n, years)), np.zeros((n, years)), np.zeros((n, years))
    drawn = rights["drawn"].to_numpy(dtype=object)
    for crs, rows in sorted(rights.groupby("crs_used").indices.items()):
        shift = operation(plan.geographic, str(crs), plan)
        own = drawn[rows]
        shapely.prepare(own)
        tree = shapely.STRtree(own)
        area[rows] = shapely.area(own)
        ground = _filled_m2(scars, own, shift)
        hidden = [scars.hidden(y) for y in range(years)]
        seen = [_without(scars.disturbed[y], hidden[y]) for y in range(years)]
        for y in range(years):
            valid[rows, y] = ground - _cut(hidden[y], scars, shift, own, tree)
            disturbed[rows, y] = _cut(seen[y], scars, shift, own, tree)
            if y:
                now = _without(seen[y], hidden[y - 1])
                before = _without(seen[y - 1], hidden[y])
                grown[rows, y] = _cut(_without(now, before), scars, shift, own, tree)
                grown[rows, y] -= _cut(_without(before, now), scars, shift, own, tree)
    share = valid / area[:, None]
    more = np.diff(disturbed, axis=1, prepend=np.nan)
    newly = np.maximum(np.diff(valid, axis=1, prepend=np.nan), 0.0)
    return Shown(disturbed / _M2_PER_HA, share, grown / _M2_PER_HA, (more - newly) / _M2_PER_HA)


def _without(cells: Cells, others: Cells) -> Cells:
    taken = set(map(tuple, others.tolist()))
    kept = [cell not in taken for cell in map(tuple, cells.tolist())]
    left: Cells = cells[np.array(kept, dtype=bool)]
    return left


def _cut(
    cells: Cells, scars: Scars, shift: Operation, own: Geometries, tree: shapely.STRtree
) -> Floats:
    """Sum the ground (m²) of pixels that lie in each right; only what the raster holds."""
    held = np.zeros(len(cells), dtype=bool)
    for row, column, rows, columns in scars.filled:
        away = cells - (row, column)
        held |= ((away >= 0) & (away < (rows, columns))).all(axis=1)
    boxes = scars.lattice.boxes(cells[held], shift)
    pixel, right = tree.query(boxes)
    parts = shapely.area(shapely.intersection(own[right], boxes[pixel]))
    return np.bincount(right, parts, minlength=len(own)).astype(float)


def _filled_m2(scars: Scars, own: Geometries, shift: Operation) -> Floats:
    """Measure the ground (m²) of each right for which the raster has values."""
    out = np.zeros(len(own))
    lattice = scars.lattice
    for row, column, rows, columns in scars.filled:
        west, north = lattice.west + column * lattice.side, lattice.north - row * lattice.side
        box = shapely.box(west, north - rows * lattice.side, west + columns * lattice.side, north)
        edge = np.array([shapely.segmentize(box, _SIDE_DEG)], dtype=object)
        edge = shift.geometries(edge)
        shapely.prepare(edge)
        whole = shapely.covers(edge[0], own)
        out[whole] += shapely.area(own[whole])
        part = ~whole & shapely.intersects(edge[0], own)
        out[part] += shapely.area(shapely.intersection(own[part], edge[0]))
    return out


def tell(shown: Shown, years: tuple[int, ...], law: LawAt) -> pd.DataFrame:
    """
    Say of each right what its rasters add up to.

    Returns
    -------
    told
        RangeIndex: `disturbed_ha` (latest raster that shows enough), `first_growth_year`,
        `last_growth_year` (Int64), and `unclear`: a close call, hectares or years left empty.
    """
    enough, least = law.number("activity_min_valid_share"), law.number("activity_growth_min_ha")
    rows = []
    for right in range(len(shown.valid_share)):
        shares = shown.valid_share[right]
        usable = [y for y in range(len(years)) if shares[y] >= enough]
        grown, close = [], bool((np.abs(shares - enough) < _DOUBT_SHARE).any())
        unclear = close
        for y in range(1, len(years)):
            if y not in usable or y - 1 not in usable:
                unclear |= y in usable and any(b in usable for b in range(y - 1))
                continue
            surely = [
                value[right, y] - _DOUBT_HA >= least
                for value in (shown.grown_ha, shown.grown_least_ha)
            ]
            if all(surely):
                grown.append(years[y])
            unclear |= not all(surely) and shown.grown_ha[right, y] + _DOUBT_HA >= least
        rows.append(
            {
                "disturbed_ha": shown.disturbed_ha[right, usable[-1]]
                if usable and not close
                else np.nan,
                "first_growth_year": min(grown) if grown and not unclear else None,
                "last_growth_year": max(grown) if grown and not unclear else None,
                "unclear": unclear,
            }
        )
    out = pd.DataFrame(rows, columns=list(rows[0]) if rows else None)
    return out.astype({"first_growth_year": "Int64", "last_growth_year": "Int64"})


def by_year(rights: pd.DataFrame, shown: Shown, years: tuple[int, ...]) -> pd.DataFrame:
    """Lay out hectares and shown share, a row a right and year: `concession_id`, `year`, …"""
    ids = rights["concession_id"].to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "concession_id": pd.array(np.repeat(ids, len(years)), dtype="str"),
            "year": np.tile(years, len(ids)),
            "disturbed_ha": shown.disturbed_ha.ravel(),
            "valid_share": shown.valid_share.ravel(),
        }
    )


def settings(
    lon: Floats, lat: Floats, relief: Relief, law: LawAt, plan: CrsPlan
) -> npt.NDArray[np.object_]:
    """
    Tell the setting of places (degrees) where no measuring could tell another; None elsewhere.

    The ground must be of one slope all around, clearly gentle, steep or between, its heights known, and
    water clearly near or far.
    """
    slope = _slope_deg(lon, lat, relief)
    water = _water_m(lon, lat, relief, plan)
    near, far = (law.number("alluvial_water_max_m") + d for d in (-_WATER_DOUBT_M, _WATER_DOUBT_M))
    gentle = slope <= law.number("alluvial_slope_max_deg")
    steep = slope >= law.number("hard_rock_slope_min_deg")
    out = np.full(len(lon), None, dtype=object)
    out[steep] = str(Setting.HARD_ROCK)
    out[gentle & (water < near)] = str(Setting.ALLUVIAL)
    between = np.isfinite(slope) & ~gentle & ~steep
    out[between | (gentle & (water > far))] = str(Setting.UNKNOWN)
    return out


def near_water(
    lon: Floats, lat: Floats, relief: Relief, law: LawAt, plan: CrsPlan
) -> npt.NDArray[np.bool_]:
    """Tell which places (degrees) may be so near to water that they may be alluvial."""
    far = law.number("alluvial_water_max_m") + _WATER_DOUBT_M
    found: npt.NDArray[np.bool_] = _water_m(lon, lat, relief, plan) <= far
    return found


def _slope_deg(lon: Floats, lat: Floats, relief: Relief) -> Floats:
    """Give the slope of the formula where it is one all around, and nothing near is left out; else NaN."""
    slope = np.full(len(lon), np.nan)
    starts = np.array([start for start, _ in PROFILE])
    margin = int(np.ceil(_AROUND_M / (relief.lattice.side * _LEAST_M_A_DEGREE))) + 1
    for valley, window in zip(relief.valleys, relief.filled, strict=True):
        away = valley.from_river_m(lon, lat)
        cells = relief.lattice.cells(lon, lat)
        inside = _deep_in(cells, window, margin)
        for hole in relief.holes:
            inside &= ~_deep_in(cells, hole, -margin)
        lower = np.searchsorted(starts, np.maximum(away - _AROUND_M, 0.0), side="right") - 1
        upper = (
            np.searchsorted(starts, np.minimum(away + _AROUND_M, SPACING_M / 2), side="right") - 1
        )
        clear = inside & (lower == upper)
        slope[clear] = np.array([s for _, s in PROFILE])[lower[clear]]
    return slope


def _deep_in(cells: Cells, window: tuple[int, ...], margin: int) -> npt.NDArray[np.bool_]:
    """Tell which cells are so far inside a window; a negative margin reaches beyond it."""
    row, column, rows, columns = window
    away = cells - np.array([row + margin, column + margin])
    inside: npt.NDArray[np.bool_] = np.all(
        (away >= 0) & (away < np.array([rows - 2 * margin, columns - 2 * margin])), axis=1
    )
    return inside


def _water_m(lon: Floats, lat: Floats, relief: Relief, plan: CrsPlan) -> Floats:
    """Measure to the nearest water, in the zone of each place."""
    out = np.full(len(lon), np.inf)
    waters = relief.rivers["geometry"].to_numpy(dtype=object)
    zones = zone_of(lon, plan)
    for z in np.unique(zones):
        rows = np.flatnonzero(zones == z)
        shift = operation(plan.geographic, plan.zones[z].crs, plan)
        x, y = shift.points(lon[rows], lat[rows])
        shapes = shift.geometries(waters)
        lines = shapely.get_type_id(shapes) == _LINE
        some = points(x, y)
        # Piece by piece: a river whole is slow to measure to.
        pieces = np.concatenate([_pieces(shapes[lines]), shapes[~lines]])
        at, distance = shapely.STRtree(pieces).query_nearest(
            some, return_distance=True, all_matches=False
        )
        out[rows[at[0]]] = distance
    return out


def _pieces(lines: Geometries) -> Geometries:
    """Take lines apart into their straight pieces."""
    at, of = shapely.get_coordinates(lines, return_index=True)
    same = of[1:] == of[:-1]
    return np.asarray(shapely.linestrings(np.stack([at[:-1], at[1:]], axis=1)[same]), dtype=object)
