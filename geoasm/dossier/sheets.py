"""A table of a workbook before it is written: heads, kinds of columns, values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Sheet:
    """
    One sheet.

    `kinds` gives how each column is written: `text`, `long` (wrapped), `integer`, `whole`
    (a year or a number that names: nothing parts its thousands), `number`, `hectares`, `metres`,
    `share`, `date`. A sheet that is no table (`is_table`) has lines to read: no filter.
    """

    title: str
    heads: Sequence[str]
    kinds: Sequence[str]
    rows: Sequence[Sequence[object]]
    is_table: bool = True
