"""A stage at work, and boxes in which a command writes its target: what a fault left there, and what that breaks."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any

from tests.faults.stage import Ending, Order, decoded

ROOT = Path(__file__).parents[2]
FORMER = "of-the-former.txt"
# A record says how long the work took, and what was read from where.
VARIES = ("manifest.json", "scenario.json")
SAYS = {
    "full": (2, "no space left"),
    "starve": (2, "not enough memory"),
    "interrupt": (130, "interrupted"),
    "end": (-signal.SIGTERM, ""),
}
ENDED_AT_ONCE = (-signal.SIGKILL, -signal.SIGTERM)  # nobody could tidy up
_TIMED = ("gpkg_contents", "geoasm_provenance", "gpkg_ogr_contents")
Contents = dict[str, str]
Disk = Callable[[str], Path]  # options of a mount to where it lies


class Stage:
    """A process of `tests.faults.stage`, for as long as it is asked."""

    def __init__(self, orders: IO[str], answers: IO[str], run: Path) -> None:
        self._orders, self._answers, self.run = orders, answers, run

    def order(self, order: Order) -> Ending:
        self._orders.write(json.dumps(asdict(order)) + "\n")
        self._orders.flush()
        return decoded(self._answers.readline())


@contextmanager
def staged(study: Path) -> Iterator[Stage]:
    command = [sys.executable, "-m", "tests.faults.stage", str(study)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        try:
            yield Stage(process.stdin, process.stdout, folder / "run")
        finally:
            process.stdin.close()
            shutil.rmtree(folder)


def contents(place: Path) -> Contents:
    """What a file or folder holds: each path inside, and a digest of its bytes."""
    if place.is_file():
        return {"": _rows(place) if place.suffix == ".gpkg" else _digest(place.read_bytes())}
    return {
        str(p.relative_to(place)): _digest(p.read_bytes())
        for p in sorted(place.rglob("*"))
        if p.is_file() and ".partial-" not in p.name  # remains are looked for apart
    }


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _rows(package: Path) -> str:
    """Digest the rows of a GeoPackage, without those that tell when it was written."""
    try:
        with closing(sqlite3.connect(f"file:{package}?mode=ro", uri=True)) as db:
            told = [line for line in db.iterdump() if not any(t in line for t in _TIMED)]
    except sqlite3.Error:
        return _digest(package.read_bytes())
    return _digest("\n".join(told).encode())


def alike(one: Contents, other: Contents) -> bool:
    """Tell whether two outputs are the same, their records of time apart."""
    settled = [{k: "" if Path(k).name in VARIES else v for k, v in c.items()} for c in (one, other)]
    return settled[0] == settled[1]


@dataclass
class Box:
    """A folder in which a command writes its target, again and again."""

    stage: Stage
    folder: Path
    command: Sequence[str]
    former: bool = True
    inside: str = ""  # the file that is written, where the target is a run that stays
    name: str = "target"

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.target = self.folder / self.name
        self.new = self._first()
        self.old: Contents = {}

    def _first(self) -> Contents:
        """Write undisturbed, and keep a copy to be the former output."""
        if self.inside:
            shutil.copytree(self.stage.run, self.target)
        done = self.stage.order(self.plain())
        assert done.code == 0, done.said
        keep = self.folder.with_name(f"{self.folder.name}-former{self.target.suffix}")
        shutil.move(self.target, keep)  # the box may be a disk of its own
        self._former = keep
        new = contents(keep)
        if self.inside:
            (keep / self.inside).write_text("former")
        elif keep.is_dir():
            (keep / FORMER).write_text("former")
        else:
            keep.write_text("former")
        return new

    def plain(self) -> Order:
        """Give the command without a fault."""
        out = [] if self.inside else ["--out", str(self.target)]
        command = [str(self.target) if a == "TARGET" else a for a in self.command]
        return Order([*command, *out, "--overwrite"], str(self.folder))

    def lay(self) -> None:
        """Put the former output in place, or nothing."""
        for left in self.folder.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        if not self.former:
            self.old = {}
        elif self._former.is_dir():
            shutil.copytree(self._former, self.target)
        else:
            shutil.copyfile(self._former, self.target)
        self.old = contents(self.target) if self.former else {}

    def try_out(self, **fault: Any) -> list[str]:
        """Let a fault strike; list what it broke of what is promised."""
        self.lay()
        ending = self.stage.order(replace(self.plain(), **fault))
        broken = [*self._told(ending, fault.get("blow")), *self._left(ending)]
        if ending.code in ENDED_AT_ONCE:
            again = self.stage.order(self.plain())
            broken += [f"next: {b}" for b in (*self._told(again, None), *self._left(again))]
        return [f"{fault}: {b}; {ending.said!r}" for b in broken]

    def state(self) -> str:
        found = contents(self.target)
        if found == self.old:
            return "old"
        return "new" if alike(found, self.new) else "torn"

    def _left(self, ending: Ending) -> Iterator[str]:
        state = self.state()
        if state == "torn" or (ending.code == 0 and state != "new"):
            yield f"{state} after exit {ending.code}"
        remains = [p.name for p in self.folder.rglob(".*.partial-*")]
        if ending.code not in ENDED_AT_ONCE and remains:
            yield f"remains {remains}"

    def _told(self, ending: Ending, blow: str | None) -> Iterator[str]:
        if "Traceback" in ending.said or ending.code == 99:
            yield f"traceback, exit {ending.code}"
        code, words = SAYS.get(blow or "", (ending.code, ""))
        if ending.code == 0 and blow != "end" and blow in SAYS:
            return  # whatever it struck could do without: what was written is looked at all the same
        if ending.code != code or words not in ending.said:
            yield f"exit {ending.code} where {code} and {words!r} are due"
        if code == 2 and ending.said.count("geoasm: error:") != 1:
            yield "not one line"


def spread(count: int, most: int, seed: int) -> list[int]:
    """Choose points out of 1 to `count`: all where they are few, else as many, one of each stretch."""
    if count <= most:
        return list(range(1, count + 1))
    chance = random.Random(seed)
    return [chance.randint(i * count // most + 1, (i + 1) * count // most) for i in range(most)]
