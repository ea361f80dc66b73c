"""The list twin of map.html: what is in view as a table, in order, by keyboard, and fast."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, Visit
from tests.render import synthetic

pytestmark = pytest.mark.browser

RUN = synthetic.result()
LOCATED = RUN.registrations[RUN.registrations.geometry.notna()]
# A layer of points as large as a nation's, in the place of the registrations.
MANY = """n => {
  const layer = geoasm.layer("registrations");
  const texts = Array.from({ length: n }, (_, f) => `N${String((f * 7919) % n).padStart(6, "0")}`);
  layer.size = layer.ready = n;
  layer.xy = Int32Array.from({ length: 2 * n }, (_, i) => layer.xy[i % 24]);
  layer.member = new Uint16Array(n);
  layer.columns[layer.name] = { spec: { kind: "text" }, at: (f) => texts[f] };
  layer.fields = [];
  layer.listed = null;
  geoasm.blocks(layer);
}"""


@pytest.fixture
def opened(visit: Opener) -> Visit:
    return visit("map.html")


@pytest.fixture
def page(opened: Visit) -> Page:
    opened.page.locator("#list-open").click()
    return opened.page


def codes(page: Page) -> list[str]:
    return page.locator("#list-body th").all_inner_texts()


def sort_by(page: Page, label: str) -> None:
    page.locator("#list-head").get_by_role("button", name=label, exact=True).click()


def column(page: Page, label: str) -> list[str]:
    labels = page.locator("#list-head th").all_inner_texts()
    return page.locator(f"#list-body tr > :nth-child({labels.index(label) + 1})").all_inner_texts()


def whole(page: Page) -> None:
    """Bring everything into view."""
    page.evaluate("geoasm.map.setZoom(geoasm.map.getZoom() - 2, {animate: false})")
    page.wait_for_timeout(400)


def test_the_table_is_one_to_a_reader_of_screens(page: Page) -> None:
    table = page.get_by_role("table")
    expect(table).to_have_count(1)
    expect(table.locator("caption")).to_contain_text("en la vista")
    assert page.locator("#list-head th:not([scope=col])").count() == 0
    assert page.locator("#list-body th:not([scope=row])").count() == 0
    assert page.locator("#list-head th:not([aria-sort])").count() == 0


def test_every_registration_in_view_is_listed_once_by_pages(page: Page) -> None:
    whole(page)
    n = len(LOCATED)
    expect(page.locator("#list-caption")).to_have_text(f"1 a 50 de {n} en la vista")
    first = codes(page)
    assert len(first) == 50
    expect(page.locator("#list-before")).to_be_disabled()
    page.locator("#list-after").click()
    expect(page.locator("#list-caption")).to_have_text(f"51 a {n} de {n} en la vista")
    expect(page.locator("#list-after")).to_be_disabled()
    expect(page.locator("#list-before")).to_be_focused()
    assert sorted(first + codes(page)) == sorted(LOCATED["registration_id"])


def test_order_is_by_column_and_turns(page: Page) -> None:
    whole(page)
    sort_by(page, "Código o nombre")
    expect(page.locator("#list-head th").first).to_have_attribute("aria-sort", "ascending")
    expected = sorted(LOCATED["registration_id"])
    assert codes(page) == expected[:50]
    sort_by(page, "Código o nombre")
    expect(page.locator("#list-head th").first).to_have_attribute("aria-sort", "descending")
    assert codes(page) == expected[::-1][:50]
    expect(page.locator("#list-head button").first).to_be_focused()


def test_days_and_quantities_are_ordered_as_such_and_what_is_missing_comes_last(page: Page) -> None:
    whole(page)
    page.select_option("#list-layer", "concessions")
    sort_by(page, "Formulado el")
    order = RUN.concessions.sort_values("filed_on")["concession_id"].tolist()
    assert codes(page) == order
    sort_by(page, "Hectáreas")
    hectares = [float(text.replace(",", "")) for text in column(page, "Hectáreas")]
    assert hectares == sorted(hectares)
    sort_by(page, "Nombre")
    sort_by(page, "Nombre")
    names = [name for name in column(page, "Nombre") if name]
    assert [n for n in names if n.startswith("LA PE")] == sorted(
        (n for n in names if n.startswith("LA PE")), reverse=True
    )


@pytest.mark.parametrize(
    ("small", "large"),
    [
        ("9.5 ha", "1,234.5 ha"),
        ("2 ene. 1990", "1 feb. 1990"),
        ("31 ago. 2001", "1 set. 2001"),
        ("1 sept. 2001", "2 set. 2001"),
        ("31 dic. 1999", "1 ene. 2000"),
        ("40–70", "100–100"),
        ("87.0\u00a0%", "100.0\u00a0%"),
    ],
)
def test_quantities_are_read_as_they_are_written(opened: Visit, small: str, large: str) -> None:
    read = opened.page.evaluate("texts => texts.map(geoasm.quantity)", [small, large])
    assert read[0] < read[1]


def test_what_is_hidden_or_out_of_view_is_not_listed(page: Page) -> None:
    whole(page)
    page.locator('[data-group="class:own_title"]').uncheck()
    n = (LOCATED["asm_class"] != "own_title").sum()
    expect(page.locator("#list-caption")).to_contain_text(f"de {n} en la vista")
    page.evaluate("geoasm.map.setView([-7.19, -78.59], 16, {animate: false})")
    expect(page.locator("#list-caption")).not_to_contain_text(f"de {n} en la vista")


def test_a_list_of_a_hidden_layer_says_so_and_escape_closes_it(page: Page) -> None:
    for box in page.locator('[data-group^="class:"]:enabled').all():
        box.uncheck()
    page.locator("#list-layer").select_option("registrations")
    expect(page.locator("#list-caption")).to_have_text("Capa oculta: márquela en la leyenda.")
    page.locator("#list-layer").focus()
    page.keyboard.press("Escape")
    expect(page.locator("#list")).to_be_hidden()
    expect(page.locator("#list-open")).to_be_focused()


def test_a_row_opens_its_answer_and_the_list_stays(page: Page) -> None:
    whole(page)
    sort_by(page, "Código o nombre")
    before = codes(page)
    page.locator("#list-body tr").nth(3).click()
    expect(page.locator(".popup")).to_contain_text(before[3])
    page.wait_for_timeout(500)
    assert codes(page) == before
    expect(page.locator("#list-body tr").nth(3)).to_have_attribute("aria-current", "true")
    expect(page.locator("#list-stale")).to_be_visible()
    page.locator("#list-update").click()
    expect(page.locator("#list-stale")).to_be_hidden()
    assert len(codes(page)) < 50


def test_rows_are_walked_with_arrows_and_opened_with_enter(page: Page) -> None:
    whole(page)
    assert page.locator("#list-body button[tabindex='0']").count() == 1
    page.locator("#list-body button").first.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "End", "ArrowDown", "Home", "ArrowDown"):
        page.keyboard.press(key)
    second = page.locator("#list-body button").nth(1)
    expect(second).to_be_focused()
    code = second.inner_text()
    page.keyboard.press("Enter")
    expect(page.locator(".popup")).to_be_focused()
    expect(page.locator(".popup")).to_contain_text(code)
    page.keyboard.press("Escape")
    expect(second).to_be_focused()


def test_a_skip_link_leads_to_the_list(opened: Visit) -> None:
    page = opened.page
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#list-skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#list-layer")).to_be_focused()
    page.locator("#list-close").press("Enter")
    expect(page.locator("#list")).to_be_hidden()
    expect(page.locator("#list-open")).to_be_focused()


def test_hostile_texts_are_listed_to_the_letter_and_do_nothing(opened: Visit) -> None:
    page = opened.page
    title = page.title()
    page.locator("#list-open").click()
    page.select_option("#list-layer", "concessions")
    whole(page)
    listed = page.evaluate(
        "[...document.querySelectorAll('#list-body td')].map((c) => c.textContent)"
    )
    assert set(synthetic.HOSTILE) <= set(listed)
    for text in synthetic.HOSTILE:
        page.fill("#query", text.split()[0])
    page.wait_for_timeout(100)
    assert page.title() == title
    assert page.locator("img").count() == 0
    assert opened.complaints == []


def test_a_nation_is_listed_at_once(opened: Visit) -> None:
    page = opened.page
    whole(page)
    page.evaluate(MANY, 250_000)
    timed = """act => {
      const start = performance.now();
      document.querySelector(act).click();
      return performance.now() - start;
    }"""
    assert page.evaluate(timed, "#list-open") < 1000
    expect(page.locator("#list-caption")).to_have_text("1 a 50 de 250,000 en la vista")
    assert page.evaluate(timed, "#list-head button") < 5000
    assert page.evaluate(timed, "#list-after") < 200
    assert codes(page) == [f"N{i:06d}" for i in range(50, 100)]
