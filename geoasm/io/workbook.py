"""Sheets to an XLSX workbook: filters, widths, number formats, and text that stays text."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from geoasm.dossier import Sheet
from geoasm.errors import OutputError
from geoasm.io.atomic import encodable
from geoasm.io.refusals import describe_refusal

_FORMATS = {
    "integer": "#,##0",
    "whole": "0",
    "number": "#,##0.0",
    "hectares": "#,##0.0",
    "metres": "#,##0",
    "share": "0.0%",
    "date": "yyyy-mm-dd",
}
_LONGEST_TEXT = 32_767  # that a cell holds
_NARROWEST, _WIDEST, _WIDEST_LONG = 9, 34, 64
_MEASURED_ROWS = 500  # enough to choose the width of a column
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NOT_IN_TITLE = re.compile(r"[\[\]:*?/\\]")
_LONGEST_TITLE = 31
_MOST_ROWS = 1_048_575  # below a head
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_FIRST_YEAR = 1900  # of which a spreadsheet shows days
_A4 = 9  # as the format numbers paper


def write_workbook(path: Path, sheets: Sequence[Sheet], *, title: str, changed_on: str) -> None:
    """
    Write sheets into a new workbook, the same bytes for the same sheets.

    A text that a spreadsheet would run as a formula is stored as text and marked as such.

    Parameters
    ----------
    changed_on
        Day (ISO) that the file states as its last change.

    Raises
    ------
    OutputError
        The disk refuses.
    """
    held = io.BytesIO()
    book = Workbook(held, {"in_memory": True})
    created = datetime.fromisoformat(changed_on)
    book.set_properties({"title": _text(title), "author": "geoasm", "created": created})
    forms = _Forms(book)
    taken: set[str] = set()
    for sheet in sheets:
        if len(sheet.rows) > _MOST_ROWS:
            raise OutputError(
                f"cannot write {path}: its sheet {sheet.title!r} has {len(sheet.rows):,} rows, and a "
                f"workbook holds {_MOST_ROWS:,}; take fewer, or read the run's Parquet files"
            )
        _write(book.add_worksheet(_title(sheet.title, taken)), sheet, forms)
    book.close()
    try:
        path.write_bytes(held.getbuffer())
    except OSError as err:
        raise OutputError(f"cannot write {path}: {describe_refusal(err)}") from err


class _Forms:
    """How cells of each kind look, made once for a workbook; texts like formulas are marked."""

    def __init__(self, book: Workbook) -> None:
        head = {"bold": True, "text_wrap": True, "valign": "top"}
        kinds: dict[str, dict[str, object]] = {
            "text": {},
            "long": {"text_wrap": True},
            "head": {**head, "font_size": 11, "bg_color": "#E3EDF3"},
            "title": {**head, "font_size": 14},
            **{kind: {"num_format": form} for kind, form in _FORMATS.items()},
        }
        self._plain = {k: book.add_format({"valign": "top", **form}) for k, form in kinds.items()}
        self._marked = {
            k: book.add_format({"valign": "top", "quote_prefix": True, **form})
            for k, form in kinds.items()
        }

    def of(self, kind: str, value: object) -> Format:
        """Give the format of a cell that holds a value."""
        marked = isinstance(value, str) and value.startswith(_FORMULA_START)
        return (self._marked if marked else self._plain)[kind]


def _write(page: Worksheet, sheet: Sheet, forms: _Forms) -> None:
    for i, width in enumerate(_widths(sheet)):
        page.set_column(i, i, width)
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    if sheet.is_table:
        page.freeze_panes(1, 0)
        page.repeat_rows(0)
        page.autofilter(0, 0, len(sheet.rows), max(len(sheet.heads), 1) - 1)
    head = "head" if sheet.is_table else "title"
    for column, text in enumerate(sheet.heads):
        _put(page, 0, column, _text(text), forms.of(head, text))
    for number, row in enumerate(sheet.rows, start=1 if sheet.heads else 0):
        for column, (value, kind) in enumerate(zip(row, sheet.kinds, strict=True)):
            plain = _plain(value, kind)
            if plain is not None:
                _put(page, number, column, plain, forms.of(kind, plain))


def _put(page: Worksheet, row: int, column: int, value: object, form: Format) -> None:
    """Write by the value's own type: no text is ever taken for a formula, a link or a number."""
    if isinstance(value, str):
        page.write_string(row, column, value, form)
    elif isinstance(value, date):
        page.write_datetime(row, column, value, form)
    else:
        page.write_number(row, column, value, form)


def _plain(value: object, kind: str) -> Any:
    if _is_empty(value):
        return None
    if kind in {"text", "long"}:
        return _text(str(value))
    if kind == "date":
        day = value if isinstance(value, date) else pd.Timestamp(str(value))
        return day if day.year >= _FIRST_YEAR else day.isoformat()[:10]
    number = float(value)  # type: ignore[arg-type]
    if not math.isfinite(number):
        return None
    return int(number) if kind in {"integer", "whole"} else number


def _is_empty(value: object) -> bool:
    return value is None or bool(pd.isna(value)) or value == ""


def _text(text: str) -> str:
    clean: str = _NOT_IN_XML.sub("\ufffd", encodable(text))
    if clean.startswith("<r>") and clean.rstrip("\n").endswith("</r>"):
        clean += "\u200b"  # or the library writes it as markup of its own
    return clean if len(clean) <= _LONGEST_TEXT else clean[: _LONGEST_TEXT - 1] + "…"


def _widths(sheet: Sheet) -> Iterator[float]:
    for i, kind in enumerate(sheet.kinds):
        shown = [_shown(row[i], kind) for row in sheet.rows[:_MEASURED_ROWS]]
        # The arrow of the filter stands beside the head.
        head = len(sheet.heads[i]) + 4 if sheet.heads and sheet.is_table else 0
        widest = _WIDEST_LONG if kind == "long" else _WIDEST
        needed = max([*shown, min(head, _WIDEST)], default=_NARROWEST) + 1
        yield float(min(max(needed, _NARROWEST), widest))


def _shown(value: object, kind: str) -> int:
    if _is_empty(value):
        return 0
    if kind in {"text", "long"}:
        return max(map(len, str(value).split("\n")))
    return 11 if kind == "date" else len(f"{float(value):,.1f}")  # type: ignore[arg-type]


def _title(title: str, taken: set[str]) -> str:
    plain = _NOT_IN_TITLE.sub(" ", _text(title)).strip("' ")[:_LONGEST_TITLE] or "-"
    chosen, number = plain, 1
    while chosen.lower() in taken:
        number += 1
        chosen = f"{plain[: _LONGEST_TITLE - len(str(number)) - 1]} {number}"
    taken.add(chosen.lower())
    return chosen
