"""Disturbed ground of rights, year by year, as activity rasters show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm import geometry, issues, raster_legends
from geoasm.codes import Action, Problem, Role
from geoasm.errors import InputError
from geoasm.geometry import Floats, Geometries
from geoasm.law import LawAt
from geoasm.model import CrsPlan, Grid, Legend, Window
from geoasm.zonal import Outlines

Bools = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]

_SAME_PLACE = 1e-3  # of a pixel: grids whose corners differ by less are one
_WHOLE = 1e-9  # sums of many parts miss the whole by rounding only


@dataclass(frozen=True)
class Disturbance:
    """
    What activity rasters show: a row per right, a row per right and year, issues.

    `frame` has the index of the rights; `years` has the rights of which a raster shows some ground;
    `legends` names by year the legend of each raster that was used.
    """

    frame: pd.DataFrame
    years: pd.DataFrame
    issues: pd.DataFrame
    legends: Mapping[int | None, str] = field(default_factory=dict)


def measure(
    concessions: pd.DataFrame,
    grids: Sequence[Grid],
    legends: Sequence[Legend],
    law: LawAt,
    plan: CrsPlan,
    legend: str | None = None,
) -> Disturbance:
    """
    Measure the disturbed ground of rights on activity rasters of one or several years.

    A pixel counts with the part of it that lies inside a right; hectares are the right's own, divided
    as its pixels are. Vertices are moved to the raster's system, where edges are straight.

    Parameters
    ----------
    concessions
        `concession_id`, `drawn` (valid polygons in `crs_used`) and `area_ha`.
    grids
        One raster a year, of any grids and systems; those after the day of the law are left out.
    legends
        What values may mean: the first legend that knows every value of every raster is taken.
    law
        `activity_min_valid_share`: under it a right has no figures of a year;
        `activity_growth_min_ha`: a smaller increase is none, nor is what ground newly shown explains.
    legend
        Name of the one that holds; values that it does not know are not valid, and become an issue.

    Returns
    -------
    disturbance
        `frame`: `disturbed_ha`, `disturbed_share` (of the valid ground) and `disturbed_year`: of the
        latest year with enough valid ground; `disturbed_valid_share`: of that year, else of the
        latest; `first_disturbed_year`; `first_growth_year`, `last_growth_year`: the later raster of
        a pair; `growth_ha`: the last year less the first. Years are Int64.
        `years`: `concession_id`, `year`, `disturbed_ha`, `valid_share`.

    Raises
    ------
    InputError, OptionError
        A raster does not overlap the rights; no legend knows its values; its nodata is disturbed
        ground; there is no such legend.
    CRSError
        No safe operation leads from the rights to a raster.
    ParameterUndefined
        The law lacks a parameter.
    """
    min_valid = law.number("activity_min_valid_share")
    min_growth_ha = law.number("activity_growth_min_ha")
    used = sorted((g for g in grids if _year(g) <= law.on.year), key=_year)
    found = [_ignored(g, law) for g in grids if _year(g) > law.on.year]
    if not used:
        return Disturbance(*_nothing(concessions), issues.join(found))
    outlines = _outline(concessions, used, plan)
    chosen, doubts = raster_legends.choose(used, outlines, legends, legend)
    layers = [_Layer(grid, one) for grid, one in zip(used, chosen, strict=True)]
    valid, disturbed = _weigh(layers, outlines)
    ledger = _Ledger(
        years=np.array([_year(g) for g in used]),
        valid=valid,
        disturbed=np.minimum(disturbed, valid),
        stated=(valid >= min_valid) & (valid > 0),
        area_ha=concessions["area_ha"].to_numpy(dtype=float),
    )
    found += [doubts, *_other_grids(used), *(layer.issue() for layer in layers if layer.stray)]
    found.append(_outside(ledger, used[-1], min_valid))
    frame = ledger.by_right(min_growth_ha).set_axis(concessions.index)
    legends_taken = {grid.year: one.name for grid, one in zip(used, chosen, strict=True)}
    years = ledger.by_year(concessions["concession_id"])
    return Disturbance(frame, years, issues.join(found), legends_taken)


def _year(grid: Grid) -> int:
    if grid.year is None:
        raise InputError(f"activity raster {grid.source.name} has no year; say which it is of")
    return grid.year


def _outline(concessions: pd.DataFrame, grids: Sequence[Grid], plan: CrsPlan) -> list[Outlines]:
    """Give the rights on each grid; grids of one place share theirs."""
    drawn = concessions["drawn"].to_numpy(dtype=object)
    systems = concessions["crs_used"].to_numpy(dtype=object)
    shapes: dict[str, Geometries] = {}
    outlines: list[Outlines] = []
    for i, grid in enumerate(grids):
        if grid.crs not in shapes:
            shapes[grid.crs] = _move(drawn, systems, grid.crs, plan)
        same = next((j for j in range(i) if _same_grid(grids[j], grid)), None)
        outlines.append(
            Outlines(shapes[grid.crs], grid.transform) if same is None else outlines[same]
        )
        if next(outlines[i].windows(grid.shape, grid.block), None) is None:
            raise InputError(
                f"activity raster {grid.source.name} does not overlap the concessions "
                f"(it is in {grid.source.crs_read}): check the file, "
                "or say its system with --crs activity=EPSG:CODE"
            )
    return outlines


def _move(drawn: Geometries, systems: Any, crs: str, plan: CrsPlan) -> Geometries:
    """Move rights to a raster's system; None where it does not reach."""
    shapes = np.full(len(drawn), None, dtype=object)
    for system in pd.unique(systems):
        rows = np.flatnonzero(systems == system)
        move, own = geometry.operation(str(system), crs, plan), drawn[rows].copy()
        at, of = shapely.get_coordinates(own, return_index=True)
        x, y = move.points(at[:, 0], at[:, 1])
        own[of[~(np.isfinite(x) & np.isfinite(y))]] = None
        shapes[rows] = move.geometries(own)
    return shapes


