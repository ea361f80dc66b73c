"""A browser without a network, and pages of the synthetic run in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from geoasm.render.pages import draw_pages
from tests.render import synthetic

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


@dataclass
class Visit:
    """An open page, what it asked for and what it complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


Opener = Callable[[str], Visit]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("GEOASM_REQUIRE_BROWSER") == "1":
            pytest.fail("GEOASM_REQUIRE_BROWSER=1 and there is no chromium")
        pytest.skip("there is no chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with map and report of the synthetic run, in Spanish."""
    folder = tmp_path_factory.mktemp("pages")
    for name, html in draw_pages(synthetic.result(), "es").items():
        (folder / name).write_text(html, encoding="utf-8")
    return folder


@pytest.fixture
def visit(browser: Browser, pages: Path) -> Iterator[Opener]:
    context = browser.new_context(viewport={"width": 1366, "height": 768})

    def visiting(name: str) -> Visit:
        seen = Visit(context.new_page())
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.on("console", lambda message: seen.complaints.append(message.text))
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.goto((pages / name).as_uri())
        if name.endswith("map.html"):
            seen.page.wait_for_selector("html[data-map=painted][data-layers=whole]")
        return seen

    yield visiting
    context.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page, for modules that open files of their own."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    yield context.new_page()
    context.close()


def open_tool(page: Page, pane: str) -> None:
    page.locator(f"[aria-controls={pane}]").click()
    expect(page.locator(f"#{pane}")).to_be_visible()


def on_map(page: Page, x: float, y: float) -> tuple[float, float]:
    """Give the place on the screen at a share of the map's width and height."""
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    return box["x"] + box["width"] * x, box["y"] + box["height"] * y


def again(page: Page, visit: Opener) -> Page:
    """Open the address of a page anew."""
    page.wait_for_timeout(50)
    other = visit("map.html").page
    other.goto("about:blank")
    other.goto(page.url)
    other.wait_for_selector("html[data-map=painted]")
    return other
