"""Stacks and lines of time: parts in order and to scale, texts only where they fit."""

from __future__ import annotations

from datetime import date

import pytest

from geoasm.render.charts import Day, Part, Stack, stacks, timeline
from geoasm.render.figures import INK, NARROW
from geoasm.render.styles import PointStyle
from tests.render.drawings import SVG, parsed, rects, texts

BLUE, RED = PointStyle("#0072b2", "square"), PointStyle("#b2182b", "circle")


def test_parts_follow_one_another_and_fill_the_row() -> None:
    parts = [Part(0.25, "25", BLUE), Part(0.5, "50", RED), Part(0.25, "25", BLUE, is_open=True)]
    boxes = rects(parsed(stacks([Stack("a", parts)], "t", "n")))
    ends = [(float(r.attrib["x"]), float(r.attrib["x"]) + float(r.attrib["width"])) for r in boxes]
    room = NARROW - 2
    edges = [1, 1 + room / 4, 1 + room * 3 / 4, 1 + room]
    assert [e for pair in ends for e in pair] == pytest.approx(
        [edges[0], edges[1], edges[1], edges[2], edges[2], edges[3]], abs=1.5
    )
    assert boxes[2].attrib["fill"] == "none"
    assert boxes[2].attrib["stroke"] == BLUE.color


def test_a_part_says_its_share_only_where_it_fits() -> None:
    parts = [Part(0.9, "90 %", BLUE), Part(0.08, "8 %", RED), Part(0.02, "2 %", RED), Part(0.0, "0 %", BLUE)]  # fmt: skip
    root = parsed(stacks([Stack("a", parts, "1,000")], "t", "n"))
    assert texts(root) == ["a 1,000", "90 %"]
    marks = [p for p in root.iter(f"{SVG}path") if p.attrib.get("transform")]
    assert len(marks) == 2  # nothing is wide enough for the third


def test_a_range_lies_at_the_end_of_the_first_part_and_covers_no_text() -> None:
    parts = [Part(0.5, "50 %", BLUE), Part(0.5, "50 %", RED)]
    plain, ranged = (
        parsed(stacks([Stack("a", parts, span=span)], "t", "n")) for span in (None, (0.45, 0.6))
    )
    line = next(p for p in ranged.iter(f"{SVG}path") if p.attrib.get("stroke") == INK)
    room = NARROW - 2
    assert line.attrib["d"].startswith(f"M{1 + 0.45 * room:.1f} ")
    starts = [[float(t.attrib["x"]) for t in r.iter(f"{SVG}text")][-1] for r in (plain, ranged)]
    assert starts[1] > 1 + 0.6 * room > starts[0]


def test_names_stand_beside_or_above() -> None:
    rows = [Stack("NAME", [Part(1.0, "100 %", BLUE)], "7")]
    above, beside = (parsed(stacks(rows, "t", "n", beside=b)) for b in (False, True))
    assert texts(above)[0] == "NAME 7"
    assert texts(beside)[:2] == ["NAME", "7"]
    assert float(rects(beside)[0].attrib["x"]) > 100 > float(rects(above)[0].attrib["x"])


def test_days_stand_in_proportion_before_the_day_of_the_run() -> None:
    rows = [Day("old", date(2025, 1, 1)), Day("new", date(2025, 9, 28))]
    root = parsed(timeline(rows, Day("run", date(2026, 1, 6)), "t", "n"))
    marks = [p.attrib["transform"] for p in root.iter(f"{SVG}path") if "transform" in p.attrib]
    old, new = (float(m.split("(")[1].split()[0]) for m in marks)
    assert old == 8
    assert new == pytest.approx(8 + (NARROW - 16) * 270 / 370, abs=0.1)
    assert texts(root) == ["old", "new", "run"]


def test_data_of_the_very_day_are_drawn_on_it() -> None:
    day = date(2026, 1, 1)
    root = parsed(timeline([Day("a", day)], Day("run", day), "t", "n"))
    assert texts(root) == ["a", "run"]
