"""The base map under the data: it is drawn and named, and no tool takes it for data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from geoasm.render.labels import LANGUAGES, Labels
from geoasm.render.map import map_html
from tests.browser.conftest import Opener, Visit
from tests.render import synthetic

pytestmark = pytest.mark.browser

# Pixels of the middle tile that change where one layer is left out.
DRAWN = """zoom => {
  const grid = new geoasm.BaseGrid();
  const coords = geoasm.map.project(geoasm.map.getCenter(), zoom).divideBy(geoasm.TILE).floor();
  coords.z = zoom;
  const pixels = () => {
    const tile = document.createElement("canvas");
    grid.paint(tile, coords);
    return new Uint32Array(tile.getContext("2d").getImageData(0, 0, tile.width, tile.height).data.buffer);
  };
  const everything = { ...geoasm.base };
  const whole = pixels();
  const changed = {};
  for (const name of Object.keys(everything)) {
    geoasm.base = { ...everything, [name]: { ...everything[name], groups: everything[name].groups, within: () => {} } };
    const other = pixels();
    changed[name] = whole.filter((pixel, i) => pixel !== other[i]).length;
  }
  geoasm.base = everything;
  return changed;
}"""
NAMES = """() => [...document.querySelectorAll(".base-name, .region-name")].map((element) => {
  const { left, top, right, bottom } = element.getBoundingClientRect();
  return { name: element.textContent, kind: element.className, box: [left, top, right, bottom] };
})"""
PERU = (-9.3, -75)


@pytest.fixture
def opened(visit: Opener) -> Visit:
    seen = visit("map.html")
    seen.page.wait_for_selector("html[data-base=ready]")
    return seen


@pytest.fixture
def page(opened: Visit) -> Page:
    return opened.page


def look(page: Page, lat: float, lon: float, zoom: int) -> list[dict[str, Any]]:
    page.evaluate(
        "([lat, lon, zoom]) => geoasm.map.setView([lat, lon], zoom, { animate: false })",
        [lat, lon, zoom],
    )
    names: list[dict[str, Any]] = page.evaluate(NAMES)
    return names


def of_kind(names: list[dict[str, Any]], kind: str) -> set[str]:
    return {found["name"] for found in names if kind in found["kind"].split()}


def overlaps(a: list[float], b: list[float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def test_every_layer_is_drawn_in_a_national_view(page: Page) -> None:
    look(page, -13, -72, 3)
    drawn = page.evaluate(DRAWN, 3) | {"world": page.evaluate(DRAWN, 0)["world"]}
    assert {"world", "countries", "regions", "lakes", "rivers"} <= set(drawn)
    assert {name: n for name, n in drawn.items() if n < 10 and name != "towns"} == {}
    assert of_kind(look(page, *PERU, 6), "town")


def test_it_lies_under_the_data_and_lets_clicks_through(page: Page) -> None:
    depth = {
        name: page.evaluate("(name) => Number(geoasm.map.getPane(name).style.zIndex)", name)
        for name in ("base", "geoasm")
    }
    assert depth["base"] < depth["geoasm"]
    for name in ("base", "base-names"):
        assert (
            page.evaluate("(name) => geoasm.map.getPane(name).style.pointerEvents", name) == "none"
        )


def test_it_asks_for_nothing_and_complains_of_nothing(opened: Visit) -> None:
    for zoom in (4, 7, 12, 15):
        look(opened.page, *PERU, zoom)
    own = [u for u in opened.requests if not u.endswith("/map.html") and not u.startswith("blob:")]
    assert own == []
    assert opened.complaints == []


def test_names_of_a_view_do_not_overlap(page: Page) -> None:
    for zoom in (4, 5, 6, 7, 8, 10):
        names = look(page, *PERU, zoom)
        written = [found for found in names if "base-name" in found["kind"]]
        assert len(written) >= 3
        for one in written:
            others = [other for other in names if other is not one]
            assert not [o["name"] for o in others if overlaps(one["box"], o["box"])], one["name"]


def test_towns_appear_by_rank(page: Page) -> None:
    chachapoyas = (-6.23, -77.87)
    near = of_kind(look(page, *chachapoyas, 8), "town")
    far = of_kind(look(page, *chachapoyas, 5), "town")
    assert "Chachapoyas" in near
    assert "Chachapoyas" not in far
    assert "Lima" in of_kind(look(page, *PERU, 5), "main")


def test_countries_and_regions_are_named(page: Page) -> None:
    names = look(page, *PERU, 6)
    assert {"Brasil", "Ecuador", "Colombia"} <= of_kind(names, "country")
    assert {"Loreto", "Ucayali", "Madre de Dios"} <= of_kind(names, "region")


def test_regions_of_the_run_take_the_place_of_those_of_the_base_map(page: Page) -> None:
    place = page.evaluate(
        """() => {
          const layer = geoasm.layer("context:admin:polygon");
          const point = geoasm.unproject(...layer.at(0));
          geoasm.map.fitBounds(geoasm.boundsOf(layer, 0), { animate: false });
          return [point.lat, point.lng, geoasm.map.getZoom() + 3];
        }"""
    )
    assert of_kind(look(page, *place), "region") == set()
    page.locator('[data-group="context:admin:polygon"]').uncheck()
    expect(page.locator(".base-name.region").first).to_be_visible()


def test_further_in_than_it_is_true_only_regions_are_told(page: Page) -> None:
    names = look(page, *PERU, 14)
    assert not of_kind(names, "town")
    assert page.locator(".leaflet-base-pane canvas").count() == 0
    assert len(of_kind(names, "region")) == 1


def test_no_tool_takes_it_for_data(page: Page) -> None:
    assert page.evaluate("geoasm.layers.every((layer) => !layer.id.startsWith('base'))")
    page.fill("#query", "Chachapoyas")
    expect(page.locator("#search-count")).to_have_text(Labels("es").text("map.search_empty"))
    look(page, -6.23, -77.87, 8)
    page.mouse.click(
        *page.evaluate(
            """() => {
          const { x, y } = geoasm.map.latLngToContainerPoint([-6.23, -77.87]);
          const box = geoasm.map.getContainer().getBoundingClientRect();
          return [box.x + x, box.y + y];
        }"""
        )
    )
    expect(page.locator(".popup")).to_contain_text(Labels("es").text("map.nothing_here"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_corner_says_whose_boundaries_these_are_on_paper_too(
    visit: Opener, pages: Path, language: str
) -> None:
    labels = Labels(language)
    name = f"map_{language}.html"
    (pages / name).write_text(map_html(synthetic.result(), labels), encoding="utf-8")
    page = visit(name).page
    note = page.locator(".leaflet-control-attribution")
    expect(note).to_have_text(labels.text("map.base_note"))
    page.emulate_media(media="print")
    expect(note).to_be_visible()


def test_tiles_are_there_when_a_printer_looks(page: Page) -> None:
    look(page, *PERU, 6)
    painted = page.evaluate(
        """() => {
          window.dispatchEvent(new Event("beforeprint"));
          const tiles = [...document.querySelectorAll(".leaflet-base-pane canvas")];
          return tiles.filter((tile) => tile.getContext("2d").getImageData(9, 9, 1, 1).data[3] > 0).length;
        }"""
    )
    assert painted > 4


def test_a_page_without_a_base_map_works(visit: Opener, pages: Path) -> None:
    result = synthetic.result()
    result = replace(result, summary={**result.summary, "profile": "nowhere"})
    (pages / "blank.html").write_text(map_html(result, Labels("es")), encoding="utf-8")
    seen = visit("blank.html")
    seen.page.wait_for_selector("html[data-map=painted]")
    assert seen.page.locator(".leaflet-control-attribution").count() == 0
    assert seen.page.locator(".base-name").count() == 0
    assert seen.complaints == []
