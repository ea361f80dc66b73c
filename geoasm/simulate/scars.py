"""Disturbed ground as yearly rasters show it: scars that grow, stay or begin, and clouds over them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm.codes import ConcessionStatus, Role
from geoasm.geometry import Floats, operation
from geoasm.law import LawAt
from geoasm.model import CrsPlan, Window
from geoasm.simulate.raster import Bounds, Cells, Lattice, Raster, lattice_over, overlap

SIDE_DEG = 0.001
NODATA = 255
YEARS_AGO: Final = (6, 3, 1)  # before the year of the study: the years that have a raster
# Reach of a scar in pixels, year by year.
GROWING, STABLE, BEGUN = (1.0, 1.8, 2.6), (1.8, 1.8, 1.8), (0.0, 0.0, 1.5)
GROWN, SHRUNK = (1.0, 2.2, 2.2), (2.2, 1.5, 1.0)
_KINDS: Final = (GROWING, STABLE, BEGUN, GROWN, SHRUNK)
_SCAR_SHARE, _EDGE_SHARE = 0.05, 0.03  # of the titles: with a scar inside, with one over a corner
# Of the titles with penalties: kept clear of registrations, for each kind of scar.
_LONELY_SHARE, _LONELY = 0.008, 3
_CLOUDS = 0.04  # of the titles
_CLOUD_PIXELS = (3, 14)


@dataclass(frozen=True)
class Scars:
    """
    Scars and clouds on a lattice.

    `places` are the pixels in the middle of each scar, `reach` its radius in pixels by year; `clouds`
    hide rectangles of one year each (position of the year, and a window).
    """

    lattice: Lattice
    filled: tuple[Window, ...]
    years: tuple[int, ...]
    places: Cells
    reach: Floats
    clouds: tuple[tuple[int, Window], ...] = field(default=())

    @cached_property
    def disturbed(self) -> tuple[Cells, ...]:
        """Give the pixels of each year that scars cover, whether a cloud hides them or not; sorted."""
        out = []
        for radius in self.reach.T:
            found = [np.empty((0, 2), dtype=np.int64)]
            for r in np.unique(radius[radius > 0]):
                span = np.arange(-int(r), int(r) + 1)
                near = np.array([(i, j) for i in span for j in span if i * i + j * j <= r * r])
                found.append((self.places[radius == r][:, None, :] + near).reshape(-1, 2))
            out.append(np.unique(np.concatenate(found), axis=0))
        return tuple(out)

    def hidden(self, year: int) -> Cells:
        """Give the pixels that clouds hide in a year (its position)."""
        cells = [np.empty((0, 2), dtype=np.int64)]
        for at, (row, column, rows, columns) in self.clouds:
            if at == year:
                inside = np.indices((rows, columns)).reshape(2, -1).T
                cells.append(inside + np.array([row, column]))
        return np.unique(np.concatenate(cells), axis=0)

    def rasters(self) -> tuple[Raster, ...]:
        """Give a raster for each year."""
        return tuple(
            Raster(
                Role.ACTIVITY,
                self.lattice,
                "uint8",
                NODATA,
                self.filled,
                _Reader(self, at),
                year,
            )
            for at, year in enumerate(self.years)
        )


@dataclass(frozen=True)
class _Reader:
    scars: Scars
    year: int

    def __call__(self, window: Window) -> npt.NDArray[np.uint8]:
        row, column, rows, columns = window
        out = np.full((rows, columns), NODATA, dtype=np.uint8)
        for some in self.scars.filled:
            _paint(out, window, some, 0)
        cells = self.scars.disturbed[self.year] - (row, column)
        inside = ((cells >= 0) & (cells < (rows, columns))).all(axis=1)
        r, c = cells[inside].T
        out[r, c] = np.where(out[r, c] == NODATA, NODATA, 1)
        for at, cloud in self.scars.clouds:
            if at == self.year:
                _paint(out, window, cloud, NODATA)
        return out


def _paint(out: npt.NDArray[np.uint8], window: Window, some: Window, value: int) -> None:
    shared = overlap(window, some)
    if shared is not None:
        top, left = shared[0] - window[0], shared[1] - window[1]
        out[top : top + shared[2], left : left + shared[3]] = value


def empty(bounds: list[Bounds], law: LawAt) -> Scars:
    """Lay rasters of undisturbed ground over bounds (degrees)."""
    lattice = lattice_over(bounds, SIDE_DEG)
    return Scars(
        lattice,
        tuple(lattice.window(b) for b in bounds),
        tuple(law.on.year - ago for ago in YEARS_AGO),
        np.empty((0, 2), dtype=np.int64),
        np.empty((0, len(YEARS_AGO))),
    )


def set_apart(
    rng: np.random.Generator, rights: pd.DataFrame, idle: frozenset[str]
) -> dict[int, tuple[float, ...]]:
    """
    Choose titles with penalties, on or near which nobody is to register, for a scar of each kind.

    Returns
    -------
    kinds
        Row of each right, and the reach of its scar year by year.
    """
    titled = rights["status"] == ConcessionStatus.TITLED
    rows = rng.permutation(np.flatnonzero(titled & rights["concession_id"].isin(idle)))
    each = max(_LONELY, round(_LONELY_SHARE * len(rows)))
    kinds = (BEGUN, GROWN, STABLE)
    return {int(row): kinds[k % len(kinds)] for k, row in enumerate(rows[: each * len(kinds)])}


def plant(
    rng: np.random.Generator,
    scars: Scars,
    rights: pd.DataFrame,
    apart: dict[int, tuple[float, ...]],
    idle: frozenset[str],
    plan: CrsPlan,
) -> Scars:
    """
    Plant scars of every kind on titles: inside and over corners; and clouds, over some scars as well.

    Titles with penalties get none but those set apart: whether somebody is registered on them is not
    known yet.
    """
    titled = rights["status"] == ConcessionStatus.TITLED
    free = np.flatnonzero(titled & ~rights["concession_id"].isin(idle))
    free = rng.permutation(free)
    inside, edge = (max(len(_KINDS), round(s * len(free))) for s in (_SCAR_SHARE, _EDGE_SHARE))
    rows = np.concatenate([free[:inside], list(apart), free[inside : inside + edge]]).astype(int)
    reach: list[tuple[float, ...]] = [_KINDS[k % len(_KINDS)] for k in range(len(rows))]
    reach[inside : inside + len(apart)] = list(apart.values())
    drawn = rights["drawn"].to_numpy(dtype=object)[rows]
    middle = shapely.get_coordinates(shapely.point_on_surface(drawn))
    corners, of = shapely.get_coordinates(drawn, return_index=True)
    first = np.searchsorted(of, np.arange(len(rows)))
    over = np.arange(len(rows)) >= inside + len(apart)
    at = np.where(over[:, None], corners[first], middle)
    places = _cells(at, rights["crs_used"].to_numpy(dtype=object)[rows], scars.lattice, plan)
    planted = Scars(scars.lattice, scars.filled, scars.years, places, np.array(reach))
    return _under_clouds(rng, planted, round(_CLOUDS * len(free)) + 8)


def _cells(at: Floats, systems: npt.NDArray[np.object_], lattice: Lattice, plan: CrsPlan) -> Cells:
    out = np.empty((len(at), 2), dtype=np.int64)
    for crs in sorted(set(systems)):
        rows = np.flatnonzero(systems == crs)
        lon, lat = operation(str(crs), plan.geographic, plan).points(at[rows, 0], at[rows, 1])
        out[rows] = lattice.cells(lon, lat)
    return out


def _under_clouds(rng: np.random.Generator, scars: Scars, n: int) -> Scars:
    """Hide rectangles, every other one near a scar."""
    clouds = []
    for k in range(n):
        rows, columns = (int(v) for v in rng.integers(*_CLOUD_PIXELS, 2))
        window = scars.filled[k % len(scars.filled)]
        if k % 2 and len(scars.places):
            row, column = scars.places[int(rng.integers(0, len(scars.places)))] - (
                rows,
                columns // 2,
            )
        else:
            row = window[0] + int(rng.integers(0, max(1, window[2] - rows)))
            column = window[1] + int(rng.integers(0, max(1, window[3] - columns)))
        clouds.append(
            (int(rng.integers(0, len(scars.years))), (int(row), int(column), rows, columns))
        )
    return Scars(scars.lattice, scars.filled, scars.years, scars.places, scars.reach, tuple(clouds))


def add(scars: Scars, lon: Floats, lat: Floats, reach: tuple[float, ...]) -> Scars:
    """Add scars of one kind at places (degrees)."""
    places = scars.lattice.cells(lon, lat)
    return Scars(
        scars.lattice,
        scars.filled,
        scars.years,
        np.concatenate([scars.places, places]),
        np.concatenate([scars.reach, np.tile(reach, (len(places), 1))]),
        scars.clouds,
    )
