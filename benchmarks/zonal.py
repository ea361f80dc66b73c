"""
Time sums of rasters over polygons against exactextract and rasterstats, and show what memory depends on.

Usage: python benchmarks/zonal.py [--polygons 60000] [--sample 3000] [--folder DIR]

Makes rasters of 10,000 by 10,000 pixels of 100 m and of 10 m (kept in DIR) and polygons such as a cadastre
has: two thirds rectangles of whole kilometres, a tenth of these turned by a degree as those of another
zone are, one third irregular. Each engine opens the file and sums disturbed and valid pixels, pixels
on an edge by their part inside, in a process of its own; rasterstats takes pixels by their middle, on a
sample whose figures are scaled up. Stops with an error where answers differ, and where geoasm is not 5 times
exactextract. Then sums over a sparse raster of 40,000 by 40,000 pixels, and with other windows: memory
follows the window alone.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import threading
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import exactextract
import geopandas as gpd
import numpy as np
import psutil
import rasterio
import rasterstats
import shapely
from race import Gate, Race, Timed, finish, options
from rasterio.transform import from_origin
from rasterio.windows import Window as RasterioWindow

from geoasm import zonal
from geoasm.codes import Role
from geoasm.io.paths import RasterFile
from geoasm.io.profiles import load_profile
from geoasm.io.rasters import open_rasters

SYSTEM = "EPSG:32718"
WEST, NORTH = 0.0, 9_500_000.0
SIDE, LARGE_SIDE, BLOCK = 10_000, 40_000, 512
PIXELS_M = (100, 10)
NODATA = 255
SAMPLE_EVERY_S = 0.005
LEAST, MANY = 5.0, 60_000  # times exactextract, from so many polygons on
SAME_PIXELS, SAME_SHARE = 0.01, 0.01  # of exactextract for each polygon; of rasterstats in all


def make_raster(path: Path, side: int, pixel_m: float, patches: int) -> None:
    """Write patches of disturbed ground, some ground of no data, and blocks with neither left out."""
    if path.exists():
        return
    rng = np.random.default_rng(1)
    profile = {
        "driver": "GTiff", "width": side, "height": side, "count": 1, "dtype": "uint8", "crs": SYSTEM,
        "transform": from_origin(WEST, NORTH, pixel_m, pixel_m), "nodata": NODATA, "tiled": True,
        "blockxsize": BLOCK, "blockysize": BLOCK, "compress": "deflate", "SPARSE_OK": True,
    }  # fmt: skip
    full = patches * 60 > side  # every block has something, but for the sparse raster
    with rasterio.open(path, "w", **profile) as file:
        if full:
            values = np.zeros((side, side), dtype=np.uint8)
            for value, n in ((1, patches), (NODATA, patches // 20)):
                for row, column, height, width in rng.integers(0, [side, side, 60, 60], (n, 4)):
                    values[row : row + height, column : column + width] = value
            file.write(values, 1)
            return
        for row, column in rng.integers(0, side // BLOCK, (patches, 2)) * BLOCK:
            block = (rng.random((BLOCK, BLOCK)) < 0.3).astype(np.uint8)
            file.write(block, 1, window=RasterioWindow(column, row, BLOCK, BLOCK))


def polygons(n: int, extent_m: float) -> np.ndarray:
    """Draw polygons as a cadastre has them, within the raster and a little beyond it."""
    rng = np.random.default_rng(0)
    east, south = (
        WEST + rng.uniform(-2000, extent_m - 2000, n),
        NORTH - rng.uniform(2000, extent_m, n),
    )
    width, height = rng.integers(1, 5, (2, n)) * 1000.0
    shapes = shapely.box(east, south, east + width, south + height)
    turned = np.arange(n) % 10 == 0
    shapes[turned] = gpd.GeoSeries(shapes[turned]).rotate(1.0).to_numpy()
    k = n // 3
    angle, radius = np.sort(rng.uniform(0, 2 * np.pi, (k, 8))), rng.uniform(400, 1500, (k, 8))
    x, y = east[:k, None] + radius * np.cos(angle), south[:k, None] + radius * np.sin(angle)
    shapes[:k] = shapely.convex_hull(shapely.polygons(np.stack([x, y], axis=2)))
    keep = rng.random(k) < 0.5
    shapes[:k][keep] = shapely.make_valid(
        shapely.polygons(np.stack([x, y], axis=2)[keep]), method="structure"
    )
    return shapes


def sum_geoasm(path: Path, shapes: np.ndarray, pixels: int) -> np.ndarray:
    """Sum with geoasm."""
    files = {Role.ACTIVITY: [RasterFile(str(path), 2020)]}
    with open_rasters(files, load_profile("pe").crs) as grids:
        (grid,) = grids[Role.ACTIVITY]

        def masks(window: tuple[int, int, int, int]) -> Any:
            values, valid = grid.read(window)
            yield valid & (values == 1)
            yield valid

        outlines = zonal.Outlines(shapes, grid.transform)
        return outlines.sums(grid.shape, grid.block, masks, 2, pixels=pixels)


def sum_exactextract(path: Path, shapes: np.ndarray, pixels: int) -> np.ndarray:
    """Sum with exactextract."""
    frame = gpd.GeoDataFrame(geometry=shapes, crs=SYSTEM)
    found = exactextract.exact_extract(str(path), frame, ["sum", "count"], output="pandas")
    return found[["sum", "count"]].fillna(0).to_numpy().T


def sum_rasterstats(path: Path, shapes: np.ndarray, pixels: int) -> np.ndarray:
    """Sum with rasterstats."""
    found = rasterstats.zonal_stats(shapes, str(path), stats=["sum", "count"], nodata=NODATA)
    return np.array([[row["sum"] or 0, row["count"]] for row in found], dtype=float).T


ENGINES = {"geoasm": sum_geoasm, "exactextract": sum_exactextract, "rasterstats": sum_rasterstats}
VERSIONS = {name: f"{name} {version(name)}" for name in ENGINES}


def work(
    engine: str, path: Path, shapes: np.ndarray, pixels: int
) -> tuple[np.ndarray, dict[str, float]]:
    """Run an engine in this process, and measure it."""
    process, done = psutil.Process(), threading.Event()
    before = process.memory_info().rss
    highest = [before]

    def watch() -> None:
        while not done.wait(SAMPLE_EVERY_S):
            highest[0] = max(highest[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    cpu, wall = time.process_time(), time.perf_counter()
    try:
        sums = ENGINES[engine](path, shapes, pixels)
    finally:
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        done.set()
        watcher.join()
    return sums, {"cpu": cpu, "wall": wall, "mb": (highest[0] - before) / 2**20}


def run(
    engine: str, path: Path, n: int, sample: int, pixels: int = zonal.WINDOW_PIXELS
) -> tuple[np.ndarray, dict[str, float]]:
    """Run an engine in a process of its own."""
    out = path.parent / "sums.npy"
    command = [
        sys.executable,
        __file__,
        "--engine",
        engine,
        "--raster",
        str(path),
        "--out",
        str(out),
    ]
    command += ["--polygons", str(n), "--sample", str(sample), "--pixels", str(pixels)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return np.load(out), json.loads(told)


def in_child(given: argparse.Namespace) -> None:
    """Do one engine's work and tell of it."""
    with rasterio.open(given.raster) as file:
        shapes = polygons(given.polygons, file.width * file.transform.a)
    some = shapes[:: max(given.polygons // given.sample, 1)]
    # once before on next to nothing, so that loading libraries counts for no engine
    work(given.engine, given.raster, shapes[:1], given.pixels)
    sums, figures = work(given.engine, given.raster, some, given.pixels)
    np.save(given.out, sums)
    print(json.dumps({**figures, "polygons": len(some)}))


def compare(path: Path, n: int, sample: int, title: str) -> tuple[Race, bool]:
    """Run every engine on one raster, hold their answers against each other, and print figures."""
    told, sums = {}, {}
    for engine in ENGINES:
        share = sample if engine == "rasterstats" else n
        sums[engine], told[engine] = run(engine, path, n, share)
    off = np.abs(sums["geoasm"] - sums["exactextract"]).max()
    same = sums["geoasm"][:, :: max(n // sample, 1)]
    apart = np.abs(sums["rasterstats"].sum(axis=1) / same.sum(axis=1) - 1).max()
    scale = {engine: n / figures["polygons"] for engine, figures in told.items()}
    cpu = {engine: figures["cpu"] * scale[engine] for engine, figures in told.items()}
    rows = [
        Timed(
            engine, VERSIONS[engine], cpu[engine], figures["wall"] * scale[engine], figures["mb"],
            "" if scale[engine] == 1 else f"scaled up from {figures['polygons']:,.0f} polygons",
        )
        for engine, figures in told.items()
    ]  # fmt: skip
    race = Race(title, rows, [Gate("exactextract", "geoasm", LEAST)] if n >= MANY else [])
    holds = race.tell()
    print(f"  farthest from exactextract {off:.1e} pixels; from rasterstats in all {apart:.2%}")
    if off > SAME_PIXELS or apart > SAME_SHARE:
        raise SystemExit("answers differ")
    return race, holds


def main() -> None:
    """Run the benchmark."""
    parser = options(str(__doc__), 1)
    parser.add_argument("--polygons", type=int, default=60_000)
    parser.add_argument("--sample", type=int, default=3_000)
    parser.add_argument("--folder", type=Path, default=Path("out/zonal"))
    for hidden in ("--engine", "--raster", "--out", "--pixels"):
        kind = {"--engine": str, "--pixels": int}.get(hidden, Path)
        parser.add_argument(hidden, type=kind, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.engine:
        in_child(given)
        return
    given.folder.mkdir(parents=True, exist_ok=True)
    print(f"{date.today()}, {platform.processor() or platform.machine()}, {os.cpu_count()} cores")
    print(f"load average {os.getloadavg()[0]:.1f}, Python {platform.python_version()}, ", end="")
    print(f"numpy {np.__version__}, exactextract {exactextract.__version__}, ", end="")
    print(f"rasterstats {rasterstats.__version__}; one round each, ratio: CPU over geoasm's")
    paths, races = {}, []
    for pixel_m in PIXELS_M:
        paths[f"{SIDE:,} x {SIDE:,}"] = path = given.folder / f"patches_{pixel_m}m.tif"
        make_raster(path, SIDE, pixel_m, patches=3_000)
        title = (
            f"{given.polygons:,} polygons, zonal sums of {SIDE:,} x {SIDE:,} pixels of {pixel_m} m"
        )
        print(f"\n{title}")
        races.append(compare(path, given.polygons, given.sample, title))
    paths[f"{LARGE_SIDE:,} x {LARGE_SIDE:,}"] = path = given.folder / "sparse_25m.tif"
    make_raster(path, LARGE_SIDE, 25, patches=600)
    print("\ngeoasm alone\nraster            window pixels    CPU s  peak MB")
    for name, path in paths.items():
        for pixels in (1 << 18, 1 << 20, 1 << 22):
            _, figures = run("geoasm", path, given.polygons, given.polygons, pixels)
            print(f"{name:<18}{pixels:>13,}{figures['cpu']:>9.2f}{figures['mb']:>9.0f}")
    finish(races, given.record)


if __name__ == "__main__":
    main()
