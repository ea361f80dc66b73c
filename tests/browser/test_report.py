"""report.html in a browser: closed, fits a telephone, prints on A4."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import Opener

pytestmark = pytest.mark.browser


def test_page_asks_for_nothing_and_runs_nothing(visit: Opener) -> None:
    seen = visit("report.html")
    assert [url for url in seen.requests if not url.endswith("/report.html")] == []
    assert seen.complaints == []
    assert seen.page.locator("img, script").count() == 0


@pytest.mark.parametrize("width", [1100, 360])
def test_only_tables_scroll_sideways(visit: Opener, width: int) -> None:
    page = visit("report.html").page
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_bars_are_painted(visit: Opener) -> None:
    page = visit("report.html").page
    bars = page.locator(".funnel svg rect:nth-child(2)")
    widths = [bars.nth(i).bounding_box()["width"] for i in range(bars.count())]  # type: ignore[index]
    assert widths[0] == pytest.approx(80, abs=1)
    assert 0 < widths[1] < widths[0]


def test_it_prints_on_a_few_sheets_of_a4(visit: Opener) -> None:
    pdf = visit("report.html").page.pdf(prefer_css_page_size=True, print_background=True)
    boxes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    sizes = {(round(float(w)), round(float(h))) for w, h in boxes}
    assert sizes <= {(595, 842), (596, 842), (842, 595), (842, 596)}
    assert 3 <= len(boxes) <= 8
