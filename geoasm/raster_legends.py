"""What the values of activity rasters mean: which legend of a country holds for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm import issues
from geoasm.codes import Action, Problem, Role
from geoasm.errors import InputError, OptionError
from geoasm.model import Grid, Legend
from geoasm.zonal import Outlines

Bools = npt.NDArray[np.bool_]

CLASSES_FIRST = (
    "of probabilities or shares write a raster of classes first (1 where ground is disturbed, 0 "
    "elsewhere); where such values are classes, give the profile a legend with fractions = true"
)
_MOST_LISTED = 10  # values that a message lists
_FEW_LISTED = 3  # as examples
_MOST_COUNTED = 10_000  # distinct values: measurements have no end of them
_FEW_VALUES = 100  # of a legend whose values are looked at one by one


def is_known(values: npt.NDArray[Any], legend: Legend) -> Bools:
    """Tell which values a legend knows: whole numbers only, unless it speaks of fractions, too."""
    known = np.zeros(values.shape, dtype=bool)
    for low, high in legend.known:
        # integers compare with integers several times faster
        ends = (low, high) if values.dtype.kind == "f" else (ceil(low), floor(high))
        known |= (values >= ends[0]) & (values <= ends[1])
    if values.dtype.kind == "f" and not legend.fractions:
        with np.errstate(invalid="ignore"):
            known &= values == np.floor(values)
    return known


def is_disturbed(values: npt.NDArray[Any], legend: Legend) -> Bools:
    """Tell which values a legend calls disturbed ground."""
    disturbed = np.zeros(values.shape, dtype=bool)
    for value in legend.disturbed:
        if values.dtype.kind == "f" or value.is_integer():
            disturbed |= values == (value if values.dtype.kind == "f" else int(value))
    return disturbed


def count(values: npt.NDArray[Any], into: Counter[float]) -> None:
    """Add the pixels of each value to a count; of more values than a message could use, the first."""
    for value, n in zip(*np.unique(values, return_counts=True), strict=True):
        if float(value) in into or len(into) < _MOST_COUNTED:
            into[float(value)] += int(n)


def listed(counts: Counter[float]) -> str:
    """List values and their pixels, the most frequent first."""
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    texts = [f"{value:g}: {n} px" for value, n in most[:_MOST_LISTED]]
    return ", ".join(texts) + (", …" if len(most) > _MOST_LISTED else "")


@dataclass(frozen=True)
class Look:
    """What the pixels near rights tell of each legend, in the order of the legends."""

    stray: list[Counter[float]]  # values that it does not know, with their pixels
    disturbed: list[bool]  # whether it calls some disturbed

    @property
    def fits(self) -> list[bool]:
        """Whether each legend knows every value."""
        return [not values for values in self.stray]


def look(grid: Grid, outlines: Outlines, legends: Sequence[Legend]) -> Look:
    """
    Look at every window of a raster that rights meet.

    A decimated look would miss what is rare, and disturbed ground is: a mask of 0 and 255 would pass
    for one of 0 and 1. Where a value between whole numbers is in no legend, there is nothing left to see.
    """
    seen = Look([Counter() for _ in legends], [False] * len(legends))
    for window, _ in outlines.windows(grid.shape, grid.block):
        values, valid = grid.read(window)
        for i, legend in enumerate(legends):
            count(values[valid & ~is_known(values, legend)], seen.stray[i])
            if not seen.disturbed[i]:
                seen.disturbed[i] = bool((valid & is_disturbed(values, legend)).any())
        if all(any(not v.is_integer() for v in stray) for stray in seen.stray):
            break
    return seen


def choose(
    grids: Sequence[Grid],
    outlines: Sequence[Outlines],
    legends: Sequence[Legend],
    name: str | None = None,
) -> tuple[list[Legend], pd.DataFrame]:
    """
    Choose the legend of each activity raster.

    Parameters
    ----------
    grids, outlines
        Rasters, and the rights on each.
    legends
        Of the country: the first that knows all values of all rasters holds, else of each raster its own.
    name
        The one that holds, whatever the values.

    Returns
    -------
    chosen, issues
        A legend for each raster; a doubt where the declared nodata may be disturbed ground.

    Raises
    ------
    InputError, OptionError
        No legend knows all values; the declared nodata is disturbed ground; there is no such legend.
    """
    if not legends:
        raise OptionError(
            "the profile says of no activity raster what its values mean; "
            "add [[rasters.activity.legend]] to its profile.toml"
        )
    names = ", ".join(legend.name for legend in legends)
    if name is not None:
        named = [legend for legend in legends if legend.name == name]
        if not named:
            raise OptionError(f"assume: activity.legend={name} is no legend; legends: {names}")
        chosen, doubts = named * len(grids), issues.none()
    else:
        seen = [look(g, o, legends) for g, o in zip(grids, outlines, strict=True)]
        which = _fitting(grids, seen, names)
        chosen = [legends[i] for i in which]
        doubts = _doubt_nodata(grids, seen, which, legends)
    for grid, legend in zip(grids, chosen, strict=True):
        wrong = wrong_nodata(grid.nodata, legend)
        if wrong is not None:
            raise InputError(
                f"activity raster {grid.source.name} declares {grid.nodata:g} as no data, but {wrong}; "
                "say which value is no data with --assume activity.nodata=VALUE (none: no value is)"
            )
    return chosen, doubts


def wrong_nodata(nodata: float | None, legend: Legend) -> str | None:
    """Say what is wrong with a declared nodata if a legend holds; None where nothing is."""
    if nodata is None:
        return None
    if nodata in legend.disturbed:
        return f"legend {legend.name} calls it disturbed"
    ranges = [range(ceil(low), floor(high) + 1) for low, high in legend.known]
    if sum(map(len, ranges)) <= _FEW_VALUES:
        whole = {float(value) for values in ranges for value in values}
        if whole - set(legend.disturbed) == {nodata}:
            return f"legend {legend.name} has no other value of ground that is not disturbed"
    return None


def _fitting(grids: Sequence[Grid], seen: Sequence[Look], names: str) -> list[int]:
    """Give the place of each raster's legend: one for all years where one can be."""
    # Years of one product share a legend, though one year may show too little to tell which.
    fits = np.array([one.fits for one in seen])
    if fits.all(axis=0).any():
        return [int(fits.all(axis=0).argmax())] * len(grids)
    for grid, one in zip(grids, seen, strict=True):
        if not any(one.fits):
            fewest = min(one.stray, key=lambda values: values.total())
            parts = Counter({v: n for v, n in fewest.items() if not v.is_integer()})
            if parts:
                few = ", ".join(f"{value:g}" for value, _ in parts.most_common(_FEW_LISTED))
                raise InputError(
                    f"activity raster {grid.source.name} has values between whole numbers (such as "
                    f"{few}), and legends know whole classes: {CLASSES_FIRST}"
                )
            raise InputError(
                f"activity raster {grid.source.name} has values that no legend knows "
                f"({listed(fewest)}): if they are no data, say --assume activity.nodata=VALUE; else "
                f"name the legend with --assume activity.legend=NAME ({names}) to leave them out"
            )
    return [int(row.argmax()) for row in fits]


def _doubt_nodata(
    grids: Sequence[Grid], seen: Sequence[Look], which: Sequence[int], legends: Sequence[Legend]
) -> pd.DataFrame:
    """Doubt a nodata that another fitting legend calls disturbed, where nothing else is disturbed."""
    if any(one.disturbed[i] for one, i in zip(seen, which, strict=True)):
        return issues.none()
    for grid, one in zip(grids, seen, strict=True):
        for legend, fits in zip(legends, one.fits, strict=True):
            if fits and grid.nodata is not None and grid.nodata in legend.disturbed:
                return issues.make(
                    Role.ACTIVITY,
                    Problem.UNKNOWN_CLASS,
                    Action.DOUBTED,
                    field="nodata",
                    values=f"{grid.nodata:g}",
                    detail=f"{grid.source.name} shows nothing disturbed, and declares as no data what "
                    f"legend {legend.name} calls disturbed; if it is, say "
                    "--assume activity.nodata=none",
                )
    return issues.none()
