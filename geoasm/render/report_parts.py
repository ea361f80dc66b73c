"""What a report is made of: sections of lines, figures, tables and lists, some of them folded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

from geoasm.render.figures import Figure
from geoasm.render.tables import Table

FOLDED_ROWS = 40  # a table that is longer opens on request


@dataclass(frozen=True)
class Line:
    """A paragraph; `tone` is empty, `note` or `warning`."""

    kind: ClassVar = "line"
    text: str
    tone: str = ""


@dataclass(frozen=True)
class Items:
    """A list of lines, numbered where their order counts; `tone` is empty or `keys`."""

    kind: ClassVar = "items"
    lines: Sequence[str]
    is_ordered: bool = False
    tone: str = ""


@dataclass(frozen=True)
class Drawn:
    """A figure."""

    kind: ClassVar = "figure"
    figure: Figure


@dataclass(frozen=True)
class Listed:
    """A table with its caption; `tone` is empty, `wide` for many columns or `funnel`."""

    kind: ClassVar = "table"
    table: Table
    caption: str
    tone: str = ""


@dataclass(frozen=True)
class Folded:
    """Blocks under a line that opens them."""

    kind: ClassVar = "folded"
    summary: str
    blocks: Sequence[Block]


Block = Line | Items | Drawn | Listed | Folded


@dataclass(frozen=True)
class Section:
    """A part of the page under its heading; `name` is what its place in the page is called."""

    name: str
    heading: str
    blocks: Sequence[Block]


def loud(text: str, lead: str) -> Markup:
    """Set the figure with which a line begins in bold."""
    return Markup("<strong>{}</strong> {}").format(lead, text.lstrip())


def figure(drawn: Figure | None) -> list[Block]:
    """Show a figure where there is one."""
    return [Drawn(drawn)] if drawn else []


def table(laid_out: Table | None, caption: str, tone: str = "") -> list[Block]:
    """Show a table where it has rows; a long one folded under its caption."""
    if laid_out is None or not laid_out.rows:
        return []
    shown = Listed(laid_out, caption, tone)
    return [Folded(caption, [shown])] if len(laid_out.rows) > FOLDED_ROWS else [shown]


def lines(*texts: str | None, tone: str = "") -> list[Block]:
    """Say the texts that there are."""
    return [Line(text, tone) for text in texts if text]
