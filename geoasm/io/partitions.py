"""Folders of `geoasm partition`: one layer as GeoParquet files, neighbours together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely

from geoasm.errors import OutputError, UnreadableSource
from geoasm.geometry import Floats, along_curve, points
from geoasm.io.kinds import FolderKind
from geoasm.io.writers import GEOPARQUET_VERSION
from geoasm.model import RawLayer, Source
from geoasm.schema import OUTPUT_CRS

RECORD = "partitions.json"
PARTITIONS = FolderKind("geoasm-partitions", 1, RECORD, "a folder of partitions")
ROWS = 100_000
ROWS_PER_GROUP = 10_000  # what a reader that takes its turn holds at a time
_BROKEN = ["source_row", "reason"]
POSITION = "geoasm_position"  # of a table, whose own columns stay what counts


def write_partitions(
    raw: RawLayer, x: Floats, y: Floats, folder: Path, *, rows: int = ROWS, overwrite: bool = False
) -> Path:
    """
    Write a layer as files of neighbours along a Hilbert curve, whole or not at all.

    Parameters
    ----------
    raw
        As read; every row keeps its `source_row`.
    x, y
        Where each row lies: in the layer's own system, of a table without geometry in degrees. NaN
        where it lies nowhere: such rows come last.
    rows
        Rows of a file.

    Raises
    ------
    OutputExists, OutputError
        The folder exists and is not to be replaced; a column cannot be written.
    """
    order = along_curve(x, y)
    frame = raw.frame.take(order)
    if isinstance(frame, gpd.GeoDataFrame):
        name, shapes, crs = frame.geometry.name, frame.geometry.to_numpy(), frame.crs
    else:
        name, shapes, crs = POSITION, points(x[order], y[order]), pyproj.CRS(OUTPUT_CRS)
    flat = pd.DataFrame(frame).assign(
        **{name: pd.Series(shapely.to_wkb(shapes), frame.index, dtype=object)}
    )
    try:
        table = pa.Table.from_pandas(flat, preserve_index=False)
    except pa.ArrowException as err:
        raise OutputError(
            f"{raw.source.name} cannot be written as Parquet: {err}; leave that column out"
        ) from err
    with PARTITIONS.written(folder, overwrite=overwrite) as fresh:
        files = []
        for number, first in enumerate(range(0, len(flat), rows)):
            part, some = table.slice(first, rows), shapes[first : first + rows]
            said = _geo_metadata(name, some, crs)
            path = fresh / f"part-{number:04}.parquet"
            metadata = {**(table.schema.metadata or {}), b"geo": json.dumps(said).encode()}
            pq.write_table(
                part.replace_schema_metadata(metadata),
                path,
                compression="zstd",
                row_group_size=min(rows, ROWS_PER_GROUP),
            )
            bbox = said["columns"][name].get("bbox")
            files.append({"name": path.name, "rows": len(part), "bbox": bbox})
        PARTITIONS.write_record(_record(raw, name, files), fresh)
    return folder


def _record(raw: RawLayer, geometry: str, files: Sequence[dict[str, Any]]) -> dict[str, Any]:
    source, broken = raw.source, raw.broken
    return {
        "source": {
            "name": source.name,
            "sha256": source.sha256,
            "layer": source.layer,
            "rows": source.rows,
            "encoding": source.encoding,
        },
        "geometry": geometry,
        "broken": [] if broken is None else broken[_BROKEN].to_dict("records"),
        "curved": raw.curved,
        "cut_short": raw.cut_short,
        "files": files,
    }


def _geo_metadata(
    name: str, shapes: npt.NDArray[np.object_], crs: pyproj.CRS | None
) -> dict[str, Any]:
    some = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    kinds = {
        shape.geom_type + (" Z" if shape.has_z else "")
        for shape in some[np.unique(_kinds(some), return_index=True)[1]]
    }
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted(kinds),
        "crs": None if crs is None else crs.to_json_dict(),
    }
    box = [float(v) for v in shapely.total_bounds(some)] if len(some) else []
    if box and np.isfinite(box).all():  # JSON has no other numbers
        column["bbox"] = box
    return {"version": GEOPARQUET_VERSION, "primary_column": name, "columns": {name: column}}


def _kinds(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.int64]:
    kinds: npt.NDArray[np.int64] = 2 * shapely.get_type_id(shapes) + shapely.has_z(shapes)
    return kinds


def read_partitions(folder: Path) -> RawLayer:
    """
    Read a folder back: the rows, in their order, of the file that was cut.

    Raises
    ------
    UnreadableSource
        A file is missing or damaged, or the folder is of another version.
    """
    record = _read_record(folder)
    try:
        parts = [pq.read_table(folder / file["name"]) for file in record["files"]]
        lacking = [
            file["name"]
            for file, part in zip(record["files"], parts, strict=True)
            if len(part) != file["rows"]
        ]
        frame = pa.concat_tables(parts).to_pandas().sort_values("source_row", ignore_index=True)
        frame = _placed(frame, record["geometry"], parts[0].schema.metadata)
        broken = pd.DataFrame(record["broken"], columns=_BROKEN) if record["broken"] else None
        source = Source("", folder.name, encoding=record["source"]["encoding"])
        raw = RawLayer(frame, source, broken, record["curved"], record["cut_short"])
    except (
        OSError, pa.ArrowException, LookupError, ValueError, TypeError, shapely.errors.ShapelyError,
        pyproj.exceptions.CRSError,
    ) as err:  # fmt: skip
        told = f"{err!r}" if isinstance(err, LookupError) else f"{err}"
        told = " ".join(told.split())
        raise UnreadableSource(f"{folder.name} is damaged ({told}); partition it again") from err
    if lacking:
        raise UnreadableSource(f"{folder.name}: {lacking[0]} lacks rows; partition it again")
    return raw


def _placed(frame: pd.DataFrame, name: str, metadata: Any) -> pd.DataFrame:
    """Give rows with their geometry, or without the position that was added to a table."""
    if name == POSITION:
        return frame.drop(columns=name)
    crs = json.loads(metadata[b"geo"])["columns"][name]["crs"]
    frame[name] = gpd.GeoSeries.from_wkb(frame[name], crs=crs)
    return gpd.GeoDataFrame(frame, geometry=name)


def _read_record(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    if content["format"]["version"] != PARTITIONS.version:
        raise UnreadableSource(
            f"{folder.name} was written by another version of geoasm; partition it again"
        )
    return content
