"""The page reads its blocks as the format says: a reader in Python, written from the same pages, agrees."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from geoasm.render import packing, shell
from geoasm.render.labels import Labels
from geoasm.render.layers import rights
from geoasm.render.map import map_html
from tests.browser.conftest import Opener
from tests.render import synthetic, unpacked

pytestmark = pytest.mark.browser

READ = """id => {
  const layer = geoasm.layer(id);
  const rows = [...Array(layer.size).keys()];
  const column = (place) => (place === null ? [] : rows.map((f) => layer.columns[place].at(f)));
  const places = [];
  for (let i = 0; i < layer.xy.length; i += 2) {
    const { lat, lng } = geoasm.unproject(layer.xy[i], layer.xy[i + 1]);
    places.push([lng, lat]);
  }
  return {
    names: column(layer.name), subtitles: column(layer.subtitle), search: column(layer.search),
    fields: layer.fields.map((field) => [field.label, rows.map((f) => layer.value(field, f))]),
    stacks: layer.where.stack ? rows.map((f) => layer.stackOf(f)) : [],
    tenths: layer.tenthsHa ? [...layer.tenthsHa] : [], member: [...layer.member], places,
  };
}"""
METRE = 1 / 111_320


def compare(page: Page, text: str) -> None:
    labels = Labels("es")
    for name, told in unpacked.layers(text).items():
        read = page.evaluate(READ, name)
        assert read["names"] == told.names
        assert read["subtitles"] == told.subtitles
        assert read["search"] == told.search
        assert read["member"] == told.member
        assert read["stacks"] == told.stacks
        assert read["tenths"] == told.tenths_ha
        for label, values in read["fields"]:
            expected = told.fields[label]
            if label == labels.text("field.filed_on"):
                expected = [day and labels.day(day) for day in expected]
            assert values == expected, (name, label)
        places = told.points or [v for feature in told.rings for ring in feature for v in ring]
        for here, there in zip(read["places"], places, strict=True):
            assert here == pytest.approx(there, abs=0.1 * METRE)


def test_every_value_and_vertex_is_read_as_it_was_written(visit: Opener, pages: Path) -> None:
    compare(visit("map.html").page, (pages / "map.html").read_text(encoding="utf-8"))


def test_shapes_that_come_later_are_the_same(
    visit: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rights, "MANY_EXTINCT", 2)
    text = map_html(synthetic.result(), Labels("es"))
    (tmp_path / "map.html").write_text(text, encoding="utf-8")
    page = visit(str(tmp_path / "map.html")).page
    compare(page, text)
    assert not page.locator('[data-group="right:extinct"]').is_checked()


def test_numbers_and_days_are_written_as_the_catalogue_does(visit: Opener) -> None:
    page = visit("map.html").page
    for language in ("es", "en"):
        labels = Labels(language)
        page.evaluate("ways => { geoasm.ways = ways; }", labels.ways)
        days = ["1899-12-31", "1970-01-01", "2024-02-29", "2025-09-03"]
        told = page.evaluate(
            "days => days.map((d) => geoasm.dayText(Date.parse(d) / 86400000))", days
        )
        assert told == [labels.day(day) for day in days]
        for value in (0.0, 0.4, 999.9, 1000.0, 1234567.8):
            text = page.evaluate("v => geoasm.digits(v, 1, true)", round(value * 10))
            assert text == labels.number(value, 1)


def test_codes_that_are_no_numbers_are_found_by_their_row(visit: Opener) -> None:
    rows = [0, 2, 3, 7, 8, 20, 21, 500]
    told = visit("map.html").page.evaluate(
        """(rows) => {
          const column = new geoasm.Column({ size: 501 }, { kind: "digits", width: 3 });
          const values = new Float64Array(501).fill(9);
          for (const f of rows) values[f] = 1;
          Object.assign(column, { values, loaded: true });
          column.loadOdd({ size: rows.length, at: (i) => i });
          return [...rows, 4].map((f) => column.at(f));
        }""",
        rows,
    )
    assert told == [*range(len(rows)), "007"]


@pytest.fixture
def in_pieces(pages: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The map with every parcel but places of points behind the scripts, each worth a worker."""
    package_text = shell.package_text

    def text_of(*names: str) -> str:
        text = package_text(*names)
        return re.sub(r"WORTH_A_WORKER = \d+", "WORTH_A_WORKER = 1", text)

    monkeypatch.setattr(packing, "_LONG", 1)
    monkeypatch.setattr(shell, "package_text", text_of)
    text = map_html(synthetic.result(), Labels("es"))
    (pages / "pieces_map.html").write_text(text, encoding="utf-8")
    return text


def test_parcels_behind_the_scripts_are_read_in_workers(visit: Opener, in_pieces: str) -> None:
    opened = visit("pieces_map.html")
    blobs = [url for url in opened.requests if url.startswith("blob:")]
    assert len(blobs) >= len(unpacked.layers(in_pieces))
    compare(opened.page, in_pieces)
    assert opened.page.locator("[data-parcel]").count() == 0
    assert opened.complaints == []


def test_where_there_are_no_workers_the_page_reads_all_itself(
    browser: Browser, pages: Path, in_pieces: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script("window.Worker = class { constructor() { throw new Error('none'); } };")
    page.goto((pages / "pieces_map.html").as_uri())
    page.wait_for_selector("html[data-map=painted][data-layers=whole]")
    compare(page, in_pieces)
    context.close()
