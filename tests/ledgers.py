"""
What a run does, counted: steps of Python, geometries handed to GEOS, rows that come back, bytes claimed.

Counts do not depend on how busy or fast a machine is. What C code does without claiming memory (a search
through a list, say) is not seen.
"""

from __future__ import annotations

import sys
import tracemalloc
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

import geoasm
from geoasm.clock import Clock

OWN, GEOS = (str(Path(package.__file__).parent) + "/" for package in (geoasm, shapely))
MEASURES = ("steps", "calls", "shapes", "rows", "bytes")


class Place(NamedTuple):
    """Where work is done: a function of geoasm, with all that is defined in it."""

    stage: str
    module: str
    function: str


class Tally:
    """What a function has done, in one stage."""

    __slots__ = MEASURES

    def __init__(self) -> None:
        self.steps = self.calls = self.shapes = self.rows = self.bytes = 0


class Owners(dict[str, str]):
    """Whose a file is."""

    def __missing__(self, path: str) -> str:
        paths = {"geoasm": OWN, "shapely": GEOS}
        owner = next((name for name, start in paths.items() if path.startswith(start)), "other")
        return self.setdefault(path, owner)


def rows(value: Any) -> int:
    """Elements of arrays, rows of frames; those of what a tuple holds are summed."""
    if isinstance(value, np.ndarray):
        return int(value.size)
    if isinstance(value, tuple):
        return sum(map(rows, value))
    known = isinstance(value, pd.DataFrame | pd.Series | pd.Index | list | dict | set)
    return len(value) if known else 0


def handed(arguments: Iterable[Any]) -> int:
    """How often a function is done on arguments that are spread over each other, as numpy does."""
    shapes = set()
    for given in arguments:
        several = given.values() if isinstance(given, dict) else given
        for value in several if isinstance(given, dict | tuple) else (given,):
            if isinstance(value, np.ndarray):
                shapes.add(value.shape)
            elif isinstance(value, list | pd.Series | pd.Index):
                shapes.add((len(value),))
    try:
        return int(np.prod(np.broadcast_shapes(*shapes), dtype=int))
    except ValueError:  # not spread: parts of a polygon, a tree and what is asked of it
        return sum(int(np.prod(shape)) for shape in shapes)


class Ledger(Clock):
    """
    A clock that keeps what each function of geoasm does in each stage.

    `steps`: lines of its own that it runs, each turn of a loop anew. `calls`: functions in Python that
    libraries run for it. `shapes`: geometries, or pairs of them, that it hands to shapely, itself
    or through geopandas. `rows`: of arrays and frames that libraries give it, merged, sorted or found by an
    index. `bytes`: memory that its lines claim, the highest of each, whether they keep it or not.
    """

    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[str, Counter[Place]] = {measure: Counter() for measure in MEASURES}
        self._tallies: dict[CodeType | None, Tally] = {}
        self._owners = Owners()
        self._at: list[tuple[FrameType | None, Tally]] = []
        self._held = 0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count one stage."""
        self._tallies, self._held = {}, 0
        self._at = [(None, self._tallies.setdefault(None, Tally()))]  # who opened the stage
        before = sys.gettrace()
        tracemalloc.start()
        sys.settrace(self._called)
        try:
            with super().stage(name):
                yield
        finally:
            sys.settrace(before)
            tracemalloc.stop()
            self._enter(name)

    def _enter(self, stage: str) -> None:
        for code, tally in self._tallies.items():
            module, function = "pipeline.py", "run"
            if code is not None:
                module = code.co_filename.removeprefix(OWN)
                function = code.co_qualname.partition(".<locals>")[0]
            for measure in MEASURES:
                self.counts[measure][Place(stage, module, function)] += getattr(tally, measure)

    def _claim(self) -> None:
        """Give the bytes claimed since it was last asked to the function that ran."""
        now, highest = tracemalloc.get_traced_memory()
        self._at[-1][1].bytes += max(highest - self._held, 0)
        tracemalloc.reset_peak()
        self._held = now

    def _called(self, frame: FrameType, event: str, arg: Any) -> Any:
        owner, back = self._owners[frame.f_code.co_filename], frame.f_back
        if owner == "geoasm":
            self._claim()
            self._at.append((frame, self._tallies.setdefault(frame.f_code, Tally())))
            return self._ran
        through = owner if back is None else self._owners[back.f_code.co_filename]
        tally = self._at[-1][1]
        tally.calls += 1
        if owner == "shapely" != through:
            tally.shapes += handed(frame.f_locals.values())
        if through != "geoasm":
            return None
        frame.f_trace_lines = False
        return self._gave

    def _ran(self, frame: FrameType, event: str, arg: Any) -> Any:
        self._claim()
        if event == "line":
            self._at[-1][1].steps += 1
        elif (
            event == "return" and self._at[-1][0] is frame
        ):  # not one into which an error was thrown
            self._at.pop()
        return self._ran

    def _gave(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "return":
            self._at[-1][1].rows += rows(arg)
        return self._gave
