"""What is said of holders: official strata, strata and ore of production files, groups."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd

from geoasm.codes import HolderScale, HolderStratum, PartyKind
from geoasm.law import LawAt
from geoasm.simulate import holders as parties
from geoasm.simulate.names import respell_some, words

_LARGE, _SMALL = str(HolderStratum.LSM_MSM), str(HolderStratum.SMALL_SCALE)
LARGE, SMALL, NOTHING = (
    "large",
    "small",
    "nothing",
)  # what is to be said of a party, where that is fixed
_OTHER: Final = {_LARGE: _SMALL, _SMALL: _LARGE}

# Shares of holders; of the rest nothing is said.
_OFFICIAL, _PRODUCING = 0.42, 0.24
_LAPSED = 8  # of so many large ones one is officially small: a certificate that may have lapsed
# Of the rows whose number is known: the number alone, the name alone.
_BY_NUMBER, _BY_NAME = 0.15, 0.15
_SCALES = (0.3, 0.4, 0.3)  # of the large: large, medium, not told apart
_VALID_DAYS = 180  # before the day of the study
_STEP = timedelta(days=400)
# One in so many has an older row that says otherwise, one a later one, one a row of the same day.
_IN_TURN = 9
_ROWS: Final[Mapping[int, Callable[[date, date], date]]] = {
    1: lambda valid, on: valid - _STEP,
    4: lambda valid, on: on + _STEP,
    7: lambda valid, on: valid,
}
_DAYS_A_YEAR = 365
_GROUPED = 0.06  # of the holders, in groups of their own making
_GROUP_SIZE = (2, 4)
# Groups made to cross the limit, to have the very limit, to stay below it, to have a large member.
_SPECIAL_SHARE, _SPECIAL = 0.006, 2
_CLEARLY = 1.05  # of the limit: rights of one group may lie over each other
_CELL_HA, _EXACT_HA = 100.0, 1e-4
_RESPELT = 0.2  # of the names in tables


def regroup(
    rng: np.random.Generator,
    holders: pd.DataFrame,
    total: Mapping[str, float],
    joint: Sequence[tuple[int, ...]],
    law: LawAt,
) -> pd.DataFrame:
    """
    Put some parties into groups.

    Beside groups of any kind there are some whose members have more than the limit together and not
    alone, or the very limit, some that stay below it together, and some with one officially large
    member. Of the members of these nothing else is said.

    Parameters
    ----------
    total
        Hectares of each party's own rights, by `party N`.
    joint
        Parties that hold titles together: of some, who are small each, one is officially small.

    Returns
    -------
    holders
        With `group`, one for all rows of a party, and `said`: `large`, `small`, `nothing` (else empty).
    """
    of_party = holders.drop_duplicates("party").set_index("party")
    ground = {int(p): total.get(f"party {p}", 0.0) for p in of_party.index}
    legal, large, presumable, unclear = (
        of_party[c].to_dict() for c in ("kind", "large", "presumable", "unclear")
    )
    free = [int(p) for p in rng.permutation(of_party.index) if ground[p] > 0 and not unclear[p]]
    limit = law.number("small_scale_limit_ha")
    held = len(free)
    found: list[list[int]] = []
    rounds = max(_SPECIAL, round(_SPECIAL_SHARE * held))
    able = {p for p in free if presumable[p] and ground[p] <= limit}
    said: dict[int, str] = {}
    for members in [some for some in joint if able.issuperset(some)][:rounds]:
        if said.keys().isdisjoint(members):
            said |= {members[0]: SMALL, **dict.fromkeys(members[1:], NOTHING)}
    free = [p for p in free if p not in said]
    for _ in range(rounds):
        some = [_exactly([p for p in free if ground[p] <= limit], ground, limit)]
        free = [p for p in free if p not in some[0]]
        small = [p for p in free if presumable[p] and ground[p] < limit / 4]
        small = sorted(small, key=lambda p: legal[p] != PartyKind.LEGAL)[:3]
        known = [p for p in free if large[p] and p not in small and ground[p] < limit / 2][:1]
        rest = [p for p in free if p not in (*small, *known) and ground[p] <= limit]
        some += [small[:2], [*known, *small[2:]] if known else [], _adding_up(rest, ground, limit)]
        said |= dict.fromkeys((p for group in some for p in group), NOTHING)
        said |= dict.fromkeys(known, LARGE)
        free = [p for p in free if p not in said]
        found += some
    loose = [p for p in free if legal[p] == PartyKind.LEGAL]
    for _ in range(round(_GROUPED * held / np.mean(_GROUP_SIZE))):
        size = int(rng.integers(_GROUP_SIZE[0], _GROUP_SIZE[1] + 1))
        found.append([loose.pop() for _ in range(min(size, len(loose)))])
    of = {
        party: f"GRUPO {name}"
        for name, group in zip(words(rng, len(found)), found, strict=True)
        for party in group
        if len(group) > 1
    }
    return holders.assign(
        group=holders["party"].map(of).astype("str"), said=holders["party"].map(said).astype("str")
    )


def _adding_up(some: list[int], ground: Mapping[int, float], limit: float) -> list[int]:
    """Take parties until they clearly have more than the limit together; nobody where all have less."""
    taken: list[int] = []
    for party in some:
        if sum(ground[p] for p in taken) <= _CLEARLY * limit:
            taken.append(party)
    return taken if sum(ground[p] for p in taken) > _CLEARLY * limit else []


def _exactly(some: list[int], ground: Mapping[int, float], limit: float) -> list[int]:
    """Take parties of whole grid cells that have the very limit together; nobody where none do."""
    reached: dict[int, list[int]] = {0: []}
    goal = round(limit / _CELL_HA)
    for party in some:
        cells = round(ground[party] / _CELL_HA)
        if cells and abs(ground[party] - cells * _CELL_HA) < _EXACT_HA:
            for before, taken in sorted(reached.items(), reverse=True):
                if before + cells <= goal:
                    reached.setdefault(before + cells, [*taken, party])
    return reached.get(goal, [])


def official(
    rng: np.random.Generator, holders: pd.DataFrame, total: Mapping[str, float], law: LawAt
) -> pd.DataFrame:
    """
    Plant the official table: for about half of the holders, with older and later rows that differ.

    Parameters
    ----------
    holders
        As `regroup` gives them.
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
    turn, larger = itertools.count(), itertools.count()
    for number, own in holders[~holders["unclear"]].groupby("party"):
        party, fixed, draw = int(str(number)), own["said"].iloc[0], rng.random()
        large = bool(own["large"].any()) or total.get(f"party {party}", 0.0) > limit
        if fixed in (LARGE, SMALL):
            rows.append((party, valid, _LARGE if fixed == LARGE else _SMALL))
        if (draw > _OFFICIAL and rows) or not pd.isna(fixed):  # the table is never empty
            continue
        said = _LARGE if large and next(larger) % _LAPSED else _SMALL
        rows.append((party, valid, said))
        other = _ROWS.get(next(turn) % _IN_TURN)
        if other is not None:
            rows.append((party, other(valid, law.on), _OTHER[said]))
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


