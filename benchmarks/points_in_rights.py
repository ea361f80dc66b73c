"""
Time points in rights: geoasm's compiled join against geopandas, shapely and, where installed, others.

Usage: python benchmarks/points_in_rights.py [--points 90000 900000] [--rights 60000] [--protected 250]

Draws a cadastre in metres (mostly rectangles on a 1 km lattice, polyominoes, irregular shapes, shapes
with a hole, crowded around mining centres), complex protected areas, and points, a hundredth of them
on edges. Every engine builds its index anew from shapes in memory, in turn, several rounds; the
pairs must be the same, or the script fails. Engines that are not installed are left out and named.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from planted import Layer, protected_areas, rights, scattered

from geoasm import link
from geoasm.kernels import engine

ROUNDS = 5
CRS = "EPSG:32718"
Pairs = tuple[np.ndarray, np.ndarray]


def by_geopandas(layer: Layer) -> Callable[[], Pairs]:
    """Join as geopandas' documentation does; the frames are there before."""
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(layer.x, layer.y), crs=CRS)
    polygons = gpd.GeoDataFrame(geometry=layer.shapes, crs=CRS)

    def join() -> Pairs:
        # A frame keeps its index: a copy builds it anew, as the others do.
        joined = points.sjoin(polygons.copy(), predicate="intersects")
        return joined.index.to_numpy(), joined["index_right"].to_numpy()

    return join


def by_shapely(layer: Layer) -> Callable[[], Pairs]:
    """Index the points, and prepare the polygons."""
    points = shapely.points(layer.x, layer.y)

    def join() -> Pairs:
        polygon, point = shapely.STRtree(points).query(layer.shapes, predicate="intersects")
        return point, polygon

    return join


def by_geoasm(way: str) -> Callable[[Layer], Callable[[], Pairs]]:
    """Join with geoasm, compiled or not."""

    def prepare(layer: Layer) -> Callable[[], Pairs]:
        def join() -> Pairs:
            with engine.use(way):
                return link.covers(layer.shapes, layer.x, layer.y)

        return join

    return prepare


def by_duckdb(layer: Layer) -> Callable[[], Pairs]:
    """Join in DuckDB with its spatial extension from the package index."""
    import duckdb
    import duckdb_extension_spatial
    import pyarrow as pa

    base = Path(duckdb_extension_spatial.__file__).parent / "extensions"
    extension = next(base.rglob("spatial.duckdb_extension"))
    connection = duckdb.connect(config={"threads": 1, "allow_unsigned_extensions": "true"})
    connection.execute(f"LOAD '{extension}'")
    numbers = np.arange(len(layer.shapes))
    wkb = pa.table({"i": numbers, "wkb": pa.array(shapely.to_wkb(layer.shapes), pa.binary())})
    spots = pa.table({"i": np.arange(len(layer.x)), "x": layer.x, "y": layer.y})
    connection.register("wkb", wkb)
    connection.register("spots", spots)
    connection.execute("CREATE TABLE rights AS SELECT i, ST_GeomFromWKB(wkb) AS g FROM wkb")
    connection.execute("CREATE TABLE points AS SELECT i, ST_Point(x, y) AS g FROM spots")
    query = "SELECT p.i, r.i FROM points p JOIN rights r ON ST_Intersects(p.g, r.g)"

    def join() -> Pairs:
        found = connection.execute(query).fetchnumpy()
        point, polygon = found.values()
        return point, polygon

    return join


ENGINES: dict[str, tuple[str, Callable[[Layer], Callable[[], Pairs]]]] = {
    "geopandas.sjoin": ("geopandas", by_geopandas),
    "shapely.STRtree of points": ("shapely", by_shapely),
    "duckdb spatial": ("duckdb_extension_spatial", by_duckdb),
    "geoasm through shapely": ("shapely", by_geoasm("shapely")),
    "geoasm compiled": ("numba", by_geoasm("numba")),
}


def in_order(pairs: Pairs) -> np.ndarray:
    """Give pairs as sorted numbers."""
    point, polygon = pairs
    return np.sort(point.astype(np.int64) << 24 | polygon.astype(np.int64))


def measure(name: str, layer: Layer, rounds: int, gate: float | None) -> bool:
    """Time all engines on a layer in turn, print them, and tell whether pairs and gate hold."""
    print(f"\n{len(layer.x):,} points in {len(layer.shapes):,} {name}")
    there = {e: m(layer) for e, (p, m) in ENGINES.items() if importlib.util.find_spec(p)}
    first = {engine_name: in_order(join()) for engine_name, join in there.items()}
    expected = first["geopandas.sjoin"]
    cpu = {engine_name: [] for engine_name in there}
    wall = {engine_name: [] for engine_name in there}
    for _ in range(rounds):
        for engine_name, join in there.items():
            c, w = time.process_time(), time.perf_counter()
            join()
            cpu[engine_name].append(time.process_time() - c)
            wall[engine_name].append(time.perf_counter() - w)
    print(f"{'engine':<28} {'CPU ms':>8} {'least':>8} {'wall ms':>8} {'ratio':>7}  pairs")
    peer, holds = float(np.median(cpu["geopandas.sjoin"])), True
    for engine_name in there:
        own = float(np.median(cpu[engine_name]))
        same = np.array_equal(first[engine_name], expected)
        holds &= same
        print(
            f"{engine_name:<28} {own * 1e3:8.1f} {min(cpu[engine_name]) * 1e3:8.1f} "
            f"{np.median(wall[engine_name]) * 1e3:8.1f} {peer / own:7.2f}  "
            f"{len(first[engine_name]):,} {'identical' if same else 'DIFFERENT'}"
        )
    ratio = peer / float(np.median(cpu["geoasm compiled"]))
    if gate is not None:
        print(
            f"gate: {ratio:.1f} times geopandas, at least {gate:g}: {'met' if ratio >= gate else 'NOT MET'}"
        )
        holds &= ratio >= gate
    return holds


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--points", type=int, nargs="+", default=[90_000, 900_000])
    parser.add_argument("--rights", type=int, default=60_000)
    parser.add_argument("--protected", type=int, default=250)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.1f}, Python {platform.python_version()}")
    print(
        f"geopandas {gpd.__version__}, shapely {shapely.__version__}, GEOS {shapely.geos_version_string}"
    )
    shapes, holds = rights(asked.rights), True
    for n in asked.points:
        gate = {90_000: 4.0, 900_000: 15.0}.get(n) if asked.rights == 60_000 else None
        holds &= measure("rights", scattered(shapes, n), asked.rounds, gate)
    areas = protected_areas(asked.protected)
    holds &= measure("protected areas", scattered(areas, asked.points[0]), asked.rounds, None)
    raise SystemExit(not holds)


if __name__ == "__main__":
    main()
