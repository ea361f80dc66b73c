"""Which right goes before which: criterion by criterion, in stacks, and where nobody can tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoasm.codes import ConcessionStatus, Role
from geoasm.io.profiles import load_profile
from geoasm.law import LawAt
from geoasm.seniority import (
    FIRST,
    OPEN,
    SECOND,
    SIMULTANEOUS,
    compare,
    find_outranked,
    order_stacks,
    read_order,
    sort_key,
)

LAW = load_profile("pe").law.at(date(2024, 6, 1))
COLUMNS = {
    "status": "str",
    "datum": "str",
    "origin": "str",
    "filed_on": "datetime64[s]",
    "filed_hour": "str",
}
DAY, LATER = "1999-01-01", "2005-01-01"


def right(**facts: str | None) -> dict[str, str | None]:
    """Describe a title filed on DAY, hour, datum and origin unknown, and what else is known of it."""
    plain: dict[str, str | None] = {"status": "titled", "datum": "unknown", "origin": "unknown"}
    return plain | {"filed_on": DAY, "filed_hour": None} | facts


def cadastre(*rights: dict[str, str | None]) -> pd.DataFrame:
    columns = {c: pd.Series([r[c] for r in rights], dtype=t) for c, t in COLUMNS.items()}
    ids = pd.Series([f"R{i}" for i in range(len(rights))], dtype="str")
    return pd.DataFrame({"concession_id": ids, **columns})


def between(
    a: dict[str, str | None], b: dict[str, str | None], law: LawAt = LAW
) -> tuple[int, str]:
    """Compare two rights both ways, check that the answers mirror, and give the first."""
    order = compare(cadastre(a, b), np.array([0, 1]), np.array([1, 0]), law)
    forth, back = order["senior"].tolist()
    assert back == (forth if forth in (SIMULTANEOUS, OPEN) else -forth)
    why, why_back = order["relation"]
    assert why == why_back
    return forth, why


def pairs_of(rows: list[tuple[int, int, bool]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["registration", "concession", "covered"])
    return frame.astype({"registration": "int64", "concession": "int64", "covered": "bool"})


def stack(*rights: dict[str, str | None]) -> list[tuple[object, str]]:
    """Seniority and role of rights that all cover one point."""
    out = order_stacks(pairs_of([(0, i, True) for i in range(len(rights))]), cadastre(*rights), LAW)
    rank = out["seniority"].astype(object).where(out["seniority"].notna(), None)
    return list(zip(rank, out["role"], strict=True))


@pytest.mark.parametrize("status", ["titled", "pending", "other", "unknown"])
def test_an_extinct_right_goes_after_every_other_whatever_else_is_known(status: str) -> None:
    gone = right(status="extinct", filed_on="1950-01-01", datum="psad56", origin="old_claim")
    alive = right(status=status, filed_on=None, datum="wgs84", origin="refiled_claim")
    assert between(alive, gone) == (FIRST, "extinct")


def test_two_extinct_rights_are_told_apart_like_others() -> None:
    assert between(
        right(status="extinct"), right(status="extinct", filed_on=LATER)
    ) == (FIRST, "filed_on")  # fmt: skip


def test_the_former_datum_goes_first_only_where_both_are_stated() -> None:
    young = right(filed_on=LATER, datum="psad56")
    assert between(young, right(datum="wgs84")) == (FIRST, "datum")
    assert between(young, right(datum="unknown")) == (SECOND, "filed_on")
    assert between(right(filed_on=LATER), right(datum="wgs84")) == (SECOND, "filed_on")
    assert between(young, right(datum="psad56")) == (SECOND, "filed_on")
    absent = cadastre(young, right()).drop(columns="datum")
    assert compare(absent, np.array([0]), np.array([1]), LAW)["senior"].tolist() == [SECOND]


def test_an_old_denuncio_goes_before_a_redenuncio_and_other_origins_say_nothing() -> None:
    old, again = right(filed_on=LATER, origin="old_claim"), right(origin="refiled_claim")
    assert between(old, again) == (FIRST, "origin")
    for other in ("claim", "accumulation", "unknown", "old_claim"):
        assert between(old, right(origin=other)) == (SECOND, "filed_on")


@pytest.mark.parametrize(
    ("early", "late"),
    [
        ("9:05", "10:30"),
        ("0905", "1030"),
        ("905", "10:30"),
        ("09:05", "9:06"),
        ("09:05:10", "09:05:11"),
        ("9:05", "0905:01"),
        ("09:05 a.m.", "02:30 p.m."),
        ("12:10 AM", "1:00 AM"),
        ("11:59", "12:00 PM"),
        (" 9 : 05 ", "10:30"),
    ],
)
def test_hours_are_read_as_cadastres_write_them(early: str, late: str) -> None:
    assert between(right(filed_hour=early), right(filed_hour=late)) == (FIRST, "filed_hour")


@pytest.mark.parametrize(
    ("one", "same"), [("9:05", "0905"), ("09:05:00", "9:05"), ("2:30 PM", "14:30"), (None, None)]
)
def test_one_day_and_one_hour_or_no_hour_at_all_is_simultaneous(
    one: str | None, same: str | None
) -> None:
    tie = (SIMULTANEOUS, "simultaneous")
    assert between(right(filed_hour=one), right(filed_hour=same)) == tie


@pytest.mark.parametrize("wrong", ["25:00", "9:75", "noon", "13:00 PM", "0:30 PM", "9"])
@pytest.mark.parametrize("other", ["09:05", None, "noon"])
def test_an_hour_that_nobody_can_read_leaves_the_order_open(wrong: str, other: str | None) -> None:
    assert between(right(filed_hour=wrong), right(filed_hour=other)) == (OPEN, "unknown")


def test_an_hour_that_only_one_right_has_leaves_the_order_open() -> None:
    assert between(right(filed_hour="09:05"), right()) == (OPEN, "unknown")
    assert between(right(filed_hour="09:05"), right(filed_on=LATER)) == (FIRST, "filed_on")


@pytest.mark.parametrize("other_day", [DAY, None])
@pytest.mark.parametrize("hours", [(None, None), ("09:05", "10:30"), ("09:05", "09:05")])
def test_without_both_days_no_hour_decides(
    other_day: str | None, hours: tuple[str | None, str | None]
) -> None:
    undated = right(filed_on=None, filed_hour=hours[0])
    assert between(undated, right(filed_on=other_day, filed_hour=hours[1])) == (OPEN, "unknown")


def test_the_order_of_the_criteria_is_the_law_s() -> None:
    by = {c.by: c for c in LAW.seniority}
    dates_first = replace(
        LAW, seniority=tuple(by[n] for n in ("status", "filed_on", "filed_hour", "datum"))
    )
    young, old = right(filed_on=LATER, datum="psad56"), right(datum="wgs84")
    assert between(young, old) == (FIRST, "datum")
    assert between(young, old, dates_first) == (SECOND, "filed_on")
    hours, other_hour = right(filed_hour="10:30", filed_on=DAY), right(filed_hour="09:05")
    assert between(hours, other_hour, replace(LAW, seniority=(by["filed_on"],)))[0] == SIMULTANEOUS
    assert between(young, old, replace(LAW, seniority=())) == (OPEN, "unknown")


def test_values_of_the_law_are_values_that_the_profile_reads() -> None:
    for code in ("pe", "cd", "br"):
        profile = load_profile(code)
        fields = profile.roles[Role.CONCESSIONS].fields
        for criterion in profile.law.seniority:
            assert criterion.by in fields, (code, criterion.by)
            vocabularies = [s.vocabulary for s in fields[criterion.by].sources if s.vocabulary]
            known = {v for vocabulary in vocabularies for v in vocabulary.values.values()}
            said = {value for group in criterion.order for value in group}
            assert said <= known | {"unknown"} | set(ConcessionStatus), (code, criterion.by)


def test_the_earliest_filing_goes_first() -> None:
    young = right(status="pending", filed_on="2020-01-01")
    assert stack(right(filed_on="2001-01-01"), right(filed_on="1999-12-31"), young) == [
        (2, "later"),
        (1, "prior"),
        (3, "later"),
    ]


def test_rights_filed_on_one_day_are_simultaneous_only_in_front() -> None:
    day, later = right(), right(filed_on=LATER)
    assert stack(day, day, later) == [(1, "simultaneous"), (1, "simultaneous"), (3, "later")]
    assert stack(day, later, later) == [(1, "prior"), (2, "later"), (2, "later")]


def test_a_right_without_date_has_no_place_unless_it_is_alone() -> None:
    undated, dated = right(filed_on=None), right()
    assert stack(undated) == [(1, "prior")]
    assert stack(undated, dated) == [(None, "unknown"), (None, "unknown")]
    assert stack(undated, undated) == [(None, "unknown"), (None, "unknown")]
    assert stack(undated, dated, right(filed_on=LATER)) == [
        (None, "unknown"),
        (1, "unknown"),
        (2, "later"),
    ]


def test_extinct_rights_are_called_so_and_stand_last() -> None:
    gone = right(status="extinct", filed_on="1950-01-01")
    assert stack(gone, right()) == [(2, "extinct"), (1, "prior")]
    assert [role for _, role in stack(gone, right(status="extinct", filed_on=None))] == [
        "extinct",
        "extinct",
    ]


def test_an_order_that_runs_in_a_circle_gives_nobody_a_place() -> None:
    circle = [
        right(datum="psad56", filed_on="2010-01-01"),
        right(datum="wgs84", filed_on="2000-01-01"),
        right(filed_on="2005-01-01"),
    ]
    assert stack(*circle) == [(None, "unknown")] * 3
    first = right(datum="psad56", filed_on="1990-01-01")
    assert stack(*circle, first)[3] == (1, "prior")
    assert {role for _, role in stack(*circle, first)[:3]} == {"later"}


def test_a_right_beside_the_point_is_in_no_stack() -> None:
    rights = cadastre(right(filed_on="1990-01-01"), right())
    out = order_stacks(pairs_of([(0, 0, False), (0, 1, True)]), rights, LAW)
    assert out["role"].tolist() == ["adjoining", "prior"]
    assert out["seniority"].isna().tolist() == [True, False]


rights = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["titled", "pending", "extinct", "unknown"]),
        "datum": st.sampled_from(["psad56", "wgs84", "unknown"]),
        "origin": st.sampled_from(["claim", "old_claim", "refiled_claim"]),
        "filed_on": st.sampled_from([DAY, LATER, None]),
        "filed_hour": st.sampled_from(["09:05", "10:30", None]),
    }
)


@settings(max_examples=150)
@given(rights, rights)
def test_every_pair_has_one_answer_from_both_sides(
    a: dict[str, str | None], b: dict[str, str | None]
) -> None:
    senior, relation = between(a, b)
    assert (senior == OPEN) == (relation == "unknown")
    if a == b:
        assert senior == (OPEN if a["filed_on"] is None else SIMULTANEOUS)


@settings(max_examples=30)
@given(st.lists(rights, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_neither_rows_nor_other_stacks_matter(
    listed: list[dict[str, str | None]], random: object
) -> None:
    n = len(listed)
    frame = cadastre(*listed)
    rng = np.random.default_rng(random.randrange(1000))  # type: ignore[attr-defined]
    rows = [(r, c, bool(rng.random() < 0.7)) for r in range(6) for c in range(n)]
    pairs = pairs_of(rows)
    out = order_stacks(pairs, frame, LAW)
    moved = rng.permutation(n)
    again = pairs.assign(concession=np.argsort(moved)[pairs["concession"]])
    again = again.sample(frac=1, random_state=3)
    shuffled = order_stacks(again, frame.iloc[moved].reset_index(drop=True), LAW).sort_index()
    answers = ["seniority", "role"]
    pd.testing.assert_frame_equal(shuffled[answers], out[answers])
    alone = order_stacks(pairs[pairs["registration"] == 2], frame, LAW)
    pd.testing.assert_frame_equal(alone, out[out["registration"] == 2])


any_rights = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["titled", "pending", "extinct", "unknown", None]),
        "datum": st.sampled_from(["psad56", "wgs84", "unknown", None]),
        "origin": st.sampled_from(["claim", "old_claim", "refiled_claim", None]),
        "filed_on": st.sampled_from([DAY, LATER, "1931-05-02", None]),
        "filed_hour": st.sampled_from(
            ["09:05", "9:05", "2:30 p.m.", "14:31", "noon", "25:00", None]
        ),
    }
)
HOURS = {"09:05": 545, "9:05": 545, "2:30 p.m.": 870, "14:31": 871}


def slow_order(a: dict[str, str | None], b: dict[str, str | None]) -> tuple[int, str]:
    """Compare two rights as the law of Peru is written, one criterion after another."""
    for by, groups in (
        ("status", (("titled", "pending", "other", "unknown"), ("extinct",))),
        ("datum", (("psad56",), ("wgs84",))),
        ("origin", (("old_claim",), ("refiled_claim",))),
    ):
        mine, other = ([i for i, group in enumerate(groups) if r[by] in group] for r in (a, b))
        if mine and other and mine != other:
            why = "extinct" if by == "status" else by
            return (FIRST if mine < other else SECOND), why
    days = a["filed_on"], b["filed_on"]
    if None in days:
        return OPEN, "unknown"
    if days[0] != days[1]:
        return (FIRST if str(days[0]) < str(days[1]) else SECOND), "filed_on"
    hours = a["filed_hour"], b["filed_hour"]
    if hours == (None, None):
        return SIMULTANEOUS, "simultaneous"
    if hours[0] not in HOURS or hours[1] not in HOURS:
        return OPEN, "unknown"
    one, two = HOURS[str(hours[0])], HOURS[str(hours[1])]
    if one == two:
        return SIMULTANEOUS, "simultaneous"
    return (FIRST if one < two else SECOND), "filed_hour"


@settings(max_examples=100)
@given(st.lists(any_rights, min_size=1, max_size=7), st.sets(st.integers(0, 6)))
def test_numbers_read_once_agree_with_a_slow_reading_of_every_two(
    listed: list[dict[str, str | None]], uncovered: set[int]
) -> None:
    n, frame = len(listed), cadastre(*listed)
    first, second = (at.ravel() for at in np.meshgrid(np.arange(n), np.arange(n)))
    found = compare(frame, first, second, LAW)
    slow = [slow_order(listed[i], listed[j]) for i, j in zip(first, second, strict=True)]
    assert list(zip(found["senior"], found["relation"], strict=True)) == slow

    rows = [(r, i, r == 0 or i not in uncovered) for r in range(2) for i in range(n)]
    ranked = order_stacks(pairs_of(rows), frame, LAW, read_order(frame, LAW))
    verdict = {
        (i, j): v for (i, j), (v, _) in zip(zip(first, second, strict=True), slow, strict=True)
    }
    for at in range(2):
        stacked = [i for r, i, covered in rows if r == at and covered]
        before = {i: sum(verdict[j, i] == FIRST for j in stacked if j != i) for i in stacked}
        circular = bool(stacked) and min(before.values()) > 0
        for i in stacked:
            others = [verdict[i, j] for j in stacked if j != i]
            nowhere = circular or (bool(others) and set(others) == {OPEN})
            place = ranked["seniority"].iloc[at * n + i]
            assert pd.isna(place) if nowhere else place == 1 + before[i]
        behind = find_outranked(
            np.full(len(stacked), at), np.array(stacked, dtype=np.intp), read_order(frame, LAW)
        )
        assert behind.tolist() == [before[i] > 0 and not circular for i in stacked]


def test_a_slow_count_of_dates_agrees() -> None:
    rng = np.random.default_rng(8)
    days = ["1999-01-01", "2001-01-01", "2003-01-01", None]
    frame = cadastre(*(right(filed_on=days[i]) for i in rng.integers(0, 4, 30)))
    rows = [(r, c, rng.random() < 0.7) for r in range(60) for c in rng.choice(30, 4, replace=False)]
    pairs = pairs_of(rows)
    for row in order_stacks(pairs, frame, LAW).itertuples():
        here = pairs[(pairs["registration"] == row.registration) & pairs["covered"]]
        dates = frame["filed_on"].iloc[here["concession"]]
        own = frame["filed_on"].iloc[row.concession]
        others_dated = dates.drop(row.concession, errors="ignore").notna().any()
        alone = row.covered and len(here) == 1
        if not row.covered or not (alone or (pd.notna(own) and others_dated)):
            assert pd.isna(row.seniority)
        else:
            assert row.seniority == 1 + (dates < own).sum()


def test_rows_and_index_stay_and_the_input_is_left_alone() -> None:
    pairs = pairs_of([(1, 0, True), (0, 0, True)]).set_axis([7, 3])
    before = pairs.copy()
    out = order_stacks(pairs, cadastre(right()), LAW)
    assert out.index.tolist() == [7, 3]
    pd.testing.assert_frame_equal(pairs, before)


@pytest.mark.parametrize("n_rights", [0, 2])
def test_no_pairs_at_all(n_rights: int) -> None:
    out = order_stacks(pairs_of([]), cadastre(*[right()] * n_rights), LAW)
    assert len(out) == 0
    assert str(out["seniority"].dtype) == "Int64"


def test_lists_run_by_date_undated_and_then_extinct_last_equals_by_code() -> None:
    frame = cadastre(
        right(filed_on=LATER),
        right(filed_on=None),
        right(filed_on=LATER),
        right(status="extinct", filed_on="1950-01-01"),
        right(),
    )
    place = sort_key(frame)
    assert place.sort_values().index.tolist() == [4, 0, 2, 1, 3]
    shuffled = frame.iloc[[3, 1, 0, 2, 4]]
    assert sort_key(shuffled).sort_index().tolist() == place.tolist()
