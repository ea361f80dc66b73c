"""Workbooks: text stays text, numbers keep their form, the same sheets give the same bytes."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from geoasm.dossier import Sheet
from geoasm.errors import OutputError
from geoasm.io.workbook import write_workbook

FORMULAS = ("=1+1", "+51", "-9.5", "@home", "\t=1", "=cmd()|' /C calc'!A0", "\uff1d1")
SHEET = Sheet(
    "Rights",
    ["Code", "Area, ha", "Share", "Filed on", "Count", "Year"],
    ["text", "hectares", "share", "date", "integer", "whole"],
    [
        ("010000101", 899.98, 0.27, date(2001, 2, 3), 1234, 2025),
        (pd.NA, float("nan"), None, pd.NaT, pd.NA, None),
        ("=1+1", 0.0, 1.0, pd.Timestamp("1999-12-31"), 0, 1),
    ],
)


def write(path: Path, *sheets: Sheet) -> openpyxl.Workbook:
    write_workbook(path, sheets, title="t", changed_on="2026-01-01")
    return openpyxl.load_workbook(path)


@pytest.mark.parametrize("text", FORMULAS)
def test_text_is_never_a_formula(tmp_path: Path, text: str) -> None:
    book = write(tmp_path / "b.xlsx", Sheet("s", [text], ["text"], [(text,)]))
    for cell in (book["s"]["A1"], book["s"]["A2"]):
        assert cell.data_type == "s"
        assert cell.value == text
        assert cell.quotePrefix
    with zipfile.ZipFile(tmp_path / "b.xlsx") as archive:
        pages = [archive.read(n) for n in archive.namelist() if "worksheets" in n]
    assert all(b"<f>" not in page for page in pages)


def test_values_come_back_with_their_number_formats(tmp_path: Path) -> None:
    page = write(tmp_path / "b.xlsx", SHEET)["Rights"]
    row = [cell.value for cell in page[2]]
    assert row[:3] == ["010000101", 899.98, 0.27]
    assert row[3].date() == date(2001, 2, 3)
    assert row[4:] == [1234, 2025]
    assert [cell.value for cell in page[3]] == [None] * 6
    assert [cell.number_format for cell in page[2]] == [
        "General",
        "#,##0.0",
        "0.0%",
        "yyyy-mm-dd",
        "#,##0",
        "0",
    ]


def test_a_table_has_a_filter_a_frozen_head_and_widths_that_show_its_values(tmp_path: Path) -> None:
    page = write(tmp_path / "b.xlsx", SHEET)["Rights"]
    assert page.auto_filter.ref == "A1:F4"
    assert page.freeze_panes == "A2"
    assert page.print_title_rows == "$1:$1"
    assert page.column_dimensions["A"].width >= len("010000101")
    cover = write(tmp_path / "c.xlsx", Sheet("c", ["Title"], ["long"], [("line",)], is_table=False))
    assert cover["c"].auto_filter.ref is None


def test_an_empty_table_keeps_its_head(tmp_path: Path) -> None:
    page = write(tmp_path / "b.xlsx", Sheet("s", ["a", "b"], ["text", "integer"], []))["s"]
    assert [cell.value for cell in page[1]] == ["a", "b"]


def test_text_is_never_markup(tmp_path: Path) -> None:
    texts = ("<r>A & B</r>", "<r></r>", "<r><t>x</t></r>\n", "<r>=1</r>")
    page = write(tmp_path / "b.xlsx", Sheet("s", ["a"], ["text"], [(t,) for t in texts]))["s"]
    assert [page.cell(i, 1).value.strip("\u200b") for i in range(2, 6)] == list(texts)


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="1,048,575"):
        write(tmp_path / "b.xlsx", Sheet("s", ["a"], ["text"], [("x",)] * 1_048_576))


def test_what_no_cell_can_hold_is_mended(tmp_path: Path) -> None:
    texts = ("nul\x00 bell\x07", "lone \ud800", "x" * 40_000)
    page = write(tmp_path / "b.xlsx", Sheet("s", ["a"], ["text"], [(t,) for t in texts]))["s"]
    values = [page.cell(i, 1).value for i in (2, 3, 4)]
    assert values[0] == "nul\ufffd bell\ufffd"
    assert values[1] == "lone \ufffd"
    assert len(values[2]) == 32_767


def test_what_no_spreadsheet_shows_is_a_text_or_empty(tmp_path: Path) -> None:
    rows = [(date(1899, 12, 30), float("inf")), (date(1900, 3, 1), 1.5)]
    page = write(tmp_path / "b.xlsx", Sheet("s", ["d", "n"], ["date", "number"], rows))["s"]
    assert [cell.value for cell in page[2]] == ["1899-12-30", None]
    assert page["A3"].value.date() == date(1900, 3, 1)


@pytest.mark.parametrize("kind", ["text", "long", "integer", "whole", "number", "share", "date"])
def test_an_empty_text_is_an_empty_cell_of_any_kind(tmp_path: Path, kind: str) -> None:
    page = write(tmp_path / "b.xlsx", Sheet("s", ["a"], [kind], [("",)]))["s"]
    assert page["A2"].value is None


def test_names_of_sheets_are_lawful_and_differ(tmp_path: Path) -> None:
    names = [
        "a/b:c*?[d]\\e" + "x" * 40,
        "a/b:c*?[d]\\e" + "x" * 40,
        "'",
        "",
        "y" * 31,
        "y" * 31,
        "y" * 31,
    ]
    book = write(tmp_path / "b.xlsx", *(Sheet(n, ["a"], ["text"], []) for n in names))
    assert len(set(book.sheetnames)) == 7
    assert all(0 < len(n) <= 31 for n in book.sheetnames)


def test_the_same_sheets_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write(tmp_path / name, SHEET)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
        assert archive.read("docProps/core.xml").count(b"2026-01-01T00:00:00Z") == 2


def test_a_disk_that_refuses_is_told_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"b\.xlsx"):
        write(tmp_path / "nowhere" / "b.xlsx", SHEET)
