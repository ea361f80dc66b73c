"""A comparison in the browser: every change is painted, its report keeps nobody out, nothing is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from geoasm.compare import compare_runs
from geoasm.io.comparisons import MAP, PAGE
from geoasm.render.comparison import comparison_html
from geoasm.render.labels import Labels
from tests.browser.conftest import Opener
from tests.browser.test_axe import barriers
from tests.browser.test_map_painted import PAINTED
from tests.changes import snapshots

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("comparison")
    made = compare_runs(snapshots.run(snapshots.earlier()), snapshots.run(snapshots.later()))
    made.save(folder / "c")
    english = comparison_html(made.changes, made.before, made.after, Labels("en"))
    (folder / "c" / "english.html").write_text(english, encoding="utf-8")
    return folder / "c"


def open_map(visit: Opener) -> Page:
    seen = visit(MAP)
    assert [url.partition("#")[0] for url in seen.requests] == [seen.page.url.partition("#")[0]]
    assert seen.complaints == []
    return seen.page


@pytest.mark.parametrize("zoom", [6, 11, 15])
def test_every_change_is_painted(visit: Opener, zoom: int) -> None:
    painted = open_map(visit).evaluate(PAINTED, zoom)
    assert {"right:appeared", "right:holder", "class:on_lsm_msm", "class:"} <= set(painted)
    assert {name: n for name, n in painted.items() if n < 4} == {}


def test_a_click_tells_class_before_class_after_and_cause(visit: Opener) -> None:
    page = open_map(visit)
    page.locator("#query").fill("REG00")
    page.locator("#found [role=option]").first.click()
    told = page.locator(".leaflet-popup-content").inner_text()
    for text in ("En concesión propia", "En concesión de gran o mediana minería", "El titular"):
        assert text in told


@pytest.mark.parametrize("name", [PAGE, "english.html"])
def test_the_report_keeps_nobody_out(visit: Opener, name: str) -> None:
    seen = visit(name)
    seen.page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
    assert barriers(seen.page) == []
    assert seen.page.locator("#flows ~ * svg, section svg.figure").count() >= 1
