"""One blow at the n-th point of a command: the process dies, a disk is full, memory ends, someone interrupts."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

PACKAGE = Path(__file__).parents[2] / "geoasm"
OUTER = (str(PACKAGE / "io"), str(PACKAGE / "cli"))
# Where folders and files take their place: every line of these is struck.
MOVING = tuple(str(PACKAGE / "io" / f"{name}.py") for name in ("atomic", "moves", "remains"))

MAKES = {"open", "os.mkdir", "os.rename", "sqlite3.connect", "os.chmod"}
CLEARS = {"os.remove", "os.rmdir", "shutil.rmtree", "os.listdir", "os.scandir"}


def full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def starve() -> None:
    raise MemoryError


def interrupt() -> None:
    raise KeyboardInterrupt


def end() -> None:
    signal.raise_signal(signal.SIGTERM)


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


BLOWS: dict[str, Callable[[], None]] = {
    blow.__name__: blow for blow in (full, starve, interrupt, end, kill)
}


def vanish(victim: Path) -> None:
    victim.unlink()


def shrink(victim: Path) -> None:
    os.truncate(victim, victim.stat().st_size // 2)


def swap(victim: Path) -> None:
    """Put another file of the same size in the place."""
    other = victim.with_name("other")
    other.write_bytes(victim.read_bytes()[::-1])
    other.replace(victim)


SPOILS: dict[str, Callable[[Path], None]] = {
    spoil.__name__: spoil for spoil in (vanish, shrink, swap)
}


class Counter:
    """Counts points, and strikes at one of them; once, as most faults do. A victim is an input."""

    def __init__(self, at: int, blow: str | None, victim: str = "") -> None:
        self.count, self._at, self._blow = 0, at, BLOWS.get(blow or "")
        if victim and blow:
            self._blow = partial(SPOILS[blow], Path(victim))

    def pass_one(self) -> None:
        self.count += 1
        if self.count == self._at and self._blow is not None:
            self._blow()


def at_files(counter: Counter, around: str, *, clearing: bool) -> None:
    """Count what Python does to files in a folder; what clears counts where asked."""
    names = MAKES | CLEARS if clearing else MAKES

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in names or (event == "open" and not _writes(arguments)):
            return
        if any(isinstance(a, str | os.PathLike) and around in os.fspath(a) for a in arguments):
            counter.pass_one()

    sys.addaudithook(hook)


def _writes(arguments: tuple[Any, ...]) -> bool:
    flags = arguments[2] if len(arguments) > 2 else 0
    return bool(flags & (os.O_WRONLY | os.O_RDWR))


def at_lines(counter: Counter, traced: tuple[str, ...] = OUTER) -> None:
    """Count the lines of geoasm's own outer modules as they run."""

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(traced):
            return None
        if event == "line":
            counter.pass_one()
        return trace

    sys.settrace(trace)
