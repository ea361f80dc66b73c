"""Folders of `geoasm openings`: free ground as layers, tables and a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoasm import schema
from geoasm.free_ground import FreeGround
from geoasm.io import atomic, geopackage, writers
from geoasm.io.geopackage import Layer
from geoasm.io.kinds import FolderKind

MANIFEST, GEOPACKAGE, PAGE = "manifest.json", "openings.gpkg", "openings.html"
FREE_GROUND = FolderKind("geoasm-openings", 1, MANIFEST, "free ground by geoasm")
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
    with FREE_GROUND.written(folder, overwrite=overwrite) as fresh:
        geopackage.write_layers(
            fresh / GEOPACKAGE, layers, changed_on=files.changed_on, styles=files.styles
        )
        for table, name, _ in _LAYERS:
            flat = frames[table.name].drop(columns=str(table.geometry))
            writers.write_csv(flat, fresh / name)
        atomic.write_text(fresh / PAGE, files.page)
        FREE_GROUND.write_record(files.manifest, fresh)
    return folder
