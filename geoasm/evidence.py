"""The ledger: every piece of evidence for or against work on a right, dated and sourced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm import issues, sites
from geoasm.codes import (
    Action,
    ConcessionStatus,
    EvidenceKind,
    EvidenceSays,
    EvidenceScope,
    Problem,
    Role,
    UnitStage,
)
from geoasm.law import LawAt
from geoasm.model import CrsPlan, PartyRules
from geoasm.parsing.text import fold_series, is_among
from geoasm.parties import Parties, name_keys
from geoasm.parties.groups import Groups

COLUMNS = (
    *("right", "kind", "scope", "source", "year", "observed_on", "subject", "distance_m"),
    "by_holder",
)
_DTYPES = {
    "right": "int64",
    "kind": "str",
    "scope": "str",
    "source": "str",
    "year": "Int64",
    "observed_on": "datetime64[s]",
    "subject": "str",
    "distance_m": "float64",
    "by_holder": "boolean",
}
QUANTITIES = ("amount", "ore_t")  # of production; a table may have neither
_UNIT_KINDS = {
    UnitStage.OPERATING.value: EvidenceKind.MINING_UNIT.value,
    UnitStage.EXPLORING.value: EvidenceKind.EXPLORATION.value,
}


@dataclass(frozen=True)
class Sources:
    """What a run has of evidence: tables and layers by role, and growth of disturbed ground."""

    tables: Mapping[Role, pd.DataFrame]
    layers: Mapping[Role, pd.DataFrame]
    growth: pd.DataFrame | None = None  # `last_growth_year` on the index of the rights
    has_registrations: npt.NDArray[np.bool_] | None = None  # on or near each right


@dataclass(frozen=True)
class Ledger:
    """
    Evidence by right.

    `frame` has a row for each piece: `right` (position), `kind`, `scope`, `source` (role), `year`,
    `observed_on`, `subject` (a unit's or permit's name), `distance_m`, `by_holder` (the holder or its
    group runs it), `says` and `counts` (it is of a kind, place and age that the law counts).
    """

    frame: pd.DataFrame
    issues: pd.DataFrame


class _Near(NamedTuple):
    """What places evidence: the rights and who is behind them, under the law of the day."""

    place: sites.Ground
    parties: Parties
    groups: Groups
    rules: PartyRules
    law: LawAt


def gather(
    concessions: pd.DataFrame,
    parties: Parties,
    groups: Groups,
    given: Sources,
    rules: PartyRules,
    law: LawAt,
    plan: CrsPlan,
) -> Ledger:
    """
    Gather the evidence on every right, and tell which of it counts under the law of the day.

    A piece counts where the law's [[evidence]] table says so: in the right, in its production unit,
    or at an operating unit of the holder's group within the unit's radius. Others are listed: facts
    dated later are not.
    """
    place = sites.Ground(concessions, groups.affiliates, plan)
    near = _Near(place, parties, groups, rules, law)
    units, plants = (
        sites.locate(given.layers.get(role), rules, parties, groups, plan)
        for role in (Role.MINING_UNITS, Role.PLANTS)
    )
    units["kind"] = units["stage"].map(_UNIT_KINDS).astype("str")
    operating = units.dropna(subset=["kind"])
    parts = [
        _of_table(given.tables.get(Role.PENALTIES), EvidenceKind.PENALTY, concessions),
        _of_table(given.tables.get(Role.PERMITS), EvidenceKind.PERMIT, concessions),
        sites.of_units(operating, place, law).assign(source=Role.MINING_UNITS.value),
        sites.of_plants(plants, place).assign(kind=EvidenceKind.PLANT.value),
        _production(given, units, near),
        _growth(given),
        _filing(concessions),
    ]
    filled = [part for part in parts if len(part)]
    blank = pd.DataFrame({name: [] for name in COLUMNS})
    rows = pd.concat(filled or [blank], ignore_index=True).reindex(columns=list(COLUMNS))
    rows = _spread(rows.astype(_DTYPES), given.tables.get(Role.PRODUCTION_UNITS), concessions, law)
    rows = _in_order(rows[~_is_later(rows, law)])
    return Ledger(weigh(rows, law, given.has_registrations), _undated(units))


def _of_table(
    table: pd.DataFrame | None, kind: EvidenceKind, concessions: pd.DataFrame
) -> pd.DataFrame:
    """Lay out a table of rights and years or days."""
    if table is None:
        return pd.DataFrame()
    role = {EvidenceKind.PENALTY: Role.PENALTIES, EvidenceKind.PERMIT: Role.PERMITS}[kind]
    place = pd.Series(np.arange(len(concessions)), index=concessions["concession_id"])
    rows = pd.DataFrame({"right": table["concession_id"].map(place)})
    rows["year"] = table.get("year", pd.Series(pd.NA, index=table.index, dtype="Int64"))
    rows["observed_on"] = table.get("granted_on", pd.Series(pd.NaT, index=table.index))
    rows["year"] = rows["year"].fillna(rows["observed_on"].dt.year.astype("Int64"))
    rows["subject"] = table.get("permit", pd.Series(pd.NA, index=table.index, dtype="str"))
    rows = rows.assign(kind=kind.value, source=role.value, scope=EvidenceScope.RIGHT.value)
    return rows.dropna(subset=["right", "year"]).drop_duplicates()


def _production(given: Sources, units: pd.DataFrame, near: _Near) -> pd.DataFrame:
    """
    Place each year of production: in the right it names, at the unit it names, else elsewhere.

    Where the table has quantities, a row is production only if one of its own is above nought; a table
    without any lists what produced.
    """
    table = given.tables.get(Role.PRODUCTION)
    if table is None:
        return pd.DataFrame()
    made = table[table["year"].notna()]
    quantities = [name for name in QUANTITIES if name in made]
    if quantities:
        made = made[(made[quantities] > 0).any(axis=1)]
    blank = pd.Series(pd.NA, index=made.index, dtype="str")
    code, name = (made.get(c, blank).astype("str") for c in ("concession_id", "unit_name"))
    rows = pd.DataFrame(
        {
            "year": made["year"],
            "subject": name,
            "unit": fold_series(name),
            "affiliate": _producer(made, near),
            "right": code.map(near.place.of_code),
        }
    )
    in_right = rows.dropna(subset=["right"]).assign(scope=EvidenceScope.RIGHT.value)
    rest = rows[rows["right"].isna()].drop(columns="right").reset_index(names="row")
    sought = rest.dropna(subset=["unit"])
    found = [
        _at_unit(sought, units, near),
        _in_unit(sought, given.tables.get(Role.PRODUCTION_UNITS), near.place),
        _in_named_right(sought, near.place),
    ]
    placed = pd.concat(found, ignore_index=True)
    lost = rest[~rest["row"].isin(placed["row"]) & rest["affiliate"].notna()]
    elsewhere = lost.merge(near.place.affiliates, on="affiliate")
    elsewhere = elsewhere.assign(scope=EvidenceScope.ELSEWHERE.value)
    return pd.concat([in_right, placed, elsewhere], ignore_index=True).assign(
        kind=EvidenceKind.PRODUCTION.value, source=Role.PRODUCTION.value
    )


def _producer(made: pd.DataFrame, near: _Near) -> pd.Series:
    """Name whose each row is, as `sites.name_operator` does: by number, else by name; missing: nobody's."""
    blank = pd.Series(pd.NA, index=made.index, dtype="str")
    ruc = made.get("ruc", blank).astype("str")
    name = made.get("holder_name", blank).astype("str")
    keys = name_keys(name, near.rules, known=near.parties.texts)["key"]
    numbers = near.parties.frame.dropna(subset=["ruc"]).set_index("ruc")["party_id"]
    named = near.groups.affiliate(ruc.map(numbers).astype("Int64"))
    named = named.where(named.notna(), sites.name_operator(keys, near.groups, near.parties))
    return named.where(named.notna(), "number " + ruc)


