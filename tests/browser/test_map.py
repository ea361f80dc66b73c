"""map.html in a browser: closed, painted, inert, and it answers."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from geoasm.codes import AsmClass, ConcessionStatus
from tests.browser.conftest import Opener, Visit
from tests.render import synthetic

pytestmark = pytest.mark.browser

# Pixels that are painted when one group alone is switched on.
PAINTED = """() => {
  const boxes = [...document.querySelectorAll("[data-group]:enabled")];
  const count = {};
  for (const one of boxes) {
    for (const box of boxes) box.checked = box === one;
    geoasm.show(boxes);
    geoasm.grid.repaintNow();
    let painted = 0;
    for (const tile of geoasm.grid.getContainer().querySelectorAll("canvas")) {
      const data = tile.getContext("2d").getImageData(0, 0, tile.width, tile.height).data;
      for (let i = 3; i < data.length; i += 4) painted += data[i] > 0;
    }
    count[one.dataset.group] = painted;
  }
  return count;
}"""
PLACE_OF = """id => {
  const layer = geoasm.layer("registrations");
  const f = [...Array(layer.size).keys()].find((i) => layer.columns[layer.name].at(i) === id);
  const point = geoasm.unproject(layer.xy[2 * f], layer.xy[2 * f + 1]);
  const { x, y } = geoasm.map.latLngToContainerPoint(point);
  const box = geoasm.map.getContainer().getBoundingClientRect();
  return [box.x + x, box.y + y];
}"""


REGISTRATIONS = synthetic.result().registrations
UNLOCATED = REGISTRATIONS[REGISTRATIONS.geometry.isna()]


@pytest.fixture
def opened(visit: Opener) -> Visit:
    return visit("map.html")


@pytest.fixture
def page(opened: Visit) -> Page:
    return opened.page


def click_on(page: Page, registration_id: str) -> None:
    page.mouse.click(*page.evaluate(PLACE_OF, registration_id))
    expect(page.locator(".popup")).to_be_visible()


def test_page_asks_for_nothing_and_complains_of_nothing(opened: Visit) -> None:
    click_on(opened.page, "R00000")
    opened.page.fill("#query", "pena")
    assert [
        url
        for url in opened.requests
        if not url.endswith("/map.html") and not url.startswith("blob:")
    ] == []
    assert opened.complaints == []


def test_every_group_paints(opened: Visit) -> None:
    painted = opened.page.evaluate(PAINTED)
    expected = {f"class:{c}" for c in AsmClass if c is not AsmClass.UNLOCATABLE}
    expected |= {f"right:{s}" for s in ConcessionStatus}
    assert expected | {"candidate", "context:rivers:line", "context:plants:point"} <= set(painted)
    assert {group for group, pixels in painted.items() if pixels < 50} == set()


def test_markers_of_two_classes_differ_beyond_their_colour(page: Page) -> None:
    looks = page.evaluate(
        """() => geoasm.layer("registrations").groups.map((g) => {
          const { canvas } = geoasm.stamp({ ...g.style, color: "#000000" }, 6, 2);
          return canvas.toDataURL();
        })"""
    )
    assert len(set(looks)) == len(looks) == len(AsmClass)


def test_click_answers_with_the_whole_stack_senior_first(page: Page) -> None:
    click_on(page, "R00000")
    popup = page.locator(".popup")
    heads = popup.locator("article .head").all_inner_texts()
    rights = [head for head in heads if re.match(r"\d\. ", head)]
    assert [head[:12] for head in rights] == ["1. 010000000", "2. 010000101"]
    text = popup.inner_text()
    assert "R00000" in text
    assert "En concesión propia" in text
    assert "referencia por verificar" in text
    assert "2 ene. 1990" in text
    assert "87.0\u00a0%" in text


def test_hidden_layers_still_answer_and_say_that_they_are_hidden(page: Page) -> None:
    page.locator("fieldset", has=page.locator('[data-group="right:titled"]')).get_by_role(
        "button", name="Ocultar todas"
    ).click()
    click_on(page, "R00000")
    assert page.locator(".popup article.off").count() >= 2
    assert "capa oculta" in page.locator(".popup").inner_text()


def test_hostile_texts_are_shown_and_do_nothing(page: Page) -> None:
    title = page.title()
    page.evaluate("for (const layer of geoasm.layers) geoasm.PAGE = 1000")
    shown = page.evaluate(
        """() => geoasm.layers.flatMap((layer) => [...Array(layer.size).keys()].map((f) => {
          const card = geoasm.card(layer, f, 0);
          document.body.append(card);
          return card.innerText;
        })).join("|")"""
    )
    for text in synthetic.HOSTILE[:4]:
        assert text in shown
    page.wait_for_timeout(100)
    assert page.title() == title
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 5


def test_policy_stops_what_escaping_would_have_missed(opened: Visit) -> None:
    title = opened.page.title()
    opened.page.evaluate(
        "html => document.body.insertAdjacentHTML('beforeend', html)", synthetic.HOSTILE[0][2:]
    )
    opened.page.wait_for_timeout(100)
    assert opened.page.title() == title
    assert any("Content Security Policy" in text for text in opened.complaints)


def test_search_needs_no_accents_and_opens_what_it_found(page: Page) -> None:
    page.fill("#query", "la pena 35")
    expect(page.locator("#search-count")).to_have_text("1 de 1")
    page.keyboard.press("Enter")
    expect(page.locator(".popup")).to_contain_text("LA PEÑA 35")


def test_search_says_what_is_on_no_map(page: Page) -> None:
    page.fill("#query", "R00013")
    expect(page.locator("#search-unlocated")).to_be_hidden()
    page.fill("#query", str(UNLOCATED["registration_id"].iloc[0]))
    expect(page.locator("#search-count")).to_have_text("Nada en el mapa con ese código o nombre.")
    expect(page.locator("#search-unlocated")).to_be_visible()
    expect(page.locator("#search-unlocated")).to_contain_text(f"{len(UNLOCATED)} inscripciones")
    page.fill("#query", "")
    expect(page.locator("#search-unlocated")).to_be_hidden()


def test_a_layer_without_features_counts_none(page: Page) -> None:
    page.evaluate("""() => {
      const layer = geoasm.layer("candidates");
      layer.size = layer.ready = 0;
      geoasm.blocks(layer);
      geoasm.countView();
    }""")
    assert page.locator('[data-group="candidate"] ~ .view').inner_text() == "0"


def test_rights_filed_on_one_day_have_one_number(page: Page) -> None:
    days = ["3 ene.", "3 ene.", None, None, "5 ene.", "5 ene.", "5 ene.", "6 ene."]
    ranks = page.evaluate(
        """days => geoasm.ranked(
          { columns: [{ spec: { kind: "text" } }, { spec: { kind: "day" }, at: (f) => days[f] }] }, [...days.keys()])""",
        days,
    )
    assert ranks == [1, 1, 3, 4, 5, 5, 5, 8]


def test_an_answer_says_how_near_is_near(page: Page) -> None:
    page.evaluate("void geoasm.map.setView(geoasm.map.getCenter(), 9, {animate: false})")
    page.evaluate("geoasm.ask(geoasm.unproject(...geoasm.layer('registrations').at(0)))")
    heading = page.locator(".popup h3").first.inner_text()
    told = re.fullmatch(r"Inscripciones aquí: (\d+) \(a menos de ([\d,]+) m\)", heading)
    assert told
    latitude = page.evaluate("geoasm.map.getCenter().lat")
    pixel_m = 40075016.686 * np.cos(np.radians(latitude)) / 256 / 2**9
    assert int(told[2].replace(",", "")) == pytest.approx(9 * pixel_m, rel=0.01)
    expect(page.locator(".popup")).to_contain_text("Son los derechos de la primera inscripción")


def test_search_by_code_turns_a_hidden_layer_on(page: Page) -> None:
    box = page.locator('[data-group="class:own_title"]')
    box.uncheck()
    page.fill("#query", "R00013")
    page.locator("#found li").first.click()
    expect(box).to_be_checked()
    expect(page.locator(".popup")).to_contain_text("R00013")


def test_list_of_regions_goes_to_a_region_and_back(page: Page) -> None:
    view = "geoasm.map.getBounds().toBBoxString()"
    home = page.evaluate(view)
    page.select_option("#region", label="CAJAMARCA › CELENDÍN")
    west, south, east, north = map(float, page.evaluate(view).split(","))
    assert west < synthetic.WEST + 3 * synthetic.STEP < east < 0
    assert south < -7.1 < north
    assert page.evaluate(view) != home
    page.select_option("#region", value="")
    assert page.evaluate(view) == home


def test_names_of_regions_never_cross(page: Page) -> None:
    page.evaluate("void geoasm.map.zoomOut(1, {animate: false})")
    boxes = [n.bounding_box() for n in page.locator(".region-name").all()]
    assert len(boxes) == 2
    first, second = sorted((b for b in boxes if b), key=lambda b: b["x"])
    assert first["x"] + first["width"] <= second["x"]


def test_map_comes_first_on_a_telephone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    box = page.locator("#map_geoasm").bounding_box()
    assert box is not None
    assert (box["y"], box["width"]) == (0, 390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_map_can_be_asked_and_left_by_keyboard(page: Page) -> None:
    page.locator(".skip").first.focus()
    page.keyboard.press("Enter")
    page.locator("#map_geoasm").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".popup")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".popup")).to_have_count(0)
    expect(page.locator("#map_geoasm")).to_be_focused()


def test_page_prints_on_one_sheet(page: Page) -> None:
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1


def test_without_scripts_the_page_points_to_the_report(browser: Browser, pages: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((pages / "map.html").as_uri())
    expect(page.locator("noscript p")).to_contain_text("report.html")
    expect(page.locator("#panel")).to_contain_text("En concesión propia")
    context.close()
