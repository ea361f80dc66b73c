"""Tables that only a report has: the funnel, the classes, published figures, problems and sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from geoasm.codes import PATHWAY_OF_CLASS, AsmClass, Role
from geoasm.render.labels import Labels
from geoasm.render.report_figures import FUNNEL_DEPTH, published_percent
from geoasm.render.swatches import class_swatch
from geoasm.render.tables import Cell, Table

Row = Mapping[str, Any]


def span_text(row: Row, labels: Labels) -> str:
    """Give the range of a share under position error, where it has any width in print."""
    ends = [labels.percent(row.get(name)) for name in ("share_low", "share_high")]
    if row.get("share_low") is None or ends[0] == ends[1]:
        return ""
    return labels.text("report.span", low=ends[0], high=ends[1])


def funnel_table(rows: Sequence[Row], labels: Labels) -> Table:
    """Lay out the steps of the funnel, each share with what it is a share of."""
    found = {row["step"]: row for row in rows}
    body = [
        [
            Cell(labels.text(f"step.{step}"), is_head=True, depth=depth),
            *_counts(found[step], labels),
            Cell(
                f"{labels.percent(found[step]['share'])} {span_text(found[step], labels)}".rstrip(),
                note=_denominator(found[step], "denominator", labels),
            ),
        ]
        for step, depth in FUNNEL_DEPTH.items()
        if step in found
    ]
    columns = ("step", *Cell.COUNTS, "share")
    return Table([labels.text(f"column.{c}") for c in columns], body)


def class_table(rows: Sequence[Row], law: Mapping[str, str], labels: Labels) -> Table:
    """Lay out the classes in their own order, with what they mean, the pathway they open, and by what law."""
    found = {row["asm_class"]: row for row in rows}
    body = [
        [
            Cell(
                labels.class_name(asm_class),
                is_head=True,
                note=labels.text(f"asm_class_note.{asm_class}"),
                icon=class_swatch(asm_class),
            ),
            Cell(labels.code("pathway", PATHWAY_OF_CLASS[asm_class]), note=law.get(asm_class, "")),
            *_counts(found[asm_class], labels),
            Cell(
                labels.percent(found[asm_class]["share"]),
                is_number=True,
                note=span_text(found[asm_class], labels),
            ),
        ]
        for asm_class in AsmClass
        if asm_class in found
    ]
    columns = ("asm_class", "pathway", *Cell.COUNTS, "share")
    return Table([labels.text(f"column.{c}") for c in columns], body)


def _counts(row: Row, labels: Labels) -> list[Cell]:
    return [Cell(labels.number(row[c]), is_number=True) for c in Cell.COUNTS]


def _denominator(row: Row, key: str, labels: Labels) -> str:
    """Say what a share is a share of, and how many that are; nothing where there is no share."""
    if not row[key]:
        return ""
    return labels.text(
        "common.of_total",
        denominator=labels.code("denominator", row[key]),
        total=labels.number(row[f"{key}_registrations"]),
    )


def published_table(rows: Sequence[Row], labels: Labels) -> Table:
    """Lay out published figures beside ours."""

    def value(row: Row, key: str) -> str:
        if row[key] is None or pd.isna(row[key]):
            return labels.text("report.no_ours")
        if "share" not in row["figure"]:
            return labels.number(row[key])
        if key == "value":
            return published_percent(row[key], labels)
        return labels.percent(row[key])

    body = [
        [
            Cell(labels.code("figure", row["figure"]), is_head=True),
            Cell(value(row, "value"), note=labels.pick(row["note"]), is_loud=True),
            Cell(str(row["year"]), is_number=True),
            Cell(row["reference"]),
            Cell(
                value(row, "ours"),
                note=_denominator(row, "ours_denominator", labels),
                is_loud=True,
            ),
        ]
        for row in rows
    ]
    columns = ("figure", "published", "year", "source", "ours")
    return Table([labels.text(f"column.{c}") for c in columns], body)


def problem_table(counts: Mapping[str, int], labels: Labels) -> Table:
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


def source_table(rows: Sequence[Row], labels: Labels) -> Table:
    """Lay out the files that were read; a raster has no rows."""
    body = [
        [
            Cell(labels.role(row["role"]), is_head=True),
            Cell(_file(row, labels)),
            Cell(labels.number(row["rows"]) if row["rows"] else "", is_number=True),
            Cell(row["crs_read"] or _no_system(row, labels)),
            Cell(labels.day(row["data_on"]) if row["data_on"] else labels.text("report.no_date")),
        ]
        for row in rows
    ]
    columns = ("role", "file", "rows", "crs", "data_on")
    return Table([labels.text(f"column.{c}") for c in columns], body)


def _no_system(row: Row, labels: Labels) -> str:
    """Say why a file has no coordinate system: each registration states its own, a table has no place."""
    is_register = row["role"] == Role.REGISTRATIONS
    return labels.text("report.system_by_row" if is_register else "report.no_system")


def _file(row: Row, labels: Labels) -> str:
    """Name the file, and the legend by which the values of an activity raster were read."""
    if not row.get("legend"):
        return str(row["name"])
    return labels.text("report.read_by_legend", name=row["name"], legend=row["legend"])
