"""
Whether each right is worked, idle, or nothing says so: piece by piece from planted facts.

Each place of evidence is looked for in plain words: in the right itself, in its production unit, at
a unit of the holder's group within the radius.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from geoasm.codes import HolderActivity, UnitStage
from geoasm.geometry import operation
from geoasm.law import LawAt
from geoasm.model import CrsPlan
from geoasm.parsing.text import fold
from geoasm.simulate.mines import RADIUS_M
from geoasm.simulate.reading import name_key
from geoasm.simulate.truth_holders import behind, owners_of
from geoasm.simulate.works import Works


@dataclass(frozen=True)
class _Unit:
    """A mining unit as seen from rights (rows): `within` are those of its operator's group in reach."""

    name: str
    operator: str | None
    inside: frozenset[int]
    within: frozenset[int]


def idle_codes(penalties: pd.DataFrame, law: LawAt) -> frozenset[str]:
    """Give the rights with penalties in enough of the last years, that of the day counted."""
    need, window = law.number("idle_penalty_years"), law.number("idle_window_years")
    counts: dict[str, set[int]] = {}
    for code, year in zip(penalties["concession_id"], penalties["year"], strict=True):
        if law.on.year - window < year <= law.on.year:
            counts.setdefault(code, set()).add(int(year))
    return frozenset(code for code, years in counts.items() if len(years) >= need)


def is_recent(year: int, law: LawAt) -> bool:
    """Tell whether evidence of a year counts: neither too old nor of a year to come."""
    return law.on.year - law.number("activity_window_years") < year <= law.on.year


def worked(
    rights: pd.DataFrame, holders: pd.DataFrame, works: Works, law: LawAt, plan: CrsPlan
) -> frozenset[int]:
    """
    Find the rights (rows) on which evidence that counts says that somebody works.

    Parameters
    ----------
    rights
        `concession_id`, `name`, `members`, `drawn`, `crs_used`.
    holders
        `party`, `group`.
    """
    owners = owners_of(rights, holders)
    groups = dict(zip(holders["party"], behind(holders), strict=True))
    units = _look_at(works.units, rights, owners, groups, law, plan)
    row_of = {code: i for i, code in enumerate(rights["concession_id"])}
    members: dict[str, set[int]] = {}
    for unit, code in zip(
        works.production_units["unit_id"], works.production_units["concession_id"], strict=True
    ):
        members.setdefault(fold(unit), set()).add(row_of[code])
    so_named: dict[str, list[int]] = {}
    for i, label in enumerate(rights["name"]):
        if isinstance(label, str):
            so_named.setdefault(fold(label), []).append(i)
    here: set[int] = set()
    elsewhere: set[int] = set()  # in the right itself; there because of a unit around it
    for row in works.production.itertuples():
        if not is_recent(int(row.year), law) or not row.amount > 0:
            continue
        if isinstance(row.concession_id, str):
            here.add(row_of[row.concession_id])
        elif isinstance(row.unit_name, str):
            name, of = fold(row.unit_name), _whose(row.party, row.holder_name, groups)
            for unit in units:
                if unit.name == name and of in (None, unit.operator):
                    here |= unit.inside
                    elsewhere |= unit.within
            elsewhere |= members.get(name, set())
            here |= {i for i in so_named.get(name, ()) if of in owners[i]}
    drilled: set[int] = set()
    for unit, row in zip(units, works.units.itertuples(), strict=True):
        seen = row.observed_on.date()
        if seen > law.on or not is_recent(seen.year, law):
            continue
        if row.stage == UnitStage.OPERATING:
            here |= unit.inside
            elsewhere |= unit.within
        elif row.stage == UnitStage.EXPLORING:
            drilled |= unit.inside
    for together in members.values():
        if together & here:
            elsewhere |= together
    return frozenset(here | elsewhere | drilled)


def _whose(party: int, name: object, groups: Mapping[int, str]) -> str | None:
    """Name the group or lone party that evidence names; who holds nothing by its name; None for nobody."""
    if party in groups:
        return groups[party]
    key = name_key(name)
    return f"name {key}" if key else None


def _look_at(
    units: pd.DataFrame,
    rights: pd.DataFrame,
    owners: list[frozenset[str]],
    groups: Mapping[int, str],
    law: LawAt,
    plan: CrsPlan,
) -> list[_Unit]:
    """Find for each unit the rights that it stands in, and those of its operator within the radius."""
    drawn = rights["drawn"].to_numpy(dtype=object)
    systems = rights["crs_used"].to_numpy(dtype=object)
    held: dict[str, list[int]] = {}
    for row, own in enumerate(owners):
        for owner in own:
            held.setdefault(owner, []).append(row)
    trees = {
        crs: (rows, shapely.STRtree(drawn[rows]))
        for crs, rows in rights.groupby("crs_used").indices.items()
    }
    found = []
    for row in units.itertuples():
        at = {}
        for crs in trees:
            x, y = operation(plan.geographic, str(crs), plan).points(
                np.array([row.lon]), np.array([row.lat])
            )
            at[crs] = shapely.Point(x[0], y[0])
        inside = {
            int(r)
            for crs, (rows, tree) in trees.items()
            for r in rows[tree.query(at[crs])]
            if shapely.covers(drawn[r], at[crs])
        }
        operator = _whose(row.party, row.holder_name, groups)
        reach = law.number(RADIUS_M[row.substance])
        rows_of = held.get(operator, []) if operator else []
        within = {r for r in rows_of if shapely.distance(drawn[r], at[systems[r]]) <= reach}
        found.append(_Unit(fold(row.name), operator, frozenset(inside), frozenset(within)))
    return found


def judge(
    rights: pd.DataFrame,
    idle: Collection[str],
    at_work: Collection[int],
    disputed: Iterable[str] = (),
) -> pd.DataFrame:
    """
    Say of each right whether it is worked.

    Parameters
    ----------
    idle
        Codes with penalties enough.
    at_work
        Rows of `rights` that evidence says are worked.
    disputed
        Codes of rights on which ground was disturbed of late, with nobody registered on or near them.

    Returns
    -------
    activity
        On the index of `rights`: `holder_activity`, `activity_conflict`.
    """
    doubted = set(disputed)
    told, conflict = [], []
    for row, code in enumerate(rights["concession_id"]):
        if row in at_work:
            told.append(HolderActivity.ACTIVE)
        elif code in idle and code not in doubted:
            told.append(HolderActivity.IDLE)
        else:
            told.append(HolderActivity.NO_EVIDENCE)
        conflict.append(code in idle and (row in at_work or code in doubted))
    return pd.DataFrame(
        {
            "holder_activity": pd.array([str(t) for t in told], dtype="str"),
            "activity_conflict": conflict,
        },
        index=rights.index,
    )
