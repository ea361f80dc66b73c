"""The ground of a simulated world: blocks, admin regions, mining centres, areas with rules of their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from geoasm.codes import ClosureLevel, Role
from geoasm.errors import OptionError
from geoasm.geometry import Floats, Geometries, operation
from geoasm.law import LawAt
from geoasm.model import CrsPlan, Zone
from geoasm.simulate.names import words
from geoasm.simulate.scales import Scale

_DEGREE_M = 111_000.0  # roughly, to size things
_CORRIDOR_SHARE = 0.75  # of the width of the corridor's region


@dataclass(frozen=True)
class Block:
    """The ground of one zone: its bounds (degrees) and its mining centres (metres in the zone)."""

    zone: Zone
    west: float
    south: float
    east: float
    north: float
    centres: Floats  # n × 2


def blocks(rng: np.random.Generator, plan: CrsPlan, size: Scale) -> tuple[Block, ...]:
    """
    Lay one block into each zone of the country, along the diagonal of its bounds.

    Raises
    ------
    OptionError
        The country draws its rights in degrees, not in UTM zones.
    """
    if plan.drawn_in != "zone":
        raise OptionError("--profile: simulate draws rights in UTM zones; this country has none")
    west, south, east, north = plan.bounds
    found = []
    for zone in plan.zones:
        left, right = max(zone.west, west) + 0.15, min(zone.east, east) - 0.15
        width = min(size.block_deg[0], right - left)
        height = min(size.block_deg[1], north - south - 0.4)
        lon = left + 0.6 * (right - left)
        lon = min(max(lon, left + width / 2), right - width / 2)
        lat = north - (0.06 + 0.78 * (lon - west) / (east - west)) * (north - south)
        lat = min(max(lat, south + height / 2 + 0.2), north - height / 2 - 0.2)
        bounds = (lon - width / 2, lat - height / 2, lon + width / 2, lat + height / 2)
        found.append(Block(zone, *bounds, _centres(rng, bounds, zone, plan, size.centres)))
    return tuple(found)


def _centres(
    rng: np.random.Generator,
    bounds: tuple[float, float, float, float],
    zone: Zone,
    plan: CrsPlan,
    n: int,
) -> Floats:
    west, south, east, north = bounds
    lon = west + (east - west) * rng.uniform(0.22, 0.78, n)
    lat = south + (north - south) * rng.uniform(0.22, 0.78, n)
    x, y = operation(plan.geographic, zone.crs, plan).points(lon, lat)
    return np.column_stack([x, y])


def admin(
    rng: np.random.Generator, laid: tuple[Block, ...], size: Scale, law: LawAt
) -> pd.DataFrame:
    """
    Tile every block with districts, provinces and regions; neighbours share their vertices.

    Returns
    -------
    admin
        `admin_1`, `admin_2`, `admin_3`, `geometry` (degrees), RangeIndex. The last region has the
        name of the law's corridor region, where the law has one.
    """
    nx, ny = size.lattice
    parts = []
    for block in laid:
        lon, lat = np.meshgrid(
            np.linspace(block.west, block.east, nx + 1),
            np.linspace(block.south, block.north, ny + 1),
        )
        inner = (slice(1, -1), slice(1, -1))
        lon[inner] += rng.uniform(-0.2, 0.2, lon[inner].shape) * (block.east - block.west) / nx
        lat[inner] += rng.uniform(-0.2, 0.2, lat[inner].shape) * (block.north - block.south) / ny
        nodes = np.round(np.stack([lon, lat], axis=-1), 6)
        ring = [nodes[:-1, :-1], nodes[:-1, 1:], nodes[1:, 1:], nodes[1:, :-1]]
        column, row = np.meshgrid(np.arange(nx), np.arange(ny))
        region, province = (
            (column // step[0]) + (row // step[1]) * (-(-nx // step[0]))
            for step in (size.region, size.province)
        )
        cells = {"region": region.ravel(), "province": province.ravel()}
        rings = np.stack(ring, axis=2).reshape(nx * ny, 4, 2)
        parts.append(
            pd.DataFrame(cells).assign(zone=block.zone.code, geometry=shapely.polygons(rings))
        )
    tiles = pd.concat(parts, ignore_index=True)
    levels = [["zone", "region"], ["zone", "region", "province"]]
    one, two = (tiles.groupby(keys, sort=False).ngroup() for keys in levels)
    names = np.array(words(rng, one.nunique() + two.nunique() + len(tiles)))
    first = names[one.to_numpy()]
    corridor = law.parameters.get("corridor_region")
    if isinstance(corridor, str):
        first = np.where(one == one.max(), corridor, first)
    second = names[one.nunique() + two.to_numpy()]
    third = names[one.nunique() + two.nunique() :]
    return pd.DataFrame(
        {"admin_1": first, "admin_2": second, "admin_3": third, "geometry": tiles["geometry"]}
    )


def star(rng: np.random.Generator, centres: Floats, radii: Floats, corners: int) -> Geometries:
    """Draw simple irregular polygons of so many corners round centres; units of the centres."""
    n = len(centres)
    turn = rng.uniform(-0.3, 0.3, (n, corners)) + np.arange(corners)
    angle = 2 * np.pi * turn / corners
    reach = radii[:, None] * rng.uniform(0.6, 1.0, (n, corners))
    ring = np.stack([np.cos(angle) * reach, np.sin(angle) * reach], axis=-1) + centres[:, None, :]
    return np.asarray(shapely.polygons(np.round(ring, 2)), dtype=object)


def staircase(rng: np.random.Generator, centres: Floats, radii: Floats, corners: int) -> Geometries:
    """Draw turned right-angled polygons of 4, 6 or 8 corners round centres; units of the centres."""
    n, steps = len(centres), corners // 2 - 1
    x = np.cumsum(rng.uniform(0.4, 1.0, (n, steps)), axis=1)
    y = np.cumsum(rng.uniform(0.4, 1.0, (n, steps)), axis=1)
    ring = np.zeros((n, corners, 2))
    ring[:, 1, 0] = x[:, -1]
    # Back along the stairs: up, then left, once for each step.
    for i in range(steps):
        ring[:, 2 + 2 * i, 0] = x[:, steps - 1 - i]
        ring[:, 3 + 2 * i, 0] = x[:, steps - 2 - i] if i + 1 < steps else 0.0
        ring[:, 2 + 2 * i, 1] = ring[:, 3 + 2 * i, 1] = y[:, i]
    ring = (ring - np.stack([x[:, -1], y[:, -1]], axis=1)[:, None, :] / 2) * radii[:, None, None]
    angle = rng.uniform(0.0, np.pi / 2, n)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    placed = np.einsum("ijn,nkj->nki", turn, ring) + centres[:, None, :]
    return np.asarray(shapely.polygons(np.round(placed, 2)), dtype=object)


def areas(
    rng: np.random.Generator,
    laid: tuple[Block, ...],
    tiles: pd.DataFrame,
    law: LawAt,
    plan: CrsPlan,
    size: Scale,
) -> dict[Role, pd.DataFrame]:
    """
    Draw the areas that have rules of their own: one frame a role, `geometry` in degrees.

    Protected areas come in every type of the law's levels, closed ones and open ones in each block.
    """
    out: dict[Role, pd.DataFrame] = {}
    out[Role.PROTECTED_AREAS] = _protected(rng, laid, law, plan, size)
    shape = out[Role.PROTECTED_AREAS]["geometry"].to_numpy(dtype=object)
    if len(shape):
        reach = float(np.sqrt(np.median(shapely.area(shape)))) / 4
        ring = shapely.difference(shapely.buffer(shape, reach, quad_segs=2), shape)
        out[Role.BUFFER_ZONES] = out[Role.PROTECTED_AREAS].assign(geometry=_tidy(ring))
    out[Role.ASM_ZONES] = _asm_zones(rng, laid, plan, size)
    corridor = law.parameters.get("corridor_region")
    inside = tiles.loc[tiles["admin_1"] == corridor, "geometry"]
    if len(inside):
        region = shapely.union_all(inside.to_numpy(dtype=object))
        west, south, east, north = shapely.bounds(region)
        strip = shapely.box(west - 1, south - 1, west + _CORRIDOR_SHARE * (east - west), north + 1)
        kept = _tidy(np.array([shapely.intersection(region, strip)], dtype=object))
        out[Role.MINING_CORRIDOR] = pd.DataFrame({"name": ["CORREDOR"], "geometry": list(kept)})
    return {role: frame.reset_index(drop=True) for role, frame in out.items() if len(frame)}


def _tidy(geometries: Geometries) -> Geometries:
    rounded: Geometries = shapely.set_precision(geometries, 1e-6)
    return rounded


def _drawn_round(
    rng: np.random.Generator, block: Block, plan: CrsPlan, n: int, radius_m: float, away_m: float
) -> Geometries:
    """Draw stars near the block's centres, given in degrees."""
    pick = block.centres[np.arange(n) % len(block.centres)]
    angle = rng.uniform(0, 2 * np.pi, n)
    centres = pick + away_m * np.column_stack([np.cos(angle), np.sin(angle)])
    shapes = star(rng, centres, np.full(n, radius_m), 9)
    return _tidy(operation(block.zone.crs, plan.geographic, plan).geometries(shapes))


