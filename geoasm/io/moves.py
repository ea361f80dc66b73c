"""Renames that a plain rename cannot do: two folders change places, and nothing is ever replaced."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

_HERE = -100  # AT_FDCWD: paths count from where the process stands
_NOREPLACE, _EXCHANGE = 1, 2
# Old kernels, other C libraries and disks that know only the plain rename.
_UNKNOWN = (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP)


def exchange(one: Path, other: Path) -> bool:
    """
    Let two folders change places in a single step.

    Returns
    -------
    done
        False where the system or the disk cannot; nothing has moved then.
    """
    return _renameat2(one, other, _EXCHANGE)


def move_new(source: Path, target: Path) -> None:
    """
    Move a file or folder to where nothing is.

    Raises
    ------
    FileExistsError
        Something is there; it stays.
    """
    if _renameat2(source, target, _NOREPLACE):
        return
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    source.rename(target)


@cache
def _system_call() -> Any:
    """Find the C library's own, None where it has none."""
    if sys.platform == "win32":
        return None
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is not None:
        call.argtypes = (ctypes.c_int, ctypes.c_char_p) * 2 + (ctypes.c_uint,)
    return call


def _renameat2(source: Path, target: Path, flag: int) -> bool:
    call = _system_call()
    if call is None:
        return False
    sys.audit("os.rename", str(source), str(target), -1, -1)  # as Python tells of its own
    if call(_HERE, os.fsencode(source), _HERE, os.fsencode(target), flag) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNKNOWN:
        return False
    raise OSError(number, os.strerror(number), str(source), None, str(target))
