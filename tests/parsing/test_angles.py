"""Degrees in the usual spellings; south and west are negative in every language."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoasm.parsing.angles import read_angles

SOUTH = -(12 + 34 / 60 + 56.7 / 3600)


def read(text: str | None) -> tuple[float, int | None]:
    angles = read_angles(pd.Series([text], dtype="str"))
    given_decimals = angles.decimals[0]
    return angles.degrees[0], None if pd.isna(given_decimals) else int(given_decimals)


@pytest.mark.parametrize(
    "text",
    [
        "12°34'56.7\"S",
        "12° 34' 56.7'' S",
        "12º34´56,7”S",
        "12 34 56.7 S",
        "12°34′56.7″ Sur",
        "S12°34'56.7\"",
        "S 12 34 56.7",
        "-12°34'56.7\"",
        "-12 34 56.7",
        "12:34:56.7 S",
        "12-34-56.7 S",
        "12d34'56.7\"s",
    ],
)
def test_spellings_of_one_angle(text: str) -> None:
    assert read(text)[0] == pytest.approx(SOUTH, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("77°02'O", -(77 + 2 / 60)),
        ("77°02' Oeste", -(77 + 2 / 60)),
        ("77°02'W", -(77 + 2 / 60)),
        ("28°42'E", 28.7),
        ("28°42' Este", 28.7),
        ("S12°34.5'", -12.575),
        ("12.5 S", -12.5),
        ("77.5°W", -77.5),
        ("-77.12345", -77.12345),
        ("-77,12345", -77.12345),
        ("\u221277,12345", -77.12345),
        ("0°30'S", -0.5),
    ],
)
def test_hemispheres_and_commas(text: str, degrees: float) -> None:
    assert read(text)[0] == pytest.approx(degrees, abs=1e-12)


@pytest.mark.parametrize(
    "text",
    ["12°60'00\"S", "12°34'61\"S", "12.5°30'S", "-12°N", "S12°S", "S/C", "12..3", "------", ""],
)
def test_what_is_no_angle_is_left_unread(text: str) -> None:
    degrees, given_decimals = read(text)
    assert np.isnan(degrees)
    assert given_decimals is None


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("-77", 0),
        ("-77.1", 1),
        ("-77,120000", 6),
        ("77°02'O", 2),
        ("77°02'03\"O", 3),
        ("77°02'03.45\"O", 5),
    ],
)
def test_the_decimals_given_are_counted(text: str, count: int) -> None:
    assert read(text)[1] == count


def test_missing_is_missing_and_numbers_pass() -> None:
    angles = read_angles(pd.Series([-77.25, np.nan]))
    assert angles.degrees[0] == -77.25
    assert np.isnan(angles.degrees[1])
    assert angles.decimals.dtype == "Int64"


@given(st.floats(-180, 180))
def test_degrees_minutes_seconds_come_back(angle: float) -> None:
    tenths = round(abs(angle) * 36_000)
    degrees, rest = divmod(tenths, 36_000)
    minutes, seconds = divmod(rest, 600)
    side = "O" if angle < 0 else "E"
    text = f"{degrees}°{minutes:02d}'{seconds / 10:04.1f}\"{side}"
    assert abs(read(text)[0] - angle) <= 1 / 72_000 + 1e-9


def test_hundreds_of_digits_are_no_angle() -> None:
    assert np.isnan(read_angles(pd.Series(["9" * 400])).degrees[0])
