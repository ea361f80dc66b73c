"""comparison.html: what changed from one run to another, and why, on one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from geoasm import flows
from geoasm.changes import Changes
from geoasm.codes import AsmClass, Cause, RegistrationChange, RightChange
from geoasm.model import Result
from geoasm.render import shell
from geoasm.render.flow_figure import flow_figure
from geoasm.render.labels import Labels
from geoasm.render.report_page import page_html
from geoasm.render.report_parts import Block, Items, Section, figure, lines, loud, table
from geoasm.render.swatches import class_swatch
from geoasm.render.tables import Cell, Table

_A, _B = flows.FLOW_COLUMNS
_LISTED = 400  # rows of a list on the page; the files have all


def comparison_html(
    changes: Changes, before: Result, after: Result, labels: Labels, *, internal: bool = False
) -> str:
    """Give the report of a comparison as one page; it names whom the changes name."""
    days = side_names(before, after, labels)
    sections = [
        _in_brief(changes, before, after, labels),
        _flows(changes, days, labels),
        _causes(changes, labels),
        _registrations(changes, labels),
        _classes(changes, days, labels),
        _regions(changes, labels),
        _rights(changes, labels),
        _told_apart(before, after, days, labels),
        _method(labels),
    ]
    return page_html(
        labels,
        sections,
        title=labels.text("comparison.title", a=days[0], b=days[1]),
        subtitle=str(after.summary.get("title") or ""),
        foot=labels.text("comparison.map_link"),
        internal=internal,
    )


def side_names(before: Result, after: Result, labels: Labels) -> tuple[str, str]:
    """Call two runs by their days; runs of one day by their titles, else by two letters."""
    days = [labels.day(run.summary["on"]) for run in (before, after)]
    titles = [str(run.summary.get("title") or "") for run in (before, after)]
    if days[0] == days[1]:
        apart = all(titles) and titles[0] != titles[1]
        days = (
            titles if apart else [f"{day} ({side})" for day, side in zip(days, "AB", strict=True)]
        )
    return days[0], days[1]


def _in_brief(changes: Changes, before: Result, after: Result, labels: Labels) -> Section:
    told, rights = changes.summary["registrations"], changes.summary["rights"]
    n = labels.number
    keys = [
        loud(
            labels.text("comparison.key_class", total=n(changes.summary["registrations_both"])),
            n(told[RegistrationChange.CLASS]),
        )
    ]
    for change in (RegistrationChange.APPEARED, RegistrationChange.VANISHED):
        keys.append(loud(labels.text(f"comparison.key_{change}"), n(told[change])))
    changed = changes.rights["concession_id"].nunique()
    keys.append(
        loud(
            labels.text("comparison.key_rights", total=n(changes.summary["rights_both"])),
            n(changed),
        )
    )
    faults = [
        labels.text("comparison.failed", name=labels.class_name(code))
        for code in changes.summary["failed"]
    ]
    doubts = [
        labels.text(f"comparison.{key}", roles=", ".join(map(labels.role, changes.summary[key])))
        for key in ("only_a", "only_b")
        if changes.summary[key]
    ]
    if changes.summary["registrants_not_compared"]:
        doubts.append(labels.text("comparison.registrants_not_compared"))
    if changes.summary["holders_not_compared"]:
        count = n(changes.summary["holders_not_compared"])
        doubts.append(labels.text("comparison.holders_not_compared", n=count))
    unexplained = changes.summary["causes"][Cause.UNEXPLAINED]
    if unexplained:
        doubts.append(labels.text("comparison.unexplained", n=n(unexplained)))
    supposed = [note for run in (before, after) for note in shell.supposed(run.summary, labels)]
    nothing = not (changes.rights.size or changes.registrations.size)
    blocks: list[Block] = [
        Items(keys, tone="keys"),
        *lines(*faults, *supposed, *doubts, tone="warning"),
    ]
    if nothing:
        blocks = [*lines(labels.text("comparison.nothing")), *blocks]
    elif rights[RightChange.SPLIT] or rights[RightChange.MERGED]:
        blocks += lines(labels.text("comparison.divisions"), tone="note")
    return Section("summary", labels.text("report.heading_summary"), blocks)


def _flows(changes: Changes, days: Sequence[str], labels: Labels) -> Section:
    counted = flows.moved(changes.flows)
    drawn = flow_figure(
        counted,
        labels,
        title=labels.text("comparison.figure_flows"),
        caption=labels.text("comparison.figure_flows"),
        heads=(days[0], days[1]),
    )
    sums = counted.groupby([_A, _B], dropna=False, as_index=False)[flows.COUNT].sum()
    sums = sums.sort_values(flows.COUNT, ascending=False, kind="stable")
    heads = [
        labels.text(f"comparison.column_{c}", day=day)
        for c, day in zip(("from", "to"), days, strict=True)
    ]
    body = [
        [
            _class_cell(row[_A], "comparison.not_in_a", labels),
            Cell(_class_name(row[_B], "comparison.not_in_b", labels)),
            Cell(labels.number(row[flows.COUNT]), is_number=True),
        ]
        for row in sums.to_dict("records")
    ]
    laid_out = Table([*heads, labels.text("column.registrations")], body)
    blocks = [*figure(drawn), *table(laid_out, labels.text("comparison.table_flows"))]
    return Section("flows", labels.text("comparison.heading_flows"), blocks)


def _class_name(code: Any, absent: str, labels: Labels) -> str:
    return labels.text(absent) if pd.isna(code) else labels.class_name(str(code))


def _class_cell(code: Any, absent: str, labels: Labels) -> Cell:
    icon = "" if pd.isna(code) else class_swatch(str(code))
    return Cell(_class_name(code, absent, labels), is_head=True, icon=icon)


def _causes(changes: Changes, labels: Labels) -> Section:
    counts = changes.summary["causes"]
    body = [
        [
            Cell(labels.code("cause", cause), is_head=True, note=labels.code("cause_note", cause)),
            Cell(labels.number(counts[cause]), is_number=True),
        ]
        for cause in sorted(Cause, key=lambda cause: -counts[cause])
        if counts[cause]
    ]
    heads = [labels.text("comparison.column_cause"), labels.text("column.registrations")]
    blocks = table(Table(heads, body), labels.text("comparison.table_causes"))
    if blocks:
        blocks += lines(labels.text("comparison.causes_note"), tone="note")
    return Section("causes", labels.text("comparison.heading_causes"), blocks)


def _registrations(changes: Changes, labels: Labels) -> Section:
    """Count what changed in registrations, their class and everything else."""
    laid_out = _counted(changes.summary["registrations"], "registration_change", labels)
    blocks = table(laid_out, labels.text("comparison.table_registrations"))
    return Section("registrations", labels.text("comparison.heading_registrations"), blocks)


def _counted(counts: Mapping[str, int], section: str, labels: Labels) -> Table:
    """Lay out how many rights or registrations have each kind of change."""
    body = [
        [Cell(labels.code(section, code), is_head=True), Cell(labels.number(n), is_number=True)]
        for code, n in counts.items()
        if n
    ]
    of = "comparison.column_rights" if section == "right_change" else "column.registrations"
    return Table([labels.text("comparison.column_change"), labels.text(of)], body)


def _classes(changes: Changes, days: Sequence[str], labels: Labels) -> Section:
    counts = [changes.flows.groupby(side)[flows.COUNT].sum() for side in (_A, _B)]
    body = []
    for code in AsmClass:
        a, b = (int(side.get(code.value, 0)) for side in counts)
        if a or b:
            body.append(
                [
                    Cell(labels.class_name(code), is_head=True, icon=class_swatch(code)),
                    *(Cell(labels.number(v), is_number=True) for v in (a, b)),
                    Cell(labels.signed(b - a), is_number=True, is_loud=a != b),
                ]
            )
    heads = [labels.text("column.asm_class"), *days, labels.text("comparison.column_difference")]
    blocks = table(Table(heads, body), labels.text("comparison.table_classes"))
    return Section("classes", labels.text("comparison.heading_classes"), blocks)


def _regions(changes: Changes, labels: Labels) -> Section:
    every = changes.flows.copy()
    nameless = labels.text("common.no_region")
    every["admin_1"] = every["admin_1"].where(every["admin_1"].notna(), nameless)
    every["moved"] = every[flows.COUNT].where(every[_A].notna() & every[_B].notna(), 0)
    every["moved"] = every["moved"].where(every[_A] != every[_B], 0)
    every["new"] = every[flows.COUNT].where(every[_A].isna(), 0)
    every["gone"] = every[flows.COUNT].where(every[_B].isna(), 0)
    sums = every.groupby("admin_1")[["moved", "new", "gone", flows.COUNT]].sum()
    sums = sums[sums[["moved", "new", "gone"]].any(axis=1)]
    sums = sums.sort_values("moved", ascending=False, kind="stable")
    body = [
        [Cell(str(name), is_head=True), *(Cell(labels.number(v), is_number=True) for v in row)]
        for name, row in zip(sums.index, sums.to_numpy(), strict=True)
    ]
    names = ("changed", "new", "gone", "of")
    heads = [
        labels.text("column.admin_1"),
        *(labels.text(f"comparison.column_{name}") for name in names),
    ]
    blocks = table(Table(heads, body), labels.text("comparison.table_regions"))
    return Section("regions", labels.text("comparison.heading_regions"), blocks)


def _rights(changes: Changes, labels: Labels) -> Section:
    laid_out = _counted(changes.summary["rights"], "right_change", labels)
    blocks = table(laid_out, labels.text("comparison.table_rights"))
    listed = changes.rights.head(_LISTED)
    rows = [
        [
            Cell(row["concession_id"], is_head=True, note=_text(row["name"])),
            Cell(labels.code("right_change", row["change"])),
            Cell(_says(row, "before", labels)),
            Cell(_says(row, "after", labels)),
            Cell(labels.hectares(row["area_ha_a"]), is_number=True),
            Cell(labels.hectares(row["area_ha_b"]), is_number=True),
        ]
        for row in listed.to_dict("records")
    ]
    columns = ("right", "change", "before", "after", "area_a", "area_b")
    heads = [labels.text(f"comparison.column_{name}") for name in columns]
    shown, total = labels.number(len(listed)), labels.number(len(changes.rights))
    caption = labels.text("comparison.table_each_right", shown=shown, total=total)
    blocks += table(Table(heads, rows), caption, "wide")
    return Section("rights", labels.text("comparison.heading_rights"), blocks)


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def _says(row: Mapping[str, Any], side: str, labels: Labels) -> str:
    """Give what a run says of a right, in words; of what moved or was divided how far, into what."""
    change, value = RightChange(row["change"]), row[side]
    if side == "after" and change in (RightChange.SPLIT, RightChange.MERGED):
        return str(row["related_ids"]).replace(";", ", ")
    if side == "after" and change is RightChange.MOVED:
        return labels.metres(row["distance_m"])
    if pd.isna(value) or value == "":
        unnamed = change is RightChange.HOLDER
        return labels.text("comparison.unnamed") if unnamed else ""
    if change is RightChange.FILING:
        return labels.day(value)
    section = {
        RightChange.STATUS: "concession_status", RightChange.STRATUM: "holder_stratum",
        RightChange.ACTIVITY: "holder_activity", RightChange.APPEARED: "concession_status",
        RightChange.VANISHED: "concession_status",
    }.get(change)  # fmt: skip
    return labels.code(section, value) if section else str(value)


def _told_apart(before: Result, after: Result, days: Sequence[str], labels: Labels) -> Section:
    """Say in what the runs themselves differ: files, options, versions, and of the law what is not the same."""
    sides = [_facts(run, labels) for run in (before, after)]
    laws = [_law(run, labels) for run in (before, after)]
    absent = labels.text("comparison.not_given")
    rows = [
        (name, *(side.get(name, absent) for side in sides))
        for name in dict.fromkeys([*sides[0], *sides[1]])
    ]
    rows += [
        (name, a, b)
        for name in dict.fromkeys([*laws[0], *laws[1]])
        for a, b in [tuple(law.get(name, "") for law in laws)]
        if a != b
    ]
    body = [[Cell(name, is_head=True), Cell(a), Cell(b, is_loud=a != b)] for name, a, b in rows]
    heads = [labels.text("comparison.column_fact"), *days]
    blocks = table(Table(heads, body), labels.text("comparison.table_runs"))
    return Section("runs", labels.text("comparison.heading_runs"), blocks)


def _facts(run: Result, labels: Labels) -> dict[str, str]:
    manifest = run.manifest
    facts = {
        labels.text("comparison.fact_on"): labels.day(run.summary["on"]),
        labels.text("comparison.fact_version"): str(manifest["versions"].get("geoasm", "")),
        labels.text("comparison.fact_stacked"): labels.code(
            "stacked", manifest["options"]["stacked"]
        ),
    }
    for row in manifest["inputs"]:
        day = labels.day(row["data_on"]) if row.get("data_on") else ""
        print_of = str(row.get("sha256") or "")[:8]
        parts = (row["name"], labels.number(row["rows"]) if row["rows"] else "", day, print_of)
        role = labels.role(row["role"])
        while role in facts:  # rasters of several years
            role += " +"
        facts[role] = " · ".join(part for part in parts if part)
    return facts


def _law(run: Result, labels: Labels) -> dict[str, str]:
    """Give each rule in force and each parameter, by the name of its row."""
    law = run.manifest["law"]
    rules = {labels.text("comparison.fact_rule", name=rule): "✓" for rule in law["rules"]}
    return rules | {
        labels.text("comparison.fact_parameter", name=name): _plain(value, labels)
        for name, value in law["parameters"].items()
    }


def _plain(value: Any, labels: Labels) -> str:
    if isinstance(value, int | float):
        return labels.number(value, 0 if float(value).is_integer() else 3)
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _method(labels: Labels) -> Section:
    blocks: list[Block] = [Items(labels.texts("comparison.method"), is_ordered=True)]
    blocks += lines(*labels.texts("comparison.limits"), tone="note")
    return Section("method", labels.text("report.heading_method"), blocks)
