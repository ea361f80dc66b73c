"""Instants to days, and rows that are there twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoasm.errors import FetchError
from geoasm.io.fetch.columns import days_of
from geoasm.io.fetch.rows import Rows, data_days, without_repeats

DAYS = st.dates(date(1880, 1, 1), date(2100, 1, 1))
LIMA = timezone(timedelta(hours=-5))


def instant(day: date, clock: timezone | type[UTC] = UTC, hour: int = 0) -> int:  # type: ignore[valid-type]
    moment = datetime(day.year, day.month, day.day, hour, tzinfo=clock)  # type: ignore[arg-type]
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)


def days(values: list[int | None], hours: float = -5) -> list[date | None]:
    read = days_of(pd.Series(values, dtype="float64"), hours)
    return [None if pd.isna(v) else v for v in read]


@given(DAYS)
def test_midnight_in_lima_is_that_day(day: date) -> None:
    assert days([instant(day, LIMA)]) == [day]


@given(DAYS)
def test_midnight_utc_is_that_day_too(day: date) -> None:
    assert days([instant(day)]) == [day]


@given(DAYS, st.integers(1, 22))
def test_an_hour_of_the_day_in_lima_is_that_day(day: date, hour: int) -> None:
    if hour != 19:  # midnight UTC, which means the next day
        assert days([instant(day, LIMA, hour)]) == [day]


def test_midnight_of_a_summer_time_is_that_day() -> None:
    summer = timezone(timedelta(hours=-4))
    assert days([instant(date(1990, 1, 15), summer)]) == [date(1990, 1, 15)]


def test_gaps_stay_gaps() -> None:
    wanted = [date(1900, 1, 1), None, date(2016, 1, 4)]
    ms = [None if d is None else instant(d, LIMA) for d in wanted]
    assert days(ms) == wanted
    assert str(days_of(pd.Series(ms, dtype="float64"), -5).dtype) == "date32[day][pyarrow]"


def rows(codes: list[str | None], shapes: list[object]) -> Rows:
    return Rows(gpd.GeoDataFrame({"CODE": codes}, geometry=shapes, crs=4326), len(codes), "")


def test_only_the_same_code_with_the_same_outline_is_left_out() -> None:
    box, other = shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)
    turned = shapely.Polygon([(1, 1), (0, 1), (0, 0), (1, 0)])
    moved = shapely.box(1e-9, 0, 1, 1)
    given_rows = rows(
        ["a", "a", "a", "a", "b", None, None, "c", "c"],
        [box, turned, moved, other, box, box, box, None, None],
    )
    left = without_repeats(given_rows, "CODE")
    assert left.frame["CODE"].fillna("-").tolist() == ["a", "a", "b", "-", "-", "c"]
    assert (left.alike, left.parted, left.received) == (3, 1, 9)


def test_a_key_that_is_no_column_is_an_error() -> None:
    with pytest.raises(FetchError, match="has no column CODIGOU"):
        without_repeats(rows(["a"], [shapely.box(0, 0, 1, 1)]), "CODIGOU")


def test_days_of_the_data_are_the_first_and_the_last() -> None:
    frame = pd.DataFrame({"Fecha_Actu": pd.to_datetime(["2026-09-21", None, "2026-09-19"])})
    assert data_days(frame, "FECHA_ACTU") == ("2026-09-19", "2026-09-21")
    assert data_days(frame, "OTRA") == data_days(frame, None) == (None, None)
    assert data_days(frame[:0], "FECHA_ACTU") == (None, None)
