"""Whether a holder or registrant of one run is one of the other: by identity number, else by name."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from geoasm.model import PartyRules, Result
from geoasm.parties.names import name_keys
from geoasm.schema import LIST_SEPARATOR


@dataclass(frozen=True)
class People:
    """
    What is known of who the parties of a run are.

    `known` has by run-local number `ruc`, missing where there is none, and `name`, where it may be told;
    `keys` one row per party and name that it bears: `party`, `key`.
    """

    known: pd.DataFrame
    keys: pd.DataFrame

    def beside(self, numbers: pd.Series) -> pd.DataFrame:
        """Lay out `party`, `ruc` and `name` of parties by their numbers, on the index of these."""
        party = numbers.astype("Int64")
        rows = self.known.reindex(party.fillna(-1).to_numpy()).set_axis(numbers.index)
        return rows.assign(party=party)


def identify(result: Result, rules: PartyRules, *, internal: bool = False) -> People:
    """
    Read from a run who its parties are.

    Without the run's private part only the holders that may be named have a name.

    Parameters
    ----------
    internal
        Natural persons are named, too.
    """
    published = result.holders.dropna(subset=["holder_id"]).set_index("holder_id")["name"]
    if not len(result.parties):
        texts = published[published != ""]
        known = pd.DataFrame({"ruc": pd.Series(pd.NA, index=published.index), "name": published})
        return People(known, _listed(name_keys(texts, rules)["key"]))
    parties = result.parties.set_index("party_id")
    name = parties["name"] if internal else published.reindex(parties.index)
    known = pd.DataFrame({"ruc": parties["ruc"].where(parties["ruc"] != ""), "name": name})
    single = parties["known_as"].str.split(LIST_SEPARATOR).explode()
    joint = parties.loc[parties["members"].fillna("") != "", ["members", "name"]]
    # Joint holders are known by who they are, in any order, and by the text that names them.
    members = joint["members"].str.split(LIST_SEPARATOR).explode().astype("int64")
    first = single.groupby(level=0).min()
    together = members.map(first).groupby(level=0).agg(lambda some: "&".join(sorted(some.dropna())))
    whole = name_keys(joint["name"], rules)["key"]
    return People(known, pd.concat([_listed(part) for part in (single, together, whole)]))


def _listed(keys: pd.Series) -> pd.DataFrame:
    """List names by party, each as it is and by its words in order of the alphabet."""
    told = keys[keys.notna() & (keys != "")].astype(object)
    by_words = told.str.split().map(sorted).str.join(" ")
    every = pd.concat([told, by_words[by_words != told]])
    return pd.DataFrame({"party": every.index, "key": every.to_numpy(dtype=object)})


def is_same(before: pd.Series, after: pd.Series, who: tuple[People, People]) -> pd.Series:
    """
    Tell row by row whether the parties of two runs are one.

    Parameters
    ----------
    before, after
        Run-local numbers, missing where a run knows of nobody.

    Returns
    -------
    same
        Nullable boolean: missing where one of the runs does not say who it is.
    """
    a, b = who[0].beside(before), who[1].beside(after)
    same = pd.Series(pd.NA, index=before.index, dtype="boolean")
    named = a["party"].isin(who[0].keys["party"]) & b["party"].isin(who[1].keys["party"])
    shared = who[0].keys.merge(who[1].keys, on="key", suffixes=("_a", "_b"))
    pairs = pd.MultiIndex.from_frame(shared[["party_a", "party_b"]].astype("int64"))
    asked = pd.MultiIndex.from_arrays([side["party"].fillna(-1).astype("int64") for side in (a, b)])
    by_name = pd.Series(asked.isin(pairs), index=before.index)
    same[named] = by_name[named]
    numbered = a["ruc"].notna() & b["ruc"].notna()
    same[numbered] = (a["ruc"].astype(object) == b["ruc"].astype(object))[numbered]
    nobody = a["party"].isna(), b["party"].isna()
    same[nobody[0] & nobody[1]] = True
    return same
