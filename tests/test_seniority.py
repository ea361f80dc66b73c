"""The order of the stack at a point: earliest filing first, equal days equal, unknown days unknown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geoasm.seniority import order_stacks, sort_key


def cadastre(rights: dict[str, tuple[str | None, str]]) -> pd.DataFrame:
    """Give rights as id: (filed on, status)."""
    return pd.DataFrame(
        {
            "concession_id": pd.Series(list(rights), dtype="str"),
            "filed_on": pd.Series([d for d, _ in rights.values()], dtype="datetime64[s]"),
            "status": pd.Series([s for _, s in rights.values()], dtype="str"),
        }
    )


def pairs_of(rows: list[tuple[int, int, bool]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["registration", "concession", "covered"])
    return frame.astype({"registration": "int64", "concession": "int64", "covered": "bool"})


def stack(*rights: tuple[str | None, str]) -> list[tuple[object, str]]:
    """Seniority and role of rights that all cover one point."""
    frame = cadastre({f"R{i}": right for i, right in enumerate(rights)})
    out = order_stacks(pairs_of([(0, i, True) for i in range(len(rights))]), frame)
    rank = out["seniority"].astype(object).where(out["seniority"].notna(), None)
    return list(zip(rank, out["role"], strict=True))


def test_the_earliest_filing_goes_first() -> None:
    assert stack(("2001-01-01", "titled"), ("1999-12-31", "titled"), ("2020-01-01", "pending")) == [
        (2, "later"),
        (1, "prior"),
        (3, "later"),
    ]


def test_rights_filed_on_one_day_are_simultaneous_only_in_front() -> None:
    day, later = "1999-01-01", "2001-01-01"
    assert stack((day, "titled"), (day, "titled"), (later, "titled")) == [
        (1, "simultaneous"),
        (1, "simultaneous"),
        (3, "later"),
    ]
    assert stack((day, "titled"), (later, "titled"), (later, "titled")) == [
        (1, "prior"),
        (2, "later"),
        (2, "later"),
    ]


def test_a_right_without_date_has_no_place_unless_it_is_alone() -> None:
    assert stack((None, "titled")) == [(1, "prior")]
    assert stack((None, "titled"), ("2001-01-01", "titled"))[0] == (None, "unknown")
    assert stack((None, "titled"), (None, "titled")) == [(None, "unknown"), (None, "unknown")]


def test_an_extinct_right_is_called_so_whatever_its_date() -> None:
    assert [role for _, role in stack(("1990-01-01", "extinct"), (None, "extinct"))] == [
        "extinct",
        "extinct",
    ]


def test_a_right_beside_the_point_is_in_no_stack() -> None:
    rights = cadastre({"A": ("1990-01-01", "extinct"), "B": ("2000-01-01", "titled")})
    out = order_stacks(pairs_of([(0, 0, False), (0, 1, True)]), rights)
    assert out["role"].tolist() == ["adjoining", "prior"]
    assert out["seniority"].isna().tolist() == [True, False]


def test_a_slow_count_agrees_in_any_order_of_rows() -> None:
    rng = np.random.default_rng(8)
    days = pd.to_datetime(["1999-01-01", "2001-01-01", "2003-01-01", None]).to_series()
    rights = cadastre({f"R{i}": (None, "titled") for i in range(30)})
    rights["filed_on"] = days.sample(30, replace=True, random_state=1).to_numpy("datetime64[s]")
    rows = [(r, c, rng.random() < 0.7) for r in range(60) for c in rng.choice(30, 4, replace=False)]
    pairs = pairs_of(rows)
    out = order_stacks(pairs, rights)
    for row in out.itertuples():
        here = pairs[(pairs["registration"] == row.registration) & pairs["covered"]]
        dates = rights["filed_on"].iloc[here["concession"]]
        own = rights["filed_on"].iloc[row.concession]
        if not row.covered or (pd.isna(own) and len(here) > 1):
            assert pd.isna(row.seniority)
        else:
            assert row.seniority == 1 + (dates < own).sum()
    shuffled = order_stacks(pairs.sample(frac=1, random_state=3), rights).sort_index()
    pd.testing.assert_frame_equal(shuffled, out)


def test_rows_and_index_stay_and_the_input_is_left_alone() -> None:
    pairs = pairs_of([(1, 0, True), (0, 0, True)]).set_axis([7, 3])
    before = pairs.copy()
    out = order_stacks(pairs, cadastre({"A": ("1990-01-01", "titled")}))
    assert out.index.tolist() == [7, 3]
    pd.testing.assert_frame_equal(pairs, before)


@pytest.mark.parametrize("n_rights", [0, 2])
def test_no_pairs_at_all(n_rights: int) -> None:
    rights = cadastre({f"R{i}": ("1990-01-01", "titled") for i in range(n_rights)})
    out = order_stacks(pairs_of([]), rights)
    assert len(out) == 0
    assert str(out["seniority"].dtype) == "Int64"


def test_lists_run_senior_first_undated_last_then_by_code() -> None:
    rights = cadastre(
        {
            "B": ("2000-01-01", "titled"),
            "Z": (None, "titled"),
            "A": ("2000-01-01", "titled"),
            "C": ("1990-01-01", "titled"),
        }
    )
    place = sort_key(rights)
    assert rights["concession_id"].iloc[place.sort_values().index].tolist() == ["C", "A", "B", "Z"]
    shuffled = rights.iloc[[3, 1, 0, 2]]
    assert sort_key(shuffled).sort_index().tolist() == place.tolist()