def _same_grid(one: Grid, other: Grid) -> bool:
    if one.crs != other.crs or one.shape != other.shape:
        return False
    rows, columns = one.shape
    a, b = np.array(one.transform), np.array(other.transform)
    pixel = min(np.hypot(a[0], a[3]), np.hypot(a[1], a[4]))
    reach = np.array([columns, rows, 1.0, columns, rows, 1.0])
    return bool((np.abs(a - b) * reach).max() < _SAME_PLACE * pixel)


@dataclass
class _Layer:
    """A raster with its meaning, and the values in it that have none."""

    grid: Grid
    legend: Legend
    stray: Counter[float] = field(default_factory=Counter)

    def masks(self, window: Window) -> Iterator[Bools]:
        """Give the valid and the disturbed pixels of a window."""
        values, valid = self.grid.read(window)
        known = raster_legends.is_known(values, self.legend)
        raster_legends.count(values[valid & ~known], self.stray)
        yield valid & known
        yield valid & raster_legends.is_disturbed(values, self.legend)

    def issue(self) -> pd.DataFrame:
        """Tell of the values without a meaning."""
        return issues.make(
            Role.ACTIVITY,
            Problem.UNKNOWN_CLASS,
            Action.SET_ASIDE,
            field=str(_year(self.grid)),
            values=raster_legends.listed(self.stray),
            detail=f"{self.grid.source.name}: legend {self.legend.name} does not know them; "
            "such pixels count as not seen",
        )


def _weigh(layers: Sequence[_Layer], outlines: Sequence[Outlines]) -> tuple[Floats, Floats]:
    """Give the valid and the disturbed part of each right, years × rights; NaN for one without ground."""
    valid, disturbed = np.full((2, len(layers), len(outlines[0].weights)), np.nan)
    for outline in {id(one): one for one in outlines}.values():
        years = [i for i, one in enumerate(outlines) if one is outline]
        grid, placed = layers[years[0]].grid, outline.weights > 0
        masks = _masks_of([layers[i] for i in years])
        sums = outline.sums(grid.shape, grid.block, masks, 2 * len(years))
        shares = sums[:, placed] / outline.weights[placed]
        shares[np.abs(shares - 1) < _WHOLE] = 1.0
        for i, year in enumerate(years):
            valid[year, placed], disturbed[year, placed] = shares[2 * i], shares[2 * i + 1]
    return valid, disturbed


def _masks_of(layers: Sequence[_Layer]) -> Callable[[Window], Iterator[Bools]]:
    def masks(window: Window) -> Iterator[Bools]:
        for layer in layers:
            yield from layer.masks(window)

    return masks


