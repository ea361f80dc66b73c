"""Delimited text and workbooks: every cell as the text that stands there."""

from __future__ import annotations

import csv
import io
import sys
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

from geoasm.errors import EmptySource, GeoasmError, UnreadableSource
from geoasm.io.archives import Swelling
from geoasm.io.damaged import broken_rows
from geoasm.io.vector import another, distinct, gdal_encoding, text_encoding

_DELIMITERS = (",", ";", "\t", "|")
_SNIFFED_LINES = 50
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_delimited(
    path: Path, encoding: str | None
) -> tuple[pd.DataFrame, pd.DataFrame | None, str]:
    """
    Read a CSV, TSV or other delimited text.

    Parameters
    ----------
    encoding
        None to take UTF-8 or UTF-16 where the bytes are that, else Windows-1252, else Latin-1.

    Returns
    -------
    frame, broken, encoding
        Text columns with `source_row` (1-based, the header not counted); lines that have more
        fields than the header, or None; the encoding used.
    """
    content = path.read_bytes()
    used = gdal_encoding(encoding) if encoding else _encoding(content)
    try:
        text = content.decode("UTF-8-SIG" if used == "UTF-8" else used)
    except UnicodeDecodeError as err:
        raise UnreadableSource(
            f"{path.name}: its text is not {used}; say which with --encoding ROLE={another(used)}"
        ) from err
    if "\0" in text:
        raise UnreadableSource(f"{path.name} is not text, whatever its name says")
    delimiter = sniff_delimiter(text)
    try:
        frame, broken = _parse(text, delimiter), None
    except (pd.errors.ParserError, pd.errors.ParserWarning):
        with _fields_of_any_length():
            frame, broken = _parse_ragged(text, delimiter)
    except pd.errors.EmptyDataError:
        raise EmptySource(f"{path.name} has no header and no rows") from None
    return frame, broken, used


def _encoding(content: bytes) -> str:
    return "UTF-16" if content.startswith(_UTF16_MARKS) else text_encoding(content)


def sniff_delimiter(text: str) -> str:
    """Choose the delimiter that cuts the first lines into the most fields, alike in each."""
    end = -1
    for _ in range(_SNIFFED_LINES):
        end = text.find("\n", end + 1)
        if end < 0:
            end = len(text)
            break
    lines = list(io.StringIO(text[: end + 1], newline=""))  # a lone return ends a line, too

    def merit(delimiter: str) -> tuple[float, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        if not widths or widths[0] < 2:
            return 0.0, 0
        return widths.count(widths[0]) / len(widths) * (widths[0] - 1), widths[0]

    with _fields_of_any_length():
        return max(_DELIMITERS, key=merit)


@contextmanager
def _fields_of_any_length() -> Iterator[None]:
    """Lift the limit that Python sets to a field: a description may be long."""
    former = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(former)


def _parse(text: str, delimiter: str) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)  # fields beyond the header
        frame = pd.read_csv(
            io.BytesIO(text.encode()),  # a StringIO would hold four bytes a character
            sep=delimiter,
            encoding="utf-8",
            dtype=str,
            keep_default_na=False,
            na_values=[""],
            index_col=False,
            low_memory=False,
        )
    return _numbered(frame.astype("str"), range(1, len(frame) + 1))


def _parse_ragged(text: str, delimiter: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read line by line what cannot be read whole; surplus empty fields are no fault."""
    unbalanced = text.count('"') % 2 == 1
    lines = io.StringIO(text, newline="")  # which end as CSV knows it, not as str.splitlines does
    rows = (
        (next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), []) for line in lines)
        if unbalanced
        else csv.reader(lines, delimiter=delimiter)
    )
    filled = (row for row in rows if row)
    header = next(filled)
    while header and not header[-1].strip():
        header.pop()
    good: dict[int, list[str | None]] = {}
    bad: dict[int, str] = {}
    for number, row in enumerate(filled, 1):
        surplus = any(cell.strip() for cell in row[len(header) :])
        short = unbalanced and len(row) < len(header)
        if surplus or short:
            bad[number] = f"it has {len(row)} fields, the header {len(header)}"
        else:
            cells = [cell or None for cell in row[: len(header)]]
            good[number] = cells + [None] * (len(header) - len(cells))
    frame = pd.DataFrame(list(good.values()), columns=distinct(header), dtype="str")
    return _numbered(frame, good), broken_rows(list(bad), list(bad.values()))


def _numbered(frame: pd.DataFrame, rows: Any) -> pd.DataFrame:
    """Drop nameless empty columns (a delimiter at the end of each line), and number the records."""
    nameless = frame.columns.str.startswith("Unnamed:") & frame.isna().all().to_numpy()
    frame = frame.loc[:, ~nameless].copy()
    frame["source_row"] = pd.array(list(rows), dtype="int64")
    return frame


def sheet_names(path: Path) -> list[str]:
    """
    List the sheets of a workbook that have cells.

    Raises
    ------
    UnreadableSource
        It is no workbook, or damaged.
    """
    with _workbook(path) as book:
        return [s.title for s in book.worksheets if next(_cells(s), None) is not None]


def read_sheet(path: Path, sheet: str) -> pd.DataFrame:
    """Read one sheet; the first row with cells is the header, formulas give their last values."""
    with _workbook(path) as book:
        rows = _cells(book[sheet])
        header = next(rows)
        body = [[_as_text(v) for v in row] for row in rows]
    while header and header[-1] is None:
        header.pop()
    width = max([len(header), *(len(row) for row in body)])
    names = [_as_text(v) or "" for v in header] + [""] * (width - len(header))
    padded = [row + [None] * (width - len(row)) for row in body]
    frame = pd.DataFrame(padded, columns=distinct(names), dtype="str")
    return _numbered(frame, range(1, len(frame) + 1))


@contextmanager
def _workbook(path: Path) -> Iterator[Any]:
    """Open a workbook; whatever is wrong with it, then or as its rows are read, is one typed error."""
    try:
        with zipfile.ZipFile(path) as archive:
            swelling = Swelling(path.name, path.stat().st_size)
            swelling.add(sum(member.file_size for member in archive.infolist()))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions that carry no cells
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
            try:
                yield book
            finally:
                book.close()
    except GeoasmError:
        raise
    except Exception as err:  # openpyxl lets through whatever its parsing meets
        raise UnreadableSource(
            f"{path.name} is no workbook, or damaged; save it again as XLSX or CSV"
        ) from err


def _cells(sheet: Any) -> Iterator[list[Any]]:
    """Walk the rows that have a cell; the sheet's stated size is often wrong, so it is ignored."""
    sheet.reset_dimensions()
    for row in sheet.iter_rows(values_only=True):
        if any(value is not None for value in row):
            yield list(row)


def _as_text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
