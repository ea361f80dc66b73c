"""A register of runs: folders of runs found, what they say of themselves read, a series of them written."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from geoasm import schema
from geoasm.errors import OptionError, RunNotFound
from geoasm.io import atomic, writers
from geoasm.io.kinds import FolderKind
from geoasm.io.paths import is_there
from geoasm.io.results import MANIFEST, RUN, SUMMARY
from geoasm.manifest import RUN_FORMAT
from geoasm.timeline import Record

PAGE, TABLE, CHANGES = "series.html", "series.csv", "method_changes.csv"
SERIES = FolderKind("geoasm-series", 1, MANIFEST, "a series of runs")


def find_runs(folders: Iterable[Path]) -> list[Path]:
    """
    List the runs among folders and, of folders that are no run, those directly inside.

    Parameters
    ----------
    folders
        Each a run, or a folder that holds runs; what else lies beside these is left alone. A run that
        is named twice is taken once.

    Raises
    ------
    RunNotFound
        A folder does not exist, or is no run and holds none.
    """
    found: dict[Path, Path] = {}
    for folder in folders:
        if not is_there(folder) or not folder.is_dir():
            what = "is a file" if is_there(folder) else "no such folder"
            raise RunNotFound(f"{folder}: {what}; name a run, or a folder that holds runs")
        runs = [folder] if (folder / MANIFEST).exists() else _inside(folder)
        if not runs:
            raise RunNotFound(f"{folder} is no run of geoasm and holds none; name a folder of runs")
        found |= {run.resolve(): run for run in runs}
    return list(found.values())


def _inside(folder: Path) -> list[Path]:
    """List the runs inside a folder; a manifest that nobody can read may be a run's, and is told of later."""
    subfolders = [p for p in sorted(folder.iterdir()) if p.is_dir() and p.name[0] != "."]
    return [
        p for p in subfolders if RUN.is_one(p) or ((p / MANIFEST).exists() and not _is_other(p))
    ]


def _is_other(folder: Path) -> bool:
    """Tell whether a folder holds something else that geoasm wrote."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return bool(manifest["format"]["name"] != RUN_FORMAT)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def read_record(folder: Path) -> Record:
    """
    Read what a run says of itself, and none of its tables.

    Raises
    ------
    RunNotFound
        The folder is no run of this version; the text names it.
    OptionError
        It is the run of a scenario.
    """
    manifest = _read(folder, MANIFEST)
    RUN.check_version(manifest, folder, "run it again, or leave it out")
    summary = _read(folder, SUMMARY)
    if summary.get("scenario"):
        raise OptionError(f"{folder} is the run of a scenario, not of what was: leave it out")
    record = Record(folder.resolve().name, summary, manifest)
    try:
        record.on, record.summary["profile"], record.summary["tables"]["by_class"]
    except (KeyError, TypeError, ValueError) as err:
        raise RunNotFound(
            f"{folder / SUMMARY} lacks the day, the profile or the classes of the run: run it again"
        ) from err
    return record


def _read(folder: Path, name: str) -> dict[str, Any]:
    path = folder / name
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as err:
        raise RunNotFound(
            f"{path} cannot be read ({type(err).__name__}); run it again, or leave {folder.name} out"
        ) from err
    if not isinstance(content, dict):
        raise RunNotFound(f"{path} is damaged: it holds no table; run it again")
    return content


def save_series(
    shares: pd.DataFrame, changes: pd.DataFrame, page: str, folder: Path, *, overwrite: bool = False
) -> Path:
    """
    Write series.csv, method_changes.csv, series.html and manifest.json: all or none.

    Parameters
    ----------
    shares, changes
        Columns of `schema.SERIES` and `schema.METHOD_CHANGES`.

    Raises
    ------
    OutputExists, OutputError
        The folder exists and is not to be replaced, or the disk refuses.
    """
    with SERIES.written(folder, overwrite=overwrite) as fresh:
        writers.write_csv(writers.arrange(shares, schema.SERIES), fresh / TABLE)
        writers.write_csv(writers.arrange(changes, schema.METHOD_CHANGES), fresh / CHANGES)
        atomic.write_text(fresh / PAGE, page)
        SERIES.write_record({"runs": list(dict.fromkeys(shares["run"]))}, fresh)
    return folder
