"""Bars and spans as inline SVG that needs nothing, prints, and says in words what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from geoasm.render.styles import SHAPES, PointStyle

WIDTH = 640
_ROW, _BAR, _NAME = 34, 11, 12  # height of a row, of its bar, of its letters
_LEFT, _RIGHT = 22, 78
_AXIS = 22
_LONGEST = 60  # letters that fit a row, in capitals too
_GROUND, _LINE, _INK = "#eceae2", "#c9c6b8", "#23241f"


class Figure(NamedTuple):
    """A drawing with its caption, and a legend of drawings and words where it needs one."""

    svg: Markup
    caption: str
    legend: Sequence[tuple[Markup, str]] = ()


class Bar(NamedTuple):
    """One row: its name, its value and the text of it, its marker."""

    name: str
    value: float
    text: str
    style: PointStyle


class Span(NamedTuple):
    """One row: its name, two ends, and the text of them."""

    name: str
    low: float
    high: float
    text: str


def svg(body: Markup, width: float, height: float, title: str, name: str) -> Markup:
    """Wrap a drawing: `title` is what a screen reader says, `name` tells it from others of the page."""
    return Markup(
        '<svg class="figure" role="img" aria-labelledby="{name}" viewBox="0 0 {width:g} {height:g}" '
        'width="{width:g}" height="{height:g}"><title id="{name}">{title}</title>{body}</svg>'
    ).format(name=name, width=width, height=height, title=title, body=body)


def marker(style: PointStyle, x: float, y: float, radius: float, halo: float = 0.0) -> Markup:
    """Draw a marker; a halo of white parts it from what lies under it."""
    return Markup(
        '<path transform="translate({x:.1f} {y:.1f}) scale({r})" d="{d}" fill="{color}" '
        'stroke="#fff" stroke-width="{halo}" paint-order="stroke"/>'
    ).format(x=x, y=y, r=radius, d=SHAPES[style.shape].path, color=style.color, halo=halo)


def letters(text: str, x: float, y: float, *, size: float = _NAME, anchor: str = "start") -> Markup:
    """Write a text."""
    return Markup(
        '<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{ink}">'
        "{text}</text>"
    ).format(x=x, y=y, size=size, anchor=anchor, ink=_INK, text=text)


def bars(rows: Sequence[Bar], title: str, name: str) -> Markup:
    """Draw a bar for each row, measured against the longest, its name above it."""
    whole = max((row.value for row in rows), default=0.0) or 1.0
    room = WIDTH - _LEFT - _RIGHT
    body = Markup("")
    for i, row in enumerate(rows):
        top = i * _ROW
        length = room * row.value / whole
        body += marker(row.style, 10, top + 9, 6.5)
        body += letters(_cut(row.name), _LEFT, top + 13)
        body += _rect(_LEFT, top + 18, room, _GROUND) + _rect(
            _LEFT, top + 18, length, row.style.color
        )
        body += letters(row.text, WIDTH - _RIGHT + 6, top + 27)
    return svg(body, WIDTH, len(rows) * _ROW + 2, title, name)


def spans(
    rows: Sequence[Span], ends: tuple[float, float], color: str, title: str, name: str
) -> Markup:
    """Draw an interval for each row on a common axis, its name above it."""
    low, high = ends
    room, bottom = WIDTH - _LEFT - _RIGHT, len(rows) * _ROW

    def at(value: float) -> float:
        return _LEFT + room * (value - low) / (high - low)

    body = Markup("")
    for k in range(5):
        value = low + (high - low) * k / 4
        body += Markup('<path d="M{x:.1f} 16V{bottom}" stroke="{color}" stroke-width="1"/>').format(
            x=at(value), bottom=bottom + 4, color=_LINE
        )
        body += letters(f"{value:g}", at(value), bottom + 17, size=11, anchor="middle")
    for i, row in enumerate(rows):
        top = i * _ROW
        # White under the name, so that no line of the axis runs through it.
        body += Markup('<rect x="0" y="{y}" width="{w}" height="16" fill="#fff"/>').format(
            y=top + 1, w=WIDTH
        )
        body += letters(_cut(row.name), _LEFT, top + 13)
        width = max(at(row.high) - at(row.low), 2.0)
        body += _rect(_LEFT, top + 18, room, _GROUND, opacity=0.55)
        body += _rect(at(row.low), top + 18, width, color)
        body += letters(row.text, WIDTH - _RIGHT + 6, top + 27)
    return svg(body, WIDTH, bottom + _AXIS, title, name)


def _rect(x: float, y: float, width: float, color: str, opacity: float = 1.0) -> Markup:
    return Markup(
        '<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h}" fill="{c}" fill-opacity="{o}"/>'
    ).format(x=x, y=y, w=width, h=_BAR, c=color, o=opacity)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
