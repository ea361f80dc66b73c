"""The planner's tools of map.html: measuring, coordinates, view, and how they fit a telephone and paper."""

from __future__ import annotations

import re

import pyproj
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, Visit, again, on_map, open_tool

pytestmark = pytest.mark.browser

WGS84 = pyproj.Geod(ellps="WGS84")
PLACES = [(-7.1, -78.5), (-7.1, -78.1), (-6.6, -78.2), (-6.8, -78.6)]


@pytest.fixture
def opened(visit: Opener) -> Visit:
    return visit("map.html")


@pytest.fixture
def page(opened: Visit) -> Page:
    return opened.page


def place_at(page: Page, x: float, y: float) -> tuple[float, float]:
    lat, lon = page.evaluate(
        """([x, y]) => {
          const box = geoasm.map.getContainer().getBoundingClientRect();
          const place = geoasm.map.containerPointToLatLng([x - box.x, y - box.y]);
          return [place.lat, place.lng];
        }""",
        [x, y],
    )
    return lat, lon


def metres(text: str) -> float:
    number, unit = re.search(r"([\d.,]+) (km|m)\b", text).groups()  # type: ignore[union-attr]
    return float(number.replace(",", "")) * (1000 if unit == "km" else 1)


def test_distances_are_geodesic(page: Page) -> None:
    for start in PLACES:
        for end in [*PLACES, (-18.2, -70.3), (51.5, -0.1)]:
            told = page.evaluate(
                "([a, b]) => geoasm.metres(L.latLng(a), L.latLng(b))", [start, end]
            )
            true = WGS84.inv(start[1], start[0], end[1], end[0])[2]
            assert told == pytest.approx(true, rel=1e-6, abs=0.01)


@pytest.mark.parametrize("size", [0.001, 1, 4])
def test_areas_are_those_of_the_ellipsoid(page: Page, size: float) -> None:
    ring = [(-7.1 + (lat + 7.1) * size, -78.5 + (lon + 78.5) * size) for lat, lon in PLACES]
    told = page.evaluate("ring => geoasm.squareMetres(ring.map((p) => L.latLng(p)))", ring)
    true, _ = WGS84.polygon_area_perimeter([p[1] for p in ring], [p[0] for p in ring])
    assert told == pytest.approx(abs(true), rel=1e-3)


def test_a_line_is_measured_by_clicks_and_ends_with_two(page: Page) -> None:
    open_tool(page, "measuring")
    page.get_by_role("button", name="Distancia").click()
    zoom = page.evaluate("geoasm.map.getZoom()")
    start, end = on_map(page, 0.3, 0.5), on_map(page, 0.6, 0.4)
    page.mouse.click(*start)
    page.mouse.move(*end)
    expect(page.locator(".task p")).to_contain_text("Distancia")
    page.mouse.dblclick(*end)
    expect(page.locator(".task")).to_be_hidden()
    assert page.evaluate("geoasm.measure.places.length") == 2
    (a, b), (c, d) = place_at(page, *start), place_at(page, *end)
    told = metres(page.locator("#measured").inner_text())
    assert told == pytest.approx(WGS84.inv(b, a, d, c)[2], rel=0.005)
    expect(page.locator("#measured")).to_have_attribute("role", "status")
    expect(page.locator(".popup")).to_have_count(0)
    assert page.evaluate("geoasm.map.getZoom()") == zoom


def test_an_area_is_measured_by_keyboard_alone(page: Page) -> None:
    page.locator("[aria-controls=measuring]").press("Enter")
    page.locator("[data-measure=area]").press("Enter")
    corners = []
    for keys in ("", "ArrowRight", "ArrowDown", "ArrowDown"):
        if keys:
            page.keyboard.press(keys)
            page.wait_for_timeout(400)
        page.keyboard.press(" ")
        corners.append(page.evaluate("Object.values(geoasm.map.getCenter())"))
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    expect(page.locator(".task")).to_be_hidden()
    expect(page.locator(".popup")).to_have_count(0)
    lat, lon = zip(*corners[:3], strict=True)
    true, edge = WGS84.polygon_area_perimeter(lon, lat)
    area = re.search(r"([\d.,]+) ha", page.locator("#measured").inner_text())
    assert area is not None
    assert float(area[1].replace(",", "")) == pytest.approx(abs(true) / 1e4, rel=0.005)
    assert metres(page.locator("#measured").inner_text()) == pytest.approx(edge, rel=0.005)


