"""Pages for planners as axe sees them: free ground and a series of runs, in either language."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page

import geoasm
from geoasm.io.results import save_result
from geoasm.render.labels import LANGUAGES
from tests.browser.test_axe import OPENED, barriers
from tests.screened import sample_run

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, runs = (tmp_path_factory.mktemp(name) for name in ("axe", "runs"))
    result = sample_run()
    for day in ("2025-11-01", "2026-01-01"):
        save_result(replace(result, summary={**result.summary, "on": day}), runs / day)
    for language in LANGUAGES:
        drawn = {
            "openings": geoasm.seek_openings(result, language=language).files.page,
            "series": geoasm.draw_series([runs], language=language).page,
        }
        for name, html in drawn.items():
            (folder / f"{name}_{language}.html").write_text(html, encoding="utf-8")
    return folder


@pytest.mark.parametrize("media", ["screen", "print"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["openings", "series"])
def test_nothing_on_a_page_for_planners_keeps_anybody_out(
    page: Page, pages: Path, name: str, language: str, media: str
) -> None:
    page.emulate_media(media=media)
    page.goto((pages / f"{name}_{language}.html").as_uri())
    page.evaluate(OPENED)
    assert barriers(page) == []


@pytest.mark.parametrize("name", ["openings", "series"])
def test_a_telephone_scrolls_tables_and_not_the_page(page: Page, pages: Path, name: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto((pages / f"{name}_es.html").as_uri())
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0
