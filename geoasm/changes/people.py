"""Whether a holder or registrant of one run is one of the other: by identity number, else by name."""

from __future__ import annotations

import pandas as pd

from geoasm.model import PartyRules, Result
from geoasm.parties.names import name_keys


def identities(result: Result, rules: PartyRules, *, internal: bool = False) -> pd.DataFrame:
    """
    Give what is known of who the parties of a run are.

    Parameters
    ----------
    internal
        Natural persons are named, too.

    Returns
    -------
    identities
        Index: run-local number of the party. `ruc` and `key` (its normalised name), missing where
        not known; `name`, where it may be told. Without the run's private part only the holders
        that may be named have a key.
    """
    published = result.holders.dropna(subset=["holder_id"]).set_index("holder_id")["name"]
    if len(result.parties):
        known = result.parties.set_index("party_id")
        ruc = known["ruc"].where(known["ruc"] != "")
        keys = name_keys(known["name"].where(known["name"] != ""), rules)["key"]
        names = known["name"] if internal else published.reindex(known.index)
        return pd.DataFrame({"ruc": ruc, "key": keys, "name": names})
    keys = name_keys(published.where(published != ""), rules)["key"]
    return pd.DataFrame({"ruc": pd.Series(pd.NA, index=keys.index), "key": keys, "name": published})


def is_same(before: pd.DataFrame, after: pd.DataFrame) -> pd.Series:
    """
    Tell row by row whether two sides are the same party.

    Parameters
    ----------
    before, after
        Rows of `identities`, one beside the other, with `known`: whether the run names a party there.

    Returns
    -------
    same
        Nullable boolean: missing where a run knows of a party, but not who it is.
    """
    ruc = before["ruc"].notna() & after["ruc"].notna()
    key = before["key"].notna() & after["key"].notna()
    by_ruc = before["ruc"].astype(object) == after["ruc"].astype(object)
    by_key = before["key"].astype(object) == after["key"].astype(object)
    same = pd.Series(pd.NA, index=before.index, dtype="boolean")
    same[key] = by_key[key]
    same[ruc] = by_ruc[ruc]
    one_named = before["known"] != after["known"]
    same[one_named] = False
    same[~before["known"] & ~after["known"]] = True
    return same


def beside(numbers: pd.Series, who: pd.DataFrame) -> pd.DataFrame:
    """Lay out who the numbers of parties are, on the index of `numbers`."""
    rows = who.reindex(numbers.astype("Int64").fillna(-1).to_numpy())
    rows.index = numbers.index
    return rows.assign(known=numbers.notna())
