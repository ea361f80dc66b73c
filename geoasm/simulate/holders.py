"""Who may hold rights: numbers, true size, legal form, and how some register under a wrong spelling."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from geoasm.codes import PartyKind
from geoasm.law import LawAt
from geoasm.model import PartyRules
from geoasm.simulate import reading
from geoasm.simulate.names import identity_numbers

NATURAL = "natural"  # in the law's list of presumed forms
# What the table of aliases says of a spelling.
ALIAS, ALIAS_NUMBER, NO_ALIAS = "yes", "number", "no"
_LARGE_SHARE = 0.32  # of the firms
_KNOWN_NUMBER = 0.7
_MISSPELT_SHARE = 0.11  # of the holders of titles
_AT_LEAST: Final = 9
# What becomes of holders who register under a wrong spelling, in turn.
_ANSWERS: Final = (None, ALIAS, None, ALIAS_NUMBER, NO_ALIAS, ALIAS)


def table(
    rng: np.random.Generator, parties: pd.DataFrame, rules: PartyRules, law: LawAt
) -> pd.DataFrame:
    """
    Say of each party that may hold rights what is true of it, and what is known.

    Parameters
    ----------
    parties
        `name`, `ruc`, `kind`; `party` where several names are one party's (numbers), `unclear` where
        joint names may be this party's as well.

    Returns
    -------
    holders
        The columns of `parties`, `party`, `unclear`, `large` (true size), `listed` (its number is in the
        table of holders), `presumable` (a kind that the law presumes to be small), `group`,
        `spelling` and `alias` (empty yet).
    """
    numbers = parties.get("party", pd.Series(np.arange(len(parties)), index=parties.index))
    codes, distinct = pd.factorize(numbers, sort=True)
    m = len(distinct)
    legal = (parties["kind"] == PartyKind.LEGAL).groupby(codes).any().to_numpy()
    large = legal & (rng.random(m) < _LARGE_SHARE)
    # Only its number shows that a person's name is a person's where the look does not, and that
    # several spellings are one party's.
    looks = parties["name"].map(lambda n: reading.looks_natural(n, rules)).groupby(codes).all()
    several = np.bincount(codes) > 1
    listed = (rng.random(m) < _KNOWN_NUMBER) | several | (~legal & ~looks.to_numpy())
    presumed = set(law.texts("presumed_small_forms"))
    by_form = parties["name"].map(lambda n: not presumed.isdisjoint(reading.forms_of(n, rules)))
    agree = by_form.groupby(codes).nunique().to_numpy() == 1
    unclear = parties.get("unclear", pd.Series(False, index=parties.index)).to_numpy(dtype=bool)
    blank = pd.Series(None, index=parties.index, dtype="str")
    return parties.assign(
        party=codes,
        unclear=unclear | ~agree[codes],
        large=large[codes],
        listed=listed[codes],
        presumable=by_form.to_numpy() | (~legal[codes] & (NATURAL in presumed)),
        group=blank,
        spelling=blank,
        alias=blank,
    )


def of_names(names: pd.Series, rules: PartyRules) -> pd.DataFrame:
    """
    Give the holders of a cadastre whose names are one party's, with invented numbers.

    Returns
    -------
    parties
        `name`, `ruc`, `kind`, `party`, `unclear` (its words stand in a name of joint holders, too).
    """
    plain = names.map(lambda n: reading.is_plain(n) and not reading.says_nobody(n, rules))
    found = pd.DataFrame({"name": names[plain].to_numpy(dtype=object)})
    found["key"] = found["name"].map(reading.name_key)
    found["firm"] = found["name"].map(lambda n: reading.firm_key(n, rules))
    found = found.sort_values(["key", "name"]).drop_duplicates("key", ignore_index=True)
    formed = found["name"].map(
        lambda n: bool(reading.forms_of(n, rules)) or reading.has_firm_word(n, rules)
    )
    legal = formed.groupby(found["firm"]).transform("any").to_numpy()
    serial = pd.factorize(found["firm"])[0].astype(np.int64)
    numbers = [identity_numbers(prefix, serial) for prefix in ("10", "20")]
    joint = reading.stand_in(found["firm"].unique(), set(names[~plain].dropna()))
    out = pd.DataFrame(
        {
            "name": found["name"],
            "ruc": np.where(legal, numbers[1], numbers[0]),
            "kind": np.where(legal, str(PartyKind.LEGAL), str(PartyKind.NATURAL)),
        },
        dtype="str",
    )
    return out.assign(party=serial, unclear=found["firm"].isin(joint) | (found["firm"] == ""))


def misspell(
    rng: np.random.Generator, holders: pd.DataFrame, holding: frozenset[int], rules: PartyRules
) -> pd.DataFrame:
    """
    Let some holders register under a wrong spelling of their name, always the same.

    The numbers of a few are known; of the others some are told by the table of aliases, with their
    number or without, one in so many is said to be somebody else, and of the rest nobody knows.

    Parameters
    ----------
    holding
        Rows of `holders` who hold titles.

    Returns
    -------
    holders
        With `spelling` and `alias` (`yes`, `number`, `no`).
    """
    of_party = holders["party"].map(holders["party"].value_counts())
    rows = np.array(
        [i for i in sorted(holding) if of_party.iloc[i] == 1 and not holders["unclear"].iloc[i]],
        dtype=np.intp,
    )
    rows = rng.permutation(rows)
    known = holders["listed"].to_numpy()[rows]
    most = max(_AT_LEAST, round(_MISSPELT_SHARE * len(rows)))
    chosen = np.concatenate([rows[~known][: most - most // 3], rows[known][: most // 3]])
    spelling = holders["spelling"].to_numpy(dtype=object).copy()
    alias = holders["alias"].to_numpy(dtype=object).copy()
    for k, row in enumerate(chosen):
        spelling[row] = mistype(rng, str(holders["name"].iloc[row]), rules)
        if not holders["listed"].iloc[row]:
            alias[row] = _ANSWERS[k % len(_ANSWERS)]
    return holders.assign(
        spelling=pd.array(spelling, dtype="str"), alias=pd.array(alias, dtype="str")
    )


def mistype(rng: np.random.Generator, name: str, rules: PartyRules) -> str:
    """Exchange two letters that follow each other, in the longest word that is the name's own."""
    telling = [
        w
        for w in name.split()
        if not reading.has_firm_word(w, rules) and not reading.forms_of(w, rules)
    ]
    word = max(telling or name.split(), key=len)
    places = [i for i in range(1, len(word) - 2) if word[i] != word[i + 1]]
    at = int(rng.choice(places)) if places else 0
    wrong = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return name.replace(word, wrong, 1)
