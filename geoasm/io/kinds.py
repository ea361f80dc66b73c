"""Kinds of folders that commands write: each is known by a record, and written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoasm.errors import OutputError, RunNotFound
from geoasm.io import atomic
from geoasm.manifest import RUN_FORMAT, plain

_PRIVATE = "private"
_RUN_RECORD = "manifest.json"


@dataclass(frozen=True)
class FolderKind:
    """A kind of folder: the name and version of its format, its record, and what a message calls it."""

    name: str
    version: int
    record: str
    what: str

    def is_one(self, folder: Path) -> bool:
        """Tell whether a folder is of this kind."""
        return _says(folder / self.record, self.name)

    def check_version(self, record: Mapping[str, Any], folder: Path, remedy: str) -> None:
        """
        Make sure that a record is that of a folder which this version of geoasm reads.

        Raises
        ------
        RunNotFound
            It is not; the text ends with the remedy.
        """
        written = record.get("format")
        if not isinstance(written, dict) or written.get("name") != self.name:
            raise RunNotFound(f"{folder} is not {self.what}: its {self.record} is of another kind")
        if written.get("version") != self.version:
            raise RunNotFound(
                f"{folder} was written by another version of geoasm (format {written.get('version')}, "
                f"this one reads {self.version}): {remedy}"
            )

    def check(self, folder: Path, *, overwrite: bool) -> None:
        """
        Make sure that one may be written to a folder, before the work.

        Raises
        ------
        OutputExists, OutputError
            The folder exists and is not to be replaced, or it lies in a finished run.
        """
        check_place(folder)
        atomic.check_target(folder, overwrite=overwrite, replaceable=self.is_one, what=self.what)

    @contextmanager
    def written(self, folder: Path, *, overwrite: bool) -> Iterator[Path]:
        """
        Give a fresh folder to fill, which takes the place of the target once it is whole.

        Raises
        ------
        OutputExists, OutputError
            The folder exists and is not to be replaced, or the disk refuses.
        """
        with atomic.whole_folder(
            folder, overwrite=overwrite, replaceable=self.is_one, what=self.what
        ) as fresh:
            yield fresh

    def write_record(
        self, content: Mapping[str, Any], folder: Path, *, sort_keys: bool = True
    ) -> None:
        """Write the record by which the folder is known."""
        stamped = {**content, "format": {"name": self.name, "version": self.version}}
        write_json(stamped, folder / self.record, sort_keys=sort_keys)


def write_json(content: Mapping[str, Any], path: Path, *, sort_keys: bool = True) -> None:
    """Write what a folder says of itself, to be read by persons too."""
    text = json.dumps(plain(content), ensure_ascii=False, indent=2, sort_keys=sort_keys)
    atomic.write_text(path, text + "\n")


def check_place(folder: Path) -> None:
    """
    Make sure that a place is in no finished run.

    Raises
    ------
    OutputError
        It is, and not in its private part.
    """
    run = _run_around(folder.resolve())
    if run is not None:
        raise OutputError(
            f"{folder} lies in the finished run {run}, which stays as it is: choose a folder "
            f"beside it (what is internal may go into its {_PRIVATE}/)"
        )


@contextmanager
def unreplaced(folder: Path) -> Iterator[None]:
    """
    Make sure that a folder is the same at the end of a block as at its beginning.

    Raises
    ------
    RunNotFound
        Another process has replaced it meanwhile: what was read may be of both.
    """
    before = _identity(folder)
    yield
    if _identity(folder) != before:
        raise RunNotFound(f"{folder} was replaced while it was read; give the command again")


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _says(record: Path, name: str) -> bool:
    try:
        content = json.loads(record.read_text(encoding="utf-8"))
        return bool(content["format"]["name"] == name)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _run_around(folder: Path) -> Path | None:
    """Give the run in whose public part a place lies."""
    for parent in folder.parents:
        if _says(parent / _RUN_RECORD, RUN_FORMAT):
            return None if folder.is_relative_to(parent / _PRIVATE) else parent
    return None
