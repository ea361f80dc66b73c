"""From which class to which, as bands between two columns of classes."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap

import pandas as pd
from markupsafe import Markup

from geoasm.codes import AsmClass
from geoasm.flows import COUNT, FLOW_COLUMNS, moved
from geoasm.render.figures import PLAIN, WIDTH, Figure, box, cut, ink_on, letters, marker, svg
from geoasm.render.labels import Labels
from geoasm.render.styles import CLASS_STYLES, PointStyle

_NAMES, _BAR, _BESIDE = 196.0, 34.0, 6.0  # a column of names, a block, the gap between
_TOP, _GAP, _LEAST = 24.0, 8.0, 26.0  # the least height of a block holds its name in two lines
_TALL = 300.0  # height of all that moves, without gaps
_THIN = 0.8  # of a band that could not be seen
_LETTER, _SMALL, _LINE = 5.9, 11.0, 12.5
_LINES = 2
_ABSENT = PointStyle(PLAIN, "ring")
_NOWHERE = ""  # of a registration that the other run does not have


@dataclass(frozen=True)
class _Block:
    """A class in a column: where it stands, and the registrations that leave or reach it."""

    top: float
    height: float
    count: int


def flow_figure(
    flows: pd.DataFrame,
    labels: Labels,
    *,
    title: str,
    caption: str,
    heads: tuple[str, str],
    name: str = "flows",
) -> Figure | None:
    """
    Draw what moves between classes; what stays where it is would drown it and is left out.

    Parameters
    ----------
    flows
        `class_a`, `class_b` (missing: not in that run), `registrations`; further columns are summed.
    title
        What a screen reader says first; every band is added to it in words.
    heads
        Names of the two runs, above the columns.

    Returns
    -------
    figure
        None where nothing moves.
    """
    counted = moved(flows).fillna(dict.fromkeys(FLOW_COLUMNS, _NOWHERE))
    counted = counted.groupby(list(FLOW_COLUMNS), as_index=False)[COUNT].sum()
    counted = counted[counted[COUNT] > 0]
    if counted.empty:
        return None
    places = {code: i for i, code in enumerate([*AsmClass, _NOWHERE])}
    counted = counted.sort_values(list(FLOW_COLUMNS), key=lambda side: side.map(places))
    scale = _TALL / counted[COUNT].sum()
    left, right = (_column(counted, side, places, scale) for side in FLOW_COLUMNS)
    body = _bands(counted, left, right, scale)
    spoken = [title]
    for side, column in enumerate((left, right)):
        body += _draw_column(column, side, heads[side], labels)
    for a, b, n in counted[[*FLOW_COLUMNS, COUNT]].itertuples(index=False):
        spoken.append(f"{_name(a, 0, labels)} → {_name(b, 1, labels)}: {labels.number(n)}")
    height = max(block.top + block.height for block in [*left.values(), *right.values()]) + 4
    return Figure(svg(body, WIDTH, height, ". ".join(spoken), name), caption)


def _column(
    counted: pd.DataFrame, side: str, places: dict[str, int], scale: float
) -> dict[str, _Block]:
    totals = counted.groupby(side)[COUNT].sum()
    top, column = _TOP, {}
    for code in sorted(totals.index, key=places.__getitem__):
        height = max(totals[code] * scale, _LEAST)
        column[code] = _Block(top, height, int(totals[code]))
        top += height + _GAP
    return column


def _bands(
    counted: pd.DataFrame, left: dict[str, _Block], right: dict[str, _Block], scale: float
) -> Markup:
    """Draw a band for each pair of classes, in the colour of the class that is left."""
    x0, x1 = _NAMES + _BESIDE + _BAR, WIDTH - _NAMES - _BESIDE - _BAR
    middle = (x0 + x1) / 2
    # Bands leave the middle of a block that is taller than what moves.
    start = {code: b.top + (b.height - b.count * scale) / 2 for code, b in left.items()}
    end = {code: b.top + (b.height - b.count * scale) / 2 for code, b in right.items()}
    body = Markup("")
    for a, b, n in counted[[*FLOW_COLUMNS, COUNT]].itertuples(index=False):
        width = n * scale
        y0, y1 = start[a] + width / 2, end[b] + width / 2
        start[a] += width
        end[b] += width
        body += Markup(
            '<path d="M{x0:.1f} {y0:.1f}C{m:.1f} {y0:.1f} {m:.1f} {y1:.1f} {x1:.1f} {y1:.1f}" '
            'fill="none" stroke="{color}" stroke-opacity=".5" stroke-width="{w:.2f}"/>'
        ).format(x0=x0, x1=x1, m=middle, y0=y0, y1=y1, color=_style(a).color, w=max(width, _THIN))
    return body


def _draw_column(column: dict[str, _Block], side: int, head: str, labels: Labels) -> Markup:
    is_left = side == 0
    bar = _NAMES + _BESIDE if is_left else WIDTH - _NAMES - _BESIDE - _BAR
    edge, anchor = (_NAMES, "end") if is_left else (WIDTH - _NAMES, "start")
    body = letters(cut(head, _NAMES + _BAR, _LETTER), 0 if is_left else WIDTH, 12,
                   anchor="start" if is_left else "end")  # fmt: skip
    for code, block in column.items():
        style = _style(code)
        body += box(bar, block.top, _BAR, block.height, style.color)
        middle = block.top + block.height / 2
        body += letters(
            labels.number(block.count), bar + _BAR / 2, middle + 4, size=_SMALL,
            anchor="middle", ink=ink_on(style.color),
        )  # fmt: skip
        body += marker(style, edge - 7 if is_left else edge + 7, middle, 5.0)
        told = wrap(_name(code, side, labels), int((_NAMES - 18) / _LETTER))[:_LINES]
        for i, line in enumerate(told):
            y = middle + 4 + (i - (len(told) - 1) / 2) * _LINE
            body += letters(
                line, edge - 17 if is_left else edge + 17, y, size=_SMALL, anchor=anchor
            )
    return body


def _style(code: str) -> PointStyle:
    return _ABSENT if code == _NOWHERE else CLASS_STYLES[AsmClass(code)]


def _name(code: str, side: int, labels: Labels) -> str:
    if code != _NOWHERE:
        return labels.class_name(code)
    return labels.text("comparison.not_in_a" if side == 0 else "comparison.not_in_b")
