"""Gates of benchmarks: what is missing, or comes from an earlier time, is no success."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import compare_runs, identity
from benchmarks.identity import MIX, Measured
from geoasm.simulate.spellings import Fault

WRITE = "import pathlib, sys; pathlib.Path(sys.argv[-2]).write_text('new'); "


def planted(outcomes: dict[Fault, str]) -> pd.DataFrame:
    """A pair for each fault, with what became of it."""
    told = {"fault": [str(fault) for fault in outcomes], "outcome": list(outcomes.values())}
    return pd.DataFrame(told, dtype="str").assign(known=False, is_true=True)


def measured(truth: pd.DataFrame, false_own: int = 0) -> Measured:
    return Measured(truth, false_own, pd.DataFrame(), {})


def test_where_nobody_was_planted_nothing_was_found() -> None:
    assert not identity.is_enough(measured(planted({})))


def test_faults_without_pairs_weigh_nothing() -> None:
    two = planted({Fault.TYPO: "review", Fault.RESPELT: "apart"})
    share = MIX[Fault.TYPO] / (MIX[Fault.TYPO] + MIX[Fault.RESPELT])
    assert identity.found(two) == pytest.approx(share)


def test_enough_are_found_and_nobody_is_taken_for_another() -> None:
    every = dict.fromkeys(MIX, "own")
    assert identity.is_enough(measured(planted(every)))
    assert not identity.is_enough(measured(planted(every), false_own=1))
    assert not identity.is_enough(measured(planted({**every, Fault.TYPO: "apart"})))


def call(
    monkeypatch: pytest.MonkeyPatch, command: str, does: str, makes: Path
) -> compare_runs.Cost:
    """Time a command that does what is asked in the place of geoasm."""
    monkeypatch.setattr(compare_runs, "GEOASM", (sys.executable, "-c", does))
    return compare_runs.measured(command, makes, makes=makes)


@pytest.mark.parametrize(
    ("command", "does"),
    [
        ("compare", WRITE + "sys.exit(1)"),
        ("compare", WRITE + "raise ValueError"),
        ("simulate", WRITE + "sys.exit(1)"),
        ("run", WRITE + "sys.exit(2)"),
        ("compare", "pass"),
        ("run", "raise SystemExit(1)"),
    ],
)
def test_a_command_that_fails_or_makes_nothing_ends_the_benchmark(
    command: str, does: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit, match=f"geoasm {command} ended with code"):
        call(monkeypatch, command, does, tmp_path / "record.json")


@pytest.mark.parametrize("command", ["compare", "run"])
def test_what_an_earlier_time_left_is_no_success(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / "out" / "record.json"
    left.parent.mkdir()
    left.write_text("old", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"record\.json is missing"):
        call(monkeypatch, command, "pass", left)


@pytest.mark.parametrize(("command", "code"), [("run", 0), ("run", 1), ("compare", 0)])
def test_a_command_that_is_done_is_timed(
    command: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "record.json"
    cost = call(monkeypatch, command, f"{WRITE}sys.exit({code})", made)
    assert cost.wall_s > 0
    assert made.read_text(encoding="utf-8") == "new"
