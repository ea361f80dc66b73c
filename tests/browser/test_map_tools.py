"""The planner's tools of map.html: measuring, coordinates, address, view, and a browser that is too old."""

from __future__ import annotations

import re
from pathlib import Path

import pyproj
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Opener, Visit

pytestmark = pytest.mark.browser

WGS84 = pyproj.Geod(ellps="WGS84")
PLACES = [(-7.1, -78.5), (-7.1, -78.1), (-6.6, -78.2), (-6.8, -78.6)]
SITE = "http://geoasm.test/map.html"


@pytest.fixture
def opened(visit: Opener) -> Visit:
    return visit("map.html")


@pytest.fixture
def page(opened: Visit) -> Page:
    return opened.page


def open_tool(page: Page, pane: str) -> None:
    page.locator(f"[aria-controls={pane}]").click()
    expect(page.locator(f"#{pane}")).to_be_visible()


def on_map(page: Page, x: float, y: float) -> tuple[float, float]:
    """Give the place on the screen at a share of the map's width and height."""
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    return box["x"] + box["width"] * x, box["y"] + box["height"] * y


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


def again(page: Page, visit: Opener) -> Page:
    """Open the address of a page anew."""
    page.wait_for_timeout(50)
    other = visit("map.html").page
    other.goto("about:blank")
    other.goto(page.url)
    other.wait_for_selector("html[data-map=painted]")
    return other


def test_the_address_brings_back_what_is_open_and_typed(page: Page, visit: Opener) -> None:
    page.fill("#query", "la pena 35")
    page.keyboard.press("Enter")
    expect(page.locator(".popup")).to_contain_text("LA PEÑA 35")
    other = again(page, visit)
    expect(other.locator(".popup")).to_contain_text("LA PEÑA 35")
    expect(other.locator("#query")).to_have_value("la pena 35")
    expect(other.locator("#found")).to_be_hidden()
    assert other.url == page.url
    other.keyboard.press("Escape")
    assert "at=" not in other.url


def test_the_address_brings_back_an_answer_on_bare_ground(page: Page, visit: Opener) -> None:
    page.mouse.click(*on_map(page, 0.1, 0.5))
    said = page.locator(".popup").inner_text()
    assert again(page, visit).locator(".popup").inner_text() == said


def test_the_address_brings_back_a_selection(page: Page, visit: Opener) -> None:
    page.select_option("#region", label="CAJAMARCA › CELENDÍN")
    open_tool(page, "selecting")
    page.locator("#select-region").click()
    told = page.locator("#selection").inner_text()
    assert "CAJAMARCA › CELENDÍN" in told
    other = again(page, visit)
    open_tool(other, "selecting")
    assert other.locator("#selection").inner_text() == told


def test_any_tool_may_add_to_the_address(page: Page) -> None:
    page.evaluate(
        """() => {
          window.told = [];
          geoasm.states.push({ key: "theme", write: () => "a!b=c ñ", read: (text) => window.told.push(text) });
          geoasm.remember();
          location.hash = `${location.hash}!x=1`;
        }"""
    )
    page.wait_for_timeout(100)
    assert page.evaluate("window.told") == ["a!b=c ñ"]
    page.evaluate("location.hash = '#9/-7.1/-78.5'")
    page.wait_for_timeout(100)
    assert page.evaluate("window.told") == ["a!b=c ñ", None]


def test_back_returns_to_where_one_was_and_pans_leave_no_trail(page: Page) -> None:
    page.evaluate("geoasm.map.setView([-7.11, -78.52], 13, {animate: false})")
    length = page.evaluate("history.length")
    for _ in range(3):
        page.evaluate("geoasm.map.panBy([50, 0], {animate: false})")
    assert page.evaluate("history.length") == length
    here = page.url
    page.fill("#query", "R00013")
    page.keyboard.press("Enter")
    expect(page.locator(".popup")).to_be_visible()
    page.go_back()
    page.wait_for_timeout(200)
    expect(page.locator(".popup")).to_have_count(0)
    assert page.url.split("!")[0] == here.split("!")[0]
    assert page.evaluate("geoasm.map.getZoom()") == 13


NO_VIEW = (
    *("#", "#///", "#1/2", "#99999999/0/0", "#x/y/z", "#NaN/NaN/NaN", "#12/-7/", "#%", "#!!!!"),
    *("#__proto__", "#12/-7.1/-78.5/3", "#1e5/1/1", "#12/1e99/1", "#map_geoasm"),
)
NONSENSE = (
    *("!off=nobody", "!off", "!=", "!off=%E0%A4%A", "!sel=1,2,3", "!sel=<img>", "!sel=NaN,1,2,x"),
    *("!at=concessions=none", "!at=999,999", "!at==", "!at=registrations", "!op=<b>", "!op=9999"),
    *("!q=%3Cimg%20src=x%20onerror=alert(1)%3E", "!__proto__=1", "!sel=9,9,1,1", "!unknown=1"),
)


