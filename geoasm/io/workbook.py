"""Sheets to an XLSX workbook: filters, widths, number formats, and text that stays text."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

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
_NOT_IN_TITLE = re.compile(r"[\[\]:*?/\\]")
_LONGEST_TITLE = 31
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_A4 = "9"  # as the format numbers paper
_WRITTEN = (1980, 1, 1, 0, 0, 0)  # earliest that a zip can say
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")


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
    try:
        held = _laid_out(sheets, title)
    except OSError as err:
        raise OutputError(
            f"cannot write {path}: {describe_refusal(err)} (its sheets pass through "
            f"{tempfile.gettempdir()}; TMPDIR names another folder)"
        ) from err
    try:
        path.write_bytes(_settled(held, changed_on))
    except OSError as err:
        raise OutputError(f"cannot write {path}: {describe_refusal(err)}") from err


def _laid_out(sheets: Sequence[Sheet], title: str) -> io.BytesIO:
    """Lay sheets out; each goes through a temporary file until it is packed."""
    book = openpyxl.Workbook(write_only=True)
    book.properties.title = _text(title)
    book.properties.creator = "geoasm"
    taken: set[str] = set()
    for sheet in sheets:
        _write(book.create_sheet(_title(sheet.title, taken)), sheet)
    held = io.BytesIO()
    book.save(held)
    return held


def _write(page: Any, sheet: Sheet) -> None:
    for i, width in enumerate(_widths(sheet), start=1):
        page.column_dimensions[get_column_letter(i)].width = width
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = _A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(
        fitToPage=True
    )
    if sheet.is_table:
        page.freeze_panes = "A2"
        page.print_title_rows = "1:1"
        last = get_column_letter(max(len(sheet.heads), 1))
        page.auto_filter.ref = f"A1:{last}{len(sheet.rows) + 1}"
    if sheet.heads:
        page.append([_head(page, text, sheet.is_table) for text in sheet.heads])
    for row in sheet.rows:
        cells = zip(row, sheet.kinds, strict=True)
        page.append([_cell(page, value, kind) for value, kind in cells])


def _head(page: Any, text: str, filled: bool) -> Any:
    cell = _cell(page, text, "long")
    cell.font = Font(bold=True, size=11 if filled else 14)
    if filled:
        cell.fill = PatternFill("solid", fgColor="E3EDF3")
    return cell


def _cell(page: Any, value: object, kind: str) -> Any:
    plain = _plain(value, kind)
    cell = WriteOnlyCell(page, plain)
    if isinstance(plain, str):
        cell.data_type = "s"  # never a formula, whatever it begins with
        cell.quotePrefix = plain.startswith(_FORMULA_START)
        cell.alignment = Alignment(vertical="top", wrap_text=kind == "long")
    else:
        cell.alignment = Alignment(vertical="top")
        if kind in _FORMATS:
            cell.number_format = _FORMATS[kind]
    return cell


def _plain(value: object, kind: str) -> Any:
    if value is None or pd.isna(value) or value == "":
        return None
    if kind in {"text", "long"}:
        return _text(str(value))
    if kind == "date":
        return value if isinstance(value, date) else pd.Timestamp(str(value)).to_pydatetime()
    return int(value) if kind in {"integer", "whole"} else float(value)  # type: ignore[call-overload, arg-type]


def _text(text: str) -> str:
    clean: str = ILLEGAL_CHARACTERS_RE.sub("\ufffd", encodable(text))
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
    if value is None or pd.isna(value):
        return 0
    if kind in {"text", "long"}:
        return max(map(len, str(value).split("\n")))
    return 11 if kind == "date" else len(f"{float(value):,.1f}")  # type: ignore[arg-type]


def _title(title: str, taken: set[str]) -> str:
    plain = _NOT_IN_TITLE.sub(" ", _text(title)).strip("' ")[:_LONGEST_TITLE] or "-"
    while plain.lower() in taken:
        plain = plain[: _LONGEST_TITLE - 1] + "+"
    taken.add(plain.lower())
    return plain


def _settled(held: io.BytesIO, changed_on: str) -> bytes:
    """Take the clock out of a workbook: in its archive, and in what it says of itself."""
    day = datetime.fromisoformat(changed_on).strftime("%Y-%m-%dT00:00:00Z").encode()
    out = io.BytesIO()
    with (
        zipfile.ZipFile(held) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + day + rb"\g<3>", content)
            entry = zipfile.ZipInfo(name, _WRITTEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return out.getvalue()
