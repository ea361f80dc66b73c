"""Numbers as people type them: decimal comma or point, thousands, a unit behind."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from geoasm.parsing.codes import read_text

_PLAIN = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_COMMA_DECIMAL = re.compile(r"[+-]?\d+,\d+")
_COMMA_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
_POINT_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?")
# "1,234" is a thousand in one country and little more than one in the next.
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_SHOWS_COMMA = re.compile(
    r"[+-]?(?:0,\d+|\d+,\d{1,2}|\d+,\d{4,}|\d{4,},\d+|\d{1,3}(?:\.\d{3})+,\d+)"
)
_SHOWS_POINT = re.compile(
    r"[+-]?(?:0?\.\d+|\d+\.\d{1,2}|\d+\.\d{4,}|\d{4,}\.\d+|\d{1,3}(?:,\d{3})+\.\d+)"
)


def read_numbers(values: pd.Series, unit: str = "") -> pd.Series:
    """
    Read a column of numbers, float64; NaN where there is none or none that is certain.

    A value like `1,234` is read as the rest of its column shows; where the column shows nothing it
    stays unread.

    Parameters
    ----------
    unit
        Unit that may stand behind a number, as in `900 ha`.
    """
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        numbers = pd.Series(values.to_numpy("float64", na_value=np.nan), index=values.index)
        return _finite(numbers)
    text = read_text(values).str.replace(r"[\s']", "", regex=True)
    text = text.str.replace("\u2212", "-", regex=False)
    if unit:
        text = text.str.replace(rf"(?i)(?<=\d){re.escape(unit)}s?\.?$", "", regex=True)
    plain = text.str.fullmatch(_PLAIN).fillna(False).astype(bool)
    out = pd.to_numeric(text.where(plain), errors="coerce").astype("float64")
    rest = text[~plain & text.notna()]
    if rest.empty:
        return _finite(out)
    distinct = text.dropna().unique()
    comma = any(_SHOWS_COMMA.fullmatch(v) for v in distinct)
    point = any(_SHOWS_POINT.fullmatch(v) for v in distinct)
    again = rest if not comma or point else text[text.notna()]
    read = {v: _read(v, comma, point) for v in again.unique()}
    read_again = text.notna() if len(again) > len(rest) else text.notna() & ~plain
    return _finite(out.where(~read_again, text.map(read).astype("float64")))


def _finite(numbers: pd.Series) -> pd.Series:
    """Leave out what is too large for a number: `1e400`, or hundreds of digits."""
    return numbers.where(np.isfinite(numbers))


def _read(text: str, comma: bool, point: bool) -> float:
    """Read one number, knowing which decimal sign its column shows."""
    if _EITHER.fullmatch(text):
        if comma == point and "," in text:
            return np.nan
        decimal_comma = comma and not point
        if decimal_comma == ("," in text):
            return float(text.replace(",", "."))
        return float(text.replace(",", "").replace(".", ""))
    if _COMMA_GROUPS.fullmatch(text):
        return float(text.replace(",", ""))
    if _POINT_GROUPS.fullmatch(text) and ("," in text or text.count(".") > 1):
        return float(text.replace(".", "").replace(",", "."))
    if _COMMA_DECIMAL.fullmatch(text):
        return float(text.replace(",", "."))
    return float(text) if re.fullmatch(_PLAIN, text) else np.nan


def decimals(values: pd.Series) -> pd.Series:
    """Count the digits behind the decimal sign of each number as written, Int64."""
    text = read_text(values)
    written = text.str.fullmatch(r"[+-]?\d+(?:[.,]\d*)?").fillna(False).astype(bool)
    return digits_behind(text.str.replace(",", ".", regex=False)).where(written)


def digits_behind(text: pd.Series) -> pd.Series:
    """Count the characters behind the point of a text, Int64; none where it has no point."""
    point = text.str.find(".")
    return (text.str.len() - point - 1).where(point >= 0, 0).astype("Int64")
