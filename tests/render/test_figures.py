"""Bars and spans: as long as their values say, told to screen readers, dark enough, and inert."""

from __future__ import annotations

import pytest

from geoasm.render.figures import (
    INK,
    LINE,
    PLAIN,
    Bar,
    Span,
    bars,
    contrast,
    cut,
    ink_on,
    spans,
    whisker,
)
from geoasm.render.styles import CLASS_STYLES, PointStyle
from tests.render.drawings import SVG, parsed, rects, texts, widths

STYLE = PointStyle("#0072b2", "square")


def test_a_bar_is_as_long_as_its_part_of_the_longest() -> None:
    rows = [Bar("a", 40.0, "40", STYLE), Bar("b", 10.0, "10", STYLE), Bar("c", 0.0, "0", STYLE)]
    long, short, none = widths(parsed(bars(rows, "t", "n")), STYLE.color)
    assert short == pytest.approx(long / 4, abs=0.1)
    assert none == 0


def test_a_bar_lies_in_the_empty_bar_of_what_it_is_a_part_of() -> None:
    rows = [
        Bar("a", 80.0, "80", track=80.0),
        Bar("b", 20.0, "20", track=40.0, depth=1),
        Bar("c", 10.0, "10"),  # a part of nothing
    ]
    root = parsed(bars(rows, "t", "n"))
    first, second, _ = widths(root, PLAIN)
    tracks = [float(r.attrib["width"]) + 1 for r in rects(root) if r.attrib.get("stroke") == LINE]
    assert tracks == pytest.approx([first, first / 2], abs=0.2)
    assert second == pytest.approx(first / 4, abs=0.1)


def test_a_range_that_goes_on_beyond_the_longest_bar_stays_in_its_room() -> None:
    row = Bar("a", 80.0, "80", span=(70.0, 100.0))
    root = parsed(bars([row], "t", "n", width=300, right=100))
    (bar,) = widths(root, PLAIN)
    assert bar == pytest.approx(0.8 * 199, abs=0.1)
    line = next(p for p in root.iter(f"{SVG}path") if p.attrib.get("stroke") == INK)
    assert line.attrib["d"].startswith(f"M{1 + 0.7 * 199:.1f} ")
    assert f"H{1 + 199:.1f}" in line.attrib["d"]


def test_a_range_too_short_to_be_seen_is_not_drawn() -> None:
    assert whisker(10.0, 11.0, 0, 9) == ""
    assert whisker(10.0, 30.0, 0, 9) != ""


def test_a_span_lies_between_its_ends() -> None:
    root = parsed(spans([Span("a", 25.0, 75.0, "25–75"), Span("b", 50.0, 50.0, "50")], (0.0, 100.0), "#c4007a", "t", "n"))  # fmt: skip
    one, point = [r for r in rects(root) if r.attrib["fill"] == "#c4007a"]
    ground = next(r for r in rects(root) if r.attrib["fill"] == "none")
    whole = float(ground.attrib["width"]) + 1
    assert float(one.attrib["width"]) == pytest.approx(whole / 2, abs=0.2)
    start = float(ground.attrib["x"]) - 0.5
    assert float(one.attrib["x"]) == pytest.approx(start + whole / 4, abs=0.2)
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
    name = texts(root)[0]
    assert name.startswith("<script>")
    assert name.endswith("…")
    assert len(name) < 100


def test_a_text_that_fits_stays_whole() -> None:
    assert cut("abcd", 40, 10) == "abcd"
    assert cut("abcde", 40, 10) == "abc…"


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_letters_on_every_colour_of_a_class_can_be_read() -> None:
    for style in CLASS_STYLES.values():
        assert contrast(ink_on(style.color), style.color) >= 4.5


def test_lines_and_bars_stand_out_from_the_paper() -> None:
    for color in (LINE, PLAIN, INK, *(style.color for style in CLASS_STYLES.values())):
        assert contrast(color, "#fff") >= 3
