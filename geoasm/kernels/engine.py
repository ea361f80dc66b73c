"""Which way a loop runs: compiled, or through shapely."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from geoasm.errors import InputError

WAYS: Final = ("auto", "numba", "shapely")
WORTH_COMPILING: Final = 20_000  # shapes or points; below, loading the compiler costs more

_chosen: list[str] = ["auto"]


def choose(way: str) -> None:
    """
    Run loops by one way from now on: `numba`, `shapely`, or `auto`, by size.

    Raises
    ------
    InputError
        There is no such way, or it is not open here.
    """
    if way not in WAYS:
        raise InputError(f"no way {way!r} to run loops: write {', '.join(WAYS)}")
    if way == "numba" and not can_compile():
        raise InputError(
            "loops cannot be compiled here: install numba, or name a folder that can be written in "
            "NUMBA_CACHE_DIR; or write auto or shapely"
        )
    _chosen[-1] = way


@contextmanager
def use(way: str) -> Iterator[None]:
    """Run what is inside by one way, whatever its size."""
    _chosen.append("auto")
    try:
        choose(way)
        yield
    finally:
        _chosen.pop()


def chosen() -> str:
    """Give the way that holds here, so that other processes can be told."""
    return _chosen[-1]


def compiled(n: int) -> bool:
    """
    Tell whether work on `n` shapes or points goes through a compiled loop.

    `auto` compiles for large work where that is possible.
    """
    if _chosen[-1] == "auto":
        return n >= WORTH_COMPILING and can_compile()
    return _chosen[-1] == "numba"


@cache
def can_compile() -> bool:
    """Tell whether numba is there, and finds a folder in which to keep what it compiles."""
    if find_spec("numba") is None:
        return False
    try:
        import_module("geoasm.kernels.outlines")
    except RuntimeError:  # numba finds no folder that it can write
        return False
    return True
