"""A planted cadastre: grid titles of two datums, old titles off it, applications, extinct rights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm.codes import ConcessionStatus
from geoasm.geometry import Geometries, area_ha, operation
from geoasm.model import CrsPlan
from geoasm.simulate.ground import Block, staircase, star
from geoasm.simulate.names import words
from geoasm.simulate.scales import Scale

_KM = 1_000.0
_MARGIN_DEG = 0.02  # rights keep so far inside their block

# Shapes on the grid, as cells; the odd ones are drawn rarely: a hole, two parts.
_PLAIN: Final = [[(i, j) for i in range(w) for j in range(h)] for w, h in
                 ((1, 1), (2, 1), (1, 2), (2, 2), (3, 1), (3, 2), (2, 3), (4, 2), (5, 2), (3, 3))]  # fmt: skip
_ODD: Final = [
    [(0, 0), (1, 0), (0, 1)],
    [(0, 0), (1, 0), (2, 0), (1, 1)],
    [(0, 0), (1, 0), (1, 1), (2, 1)],
    [(i, j) for i in range(3) for j in range(3) if (i, j) != (1, 1)],
    [(0, 0), (2, 0)],
]
_ODD_SHARE = 0.15
_RIGHT_ANGLED_CORNERS, _RIGHT_ANGLED_OFTEN = (4, 6, 8), (0.8, 0.12, 0.08)

# kind: status, share of the rights, first and last day of filing, variant of the status code
_KINDS: Final[dict[str, tuple[ConcessionStatus, float, str, str, int]]] = {
    "modern": (ConcessionStatus.TITLED, 0.36, "2016-06-01", "2023-12-31", 0),
    "legacy": (ConcessionStatus.TITLED, 0.25, "1992-01-01", "2015-12-31", 0),
    "old": (ConcessionStatus.TITLED, 0.12, "1955-01-01", "1991-12-31", 1),
    "pending": (ConcessionStatus.PENDING, 0.18, "2021-01-01", "2025-11-30", 0),
    "other": (ConcessionStatus.OTHER, 0.05, "1985-01-01", "2020-12-31", 0),
    "twin": (ConcessionStatus.TITLED, 0.04, "", "", 0),
    "same_day": (ConcessionStatus.TITLED, 0.015, "", "", 0),
    "no_hour": (ConcessionStatus.TITLED, 0.02, "", "", 0),
    "late_former": (ConcessionStatus.TITLED, 0.015, "", "", 0),
    "refiled": (ConcessionStatus.TITLED, 0.015, "", "", 1),
    "extinct": (ConcessionStatus.EXTINCT, 0.0, "1975-01-01", "2019-12-31", 0),
}
# Titles of other holders over the ground of another kind: kind, and days from its filing to theirs.
# Each leaves one criterion to decide: none, the hour, one hour only, the datum, the origin.
_RIVALS: Final = {
    "twin": ("modern", 0),
    "same_day": ("modern", 0),
    "no_hour": ("modern", 0),
    "late_former": ("modern", 400),
    "refiled": ("old", -400),
}
_OTHER_TYPES = ("quarry", "plant", "tailings", "other")
_BORN_IN_FORMER_DATUM = ("legacy", "old", "late_former", "refiled")
_UNKNOWN_DATUM = 0.1
_ACCUMULATED, _ACCUMULATION_CODE = 0.05, 3  # share of legacy titles; which of the codes for a title
_LARGE_FIRST = 0.6  # large holders come earlier among those who hold many rights
_HOURLESS_DAYS = 7  # one day in so many nobody wrote the hour


def cadastre(
    rng: np.random.Generator,
    laid: tuple[Block, ...],
    holders: pd.DataFrame,
    plan: CrsPlan,
    size: Scale,
    lengths: Sequence[int],
) -> pd.DataFrame:
    """
    Plant every right of a world, as it truly is.

    Parameters
    ----------
    holders
        Parties that may hold rights; a few hold many.
    lengths
        Lengths that codes of rights have in the country.

    Returns
    -------
    rights
        One row a right, RangeIndex: the canonical fields of concessions but for `holder_name`, `kind`,
        `variant` (which of the codes that mean the status), `holder` (row of `holders`), `drawn`
        (metres, in `crs_used`), `geometry` (degrees).
    """
    parts = []
    for i, block in enumerate(laid):
        grown = {k: _count(k, size, i, len(laid)) for k in _KINDS}
        parts.append(_draw_block(rng, block, plan, size, grown))
    rights = pd.concat(parts, ignore_index=True)
    rights = rights.iloc[rng.permutation(len(rights))].reset_index(drop=True)
    rights = _fill(rng, rights, holders, lengths)
    rights["declared_area_ha"] = np.round(area_ha(rights["drawn"].to_numpy(dtype=object)), 4)
    degrees = np.empty(len(rights), dtype=object)
    for crs, rows in rights.groupby("crs_used").indices.items():
        shapes = rights["drawn"].to_numpy(dtype=object)[rows]
        degrees[rows] = operation(str(crs), plan.geographic, plan).geometries(shapes)
    return rights.assign(geometry=degrees)


def _count(kind: str, size: Scale, i: int, n: int) -> int:
    total = size.extinct if kind == "extinct" else round(_KINDS[kind][1] * size.rights)
    return total // n + (i < total % n)


def _draw_block(
    rng: np.random.Generator, block: Block, plan: CrsPlan, size: Scale, grown: dict[str, int]
) -> pd.DataFrame:
    side = np.sqrt(size.block_deg[0] * size.block_deg[1]) * 111_000.0
    spread = side / (4 * np.sqrt(size.centres))
    former = next((z.crs for z in plan.legacy_zones if z.code == block.zone.code), None)
    shapes: dict[str, Geometries] = {}
    for kind in ("modern", "pending"):
        shapes[kind] = _grid(rng, block, grown[kind], spread, block.zone.crs, plan)
    gridded = int(size.extinct_grid_share * grown["extinct"])
    shapes["legacy"] = _grid(rng, block, grown["legacy"], spread, former or block.zone.crs, plan)
    gone = _grid(rng, block, gridded, spread, former or block.zone.crs, plan)
    shapes["extinct"] = np.concatenate(
        [gone, _old(rng, block, grown["extinct"] - gridded, spread, 700.0, size, plan)]
    )
    shapes["old"] = _old(rng, block, grown["old"], spread, 1_100.0, size, plan)
    shapes["other"] = _old(rng, block, grown["other"], spread, 350.0, size, plan)
    frames = []
    for kind, drawn in shapes.items():
        status, _, first, last, variant = _KINDS[kind]
        days = _filing_days(rng, len(drawn), first, last)
        frames.append(
            pd.DataFrame(
                {
                    "kind": kind,
                    "status": str(status),
                    "variant": variant,
                    "filed_on": days,
                    "drawn": list(drawn),
                }
            )
        )
    planted = pd.concat(frames, ignore_index=True)
    found = pd.concat([planted, *_rivals(rng, planted, grown)], ignore_index=True)
    return found.assign(zone=block.zone.code, crs_used=block.zone.crs)


def _rivals(
    rng: np.random.Generator, planted: pd.DataFrame, grown: dict[str, int]
) -> list[pd.DataFrame]:
    """Lay titles of other holders over titles, one each."""
    free = {
        kind: list(rng.permutation(rows)) for kind, rows in planted.groupby("kind").indices.items()
    }
    frames = []
    for kind, (under, days) in _RIVALS.items():
        rows = [free[under].pop() for _ in range(min(grown[kind], len(free.get(under, []))))]
        below = planted.iloc[rows]
        filed_on = below["filed_on"] + np.timedelta64(days, "D")
        frames.append(below.assign(kind=kind, variant=_KINDS[kind][4], filed_on=filed_on))
    return frames


def _filing_days(rng: np.random.Generator, n: int, first: str, last: str) -> pd.Series:
    a, b = np.datetime64(first, "D"), np.datetime64(last, "D")
    days = a + rng.integers(0, int((b - a).astype(int)) + 1, n)
    return pd.Series(days.astype("datetime64[s]"))


def _grid(
    rng: np.random.Generator, block: Block, n: int, spread: float, lattice: str, plan: CrsPlan
) -> Geometries:
    """Draw titles of whole grid cells in one lattice's system; earlier ones keep shared cells."""
    shapes = [*_PLAIN, *_ODD]
    tries = 3 * n + 40
    odd = rng.random(tries) < _ODD_SHARE
    which = np.where(
        odd, rng.integers(len(_PLAIN), len(shapes), tries), rng.integers(0, len(_PLAIN), tries)
    )
    lengths = np.array([len(s) for s in shapes])
    cells = np.concatenate([np.array(shapes[w]) for w in which])
    title = np.repeat(np.arange(tries), lengths[which])
    centres = operation(block.zone.crs, lattice, plan).points(
        block.centres[:, 0], block.centres[:, 1]
    )
    around = np.column_stack(centres)[rng.integers(0, len(block.centres), tries)]
    anchor = np.floor((around + rng.normal(0.0, spread, (tries, 2))) / _KM)
    cells = cells + anchor[title]
    _, first = np.unique(cells, axis=0, return_index=True)
    first = np.sort(first)
    cells, title = cells[first], title[first]
    boxes = np.asarray(shapely.box(*(cells * _KM).T, *((cells + 1) * _KM).T), dtype=object)
    starts = np.flatnonzero(np.diff(title, prepend=-1))
    joined = [shapely.union_all(some) for some in np.split(boxes, starts[1:])]
    drawn: Geometries = np.asarray(shapely.simplify(joined, 0.0), dtype=np.object_)
    drawn = operation(lattice, block.zone.crs, plan).geometries(drawn)
    return drawn[_inside(block, drawn, plan)][:n]


