"""Names and identity numbers to parties: who registered, who holds, and whether they are the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm import issues
from geoasm.codes import (
    Action,
    HolderStratum,
    PartyKind,
    Problem,
    Role,
    StratumBasis,
)
from geoasm.model import PartyRules
from geoasm.parsing.text import fold

_REMARK = re.compile(r"\([^)]*\)?")
_NOT_WORD = re.compile(r"[^A-Z0-9Ñ&]+")


@dataclass(frozen=True)
class Parties:
    """
    Everybody in a run.

    `frame` follows `schema.PARTIES` and adds `keys` (every normalised name that the party bears) and
    `is_ambiguous` (its one name is borne by several identity numbers). `registrant` and `holder` give
    the party of each registration and right (Int64).
    """

    frame: pd.DataFrame
    registrant: pd.Series
    holder: pd.Series
    issues: pd.DataFrame


def name_keys(names: pd.Series, rules: PartyRules) -> pd.DataFrame:
    """
    Normalise names for exact comparison.

    Case, accents, punctuation, spacing, remarks in parentheses and the spelling of legal forms do
    not count; for natural persons the order of the words does not count either.

    Returns
    -------
    keys
        `key` (missing where there is no name) and `is_legal`, on the index of `names`.
    """
    codes, distinct = pd.factorize(names)
    forms = sorted(rules.legal_forms, key=lambda form: -len(form[0]))
    rows = [_name_key(str(name), forms) for name in distinct]
    keys = pd.array([key for key, _ in rows] + [None], dtype="str").take(codes)
    legal = np.array([is_legal for _, is_legal in rows] + [False])[codes]
    return pd.DataFrame({"key": keys, "is_legal": legal}, index=names.index)


def _name_key(name: str, forms: Sequence[tuple[str, str]]) -> tuple[str | None, bool]:
    text = f" {_NOT_WORD.sub(' ', _REMARK.sub(' ', fold(name)).replace('.', ' ')).strip()} "
    is_legal = False
    for spelling, form in forms:
        if f" {spelling} " in text:
            text = text.replace(f" {spelling} ", f" *{form} ")
            is_legal = True
    words = text.split()
    if not words:
        return None, False
    return " ".join(words if is_legal else sorted(words)), is_legal


def identify(
    registrations: pd.DataFrame,
    concessions: pd.DataFrame,
    rules: PartyRules,
    holders: pd.DataFrame | None = None,
) -> Parties:
    """
    Give every registrant and holder a run-local number; equal numbers mean the same party.

    The identity number decides where both sides have one; else the exact normalised name. A name
    that several numbers bear decides nothing: such pairs stay unknown and are reported.

    Parameters
    ----------
    registrations, concessions
        Normalised frames: `ruc` and `registrant_name`; `holder_name`. Absent columns count as empty.
    holders
        Table of holder names and their identity numbers.
    """
    registrant = _people(registrations, "registrant_name", "ruc", rules)
    holder = _people(concessions, "holder_name", "holder_ruc", rules)
    known = [registrant[["key", "ruc"]]]
    if holders is not None:
        table = _people(holders, "holder_name", "ruc", rules)
        known.append(table[["key", "ruc"]])
        given = table[["key", "ruc"]].dropna().drop_duplicates()
        given = given.drop_duplicates("key", keep=False).set_index("key")["ruc"]
        holder["ruc"] = holder["ruc"].fillna(holder["key"].map(given).astype("str"))
    numbers = pd.concat(known).dropna().drop_duplicates()
    bearers = numbers.groupby("key")["ruc"].nunique()
    sole = numbers[numbers["key"].map(bearers) == 1].set_index("key")["ruc"]
    everybody = pd.concat([registrant, holder], keys=["registrant", "holder"])
    everybody["ruc"] = everybody["ruc"].fillna(everybody["key"].map(sole).astype("str"))
    everybody["identity"] = everybody["ruc"].where(
        everybody["ruc"].notna(), "=" + everybody["key"].astype(object)
    )
    everybody["is_ambiguous"] = everybody["ruc"].isna() & (everybody["key"].map(bearers) > 1)
    frame, party = _number(everybody, rules)
    n = len(registrant)
    return Parties(
        frame,
        party.iloc[:n].set_axis(registrant.index),
        party.iloc[n:].set_axis(holder.index),
        _doubts(everybody),
    )


def _people(frame: pd.DataFrame, name: str, ruc: str, rules: PartyRules) -> pd.DataFrame:
    blank = pd.Series(pd.NA, index=frame.index, dtype="str")
    names = frame.get(name, blank).astype("str")
    out = name_keys(names, rules)
    out["name"] = names
    out["ruc"] = frame.get(ruc, blank).astype("str")
    out["row"] = frame.get("source_row", pd.NA)
    return out


def _number(everybody: pd.DataFrame, rules: PartyRules) -> tuple[pd.DataFrame, pd.Series]:
    """Number parties in the order of their identity, so that row order does not matter."""
    named = everybody.dropna(subset=["identity"]).sort_values(["identity", "name"], kind="stable")
    frame = named.drop_duplicates("identity").reset_index(drop=True)
    frame.insert(0, "party_id", np.arange(1, len(frame) + 1))
    by_identity = named.groupby("identity")
    legal = by_identity["is_legal"].any()
    keys = named[["identity", "key"]].dropna().drop_duplicates().sort_values(["identity", "key"])
    borne = keys.groupby("identity")["key"].agg(tuple)
    frame["keys"] = frame["identity"].map(borne)
    prefix = frame["ruc"].str[:2]
    by_number = np.select(
        [prefix.isin(rules.legal_prefixes), prefix.isin(rules.natural_prefixes)],
        [PartyKind.LEGAL.value, PartyKind.NATURAL.value],
        "",
    )
    by_name = np.where(frame["identity"].map(legal), PartyKind.LEGAL.value, PartyKind.NATURAL.value)
    frame["kind"] = np.where(by_number == "", by_name, by_number)
    number = frame.set_index("identity")["party_id"]
    party = everybody["identity"].map(number).astype("Int64")
    columns = ["party_id", "name", "ruc", "kind", "keys", "is_ambiguous"]
    return frame[columns], party


def _doubts(everybody: pd.DataFrame) -> pd.DataFrame:
    doubtful = everybody[everybody["is_ambiguous"]]
    roles = {"registrant": Role.REGISTRATIONS, "holder": Role.CONCESSIONS}
    parts = [
        issues.make(
            role,
            Problem.AMBIGUOUS_NAME,
            Action.DOUBTED,
            rows["row"],
            field="name",
            values=rows["name"],
            detail="several identity numbers bear this name: give the holder's in --table holders=",
            private=True,
        )
        for side, role in roles.items()
        if side in doubtful.index.get_level_values(0)
        for rows in [doubtful.loc[side]]
    ]
    return issues.join(parts)


def same_holder(
    registrant: pd.Series, holder: pd.Series, parties: pd.DataFrame, registrants: str
) -> pd.Series:
    """
    Tell for each pair whether the registrant holds the right.

    Parameters
    ----------
    registrant, holder
        Party numbers of each pair (Int64), on one index.
    parties
        Frame of `Parties`.
    registrants
        "none" where the register has no persons: then nobody is the same.

    Returns
    -------
    same
        Nullable boolean; NA where a side is not known or its name decides nothing.
    """
    if registrants == "none":
        return pd.Series(False, index=registrant.index, dtype="boolean")
    info = parties.set_index("party_id")
    same = (registrant == holder).astype("boolean")
    homonyms = _share_name(registrant, holder, parties) | _share_name(holder, registrant, parties)
    numbered = registrant.map(info["ruc"]).notna() & holder.map(info["ruc"]).notna()
    named = registrant.map(info["keys"]).notna() & holder.map(info["keys"]).notna()
    comparable = (numbered | named) & registrant.notna() & holder.notna()
    return same.mask(homonyms | ~comparable, pd.NA)


def names_of(parties: pd.DataFrame) -> pd.DataFrame:
    """List every normalised name of each party: `party_id`, `key`."""
    return parties[["party_id", "keys"]].explode("keys").dropna().rename(columns={"keys": "key"})


def _share_name(one: pd.Series, other: pd.Series, parties: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell where the one is known only by a name that several bear, and the other bears it too."""
    borne = names_of(parties)
    doubtful = borne[borne["party_id"].isin(parties.loc[parties["is_ambiguous"], "party_id"])]
    name = one.map(doubtful.set_index("party_id")["key"])
    asked = pd.MultiIndex.from_arrays([other.astype(object), name.astype(object)])
    shared: npt.NDArray[np.bool_] = asked.isin(pd.MultiIndex.from_frame(borne.astype(object)))
    return shared


