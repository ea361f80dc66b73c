"""
Engines against each other on one task, in turn in one process, and a record of it for the docs.

Processor seconds and seconds by the clock are medians over rounds. Peak memory is that of one more run
in a forked process, above what the process held before. Each engine works on inputs that are there
before, and builds its index anew.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import psutil

RECORD = Path("out/benchmarks")


@dataclass(frozen=True)
class Engine:
    """
    What does the task: `once` where a round takes so long that one must do.

    An engine with threads of its own does not live through a fork: its memory is not measured. One that
    is `elsewhere`, a server, has no processor seconds that can be seen from here.
    """

    name: str
    version: str
    run: Callable[[], Any]
    once: bool = False
    forks: bool = True
    elsewhere: bool = False


@dataclass(frozen=True)
class Timed:
    """What an engine took: seconds, and megabytes above what the process held before."""

    engine: str
    version: str
    cpu_s: float
    wall_s: float
    peak_mb: float
    note: str = ""


@dataclass(frozen=True)
class Gate:
    """How many times the peer's CPU (or wall) seconds must be ours."""

    peer: str
    own: str
    least: float
    measure: str = "cpu_s"


@dataclass
class Race:
    """Figures of one task, and what was asked of them."""

    title: str
    rows: list[Timed]
    gates: list[Gate] = field(default_factory=list)

    def ratio(self, gate: Gate) -> float:
        """Give how many times longer the peer of a gate takes."""
        taken = {row.engine: getattr(row, gate.measure) for row in self.rows}
        return float(taken[gate.peer] / taken[gate.own])

    def tell(self) -> bool:
        """Print the figures as a table; tell whether every gate holds."""
        first = self.rows[0]
        print(f"{'engine':<28} {'CPU s':>9} {'wall s':>9} {'peak MB':>8} {'ratio':>7}")
        for row in self.rows:
            print(
                f"{row.engine:<28} {row.cpu_s:9.3f} {row.wall_s:9.3f} {row.peak_mb:8.0f} "
                f"{first.cpu_s / row.cpu_s:7.2f}  {row.version} {row.note}".rstrip()
            )
        for gate in self.gates:
            ratio, unit = self.ratio(gate), "CPU" if gate.measure == "cpu_s" else "wall"
            met = "met" if ratio >= gate.least else "NOT MET"
            print(
                f"gate: {gate.own} {ratio:.1f} times {gate.peer} ({unit}), at least {gate.least:g}: {met}"
            )
        return all(self.ratio(gate) >= gate.least for gate in self.gates)

    def record(self, folder: Path) -> None:
        """Keep the figures, for the page that `tables.py` writes."""
        keep(self.title, asdict(self), folder)


def keep(title: str, figures: dict[str, Any], folder: Path) -> None:
    """Write figures as JSON, with the day and what they depend on."""
    folder.mkdir(parents=True, exist_ok=True)
    name = "".join(c if c.isalnum() else "-" for c in title.lower())
    told = figures | {"on": date.today().isoformat(), "machine": machine()}
    (folder / f"{name}.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def in_turn(
    title: str,
    engines: Sequence[Engine],
    rounds: int,
    same: Callable[[Any, Any], bool],
    gates: Sequence[Gate] = (),
) -> tuple[Race, bool]:
    """
    Run engines in turn and print figures; tell whether answers agree and gates hold.

    Parameters
    ----------
    same
        Whether two answers are the same; it prints how they differ.
    """
    print(f"\n{title}")
    answers = {engine.name: engine.run() for engine in engines}  # compiled, or loaded, too
    expected = answers[engines[0].name]
    agree = [same(expected, answers[engine.name]) for engine in engines]
    for engine, is_same in zip(engines, agree, strict=True):
        if not is_same:
            print(f"{engine.name}: ANOTHER ANSWER")
    del answers, expected
    taken: dict[str, list[tuple[float, float]]] = {engine.name: [] for engine in engines}
    for turn in range(rounds):
        for engine in engines:
            if turn and engine.once:
                continue
            cpu, wall = time.process_time(), time.perf_counter()
            engine.run()
            taken[engine.name].append((time.process_time() - cpu, time.perf_counter() - wall))
    rows = []
    for engine in engines:
        cpus, walls = zip(*taken[engine.name], strict=True)
        peak = peak_mb(engine.run) if engine.forks and not engine.elsewhere else 0.0
        note = "one round" if engine.once and rounds > 1 else ""
        cpu = float("nan") if engine.elsewhere else median(cpus)
        rows.append(Timed(engine.name, engine.version, cpu, median(walls), peak, note))
    race = Race(title, rows, list(gates))
    return race, race.tell() and all(agree)


def peak_mb(run: Callable[[], object]) -> float:
    """Give the highest resident memory of a run above what was held before, in a forked process."""
    fork = multiprocessing.get_context("fork")
    end, other = fork.Pipe(duplex=False)

    def work() -> None:
        before = psutil.Process().memory_info().rss
        run()
        highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        other.send((highest - before) / 2**20)

    child = fork.Process(target=work)
    child.start()
    told = float(end.recv()) if end.poll(3600) else float("nan")
    child.join()
    return told


def machine() -> dict[str, Any]:
    """Tell what figures depend on."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
    }


def processor() -> str:
    """Name the processor, where the system tells."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def options(doc: str, rounds: int) -> argparse.ArgumentParser:
    """Begin the options of a benchmark."""
    parser = argparse.ArgumentParser(description=doc.strip().split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--record", type=Path, default=RECORD, help="folder for figures")
    return parser


def finish(races: Sequence[tuple[Race, bool]], folder: Path) -> None:
    """Keep figures; stop with an error where an answer differs or a gate is missed."""
    for race, _ in races:
        race.record(folder)
    raise SystemExit(not all(holds for _, holds in races))
