"""What the openings are to each cluster: how many, of what ground, in blocks of which size."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geoasm import schema
from geoasm.codes import AsmClass, OpeningGround, OpeningUse
from geoasm.free_ground.cells import find_blocks
from geoasm.geometry import M2_PER_HA
from geoasm.model import ClaimGrid
from geoasm.schema import LIST_SEPARATOR


@dataclass(frozen=True)
class Looked:
    """
    What was looked at: cells with `key`, `is_open`, `ground`, `possible`, `free_on`.

    `reached` has `cluster_id` and `cell`; `blocked` has `cell` and `reason`, no pair twice; `points`
    every located registration with `cluster_id`, `asm_class` and the `key` of its cell.
    """

    cells: pd.DataFrame
    reached: pd.DataFrame
    blocked: pd.DataFrame
    points: pd.DataFrame


def describe_clusters(looked: Looked, clusters: pd.DataFrame, grid: ClaimGrid) -> gpd.GeoDataFrame:
    """
    Describe the clusters on extinct or open ground in the columns of `schema.OPENING_CLUSTERS`.

    Parameters
    ----------
    clusters
        Columns of `schema.CLUSTERS`.
    """
    cell_ha = grid.cell_m**2 / M2_PER_HA
    reached = looked.reached.join(looked.cells[["key", "is_open", "ground", "possible", "free_on"]], on="cell")  # fmt: skip
    opened = reached[reached["is_open"].to_numpy(dtype=bool)]
    claimable = opened[(opened["possible"] == OpeningUse.CLAIM).to_numpy(dtype=bool)]
    places = looked.points.dropna(subset=["cluster_id"])
    classes = places.groupby("cluster_id")["asm_class"]
    ids = pd.Index(np.unique(reached["cluster_id"].to_numpy()), name="cluster_id")
    of = clusters.set_index("cluster_id").reindex(ids)
    open_keys = looked.cells.loc[looked.cells["is_open"].to_numpy(dtype=bool), "key"]
    inside = places[places["key"].isin(open_keys)].groupby("cluster_id").size()
    out = pd.DataFrame(
        {
            "n_registrations": of["n_registrations"],
            "n_open": classes.agg(lambda c: int((c == AsmClass.OPEN_GROUND).sum())),
            "n_extinct": classes.agg(lambda c: int((c == AsmClass.ON_EXTINCT_CLAIM).sum())),
            "n_standing": inside.reindex(ids).fillna(0),
            "n_cells": reached.groupby("cluster_id").size(),
            "n_openings": _count(opened, ids),
            **{f"n_{g}": _count(opened[opened["ground"] == g], ids) for g in OpeningGround},
            "open_ha": _count(opened, ids) * cell_ha,
            "claim_ha": _count(claimable, ids) * cell_ha,
            "block_ha": _largest(opened, ids) * cell_ha,
            "claim_block_ha": _largest(claimable, ids) * cell_ha,
            "free_on": _first_day(opened).reindex(ids),
            "blocked_by": _reasons(looked).reindex(ids),
            **{name: of[name] for name in ("admin_1", "admin_2", "admin_3", "geometry")},
        },
        index=ids,
    )
    out["standing_share"] = out["n_standing"] / out["n_registrations"]
    claims = np.ceil(out["claim_block_ha"] / grid.most_ha)
    out["fewest_claims"] = claims.where(out["claim_block_ha"] >= grid.least_ha, 0)
    made: gpd.GeoDataFrame = schema.conform(out.reset_index(), schema.OPENING_CLUSTERS)
    return made


def _count(rows: pd.DataFrame, ids: pd.Index) -> pd.Series:
    return rows.groupby("cluster_id").size().reindex(ids).fillna(0)


def _largest(rows: pd.DataFrame, ids: pd.Index) -> pd.Series:
    """Count the cells of each cluster's largest block of cells that share edges."""
    owner, key = rows["cluster_id"].to_numpy(dtype=np.intp), rows["key"].to_numpy(dtype=np.int64)
    sizes = rows.groupby(["cluster_id", find_blocks(owner, key)]).size()
    return sizes.groupby("cluster_id").max().reindex(ids).fillna(0)


def _first_day(opened: pd.DataFrame) -> pd.Series:
    dated = opened[opened["ground"].isin([OpeningGround.EXTINCT_FREE, OpeningGround.EXTINCT_UNTIL])]
    return dated.groupby("cluster_id")["free_on"].min()


def _reasons(looked: Looked) -> pd.Series:
    """List what blocks the cells around each cluster, what blocks most first, as reason=cells."""
    rows = looked.reached.merge(looked.blocked, on="cell")
    counts = rows.groupby(["cluster_id", "reason"]).size().rename("n").reset_index()
    counts = counts.sort_values(["cluster_id", "n", "reason"], ascending=[True, False, True])
    told = counts["reason"] + "=" + counts["n"].astype("str")
    return told.groupby(counts["cluster_id"]).agg(LIST_SEPARATOR.join)
