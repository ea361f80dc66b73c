"""Folders of `geoasm compare`: what changed, as tables, layers and pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from geoasm import schema
from geoasm.changes import Changes
from geoasm.io import atomic, geopackage, writers
from geoasm.io.geopackage import Layer
from geoasm.io.kinds import FolderKind

MANIFEST, GEOPACKAGE, PAGE, MAP = "comparison.json", "changes.gpkg", "comparison.html", "map.html"
COMPARISON = FolderKind("geoasm-comparison", 1, MANIFEST, "a comparison of runs")


def save_comparison(
    changes: Changes,
    pages: Mapping[str, str],
    record: Mapping[str, Any],
    folder: Path,
    *,
    changed_on: str,
    styles: Sequence[Mapping[str, object]] = (),
    overwrite: bool = False,
) -> Path:
    """
    Write a comparison, whole or not at all.

    Parameters
    ----------
    pages
        File name to HTML text.
    record
        What was compared, beside the counts.
    styles
        Rows of `layer_styles` of the GeoPackage.

    Raises
    ------
    OutputExists, OutputError
        The folder exists and is not to be replaced, or the disk refuses.
    """
    tables = {
        schema.RIGHTS_CHANGED: writers.arrange(changes.rights, schema.RIGHTS_CHANGED),
        schema.REGISTRATIONS_CHANGED: writers.arrange(
            changes.registrations, schema.REGISTRATIONS_CHANGED
        ),
    }
    layers = [
        Layer(tables[schema.RIGHTS_CHANGED], schema.RIGHTS_CHANGED, "Polygon", "Rights that changed"),
        Layer(
            tables[schema.REGISTRATIONS_CHANGED], schema.REGISTRATIONS_CHANGED, "Point",
            "Registrations that changed",
        ),
    ]  # fmt: skip
    with COMPARISON.written(folder, overwrite=overwrite) as fresh:
        for table, frame in tables.items():
            plain_columns = frame.drop(columns="geometry")
            writers.write_csv(plain_columns, fresh / f"{table.name}.csv")
        writers.write_csv(changes.flows, fresh / "flows.csv")
        geopackage.write_layers(fresh / GEOPACKAGE, layers, changed_on=changed_on, styles=styles)
        for name, text in pages.items():
            atomic.write_text(fresh / name, text)
        COMPARISON.write_record({**record, **changes.summary}, fresh, sort_keys=False)
    return folder
