"""A register of runs as a series over time: what notebooks and `geoasm series` call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geoasm.io.register import find_runs, read_record, save_series
from geoasm.render.labels import Labels
from geoasm.render.series import series_html
from geoasm.timeline import class_shares, method_changes, put_in_order


@dataclass(frozen=True)
class Series:
    """Shares of classes over runs, what of the method changed between them, and their page."""

    shares: pd.DataFrame  # schema.SERIES
    changes: pd.DataFrame  # schema.METHOD_CHANGES
    page: str

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """
        Write series.csv, method_changes.csv and series.html into a folder, whole or not at all.

        Raises
        ------
        OutputExists
            The folder exists and `overwrite` is not set.
        """
        return save_series(self.shares, self.changes, self.page, Path(folder), overwrite=overwrite)


def draw_series(folders: Iterable[str | Path], *, language: str | None = None) -> Series:
    """
    Draw the shares of classes over runs, in the order of their days.

    Only what runs say of themselves is read (summary and manifest), so that months of them are cheap.

    Parameters
    ----------
    folders
        Each a run, or a folder that holds runs.
    language
        That of the latest run where not given.

    Returns
    -------
    series
        `shares` and `changes` in the columns of `schema.SERIES` and `schema.METHOD_CHANGES`; `save(folder)`.

    Raises
    ------
    RunNotFound
        A folder is no run and holds none, or a run cannot be read.
    OptionError
        There are fewer than two runs, two are of one day, or they are of several countries.
    """
    runs = find_runs(Path(folder) for folder in folders)
    records = put_in_order([read_record(run) for run in runs])
    labels = Labels(language or str(records[-1].summary["language"]))
    shares, changes = class_shares(records), method_changes(records)
    return Series(shares, changes, series_html(records, shares, changes, labels))
