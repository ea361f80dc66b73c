"""Columns of a packed layer: each in the way that takes the fewest bytes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm.render.packed_numbers import packed_size, planes, varints, zigzag
from geoasm.render.packed_shapes import Positions
from geoasm.render.payload import Column, Days, Numbers

_DIGITS = re.compile(r"\d{4,15}")  # whole numbers that a page's numbers hold to the last digit
_NUMBERED = re.compile(r"(.*\S) (0|[1-9][0-9]{0,5})", re.DOTALL)
_NONE, _ODD = 0, 1  # of a column of digits
_FIRST_DIGITS = 2

Whole = npt.NDArray[np.int64]


class Sections:
    """Named runs of bytes in their order."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}
        self._ways: dict[str, str] = {}

    def text(self, name: str, content: bytes) -> None:
        """Add bytes as they are."""
        self._contents[name] = content

    def numbers(self, name: str, values: npt.ArrayLike) -> None:
        """Add whole numbers from 0, one after the other or in planes, whichever packs smaller."""
        told = {"groups": varints(values), "planes": planes(values)}
        way = min(told, key=lambda way: packed_size(told[way]))
        self._contents[name], self._ways[name] = told[way], way

    def take(self, other: Sections) -> None:
        """Add the sections of another."""
        self._contents |= other._contents
        self._ways |= other._ways

    def listed(self) -> list[list[Any]]:
        """List the sections: name, length, and for numbers how they are written."""
        return [
            [name, len(content), *([self._ways[name]] if name in self._ways else [])]
            for name, content in self._contents.items()
        ]

    def contents(self) -> Sequence[bytes]:
        """Give the runs of bytes."""
        return list(self._contents.values())


class Keys:
    """Whole numbers that features share, such as their holder's: columns may be written once a key."""

    def __init__(self, keys: npt.ArrayLike, sections: Sections) -> None:
        codes, distinct = pd.factorize(pd.Series(keys).where(lambda k: k >= 0))
        counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
        order = np.lexsort((np.asarray(distinct), -counts))  # frequent ones: short numbers
        self.codes: Positions = np.append(np.argsort(order), -1)[codes]
        self.size = len(distinct)
        sections.numbers("key", self.codes + 1)

    def reduced(self, column: pd.Series | Numbers) -> pd.Series | Numbers | None:
        """Give one value a key; None where a key has several, or a feature without a key has one."""
        series = pd.Series(column.values) if isinstance(column, Numbers) else column
        codes, distinct = pd.factorize(series)
        keyed = self.codes >= 0
        if not self.size or (codes[~keyed] >= 0).any():
            return None
        found = np.full(self.size, -1, dtype=np.intp)
        found[self.codes[keyed]] = codes[keyed]
        if (found[self.codes[keyed]] != codes[keyed]).any():
            return None
        once = pd.Series([*distinct, None], dtype=object).take(found).reset_index(drop=True)
        if isinstance(column, Numbers):
            return column._replace(values=once.to_numpy(dtype=float, na_value=np.nan))
        return once


def in_order(column: Column, order: Positions) -> Column:
    """Give a column in another order of its rows."""
    if isinstance(column, Numbers):
        return column._replace(values=np.asarray(column.values, dtype=float)[order])
    if isinstance(column, Days):
        return Days(column.values.iloc[order])
    if isinstance(column, pd.Series):
        return column.astype(object).where(column.notna(), None).iloc[order].reset_index(drop=True)
    return column


def beyond_shape(column: Numbers, tenths_ha: Whole | None) -> Numbers:
    """Give hectares as what they are more than the outline's; as they are where it has none."""
    if tenths_ha is None or column.decimals != 1:
        return column._replace(of_shape=False)
    return column._replace(values=np.round(column.values, 1) - tenths_ha / 10)


def write(column: Column, name: str, sections: Sections, keys: Keys | None) -> dict[str, Any]:
    """Write a column into sections that begin with its name, and say in what way."""
    if keys is not None and isinstance(column, pd.Series | Numbers):
        once = keys.reduced(column)
        if once is not None:
            return {"kind": "keyed", "size": keys.size, "column": write(once, name, sections, None)}
    if isinstance(column, Numbers):
        return _write_numbers(column, name, sections)
    if isinstance(column, Days):
        return _write_days(column, name, sections)
    if isinstance(column, pd.Series):
        return _write_texts(column, name, sections)
    raise TypeError(f"no column: {column!r}")


