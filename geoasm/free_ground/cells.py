"""Cells of the grid of claims: those around points, those that hold points, those that share edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm import geometry
from geoasm.geometry import Floats, Geometries
from geoasm.model import ClaimGrid, CrsPlan
from geoasm.planar import group
from geoasm.schema import OUTPUT_CRS

Keys = npt.NDArray[np.int64]
Positions = npt.NDArray[np.intp]

_SPAN = 1 << 20  # more cells than a zone has in a row
_ROUNDED_M = 1e-3  # a point typed on a vertex stands on it, though degrees are not exact
_KM = 1000.0


@dataclass(frozen=True)
class Around:
    """
    Whole cells around points, and how far they are.

    `cells` has `zone` (number in the plan), `key`, `west_m`, `south_m`, and `square` in the zone's
    metres, in the order of `key`. `reached` has one row for each cluster and cell within its ring:
    `cluster_id`, `cell` (position in `cells`), `distance_m` from the nearest of its points.
    """

    cells: pd.DataFrame
    reached: pd.DataFrame


def cells_around(points: pd.DataFrame, grid: ClaimGrid, plan: CrsPlan) -> Around:
    """
    Find the cells within the ring around each point, in every zone that is near enough.

    A cell counts in the zone in whose meridians it lies whole; one that a meridian cuts is no whole
    cell of either zone's grid.

    Parameters
    ----------
    points
        `cluster_id`, `longitude`, `latitude` (degrees).
    """
    parts = [_reach(points, number, grid, plan) for number in range(len(plan.zones))]
    reached = pd.concat(parts, ignore_index=True)
    reached = reached.groupby(["key", "cluster_id"], as_index=False)["distance_m"].min()
    keys, at = np.unique(reached["key"].to_numpy(dtype=np.int64), return_inverse=True)
    cells = _lay_out(keys, grid)
    whole = _is_whole(cells, plan)
    place = np.cumsum(whole) - 1
    reached["cell"] = place[at]
    kept = reached[whole[at]].reset_index(drop=True)
    return Around(cells[whole].reset_index(drop=True), kept[["cluster_id", "cell", "distance_m"]])


def _reach(points: pd.DataFrame, number: int, grid: ClaimGrid, plan: CrsPlan) -> pd.DataFrame:
    """Give every cell of a zone's grid within the ring of each point: key, cluster, distance."""
    zone, ring = plan.zones[number], grid.ring_cells
    longitude, latitude = points["longitude"].to_numpy(), points["latitude"].to_numpy()
    metres = (ring + 2) * grid.cell_m
    margin = metres / (geometry.M_PER_DEGREE * np.cos(np.radians(latitude)))
    near = (longitude > zone.west - margin) & (longitude < zone.east + margin)
    x, y = geometry.operation(OUTPUT_CRS, zone.crs, plan).points(longitude[near], latitude[near])
    column, row = _column_row(x, y, grid)
    steps = np.arange(-ring, ring + 1)
    across, up = (s.ravel() for s in np.meshgrid(steps, steps))
    columns, rows = column[:, None] + across, row[:, None] + up
    west, south = _corner(columns, 0, grid), _corner(rows, 1, grid)
    dx = np.maximum(np.maximum(west - x[:, None], x[:, None] - west - grid.cell_m), 0.0)
    dy = np.maximum(np.maximum(south - y[:, None], y[:, None] - south - grid.cell_m), 0.0)
    return pd.DataFrame(
        {
            "key": _key(number, columns, rows).ravel(),
            "cluster_id": np.repeat(points["cluster_id"].to_numpy()[near], columns.shape[1]),
            "distance_m": np.hypot(dx, dy).ravel(),
        }
    )


def keys_of(
    longitude: Floats, latitude: Floats, zones: Positions, grid: ClaimGrid, plan: CrsPlan
) -> Keys:
    """
    Give the key of the cell that holds each point, in the zones named (numbers in the plan).

    A point on an edge belongs to the cell east or north of it, so that it counts once.
    """
    keys = np.full(len(longitude), -1, dtype=np.int64)
    for number in np.unique(zones):
        at = zones == number
        move = geometry.operation(OUTPUT_CRS, plan.zones[number].crs, plan)
        x, y = move.points(longitude[at], latitude[at])
        keys[at] = _key(int(number), *_column_row(x, y, grid))
    return keys


