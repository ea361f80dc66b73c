"""One registration's answer in words, from the run alone."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from geoasm.codes import MAIN_ROLES, AsmClass, ConcessionStatus, Setting
from geoasm.manifest import plain
from geoasm.model import Result
from geoasm.render.answer import Answer, Right, gather
from geoasm.render.labels import Labels
from geoasm.render.ledger import ledger
from geoasm.render.parties import Names
from geoasm.render.prospects import checks, doubts, prospects
from geoasm.render.reasons import decision, declared_right, ruled_out

WIDTH = 80
_INDENT = "  "
_SETTING_LIMITS = ("alluvial_slope_max_deg", "hard_rock_slope_min_deg", "alluvial_water_max_m")
_UNIT = re.compile(r"(?<=\d) (?=(?:m|ha)\b)")


class Section(NamedTuple):
    """A heading and the sentences under it; a nested list holds details of the sentence before."""

    heading: str
    lines: Sequence[str | Sequence[str]]


@dataclass(frozen=True)
class Explanation:
    """What is said of one registration; `facts` has the same in codes."""

    title: str
    lead: Sequence[str]
    sections: Sequence[Section]
    notice: Sequence[str]
    facts: Mapping[str, Any]

    def text(self, width: int = WIDTH) -> str:
        """Give plain text, no line longer than `width`."""
        parts = [self.title, "=" * min(len(self.title), width)]
        parts += [_wrap(line, width) for line in self.lead]
        for section in self.sections:
            parts += ["", section.heading, "-" * min(len(section.heading), width)]
            for line in section.lines:
                if isinstance(line, str):
                    parts.append(_wrap(line, width, "- ", _INDENT))
                else:
                    parts += [_wrap(detail, width, _INDENT, _INDENT) for detail in line]
        parts += ["", *(_wrap(line, width) for line in self.notice)]
        return "\n".join(parts) + "\n"

    def machine(self) -> dict[str, Any]:
        """Give facts and texts as values that JSON knows."""
        told = [
            {"heading": s.heading, "lines": [x if isinstance(x, str) else list(x) for x in s.lines]}
            for s in self.sections
        ]
        return {**dict(self.facts), "text": {"lead": list(self.lead), "sections": told}}


def explain(
    result: Result, registration_id: str, labels: Labels, *, audience: str = "public"
) -> Explanation:
    """
    Explain the answer of one registration.

    Parameters
    ----------
    audience
        `public` names legal entities only; `internal` everybody, and says so.

    Raises
    ------
    UnknownRegistration
        The run has no such registration.
    OptionError
        `internal` is asked of a run without its private part.
    """
    names = Names(result, labels, audience)
    answer = gather(result, registration_id, names)
    said: list[tuple[str, Sequence[str | Sequence[str]]]] = [
        ("stack", _stack(answer, labels)),
        ("areas", _areas(answer, labels)),
        ("rule", decision(answer, labels)),
        ("ledger", ledger(answer, str(result.summary["on"]), labels)),
        ("out", ruled_out(answer, labels)),
        ("sure", doubts(answer, labels)),
        ("declared", _declared(answer, labels)),
        ("change", prospects(answer, labels)),
        ("check", checks(answer, labels)),
        ("issues", _issues(answer, labels)),
    ]
    title = labels.text("explain.title", id=registration_id)
    notice = [labels.text("common.disclaimer")]
    if names.internal:
        notice.insert(0, labels.text("common.internal"))
    return Explanation(
        title=title,
        lead=_lead(answer, result, labels),
        sections=[
            Section(labels.text(f"explain.heading_{name}", code=answer.row["concession_id"]), lines)
            for name, lines in said
            if lines
        ],
        notice=notice,
        facts=_facts(answer, result),
    )


def _wrap(line: str, width: int, first: str = "", rest: str = "") -> str:
    # A no-break space keeps a number with its unit; textwrap honours it.
    return textwrap.fill(
        _UNIT.sub("\u00a0", line),
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
    )


def _lead(answer: Answer, result: Result, labels: Labels) -> list[str]:
    row = answer.row
    place = ", ".join(row[name] for name in ("admin_3", "admin_2", "admin_1") if row[name])
    lines = [
        labels.text(
            "explain.class",
            name=labels.class_name(row["asm_class"]),
            note=labels.text(f"asm_class_note.{row['asm_class']}"),
        ),
        labels.text("explain.pathway", pathway=labels.code("pathway", row["pathway"])),
        labels.text(
            "explain.way",
            precondition=labels.code("precondition", row["precondition"]),
            check=labels.code("missing_check", row["missing_check"]),
        ),
    ]
    if row["asm_class"] == AsmClass.ON_LSM_MSM and row["not_counted"]:
        why = labels.code("not_counted", row["not_counted"])
        lines.append(labels.text("explain.not_counted", why=why))
    if answer.by_declared_right:
        lines.append(labels.text("explain.by_declared", right=row["concession_id"]))
    lines.append(
        labels.text(
            "explain.registrant",
            name=answer.registrant or labels.text("common.missing"),
            status=labels.code("registration_status", row["status"]).lower(),
            activity=labels.code("activity", row["activity"]).lower(),
        )
    )
    if row["own_basis"]:
        basis = labels.code("own_basis", row["own_basis"])
        lines.append(labels.text("explain.own_basis", basis=basis))
    if place:
        lines.append(labels.text("explain.place", place=place))
    if row["slope_deg"] is not None or row["water_distance_m"] is not None:
        lines.append(_setting(answer, labels))
    on = labels.text("map.law_date", date=labels.day(result.summary["on"]))
    return [*lines, f"{on}. {_dates(result, labels)}"]


def _setting(answer: Answer, labels: Labels) -> str:
    slope, water = answer.row["slope_deg"], answer.row["water_distance_m"]
    missing = labels.text("common.missing")
    gentle, steep, near = (answer.parameters.get(name) for name in _SETTING_LIMITS)
    key = "setting"
    if slope is not None and answer.row["setting"] == Setting.UNKNOWN:
        if gentle is not None and steep is not None and gentle < slope < steep:
            key = "setting_between"
        elif gentle is not None and near is not None and slope <= gentle:
            key = "setting_dry"

    def degrees(value: float | None) -> str:
        if value is None:
            return missing
        return f"{labels.number(value, 0 if round(value, 1).is_integer() else 1)}°"

    return labels.text(
        f"explain.{key}",
        setting=labels.code("setting", answer.row["setting"]).lower(),
        slope=degrees(slope),
        water=missing if water is None else labels.metres(water),
        gentle=degrees(gentle),
        steep=degrees(steep),
        near=missing if near is None else labels.metres(near),
    )


def _dates(result: Result, labels: Labels) -> str:
    days = {str(source["role"]): source["data_on"] for source in result.summary["sources"]}
    told = {
        role.value: labels.text("map.data_date", date=labels.day(days[role]))
        if days.get(role)
        else labels.text("map.no_data_date")
        for role in MAIN_ROLES
    }
    return labels.text("explain.sources", **told)


def _stack(answer: Answer, labels: Labels) -> list[str | Sequence[str]]:
    if answer.by_declared_right or not answer.is_located:
        return [labels.text("explain.stack_unlocated")]
    if not answer.stack:
        return [labels.text("explain.stack_none")]
    lines: list[str | Sequence[str]] = []
    for right in answer.stack:
        mark = f" — {labels.text('explain.decides')}" if right.decides else ""
        name = f" {right.name}" if right.name else ""
        status = labels.code("concession_status", right.status)
        lines.append(f"{right.code}{name}: {status}{mark}")
        lines.append([f"{'; '.join(_described(right, labels))}."])
    return lines


def _described(right: Right, labels: Labels) -> list[str]:
    """Say of a right what matters to a decision."""
    told = [
        labels.text("explain.filed", day=labels.day(right.filed_on))
        if right.filed_on
        else labels.text("explain.undated"),
        labels.text("explain.holder", name=right.holder)
        if right.is_held
        else labels.text("explain.no_holder"),
    ]
    if right.own:
        told.append(labels.text("explain.own"))
    stratum = labels.code("holder_stratum", right.stratum)
    if right.stratum != "unknown":
        stratum += f", {labels.code('stratum_basis', right.stratum_basis)}"
    of_holder = [stratum]
    if right.activity != "no_evidence":
        of_holder.append(labels.code("holder_activity", right.activity))
    if right.status != ConcessionStatus.TITLED:
        # The registration has no stratum then: this is of a holder without a title at the point.
        of_holder = [labels.text("explain.of_holder", facts=", ".join(of_holder))]
    told += of_holder
    if right.edge_m is not None:
        told.append(labels.text("explain.edge", distance=labels.metres(right.edge_m)))
    return told


def _declared(answer: Answer, labels: Labels) -> list[str | Sequence[str]]:
    first, *rest = declared_right(answer, labels)
    if answer.declared is None or answer.declared in answer.stack:
        return [first, *rest]
    status = labels.code("concession_status", answer.declared.status)
    return [first, [f"{'; '.join([status, *_described(answer.declared, labels)])}."], *rest]


def _areas(answer: Answer, labels: Labels) -> list[str]:
    return [
        labels.text(
            "explain.area",
            role=labels.role(area.role),
            name=area.name or area.area_type or labels.text("common.missing"),
            level=", ".join(
                part
                for part in (
                    area.area_type if area.name else None,
                    labels.code("closure_level", area.level) if area.level else None,
                )
                if part
            ),
        ).replace(" ()", "")
        for area in answer.areas
    ]


def _issues(answer: Answer, labels: Labels) -> list[str | Sequence[str]]:
    lines: list[str | Sequence[str]] = []
    for issue in answer.issues:
        lines.append(
            labels.text(
                "explain.issue",
                role=labels.role(issue.source),
                row=labels.number(issue.row),
                id=f" ({issue.id})" if issue.id else "",
                problem=labels.code("problem", issue.problem),
                value=_joined(issue.field, issue.value),
                action=labels.code("action", issue.action),
            )
        )
        if issue.detail:
            lines.append([labels.text("explain.issue_detail", detail=issue.detail)])
    return lines


def _joined(field: str | None, value: str | None) -> str:
    told = " = ".join(part for part in (field, value) if part and any(map(str.isalnum, part)))
    return f", {told}" if told else ""


def _facts(answer: Answer, result: Result) -> dict[str, Any]:
    """Give what the words rest on, in codes; a run's own names of columns."""

    def rights(found: Iterable[Right]) -> list[dict[str, Any]]:
        return [asdict(right) for right in found]

    row = {name: value for name, value in answer.row.items() if name != "geometry"}
    point = answer.row["geometry"]
    facts = {
        "registration": {**row, "lon": point.x, "lat": point.y} if point else row,
        "registrant": answer.registrant,
        "rule_is_verified": answer.is_verified,
        "rights": rights(answer.stack),
        "neighbours": rights(answer.neighbours),
        "declared_right": asdict(answer.declared) if answer.declared else None,
        "areas": [asdict(area) for area in answer.areas],
        "flags": answer.flags,
        "untested": answer.untested,
        "evidence": [asdict(piece) for piece in answer.ledger],
        "issues": [asdict(issue) for issue in answer.issues],
        "law_on": result.summary.get("on"),
    }
    told: dict[str, Any] = plain(facts)
    return told
