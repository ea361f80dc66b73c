"""Frames of a dossier made ready to be shown: names of rights joined, questions put into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geoasm.codes import SignKind
from geoasm.dossier import CountsFor, Dossier
from geoasm.dossier.counts import count_registrations, list_factors
from geoasm.model import CandidateRules
from geoasm.render.labels import Labels
from geoasm.render.parties import Names

_SECTION_OF = {
    "asm_class": "asm_class",
    "status": "registration_status",
    "activity": "activity",
    "registrant_kind": "party_kind",
    "not_counted": "not_counted",
}
_ALONE = (SignKind.DECLARED_ELSEWHERE, SignKind.SURFACE_LAND)  # that one registration may raise


@dataclass(frozen=True)
class Shown:
    """A dossier with what an audience reads of it; `title` names whom it is about."""

    dossier: Dossier
    summary: Mapping[str, Any]
    rules: CandidateRules | None
    labels: Labels
    names: Names
    title: str
    counts: pd.DataFrame
    candidates: pd.DataFrame
    factors: pd.DataFrame
    rejected: pd.DataFrame
    verify_first: pd.DataFrame
    signs: pd.DataFrame


def make_ready(
    dossier: Dossier,
    summary: Mapping[str, Any],
    rules: CandidateRules | None,
    labels: Labels,
    names: Names,
) -> Shown:
    """Put a dossier into the words of one language and audience."""
    return Shown(
        dossier=dossier,
        summary=summary,
        rules=rules,
        labels=labels,
        names=names,
        title=name_subject(dossier, names),
        counts=_counts(dossier, labels),
        candidates=_named(dossier.candidates, dossier),
        factors=list_factors(dossier.candidates, rules),
        rejected=_named(dossier.rejected, dossier),
        verify_first=_named(dossier.verify_first, dossier),
        signs=_questions(dossier.signs, labels, names),
    )


def name_subject(dossier: Dossier, names: Names) -> str:
    """Name whom a dossier is about."""
    subject = dossier.subject
    if subject.group is not None:
        return subject.group
    return str(names.holders(pd.Series([subject.party], dtype="Int64")).iloc[0])


def _named(frame: pd.DataFrame, dossier: Dossier) -> pd.DataFrame:
    rights = dossier.rights.set_index("concession_id")
    code = frame["concession_id"]
    return frame.assign(name=code.map(rights["name"]), status=code.map(rights["status"]))


def _counts(dossier: Dossier, labels: Labels) -> pd.DataFrame:
    counts = count_registrations(dossier)
    named = [
        labels.text(f"dossier.counts_{code}")
        if code in {*CountsFor}
        else labels.code(_SECTION_OF[dimension], code or None)
        for dimension, code in zip(counts["dimension"], counts["code"], strict=True)
    ]
    return counts.assign(
        value=pd.Series(named, index=counts.index, dtype="str"),
        heading=counts["dimension"].map(lambda d: labels.text(f"dossier.by_{d}")),
    )


def _questions(signs: pd.DataFrame, labels: Labels, names: Names) -> pd.DataFrame:
    """Put signs into words as questions; who has many registrations is told to internal readers only."""
    texts = [_question(row, labels, names) for row in signs.to_dict("records")]
    return signs.assign(question=pd.Series(texts, index=signs.index, dtype="str"))


def _here(row: Mapping[Any, Any], labels: Labels) -> str:
    """Say how many registrations of a sign are on or near, where not all of them are."""
    here, total = row["n_here"], row["n_registrations"]
    if here >= total:
        return ""
    if total == 1:
        return labels.text("dossier.here_alone")
    key = {0: "here_none", 1: "here_one"}.get(here, "here")
    return labels.text(f"dossier.{key}", n=labels.number(here), total=labels.number(total))


def _question(row: Mapping[Any, Any], labels: Labels, names: Names) -> str:
    right, cluster = row["concession_id"], row["cluster_id"]
    key = f"sign.{row['kind']}"
    if row["kind"] == SignKind.MANY_REGISTRATIONS and not names.internal:
        key = "dossier.many_unnamed"
    elif row["n_registrations"] == 1 and row["kind"] in _ALONE:
        key = f"dossier.one_{row['kind']}"
    text = labels.text(
        key,
        subject=row["subject"],
        n=labels.number(row["n_registrations"]),
        registrants=labels.number(row["n_registrants"]),
        cluster="" if pd.isna(cluster) else int(cluster),
        place=labels.text("sign.no_right") if pd.isna(right) else right,
    )
    text = f"{text} {_here(row, labels)}".rstrip()
    first, last = row["first_year"], row["last_year"]
    if pd.isna(first):
        return text
    key = "year" if first == last else "years"
    return f"{text} {labels.text(f'dossier.{key}', first=int(first), last=int(last))}"
