"""Whether a registrant holds a right, or has a contract for it: yes, no, or not to be told."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from geoasm.codes import OwnBasis
from geoasm.parties.identity import Parties


def same_holder(
    registrant: pd.Series,
    holder: pd.Series,
    parties: Parties,
    registrants: str,
    likely: pd.DataFrame | None = None,
) -> pd.Series:
    """
    Tell for each pair whether the registrant holds the right, alone or with others.

    Parameters
    ----------
    registrant, holder
        Party numbers of each pair (Int64), on one index.
    registrants
        "none" where the register has no persons: then nobody is the same.
    likely
        Parties that may be the same: `registrant_id`, `member_id`, as `review.find_similar` gives them.

    Returns
    -------
    same
        Nullable boolean; NA where a side is not known, a name decides nothing or is much alike, or
        not all holders are named.
    """
    if registrants == "none":
        return pd.Series(False, index=registrant.index, dtype="boolean")
    asked = pd.DataFrame({"registrant": registrant.array, "holder": holder.array})
    distinct = asked.dropna().drop_duplicates().astype("int64")
    verdict = _compare(distinct, parties, likely)
    at = pd.MultiIndex.from_frame(asked.astype("Int64").fillna(-1).astype("int64"))
    told = verdict.reindex(at)
    return pd.Series(told.array, index=registrant.index, dtype="boolean")


def _compare(distinct: pd.DataFrame, parties: Parties, likely: pd.DataFrame | None) -> pd.Series:
    """Answer each distinct pair once: any member is the registrant, any may be, none is."""
    info = parties.frame.set_index("party_id")
    rows = distinct.merge(parties.members, left_on="holder", right_on="holder_id")
    # Where holders are compared with each other, the first may be joint as well.
    rows = rows.merge(
        parties.members.rename(columns={"holder_id": "registrant", "member_id": "first"}),
        on="registrant",
        how="left",
    )
    one = rows["first"].fillna(rows["registrant"]).astype("int64")
    other = rows["member_id"]
    named, numbered = info["keys"].notna(), info["ruc"].notna()

    def of(flag: pd.Series, ids: pd.Series) -> pd.Series:
        return flag.reindex(ids).set_axis(rows.index).astype(bool)

    comparable = (of(numbered, one) & of(numbered, other)) | (of(named, one) & of(named, other))
    homonyms = _share_name(one, other, info) | _share_name(other, one, info)
    doubtful = homonyms | ~comparable | of(info["is_open"].astype(bool), rows["holder"])
    if likely is not None and len(likely):
        pairs = pd.MultiIndex.from_frame(likely[["registrant_id", "member_id"]].astype("int64"))
        doubtful |= pd.MultiIndex.from_arrays([one, other]).isin(pairs)
    # A namesake is no match even under one number: the number was lent by the name alone.
    same = (one == other) & comparable & ~homonyms
    same |= (rows["registrant"] == rows["holder"]) & of(info["keys"].isna(), rows["holder"])
    grouped = pd.DataFrame({"same": same, "doubtful": doubtful})
    told = grouped.groupby([rows["registrant"], rows["holder"]]).any()
    verdict = told["same"].astype("boolean")
    return verdict.mask(told["doubtful"] & ~told["same"], pd.NA)


def _share_name(one: pd.Series, other: pd.Series, info: pd.DataFrame) -> pd.Series:
    """Tell where the one is known only by a name that several bear, and the other bears it too."""
    doubtful = info.loc[info["is_ambiguous"].astype(bool), "keys"].explode().dropna()
    name = one.map(doubtful.groupby(level=0).first())
    doubted = name.notna()
    asked = pd.MultiIndex.from_arrays([other[doubted], name[doubted].astype(object)])
    borne = info.loc[info.index.isin(other[doubted]), "keys"].explode().dropna()
    borne = borne[borne.isin(doubtful)]
    having = pd.MultiIndex.from_arrays([borne.index, borne.astype(object)])
    shared = pd.Series(False, index=one.index)
    shared[doubted] = asked.isin(having)
    return shared


def own_basis(registrant: pd.Series, parties: Parties) -> pd.Series:
    """
    Say what shows that a registrant is the holder it is held to be.

    Parameters
    ----------
    registrant
        Party number of each registration (Int64).

    Returns
    -------
    basis
        `ruc` where both sides state the number, `alias` where a person judged the spellings, else
        `name`; on the index of `registrant`.
    """
    info = parties.frame
    states_number, by_alias = (
        registrant.isin(info.loc[info[flag].astype(bool), "party_id"])
        for flag in ("by_number", "by_alias")
    )
    by_number = states_number & parties.has_number
    basis = np.select(
        [by_number, by_alias], [OwnBasis.RUC.value, OwnBasis.ALIAS.value], OwnBasis.NAME.value
    )
    return pd.Series(basis, index=registrant.index, dtype="str")


def is_joint(holder: pd.Series, parties: Parties) -> pd.Series:
    """Tell which rights several hold together (party number of each right's holder)."""
    counted = parties.members["holder_id"].value_counts()
    joint = {*counted.index[counted > 1], *parties.frame.loc[parties.frame["is_open"], "party_id"]}
    return holder.isin(joint)


def has_contract(
    registrant: pd.Series,
    concession_id: pd.Series,
    parties: Parties,
    contracts: pd.DataFrame | None,
    *,
    on: date,
) -> pd.Series:
    """
    Tell for each pair whether the registrant has a contract for the right, signed by a day.

    Parameters
    ----------
    registrant, concession_id
        Party number and right of each pair, on one index.
    contracts
        `concession_id`, `ruc`, `signed_on`; one without a date counts.
    """
    if contracts is None:
        return pd.Series(False, index=registrant.index)
    valid = contracts
    if "signed_on" in contracts:
        valid = contracts[
            contracts["signed_on"].isna() | (contracts["signed_on"] <= pd.Timestamp(on))
        ]
    ruc = registrant.map(parties.frame.set_index("party_id")["ruc"])
    asked = pd.MultiIndex.from_arrays([concession_id.astype(object), ruc.astype(object)])
    signed = pd.MultiIndex.from_frame(valid[["concession_id", "ruc"]].dropna().astype(object))
    return pd.Series(asked.isin(signed), index=registrant.index)
