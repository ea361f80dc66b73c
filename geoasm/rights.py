"""What a right is: in force as a title to mine, or as another kind of right."""

from __future__ import annotations

import geopandas as gpd

from geoasm.codes import ConcessionStatus

MINING = "mining"
UNKNOWN_TYPE = "unknown"


def settle_status(concessions: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Set apart the rights in force that are no titles to mine.

    A cadastre may state only whether a right is in force and name its kind in another column. A
    right in force whose `right_type` is known and is not mining (quarry, plant, tailings…) has the
    status `other`. Applications and extinct rights keep their status, whatever was asked for or
    held; so does a right of a type that nobody knows.

    Parameters
    ----------
    concessions
        Columns `status` and, where the profile reads it, `right_type`.

    Returns
    -------
    concessions
        A copy with the same index; only `status` differs.
    """
    out = concessions.copy()
    if "right_type" not in out.columns:
        return out
    kind = out["right_type"]
    no_mining = kind.notna() & (kind != MINING) & (kind != UNKNOWN_TYPE)
    out["status"] = out["status"].mask(
        no_mining & (out["status"] == ConcessionStatus.TITLED), str(ConcessionStatus.OTHER)
    )
    return out
