"""What a run folder takes from here: its pages and its QGIS styles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from geoasm.model import Result
from geoasm.render.labels import Labels
from geoasm.render.map import map_html
from geoasm.render.qml import style_rows
from geoasm.render.report import report_html

MAP, REPORT = "map.html", "report.html"


def draw_pages(result: Result, language: str, *, audience: str = "public") -> dict[str, str]:
    """
    Draw the map and the report of a run: file name to HTML.

    Raises
    ------
    OptionError
        There is no such language, or `internal` is asked of a result without parties.
    """
    labels = Labels(language)
    return {
        MAP: map_html(result, labels, audience=audience),
        REPORT: report_html(result, labels, audience=audience),
    }


def layer_styles(language: str) -> Sequence[Mapping[str, object]]:
    """
    Give the rows of a GeoPackage's `layer_styles`.

    Raises
    ------
    OptionError
        There is no such language.
    """
    return style_rows(Labels(language))
