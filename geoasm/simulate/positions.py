"""True positions written the way registers write them, and spoilt the way registers spoil them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm.codes import Problem
from geoasm.geometry import Floats, operation, zone_of
from geoasm.model import CrsPlan

FALSE_NORTHING_M = 10_000_000.0
_FORMS = {"plain": 0.74, "comma": 0.03, "dms": 0.03, "utm": 0.20}
_ZONE_DEG = 6.0
_SECOND_AXIS = 0.5
_UNREADABLE = ("S/C", "POR VERIFICAR", "12..3", "------", "NO INDICA")

# Faults of positions, and whether a row can be found again: by a reading in its declared region.
MENDABLE = (
    Problem.SWAPPED_AXES,
    Problem.WRONG_ZONE,
    Problem.LOST_DIGIT,
    Problem.MISSING_FALSE_NORTHING,
    Problem.WRONG_SIGN,
)
LOST = (
    Problem.NULL_POSITION,
    Problem.ZERO_POSITION,
    Problem.UNREADABLE_POSITION,
    Problem.OUTSIDE_COUNTRY,
)


def write(
    rng: np.random.Generator, lon: Floats, lat: Floats, plan: CrsPlan, kinds: Mapping[str, object]
) -> pd.DataFrame:
    """
    Write positions as text: degrees plain, with a decimal comma or as DMS; or UTM with its zone.

    Parameters
    ----------
    kinds
        Kinds of position that the register has columns for: "lonlat", "utm".

    Returns
    -------
    positions
        `form`, `x`, `y`, `zone` (text; zone empty for degrees), `easting`, `northing` (metres,
        exact to the centimetre), `zone_row` (of the plan), RangeIndex.
    """
    n = len(lon)
    shares = np.array(
        [s if (k == "utm") in (False, "utm" in kinds) else 0 for k, s in _FORMS.items()]
    )
    form = rng.choice(list(_FORMS), n, p=shares / shares.sum())
    zones = zone_of(lon, plan)
    east, north = np.full(n, np.nan), np.full(n, np.nan)
    for z, zone in enumerate(plan.zones):
        at = zones == z
        east[at], north[at] = operation(plan.geographic, zone.crs, plan).points(lon[at], lat[at])
    hemisphere = np.where(lat < 0, "S", "N")
    lettered = rng.random(n) < 0.3
    written: dict[str, Callable[[int], tuple[str, str, str | None]]] = {
        "plain": lambda i: (f"{lon[i]:.6f}", f"{lat[i]:.6f}", None),
        "comma": lambda i: (
            f"{lon[i]:.6f}".replace(".", ","),
            f"{lat[i]:.6f}".replace(".", ","),
            None,
        ),
        "dms": lambda i: (_dms(lon[i], "E", "W"), _dms(lat[i], "N", "S"), None),
        "utm": lambda i: (
            f"{east[i]:.2f}",
            f"{north[i]:.2f}",
            plan.zones[zones[i]].code + (hemisphere[i] if lettered[i] else ""),
        ),
    }
    rows = [written[form[i]](i) for i in range(n)]
    found = pd.DataFrame(rows, columns=["x", "y", "zone"], dtype="str")
    return found.assign(form=form, easting=east, northing=north, zone_row=zones)


def _dms(value: float, positive: str, negative: str) -> str:
    tenths = round(abs(value) * 36_000_000)  # of thousandths of a second
    degrees, rest = divmod(tenths, 36_000_000)
    minutes, rest = divmod(rest, 600_000)
    letter = positive if value >= 0 else negative
    return f"{degrees}°{minutes:02d}'{rest / 10_000:07.4f}\"{letter}"


def suits(problem: Problem, positions: pd.DataFrame, lat: Floats) -> npt.NDArray[np.bool_]:
    """Tell at which rows a fault of position can be planted."""
    utm: npt.NDArray[np.bool_] = (positions["form"] == "utm").to_numpy(dtype=bool)
    plain: npt.NDArray[np.bool_] = (positions["form"] == "plain").to_numpy(dtype=bool)
    if problem is Problem.MISSING_FALSE_NORTHING:
        return utm & (lat < 0)
    if problem in (Problem.WRONG_SIGN, Problem.OUTSIDE_COUNTRY):
        return plain
    if problem in (*LOST, Problem.SWAPPED_AXES, Problem.WRONG_ZONE, Problem.LOST_DIGIT):
        return plain | utm
    return np.zeros(len(positions), dtype=bool)


def spoil(
    rng: np.random.Generator, problem: Problem, row: Mapping[str, object], plan: CrsPlan
) -> tuple[str | None, str | None, str | None]:
    """Spoil one written position: its x, y and zone afterwards."""
    x, y = str(row["x"]), str(row["y"])
    utm = row["form"] == "utm"
    zone = str(row["zone"]) if utm else None
    if problem is Problem.NULL_POSITION:
        return None, None, None
    if problem is Problem.ZERO_POSITION:
        return "0", "0", zone
    if problem is Problem.UNREADABLE_POSITION:
        return str(rng.choice(_UNREADABLE)), y, zone
    if problem is Problem.SWAPPED_AXES:
        return y, x, zone
    if problem is Problem.WRONG_SIGN:
        return f"{-float(x):.6f}", y, zone
    if problem is Problem.MISSING_FALSE_NORTHING:
        return x, f"{float(y) - FALSE_NORTHING_M:.2f}", zone
    if problem is Problem.WRONG_ZONE:
        others = [z for z in plan.zones if not zone or not zone.startswith(z.code)]
        if utm:
            return x, y, str(rng.choice([z.code for z in others]))
        west, _, east, _ = plan.bounds
        moved = [v for s in (-1, 1) if west < (v := float(x) + s * _ZONE_DEG) < east]
        return f"{(moved or [float(x) + _ZONE_DEG])[0]:.6f}", y, None
    if problem is Problem.LOST_DIGIT:
        place = int(rng.integers(0, 3)) if utm else int(rng.integers(1, 3))
        if rng.random() < _SECOND_AXIS and (utm or len(y.split(".")[0]) > 2):
            return x, _drop(y, place), zone
        return _drop(x, place), y, zone
    _, _, east, north = plan.bounds
    return f"{east + rng.uniform(30, 90):.6f}", f"{north + rng.uniform(20, 60):.6f}", None


def _drop(number: str, place: int) -> str:
    return number[:place] + number[place + 1 :]
