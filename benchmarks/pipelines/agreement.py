"""
Whether the tables of both programs say the same where they say something of the same thing.

Compared are registrations and rights that both took as they stand in the files: geoasm mends places and
shapes, draws some rights in the zone where they lie, and joins parts of a right; those are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

SAME_PLACE_DEG, SAME_SHAPE = 1e-7, 1e-9  # a centimetre; of the area
PAIRS_APART, EDGE_M = 1e-4, 1e-3
TOLERANCE_M2, AREA_APART = 10.0, 1e-6  # smaller overlaps are none in law
SHARE_APART, MIN_VALID = 1e-4, 0.5
# exactextract counts a pixel too many where a corner misses that of a pixel by some 1e-10 m
RIGHTS_APART, SUM_APART = 1e-3, 1e-5
SAMPLED_APART = 0.02  # rasterstats takes pixels by their middle
CHANCE_APART, MOST_OF = 0.06, 0.99  # the peer's samples are drawn: three standard errors of 610
STATUS_OF = {"open_ground": "open", "on_pending_claim": "pending", "on_extinct_claim": "extinct"}
ZONE_CODE = "EPSG:327"


@dataclass(frozen=True)
class Tables:
    """Tables of both programs, and what both took as it stands: codes of registrations and rights."""

    own: Path
    peer: Path
    registrations: pd.DataFrame
    rights: pd.DataFrame


def once(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Index rows by a code; codes that stand twice are left out."""
    return frame[~frame[name].duplicated(keep=False)].set_index(name)


def open_tables(own: Path, peer: Path) -> Tables:
    """Read registrations and rights of both, and keep what both have alike."""
    names = ["registration_id", "asm_class", "class_probability", "geometry"]
    ours = once(gpd.read_parquet(own / "registrations.parquet", columns=names), names[0])
    theirs = once(gpd.read_parquet(peer / "registrations.parquet"), "COD_REINFO")
    both = ours.join(theirs.drop(columns="geometry"), how="inner")
    at = [frame.loc[both.index].geometry.to_numpy() for frame in (ours, theirs)]
    both = both[shapely.distance(*at) < SAME_PLACE_DEG]
    print(f"registrations alike {len(both):,} of {len(ours):,} and {len(theirs):,}", end="; ")
    names = ["concession_id", "crs_used", "disturbed_share", "disturbed_valid_share", "geometry"]
    ours = once(gpd.read_parquet(own / "concessions.parquet", columns=names), names[0])
    theirs = once(gpd.read_parquet(peer / "concessions.parquet"), "CODIGOU")
    rights = ours.join(theirs.drop(columns="geometry"), how="inner")
    areas = [shapely.area(frame.loc[rights.index].geometry.to_numpy()) for frame in (ours, theirs)]
    alike = np.isclose(*areas, rtol=SAME_SHAPE, atol=0)
    alike &= (rights["crs_used"] == f"{ZONE_CODE}" + rights["ZONA"].astype(str)).to_numpy()
    print(f"rights alike {alike.sum():,} of {len(ours):,} and {len(theirs):,}")
    return Tables(own, peer, pd.DataFrame(both), pd.DataFrame(rights[alike]))


def told(what: str, holds: bool) -> bool:
    """Print a comparison, and hand on whether it holds."""
    print(f"  {what}: {'agree' if holds else 'DIFFER'}")
    return bool(holds)


def compare_pairs(tables: Tables) -> bool:
    """Hold pairs of points and rights, and distances to the nearest edge, against each other."""
    ours = pd.read_parquet(tables.own / "pairs.parquet").rename(
        columns={"registration_id": "COD_REINFO", "concession_id": "CODIGOU"}
    )
    theirs = pd.read_parquet(tables.peer / "pairs.parquet", columns=["COD_REINFO", "CODIGOU"])

    def alike(pairs: pd.DataFrame) -> pd.MultiIndex:
        rows = pairs["COD_REINFO"].isin(tables.registrations.index)
        rows &= pairs["CODIGOU"].isin(tables.rights.index)
        return pd.MultiIndex.from_frame(pairs.loc[rows, ["COD_REINFO", "CODIGOU"]])

    mine, other = alike(ours[ours["covered"].astype(bool)]), alike(theirs)
    apart = len(mine.symmetric_difference(other))
    pairs = told(
        f"point on right: {len(mine):,} and {len(other):,} pairs, {apart} in one alone "
        f"(at most {PAIRS_APART:g} of them)",
        apart <= PAIRS_APART * len(other),
    )
    near = tables.registrations.dropna(subset=["edge_m"])
    near = near[near["nearest"].isin(tables.rights.index)].reset_index(names="COD_REINFO")
    edge = near.merge(
        ours, left_on=["COD_REINFO", "nearest"], right_on=["COD_REINFO", "CODIGOU"], how="left"
    )
    off = (edge["edge_m"] - edge["edge_distance_m"]).abs().max(skipna=False)
    text = f"nearest edge: {len(edge):,} distances, apart by {off:.1e} m (at most {EDGE_M:g})"
    return told(text, off <= EDGE_M) and pairs


