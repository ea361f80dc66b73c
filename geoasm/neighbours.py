"""Registrations near an active holder's rights and outside them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm import schema
from geoasm.codes import (
    Activity,
    AsmClass,
    ConcessionStatus,
    HolderActivity,
    HolderStratum,
    RegistrationStatus,
)
from geoasm.link import Points, link
from geoasm.model import CandidateRules


def find_near(
    registrations: pd.DataFrame,
    points: Points,
    concessions: pd.DataFrame,
    pairs: pd.DataFrame,
    affiliates: pd.DataFrame,
    rules: CandidateRules,
) -> pd.DataFrame:
    """
    List registrations near a right of an active large or medium-scale holder that stand on no living right of its group.

    The excluded, plants and those on closed ground are left out: nothing is open to them there.

    Parameters
    ----------
    registrations
        Columns of `schema.REGISTRATIONS`, with `cluster_id`; RangeIndex.
    points
        Of the same registrations.
    concessions
        `status`, `holder_activity`, `holder_stratum`, `holder_id`, and what `link` needs.
    pairs
        `registration`, `concession`, `covered`: the rights at each point.
    affiliates
        `right`, `affiliate`: the groups and lone parties behind each right.

    Returns
    -------
    near
        Columns of `schema.NEAR_OUTSIDE`: for each registration and holder the nearest right.
    """
    in_force = (concessions["status"] == ConcessionStatus.TITLED).to_numpy(dtype=bool)
    works = (
        in_force
        & (concessions["holder_activity"] == HolderActivity.ACTIVE).to_numpy(dtype=bool)
        & (concessions["holder_stratum"] == HolderStratum.LSM_MSM).to_numpy(dtype=bool)
        & concessions["holder_id"].notna().to_numpy()
    )
    worked = np.flatnonzero(works)
    open_ = (
        (registrations["status"] != RegistrationStatus.EXCLUDED)
        & (registrations["activity"] != Activity.PROCESSING)
        & (registrations["asm_class"] != AsmClass.PROHIBITED_AREA)
    ).to_numpy(dtype=bool)
    near = link(points, concessions.iloc[worked].reset_index(drop=True), reach_m=rules.near_m)
    near = near[open_[near["registration"]]].reset_index(drop=True)
    near["concession"] = worked[near["concession"]]
    lives = (concessions["status"] != ConcessionStatus.EXTINCT).to_numpy(dtype=bool)
    covered = pairs[pairs["covered"].to_numpy(dtype=bool) & lives[pairs["concession"]]]
    near = near[~_stands_on_group(near, covered, affiliates)]
    rights = concessions.iloc[near["concession"]]
    near = near.assign(
        concession_id=rights["concession_id"].array, holder_id=rights["holder_id"].array
    )
    near = near.sort_values(["registration", "holder_id", "edge_distance_m", "concession_id"])
    near = near.drop_duplicates(["registration", "holder_id"]).reset_index(drop=True)
    at = near["registration"].to_numpy(dtype=np.intp)
    told = registrations[
        ["registration_id", "asm_class", "not_counted", "cluster_id", "geometry"]
    ].iloc[at]
    out = near.join(told.reset_index(drop=True)).rename(columns={"edge_distance_m": "distance_m"})
    return schema.conform(out, schema.NEAR_OUTSIDE)


def _stands_on_group(
    near: pd.DataFrame, covered: pd.DataFrame, affiliates: pd.DataFrame
) -> npt.NDArray[np.bool_]:
    """Tell of which pairs the registration stands on a right of somebody behind it."""
    behind = affiliates.set_index("right")["affiliate"]
    mine = near[["registration", "concession"]].join(behind, on="concession").dropna()
    theirs = covered[["registration", "concession"]].join(behind, on="concession").dropna()
    of_group = pd.MultiIndex.from_frame(mine[["registration", "affiliate"]]).isin(
        pd.MultiIndex.from_frame(theirs[["registration", "affiliate"]])
    )
    on = np.zeros(len(near), dtype=bool)
    on[mine.index[of_group]] = True
    on |= near["covered"].to_numpy(dtype=bool)
    return on
