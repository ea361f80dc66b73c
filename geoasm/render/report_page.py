"""A report as one page: title, what it is of, sections with a list of contents."""

from __future__ import annotations

from collections.abc import Sequence

from geoasm.render import shell
from geoasm.render.labels import Labels
from geoasm.render.report_parts import Section


def page_html(
    labels: Labels,
    sections: Sequence[Section | None],
    *,
    title: str,
    subtitle: str = "",
    dated: str = "",
    foot: str = "",
    internal: bool = False,
) -> str:
    """
    Give a report as one page that needs nothing.

    Parameters
    ----------
    sections
        Those that have something to say are shown, in their order.
    dated
        Line of the head that says of which day the report is.
    foot
        Line of the foot, before what every page says of itself.
    internal
        The page says that it has names in it.
    """
    text: str = (
        shell.environment()
        .get_template("report.html.j2")
        .render(
            css=shell.package_text("static", "report.css"),
            text=labels.text,
            language=labels.text("locale.html"),
            title=title,
            subtitle=subtitle,
            dated=dated,
            foot=foot,
            internal=internal,
            sections=[section for section in sections if section is not None and section.blocks],
        )
    )
    return text
