"""Candidates in words: what speaks for each, what against, and what to do first."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geoasm.codes import ASSESSED, RISKS, FactorName, Hinge
from geoasm.model import CandidateRules, Result
from geoasm.render.labels import Labels
from geoasm.render.parties import Names
from geoasm.render.tables import Cell, Table
from geoasm.schema import LIST_SEPARATOR

_BETWEEN = "; "
_SURE = 1.0
_M_PER_KM = 1000.0
_WORKED, _NEARBY = "active_holder", "active_holder_near"  # in the right, or by a unit near it
_SHOWN = 10  # candidates in a report; the others are in the table of the run
_LOUDEST = FactorName.CONFLICT_AREA  # a conflict comes before every other check


def put_into_words(
    candidates: pd.DataFrame, rules: CandidateRules | None, labels: Labels
) -> pd.DataFrame:
    """
    Fill `reasons_for`, `reasons_against` and `next_step` of candidates.

    A merit speaks for a candidate where what is known of it gives `reason_share` of its weight, and
    against it where not even the unknown part could; a risk speaks against it wherever it is known. The
    first step is a conflict, then positions, then the weightiest factor that is not wholly known.

    Parameters
    ----------
    candidates
        Columns of `schema.CANDIDATES`.
    rules
        Factors in the order in which they are told; None leaves the frame as it is.
    """
    if rules is None or candidates.empty:
        return candidates
    said_for = pd.Series("", index=candidates.index, dtype="str")
    against = said_for.copy()
    for factor in rules.factors:
        value = candidates[f"factor_{factor.name}"].fillna(0.0)
        known = candidates[f"known_{factor.name}"].fillna(0.0)
        if factor.name in RISKS:
            against = _add(
                against,
                value * known > 0,
                f"reason_against.{factor.name}",
                factor.name,
                candidates,
                labels,
            )
            continue
        if factor.name is FactorName.SIMPLE_TITLE:
            simple = value >= _SURE
            said_for = _add(
                said_for, simple, "reason_for.simple_title", factor.name, candidates, labels
            )
            against = _add_complications(against, candidates, labels)
            continue
        speaks = value * known >= rules.reason_share
        cannot = value * known + (1.0 - known) < rules.reason_share
        parts = [(speaks, str(factor.name))]
        if factor.name is FactorName.ACTIVE_HOLDER:
            parts = [(speaks & (value == 1.0), _WORKED), (speaks & (value < 1.0), _NEARBY)]
        for mask, key in parts:
            said_for = _add(said_for, mask, f"reason_for.{key}", factor.name, candidates, labels)
        against = _add(
            against, cannot, f"reason_against.{factor.name}", factor.name, candidates, labels
        )
    steps = [labels.text(f"next_step.{key}") for key in _next_steps(candidates, rules)]
    return candidates.assign(
        reasons_for=said_for,
        reasons_against=against,
        next_step=pd.Series(steps, index=candidates.index, dtype="str"),
    )


def _add(
    told: pd.Series,
    mask: pd.Series,
    key: str,
    name: FactorName,
    candidates: pd.DataFrame,
    labels: Labels,
) -> pd.Series:
    if not mask.any():
        return told
    rows = candidates.loc[mask]
    known = (rows["n_registrations"] * rows[f"known_{name}"]).astype("float64").round()
    some = (rows[f"factor_{name}"] * known).round()
    texts = [
        labels.text(
            key,
            count=labels.number(count),
            n=labels.number(n),
            share=labels.percent(share, 0),
            distance=labels.text("common.kilometres", value=labels.number(metres / _M_PER_KM, 1)),
        )
        for count, n, share, metres in zip(
            some, known, rows[f"factor_{name}"], rows["plant_distance_m"], strict=True
        )
    ]
    return _append(told, rows.index, texts)


def _add_complications(told: pd.Series, candidates: pd.DataFrame, labels: Labels) -> pd.Series:
    """Say what makes a title not simple, each fact by itself."""
    facts = (
        ("overlapping", candidates["n_overlapping"].fillna(0) > 0),
        ("joint", candidates["is_joint"].fillna(False).astype(bool)),
        ("shaken", candidates["n_shaken"].fillna(0) > 0),
    )
    for key, mask in facts:
        rows = candidates[mask.to_numpy(dtype=bool)]
        texts = [
            labels.text(
                f"reason_against.title_{key}",
                rights=labels.number(n_rights),
                count=labels.number(count),
                n=labels.number(n),
            )
            for n_rights, count, n in zip(
                rows["n_overlapping"], rows["n_shaken"], rows["n_registrations"], strict=True
            )
        ]
        told = _append(told, rows.index, texts)
    return told


def _append(told: pd.Series, index: pd.Index, texts: list[str]) -> pd.Series:
    before = told.loc[index].where(told.loc[index] == "", told.loc[index] + _BETWEEN)
    told = told.copy()
    told.loc[index] = before + pd.Series(texts, index=index, dtype="str")
    return told


def _next_steps(candidates: pd.DataFrame, rules: CandidateRules) -> pd.Series:
    """Give the key of the first step: a conflict, unsure positions, the weightiest unknown, or talking."""
    step = pd.Series("talk", index=candidates.index)
    open_ = [factor for factor in rules.factors if factor.name not in ASSESSED]
    for factor in sorted(open_, key=lambda f: f.weight):
        unknown = candidates[f"known_{factor.name}"].fillna(0.0) < _SURE
        step = step.mask(unknown, str(factor.name))
    positions = candidates["hinges"].str.contains(Hinge.POSITIONS, regex=False)
    step = step.mask(positions.fillna(False).astype(bool), str(Hinge.POSITIONS))
    conflict = candidates[f"factor_{_LOUDEST}"].fillna(0.0) > 0
    return step.mask(conflict, str(_LOUDEST))


def first(candidates: pd.DataFrame, n: int) -> pd.DataFrame:
    """Give the first candidates by rank; equal ranks in the order of their codes."""
    return candidates.sort_values(["rank", "concession_id"]).head(n)


def score_span(candidates: pd.DataFrame, labels: Labels) -> list[str]:
    """Write each score as the interval that it is."""
    low, high = (np.asarray(candidates[c], dtype="float64") for c in ("score_low", "score_high"))
    return [f"{labels.number(a)}–{labels.number(b)}" for a, b in zip(low, high, strict=True)]


@dataclass(frozen=True)
class Section:
    """What a report says of candidates."""

    lead: str
    clusters: str
    top: Table
    top_caption: str
    reasons: Table
    gates: Table


def section(result: Result, labels: Labels, names: Names) -> Section | None:
    """Lay out the first candidates and why the other rights with registrations are none; None without any."""
    candidates, rejected, waiting = (
        result.candidates, result.candidates_rejected, result.verify_first
    )  # fmt: skip
    if not len(candidates) + len(rejected) + len(waiting):
        return None
    say = labels.text
    lead = say(
        "coexistence.lead",
        candidates=labels.number(len(candidates)),
        verify=labels.number(len(waiting)),
        rejected=labels.number(len(rejected)),
    )
    told = say(
        "coexistence.clusters",
        n=labels.number(len(result.clusters)),
        near=labels.number(result.near_outside["registration_id"].nunique()),
    )
    chosen = first(candidates, _SHOWN)
    caption = say("coexistence.top", n=labels.number(len(chosen)))
    return Section(
        lead,
        told,
        _top_table(chosen, labels, names),
        caption,
        _reasons_table(chosen, labels),
        _gates_table(result, labels),
    )


def _top_table(chosen: pd.DataFrame, labels: Labels, names: Names) -> Table:
    holders = names.holders(chosen["holder_id"]).fillna("")
    heads = ["rank", "right", "count", "score", "firm", "next"]
    rows = [
        [
            Cell(labels.number(row["rank"]), is_number=True),
            Cell(row["concession_id"], is_head=True, note=holder),
            Cell(labels.number(row["n_registrations"]), is_number=True),
            Cell(span, is_number=True, note=_coverage(row, labels)),
            Cell(labels.percent(row["top_share"], 0), note=_hinged(row, labels)),
            Cell(row["next_step"]),
        ]
        for row, span, holder in zip(
            chosen.to_dict("records"), score_span(chosen, labels), holders, strict=True
        )
    ]
    return Table([labels.text(f"coexistence.column_{head}") for head in heads], rows)


def _reasons_table(chosen: pd.DataFrame, labels: Labels) -> Table:
    heads = ["rank", "right", "for", "against"]
    rows = [
        [
            Cell(labels.number(row["rank"]), is_number=True),
            Cell(row["concession_id"], is_head=True),
            Cell(row["reasons_for"]),
            Cell(row["reasons_against"]),
        ]
        for row in chosen.to_dict("records")
    ]
    return Table([labels.text(f"coexistence.column_{head}") for head in heads], rows)


def _coverage(row: Mapping[Hashable, Any], labels: Labels) -> str:
    return labels.text("coexistence.known", share=labels.percent(row["coverage"], 0))


def _hinged(row: Mapping[Hashable, Any], labels: Labels) -> str:
    codes = str(row["hinges"] or "").split(LIST_SEPARATOR)
    return ", ".join(labels.code("hinge", code) for code in codes if code)


def _gates_table(result: Result, labels: Labels) -> Table:
    said = [
        *((labels.code("gate", code), n) for code, n in _counts(result.candidates_rejected["gate"])),
        *((labels.code("verify_first", code), n) for code, n in _counts(result.verify_first["verify"])),
    ]  # fmt: skip
    rows = [[Cell(text, is_head=True), Cell(labels.number(n), is_number=True)] for text, n in said]
    return Table([labels.text(f"coexistence.column_{c}") for c in ("why", "rights")], rows)


def _counts(codes: pd.Series) -> list[tuple[str, int]]:
    counts = codes.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    return [(str(code), int(n)) for code, n in counts.items()]
