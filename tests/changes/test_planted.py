"""Two snapshots with known changes: all of them are found, and nothing else."""

from __future__ import annotations

import functools
from collections.abc import Collection
from typing import Any

import hypothesis
import pandas as pd
import pytest
from hypothesis import strategies as st

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


def found_in(changes: Changes) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Changes by right; class before, after and cause by registration; what else changed in others."""
    rights = changes.rights.groupby("concession_id")["change"].agg(set).to_dict()
    rows = changes.registrations.astype(object).where(changes.registrations.notna(), None)
    differs = rows["class_a"] != rows["class_b"]
    classes = {
        row.registration_id: (row.class_a, row.class_b, row.cause)
        for row in rows[differs].itertuples()
    }
    others = rows[~differs].set_index("registration_id")["changes"].to_dict()
    return rights, classes, others


def planted(edits: Collection[str]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    chosen = [snapshots.EDITS[name] for name in edits]
    rights, classes, others = (
        {k: v for edit in chosen for k, v in getattr(edit, part).items()}
        for part in ("rights", "classes", "others")
    )
    return rights, classes, others


def test_all_changes_at_once_are_found_with_their_causes_and_no_other(changes: Changes) -> None:
    assert found_in(changes) == planted(snapshots.EDITS)


@hypothesis.settings(max_examples=12)
@hypothesis.given(st.sets(st.sampled_from(sorted(snapshots.EDITS)), max_size=6))
def test_any_few_changes_are_found_with_their_causes_and_no_other(edits: set[str]) -> None:
    before = _earlier()
    changes = compare(before, snapshots.run(snapshots.later(sorted(edits))))
    assert found_in(changes) == planted(edits)
    assert changes.summary["failed"] == []


@functools.cache
def _earlier() -> Result:
    return snapshots.run(snapshots.earlier())


def test_flows_balance_with_both_runs(changes: Changes, runs: tuple[Result, Result]) -> None:
    assert changes.summary["failed"] == []
    assert (
        flows.balance_faults(changes.flows, *(run.registrations["asm_class"] for run in runs)) == []
    )


def test_backwards_the_flows_are_turned_round(
    changes: Changes, runs: tuple[Result, Result]
) -> None:
    back = compare(runs[1], runs[0]).flows.rename(
        columns={"class_a": "class_b", "class_b": "class_a"}
    )

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
