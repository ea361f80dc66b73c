"""What a command may do with a spoilt file, and what it did: the promise, as a function."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import signal
import sqlite3
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoasm import pipeline
from geoasm.cli.main import cli
from geoasm.codes import Role
from tests.fuzz.mutations import Mutant
from tests.fuzz.seeds import ROWS, register, rights

MEMORY_BYTES = 4 << 30  # beyond what the process holds before it begins
CPU_SECONDS = 15.0
FILE_BYTES = 2 << 30
_PREFIX = "geoasm: error: "


class Enough(Exception):
    """Every input of a run is read; what a run does with rows is not asked here."""


@dataclass(frozen=True)
class Outcome:
    """How one command ended: its code, or what is wrong with it."""

    command: str
    code: int
    fault: str | None = None  # the kind of finding: traceback, lines, loss…
    told: str = ""

    @property
    def label(self) -> str:
        return self.fault or {0: "read", 1: "expectation failed", 2: "refused"}[self.code]


def limit() -> None:
    """Set what one process may use: memory and size of files."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    held = pages * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY_BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def write_base(folder: Path) -> None:
    """Write the whole files that stand beside the spoilt one in a run."""
    rights().to_file(folder / "rights.gpkg")
    register().to_csv(folder / "register.csv", index=False)


def look(mutant: Mutant, folder: Path, base: Path, *, whole: bool = False) -> list[Outcome]:
    """Show a mutant to `geoasm inspect` and to `geoasm run`, the latter up to its rows or whole."""
    path = mutant.write(folder)
    known = known_rows(mutant, path)
    looked = _run("inspect", ["inspect", "--json", str(path)], folder, None)
    ran = _run("run", _arguments(mutant.role, path, base, folder / "out"), folder, known, whole)
    return [looked, ran]


def _arguments(role: str, path: Path, base: Path, out: Path) -> list[str]:
    files = {"concessions": str(base / "rights.gpkg"), "registrations": str(base / "register.csv")}
    more = []
    if role in files:
        files[role] = str(path)
    else:
        more = ["--table" if role == "strata" else "--raster", f"{role}={path}"]
    given = [x for name, file in files.items() for x in (f"--{name}", file)]
    return ["run", "--profile", "pe", "--on", "2026-01-01", *given, *more, "--out", str(out)]


def _run(
    command: str, arguments: list[str], folder: Path, known: int | None, whole: bool = False
) -> Outcome:
    """Run a command in this process, and hold its end against what is promised."""
    told = folder / "told"
    code, fault, raw = 0, None, None
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)  # ends the process: that is a finding, too
    with _captured(told), contextlib.nullcontext() if whole else _read_only():
        try:
            cli(args=arguments, prog_name="geoasm")
        except SystemExit as err:
            code = int(err.code or 0)
        except Enough as err:
            (raw,) = err.args
        except BaseException:  # noqa: BLE001 -- whatever comes out is the finding
            fault = f"traceback\n{traceback.format_exc()}"
    signal.setitimer(signal.ITIMER_PROF, 0)
    lines = told.read_text(encoding="utf-8", errors="replace").splitlines()
    errors = [line for line in lines if line.startswith(_PREFIX)]
    text = fault or "\n".join(errors)
    if fault:
        return Outcome(command, code, "traceback", text)
    if code not in (0, 1, 2):
        return Outcome(command, code, "code", f"exit {code}")
    many = command == "inspect" and len(errors) > 1  # one a layer
    if (len(errors) != (code == 2) and not many) or any("Traceback" in line for line in lines):
        return Outcome(command, code, "lines", "\n".join(lines))
    if any(len(line) > 2000 or not line.isprintable() for line in errors):
        return Outcome(command, code, "lines", text[:3000])
    loss = _loss(raw, arguments, known) if raw is not None else _imbalance(folder, code, whole)
    return Outcome(command, code, "loss", loss) if loss else Outcome(command, code, None, text)


def _loss(raw: Any, arguments: list[str], known: int | None) -> str | None:
    """Say which rows of a layer as read are neither there nor set aside."""
    for role, layer in raw.items():
        good = [int(row) for row in layer.frame["source_row"]]
        bad = [] if layer.broken is None else [int(row) for row in layer.broken["source_row"]]
        if len(good) + len(bad) != layer.source.rows or len({*good, *bad}) != len(good) + len(bad):
            return f"{role}: {len(good)} good, {len(bad)} broken, {layer.source.rows} rows"
        spoilt = layer.source.name not in ("rights.gpkg", "register.csv")
        if spoilt and known is not None and layer.source.rows != known:
            return f"{role}: {layer.source.rows} rows of {known}"
    return None


def _imbalance(folder: Path, code: int, whole: bool) -> str | None:
    """Say what is wrong with a finished run: its counts, or that it left something half done."""
    out = folder / "out"
    if code == 2 or not whole:
        return "a refused run left a folder" if out.exists() else None
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    shutil.rmtree(out)
    counts = manifest["counts"]
    sums = [
        counts[f"{role}_read"] - counts[f"{role}_set_aside"] - counts[f"{role}_{end}"]
        for role, end in (("concessions", "kept"), ("registrations", "classified"))
    ]
    return None if manifest["balanced"] and not any(sums) else f"counts {counts}"


def known_rows(mutant: Mutant, path: Path) -> int | None:
    """Count the records of a spoilt file in another way than geoasm does, where that is sure."""
    if mutant.role in ("activity", "elevation", "strata") or not path.is_file():
        return None
    if mutant.kind == "shapefile":
        return ROWS if mutant.how == "spoil_shape_counts" else None
    if mutant.kind == "geojson" and path.suffix == ".geojson":
        try:
            data = json.loads(path.read_bytes())
            return len(data["features"]) if data["type"] == "FeatureCollection" else None
        except (ValueError, TypeError, KeyError, RecursionError):
            return None
    if mutant.kind == "gpkg" and mutant.how == "run_sql":
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
            kinds = base.execute("SELECT type FROM sqlite_master WHERE name = 'm_2020'").fetchall()
            if kinds == [("table",)]:
                return int(base.execute("SELECT count(*) FROM m_2020").fetchone()[0])
    return None


@contextlib.contextmanager
def _read_only() -> Iterator[None]:
    def stop(raw: dict[Role, Any], *_: Any, rasters: Any = None, **__: Any) -> None:
        for grids in (rasters or {}).values():
            for grid in grids:
                rows, columns = grid.shape
                grid.read((0, 0, min(rows, 64), min(columns, 64)))
                grid.read(
                    (max(rows - 64, 0), max(columns - 64, 0), min(rows, 64), min(columns, 64))
                )
        raise Enough(raw)

    went = pipeline.run
    pipeline.run = stop  # type: ignore[assignment]
    try:
        yield
    finally:
        pipeline.run = went


@contextlib.contextmanager
def _captured(path: Path) -> Iterator[None]:
    """Send what the process and its libraries say into a file, and nothing to the terminal."""
    kept = os.dup(1), os.dup(2)
    with path.open("wb") as file, Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            for number, was in zip((1, 2), kept, strict=True):
                os.dup2(was, number)
                os.close(was)
