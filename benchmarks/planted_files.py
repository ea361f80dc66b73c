"""Planted rights and points as GeoParquet, made piece by piece: the same files for a seed everywhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely
from planted import CROWDED, Ground, ground, rights

CRS = "EPSG:32718"
PIECE = 50_000  # rights drawn at a time
ROW_GROUP = 250_000
KEPT_CORNERS = 200_000


class World(NamedTuple):
    """How many points and rights lie in a square of how many kilometres, around how many centres."""

    points: int
    rights: int
    side_km: int
    centres: int

    @property
    def name(self) -> str:
        """The world's name, of folders and tables."""
        return f"{self.points}x{self.rights}"


def make(world: World, folder: Path, seed: int = 7) -> tuple[Path, Path]:
    """Write `points.parquet` and `rights.parquet` of a world, unless they are there; give the paths."""
    place = folder / world.name
    place.mkdir(parents=True, exist_ok=True)
    points, polygons = place / "points.parquet", place / "rights.parquet"
    if not (points.exists() and polygons.exists()):
        boxes, corners = _write_rights(world, polygons, seed)
        _write_points(world, boxes, corners, points, seed)
    return points, polygons


def _write_rights(world: World, path: Path, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Write the rights; give their boxes and some of their vertices."""
    on: Ground = ground(world.side_km, world.centres, seed)
    boxes, corners = [], []

    def pieces() -> Iterator[tuple[int, np.ndarray]]:
        for piece, first in enumerate(range(0, world.rights, PIECE)):
            shapes = rights(min(PIECE, world.rights - first), (seed, piece), on)
            boxes.append(shapely.bounds(shapes))
            kept = KEPT_CORNERS * len(shapes) // world.rights
            corners.append(shapely.get_coordinates(shapes[:: max(1, len(shapes) // kept)]))
            yield first, shapely.to_wkb(shapes)

    _write(path, "right_id", pieces, ["Polygon", "MultiPolygon"])
    return np.vstack(boxes), np.vstack(corners)


def _write_points(
    world: World, boxes: np.ndarray, corners: np.ndarray, path: Path, seed: int
) -> None:
    """Write points, most where rights are, one in a hundred on a vertex, in no order."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)

    def pieces() -> Iterator[tuple[int, np.ndarray]]:
        for piece, first in enumerate(range(0, world.points, ROW_GROUP)):
            n = min(ROW_GROUP, world.points - first)
            rng = np.random.default_rng((seed, 1, piece))
            near = middle[rng.integers(0, len(middle), n)] + rng.normal(0, 1000, (n, 2))
            at = np.where(rng.random((n, 1)) < CROWDED, near, rng.uniform(low, high, (n, 2)))
            at = np.round(at)
            on = rng.choice(n, n // 100, replace=False)
            at[on] = corners[rng.integers(0, len(corners), len(on))]
            yield first, shapely.to_wkb(shapely.points(at))

    _write(path, "point_id", pieces, ["Point"])


def _write(
    path: Path,
    key: str,
    pieces: Callable[[], Iterator[tuple[int, np.ndarray]]],
    types: list[str],
) -> None:
    column = {
        "encoding": "WKB",
        "geometry_types": types,
        "crs": json.loads(pyproj.CRS(CRS).to_json()),
    }
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    schema = pa.schema(
        [(key, pa.int64()), ("geometry", pa.binary())], metadata={"geo": json.dumps(geo)}
    )
    scratch = path.with_suffix(".partial")
    with pq.ParquetWriter(scratch, schema) as writer:
        for first, wkb in pieces():
            numbers = pa.array(np.arange(first, first + len(wkb)))
            writer.write_table(pa.table([numbers, pa.array(wkb, pa.binary())], schema=schema))
    scratch.replace(path)