def _old(
    rng: np.random.Generator, block: Block, n: int, spread: float, radius: float, size: Scale,
    plan: CrsPlan,
) -> Geometries:  # fmt: skip
    """Draw titles from before the grid, at any place: irregular ones of 4 to 12 corners, turned staircases."""
    tries = 2 * n + 10
    corners = rng.integers(4, 13, tries)
    around = block.centres[rng.integers(0, len(block.centres), tries)]
    centres = around + rng.normal(0.0, spread, (tries, 2))
    radii = radius * rng.lognormal(0.0, 0.4, tries)
    if size.right_angled_share:
        turned = rng.random(tries) < size.right_angled_share
        square = rng.choice(_RIGHT_ANGLED_CORNERS, tries, p=_RIGHT_ANGLED_OFTEN)
        corners = np.where(turned, -square, corners)
    drawn = np.empty(tries, dtype=object)
    for k in np.unique(corners):
        rows = np.flatnonzero(corners == k)
        draw = staircase if k < 0 else star
        drawn[rows] = draw(rng, centres[rows], radii[rows], abs(int(k)))
    return drawn[_inside(block, drawn, plan)][:n]


def _inside(block: Block, drawn: Geometries, plan: CrsPlan) -> npt.NDArray[np.bool_]:
    middle = shapely.get_coordinates(shapely.centroid(drawn))
    lon, lat = operation(block.zone.crs, plan.geographic, plan).points(middle[:, 0], middle[:, 1])
    inside: npt.NDArray[np.bool_] = (
        (lon > block.west + _MARGIN_DEG)
        & (lon < block.east - _MARGIN_DEG)
        & (lat > block.south + _MARGIN_DEG)
        & (lat < block.north - _MARGIN_DEG)
    )
    return inside


