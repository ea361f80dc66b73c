"""Canonical frames written as a country's own sources write them: its columns, its codes."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm.codes import FieldKind
from geoasm.model import RoleSpec, Vocabulary

UNKNOWN = "unknown"


def to_source(
    frame: pd.DataFrame, spec: RoleSpec, variant: npt.NDArray[np.intp] | None = None
) -> pd.DataFrame:
    """
    Rename canonical fields to a role's first column spellings and values to its codes.

    Parameters
    ----------
    frame
        Canonical columns; those that the role lacks are left out.
    variant
        Which of several codes with one meaning a row takes, counted round.

    Returns
    -------
    source
        The index of `frame`, the columns of the source, in the order of the profile. A required
        value "unknown" becomes a code that the vocabulary does not have.
    """
    pick = np.zeros(len(frame), dtype=int) if variant is None else np.asarray(variant, dtype=int)
    coded = _coded_columns(frame, spec)
    columns: dict[str, Any] = {}
    for name, field in spec.fields.items():
        if name not in frame.columns:
            continue
        if field.kind is FieldKind.VOCABULARY:
            for source in field.sources:
                column = source.columns[0]
                if column not in columns:
                    first = field.required and source is field.sources[0]
                    columns[column] = _codes(frame, coded[column], pick, first)
        else:
            column = field.sources[0].columns[0]
            if column not in coded and column not in columns:
                columns[column] = frame[name]
    return pd.DataFrame(columns, index=frame.index)


def _coded_columns(frame: pd.DataFrame, spec: RoleSpec) -> dict[str, list[tuple[str, Vocabulary]]]:
    """Group the vocabularies that read one column: a code must suit them all."""
    coded: dict[str, list[tuple[str, Vocabulary]]] = {}
    for name, field in spec.fields.items():
        if name not in frame.columns:
            continue
        for source in field.sources:
            if source.vocabulary is not None:
                coded.setdefault(source.columns[0], []).append((name, source.vocabulary))
    return coded


def _codes(
    frame: pd.DataFrame,
    read_as: list[tuple[str, Vocabulary]],
    pick: npt.NDArray[np.intp],
    required: bool,
) -> pd.Series:
    fields = [name for name, _ in read_as]
    keys = frame[fields].astype(object)
    groups = keys.assign(pick=pick).groupby([*fields, "pick"], dropna=False, sort=False)
    out = np.full(len(frame), None, dtype=object)
    for key, rows in groups.indices.items():
        choices = _suiting(read_as, dict(zip(fields, key[:-1], strict=True)), required)
        if choices:
            out[rows] = choices[int(key[-1]) % len(choices)]
    return pd.Series(pd.array(out, dtype="str"), index=frame.index)


def _suiting(
    read_as: list[tuple[str, Vocabulary]], values: Mapping[str, Any], required: bool
) -> list[str]:
    first = read_as[0][1]
    if required and values[read_as[0][0]] == UNKNOWN:
        known = set(first.values)
        return [c for c in string.ascii_uppercase if c not in known]
    codes = [*first.values, *(prefix for prefix, _ in first.prefixes)]
    return [c for c in codes if all(_meaning(v, c) == values[name] for name, v in read_as)]


def _meaning(vocabulary: Vocabulary, code: str) -> str | None:
    if code in vocabulary.values:
        return vocabulary.values[code]
    hits = [(len(p), m) for p, m in vocabulary.prefixes if code.startswith(p)]
    return max(hits)[1] if hits else None


def position_columns(spec: RoleSpec) -> dict[str, tuple[str, ...]]:
    """Give the columns in which a role states positions: kind to x, y and, in zones, the zone."""
    return {p.kind: (p.x_columns[0], p.y_columns[0], *p.zone_columns[:1]) for p in spec.positions}
