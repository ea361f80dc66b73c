"""Pages as axe sees them: nothing that keeps anybody out, in either language, folded or open."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

import geoasm
from geoasm.render.labels import LANGUAGES, Labels
from geoasm.render.map import map_html
from geoasm.render.report import report_html
from tests.browser.test_map import click_on
from tests.render import synthetic
from tests.screened import sample_run

pytestmark = pytest.mark.browser

BARRIERS = ("serious", "critical")
OPTIONS = {"resultTypes": ["violations"]}
OPENED = "document.querySelectorAll('details').forEach((d) => d.open = true)"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("axe")
    holders = sample_run().holders.query("holder_kind == 'legal'")
    company = int(holders.sort_values(["n_hosted", "holder_id"])["holder_id"].iloc[-1])
    for language in LANGUAGES:
        labels = Labels(language)
        drawn = {
            "map": map_html(synthetic.result(), labels),
            "report": report_html(sample_run(), labels),
            "dossier": geoasm.screen(sample_run(), holder=company, language=language).files.page,
        }
        for name, html in drawn.items():
            (folder / f"{name}_{language}.html").write_text(html, encoding="utf-8")
    return folder


def barriers(page: Page) -> list[str]:
    """Run axe and tell what it holds against a page, and where."""
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [
        f"{violation['id']}: {node['target']} {node['html'][:120]}"
        for violation in found
        if violation["impact"] in BARRIERS
        for node in violation["nodes"]
    ]


# In print no shadow lies under a table, so that axe can measure the contrast of its texts, too.
@pytest.mark.parametrize("media", ["screen", "print"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["report", "dossier"])
def test_nothing_on_a_page_of_paper_keeps_anybody_out(
    page: Page, pages: Path, name: str, language: str, media: str
) -> None:
    page.emulate_media(media=media)
    page.goto((pages / f"{name}_{language}.html").as_uri())
    page.evaluate(OPENED)
    assert barriers(page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_on_the_map_keeps_anybody_out(page: Page, pages: Path, language: str) -> None:
    page.goto((pages / f"map_{language}.html").as_uri())
    page.wait_for_selector("html[data-map=painted][data-layers=whole]")
    assert barriers(page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_and_the_list_of_the_map_keep_nobody_out(
    page: Page, pages: Path, language: str
) -> None:
    page.goto((pages / f"map_{language}.html").as_uri())
    page.wait_for_selector("html[data-map=painted][data-layers=whole]")
    click_on(page, "R00000")
    assert barriers(page) == []
    page.locator("#list-open").click()
    expect(page.locator("#list")).to_be_visible()
    assert barriers(page) == []


def test_axe_finds_what_is_broken(page: Page) -> None:
    page.set_content("<html><body><p style='color:#bbb'>pale words</p><input></body></html>")
    assert {line.partition(":")[0] for line in barriers(page)} >= {
        "color-contrast",
        "html-has-lang",
        "label",
    }
