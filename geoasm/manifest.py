"""The record of a run: what went in, under which law, and that every row came out."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from geoasm.codes import Expectation, Fault
from geoasm.law import LawAt
from geoasm.model import Options, RawLayer, Source
from geoasm.profile import Profile

FaultRow = dict[str, Any]

RUN_FORMAT = "geoasm-run"
RUN_FORMAT_VERSION = 5

_KNOWN = frozenset({str, int, bool, type(None)})  # what JSON knows as it is
_BALANCES = {
    "registrations": ("registrations_classified", "registrations_set_aside"),
    "concessions": ("concessions_kept", "concessions_set_aside"),
}


def build_manifest(
    *,
    sources: Sequence[Source],
    profile: str,
    law: LawAt,
    options: Options,
    operations: Iterable[Mapping[str, Any]] = (),
    counts: Mapping[str, int],
    timings: Mapping[str, float],
    versions: Mapping[str, str],
    crs_used: Mapping[str, Iterable[str]] | None = None,
    title: str = "",
    profile_sha256: str | None = None,
    profile_is_shipped: bool = True,
) -> dict[str, Any]:
    """
    Put together what a run must say of itself.

    Parameters
    ----------
    profile
        Code of the country profile.
    law
        The law of the day asked for.
    operations
        Coordinate operations as `geometry.Operation.describe` gives them; repeats are left out.
    counts
        Rows read, classified or kept, and set aside; see `balance_faults`.
    timings
        Seconds of each stage.
    crs_used
        Systems in which the rows of each role were tested.
    profile_sha256
        Of all that the profile says, see `digest`.
    profile_is_shipped
        It came with the package; else it is a folder of its maker's own.

    Returns
    -------
    manifest
        Values that JSON knows only; inputs sorted by role and name, keys sorted.
    """
    chosen = {
        **asdict(options),
        "assumptions": {f"{role}.{name}": v for (role, name), v in options.assumptions.items()},
    }
    distinct = {json.dumps(plain(op), sort_keys=True): op for op in operations}
    manifest = {
        "format": {"name": RUN_FORMAT, "version": RUN_FORMAT_VERSION},
        "title": title,
        "inputs": _inputs(sources, crs_used or {}),
        "profile": profile,
        **({"profile_sha256": profile_sha256} if profile_sha256 else {}),
        "profile_is_shipped": profile_is_shipped,
        "law": _law(law),
        "options": chosen,
        "operations": [distinct[key] for key in sorted(distinct)],
        "counts": counts,
        "balanced": not balance_faults(counts),
        "timings_s": {stage: round(seconds, 3) for stage, seconds in timings.items()},
        "versions": versions,
    }
    ordered: dict[str, Any] = json.loads(json.dumps(plain(manifest), sort_keys=True))
    return ordered


def digest(profile: Profile) -> str:
    """Give the SHA-256 of all that a profile says, but for its test cases."""
    said = asdict(replace(profile, cases=()))
    del said["is_shipped"]
    text = json.dumps(plain(said), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def reading_faults(layers: Iterable[RawLayer], expect: Mapping[str, float]) -> list[FaultRow]:
    """
    Tell which files came in with so much lost that the answers are of another place.

    Returns
    -------
    faults
        A row for each file that ends early, or of which a smaller share of the records than the
        profile's `min_read_share` could be read: `fault` (codes.Fault), and what it is about.
    """
    floor = expect.get(Expectation.MIN_READ_SHARE, 0.0)
    faults: list[FaultRow] = []
    for raw in layers:
        file = {"role": str(raw.source.role), "file": raw.source.name}
        share = len(raw.frame) / raw.source.rows if raw.source.rows else 1.0
        if raw.cut_short:
            faults.append({"fault": Fault.CUT_SHORT, **file})
        elif share < floor:
            faults.append({"fault": Fault.MIN_READ_SHARE, **file, "floor": floor, "found": share})
    return faults


def balance_faults(counts: Mapping[str, int]) -> list[FaultRow]:
    """
    Tell where rows went missing between input and output.

    Parameters
    ----------
    counts
        For each of registrations and concessions that took part: `…_read` and `…_set_aside`, and
        `registrations_classified` or `concessions_kept`.

    Returns
    -------
    faults
        A row for each role that does not balance; empty where all rows are accounted for.
    """
    faults: list[FaultRow] = []
    for role, parts in _BALANCES.items():
        needed = (f"{role}_read", *parts)
        missing = [name for name in needed if name not in counts]
        if len(missing) == len(needed):
            continue  # a run on rights alone has no registrations
        if missing:
            faults.append({"fault": Fault.NOT_COUNTED, "role": role, "counts": ", ".join(missing)})
        elif counts[needed[0]] != sum(counts[part] for part in parts):
            read, kept, set_aside = (counts[name] for name in needed)
            told = {"role": role, "read": read, "kept": kept, "set_aside": set_aside}
            faults.append({"fault": Fault.ROWS_LOST, **told})
    return faults


def plain(value: Any) -> Any:
    """Turn a value into what JSON knows: ISO dates, null for what is missing or not finite."""
    if type(value) in _KNOWN:  # as nearly all are; to ask what else they may be takes longer
        return value
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(plain(v) for v in value)
    if isinstance(value, Iterable):
        return [plain(v) for v in value]
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, date):  # times of day too
        return value.isoformat()
    raise TypeError(f"JSON has no form for a {type(value).__name__}")


def _inputs(
    sources: Iterable[Source], crs_used: Mapping[str, Iterable[str]]
) -> list[dict[str, Any]]:
    used = {str(role): sorted(set(systems)) for role, systems in crs_used.items()}
    rows = [{**asdict(s), "crs_used": used.get(str(s.role), [])} for s in sources]
    return sorted(rows, key=lambda row: (str(row["role"]), row["name"], row["layer"] or ""))


def _law(law: LawAt) -> dict[str, Any]:
    return {
        "on": law.on,
        "rules": [rule.id for rule in law.rules],
        "rules_not_verified": [rule.id for rule in law.rules if not rule.verified],
        "parameters": law.parameters,
    }
