"""Runs over time: shares of classes day by day, and what of the method changed between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import pandas as pd

from geoasm import schema
from geoasm.codes import AsmClass, MethodChange, Role
from geoasm.errors import OptionError

_MAIN = (Role.CONCESSIONS, Role.REGISTRATIONS)
# What a run is asked for that changes no answer.
_ASIDE = ("on", "audience", "language", "planarize")
_SHORT = 12  # characters of a checksum that tell two apart
Change = tuple[MethodChange, str, str, str]


@dataclass(frozen=True)
class Record:
    """What a run says of itself: its folder's name, its summary and its manifest."""

    name: str
    summary: Mapping[str, Any]
    manifest: Mapping[str, Any]

    @property
    def on(self) -> date:
        """Day of the run."""
        return date.fromisoformat(str(self.summary["on"]))


def put_in_order(records: Sequence[Record]) -> list[Record]:
    """
    Put runs in the order of their days.

    Raises
    ------
    OptionError
        There are fewer than two, two are of one day, or they are of several countries.
    """
    if len(records) < 2:
        raise OptionError(
            "a series needs two runs or more; name their folders, or the one that holds them"
        )
    ordered = sorted(records, key=lambda record: (record.on, record.name))
    for one, other in pairwise(ordered):
        if one.on == other.on:
            raise OptionError(
                f"{one.name} and {other.name} are both of {one.on}; leave one of them out"
            )
        if one.summary["profile"] != other.summary["profile"]:
            raise OptionError(
                f"{one.name} is of profile {one.summary['profile']} and {other.name} of "
                f"{other.summary['profile']}; make a series of each"
            )
    return ordered


def class_shares(records: Sequence[Record]) -> pd.DataFrame:
    """Give the shares of every class in every run, in the columns of `schema.SERIES`."""
    rows = [
        {
            "on": pd.Timestamp(record.on),
            "run": record.name,
            "asm_class": str(asm_class),
            **_counted(record.summary["tables"]["by_class"], asm_class),
        }
        for record in records
        for asm_class in AsmClass
    ]
    return schema.conform(pd.DataFrame(rows), schema.SERIES)


def _counted(rows: Sequence[Mapping[str, Any]], asm_class: AsmClass) -> dict[str, Any]:
    """Take the counts of a class; one that the run does not have is nought of the same whole."""
    names = [c for c in schema.SERIES.names if c not in ("on", "run", "asm_class")]
    found = next((row for row in rows if row["asm_class"] == asm_class), None)
    if found is not None:
        return {name: found.get(name) for name in names}
    whole = rows[0] if rows else {}
    return {
        **{name: whole.get(name) for name in ("denominator", "denominator_registrations")},
        **dict.fromkeys(("registrations", "share"), 0),
        **dict.fromkeys(("share_low", "share_high")),
    }


def method_changes(records: Sequence[Record]) -> pd.DataFrame:
    """Say of every run in order what is not as in the one before, in the columns of `schema.METHOD_CHANGES`."""
    rows = [
        (pd.Timestamp(record.on), record.name, *change)
        for record, changes in _by_run(records)
        for change in changes
    ]
    frame = pd.DataFrame(rows, columns=schema.METHOD_CHANGES.names)
    return schema.conform(frame, schema.METHOD_CHANGES)


def _by_run(records: Sequence[Record]) -> Iterator[tuple[Record, Iterator[Change]]]:
    if records:
        yield records[0], _failed(records[0])
    for one, other in pairwise(records):
        yield other, _between(one, other)


def _between(one: Record, other: Record) -> Iterator[Change]:
    before, after = one.manifest, other.manifest
    yield from _differ(MethodChange.VERSION, _version(before), _version(after))
    yield from _differ(MethodChange.PROFILE, _checksum(before), _checksum(after))
    yield from _differ(MethodChange.LAW, _law(before), _law(after))
    yield from _differ(MethodChange.OPTIONS, _options(before), _options(after))
    yield from _differ(MethodChange.INPUTS, _roles(before), _roles(after))
    yield from _data(before, after)
    yield from _failed(other)


def _differ(
    what: MethodChange, before: Mapping[str, str], after: Mapping[str, str]
) -> Iterator[Change]:
    for name in sorted({*before, *after}):
        if before.get(name, "") != after.get(name, ""):
            yield what, name, before.get(name, ""), after.get(name, "")


def _version(manifest: Mapping[str, Any]) -> dict[str, str]:
    return {"": str(manifest.get("versions", {}).get("geoasm", ""))}


def _checksum(manifest: Mapping[str, Any]) -> dict[str, str]:
    return {"": str(manifest.get("profile_sha256") or "")[:_SHORT]}


def _law(manifest: Mapping[str, Any]) -> dict[str, str]:
    law = manifest.get("law", {})
    rules = {str(rule): str(rule) for rule in law.get("rules", ())}
    return rules | {name: _text(value) for name, value in law.get("parameters", {}).items()}


def _options(manifest: Mapping[str, Any]) -> dict[str, str]:
    chosen = manifest.get("options", {})
    assumed = {name: _text(value) for name, value in chosen.get("assumptions", {}).items()}
    plain = {n: _text(v) for n, v in chosen.items() if n not in (*_ASIDE, "assumptions")}
    return plain | assumed


def _roles(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Count the files of each role."""
    given = [str(source["role"]) for source in manifest.get("inputs", ())]
    return {role: str(given.count(role)) for role in given}


def _data(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """Compare the files of roles that have one in both runs."""
    old, new = ({str(s["role"]): s for s in m.get("inputs", ())} for m in (before, after))
    for role in sorted({*old} & {*new}):
        one, other = old[role], new[role]
        days = one.get("data_on"), other.get("data_on")
        if all(days) and str(days[1]) < str(days[0]):
            yield MethodChange.OLDER_DATA, role, str(days[0]), str(days[1])
        if role in _MAIN and one.get("sha256") and one["sha256"] == other.get("sha256"):
            yield MethodChange.SAME_FILE, role, str(one.get("name")), str(other.get("name"))


def _failed(record: Record) -> Iterator[Change]:
    faults = sorted({str(row["fault"]) for row in record.summary.get("failed", ())})
    for fault in faults:
        yield MethodChange.FAILED, fault, "", ""


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
