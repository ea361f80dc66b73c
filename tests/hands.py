"""Tasks that workers of tests do, some of them to their own ruin, and workers for tests."""

from __future__ import annotations

import os
import pickle
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from geoasm.errors import InputError
from geoasm.kernels import engine, outlines
from geoasm.link import Points, link
from geoasm.workers import Workers

BUILT: list[int] = []  # one entry for each time that this process laid shapes flat


class Posted:
    """Workers in this process to which everything goes as between processes, in many parts."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.parts: list[int] = []

    def cut(self, n: int) -> int:
        return self.n

    def map(
        self, task: Callable[[Any, Any], Any], shared: Any, parts: Iterable[Any]
    ) -> Iterator[Any]:
        there = pickle.loads(pickle.dumps(shared))
        self.parts.append(0)
        for part in parts:
            self.parts[-1] += 1
            yield pickle.loads(pickle.dumps(task(there, pickle.loads(pickle.dumps(part)))))


class Mortal:
    """Workers of whom one is killed in the middle of each job."""

    def __init__(self, workers: Workers, folder: Path) -> None:
        self.workers, self.folder = workers, folder
        self.jobs = 0

    def cut(self, n: int) -> int:
        return self.workers.cut(n)

    def map(
        self, task: Callable[[Any, Any], Any], shared: Any, parts: Iterable[Any]
    ) -> Iterator[Any]:
        self.jobs += 1
        flag = self.folder / f"killed-{self.jobs}"
        numbered = list(enumerate(parts))
        yield from self.workers.map(die_in_the_third_part, (task, shared, flag), numbered)
        assert flag.exists()

    @property
    def dead(self) -> list[Path]:
        return sorted(self.folder.glob("killed-*"))


def kill_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_in_the_third_part(shared: tuple[Any, Any, Path], part: tuple[int, Any]) -> Any:
    task, own, flag = shared
    if part[0] == 2 and not flag.exists():
        flag.touch()
        kill_self()
    return task(own, part[1])


def die(shared: None, part: int) -> None:
    kill_self()


def add(shared: int, part: int) -> int:
    time.sleep(0.05 * (part % 3))  # later parts are done before earlier ones
    return shared + part


def who(shared: Any, part: Any) -> int:
    time.sleep(0.05)
    return os.getpid()


def way(shared: None, part: None) -> str:
    return engine.chosen()


def refuse(shared: None, part: str) -> None:
    raise InputError(f"{part}: no such thing")


def overrun(shared: None, part: str) -> None:
    raise TimeoutError(part)


def link_and_count(shared: Any, part: Any) -> tuple[int, int, int]:
    """Link points, and tell who did, how many pairs there are and how often shapes were laid flat."""
    if not hasattr(outlines.flatten, "counts"):
        lay_flat = outlines.flatten

        def counted(polygons: Any) -> Any:
            BUILT.append(len(polygons))
            return lay_flat(polygons)

        counted.counts = True  # type: ignore[attr-defined]
        outlines.flatten = counted  # type: ignore[assignment]
    index, plan = shared
    pairs = link(Points(part, plan), index, reach_m=100.0)
    time.sleep(0.2)  # so that no worker does everything
    return os.getpid(), len(pairs), len(BUILT)
