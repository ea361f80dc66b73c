"""Text as registers write it: folding for comparison, and mojibake that can be undone for certain."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_SPACES = re.compile(r"\s+")
_BLANKS = re.compile(r"[^\S\n]{2,}|[^\S\n ]")  # all but a single space, which may stay
# First bytes of multi-byte UTF-8 as Windows and DOS code pages show them.
_SUSPECT = "[\u00c2\u00c3\u00e2\u251c\u252c]"
_IS_SUSPECT = re.compile(_SUSPECT)
LOST = "\ufffd"  # stands for what a former reader could not decode
_HALF = re.compile("[\ud800-\udfff]")
_DOS_PAGES = ("cp850", "cp437")


def sound(text: str) -> str:
    """Put U+FFFD in the place of lone surrogates: halves of characters, which no file can hold."""
    return _HALF.sub(LOST, text)


def fold(text: object) -> str:
    """Fold a text for comparison: upper case, no accents, single spaces."""
    plain = unicodedata.normalize("NFKD", str(text)).upper()
    return _SPACES.sub(" ", "".join(c for c in plain if not unicodedata.combining(c))).strip()


def fold_all(texts: Iterable[str]) -> list[str]:
    """Fold many texts at once: they go through as the lines of one text, at a tenth of the cost."""
    lines = [text.replace("\n", " ") for text in texts]
    plain = unicodedata.normalize("NFKD", "\n".join(lines)).upper()
    for mark in sorted(c for c in set(plain) if unicodedata.combining(c)):
        plain = plain.replace(mark, "")
    return [line.strip() for line in _BLANKS.sub(" ", plain).split("\n")] if lines else []


def fold_series(values: pd.Series) -> pd.Series:
    """Fold a column, each distinct value once; missing stays missing."""
    codes, distinct = pd.factorize(values)
    folded = pd.array([*fold_all(map(str, distinct)), None], dtype="str")
    return pd.Series(folded.take(codes), index=values.index, name=values.name)


def is_among(values: pd.Series, known: Collection[str]) -> pd.Series:
    """Tell which texts of a column are among many known ones; a missing one is not."""
    texts = pa.array(known if isinstance(known, pd.Series) else list(known), pa.large_string())
    # pandas would take the known ones one by one.
    found = pc.is_in(pa.array(values), value_set=texts, skip_nulls=True)
    return pd.Series(found.to_numpy(zero_copy_only=False), index=values.index)


def join_groups(texts: pd.Series, by: pd.Series, separator: str) -> pd.Series:
    """
    Join the texts of each group, in their order.

    Parameters
    ----------
    by
        Whose each text is, in the order of `texts`; none missing.

    Returns
    -------
    joined
        Indexed by group, ascending.
    """
    number, groups = pd.factorize(by, sort=True)
    order = np.argsort(number, kind="stable")
    ends = np.concatenate([[0], np.cumsum(np.bincount(number, minlength=len(groups)))])
    column = pa.table({"text": pa.array(texts.astype("str"), pa.large_string())}).column("text")
    values = column.take(pa.array(order)).combine_chunks()
    # pandas would call Python for each group.
    lists = pa.LargeListArray.from_arrays(pa.array(ends), values)
    joined = pc.binary_join(lists, pa.scalar(separator, pa.large_string()))
    index = pd.Index(groups, name=by.name)
    return pd.Series(joined.to_pandas(), dtype="str", name=texts.name).set_axis(index)


def unscramble(text: str) -> str | None:
    """
    Undo UTF-8 that was read as a single-byte encoding, once or several times over.

    Returns
    -------
    text
        The original, only where writing it again gives the very bytes read; else None.
    """
    mended = _unscramble_once(text)
    if mended is None:
        return None
    # Another round only for what still looks misread: a clean name may by chance be UTF-8 in DOS.
    return (_IS_SUSPECT.search(mended) and unscramble(mended)) or mended


def _unscramble_once(text: str) -> str | None:
    for raw in _bytes_read(text):
        try:
            mended = raw.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if mended != text and all(c.isprintable() or c in text for c in mended):
            return mended
    return None


def _bytes_read(text: str) -> Iterator[bytes]:
    """Give the bytes that each single-byte encoding would have shown as this text."""
    with suppress(UnicodeEncodeError):
        # Windows-1252 as browsers read it: its five empty places stand for themselves.
        yield b"".join(
            c.encode("latin-1") if "\x80" <= c <= "\x9f" else c.encode("cp1252") for c in text
        )
    for page in _DOS_PAGES:
        with suppress(UnicodeEncodeError):
            yield text.encode(page)


def unscramble_series(values: pd.Series) -> pd.Series:
    """Undo mojibake in a text column where it is certain; everything else stays as it is."""
    if not pc.any(pc.invert(pc.string_is_ascii(pa.array(values, pa.large_string())))).as_py():
        return values
    suspect = values.str.contains(_SUSPECT, regex=True, na=False)
    mended = {v: m for v in values[suspect].unique() if (m := unscramble(v)) is not None}
    if not mended:
        return values
    out = values.astype("str").copy()
    out[suspect] = [mended.get(v, v) for v in values[suspect]]
    return out
