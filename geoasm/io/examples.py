"""What of a file may be shown to whoever looks at it: values and names of columns that tell nobody."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import pandas as pd

_LONGEST = 40
_SEEN_OFTEN = 3  # rows that say the same: a code, and nobody's name
_WORD = re.compile(r"[^\W\d_]{3,}")
_NUMBER = re.compile(r"(?<!\d)(?:\d{8}|\d{11})(?!\d)")  # as long as identity numbers are
_VALUE = re.compile(r"\d{8,11}(?:\.\d+)?|\d{4}-\d\d-\d\d|-?\d+\.\d{3,}")
_NOT_DIGIT = re.compile(r"\D")
_DOCUMENT = slice(2, 10)


def numbers_of(frame: pd.DataFrame, private: Collection[str]) -> frozenset[str]:
    """List the identity numbers in the private columns of a file, and the documents within them."""
    texts = {t for name in private for t in frame[name].dropna().astype("str").unique()}
    digits = {d for t in texts if len(d := _NOT_DIGIT.sub("", t)) in (8, 11)}
    return frozenset(digits | {d[_DOCUMENT] for d in digits if len(d) == 11})


def choose(filled: pd.Series, personal: Collection[str], *, is_code: bool) -> str | None:
    """
    Choose a value of a column as its example; None where each may tell a person.

    Parameters
    ----------
    filled
        Values that are given.
    personal
        Identity numbers in other columns of the file.
    is_code
        A number in it is a person's only where another column says so.
    """
    counts = filled.astype("str").value_counts(sort=False)
    for text, number in counts.items():
        value = " ".join(str(text).removesuffix(" 00:00:00").split())
        digits = _NOT_DIGIT.sub("", value)
        if digits.lstrip("0") in personal or digits in personal:
            continue
        odd = len(_WORD.findall(value)) > 1 or (not is_code and _NUMBER.search(value))
        if odd and number < _SEEN_OFTEN:
            continue
        return value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
    return None


def is_headless(names: Sequence[str]) -> bool:
    """Tell whether what should be names of columns is the first row of the data."""
    return any(_VALUE.fullmatch(name.strip()) for name in names)
