"""The documentation site in a browser: it opens from disk, and asks for nothing beyond it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.sites import build

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    assert build(folder) == ""
    return folder


def look_for(words: str, page: Page) -> Locator:
    """Type into the search, key by key as the theme listens, and give what it finds."""
    page.locator("input.md-search__input").press_sequentially(words)
    hits = page.locator(".md-search-result__item")
    expect(hits.first).to_be_visible()
    return hits


@pytest.mark.parametrize("name", ["index.html", "cli.html"])
def test_page_opens_from_disk_without_a_failed_request_or_a_complaint(
    browser: Browser, site: Path, name: str
) -> None:
    context = browser.new_context(offline=True)
    page = context.new_page()
    asked: list[str] = []
    failed: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((site / name).as_uri(), wait_until="load")
    look_for("screen", page)
    context.close()
    assert asked
    assert not [url for url in asked if not url.startswith((site.as_uri(), "data:", "about:"))]
    assert not failed
    assert not complaints


def test_search_from_disk_finds_the_section_of_a_command(browser: Browser, site: Path) -> None:
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    hits = look_for("geoasm screen", page)
    expect(hits.locator("[href*='cli.html#geoasm-screen']")).to_be_visible()
    context.close()
