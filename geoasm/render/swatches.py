"""Swatches: a style as a small drawing for legends and tables."""

from __future__ import annotations

from markupsafe import Markup

from geoasm.codes import AsmClass
from geoasm.render.styles import CLASS_STYLES, SHAPES, AreaStyle, PointStyle

_HATCH_LINES = {
    0: "M2 6H26M2 10.5H26",
    45: "M4 14L15 3M11 14L22 3M18 14L25 7",
    90: "M7 3V14M13 3V14M19 3V14",
    135: "M4 3L15 14M11 3L22 14M18 3L25 10",
}


def swatch(style: PointStyle | AreaStyle) -> Markup:
    """Draw a style as inline SVG; the words beside it say the same, so readers skip it."""
    if isinstance(style, PointStyle):
        body = Markup('<path transform="translate(14 8.5) scale(6.5)" d="{}" fill="{}"/>').format(
            SHAPES[style.shape].path, style.color
        )
    elif style.line:
        body = Markup(
            '<path d="M2 12L10 5L17 11L26 4" fill="none" stroke="{}" stroke-width="{}"/>'
        ).format(style.color, style.width)
    else:
        outline = Markup(
            '<rect x="2" y="3" width="24" height="11" fill="{0}" fill-opacity="{1}" stroke="{0}"'
            ' stroke-width="{2}" stroke-dasharray="{3}"/>'
        ).format(style.color, style.fill, style.width, " ".join(map(str, style.dash)))
        lines = "" if style.hatch is None else _HATCH_LINES[style.hatch]
        body = outline + Markup('<path d="{}" stroke="{}" stroke-width=".8"/>').format(
            lines, style.color
        )
    return Markup(
        '<svg class="swatch" width="28" height="17" viewBox="0 0 28 17" aria-hidden="true">{}</svg>'
    ).format(body)


def class_swatch(asm_class: str) -> Markup:
    """Draw the marker of a class."""
    return swatch(CLASS_STYLES[AsmClass(asm_class)])
