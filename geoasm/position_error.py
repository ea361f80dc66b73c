"""How far a stated position may be from the true one, and points that stand for where it may lie."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm import geometry
from geoasm.geometry import Floats
from geoasm.law import LawAt
from geoasm.model import CrsPlan
from geoasm.schema import OUTPUT_CRS

CUT = 3.0  # standard deviations: farther errors are left out, and the rest scaled up to one
RADIUS_95 = 2.4477  # standard deviations per axis within which 95 % of the error lie
N_SAMPLES = 610

_GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0
_PROBE_M = 100.0


def sigmas(registrations: pd.DataFrame, law: LawAt, given_m: float | None = None) -> Floats:
    """
    Give the standard deviation per axis of each stated position, in metres.

    The error of the survey is what the source says of the row (field `position_sigma_m`: a column, or
    the profile's table for a quality code), else `given_m`, else the law's `position_sigma_m`. The
    rounding of the stated decimals comes to it in quadrature: half a unit of the last decimal is
    the half-width of a uniform error, whose standard deviation is that over the root of three.

    Parameters
    ----------
    registrations
        Normalised: `position_kind`, `position_decimals`, geometry.

    Returns
    -------
    sigma_m
        Float64 per row, NaN where there is no position.
    """
    survey = np.full(len(registrations), law.number("position_sigma_m"))
    if given_m is not None:
        survey[:] = given_m
    if "position_sigma_m" in registrations:
        stated = pd.to_numeric(registrations["position_sigma_m"], errors="coerce")
        survey = np.where(stated > 0, stated, survey)
    digits = registrations["position_decimals"].astype("float64").to_numpy()
    unit = np.where(registrations["position_kind"] == "utm", 1.0, geometry.M_PER_DEGREE)
    rounding = np.nan_to_num(unit * 0.5 * 10.0**-digits / np.sqrt(3.0), nan=0.0)
    located = registrations.geometry.notna().to_numpy()
    return np.where(located, np.hypot(survey, rounding), np.nan)


def stencil(n: int = N_SAMPLES) -> tuple[Floats, Floats]:
    """
    Give points that stand for an isotropic normal error, in standard deviations east and north.

    Points of equal weight on a golden spiral: the radius follows the error's distribution, cut at
    `CUT`, the angle turns by the golden section. The same points every time.
    """
    i = np.arange(n)
    inside = -np.expm1(-(CUT**2) / 2)
    radius = np.sqrt(-2.0 * np.log1p(-inside * (i + 0.5) / n))
    angle = 2.0 * np.pi * ((i * _GOLDEN) % 1.0)
    return radius * np.cos(angle), radius * np.sin(angle)


class Spread:
    """
    Stated positions with their error, in any system: samples are affine about each position.

    A displacement of metres east and north becomes one of the system's units by the differences of
    the projection at the position itself; over an error of hundreds of metres that is exact to
    millimetres, and systems with other axes (a neighbouring zone) see the same places.
    """

    def __init__(self, lon: Floats, lat: Floats, sigma_m: Floats, plan: CrsPlan) -> None:
        self.sigma_m = sigma_m
        self._lon, self._lat, self._plan = lon, lat, plan
        self._made: dict[str, npt.NDArray[np.float64]] = {}

    def in_system(self, crs: str) -> npt.NDArray[np.float64]:
        """Give rows of x, y, and the change of x and of y by one sigma east and by one north."""
        if crs not in self._made:
            move = geometry.operation(OUTPUT_CRS, crs, self._plan)
            north, east = _degrees_per_metre(self._lat)
            x, y = move.points(self._lon, self._lat)
            scale = self.sigma_m / _PROBE_M
            xe, ye = move.points(self._lon + _PROBE_M * east, self._lat)
            xn, yn = move.points(self._lon, self._lat + _PROBE_M * north)
            steps = [(xe - x) * scale, (ye - y) * scale, (xn - x) * scale, (yn - y) * scale]
            self._made[crs] = np.column_stack([x, y, *steps])
        return self._made[crs]


def _degrees_per_metre(lat: Floats) -> tuple[Floats, Floats]:
    """Give degrees of latitude and of longitude per metre on the WGS84 ellipsoid."""
    a, e2 = 6_378_137.0, 0.00669437999014
    root = np.sqrt(1.0 - e2 * np.sin(np.radians(lat)) ** 2)
    meridian = a * (1.0 - e2) / root**3
    parallel = a / root * np.cos(np.radians(lat))
    return np.degrees(1.0 / meridian), np.degrees(1.0 / parallel)
