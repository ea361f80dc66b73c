"""Codes and identity numbers: kept to the letter, mended only where the file itself proves the loss."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm.parsing.text import is_among, sound

# What software writes into a text column for a value that is not there.
_MISSING = r"(?:|NULL|<NULL>|\(NULL\)|NONE|NAN|<NA>|NAT)"
# Peruvian taxpayer numbers: their first two digits, and what each of the first ten weighs in the last.
_RUC_KINDS = (10, 15, 17, 20)
_RUC_WEIGHTS = np.array([5, 4, 3, 2, 7, 6, 5, 4, 3, 2])


def read_text(values: pd.Series) -> pd.Series:
    """
    Give a column as stripped text; missing, blank and the usual words for null become missing.

    Whole floating-point numbers lose their `.0`, because a numeric reader put it there. Halves of
    characters become U+FFFD, as bytes do that are no UTF-8.
    """
    if isinstance(values.dtype, pd.StringDtype) and values.dtype.storage == "pyarrow":
        text = values.str.strip()
    elif values.dtype == object and pd.api.types.infer_dtype(values) != "string":
        # Cell by cell: lists have no hash, and to a hash 1, 1.0 and True are one value.
        written = pd.array([_written(v) for v in values], dtype="str")
        text = pd.Series(written, index=values.index, name=values.name)
    else:
        codes, distinct = pd.factorize(values)
        written = pd.array([_written(v) for v in distinct] + [None], dtype="str")
        text = pd.Series(written.take(codes), index=values.index, name=values.name)
    absent = text.str.fullmatch(_MISSING, case=False, na=False)
    return (text.mask(absent) if absent.any() else text).astype("str")


def _written(value: object) -> str | None:
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    if isinstance(value, pd.Timestamp):
        return str(value.isoformat())
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    return sound(str(value)).strip()


def read_codes(values: pd.Series) -> pd.Series:
    """Give codes as text, letter for letter, without the `.0` of a numeric reader."""
    text = read_text(values)
    floats = text.str.fullmatch(r"\d+\.0+").fillna(False).astype(bool)
    if floats.any():
        text = text.mask(floats, text.str.replace(r"\.0+$", "", regex=True))
    return text


def restore_zeros(
    codes: pd.Series, lengths: Collection[int], known: Collection[str] = ()
) -> tuple[pd.Series, pd.Series]:
    """
    Give back the leading zeros that a numeric reader ate, where that is proven.

    A digits-only code that is too short is filled up to the next listed length when the filled code
    is among the `known` ones; or when the column has digits-only codes of that length, for as many
    zeros as those codes start with, and at least one.

    Returns
    -------
    codes, restored
        The codes; boolean, which of them were changed.
    """
    restored = pd.Series(False, index=codes.index)
    digits = codes.str.fullmatch(r"\d+").fillna(False).astype(bool)
    if not lengths or not digits.any():
        return codes, restored
    width = codes.str.len().where(digits)
    out = codes
    floor = 0
    for length in sorted(lengths):
        short = digits & (width < length) & (width > floor)
        floor = length
        if not short.any():
            continue
        filled = codes.where(short).str.zfill(length)
        proven = is_among(filled, known)
        full = codes[width == length]
        if len(full):
            zeros = int((length - full.str.lstrip("0").str.len()).max())
            proven |= (length - width) <= max(zeros, 1)
        proven &= short
        out = out.mask(proven, filled)
        restored |= proven
    return out.astype("str"), restored


def read_rucs(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """
    Read taxpayer numbers.

    Returns
    -------
    numbers, invalid
        Eleven digits, missing where there is no valid number; boolean, where a value is given and
        its length, kind or check digit is wrong.
    """
    text = read_codes(values).str.replace(r"[\s.\-]", "", regex=True)
    has_length = text.str.fullmatch("[0-9]{11}").fillna(False).astype(bool)
    valid = has_length.copy()
    valid[has_length] = _are_rucs(text[has_length])
    return text.where(valid).astype("str"), text.notna() & ~valid


def _are_rucs(numbers: pd.Series) -> npt.NDArray[np.bool_]:
    """Tell which texts of eleven digits have a kind that there is, and the check digit that follows."""
    text = "".join(numbers).encode("ascii")
    digits = np.frombuffer(text, dtype=np.uint8).reshape(-1, len(_RUC_WEIGHTS) + 1) - ord("0")
    kind = 10 * digits[:, 0] + digits[:, 1]
    check = (11 - digits[:, :-1] @ _RUC_WEIGHTS % 11) % 10
    told: npt.NDArray[np.bool_] = np.isin(kind, _RUC_KINDS) & (digits[:, -1] == check)
    return told
