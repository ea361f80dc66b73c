"""report.html: the funnel and the tables of a run on one page that prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from geoasm.codes import PATHWAY_OF_CLASS, AsmClass
from geoasm.model import Result
from geoasm.render import coexistence, shell
from geoasm.render.labels import Labels
from geoasm.render.parties import Names
from geoasm.render.swatches import class_swatch
from geoasm.render.tables import (
    Cell,
    Table,
    admin_table,
    count_table,
    declared_table,
    overlaps_table,
    pathway_table,
    split_table,
    territory_table,
)

# Steps in reading order, by how far they are set in under what they narrow.
FUNNEL_DEPTH = {
    "all": 0,
    "extraction": 1,
    "located": 2,
    "inside_any_right": 3,
    "on_title_in_force": 4,
    "own_title": 5,
    "third_party": 5,
    "third_party_lsm_msm": 6,
    "third_party_small_scale": 6,
    "third_party_small_scale_presumed": 7,
    "third_party_unknown": 6,
    "title_unknown": 5,
    "on_title_lsm_msm": 5,
    "on_title_small_scale": 5,
    "on_title_stratum_unknown": 5,
    "by_declared_right": 2,
}
_KEY_STEPS = (
    ("inside_any_right", "report.key_located"),
    ("own_title", "report.key_own"),
    ("third_party", "report.key_third"),
)
_SMALL_TABLES = ("by_status", "by_activity", "by_registrant_kind", "by_sex", "by_pathway")
_STRATA_FIGURES = frozenset(("lsm_msm_share_of_third_party", "small_scale_share_of_third_party"))


class Step(NamedTuple):
    """One line of the funnel, in words; `width` is its part of all registrations, 0 to 1."""

    name: str
    depth: int
    registrations: str
    registrants: str
    points: str
    share: str
    span: str
    denominator: str
    width: float


def report_html(result: Result, labels: Labels, *, audience: str = "public") -> str:
    """
    Give the report of a run as one page.

    Parameters
    ----------
    audience
        `public`, or `internal`, which says so on the page; the report names no party in either.

    Raises
    ------
    OptionError
        `internal` is asked of a run without its private part.
    """
    summary = result.summary
    tables = summary["tables"]
    names = Names(result, labels, audience)
    text: str = (
        shell.environment()
        .get_template("report.html.j2")
        .render(
            css=shell.package_text("static", "report.css"),
            text=labels.text,
            texts=labels.texts,
            language=labels.text("locale.html"),
            title=shell.title(summary, labels, "report.title"),
            internal=names.internal,
            law_date=labels.text("map.law_date", date=labels.day(summary["on"])),
            keys=_keys(summary, labels),
            position_note=_position_note(summary.get("position_error"), labels),
            counts=_counts(summary["counts"], labels),
            funnel=_funnel(summary["funnel"], labels),
            classes=_classes(tables["by_class"], labels),
            stratum=count_table(tables.get("by_stratum", []), labels),
            split=split_table(tables.get("stratum_split", []), labels),
            basis=count_table(tables.get("by_basis", []), labels),
            small=[
                (labels.text(f"table.{name}"), count_table(tables[name], labels))
                for name in _SMALL_TABLES
                if tables.get(name)
            ],
            declared=declared_table(
                tables.get("by_declared_relation", []), tables.get("by_declared", []), labels
            ),
            admin=admin_table(tables.get("by_admin", []), labels),
            coexistence=coexistence.section(result, labels, names),
            pathways=pathway_table(tables.get("by_admin_pathway", []), labels),
            territory=territory_table(result.territory, labels),
            overlaps=overlaps_table(summary["ground"], labels) if summary.get("ground") else None,
            territory_is_whole=bool(result.territory["region_ha"].isna().all()),
            published=_published(summary["published"], labels),
            warn_shares=any(f["figure"] in _STRATA_FIGURES for f in summary["published"]),
            problems=_problems(summary["issues"], labels),
            sources=_sources(summary["sources"], labels),
            failed=summary["failed"],
            untested=shell.untested(summary, labels),
            assumed=shell.assumed(summary, labels),
        )
    )
    return text


def _keys(summary: Mapping[str, Any], labels: Labels) -> list[str]:
    steps = {row["step"]: row for row in summary["funnel"]}
    return [
        labels.text(
            key,
            share=" ".join(
                filter(None, [labels.percent(steps[step]["share"]), _span(steps[step], labels)])
            ),
            denominator=labels.code("denominator", steps[step]["denominator"]),
            n=labels.number(steps[step]["registrations"]),
            total=labels.number(steps[step]["denominator_registrations"]),
        )
        for step, key in _KEY_STEPS
        if step in steps and steps[step]["share"] is not None
    ]


def _span(row: Mapping[str, Any], labels: Labels) -> str:
    """Give the range of a share under position error, where it has any width in print."""
    ends = [labels.percent(row.get(name)) for name in ("share_low", "share_high")]
    if row.get("share_low") is None or ends[0] == ends[1]:
        return ""
    return labels.text("report.span", low=ends[0], high=ends[1])


def _position_note(error: Mapping[str, float] | None, labels: Labels) -> str:
    if not error:
        return ""
    sigma, radius = (labels.metres(error[name]) for name in ("sigma_m", "radius_95_m"))
    return labels.text("report.position_note", sigma=sigma, radius=radius)


def _counts(counts: Mapping[str, int], labels: Labels) -> list[str]:
    say = {key: labels.number(value) for key, value in counts.items()}
    return [
        labels.text(
            "report.counts_registrations",
            read=say["registrations_read"],
            classified=say["registrations_classified"],
            set_aside=say["registrations_set_aside"],
        ),
        labels.text(
            "report.counts_concessions",
            read=say["concessions_read"],
            kept=say["concessions_kept"],
            set_aside=say["concessions_set_aside"],
        ),
    ]


def _funnel(rows: Sequence[Mapping[str, Any]], labels: Labels) -> list[Step]:
    whole = max((row["registrations"] for row in rows), default=0) or 1
    found = {row["step"]: row for row in rows}
    return [
        Step(
            labels.text(f"step.{step}"),
            depth,
            labels.number(row["registrations"]),
            labels.number(row["registrants"]),
            labels.number(row["points"]),
            labels.percent(row["share"]),
            _span(row, labels),
            _denominator(row, "denominator", labels),
            row["registrations"] / whole,
        )
        for step, depth in FUNNEL_DEPTH.items()
        if (row := found.get(step)) is not None
    ]


def _denominator(row: Mapping[str, Any], key: str, labels: Labels) -> str:
    """Say what a share is a share of, and how many that are; nothing where there is no share."""
    if not row[key]:
        return ""
    return labels.text(
        "common.of_total",
        denominator=labels.code("denominator", row[key]),
        total=labels.number(row[f"{key}_registrations"]),
    )


def _classes(rows: Sequence[Mapping[str, Any]], labels: Labels) -> list[dict[str, Any]]:
    found = {row["asm_class"]: row for row in rows}
    return [
        {
            "swatch": class_swatch(asm_class),
            "name": labels.class_name(asm_class),
            "note": labels.text(f"asm_class_note.{asm_class}"),
            "pathway": labels.code("pathway", PATHWAY_OF_CLASS[asm_class]),
            **{k: labels.number(found[asm_class][k]) for k in Cell.COUNTS},
            "share": labels.percent(found[asm_class]["share"]),
            "span": _span(found[asm_class], labels),
        }
        for asm_class in AsmClass
        if asm_class in found
    ]


def _published(rows: Sequence[Mapping[str, Any]], labels: Labels) -> list[dict[str, str]]:
    def value(row: Mapping[str, Any], key: str) -> str:
        if row[key] is None or pd.isna(row[key]):
            return labels.text("report.no_ours")
        is_share = "share" in row["figure"]
        return labels.percent(row[key]) if is_share else labels.number(row[key])

    return [
        {
            "figure": labels.code("figure", row["figure"]),
            "value": value(row, "value"),
            "year": str(row["year"]),
            "reference": row["reference"],
            "note": row["note"].get(labels.language, ""),
            "ours": value(row, "ours"),
            "denominator": _denominator(row, "ours_denominator", labels),
        }
        for row in rows
    ]


def _problems(counts: Mapping[str, int], labels: Labels) -> Table:
    """Lay out counts by `source/problem/action`."""
    body = []
    for key, count in sorted(counts.items()):
        source, problem, action = key.split("/")
        body.append(
            [
                Cell(labels.code("problem", problem), is_head=True),
                Cell(labels.role(source)),
                Cell(labels.code("action", action)),
                Cell(labels.number(count), is_number=True),
            ]
        )
    heads = [labels.text(f"column.{c}") for c in ("problem", "role", "action", "count")]
    return Table(heads, body)


def _file(row: Mapping[str, Any], labels: Labels) -> str:
    """Name the file, and the legend by which the values of an activity raster were read."""
    if not row.get("legend"):
        return str(row["name"])
    return labels.text("report.read_by_legend", name=row["name"], legend=row["legend"])


def _sources(rows: Sequence[Mapping[str, Any]], labels: Labels) -> Table:
    body = [
        [
            Cell(labels.role(row["role"]), is_head=True),
            Cell(_file(row, labels)),
            Cell(labels.number(row["rows"]), is_number=True),
            Cell(row["crs_read"] or labels.text("common.missing")),
            Cell(labels.day(row["data_on"]) if row["data_on"] else labels.text("map.no_data_date")),
        ]
        for row in rows
    ]
    columns = ("role", "file", "rows", "crs", "data_on")
    return Table([labels.text(f"column.{c}") for c in columns], body)
