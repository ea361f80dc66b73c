"""Further files of a run, beside Parquet and GeoPackage: a function each, and a new format is one more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from geoasm import schema
from geoasm.io import writers


class Published(NamedTuple):
    """
    What may be published of a run, in the form in which it is written.

    `tables` holds rows by the name of their table of `schema`, columns and rows in its order, persons
    hidden; `summary` is what `summary.json` says.
    """

    tables: Mapping[str, pd.DataFrame]
    summary: Mapping[str, Any]


def write_issues(folder: Path, published: Published) -> None:
    """Write `issues.csv`."""
    writers.write_csv(published.tables[schema.ISSUES.name], folder / "issues.csv")


def write_summary(folder: Path, published: Published) -> None:
    """Write `summary.csv`."""
    writers.write_csv(writers.summary_frame(published.summary), folder / "summary.csv")


# Each writes files of its own into the folder, the same bytes for the same rows.
FORMATS: tuple[Callable[[Path, Published], None], ...] = (write_issues, write_summary)
