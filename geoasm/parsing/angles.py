"""Degrees, minutes and seconds in the usual spellings."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pandas as pd

from geoasm.parsing.codes import read_text
from geoasm.parsing.numbers import digits_behind

_SIGNS = str.maketrans(
    {
        "\u00ba": "\u00b0",  # the ordinal sign, typed for degrees
        "\u02da": "\u00b0",
        "\u2032": "'",
        "\u2019": "'",
        "\u2018": "'",
        "\u00b4": "'",
        "`": "'",
        "\u2033": '"',
        "\u201d": '"',
        "\u201c": '"',
        "\u2013": "-",
        "\u00a0": " ",
    }
)
_DECIMAL = r"[+-]?\d+(?:\.\d*)?"
_WORD = "N(?:ORTH|ORTE|ORD)?|S(?:OUTH|UR|UD)?|E(?:AST|STE|ST)?|W(?:EST)?|O(?:ESTE|UEST)?"
_ANGLE = re.compile(
    rf"(?P<before>{_WORD})?\.?\s*(?P<sign>[+-])?\s*"
    r"(?P<d>\d+(?:\.\d+)?)\s*(?:°|:|D|G(?:RADOS)?|(?=\s)|-|$|(?=[A-Z]))\s*"
    r"(?:(?P<m>\d+(?:\.\d+)?)\s*(?:'|:|(?=\s)|-|$|(?=[A-Z]))\s*"
    r"(?:(?P<s>\d+(?:\.\d+)?)\s*(?:\"|'')?\s*)?)?"
    rf"(?P<after>{_WORD})?\.?"
)
_DECIMALS_OF_A_MINUTE, _DECIMALS_OF_A_SECOND = 2, 3


class Angles(NamedTuple):
    """Signed degrees (float64, NaN unread) and the decimals of a degree they were given to (Int64)."""

    degrees: pd.Series
    decimals: pd.Series


def read_angles(values: pd.Series) -> Angles:
    """
    Read a column of angles: decimal degrees, or degrees with minutes and seconds.

    Hemisphere letters or words may stand before or behind, in Spanish, English or French (`O`,
    `W`, `Oeste`); south and west are negative. The comma is always a decimal sign here.
    """
    text = read_text(values).str.replace(",", ".", regex=False)
    text = text.str.replace("\u2212", "-", regex=False)
    is_plain = text.str.fullmatch(_DECIMAL).fillna(False).astype(bool)
    degrees = pd.to_numeric(text.where(is_plain), errors="coerce").astype("float64")
    degrees = degrees.where(np.isfinite(degrees))  # hundreds of digits are no angle
    decimals = digits_behind(text).where(is_plain)
    rest = text[~is_plain & text.notna()]
    read = {v: _read(v) for v in rest.unique()}
    return Angles(
        degrees.where(is_plain, text.map({v: d for v, (d, _) in read.items()}).astype("float64")),
        decimals.where(is_plain, text.map({v: n for v, (_, n) in read.items()}).astype("Int64")),
    )


def _read(text: str) -> tuple[float, int | None]:
    match = _ANGLE.fullmatch(text.translate(_SIGNS).strip().upper())
    if match is None or (match["before"] and match["after"]):
        return np.nan, None
    parts = [match[k] for k in ("d", "m", "s") if match[k] is not None]
    if any("." in p for p in parts[:-1]) or any(float(p) >= 60 for p in parts[1:]):
        return np.nan, None
    size = sum(float(p) / 60**i for i, p in enumerate(parts))
    given = len(parts[-1].partition(".")[2])
    given += (0, _DECIMALS_OF_A_MINUTE, _DECIMALS_OF_A_SECOND)[len(parts) - 1]
    side = (match["before"] or match["after"] or "")[:1]
    if side in ("N", "E") and match["sign"] == "-":
        return np.nan, None
    negative = match["sign"] == "-" or side in ("S", "W", "O")
    return (-size if negative else size), given
