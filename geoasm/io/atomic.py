"""Outputs that are whole or absent: written beside their target, moved into place at the end."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from geoasm.errors import OutputError, OutputExists
from geoasm.io import moves, remains
from geoasm.io.refusals import describe_refusal

_EXISTS = "{}: exists; add --overwrite to replace it, or choose another --out"
_MEANWHILE = "another process wrote it meanwhile; give the command again"
_TRIES = 100
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

    Whatever ends the block otherwise, the end of the process too, leaves the target as it was.

    Raises
    ------
    OutputExists, OutputError
        As `check_target`, or the disk refuses.
    """

    def check() -> None:
        check_target(target, overwrite=overwrite, replaceable=replaceable, what=what)

    check()
    place = target.resolve()  # through a link, to where the folder really is
    inside = str(place)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with remains.workshop(place, _make_folder) as scratch:
            fresh = scratch / remains.FRESH
            inside = str(fresh)
            fresh.mkdir()
            yield fresh
            _move_in(scratch, place, check)
    except OSError as err:
        raise OutputError(f"cannot write {target}: {describe_refusal(err)}") from err
    except OutputError as err:
        raise type(err)(str(err).replace(inside, str(target))) from err


def _move_in(scratch: Path, place: Path, check: Callable[[], None]) -> None:
    """Put the fresh folder in its place; `check` is asked again, as others may have been there meanwhile."""
    fresh = scratch / remains.FRESH
    for _ in range(_TRIES):
        is_there = os.path.lexists(place)  # before the check: what comes after it is not replaced
        check()
        try:
            if not is_there:
                moves.move_new(fresh, place)
            elif not moves.exchange(fresh, place):
                place.rename(scratch / remains.FORMER)
                moves.move_new(fresh, place)
        except (FileExistsError, FileNotFoundError) as err:
            if not fresh.exists():
                raise
            if (scratch / remains.FORMER).exists():
                raise OSError(errno.EAGAIN, _MEANWHILE) from err
        else:
            return
    raise OSError(errno.EAGAIN, _MEANWHILE)


@contextmanager
def whole_file(target: Path, *, overwrite: bool, apart: bool = False) -> Iterator[Path]:
    """
    Give the path of an empty file to write to, which takes the target's place when the block ends well.

    Parameters
    ----------
    apart
        Give a path where nothing is, in a folder of its own: for libraries that make the file
        themselves, and others beside it.

    Raises
    ------
    OutputExists, OutputError
        As `check_file`, or the disk refuses.
    """
    check_file(target, overwrite=overwrite)
    try:
        place = target.resolve()
        place.parent.mkdir(parents=True, exist_ok=True)
        with remains.workshop(place, _make_folder if apart else _make_file) as scratch:
            fresh = scratch / place.name if apart else scratch
            yield fresh
            check_file(target, overwrite=overwrite)  # another process may have written it meanwhile
            _move_file_in(fresh, place, overwrite=overwrite)
    except FileExistsError as err:
        raise OutputExists(_EXISTS.format(target)) from err
    except OSError as err:
        raise OutputError(f"cannot write {target}: {describe_refusal(err)}") from err


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
            raise OutputExists(_EXISTS.format(path))
    except OSError as err:
        raise OutputError(f"cannot write {path}: {describe_refusal(err)}") from err


def write_text(path: Path, text: str, *, overwrite: bool = True) -> None:
    """
    Write a text file in UTF-8, replacing the one that is there in a single step.

    Raises
    ------
    OutputExists, OutputError
        The file is there and not to be replaced, or the disk refuses.
    """
    try:
        place = path.resolve()
        with remains.workshop(place, _make_file) as scratch:
            scratch.write_text(encodable(text), encoding="utf-8", newline="\n")
            _move_file_in(scratch, place, overwrite=overwrite)
    except FileExistsError as err:
        raise OutputExists(_EXISTS.format(path)) from err
    except OSError as err:
        raise OutputError(f"cannot write {path}: {describe_refusal(err)}") from err


def _make_file(path: Path) -> None:
    path.touch(exist_ok=False)


def _make_folder(path: Path) -> None:
    path.mkdir(mode=0o700)


def _move_file_in(scratch: Path, place: Path, *, overwrite: bool) -> None:
    if overwrite:
        scratch.replace(place)
    else:
        moves.move_new(scratch, place)
