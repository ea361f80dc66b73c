"""index.html of many dossiers: one line a company, those that host most first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from geoasm.render import shell
from geoasm.render.dossier_book import caution
from geoasm.render.labels import Labels


class Entry(NamedTuple):
    """One dossier: its folder, whom it is about, and its key figures."""

    folder: str
    name: str
    kind: str
    n_in_force: int
    n_hosted: int
    n_near: int
    n_candidates: int
    n_verify: int


def index_html(
    entries: Sequence[Entry],
    summary: Mapping[str, Any],
    labels: Labels,
    *,
    fewest: int,
    weighed: bool,
    internal: bool,
) -> str:
    """Give the page that leads to the dossiers."""
    text: str = (
        shell.environment()
        .get_template("dossier_index.html.j2")
        .render(
            css=shell.package_text("static", "report.css")
            + shell.package_text("static", "dossier.css"),
            text=labels.text,
            number=labels.number,
            language=labels.text("locale.html"),
            title=labels.text("dossier.index_title"),
            run=shell.title(summary, labels, "report.title"),
            law_date=labels.text("map.law_date", date=labels.day(summary["on"])),
            note=labels.text(
                "dossier.index_note_one" if len(entries) == 1 else "dossier.index_note",
                n=labels.number(len(entries)),
                fewest=labels.number(fewest),
            ),
            weighed=weighed,
            caution=labels.text(caution(weighed=weighed)),
            internal=internal,
            entries=entries,
        )
    )
    return text
