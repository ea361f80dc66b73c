"""Whether a layer's coordinate system is stated, and whether its coordinates agree with it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geoasm.errors import CRSError
from geoasm.geometry import crs_label
from geoasm.io.layers import labelled
from geoasm.model import CrsPlan, RawLayer, Zone
from geoasm.parsing.text import fold

MAX_LONGITUDE, MAX_LATITUDE = 180.0, 90.0


@dataclass(frozen=True)
class CrsFault:
    """What contradicts a layer's stated system, in one sentence, and what to do about it."""

    problem: str
    remedy: str


def check_crs(raw: RawLayer, plan: CrsPlan, override: str | None = None) -> RawLayer:
    """
    Make sure that a layer has a coordinate system that its coordinates can be in.

    Parameters
    ----------
    override
        System that the user states against the file; coordinates stay as they are.

    Returns
    -------
    raw
        The layer, relabelled where `override` says so; a table without geometry as it is.

    Raises
    ------
    CRSError
        The system is missing, or the coordinates contradict it; the text names the flag.
    """
    if override is not None:
        raw = labelled(raw, override)
    if not isinstance(raw.frame, gpd.GeoDataFrame):
        return raw
    fault = find_fault(raw.frame, raw.source.role, raw.source.name, [plan])
    if fault is not None:
        raise CRSError(f"{raw.source.name}: {fault.problem}; {fault.remedy}")
    return raw


def find_fault(
    frame: gpd.GeoDataFrame, role: str, name: str, plans: Iterable[CrsPlan]
) -> CrsFault | None:
    """
    Look for a missing system, metres called degrees, degrees called metres, and swapped axes.

    The middle of the layer decides, so that one stray feature is no contradiction.

    Parameters
    ----------
    role, name
        Of the file, for the flag and for zones that its name states.
    plans
        Countries in which it may lie; the first that has a fitting zone is suggested.
    """
    x, y = _middle(frame)
    if not np.isfinite(x) or not np.isfinite(y):
        return None
    plans = list(plans)
    in_degrees = abs(x) <= MAX_LONGITUDE and abs(y) <= MAX_LATITUDE
    if frame.crs is None:
        unit = "degrees" if in_degrees else "metres"
        return CrsFault(
            f"no coordinate system is stated, and the coordinates look like {unit}",
            _suggestion(frame, role, name, x, y, in_degrees, plans),
        )
    crs = pyproj.CRS(frame.crs)
    if crs.is_geographic and not in_degrees:
        return CrsFault(
            f"it says {crs_label(crs)}, which is degrees, but its coordinates are metres "
            f"(middle {x:.0f}, {y:.0f})",
            _suggestion(frame, role, name, x, y, False, plans),
        )
    if crs.is_projected and in_degrees:
        return CrsFault(
            f"it says {crs_label(crs)}, which is metres, but its coordinates are degrees "
            f"(middle {x:.4f}, {y:.4f})",
            _suggestion(frame, role, name, x, y, True, plans),
        )
    if crs.is_geographic and _is_swapped(x, y, plans):
        return CrsFault(
            f"its axes look swapped (middle {x:.4f}, {y:.4f}): "
            "latitude stands where longitude belongs",
            "export it again with longitude first",
        )
    return None


def _middle(frame: gpd.GeoDataFrame) -> tuple[float, float]:
    boxes = shapely.bounds(frame.geometry.to_numpy())
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(boxes):
        return np.nan, np.nan
    west, south, east, north = np.median(boxes, axis=0)
    return float(west + east) / 2, float(south + north) / 2


def _is_swapped(x: float, y: float, plans: list[CrsPlan]) -> bool:
    return not any(_inside(x, y, p) for p in plans) and any(_inside(y, x, p) for p in plans)


def _inside(x: float, y: float, plan: CrsPlan) -> bool:
    west, south, east, north = plan.bounds
    return west <= x <= east and south <= y <= north


def _suggestion(
    frame: gpd.GeoDataFrame,
    role: str,
    name: str,
    x: float,
    y: float,
    in_degrees: bool,
    plans: list[CrsPlan],
) -> str:
    flag = f"--crs {role}="
    if in_degrees:
        return f"say which with {flag}{plans[0].geographic if plans else 'EPSG:4326'}"
    for plan in plans:
        zones = _zones(x, y, plan.zones, plan)
        stated = [z for z in zones if z.code == _stated_zone(frame, name, zones)]
        codes = " or ".join(z.crs for z in stated or zones)
        if not codes:
            continue
        legacy = _zones(x, y, plan.legacy_zones, plan)
        former = [z.crs for z in legacy if not stated or z.code == stated[0].code]
        older = f" ({' or '.join(former)} if it is in the former datum)" if former else ""
        return f"say which with {flag}{codes}{older}"
    return f"say which with {flag}EPSG:CODE"


def _zones(x: float, y: float, zones: tuple[Zone, ...], plan: CrsPlan) -> list[Zone]:
    """Give the zones whose metres put the point on the country's ground, within the zone."""
    fitting = []
    for zone in zones:
        back = pyproj.Transformer.from_crs(
            zone.crs, pyproj.CRS(zone.crs).geodetic_crs, always_xy=True
        )
        longitude, latitude = back.transform(x, y)
        if _inside(longitude, latitude, plan) and zone.west <= longitude <= zone.east:
            fitting.append(zone)
    return fitting


def _stated_zone(frame: gpd.GeoDataFrame, name: str, zones: list[Zone]) -> str | None:
    """Read the zone off a column that names one zone for all rows, or off the file's name."""
    codes = {z.code for z in zones}
    for column in (c for c in frame.columns if fold(c).startswith("ZON")):
        values = pd.Series(frame[column]).dropna().astype("str").str.strip().unique()
        if len(values) == 1 and (found := _code_in(values[0], codes)):
            return found
    return _code_in(name, codes)


def _code_in(text: str, codes: set[str]) -> str | None:
    for code in sorted(codes):
        if re.search(rf"(?<!\d){re.escape(code)}(?!\d)", text):
            return code
    return None
