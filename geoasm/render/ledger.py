"""The ledger of evidence on the right that decided, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from geoasm.codes import ConcessionStatus, EvidenceKind, EvidenceScope, Flag
from geoasm.render.answer import Answer, Piece
from geoasm.render.labels import Labels


def ledger(answer: Answer, on: str, labels: Labels) -> list[str | Sequence[str]]:
    """
    List every piece of evidence on the title that decided, then what they add up to.

    Parameters
    ----------
    on
        Day of the run, ISO.
    """
    right = answer.decider
    if right is None or right.status != ConcessionStatus.TITLED:
        return []
    lines: list[str | Sequence[str]] = [_piece(piece, on, labels) for piece in answer.ledger]
    if all(piece.kind == EvidenceKind.FILING for piece in answer.ledger):
        lines.append(labels.text("explain.ledger_none", day=labels.day(on)))
    activity = labels.code("holder_activity", right.activity)
    lines.append(labels.text("explain.ledger_sum", activity=activity))
    if Flag.ACTIVITY_CONFLICT in answer.flags:
        lines.append(labels.text("explain.ledger_conflict"))
    return lines


def _piece(piece: Piece, on: str, labels: Labels) -> str:
    kind = labels.code("evidence_kind", piece.kind)
    if piece.kind == EvidenceKind.FILING and piece.year is not None:
        years = labels.number(date.fromisoformat(on).year - piece.year)
        told = labels.text("explain.ledger_filing", years=years)
        return labels.text("explain.ledger", kind=kind, when=_when(piece, labels), facts=told)
    facts = [piece.subject] if piece.subject else []
    if piece.scope != EvidenceScope.RIGHT:
        facts.append(labels.code("evidence_scope", piece.scope))
    if piece.distance_m:
        facts.append(labels.metres(piece.distance_m))
    says = labels.code("evidence_says", piece.says)
    facts.append(labels.text(f"explain.ledger_{'counts' if piece.counts else 'listed'}", says=says))
    facts.append(labels.role(piece.source))
    return labels.text(
        "explain.ledger", kind=kind, when=_when(piece, labels), facts="; ".join(facts)
    )


def _when(piece: Piece, labels: Labels) -> str:
    if piece.observed_on:
        return f" {labels.day(piece.observed_on)}"
    return labels.text("explain.ledger_undated") if piece.year is None else f" {piece.year}"
