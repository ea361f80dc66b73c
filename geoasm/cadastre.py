"""Rights against rights alone: a cadastre in, its overlaps and its net ground out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from geoasm import assemble, geometry, issues, normalize, rights, schema, veil
from geoasm.codes import Role
from geoasm.held import Shaped
from geoasm.manifest import balance_faults, build_manifest
from geoasm.model import CrsPlan, Options, RawLayer
from geoasm.overlaps import find_overlaps
from geoasm.planar import count_ground, count_pairs, ground_faults, planarize
from geoasm.profile import Profile
from geoasm.schema import OUTPUT_CRS


@dataclass(frozen=True)
class RightsResult:
    """
    Overlaps and net ground of a cadastre; `pieces` is empty unless they were asked for.

    `overlaps` may be held without shapes, which are made when it is asked for; see `held.as_held`.
    """

    concessions: gpd.GeoDataFrame
    overlaps: gpd.GeoDataFrame
    pieces: gpd.GeoDataFrame
    issues: pd.DataFrame
    summary: Mapping[str, Any]
    manifest: Mapping[str, Any]


RightsResult.overlaps = Shaped("overlaps")


def run(
    raw: RawLayer,
    profile: Profile,
    options: Options,
    *,
    versions: Mapping[str, str] | None = None,
) -> RightsResult:
    """
    Compare the rights of a cadastre with each other by the law of a day.

    Parameters
    ----------
    raw
        The cadastre as read.
    options
        Day of the law, assumptions, and whether pieces are wanted (`planarize`).

    Raises
    ------
    InputError
        The file cannot be used: a needed column is missing, a system is unknown…
    """
    law = profile.law.at(options.on)
    concessions, doubts = normalize.concessions(
        raw, profile.roles[Role.CONCESSIONS], profile.crs, on=law.on,
        assumptions={f: v for (r, f), v in options.assumptions.items() if r == Role.CONCESSIONS},
        area_tolerance_share=law.number("area_tolerance_share"),
    )  # fmt: skip
    concessions = rights.settle_status(concessions)
    found = find_overlaps(concessions, profile.crs, law)
    net = planarize(concessions, found, profile.crs, law)
    counts = {
        "concessions_read": len(raw.frame) + (0 if raw.broken is None else len(raw.broken)),
        "concessions_kept": len(concessions),
        "concessions_set_aside": issues.count_set_aside(doubts, Role.CONCESSIONS),
    }
    ground = {**count_pairs(found, concessions), **count_ground(net)}
    summary = {
        "profile": profile.code,
        "on": law.on.isoformat(),
        "language": options.language or profile.language,
        "assumed": {f"{role}.{name}": v for (role, name), v in options.assumptions.items()},
        "counts": counts,
        "ground": ground,
        "issues": assemble.tally(doubts),
        "failed": [*balance_faults(counts), *ground_faults(ground)],
    }
    snapshot = concessions.get("snapshot_on", pd.Series(dtype="datetime64[s]")).dropna()
    source = replace(
        raw.source,
        role=Role.CONCESSIONS.value,
        rows=len(raw.frame),
        data_on=snapshot.max().date() if len(snapshot) else None,
    )
    manifest = build_manifest(
        sources=[source],
        profile=profile.code,
        law=law,
        options=options,
        operations=_operations(raw, concessions, ground, profile.crs),
        counts=counts,
        timings={},
        versions=versions or {},
        crs_used={Role.CONCESSIONS: concessions["crs_used"]},
    )
    hidden = veil.weave({Role.CONCESSIONS: concessions}, doubts, profile)
    return RightsResult(
        concessions=assemble.lay_out_cadastre(concessions, hidden),
        overlaps=found.held,
        pieces=net.pieces if options.planarize else schema.empty(schema.PIECES),
        issues=veil.cover_issues(doubts, hidden),
        summary=hidden.hide_deep(summary),
        manifest=hidden.hide_deep(manifest),
    )


def _operations(
    raw: RawLayer, concessions: pd.DataFrame, ground: Mapping[str, Any], plan: CrsPlan
) -> list[dict[str, object]]:
    """List how the file was brought to where its rights are drawn, cut and measured."""
    drawn = {*concessions["crs_used"], *concessions["planar_crs"]}
    source = raw.frame.crs.to_string()
    moves = {(source, crs) for crs in {OUTPUT_CRS, *drawn}}
    measured = {row["measured_in"] for row in ground["by_system"]}
    moves |= {(crs, system) for crs in concessions["crs_used"] for system in measured - drawn}
    used = [geometry.operation(a, b, plan) for a, b in sorted(moves)]
    return [
        {**move.describe(), "from": geometry.crs_label(move.source)}
        for move in used
        if geometry.crs_label(move.source) != geometry.crs_label(move.target)
    ]
