"""Columns of a dossier's tables: what each holds, how it is put into words, where it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geoasm.dossier import Sheet
from geoasm.render.labels import Labels
from geoasm.render.parties import Names
from geoasm.render.payload import words
from geoasm.render.tables import Cell, Table
from geoasm.schema import LIST_SEPARATOR

_FREE = frozenset({"name", "group", "admin_3"})  # as a source wrote it, one long word perhaps
_WEIGHED = frozenset(
    {"near_id", "near_distance_m", "n_near", "cluster_id", "not_counted", "counts_for"}
)
_NUMBERS = frozenset({"integer", "whole", "number", "hectares", "metres", "share"})


@dataclass(frozen=True)
class Spec:
    """
    One column.

    `kind` is a kind of `geoasm.dossier.Sheet`, or `holder`, `registrant`, `flags`, `evidence`,
    `yes_no`. `section` of the catalogue puts codes into words; of codes joined by a separator, each.
    """

    name: str
    kind: str = "text"
    section: str = ""
    title: str = ""  # key of the head in the catalogue, where it is not the name
    on_page: bool = False

    @property
    def is_number(self) -> bool:
        """Tell whether it holds numbers, which line up at the right."""
        return self.kind in _NUMBERS

    @property
    def written(self) -> str:
        """Kind of the column of a sheet."""
        if self.is_number or self.kind in {"date", "long"}:
            return self.kind
        return "long" if self.kind in {"flags", "evidence"} else "text"


def specs(*rows: str) -> tuple[Spec, ...]:
    """Make columns of lines `name kind section title`; a star before the name puts it on the page."""
    out: list[Spec] = []
    for row in rows:
        told = ["" if word == "-" else word for word in row.split()]
        name, kind, section, title = [*told, *("", "text", "", "")[len(told) :]]
        out.append(Spec(name.lstrip("*"), kind, section, title, on_page=name.startswith("*")))
    return tuple(out)


def without_candidates(columns: Iterable[Spec]) -> tuple[Spec, ...]:
    """Leave out the columns that a run has only where its profile weighs candidates."""
    return tuple(spec for spec in columns if spec.name not in _WEIGHED)


def head(spec: Spec, labels: Labels) -> str:
    """Give the head of a column."""
    return labels.text(f"dossier_column.{spec.title or spec.name}")


def tell(
    frame: pd.DataFrame, columns: Iterable[Spec], labels: Labels, names: Names
) -> pd.DataFrame:
    """Put the codes of a frame into words; numbers and dates stay what they are."""
    return pd.DataFrame(
        {spec.name: _said(frame, spec, labels, names) for spec in columns}, index=frame.index
    )


def _said(frame: pd.DataFrame, spec: Spec, labels: Labels, names: Names) -> pd.Series:
    values = frame[spec.name]
    if spec.kind == "holder":
        return names.holders(values)
    if spec.kind == "registrant":
        return names.registrants(values, frame["registrant_kind"])
    if spec.kind == "flags":
        return words(values, labels.flags)
    if spec.kind == "evidence":
        return words(values, lambda text: labels.evidence(text) if text else None)
    if spec.kind == "yes_no":
        return words(values, lambda flag: labels.text(f"dossier.{'yes' if flag else 'no'}"))
    if spec.section:
        return words(values, lambda code: _codes(str(code), spec.section, labels))
    return values


def _codes(joined: str, section: str, labels: Labels) -> str | None:
    return (
        "; ".join(labels.code(section, code) for code in joined.split(LIST_SEPARATOR) if code)
        or None
    )


def sheet(
    title: str, frame: pd.DataFrame, columns: Sequence[Spec], labels: Labels, names: Names
) -> Sheet:
    """Lay a frame out as a sheet: every column."""
    told = tell(frame, columns, labels, names)
    return Sheet(
        title,
        [head(spec, labels) for spec in columns],
        [spec.written for spec in columns],
        list(told.itertuples(index=False, name=None)),
    )


def page_table(
    frame: pd.DataFrame,
    columns: Sequence[Spec],
    labels: Labels,
    names: Names,
    *,
    most: int | None = None,
) -> Table:
    """Lay the first rows of a frame out for the page: the columns that stand there, by `classes`."""
    shown = [spec for spec in columns if spec.on_page]
    told = tell(frame.head(most) if most else frame, shown, labels, names)
    body = [
        [
            Cell(_written(value, spec, labels), is_head=i == 0, is_number=spec.is_number)
            for i, (value, spec) in enumerate(zip(row, shown, strict=True))
        ]
        for row in told.itertuples(index=False, name=None)
    ]
    return Table([head(spec, labels) for spec in shown], body)


def classes(columns: Iterable[Spec]) -> list[str]:
    """Tell how each column of the page is set: `number`, `code` (kept whole), `free` text, or as it comes."""
    return [
        "number"
        if spec.is_number
        else "code"
        if spec.name.endswith("_id") and spec.kind == "text"
        else "free"
        if spec.kind == "holder" or spec.name in _FREE
        else ""
        for spec in columns
        if spec.on_page
    ]


def _written(value: Any, spec: Spec, labels: Labels) -> str:
    writers: Mapping[str, Any] = {
        "integer": labels.number,
        "whole": lambda v: str(int(v)),
        "number": lambda v: labels.number(v, 1),
        "hectares": lambda v: labels.number(v, 1),
        "metres": labels.number,
        "share": labels.percent,
        "date": labels.day,
    }
    if pd.isna(value) or value == "":
        return "–"
    return str(writers[spec.kind](value)) if spec.kind in writers else str(value)


HOLDERS = specs(
    "*holder_id holder",
    "*part text dossier_part",
    "holder_kind text party_kind",
    "*group",
    "*stratum text holder_stratum",
    "*stratum_basis text stratum_basis",
    "*n_in_force integer",
    "*in_force_ha hectares",
    "*n_pending integer",
    "*total_ha hectares",
    "n_active integer",
    "*idle_ha hectares",
    "*n_hosted integer",
    "n_members integer",
    "is_registered yes_no",
)
RIGHTS = specs(
    "*concession_id",
    "*name",
    "*status text concession_status",
    "*filed_on date",
    "holder_id holder",
    "holder_stratum text holder_stratum",
    "stratum_basis text stratum_basis",
    "*area_ha hectares",
    "*holder_activity text holder_activity",
    "*activity_evidence evidence",
    "activity_conflict yes_no",
    "substance text substance",
    "*n_registrations integer",
    "disturbed_ha hectares",
    "disturbed_share share",
    "disturbed_year whole",
)
OVERLAPS = specs(
    "*own_id",
    "*other_id",
    "*other_holder_id holder",
    "*other_status text concession_status",
    "is_own yes_no",
    "*overlap_ha hectares",
    "*share_of_own share",
    "*senior text dossier_senior",
    "*relation text relation",
)
EVIDENCE = specs(
    "concession_id",
    "kind text evidence_kind",
    "says text evidence_says",
    "counts yes_no",
    "scope text evidence_scope",
    "year whole",
    "observed_on date",
    "subject",
    "distance_m metres",
    "by_holder yes_no",
    "source text role",
)
REGISTRATIONS = specs(
    "registration_id",
    "place text dossier_place",
    "status text registration_status",
    "activity text activity",
    "registrant_kind text party_kind",
    "asm_class text asm_class",
    "pathway text pathway",
    "title_relation text title_relation",
    "concession_id",
    "class_probability share",
    "second_class text asm_class",
    "edge_distance_m metres",
    "near_id",
    "near_distance_m metres",
    "declared_right_id",
    "declared_relation text declared_relation",
    "setting text setting",
    "flags flags",
    "cluster_id whole",
    "counts_for text dossier_counts_for",
    "not_counted text not_counted",
    "precondition text precondition",
    "missing_check text missing_check",
    "admin_1",
    "admin_2",
    "admin_3",
)
REGISTRANT = specs("registrant_id registrant")
NEAR = specs(
    "*registration_id",
    "*concession_id text - near_id",
    "*holder_id holder",
    "*distance_m metres",
    "*asm_class text asm_class",
    "*not_counted text not_counted",
    "*cluster_id whole",
)
CLUSTERS = specs(
    "*cluster_id whole",
    "*n_registrations integer",
    "*n_on integer",
    "*n_near integer",
    "*n_registrants integer",
    "*n_active integer - n_active_registrations",
    "*active_share share",
    "n_places integer",
    "n_concessions integer",
    "concession_ids",
    "*classes text asm_class",
    "admin_1",
    "admin_2",
    "*admin_3",
)
CANDIDATES = specs(
    "*rank integer",
    "*concession_id",
    "*name",
    "holder_id holder",
    "*n_registrations integer",
    "*n_active integer - n_active_registrations",
    "*n_registrants integer",
    "*n_clusters integer",
    "*score_low number",
    "*score_high number",
    "*coverage share",
    "*top_share share",
    "reasons_for long",
    "reasons_against long",
    "next_step long",
    "hinges text hinge",
    "pivot_up text factor",
    "rank_up integer",
    "pivot_down text factor",
    "rank_down integer",
    "plant_distance_m metres",
)
FACTORS = specs(
    "rank integer",
    "concession_id",
    "factor text factor",
    "value share",
    "known share",
    "weight number",
)
REJECTED = specs(
    "*concession_id",
    "*name",
    "*status text concession_status",
    "*gate text gate",
    "*n_registrations integer",
    "*n_counted integer",
)
VERIFY_FIRST = specs(
    "*concession_id",
    "*name",
    "*verify text verify_first",
    "*n_registrations integer",
    "*n_active integer - n_active_registrations",
    "*n_clusters integer",
)
COUNTS = specs(
    "heading",
    "value",
    "n_on integer",
    "n_on_title integer",
    "n_near integer",
    "probability share",
    "n_edge integer",
)
SIGNS = specs(
    "question long",
    "concession_id",
    "cluster_id whole",
    "n_registrations integer",
    "n_here integer",
    "n_registrants integer",
    "first_year whole",
    "last_year whole",
)
