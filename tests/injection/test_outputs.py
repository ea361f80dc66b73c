"""What hostile files say stays text in every page, table, workbook, style and name of a file."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from geoasm.cli.main import cli
from tests.injection import hostile
from tests.injection.hostile import MARK
from tests.render import unpacked

FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def geoasm(*arguments: object) -> str:
    done = CliRunner().invoke(cli, list(map(str, arguments)))
    assert done.exit_code in (0, 1), done.output
    return done.output


@pytest.fixture(scope="module")
def made(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that commands make of the hostile study."""
    folder = tmp_path_factory.mktemp("hostile") / "a" / "b" / "c"
    study = hostile.write_study(sample, folder / "study")
    run = folder / "made" / "runs" / "one"
    run.parent.mkdir(parents=True)
    geoasm("run", study, "--out", run)
    geoasm("run", study, "--on", "2026-02-01", "--lang", "en", "--out", run.parent / "two")
    out = folder / "made"
    geoasm("screen", run, "--all", "--min-registrations", 1, "--out", out / "screened")
    geoasm("compare", run, run.parent / "two", "--out", out / "compared")
    geoasm("openings", run, "--out", out / "openings")
    geoasm("series", run.parent, "--out", out / "series")
    geoasm("scenario", run, "title_reform", "--out", out / "scenario")
    return out


class Reader(HTMLParser):
    """Collects what a browser would make of a page: elements, attributes, texts of scripts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.code: list[str] = []
        self._inside: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag in ("script", "style"):
            self._inside = (tag, dict(attrs).get("type") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside is not None and not self._inside[1].startswith("application/"):
            self.code.append(data)


def read(page: Path) -> Reader:
    reader = Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    reader.close()
    return reader


def pages(made: Path) -> list[Path]:
    found = sorted(made.rglob("*.html"))
    assert len(found) > 12
    return found


def test_payloads_reach_the_pages(made: Path) -> None:
    run = made / "runs" / "one"
    shown = unpacked.text_of((run / "map.html").read_text(encoding="utf-8"))
    missing = [
        p for p in hostile.PAYLOADS if MARK in p and p.replace("\u2028", " ")[:8] not in shown
    ]
    assert len(missing) < 4, missing
    assert any(MARK in p.read_text(encoding="utf-8") for p in made.glob("screened/**/*.html"))
    assert MARK in (run / "report.html").read_text(encoding="utf-8")


def test_pages_have_no_element_attribute_or_code_of_a_payload(made: Path) -> None:
    for page in pages(made):
        reader = read(page)
        assert MARK not in reader.tags, page.name
        assert not [c for c in reader.code if MARK in c], f"{page.name}: a payload stands in code"
        for tag, name, value in reader.attributes:
            assert not name.startswith("on"), f"{page.name}: <{tag} {name}>"
            assert MARK not in name, page.name
            is_own = re.fullmatch(r"[a-z0-9-]+/dossier\.html", value)
            if name in ("href", "src", "action", "xlink:href", "style") and not is_own:
                assert MARK not in value, f"{page.name}: <{tag} {name}={value}>"
                assert not value.strip().lower().startswith("javascript:"), page.name


def test_pages_have_no_line_separator_in_code_or_json(made: Path) -> None:
    for page in pages(made):
        text = page.read_text(encoding="utf-8")
        for block in re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL):
            assert not set("\u2028\u2029") & set(block), page.name


def test_templates_do_not_compute_what_data_say(made: Path) -> None:
    for page in pages(made):
        text = page.read_text(encoding="utf-8")
        text += unpacked.text_of(text) if "geoasm-layer" in text else ""
        assert str(7777 * 7) not in text, page.name


def keys_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from keys_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner)


def test_no_key_of_a_page_s_json_is_a_text_of_a_file(made: Path) -> None:
    for page in pages(made):
        text = page.read_text(encoding="utf-8")
        told = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL)
        headers = (
            [unpacked.header_of(b) for b in unpacked.blocks(text)] if "geoasm-layer" in text else []
        )
        for content in [*map(json.loads, told), *headers]:
            assert not {k for k in keys_of(content) if MARK in k or k in hostile.TEXTS}, page.name


def test_no_cell_of_a_table_is_a_formula(made: Path) -> None:
    tables = sorted(made.rglob("*.csv"))
    assert len(tables) > 3
    for path in tables:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                for cell in row:
                    number = re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell)
                    assert number or not cell.startswith(FORMULA), f"{path.name}: {cell!r}"


def test_no_cell_of_a_workbook_is_a_formula(made: Path) -> None:
    books = sorted(made.rglob("*.xlsx"))
    assert books
    for path in books:
        book = openpyxl.load_workbook(path)
        for sheet in book:
            for row in sheet.iter_rows():
                for cell in row:
                    assert cell.data_type != "f", f"{path.name} {sheet.title} {cell.coordinate}"
                    assert cell.hyperlink is None
                    if isinstance(cell.value, str) and cell.value.startswith(FORMULA):
                        assert cell.quotePrefix, f"{path.name} {sheet.title} {cell.coordinate}"


def test_no_name_of_a_file_or_folder_is_what_a_file_says(made: Path) -> None:
    for path in made.rglob("*"):
        assert re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", path.name), path
        assert path.stem.lower() not in {"con", "nul", "aux", "prn"}, path
        assert not path.is_symlink()
    around = made.parents[3]
    strays = [p for p in around.rglob("*outside*") if not p.is_relative_to(made)]
    assert not strays


def test_styles_hold_nothing_that_a_file_says(made: Path) -> None:
    files = sorted(made.rglob("*.gpkg"))
    assert files
    for path in files:
        with closing(sqlite3.connect(path)) as db:
            styles = db.execute("SELECT f_table_name, styleName, styleQML FROM layer_styles")
            told = "\n".join(str(value) for row in styles for value in row)
            names = [n for (n,) in db.execute("SELECT name FROM sqlite_master")]
        assert MARK not in told, path.name
        assert "DROP TABLE" not in told
        assert "7777" not in told
        assert not [n for n in names if MARK in n]


def test_text_of_an_explanation_and_its_json_hold_the_code_as_text(made: Path) -> None:
    with closing(sqlite3.connect(made / "runs" / "one" / "geoasm.gpkg")) as db:
        found = db.execute("SELECT registration_id FROM registrations")
        codes = [code for (code,) in found if MARK in code or code.startswith("{{")]
    assert len(codes) > 3
    for code in codes:
        said = geoasm("explain", made / "runs" / "one", "--", code)
        assert str(7777 * 7) not in said
        assert "\u2028" not in said
        json.loads(geoasm("explain", "--json", made / "runs" / "one", "--", code))
