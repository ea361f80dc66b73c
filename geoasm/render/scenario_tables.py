"""Tables that only a scenario's report has: before beside after, what moved, candidates, regions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from geoasm.codes import AsmClass, CandidateMove, Gate, Pathway
from geoasm.render.labels import Labels
from geoasm.render.swatches import class_swatch
from geoasm.render.tables import Cell, Table, region_level, region_name
from geoasm.schema import LIST_SEPARATOR

_ADMIN = ("admin_1", "admin_2", "admin_3")
_SECTIONS = {"class": "asm_class", "pathway": "pathway"}
_MOVED = ("reason", "class_a", "class_b", "pathway_a", "pathway_b")


def beside_table(rows: Sequence[Mapping[str, Any]], name: str, labels: Labels) -> Table:
    """Lay out classes or pathways (`name`: class or pathway) of both runs, with what leaves and arrives."""
    body = [
        [
            Cell(
                labels.code(_SECTIONS[name], row["code"]),
                is_head=True,
                icon=class_swatch(row["code"]) if name == "class" else "",
            ),
            *(Cell(labels.number(row[side]), is_number=True) for side in ("a", "b")),
            Cell(
                labels.signed(row["b"] - row["a"]),
                is_number=True,
                is_loud=row["a"] != row["b"],
            ),
            *(Cell(labels.number(row[side]), is_number=True) for side in ("out", "in")),
        ]
        for row in rows
    ]
    columns = (f"code_{name}", "a", "b", "difference", "out", "in")
    return Table([labels.text(f"scenario.column_{c}") for c in columns], body)


def reason_table(flows: pd.DataFrame, labels: Labels) -> Table:
    """Lay out what moved, most first: its cause, and from where to where."""
    moved = flows[flows["reason"].notna()]
    counts = moved.groupby(list(_MOVED), dropna=False)["registrations"].sum().reset_index()
    counts = counts.sort_values(["registrations", *_MOVED], ascending=[False, *[True] * 5])
    body = [
        [
            Cell(labels.code("move_reason", row.reason), is_head=True),
            Cell(_way(row.class_a, row.class_b, "asm_class", labels)),
            Cell(_way(row.pathway_a, row.pathway_b, "pathway", labels)),
            Cell(labels.number(row.registrations), is_number=True),
        ]
        for row in counts.itertuples()
    ]
    heads = ("scenario.column_reason", "column.asm_class", "column.pathway", "column.registrations")
    return Table([labels.text(head) for head in heads], body)


def _way(one: Any, other: Any, section: str, labels: Labels) -> str:
    a, b = (
        labels.text("scenario.absent") if pd.isna(code) else labels.code(section, code)
        for code in (one, other)
    )
    return a if a == b else f"{a} → {b}"


def candidate_table(candidates: pd.DataFrame, labels: Labels) -> Table:
    """Lay out the candidates that only one of the runs has."""
    rows = candidates[candidates["move"] != CandidateMove.KEPT]
    body = [
        [
            Cell(str(row.concession_id), is_head=True),
            Cell(labels.code("candidate_move", row.move)),
            Cell(_stop(row.reason, labels)),
            *_scores(row, labels),
        ]
        for row in rows.sort_values(["move", "rank_b", "rank_a"]).itertuples()
    ]
    return Table(_candidate_heads(("right", "move", "stop"), labels), body)


def score_table(candidates: pd.DataFrame, labels: Labels) -> Table:
    """Lay out the candidates of both runs that weigh otherwise, by their place in the scenario."""
    kept = candidates[(candidates["move"] == CandidateMove.KEPT) & candidates["reason"].notna()]
    body = [
        [
            Cell(str(row.concession_id), is_head=True),
            Cell(", ".join(labels.code("factor", f) for f in row.reason.split(LIST_SEPARATOR))),
            *_scores(row, labels),
        ]
        for row in kept.sort_values("rank_b", kind="stable").itertuples()
    ]
    return Table(_candidate_heads(("right", "factors"), labels), body)


def _candidate_heads(columns: Sequence[str], labels: Labels) -> list[str]:
    runs = (labels.text("scenario.column_a"), labels.text("scenario.column_b"))
    return [
        *(labels.text(f"scenario.column_{c}") for c in columns),
        *(labels.text("scenario.column_score", run=run) for run in runs),
    ]


def _scores(row: Any, labels: Labels) -> list[Cell]:
    return [
        Cell("", is_number=True)
        if pd.isna(low)
        else Cell(
            labels.text("scenario.range", low=labels.number(low), high=labels.number(high)),
            is_number=True,
        )
        for low, high in (
            (row.score_low_a, row.score_high_a),
            (row.score_low_b, row.score_high_b),
        )
    ]


def _stop(code: Any, labels: Labels) -> str:
    if pd.isna(code):
        return labels.text("scenario.no_registrations")
    return labels.code("gate" if code in set(Gate) else "verify_first", code)


def region_table(registrations: pd.DataFrame, name: str, labels: Labels) -> Table:
    """
    Lay out by region how many change, and the difference in each class or pathway.

    Parameters
    ----------
    registrations
        As `amendments.Effects` has them.
    name
        "class" or "pathway".
    """
    level = region_level(registrations)
    places = registrations[list(_ADMIN[:level])].fillna("").astype(object)
    moved = registrations["reason"].notna()
    order: type[AsmClass] | type[Pathway] = AsmClass if name == "class" else Pathway
    a, b = (
        pd.get_dummies(registrations[f"{name}_{side}"]).reindex(
            columns=[str(code) for code in order], fill_value=False
        )
        for side in "ab"
    )
    difference = b.astype("int64") - a.astype("int64")
    keys = [places[column] for column in places]
    by = difference.groupby(keys).sum()
    totals = pd.DataFrame({"n": 1, "moved": moved}).groupby(keys).sum()
    codes = [code for code in by if by[code].ne(0).any()]
    body = []
    for place in totals.index[totals["moved"] > 0]:
        named = place if isinstance(place, tuple) else (place,)
        body.append(
            [
                Cell(region_name(named, labels.text("common.no_region")), is_head=True),
                *(Cell(labels.number(totals.loc[place, c]), is_number=True) for c in totals),
                *(Cell(_difference(by.loc[place, c], labels), is_number=True) for c in codes),
            ]
        )
    heads = ("column.region", "column.registrations", "scenario.column_moved")
    icons = [Markup("")] * 3 + [class_swatch(c) if name == "class" else Markup("") for c in codes]
    return Table(
        [*(labels.text(head) for head in heads), *(labels.code(_SECTIONS[name], c) for c in codes)],
        body,
        icons,
    )


def _difference(value: int, labels: Labels) -> str:
    return "" if value == 0 else labels.signed(int(value))


def certainty_table(sides: Sequence[Mapping[str, Any]], labels: Labels) -> Table:
    """Lay out how sure the classes of both runs are."""
    if any(side["expected_elsewhere"] is None for side in sides):
        return Table([], [])
    body = [
        [
            Cell(labels.text(f"scenario.certainty_{told}"), is_head=True),
            *(Cell(labels.number(side[column]), is_number=True) for side in sides),
            Cell(labels.signed(round(sides[1][column]) - round(sides[0][column])), is_number=True),
        ]
        for told, column in (("expected", "expected_elsewhere"), ("shaken", "shaken"))
    ]
    columns = ("measure", "a", "b", "difference")
    return Table([labels.text(f"scenario.column_{c}") for c in columns], body)
