"""What a planner takes from a map: counts in view, a rectangle or region as a table, an address."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener
from tests.render import synthetic

pytestmark = pytest.mark.browser


@pytest.fixture
def page(visit: Opener) -> Page:
    return visit("map.html").page


def saved(page: Page) -> list[dict[str, str]]:
    with page.expect_download() as download:
        page.locator("#selection button").click()
    path = Path(download.value.path())
    text = path.read_text(encoding="utf-8-sig")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_counts_in_view_are_those_of_the_run_where_all_is_in_view(page: Page) -> None:
    run = synthetic.result()
    located = run.registrations[run.registrations.geometry.notna()]
    for asm_class, n in located["asm_class"].value_counts().items():
        place = page.locator(f'[data-group="class:{asm_class}"] ~ .view')
        expect(place).to_have_text(str(n))


def test_counts_in_view_fall_with_the_view(page: Page) -> None:
    place = page.locator('[data-group="right:titled"] ~ .view')
    before = int(place.inner_text())
    page.evaluate("geoasm.map.setView([-7.1, -78.5], 16, {animate: false})")
    assert 0 <= int(place.inner_text()) < before


def test_the_whole_view_as_a_table_has_every_feature_once(page: Page) -> None:
    run = synthetic.result()
    page.locator("#select-view").click()
    rows = saved(page)
    by_layer = Counter(row["capa"] for row in rows)
    located = run.registrations.geometry.notna().sum()
    assert by_layer == {
        "registrations": located,
        "concessions": len(run.concessions),
        "candidates": len(run.candidates),
    }
    codes = {row["código"] for row in rows if row["capa"] == "concessions"}
    assert codes == set(run.concessions["concession_id"])
    shown = page.locator("#selection").inner_text()
    assert "cuenta dos veces" in shown


def test_what_is_hidden_is_not_selected(page: Page) -> None:
    page.locator('[data-group="right:titled"]').uncheck()
    page.locator("#select-view").click()
    groups = {row["grupo"] for row in saved(page)}
    assert "Titulado" not in groups
    assert "Extinguido" in groups


def test_hectares_are_those_of_the_ground(page: Page) -> None:
    run = synthetic.result()
    codes = run.concessions["concession_id"].tolist()
    measured = page.evaluate(
        """codes => {
          const layer = geoasm.layer("concessions");
          const of = new Map([...Array(layer.size).keys()].map((f) => [layer.columns[layer.name].at(f), f]));
          return codes.map((code) => geoasm.hectares(layer, of.get(code)));
        }""",
        codes,
    )
    true = run.concessions.geometry.to_crs("EPSG:32717").area / 10_000
    assert measured == pytest.approx(true.tolist(), rel=0.01)


def test_a_rectangle_is_drawn_with_the_mouse_and_ends_the_mode(page: Page) -> None:
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    page.locator("#select").click()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 100, box["y"] + box["height"] - 100, steps=3)
    page.mouse.up()
    expect(page.locator("#selection dl")).to_be_visible()
    expect(page.locator("#select")).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".popup")).to_have_count(0)


def test_a_chosen_region_is_selected_by_its_outline(page: Page) -> None:
    page.locator("#region").select_option(index=1)
    page.locator("#select-view").click()
    region = saved(page)
    page.locator("#region").select_option(index=0)
    page.locator("#select-view").click()
    assert 0 < len(region) < len(saved(page))


@pytest.mark.parametrize("text", ["=1+1", "+51", "-9", "@home", "\tx"])
def test_nothing_in_the_table_is_a_formula(page: Page, text: str) -> None:
    assert page.evaluate("text => geoasm.cellOf(text)", text).lstrip('"').startswith("'")


def test_quotes_commas_and_breaks_survive_the_table(page: Page) -> None:
    for text in ('a "b", c', "two\nlines", "ñandú; 🙂"):
        line = page.evaluate("text => geoasm.cellOf(text)", text)
        assert next(csv.reader(io.StringIO(line, newline=""))) == [text]


def test_the_address_brings_back_view_and_layers(page: Page, visit: Opener) -> None:
    page.evaluate("geoasm.map.setView([-7.12345, -78.54321], 14, {animate: false})")
    page.locator('[data-group="class:open_ground"]').uncheck()
    page.wait_for_timeout(50)
    address = page.url
    assert "#14/-7.12345/-78.54321" in address
    other = visit("map.html").page
    other.goto("about:blank")
    other.goto(address)
    other.wait_for_selector("html[data-map=painted]")
    assert other.evaluate("geoasm.map.getZoom()") == 14
    assert other.evaluate("geoasm.map.getCenter().lat") == pytest.approx(-7.12345, abs=1e-4)
    expect(other.locator('[data-group="class:open_ground"]')).not_to_be_checked()
    expect(other.locator('[data-group="class:own_title"]')).to_be_checked()


def test_an_address_of_nonsense_changes_nothing(visit: Opener) -> None:
    seen = visit("map.html")
    before = seen.page.evaluate("geoasm.map.getZoom()")
    seen.page.evaluate("location.hash = '#x/<img>/!class:own_title'")
    seen.page.wait_for_timeout(100)
    assert seen.page.evaluate("geoasm.map.getZoom()") == before
    assert seen.complaints == []
