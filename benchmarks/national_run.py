"""
Time the main job at national size, and the covers join against geopandas in the same run.

Usage: python benchmarks/national_run.py [--registrations 90000] [--folder DIR]

Makes a planted country of about 60,000 rights once (kept in DIR), runs the pipeline on it and prints
seconds and peak memory of each stage. Then joins points to polygons five times in turn with
`geoasm.link.covers` and with `geopandas.sjoin(predicate="intersects")`, building the index each time,
checks that the pairs are the same, and prints the ratio of the least CPU seconds.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import psutil
import shapely

from geoasm import api, link, pipeline
from geoasm.io.study import read_study

ROUNDS = 5
SAMPLE_EVERY_S = 0.02


class MemoryClock(pipeline.Clock):
    """A clock that also keeps the highest resident memory of each stage."""

    def __init__(self) -> None:
        super().__init__()
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
        try:
            with super().stage(name):
                yield
        finally:
            done.set()
            watcher.join()
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


def compare_joins(result: api.Analysis, crs: str) -> None:
    """Join all points to all rights in one system, with geopandas and with geoasm."""
    placed = result.registrations[result.registrations.geometry.notna()]
    points = placed.geometry.to_crs(crs)
    rights = result.concessions.geometry.to_crs(crs).to_numpy()
    x, y = points.x.to_numpy(), points.y.to_numpy()

    def peer() -> gpd.GeoDataFrame:
        left = gpd.GeoDataFrame(geometry=points.to_numpy(), crs=crs)
        right = gpd.GeoDataFrame(geometry=rights.copy(), crs=crs)
        return left.sjoin(right, predicate="intersects")

    def own() -> tuple[link.Positions, link.Positions]:
        return link.covers(rights, x, y)

    joined, (point, right) = peer(), own()
    same = set(zip(joined.index, joined["index_right"], strict=True)) == set(
        zip(point, right, strict=True)
    )
    least = least_cpu({"geopandas.sjoin": peer, "geoasm.link.covers": own})
    print(f"\ncovers join: {len(points):,} points, {len(rights):,} rights, {len(point):,} pairs")
    print(f"geopandas {gpd.__version__}, shapely {shapely.__version__}, least of {ROUNDS} rounds")
    for name, seconds in least.items():
        print(f"  {name:<20} {seconds * 1000:8.1f} ms CPU")
    ratio = least["geopandas.sjoin"] / least["geoasm.link.covers"]
    print(f"  ratio {ratio:.2f}, pairs {'identical' if same else 'DIFFERENT'}")
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
    counts = result.summary["counts"]
    print(
        f"registrations {counts['registrations_classified']:,}, rights {counts['concessions_kept']:,}"
    )
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print(f"{'stage':<12} {'seconds':>8} {'peak MB':>8}")
    for name, seconds in clock.seconds.items():
        print(f"{name:<12} {seconds:8.2f} {clock.peak_mb[name]:8.0f}")
    compare_joins(result, "EPSG:32718")


if __name__ == "__main__":
    main()
