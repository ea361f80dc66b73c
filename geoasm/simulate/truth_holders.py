"""
Who stands behind each right, and at which scale: worked out party by party from planted facts.

Nothing here is read from names: who holds what, and what is said of whom, is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely

from geoasm.codes import ConcessionStatus, HolderScale, HolderStratum, StratumBasis
from geoasm.law import LawAt

_M2_PER_HA = 10_000.0
_MEASURED_HA = 0.05  # 2,000 ha of whole cells are 2,000 ha, however they are measured
_DAYS_A_YEAR = 365
_LARGE, _SMALL = str(HolderStratum.LSM_MSM), str(HolderStratum.SMALL_SCALE)
_COUNTED = (ConcessionStatus.TITLED, ConcessionStatus.PENDING)


class Judgement(NamedTuple):
    """What is known of a holder: stratum (None: nothing) and what it rests on."""

    stratum: str | None
    basis: str


NOTHING = Judgement(None, str(StratumBasis.NONE))


def behind(holders: pd.DataFrame) -> list[str]:
    """Name the group of each row of holders, else the party itself."""
    return [
        f"party {party}" if pd.isna(group) else f"group {group}"
        for party, group in zip(holders["party"], holders["group"], strict=True)
    ]


def totals(rights: pd.DataFrame, owners: Iterable[Iterable[str]]) -> dict[str, float]:
    """
    Measure the titled and pending ground of each owner, nothing counted twice within a zone.

    Parameters
    ----------
    rights
        `status`, `drawn` (metres), `crs_used`.
    owners
        For each right, whose it is.

    Returns
    -------
    hectares
        By owner, with 0 for one who has no such right.
    """
    ground: dict[str, dict[str, list[shapely.Geometry]]] = {}
    columns = (rights["status"], rights["crs_used"], rights["drawn"], owners)
    for status, crs, shape, some in zip(*columns, strict=True):
        for owner in some:
            zones = ground.setdefault(owner, {})
            if status in _COUNTED:
                zones.setdefault(str(crs), []).append(shape)
    return {
        owner: sum(float(shapely.union_all(shapes).area) for shapes in zones.values()) / _M2_PER_HA
        for owner, zones in ground.items()
    }


def owners_of(rights: pd.DataFrame, holders: pd.DataFrame) -> list[frozenset[str]]:
    """Name the groups and lone parties behind each right."""
    names = behind(holders)
    return [frozenset(names[m] for m in members) for members in rights["members"]]


def said_officially(rows: Iterable[tuple[date, str]], on: date) -> str | None:
    """Take the latest official row of the day; None where there is none, or rows of one day differ."""
    known = [row for row in rows if row[0] <= on]
    last = max((day for day, _ in known), default=None)
    said = {stratum for day, stratum in known if day == last}
    return said.pop() if len(said) == 1 else None


def said_by_production(
    rows: Iterable[tuple[int, str | None, float | None]], law: LawAt
) -> str | None:
    """Take the stratum that the latest production file states; else large where the ore says so."""
    known = [row for row in rows if row[0] <= law.on.year]
    stated = [(year, stratum) for year, stratum, _ in known if stratum]
    last = max((year for year, _ in stated), default=None)
    said = {stratum for year, stratum in stated if year == last}
    if len(said) == 1:
        return said.pop()
    ore: dict[int, float] = {}
    for year, _, tonnes in known:
        if tonnes is not None:
            ore[year] = ore.get(year, 0.0) + tonnes
    if ore and ore[max(ore)] > law.number("small_scale_limit_t_d") * _DAYS_A_YEAR:
        return _LARGE
    return None


def judge(
    holders: pd.DataFrame,
    total: Mapping[str, float],
    official: pd.DataFrame,
    production: pd.DataFrame,
    law: LawAt,
) -> list[Judgement]:
    """
    Judge each row of holders by itself: the first source that says something.

    Parameters
    ----------
    total
        Hectares of each group or lone party.
    official
        `party`, `valid_on`, `stratum`.
    production
        `party`, `year`, `stratum`, `ore_t`; rows of no party have -1.
    """
    stated: dict[int, Judgement] = {}
    for party, rows in production[production["party"] >= 0].groupby("party"):
        told = zip(
            rows["year"], map(_text, rows["stratum"]), map(_number, rows["ore_t"]), strict=True
        )
        if said := said_by_production(((int(y), s, t) for y, s, t in told), law):
            stated[int(party)] = Judgement(said, str(StratumBasis.PRODUCTION))
    for party, rows in official.groupby("party"):
        days = [day.date() for day in rows["valid_on"]]
        if said := said_officially(zip(days, rows["stratum"], strict=True), law.on):
            stated[int(party)] = Judgement(said, str(StratumBasis.OFFICIAL))
    names = behind(holders)
    large = {
        name
        for name, party in zip(names, holders["party"], strict=True)
        if stated.get(int(party), NOTHING).stratum == _LARGE
    }
    limit = law.number("small_scale_limit_ha")
    out = []
    for name, party, presumable in zip(names, holders["party"], holders["presumable"], strict=True):
        judgement = stated.get(int(party), NOTHING)
        if judgement.stratum is None:
            if total.get(name, 0.0) > limit + _MEASURED_HA:
                judgement = Judgement(_LARGE, str(StratumBasis.HECTARES_OVER_LIMIT))
            elif presumable and name not in large:
                judgement = Judgement(_SMALL, str(StratumBasis.PRESUMED_SMALL))
        out.append(judgement)
    return out


def together(members: Iterable[Judgement], is_open: bool) -> Judgement:
    """
    Judge joint holders: large where one is, small where all are named and small, else nothing.

    Of several that are large the surest basis is told, of several that are small the weakest.
    """
    order = [str(basis) for basis in StratumBasis]
    some = sorted(members, key=lambda j: order.index(j.basis))
    large = [j for j in some if j.stratum == _LARGE]
    if large:
        return large[0]
    if some and not is_open and all(j.stratum == _SMALL for j in some):
        return some[-1]
    return NOTHING


def of_rights(
    rights: pd.DataFrame,
    holders: pd.DataFrame,
    official: pd.DataFrame,
    production: pd.DataFrame,
    law: LawAt,
) -> pd.DataFrame:
    """
    Judge every right by its holders.

    Parameters
    ----------
    rights
        `members` (rows of `holders`), `is_open`, `status`, `drawn`, `crs_used`.

    Returns
    -------
    judged
        On the index of `rights`: `holder_stratum` (`unknown` where nothing is known), `stratum_basis`,
        `holder_total_ha` (of the largest group or party behind the right; NaN where nobody is known),
        `group` (joined by ; in the order of the alphabet).
    """
    owners = owners_of(rights, holders)
    total = totals(rights, owners)
    each = judge(holders, total, official, production, law)
    groups = holders["group"].to_numpy(dtype=object)
    rows = []
    for members, is_open, some in zip(rights["members"], rights["is_open"], owners, strict=True):
        found = together([each[m] for m in members], bool(is_open))
        named = sorted({str(groups[m]) for m in members if not pd.isna(groups[m])})
        rows.append(
            {
                "holder_stratum": found.stratum or str(HolderStratum.UNKNOWN),
                "stratum_basis": found.basis,
                "holder_total_ha": max((total[o] for o in some), default=np.nan),
                "group": ";".join(named) or None,
            }
        )
    return pd.DataFrame(rows, index=rights.index).astype(
        {"holder_stratum": "str", "stratum_basis": "str", "group": "str"}
    )


def scales(
    rights: pd.DataFrame, holders: pd.DataFrame, official: pd.DataFrame, law: LawAt
) -> pd.Series:
    """
    Say of every right whether its holder is large or medium, where the official table tells them apart.

    Of joint holders: large where one is, medium where all are named and medium.

    Parameters
    ----------
    official
        `party`, `valid_on`, `scale`.
    """
    unknown = str(HolderScale.UNKNOWN)
    of_party: dict[int, str] = {}
    for party, rows in official.groupby("party"):
        days = [day.date() for day in rows["valid_on"]]
        said = said_officially(zip(days, rows["scale"], strict=True), law.on)
        of_party[int(str(party))] = said or unknown
    number = holders["party"].to_list()
    found = []
    for members, is_open in zip(rights["members"], rights["is_open"], strict=True):
        each = [of_party.get(int(number[m]), unknown) for m in members]
        if str(HolderScale.LSM) in each:
            found.append(str(HolderScale.LSM))
        elif each and not is_open and all(s == HolderScale.MSM for s in each):
            found.append(str(HolderScale.MSM))
        else:
            found.append(unknown)
    return pd.Series(found, index=rights.index, dtype="str")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value != HolderStratum.UNKNOWN else None


def _number(value: object) -> float | None:
    return None if pd.isna(value) else float(value)  # type: ignore[arg-type]
