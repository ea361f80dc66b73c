"""Groups of holders: as the user's table says, and as names and addresses suggest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import pandas as pd

from geoasm import issues
from geoasm.codes import Action, PartyKind, Problem, Role
from geoasm.model import PartyRules
from geoasm.parsing.text import fold_series, is_among
from geoasm.parties import names
from geoasm.parties.identity import Parties
from geoasm.parties.names import FORM

CHAIN, ADDRESS = "chain", "address"
_ADDRESS_WORDS = 4  # words of an address that two firms of one office share: street, number, floor…


@dataclass(frozen=True)
class Groups:
    """
    Who belongs together.

    `of_party` gives the group of each party number that the table names, `of_key` that of each
    normalised name in it, both as the user calls it. `published` gives the group of each party as others
    may read it: its name where all in it are legal entities, else a number. `affiliates` has a row for each right and each group or lone party behind it:
    `right` (position), `affiliate` (text).
    """

    of_party: pd.Series
    of_key: pd.Series
    affiliates: pd.DataFrame
    issues: pd.DataFrame
    published: pd.Series

    def affiliate(self, party: pd.Series) -> pd.Series:
        """Name the group of each party number, else the party itself; missing stays missing."""
        lone = ("party " + party.astype("Int64").astype("str")).where(party.notna())
        grouped = party.map(self.of_party).astype("str")
        return lone.mask(grouped.notna(), "group " + grouped).astype("str")

    def affiliate_of_name(self, key: pd.Series, parties: Parties) -> pd.Series:
        """Name the group or lone party of each normalised name; missing where nobody bears it."""
        info = parties.frame
        borne = info.loc[~info["is_ambiguous"].astype(bool), ["party_id", "keys"]].explode("keys")
        party = borne.dropna().drop_duplicates("keys").set_index("keys")["party_id"]
        named = self.affiliate(key.map(party).astype("Int64"))
        grouped = key.map(self.of_key).astype("str")
        return named.mask(grouped.notna(), "group " + grouped).astype("str")


def group(table: pd.DataFrame | None, parties: Parties, rules: PartyRules) -> Groups:
    """
    Bring the user's table of groups to the parties of a run.

    Parameters
    ----------
    table
        `holder_name`, `group`, `source_row`; None where it was not given.
    """
    of_party, of_key, found = _of_party(table, parties, rules)
    groups = Groups(
        of_party, of_key, pd.DataFrame(), found, _published(of_party, of_key, parties, rules)
    )
    held = pd.DataFrame(
        {"right": np.arange(len(parties.holder)), "holder_id": parties.holder.array}
    )
    rows = held.dropna().astype("int64").merge(parties.members, on="holder_id")
    rows["affiliate"] = groups.affiliate(rows["member_id"])
    rows = rows[["right", "affiliate"]].drop_duplicates(ignore_index=True)
    return replace(groups, affiliates=rows.sort_values(["right", "affiliate"], ignore_index=True))


def _of_party(
    table: pd.DataFrame | None, parties: Parties, rules: PartyRules
) -> tuple[pd.Series, pd.Series, pd.DataFrame]:
    if table is None:
        return pd.Series(dtype="str"), pd.Series(dtype="str"), issues.none()
    keys = names.name_keys(table["holder_name"], rules, known=parties.texts)["key"]
    borne = parties.frame[["party_id", "keys"]].explode("keys").dropna()
    holders = borne[borne["party_id"].isin(parties.members["member_id"])]
    unknown = table[keys.notna() & ~is_among(keys, holders["keys"])]
    several = table.groupby(keys)["group"].transform("nunique") > 1
    by_key = table["group"].groupby(keys).min()
    of_party = borne["keys"].map(by_key).groupby(borne["party_id"]).min().dropna()
    told = [
        (Problem.UNKNOWN_HOLDER, unknown, "no right of the cadastre has this holder; it counts as an operator of units"),
        (Problem.SEVERAL_GROUPS, table[several], "stands in several groups; the first of the alphabet is taken"),
    ]  # fmt: skip
    found = [
        issues.make(
            Role.GROUPS,
            problem,
            Action.DOUBTED,
            rows["source_row"],
            field="holder_name",
            values=rows["holder_name"],
            detail=detail,
            private=True,
        )
        for problem, rows, detail in told
        if len(rows)
    ]
    return of_party.astype("str"), by_key.astype("str"), issues.join(found)


def _published(
    of_party: pd.Series, of_key: pd.Series, parties: Parties, rules: PartyRules
) -> pd.Series:
    """
    Name the group of each party so that no natural person is told.

    A group with a person in it, in the cadastre or only in the table, is often called by the name of
    one: it gets a number, in the order of its first party.
    """
    info = parties.frame.set_index("party_id")
    borne = set(info["keys"].explode().dropna())
    absent = of_key[[key not in borne for key in of_key.index]]
    natural = {
        *of_party[info["kind"].reindex(of_party.index) != PartyKind.LEGAL],
        *absent[[FORM not in key for key in absent.index]],
    }
    called = of_party.sort_index()
    taken = set(of_key)
    free = (text for n in count(1) if (text := f"group {n}") not in taken)
    label = {name: next(free) if name in natural else name for name in called.unique()}
    return called.map(label).astype("str")


def suggest(parties: Parties, rules: PartyRules, table: pd.DataFrame | None) -> pd.DataFrame:
    """
    Suggest groups of legal entities that hold rights, for a person to judge; nothing follows from them.

    A chain: names that are one but for numerals and years (Minera X I, Minera X II; S.M.R.L. X, S.M.R.L.
    X 2008). An address: firms whose address begins with the same words.

    Parameters
    ----------
    table
        Table of holders with `holder_name` and `address`, where given.

    Returns
    -------
    suggestions
        `party_id`, `group` (suggested name), `reason` (`chain`, `address`); parties of one group follow
        each other.
    """
    frame = parties.frame
    holds = frame["party_id"].isin(parties.members["member_id"]) & (frame["forms"] != "")
    keys = frame.loc[holds, ["party_id", "keys"]].explode("keys").dropna()
    stems = pd.DataFrame(
        {"party_id": keys["party_id"], "group": [_stem(k, rules) for k in keys["keys"]]}
    ).assign(reason=CHAIN)
    parts = [stems]
    if table is not None and "address" in table:
        by_key = dict(zip(keys["keys"], keys["party_id"], strict=True))
        given = table[table["address"].notna()]
        named = names.name_keys(given["holder_name"], rules, known=parties.texts)
        party = named["key"].map(by_key)
        words = [text.split() for text in fold_series(given["address"].astype("str"))]
        begin = [" ".join(w[:_ADDRESS_WORDS]) if len(w) >= _ADDRESS_WORDS else None for w in words]
        parts.append(pd.DataFrame({"party_id": party.array, "group": begin, "reason": ADDRESS}))
    rows = pd.concat(parts, ignore_index=True).dropna().drop_duplicates(["party_id", "group"])
    several = rows.groupby(["reason", "group"])["party_id"].transform("nunique") > 1
    rows = rows[several].astype({"party_id": "int64"})
    return rows.sort_values(["reason", "group", "party_id"], ignore_index=True)


def _stem(key: str, rules: PartyRules) -> str | None:
    """Leave the words that the firms of a chain share; None where too little is left."""
    words = [w for w in key.split() if w[0] != FORM]
    kept = [w for w in words if not names.is_numeral(w, rules)]
    telling = [w for w in kept if w not in rules.particles and w not in rules.firm_words]
    return " ".join(kept) if telling else None
