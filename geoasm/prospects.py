"""What follows from the classes: clusters, candidates, neighbours, signs, and what each way still needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm import candidates, clusters, neighbours, pathways, schema, signs
from geoasm.codes import Role
from geoasm.given import Given
from geoasm.holdership import Judged, People
from geoasm.law import LawAt
from geoasm.parties import name_keys
from geoasm.profile import Profile
from geoasm.surroundings import Linked

_DATED = {
    Role.CONTRACTS: "signed_on",
    Role.IGAFOM: "filed_on",
    Role.ASSESSMENTS: "assessed_on",
}


@dataclass(frozen=True)
class Found:
    """Registrations with what was added to them, and the frames of `schema.prospects` by name."""

    registrations: pd.DataFrame
    frames: dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Known:
    """What a run knows when its registrations have their classes; `overlaps` are pairs of rights."""

    given: Given
    judged: Judged
    people: People
    linked: Linked
    overlaps: pd.DataFrame


def find_all(
    registered: pd.DataFrame, decided_by: pd.Series, known: Known, profile: Profile, law: LawAt
) -> Found:
    """
    Look for everything that follows from the classes.

    Parameters
    ----------
    registered
        Columns of `schema.REGISTRATIONS`, RangeIndex.
    decided_by
        Position of the right that decided each, -1 for none.

    Returns
    -------
    found
        Without [candidates] in the profile every frame is empty.
    """
    given, linked, behind = known.given, known.linked, known.people.groups.affiliates
    concessions = known.judged.concessions
    decided = decided_by.to_numpy(dtype=np.intp)
    rows = registered.assign(
        not_counted=candidates.why_not_counted(
            registered, decided, concessions, _is_other(decided, linked, profile)
        ),
        precondition=pathways.precondition(registered),
        missing_check=pathways.missing_check(registered),
    )
    rules = profile.candidates
    if rules is None:
        rows["not_counted"] = pd.Series(pd.NA, index=rows.index, dtype="str")
        return Found(rows, {t.name: schema.empty(t) for t in schema.PROSPECTS})
    rows["cluster_id"] = clusters.find_clusters(rows, rules)
    tables = {role: _known_on(role, table, law) for role, table in given.tables.items()}
    scene = candidates.Scene(
        registrations=rows,
        decided_by=decided,
        concessions=concessions,
        pairs=linked.pairs,
        overlaps=known.overlaps,
        ledger=known.judged.ledger,
        affiliates=behind,
        tables=tables,
        areas=linked.areas,
        assessed=_assessed(tables.get(Role.ASSESSMENTS), concessions, known.people, profile),
    )
    found = candidates.find(scene, rules)
    year = given.registrations.get("registered_year")
    told = rows if year is None else rows.assign(registered_year=year)
    near = neighbours.find_near(rows, linked.points, concessions, linked.pairs, behind, rules)
    frames = {
        schema.CANDIDATES.name: found.candidates,
        schema.CANDIDATES_REJECTED.name: found.rejected,
        schema.VERIFY_FIRST.name: found.verify_first,
        schema.CLUSTERS.name: clusters.describe_clusters(rows, rows["cluster_id"], rules),
        schema.NEAR_OUTSIDE.name: near,
        schema.SIGNS.name: signs.find_signs(told, given.layers, linked.areas, rules),
    }
    return Found(rows, frames)


def count(frames: Mapping[str, pd.DataFrame], profile: Profile) -> dict[str, Any]:
    """Count candidates, rights by gate and by what must be verified, clusters, neighbours and signs."""

    def by(table: schema.Table, column: str) -> dict[str, int]:
        counts = frames[table.name][column].value_counts().sort_index()
        return {str(code): int(n) for code, n in counts.items()}

    return {
        "weighed": profile.candidates is not None,
        "candidates": len(frames[schema.CANDIDATES.name]),
        "rejected": by(schema.CANDIDATES_REJECTED, "gate"),
        "verify_first": by(schema.VERIFY_FIRST, "verify"),
        "clusters": len(frames[schema.CLUSTERS.name]),
        "near_outside": int(frames[schema.NEAR_OUTSIDE.name]["registration_id"].nunique()),
        "signs": by(schema.SIGNS, "kind"),
    }


def _is_other(
    decided_by: npt.NDArray[np.intp], linked: Linked, profile: Profile
) -> npt.NDArray[np.bool_]:
    """Tell whose registrant is known to be another than the holder of the right that decided."""
    pairs = pd.concat([linked.pairs, linked.declared], ignore_index=True)
    decided = pairs["concession"].to_numpy() == decided_by[pairs["registration"]]
    other = decided & (pairs["same_holder"] == False).fillna(False).to_numpy(dtype=bool)  # noqa: E712
    found = np.zeros(len(decided_by), dtype=bool)
    if profile.registrants == "none":
        return found
    found[pairs.loc[other, "registration"]] = True
    return found


def _known_on(role: Role, table: pd.DataFrame, law: LawAt) -> pd.DataFrame:
    """Leave out what is dated after the day of the law."""
    column = _DATED.get(role)
    if column is None or column not in table:
        return table
    return table[~(table[column] > pd.Timestamp(law.on))]


def _assessed(
    table: pd.DataFrame | None, concessions: pd.DataFrame, people: People, profile: Profile
) -> pd.DataFrame:
    """
    Bring an analyst's assessments to rights, one for each factor.

    A row that names the right goes before one that names its holder or group; of these the latest
    holds, and of several of one day the lowest.
    """
    if table is None:
        return pd.DataFrame({"right": [], "factor": [], "value": []})
    place = pd.Series(np.arange(len(concessions)), index=concessions["concession_id"])
    blank = pd.Series(pd.NA, index=table.index, dtype="str")
    code = table.get("concession_id", blank)
    rows = table.assign(right=code.map(place), by_right=True)
    rows["on"] = table.get("assessed_on", pd.Series(pd.NaT, index=table.index))
    keys = name_keys(table.get("holder_name", blank).astype("str"), profile.parties)["key"]
    rows["affiliate"] = people.groups.affiliate_of_name(keys, people.parties)
    named = rows[rows["right"].isna()].drop(columns="right").dropna(subset=["affiliate"])
    of_holders = named.merge(people.groups.affiliates, on="affiliate").assign(by_right=False)
    found = pd.concat([rows.dropna(subset=["right"]), of_holders], ignore_index=True)
    found = found.sort_values(
        ["right", "factor", "by_right", "on", "value"],
        ascending=[True, True, False, False, True],
        na_position="last",
    )
    found = found.drop_duplicates(["right", "factor"])
    return found[["right", "factor", "value"]].astype({"right": "int64"})
