"""What a wrong position may have meant: every reading that one slip of the pen explains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from geoasm.codes import Problem
from geoasm.model import CrsPlan
from geoasm.normalize.positions import FALSE_NORTHING_M, UTM, from_utm

# Nature of UTM: an easting has six digits before the point, a southern northing seven.
_EASTING_DIGITS, _NORTHING_DIGITS = 6, 7
SHORTEST_EASTING_M = 10.0 ** (_EASTING_DIGITS - 1)
_SAME_PLACE_DECIMALS = 6


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
    parts = [*_of_degrees(stated[~utm], plan), *_of_utm(stated[utm], plan)]
    filled = [p for p in parts if len(p)]
    if not filled:
        return pd.DataFrame(
            {
                "record": np.array([], dtype=np.intp),
                "lon": np.array([], dtype=float),
                "lat": np.array([], dtype=float),
                "problem": pd.array([], dtype="str"),
            }
        )
    out = pd.concat(filled, ignore_index=True)
    west, south, east, north = plan.bounds
    out = out[out["lon"].between(west, east) & out["lat"].between(south, north)]
    places = out.assign(
        x=out["lon"].round(_SAME_PLACE_DECIMALS), y=out["lat"].round(_SAME_PLACE_DECIMALS)
    )
    return out[~places.duplicated(["record", "x", "y"])].reset_index(drop=True)


def _part(record: Any, lon: Any, lat: Any, problem: Problem) -> pd.DataFrame:
    frame = pd.DataFrame({"record": record, "lon": lon, "lat": lat})
    return frame.assign(problem=pd.Series(str(problem), index=frame.index, dtype="str"))


def _of_degrees(stated: pd.DataFrame, plan: CrsPlan) -> Iterator[pd.DataFrame]:
    record = stated.index.to_numpy()
    x, y = stated["lon"].to_numpy(), stated["lat"].to_numpy()
    yield _part(record, y, x, Problem.SWAPPED_AXES)
    for a, b in ((-1, 1), (1, -1), (-1, -1)):
        yield _part(record, a * x, b * y, Problem.WRONG_SIGN)
    for shift in _zone_shifts(plan):
        yield _part(record, x + shift, y, Problem.WRONG_ZONE)
    for axis, other in (("x", y), ("y", x)):
        values = stated["lon" if axis == "x" else "lat"]
        for rows, filled in _digits_put_back(values):
            lon, lat = (filled, other[rows]) if axis == "x" else (other[rows], filled)
            yield _part(record[rows], lon, lat, Problem.LOST_DIGIT)


def _zone_shifts(plan: CrsPlan) -> list[float]:
    wests = [z.west for z in plan.zones]
    return sorted({a - b for a in wests for b in wests} - {0.0})


def _of_utm(stated: pd.DataFrame, plan: CrsPlan) -> Iterator[pd.DataFrame]:
    record, zone = stated.index.to_numpy(), stated["zone"].to_numpy()
    x, y = stated["x"].to_numpy(), stated["y"].to_numpy()
    for i in range(len(plan.zones)):
        other = zone != i
        yield _utm_part(record[other], x[other], y[other], i, plan, Problem.WRONG_ZONE)
        here = (zone == i) | (zone < 0)
        yield _utm_part(record[here], y[here], x[here], i, plan, Problem.SWAPPED_AXES)
        south = here & (y < FALSE_NORTHING_M)
        yield _utm_part(
            record[south],
            x[south],
            y[south] + FALSE_NORTHING_M,
            i,
            plan,
            Problem.MISSING_FALSE_NORTHING,
        )
        for rows, filled in _digits_put_back(stated["x"], _EASTING_DIGITS):
            own = here[rows]
            r = rows[own]
            yield _utm_part(record[r], filled[own], y[r], i, plan, Problem.LOST_DIGIT)
        for rows, filled in _digits_put_back(stated["y"], _NORTHING_DIGITS):
            own = here[rows]
            r = rows[own]
            yield _utm_part(record[r], x[r], filled[own], i, plan, Problem.LOST_DIGIT)


def _utm_part(
    record: Any,
    x: np.ndarray,
    y: np.ndarray,
    zone: int,
    plan: CrsPlan,
    problem: Problem,
) -> pd.DataFrame:
    lon, lat = from_utm(x, y, np.full(len(x), zone), plan)
    return _part(record, lon, lat, problem)


def _digits_put_back(
    values: pd.Series, digits: int | None = None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
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
    numbers = values.to_numpy(dtype=float)
    size = np.abs(numbers)
    whole = np.floor(size)
    count = np.where(whole > 0, np.floor(np.log10(np.maximum(whole, 1))) + 1, 1)
    for place in range(int(count.max(initial=0)) + 1 if digits is None else digits):
        room = place <= count
        if digits is not None:
            room &= count == digits - 1
            room |= (count < digits) & (place == digits - 1)
        rows = np.flatnonzero(room & np.isfinite(numbers))
        if not len(rows):
            continue
        unit = 10.0**place
        head = np.floor(whole[rows] / unit)
        tail = size[rows] - head * unit
        for digit in range(10):
            grown = head * unit * 10 + digit * unit + tail
            yield rows, np.copysign(grown, numbers[rows])
