"""
A campaign: mutants by the thousand through `geoasm inspect` and `geoasm run`, each number the same again.

`python -m tests.fuzz.campaign --mutants 20000 --seed 1`; one of them alone: `--only 1234`.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import select
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.fuzz.mutations import Mutant, breed
from tests.fuzz.outcomes import limit, look, write_base
from tests.fuzz.seeds import seeds

WALL_SECONDS = 25.0  # of one mutant, on a machine with other work to do
BATCH = 60  # mutants of one process, which is then let go with what it holds
_LOADED = ("geoasm.cli.run", "geoasm.cli.inspect", "geoasm.api", "geoasm.cli.funnel", "openpyxl",
           "geoasm.io.rasters", "geoasm.io.results", "geoasm.render.pages")  # fmt: skip


class Seen(NamedTuple):
    """What became of one mutant: a line for every command, and the faults among them."""

    number: int
    kind: str
    how: str
    labels: tuple[str, ...]
    faults: tuple[tuple[str, str], ...]  # kind of finding, what was told


def mutant(seed: int, number: int) -> Mutant:
    """Breed a mutant by its number; formats take turns."""
    every = seeds()
    return breed(every[number % len(every)], random.Random(f"{seed}:{number}"))


def run(seed: int, numbers: Sequence[int], every_whole: int = 0) -> Iterator[Seen]:
    """
    Judge mutants in forked children of this process.

    Parameters
    ----------
    every_whole
        Every so many mutants a run goes to its end; the others stop once everything is read.
    """
    for name in _LOADED:
        importlib.import_module(name)
    seeds()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        base = Path(folder) / "base"
        base.mkdir()
        write_base(base)
        waiting = list(numbers)
        while waiting:
            waiting = yield from _batch(seed, waiting, base, every_whole)


def _batch(
    seed: int, waiting: list[int], base: Path, every_whole: int
) -> Iterator[Seen]:  # and returns what is left, a child's death included
    """Give one child its mutants; when it dies, the mutant in hand is a finding."""
    batch, rest = waiting[:BATCH], waiting[BATCH:]
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _work(seed, batch, base, every_whole, writing)
    os.close(writing)
    done, slow = 0, False
    with os.fdopen(reading, "rb") as lines:
        while not (slow := not select.select([lines], [], [], WALL_SECONDS)[0]) and (
            line := lines.readline()
        ):
            yield Seen(*json.loads(line))
            done += 1
    if slow:
        os.kill(pid, signal.SIGKILL)
    status = -os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    shutil.rmtree(base.parent / "mutant", ignore_errors=True)
    if done == len(batch):
        return rest
    number = batch[done]
    bred = mutant(seed, number)
    kind = "timeout" if slow or status == signal.SIGPROF else f"signal {status}"
    yield Seen(number, bred.kind, bred.how, (kind,), ((kind, ""),))
    return batch[done + 1 :] + rest


def _work(seed: int, numbers: Sequence[int], base: Path, every_whole: int, writing: int) -> None:
    code = 1
    try:
        os.environ["TMPDIR"] = str(base.parent)
        tempfile.tempdir = None
        limit()
        for number in numbers:
            bred = mutant(seed, number)
            folder = base.parent / "mutant"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            whole = bool(every_whole) and number % every_whole == 0
            ends = look(bred, folder, base, whole=whole)
            labels = tuple(f"{end.command}: {end.label}" for end in ends)
            faults = tuple((f"{end.command} {end.fault}", end.told) for end in ends if end.fault)
            seen = Seen(number, bred.kind, bred.how, labels, faults)
            os.write(writing, json.dumps(seen).encode() + b"\n")
        code = 0
    finally:
        os._exit(code)


def report(all_seen: Sequence[Seen], seconds: float) -> str:
    """Lay out outcomes by format, and the findings by kind."""
    lines = [f"{len(all_seen)} mutants in {seconds:.0f} s"]
    columns = sorted({label for seen in all_seen for label in seen.labels})
    for kind in dict.fromkeys(seen.kind for seen in all_seen):
        of = Counter(label for seen in all_seen if seen.kind == kind for label in seen.labels)
        told = ", ".join(f"{label} {of[label]}" for label in columns if of[label])
        lines.append(f"  {kind:<14} {sum(s.kind == kind for s in all_seen):>6}  {told}")
    found = [seen for seen in all_seen if seen.faults]
    lines.append(f"{len(found)} findings")
    return "\n".join(lines)


def main() -> None:
    """Run a campaign as told on the command line; exit 1 where it has a finding."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, nargs="*", help="numbers to judge alone")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--whole", type=int, default=150, help="every so many runs go to their end")
    parser.add_argument("--out", type=Path, default=Path("out/fuzz"))
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    asked.out.mkdir(parents=True, exist_ok=True)
    numbers = asked.only or range(asked.first, asked.first + asked.mutants)
    start, every = time.monotonic(), []
    with (asked.out / "findings.jsonl").open("a", encoding="utf-8") as kept:
        for seen in run(asked.seed, numbers, asked.whole):
            every.append(seen)
            if seen.faults:
                _keep(kept, asked.seed, seen)
            if len(every) % 1000 == 0:
                print(f"{len(every)} mutants, {time.monotonic() - start:.0f} s", flush=True)
            if time.monotonic() - start > asked.seconds:
                break
    print(report(every, time.monotonic() - start))
    sys.exit(any(seen.faults for seen in every))


def _keep(kept: Any, seed: int, seen: Seen) -> None:
    for kind, told in seen.faults:
        line = {
            "seed": seed,
            "number": seen.number,
            "kind": kind,
            "format": seen.kind,
            "how": seen.how,
        }
        kept.write(json.dumps({**line, "told": told}) + "\n")
        last = told.strip().splitlines()[-1][:200] if told.strip() else ""
        print(f"#{seen.number} {seen.kind} {seen.how}: {kind} {last}", flush=True)
    kept.flush()


if __name__ == "__main__":
    main()
