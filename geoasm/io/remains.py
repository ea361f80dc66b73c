"""Folders and files at work beside their target: locked, and cleared away once nobody holds them."""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

FRESH, FORMER = "new", "old"  # in a folder at work: what is filled, and what makes way for it
_TRIES = 100
_LOCKLESS = (errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


@contextmanager
def workshop(place: Path, make: Callable[[Path], None]) -> Iterator[Path]:
    """
    Give a path beside a target that is locked while the block runs, and gone after it.

    The lock ends with the process, however that ends; what is left then is cleared by the next one that
    writes the same target.

    Parameters
    ----------
    make
        Makes an empty folder or file where nothing is.

    Raises
    ------
    OSError
        The disk refuses.
    """
    clear(place)
    for _ in range(_TRIES):
        scratch = place.parent / f".{place.name}.partial-{os.getpid()}-{secrets.token_hex(8)}"
        handle = None
        try:
            try:
                make(scratch)
                handle = _take(scratch)
                if handle is not None:
                    yield scratch
            finally:
                _put_right(scratch, place)
        finally:  # an interrupt may have come between, and leaves no remains either
            _put_right(scratch, place)
            if handle is not None:
                os.close(handle)
        if handle is not None:
            return
    raise OSError(errno.EAGAIN, "others keep clearing the folder; try again")


def clear(place: Path) -> None:
    """
    Put right what killed processes left beside a target; what a living one holds stays.

    A folder that was on its way out when nothing had taken its place yet goes back there.
    """
    pattern = re.compile(re.escape(f".{place.name}.partial-") + r"\d+-[0-9a-f]{16}")
    try:
        left = [p for p in place.parent.iterdir() if pattern.fullmatch(p.name)]
    except OSError:  # no folder, or none that may be listed: nothing can be done here
        return
    for scratch in left:
        with suppress(OSError):
            handle = _take(scratch, unlocked=False)
            if handle is not None:
                try:
                    _put_right(scratch, place)
                finally:
                    os.close(handle)


def _take(scratch: Path, *, unlocked: bool = True) -> int | None:
    """
    Lock a folder or file; None where another holds it or has cleared it away.

    `unlocked`: go on without a lock on disks and systems that know none; whoever clears must not.
    """
    if sys.platform == "win32":
        return os.open(os.devnull, os.O_RDONLY) if unlocked else None
    try:
        handle = os.open(scratch, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(handle), os.lstat(scratch)):
            return handle
    except (BlockingIOError, FileNotFoundError):
        pass
    except OSError as err:
        if unlocked and err.errno in _LOCKLESS:
            return handle
    os.close(handle)
    return None


def _put_right(scratch: Path, place: Path) -> None:
    former = scratch / FORMER
    if former.is_dir() and not os.path.lexists(place):
        former.rename(place)
    if scratch.is_dir() and not scratch.is_symlink():
        shutil.rmtree(scratch, ignore_errors=True)
    else:
        with suppress(OSError):
            scratch.unlink()
