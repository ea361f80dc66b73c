"""
Time the certainty of a register against geopandas.sjoin on the same samples, drawn for every row.

Usage: python benchmarks/certainty.py [--registrations 90000] [--folder DIR] [--share 0.05]

Makes a planted country once (kept in DIR) and runs the pipeline on it. Then takes the least processor
seconds of several rounds of `geoasm.confidence.measure` as a whole (rights read anew, samples, law,
former datum, neighbouring zone). The peer draws every sample of a share of the registrations, spread evenly, and joins
them to the same rights with `geopandas.sjoin`; its seconds less those of an empty join, in which
only the index is built, are scaled up to all registrations.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from race import Gate, Race, Timed, finish, options

import geoasm
from geoasm import api, confidence, pipeline
from geoasm.io.study import read_study
from geoasm.position_error import N_SAMPLES, Spread, stencil

ROUNDS = 3
LEAST = 10.0  # times our seconds
SYSTEM = "EPSG:32718"


def simulate(folder: Path, registrations: int) -> Path:
    """Make the planted country, once."""
    study = folder / "study.toml"
    if not study.exists():
        command = [sys.executable, "-m", "geoasm", "simulate", "--profile", "pe"]
        command += ["--scale", "national", "--seed", "1", "--out", str(folder)]
        subprocess.run([*command, "--registrations", str(registrations)], check=True)
    return study


def least(function: Callable[[], object]) -> tuple[float, float]:
    """Give the least processor seconds, and seconds, of several calls."""
    taken = []
    for _ in range(ROUNDS):
        cpu, wall = time.process_time(), time.perf_counter()
        function()
        taken.append((time.process_time() - cpu, time.perf_counter() - wall))
    return min(taken)


def recorded(study: Path) -> tuple[api.Analysis, tuple[Any, ...]]:
    """Run the pipeline and keep what it asked `confidence.measure`."""
    asked: list[tuple[Any, ...]] = []
    measure = confidence.measure

    def listen(*given: Any) -> confidence.Certainty:
        asked.append(given)
        return measure(*given)

    pipeline.confidence.measure = listen  # type: ignore[attr-defined]
    try:
        result = api.run_study(read_study(study))
    finally:
        pipeline.confidence.measure = measure  # type: ignore[attr-defined]
    return result, asked[0]


def peer_seconds(asked: tuple[Any, ...], share: float) -> tuple[float, float, int]:
    """Join the samples of a share of the registrations, and scale up to all."""
    registrations, _, _, sigma_m, world = asked[:5]
    located = np.flatnonzero(np.isfinite(sigma_m))
    some = located[:: max(int(1 / share), 1)]
    shapes = registrations.geometry.to_numpy()
    spread = Spread(shapely.get_x(shapes), shapely.get_y(shapes), sigma_m, world.plan)
    at = spread.in_system(SYSTEM)[some]
    east, north = stencil()
    x = at[:, 0, None] + at[:, 2, None] * east + at[:, 4, None] * north
    y = at[:, 1, None] + at[:, 3, None] * east + at[:, 5, None] * north
    rights = (
        gpd.GeoSeries(world.concessions.geometry.to_numpy(), crs=4326).to_crs(SYSTEM).to_numpy()
    )

    left = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x.ravel(), y.ravel()), crs=SYSTEM)

    def join(points: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        right = gpd.GeoDataFrame(geometry=rights.copy(), crs=SYSTEM)
        return points.sjoin(right, predicate="intersects")

    index, whole = np.array(least(lambda: join(left.iloc[:1]))), np.array(least(lambda: join(left)))
    cpu, wall = index + (whole - index) * len(located) / len(some)
    return float(cpu), float(wall), len(some)


def main() -> None:
    """Run the benchmark."""
    parser = options(str(__doc__), ROUNDS)
    parser.add_argument("--registrations", type=int, default=90_000)
    parser.add_argument("--folder", type=Path, default=Path("out/national"))
    parser.add_argument("--share", type=float, default=0.05)
    given = parser.parse_args()
    _, asked = recorded(simulate(given.folder, given.registrations))
    own, own_s = least(lambda: confidence.measure(*asked[:4], replace(asked[4]), *asked[5:]))
    peer, peer_s, joined = peer_seconds(asked, given.share)
    located = int(np.isfinite(asked[3]).sum())
    print(
        f"{located:,} located registrations, {len(asked[4].concessions):,} rights, {N_SAMPLES} samples each"
    )
    note = f"scaled up from {joined:,} registrations"
    rows = [
        Timed("geopandas.sjoin", f"geopandas {gpd.__version__}", peer, peer_s, 0.0, note),
        Timed("geoasm certainty", f"geoasm {geoasm.__version__}", own, own_s, 0.0),
    ]
    gate = Gate("geopandas.sjoin", "geoasm certainty", LEAST)
    race = Race(f"Certainty of {located:,} registrations", rows, [gate])
    finish([(race, race.tell())], given.record)


if __name__ == "__main__":
    main()
