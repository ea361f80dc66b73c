"""Which way a loop runs: compiled, or through shapely."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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
        There is no such way.
    """
    if way not in WAYS:
        raise InputError(f"no way {way!r} to run loops: write {', '.join(WAYS)}")
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

    `auto` compiles for large work where numba is installed.
    """
    if _chosen[-1] == "auto":
        return n >= WORTH_COMPILING and find_spec("numba") is not None
    return _chosen[-1] == "numba"
