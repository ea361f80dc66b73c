"""
Time the main job at national size, and the covers join against geopandas in the same run.

Usage: python benchmarks/national_run.py [--registrations 90000] [--folder DIR]

Makes a planted country of about 60,000 rights once (kept in DIR), runs the pipeline on it and prints
processor seconds, seconds and peak memory of each stage, and the share of candidates. Then joins the points to all rights in one
system, and to the rights of each zone in theirs, five times in turn with `geoasm.link.covers` and with
`geopandas.sjoin(predicate="intersects")`, building the index each time, checks that the pairs are the
same, and prints the ratio of the least processor seconds.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import psutil
import shapely
from race import processor

from geoasm import api, link
from geoasm.clock import Clock
from geoasm.io.study import read_study

ROUNDS = 5
SAMPLE_EVERY_S = 0.02
MILLIMETRE = 0.001  # corners are whole metres in the rights' own zone


class MemoryClock(Clock):
    """A clock that also keeps processor time and the highest resident memory of each stage."""

    def __init__(self) -> None:
        super().__init__()
        self.cpu: dict[str, float] = {}
        self.peak_mb: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        process, done = psutil.Process(), threading.Event()
        highest = [process.memory_info().rss]

        def watch() -> None:
            while not done.wait(SAMPLE_EVERY_S):
                highest[0] = max(highest[0], process.memory_info().rss)

        watcher = threading.Thread(target=watch)
        watcher.start()
        start = time.process_time()
        try:
            with super().stage(name):
                yield
        finally:
            done.set()
            watcher.join()
            self.cpu[name] = self.cpu.get(name, 0.0) + time.process_time() - start
            self.peak_mb[name] = max(self.peak_mb.get(name, 0.0), highest[0] / 2**20)


def simulate(folder: Path, registrations: int) -> Path:
    """Make the planted country, once."""
    study = folder / "study.toml"
    if not study.exists():
        command = [sys.executable, "-m", "geoasm", "simulate", "--profile", "pe"]
        command += ["--scale", "national", "--seed", "1", "--out", str(folder)]
        subprocess.run([*command, "--registrations", str(registrations)], check=True)
    return study


def least_cpu(functions: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Run the functions in turn and give the least CPU seconds of each."""
    least = dict.fromkeys(functions, np.inf)
    for _ in range(ROUNDS):
        for name, function in functions.items():
            start = time.process_time()
            function()
            least[name] = min(least[name], time.process_time() - start)
    return least


def report_machine() -> None:
    """Print what figures depend on."""
    versions = (f"{m.__name__} {m.__version__}" for m in (np, pd, gpd, shapely))
    print(f"{date.today()}, {processor()}, {os.cpu_count()} cores")
    print(f"load average {os.getloadavg()[0]:.1f}, Python {platform.python_version()}")
    print(f"{', '.join(versions)}, GEOS {shapely.geos_version_string}")


def compare_joins(result: api.Analysis, name: str, rights: gpd.GeoSeries) -> None:
    """Join every point to rights in their system, with geopandas and with geoasm."""
    crs, rights = rights.crs, shapely.set_precision(rights.to_numpy(), MILLIMETRE)
    placed = result.registrations.geometry[result.registrations.geometry.notna()].to_crs(crs)
    x, y = placed.x.to_numpy(), placed.y.to_numpy()

    def peer() -> gpd.GeoDataFrame:
        left = gpd.GeoDataFrame(geometry=shapely.points(x, y), crs=crs)
        right = gpd.GeoDataFrame(geometry=rights.copy(), crs=crs)
        return left.sjoin(right, predicate="intersects")

    def own() -> tuple[link.Positions, link.Positions]:
        return link.covers(rights, x, y)

    joined, (point, right) = peer(), own()
    same = set(zip(joined.index, joined["index_right"], strict=True)) == set(
        zip(point, right, strict=True)
    )
    least = least_cpu({"geopandas.sjoin": peer, "geoasm.link.covers": own})
    theirs, ours = least.values()
    print(
        f"{name:<16} {len(x):>8,} {len(rights):>8,} {len(point):>8,} {theirs * 1000:>10.1f} "
        f"{ours * 1000:>8.1f} {theirs / ours:>6.2f}  {'identical' if same else 'DIFFERENT'}"
    )
    if not same:
        raise SystemExit(1)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--registrations", type=int, default=90_000)
    parser.add_argument("--folder", type=Path, default=Path("out/national"))
    asked = parser.parse_args()
    study = simulate(asked.folder, asked.registrations)
    clock = MemoryClock()
    result = api.run_study(read_study(study), clock=clock)
    with clock.stage("save"):
        result.save(asked.folder.parent / "national-run", overwrite=True)
    report_machine()
    counts = result.summary["counts"]
    read, kept = counts["registrations_classified"], counts["concessions_kept"]
    print(f"\nregistrations {read:,}, rights {kept:,}: files to run folder")
    print(f"{'stage':<12} {'CPU s':>8} {'wall s':>8} {'peak MB':>8}")
    for name, seconds in clock.seconds.items():
        print(f"{name:<12} {clock.cpu[name]:8.2f} {seconds:8.2f} {clock.peak_mb[name]:8.0f}")
    cpu, wall = sum(clock.cpu.values()), sum(clock.seconds.values())
    print(f"{'all':<12} {cpu:8.2f} {wall:8.2f} {max(clock.peak_mb.values()):8.0f}")
    print(f"candidates and clusters: {clock.cpu['candidates'] / cpu:.1%} of the CPU time")
    print(f"\ncovers join: least CPU of {ROUNDS} rounds in turn, index built each time")
    print(
        f"{'rights of':<16} {'points':>8} {'rights':>8} {'pairs':>8} {'sjoin ms':>10} "
        f"{'geoasm':>8} {'ratio':>6}  pairs"
    )
    shapes, system = result.concessions.geometry, result.concessions["crs_used"]
    compare_joins(result, "all, in zone 18", shapes.to_crs("EPSG:32718"))
    for crs in sorted(system.unique()):
        compare_joins(result, crs, shapes[system == crs].to_crs(crs))


if __name__ == "__main__":
    main()