@dataclass(frozen=True)
class _Ledger:
    """What is seen of each right in each year; arrays of years × rights."""

    years: npt.NDArray[np.int64]
    valid: Floats
    disturbed: Floats
    stated: Bools  # enough is seen to give figures
    area_ha: Floats

    @property
    def ha(self) -> Floats:
        """Disturbed hectares where they are stated."""
        return np.where(self.stated, self.disturbed * self.area_ha, np.nan)

    def by_right(self, min_growth_ha: float) -> pd.DataFrame:
        """Sum up the years of each right."""
        ha, first, last = self.ha, _first(self.stated), _last(self.stated)
        shown = np.where(self.stated, self.disturbed, np.nan)
        growing = self._growing(ha, min_growth_ha)
        # Growth takes two years; of a right that no year states, the latest tells why.
        growth = np.where(first < last, _at(ha, last) - _at(ha, first), np.nan)
        seen = np.where(self.stated.any(axis=0), last, len(self.years) - 1)
        return pd.DataFrame(
            {
                "disturbed_ha": _at(ha, last),
                "disturbed_share": _at(shown, last) / _at(self.valid, seen),
                "disturbed_valid_share": _at(self.valid, seen),
                "disturbed_year": self._dated(self.stated, last),
                "first_disturbed_year": self._dated(ha > 0, _first(ha > 0)),
                "first_growth_year": self._dated(growing, _first(growing)),
                "last_growth_year": self._dated(growing, _last(growing)),
                "growth_ha": growth,
            }
        )

    def _growing(self, ha: Floats, min_growth_ha: float) -> Bools:
        """Tell of each year whether more is disturbed than in the stated year before, and surely so."""
        number = np.where(self.stated, np.arange(len(self.years))[:, None], -1)
        before = np.full(number.shape, -1)
        before[1:] = np.maximum.accumulate(number, axis=0)[:-1]

        def increase(values: Floats) -> Floats:
            earlier = np.take_along_axis(values, np.maximum(before, 0), axis=0)
            return np.where(before >= 0, values - earlier, np.nan)

        # Ground that a year is first to show may have been disturbed before.
        newly_shown = np.maximum(increase(self.valid), 0) * self.area_ha
        grown: Bools = increase(ha) - newly_shown >= min_growth_ha
        return grown

    def _dated(self, mask: Bools, place: Positions) -> Any:
        year = np.where(mask.any(axis=0), self.years[place], np.nan)
        return pd.array(year, dtype="Int64")

    def by_year(self, concession_id: pd.Series) -> pd.DataFrame:
        """Lay out the rights of which a year shows some ground."""
        right, year = np.nonzero((self.valid > 0).T)
        return pd.DataFrame(
            {
                "concession_id": concession_id.to_numpy()[right],
                "year": pd.array(self.years[year], dtype="Int64"),
                "disturbed_ha": self.ha[year, right],
                "valid_share": self.valid[year, right],
            }
        ).astype({"concession_id": "str"})


def _at(values: Floats, place: Positions) -> Floats:
    out: Floats = values[place, np.arange(values.shape[1])]
    return out


def _first(mask: Bools) -> Positions:
    """Give the first year of each right in which something holds; 0 where it never does."""
    first: Positions = mask.argmax(axis=0)
    return first


def _last(mask: Bools) -> Positions:
    return np.where(mask.any(axis=0), len(mask) - 1 - mask[::-1].argmax(axis=0), 0)


def _nothing(concessions: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the tables of rights of which no raster shows anything."""
    unseen = np.zeros((1, len(concessions)))
    ledger = _Ledger(np.zeros(1, dtype=np.int64), unseen, unseen, unseen > 0, unseen[0])
    frame = ledger.by_right(0.0).assign(disturbed_valid_share=np.nan)
    return frame.set_axis(concessions.index), ledger.by_year(concessions["concession_id"])


def _ignored(grid: Grid, law: LawAt) -> pd.DataFrame:
    return issues.make(
        Role.ACTIVITY,
        Problem.LATER_FACT,
        Action.SET_ASIDE,
        field="year",
        values=str(grid.year),
        detail=f"{grid.source.name} is of a year after {law.on.isoformat()}; it counts for nothing",
    )


def _other_grids(grids: Sequence[Grid]) -> Iterator[pd.DataFrame]:
    """Doubt growth between rasters of different grids: finer pixels alone change what is seen."""
    for grid in grids[1:]:
        if not _same_grid(grids[0], grid):
            yield issues.make(
                Role.ACTIVITY,
                Problem.OTHER_GRID,
                Action.DOUBTED,
                field="year",
                values=str(grid.year),
                detail=f"{grid.source.name} has other pixels than {grids[0].source.name}; "
                "growth between them may come of that",
            )


def _outside(ledger: _Ledger, grid: Grid, min_valid: float) -> pd.DataFrame:
    """Tell of how many rights the latest raster shows too little."""
    short = int((~ledger.stated[-1]).sum())
    if not short:
        return issues.none()
    return issues.make(
        Role.ACTIVITY,
        Problem.OUTSIDE_RASTER,
        Action.DOUBTED,
        field="year",
        values=str(grid.year),
        detail=f"of {short} of {ledger.stated.shape[1]} rights {grid.source.name} shows less than "
        f"{min_valid:.0%} of the ground; they have no figures of that year",
    )
