"""Outputs that are whole or absent: written beside their target, moved into place at the end."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from geoasm.errors import OutputError, OutputExists

_NOT_ENCODABLE = re.compile("[\x00\ud800-\udfff]")


def check_target(
    target: Path, *, overwrite: bool, replaceable: Callable[[Path], bool], what: str
) -> None:
    """
    Make sure that a folder may be written, before the work that fills it.

    Parameters
    ----------
    replaceable
        Tells whether an existing folder is one that may be deleted.
    what
        What such a folder is called, for the message.

    Raises
    ------
    OutputExists
        The target exists and `overwrite` was not asked for.
    OutputError
        The target is a file, or a folder of another kind that overwriting would destroy.
    """
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise OutputError(f"{target} is a file; name a folder for the output")
    if not overwrite:
        raise OutputExists(f"{target} exists; name another folder, or replace it with --overwrite")
    if any(target.iterdir()) and not replaceable(target):
        raise OutputError(
            f"{target} is not {what}, so --overwrite does not replace it; name another folder"
        )


@contextmanager
def whole_folder(
    target: Path, *, overwrite: bool, replaceable: Callable[[Path], bool], what: str
) -> Iterator[Path]:
    """
    Give an empty folder to fill, which takes the target's place when the block ends well.

    Whatever ends the block otherwise, a keyboard interrupt too, leaves the target as it was.

    Raises
    ------
    OutputExists, OutputError
        As `check_target`, or the disk refuses.
    """
    check_target(target, overwrite=overwrite, replaceable=replaceable, what=what)
    place = target.resolve()  # through a link, to where the folder really is
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = tempfile.mkdtemp(prefix=f".{place.name}.partial-{os.getpid()}-", dir=place.parent)
    except OSError as err:
        raise OutputError(f"cannot write {target}: {err.strerror}") from err
    scratch = Path(beside)
    fresh, former = scratch / "new", scratch / "old"
    try:
        fresh.mkdir()
        yield fresh
        # asked again: another process may have written the target meanwhile
        check_target(target, overwrite=overwrite, replaceable=replaceable, what=what)
        if place.exists():
            place.rename(former)
        fresh.rename(place)
    except OSError as err:
        raise OutputError(f"cannot write {target}: {err.strerror or err}") from err
    finally:
        if former.exists() and not place.exists():
            former.rename(place)
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def whole_file(target: Path, *, overwrite: bool) -> Iterator[Path]:
    """
    Give a path to write to, which takes the target's place when the block ends well.

    Raises
    ------
    OutputExists, OutputError
        As `check_file`, or the disk refuses.
    """
    check_file(target, overwrite=overwrite)
    place = target.resolve()
    scratch = place.parent / f".{place.name}.partial-{os.getpid()}"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        yield scratch
        check_file(target, overwrite=overwrite)  # another process may have written it meanwhile
        scratch.replace(place)
    except OSError as err:
        raise OutputError(f"cannot write {target}: {err.strerror or err}") from err
    finally:
        with suppress(OSError):
            scratch.unlink()


def encodable(text: str) -> str:
    """Replace what UTF-8 or a database cannot hold (lone surrogates, NUL) by U+FFFD."""
    return _NOT_ENCODABLE.sub("\ufffd", text)


def check_file(path: Path, *, overwrite: bool) -> None:
    """
    Make sure that a file may be written.

    Raises
    ------
    OutputExists
        It exists and `overwrite` was not asked for.
    OutputError
        It is a folder, or no disk takes such a name.
    """
    try:
        if path.is_dir():
            raise OutputError(f"{path} is a folder; name a file for the output")
        if path.exists() and not overwrite:
            raise OutputExists(
                f"{path}: exists; add --overwrite to replace it, or choose another --out"
            )
    except OSError as err:
        raise OutputError(f"cannot write {path}: {err.strerror or err}") from err


def write_text(path: Path, text: str) -> None:
    """
    Write a text file in UTF-8, replacing the one that is there in a single step.

    Raises
    ------
    OutputError
        The disk refuses.
    """
    scratch = path.parent / f".{path.name}.partial-{os.getpid()}"
    try:
        scratch.write_text(encodable(text), encoding="utf-8", newline="\n")
        scratch.replace(path)
    except OSError as err:
        raise OutputError(f"cannot write {path}: {err.strerror or err}") from err
    finally:
        with suppress(OSError):  # a place that is no folder has none
            scratch.unlink()