def test_an_address_of_nonsense_is_passed_over(opened: Visit) -> None:
    page = opened.page
    view = "[geoasm.map.getZoom(), geoasm.map.getCenter().lat, geoasm.map.getCenter().lng]"
    before = page.evaluate(view)
    for address in NO_VIEW:
        page.evaluate("text => { location.hash = text; }", address)
        page.wait_for_timeout(20)
        assert page.evaluate(view) == before, address
    assert opened.complaints == []


def test_nonsense_in_a_part_of_an_address_spares_the_rest(opened: Visit) -> None:
    page = opened.page
    for i, rest in enumerate(NONSENSE):
        page.evaluate("text => { location.hash = text; }", f"#{10 + i % 5}/-7.12/-78.51{rest}")
        page.wait_for_timeout(20)
        assert page.evaluate("geoasm.map.getZoom()") == 10 + i % 5, rest
        expect(page.locator("[data-group='class:own_title']")).to_be_checked()
        expect(page.locator(".popup")).to_have_count(0)
        assert page.evaluate("geoasm.chosen ?? null") is None, rest
    assert page.locator("img").count() == 0
    assert opened.complaints == []


def test_link_is_copied(page: Page) -> None:
    page.evaluate(
        """() => Object.defineProperty(navigator, "clipboard", {
          value: { writeText: async (text) => { window.copied = text; } } })"""
    )
    open_tool(page, "viewing")
    page.locator("#copy").click()
    expect(page.locator("#link-said")).to_have_text("Enlace copiado.")
    assert page.evaluate("window.copied") == page.url
    assert "#" in page.url


def test_where_copying_is_not_allowed_the_link_stands_ready(page: Page) -> None:
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    open_tool(page, "viewing")
    page.locator("#copy").click()
    expect(page.locator("#link")).to_be_focused()
    expect(page.locator("#link")).to_have_value(page.url)
    assert page.evaluate("getSelection().toString()") == page.url


@pytest.mark.parametrize("missing", ["DecompressionStream", "Path2D", "MessageChannel"])
def test_a_browser_that_is_too_old_is_told_so(browser: Browser, pages: Path, missing: str) -> None:
    context = browser.new_context()
    context.add_init_script(f"delete window.{missing}")
    page = context.new_page()
    page.goto((pages / "map.html").as_uri())
    expect(page.locator("#broken p")).to_be_visible()
    expect(page.locator("#broken")).to_contain_text("report.html")
    expect(page.locator("#reading")).to_be_hidden()
    context.close()


def test_an_error_at_the_start_is_told(browser: Browser, pages: Path) -> None:
    context = browser.new_context()
    context.add_init_script("Object.defineProperty(window, 'CSS', { value: {} })")
    page = context.new_page()
    page.goto((pages / "map.html").as_uri())
    expect(page.locator("#broken p")).to_be_visible()
    context.close()


def test_an_error_after_the_start_hides_nothing(page: Page) -> None:
    page.evaluate("window.dispatchEvent(new ErrorEvent('error', { message: 'x' }))")
    expect(page.locator("#broken p")).to_be_hidden()
    expect(page.locator("#reading")).to_be_hidden()


def test_reading_is_said_until_the_map_is_there(browser: Browser, pages: Path) -> None:
    context = browser.new_context()
    context.add_init_script("window.Promise.all = () => new Promise(() => {})")
    page = context.new_page()
    page.goto((pages / "map.html").as_uri())
    expect(page.locator("#reading")).to_have_text("Leyendo los datos…")
    expect(page.locator("#reading")).to_have_attribute("role", "status")
    context.close()


def test_tiles_of_the_network_are_not_to_be_had_from_disk(page: Page) -> None:
    open_tool(page, "viewing")
    expect(page.locator("#online")).to_be_disabled()
    expect(page.locator("#online")).not_to_be_checked()
    expect(page.locator("#online-note")).to_contain_text(
        "solo si esta página se abre desde un servidor"
    )


@pytest.mark.parametrize("answers", [True, False])
def test_tiles_are_asked_for_only_where_they_are_wanted(
    browser: Browser, pages: Path, answers: bool
) -> None:
    context = browser.new_context(viewport={"width": 800, "height": 600})
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        if answers:
            route.fulfill(
                content_type="image/svg+xml", body="<svg xmlns='http://www.w3.org/2000/svg'/>"
            )
        else:
            route.abort()

    context.route(SITE, lambda route: route.fulfill(path=pages / "map.html"))
    context.route(lambda url: not url.startswith(SITE), answer)
    page = context.new_page()
    page.goto(SITE)
    page.wait_for_selector("html[data-map=painted]")
    open_tool(page, "viewing")
    assert [url for url in asked if not url.startswith("blob:")] == []
    page.locator("#online").click()
    page.wait_for_timeout(500)
    hosts = {re.sub(r"(?<=\w)/.*", "", url) for url in asked if not url.startswith("blob:")}
    assert hosts == {"https://tile.openstreetmap.org"}
    if answers:
        expect(page.locator("#online")).to_be_checked()
        assert page.locator("img.leaflet-tile").count() > 0
        page.locator("#online").uncheck()
    else:
        expect(page.locator("#online-said")).to_contain_text("no respondió")
    expect(page.locator("#online")).not_to_be_checked()
    expect(page.locator("img.leaflet-tile")).to_have_count(0)
    context.close()


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
