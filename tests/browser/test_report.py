"""report.html in a browser: closed, fits a telephone, prints whole on A4."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from geoasm.model import Result
from geoasm.render.labels import Labels
from geoasm.render.report import report_html
from tests.browser.conftest import Opener
from tests.screened import sample_run

pytestmark = pytest.mark.browser

# Width of the text on A4 with the margins of the page, at 96 to the inch.
PRINTED = round((210 - 2 * 12) / 25.4 * 96)
OPENED = "document.querySelectorAll('details').forEach((d) => d.open = true)"
# Tables that go on beyond their frame, and elements that stick out of the page at the right.
OVERFLOWING = """() => [...document.querySelectorAll(".scroll")]
  .filter((e) => e.scrollWidth > e.clientWidth)
  .map((e) => `${e.getAttribute("aria-label")}: ${e.scrollWidth} > ${e.clientWidth}`)"""
OUTSIDE = """width => [...document.querySelectorAll("main *")]
  .filter((e) => !e.closest("svg") || e.matches("svg"))
  .filter((e) => e.getBoundingClientRect().right > width + 1)
  .map((e) => e.outerHTML.slice(0, 90))"""
# Pairs of texts of a figure that lie over each other, and texts that its edge cuts.
CLASHES = """() => [...document.querySelectorAll("svg.figure")].flatMap((svg) => {
  const edge = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll("text")].map((t) => [t.textContent, t.getBoundingClientRect()]);
  const cut = texts.filter(([, a]) => a.right > edge.right + 1 || a.left < edge.left - 1);
  const over = texts.filter(([, a], i) => texts.slice(0, i).some(([, b]) =>
    a.left < b.right && b.left < a.right && a.top + 3 < b.bottom && b.top + 3 < a.bottom));
  return [...cut, ...over].map(([text]) => `${svg.getAttribute("aria-labelledby")}: ${text}`);
})"""


def as_large_as_a_country(result: Result) -> Result:
    """Make the numbers of a run as wide as those of a national one."""
    summary = deepcopy(result.summary)
    for rows in (summary["funnel"], *summary["tables"].values()):
        for row in rows:
            for key, value in row.items():
                if isinstance(value, int):
                    row[key] = value * 150
    hectares = ["net_ha", "region_ha"]
    territory = result.territory.assign(**{c: result.territory[c] * 40 for c in hectares})
    return replace(result, summary=summary, territory=territory)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a run with every section, its numbers as wide as a country's."""
    folder = tmp_path_factory.mktemp("whole")
    for language in ("es", "en"):
        html = report_html(as_large_as_a_country(sample_run()), Labels(language))
        (folder / f"{language}.html").write_text(html, encoding="utf-8")
    return folder


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1100, "height": 800})
    yield context.new_page()
    context.close()


def test_page_asks_for_nothing_and_runs_nothing(visit: Opener) -> None:
    seen = visit("report.html")
    assert [url for url in seen.requests if not url.endswith("/report.html")] == []
    assert seen.complaints == []
    assert seen.page.locator("img, script").count() == 0


@pytest.mark.parametrize("width", [1300, 1100, 390])
@pytest.mark.parametrize("language", ["es", "en"])
def test_only_tables_scroll_sideways(page: Page, whole: Path, width: int, language: str) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto((whole / f"{language}.html").as_uri())
    page.evaluate(OPENED)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_hostile_names_stretch_no_page(visit: Opener) -> None:
    page = visit("report.html").page
    page.set_viewport_size({"width": 390, "height": 800})
    page.evaluate(OPENED)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("language", ["es", "en"])
def test_no_column_is_cut_on_upright_a4(page: Page, whole: Path, language: str) -> None:
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PRINTED, "height": 1000})
    page.goto((whole / f"{language}.html").as_uri())
    page.evaluate(f"{OPENED}; document.body.style.width = '{PRINTED}px'")
    assert page.locator(".scroll").count() > 15
    assert page.locator("th", has_text={"es": "Firmeza", "en": "Firmness"}[language]).count() == 1
    assert page.evaluate(OVERFLOWING) == []
    assert page.evaluate(OUTSIDE, PRINTED) == []


def test_a_caption_stays_in_sight_while_its_table_is_scrolled(page: Page, whole: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto((whole / "es.html").as_uri())
    scroll = page.locator(".scroll").first
    scroll.evaluate("e => { e.scrollLeft = e.scrollWidth; }")
    assert scroll.evaluate("e => e.scrollLeft") > 100
    box = scroll.locator("caption span").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


@pytest.mark.parametrize("width", [1300, 390])
@pytest.mark.parametrize("language", ["es", "en"])
def test_texts_of_figures_are_whole_and_apart(
    page: Page, whole: Path, width: int, language: str
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto((whole / f"{language}.html").as_uri())
    assert page.locator("svg.figure").count() >= 6
    assert page.evaluate(CLASHES) == []


def test_every_entry_of_the_contents_leads_to_its_section(page: Page, whole: Path) -> None:
    page.goto((whole / "es.html").as_uri())
    links = page.locator("nav a")
    assert links.count() == page.locator("main h2").count() >= 14
    for i in range(links.count()):
        target = links.nth(i).get_attribute("href")
        assert page.locator(f"h2{target}").inner_text() == links.nth(i).inner_text()


def test_it_prints_on_a_few_sheets_of_upright_a4(page: Page, whole: Path) -> None:
    page.goto((whole / "es.html").as_uri())
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    boxes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert {(round(float(w)), round(float(h))) for w, h in boxes} <= {(595, 842), (596, 842)}
    assert 4 <= len(boxes) <= 13  # folded tables are printed


def test_folded_tables_are_on_paper(page: Page, whole: Path) -> None:
    shows = """() => [...document.querySelectorAll("details:not([open]) table")].map((e) =>
      e.checkVisibility() && e.closest("details").clientHeight >= e.clientHeight)"""
    page.goto((whole / "es.html").as_uri())
    on_screen = page.evaluate(shows)
    page.emulate_media(media="print")
    assert on_screen
    assert not any(on_screen)
    assert all(page.evaluate(shows))
