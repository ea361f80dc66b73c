"""A dossier as the sheets of a workbook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from geoasm.dossier import Sheet
from geoasm.render import dossier_columns as of
from geoasm.render import shell
from geoasm.render.dossier_parts import Shown
from geoasm.render.labels import Labels

# Sheets and figures of a run whose profile weighs candidates.
_WEIGHED = frozenset(
    {"near", "clusters", "candidates", "factors", "rejected", "verify_first", "verify", "signs"}
)


def sheets(shown: Shown) -> list[Sheet]:
    """Lay a dossier out as sheets: a cover, then a table each."""
    dossier = shown.dossier
    registrant = of.REGISTRANT if shown.names.internal else ()
    told, counts = (
        table if dossier.weighed else of.without_candidates(table)
        for table in (of.REGISTRATIONS, of.COUNTS)
    )
    tables = (
        ("holders", dossier.holders, of.HOLDERS),
        ("rights", dossier.rights, of.RIGHTS),
        ("overlaps", dossier.overlaps, of.OVERLAPS),
        ("evidence", dossier.evidence, of.EVIDENCE),
        ("counts", shown.counts, counts),
        ("registrations", dossier.registrations, (*told, *registrant)),
        ("near", dossier.near, of.NEAR),
        ("clusters", dossier.clusters, of.CLUSTERS),
        ("candidates", shown.candidates, of.CANDIDATES),
        ("factors", shown.factors, of.FACTORS),
        ("rejected", shown.rejected, of.REJECTED),
        ("verify_first", shown.verify_first, of.VERIFY_FIRST),
        ("signs", shown.signs, of.SIGNS),
    )
    labels = shown.labels
    made = [
        of.sheet(labels.text(f"dossier_sheet.{name}"), frame, columns, labels, shown.names)
        for name, frame, columns in tables
        if dossier.weighed or name not in _WEIGHED
    ]
    return [_cover(shown), *made, _sources(shown.summary, labels)]


def limits(shown: Shown) -> list[str]:
    """Say what a dossier cannot tell, and what this run was not given."""
    scores = shown.labels.texts("dossier.limits_weighed") if shown.dossier.weighed else []
    lines = [*scores, *shown.labels.texts("dossier.limits")]
    if not shown.dossier.subject.knows_members:
        lines.append(shown.labels.text("dossier.no_members"))
    untested = shell.untested(shown.summary, shown.labels)
    return [*lines, *([untested] if untested else []), *shell.assumed(shown.summary, shown.labels)]


def method(shown: Shown) -> list[str]:
    """Say how a dossier comes about."""
    return shown.labels.texts("dossier.method") + (
        shown.labels.texts("dossier.method_weighed") if shown.dossier.weighed else []
    )


def caution(*, weighed: bool) -> str:
    """Give the key of what must be known before a dossier is read."""
    return "dossier.caution" if weighed else "dossier.not_weighed"


def _cover(shown: Shown) -> Sheet:
    labels, summary = shown.labels, shown.summary
    heading = labels.text("dossier.title", name=shown.title)
    lines: list[tuple[str, str]] = [
        (shell.title(summary, labels, "report.title"), ""),
        (labels.text("map.law_date", date=labels.day(summary["on"])), ""),
        *((text, value) for text, value in key_figures(shown)),
        ("", ""),
        (labels.text(caution(weighed=shown.dossier.weighed)), ""),
        (labels.text("common.disclaimer"), ""),
        ("", ""),
        (labels.text("dossier.heading_method"), ""),
        *((line, "") for line in method(shown)),
        ("", ""),
        (labels.text("dossier.heading_limits"), ""),
        *((line, "") for line in limits(shown)),
    ]
    if shown.names.internal:
        lines.insert(0, (labels.text("common.internal"), ""))
    return Sheet(labels.text("dossier_sheet.cover"), [heading, ""], ["long", "text"], lines, is_table=False)  # fmt: skip


def key_figures(shown: Shown) -> list[tuple[str, str]]:
    """Give the figures that come first: what each is, and its value in words."""
    dossier, number, text = shown.dossier, shown.labels.number, shown.labels.text
    holders = dossier.holders
    registrations = dossier.registrations
    figures = (
        ("in_force", number(holders["n_in_force"].sum())),
        ("in_force_ha", shown.labels.hectares(holders["in_force_ha"].sum())),
        ("pending", number(holders["n_pending"].sum())),
        ("hosted", number(dossier.n_hosted)),
        ("on", number(registrations["is_on"].sum())),
        ("near", number(registrations["near_id"].notna().sum())),
        ("clusters", number(len(dossier.clusters))),
        ("candidates", number(len(dossier.candidates))),
        ("verify", number(len(dossier.verify_first))),
    )
    return [
        (text(f"dossier.key_{name}"), value)
        for name, value in figures
        if dossier.weighed or name not in _WEIGHED
    ]


def _sources(summary: Mapping[str, Any], labels: Labels) -> Sheet:
    rows = [
        (
            labels.role(row["role"]),
            row["name"],
            row["rows"],
            row["crs_read"],
            None if row["data_on"] is None else pd.Timestamp(row["data_on"]),
        )
        for row in summary["sources"]
    ]
    heads = [labels.text(f"column.{c}") for c in ("role", "file", "rows", "crs", "data_on")]
    kinds = ["text", "text", "integer", "text", "date"]
    return Sheet(labels.text("dossier_sheet.sources"), heads, kinds, rows)
