"""Rights against rights: every pair that shares ground, how much, and which goes before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm import geometry
from geoasm.cutting import cut, find_shared, repair_moved
from geoasm.geometry import M2_PER_HA, Floats, Geometries
from geoasm.held import hold, shaped
from geoasm.kernels import flat
from geoasm.kernels.flat import Flat
from geoasm.law import LawAt
from geoasm.model import CrsPlan
from geoasm.schema import OUTPUT_CRS, OVERLAPS, conform
from geoasm.seniority import FIRST, SECOND, compare

Positions = npt.NDArray[np.intp]

EDGE_M = 250.0  # edges are cut to this before they bend: a 5 km chord is then off by 0.2 mm
# Boxes in degrees miss what an edge, straight in its own system, bulges between its corners.
BULGE_DEG = 1e-3
# Columns of rights that are looked at, beside those that the law's criteria name.
_NEEDED = (
    *("concession_id", "status", "filed_on", "crs_used", "planar_crs"),
    *("drawn", "planar", "area_ha", "geometry"),
)


@dataclass(frozen=True)
class Overlaps:
    """
    Pairs of rights that share ground.

    `held` has the columns of `schema.OVERLAPS`, geometry as well-known binary; `meeting` has every
    pair that shares any ground, slivers too: `first`, `second` (positions in `by_code`),
    `shared_ha`, `is_sliver`.
    """

    held: pd.DataFrame
    meeting: pd.DataFrame
    tolerance_m2: float

    @cached_property
    def frame(self) -> gpd.GeoDataFrame:
        """What is held, with shapes."""
        return shaped(self.held)

    @property
    def slivers(self) -> int:
        """Number of pairs that share no more than the tolerance."""
        return int(self.meeting["is_sliver"].sum())

    @property
    def slivers_ha(self) -> float:
        """Hectares that they share, pair by pair."""
        return float(self.meeting.loc[self.meeting["is_sliver"], "shared_ha"].sum())


def by_code(concessions: pd.DataFrame) -> pd.DataFrame:
    """Put rights in the order of their codes, so that the order of the file does not matter."""
    return concessions.sort_values("concession_id", ignore_index=True)


def find_overlaps(concessions: pd.DataFrame, plan: CrsPlan, law: LawAt) -> Overlaps:
    """
    Find every pair of rights that shares more ground than the tolerance, and tell the senior one.

    Two rights drawn in one system are cut there, so that edges stay as straight as they were
    drawn; across systems in the plan's equal-area system, edges followed along their course. The
    shared ground is measured in the zone of both, or in the equal-area system across zones.

    Parameters
    ----------
    concessions
        Normalised rights: `concession_id`, `drawn` in `crs_used`, `planar` in `planar_crs`,
        `area_ha`, `geometry` (EPSG:4326), and the columns that the law's criteria name.
    law
        `overlap_tolerance_m2`: rights that share no more than this merely adjoin.

    Returns
    -------
    overlaps
        `concession_id_a` comes before `concession_id_b` as text; geometry in EPSG:4326.
    """
    needed = {*_NEEDED, *(criterion.by for criterion in law.seniority)}
    rights = by_code(concessions[[name for name in concessions if name in needed]])
    tolerance = law.number("overlap_tolerance_m2")
    pairs, shapes = _join(
        [_measure(*found, rights, plan, tolerance) for found in _meetings(rights, plan)]
    )
    pairs = pairs.sort_values(["first", "second"], ignore_index=True)
    kept = pairs[~pairs["is_sliver"]].reset_index(drop=True)
    meeting = pairs[["first", "second", "shared_ha", "is_sliver"]]
    held = hold(shapes.wkb(kept["shape"].to_numpy()))
    del pairs, shapes  # nothing that follows is larger
    return Overlaps(_lay_out(kept, held, rights, law), meeting, tolerance)


def _join(parts: list[tuple[pd.DataFrame, Flat]]) -> tuple[pd.DataFrame, Flat]:
    """Join pairs, each with the position of its shape, and the shapes."""
    shapes = flat.join([found for _, found in parts])
    before, filled = 0, []
    for pairs, found in parts:
        if len(pairs):
            filled.append(pairs.assign(shape=pairs["shape"] + before))
        before += len(found)
    if filled:
        return pd.concat(filled, ignore_index=True), shapes
    columns = ("first", "second", "shared_ha", "is_sliver", "area_a", "area_b")
    empty = pd.DataFrame({name: np.empty(0) for name in (*columns, "measured_in", "shape")})
    kinds = {"first": np.intp, "second": np.intp, "is_sliver": bool, "measured_in": "str"}
    return empty.astype({**kinds, "shape": np.intp}), shapes


def _meetings(
    rights: pd.DataFrame, plan: CrsPlan
) -> Iterator[tuple[Positions, Positions, Flat, str]]:
    """Give pairs whose interiors meet, their shared ground, and the system it is in."""
    groups = rights.groupby("crs_used").indices
    for crs, rows in groups.items():
        shapes = drawn_shapes(rights, rows)
        a, b, shared = find_shared(shapes)
        yield rows[a], rows[b], shared, crs
    for one, other in combinations(groups.values(), 2):
        a, b = _near_across(rights, one, other)
        rows, index = np.unique(np.concatenate([a, b]), return_inverse=True)
        shapes = in_equal_area(rights, rows, plan)
        a, b = np.sort(index.reshape(2, -1), axis=0)
        a, b, cut_out = cut(shapes, a, b)
        yield rows[a], rows[b], flat.flatten(cut_out), plan.equal_area


def _near_across(
    rights: pd.DataFrame, one: Positions, other: Positions
) -> tuple[Positions, Positions]:
    boxes = shapely.bounds(rights.geometry.to_numpy())
    wide = boxes + BULGE_DEG * np.array([-1, -1, 1, 1])
    one = _within_reach(one, boxes, wide[other])  # systems border on each other: most are far away
    other = _within_reach(other, wide, boxes[one])
    a, b = shapely.STRtree(shapely.box(*wide[other].T)).query(shapely.box(*boxes[one].T))
    return one[a], other[b]


def _within_reach(rows: Positions, boxes: Floats, others: Floats) -> Positions:
    """Keep the rows whose box meets the box around all others."""
    if not len(others):
        return rows[:0]
    low, high = np.nanmin(others[:, :2], axis=0), np.nanmax(others[:, 2:], axis=0)
    meets = (boxes[rows, :2] <= high) & (boxes[rows, 2:] >= low)
    near: Positions = rows[meets.all(axis=1)]
    return near


def drawn_shapes(rights: pd.DataFrame, rows: Positions) -> Geometries:
    """Give valid polygons of rights in the system they were drawn in."""
    drawn: Geometries = rights["drawn"].to_numpy(dtype=object)[rows]
    if (rights["crs_used"] == rights["planar_crs"]).to_numpy()[rows].all():
        return drawn  # `planar` is valid already
    return geometry.repair(drawn)[0]


def in_equal_area(rights: pd.DataFrame, rows: Positions, plan: CrsPlan) -> Geometries:
    """Take polygons from where they were drawn to the equal-area system, edges along their course."""
    out = np.empty(len(rows), dtype=object)
    for crs, members in rights.iloc[rows].groupby("crs_used").indices.items():
        shapes = drawn_shapes(rights, rows[members])
        out[members] = follow(shapes, crs, plan.equal_area, plan)
    return geometry.repair(out)[0]


def follow(shapes: Geometries, source: str, target: str, plan: CrsPlan) -> Geometries:
    """Convert polygons, following each edge along its course in the source system."""
    degrees = geometry.parse_crs(source).is_geographic
    step = EDGE_M / geometry.M_PER_DEGREE if degrees else EDGE_M
    cut: Geometries = np.asarray(shapely.segmentize(shapes, step), dtype=object)
    return geometry.operation(source, target, plan).geometries(cut)


def _measure(
    a: Positions,
    b: Positions,
    shared: Flat,
    crs: str,
    rights: pd.DataFrame,
    plan: CrsPlan,
    tolerance_m2: float,
) -> tuple[pd.DataFrame, Flat]:
    """
    Measure the shared ground of pairs, and the rights beside it, in one system each; move it.

    Returns
    -------
    pairs, shapes
        `shape` is the position of the pair's ground among the shapes; slivers have none.
    """
    zone = rights["planar_crs"].to_numpy(dtype=object)
    area = rights["area_ha"].to_numpy(dtype=float)
    out = pd.DataFrame({"first": a, "second": b, "shared_ha": 0.0})
    out["area_a"], out["area_b"] = area[a], area[b]
    across = zone[a] != zone[b]
    measured = np.where(across, plan.equal_area, zone[a])
    for system in pd.unique(measured):
        rows = np.flatnonzero(measured == system)
        some = shared if len(rows) == len(shared) else shared.take(rows)
        out.loc[rows, "shared_ha"] = _shared_ha(some, crs, system, plan)
    if across.any():
        whole = np.unique(np.concatenate([a[across], b[across]]))
        beside = np.full(len(rights), np.nan)
        beside[whole] = geometry.area_ha(in_equal_area(rights, whole, plan))
        out.loc[across, "area_a"], out.loc[across, "area_b"] = beside[a[across]], beside[b[across]]
    out["measured_in"] = pd.Series(measured, dtype="str")
    out["is_sliver"] = out["shared_ha"] * M2_PER_HA <= tolerance_m2
    kept = np.flatnonzero(~out["is_sliver"])
    out["shape"] = np.cumsum(~out["is_sliver"]) - 1
    moved = shared.take(kept).moved(geometry.operation(crs, OUTPUT_CRS, plan))
    return out, repair_moved(moved)


def _shared_ha(shapes: Flat, source: str, target: str, plan: CrsPlan) -> Floats:
    """Measure flat polygons as `measured_ha` does others."""
    if source != target and target == plan.equal_area:
        return measured_ha(shapes.made(), source, target, plan)
    if source != target:
        shapes = shapes.moved(geometry.operation(source, target, plan))
    return shapes.areas() / M2_PER_HA


def measured_ha(shapes: Geometries, source: str, target: str, plan: CrsPlan) -> Floats:
    """Measure polygons of one system in another: hectares."""
    if source == target:
        return geometry.area_ha(shapes)
    if target == plan.equal_area:
        return geometry.area_ha(follow(shapes, source, target, plan))
    return geometry.area_ha(geometry.operation(source, target, plan).geometries(shapes))


def _lay_out(
    pairs: pd.DataFrame, shapes: pd.Series, rights: pd.DataFrame, law: LawAt
) -> pd.DataFrame:
    codes = rights["concession_id"].array
    first, second = pairs["first"].to_numpy(), pairs["second"].to_numpy()
    order = compare(rights, first, second, law)
    verdict = order["senior"].to_numpy()
    senior = np.select([verdict == FIRST, verdict == SECOND], [first, second], -1)
    shared = pairs["shared_ha"].to_numpy()
    columns = {
        "concession_id_a": codes.take(first),
        "concession_id_b": codes.take(second),
        "overlap_ha": shared,
        "share_of_a": np.minimum(shared / pairs["area_a"].to_numpy(), 1.0),
        "share_of_b": np.minimum(shared / pairs["area_b"].to_numpy(), 1.0),
        "measured_in": pairs["measured_in"],
        "senior_id": codes.take(senior, allow_fill=True),
        "relation": order["relation"],
        "geometry": shapes,
    }
    return conform(pd.DataFrame(columns), OVERLAPS)
