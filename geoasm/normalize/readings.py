"""What a wrong position may have meant: every reading that one slip of the pen explains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm.codes import Problem
from geoasm.geometry import Floats
from geoasm.model import CrsPlan
from geoasm.normalize.positions import FALSE_NORTHING_M, UTM, from_utm

# Nature of UTM: an easting has six digits before the point, a southern northing seven.
_EASTING_DIGITS, _NORTHING_DIGITS = 6, 7
SHORTEST_EASTING_M = 10.0 ** (_EASTING_DIGITS - 1)
_SAME_PLACE_DECIMALS = 6
_LARGEST = 10.0**_NORTHING_DIGITS  # no position has more digits, let alone with one put back


def readings(stated: pd.DataFrame, plan: CrsPlan) -> pd.DataFrame:
    """
    Give the other readings of stated positions, each explained by one slip.

    Axes swapped; a sign lost; the wrong zone (exactly one or more zone widths off); a digit lost
    before the point, where the count of digits or the degree leaves room for it (behind the point it
    moves a place too little to be proven); a false northing left out. A UTM position without zone
    is read in every zone.

    Parameters
    ----------
    stated
        Rows of `positions.read_positions` with readable `x` and `y`; RangeIndex.

    Returns
    -------
    readings
        `record` (row of `stated`), `lon`, `lat` (EPSG:4326, within the plan's bounds), `problem`;
        one row per distinct place of a record.
    """
    utm = (stated["kind"] == UTM).to_numpy()
    found = _joined([*_of_degrees(stated[~utm], plan), *_of_utm(stated[utm], plan)])
    west, south, east, north = plan.bounds
    lon, lat = found.x, found.y
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    out = pd.DataFrame(
        {
            "record": found.record[inside],
            "lon": lon[inside],
            "lat": lat[inside],
            "problem": pd.array(found.problem[inside], dtype="str"),
        }
    )
    places = out.assign(
        x=out["lon"].round(_SAME_PLACE_DECIMALS), y=out["lat"].round(_SAME_PLACE_DECIMALS)
    )
    return out[~places.duplicated(["record", "x", "y"])].reset_index(drop=True)


class _Readings(NamedTuple):
    """Readings of records (rows), in degrees or metres, and the slip that explains each."""

    record: npt.NDArray[np.intp]
    x: Floats
    y: Floats
    problem: npt.NDArray[np.object_]


def _of(record: npt.NDArray[np.intp], x: Floats, y: Floats, problem: Problem) -> _Readings:
    return _Readings(record, x, y, np.full(len(record), str(problem), dtype=object))


def _joined(parts: Sequence[_Readings]) -> _Readings:
    none = _Readings(np.empty(0, np.intp), np.empty(0), np.empty(0), np.empty(0, object))
    return _Readings(*map(np.concatenate, zip(none, *parts, strict=True)))


def _of_degrees(stated: pd.DataFrame, plan: CrsPlan) -> Iterator[_Readings]:
    record = stated.index.to_numpy()
    x, y = stated["lon"].to_numpy(), stated["lat"].to_numpy()
    yield _of(record, y, x, Problem.SWAPPED_AXES)
    for a, b in ((-1, 1), (1, -1), (-1, -1)):
        yield _of(record, a * x, b * y, Problem.WRONG_SIGN)
    for shift in _zone_shifts(plan):
        yield _of(record, x + shift, y, Problem.WRONG_ZONE)
    for rows, filled in _digits_put_back(x):
        yield _of(record[rows], filled, y[rows], Problem.LOST_DIGIT)
    for rows, filled in _digits_put_back(y):
        yield _of(record[rows], x[rows], filled, Problem.LOST_DIGIT)


def _zone_shifts(plan: CrsPlan) -> list[float]:
    wests = [z.west for z in plan.zones]
    return sorted({a - b for a in wests for b in wests} - {0.0})


def _of_utm(stated: pd.DataFrame, plan: CrsPlan) -> Iterator[_Readings]:
    for i in range(len(plan.zones)):
        found = _joined([*_in_zone(stated, i)])
        lon, lat = from_utm(found.x, found.y, np.full(len(found.x), i), plan)
        yield found._replace(x=lon, y=lat)


def _in_zone(stated: pd.DataFrame, i: int) -> Iterator[_Readings]:
    """Give the readings in one zone, in metres."""
    record, zone = stated.index.to_numpy(), stated["zone"].to_numpy()
    x, y = stated["x"].to_numpy(), stated["y"].to_numpy()
    other = zone != i
    yield _of(record[other], x[other], y[other], Problem.WRONG_ZONE)
    here = (zone == i) | (zone < 0)
    yield _of(record[here], y[here], x[here], Problem.SWAPPED_AXES)
    south = here & (y < FALSE_NORTHING_M)
    northing = y[south] + FALSE_NORTHING_M
    yield _of(record[south], x[south], northing, Problem.MISSING_FALSE_NORTHING)
    for rows, filled in _digits_put_back(x, _EASTING_DIGITS):
        own = here[rows]
        r = rows[own]
        yield _of(record[r], filled[own], y[r], Problem.LOST_DIGIT)
    for rows, filled in _digits_put_back(y, _NORTHING_DIGITS):
        own = here[rows]
        r = rows[own]
        yield _of(record[r], x[r], filled[own], Problem.LOST_DIGIT)


def _digits_put_back(
    numbers: Floats, digits: int | None = None
) -> Iterator[tuple[npt.NDArray[np.intp], Floats]]:
    """
    Put each digit at each place before the point.

    Parameters
    ----------
    digits
        Only numbers one digit short of this, be it one before noughts; None: every number.

    Yields
    ------
    rows, values
        Positions in the input, and what they become.
    """
    size = np.abs(numbers)
    size = np.where(size < _LARGEST, size, np.nan)
    whole = np.floor(size)
    count = np.where(whole > 0, np.floor(np.log10(np.fmax(whole, 1))) + 1, 1)
    for place in range(int(count.max(initial=0)) + 1 if digits is None else digits):
        room = place <= count
        if digits is not None:
            room &= count == digits - 1
            room |= (count < digits) & (place == digits - 1)
        rows = np.flatnonzero(room & np.isfinite(size))
        if not len(rows):
            continue
        unit = 10.0**place
        head = np.floor(whole[rows] / unit)
        tail = size[rows] - head * unit
        for digit in range(10):
            grown = head * unit * 10 + digit * unit + tail
            yield rows, np.copysign(grown, numbers[rows])
