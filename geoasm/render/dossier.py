"""dossier.html: a holder's or group's rights, who stands on and near them, and what to verify."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from geoasm.codes import AsmClass, SignKind
from geoasm.render import dossier_columns as of
from geoasm.render import shell
from geoasm.render.dossier_book import caution, key_figures, limits, method
from geoasm.render.dossier_map import draw_maps
from geoasm.render.dossier_parts import Shown
from geoasm.render.figures import Bar, Figure, Span, bars, spans
from geoasm.render.labels import Labels
from geoasm.render.styles import CANDIDATE_STYLE, CLASS_STYLES
from geoasm.render.tables import Cell, Table

_MOST_ROWS = 60  # of a table on the page; the workbook has them all
_SHORT_ROWS = 14  # that are not parted between two sheets of paper
_MOST_CARDS = 20
_MOST_SIGNS = 30  # of a kind
_FULL = 100.0  # points of a score


class Listed(NamedTuple):
    """A table on the page, its caption, what is said where rows were left out, how columns are set."""

    table: Table
    caption: str
    cut: str = ""
    wide: bool = False
    classes: Sequence[str] = ()

    @property
    def is_short(self) -> bool:
        """Tell whether it stays on one sheet of paper."""
        return len(self.table.rows) <= _SHORT_ROWS


def dossier_html(shown: Shown) -> str:
    """Give a dossier as one page that needs nothing and prints."""
    labels, summary, dossier = shown.labels, shown.summary, shown.dossier
    maps, left_out = draw_maps(dossier, labels)
    text: str = (
        shell.environment()
        .get_template("dossier.html.j2")
        .render(
            css=shell.package_text("static", "report.css")
            + shell.package_text("static", "dossier.css"),
            text=labels.text,
            language=labels.text("locale.html"),
            title=labels.text("dossier.title", name=shown.title),
            run=shell.title(summary, labels, "report.title"),
            law_date=labels.text("map.law_date", date=labels.day(summary["on"])),
            internal=shown.names.internal,
            weighed=dossier.weighed,
            caution=labels.text(caution(weighed=dossier.weighed)),
            keys=key_figures(shown),
            holders=_listed(shown, dossier.holders, of.HOLDERS, "holders", wide=True),
            members=_members_note(shown),
            maps=maps,
            maps_left_out=_maps_left_out(left_out, labels),
            not_drawn=_not_drawn(shown),
            statuses=_statuses(shown),
            rights=_listed(shown, _by_weight(dossier.rights), of.RIGHTS, "rights", wide=True),
            overlaps=_listed(shown, dossier.overlaps, of.OVERLAPS, "overlaps", wide=True),
            evidence=_evidence(shown),
            no_evidence=labels.text("dossier.no_evidence", day=labels.day(summary["on"])),
            by_class=_by_class(shown),
            counts=_counts(shown),
            near=_listed(shown, _by_distance(dossier.near), of.NEAR, "near", wide=True),
            clusters=_listed(shown, dossier.clusters, of.CLUSTERS, "clusters", wide=True),
            ranking=_ranking(shown),
            candidates=_listed(shown, shown.candidates, of.CANDIDATES, "candidates", wide=True),
            cards=_cards(shown),
            stable=_stable(shown),
            rejected=_rejected(shown),
            verify=_listed(shown, shown.verify_first, of.VERIFY_FIRST, "verify_first"),
            signs=_signs(shown),
            sources=_sources(summary["sources"], labels),
            method=method(shown),
            limits=limits(shown),
            failed=shell.failed(summary, labels),
        )
    )
    return text


def _listed(
    shown: Shown, frame: pd.DataFrame, columns: Sequence[of.Spec], name: str, *, wide: bool = False
) -> Listed | None:
    """Lay out the first rows of a table; None where it has none."""
    if frame.empty:
        return None
    labels = shown.labels
    table = of.page_table(frame, columns, labels, shown.names, most=_MOST_ROWS)
    cut = _cut(len(frame), _MOST_ROWS, labels)
    return Listed(table, labels.text(f"dossier.caption_{name}"), cut, wide, of.classes(columns))


def _cut(n: int, most: int, labels: Labels) -> str:
    if n <= most:
        return ""
    return labels.text("dossier.cut", shown=labels.number(most), n=labels.number(n))


def _by_weight(rights: pd.DataFrame) -> pd.DataFrame:
    """Put the rights with most registrations first."""
    order = ["n_registrations", "area_ha", "concession_id"]
    return rights.sort_values(order, ascending=[False, False, True])


def _by_distance(near: pd.DataFrame) -> pd.DataFrame:
    return near.sort_values(["distance_m", "registration_id", "concession_id"])


def _maps_left_out(n: int, labels: Labels) -> str:
    if not n:
        return ""
    key = "dossier.maps_left_out_one" if n == 1 else "dossier.maps_left_out"
    return labels.text(key, n=labels.number(n))


def _members_note(shown: Shown) -> str:
    known = shown.dossier.subject.knows_members
    return shown.labels.text("dossier.joint" if known else "dossier.no_members")


def _not_drawn(shown: Shown) -> str:
    n = int(shown.dossier.registrations["geometry"].isna().sum())
    return shown.labels.text("map.not_drawn", n=shown.labels.number(n)) if n else ""


def _statuses(shown: Shown) -> Listed | None:
    """Count rights by status, with the sum of their hectares."""
    rights, labels = shown.dossier.rights, shown.labels
    if rights.empty:
        return None
    grouped = rights.groupby("status", dropna=False)["area_ha"].agg(["size", "sum"])
    overlapped = rights["concession_id"].isin(shown.dossier.overlaps["own_id"])
    overlapped |= rights["concession_id"].isin(
        shown.dossier.overlaps.loc[shown.dossier.overlaps["is_own"], "other_id"]
    )
    met = overlapped.groupby(rights["status"]).sum()
    body = [
        [
            Cell(labels.code("concession_status", status), is_head=True),
            Cell(labels.number(row["size"]), is_number=True),
            Cell(labels.number(row["sum"], 1), is_number=True),
            Cell(labels.number(met.get(status, 0)), is_number=True),
        ]
        for status, row in grouped.sort_values("size", ascending=False, kind="stable").iterrows()
    ]
    heads = [labels.text(f"dossier_column.{c}") for c in ("status", "n_rights", "sum_ha", "n_overlapped")]  # fmt: skip
    return Listed(Table(heads, body), labels.text("dossier.caption_statuses"))


def _evidence(shown: Shown) -> Listed | None:
    """Count rights and pieces of evidence by kind, by what they say, and whether they count."""
    rows, labels = shown.dossier.evidence, shown.labels
    if rows.empty:
        return None
    grouped = rows.groupby(["kind", "says", "counts"], dropna=False)
    table = grouped.agg(pieces=("concession_id", "size"), rights=("concession_id", "nunique"))
    order = table.reset_index().sort_values(["counts", "pieces"], ascending=False, kind="stable")
    body = [
        [
            Cell(labels.code("evidence_kind", row["kind"]), is_head=True),
            Cell(labels.code("evidence_says", row["says"])),
            Cell(labels.text(f"dossier.{'yes' if row['counts'] else 'no'}")),
            Cell(labels.number(row["pieces"]), is_number=True),
            Cell(labels.number(row["rights"]), is_number=True),
        ]
        for row in order.to_dict("records")
    ]
    heads = [labels.text(f"dossier_column.{c}") for c in ("kind", "says", "counts", "n_pieces", "n_rights")]  # fmt: skip
    return Listed(Table(heads, body), labels.text("dossier.caption_evidence"))


def _by_class(shown: Shown) -> Figure | None:
    labels = shown.labels
    rows = shown.counts[(shown.counts["dimension"] == "asm_class") & (shown.counts["n_on"] > 0)]
    if rows.empty:
        return None
    made = [
        Bar(
            row["value"],
            float(row["n_on"]),
            labels.number(row["n_on"]),
            CLASS_STYLES[AsmClass(row["code"])],
        )
        for row in rows.sort_values("n_on", ascending=False, kind="stable").to_dict("records")
    ]
    caption = labels.text("dossier.figure_classes")
    return Figure(bars(made, _spoken(caption, [(b.name, b.text) for b in made]), "classes-figure"), caption)  # fmt: skip


def _spoken(caption: str, rows: Sequence[tuple[str, str]]) -> str:
    return f"{caption}: " + "; ".join(f"{name}: {text}" for name, text in rows)


def _counts(shown: Shown) -> list[Listed]:
    """Lay out counts of registrations, a table for each way of counting."""
    labels, tables = shown.labels, []
    for dimension, rows in shown.counts.groupby("dimension", sort=False):
        columns = [s for s in of.COUNTS if s.name != "heading"]
        if not shown.dossier.weighed or dimension == "not_counted":
            columns = [s for s in columns if s.name != "n_near"]
        if dimension != "asm_class":
            columns = [s for s in columns if s.name not in {"probability", "n_edge"}]
        title = {"value": "n_registrations"}
        on_page = [
            of.Spec(s.name, s.kind, s.section, title.get(s.name, ""), on_page=True) for s in columns
        ]
        table = of.page_table(rows, on_page, labels, shown.names)
        tables.append(Listed(table, str(rows["heading"].iloc[0])))
    return tables


def _ranking(shown: Shown) -> Figure | None:
    labels, rows = shown.labels, shown.candidates.head(_MOST_CARDS)
    if rows.empty:
        return None
    made = [
        Span(
            f"{row['rank']}. {row['concession_id']} {_text(row['name'])}",
            row["score_low"],
            row["score_high"],
            _score(row, labels),
        )
        for row in rows.to_dict("records")
    ]
    caption = labels.text("dossier.figure_scores")
    said = _spoken(caption, [(span.name, span.text) for span in made])
    drawn = spans(made, (0.0, _FULL), CANDIDATE_STYLE.color, said, "scores-figure")
    return Figure(drawn, caption)


def _cards(shown: Shown) -> list[dict[str, str]]:
    """Put each candidate into words: what speaks for and against it, and what it hangs on."""
    labels = shown.labels
    told = of.tell(shown.candidates.head(_MOST_CARDS), of.CANDIDATES, labels, shown.names)
    return [
        {
            "head": labels.text(
                "dossier.card_head",
                rank=row["rank"],
                total=labels.number(shown.dossier.n_ranked),
                code=row["concession_id"],
                name=_text(row["name"]),
            ),
            "score": _score(row, labels),
            "coverage": labels.percent(row["coverage"], 0),
            "top_share": _top_share(row["top_share"], shown),
            **{c: _text(row[c]) for c in ("reasons_for", "reasons_against", "next_step", "hinges")},
            **{way: _pivot(row, way, labels) for way in ("up", "down")},
        }
        for row in told.to_dict("records")
    ]


def _pivot(row: Mapping[Any, Any], way: str, labels: Labels) -> str:
    if pd.isna(row[f"pivot_{way}"]):
        return ""
    return labels.text(
        f"dossier.pivot_{way}", factor=row[f"pivot_{way}"], rank=labels.number(row[f"rank_{way}"])
    )


def _top_share(share: float, shown: Shown) -> str:
    """Say how often it stays at the top, of what is drawn."""
    if shown.rules is None or pd.isna(share):
        return ""
    top, total = shown.rules.top, shown.dossier.n_ranked
    key = "card_all" if total <= top else "card_stable"
    number, percent = shown.labels.number, shown.labels.percent
    return shown.labels.text(
        f"dossier.{key}", share=percent(share, 0), top=top, total=number(total)
    )


def _stable(shown: Shown) -> str:
    if shown.rules is None or shown.candidates.empty:
        return ""
    top, total = shown.rules.top, shown.dossier.n_ranked
    key = "stable_one" if total == 1 else "stable_few" if total <= top else "stable"
    return shown.labels.text(f"dossier.{key}", top=top, total=shown.labels.number(total))


def _rejected(shown: Shown) -> Listed | None:
    """Count the rights that stop at each gate; the workbook lists them."""
    labels = shown.labels
    if shown.rejected.empty:
        return None
    grouped = shown.rejected.groupby("gate").agg(
        rights=("concession_id", "size"), registrations=("n_registrations", "sum")
    )
    body = [
        [
            Cell(labels.code("gate", gate), is_head=True),
            Cell(labels.number(row["rights"]), is_number=True),
            Cell(labels.number(row["registrations"]), is_number=True),
        ]
        for gate, row in grouped.sort_values("rights", ascending=False, kind="stable").iterrows()
    ]
    heads = [labels.text(f"dossier_column.{c}") for c in ("gate", "n_rights", "n_registrations")]
    return Listed(Table(heads, body), labels.text("dossier.caption_rejected"))


def _signs(shown: Shown) -> list[tuple[str, list[str], str]]:
    """Give the questions of each kind: heading, questions, what was left out."""
    out = []
    for kind in SignKind:
        rows = shown.signs[shown.signs["kind"] == kind].sort_values("n_registrations", ascending=False, kind="stable")  # fmt: skip
        if len(rows):
            heading = shown.labels.text(f"dossier.sign_{kind}", n=shown.labels.number(len(rows)))
            cut = _cut(len(rows), _MOST_SIGNS, shown.labels)
            out.append((heading, list(rows["question"].head(_MOST_SIGNS)), cut))
    return out


def _sources(rows: Sequence[Mapping[str, Any]], labels: Labels) -> Listed:
    body = [
        [
            Cell(labels.role(row["role"]), is_head=True),
            Cell(str(row["name"])),
            Cell(labels.number(row["rows"]), is_number=True),
            Cell(labels.day(row["data_on"]) if row["data_on"] else labels.text("map.no_data_date")),
        ]
        for row in rows
    ]
    heads = [labels.text(f"column.{c}") for c in ("role", "file", "rows", "data_on")]
    return Listed(Table(heads, body), labels.text("map.heading_sources"))


def _score(row: Mapping[Any, Any], labels: Labels) -> str:
    return f"{labels.number(row['score_low'])}–{labels.number(row['score_high'])}"


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)