def _protected(
    rng: np.random.Generator, laid: tuple[Block, ...], law: LawAt, plan: CrsPlan, size: Scale
) -> pd.DataFrame:
    levels = [a for a in law.area_levels if a.role is Role.PROTECTED_AREAS and a.types]
    hard = [a for a in levels if a.level is ClosureLevel.HARD]
    other = [a for a in levels if a.level is not ClosureLevel.HARD]
    if not levels:
        return pd.DataFrame({"geometry": []})
    n = max(1, round(size.centres / 6))
    side_m = min(size.block_deg) * _DEGREE_M
    parts = []
    for i, block in enumerate(laid):
        kinds = [pool[(i * n + k) % len(pool)] for pool in (hard, other) if pool for k in range(n)]
        radius = side_m / (9 * np.sqrt(n))
        shapes = _drawn_round(rng, block, plan, len(kinds), radius, 0.8 * radius + 2_000)
        parts.append(
            pd.DataFrame({"area_type": [k.types[0] for k in kinds], "geometry": list(shapes)})
        )
    found = pd.concat(parts, ignore_index=True)
    found["name"] = words(rng, len(found))
    found["area_code"] = [f"AP{i + 1:03d}" for i in range(len(found))]
    found["established_on"] = _days(rng, len(found), "1975-01-01", "2015-12-31")
    return found


def _asm_zones(
    rng: np.random.Generator, laid: tuple[Block, ...], plan: CrsPlan, size: Scale
) -> pd.DataFrame:
    n = max(1, size.centres // 3)
    side_m = min(size.block_deg) * _DEGREE_M
    radius = side_m / (9 * np.sqrt(n))
    shapes = [_drawn_round(rng, b, plan, n, radius, 1.5 * radius) for b in laid]
    found = pd.DataFrame({"geometry": list(np.concatenate(shapes))})
    found["name"] = words(rng, len(found))
    found["area_code"] = [f"ZM{i + 1:03d}" for i in range(len(found))]
    found["established_on"] = _days(rng, len(found), "2005-01-01", "2020-12-31")
    return found


def _days(rng: np.random.Generator, n: int, first: str, last: str) -> pd.Series:
    a, b = np.datetime64(first, "D"), np.datetime64(last, "D")
    span = int((b - a).astype(int))
    return pd.Series((a + rng.integers(0, span + 1, n)).astype("datetime64[s]"))
