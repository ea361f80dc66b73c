"""When memory is given back, and when cycles of unreachable objects are looked for."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa


@contextmanager
def collected_later() -> Iterator[None]:
    """
    Look for cycles of unreachable objects only when what is inside is done.

    A run makes hundreds of thousands of shapes that stay, and hardly a cycle; looking through all of
    them again and again took an eighth of its time.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


# Numbers of the GNU library's settings: malloc.h.
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
LARGE_BYTES = 2**23


def hold_little() -> None:
    """
    Have this process give memory back as soon as it is freed, for programs that own their process.

    Arrow's own allocator keeps what it freed for later, a tenth of a national run; the GNU library learns
    from large arrays to do the same.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    change = _of_c("mallopt")
    if change is not None:
        for setting in (TRIM_THRESHOLD, MMAP_THRESHOLD):
            change(setting, LARGE_BYTES)


def give_back() -> None:
    """
    Give memory that nothing holds any more back to the system.

    What a stage took and let go stays with the allocators otherwise, in pieces that the next stage
    finds too small.
    """
    pa.default_memory_pool().release_unused()
    trim = _of_c("malloc_trim")
    if trim is not None:
        trim(0)


def _of_c(name: str) -> Any:
    """Find a function of the C library; these are the GNU library's alone."""
    return None if sys.platform == "win32" else getattr(ctypes.CDLL(None), name, None)
