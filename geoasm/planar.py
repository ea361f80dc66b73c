"""Net ground: a cadastre cut into disjoint pieces, each with the rights on it, senior first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoasm import geometry
from geoasm.codes import Fault
from geoasm.geometry import Floats, Geometries
from geoasm.law import LawAt
from geoasm.link import covers
from geoasm.model import CrsPlan
from geoasm.overlaps import (
    Overlaps,
    Positions,
    by_code,
    drawn_shapes,
    in_equal_area,
    measured_ha,
)
from geoasm.schema import LIST_SEPARATOR, OUTPUT_CRS, PIECES, conform
from geoasm.seniority import FIRST, SECOND, compare, read_order

GRID_M = 1e-4  # to which the cuts are rounded: a tenth of a millimetre, finer than any survey
BALANCE = 1e-6  # relative, between the pieces and the rights that they were cut from


@dataclass(frozen=True)
class NetGround:
    """Disjoint pieces (`schema.PIECES`), and the rights' own areas summed in the same systems."""

    pieces: gpd.GeoDataFrame
    rights_ha: float


def planarize(
    concessions: pd.DataFrame, overlaps: Overlaps, plan: CrsPlan, law: LawAt
) -> NetGround:
    """
    Cut a cadastre into pieces that do not overlap.

    Rights that share ground, directly or through others, are cut together: in the system in which
    all of them were drawn, else in the plan's equal-area system. Pieces are measured in the zone
    of their rights, or in the equal-area system where these lie in several; `measured_in` says so.
    Each piece is one polygon; slivers are pieces too.

    Parameters
    ----------
    concessions
        Normalised rights, as for `find_overlaps`.
    overlaps
        What `find_overlaps` found among them.

    Returns
    -------
    ground
        Pieces in the order of `right_ids`, numbered from 1; geometry in EPSG:4326.
    """
    rights = by_code(concessions)
    meeting = overlaps.meeting
    together = group(len(rights), meeting["first"].to_numpy(), meeting["second"].to_numpy())
    cut_in = _common(rights["crs_used"], together, plan.equal_area)
    measured_in = _common(rights["planar_crs"], together, plan.equal_area)
    shapes = _in_system(rights, cut_in, plan)
    shared = np.bincount(together, minlength=len(rights))[together] > 1
    parts = [
        _cut(shapes[rows], rows, together[rows], shared[rows], crs)
        for crs, rows in pd.Series(cut_in).groupby(cut_in).indices.items()
    ]
    faces, stacks = _join(parts)
    faces["measured_in"] = measured_in[
        stacks.groupby("face")["right"].min().to_numpy(dtype=np.intp)
    ]
    faces["area_ha"] = _areas(faces["shape"], faces["cut_in"], faces["measured_in"], plan)
    whole = _areas(pd.Series(shapes), pd.Series(cut_in), pd.Series(measured_in), plan)
    return NetGround(_lay_out(faces, stacks, rights, plan, law), float(whole.sum()))


def group(n: int, a: Positions, b: Positions) -> Positions:
    """Group n things that are linked, directly or through others; a group's name is its lowest."""
    name = np.arange(n, dtype=np.intp)
    while True:
        before = name.copy()
        low = np.minimum(name[a], name[b])
        for end in (name[a], name[b]):  # whole groups follow their head
            np.minimum.at(name, end, low)
        name = name[name]
        if (name == before).all():
            return name


def _common(system: pd.Series, together: Positions, otherwise: str) -> Any:
    """Give the system that all rights of a group have, else another."""
    several = system.groupby(together).transform("nunique") > 1
    return system.mask(several, otherwise).to_numpy(dtype=object)


def _in_system(rights: pd.DataFrame, cut_in: Any, plan: CrsPlan) -> Geometries:
    out = np.empty(len(rights), dtype=object)
    own = np.flatnonzero(cut_in == rights["crs_used"].to_numpy(dtype=object))
    out[own] = drawn_shapes(rights, own)
    moved = np.setdiff1d(np.arange(len(rights)), own)
    if len(moved):
        out[moved] = in_equal_area(rights, moved, plan)
    return out


