"""Folders of `geoasm openings`: free ground as layers, tables and a page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoasm import schema
from geoasm.free_ground import FreeGround
from geoasm.io import atomic, geopackage, writers
from geoasm.io.geopackage import Layer
from geoasm.manifest import plain

FORMAT, FORMAT_VERSION = "geoasm-openings", 1
MANIFEST, GEOPACKAGE, PAGE = "manifest.json", "openings.gpkg", "openings.html"
_WHAT = "free ground by geoasm"
_LAYERS = (
    (schema.OPENINGS, "openings.csv", "Whole cells that could be claimed or reserved"),
    (schema.OPENING_CLUSTERS, "clusters.csv", "Clusters and what is free around them"),
)


@dataclass(frozen=True)
class OpeningsFiles:
    """What the folder is made of; `changed_on` is the day that its files state."""

    found: FreeGround
    page: str
    styles: Sequence[Mapping[str, object]]
    changed_on: str
    manifest: Mapping[str, Any]


def check_folder(folder: Path, *, overwrite: bool) -> None:
    """
    Make sure that free ground may be written to a folder, before the work.

    Raises
    ------
    OutputExists, OutputError
        The folder exists and is not to be replaced.
    """
    atomic.check_target(folder, overwrite=overwrite, replaceable=_is_ours, what=_WHAT)


def save_openings(files: OpeningsFiles, folder: Path, *, overwrite: bool = False) -> Path:
    """
    Write openings.gpkg, openings.csv, clusters.csv, openings.html and manifest.json: all or none.

    Raises
    ------
    OutputExists, OutputError
        The folder exists and is not to be replaced, or the disk refuses.
    """
    frames = {
        schema.OPENINGS.name: writers.arrange(files.found.cells, schema.OPENINGS),
        schema.OPENING_CLUSTERS.name: writers.arrange(
            files.found.clusters, schema.OPENING_CLUSTERS
        ),
    }
    layers = [Layer(frames[table.name], table, "Polygon", told) for table, _, told in _LAYERS]
    stamp = {"format": {"name": FORMAT, "version": FORMAT_VERSION}}
    manifest = plain({**files.manifest, **stamp})
    with atomic.whole_folder(
        folder, overwrite=overwrite, replaceable=_is_ours, what=_WHAT
    ) as fresh:
        geopackage.write_layers(
            fresh / GEOPACKAGE, layers, changed_on=files.changed_on, styles=files.styles
        )
        for table, name, _ in _LAYERS:
            flat = frames[table.name].drop(columns=str(table.geometry))
            writers.write_csv(flat, fresh / name)
        atomic.write_text(fresh / PAGE, files.page)
        text = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True)
        atomic.write_text(fresh / MANIFEST, text + "\n")
    return folder


def _is_ours(folder: Path) -> bool:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return bool(manifest["format"]["name"] == FORMAT)
    except (OSError, ValueError, KeyError, TypeError):
        return False