def _at_unit(rows: pd.DataFrame, units: pd.DataFrame, near: _Near) -> pd.DataFrame:
    """Bring production of a unit to the rights around the place of that name."""
    named = units[units["unit"].isin(rows["unit"])].drop(columns=["year", "observed_on"])
    at = sites.of_units(named.assign(kind=EvidenceKind.PRODUCTION.value), near.place, near.law)
    found = at.drop(columns=["kind", "subject"]).merge(rows, on="unit")
    return found[found["affiliate"].isna() | (found["affiliate"] == found["operator"])]


def _in_unit(rows: pd.DataFrame, table: pd.DataFrame | None, place: sites.Ground) -> pd.DataFrame:
    """Bring production of a unit to the rights that a table puts into it."""
    if table is None:
        return rows.iloc[:0]
    members = pd.DataFrame(
        {"unit": fold_series(table["unit_id"]), "right": table["concession_id"].map(place.of_code)}
    ).dropna()
    return rows.merge(members, on="unit").assign(scope=EvidenceScope.PRODUCTION_UNIT.value)


def _in_named_right(rows: pd.DataFrame, place: sites.Ground) -> pd.DataFrame:
    """Bring production of a unit to the group's right of that very name."""
    named = place.affiliates[is_among(place.affiliates["affiliate"], rows["affiliate"])]
    names = place.names.iloc[named["right"]].set_axis(named.index)
    named = named.assign(unit=fold_series(names).astype(object))
    return rows.merge(named.dropna(), on=["unit", "affiliate"]).assign(
        scope=EvidenceScope.RIGHT.value
    )


