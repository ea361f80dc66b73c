"""What each holder has: titles, hectares, idle ground, and the registrations it hosts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from geoasm import geometry
from geoasm.codes import ConcessionStatus, HolderActivity, PartyKind, TitleRelation
from geoasm.schema import HOLDERS, LIST_SEPARATOR


def total_ha(concessions: pd.DataFrame, holder: pd.Series, rights: pd.Series) -> pd.Series:
    """
    Measure the ground of each holder's rights, nothing counted twice within a zone.

    Parameters
    ----------
    concessions
        `planar` (metres) in `planar_crs`, `area_ha`.
    holder
        Party number of each right.
    rights
        Boolean: the rights that count.

    Returns
    -------
    hectares
        Indexed by party number; holders without such rights are absent.
    """
    chosen = rights.to_numpy(dtype=bool) & holder.notna().to_numpy()
    rows = pd.DataFrame(
        {
            "holder": holder[chosen].astype(int).to_numpy(),
            "zone": concessions["planar_crs"].to_numpy(dtype=object)[chosen],
            "planar": concessions["planar"].to_numpy(dtype=object)[chosen],
            "area_ha": concessions["area_ha"].to_numpy()[chosen],
        }
    )
    overlapping = _may_overlap(rows)
    plain = rows[~overlapping].groupby("holder")["area_ha"].sum()
    stacked = rows[overlapping].groupby(["holder", "zone"])["planar"]
    dissolved = stacked.agg(lambda group: geometry.dissolved_ha(group.to_numpy()))
    return plain.add(dissolved.groupby("holder").sum().astype(float), fill_value=0.0)


def _may_overlap(rows: pd.DataFrame) -> pd.Series:
    """Tell which rights share ground with another right of the same holder and zone."""
    shared = np.zeros(len(rows), dtype=bool)
    for positions in rows.groupby("zone").indices.values():
        planar = rows["planar"].to_numpy(dtype=object)[positions]
        holder = rows["holder"].to_numpy()[positions]
        a, b = shapely.STRtree(planar).query(planar)
        same = (a < b) & (holder[a] == holder[b])
        a, b = a[same], b[same]
        meet = shapely.relate_pattern(planar[a], planar[b], "T********")
        shared[positions[a[meet]]] = shared[positions[b[meet]]] = True
    return pd.Series(shared, index=rows.index)


def list_holders(
    concessions: pd.DataFrame,
    holder: pd.Series,
    registrant: pd.Series,
    parties: pd.DataFrame,
    answers: pd.DataFrame,
    *,
    groups: pd.Series | None,
    registrants: str,
) -> pd.DataFrame:
    """
    List holders with what they hold and whom they host.

    Parameters
    ----------
    concessions
        With `status`, `holder_stratum`, `stratum_basis`, `holder_activity`.
    holder, registrant
        Party number of each right and of each registration.
    answers
        Of `classify`: `title_relation`, `asm_class`, `decided_by`.
    groups
        Group of each party number, where a table gave it.

    Returns
    -------
    holders
        Columns of `schema.HOLDERS`, ordered by `holder_id`.
    """
    in_force = concessions["status"] == ConcessionStatus.TITLED
    pending = concessions["status"] == ConcessionStatus.PENDING
    idle = in_force & (concessions["holder_activity"] == HolderActivity.IDLE)
    ids = np.sort(holder.dropna().unique().astype(int))
    info = parties.set_index("party_id").reindex(ids)
    first = concessions.assign(holder=holder).dropna(subset=["holder"]).groupby("holder")
    hosted = answers[
        (answers["decided_by"] >= 0) & (answers["title_relation"] != TitleRelation.OWN)
    ]
    hosted = hosted[in_force.to_numpy()[hosted["decided_by"]]]
    hosted = pd.DataFrame(
        {
            "holder": holder.array[hosted["decided_by"]],
            "asm_class": hosted["asm_class"].to_numpy(dtype=object),
        }
    ).dropna()
    frame = pd.DataFrame({"holder_id": ids})
    frame["name"] = info["name"].where(info["kind"] == PartyKind.LEGAL).to_numpy(dtype=object)
    frame["holder_kind"] = info["kind"].to_numpy(dtype=object)
    frame["group"] = frame["holder_id"].map(groups) if groups is not None else None
    frame["stratum"] = frame["holder_id"].map(first["holder_stratum"].agg("min"))
    frame["stratum_basis"] = frame["holder_id"].map(first["stratum_basis"].agg("min"))
    frame["n_in_force"] = frame["holder_id"].map(holder[in_force].value_counts()).fillna(0)
    frame["in_force_ha"] = frame["holder_id"].map(total_ha(concessions, holder, in_force))
    frame["n_pending"] = frame["holder_id"].map(holder[pending].value_counts()).fillna(0)
    frame["idle_ha"] = frame["holder_id"].map(total_ha(concessions, holder, idle))
    frame[["in_force_ha", "idle_ha"]] = frame[["in_force_ha", "idle_ha"]].fillna(0.0)
    frame["n_hosted"] = frame["holder_id"].map(hosted["holder"].value_counts()).fillna(0)
    frame["hosted_by_class"] = frame["holder_id"].map(_spell(hosted)).astype("str").fillna("")
    registered = frame["holder_id"].isin(registrant.dropna().astype(int).unique())
    namesake = ~registered & info["is_ambiguous"].to_numpy(dtype=bool)
    frame["is_registered"] = pd.Series(registered, dtype="boolean").mask(namesake, pd.NA)
    if registrants == "none":
        frame["is_registered"] = pd.array([pd.NA] * len(frame), dtype="boolean")
    return frame[HOLDERS.names]


def _spell(hosted: pd.DataFrame) -> pd.Series:
    counts = hosted.value_counts().reset_index().sort_values(["holder", "asm_class"])
    text = counts["asm_class"] + "=" + counts["count"].astype("str")
    return text.groupby(counts["holder"]).agg(LIST_SEPARATOR.join)
