"""
Time points in rights: geoasm's compiled join against geopandas, shapely and, where installed, others.

Usage: python benchmarks/points_in_rights.py [--points 90000 900000] [--rights 60000] [--protected 250]

Draws a cadastre in metres (mostly rectangles on a 1 km lattice, polyominoes, irregular shapes, shapes
with a hole, crowded around mining centres), complex protected areas, and points, a hundredth of them
on edges. Every engine builds its index anew from shapes in memory, in turn, several rounds; the
pairs must be the same, or the script fails. Engines that are not installed are left out and named.
PostGIS takes part where it is installed, in a server of its own, or in the one that `--postgis
postgresql://…` names: in temporary tables with an index built before, and by the clock alone.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from planted import Layer, protected_areas, rights, scattered
from race import Engine, Gate, Race, finish, in_turn, options

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


def by_sedona(layer: Layer) -> Callable[[], Pairs]:
    """Join in SedonaDB."""
    import pyarrow as pa
    import sedonadb

    connection = sedonadb.connect()
    numbers = np.arange(len(layer.shapes))
    wkb = pa.table({"j": numbers, "wkb": pa.array(shapely.to_wkb(layer.shapes), pa.binary())})
    spots = shapely.to_wkb(shapely.points(layer.x, layer.y))
    points = pa.table({"i": np.arange(len(layer.x)), "wkb": pa.array(spots, pa.binary())})
    for name, table in (("rights", wkb), ("points", points)):
        connection.create_data_frame(table).to_view(f"{name}_wkb", overwrite=True)
        made = (
            f"SELECT {'j' if name == 'rights' else 'i'}, ST_GeomFromWKB(wkb) AS g FROM {name}_wkb"
        )
        connection.sql(made).to_memtable().to_view(name, overwrite=True)
    query = "SELECT p.i, r.j FROM points p JOIN rights r ON ST_Intersects(r.g, p.g)"

    def join() -> Pairs:
        found = connection.sql(query).to_arrow_table()
        return found["i"].to_numpy(), found["j"].to_numpy()

    return join


def by_postgis(url: str) -> Callable[[Layer], Callable[[], Pairs]]:
    """Join in PostGIS, a server."""

    def prepare(layer: Layer) -> Callable[[], Pairs]:
        import psycopg

        connection = psycopg.connect(url, autocommit=True)
        spots = shapely.to_wkb(shapely.points(layer.x, layer.y), hex=True)
        for name, shapes in (("points", spots), ("rights", shapely.to_wkb(layer.shapes, hex=True))):
            connection.execute(f"CREATE TEMP TABLE {name} (i bigint, g geometry)")
            with connection.cursor().copy(f"COPY {name} FROM STDIN") as copy:
                for row in enumerate(shapes):
                    copy.write_row(row)
            connection.execute(f"CREATE INDEX ON {name} USING gist (g)")
            connection.execute(f"ANALYZE {name}")
        query = "SELECT p.i, r.i FROM points p JOIN rights r ON ST_Intersects(p.g, r.g)"

        def join() -> Pairs:
            found = np.array(connection.execute(query).fetchall(), dtype=np.int64)
            return found[:, 0], found[:, 1]

        return join

    return prepare


Method = Callable[[Layer], Callable[[], Pairs]]
METHODS: dict[str, tuple[str, str, Method]] = {
    "geopandas.sjoin": ("geopandas", "geopandas", by_geopandas),
    "shapely.STRtree of points": ("shapely", "shapely", by_shapely),
    "DuckDB spatial": ("duckdb_extension_spatial", "duckdb", by_duckdb),
    "SedonaDB": ("sedonadb", "sedonadb", by_sedona),
    "geoasm through shapely": ("shapely", "shapely", by_geoasm("shapely")),
    "geoasm compiled": ("numba", "numba", by_geoasm("numba")),
}


def in_order(pairs: Pairs) -> np.ndarray:
    """Give pairs as sorted numbers."""
    point, polygon = pairs
    return np.sort(point.astype(np.int64) << 24 | polygon.astype(np.int64))


def same(expected: Pairs, found: Pairs) -> bool:
    """Tell whether pairs are the same."""
    return np.array_equal(in_order(expected), in_order(found))


def join_all(
    title: str, layer: Layer, rounds: int, least: float | None, methods: dict[str, Any]
) -> tuple[Race, bool]:
    """Join a layer with every engine that is there."""
    there = {n: m for n, m in methods.items() if importlib.util.find_spec(m[0])}
    for name in methods.keys() - there.keys():
        print(f"{name} is not installed")
    engines = [
        Engine(
            name,
            f"{package} {version(package)}",
            method(layer),
            forks=name != "SedonaDB",
            elsewhere=name == "PostGIS",
        )
        for name, (_, package, method) in there.items()
    ]
    gates = [] if least is None else [Gate("geopandas.sjoin", "geoasm compiled", least)]
    return in_turn(title, engines, rounds, same, gates)


def main() -> None:
    """Run the benchmark."""
    parser = options(str(__doc__), ROUNDS)
    parser.add_argument("--points", type=int, nargs="+", default=[90_000, 900_000])
    parser.add_argument("--rights", type=int, default=60_000)
    parser.add_argument("--protected", type=int, default=250)
    parser.add_argument("--postgis", help="a database in which to make temporary tables")
    asked = parser.parse_args()
    with postgis(asked.postgis) as server:
        finish(races(asked, METHODS | server), asked.record)


@contextmanager
def postgis(url: str | None) -> Iterator[dict[str, Any]]:
    """Give PostGIS as a method: at a URL, or in a server of its own where it is installed."""
    if url is not None:
        yield {"PostGIS": ("psycopg", "psycopg", by_postgis(url))}
        return
    sys.path.append(str(Path(__file__).resolve().parents[1]))
    from tests.databases import programs, serve

    if programs() is None:
        print("PostGIS is not installed")
        yield {}
        return
    with serve() as server:
        yield {"PostGIS": ("psycopg", "psycopg", by_postgis(server.database().url()))}


def races(asked: argparse.Namespace, methods: dict[str, Any]) -> list[tuple[Race, bool]]:
    """Join points to rights and to protected areas."""
    shapes, found = rights(asked.rights), []
    for n in asked.points:
        least = {90_000: 4.0, 900_000: 15.0}.get(n) if asked.rights == 60_000 else None
        layer, title = scattered(shapes, n), f"{n:,} points in {len(shapes):,} rights"
        found.append(join_all(title, layer, asked.rounds, least, methods))
    areas = protected_areas(asked.protected)
    layer = scattered(areas, asked.points[0])
    title = f"{asked.points[0]:,} points in {len(areas):,} protected areas"
    return [*found, join_all(title, layer, asked.rounds, None, methods)]


if __name__ == "__main__":
    main()