def _growth(given: Sources) -> pd.DataFrame:
    """Lay out the last growth of disturbed ground on each right."""
    if given.growth is None:
        return pd.DataFrame()
    year = given.growth["last_growth_year"].reset_index(drop=True).dropna()
    return pd.DataFrame(
        {
            "right": year.index,
            "kind": EvidenceKind.FOOTPRINT.value,
            "scope": EvidenceScope.RIGHT.value,
            "source": Role.ACTIVITY.value,
            "year": year.array,
        }
    )


def _filing(concessions: pd.DataFrame) -> pd.DataFrame:
    """Lay out when titles were filed; the day of the title itself is not public."""
    titled = (concessions["status"] == ConcessionStatus.TITLED) & concessions["filed_on"].notna()
    filed = concessions["filed_on"].reset_index(drop=True)[titled.to_numpy()]
    return pd.DataFrame(
        {
            "right": filed.index,
            "kind": EvidenceKind.FILING.value,
            "scope": EvidenceScope.RIGHT.value,
            "source": Role.CONCESSIONS.value,
            "year": filed.dt.year.astype("Int64").array,
            "observed_on": filed.array,
        }
    )


def _spread(
    rows: pd.DataFrame, table: pd.DataFrame | None, concessions: pd.DataFrame, law: LawAt
) -> pd.DataFrame:
    """Let what stands in one right of a production unit speak for its other rights as well."""
    if table is None:
        return rows
    place = pd.Series(np.arange(len(concessions)), index=concessions["concession_id"])
    members = pd.DataFrame(
        {"unit": fold_series(table["unit_id"]), "right": table["concession_id"].map(place)}
    )
    members = members.dropna().astype({"right": "int64"}).drop_duplicates()
    shared = EvidenceScope.PRODUCTION_UNIT
    kinds = [kind.value for kind, rule in law.evidence.items() if shared in rule.scopes]
    here = rows[(rows["scope"] == EvidenceScope.RIGHT) & rows["kind"].isin(kinds)]
    found = here.merge(members, on="right").merge(members, on="unit", suffixes=("_of", ""))
    found = found[found["right_of"] != found["right"]].assign(scope=shared.value)
    return pd.concat([rows, found[list(COLUMNS)]], ignore_index=True).astype(_DTYPES)


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Sort rows by all columns, missing values last, and leave each once."""
    told = [pd.factorize(rows[name], sort=True)[0] for name in COLUMNS]
    ranks = [np.where(rank < 0, len(rows), rank) for rank in told]
    order = np.lexsort(ranks[::-1])
    is_new = np.ones(len(rows), dtype=bool)
    is_new[1:] = np.any([np.diff(rank[order]) != 0 for rank in ranks], axis=0)
    return rows.iloc[order[is_new]].reset_index(drop=True)


def _is_later(rows: pd.DataFrame, law: LawAt) -> pd.Series:
    later = (rows["year"] > law.on.year).fillna(False).astype(bool)
    return later | (rows["observed_on"] > pd.Timestamp(law.on))


def weigh(
    rows: pd.DataFrame, law: LawAt, has_registrations: npt.NDArray[np.bool_] | None = None
) -> pd.DataFrame:
    """
    Say of each piece what it says and whether it counts, by kind, place and age.

    Parameters
    ----------
    rows
        `right` (position), `kind`, `scope`, `year`.
    has_registrations
        Whether registrations stand on or near each right.

    Returns
    -------
    rows
        With `says` and `counts`.
    """
    says = pd.Series(EvidenceSays.CONTEXT.value, index=rows.index, dtype="str")
    counts = pd.Series(False, index=rows.index)
    for kind, rule in law.evidence.items():
        own = rows["kind"] == kind
        says[own] = rule.says.value
        counts[own] = rows.loc[own, "scope"].isin([scope.value for scope in rule.scopes])
        if rule.within is not None:
            first = law.on.year - law.number(rule.within)
            recent = rows.loc[own, "year"].isna() | (rows.loc[own, "year"] > first)
            counts[own] &= recent.fillna(True).astype(bool)
    if has_registrations is not None:
        # Ground disturbed where miners are registered may be their work: it says nothing of the holder.
        shared = (rows["kind"] == EvidenceKind.FOOTPRINT) & has_registrations[rows["right"]]
        says, counts = says.mask(shared, EvidenceSays.CONTEXT.value), counts & ~shared
    return rows.assign(says=says, counts=counts)


def _undated(units: pd.DataFrame) -> pd.DataFrame:
    """Tell once that units without a day count as seen on the day of the run."""
    undated = units[units["observed_on"].isna() & units["kind"].notna()]
    if not len(undated):
        return issues.none()
    return issues.make(
        Role.MINING_UNITS,
        Problem.MISSING_DATE,
        Action.DOUBTED,
        field="observed_on",
        detail=f"{len(undated)} units have no day: they count as seen on the day of the run; "
        "say it with --assume mining_units.observed_on=YYYY-MM-DD",
    )
