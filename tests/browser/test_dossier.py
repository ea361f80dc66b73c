"""dossier.html in a browser: closed, inert, fits a telephone, prints whole on A4."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

import geoasm
from geoasm.screening import screen_all
from tests.browser.conftest import Visit
from tests.screened import HOLDER, HOSTILE, hostile_run, number_of, sample_run

pytestmark = pytest.mark.browser

A4 = {(595, 842), (596, 842)}
# Width of the text on A4 with the margins of the page, at 96 to the inch.
PRINTED = round((210 - 2 * 12) / 25.4 * 96)
# Elements that stick out of the page at the right.
OUTSIDE = """width => [...document.querySelectorAll("main *")]
  .filter((e) => !e.closest("svg") || e.matches("svg"))
  .filter((e) => e.getBoundingClientRect().right > width + 1)
  .map((e) => e.outerHTML.slice(0, 90))"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dossiers")
    geoasm.screen(sample_run(), holder=HOLDER).save(folder / "plain")
    geoasm.screen(hostile_run(), holder=number_of(HOLDER)).save(folder / "hostile")
    screen_all(sample_run(), folder / "all", fewest=10)
    return folder


@pytest.fixture
def visit(browser: Browser, pages: Path) -> Iterator[object]:
    context = browser.new_context(viewport={"width": 1100, "height": 800})

    def visiting(name: str) -> Visit:
        seen = Visit(context.new_page())
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.on("console", lambda message: seen.complaints.append(message.text))
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.goto((pages / name).as_uri())
        return seen

    yield visiting
    context.close()


@pytest.mark.parametrize("name", ["plain/dossier.html", "hostile/dossier.html", "all/index.html"])
def test_page_asks_for_nothing_and_runs_nothing(visit, name: str) -> None:
    seen = visit(name)
    assert [url for url in seen.requests if not url.endswith(name)] == []
    assert seen.complaints == []
    assert seen.page.locator("img, script").count() == 0
    assert seen.page.title() != "hacked"


@pytest.mark.parametrize("width", [1100, 360])
@pytest.mark.parametrize("name", ["plain/dossier.html", "hostile/dossier.html", "all/index.html"])
def test_only_tables_scroll_sideways(visit, name: str, width: int) -> None:
    page = visit(name).page
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", ["plain/dossier.html", "hostile/dossier.html"])
def test_nothing_is_cut_at_the_edge_of_a_printed_page(visit, name: str) -> None:
    page: Page = visit(name).page
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PRINTED, "height": 1000})
    assert page.evaluate(OUTSIDE, PRINTED) == []


def test_it_prints_on_upright_a4(visit) -> None:
    pdf = visit("plain/dossier.html").page.pdf(prefer_css_page_size=True, print_background=True)
    boxes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert {(round(float(w)), round(float(h))) for w, h in boxes} <= A4
    assert 5 <= len(boxes) <= 12


def test_figures_are_painted_and_named(visit) -> None:
    page: Page = visit("plain/dossier.html").page
    figures = page.locator("figure svg.figure")
    assert figures.count() >= 4
    for i in range(figures.count()):
        box = figures.nth(i).bounding_box()
        assert box is not None
        assert box["width"] > 300
        assert box["height"] > 40
    names = page.evaluate(
        "[...document.querySelectorAll('svg.figure')].map((s) => document.getElementById("
        "s.getAttribute('aria-labelledby')).textContent)"
    )
    assert len(set(names)) == figures.count()
    assert page.locator("table:not(:has(caption))").count() == 0
    assert page.locator("th:not([scope])").count() == 0


def test_texts_of_the_map_do_not_lie_over_each_other(visit) -> None:
    page: Page = visit("plain/dossier.html").page
    clashes = page.evaluate(
        """() => [...document.querySelectorAll("svg.figure")].flatMap((svg) => {
          const boxes = [...svg.querySelectorAll("text")].map((t) => t.getBoundingClientRect());
          return boxes.flatMap((a, i) => boxes.slice(0, i).filter((b) =>
            a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom));
        }).length"""
    )
    assert clashes == 0


def test_hostile_texts_are_read_as_they_are(visit) -> None:
    text = visit("hostile/dossier.html").page.locator("main").inner_text()
    for hostile in HOSTILE:
        assert hostile in text
