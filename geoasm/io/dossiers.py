"""Folders of `geoasm screen`: one dossier, or one for each company with an index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoasm.dossier import Sheet
from geoasm.io import atomic, geopackage
from geoasm.io.geopackage import Layer
from geoasm.io.kinds import FolderKind
from geoasm.io.workbook import write_workbook

MANIFEST, INDEX = "manifest.json", "index.html"
PAGE, WORKBOOK, GEOPACKAGE = "dossier.html", "dossier.xlsx", "dossier.gpkg"
DOSSIER = FolderKind("geoasm-dossier", 1, MANIFEST, "a dossier of geoasm")


@dataclass(frozen=True)
class DossierFiles:
    """What a dossier's folder is made of; `changed_on` is the day that its files state."""

    page: str
    sheets: Sequence[Sheet]
    layers: Sequence[Layer]
    styles: Sequence[Mapping[str, object]]
    title: str
    changed_on: str
    manifest: Mapping[str, Any]


def save_dossier(files: DossierFiles, folder: Path, *, overwrite: bool = False) -> Path:
    """
    Write one dossier, whole or not at all.

    Raises
    ------
    OutputExists, OutputError
        The folder exists and is not to be replaced, or the disk refuses.
    """
    with DOSSIER.written(folder, overwrite=overwrite) as fresh:
        _fill(fresh, files)
    return folder


def save_dossiers(
    dossiers: Iterable[tuple[str, DossierFiles]],
    index: Callable[[], str],
    manifest: Mapping[str, Any],
    folder: Path,
    *,
    overwrite: bool = False,
) -> Path:
    """
    Write dossiers, each in a folder of its name, with an index page: all of them or none.

    Parameters
    ----------
    dossiers
        Name of each one's folder, and its files; taken one at a time.
    index
        Gives the index page, once every dossier is written.

    Raises
    ------
    OutputExists, OutputError
        The folder exists and is not to be replaced, or the disk refuses.
    """
    with DOSSIER.written(folder, overwrite=overwrite) as fresh:
        for name, files in dossiers:
            (fresh / name).mkdir()
            _fill(fresh / name, files)
        atomic.write_text(fresh / INDEX, index())
        DOSSIER.write_record(manifest, fresh)
    return folder


def _fill(folder: Path, files: DossierFiles) -> None:
    atomic.write_text(folder / PAGE, files.page)
    write_workbook(folder / WORKBOOK, files.sheets, title=files.title, changed_on=files.changed_on)
    geopackage.write_layers(
        folder / GEOPACKAGE, files.layers, changed_on=files.changed_on, styles=files.styles
    )
    DOSSIER.write_record(files.manifest, folder)