def test_escape_ends_and_a_click_asks_again(page: Page) -> None:
    open_tool(page, "measuring")
    page.get_by_role("button", name="Distancia").click()
    page.mouse.click(*on_map(page, 0.5, 0.5))
    page.keyboard.press("Escape")
    expect(page.locator(".task")).to_be_hidden()
    page.wait_for_timeout(400)
    page.mouse.click(*on_map(page, 0.5, 0.5))
    expect(page.locator(".popup")).to_be_visible()


def test_a_measurement_goes_when_it_is_told_to(page: Page) -> None:
    open_tool(page, "measuring")
    page.get_by_role("button", name="Distancia").click()
    page.mouse.click(*on_map(page, 0.3, 0.5))
    page.mouse.click(*on_map(page, 0.6, 0.5))
    page.get_by_role("button", name="Terminar").click()
    assert page.locator(".leaflet-overlay-pane path").count() > 1
    page.locator("#measure-clear").click()
    expect(page.locator(".leaflet-overlay-pane path")).to_have_count(0)
    expect(page.locator("#measured")).to_be_empty()


@pytest.mark.parametrize(
    ("lat", "lon"), [(-7.1, -78.5), (-12.05, -77.04), (-17.9, -69.1), (4.6, -74.1), (-3.3, 29.4)]
)
def test_utm_is_right_to_a_decimetre(page: Page, lat: float, lon: float) -> None:
    told = page.evaluate("place => geoasm.toUtm(...place)", [lat, lon])
    zone = int((lon + 180) // 6) + 1
    assert told["zone"] == (-zone if lat < 0 else zone)
    crs = f"EPSG:{(32700 if lat < 0 else 32600) + zone}"
    east, north = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(lon, lat)
    assert (told["east"], told["north"]) == pytest.approx((east, north), abs=0.1)


def test_the_readout_follows_the_pointer_and_can_be_typed_back(page: Page) -> None:
    point = on_map(page, 0.4, 0.6)
    page.mouse.move(*point)
    degrees, _, utm = page.locator(".readout").inner_text().partition(" · UTM ")
    first, second = (
        page.evaluate("text => Object.values(geoasm.place(text))", text) for text in (degrees, utm)
    )
    pixel = page.evaluate("360 / 256 / 2 ** geoasm.map.getZoom()")
    assert first == pytest.approx(place_at(page, *point), abs=pixel)
    assert second == pytest.approx(first, abs=2e-5)
    page.mouse.move(*on_map(page, 0.5, 0.6))
    assert page.locator(".readout").inner_text() != f"{degrees} · UTM {utm}"


WRITTEN = (
    "-7.1, -78.5",
    "-7.1 -78.5",
    "-7,1; -78,5",
    "-7,1 -78,5",
    "\u22127.1,\u221278.5",
    "7.1 S 78.5 W",
    "7.1S, 78.5O",
    "78.5W 7.1S",
    "7°06'S 78°30'W",
    "7°06′00″ S, 78°30′00″ O",
    "7º 6' 0\" s 78º 30' 0\" w",
    "S 7° 6' W 78° 30'",
    "7 6 0 S 78 30 0 W",
    "-7 6 0 -78 30 0",
    "-7°06' -78°30'",
    "17S 776154 9214451",
    "776154 9214451 17S",
    "UTM 17M 776,154 9,214,451",
    "17 sur 776154 9214451",
    "776154E 9214451N 17S",
    "776154 mE 9214451 mN 17S",
    "17S 9214451 776154",
    "17S 776154.4 9214451.2",
)
READ = "texts => texts.map((text) => { const p = geoasm.place(text); return p && [p.lat, p.lng]; })"


def test_a_coordinate_is_read_however_it_is_written(page: Page) -> None:
    for text, place in zip(WRITTEN, page.evaluate(READ, WRITTEN), strict=True):
        assert place == pytest.approx([-7.1, -78.5], abs=2e-5), text


def test_a_longitude_that_can_be_no_latitude_comes_second(page: Page) -> None:
    assert page.evaluate("Object.values(geoasm.place('-112.5, 33.4'))") == [33.4, -112.5]


UNREADABLE = (
    *("", "x", "7", "7 8 9", "776154 9214451", "61S 776154 9214451", "17S 776154", "91, 181"),
    *("7°66'S 78°30'W", "7.1S 78.5S", "-7.1S 78.5W", "PSAD56 17S 776154 9214451", "1,2,3"),
    *("<img src=x>", "17S 99 9214451", "7.5°06'S 78°30'W", "--7 8", "NaN, NaN", "1e3 1e3"),
    *("N S", "°°", ",", "S 7 W", "17S 776154 9214451 3"),
)


def test_of_two_readings_the_one_on_the_map_is_meant(page: Page) -> None:
    for text in ("-78.5, -7.1", "-7.1, -78.5"):
        place = page.evaluate("text => geoasm.place(text)", text)
        assert (place["lat"], place["lng"]) == (-7.1, -78.5)


def test_what_is_no_coordinate_is_not_taken_for_one(opened: Visit) -> None:
    read = dict(zip(UNREADABLE, opened.page.evaluate(READ, UNREADABLE), strict=True))
    assert {text: place for text, place in read.items() if place} == {}
    assert opened.complaints == []


def test_what_is_no_coordinate_is_told_in_a_line(page: Page) -> None:
    open_tool(page, "places")
    before = page.evaluate("geoasm.address()")
    page.fill("#place", "776154 9214451")
    page.keyboard.press("Enter")
    expect(page.locator("#place-error")).to_contain_text("No se entiende")
    expect(page.locator("#place")).to_have_attribute("aria-invalid", "true")
    assert page.evaluate("geoasm.address()") == before


def test_going_to_a_coordinate_marks_it_and_answers_there(page: Page) -> None:
    open_tool(page, "places")
    page.fill("#place", "17S 776154 9214451")
    page.keyboard.press("Enter")
    popup = page.locator(".popup")
    expect(popup).to_contain_text("Latitud -7.10000, longitud -78.50000 · UTM 17S 776154 9214451")
    expect(page.locator("#place-error")).to_be_empty()
    assert page.evaluate("geoasm.map.getZoom()") >= 14
    page.keyboard.press("Escape")
    expect(page.locator(".leaflet-overlay-pane path")).to_have_count(2)
    page.locator("#unpin").click()
    expect(page.locator(".leaflet-overlay-pane path")).to_have_count(0)


def test_one_pane_is_open_at_a_time(page: Page) -> None:
    open_tool(page, "measuring")
    open_tool(page, "viewing")
    expect(page.locator("#measuring")).to_be_hidden()
    expect(page.locator("[aria-controls=measuring]")).to_have_attribute("aria-expanded", "false")
    page.locator("[aria-controls=viewing]").click()
    expect(page.locator(".tool:visible")).to_have_count(0)


def test_opacity_is_of_the_data_and_in_the_address(page: Page, visit: Opener) -> None:
    open_tool(page, "viewing")
    page.locator("#opacity").fill("40")
    assert page.evaluate("getComputedStyle(geoasm.map.getPane('geoasm')).opacity") == "0.4"
    other = again(page, visit)
    assert other.evaluate("getComputedStyle(geoasm.map.getPane('geoasm')).opacity") == "0.4"


def test_panel_folds_and_the_map_takes_its_place(page: Page) -> None:
    fold = page.get_by_role("button", name="Ocultar el panel")
    expect(fold).to_have_attribute("aria-expanded", "true")
    fold.click()
    expect(page.locator("#panel")).to_be_hidden()
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    assert box["width"] == 1366
    assert page.evaluate("geoasm.map.getSize().x") == 1366
    page.get_by_role("button", name="Mostrar el panel").click()
    expect(page.locator("#panel")).to_be_visible()


def test_full_screen_is_of_the_whole_page_and_back(page: Page) -> None:
    page.get_by_role("button", name="Pantalla completa").click()
    out = page.get_by_role("button", name="Salir de pantalla completa")
    expect(out).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("document.fullscreenElement === document.documentElement")
    out.click()
    expect(page.get_by_role("button", name="Pantalla completa")).to_be_visible()


@pytest.mark.parametrize("width", [320, 390])
def test_tools_fit_a_telephone(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for tab in page.locator("#tools .tabs button").all():
        tab.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        targets = page.locator(
            "#tools button:visible, #list .bar button:visible, #list thead button"
        )
        for target in targets.all():
            box = target.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= 24


def test_printed_with_tools_open_it_is_one_sheet_without_them(page: Page) -> None:
    open_tool(page, "selecting")
    page.locator("#select-view").click()
    page.locator("#list-open").click()
    page.get_by_role("button", name="Ocultar el panel").click()
    page.evaluate("geoasm.forPrint(true)")
    page.emulate_media(media="print")
    for name in (".tabs", "#list", ".readout", "#selection button", ".fold"):
        expect(page.locator(name).first).to_be_hidden()
    for name in (".law", "#legend", "#selection dl", ".leaflet-control-scale-line"):
        expect(page.locator(name).first).to_be_visible()
    expect(page.locator("#panel")).to_contain_text("No es una certificación")
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
