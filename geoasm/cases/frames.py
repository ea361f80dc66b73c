"""Cases as the frames that the pipeline's own steps take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geoasm import activity, areas, evidence, link, strata
from geoasm.cases.reading import CASE_MARK, Case, level_of, shape, stated_areas
from geoasm.codes import (
    ConcessionStatus,
    EvidenceKind,
    EvidenceScope,
    HolderStratum,
    Role,
    StratumBasis,
)
from geoasm.law import LawAt
from geoasm.parties import Parties, is_joint
from geoasm.profile import Profile


def link_cases(cases: Sequence[Case], profile: Profile, law: LawAt) -> pd.DataFrame:
    """Pair each case with its rights: all that are drawn near its point, or all where none is."""
    parts = []
    first = 0
    for i, case in enumerate(cases):
        some = pd.DataFrame({"concession": range(len(case.rights))})
        some = some.assign(covered=True, edge_distance_m=0.0)
        if "at" in case.registration and case.rights:
            shapes = np.array([shape(right) for right in case.rights], dtype=object)
            ground = pd.DataFrame({"drawn": shapes, "planar": shapes})
            zone = profile.crs.zones[0].crs
            # The point stands on the grid as well.
            at = np.array([shapely.Point(case.registration["at"])])
            point = link.Points(at, profile.crs, system=zone)
            reach_m = law.number("link_reach_m")
            some = link.link(point, ground.assign(crs_used=zone, planar_crs=zone), reach_m=reach_m)
        parts.append(some.assign(registration=i, concession=some["concession"] + first))
        first += len(case.rights)
    pairs = pd.concat(parts, ignore_index=True)
    return pairs.astype({"registration": "int64", "concession": "int64", "covered": "bool"})


def code_of(case: Case, right_id: str) -> str:
    """Name a right so that those of all cases can stand in one cadastre."""
    return f"{case.number:06d}{CASE_MARK}{right_id}"


def _rights(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """List the rights of the cases, and last one that covers nothing: no cadastre is empty."""
    rights = [
        {**right, "id": code_of(case, right["id"])} for case in cases for right in case.rights
    ]
    return [*rights, {"id": CASE_MARK, "status": ConcessionStatus.TITLED}]


def concessions_of(cases: Sequence[Case], law: LawAt) -> pd.DataFrame:
    """Lay out the rights of the cases, with what their evidence says."""
    rights = _rights(cases)

    def column(key: str, dtype: str) -> pd.Series:
        return pd.Series([right.get(key) for right in rights], dtype=dtype)

    frame = pd.DataFrame(
        {
            "concession_id": column("id", "str"),
            "status": column("status", "str"),
            "holder_name": column("holder", "str"),
            "filed_on": column("filed_on", "datetime64[s]"),
            "filed_hour": column("filed_hour", "str"),
            "datum": column("datum", "str"),
            "origin": column("origin", "str"),
            "free_on": column("free_on", "datetime64[s]"),
            "substance": column("substance", "str"),
        }
    )
    return frame.join(activity.judge(_ledger(rights, law), len(rights), law))


def _ledger(rights: Sequence[Mapping[str, Any]], law: LawAt) -> pd.DataFrame:
    """Lay out penalties and other evidence; years after the day are not known on it."""
    penalty, here = EvidenceKind.PENALTY.value, EvidenceScope.RIGHT.value
    rows = [
        (at, penalty, here, year, False)
        for at, right in enumerate(rights)
        for year in right.get("penalties", [])
    ]
    rows += [
        (at, piece["kind"], piece.get("scope", here), piece["year"], piece.get("shared", False))
        for at, right in enumerate(rights)
        for piece in right.get("evidence", [])
    ]
    frame = pd.DataFrame(rows, columns=["right", "kind", "scope", "year", "shared"])
    frame = frame.astype({"right": "int64", "kind": "str", "scope": "str", "year": "Int64"})
    known = frame[frame["year"] <= law.on.year].reset_index(drop=True)
    shared = np.zeros(len(rights), dtype=bool)
    shared[known.loc[known["shared"].astype(bool), "right"].to_numpy()] = True
    return evidence.weigh(known, law, shared)


def with_strata(
    concessions: pd.DataFrame, cases: Sequence[Case], parties: Parties, law: LawAt
) -> pd.DataFrame:
    """Give the stratum that each right states as official, else what its holder's hectares say."""
    rights = _rights(cases)
    stated = pd.Series([right.get("stratum") for right in rights], dtype="str")
    hectares = pd.Series([right.get("hectares") for right in rights], dtype="float64")
    holder = parties.frame.set_index("party_id").reindex(parties.holder.fillna(-1))
    holder = holder.reset_index(drop=True)
    asked = hectares.notna() & holder["name"].notna()
    none = pd.Series(False, index=holder.index)
    derived = strata.presume(
        holder.fillna({"forms": "", "is_person": False, "is_open": False}), hectares, none, law
    ).where(asked)
    known = stated.notna() & (stated != HolderStratum.UNKNOWN)
    basis = derived["basis"].mask(known, StratumBasis.OFFICIAL.value)
    return concessions.assign(
        holder_stratum=stated.where(known | derived["stratum"].isna(), derived["stratum"]),
        stratum_basis=basis.fillna(StratumBasis.NONE.value).astype("str"),
        is_joint=is_joint(parties.holder, parties),
    )


def ground_of(cases: Sequence[Case], law: LawAt) -> pd.DataFrame:
    """Describe the ground through the profile's own table of areas."""
    found: dict[Role, list[tuple[int, str | None, date | None]]] = {}
    for i, case in enumerate(cases):
        for code, established_on in stated_areas(case):
            level = level_of(case, code, law.area_levels)
            row = (i, next(iter(level.types), None), established_on)
            found.setdefault(level.role, []).append(row)
        if case.registration.get("anap", False):
            found.setdefault(Role.ANAP, []).append((i, None, None))
    layers: dict[Role, pd.DataFrame] = {}
    for role, rows in found.items():
        frame = pd.DataFrame(
            {
                "area_type": pd.array([row[1] for row in rows], dtype="str"),
                "established_on": pd.Series([row[2] for row in rows], dtype="datetime64[s]"),
                "source_row": range(1, len(rows) + 1),
            }
        )
        layers[role] = areas.grade(frame, role, law)[0]
    links = {role: _links([row[0] for row in rows]) for role, rows in found.items()}
    for key, role in (("asm_zone", Role.ASM_ZONES), ("community", Role.COMMUNITIES)):
        links[role] = _links([i for i, c in enumerate(cases) if c.registration.get(key, False)])
    outside = [case.registration.get("outside_corridor", False) for case in cases]
    links |= {Role.ADMIN: _links([]), Role.MINING_CORRIDOR: _links([])}
    name = str(law.parameters.get("corridor_region", ""))
    region = pd.Series([name if is_outside else None for is_outside in outside], dtype="str")
    return areas.describe_ground(len(cases), layers, links, region, law)


def _links(registrations: Sequence[int]) -> pd.DataFrame:
    """Pair each registration with an area of its own."""
    rows = {"registration": registrations, "area": range(len(registrations))}
    return pd.DataFrame(rows, dtype="int64")
