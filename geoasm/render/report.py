"""report.html: a run on one page for who decides: figures, first-level tables, and what to mind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from geoasm.model import Result
from geoasm.render import coexistence, shell
from geoasm.render.labels import Labels
from geoasm.render.layers.registrations import references
from geoasm.render.parties import Names
from geoasm.render.report_certainty import Certainty, measure_certainty
from geoasm.render.report_figures import (
    band_figure,
    class_figure,
    dates_figure,
    funnel_figure,
    pathway_figure,
    region_figure,
    stratum_figure,
)
from geoasm.render.report_page import page_html
from geoasm.render.report_parts import Block, Folded, Items, Section, figure, lines, loud, table
from geoasm.render.report_tables import (
    class_table,
    funnel_table,
    problem_table,
    published_table,
    source_table,
    span_text,
)
from geoasm.render.tables import (
    Table,
    admin_table,
    count_table,
    declared_table,
    overlaps_table,
    pathway_table,
    split_table,
    territory_table,
)
from geoasm.summarize import FEWEST_OF_A_SEX

_KEY_STEPS = (
    ("inside_any_right", "report.key_located"),
    ("own_title", "report.key_own"),
    ("third_party", "report.key_third"),
    ("third_party_lsm_msm", "report.key_lsm_msm"),
)
_OF_STRATUM = "third_party_lsm_msm"
_FEW_ROWS = 3
_REGISTER_TABLES = ("by_status", "by_activity", "by_registrant_kind", "by_sex")
_STRATA_FIGURES = frozenset(("lsm_msm_share_of_third_party", "small_scale_share_of_third_party"))

Summary = Mapping[str, Any]


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
    names = Names(result, labels, audience)
    certainty = measure_certainty(result.registrations, labels)
    found = [
        _in_brief(summary, certainty, labels),
        _funnel(summary, labels),
        _classes(result, labels),
        _regions(summary, labels),
        _strata(summary, labels),
        _published(summary, labels),
        _pathways(summary, labels),
        _coexistence(result, labels, names),
        _certainty(certainty, labels),
        _territory(result, labels),
        _overlaps(summary, labels),
        _declared(summary, labels),
        _register(summary, labels),
        _sources(summary, labels),
        _method(labels),
        _limits(labels),
    ]
    return page_html(
        labels,
        found,
        title=shell.title(summary, labels, "report.title"),
        subtitle=labels.text("report.title") if summary.get("title") else "",
        dated=labels.text("map.law_date", date=labels.day(summary["on"])),
        foot=labels.text("report.map_link"),
        internal=names.internal,
    )


def _in_brief(summary: Summary, certainty: Certainty | None, labels: Labels) -> Section:
    keys = _keys(summary, labels) + ([certainty.key] if certainty else [])
    faults = [labels.text("report.failed", fault=fault) for fault in shell.failed(summary, labels)]
    missing = [shell.untested(summary, labels), *shell.assumed(summary, labels)]
    blocks = [
        Items(keys, tone="keys"),
        *lines(*_counts(summary["counts"], labels)),
        *lines(labels.text("report.units"), _position_note(summary.get("position_error"), labels)),
        *lines(*faults, *missing, tone="warning"),
    ]
    return Section("summary", labels.text("report.heading_summary"), blocks)


def _keys(summary: Summary, labels: Labels) -> list[str]:
    steps = {row["step"]: row for row in summary["funnel"]}
    told: list[str] = []
    for step, key in _KEY_STEPS:
        row = steps.get(step)
        if row is None or row["share"] is None:
            continue
        values = {
            "span": span_text(row, labels),
            "n": labels.number(row["registrations"]),
            "total": labels.number(row["denominator_registrations"]),
        }
        share = row["share"]
        unknown = steps.get("third_party_unknown") if step == _OF_STRATUM else None
        if unknown is not None and unknown["share"]:
            values["unknown"] = labels.number(unknown["registrations"])
            key = "report.key_lsm_msm_unknown"
            if unknown["share"] == 1:
                key, share = "report.key_no_stratum", 1.0
        told.append(loud(labels.text(key, **values), labels.percent(share)))
    return told


def _position_note(error: Mapping[str, float] | None, labels: Labels) -> str:
    if not error:
        return ""
    sigma, radius = (labels.metres(error[name]) for name in ("sigma_m", "radius_95_m"))
    return labels.text("report.position_note", sigma=sigma, radius=radius)


def _counts(counts: Mapping[str, int], labels: Labels) -> list[str]:
    say = {key: labels.number(value) for key, value in counts.items()}
    registrations = (
        "some_registrations" if counts["registrations_set_aside"] else "all_registrations"
    )
    concessions = "some_concessions" if counts["concessions_set_aside"] else "all_concessions"
    return [
        labels.text(
            f"report.{registrations}",
            read=say["registrations_read"],
            classified=say["registrations_classified"],
            set_aside=say["registrations_set_aside"],
        ),
        labels.text(
            f"report.{concessions}",
            read=say["concessions_read"],
            kept=say["concessions_kept"],
            set_aside=say["concessions_set_aside"],
        ),
    ]


def _funnel(summary: Summary, labels: Labels) -> Section:
    rows = summary["funnel"]
    laid_out = funnel_table(rows, labels)
    caption = labels.text("report.funnel_table")
    blocks = [*figure(funnel_figure(rows, labels)), *table(laid_out, caption, "funnel")]
    return Section("funnel", labels.text("report.heading_funnel"), blocks)


def _classes(result: Result, labels: Labels) -> Section:
    summary = result.summary
    rows = summary["tables"]["by_class"]
    caption = f"{labels.text('table.by_class')}. {_share_of(labels.text('denominator.all'), labels)}. {labels.text('common.facts')}"  # fmt: skip
    basis = count_table(summary["tables"].get("by_basis", []), labels)
    blocks = [
        *figure(class_figure(rows, labels)),
        *table(class_table(rows, _law_of_classes(result, labels), labels), caption, "classes"),
        *_folded(labels.text("table.by_basis"), basis, _share_of(basis.denominator, labels)),
    ]
    return Section("classes", labels.text("report.heading_class"), blocks)


def _law_of_classes(result: Result, labels: Labels) -> dict[str, str]:
    """Give the articles behind the classes, each once, and say which nobody has verified."""
    rows = result.registrations
    said = references(rows, result.summary["unverified_rules"], labels)
    cited = said.groupby(rows["asm_class"].astype(str)).unique()
    return {c: labels.text("report.law", articles="; ".join(sorted(a))) for c, a in cited.items()}


def _share_of(denominator: str, labels: Labels) -> str:
    return labels.text("report.share_of", denominator=denominator)


def _folded(summary: str, laid_out: Table, caption: str, tone: str = "") -> list[Block]:
    found = table(laid_out, caption, tone)
    opened = found[0].blocks if found and isinstance(found[0], Folded) else found
    return [Folded(summary, opened)] if found else []


def _whole_first(laid_out: Table, caption: str, labels: Labels) -> list[Block]:
    """Show the row of the whole area, and fold its regions."""
    if len(laid_out.rows) <= _FEW_ROWS:
        return table(laid_out, caption, "wide")
    whole = replace(laid_out, rows=laid_out.rows[:1])
    return [
        *table(whole, caption, "wide"),
        *_folded(labels.text("report.by_region"), laid_out, caption, "wide"),
    ]


def _regions(summary: Summary, labels: Labels) -> Section:
    rows = summary["tables"].get("by_admin", [])
    finer = admin_table(rows, labels, finer=True)
    blocks = [
        *figure(region_figure(rows, labels)),
        *_folded(labels.text("report.regions_in_numbers"), admin_table(rows, labels), labels.text("report.admin_note"), "wide"),
        *_folded(labels.text("report.finer_regions"), finer, labels.text("report.finer_note"), "wide"),
    ]  # fmt: skip
    if blocks:
        blocks += lines(labels.text("report.regions_elsewhere"), tone="note")
    return Section("regions", labels.text("table.by_admin"), blocks)


def _strata(summary: Summary, labels: Labels) -> Section | None:
    stratum = count_table(summary["tables"].get("by_stratum", []), labels)
    if not stratum.rows:
        return None
    split = split_table(summary["tables"].get("stratum_split", []), labels)
    steps = {row["step"]: row["registrations"] for row in summary["funnel"]}
    presumed, small = (steps.get(f"third_party_small_scale{s}", 0) for s in ("_presumed", ""))
    is_all_presumed = bool(presumed) and presumed == small
    are_compared = any(f["figure"] in _STRATA_FIGURES for f in summary["published"])
    blocks = [
        *lines(labels.text("report.stratum_note")),
        *figure(stratum_figure(summary, labels)),
        *table(stratum, _share_of(stratum.denominator, labels)),
        *table(split, labels.text("table.stratum_split")),
        *lines(labels.text("report.presumed_note"), tone="note"),
        *lines(labels.text("report.all_presumed") if is_all_presumed else "", tone="warning"),
        *lines(labels.text("report.warning_shares") if are_compared else "", tone="warning"),
    ]
    return Section("strata", labels.text("report.heading_stratum"), blocks)


def _published(summary: Summary, labels: Labels) -> Section:
    laid_out = published_table(summary["published"], labels)
    blocks = table(laid_out, labels.text("report.published_note"))
    return Section("published", labels.text("report.heading_published"), blocks)


def _pathways(summary: Summary, labels: Labels) -> Section:
    rows, say = summary["tables"].get("by_pathway", []), labels.text
    whole = count_table(rows, labels)
    regions = pathway_table(summary["tables"].get("by_admin_pathway", []), labels)
    blocks = [
        *figure(pathway_figure(rows, labels)),
        *_folded(say("report.pathways_in_numbers"), whole, _share_of(whole.denominator, labels)),
        *_folded(say("coexistence.pathways"), regions, say("coexistence.pathways_note"), "wide"),
    ]
    return Section("pathways", labels.text("table.by_pathway"), blocks)


def _coexistence(result: Result, labels: Labels, names: Names) -> Section | None:
    found = coexistence.section(result, labels, names)
    if found is None:
        return None
    say = labels.text
    blocks = [
        *lines(f"{found.lead} {found.clusters}"),
        *lines(say("coexistence.caution"), tone="warning"),
        *table(found.top, found.top_caption),
        *_folded(say("coexistence.reasons"), found.reasons, found.top_caption),
        *table(found.gates, say("coexistence.gates")),
    ]
    return Section("coexistence", say("coexistence.heading"), blocks)


def _certainty(found: Certainty | None, labels: Labels) -> Section | None:
    if found is None:
        return None
    say = labels.text
    blocks = [
        *lines(say("report.certainty_note")),
        *figure(band_figure(found.bands, labels)),
        *lines(f"{found.flips} {found.without}".rstrip()),
        *_folded(say("report.certainty_by_class"), found.table, say("report.certainty_table")),
    ]
    return Section("certainty", labels.text("report.heading_certainty"), blocks)


def _territory(result: Result, labels: Labels) -> Section:
    is_whole = bool(result.territory["region_ha"].isna().all())
    note = labels.text("report.territory_whole" if is_whole else "report.territory_note")
    blocks = _whole_first(territory_table(result.territory, labels), note, labels)
    if blocks:
        blocks += lines(labels.text("report.territory_elsewhere"), tone="note")
    return Section("territory", labels.text("report.heading_territory"), blocks)


def _overlaps(summary: Summary, labels: Labels) -> Section | None:
    if not summary.get("ground"):
        return None
    laid_out = overlaps_table(summary["ground"], labels)
    blocks = table(laid_out, labels.text("overlaps.note"))
    return Section("overlaps", labels.text("overlaps.heading"), blocks)


def _declared(summary: Summary, labels: Labels) -> Section | None:
    tables = summary["tables"]
    laid_out = declared_table(
        tables.get("by_declared_relation", []), tables.get("by_declared", []), labels
    )
    if not laid_out.rows:
        return None
    blocks = [
        *lines(labels.text("report.declared_note")),
        *_whole_first(laid_out, labels.text("report.declared_share"), labels),
    ]
    return Section("declared", labels.text("table.by_declared"), blocks)


def _register(summary: Summary, labels: Labels) -> Section:
    blocks = []
    for name in _REGISTER_TABLES:
        laid_out = count_table(summary["tables"].get(name, []), labels)
        share = _share_of(laid_out.denominator, labels)
        blocks += table(laid_out, f"{labels.text(f'table.{name}')}. {share}")
    if "by_sex" in summary.get("withheld", ()):
        blocks += lines(labels.text("report.sex_withheld", number=FEWEST_OF_A_SEX), tone="note")
    return Section("register", labels.text("report.heading_register"), blocks)


def _sources(summary: Summary, labels: Labels) -> Section:
    drawn, undated = dates_figure(summary["sources"], str(summary["on"]), labels)
    say = labels.text
    problems = problem_table(summary["issues"], labels)
    untested = shell.untested(summary, labels) or say("report.none_untested")
    assumed = shell.assumed(summary, labels) or [say("report.no_assumed")]
    blocks = [
        *figure(drawn),
        *lines(undated, tone="note"),
        *_folded(
            say("report.files"),
            source_table(summary["sources"], labels),
            say("map.heading_sources"),
        ),
        *lines(untested, *assumed),
        *_folded(say("report.heading_issues"), problems, say("report.issues_note")),
        *lines("" if problems.rows else say("report.no_issues")),
    ]
    return Section("sources", say("report.heading_sources"), blocks)


def _method(labels: Labels) -> Section:
    items = Items(labels.texts("report.method"), is_ordered=True)
    return Section("method", labels.text("report.heading_method"), [items])


def _limits(labels: Labels) -> Section:
    items = Items(labels.texts("report.limits"))
    return Section("limits", labels.text("report.heading_limits"), [items])
