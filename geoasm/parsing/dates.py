"""Dates in the forms registers use."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm.parsing.codes import read_text
from geoasm.parsing.text import fold

Days = npt.NDArray[np.datetime64]

_EARLIEST: Final = np.datetime64("1500-01-01")
# Day nought of spreadsheets and databases: a field that was never filled in.
_PLACEHOLDERS: Final = np.array(["1899-12-30", "1899-12-31", "1900-01-01"], dtype="datetime64[s]")

_TIME = r"(?:[T, ]+\d{1,2}:\d{2}.*)?"
_ISO = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}")
_SLASHED = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_TIME}")
_NUMBER = re.compile(r"\d{8}|-?\d{9,14}")
_GAP = r"(?:[ .,/-]|\bDEL?\b)+"
_DAY_NAME = r"(?:[A-Z]{3,10}[., ]+)?"
_WORDED = re.compile(rf"{_DAY_NAME}(\d{{1,2}}){_GAP}([A-Z]{{3,10}}){_GAP}(\d{{4}}|\d{{2}}){_TIME}")
_MONTH_NAME_FIRST = re.compile(
    rf"{_DAY_NAME}([A-Z]{{3,10}}){_GAP}(\d{{1,2}}){_GAP}(\d{{4}}){_TIME}"
)
# Spanish, English, French, Portuguese; the longest beginning that fits decides.
_MONTHS: Final = {
    **{"ENE": 1, "JAN": 1, "FEB": 2, "FEV": 2, "MAR": 3, "ABR": 4, "APR": 4, "AVR": 4},
    **{"MAY": 5, "MAI": 5, "JUN": 6, "JUIN": 6, "JUL": 7, "JUIL": 7, "AGO": 8, "AUG": 8, "AOU": 8},
    **{"SEP": 9, "SET": 9, "OCT": 10, "OUT": 10, "NOV": 11, "DIC": 12, "DEC": 12, "DEZ": 12},
}
_EPOCH: Final = date(1970, 1, 1)
_LONGEST_SECONDS = 10  # digits; ten digits of seconds reach the year 2286


class Dates(NamedTuple):
    """
    Days as read (datetime64[s], NaT where none) and what is doubtful, boolean.

    `unreadable`: a value is given and is no day. `placeholder`: it is a day that means nothing.
    `month_first`: it was read month first, because the column allows no other reading.
    """

    days: pd.Series
    unreadable: pd.Series
    placeholder: pd.Series
    month_first: pd.Series


def read_dates(values: pd.Series, on: date) -> Dates:
    """
    Read a column of days; times of day are dropped.

    Numbers of 8 digits are yyyymmdd; longer ones count milliseconds since 1970, or seconds where no
    number of the column has more than ten digits. `03/04/2016` is the third of April, unless some
    value of the column has no such day and all have one with the month first. A year of two digits
    is the last such year that has begun on `on`.
    """
    if pd.api.types.is_datetime64_any_dtype(values):
        days = values.dt.tz_localize(None).dt.normalize().astype("datetime64[s]")
        given, swapped = values.notna(), pd.Series(False, index=values.index)
    else:
        text = read_text(values)
        codes, distinct = pd.factorize(text)
        read, flipped = _read_distinct(list(distinct), on)
        days = pd.Series(np.append(read, np.datetime64("NaT", "s"))[codes], index=values.index)
        swapped = pd.Series(np.append(flipped, False)[codes], index=values.index)
        given = text.notna()
    placeholder = days.isin(_PLACEHOLDERS) | (days < _EARLIEST)
    unreadable = given & days.isna()
    return Dates(days.mask(placeholder), unreadable, placeholder, swapped & ~placeholder)


def _read_distinct(texts: Sequence[str], on: date) -> tuple[Days, npt.NDArray[np.bool_]]:
    days = np.full(len(texts), np.datetime64("NaT", "s"), dtype="datetime64[s]")
    flipped = np.zeros(len(texts), dtype=bool)
    slashed: dict[int, tuple[int, int, int]] = {}
    seconds = not any(_NUMBER.fullmatch(t) and len(t.lstrip("-")) > _LONGEST_SECONDS for t in texts)
    for i, text in enumerate(texts):
        iso = _ISO.fullmatch(text)
        if iso:
            _put(days, i, int(iso[1]), int(iso[2]), int(iso[3]))
            continue
        match = _SLASHED.fullmatch(text)
        if match:
            slashed[i] = int(match[1]), int(match[3]), _year(match[4], on)
        elif _NUMBER.fullmatch(text):
            _put_number(days, i, text, seconds)
        else:
            _put_worded(days, i, fold(text), on)
    first = _months_lead(list(slashed.values()))
    for i, (a, b, year) in slashed.items():
        day, month = (b, a) if first else (a, b)
        flipped[i] = _put(days, i, year, month, day) and first
    return days, flipped


def _put(days: Days, i: int, year: int, month: int, day: int) -> bool:
    try:
        days[i] = date(year, month, day)
    except ValueError:
        return False
    return True


def _put_number(days: Days, i: int, text: str, seconds: bool) -> None:
    if len(text) == 8:
        _put(days, i, int(text[:4]), int(text[4:6]), int(text[6:]))
        return
    unit = 1 if seconds else 1000
    try:
        days[i] = _EPOCH + timedelta(days=int(text) // (86_400 * unit))
    except OverflowError:
        return


def _put_worded(days: Days, i: int, text: str, on: date) -> None:
    match = _WORDED.fullmatch(text)
    if match:
        _put(days, i, _year(match[3], on), _month(match[2]), int(match[1]))
        return
    match = _MONTH_NAME_FIRST.fullmatch(text)
    if match:
        _put(days, i, int(match[3]), _month(match[1]), int(match[2]))


def _month(name: str) -> int:
    return _MONTHS.get(name[:4]) or _MONTHS.get(name[:3], 0)


def _year(text: str, on: date) -> int:
    if len(text) == 4:
        return int(text)
    year = on.year - on.year % 100 + int(text)
    return year if year <= on.year else year - 100


def _months_lead(triples: Sequence[tuple[int, int, int]]) -> bool:
    """Tell whether day-first fails for some value while month-first holds for every one."""
    possible = [t for t in triples if max(t[0], t[1]) <= 31 and min(t[0], t[1]) <= 12]
    return any(b > 12 for _, b, _ in possible) and all(a <= 12 for a, _, _ in possible)