def _fill(
    rng: np.random.Generator, rights: pd.DataFrame, holders: pd.DataFrame, lengths: Sequence[int]
) -> pd.DataFrame:
    n = len(rights)
    weights = 1.0 / (3.0 + np.arange(len(holders)))
    large = holders["large"].to_numpy(dtype=bool)
    by_size = np.argsort(rng.random(len(holders)) * np.where(large, _LARGE_FIRST, 1.0))
    pick = by_size[rng.choice(len(holders), n, p=weights / weights.sum())]
    day = rights["filed_on"].to_numpy().astype("datetime64[D]").astype(int)
    other = rights["status"] == ConcessionStatus.OTHER
    kinds = rng.choice(_OTHER_TYPES, n)
    gone = rights["status"] == ConcessionStatus.EXTINCT
    free = gone & (rng.random(n) < 0.6)
    born = rights["kind"].isin(_BORN_IN_FORMER_DATUM) | gone
    datum = np.where(born, "psad56", "wgs84")
    joined = (rights["kind"] == "legacy") & (rng.random(n) < _ACCUMULATED)
    origin = rights["kind"].map(
        {"old": "old_claim", "refiled": "refiled_claim", "other": "unknown"}
    )
    labels = np.array(words(rng, max(40, n // 12)))
    free_on = _filing_days(rng, n, "2015-01-01", "2025-06-30")
    return rights.assign(
        concession_id=_codes(rng, rights, lengths),
        name=[
            f"{w} {k}" for w, k in zip(rng.choice(labels, n), rng.integers(1, 60, n), strict=True)
        ],
        holder=pick,
        filed_hour=pd.array(
            [_hour(d, k) for d, k in zip(day, rights["kind"], strict=True)], dtype="str"
        ),
        free_on=free_on.where(free),
        datum=np.where(rng.random(n) < _UNKNOWN_DATUM, "unknown", datum),
        origin=origin.fillna("claim").mask(joined, "accumulation"),
        substance=np.where(rng.random(n) < 0.85, "metallic", "non_metallic"),
        right_type=np.where(other, kinds, "mining"),
        variant=np.where(
            gone,
            rng.integers(0, 7, n),
            rights["variant"].mask(joined, _ACCUMULATION_CODE),
        ),
    )


def _hour(day: int, kind: str) -> str | None:
    """Give all rights filed on one day one hour, but for those that are to have another, or none."""
    hour, minute = 8 + day % 9, day * 7 % 60
    if kind == "same_day":
        return f"{hour + (1 if day % 2 else -1):02d}{minute:02d}"
    if kind == "no_hour" or day % _HOURLESS_DAYS == 0:
        return None
    return f"{hour:02d}:{minute:02d}"


def _codes(rng: np.random.Generator, rights: pd.DataFrame, lengths: Sequence[int]) -> list[str]:
    """Give unique codes: office, number and year; a letter and a part number in the long old form."""
    short, long = min(lengths, default=9), max(lengths, default=9)
    office = rng.integers(1, 16, len(rights))
    year = rights["filed_on"].dt.year.to_numpy() % 100
    series = pd.DataFrame({"office": office, "year": year})
    number = series.groupby(["office", "year"]).cumcount().to_numpy()
    number = number * 37 + 101
    old = (rights["kind"] == "old").to_numpy() & (long > short)
    digits = np.where(old, long - 7, short - 4)
    rows = zip(office, number % 10**digits, year, old, digits, strict=True)
    return [f"{o:02d}{k:0{d}d}{y:02d}" + ("X01" if x else "") for o, k, y, x, d in rows]
