"""Folders of `geoasm compare`: what changed, as tables, layers and pages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from geoasm import schema
from geoasm.changes import Changes
from geoasm.io import atomic, geopackage, writers
from geoasm.io.geopackage import Layer
from geoasm.manifest import plain

FORMAT, FORMAT_VERSION = "geoasm-comparison", 1
MANIFEST, GEOPACKAGE, PAGE, MAP = "comparison.json", "changes.gpkg", "comparison.html", "map.html"
_WHAT = "a comparison of runs"


def check_folder(folder: Path, *, overwrite: bool) -> None:
    """
    Make sure that a comparison may be written to a folder, before the work.

    Raises
    ------
    OutputExists, OutputError
        The folder exists and is not to be replaced.
    """
    atomic.check_target(folder, overwrite=overwrite, replaceable=_is_comparison, what=_WHAT)


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
    with atomic.whole_folder(
        folder, overwrite=overwrite, replaceable=_is_comparison, what=_WHAT
    ) as fresh:
        for table, frame in tables.items():
            plain_columns = frame.drop(columns="geometry")
            writers.write_csv(plain_columns, fresh / f"{table.name}.csv")
        writers.write_csv(changes.flows, fresh / "flows.csv")
        geopackage.write_layers(fresh / GEOPACKAGE, layers, changed_on=changed_on, styles=styles)
        for name, text in pages.items():
            atomic.write_text(fresh / name, text)
        stamp = {"format": {"name": FORMAT, "version": FORMAT_VERSION}}
        content = json.dumps(
            plain({**record, **changes.summary, **stamp}), ensure_ascii=False, indent=2
        )
        atomic.write_text(fresh / MANIFEST, content + "\n")
    return folder


def _is_comparison(folder: Path) -> bool:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return bool(manifest["format"]["name"] == FORMAT)
    except (OSError, ValueError, KeyError, TypeError):
        return False