def _cut(
    shapes: Geometries, rows: Positions, together: Positions, shared: Any, crs: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cut the rights of one system: faces, and which rights lie on each."""
    grid = GRID_M / geometry.M_PER_DEGREE if geometry.parse_crs(crs).is_geographic else GRID_M
    alone = np.flatnonzero(~shared)
    single, owner = shapely.get_parts(shapes[alone], return_index=True)
    many = np.flatnonzero(shared)
    faces, place = _faces(shapes[many], together[many], grid)
    face, right = _cover(faces, place, shapes[many], together[many], grid)
    covered, face = np.unique(face, return_inverse=True)  # others are holes between rights
    stack = np.concatenate([np.arange(len(single)), face + len(single)])
    stacks = pd.DataFrame(
        {"face": stack, "right": rows[np.concatenate([alone[owner], many[right]])]}, dtype=np.intp
    )
    shape = pd.Series(np.concatenate([single, faces[covered]]), dtype=object)
    return pd.DataFrame({"shape": shape, "cut_in": crs}), stacks


def _faces(shapes: Geometries, together: Positions, grid: float) -> tuple[Geometries, Positions]:
    """Node the boundaries of each group and give the faces between them, with their group."""
    edges = shapely.boundary(shapes)
    order = np.argsort(together, kind="stable")
    names, start = np.unique(together[order], return_index=True)
    # Without a grid, edges that all but coincide are noded with gaps and faces run together.
    cut = [
        shapely.get_parts(shapely.polygonize([shapely.union_all(edges[members], grid_size=grid)]))
        for members in np.split(order, start[1:])
        if len(members)
    ]
    if not cut:
        return np.empty(0, dtype=object), np.empty(0, dtype=np.intp)
    return np.concatenate(cut), np.repeat(names, [len(faces) for faces in cut])


def _cover(
    faces: Geometries, place: Positions, shapes: Geometries, together: Positions, grid: float
) -> tuple[Positions, Positions]:
    """
    Join faces to the rights of their group that cover them, by a point inside each face.

    The point may lie in an outgrowth no wider than the grid, and so beyond a right that covers
    all the rest. Rights whose faces do not sum to them are therefore joined anew, by area.
    """
    inside = shapely.point_on_surface(faces)
    face, right = covers(shapes, shapely.get_x(inside), shapely.get_y(inside))
    own = together[right] == place[face]
    face, right = face[own], right[own]
    area = shapely.area(faces)
    off = np.bincount(right, area[face], len(shapes)) - shapely.area(shapes)
    doubted = np.flatnonzero(np.abs(off) > 2 * grid * shapely.length(shapes))
    if not len(doubted):
        return face, right
    sure = ~np.isin(right, doubted)
    which, again = shapely.STRtree(faces).query(shapes[doubted], predicate="intersects")
    which = doubted[which]
    both = shapely.area(shapely.intersection(faces[again], shapes[which]))
    most = (both > area[again] / 2) & (together[which] == place[again])
    return np.concatenate([face[sure], again[most]]), np.concatenate([right[sure], which[most]])


def _join(
    parts: list[tuple[pd.DataFrame, pd.DataFrame]],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    faces, stacks, before = [], [], 0
    for face, stack in parts:
        faces.append(face)
        stacks.append(stack.assign(face=stack["face"] + before))
        before += len(face)
    if not faces:
        nothing = pd.DataFrame({"face": [], "right": []}, dtype=np.intp)
        return pd.DataFrame({"shape": [], "cut_in": []}, dtype=object), nothing
    return pd.concat(faces, ignore_index=True), pd.concat(stacks, ignore_index=True)


def _areas(shapes: pd.Series, cut_in: pd.Series, measured_in: pd.Series, plan: CrsPlan) -> Floats:
    out = np.zeros(len(shapes))
    objects = shapes.to_numpy(dtype=object)
    systems = pd.DataFrame({"cut": cut_in, "measured": measured_in})
    for (cut, measured), rows in systems.groupby(["cut", "measured"]).indices.items():
        out[rows] = measured_ha(objects[rows], cut, measured, plan)
    return out


def _lay_out(
    faces: pd.DataFrame, stacks: pd.DataFrame, rights: pd.DataFrame, plan: CrsPlan, law: LawAt
) -> gpd.GeoDataFrame:
    shapes = np.empty(len(faces), dtype=object)
    for crs, rows in faces.groupby("cut_in").indices.items():
        own = faces["shape"].to_numpy(dtype=object)[rows]
        moved = geometry.operation(crs, OUTPUT_CRS, plan).geometries(own)
        shapes[rows] = geometry.repair(moved)[0]  # edges that all but touch may cross once moved
    out = faces.join(_name_stacks(stacks, rights, law)).drop(columns=["shape", "cut_in"])
    place = pd.DataFrame(shapely.bounds(shapes), columns=["west", "south", "east", "north"])
    order = pd.concat([out[["right_ids", "area_ha"]], place], axis=1)
    order = order.sort_values(["right_ids", "west", "south", "east", "north", "area_ha"]).index
    out = out.iloc[order].assign(piece_id=np.arange(1, len(out) + 1))
    out["geometry"] = gpd.GeoSeries(shapes[order], index=out.index, crs=OUTPUT_CRS)
    laid: gpd.GeoDataFrame = conform(out.reset_index(drop=True), PIECES)
    return laid


def _name_stacks(stacks: pd.DataFrame, rights: pd.DataFrame, law: LawAt) -> pd.DataFrame:
    """Name the rights of each piece, senior first, and the senior one where there is one."""
    stack = stacks.assign(entry=np.arange(len(stacks)))
    both = stack.merge(stack, on="face", suffixes=("", "_other"))
    both = both[both["entry"] < both["entry_other"]]
    order = compare(rights, both["right"].to_numpy(), both["right_other"].to_numpy(), law)
    verdict = order["senior"].to_numpy()
    n = len(stack)
    one, other = both["entry"].to_numpy(), both["entry_other"].to_numpy()
    behind = np.bincount(one[verdict == SECOND], minlength=n)
    behind += np.bincount(other[verdict == FIRST], minlength=n)
    ahead = np.bincount(one[verdict == FIRST], minlength=n)
    ahead += np.bincount(other[verdict == SECOND], minlength=n)
    tie = read_order(rights, law).listed[stack["right"]]
    stack = stack.assign(
        ahead=ahead, code=rights["concession_id"].to_numpy(dtype=object)[stack["right"]]
    )
    stack = stack.iloc[np.lexsort((tie, behind, stack["face"]))]
    size = np.bincount(stack["face"])
    ends = np.cumsum(size)
    codes = stack["code"].to_numpy()
    listed = [
        LIST_SEPARATOR.join(codes[start:end]) for start, end in zip(ends - size, ends, strict=True)
    ]
    first = codes[ends - size]
    sure = stack["ahead"].to_numpy()[ends - size] == size - 1
    return pd.DataFrame(
        {"right_ids": listed, "n_rights": size, "senior_id": np.where(sure, first, None)}
    )


def count_pairs(overlaps: Overlaps, concessions: pd.DataFrame) -> dict[str, Any]:
    """Count the pairs that overlap, by status and by what decides between them, and the slivers."""
    status = concessions.set_index("concession_id")["status"]
    frame = overlaps.held
    kinds = np.sort(
        np.column_stack(
            [status.reindex(frame[f"concession_id_{side}"]).to_numpy(dtype=object) for side in "ab"]
        ).astype(str),
        axis=1,
    )
    facts = pd.DataFrame(
        {
            "status_a": kinds[:, 0],
            "status_b": kinds[:, 1],
            "relation": frame["relation"].to_numpy(dtype=object),
            "measured_in": frame["measured_in"].to_numpy(dtype=object),
            "overlap_ha": frame["overlap_ha"].to_numpy(),
        }
    )

    def table(*keys: str) -> list[dict[str, Any]]:
        counted = facts.groupby(list(keys))["overlap_ha"].agg(pairs="size", overlap_ha="sum")
        return [dict(row) for row in counted.reset_index().to_dict("records")]

    return {
        "tolerance_m2": overlaps.tolerance_m2,
        "pairs": len(frame),
        "overlap_ha": float(frame["overlap_ha"].sum()),
        "slivers": overlaps.slivers,
        "slivers_ha": overlaps.slivers_ha,
        "by_status": table("status_a", "status_b"),
        "by_relation": table("relation"),
        "by_system": table("measured_in"),
    }


def count_ground(ground: NetGround) -> dict[str, Any]:
    """
    Count hectares covered once, twice and more, and those that a sum of areas counts again.

    `rights_ha` is the sum of the rights' areas, `union_ha` the ground that they cover.
    """
    depth = ground.pieces.groupby("n_rights")["area_ha"].agg(pieces="size", area_ha="sum")
    area = depth["area_ha"]
    union = float(area.sum())
    return {
        "pieces": len(ground.pieces),
        "rights_ha": ground.rights_ha,
        "union_ha": union,
        "double_counted_ha": ground.rights_ha - union,
        "once_ha": float(area[area.index == 1].sum()),
        "twice_ha": float(area[area.index == 2].sum()),
        "more_ha": float(area[area.index > 2].sum()),
        "by_depth": [
            {"n_rights": int(n), "pieces": int(row["pieces"]), "area_ha": float(row["area_ha"])}
            for n, row in depth.iterrows()
        ],
    }


def ground_faults(counts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Tell where the pieces do not balance to the rights; empty where they do, or are none."""
    if "by_depth" not in counts:
        return []
    stacked = sum(row["n_rights"] * row["area_ha"] for row in counts["by_depth"])
    whole = counts["rights_ha"]
    if abs(stacked - whole) <= BALANCE * whole:
        return []
    return [{"fault": Fault.GROUND_LOST, "rights_ha": whole, "pieces_ha": stacked}]
