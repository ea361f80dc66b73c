"""Bars and spans: as long as their values say, told to screen readers, and inert."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from geoasm.render.figures import Bar, Span, bars, spans
from geoasm.render.styles import PointStyle

STYLE = PointStyle("#0072b2", "square")
SVG = "{http://www.w3.org/2000/svg}"


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(
        str(text).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    )


def widths(root: ElementTree.Element, color: str) -> list[float]:
    return [float(r.attrib["width"]) for r in root.iter(f"{SVG}rect") if r.attrib["fill"] == color]


def test_a_bar_is_as_long_as_its_part_of_the_longest() -> None:
    rows = [Bar("a", 40.0, "40", STYLE), Bar("b", 10.0, "10", STYLE), Bar("c", 0.0, "0", STYLE)]
    long, short, none = widths(parsed(bars(rows, "t", "n")), STYLE.color)
    assert short == pytest.approx(long / 4, abs=0.1)
    assert none == 0


def test_a_span_lies_between_its_ends() -> None:
    root = parsed(spans([Span("a", 25.0, 75.0, "25–75"), Span("b", 50.0, 50.0, "50")], (0.0, 100.0), "#c4007a", "t", "n"))  # fmt: skip
    one, point = [r for r in root.iter(f"{SVG}rect") if r.attrib["fill"] == "#c4007a"]
    ground = next(r for r in root.iter(f"{SVG}rect") if r.attrib["fill"] == "#eceae2")
    whole = float(ground.attrib["width"])
    assert float(one.attrib["width"]) == pytest.approx(whole / 2, abs=0.2)
    assert float(one.attrib["x"]) == pytest.approx(float(ground.attrib["x"]) + whole / 4, abs=0.2)
    assert float(point.attrib["width"]) > 0


def test_the_drawing_has_a_title_that_names_it() -> None:
    root = parsed(bars([Bar("a", 1.0, "1", STYLE)], "Bars: a: 1", "bars-1"))
    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.text == "Bars: a: 1"
    assert root.attrib["aria-labelledby"] == title.attrib["id"] == "bars-1"
    assert root.attrib["role"] == "img"


def test_texts_are_escaped_and_long_ones_cut() -> None:
    root = parsed(bars([Bar("<script>" + "x" * 200, 1.0, '"1"', STYLE)], "<b>", 'n"'))
    texts = [t.text or "" for t in root.iter(f"{SVG}text")]
    assert texts[0].startswith("<script>")
    assert texts[0].endswith("…")
    assert len(texts[0]) < 100
