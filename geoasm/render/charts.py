"""Wholes cut into their parts, and days on a line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from markupsafe import Markup

from geoasm.render.figures import (
    INK,
    LINE,
    NARROW,
    PLAIN,
    box,
    cut,
    frame,
    ink_on,
    letters,
    marker,
    svg,
    whisker,
)
from geoasm.render.styles import PointStyle

_NAMES, _COUNTS = 132, 48  # columns of a stack's name and count, where they stand beside it
_BESIDE, _ABOVE = 21, 40  # height of a row with its name beside, above
_BAR = 15
_SMALL = 10.5
_MARKED, _TOLD = 13.0, 33.0  # width from which a part bears its marker, and its text, too
_DAY = 30


class Part(NamedTuple):
    """A part of a whole: its share, the text of it, its look; an open part is drawn as a frame."""

    share: float
    text: str
    style: PointStyle
    is_open: bool = False
    name: str = ""  # for who hears it


class Stack(NamedTuple):
    """One row: its name, its parts in order, its count; `span` is the range of the first part."""

    name: str
    parts: Sequence[Part]
    text: str = ""
    span: tuple[float, float] | None = None


class Day(NamedTuple):
    """One row: what it is the day of, in words."""

    name: str
    day: date


def stacks(rows: Sequence[Stack], title: str, name: str, *, beside: bool = False) -> Markup:
    """Draw every row as one bar of full length cut into its parts; names stand above, or beside."""
    height = _BESIDE if beside else _ABOVE
    left, right = (_NAMES, _COUNTS) if beside else (1, 1)
    room = NARROW - left - right
    body = Markup("")
    for i, row in enumerate(rows):
        top = i * height + (3 if beside else 20)
        if beside:
            body += letters(cut(row.name, left - 8, 7.2), 0, top + 11.5, size=11)
            body += letters(row.text, NARROW, top + 11.5, size=11, anchor="end")
        else:
            body += letters(cut(f"{row.name} {row.text}".rstrip(), NARROW, 6.2), left, top - 6)
        start, low, high = float(left), 0.0, 0.0
        if row.span:
            low, high = (left + room * end for end in row.span)
        for part in row.parts:
            width = room * part.share
            is_under = start - 1 <= high < start + width
            body += _part(part, start, top, width, high + 3 - start if is_under else 0.0)
            start += width
        body += whisker(low, high, top + 2, _BAR - 4)
    return svg(body, NARROW, len(rows) * height + 4, title, name)


def _part(part: Part, x: float, y: float, width: float, covered: float) -> Markup:
    """Draw a part with what fits of its marker and its text, right of what a range covers."""
    if width <= 0:
        return Markup("")
    # A white seam tells two parts apart on paper, where colours may be alike.
    seam = min(0.8, width / 4)
    color, ink = part.style.color, "#000000" if part.is_open else ink_on(part.style.color)
    drawn = frame if part.is_open else box
    body = drawn(x + seam / 2, y, width - seam, _BAR, color)
    covered = max(covered, 0.0)
    x, width = x + covered, width - covered
    is_marked = bool(part.style.shape) and not part.is_open and width >= _MARKED
    if is_marked:
        body += marker(PointStyle(ink, part.style.shape), x + 7, y + _BAR / 2, 4.2)
    if width >= _TOLD + (10 if is_marked else 0):
        body += letters(part.text, x + (14 if is_marked else 4), y + 11.3, size=_SMALL, ink=ink)
    return body


def timeline(rows: Sequence[Day], on: Day, title: str, name: str) -> Markup:
    """Draw each day before (or after) a day on one line of time, its name above it."""
    days = [row.day for row in rows] + [on.day]
    first, last = min(days), max(days)
    whole = (last - first).days or 1
    left, room, bottom = 8, NARROW - 16, len(rows) * _DAY + 4

    def at(day: date) -> float:
        return left + room * (day - first).days / whole

    x = at(on.day)
    body = Markup('<path d="M{x:.1f} 17V{y}" stroke="{c}" stroke-width="1.6"/>').format(
        x=x, y=bottom, c=INK
    )
    for i, row in enumerate(rows):
        top = i * _DAY
        body += box(0, top + 2, NARROW, 14, "#fff")  # the line runs through no name
        body += letters(cut(row.name, NARROW - left, 6.2), left, top + 13)
        body += Markup('<path d="M{a:.1f} {y}H{b:.1f}" stroke="{c}" stroke-width="2"/>').format(
            a=at(row.day), b=at(on.day), y=top + 22, c=LINE
        )
        body += marker(PointStyle(PLAIN, "circle"), at(row.day), top + 22, 4.5)
    anchor = "end" if x > NARROW / 2 else "start"
    body += letters(on.name, x, bottom + 13, anchor=anchor)
    return svg(body, NARROW, bottom + 20, title, name)
