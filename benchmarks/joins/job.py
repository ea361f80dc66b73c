"""
Join a GeoParquet file of points to one of rights, and write the pairs: one engine, one process.

Usage: python job.py ENGINE POINTS RIGHTS OUT

Prints one line of JSON: seconds by the clock and of the processor from the first call of the engine
to the file of pairs (imports are left out), peak resident memory in MB, and the engine's version.
Runs in any interpreter that has the engine, and needs nothing else.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path


def by_geoasm(points: str, rights: str, out: str) -> None:
    """Do what `geoasm link` does."""
    from geoasm import linking

    names = {"points": "point_id", "rights": "right_id"}
    linking.link_files(points, rights, Path(out), ids=names, overwrite=True)


def by_sedonadb(points: str, rights: str, out: str) -> None:
    """Join in SQL, as SedonaDB's documentation does, and let it write the file."""
    import sedonadb

    sd = sedonadb.connect()
    sd.read_parquet(points).to_view("points")
    sd.read_parquet(rights).to_view("rights")
    query = (
        'SELECT p.point_id AS point, r.right_id AS "right" '
        "FROM points p JOIN rights r ON ST_Intersects(r.geometry, p.geometry)"
    )
    sd.sql(query).to_parquet(out)


def by_duckdb(points: str, rights: str, out: str) -> None:
    """Join in SQL with DuckDB's spatial extension from the package index."""
    import duckdb
    import duckdb_extension_spatial

    base = Path(duckdb_extension_spatial.__file__).parent / "extensions"
    extension = next(base.rglob("spatial.duckdb_extension"))
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    connection.execute(f"LOAD '{extension}'")
    connection.execute(
        'COPY (SELECT p.point_id AS point, r.right_id AS "right" '
        f"FROM read_parquet('{points}') p JOIN read_parquet('{rights}') r "
        f"ON ST_Intersects(r.geometry, p.geometry)) TO '{out}' (FORMAT parquet)"
    )


def by_geopandas(points: str, rights: str, out: str) -> None:
    """Join as geopandas' documentation does."""
    import geopandas as gpd

    joined = gpd.sjoin(
        gpd.read_parquet(points), gpd.read_parquet(rights), predicate="intersects", how="inner"
    )
    pairs = joined[["point_id", "right_id"]].set_axis(["point", "right"], axis=1)
    pairs.to_parquet(out, index=False)


ENGINES: dict[str, tuple[tuple[str, ...], Callable[[str, str, str], None]]] = {
    "geoasm": (("geoasm.linking",), by_geoasm),
    "sedonadb": (("sedonadb",), by_sedonadb),
    "duckdb": (("duckdb", "duckdb_extension_spatial"), by_duckdb),
    "geopandas": (("geopandas",), by_geopandas),
}


def main() -> None:
    """Run one job and say what it took."""
    engine, points, rights, out = sys.argv[1:]
    needed, join = ENGINES[engine]
    try:
        for name in needed:
            importlib.import_module(name)
    except ImportError as err:
        print(json.dumps({"missing": str(err)}))
        return
    wall, cpu = time.perf_counter(), time.process_time()
    join(points, rights, out)
    took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**took, "peak": peak, "version": metadata.version(engine)}))


if __name__ == "__main__":
    main()
