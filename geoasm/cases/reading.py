"""Cases as a lawyer writes them: which keys there are, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely

from geoasm.codes import ConcessionStatus, EvidenceKind, EvidenceScope, HolderStratum, Role
from geoasm.errors import ProfileError
from geoasm.model import AreaLevel
from geoasm.profile import Profile

CASE_KEYS = ("name", "on", "registration", "rights", "stacked", "expect")
REGISTRATION_KEYS = (
    "registrant",
    "at",
    "located",
    "areas",
    "asm_zone",
    "anap",
    "community",
    "outside_corridor",
    "contract_with",
    "substance",
)
STACKED = ("seniority", "ambiguous")
SHAPE_KEYS = ("box", "ring", "hole")  # metres on a grid of the case's own
RIGHT_KEYS = (
    "id",
    "status",
    "holder",
    "stratum",
    "filed_on",
    "filed_hour",
    "datum",
    "origin",
    "free_on",
    "substance",
    "hectares",
    "penalties",
    "evidence",
    *SHAPE_KEYS,
)
EVIDENCE_KEYS = ("kind", "year", "scope", "shared")
EXPECT_KEYS = (
    "asm_class",
    "rule_id",
    "reference",
    "pathway",
    "title_relation",
    "holder_stratum",
    "stratum_basis",
    "holder_activity",
    "concession_id",
    "right_ids",
    "n_rights",
    "n_titles",
    "roles",
    "flags",
)
COUNT_KEYS = ("n_rights", "n_titles")
LIST_KEYS = ("right_ids", "flags")  # compared as lists; flags in any order, but all of them
CASE_MARK = "|"  # between the number of a case and the id of its right


@dataclass(frozen=True)
class Case:
    """One situation, as its file states it."""

    number: int
    where: str  # file, key and name, for errors
    name: str
    on: date
    stacked: str
    registration: Mapping[str, Any]
    rights: Sequence[Mapping[str, Any]]
    expect: Mapping[str, Any]


def read_case(number: int, table: Mapping[str, Any], profile: Profile) -> Case:
    """
    Check a case and take it apart.

    Raises
    ------
    ProfileError
        It says something that the format does not know; the text names the case and the key.
    """
    where = f"cases.toml: case[{number}]"
    _check_keys(where, table, CASE_KEYS)
    for key in ("name", "on", "expect"):
        if key not in table:
            raise ProfileError(f"{where}: {key}: is missing")
    where = f"{where} {table['name']!r}"
    if table.get("stacked", STACKED[0]) not in STACKED:
        raise ProfileError(
            f"{where}: stacked: {table['stacked']!r} is none of {', '.join(STACKED)}"
        )
    case = Case(
        number,
        where,
        table["name"],
        table["on"],
        table.get("stacked", STACKED[0]),
        table.get("registration", {}),
        table.get("rights", []),
        table["expect"],
    )
    _check_keys(f"{where}: expect", case.expect, EXPECT_KEYS)
    _check_keys(f"{where}: registration", case.registration, REGISTRATION_KEYS)
    for right in case.rights:
        _check_right(where, right)
        _check_meanings(where, right, profile)
        _check_shape(where, right, "at" in case.registration)
    strangers = set(case.registration.get("contract_with", [])) - {r["id"] for r in case.rights}
    if strangers:
        raise ProfileError(
            f"{where}: registration.contract_with: no right {min(strangers)!r} in this case"
        )
    for code, _ in stated_areas(case):
        level_of(case, code, profile.law.area_levels)
    return case


def _check_keys(where: str, table: Mapping[str, Any], known: Sequence[str]) -> None:
    for key in table:
        if key not in known:
            raise ProfileError(f"{where}: {key}: is no key of a case; keys: {', '.join(known)}")


def _check_right(where: str, right: Mapping[str, Any]) -> None:
    _check_keys(f"{where}: rights", right, RIGHT_KEYS)
    if "id" not in right:
        raise ProfileError(f"{where}: rights.id: is missing")
    if right.get("status") not in set(ConcessionStatus):
        raise ProfileError(
            f"{where}: rights.status: {right.get('status')!r} is none of "
            f"{', '.join(ConcessionStatus)}"
        )
    for piece in right.get("evidence", []):
        _check_keys(f"{where}: rights.evidence", piece, EVIDENCE_KEYS)
        for key, known in (("kind", EvidenceKind), ("scope", EvidenceScope)):
            if piece.get(key, EvidenceScope.RIGHT) not in {*known, EvidenceScope.RIGHT}:
                raise ProfileError(
                    f"{where}: rights.evidence.{key}: {piece[key]!r} is none of {', '.join(known)}"
                )
        if not {"kind", "year"} <= set(piece):
            raise ProfileError(f"{where}: rights.evidence: needs kind and year")
    if right.get("stratum") not in {None, *HolderStratum}:
        raise ProfileError(
            f"{where}: rights.stratum: {right['stratum']!r} is none of "
            f"{', '.join(HolderStratum)}; leave it out where no strata were given"
        )


def _check_meanings(where: str, right: Mapping[str, Any], profile: Profile) -> None:
    fields = profile.roles[Role.CONCESSIONS].fields
    for key in ("datum", "origin"):
        sources = fields[key].sources if key in fields else ()
        known = sorted({m for s in sources if s.vocabulary for m in s.vocabulary.values.values()})
        if key in right and right[key] not in known:
            raise ProfileError(
                f"{where}: rights.{key}: {right[key]!r} is nothing that this profile reads; "
                f"values: {', '.join(known) or 'none'}"
            )


def _check_shape(where: str, right: Mapping[str, Any], is_drawn: bool) -> None:
    where = f"{where}: rights.{right['id']}"
    if not is_drawn:
        for key in SHAPE_KEYS:
            if key in right:
                raise ProfileError(f"{where}.{key}: say where the point lies: registration.at")
        return
    if ("box" in right) == ("ring" in right):
        raise ProfileError(
            f"{where}: registration.at asks for the ground of every right: give box or ring"
        )
    try:
        ground = shape(right)
    except (ValueError, TypeError, shapely.errors.GEOSException):
        ground = shapely.Polygon()
    if ground.is_empty or not ground.is_valid:
        raise ProfileError(
            f"{where}: is no ground: box and hole are [west, south, east, north] in metres, "
            "ring is [[x, y], …] whose sides do not cross, a hole lies inside"
        )


def shape(right: Mapping[str, Any]) -> shapely.Polygon:
    """Draw the ground of a right, in metres."""
    shell = right["ring"] if "ring" in right else _corners(right["box"])
    return shapely.Polygon(shell, [_corners(right["hole"])] if "hole" in right else [])


def _corners(box: Sequence[float]) -> list[tuple[float, float]]:
    west, south, east, north = box
    if not (west < east and south < north):
        raise ValueError("west before east, south before north")
    return [(west, south), (east, south), (east, north), (west, north)]


def stated_areas(case: Case) -> list[tuple[str, date | None]]:
    """List the areas at the point: code, and day of establishment where the case states it."""
    stated = []
    for area in case.registration.get("areas", []):
        table = area if isinstance(area, Mapping) else {"code": area}
        _check_keys(f"{case.where}: registration.areas", table, ("code", "established_on"))
        stated.append((table.get("code", ""), table.get("established_on")))
    return stated


def level_of(case: Case, code: str, levels: Sequence[AreaLevel]) -> AreaLevel:
    """Find what ground of a code is in the law."""
    level = next((x for x in levels if x.code == code), None)
    if level is None:
        raise ProfileError(
            f"{case.where}: registration.areas: {code!r} is no code of the "
            "[[area_level]] table of law.toml"
        )
    return level
