"""Idle only on evidence: penalties paid within the window of the day, counted by year."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from geoasm.activity import judge
from geoasm.io.profiles import load_profile

LAW = load_profile("pe").law.at(date(2024, 6, 1))
RIGHTS = pd.DataFrame({"concession_id": pd.Series(["A", "B"], dtype="str")})


def paid(*rows: tuple[str | None, int | None]) -> pd.DataFrame:
    ids, years = zip(*rows, strict=True) if rows else ([], [])
    frame = pd.DataFrame({"concession_id": pd.Series(list(ids), dtype="str")})
    return frame.assign(year=pd.array(list(years), dtype="Int64"))


def of_a(*years: int | None) -> tuple[str, str]:
    return tuple(judge(RIGHTS, LAW, penalties=paid(*[("A", y) for y in years])).iloc[0])


def test_the_law_of_the_tests() -> None:
    assert (LAW.number("idle_penalty_years"), LAW.number("idle_window_years")) == (2, 3)


@pytest.mark.parametrize(
    ("years", "is_idle"),
    [
        ([2023, 2024], True),
        ([2022, 2024], True),
        ([2021, 2024], False),  # 2021 lies before the window
        ([2024, 2025], False),  # 2025 is not yet known
        ([2024, 2024], False),  # one year, paid twice
        ([2023], False),
        ([None, 2024], False),
        ([], False),
    ],
)
def test_two_years_within_the_window_make_a_right_idle(years: list, is_idle: bool) -> None:
    assert of_a(*years)[0] == ("idle" if is_idle else "no_evidence")


def test_evidence_lists_the_years_that_count_in_order() -> None:
    assert of_a(2024, 2022, 2022, 2019, 2030) == ("idle", "penalty 2022;penalty 2024")
    assert of_a(2024) == ("no_evidence", "penalty 2024")


def test_another_right_is_not_concerned() -> None:
    got = judge(RIGHTS, LAW, penalties=paid(("A", 2023), ("A", 2024), ("C", 2024), (None, 2024)))
    assert got["holder_activity"].tolist() == ["idle", "no_evidence"]
    assert got["activity_evidence"].tolist()[1] == ""


@pytest.mark.parametrize("penalties", [None, paid()])
def test_without_evidence_nothing_is_idle(penalties: pd.DataFrame | None) -> None:
    got = judge(RIGHTS.set_axis([4, 2]), LAW, penalties=penalties)
    assert got["holder_activity"].tolist() == ["no_evidence", "no_evidence"]
    assert got["activity_evidence"].tolist() == ["", ""]
    assert got.index.tolist() == [4, 2]


def test_no_rights_at_all() -> None:
    assert len(judge(RIGHTS.iloc[:0], LAW, penalties=paid(("A", 2024)))) == 0
