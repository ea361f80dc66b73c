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
from geoasm.parsing.text import fold_all

_REMARK = re.compile(r"\([^)\n]*\)?")
_NOT_WORD = re.compile(r"[^A-Z0-9Ñ&\n]+")
_REGISTRANT, _HOLDER, _TABLE = range(3)  # on which side people stand
_FORM = "*"  # stands before a legal form; no word has it


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
    worded = _with_forms(fold_all(map(str, distinct)), rules)
    legal = np.array([_FORM in line for line in worded] + [False])
    words = [line.split() for line in worded]
    ordered = [w if is_legal else sorted(w) for w, is_legal in zip(words, legal, strict=False)]
    keys = pd.array([" ".join(w) or None for w in ordered] + [None], dtype="str")
    return pd.DataFrame({"key": keys.take(codes), "is_legal": legal[codes]}, index=names.index)


def _with_forms(names: Sequence[str], rules: PartyRules) -> list[str]:
    """Leave words only, and mark legal forms, of all names at once: each is a line of one text."""
    text = _NOT_WORD.sub(" ", _REMARK.sub(" ", "\n".join(names)))
    text = f" {text} ".replace("\n", " \n ")
    for spelling, form in sorted(rules.legal_forms, key=lambda form: -len(form[0])):
        text = text.replace(f" {spelling} ", f" {_FORM}{form} ")
    return text.split("\n")


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
    tables = [
        (registrations, "registrant_name", "ruc", "registration_id"),
        (concessions, "holder_name", "holder_ruc", "concession_id"),
        (pd.DataFrame() if holders is None else holders, "holder_name", "ruc", None),
    ]
    people = _people([_columns(*table) for table in tables], rules)
    side = people["side"].to_numpy()
    known = people.loc[side != _HOLDER, ["side", "key", "ruc"]].dropna()
    given = _sole(known[known["side"] == _TABLE])
    lent = people["key"].map(given).where(side == _HOLDER).astype("str")
    people["ruc"] = people["ruc"].fillna(lent)
    bearers = known.drop_duplicates(["key", "ruc"])["key"].value_counts()
    people["ruc"] = people["ruc"].fillna(people["key"].map(_sole(known)).astype("str"))
    people["is_ambiguous"] = people["ruc"].isna() & (people["key"].map(bearers) > 1)
    everybody = people[side != _TABLE].reset_index(drop=True)
    party = _number(everybody)
    n = len(registrations)
    return Parties(
        _describe(everybody, party, rules),
        party.iloc[:n].set_axis(registrations.index),
        party.iloc[n:].set_axis(concessions.index),
        _doubts(everybody),
    )


def _columns(frame: pd.DataFrame, name: str, ruc: str, code: str | None) -> pd.DataFrame:
    """Give the people of a frame under common names; what the frame lacks is missing."""
    blank = pd.Series(pd.NA, index=frame.index, dtype="str")
    return pd.DataFrame(
        {
            "name": frame.get(name, blank).astype("str"),
            "ruc": frame.get(ruc, blank).astype("str"),
            "code": frame.get(code, blank).astype("str"),
            "row": frame.get("source_row", pd.NA),
        },
        index=frame.index,
    )


def _people(sides: Sequence[pd.DataFrame], rules: PartyRules) -> pd.DataFrame:
    """Put people under each other, with the key of each name."""
    people = pd.concat(sides, ignore_index=True)
    people["side"] = np.repeat(np.arange(len(sides)), [len(side) for side in sides])
    return people.join(name_keys(people["name"], rules))


def _sole(known: pd.DataFrame) -> pd.Series:
    """Give the number of each key that one number alone bears."""
    borne = known[["key", "ruc"]].drop_duplicates()
    return borne.drop_duplicates("key", keep=False).set_index("key")["ruc"]


def _number(everybody: pd.DataFrame) -> pd.Series:
    """
    Number parties in the order of their smallest public code: registrations first, then rights.

    Row order does not matter then, and the rank of a party tells nothing of its identity number.
    """
    identity = everybody["ruc"].where(everybody["ruc"].notna(), "=" + everybody["key"])
    order = everybody[["side", "code"]].sort_values(["side", "code"], kind="stable").index
    codes, _ = pd.factorize(identity.take(order))
    party = pd.Series(codes + 1, index=order, dtype="Int64").reindex(everybody.index)
    return party.mask(party == 0, pd.NA)


def _describe(everybody: pd.DataFrame, party: pd.Series, rules: PartyRules) -> pd.DataFrame:
    """Give one row per party: of its spellings the first of the alphabet, and every key."""
    named = everybody.assign(party_id=party, spelling=pd.factorize(everybody["name"], sort=True)[0])
    named = named[party.notna()].astype({"party_id": "int64"})
    # Only firsts count: what has no name goes behind what has one.
    named["spelling"] = named["spelling"].mask(named["name"].isna(), len(named))
    named = named.sort_values(["party_id", "spelling"], kind="stable")
    frame = named.drop_duplicates("party_id").reset_index(drop=True)
    frame["keys"] = frame["party_id"].map(_borne(named))
    legal = named.groupby("party_id")["is_legal"].any().to_numpy(dtype=bool)
    prefix = frame["ruc"].str[:2]
    is_legal = prefix.isin(rules.legal_prefixes) | (legal & ~prefix.isin(rules.natural_prefixes))
    frame["kind"] = np.where(is_legal, PartyKind.LEGAL.value, PartyKind.NATURAL.value)
    return frame[["party_id", "name", "ruc", "kind", "keys", "is_ambiguous"]]


def _borne(named: pd.DataFrame) -> pd.Series:
    """Give the keys of each party that has any, in the order of the alphabet."""
    keys = named[["party_id", "key"]].dropna().drop_duplicates()
    keys = keys.sort_values(["party_id", "key"])
    party, first = np.unique(keys["party_id"], return_index=True)
    texts = keys["key"].tolist()
    stops = [*first[1:].tolist(), len(texts)]
    borne = [tuple(texts[a:b]) for a, b in zip(first.tolist(), stops, strict=False)]
    return pd.Series(borne, index=party, dtype=object)


def _doubts(everybody: pd.DataFrame) -> pd.DataFrame:
    doubtful = everybody[everybody["is_ambiguous"]]
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
        for side, role in ((_REGISTRANT, Role.REGISTRATIONS), (_HOLDER, Role.CONCESSIONS))
        if len(rows := doubtful[doubtful["side"] == side])
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
    doubted = name.notna().to_numpy()
    borne = borne[borne["key"].isin(doubtful["key"])]
    asked = pd.MultiIndex.from_arrays([other[doubted].astype(object), name[doubted].astype(object)])
    shared = np.zeros(len(one), dtype=bool)
    shared[doubted] = asked.isin(pd.MultiIndex.from_frame(borne.astype(object)))
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
    people = _people([_columns(table, "holder_name", "ruc", None)], rules)
    people.index = table.index
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