def _write_numbers(column: Numbers, name: str, sections: Sections) -> dict[str, Any]:
    scaled = np.rint(np.asarray(column.values, dtype=float) * 10**column.decimals)
    there = np.isfinite(scaled)
    if not there.any():
        return {"kind": "none"}
    whole = np.where(there, scaled, 0).astype(np.int64)
    told = {"kind": "number", "section": name, "decimals": column.decimals}
    told |= {"template": column.template, "ofShape": column.of_shape, "grouped": column.grouped}
    plain = np.where(there, zigzag(whole) + np.uint64(1), np.uint64(0))
    ranks, values = _ranked(np.where(there, whole, np.iinfo(np.int64).min))
    listed = zigzag(values)
    ranked = np.where(there, ranks + 1, 0)
    if packed_size(planes(plain)) <= packed_size(planes(ranked)) + packed_size(planes(listed)):
        sections.numbers(name, plain)
        return told
    sections.numbers(name, ranked)
    sections.numbers(f"{name}.values", listed)
    return {**told, "ranked": len(listed)}


def _ranked(values: Whole) -> tuple[Whole, Whole]:
    """Give each value's place among the distinct ones, the frequent ones first, and these."""
    missing = np.iinfo(np.int64).min
    distinct, codes, counts = np.unique(values, return_inverse=True, return_counts=True)
    counts = np.where(distinct == missing, -1, counts)
    order = np.lexsort((distinct, -counts))
    ranks: Whole = np.argsort(order)[codes]
    kept = distinct[order]
    return ranks, kept[kept != missing]


def _write_days(column: Days, name: str, sections: Sections) -> dict[str, Any]:
    days = pd.to_datetime(column.values).to_numpy().astype("datetime64[D]")
    there = ~np.isnat(days)
    if not there.any():
        return {"kind": "none"}
    first = days[there].min()
    since = np.where(there, (days - first).astype(np.int64) + 1, 0)
    sections.numbers(name, since)
    return {"kind": "day", "section": name, "first": str(first)}


def _write_texts(column: pd.Series, name: str, sections: Sections) -> dict[str, Any]:
    codes, distinct = pd.factorize(column, use_na_sentinel=True)
    if not len(distinct):
        return {"kind": "none"}
    if 2 * len(distinct) > len(column):
        return (
            _write_digits(column, name, sections)
            or _write_numbered(column, name, sections)
            or _write_lines(column, name, sections)
        )
    counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
    order = np.lexsort((np.arange(len(distinct)), -counts))
    sections.text(f"{name}.words", _lines([str(distinct[i]) for i in order]))
    place_of = np.append(np.argsort(order), -1)
    sections.numbers(name, place_of[codes] + 1)
    return {"kind": "dictionary", "section": name}


def _write_lines(column: pd.Series, name: str, sections: Sections) -> dict[str, Any]:
    sections.text(name, _lines(["" if v is None else str(v) for v in column]))
    return {"kind": "text", "section": name}


def _write_numbered(column: pd.Series, name: str, sections: Sections) -> dict[str, Any] | None:
    """Write names such as ROSITA 7 as name and number; None where that packs no smaller than lines."""
    texts = [_NUMBERED.fullmatch("" if v is None else str(v)) for v in column]
    numbers = np.array([int(t[2]) + 1 if t else 0 for t in texts], dtype=np.int64)
    names = pd.Series(
        [t[1] if t else v for t, v in zip(texts, column, strict=True)], index=column.index
    )
    tried = Sections()
    inner = {**_write_texts(names, name, tried)} if names.nunique() < column.nunique() else None
    tried.numbers(f"{name}.numbers", numbers)
    size = sum(packed_size(content) for content in tried.contents())
    if inner is None or size >= packed_size(_lines(["" if v is None else str(v) for v in column])):
        return None
    sections.take(tried)
    return {"kind": "numbered", "column": inner, "section": f"{name}.numbers"}


def _write_digits(column: pd.Series, name: str, sections: Sections) -> dict[str, Any] | None:
    """Write codes of one width as numbers, the odd ones among them as texts; None where most are odd."""
    texts = [None if v is None else str(v) for v in column]
    widths = Counter(len(t) for t in texts if t and t.isascii() and _DIGITS.fullmatch(t))
    if not widths or 2 * max(widths.values()) < len(texts):
        return None
    width = widths.most_common(1)[0][0]

    def number(text: str | None) -> int:
        if text is None:
            return _NONE
        fits = len(text) == width and text.isascii() and text.isdigit()
        return int(text) + _FIRST_DIGITS if fits else _ODD

    numbers = np.array([number(t) for t in texts], dtype=np.int64)
    sections.numbers(name, numbers)
    odd = [str(texts[i]) for i in np.flatnonzero(numbers == _ODD)]
    sections.text(f"{name}.odd", _lines(odd))
    return {"kind": "digits", "section": name, "width": width}


def _lines(texts: Sequence[str]) -> bytes:
    """Write texts a line each; a line break in a text is written as a backslash and n."""
    joined = "\n".join(t.replace("\\", "\\\\").replace("\n", "\\n") for t in texts)
    return joined.encode("utf-8", "replace")
