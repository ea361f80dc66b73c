"""series.html: shares of classes over runs, with what of the method changed between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from geoasm.codes import BREAKS, AsmClass, MethodChange
from geoasm.render.charts import Part, Stack, stacks
from geoasm.render.figures import Figure
from geoasm.render.labels import Labels
from geoasm.render.lines import Trend, trends
from geoasm.render.report_page import page_html
from geoasm.render.report_parts import Block, Drawn, Items, Section, lines, loud, table
from geoasm.render.styles import CLASS_STYLES
from geoasm.render.swatches import class_swatch
from geoasm.render.tables import Cell, Table
from geoasm.timeline import Record

# Steps of the funnel that are quoted most, each a share of its own whole.
_STEPS = (
    "inside_any_right",
    "on_title_in_force",
    "own_title",
    "third_party",
    "third_party_lsm_msm",
    "third_party_small_scale",
)
_POINT = 100  # of percentage points to one


def series_html(
    records: Sequence[Record], shares: pd.DataFrame, changes: pd.DataFrame, labels: Labels
) -> str:
    """
    Give the page of a series, which needs nothing.

    Parameters
    ----------
    records
        Runs in the order of their days, two or more.
    shares, changes
        Of `timeline.class_shares` and `timeline.method_changes`.
    """
    say, latest = labels.text, records[-1]
    return page_html(
        labels,
        [
            _in_brief(records, shares, changes, labels),
            _classes(records, shares, changes, labels),
            _steps(records, labels),
            _method(changes, labels),
            Section("notes", say("report.heading_limits"), [Items(_notes(labels))]),
        ],
        title=say("series.title"),
        subtitle=labels.pick(latest.summary["profile_name"], latest.summary["profile"]),
        dated=say("series.dated", first=labels.day(records[0].on), last=labels.day(latest.on)),
        foot=say("series.files"),
    )


def _present(shares: pd.DataFrame) -> list[AsmClass]:
    """List the classes that any run has, in their own order."""
    counts = shares.groupby("asm_class")["registrations"].sum()
    return [c for c in AsmClass if counts.get(str(c), 0) > 0]


def _by_class(shares: pd.DataFrame, column: str) -> pd.DataFrame:
    return shares.pivot_table(column, "on", "asm_class", aggfunc="first", dropna=False)


def _in_brief(
    records: Sequence[Record], shares: pd.DataFrame, changes: pd.DataFrame, labels: Labels
) -> Section:
    say, share = labels.text, _by_class(shares, "share").astype(float)
    step = (share.iloc[-1] - share.iloc[0]).reindex([str(c) for c in _present(shares)])
    whole = shares.groupby("on")["denominator_registrations"].first().sort_index()
    keys = [
        loud(say("series.key_runs", n=labels.number(len(records))), say("series.lead_runs")),
        loud(
            say(
                "series.key_register",
                first=labels.number(whole.iloc[0]),
                last=labels.number(whole.iloc[-1]),
            ),
            say("series.lead_register"),
        ),
    ]
    for name, lead in ((step.idxmax(), "up"), (step.idxmin(), "down")):
        if (step[name] > 0) == (lead == "up") and step[name] != 0:
            keys.append(
                loud(
                    say(
                        "series.key_step",
                        name=labels.class_name(str(name)),
                        first=labels.percent(share.iloc[0][name]),
                        last=labels.percent(share.iloc[-1][name]),
                        points=_points(step[name], labels),
                    ),
                    say(f"series.lead_{lead}"),
                )
            )
    n = changes[changes["what"].isin(BREAKS)]["on"].nunique()
    warning = say("series.broken", n=labels.number(n)) if n else ""
    blocks: list[Block] = [Items(keys, tone="keys"), *lines(warning, tone="warning")]
    return Section("summary", say("report.heading_summary"), blocks)


def _points(step: float, labels: Labels) -> str:
    written = labels.number(abs(step) * _POINT, 1)
    return labels.text("series.points", sign="+" if step > 0 else "−", n=written)


def _classes(
    records: Sequence[Record], shares: pd.DataFrame, changes: pd.DataFrame, labels: Labels
) -> Section:
    say = labels.text
    denominator = str(shares["denominator"].dropna().iloc[0]) if len(shares) else ""
    whole = say("series.whole", denominator=labels.code("denominator", denominator))
    blocks: list[Block] = [
        *lines(whole),
        Drawn(_trends(records, shares, changes, labels)),
        Drawn(_stacks(records, shares, labels)),
        *table(_class_table(records, shares, labels), f"{say('series.caption_classes')} {whole}", "wide"),
    ]  # fmt: skip
    return Section("classes", say("series.heading_classes"), blocks)


def _trends(
    records: Sequence[Record], shares: pd.DataFrame, changes: pd.DataFrame, labels: Labels
) -> Figure:
    days = [record.on for record in records]
    rows = []
    for asm_class in _present(shares):
        own = shares[shares["asm_class"] == asm_class].sort_values("on")
        values = [float(v) for v in own["share"]]
        ends = [(row["share_low"], row["share_high"]) for row in own.to_dict("records")]
        spans = [None if pd.isna(low) or pd.isna(high) else (float(low), float(high)) for low, high in ends]  # fmt: skip
        tops = [span[1] if span else v for v, span in zip(values, spans, strict=True)]
        text = labels.text(
            "series.from_to", first=labels.percent(values[0]), last=labels.percent(values[-1])
        )
        rows.append(
            Trend(
                labels.class_name(asm_class),
                values,
                spans,
                text,
                labels.percent(max(tops)),
                CLASS_STYLES[asm_class],
            )
        )
    broken = changes[changes["what"].isin(BREAKS)]["on"].unique()
    caption = labels.text("series.figure_trends")
    said = f"{caption} " + "; ".join(f"{row.name}: {row.text}" for row in rows)
    drawn = trends(
        rows,
        days,
        [labels.day(day) for day in days],
        [pd.Timestamp(day).date() for day in broken],
        said,
        "trends-figure",
    )
    return Figure(drawn, caption)


def _stacks(records: Sequence[Record], shares: pd.DataFrame, labels: Labels) -> Figure:
    classes, rows = _present(shares), []
    by_day = {day: group.set_index("asm_class") for day, group in shares.groupby("on")}
    for record in records:
        own = by_day[pd.Timestamp(record.on)]
        parts = [
            Part(
                float(own.loc[str(c), "share"]),
                labels.percent(own.loc[str(c), "share"], 0),
                CLASS_STYLES[c],
                name=labels.class_name(c),
            )
            for c in classes
        ]
        whole = own["denominator_registrations"].iloc[0]
        rows.append(Stack(labels.day(record.on), parts, labels.number(whole)))
    caption = labels.text("series.figure_stacks")
    said = f"{caption} " + "; ".join(
        f"{row.name}: " + ", ".join(f"{part.name} {part.text}" for part in row.parts)
        for row in rows
    )
    drawn = stacks(rows, said, "stacks-figure", beside=True)
    return Figure(drawn, caption, [(class_swatch(c), labels.class_name(c)) for c in classes])


def _class_table(records: Sequence[Record], shares: pd.DataFrame, labels: Labels) -> Table:
    """Lay out a run a row and a class a column: the share, and the registrations under it."""
    classes = _present(shares)
    share, count = _by_class(shares, "share"), _by_class(shares, "registrations")
    whole = shares.groupby("on")["denominator_registrations"].first()
    heads = [
        *(labels.text(f"series.column_{c}") for c in ("run", "whole")),
        *(labels.class_name(c) for c in classes),
    ]
    body = []
    for record in records:
        day = pd.Timestamp(record.on)
        cells = [
            Cell(
                labels.percent(share.loc[day, str(c)]),
                is_number=True,
                note=labels.number(count.loc[day, str(c)]),
            )
            for c in classes
        ]
        head = Cell(labels.day(record.on), is_head=True, note=record.name)
        body.append([head, Cell(labels.number(whole[day]), is_number=True), *cells])
    icons: list[Markup] = [Markup(""), Markup(""), *(class_swatch(c) for c in classes)]
    return Table(heads, body, icons)


def _steps(records: Sequence[Record], labels: Labels) -> Section | None:
    """Lay out the shares that are quoted most, each with the whole that it is a share of."""
    found = [{row["step"]: row for row in r.summary.get("funnel", ())} for r in records]
    steps = [step for step in _STEPS if any(step in rows for rows in found)]
    if not steps:
        return None
    heads = [labels.text("series.column_run")]
    for step in steps:
        row = next(rows[step] for rows in found if step in rows)
        whole = labels.code("denominator", row["denominator"])
        heads.append(labels.text("series.step", step=labels.text(f"step.{step}"), whole=whole))
    body = [
        [
            Cell(labels.day(record.on), is_head=True, note=record.name),
            *(_step_cell(rows.get(step), labels) for step in steps),
        ]
        for record, rows in zip(records, found, strict=True)
    ]
    blocks = table(Table(heads, body), labels.text("series.caption_steps"), "wide")
    return Section("steps", labels.text("series.heading_steps"), blocks)


def _step_cell(row: Mapping[str, Any] | None, labels: Labels) -> Cell:
    if row is None:
        return Cell(labels.text("common.missing"), is_number=True)
    note = labels.text(
        "series.of",
        n=labels.number(row["registrations"]),
        whole=labels.number(row["denominator_registrations"]),
    )
    return Cell(labels.percent(row["share"]), is_number=True, note=note)


def _method(changes: pd.DataFrame, labels: Labels) -> Section:
    say = labels.text
    heads = [say(f"series.column_{c}") for c in ("run", "what", "name", "before", "after")]
    body = [
        [
            Cell(labels.day(row["on"]), is_head=True, note=row["run"]),
            Cell(labels.code("method_change", row["what"]), is_loud=row["what"] in set(BREAKS)),
            Cell(_name(row, labels)),
            Cell(_shown(row["before"])),
            Cell(_shown(row["after"])),
        ]
        for row in changes.to_dict("records")
    ]
    blocks = table(Table(heads, body), say("series.caption_method"), "wide")
    if not body:
        blocks = lines(say("series.no_changes"))
    return Section("method", say("series.heading_method"), blocks)


def _name(row: Mapping[Any, Any], labels: Labels) -> str:
    name = "" if pd.isna(row["name"]) else str(row["name"])
    of_role = (MethodChange.INPUTS, MethodChange.OLDER_DATA, MethodChange.SAME_FILE)
    return labels.role(name) if row["what"] in of_role else name


def _shown(value: object) -> str:
    return "" if pd.isna(value) else str(value)


def _notes(labels: Labels) -> list[str]:
    return [labels.text(f"series_notes.{name}") for name in labels.section("series_notes")]
