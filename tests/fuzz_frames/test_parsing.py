"""Every reader of values gives one answer a cell, for any cell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoasm.parsing import angles, codes, dates, numbers
from geoasm.parsing import text as texts
from tests.fuzz_frames import values
from tests.fuzz_frames.promises import answer_or_refusal
from tests.fuzz_frames.values import dose

ON = date(2024, 6, 1)
SPELT = st.sampled_from(
    (*values.CODES, *values.RUCS, *values.NAMES, *values.DAYS, *values.NUMBERS, *values.ANGLES)
)


@st.composite
def cells(draw: st.DrawFn) -> pd.Series:
    return pd.Series(draw(values.column(draw(st.integers(1, 6)), SPELT, objects=True)))


READERS: dict[str, Callable[[pd.Series], Any]] = {
    "text": codes.read_text,
    "codes": codes.read_codes,
    "zeros": lambda s: codes.restore_zeros(codes.read_codes(s), (9, 11))[0],
    "rucs": lambda s: codes.read_rucs(s)[0],
    "dates": lambda s: dates.read_dates(s, ON).days,
    "numbers": lambda s: numbers.read_numbers(s, "ha"),
    "decimals": numbers.decimals,
    "angles": lambda s: angles.read_angles(s).degrees,
    "fold": lambda s: texts.fold_series(codes.read_text(s)),
    "unscramble": lambda s: texts.unscramble_series(codes.read_text(s)),
}


@pytest.mark.parametrize("reader", READERS)
@dose(20)
@given(column=cells())
def test_any_column_is_read_cell_by_cell(reader: str, column: pd.Series) -> None:
    read = answer_or_refusal(lambda: READERS[reader](column))
    assert read.index.equals(column.index)
    if read.dtype == "float64":
        assert not np.isinf(read).any()


@dose(40)
@given(lines=st.lists(values.text, max_size=5))
def test_folding_many_texts_is_folding_each(lines: list[str]) -> None:
    assert texts.fold_all(lines) == [texts.fold(line) for line in lines]
