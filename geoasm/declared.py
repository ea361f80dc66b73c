"""The right that a registrant declared, against the rights at the registered point."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from geoasm.codes import ConcessionStatus, DeclaredRelation
from geoasm.link import Points


def relate(
    declared: pd.Series,
    points: Points,
    pairs: pd.DataFrame,
    concessions: pd.DataFrame,
    *,
    near_m: float,
) -> pd.DataFrame:
    """
    Compare each declared right with the rights that cover the point.

    Parameters
    ----------
    declared
        Declared code per registration, RangeIndex.
    near_m
        Up to this distance (metres) a point outside its declared right is still near it.

    Returns
    -------
    relation
        `declared_relation` (missing where the point is unusable and the code is in the cadastre),
        `declared_distance_m` (0 inside).
    """
    place = pd.Series(concessions.index, index=concessions["concession_id"])
    right = declared.map(place).astype("Int64")
    known = right.notna().to_numpy()
    distance = np.full(len(declared), np.nan)
    rows = np.flatnonzero(known & points.located)
    place_of = right.fillna(-1).to_numpy(dtype=np.intp)
    target = place_of[rows]
    systems = concessions["planar_crs"].to_numpy(dtype=object)[target]
    planar = concessions["planar"].to_numpy(dtype=object)[target]
    for crs in np.unique(systems.astype(str)):
        here = systems == crs
        x, y = points.in_system(crs)
        at = shapely.points(x[rows[here]], y[rows[here]])
        distance[rows[here]] = shapely.distance(planar[here], at)
    stack = pairs.loc[pairs["covered"].to_numpy(dtype=bool), ["registration", "concession"]]
    covering = pd.MultiIndex.from_frame(stack)
    asked = pd.MultiIndex.from_arrays([np.arange(len(declared)), place_of])
    agrees = asked.isin(covering)
    extinct = concessions.loc[concessions["status"] == ConcessionStatus.EXTINCT, "concession_id"]
    is_extinct = declared.isin(extinct).to_numpy()
    relation = np.select(
        [
            declared.isna().to_numpy(),
            ~known,
            agrees,
            is_extinct,
            distance <= near_m,
            distance > near_m,
        ],
        [
            DeclaredRelation.NONE.value,
            DeclaredRelation.UNKNOWN_CODE.value,
            DeclaredRelation.AGREES.value,
            DeclaredRelation.EXTINCT.value,
            DeclaredRelation.NEAR.value,
            DeclaredRelation.ELSEWHERE.value,
        ],
        "",
    )
    text = pd.Series(relation, index=declared.index)
    return pd.DataFrame(
        {
            "declared_relation": text.where(text != "").astype("str"),
            "declared_distance_m": np.where(agrees, 0.0, distance),
        },
        index=declared.index,
    )
