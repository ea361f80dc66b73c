"""Drawings as inline SVG that need nothing, print, and say in words what they show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from geoasm.render.styles import SHAPES, PointStyle

WIDTH = 640
NARROW = 460  # its letters can still be read where a telephone shrinks it
INK, LINE, PLAIN = "#23241f", "#85877e", "#0b5c8a"
_BLACK, _WHITE = "#000000", "#ffffff"
_ROW, _BAR, _NAME = 34, 11, 12  # height of a row, of its bar, of its letters
_LEFT, _RIGHT = 22, 78
_STEP = 9  # how far a row is set in under what it is a part of
_AXIS = 22
_VISIBLE = 6.0  # length from which a range has two ends that can be told apart
_LETTER = 9.0  # room for a letter, in capitals too


class Figure(NamedTuple):
    """A drawing with its caption, and a legend of drawings and words where it needs one."""

    svg: Markup
    caption: str
    legend: Sequence[tuple[Markup, str]] = ()


class Bar(NamedTuple):
    """
    One row: its name, its value and the text of it, its marker.

    `track` is what the value is a part of, drawn as an empty bar; `span` the range of the value;
    `depth` sets the row in. A style without a shape has no marker.
    """

    name: str
    value: float
    text: str
    style: PointStyle = PointStyle(PLAIN, "")
    track: float | None = None
    span: tuple[float, float] | None = None
    depth: int = 0


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


def letters(
    text: str, x: float, y: float, *, size: float = _NAME, anchor: str = "start", ink: str = INK
) -> Markup:
    """Write a text."""
    return Markup(
        '<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{ink}">'
        "{text}</text>"
    ).format(x=x, y=y, size=size, anchor=anchor, ink=ink, text=text)


def box(x: float, y: float, width: float, height: float, color: str) -> Markup:
    """Draw a filled rectangle."""
    return Markup(
        '<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:g}" fill="{c}"/>'
    ).format(x=x, y=y, w=width, h=height, c=color)


def frame(x: float, y: float, width: float, height: float, color: str = LINE) -> Markup:
    """Draw an empty rectangle, its line inside its edges."""
    return Markup(
        '<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:g}" fill="none" stroke="{c}"/>'
    ).format(x=x + 0.5, y=y + 0.5, w=max(width - 1, 0.5), h=height - 1, c=color)


def whisker(low: float, high: float, y: float, height: float) -> Markup:
    """Draw a range with its two ends, parted by white from the bar under it; nothing of a range too short."""
    if high - low < _VISIBLE:
        return Markup("")
    middle = y + height / 2
    path = f"M{low:.1f} {y:.1f}V{y + height:.1f}M{low:.1f} {middle:.1f}H{high:.1f}M{high:.1f} {y:.1f}V{y + height:.1f}"  # fmt: skip
    return Markup(
        '<path d="{path}" fill="none" stroke="#fff" stroke-width="3.4"/>'
        '<path d="{path}" fill="none" stroke="{ink}" stroke-width="1.6"/>'
    ).format(path=path, ink=INK)


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours (#rgb or #rrggbb), 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink_on(color: str) -> str:
    """Choose black or white for letters on a colour."""
    return max((_WHITE, _BLACK), key=lambda ink: contrast(ink, color))


def cut(text: str, room: float, letter: float = _LETTER) -> str:
    """Shorten a text to what fits."""
    longest = int(room / letter)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def bars(
    rows: Sequence[Bar], title: str, name: str, *, width: float = WIDTH, right: float = _RIGHT
) -> Markup:
    """Draw a bar for each row, measured against the longest, its name above it."""
    whole = max((max(row.value, row.track or 0.0, *(row.span or ())) for row in rows), default=0.0)
    whole = whole or 1.0
    left = _LEFT if any(row.style.shape for row in rows) else 1
    room = width - left - right
    body = Markup("")
    for i, row in enumerate(rows):
        top, start = i * _ROW, left + row.depth * _STEP
        if row.style.shape:
            body += marker(row.style, 10, top + 9, 6.5)
        body += letters(cut(row.name, width - start, _LETTER * 0.8), start, top + 13)
        if row.track is not None:
            body += frame(left, top + 18, room * row.track / whole, _BAR)
        body += box(left, top + 18, room * row.value / whole, _BAR, row.style.color)
        if row.span:
            low, high = (left + room * end / whole for end in row.span)
            body += whisker(low, high, top + 20, _BAR - 4)
        body += letters(row.text, width - right + 6, top + 27)
    return svg(body, width, len(rows) * _ROW + 2, title, name)


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
        body += Markup(
            '<path d="M{x:.1f} 16V{bottom}" stroke="{color}" stroke-width=".7"/>'
        ).format(x=at(value), bottom=bottom + 4, color=LINE)
        body += letters(f"{value:g}", at(value), bottom + 17, size=11, anchor="middle")
    for i, row in enumerate(rows):
        top = i * _ROW
        # White under the name, so that no line of the axis runs through it.
        body += box(0, top + 1, WIDTH, 16, "#fff")
        body += letters(cut(row.name, WIDTH - _LEFT), _LEFT, top + 13)
        body += frame(_LEFT, top + 18, room, _BAR)
        body += box(at(row.low), top + 18, max(at(row.high) - at(row.low), 2.0), _BAR, color)
        body += letters(row.text, WIDTH - _RIGHT + 6, top + 27)
    return svg(body, WIDTH, bottom + _AXIS, title, name)


def _luminance(color: str) -> float:
    digits = color.removeprefix("#")
    digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