def find_blocks(owner: Positions, key: Keys) -> Positions:
    """
    Number the blocks of cells that share edges, each owner's cells by themselves.

    Parameters
    ----------
    owner, key
        Of each cell of each owner, no pair twice.

    Returns
    -------
    block
        The same number for cells of one block.
    """
    order = np.lexsort((key, owner))
    place = pd.Series(order, index=pd.MultiIndex.from_arrays([owner[order], key[order]]))
    firsts, seconds = [], []
    for step in (_SPAN, 1):  # the neighbour to the east, to the north
        beside = place.reindex(pd.MultiIndex.from_arrays([owner, key + step])).to_numpy(dtype=float)
        there = np.flatnonzero(~np.isnan(beside))
        firsts.append(there)
        seconds.append(beside[there].astype(np.intp))
    return group(len(key), np.concatenate(firsts), np.concatenate(seconds))


def name_cells(cells: pd.DataFrame, plan: CrsPlan) -> pd.Series:
    """Name cells by zone and kilometres east and north of their south-western corner."""
    zone = cells["zone"].map({i: z.code for i, z in enumerate(plan.zones)}).astype("str")
    east, north = ((cells[c] / _KM).map("{:g}".format).astype("str") for c in ("west_m", "south_m"))
    return (zone + "-" + east + "-" + north).astype("str")


def squares_in_degrees(cells: pd.DataFrame, plan: CrsPlan) -> Geometries:
    """Give the squares of cells in EPSG:4326."""
    out = np.empty(len(cells), dtype=object)
    for number, rows in cells.groupby("zone").indices.items():
        move = geometry.operation(plan.zones[number].crs, OUTPUT_CRS, plan)
        out[rows] = move.geometries(cells["square"].to_numpy(dtype=object)[rows])
    return out


def _column_row(x: Floats, y: Floats, grid: ClaimGrid) -> tuple[Keys, Keys]:
    east, north = grid.origin_m
    pair = ((np.round((v - o) / _ROUNDED_M) * _ROUNDED_M) for v, o in ((x, east), (y, north)))
    column, row = (np.floor(v / grid.cell_m).astype(np.int64) for v in pair)
    return column, row


def _corner(number: Keys, axis: int, grid: ClaimGrid) -> Floats:
    return np.asarray(grid.origin_m[axis] + number * grid.cell_m, dtype=float)


def _key(zone: int, column: Keys, row: Keys) -> Keys:
    half = _SPAN // 2
    return np.asarray((zone * _SPAN + column + half) * _SPAN + row + half, dtype=np.int64)


def _lay_out(keys: Keys, grid: ClaimGrid) -> pd.DataFrame:
    half = _SPAN // 2
    rest, row = np.divmod(keys, _SPAN)
    zone, column = np.divmod(rest, _SPAN)
    west, south = _corner(column - half, 0, grid), _corner(row - half, 1, grid)
    cells = pd.DataFrame({"zone": zone, "key": keys, "west_m": west, "south_m": south})
    cells["square"] = shapely.box(west, south, west + grid.cell_m, south + grid.cell_m)
    return cells


def _is_whole(cells: pd.DataFrame, plan: CrsPlan) -> npt.NDArray[np.bool_]:
    """Tell which cells lie whole between the meridians of their zone."""
    if cells.empty:
        return np.zeros(0, dtype=bool)
    west, _, east, _ = shapely.bounds(squares_in_degrees(cells, plan)).T
    zone = cells["zone"].to_numpy()
    low = np.array([z.west for z in plan.zones])[zone]
    high = np.array([z.east for z in plan.zones])[zone]
    inside: npt.NDArray[np.bool_] = (west >= low) & (east <= high)
    return inside
