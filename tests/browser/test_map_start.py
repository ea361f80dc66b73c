"""How the page starts: in a browser that is too old, while it reads, and with tiles of the network."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Opener, Visit, open_tool

pytestmark = pytest.mark.browser

SITE = "http://geoasm.test/map.html"


@pytest.fixture
def opened(visit: Opener) -> Visit:
    return visit("map.html")


@pytest.fixture
def page(opened: Visit) -> Page:
    return opened.page


@pytest.mark.parametrize("missing", ["DecompressionStream", "Path2D", "MessageChannel"])
def test_a_browser_that_is_too_old_is_told_so(browser: Browser, pages: Path, missing: str) -> None:
    context = browser.new_context()
    context.add_init_script(f"delete window.{missing}")
    page = context.new_page()
    page.goto((pages / "map.html").as_uri())
    expect(page.locator("#broken p")).to_be_visible()
    expect(page.locator("#broken")).to_contain_text("report.html")
    expect(page.locator("#reading")).to_be_hidden()
    context.close()


def test_an_error_at_the_start_is_told(browser: Browser, pages: Path) -> None:
    context = browser.new_context()
    context.add_init_script("Object.defineProperty(window, 'CSS', { value: {} })")
    page = context.new_page()
    page.goto((pages / "map.html").as_uri())
    expect(page.locator("#broken p")).to_be_visible()
    context.close()


def test_an_error_after_the_start_hides_nothing(page: Page) -> None:
    page.evaluate("window.dispatchEvent(new ErrorEvent('error', { message: 'x' }))")
    expect(page.locator("#broken p")).to_be_hidden()
    expect(page.locator("#reading")).to_be_hidden()


def test_reading_is_said_until_the_map_is_there(browser: Browser, pages: Path) -> None:
    context = browser.new_context()
    context.add_init_script("window.Promise.all = () => new Promise(() => {})")
    page = context.new_page()
    page.goto((pages / "map.html").as_uri())
    expect(page.locator("#reading")).to_have_text("Leyendo los datos…")
    expect(page.locator("#reading")).to_have_attribute("role", "status")
    context.close()


def test_tiles_of_the_network_are_not_to_be_had_from_disk(page: Page) -> None:
    open_tool(page, "viewing")
    expect(page.locator("#online")).to_be_disabled()
    expect(page.locator("#online")).not_to_be_checked()
    expect(page.locator("#online-note")).to_contain_text(
        "solo si esta página se abre desde un servidor"
    )


@pytest.mark.parametrize("answers", [True, False])
def test_tiles_are_asked_for_only_where_they_are_wanted(
    browser: Browser, pages: Path, answers: bool
) -> None:
    context = browser.new_context(viewport={"width": 800, "height": 600})
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        if answers:
            route.fulfill(
                content_type="image/svg+xml", body="<svg xmlns='http://www.w3.org/2000/svg'/>"
            )
        else:
            route.abort()

    context.route(SITE, lambda route: route.fulfill(path=pages / "map.html"))
    context.route(lambda url: not url.startswith(SITE), answer)
    page = context.new_page()
    page.goto(SITE)
    page.wait_for_selector("html[data-map=painted]")
    open_tool(page, "viewing")
    assert [url for url in asked if not url.startswith("blob:")] == []
    page.locator("#online").click()
    page.wait_for_timeout(500)
    hosts = {re.sub(r"(?<=\w)/.*", "", url) for url in asked if not url.startswith("blob:")}
    assert hosts == {"https://tile.openstreetmap.org"}
    if answers:
        expect(page.locator("#online")).to_be_checked()
        assert page.locator("img.leaflet-tile").count() > 0
        page.locator("#online").uncheck()
    else:
        expect(page.locator("#online-said")).to_contain_text("no respondió")
    expect(page.locator("#online")).not_to_be_checked()
    expect(page.locator("img.leaflet-tile")).to_have_count(0)
    context.close()


UNREAD = """() => {
  for (const layer of geoasm.layers) layer.isWhole = false;
  geoasm.whole = () => new Promise((resolve) => {
    window.arrive = () => {
      for (const layer of geoasm.layers) layer.isWhole = true;
      resolve();
    };
  });
}"""


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        ("void geoasm.ask(geoasm.map.getCenter())", ".popup"),
        ("void geoasm.choose({ bounds: geoasm.map.getBounds() })", "#selection dl"),
        ("geoasm.list.show(true)", "#list-body tr"),
    ],
)
def test_who_asks_early_is_answered_when_all_is_read(page: Page, ask: str, answer: str) -> None:
    page.evaluate(UNREAD)
    page.evaluate(ask)
    page.wait_for_timeout(100)
    expect(page.locator(answer)).to_have_count(0)
    page.evaluate("window.arrive()")
    expect(page.locator(answer).first).to_be_visible()


def test_a_search_before_all_is_read_says_so_and_is_answered_later(page: Page) -> None:
    page.evaluate(
        """() => {
          geoasm.isSearchable = false;
          geoasm.searchable = new Promise((resolve) => { window.arrive = resolve; });
        }"""
    )
    page.fill("#query", "pena")
    expect(page.locator("#search-count")).to_have_text("Leyendo los datos…")
    page.evaluate("() => { geoasm.isSearchable = true; window.arrive(); }")
    expect(page.locator("#search-count")).to_contain_text(" de ")
    expect(page.locator("#found li").first).to_be_visible()


def test_a_search_ends_the_one_before_it(page: Page) -> None:
    told = page.evaluate(
        """async () => {
          const told = [];
          geoasm.SLICE_MS = -1;
          geoasm.findInSlices("pena", ({ total }) => told.push(["pena", total]));
          geoasm.findInSlices("R00013", ({ total }) => told.push(["R00013", total]));
          await new Promise((done) => { setTimeout(done, 300); });
          return told;
        }"""
    )
    assert told == [["R00013", 1]]


def test_work_after_a_move_is_done_once_and_before_a_print(page: Page) -> None:
    told = page.evaluate(
        """async () => {
          let n = 0;
          const work = () => { n += 1; };
          geoasm.soon(work);
          geoasm.soon(work);
          const before = n;
          geoasm.settle();
          const settled = n;
          await new Promise((done) => { setTimeout(done, 50); });
          return [before, settled, n];
        }"""
    )
    assert told == [0, 1, 1]
    assert page.evaluate("() => { geoasm.forPrint(true); return geoasm.waiting.size; }") == 0


def test_small_regions_are_not_named_over_what_is_mined(page: Page) -> None:
    names = page.locator(".region-name")
    expect(names).not_to_have_count(0)
    page.evaluate("void geoasm.map.setZoom(5, {animate: false})")
    expect(names).to_have_count(0)
