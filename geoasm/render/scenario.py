"""scenario.html: a run beside a scenario: what is supposed, what moves, why, and what it does not say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from geoasm.amendments import Effects, Scenario
from geoasm.codes import MeasureKind
from geoasm.model import Result
from geoasm.render.flow_figure import flow_figure
from geoasm.render.labels import Labels
from geoasm.render.report_page import page_html
from geoasm.render.report_parts import (
    Block,
    Folded,
    Items,
    Section,
    figure,
    lines,
    loud,
    table,
)
from geoasm.render.scenario_tables import (
    beside_table,
    candidate_table,
    certainty_table,
    reason_table,
    region_table,
    score_table,
)

_CODED = {
    "status": "concession_status",
    "holder_activity": "holder_activity",
    "holder_stratum": "holder_stratum",
    "substance": "substance",
}

Numbers = Mapping[str, Any]


def scenario_html(
    scenario: Scenario,
    numbers: Numbers,
    effects: Effects,
    before: Result,
    after: Result,
    labels: Labels,
) -> str:
    """
    Give the report of a scenario as one page.

    Parameters
    ----------
    numbers
        As `amendments.tally` gives them.
    before, after
        The baseline and the scenario's run.
    """
    name = labels.pick(scenario.names)
    links = Markup(' <a href="run/map.html">{}</a>, <a href="run/report.html">{}</a>').format(
        labels.text("scenario.file_map"), labels.text("scenario.file_report")
    )
    return page_html(
        labels,
        [
            _in_brief(scenario, numbers, effects, labels),
            _supposed(scenario, numbers["supposed"], labels),
            _classes(numbers, effects, labels),
            _pathways(numbers, labels),
            _reasons(effects, labels),
            _candidates(scenario, numbers, effects, labels),
            _regions(effects, labels),
            _certainty(numbers, labels),
            _listed("method", labels),
            _listed("limits", labels),
        ],
        title=labels.text("scenario.run_title", name=name),
        subtitle=str(before.summary.get("title") or ""),
        dated=labels.text("map.law_date", date=labels.day(after.summary["on"])),
        foot=Markup("{}{}").format(labels.text("scenario.files"), links),
    )


def _in_brief(scenario: Scenario, numbers: Numbers, effects: Effects, labels: Labels) -> Section:
    def say(key: str, **values: object) -> str:
        return labels.text(f"scenario.{key}", **values)

    def write(n: float) -> str:
        return labels.number(n)

    candidates, done = numbers["candidates"], numbers["completion"]
    keys = [loud(say("key_moved", total=write(numbers["registrations"])), write(numbers["moved"]))]
    if numbers["moved"]:
        keys.append(loud(say("key_gained", lost=write(done["lost"])), write(done["gained"])))
    if candidates["a"] or candidates["b"]:
        told = {k: write(candidates[k]) for k in ("a", "gained", "lost")}
        keys.append(loud(say("key_candidates", **told), write(candidates["b"])))
    notes = []
    if not numbers["moved"]:
        only = scenario.position_sigma_m is not None
        notes.append(say("only_certainty" if only else "nothing_moved"))
    elif not numbers["class_moved"] and set(numbers["by_reason"]) == {
        MeasureKind.CONTRACTS_SIGNED.value
    }:
        notes.append(say("only_pathways"))
    empty = [m for m in numbers["supposed"]["measures"] if not m["rights"]]
    missed = [say("nothing_chosen", measure=_measure_name(m, labels)) for m in empty]
    faults = [say("failed", name=labels.class_name(name)) for name in effects.faults]
    blocks = [
        *lines(say("warning"), *faults, *missed, tone="warning"),
        Items(keys, tone="keys"),
        *lines(*notes),
    ]
    return Section("summary", say("heading_summary"), blocks)


def _supposed(scenario: Scenario, supposed: Numbers, labels: Labels) -> Section:
    cited = "reference" if scenario.verified else "reference_unverified"
    reference = labels.text(f"scenario.{cited}", reference=scenario.reference)
    changes = [
        *(_measure(one, labels) for one in supposed["measures"]),
        *_options(supposed, labels),
        *_law(supposed, labels),
    ]
    blocks = [
        *lines(labels.pick(scenario.why), reference if scenario.reference else ""),
        Items(changes),
    ]
    return Section("supposed", labels.text("scenario.heading_supposed"), blocks)


def _measure(one: Numbers, labels: Labels) -> str:
    what = "contracts" if one["kind"] == MeasureKind.CONTRACTS_SIGNED else "rights"
    concerned = labels.text(
        f"scenario.concerned_{what}",
        rights=labels.number(one["rights"]),
        area=labels.hectares(one["area_ha"], 0),
        registrations=labels.number(one["registrations"]),
        moved=labels.number(one["moved"]),
    )
    told = [f"{_measure_name(one, labels)}.", concerned]
    if one["kind"] == MeasureKind.RIGHTS_LAPSE:
        told.append(labels.text("scenario.free" if one["free"] else "scenario.not_free"))
    left = [
        labels.text(f"left_alone.{reason}", n=labels.number(n))
        for reason, n in one["left_alone"].items()
    ]
    if left:
        told.append(labels.text("scenario.left_alone", told="; ".join(left)))
    return " ".join(told)


def _measure_name(one: Numbers, labels: Labels) -> str:
    where: Mapping[str, Any] = one["where"]
    conditions = "; ".join(_condition(name, value, labels) for name, value in where.items())
    return f"{labels.code('measure', one['kind'])} ({conditions})"


def _condition(name: str, value: Any, labels: Labels) -> str:
    if isinstance(value, bool):
        said = name if value else f"not_{name}"
        return labels.text(f"scenario.where_{said}")
    if name in _CODED:
        value = [labels.code(_CODED[name], code) for code in value]
    if isinstance(value, int):
        value = [labels.number(value)]
    return labels.text(f"scenario.where_{name}", values=", ".join(value))


def _options(supposed: Numbers, labels: Labels) -> list[str]:
    writers: Mapping[str, Callable[[Any], str]] = {
        "day": labels.day,
        "position_sigma_m": labels.metres,
        "stacked": lambda code: labels.text(f"scenario.{code}"),
    }
    told = []
    for name, write in writers.items():
        if supposed[name]:
            one, other = (write(value) for value in supposed[name])
            told.append(labels.text(f"scenario.supposed_{name}", a=one, b=other))
    return told


def _law(supposed: Numbers, labels: Labels) -> list[str]:
    told = [
        labels.text(
            "scenario.supposed_parameter",
            name=row["name"],
            a=_value(row["a"], labels),
            b=_value(row["b"], labels),
        )
        for row in supposed["parameters"]
    ]
    for row in supposed["rules"]:
        if row.get("off"):
            told.append(labels.text("scenario.supposed_rule_off", id=row["id"]))
            continue
        classes = [labels.class_name(row["then"])] if "then" in row else []
        if "unknown" in row:
            name = labels.class_name(row["unknown"])
            classes.append(labels.text("scenario.if_unknown", name=name))
        told.append(labels.text("scenario.supposed_rule", id=row["id"], classes=", ".join(classes)))
    return told + [
        labels.text(
            "scenario.supposed_level",
            code=row["code"],
            level=labels.code("closure_level", row["level"]),
        )
        for row in supposed["area_levels"]
    ]


def _value(value: Any, labels: Labels) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return ", ".join(value)
    return labels.number(value, 0 if float(value).is_integer() else 2)


def _classes(numbers: Numbers, effects: Effects, labels: Labels) -> Section:
    say = labels.text
    drawn = flow_figure(
        effects.flows,
        labels,
        title=say("scenario.heading_classes"),
        caption=say("scenario.figure_flows"),
        heads=(say("scenario.column_a"), say("scenario.column_b")),
    )
    laid_out = beside_table(numbers["classes"], "class", labels)
    blocks = [*figure(drawn), *table(laid_out, say("scenario.table_classes"))]
    return Section("classes", say("scenario.heading_classes"), blocks)


def _pathways(numbers: Numbers, labels: Labels) -> Section:
    laid_out = beside_table(numbers["pathways"], "pathway", labels)
    blocks = table(laid_out, labels.text("scenario.table_pathways"))
    return Section("pathways", labels.text("scenario.heading_pathways"), blocks)


def _reasons(effects: Effects, labels: Labels) -> Section:
    blocks = table(reason_table(effects.flows, labels), labels.text("scenario.table_reasons"))
    return Section("reasons", labels.text("scenario.heading_reasons"), blocks)


def _candidates(
    scenario: Scenario, numbers: Numbers, effects: Effects, labels: Labels
) -> Section | None:
    counts = numbers["candidates"]
    if not counts["a"] and not counts["b"]:
        return None
    say, write = labels.text, labels.number
    scores = score_table(effects.candidates, labels)
    told = {"a": write(counts["a"]), "b": write(counts["b"]), "changed": write(len(scores.rows))}
    contracts = any(m.kind is MeasureKind.CONTRACTS_SIGNED for m in scenario.measures)
    caption = say("scenario.table_scores")
    folded: list[Block] = [Folded(caption, table(scores, caption))] if scores.rows else []
    blocks = [
        *lines(say("scenario.candidates_line", **told)),
        *lines(say("scenario.candidates_contracts") if contracts else "", tone="note"),
        *table(candidate_table(effects.candidates, labels), say("scenario.table_candidates")),
        *folded,
    ]
    return Section("candidates", say("scenario.heading_candidates"), blocks)


def _regions(effects: Effects, labels: Labels) -> Section:
    say = labels.text
    named = {"class": "scenario.table_regions", "pathway": "scenario.table_region_pathways"}
    blocks: list[Block] = []
    for name, caption in named.items():
        moved = effects.registrations[f"{name}_a"] != effects.registrations[f"{name}_b"]
        if moved.any():
            blocks += table(region_table(effects.registrations, name, labels), say(caption), "wide")
    return Section("regions", say("scenario.heading_regions"), blocks)


def _certainty(numbers: Numbers, labels: Labels) -> Section | None:
    laid_out = certainty_table(numbers["certainty"], labels)
    if not laid_out.rows:
        return None
    say = labels.text
    blocks = [
        *table(laid_out, say("scenario.table_certainty")),
        *lines(say("scenario.certainty_note"), tone="note"),
    ]
    return Section("certainty", say("scenario.heading_certainty"), blocks)


def _listed(name: str, labels: Labels) -> Section:
    items = Items(labels.texts(f"scenario.{name}"), is_ordered=name == "method")
    return Section(name, labels.text(f"scenario.heading_{name}"), [items])