def compare_overlaps(tables: Tables) -> bool:
    """Hold the ground that titled and extinct rights share, in one zone, against each other."""
    status, codes = tables.rights["status"], ["first", "second"]
    ours = pd.read_parquet(
        tables.own / "overlaps.parquet",
        columns=["concession_id_a", "concession_id_b", "overlap_ha", "measured_in"],
    )
    ours = ours[ours["measured_in"].str.startswith(ZONE_CODE)]
    ours = ours.set_axis([*codes, "ha", "measured_in"], axis=1)
    kinds = ours["first"].map(status) + ours["second"].map(status)
    ours = ours[kinds.isin(["titledextinct", "extincttitled"])]
    theirs = pd.read_parquet(tables.peer / "overlaps_extinct.parquet")
    theirs = theirs.rename(columns={"CODIGOU_1": "first", "CODIGOU_2": "second"})
    theirs = theirs[theirs[codes].isin(tables.rights.index).all(axis=1)]
    theirs = theirs.assign(ha=theirs["area_m2"] / 1e4)[theirs["area_m2"] > TOLERANCE_M2]
    areas = []
    for frame in (ours, theirs):
        ordered = np.sort(frame[codes].to_numpy(dtype=str), axis=1)
        areas.append(frame["ha"].groupby([*ordered.T]).sum())
    alone = len(areas[0].index.symmetric_difference(areas[1].index))
    total, other = (area.sum() for area in areas)
    text = (
        f"titled on extinct: {len(areas[0]):,} and {len(areas[1]):,} pairs, {alone} in one alone "
        f"(at most {PAIRS_APART:g} of them); {total:,.3f} and {other:,.3f} ha (at most {AREA_APART:g} apart)"
    )
    same = alone <= PAIRS_APART * len(areas[1]) and np.isclose(total, other, rtol=AREA_APART)
    return told(text, same)


def compare_rasters(tables: Tables) -> bool:
    """Hold the disturbed part of rights against exactextract's, and rasterstats' sum against that."""
    seen = tables.rights[tables.rights["disturbed_valid_share"] >= MIN_VALID]
    off = (seen["disturbed_share"] - seen["mean"]).abs()
    apart = int((~(off <= SHARE_APART)).sum())
    weight = seen["disturbed_valid_share"] * shapely.area(seen["geometry"].to_numpy())
    in_all = abs((off * weight).sum() / (seen["mean"] * weight).sum())
    text = (
        f"disturbed part of {len(seen):,} rights: {apart} farther apart than {SHARE_APART:g} "
        f"(at most {RIGHTS_APART:g} of them, or one), in all {in_all:.1e} (at most {SUM_APART:g})"
    )
    exact = told(text, apart <= max(1, RIGHTS_APART * len(seen)) and in_all <= SUM_APART)
    sampled = pd.read_parquet(tables.peer / "rasterstats.parquet").fillna(0.0)
    middle = (sampled["mean"] * sampled["count"]).sum()
    whole = (sampled["mean_exact"] * sampled["count_exact"]).sum()
    off = abs(middle / whole - 1)
    text = f"rasterstats on {len(sampled):,} rights: {off:.2%} from exactextract in all"
    return told(f"{text} (at most {SAMPLED_APART:.0%})", off <= SAMPLED_APART) and exact


def compare_chances(tables: Tables) -> bool:
    """Hold the certainty of classes that are a status against the share of the peer's samples."""
    rows = tables.registrations[tables.registrations["area"].isna()].copy()
    rows["p_open"] = 1.0 - rows[["p_titled", "p_pending", "p_extinct", "p_other"]].sum(axis=1)
    status = rows["asm_class"].map(STATUS_OF)
    off = pd.concat(
        [
            (rows["class_probability"] - rows[f"p_{name}"])[status == name].abs()
            for name in STATUS_OF.values()
        ]
    )
    within = (off <= CHANCE_APART).mean()
    text = (
        f"certainty of {len(off):,} on open ground, pending or extinct rights: {within:.1%} within "
        f"{CHANCE_APART:g} (at least {MOST_OF:.0%})"
    )
    return told(text, within >= MOST_OF)


def agree(own: Path, peer: Path) -> bool:
    """Print every comparison; tell whether all hold."""
    tables = open_tables(own, peer)
    checks = (compare_pairs, compare_overlaps, compare_rasters, compare_chances)
    held = [check(tables) for check in checks]  # all are printed
    return all(held)
