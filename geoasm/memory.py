"""When cycles of unreachable objects are looked for."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
