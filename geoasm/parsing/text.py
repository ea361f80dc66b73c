"""Text as registers write it: folding for comparison, and mojibake that can be undone for certain."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd

_SPACES = re.compile(r"\s+")
_SUSPECT = "[\u00c2\u00c3\u00e2]"  # first bytes of two- and three-byte UTF-8 read as Latin-1


def fold(text: object) -> str:
    """Fold a text for comparison: upper case, no accents, single spaces."""
    plain = unicodedata.normalize("NFKD", str(text)).upper()
    return _SPACES.sub(" ", "".join(c for c in plain if not unicodedata.combining(c))).strip()


def fold_series(values: pd.Series) -> pd.Series:
    """Fold a column, each distinct value once; missing stays missing."""
    codes, distinct = pd.factorize(values)
    folded = pd.array([fold(v) for v in distinct] + [None], dtype="str")
    return pd.Series(folded.take(codes), index=values.index, name=values.name)


def unscramble(text: str) -> str | None:
    """
    Undo UTF-8 that was read as a single-byte encoding.

    Returns
    -------
    text
        The original, only where writing it again gives the very bytes read; else None.
    """
    for encoding in ("cp1252", "latin-1"):
        try:
            raw = text.encode(encoding)
            mended = raw.decode("utf-8")
        except UnicodeError:
            continue
        if mended != text and mended.encode("utf-8") == raw and mended.isprintable():
            return mended
    return None


def unscramble_series(values: pd.Series) -> pd.Series:
    """Undo mojibake in a text column where it is certain; everything else stays as it is."""
    suspect = values.str.contains(_SUSPECT, regex=True, na=False)
    if not suspect.any():
        return values
    distinct = values[suspect].unique()
    mended = {v: m for v in distinct if (m := unscramble(v)) is not None}
    return (
        values.map(lambda v: mended.get(v, v), na_action="ignore").astype("str")
        if mended
        else values
    )
