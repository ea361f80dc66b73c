"""What a system refuses, in words that say what to do: disk, rights, memory."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path

if sys.platform != "win32":
    import resource

NO_SPACE = "no space left on the disk; make room, then give the same command again"
NO_MEMORY = (
    "not enough memory; close other programs, raise the limit (ulimit -v), take a smaller part of the "
    "files (a district, a layer), or run on a machine with more"
)
TOO_DEEP = "an input is nested too deeply to be read; flatten it (lists in lists, parts in parts)"

_TOLD = {
    errno.ENOSPC: NO_SPACE,
    errno.EDQUOT: "the quota of this disk is used up; make room, then give the same command again",
    errno.EFBIG: "a file would be larger than this disk or the limit (ulimit -f) allows",
    errno.EROFS: "the disk is read-only; choose another --out",
    errno.EACCES: "permission denied; choose another --out, or ask for the right to write there",
    errno.EPERM: "permission denied; choose another --out, or ask for the right to write there",
    errno.EBUSY: "it is a mount point or in use; name a folder inside it",
    errno.ENOMEM: NO_MEMORY,
    errno.EMFILE: "too many files are open; raise the limit (ulimit -n)",
    errno.ENFILE: "too many files are open on this machine; close other programs",
}
# GDAL and SQLite have texts where others have numbers, whose texts are in the language of the system.
_FULL = ("is full", "no space left")
_FAILING = "disk i/o error"  # SQLite's word for a file that may grow no further, too
_NO_ROOM = 1_000_000  # bytes
_STARVED = ("out of memory", "cannot allocate memory", "bad_alloc", "failed to map segment")
_THREADLESS = "can't start new thread"


def describe_refusal(error: BaseException, folder: Path | None = None) -> str:
    """
    Say in one line why a file could not be written or read, and what to do.

    Parameters
    ----------
    folder
        Where it was being written, for libraries whose texts do not tell a full disk.
    """
    number = getattr(error, "errno", None)
    if isinstance(error, OSError) and number in _TOLD:
        return _TOLD[number]
    if is_memory(error):
        return NO_MEMORY
    text = str(getattr(error, "strerror", None) or error)
    if any(sign in text.lower() for sign in _FULL) or (folder and _is_full(folder)):
        return NO_SPACE
    if _FAILING in text.lower():
        return (
            "the disk fails, or takes no larger file (disk I/O error); look at it, and at ulimit -f"
        )
    told = " ".join(text.split()) or type(error).__name__
    return told + (_limit_of_files() if folder else "")


def _limit_of_files() -> str:
    """Name a limit that may be the cause: libraries tell what broke after a write, and not why."""
    if sys.platform == "win32":
        return ""
    largest, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    if largest == resource.RLIM_INFINITY:
        return ""
    return f" (a file may have {largest:,} bytes here: see ulimit -f)"


def _is_full(folder: Path) -> bool:
    try:
        disk = os.statvfs(folder)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < _NO_ROOM


def is_memory(error: BaseException) -> bool:
    """Tell whether an error, or one that it was raised from, means that memory ran out."""
    return any(_starved(one) for one in _chain(error))


def _starved(error: BaseException) -> bool:
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    text = str(error).lower()
    found = any(sign in text for sign in _STARVED) or _THREADLESS in text
    return found and isinstance(error, ImportError | RuntimeError | OSError | ValueError)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give an error and those that it was raised from."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__
