"""Kinds of folders that commands write: each is known by a record, and written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoasm.io import atomic
from geoasm.manifest import plain


@dataclass(frozen=True)
class FolderKind:
    """A kind of folder: the name and version of its format, its record, and what a message calls it."""

    name: str
    version: int
    record: str
    what: str

    def is_one(self, folder: Path) -> bool:
        """Tell whether a folder is of this kind."""
        try:
            record = json.loads((folder / self.record).read_text(encoding="utf-8"))
            return bool(record["format"]["name"] == self.name)
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def check(self, folder: Path, *, overwrite: bool) -> None:
        """
        Make sure that one may be written to a folder, before the work.

        Raises
        ------
        OutputExists, OutputError
            The folder exists and is not to be replaced.
        """
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
        stamped = plain({**content, "format": {"name": self.name, "version": self.version}})
        text = json.dumps(stamped, ensure_ascii=False, indent=2, sort_keys=sort_keys)
        atomic.write_text(folder / self.record, text + "\n")
