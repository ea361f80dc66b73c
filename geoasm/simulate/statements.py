"""What is said of holders: official strata, strata and ore of production files, groups."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd

from geoasm.codes import HolderStratum, PartyKind
from geoasm.law import LawAt
from geoasm.simulate import holders as parties
from geoasm.simulate.names import words

_LARGE, _SMALL = str(HolderStratum.LSM_MSM), str(HolderStratum.SMALL_SCALE)
_OTHER: Final = {_LARGE: _SMALL, _SMALL: _LARGE}

_OFFICIAL, _BY_PRODUCTION, _BY_ORE = 0.50, 0.10, 0.06  # shares of holders; of the rest nothing is said
_EARLIER, _LATER, _CONTRADICTED = 0.10, 0.10, 0.04  # of the official ones: rows that say otherwise
_LAPSED = 0.10  # of the large ones that are officially small: certificates that may have lapsed
_BY_NUMBER, _BY_NAME = 0.15, 0.15  # of the rows whose number is known: the number alone, the name alone
_VALID_DAYS = 180  # before the day of the study
_STEP_DAYS = 400
_DAYS_A_YEAR = 365
_GROUPED = 0.06  # of the holders, in groups of their own making
_GROUP_SIZE = (2, 4)
_SPECIAL_SHARE, _SPECIAL = 0.006, 2  # groups made to cross the limit, to stay below it, to have a large member


def official(
    rng: np.random.Generator, holders: pd.DataFrame, total: Mapping[str, float], law: LawAt
) -> pd.DataFrame:
    """
    Plant the official table: for about half of the holders, with older and later rows that differ.

    Parameters
    ----------
    total
        Hectares of each party's own rights, by `party N`.

    Returns
    -------
    official
        `party`, `holder_name`, `ruc`, `stratum`, `valid_on`; a row of one party names all spellings.
    """
    limit = law.number("small_scale_limit_ha")
    valid = law.on - timedelta(days=_VALID_DAYS)
    rows: list[tuple[int, date, str]] = []
    for party, own in holders[~holders["unclear"]].groupby("party"):
        draw, lapsed, other = rng.random(3)
        large = bool(own["large"].any()) or total.get(f"party {party}", 0.0) > limit
        if draw > _OFFICIAL:
            continue
        said = _SMALL if not large or lapsed < _LAPSED else _LARGE
        rows.append((int(str(party)), valid, said))
        if other < _EARLIER:
            rows.append((int(str(party)), valid - timedelta(days=_STEP_DAYS), _OTHER[said]))
        elif other < _EARLIER + _LATER:
            rows.append((int(str(party)), law.on + timedelta(days=_STEP_DAYS), _OTHER[said]))
        elif other < _EARLIER + _LATER + _CONTRADICTED:
            rows.append((int(str(party)), valid, _OTHER[said]))
    said_of = pd.DataFrame(rows, columns=["party", "valid_on", "stratum"])
    said_of["valid_on"] = pd.to_datetime(said_of["valid_on"]).astype("datetime64[s]")
    columns = holders[["party", "name", "ruc", "listed"]]
    out = said_of.merge(columns, on="party").rename(columns={"name": "holder_name"})
    out["ruc"] = out["ruc"].where(out["listed"])
    how = pd.Series(rng.random(len(holders)), index=holders["party"])
    how = out["party"].map(how[~how.index.duplicated()])
    out["holder_name"] = out["holder_name"].mask(out["listed"] & (how < _BY_NUMBER))
    out["ruc"] = out["ruc"].mask(how > 1 - _BY_NAME)
    out = out.sort_values(["party", "holder_name", "valid_on", "stratum"], kind="stable")
    return out[["party", "holder_name", "ruc", "stratum", "valid_on"]].reset_index(drop=True)


def production(
    rng: np.random.Generator, holders: pd.DataFrame, official: pd.DataFrame, law: LawAt
) -> pd.DataFrame:
    """
    Plant production files that name a holder alone: its stratum, or its ore, year by year.

    Returns
    -------
    production
        `party`, `holder_name`, `year`, `stratum` (`unknown` where the file does not say), `ore_t`,
        `amount`.
    """
    limit_t = law.number("small_scale_limit_t_d") * _DAYS_A_YEAR
    last = law.on.year - 1
    rows: list[tuple[int, int, str, float]] = []
    unknown, none = str(HolderStratum.UNKNOWN), float("nan")
    single = ~holders["party"].duplicated(keep=False) & ~holders["unclear"]
    officially = set(official["party"])
    for row, party in holders.loc[single, "party"].items():
        draw, how = rng.random(2)
        draw *= 2 if party in officially else 1  # where both speak the official table goes first
        said = _LARGE if holders["large"][row] else _SMALL
        if draw < _BY_PRODUCTION:
            rows.append((int(party), last - 1, said, none))
            if how < 0.3:
                rows.append((int(party), last - 3, _OTHER[said], none))
            elif how < 0.5:
                rows.append((int(party), law.on.year + 1, _OTHER[said], none))
        elif draw < _BY_PRODUCTION + _BY_ORE:
            # In two lots, of which neither is above the limit; or too little; or not any more.
            lots = (0.6, 0.6) if how < 0.5 else (0.4, 0.4)
            rows += [(int(party), last, unknown, round(part * limit_t)) for part in lots]
            if how > 0.75:
                rows.append((int(party), last - 2, unknown, round(1.5 * limit_t)))
            if how < 0.2:  # a later file that says nothing of ore
                rows.append((int(party), law.on.year, unknown, none))
    out = pd.DataFrame(rows, columns=["party", "year", "stratum", "ore_t"])
    names = holders.loc[single].set_index("party")["name"]
    return out.assign(holder_name=out["party"].map(names), amount=100.0 + out.index % 7)


def regroup(
    rng: np.random.Generator,
    holders: pd.DataFrame,
    total: Mapping[str, float],
    official: pd.DataFrame,
    law: LawAt,
) -> pd.DataFrame:
    """
    Put some parties into groups.

    Beside groups of any kind there are some whose members have more than the limit together and not
    alone, some that stay below it together, and some with one officially large member.

    Returns
    -------
    holders
        With `group`, one for all rows of a party.
    """
    of_party = holders.drop_duplicates("party").set_index("party")
    ground = {int(p): total.get(f"party {p}", 0.0) for p in of_party.index}
    legal, large, presumable, unclear = (
        of_party[c].to_dict() for c in ("kind", "large", "presumable", "unclear")
    )
    free = [int(p) for p in rng.permutation(of_party.index) if ground[p] > 0 and not unclear[p]]
    said = set(official["party"])
    limit = law.number("small_scale_limit_ha")
    held = len(free)
    found: list[list[int]] = []
    silent = [p for p in free if p not in said and ground[p] <= limit]
    for _ in range(max(_SPECIAL, round(_SPECIAL_SHARE * held))):
        small = [p for p in silent if presumable[p] and ground[p] < limit / 4][:4]
        known = [p for p in free if p in said and large[p] and ground[p] < limit / 2][:1]
        some = [small[:2], [*known, *small[2:]] if known else []]
        rest = [p for p in silent if p not in small]
        some.append(_adding_up(rest, ground, 1.05 * limit))
        taken = {p for group in some for p in group}
        silent = [p for p in silent if p not in taken]
        free = [p for p in free if p not in taken]
        found += some
    loose = [p for p in free if legal[p] == PartyKind.LEGAL]
    for _ in range(round(_GROUPED * held / np.mean(_GROUP_SIZE))):
        size = int(rng.integers(_GROUP_SIZE[0], _GROUP_SIZE[1] + 1))
        found.append([loose.pop() for _ in range(min(size, len(loose)))])
    names = words(rng, len(found))
    of = {
        party: f"GRUPO {name}"
        for name, group in zip(names, found, strict=True)
        for party in group
        if len(group) > 1
    }
    return holders.assign(group=holders["party"].map(of).astype("str"))


def _adding_up(some: list[int], ground: Mapping[int, float], least: float) -> list[int]:
    """Take parties until they have more than `least` together; nobody where all have less."""
    taken: list[int] = []
    for party in some:
        if sum(ground[p] for p in taken) <= least:
            taken.append(party)
    return taken if sum(ground[p] for p in taken) > least else []


def tables(holders: pd.DataFrame, official: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Give the side tables on holders, canonical columns: `strata`, `holders`, `groups`, `aliases`."""
    named = holders.sort_values("name", kind="stable")
    listed, grouped = named[named["listed"]], named[named["group"].notna()]
    told = named[named["alias"].notna()]
    numbered = told["alias"] == parties.ALIAS_NUMBER
    strata = official.drop(columns="party").sort_values(
        ["holder_name", "ruc", "valid_on", "stratum"], kind="stable", ignore_index=True
    )
    aliases = {
        "spelling": told["spelling"],
        "holder_name": told["name"],
        "ruc": told["ruc"].where(numbered),
        "same": np.where(told["alias"] == parties.NO_ALIAS, "no", "yes"),
    }
    return {
        "strata": strata,
        "holders": listed[["name", "ruc"]].rename(columns={"name": "holder_name"}),
        "groups": grouped[["name", "group"]].rename(columns={"name": "holder_name"}),
        "aliases": pd.DataFrame(aliases),
    }

