"""What evidence adds up to: active, idle, both at once; absence proves nothing."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from geoasm.activity import judge
from geoasm.evidence import weigh
from geoasm.io.profiles import load_profile

LAW = load_profile("pe").law.at(date(2024, 6, 1))


def ledger(*rows: tuple) -> pd.DataFrame:
    """Pieces of evidence: kind, year, and the right (0) and place (right) where not said."""
    full = [(k, y, *(rest or (0, "right"))) for k, y, *rest in rows]
    kinds, years, rights, scopes = zip(*full, strict=True) if full else ([], [], [], [])
    frame = pd.DataFrame(
        {
            "right": pd.Series(list(rights), dtype="int64"),
            "kind": pd.Series(list(kinds), dtype="str"),
            "scope": pd.Series(list(scopes), dtype="str"),
            "year": pd.array(list(years), dtype="Int64"),
        }
    )
    return weigh(frame, LAW)


def of_first(*rows: tuple) -> tuple[str, str, bool]:
    return tuple(judge(ledger(*rows), 1, LAW).iloc[0])


def test_the_law_of_the_tests() -> None:
    names = ("idle_penalty_years", "idle_window_years", "activity_window_years")
    assert [LAW.number(name) for name in names] == [2, 3, 3]


@pytest.mark.parametrize(
    ("years", "is_idle"),
    [
        ([2023, 2024], True),
        ([2022, 2024], True),
        ([2021, 2024], False),  # 2021 lies before the window
        ([2024, 2024], False),  # one year, paid twice
        ([2023], False),
        ([], False),
    ],
)
def test_two_years_within_the_window_make_a_right_idle(years: list, is_idle: bool) -> None:
    activity, _, conflict = of_first(*[("penalty", y) for y in years])
    assert (activity, conflict) == ("idle" if is_idle else "no_evidence", False)


def test_what_counts_is_told_by_kind_year_and_place() -> None:
    rows = [("penalty", 2024), ("penalty", 2022), ("penalty", 2022), ("penalty", 2019)]
    assert of_first(*rows) == ("idle", "penalty 2022;penalty 2024", False)
    near = ("mining_unit", 2024, 0, "unit_radius")
    assert of_first(near) == ("active", "mining_unit 2024 unit_radius", False)
    assert of_first(("mining_unit", None)) == ("active", "mining_unit", False)


@pytest.mark.parametrize(
    "worked", [("production", 2023), ("mining_unit", 2023), ("exploration", 2023)]
)
def test_work_beside_penalties_is_a_conflict_and_no_idleness(worked: tuple) -> None:
    activity, _, conflict = of_first(("penalty", 2022), ("penalty", 2023), worked)
    assert (activity, conflict) == ("active", True)
    assert of_first(("penalty", 2023), worked)[::2] == ("active", False)


def test_a_footprint_disputes_idleness_and_proves_no_work() -> None:
    activity, _, conflict = of_first(("penalty", 2022), ("penalty", 2023), ("footprint", 2023))
    assert (activity, conflict) == ("no_evidence", True)
    assert of_first(("footprint", 2023))[::2] == ("no_evidence", False)


@pytest.mark.parametrize(
    "piece", [("plant", 2024), ("permit", 2024), ("filing", 1999), ("production", 2019)]
)
def test_context_and_old_evidence_change_nothing(piece: tuple) -> None:
    assert of_first(piece) == ("no_evidence", "", False)
    assert of_first(("penalty", 2022), ("penalty", 2023), piece)[0] == "idle"


def test_another_right_is_not_concerned() -> None:
    rows = ledger(("penalty", 2023), ("penalty", 2024), ("production", 2024, 2, "right"))
    found = judge(rows, 4, LAW)
    assert found["holder_activity"].tolist() == ["idle", "no_evidence", "active", "no_evidence"]
    assert found["activity_evidence"].tolist()[1] == ""


@pytest.mark.parametrize("n", [0, 2])
def test_without_evidence_nothing_is_idle(n: int) -> None:
    found = judge(ledger(), n, LAW)
    assert found["holder_activity"].tolist() == ["no_evidence"] * n
    assert found["activity_conflict"].tolist() == [False] * n