def has_contract(
    registrant: pd.Series,
    concession_id: pd.Series,
    parties: pd.DataFrame,
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
    ruc = registrant.map(parties.set_index("party_id")["ruc"])
    asked = pd.MultiIndex.from_arrays([concession_id.astype(object), ruc.astype(object)])
    signed = pd.MultiIndex.from_frame(valid[["concession_id", "ruc"]].dropna().astype(object))
    return pd.Series(asked.isin(signed), index=registrant.index)


def strata(
    concessions: pd.DataFrame,
    holder: pd.Series,
    parties: pd.DataFrame,
    rules: PartyRules,
    *,
    table: pd.DataFrame | None,
    on: date,
) -> pd.DataFrame:
    """
    Give the stratum of each right's holder and what it rests on.

    Parameters
    ----------
    concessions
        May carry `stratum_by_licence`.
    holder
        Party number of each right's holder.
    table
        Official strata: `holder_name` or `ruc`, `stratum`, `valid_on`; rows dated after `on` are
        ignored, the latest of the others holds; where the latest contradict each other, none does.

    Returns
    -------
    strata
        `holder_stratum`, `stratum_basis`, on the index of `concessions`.
    """
    unknown = HolderStratum.UNKNOWN.value
    stratum = pd.Series(unknown, index=concessions.index, dtype="str")
    basis = pd.Series(StratumBasis.NONE.value, index=concessions.index, dtype="str")
    if "stratum_by_licence" in concessions:
        licensed = concessions["stratum_by_licence"].fillna(unknown)
        stratum = licensed.astype("str")
        basis = basis.mask(licensed != unknown, StratumBasis.LICENCE_TYPE.value)
    if table is not None:
        official = holder.map(_official(table, parties, rules, on)).astype("str")
        stratum = official.where(official.notna(), stratum).astype("str")
        basis = basis.mask(official.notna(), StratumBasis.OFFICIAL.value)
        basis = basis.mask(stratum == unknown, StratumBasis.NONE.value)
    return pd.DataFrame({"holder_stratum": stratum, "stratum_basis": basis})


def _official(table: pd.DataFrame, parties: pd.DataFrame, rules: PartyRules, on: date) -> pd.Series:
    people = _people(table, "holder_name", "ruc", rules)
    valid_on = table["valid_on"] if "valid_on" in table else pd.Series(pd.NaT, index=table.index)
    rows = pd.DataFrame(
        {"key": people["key"], "ruc": people["ruc"], "stratum": table["stratum"], "on": valid_on}
    )
    rows = rows[rows["on"].isna() | (rows["on"] <= pd.Timestamp(on))]
    by_number = parties.set_index("party_id")["ruc"].map(_latest(rows, "ruc")["stratum"])
    names = names_of(parties[~parties["is_ambiguous"]])
    stated = names.join(_latest(rows, "key"), on="key", how="inner")
    by_name = _latest(stated, "party_id")["stratum"].reindex(by_number.index)
    return by_number.where(by_number.notna(), by_name)


def _latest(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """Give the stratum of the latest day for each value of a column; unknown where that day says two."""
    rows = rows.assign(on=rows["on"].fillna(pd.Timestamp.min.ceil("s"))).dropna(subset=[by])
    last = rows[rows["on"] == rows.groupby(by)["on"].transform("max")]
    found = last.groupby(by).agg(
        stratum=("stratum", "first"), said=("stratum", "nunique"), on=("on", "first")
    )
    found["stratum"] = found["stratum"].mask(found["said"] > 1, HolderStratum.UNKNOWN.value)
    return found[["stratum", "on"]]
