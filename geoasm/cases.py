"""The law's cases: situations a lawyer wrote down, run through the very rules they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geoasm import activity, areas, classify, holders, link, seniority
from geoasm.codes import ConcessionStatus, HolderStratum, Role, StratumBasis
from geoasm.errors import ProfileError
from geoasm.law import LawAt
from geoasm.model import AreaLevel
from geoasm.profile import Profile
from geoasm.schema import LIST_SEPARATOR

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
    "penalties",
    *SHAPE_KEYS,
)
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
    "roles",
    "flags",
)
LIST_KEYS = ("right_ids", "flags")  # compared as lists; flags in any order, but all of them
CASE_MARK = "|"  # between the number of a case and the id of its right


@dataclass(frozen=True)
class Outcome:
    """What a case expected, and what the rules gave for the same columns."""

    name: str
    ok: bool
    expected: Mapping[str, Any]
    got: Mapping[str, Any]


@dataclass(frozen=True)
class _Case:
    number: int
    where: str  # file, key and name, for errors
    name: str
    on: date
    stacked: str
    registration: Mapping[str, Any]
    rights: Sequence[Mapping[str, Any]]
    expect: Mapping[str, Any]


def run_cases(profile: Profile) -> list[Outcome]:
    """
    Run every case of a profile, in the order of its file.

    Raises
    ------
    ProfileError
        A case says something that the format does not know; the text names the case and the key.
    """
    cases = [_read(number, table, profile) for number, table in enumerate(profile.cases)]
    outcomes: dict[int, Outcome] = {}
    # Cases of one day are one register: they are answered together.
    for (on, stacked), group in groupby(sorted(cases, key=_session), _session):
        together = list(group)
        answers = _answer(together, profile, profile.law.at(on), stacked)
        for case, (_, answer) in zip(together, answers.iterrows(), strict=True):
            outcomes[case.number] = _compare(case, answer)
    return [outcomes[case.number] for case in cases]


def _session(case: _Case) -> tuple[date, str]:
    return case.on, case.stacked


def _read(number: int, table: Mapping[str, Any], profile: Profile) -> _Case:
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
    case = _Case(
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
    for code, _ in _stated_areas(case):
        _level(case, code, profile.law.area_levels)
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
        shape = _shape(right)
    except (ValueError, TypeError, shapely.errors.GEOSException):
        shape = shapely.Polygon()
    if shape.is_empty or not shape.is_valid:
        raise ProfileError(
            f"{where}: is no ground: box and hole are [west, south, east, north] in metres, "
            "ring is [[x, y], …] whose sides do not cross, a hole lies inside"
        )


def _shape(right: Mapping[str, Any]) -> shapely.Polygon:
    """Draw the ground of a right, in metres."""
    shell = right["ring"] if "ring" in right else _corners(right["box"])
    return shapely.Polygon(shell, [_corners(right["hole"])] if "hole" in right else [])


def _corners(box: Sequence[float]) -> list[tuple[float, float]]:
    west, south, east, north = box
    if not (west < east and south < north):
        raise ValueError("west before east, south before north")
    return [(west, south), (east, south), (east, north), (west, north)]


def _compare(case: _Case, answer: pd.Series) -> Outcome:
    got = {key: _plain(key, answer[key]) for key in case.expect}
    expected = {key: sorted(v) if key == "flags" else v for key, v in case.expect.items()}
    return Outcome(case.name, got == expected, expected, got)


def _plain(key: str, value: Any) -> Any:
    """Give a cell as the file writes it: lists as lists, an empty cell as an empty text."""
    if key == "roles":
        return value
    if key in LIST_KEYS:
        items = [item for item in str(value).split(LIST_SEPARATOR) if item]
        return sorted(items) if key == "flags" else [i.split(CASE_MARK, 1)[1] for i in items]
    if pd.isna(value):
        return ""
    if key == "concession_id":
        return str(value).split(CASE_MARK, 1)[1]
    return int(value) if key == "n_rights" else str(value)


def _answer(cases: Sequence[_Case], profile: Profile, law: LawAt, stacked: str) -> pd.DataFrame:
    """Build the frames of the situations and classify them: one registration a case, in order."""
    concessions = _concessions(cases, law)
    registrant = [case.registration.get("registrant") for case in cases]
    parties = holders.identify(
        pd.DataFrame({"registrant_name": pd.array(registrant, dtype="str")}),
        concessions,
        profile.parties,
    )
    pairs = seniority.order_stacks(_link(cases, profile, law), concessions, law)
    pairs["same_holder"] = holders.same_holder(
        parties.registrant.take(pairs["registration"]).reset_index(drop=True),
        parties.holder.take(pairs["concession"]).reset_index(drop=True),
        parties.frame,
        profile.registrants,
    )
    signed = {_code(c, r) for c in cases for r in c.registration.get("contract_with", [])}
    ids = concessions["concession_id"].take(pairs["concession"]).reset_index(drop=True)
    pairs["has_contract"] = ids.isin(signed)
    answers = classify.classify(
        pd.Series([case.registration.get("located", True) for case in cases]),
        concessions,
        pairs,
        _ground(cases, law),
        law,
        registrants=profile.registrants,
        stacked=stacked,
    )
    names = ids.str.split(CASE_MARK, n=1).str[1]
    met = pairs.assign(name=names).groupby("registration")[["name", "role"]]
    roles = {at: dict(zip(rows["name"], rows["role"], strict=True)) for at, rows in met}
    return answers.assign(roles=[roles.get(i, {}) for i in range(len(cases))])


def _link(cases: Sequence[_Case], profile: Profile, law: LawAt) -> pd.DataFrame:
    """Pair each case with its rights: all that are drawn near its point, or all where none is."""
    parts = []
    first = 0
    for i, case in enumerate(cases):
        some = pd.DataFrame({"concession": range(len(case.rights))})
        some = some.assign(covered=True, edge_distance_m=0.0)
        if "at" in case.registration and case.rights:
            shapes = np.array([_shape(right) for right in case.rights], dtype=object)
            ground = pd.DataFrame({"drawn": shapes, "planar": shapes})
            zone = profile.crs.zones[0].crs
            plan = replace(profile.crs, geographic=zone)  # the point stands on the grid as well
            point = link.Points(np.array([shapely.Point(case.registration["at"])]), plan)
            reach_m = law.number("link_reach_m")
            some = link.link(point, ground.assign(crs_used=zone, planar_crs=zone), reach_m=reach_m)
        parts.append(some.assign(registration=i, concession=some["concession"] + first))
        first += len(case.rights)
    pairs = pd.concat(parts, ignore_index=True)
    return pairs.astype({"registration": "int64", "concession": "int64", "covered": "bool"})


def _code(case: _Case, right_id: str) -> str:
    return f"{case.number:06d}{CASE_MARK}{right_id}"


def _concessions(cases: Sequence[_Case], law: LawAt) -> pd.DataFrame:
    """Lay out the rights of the cases, and last one that covers nothing: no cadastre is empty."""
    rights = [{**right, "id": _code(case, right["id"])} for case in cases for right in case.rights]
    rights.append({"id": CASE_MARK, "status": ConcessionStatus.TITLED})

    def column(key: str, dtype: str) -> pd.Series:
        return pd.Series([right.get(key) for right in rights], dtype=dtype)

    frame = pd.DataFrame(
        {
            "concession_id": column("id", "str"),
            "status": column("status", "str"),
            "holder_name": column("holder", "str"),
            "holder_stratum": column("stratum", "str"),
            "filed_on": column("filed_on", "datetime64[s]"),
            "filed_hour": column("filed_hour", "str"),
            "datum": column("datum", "str"),
            "origin": column("origin", "str"),
            "free_on": column("free_on", "datetime64[s]"),
        }
    )
    known = frame["holder_stratum"].notna() & (frame["holder_stratum"] != HolderStratum.UNKNOWN)
    basis = {True: StratumBasis.OFFICIAL.value, False: StratumBasis.NONE.value}
    frame["stratum_basis"] = known.map(basis).astype("str")
    paid = [(right["id"], year) for right in rights for year in right.get("penalties", [])]
    penalties = pd.DataFrame(paid, columns=["concession_id", "year"])
    return frame.join(activity.judge(frame, law, penalties=penalties))


def _stated_areas(case: _Case) -> list[tuple[str, date | None]]:
    """List the areas at the point: code, and day of establishment where the case states it."""
    stated = []
    for area in case.registration.get("areas", []):
        table = area if isinstance(area, Mapping) else {"code": area}
        _check_keys(f"{case.where}: registration.areas", table, ("code", "established_on"))
        stated.append((table.get("code", ""), table.get("established_on")))
    return stated


def _level(case: _Case, code: str, levels: Sequence[AreaLevel]) -> AreaLevel:
    level = next((x for x in levels if x.code == code), None)
    if level is None:
        raise ProfileError(
            f"{case.where}: registration.areas: {code!r} is no code of the "
            "[[area_level]] table of law.toml"
        )
    return level


def _ground(cases: Sequence[_Case], law: LawAt) -> pd.DataFrame:
    """Describe the ground through the profile's own table of areas."""
    found: dict[Role, list[tuple[int, str | None, date | None]]] = {}
    for i, case in enumerate(cases):
        for code, established_on in _stated_areas(case):
            level = _level(case, code, law.area_levels)
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
