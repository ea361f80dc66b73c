"""Two snapshots with known changes: all of them are found, and nothing else."""

from __future__ import annotations

import pandas as pd
import pytest

from geoasm import flows
from geoasm.changes import Changes, find_changes
from geoasm.io.profiles import load_profile
from geoasm.model import Result
from tests.changes import snapshots

PE = load_profile("pe")


@pytest.fixture(scope="module")
def runs() -> tuple[Result, Result]:
    return snapshots.run(snapshots.earlier()), snapshots.run(snapshots.later())


def compare(before: Result, after: Result) -> Changes:
    assert PE.comparison is not None
    return find_changes(before, after, PE.parties, PE.comparison)


@pytest.fixture(scope="module")
def changes(runs: tuple[Result, Result]) -> Changes:
    return compare(*runs)


def test_every_change_of_a_right_is_found_and_no_other(changes: Changes) -> None:
    found = changes.rights.groupby("concession_id")["change"].agg(set).to_dict()
    assert found == snapshots.RIGHTS


def test_every_change_of_class_has_its_planted_cause(changes: Changes) -> None:
    rows = changes.registrations.astype(object).where(changes.registrations.notna(), None)
    differs = rows[rows["class_a"] != rows["class_b"]]
    found = {
        row.registration_id: (row.class_a, row.class_b, row.cause) for row in differs.itertuples()
    }
    assert found == snapshots.CLASSES


def test_what_else_changed_in_registrations_is_found(changes: Changes) -> None:
    marks = changes.registrations.set_index("registration_id")["changes"]
    assert marks["REG66"] == "renumbered"
    assert marks["REG12"].split(";")[0] == "moved"
    assert "registrant" in marks["REG14"].split(";")
    assert set(marks.index) == {*snapshots.CLASSES, "REG66"}


def test_flows_balance_with_both_runs(changes: Changes, runs: tuple[Result, Result]) -> None:
    assert changes.summary["failed"] == []
    assert flows.balance_faults(
        changes.flows, *(run.registrations["asm_class"] for run in runs)
    ) == []


def test_backwards_the_flows_are_turned_round(
    changes: Changes, runs: tuple[Result, Result]
) -> None:
    back = compare(runs[1], runs[0]).flows.rename(columns={"class_a": "class_b", "class_b": "class_a"})

    def counted(rows: pd.DataFrame) -> pd.DataFrame:
        sums = rows.groupby(["class_a", "class_b"], dropna=False)["registrations"].sum()
        return sums.reset_index()

    pd.testing.assert_frame_equal(counted(back), counted(changes.flows))


@pytest.mark.parametrize("which", [0, 1])
def test_a_run_compared_with_itself_is_empty(runs: tuple[Result, Result], which: int) -> None:
    found = compare(runs[which], runs[which])
    assert found.rights.empty
    assert found.registrations.empty
    assert flows.moved(found.flows).empty


def test_who_a_right_passed_to_is_told_of_those_who_may_be_named(changes: Changes) -> None:
    row = changes.rights[changes.rights["change"] == "holder"].iloc[0]
    assert row["after"] == "MINERA GRANDE S.A."
    assert pd.isna(row["before"])  # a natural person


def test_a_split_names_its_parts(changes: Changes) -> None:
    row = changes.rights[changes.rights["change"] == "split"].iloc[0]
    assert (row["concession_id"], row["related_ids"]) == ("010000010", "010000020;010000021")
    back = changes.rights.set_index("concession_id")
    assert back.loc["010000020", "change"] == "appeared"
