"""Folders of `geoasm scenario`: the run, the report, flows and candidates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from geoasm import schema
from geoasm.io import atomic, writers
from geoasm.io.kinds import FolderKind
from geoasm.io.results import PRIVATE

RUN, PAGE, NUMBERS, STATED = "run", "scenario.html", "scenario.json", "scenario.toml"
FLOWS, CANDIDATES = "flows.csv", "candidates.csv"
TRIAL = FolderKind("geoasm-scenario", 1, NUMBERS, "a scenario of geoasm")


@dataclass(frozen=True)
class TrialFiles:
    """
    What stands beside the run of a scenario.

    `text` is the scenario's file; `is_private`: it names holders, who may be persons.
    """

    page: str
    flows: pd.DataFrame
    candidates: pd.DataFrame
    numbers: Mapping[str, Any]
    text: str
    is_private: bool = False


def save_trial(
    files: TrialFiles,
    save_run: Callable[[Path], object],
    folder: Path,
    *,
    overwrite: bool = False,
) -> Path:
    """
    Write a scenario, whole or not at all.

    Parameters
    ----------
    save_run
        Writes the scenario's run into a folder.

    Raises
    ------
    OutputExists, OutputError
        The folder exists and is not to be replaced, or the disk refuses.
    """
    tables = (
        (FLOWS, files.flows, schema.SCENARIO_FLOWS),
        (CANDIDATES, files.candidates, schema.SCENARIO_CANDIDATES),
    )
    with TRIAL.written(folder, overwrite=overwrite) as fresh:
        save_run(fresh / RUN)
        for name, frame, table in tables:
            writers.write_csv(writers.arrange(frame, table), fresh / name)
        atomic.write_text(fresh / PAGE, files.page)
        place = fresh / RUN / PRIVATE if files.is_private else fresh
        atomic.write_text(place / STATED, files.text)
        TRIAL.write_record(files.numbers, fresh, sort_keys=False)
    return folder