def tell_scales(rng: np.random.Generator, official: pd.DataFrame) -> pd.DataFrame:
    """
    Let some rows of large holders tell large from medium scale.

    Returns
    -------
    official
        With `scale` (`lsm`, `msm`, `unknown`), one for all rows of a day; of one in so many the older
        rows say otherwise.
    """
    names = [str(HolderScale.LSM), str(HolderScale.MSM), str(HolderScale.UNKNOWN)]
    large = official["stratum"] == _LARGE
    scale = pd.Series(names[2], index=official.index, dtype="str")
    for k, (_, rows) in enumerate(official[large].groupby("party")):
        told = names[int(rng.choice(3, p=_SCALES))]
        scale[rows.index] = told
        last = rows["valid_on"].max()
        older = rows.index[rows["valid_on"] < last]
        if k % 2 and told != names[2]:
            scale[older] = names[0] if told == names[1] else names[1]
    return official.assign(scale=scale)


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
    single = ~holders["party"].duplicated(keep=False) & ~holders["unclear"]
    single &= holders["said"].isna()
    officially = set(official["party"])
    rows: list[tuple[int, int, str, float]] = []
    turn = itertools.count()
    for row, party in holders.loc[single, "party"].items():
        draw = rng.random() * (
            2 if party in officially else 1
        )  # there the official table goes first
        if draw < _PRODUCING:
            said = _LARGE if holders["large"][row] else _SMALL
            rows += [(int(party), *told) for told in _told(next(turn), said, law)]
    out = pd.DataFrame(rows, columns=["party", "year", "stratum", "ore_t"])
    names = holders.loc[single].set_index("party")["name"]
    return out.assign(holder_name=out["party"].map(names), amount=100.0 + out.index % 7)


def _told(turn: int, said: str, law: LawAt) -> list[tuple[int, str, float]]:
    """Give the files of one holder, in turn: year, stratum and ore."""
    unknown, none = str(HolderStratum.UNKNOWN), float("nan")
    limit_t = law.number("small_scale_limit_t_d") * _DAYS_A_YEAR
    last = law.on.year - 1
    over = [(last, unknown, 0.6 * limit_t)] * 2  # in two lots, neither above the limit
    under = [(last, unknown, 0.4 * limit_t)] * 2
    stated = (last - 1, said, none)
    kinds: list[list[tuple[int, str, float]]] = [
        [stated],
        over,
        [stated, (last - 3, _OTHER[said], none)],
        [*over, (law.on.year, unknown, none)],  # a later file says nothing of ore
        [stated, (law.on.year + 1, _OTHER[said], none)],
        [*under, (last - 2, unknown, 1.5 * limit_t)],  # not any more
        [*under, (law.on.year + 1, unknown, 1.5 * limit_t)],  # nor yet
    ]
    return kinds[turn % len(kinds)]


def tables(
    rng: np.random.Generator, holders: pd.DataFrame, official: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """
    Give the side tables on holders, canonical columns: `strata`, `holders`, `groups`, `aliases`.

    Names are spelt in several ways that mean the same.
    """
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
    grouped = grouped.assign(name=respell_some(rng, grouped["name"], _RESPELT))
    return {
        "strata": strata.assign(holder_name=respell_some(rng, strata["holder_name"], _RESPELT)),
        "holders": listed[["name", "ruc"]].rename(columns={"name": "holder_name"}),
        "groups": grouped[["name", "group"]].rename(columns={"name": "holder_name"}),
        "aliases": pd.DataFrame(aliases),
    }
