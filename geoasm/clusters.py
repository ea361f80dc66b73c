"""Registrations that stand together: the groups of people a company would talk to."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from sklearn.cluster import DBSCAN

from geoasm import geometry
from geoasm.codes import Activity, RegistrationStatus
from geoasm.model import CandidateRules
from geoasm.parsing.text import join_groups
from geoasm.schema import CLUSTERS, LIST_SEPARATOR, conform

_MARGIN = 0.1  # of the radius, around the points of a hull


def find_clusters(registrations: pd.DataFrame, rules: CandidateRules) -> pd.Series:
    """
    Group registrations by density (DBSCAN), in metres on the ellipsoid, across zones.

    Parameters
    ----------
    registrations
        `registration_id`, `status`, `activity`, `geometry` (points in degrees or missing). The
        excluded, plants and those without a position stand in no cluster.
    rules
        `cluster_radius_m` from one registration to the next, `cluster_fewest` registrations.

    Returns
    -------
    clusters
        Number of the cluster of each registration, Int64, missing for one that stands alone; numbered
        in the order of the least code in each, so that the order of rows does not matter.
    """
    shapes = registrations["geometry"].to_numpy(dtype=object)
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    there &= (registrations["status"] != RegistrationStatus.EXCLUDED).to_numpy(dtype=bool)
    there &= (registrations["activity"] != Activity.PROCESSING).to_numpy(dtype=bool)
    out = pd.Series(pd.NA, index=registrations.index, dtype="Int64")
    if not there.any():
        return out
    # Distinct places in the order of their coordinates: what DBSCAN gives follows from them alone.
    places, at, counts = np.unique(
        shapely.get_coordinates(shapes[there]), axis=0, return_inverse=True, return_counts=True
    )
    labels = DBSCAN(
        eps=rules.cluster_radius_m, min_samples=rules.cluster_fewest, algorithm="kd_tree"
    ).fit_predict(geometry.geocentric(places[:, 0], places[:, 1]), sample_weight=counts)
    found = pd.Series(labels[at.ravel()], index=registrations.index[there])
    found = found[found >= 0]
    codes = registrations["registration_id"].reindex(found.index)
    order = codes.groupby(found).min().sort_values().index
    out[found.index] = found.map(pd.Series(np.arange(1, len(order) + 1), index=order))
    return out


def describe_clusters(
    registrations: pd.DataFrame, cluster: pd.Series, rules: CandidateRules
) -> pd.DataFrame:
    """
    Describe each cluster in the columns of `schema.CLUSTERS`.

    Parameters
    ----------
    registrations
        Columns of `schema.REGISTRATIONS`.
    cluster
        Of `find_clusters`, on the same index.
    """
    rows = registrations.assign(cluster_id=cluster).dropna(subset=["cluster_id"])
    grouped = rows.groupby("cluster_id")
    known = rows["status"] != RegistrationStatus.UNKNOWN
    active = (rows["status"] == RegistrationStatus.ACTIVE).where(known)
    frame = pd.DataFrame(
        {
            "n_registrations": grouped.size(),
            "n_registrants": grouped["registrant_id"].nunique(),
            "n_active": (rows["status"] == RegistrationStatus.ACTIVE).groupby(rows["cluster_id"]).sum(),
            "active_share": active.astype("Float64").groupby(rows["cluster_id"]).mean(),
            "n_places": _places(rows).groupby(rows["cluster_id"]).nunique(),
            "n_concessions": grouped["concession_id"].nunique(),
            "concession_ids": _join(rows, "concession_id"),
            "classes": _join(rows, "asm_class"),
            "admin_1": _most(rows, "admin_1"),
            "admin_2": _most(rows, "admin_2"),
            "admin_3": _most(rows, "admin_3"),
        }
    )  # fmt: skip
    frame = frame.rename_axis("cluster_id").reset_index()
    frame["geometry"] = _hulls(rows, rules.cluster_radius_m * _MARGIN)
    return conform(frame, CLUSTERS)


def _places(rows: pd.DataFrame) -> pd.Series:
    """Number the distinct places of points."""
    numbers = shapely.get_coordinates(rows.geometry.to_numpy(dtype=object))
    return pd.Series(np.unique(numbers, axis=0, return_inverse=True)[1].ravel(), index=rows.index)


def _hulls(rows: pd.DataFrame, margin_m: float) -> npt.NDArray[np.object_]:
    """Give the convex hull of each cluster with a margin, so that it is a polygon even of one place."""
    number, _ = pd.factorize(rows["cluster_id"], sort=True)
    lon, lat = shapely.get_coordinates(rows.geometry.to_numpy(dtype=object)).T
    ring_x, ring_y = geometry.around(lon, lat, margin_m)
    owner = np.repeat(number, ring_x.shape[1])
    order = np.argsort(owner, kind="stable")
    corners = shapely.points(ring_x.ravel()[order], ring_y.ravel()[order])
    hulls: npt.NDArray[np.object_] = shapely.convex_hull(
        shapely.multipoints(corners, indices=owner[order])
    )
    return hulls


def _join(rows: pd.DataFrame, column: str) -> pd.Series:
    """List the distinct values of each cluster, in the order of the alphabet."""
    pairs = rows[["cluster_id", column]].dropna().drop_duplicates().sort_values([column])
    return join_groups(pairs[column], pairs["cluster_id"], LIST_SEPARATOR)


def _most(rows: pd.DataFrame, column: str) -> pd.Series:
    """Name the region in which most registrations of each cluster stand; of several the first by name."""
    counts = rows.groupby(["cluster_id", column]).size().rename("n").reset_index()
    counts = counts.sort_values(["cluster_id", "n", column], ascending=[True, False, True])
    return counts.drop_duplicates("cluster_id").set_index("cluster_id")[column]
