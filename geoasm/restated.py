"""The same numbers read in another system: the former datum, a neighbouring zone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geoasm import geometry
from geoasm.geometry import Floats, operation
from geoasm.model import CrsPlan
from geoasm.schema import OUTPUT_CRS

Bools = npt.NDArray[np.bool_]
Places = tuple[Floats, Floats]  # longitude, latitude


def former_datum(lon: Floats, lat: Floats, is_utm: Bools, plan: CrsPlan) -> list[Places]:
    """
    Give where each position lies if its numbers belong to a former datum, by each pinned shift.

    Parameters
    ----------
    lon, lat
        Positions as located (degrees, WGS84).
    is_utm
        Boolean: the source stated eastings and northings, which are read in the former datum's zone;
        degrees are read as degrees.
    """
    out = []
    for pin in plan.operations:
        x, y = operation(pin.source, OUTPUT_CRS, plan).points(lon, lat)
        if len(plan.legacy_zones) == len(plan.zones):
            zone = geometry.zone_of(lon, plan)
            for i, legacy in enumerate(plan.legacy_zones):
                rows = is_utm & (zone == i)
                x[rows], y[rows] = _reread(
                    lon[rows], lat[rows], plan.zones[i].crs, legacy.crs, plan
                )
        out.append((x, y))
    return out


def neighbouring_zones(lon: Floats, lat: Floats, is_utm: Bools, plan: CrsPlan) -> list[Places]:
    """Give where eastings and northings lie in the zone to the west, and in that to the east."""
    zone = geometry.zone_of(lon, plan)
    out = []
    for step in (-1, 1):
        x, y = np.full(len(lon), np.nan), np.full(len(lon), np.nan)
        for i, own in enumerate(plan.zones):
            if 0 <= i + step < len(plan.zones):
                rows = is_utm & (zone == i)
                other = plan.zones[i + step].crs
                x[rows], y[rows] = _reread(lon[rows], lat[rows], own.crs, other, plan)
        out.append((x, y))
    return out


def _reread(lon: Floats, lat: Floats, stated: str, other: str, plan: CrsPlan) -> Places:
    x, y = operation(OUTPUT_CRS, stated, plan).points(lon, lat)
    return operation(other, OUTPUT_CRS, plan).points(x, y)
