"""The system in which each right was drawn, and its polygon there."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm import geometry
from geoasm.codes import Action, Problem
from geoasm.model import CrsPlan
from geoasm.normalize.findings import Findings
from geoasm.normalize.positions import stated_zones
from geoasm.normalize.shapes import convert, set_aside_nowhere
from geoasm.schema import OUTPUT_CRS

# Nature of UTM: maps and cadastres carry a zone some way over its edge; a degree is more than any does.
_CARRIED_OVER_DEG = 1.0


def draw(
    frame: pd.DataFrame,
    shapes: geometry.Geometries,
    crs: str,
    plan: CrsPlan,
    findings: Findings,
) -> gpd.GeoDataFrame:
    """
    Put polygons into degrees, into the system they were drawn in, and into metres.

    Parameters
    ----------
    frame
        Fields of the rights; `zone` is used where it is there.
    shapes
        Their polygons, row for row, in `crs`.

    Returns
    -------
    rights
        `frame` with `geometry` (EPSG:4326), `drawn` in `crs_used`, `planar` in `planar_crs`
        (metres) and `area_ha`. Rights that reach too far to be drawn are set aside.
    """
    degrees = convert(shapes, crs, OUTPUT_CRS, plan)
    zone = _zones(frame, degrees, crs, plan, findings)
    planar = np.full(len(shapes), None, dtype=object)
    planar_crs = np.array([z.crs for z in plan.zones], dtype=object)[zone]
    for number in np.unique(zone):
        rows = zone == number
        planar[rows] = convert(shapes[rows], crs, plan.zones[number].crs, plan)
    lost = shapely.is_missing(planar)
    set_aside_nowhere(frame.index[lost], findings)
    folded = np.flatnonzero(~shapely.is_valid(planar) & ~lost)  # rounding can fold a sliver
    planar[folded], _ = geometry.repair(planar[folded])
    if plan.drawn_in == "zone":
        drawn, drawn_crs = planar, planar_crs
    else:
        drawn = convert(shapes, crs, plan.geographic, plan)
        drawn_crs = np.full(len(shapes), plan.geographic, dtype=object)
    columns = {
        "crs_used": pd.Series(drawn_crs, index=frame.index, dtype="str"),
        "planar_crs": pd.Series(planar_crs, index=frame.index, dtype="str"),
        "drawn": pd.Series(drawn, index=frame.index, dtype=object),
        "planar": pd.Series(planar, index=frame.index, dtype=object),
        "area_ha": geometry.area_ha(planar),
    }
    drawn_frame = gpd.GeoDataFrame(frame.assign(**columns), geometry=degrees, crs=OUTPUT_CRS)
    return drawn_frame[~lost]


def _zones(
    frame: pd.DataFrame,
    degrees: geometry.Geometries,
    crs: str,
    plan: CrsPlan,
    findings: Findings,
) -> npt.NDArray[np.intp]:
    """Number of each right's zone: as its record says, else as its file, else where it lies."""
    points = shapely.point_on_surface(degrees)
    longitude = shapely.get_x(points)
    here = geometry.zone_of(longitude, plan)
    text = (
        frame["zone"]
        if "zone" in frame.columns
        else pd.Series(None, index=frame.index, dtype="str")
    )
    stated = stated_zones(text, plan)
    near = stated >= 0
    west = np.array([z.west for z in plan.zones])
    east = np.array([z.east for z in plan.zones])
    near &= (longitude > west[stated] - _CARRIED_OVER_DEG) & (
        longitude < east[stated] + _CARRIED_OVER_DEG
    )
    given = text.notna().to_numpy()
    odd = given & ~near
    findings.add(
        Problem.ZONE_MISMATCH,
        Action.DOUBTED,
        frame.index[odd],
        field="zone",
        values=text,
        detail="it lies in zone "
        + pd.Series([plan.zones[i].code for i in here[odd]], index=frame.index[odd], dtype="str")
        + "; drawn there",
    )
    own = _zone_of_file(crs, plan)
    if own is not None:
        inside = (longitude > west[own] - _CARRIED_OVER_DEG) & (
            longitude < east[own] + _CARRIED_OVER_DEG
        )
        here = np.where(inside & ~given, own, here)
    return np.where(near, stated, here)


def _zone_of_file(crs: str, plan: CrsPlan) -> int | None:
    """Give the number of the zone whose system the file is in."""
    label = geometry.crs_label(crs)
    codes = [z.code for z in (*plan.zones, *plan.legacy_zones) if z.crs == label]
    return next((i for i, z in enumerate(plan.zones) if z.code in codes), None)
