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


@dataclass(frozen=True)
class Shown:
    """
    What rasters show of rights, rights × years.

    `known` is false where it is a close call whether enough of a right is shown.
    """

    disturbed_ha: Floats  # on ground that the raster shows
    valid_share: Floats
    grown_ha: Floats  # since the year before, on ground that both rasters show; from the second year on
    grown_most_ha: Floats  # by the hectares of the two years alone
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
    in_ha = [a / _M2_PER_HA for a in (disturbed, grown, more, more - newly)]
    return Shown(in_ha[0], share, *in_ha[1:])


def _without(cells: Cells, others: Cells) -> Cells:
    taken = set(map(tuple, others.tolist()))
    kept = [cell not in taken for cell in map(tuple, cells.tolist())]
    return cells[np.array(kept, dtype=bool)]


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
    return np.bincount(right, parts, minlength=len(own))


def _filled_m2(scars: Scars, own: Geometries, shift: Operation) -> Floats:
    """Measure the ground (m²) of each right for which the raster has values."""
    out = np.zeros(len(own))
    lattice = scars.lattice
    for row, column, rows, columns in scars.filled:
        west, north = lattice.west + column * lattice.side, lattice.north - row * lattice.side
        box = shapely.box(west, north - rows * lattice.side, west + columns * lattice.side, north)
        edge = np.array([shapely.segmentize(box, _SIDE_DEG)], dtype=object)
        near = shapely.intersects(shapely.envelope(own), shift.geometries(edge)[0])
        inside = shapely.intersection(own[near], shift.geometries(edge)[0])
        out[near] += shapely.area(inside)
    return out


def tell(shown: Shown, years: tuple[int, ...], law: LawAt) -> pd.DataFrame:
    """
    Say of each right what its rasters add up to.

    Returns
    -------
    told
        RangeIndex: `disturbed_ha` (latest raster that shows enough), `first_growth_year`,
        `last_growth_year` (Int64), and `growth_unclear`: a close call, years left empty.
    """
    enough, least = law.number("activity_min_valid_share"), law.number("activity_growth_min_ha")
    rows = []
    for right in range(len(shown.valid_share)):
        shares = shown.valid_share[right]
        usable = [y for y in range(len(years)) if shares[y] >= enough]
        grown, unclear = [], bool((np.abs(shares - enough) < _DOUBT_SHARE).any())
        for y in range(1, len(years)):
            if y not in usable or y - 1 not in usable:
                unclear |= y in usable and any(b in usable for b in range(y - 1))
                continue
            told = {
                bool(value[right, y] >= least + doubt)
                for value in (shown.grown_ha, shown.grown_most_ha, shown.grown_least_ha)
                for doubt in (-_DOUBT_HA, _DOUBT_HA)
            }
            unclear |= len(told) > 1
            if told == {True}:
                grown.append(years[y])
        rows.append(
            {
                "disturbed_ha": shown.disturbed_ha[right, usable[-1]] if usable else np.nan,
                "first_growth_year": min(grown) if grown and not unclear else None,
                "last_growth_year": max(grown) if grown and not unclear else None,
                "growth_unclear": unclear,
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


def _slope_deg(lon: Floats, lat: Floats, relief: Relief) -> Floats:
    """Give the slope of the formula where it is one all around, and nothing near is left out; else NaN."""
    slope = np.full(len(lon), np.nan)
    starts = np.array([start for start, _ in PROFILE])
    for valley, window in zip(relief.valleys, relief.filled, strict=True):
        away = valley.from_river_m(lon, lat)
        cells = relief.lattice.cells(lon, lat)
        inside = _deep_in(cells, window, relief.lattice.side)
        for hole in relief.holes:
            inside &= ~_near(cells, hole, relief.lattice.side)
        lower = np.searchsorted(starts, np.maximum(away - _AROUND_M, 0.0), side="right") - 1
        upper = np.searchsorted(starts, np.minimum(away + _AROUND_M, SPACING_M / 2), side="right") - 1
        clear = inside & (lower == upper)
        slope[clear] = np.array([s for _, s in PROFILE])[lower[clear]]
    return slope


def _deep_in(cells: Cells, window: tuple[int, ...], side_deg: float) -> npt.NDArray[np.bool_]:
    margin = int(np.ceil(_AROUND_M / (side_deg * 100_000))) + 1
    row, column, rows, columns = window
    away = cells - (row + margin, column + margin)
    return ((away >= 0) & (away < (rows - 2 * margin, columns - 2 * margin))).all(axis=1)


def _near(cells: Cells, window: tuple[int, ...], side_deg: float) -> npt.NDArray[np.bool_]:
    margin = int(np.ceil(_AROUND_M / (side_deg * 100_000))) + 1
    row, column, rows, columns = window
    away = cells - (row - margin, column - margin)
    return ((away >= 0) & (away < (rows + 2 * margin, columns + 2 * margin))).all(axis=1)


def _water_m(lon: Floats, lat: Floats, relief: Relief, plan: CrsPlan) -> Floats:
    """Measure to the nearest water, in the zone of each place."""
    out = np.full(len(lon), np.inf)
    waters = relief.rivers["geometry"].to_numpy(dtype=object)
    zones = zone_of(lon, plan)
    for z in np.unique(zones):
        rows = np.flatnonzero(zones == z)
        shift = operation(plan.geographic, plan.zones[z].crs, plan)
        x, y = shift.points(lon[rows], lat[rows])
        tree = shapely.STRtree(shift.geometries(waters))
        at, distance = tree.query_nearest(points(x, y), return_distance=True, all_matches=False)
        out[rows[at[0]]] = distance
    return out
