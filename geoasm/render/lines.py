"""Shares over time: a panel for each line, all on one axis of days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from markupsafe import Markup

from geoasm.render.figures import INK, LINE, NARROW, cut, letters, marker, svg
from geoasm.render.styles import PointStyle

_LEFT, _RIGHT = 8.0, 58.0
_HEAD, _PLOT, _GAP = 25.0, 46.0, 12.0  # heights of a panel's name, of its plot, under it
_FOOT = 34.0
_DOT = 3.6
_BREAK = "#b2182b"
_ROOM = 62.0  # between the middles of two days written on the axis


class Trend(NamedTuple):
    """One panel: its name, a value a day, the range of each where it has one, and texts of both ends."""

    name: str
    values: Sequence[float]
    spans: Sequence[tuple[float, float] | None]
    text: str  # from the first value to the last
    greatest: str  # the top of the panel's scale
    style: PointStyle


def trends(
    rows: Sequence[Trend],
    days: Sequence[date],
    names: Sequence[str],
    breaks: Sequence[date],
    title: str,
    name: str,
) -> Markup:
    """
    Draw each row as a line from nought to its own greatest value.

    Parameters
    ----------
    days, names
        Days of the values, in order, and how they are written.
    breaks
        Days at which a line may step for another reason; a dashed line runs through every panel.
    """
    first, whole = days[0], (days[-1] - days[0]).days or 1
    room = NARROW - _LEFT - _RIGHT
    places = [_LEFT + room * (day - first).days / whole for day in days]
    bottom = len(rows) * (_HEAD + _PLOT + _GAP)
    broken = [_LEFT + room * (day - first).days / whole for day in breaks]
    body = Markup("")
    for i, row in enumerate(rows):
        body += _panel(row, places, broken, i * (_HEAD + _PLOT + _GAP))
    body += _axis(places, names, bottom)
    return svg(body, NARROW, bottom + _FOOT, title, name)


def _panel(row: Trend, places: Sequence[float], broken: Sequence[float], top: float) -> Markup:
    """Draw one line in its range, under its name."""
    tops = [span[1] if span else value for value, span in zip(row.values, row.spans, strict=True)]
    highest = max(tops) or 1.0
    floor = top + _HEAD + _PLOT

    def at(value: float) -> float:
        return floor - _PLOT * value / highest

    body = marker(row.style, _LEFT + 5, top + 9, 5.5)
    body += letters(cut(row.name, NARROW - 136, 6.1), _LEFT + 16, top + 13)
    body += letters(row.text, NARROW, top + 13, anchor="end")
    for y in (floor, floor - _PLOT):
        body += Markup(
            '<path d="M{a:.1f} {y:.1f}H{b:.1f}" stroke="{c}" stroke-width=".6"/>'
        ).format(a=_LEFT, b=NARROW - _RIGHT, y=y, c=LINE)
    body += letters("0", NARROW - _RIGHT + 6, floor + 4, size=10)
    body += letters(row.greatest, NARROW - _RIGHT + 6, floor - _PLOT + 4, size=10)
    for x in broken:
        body += Markup(
            '<path d="M{x:.1f} {a:.1f}V{b:.1f}" stroke="{c}" stroke-width="1.2" stroke-dasharray="4 3"/>'
        ).format(x=x, a=floor - _PLOT, b=floor, c=_BREAK)
    body += _band(row, places, at)
    points = [(x, at(value)) for x, value in zip(places, row.values, strict=True)]
    body += Markup('<path d="M{d}" fill="none" stroke="{c}" stroke-width="2"/>').format(
        d="L".join(f"{x:.1f} {y:.1f}" for x, y in points), c=row.style.color
    )
    return body + Markup("").join(marker(row.style, x, y, _DOT, halo=0.6) for x, y in points)


def _band(row: Trend, places: Sequence[float], at: Callable[[float], float]) -> Markup:
    """Draw the range of a line where every value has one."""
    spans = [span for span in row.spans if span is not None]
    if len(spans) < len(places):
        return Markup("")
    over = [f"{x:.1f} {at(high):.1f}" for x, (_, high) in zip(places, spans, strict=True)]
    under = [f"{x:.1f} {at(low):.1f}" for x, (low, _) in zip(places, spans, strict=True)]
    return Markup('<path d="M{d}Z" fill="{c}" fill-opacity=".16"/>').format(
        d="L".join([*over, *reversed(under)]), c=row.style.color
    )


def _axis(places: Sequence[float], names: Sequence[str], y: float) -> Markup:
    """Mark every day, and write those that have room; the first and the last always."""
    body = Markup("").join(
        Markup('<path d="M{x:.1f} {y:.1f}v6" stroke="{c}" stroke-width="1.2"/>').format(x=x, y=y, c=INK)
        for x in places
    )  # fmt: skip
    last, written = places[-1], -_ROOM
    for i, (x, text) in enumerate(zip(places, names, strict=True)):
        is_end = i in (0, len(places) - 1)
        if not is_end and (x - written < _ROOM or last - x < _ROOM):
            continue
        anchor = "start" if i == 0 else "middle"
        body += letters(text, x - (_LEFT if i == 0 else 0), y + 20, size=11, anchor=anchor)
        written = x + (_ROOM / 2 if i == 0 else 0)
    return body
