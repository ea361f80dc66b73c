"""Numbers as people type them: a comma means what its column shows, and is never guessed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoasm.parsing.numbers import decimals, read_numbers


def read(*values: object, unit: str = "") -> list[float]:
    return read_numbers(pd.Series(list(values), dtype="object"), unit).tolist()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("900", 900),
        (" 899.9835 ", 899.9835),
        ("899,98", 899.98),
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("1,234,567", 1234567),
        ("1.234.567", 1234567),
        ("9 250 000,5", 9250000.5),
        ("9'250'000", 9250000),
        ("-77,12345", -77.12345),
        ("\u221277.5", -77.5),
        ("1e3", 1000),
        ("0,125", 0.125),
    ],
)
def test_spellings_of_one_number(text: str, number: float) -> None:
    assert read(text) == [number]


def test_a_lone_comma_before_three_digits_is_not_guessed() -> None:
    assert np.isnan(read("1,234")[0])


def test_the_rest_of_the_column_says_what_the_comma_means() -> None:
    assert read("1,234", "12,5") == [1.234, 12.5]
    assert read("1,234", "12.5") == [1234, 12.5]
    assert np.isnan(read("1,234", "12.5", "12,5")[0])


def test_a_point_before_three_digits_is_decimal_unless_the_column_writes_commas() -> None:
    assert read("1.234") == [1.234]
    assert read("1.234", "7,5") == [1234, 7.5]


def test_the_unit_of_the_field_may_stand_behind() -> None:
    assert read("900 ha", "12.5Has.", unit="ha") == [900, 12.5]
    assert np.isnan(read("900 acres", unit="ha")[0])


@pytest.mark.parametrize("text", ["", None, "n.d.", "12..3", "1,2,3", "1.23.456", "inf", "nan"])
def test_anything_else_is_no_number(text: str | None) -> None:
    assert np.isnan(read(text)[0])


def test_numeric_columns_stay_and_infinity_is_no_number() -> None:
    assert read_numbers(pd.Series([1, 2])).tolist() == [1.0, 2.0]
    assert np.isnan(read_numbers(pd.Series([np.inf]))[0])


@given(st.lists(st.floats(-1e9, 1e9).map(lambda v: round(v, 4)), min_size=1, max_size=6))
def test_a_decimal_comma_reads_as_a_decimal_point(numbers: list[float]) -> None:
    texts = [f"{v:.4f}".replace(".", ",") for v in numbers]
    assert read(*texts) == [float(f"{v:.4f}") for v in numbers]


def test_decimals_are_counted_as_written() -> None:
    counted = decimals(pd.Series(["345678", "345678.50", "345678,5", None, "x"]))
    assert counted.dtype == "Int64"
    assert counted[:3].tolist() == [0, 2, 1]
    assert counted[3:].isna().all()


def test_what_is_too_large_for_a_number_is_none() -> None:
    assert np.isnan(read("1e400", "9" * 400, "-1e999")).all()
    assert np.isnan(read("1e400", "0,5")[0])


def test_rows_of_one_label_are_read_each_by_itself() -> None:
    column = pd.Series(["1,5", "2", "x"], index=[7, 7, 7], dtype="str")
    read = read_numbers(column).tolist()
    assert read[:2] == [1.5, 2]
    assert np.isnan(read[2])
