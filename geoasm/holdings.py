"""What each holder has: titles, hectares, idle ground, and the registrations it hosts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm import geometry
from geoasm.codes import (
    ConcessionStatus,
    HolderActivity,
    HolderStratum,
    PartyKind,
    StratumBasis,
    TitleRelation,
)
from geoasm.parsing.text import join_groups
from geoasm.parties import Parties
from geoasm.schema import HOLDERS, LIST_SEPARATOR

Positions = npt.NDArray[np.intp]

_OF_THE_HOLDER = (
    StratumBasis.OFFICIAL,
    StratumBasis.PRODUCTION,
    StratumBasis.HECTARES_OVER_LIMIT,
)


def total_ha(concessions: pd.DataFrame, rights: Positions, owner: pd.Series) -> pd.Series:
    """
    Measure the ground of each owner's rights, nothing counted twice within a zone.

    Parameters
    ----------
    concessions
        `planar` (metres) in `planar_crs`, `area_ha`.
    rights
        Positions of rights; one that several own stands once for each.
    owner
        Whose each is: a number or a text, in the order of `rights`.

    Returns
    -------
    hectares
        Indexed by owner; owners without a right are absent.
    """
    rows = pd.DataFrame(
        {
            "owner": owner.array,
            "zone": concessions["planar_crs"].to_numpy(dtype=object)[rights],
            "planar": concessions["planar"].to_numpy(dtype=object)[rights],
            "area_ha": concessions["area_ha"].to_numpy()[rights],
        }
    )
    overlapping = _may_overlap(rows)
    plain = rows[~overlapping].groupby("owner")["area_ha"].sum()
    stacked = rows[overlapping].groupby(["owner", "zone"])["planar"]
    dissolved = stacked.agg(lambda group: geometry.dissolved_ha(group.to_numpy()))
    return plain.add(dissolved.groupby("owner").sum().astype(float), fill_value=0.0)


def _may_overlap(rows: pd.DataFrame) -> pd.Series:
    """Tell which rights share ground with another right of the same owner and zone."""
    shared = np.zeros(len(rows), dtype=bool)
    number = pd.factorize(rows["owner"])[0]
    for positions in rows.groupby("zone").indices.values():
        planar = rows["planar"].to_numpy(dtype=object)[positions]
        own = number[positions]
        a, b = shapely.STRtree(planar).query(planar)
        same = (a < b) & (own[a] == own[b])
        a, b = a[same], b[same]
        meet = shapely.relate_pattern(planar[a], planar[b], "T********")
        shared[positions[a[meet]]] = shared[positions[b[meet]]] = True
    return pd.Series(shared, index=rows.index)


def list_holders(
    concessions: pd.DataFrame,
    parties: Parties,
    answers: pd.DataFrame,
    *,
    groups: pd.Series,
    registrants: str,
) -> pd.DataFrame:
    """
    List holders with what they hold and whom they host.

    Parameters
    ----------
    concessions
        With `status`, `holder_stratum`, `stratum_basis`, `holder_activity`.
    answers
        Of `classify`: `title_relation`, `asm_class`, `decided_by`.
    groups
        Group of each party number, where a table gave it.

    Returns
    -------
    holders
        Columns of `schema.HOLDERS`, ordered by `holder_id`; joint holders are a holder of their own.
    """
    holder = parties.holder
    in_force = concessions["status"] == ConcessionStatus.TITLED
    pending = concessions["status"] == ConcessionStatus.PENDING
    idle = in_force & (concessions["holder_activity"] == HolderActivity.IDLE)
    active = in_force & (concessions["holder_activity"] == HolderActivity.ACTIVE)
    ids = np.sort(holder.dropna().unique().astype(int))
    info = parties.frame.set_index("party_id").reindex(ids)
    rights = concessions.assign(holder=holder).dropna(subset=["holder"]).groupby("holder")
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
    number = frame["holder_id"]
    frame["name"] = info["name"].where(info["kind"] == PartyKind.LEGAL).to_numpy(dtype=object)
    frame["holder_kind"] = info["kind"].to_numpy(dtype=object)
    frame["n_members"] = number.map(parties.members["holder_id"].value_counts()).array
    frame["group"] = number.map(groups).astype("str")
    strata = _own_strata(concessions, holder)
    frame["stratum"] = number.map(strata["stratum"])
    frame["stratum_basis"] = number.map(strata["basis"])
    frame["total_ha"] = number.map(rights["holder_total_ha"].max())
    frame["n_in_force"] = number.map(holder[in_force].value_counts()).fillna(0)
    frame["n_pending"] = number.map(holder[pending].value_counts()).fillna(0)
    frame["n_active"] = number.map(holder[active].value_counts()).fillna(0)
    for name, chosen in (("in_force_ha", in_force), ("idle_ha", idle)):
        at = np.flatnonzero(chosen & holder.notna())
        frame[name] = number.map(total_ha(concessions, at, holder.iloc[at])).fillna(0.0)
    frame["n_hosted"] = number.map(hosted["holder"].value_counts()).fillna(0)
    frame["hosted_by_class"] = number.map(_spell(hosted)).astype("str").fillna("")
    frame["is_registered"] = _is_registered(ids, parties, info, registrants)
    return frame[HOLDERS.names]


def _own_strata(concessions: pd.DataFrame, holder: pd.Series) -> pd.DataFrame:
    """
    Give what is known of each holder itself, from the strata of its rights.

    A table, production and hectares speak of the holder, wherever a right shows them. A licence speaks
    of its right alone, and a presumption gives way to it: both hold where all rights agree.
    """
    rows = pd.DataFrame(
        {
            "holder": holder,
            "stratum": concessions["holder_stratum"],
            "basis": concessions["stratum_basis"],
        }
    ).dropna(subset=["holder"])
    proven = rows[rows["basis"].isin(_OF_THE_HOLDER)].drop_duplicates("holder")
    # Where they agree, what is presumed of the holder is told before what a licence says.
    is_licence = rows["basis"] == StratumBasis.LICENCE_TYPE
    first = pd.concat([rows[~is_licence], rows[is_licence]]).drop_duplicates("holder")
    of_holder = rows.groupby("holder")["stratum"]
    agree = of_holder.min() == of_holder.max()
    out = first.set_index("holder")[["stratum", "basis"]]
    out[~agree.reindex(out.index)] = [str(HolderStratum.UNKNOWN), str(StratumBasis.NONE)]
    proven = proven.set_index("holder")[["stratum", "basis"]]
    return pd.concat([proven, out[~out.index.isin(proven.index)]])


def _is_registered(
    ids: npt.NDArray[np.int64], parties: Parties, info: pd.DataFrame, registrants: str
) -> pd.array:
    """Tell which holders, or a member of them, are registrants; NA where only a namesake may be."""
    if registrants == "none":
        return pd.array([pd.NA] * len(ids), dtype="boolean")
    registered = parties.registrant.dropna().astype(int).unique()
    members = parties.members
    any_member = members["member_id"].isin(registered).groupby(members["holder_id"]).any()
    found = any_member.reindex(ids).to_numpy(dtype=bool)
    namesake = ~found & info["is_ambiguous"].to_numpy(dtype=bool)
    return pd.array(pd.Series(found, dtype="boolean").mask(namesake, pd.NA), dtype="boolean")


def _spell(hosted: pd.DataFrame) -> pd.Series:
    counts = hosted.value_counts().reset_index().sort_values(["holder", "asm_class"])
    text = counts["asm_class"] + "=" + counts["count"].astype("str")
    return join_groups(text, counts["holder"], LIST_SEPARATOR)
