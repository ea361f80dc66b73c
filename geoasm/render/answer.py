"""Everything that a run knows of one registration, gathered for whoever puts it into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import pandas as pd

from geoasm import issues
from geoasm.codes import RESTRICTED_FLAG, UNTESTED_FLAG, Basis, ClosureLevel, Role
from geoasm.errors import UnknownRegistration
from geoasm.model import Result
from geoasm.render.parties import Names
from geoasm.schema import LIST_SEPARATOR

# Layers whose areas say something of the ground at a point.
GROUND_ROLES = (
    *(Role.PROTECTED_AREAS, Role.RESTRICTED_AREAS, Role.BUFFER_ZONES, Role.ANAP),
    *(Role.ASM_ZONES, Role.MINING_CORRIDOR, Role.COMMUNITIES),
)
NEIGHBOURS_TOLD = 2
SUGGESTIONS = 3


@dataclass(frozen=True)
class Right:
    """A right at the point or beside it, as the registrant meets it."""

    code: str
    name: str | None
    status: str
    filed_on: str | None  # ISO day
    holder: str | None  # as the audience may read it
    is_held: bool  # the cadastre names a holder
    stratum: str
    stratum_basis: str
    activity: str
    evidence: str
    edge_m: float | None
    role: str | None
    seniority: int | None
    decides: bool
    own: bool


@dataclass(frozen=True)
class Area:
    """Ground of a context layer that covers the point."""

    role: str
    name: str | None
    area_type: str | None
    level: str | None


@dataclass(frozen=True)
class Issue:
    """What was noted when a record was read."""

    source: str
    row: int | None
    id: str | None
    problem: str
    field: str | None
    value: str | None
    action: str
    detail: str | None


@dataclass(frozen=True)
class Piece:
    """A piece of evidence on the right that decided."""

    kind: str
    says: str
    counts: bool
    scope: str
    year: int | None
    observed_on: str | None  # ISO day
    subject: str | None
    distance_m: float | None
    by_holder: bool | None
    source: str


@dataclass(frozen=True)
class Answer:
    """One registration: its row, the stack at its point senior first, and what stands around it."""

    row: Mapping[str, Any]  # columns of schema.REGISTRATIONS; None where missing
    registrant: str | None
    stack: tuple[Right, ...]
    neighbours: tuple[Right, ...]  # within reach and not over the point, nearest first
    declared: Right | None  # the declared right, where the cadastre has it
    areas: tuple[Area, ...]
    issues: tuple[Issue, ...]
    ledger: tuple[Piece, ...]  # evidence on the right that decided, what counts first
    flags: tuple[str, ...]
    untested: tuple[str, ...]
    is_verified: bool
    is_stack_left_open: bool  # the run was asked not to decide between titles
    is_outside_corridor: bool  # what closes the ground is no area over the point
    parameters: Mapping[str, Any]  # of the law of the day

    @property
    def is_located(self) -> bool:
        """The registration has a usable position."""
        return self.row["geometry"] is not None

    @property
    def by_declared_right(self) -> bool:
        """The class comes from the declared right."""
        return bool(self.row["basis"] == Basis.DECLARED)

    @property
    def decider(self) -> Right | None:
        """The right that decided the class."""
        if self.by_declared_right:
            return self.declared
        return next((right for right in self.stack if right.decides), None)

    def of_status(self, status: str) -> list[Right]:
        """Give the rights of a status in the stack, senior first."""
        return [right for right in self.stack if right.status == status]


def gather(result: Result, registration_id: str, names: Names) -> Answer:
    """
    Gather what a run knows of one registration.

    Raises
    ------
    UnknownRegistration
        The run has none of that code; the text names the nearest ones.
    """
    table = result.registrations
    found = table.index[table["registration_id"] == registration_id]
    if not len(found):
        raise UnknownRegistration(_suggest(registration_id, table["registration_id"]))
    frame = table.loc[found[:1]]
    row = {name: _plain(value) for name, value in frame.iloc[0].items()}
    pairs = result.pairs[result.pairs["registration_id"] == registration_id]
    declared_id = row["declared_right_id"]
    wanted = [*pairs["concession_id"], declared_id, row["concession_id"]]
    rights = result.concessions[result.concessions["concession_id"].isin(wanted)]
    known = _rights(rights, pairs, row, names)
    areas = _areas(result.context, row["geometry"])
    is_closed_by_area = any(area.level == ClosureLevel.HARD for area in areas)
    listed = (row["right_ids"] or "").split(LIST_SEPARATOR)
    stack = tuple(known[code] for code in listed if code in known)
    beside = pairs[~pairs["covered"].fillna(False).astype(bool)]
    near = beside.sort_values(["edge_distance_m", "concession_id"])["concession_id"]
    flags = tuple(flag for flag in (row["flags"] or "").split(LIST_SEPARATOR) if flag)
    summary, manifest = result.summary, result.manifest
    return Answer(
        row=row,
        registrant=_plain(
            names.registrants(frame["registrant_id"], frame["registrant_kind"]).iloc[0]
        ),
        stack=stack,
        neighbours=tuple(known[code] for code in near[:NEIGHBOURS_TOLD]),
        declared=known.get(declared_id),
        areas=areas,
        issues=_issues(result.issues, row, names.internal),
        ledger=_ledger(result.evidence, row["concession_id"]),
        flags=tuple(f for f in flags if not f.startswith(UNTESTED_FLAG)),
        untested=tuple(f.removeprefix(UNTESTED_FLAG) for f in flags if f.startswith(UNTESTED_FLAG)),
        is_verified=row["rule_id"] not in summary.get("unverified_rules", ()),
        is_stack_left_open=manifest.get("options", {}).get("stacked") == "ambiguous",
        is_outside_corridor=not is_closed_by_area and Role.MINING_CORRIDOR in result.context,
        parameters=manifest.get("law", {}).get("parameters", {}),
    )


def _plain(value: Any) -> Any:
    if value is None or (not hasattr(value, "geom_type") and pd.isna(value)):
        return None
    return value.item() if hasattr(value, "item") else value


def _suggest(asked: str, known: pd.Series) -> str:
    near = pd.Series(known.unique())
    likeness = near.map(lambda code: SequenceMatcher(None, asked, code).ratio())
    best = near[likeness.sort_values(ascending=False, kind="stable").index[:SUGGESTIONS]]
    told = ", ".join(sorted(best)) or "none"
    return f"no registration {asked!r} in this run; the nearest codes are {told}"


def _rights(
    rights: pd.DataFrame, pairs: pd.DataFrame, row: Mapping[str, Any], names: Names
) -> dict[str, Right]:
    frame = rights.drop(columns="geometry").merge(
        pairs.drop(columns="registration_id"), on="concession_id", how="left"
    )
    frame["holder"] = names.holders(frame["holder_id"])
    registrant = row["registrant_id"]
    # A shared number is no proof where the run itself could not tell two namesakes apart.
    may_own = registrant is not None and row["title_relation"] != "unknown"
    is_own = row["title_relation"] == "own"  # also as one of several holders
    out = {}
    for record in frame.to_dict("records"):
        right = {name: _plain(value) for name, value in record.items()}
        filed = right["filed_on"]
        decides = right["concession_id"] == row["concession_id"]
        out[right["concession_id"]] = Right(
            code=right["concession_id"],
            name=right["name"],
            status=right["status"],
            filed_on=None if filed is None else pd.Timestamp(filed).date().isoformat(),
            holder=right["holder"],
            is_held=right["holder_id"] is not None,
            stratum=right["holder_stratum"] or "unknown",
            stratum_basis=right["stratum_basis"] or "none",
            activity=right["holder_activity"] or "no_evidence",
            evidence=right["activity_evidence"] or "",
            edge_m=right["edge_distance_m"],
            role=right["role"],
            seniority=right["seniority"],
            decides=decides,
            own=may_own and (right["holder_id"] == registrant or (is_own and decides)),
        )
    return out


def _areas(context: Mapping[str, pd.DataFrame], point: Any) -> tuple[Area, ...]:
    if point is None:
        return ()
    found = []
    for role in GROUND_ROLES:
        if role.value not in context:
            continue
        frame = context[role.value]
        here = frame[frame.geometry.covers(point).to_numpy(dtype=bool)]
        for record in here.drop(columns="geometry").to_dict("records"):
            told = {name: _plain(record.get(name)) for name in ("name", "area_type", "level")}
            found.append(Area(role.value, **told))
    return tuple(found)


def _ledger(frame: pd.DataFrame, code: str | None) -> tuple[Piece, ...]:
    rows = frame[frame["concession_id"] == code].drop(columns="concession_id")
    rows = rows.sort_values(
        ["counts", "kind", "year", "distance_m"], ascending=[False, True, False, True]
    )
    days = rows["observed_on"].dt.strftime("%Y-%m-%d")
    return tuple(
        Piece(**{name: _plain(value) for name, value in record.items()})
        for record in rows.assign(observed_on=days).to_dict("records")
    )


def _issues(frame: pd.DataFrame, row: Mapping[str, Any], internal: bool) -> tuple[Issue, ...]:
    table = frame if internal or "private" not in frame else issues.publish(frame)
    rights = {*(row["right_ids"] or "").split(LIST_SEPARATOR), row["declared_right_id"]}
    of_row = (table["source"] == Role.REGISTRATIONS) & (
        (table["row"] == row["source_row"]).fillna(False).astype(bool)
        | (table["id"] == row["registration_id"])
    )
    of_rights = (table["source"] == Role.CONCESSIONS) & table["id"].isin(rights - {None, ""})
    chosen = table[of_row | of_rights].drop(columns="private", errors="ignore")
    ordered = chosen.sort_values(["source", "row", "problem"], ascending=[False, True, True])
    return tuple(
        Issue(**{name: _plain(value) for name, value in record.items()})
        for record in ordered.to_dict("records")
    )


def restricted_codes(flags: tuple[str, ...]) -> set[str]:
    """Give the codes of the soft areas that the flags name."""
    return {f.removeprefix(RESTRICTED_FLAG) for f in flags if f.startswith(RESTRICTED_FLAG)}
