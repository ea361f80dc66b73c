"""Draw the layers of docs/layers.toml: `make docs`."""

from __future__ import annotations

import textwrap
import tomllib
from html import escape
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("layers.toml")
PICTURE = Path(__file__).with_name("figures") / "house.svg"

WIDTH, LEFT, TEXT_X = 900, 30, 290
LINE, PAD, GAP = 20, 12, 26  # height of a line, room around the lines of a band, room for an arrow
LETTERS = 78  # of a line of modules
STYLE = (
    "text{font-family:DejaVu Sans,Arial,sans-serif;fill:#1f2933}"
    ".name{font-size:15px;font-weight:bold}.why{font-size:11.5px;fill:#52606d}"
    ".row{font-family:DejaVu Sans Mono,Menlo,monospace;font-size:12px}"
    ".note{font-size:12px;fill:#9c3d10}"
)


def read_bands() -> list[dict[str, Any]]:
    """Bands of layers from the ground up: `name`, `why`, `rows`."""
    bands: list[dict[str, Any]] = tomllib.loads(TABLE.read_text(encoding="utf-8"))["band"]
    return bands


def picture() -> str:
    """The house as SVG: the outermost band on top, each resting on those below."""
    y, parts = 16, []
    bands = read_bands()[::-1]
    for i, band in enumerate(bands):
        drawn, height = _draw_band(band, y)
        parts += drawn
        y += height
        if i + 1 < len(bands):
            parts.append(_arrow(y))
            if band.get("touches_files"):
                parts.append(_border(y + GAP / 2))
            y += GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 16}" role="img">\n'
        "<title>Layers of geoasm</title>\n"
        "<desc>Each row of modules imports only rows below it; below the dashed line nothing touches files.</desc>\n"
        f"<style>{STYLE}</style>\n"
        f'<rect width="{WIDTH}" height="{y + 16}" fill="#ffffff"/>\n'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto"><path d="M0 0 8 4 0 8z" fill="#52606d"/></marker></defs>\n'
    )
    return head + "\n".join(parts) + "\n</svg>\n"


def _draw_band(band: dict[str, Any], y: float) -> tuple[list[str], int]:
    """Draw one band, its rows the outermost first; give its height, too."""
    lines = [line for row in band["rows"][::-1] for line in _row_lines(row)]
    why = textwrap.wrap(band["why"], 38)
    height = max(len(lines), 1 + len(why)) * LINE + 2 * PAD - 4
    parts = [
        f'<rect x="{LEFT}" y="{y}" width="{WIDTH - 2 * LEFT}" height="{height}" rx="6" '
        'fill="#f5f7fa" stroke="#9aa5b1"/>',
        _text("name", LEFT + 14, y + PAD + 14, band["name"]),
    ]
    parts += [_text("why", LEFT + 14, y + PAD + 32 + 15 * i, line) for i, line in enumerate(why)]
    parts += [_text("row", TEXT_X, y + PAD + 13 + LINE * i, line) for i, line in enumerate(lines)]
    return parts, height


def _row_lines(row: str) -> list[str]:
    """Lay the modules of one row out in lines; a line that goes on is set in."""
    return textwrap.wrap(row.replace(" ", " · "), LETTERS, subsequent_indent="   ")


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{x:g}" y="{y:g}" xml:space="preserve">{escape(text)}</text>'


def _arrow(y: float) -> str:
    x = LEFT + 60
    return (
        f'<line x1="{x}" y1="{y}" x2="{x}" y2="{y + GAP - 1}" stroke="#52606d" stroke-width="1.5" '
        'marker-end="url(#tip)"/>'
    )


def _border(y: float) -> str:
    return (
        f'<line x1="{TEXT_X}" y1="{y:g}" x2="{WIDTH - LEFT}" y2="{y:g}" stroke="#c2571a" '
        'stroke-dasharray="6 4"/>\n'
        + _text("note", LEFT + 78, y + 4, "below: no files, no network")
    )


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
