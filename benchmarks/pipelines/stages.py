"""
What each stage of a program takes: processor seconds, seconds by the clock, highest resident memory.

Linux resets the highest memory of a process where it is asked to, so that a stage's peak is exact and
no thread need watch. `ru_maxrss` would not do: a program starts with that of the one that started it.
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

START, REST = "start", "rest"
_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def cpu_s() -> float:
    """Give the processor seconds of this process and of its children that have ended."""
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def memory_mb() -> tuple[float, float]:
    """Give the resident memory, and its highest since the last reset."""
    lines = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
    now, highest = (int(lines[key].split()[0]) / 1024 for key in ("VmRSS", "VmHWM"))
    return now, highest


class Stages:
    """Stages of this process, from its start on; what was imported before is one, too."""

    def __init__(self) -> None:
        born = time.time() - psutil.Process().create_time()
        self._began = time.perf_counter() - born
        now, highest = memory_mb()
        first = {"cpu_s": cpu_s(), "wall_s": born, "peak_mb": highest, "after_mb": now}
        self.taken: dict[str, dict[str, float]] = {START: first}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure one stage; one that is entered again is added up."""
        _RESET.write_text("5")
        cpu, wall = cpu_s(), time.perf_counter()
        yield
        now, highest = memory_mb()
        row = self.taken.setdefault(name, dict.fromkeys(self.taken[START], 0.0))
        row["cpu_s"] += cpu_s() - cpu
        row["wall_s"] += time.perf_counter() - wall
        row["peak_mb"], row["after_mb"] = max(row["peak_mb"], highest), now

    def tell(self, path: Path, **more: Any) -> None:
        """Write all stages, and what fell between them."""
        now, highest = memory_mb()
        whole = {"cpu_s": cpu_s(), "wall_s": time.perf_counter() - self._began}
        rest = {
            key: max(whole[key] - sum(row[key] for row in self.taken.values()), 0.0)
            for key in whole
        }
        stages = {**self.taken, REST: {**rest, "peak_mb": highest, "after_mb": now}}
        path.write_text(json.dumps({"stages": stages, **more}), encoding="utf-8")
