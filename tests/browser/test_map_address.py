"""The page in its address: what it brings back, what it passes over, and the Back button."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, Visit, again, on_map, open_tool

pytestmark = pytest.mark.browser


@pytest.fixture
def opened(visit: Opener) -> Visit:
    return visit("map.html")


@pytest.fixture
def page(opened: Visit) -> Page:
    return opened.page


def test_the_address_brings_back_what_is_open_and_typed(page: Page, visit: Opener) -> None:
    page.fill("#query", "la pena 35")
    page.keyboard.press("Enter")
    expect(page.locator(".popup")).to_contain_text("LA PEÑA 35")
    other = again(page, visit)
    expect(other.locator(".popup")).to_contain_text("LA PEÑA 35")
    expect(other.locator("#query")).to_have_value("la pena 35")
    expect(other.locator("#found")).to_be_hidden()
    assert other.url == page.url
    other.keyboard.press("Escape")
    assert "at=" not in other.url


def test_the_address_brings_back_an_answer_on_bare_ground(page: Page, visit: Opener) -> None:
    page.mouse.click(*on_map(page, 0.1, 0.5))
    said = page.locator(".popup").inner_text()
    assert again(page, visit).locator(".popup").inner_text() == said


def test_the_address_brings_back_a_selection(page: Page, visit: Opener) -> None:
    page.select_option("#region", label="CAJAMARCA › CELENDÍN")
    open_tool(page, "selecting")
    page.locator("#select-region").click()
    told = page.locator("#selection").inner_text()
    assert "CAJAMARCA › CELENDÍN" in told
    other = again(page, visit)
    expect(other.locator("#selecting")).to_be_visible()
    assert other.locator("#selection").inner_text() == told


def test_any_tool_may_add_to_the_address(page: Page) -> None:
    page.evaluate(
        """() => {
          window.told = [];
          geoasm.states.push({ key: "theme", write: () => "a!b=c ñ", read: (text) => window.told.push(text) });
          geoasm.remember();
          location.hash = `${location.hash}!x=1`;
        }"""
    )
    page.wait_for_timeout(100)
    assert page.evaluate("window.told") == ["a!b=c ñ"]
    page.evaluate("location.hash = '#9/-7.1/-78.5'")
    page.wait_for_timeout(100)
    assert page.evaluate("window.told") == ["a!b=c ñ", None]


def test_back_returns_to_where_one_was_and_pans_leave_no_trail(page: Page) -> None:
    page.evaluate("geoasm.map.setView([-7.11, -78.52], 13, {animate: false})")
    length = page.evaluate("history.length")
    for _ in range(3):
        page.evaluate("geoasm.map.panBy([50, 0], {animate: false})")
    assert page.evaluate("history.length") == length
    here = page.url
    page.fill("#query", "R00013")
    page.keyboard.press("Enter")
    expect(page.locator(".popup")).to_be_visible()
    page.go_back()
    page.wait_for_timeout(200)
    expect(page.locator(".popup")).to_have_count(0)
    assert page.url.split("!")[0] == here.split("!")[0]
    assert page.evaluate("geoasm.map.getZoom()") == 13


NO_VIEW = (
    *("#", "#///", "#1/2", "#99999999/0/0", "#x/y/z", "#NaN/NaN/NaN", "#12/-7/", "#%", "#!!!!"),
    *("#__proto__", "#12/-7.1/-78.5/3", "#1e5/1/1", "#12/1e99/1", "#map_geoasm"),
)
NONSENSE = (
    *("!off=nobody", "!off", "!=", "!off=%E0%A4%A", "!sel=1,2,3", "!sel=<img>", "!sel=NaN,1,2,x"),
    *("!at=concessions=none", "!at=999,999", "!at==", "!at=registrations", "!op=<b>", "!op=9999"),
    *("!q=%3Cimg%20src=x%20onerror=alert(1)%3E", "!__proto__=1", "!sel=9,9,1,1", "!unknown=1"),
)


def test_an_address_of_nonsense_is_passed_over(opened: Visit) -> None:
    page = opened.page
    view = "[geoasm.map.getZoom(), geoasm.map.getCenter().lat, geoasm.map.getCenter().lng]"
    before = page.evaluate(view)
    for address in NO_VIEW:
        page.evaluate("text => { location.hash = text; }", address)
        page.wait_for_timeout(20)
        assert page.evaluate(view) == before, address
    assert opened.complaints == []


def test_nonsense_in_a_part_of_an_address_spares_the_rest(opened: Visit) -> None:
    page = opened.page
    for i, rest in enumerate(NONSENSE):
        page.evaluate("text => { location.hash = text; }", f"#{10 + i % 5}/-7.12/-78.51{rest}")
        page.wait_for_timeout(20)
        assert page.evaluate("geoasm.map.getZoom()") == 10 + i % 5, rest
        expect(page.locator("[data-group='class:own_title']")).to_be_checked()
        expect(page.locator(".popup")).to_have_count(0)
        assert page.evaluate("geoasm.chosen ?? null") is None, rest
    assert page.locator("img").count() == 0
    assert opened.complaints == []


def test_link_is_copied(page: Page) -> None:
    page.evaluate(
        """() => Object.defineProperty(navigator, "clipboard", {
          value: { writeText: async (text) => { window.copied = text; } } })"""
    )
    open_tool(page, "viewing")
    page.locator("#copy").click()
    expect(page.locator("#link-said")).to_have_text("Enlace copiado.")
    assert page.evaluate("window.copied") == page.url
    assert "#" in page.url


def test_where_copying_is_not_allowed_the_link_stands_ready(page: Page) -> None:
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    open_tool(page, "viewing")
    page.locator("#copy").click()
    expect(page.locator("#link")).to_be_focused()
    expect(page.locator("#link")).to_have_value(page.url)
    assert page.evaluate("getSelection().toString()") == page.url
