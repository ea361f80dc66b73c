"""Dates in the forms registers use: one day, or none and the reason."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoasm.parsing.dates import Dates, read_dates

ON = date(2026, 6, 1)


def read(*values: object) -> Dates:
    return read_dates(pd.Series(list(values)), ON)


def day(value: object) -> str | None:
    read_day = read(value).days[0]
    return None if pd.isna(read_day) else str(read_day.date())


@pytest.mark.parametrize(
    "text",
    [
        "2016-01-04",
        "2016-01-04 05:00:00",
        "2016-01-04T05:00:00Z",
        "2016/1/4",
        "04/01/2016",
        "4/1/2016",
        "4-1-16",
        "04.01.2016",
        "04/01/2016 12:30:00 a. m.",
        "20160104",
        "1451883600000",
        "Mon Jan 04 2016 00:00:00 GMT-0500 (hora estándar de Perú)",
        "4 de enero de 2016",
        "lunes, 4 de enero del 2016",
        "04-ENE-2016",
        "04-ene-16",
        "4 Ene. 2016",
        "January 4, 2016",
        "4 janvier 2016",
    ],
)
def test_every_form_of_one_day(text: str) -> None:
    assert day(text) == "2016-01-04"


@pytest.mark.parametrize(
    ("month", "number"),
    [
        *(("enero", 1), ("abril", 4), ("agosto", 8), ("setiembre", 9), ("SET", 9), ("dic", 12)),
        *(("juin", 6), ("juillet", 7), ("août", 8), ("décembre", 12), ("Apr", 4)),
    ],
)
def test_month_names_in_the_languages_of_registers(month: str, number: int) -> None:
    assert day(f"7 {month} 2001") == f"2001-{number:02d}-07"


def test_milliseconds_at_lima_midnight_are_the_day_in_lima() -> None:
    midnight = pd.Timestamp("1959-12-01T05:00Z").value // 10**6
    assert midnight < 0
    assert day(midnight) == "1959-12-01"
    assert day(float(midnight)) == "1959-12-01"


def test_ten_digits_are_seconds_only_where_no_number_of_the_column_is_longer() -> None:
    assert str(read("1451883600", "1451970000").days[0].date()) == "2016-01-04"
    assert str(read("1451883600", "1451883600000").days[0].date()) == "1970-01-17"


def test_date_columns_keep_the_day_that_they_show() -> None:
    naive = read_dates(pd.Series(pd.to_datetime(["2016-01-04 23:59", None])), ON)
    assert naive.days.dtype == "datetime64[s]"
    assert str(naive.days[0].date()) == "2016-01-04"
    assert naive.days.isna().tolist() == [False, True]
    zoned = pd.Series(pd.to_datetime(["2016-01-04 23:59"]).tz_localize("America/Lima"))
    assert str(read_dates(zoned, ON).days[0].date()) == "2016-01-04"


def test_two_digit_years_are_the_last_that_have_begun() -> None:
    assert day("1/1/26") == "2026-01-01"
    assert day("1/1/27") == "1927-01-01"


def test_days_stand_before_months() -> None:
    assert day("03/04/2016") == "2016-04-03"


def test_month_first_only_where_the_column_allows_nothing_else_and_it_is_told() -> None:
    told = read("03/04/2016", "12/25/2016", None)
    assert told.days.dt.strftime("%m-%d").tolist()[:2] == ["03-04", "12-25"]
    assert told.month_first.tolist() == [True, True, False]


def test_a_column_of_both_orders_is_read_day_first_and_the_rest_is_unreadable() -> None:
    mixed = read("25/12/2016", "12/25/2016", "03/04/2016")
    assert mixed.unreadable.tolist() == [False, True, False]
    assert not mixed.month_first.any()
    assert mixed.days[2].month == 4


@pytest.mark.parametrize(
    "text", ["pendiente", "31/02/2016", "2016", "2016-13-01", "0", "45/45/2016"]
)
def test_what_is_no_day_is_unreadable(text: str) -> None:
    told = read(text)
    assert told.days.isna().all()
    assert told.unreadable.all()


@pytest.mark.parametrize("text", ["01/01/1900", "1899-12-30", "0001-01-01"])
def test_days_that_stand_for_nothing_are_left_out_as_placeholders(text: str) -> None:
    told = read(text)
    assert told.days.isna().all()
    assert told.placeholder.all()
    assert not told.unreadable.any()


def test_blank_is_neither_a_day_nor_unreadable() -> None:
    told = read(None, "", "  ", "NULL")
    assert told.days.isna().all()
    assert not told.unreadable.any()
    assert not told.placeholder.any()


@given(st.lists(st.dates(date(1950, 1, 1), ON), min_size=1, max_size=8), st.randoms())
def test_written_days_come_back_in_any_order(days: list[date], shuffle) -> None:  # type: ignore[no-untyped-def]
    forms = ("%Y-%m-%d", "%Y%m%d", "%d-%b-%Y")
    texts = [d.strftime(shuffle.choice(forms)) for d in days]
    got = read_dates(pd.Series(texts, dtype="str"), ON).days.to_numpy()
    assert (got == np.array(days, dtype="datetime64[s]")).all()
