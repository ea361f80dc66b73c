"""What a planner takes from a map: counts in view, a rectangle or region as a table, an address."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path

import geopandas as gpd
import pyproj
import pytest
import shapely
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, again
from tests.render import synthetic

pytestmark = pytest.mark.browser

RUN = synthetic.result()


@pytest.fixture
def page(visit: Opener) -> Page:
    return visit("map.html").page


def choose(page: Page, button: str) -> None:
    """Open the tool and press one of its buttons."""
    tab = page.locator("[aria-controls=selecting]")
    if tab.get_attribute("aria-expanded") == "false":
        tab.click()
    page.locator(button).click()


def download(page: Page, button: str) -> Path:
    with page.expect_download() as told:
        page.locator(button).click()
    ending = button.rpartition("-")[2]
    assert told.value.suggested_filename == f"geoasm-{RUN.summary['on']}.{ending}"
    return Path(told.value.path())


def saved(page: Page) -> list[dict[str, str]]:
    path = download(page, "#save-csv")
    text = path.read_text(encoding="utf-8-sig")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def shapes(page: Page, tmp_path: Path) -> gpd.GeoDataFrame:
    target = tmp_path / "selection.geojson"
    target.write_bytes(download(page, "#save-geojson").read_bytes())
    return gpd.read_file(target)


def test_counts_in_view_are_those_of_the_run_where_all_is_in_view(page: Page) -> None:
    located = RUN.registrations[RUN.registrations.geometry.notna()]
    for asm_class, n in located["asm_class"].value_counts().items():
        place = page.locator(f'[data-group="class:{asm_class}"] ~ .view')
        expect(place).to_have_text(str(n))


def test_counts_in_view_fall_with_the_view(page: Page) -> None:
    place = page.locator('[data-group="right:titled"] ~ .view')
    before = int(place.inner_text())
    page.evaluate("geoasm.map.setView([-7.1, -78.5], 16, {animate: false})")
    assert 0 <= int(place.inner_text()) < before


def test_the_whole_view_as_a_table_has_every_feature_once(page: Page) -> None:
    choose(page, "#select-view")
    rows = saved(page)
    by_layer = Counter(row["capa"] for row in rows)
    located = RUN.registrations.geometry.notna().sum()
    assert by_layer == {
        "registrations": located,
        "concessions": len(RUN.concessions),
        "candidates": len(RUN.candidates),
    }
    codes = {row["código"] for row in rows if row["capa"] == "concessions"}
    assert codes == set(RUN.concessions["concession_id"])
    shown = page.locator("#selection").inner_text()
    assert "cuenta dos veces" in shown


def test_what_is_hidden_is_not_selected(page: Page) -> None:
    page.locator('[data-group="right:titled"]').uncheck()
    choose(page, "#select-view")
    groups = {row["grupo"] for row in saved(page)}
    assert "Titulado" not in groups
    assert "Extinguido" in groups


def hectares(page: Page, way: str) -> list[float]:
    return page.evaluate(
        """([codes, way]) => {
          const layer = geoasm.layer("concessions");
          const of = new Map([...Array(layer.size).keys()].map((f) => [layer.columns[layer.name].at(f), f]));
          return codes.map((code) => geoasm[way](layer, of.get(code)));
        }""",
        [RUN.concessions["concession_id"].tolist(), way],
    )


def test_hectares_are_those_of_the_run(page: Page) -> None:
    true = RUN.concessions["area_ha"].tolist()
    assert hectares(page, "hectares") == pytest.approx(true, abs=0.051)


def test_where_the_run_says_none_hectares_are_those_of_the_ellipsoid(page: Page) -> None:
    geod = pyproj.Geod(ellps="WGS84")
    true = [abs(geod.geometry_area_perimeter(g)[0]) / 1e4 for g in RUN.concessions.geometry]
    assert hectares(page, "hectaresOf") == pytest.approx(true, rel=1e-4)


def test_a_selection_follows_the_legend(page: Page) -> None:
    choose(page, "#select-view")
    titled = page.locator('[data-group="right:titled"]')
    expect(page.locator("#selection dl")).to_contain_text("Titulado")
    titled.uncheck()
    expect(page.locator("#selection dl")).not_to_contain_text("Titulado")
    page.get_by_role("button", name="Mostrar todas: Derechos mineros").click()
    expect(page.locator("#selection dl")).to_contain_text("Titulado")


def test_a_rectangle_is_drawn_by_keyboard_alone(page: Page) -> None:
    choose(page, "#select")
    page.keyboard.press(" ")
    page.wait_for_timeout(50)
    page.evaluate("void geoasm.map.panBy([300, 200], {animate: false})")
    page.keyboard.press(" ")
    expect(page.locator("#selection dl")).to_be_visible()
    expect(page.locator(".popup")).to_have_count(0)


def test_all_that_a_search_finds_is_a_selection(page: Page, visit: Opener) -> None:
    page.fill("#query", "pena")
    total = int(page.locator("#search-count").inner_text().split()[-1])
    folded = RUN.concessions["name"].str.normalize("NFD").str.lower()
    named = RUN.concessions[folded.str.contains("pena|pen\u0303a")]
    page.locator("#search-all").click()
    expect(page.locator("#selection .chosen")).to_have_text("Encontrado con «pena»")
    rows = saved(page)
    assert len(rows) == total
    rights = {row["código"] for row in rows if row["capa"] == "concessions"}
    assert rights == set(named["concession_id"])
    assert len(rights) > 2
    west, south, east, north = named.geometry.total_bounds
    view = page.evaluate("geoasm.map.getBounds().toBBoxString()")
    assert shapely.box(*map(float, view.split(","))).covers(shapely.box(west, south, east, north))
    other = again(page, visit)
    expect(other.locator("#selection .chosen")).to_have_text("Encontrado con «pena»")


def test_quantities_and_days_are_for_a_spreadsheet_to_read(page: Page) -> None:
    choose(page, "#select-view")
    by_code = {row["código"]: row for row in saved(page) if row["capa"] == "concessions"}
    for right in RUN.concessions.itertuples():
        row = by_code[right.concession_id]
        assert float(row["Área (ha)"]) == round(right.area_ha, 1)
        assert float(row["Hectáreas del titular (ha)"]) == 1234.5
        assert row["Formulado el"] == str(right.filed_on)[:10]


def test_a_rectangle_is_drawn_with_the_mouse_and_ends_the_mode(page: Page) -> None:
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    choose(page, "#select")
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 100, box["y"] + box["height"] - 100, steps=3)
    page.mouse.up()
    expect(page.locator("#selection dl")).to_be_visible()
    expect(page.locator("#select")).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".popup")).to_have_count(0)


def test_a_chosen_region_is_selected_by_its_outline(page: Page) -> None:
    page.locator("#region").select_option(label="CAJAMARCA › CELENDÍN")
    choose(page, "#select-region")
    region = saved(page)
    expect(page.locator("#selection .chosen")).to_have_text("CAJAMARCA › CELENDÍN")
    page.locator("#region").select_option(index=0)
    expect(page.locator("#select-region")).to_be_disabled()
    choose(page, "#select-view")
    assert 0 < len(region) < len(saved(page))


def test_a_rectangle_is_drawn_by_touching_two_corners(page: Page) -> None:
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    choose(page, "#select")
    page.mouse.click(box["x"] + 100, box["y"] + 100)
    expect(page.locator("#selection")).to_be_empty()
    page.mouse.click(box["x"] + box["width"] - 100, box["y"] + box["height"] - 100)
    expect(page.locator("#selection dl")).to_be_visible()
    expect(page.locator(".task")).to_be_hidden()
    expect(page.locator(".popup")).to_have_count(0)
    assert page.evaluate("geoasm.map.dragging.enabled()")


def test_drawing_a_rectangle_can_be_given_up(page: Page) -> None:
    choose(page, "#select")
    page.keyboard.press("Escape")
    expect(page.locator("#select")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#selection")).to_be_empty()
    assert page.evaluate("geoasm.map.dragging.enabled()")


def test_what_is_selected_stays_outlined_until_it_is_cleared(page: Page) -> None:
    outline = page.locator(".leaflet-overlay-pane path")
    choose(page, "#select-view")
    expect(outline).to_have_count(1)
    page.evaluate("geoasm.map.panBy([80, 0], {animate: false})")
    expect(outline).to_have_count(1)
    page.locator("#select-clear").click()
    expect(outline).to_have_count(0)
    expect(page.locator("#selection")).to_be_empty()
    expect(page.locator("#select-view")).to_be_focused()


def test_shapes_are_those_of_the_run_to_a_fifth_of_a_metre(page: Page, tmp_path: Path) -> None:
    choose(page, "#select-view")
    read = shapes(page, tmp_path)
    assert read.crs == "EPSG:4326"
    places = {"registrations": "registration_id", "concessions": "concession_id"}
    for layer, code in places.items():
        frame = getattr(RUN, layer)
        true = frame[frame.geometry.notna()].set_index(code).geometry.to_crs("EPSG:32717")
        drawn = read[read["capa"] == layer].set_index("código").geometry.to_crs("EPSG:32717")
        assert set(drawn.index) == set(true.index)
        apart = shapely.hausdorff_distance(
            drawn.loc[true.index].to_numpy(), true.to_numpy(), densify=0.5
        )
        assert apart.max() < 0.2


def test_both_files_say_the_same_of_each_feature(page: Page, tmp_path: Path) -> None:
    choose(page, "#select-view")
    rows = saved(page)
    content = json.loads(download(page, "#save-geojson").read_text(encoding="utf-8"))
    told = [feature["properties"] for feature in content["features"]]
    assert list(told[0]) == list(rows[0])
    assert len(told) == len(rows)
    for row, properties in zip(rows, told, strict=True):
        plain = {k: "" if v is None else str(v) for k, v in properties.items()}
        assert {k: v.removeprefix("'") for k, v in row.items()} == plain
    names = {properties["nombre"] for properties in told}
    assert set(synthetic.HOSTILE) <= names


def test_holes_and_parts_come_back_with_the_winding_of_the_standard(page: Page) -> None:
    outer = [[0, 0], [10, 0], [10, 10], [0, 10]]
    hole = [[2, 2], [8, 2], [8, 8], [2, 8]]
    island = [[4, 4], [6, 4], [6, 6], [4, 6]]
    beside = [[10, 0], [20, 0], [20, 10], [10, 10]]  # shares an edge with the first
    touching = [[0, 10], [1, 9], [0.5, 9]]  # a hole that touches its shell at a corner
    rings = [outer, hole, island, beside, touching]
    for turned in (rings, [ring[::-1] for ring in rings], rings[::-1]):
        parts = page.evaluate("rings => geoasm.nested(rings)", turned)
        drawn = shapely.MultiPolygon([shapely.Polygon(p[0], p[1:]) for p in parts])
        true = shapely.union_all([
            shapely.Polygon(outer, [hole, touching]), shapely.Polygon(island), shapely.Polygon(beside)
        ])  # fmt: skip
        assert drawn.symmetric_difference(true).area == pytest.approx(0)
        for shell, *holes in parts:
            assert shell[0] == shell[-1]
            assert shapely.LinearRing(shell).is_ccw
            assert not any(shapely.LinearRing(ring).is_ccw for ring in holes)


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
