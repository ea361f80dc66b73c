"""
Join 10 million points to a million rights, GeoParquet to a file of pairs: geoasm and others in turn.

Usage: python benchmarks/continental.py [--peers PYTHON] [--folder DIR] [--points N --rights N]

Makes two worlds once (seeded, piece by piece): 10 million points in a million rights on a continent,
9 million in 60,000 rights of a country; points come in no order, one in a hundred lies on a vertex.
Each engine runs in a process of its own, from files to a file of pairs. Pairs must be the same, or
the script fails; it fails too where a gate does not hold. `--peers` names an interpreter that has
sedonadb, duckdb with duckdb-extension-spatial, and geopandas; engines that it lacks are named.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from joins.job import ENGINES
from planted_files import World, make
from race import RECORD, Gate, Race, Timed

JOB = Path(__file__).parent / "joins" / "job.py"
WORLDS = (World(10_000_000, 1_000_000, 5000, 4000), World(9_000_000, 60_000, 1000, 400))
GATES = {"sedonadb": 5.0, "geopandas": 20.0}
MOST_MB = 1500
PER_KM2 = 0.05  # rights of a world of a stated size
Row = dict[str, Any]


def run(engine: str, python: str, points: Path, rights: Path, limit: float) -> Row:
    """Run one engine in its process; gives what it says, and what its pairs are."""
    out = points.with_name(f"pairs-{engine}.parquet")
    out.unlink(missing_ok=True)
    here = {"PYTHONPATH": str(JOB.parents[2])} if engine == "geoasm" else {}
    try:
        done = subprocess.run(
            [python, str(JOB), engine, str(points), str(rights), str(out)],
            env={**os.environ, **here},
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"stopped": limit}
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["killed"])[-1]
        return {"missing": f"failed ({done.returncode}): {last}"}
    row: Row = json.loads(done.stdout.splitlines()[-1])
    if "missing" not in row:
        row["pairs"], row["sum"] = checksum(out)
        out.unlink()
    return row


def checksum(path: Path) -> tuple[int, int]:
    """Count pairs, and sum up a hash of each: the same in whatever order they are."""
    count, total = 0, np.uint64(0)
    with pq.ParquetFile(path) as file, np.errstate(over="ignore"):
        for batch in file.iter_batches(1 << 20, columns=["point", "right"]):
            point, right = (
                column.to_numpy(zero_copy_only=False).astype(np.uint64) for column in batch
            )
            mixed = (point << np.uint64(24) ^ right) * np.uint64(0x9E3779B97F4A7C15)
            mixed = (mixed ^ mixed >> np.uint64(29)) * np.uint64(0xBF58476D1CE4E5B9)
            total += (mixed ^ mixed >> np.uint64(32)).sum(dtype=np.uint64)
            count += len(batch)
    return count, int(total)


def measure(world: World, asked: argparse.Namespace, folder: Path, gated: bool) -> bool:
    """Run all engines on a world, print them, and tell whether pairs and gates hold."""
    points, rights = make(world, folder)
    print(f"\n{world.points:,} points in {world.rights:,} rights")
    print(
        f"{'engine':<18}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}{'x wall':>8}{'x CPU':>8}  load  pairs"
    )
    own, holds, rows = {}, True, []
    for engine in asked.engines:
        row = run(
            engine,
            sys.executable if engine == "geoasm" else asked.peers,
            points,
            rights,
            asked.limit,
        )
        own = own or (row if engine == "geoasm" else {})
        print(shown(engine, row, own), flush=True)
        if "sum" in row:
            name = f"{engine} {row['version']}"
            rows.append(Timed(engine, name, row["cpu"], row["wall"], row["peak"]))
        if "sum" in row and own:
            holds &= (row["pairs"], row["sum"]) == (own["pairs"], own["sum"])
        if gated and own and engine in GATES and "missing" not in row:
            ratio = row.get("wall", row.get("stopped")) / own["wall"]
            met = ratio >= GATES[engine]
            told = "met" if met else "NOT MET" if "wall" in row else "not known"
            print(f"  gate: {ratio:.1f} times, at least {GATES[engine]:g}: {told}")
            holds &= met
    if gated and own:
        met = own["peak"] <= MOST_MB
        print(f"  gate: {own['peak']:.0f} MB, at most {MOST_MB}: {'met' if met else 'NOT MET'}")
        holds &= met
    if own:
        there = {row.engine for row in rows}
        gates = [Gate(e, "geoasm", n, "wall_s") for e, n in GATES.items() if gated and e in there]
        title = f"{world.points:,} points in {world.rights:,} rights, file to file"
        Race(title, rows, gates).record(asked.record)
    return holds


def shown(engine: str, row: Row, own: Row) -> str:
    """Lay one engine's row out."""
    if "missing" in row:
        return f"{engine:<18}left out: {row['missing']}"
    if "stopped" in row:
        return f"{engine:<18}stopped after {row['stopped']:g} s"
    ratios = [row[key] / own[key] if own else float("nan") for key in ("wall", "cpu")]
    same = "" if not own or row is own else (
        " identical" if (row["pairs"], row["sum"]) == (own["pairs"], own["sum"]) else " DIFFERENT"
    )  # fmt: skip
    return (
        f"{engine + ' ' + row['version']:<18}{row['wall']:>9.1f}{row['cpu']:>9.1f}{row['peak']:>9.0f}"
        f"{ratios[0]:>8.2f}{ratios[1]:>8.2f}  {os.getloadavg()[0]:>4.1f}  {row['pairs']:,}{same}"
    )


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--points", type=int, help="with --rights: a world of another size")
    parser.add_argument("--rights", type=int)
    parser.add_argument("--folder", type=Path, help="keeps the data; else they are made anew")
    parser.add_argument("--peers", default=sys.executable, help="interpreter that has the peers")
    parser.add_argument("--engines", nargs="+", choices=list(ENGINES), default=list(ENGINES))
    parser.add_argument("--limit", type=float, default=3600.0, help="seconds for one engine")
    parser.add_argument("--record", type=Path, default=RECORD, help="folder for figures")
    asked = parser.parse_args(arguments)
    worlds = WORLDS
    if asked.points and asked.rights:
        side = max(200, int((asked.rights / PER_KM2) ** 0.5))
        worlds = (World(asked.points, asked.rights, side, max(1, asked.rights // 200)),)
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.folder or Path(scratch)
        # The first run on a machine compiles the loops, which is no part of the job.
        warm = make(World(2_000, 30_000, 1000, 100), Path(scratch))
        run("geoasm", sys.executable, *warm, asked.limit)
        holds = [measure(world, asked, folder, worlds is WORLDS) for world in worlds]
    raise SystemExit(not all(holds))


if __name__ == "__main__":
    main()
