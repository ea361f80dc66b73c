"""Columns of a layer in words, and the lines of an answer made of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoasm.render.labels import Labels
from geoasm.render.payload import Column, Days, Field, Numbers, Parts, Reference, words

_MAIN_FIELDS = frozenset(
    ("filed_on", "holder", "stratum", "pathway", "rule", "reference", "decided_by", "registration")
) | frozenset(
    ("probability", "second_class", "located_by", "score", "next_step", "level", "verify")
)
_NUMBER = "{value}"


def labelled(fields: tuple[tuple[str, Column | Parts], ...], labels: Labels) -> tuple[Field, ...]:
    """Give the lines of an answer, leaving out what nothing says."""
    told = [(key, f if isinstance(f, Parts) else Parts([f], "")) for key, f in fields]
    return tuple(
        Field(labels.text(f"field.{key}"), parts, key in _MAIN_FIELDS)
        for key, parts in told
        if any(_says_something(part) for part in parts.columns)
    )


def _says_something(part: Column) -> bool:
    if isinstance(part, Reference):
        return bool((part.rows >= 0).any())
    if isinstance(part, Numbers):
        return bool(np.isfinite(part.values).any())
    values = part.values if isinstance(part, Days) else part
    return bool(values.notna().any())


def stratum(rows: pd.DataFrame, labels: Labels) -> Parts:
    """Give the holder's stratum, and what it rests on."""
    basis = rows["stratum_basis"].where(rows["stratum_basis"] != "none")
    return Parts(
        [
            codes(rows["holder_stratum"], "holder_stratum", labels),
            codes(basis, "stratum_basis", labels),
        ],
        " · ",
    )


def codes(values: pd.Series, section: str, labels: Labels) -> pd.Series:
    """Put codes into words."""
    return words(values, lambda code: labels.code(section, code))


def filled(values: pd.Series) -> pd.Series:
    """Take an empty text for none."""
    return values.astype(object).where(values.notna() & (values != ""), None)


def numbers(values: pd.Series) -> Numbers:
    """Give whole numbers."""
    return Numbers(_floats(values), 0, _NUMBER)


def hectares(values: pd.Series, labels: Labels, *, of_shape: bool = False) -> Numbers:
    """Give areas to a tenth of a hectare."""
    return Numbers(_floats(values), 1, labels.text("common.hectares", value=_NUMBER), of_shape)


def metres(values: pd.Series, labels: Labels) -> Numbers:
    """Give distances to a metre."""
    return Numbers(_floats(values), 0, labels.text("common.metres", value=_NUMBER))


def shares(values: pd.Series, labels: Labels) -> Numbers:
    """Give shares as percentages with one decimal."""
    template = labels.percent(0, 0).replace("0", _NUMBER)
    return Numbers(_floats(values) * 100, 1, template)


def _floats(values: pd.Series) -> np.ndarray:
    floats: np.ndarray = values.to_numpy(dtype=float, na_value=np.nan)
    return floats
