"""Simulated data sets as the files that a run takes, with their truth."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyogrio.raw
import rasterio
import shapely
from rasterio import Affine
from rasterio.errors import RasterioError

from geoasm.codes import LAYER_ROLES, MAIN_ROLES, Role
from geoasm.errors import OutputError
from geoasm.geometry import Geometries
from geoasm.io.atomic import check_target, whole_folder, write_text
from geoasm.io.database_url import is_database, without_password
from geoasm.io.kinds import check_place
from geoasm.io.refusals import describe_refusal
from geoasm.schema import OUTPUT_CRS
from geoasm.simulate import Simulation
from geoasm.simulate.raster import Raster, overlap

STUDY = "study.toml"
TRUTH = "truth.parquet"
TRUTH_CONCESSIONS = "truth_concessions.parquet"
TRUTH_DISTURBANCE = "truth_disturbance.parquet"
_CONCESSIONS = "concessions.gpkg"
_REGISTRATIONS = "registrations.csv"
_PAGE_BYTES = 1024  # of the database: small layers stay small
_DEGREES = OUTPUT_CRS
_REFUSALS = (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError)
_TILE = 512  # pixels: rows and columns of a raster's block
_SINGLE = {0: "Point", 1: "LineString", 3: "Polygon"}  # by type of shapely


def save_simulation(
    simulation: Simulation,
    folder: Path,
    *,
    title: str = "",
    overwrite: bool = False,
    given: Mapping[Role, str] | None = None,
    crs: Mapping[Role, str] | None = None,
    encoding: Mapping[Role, str] | None = None,
) -> Path:
    """
    Write a simulation: sources, tables, `study.toml` that a run takes, and the truth.

    Parameters
    ----------
    title
        Title of the study, which maps and reports bear.
    given
        Files that were not simulated (a real cadastre, its context), as `path` or `path:layer`;
        the study refers to them.
    crs, encoding
        What was said of the given files against what they say of themselves.

    Returns
    -------
    study
        Path of `study.toml`.

    Raises
    ------
    OutputExists, OutputError
        The folder exists and is not to be replaced, lies in a finished run, or cannot be written.
    """
    check_folder(folder, overwrite=overwrite)
    with whole_folder(
        folder, overwrite=overwrite, replaceable=_is_simulation, what="a simulation"
    ) as fresh:
        files: dict[Role, str] = {}
        if simulation.concessions is not None:
            files[Role.CONCESSIONS] = _CONCESSIONS
            _write_layer(fresh / _CONCESSIONS, simulation.concessions, simulation)
        files[Role.REGISTRATIONS] = _REGISTRATIONS
        _write_csv(fresh / _REGISTRATIONS, simulation.registrations)
        for role, layer in simulation.layers.items():
            files[role] = f"{role}.gpkg"
            _write_layer(fresh / files[role], layer, simulation)
        for role, table in simulation.tables.items():
            files[role] = f"{role}.csv"
            _write_csv(fresh / files[role], table)
        place = folder.resolve()
        for role, path in (given or {}).items():
            files[role] = _relative(path, place)
        rasters: dict[Role, list[str]] = {}
        for raster in simulation.rasters:
            year = "" if raster.year is None else f"_{raster.year}"
            name = f"{raster.role}{year}.tif"
            rasters.setdefault(raster.role, []).append(name)
            _write_raster(fresh / name, raster)
        _write_parquet(fresh / TRUTH, simulation.truth)
        _write_parquet(fresh / TRUTH_CONCESSIONS, simulation.truth_concessions)
        if simulation.truth_disturbance is not None:
            _write_parquet(fresh / TRUTH_DISTURBANCE, simulation.truth_disturbance)
        study = _study(simulation, title, files, rasters, crs or {}, encoding or {})
        write_text(fresh / STUDY, study)
    return folder / STUDY


def check_folder(folder: Path, *, overwrite: bool = False) -> None:
    """
    Make sure that a simulation may be written there, before it is made.

    Raises
    ------
    OutputExists, OutputError
        The folder exists and is not to be replaced, or it lies in a finished run.
    """
    check_place(folder)
    check_target(folder, overwrite=overwrite, replaceable=_is_simulation, what="a simulation")


def _is_simulation(folder: Path) -> bool:
    return (folder / STUDY).is_file() and (folder / TRUTH).is_file()


def _relative(path: str, folder: Path) -> str:
    """Name a given file from the folder of the study, so that both can move together."""
    if is_database(path):
        return without_password(path)
    return path if "://" in path else os.path.relpath(Path(path).absolute(), folder)


def _study(
    simulation: Simulation,
    title: str,
    files: Mapping[Role, str],
    rasters: Mapping[Role, list[str]],
    crs: Mapping[Role, str],
    encoding: Mapping[Role, str],
) -> str:
    main = {r: files[r] for r in MAIN_ROLES if r in files}
    layers = {r: files[r] for r in LAYER_ROLES if r in files}
    tables = {r: f for r, f in files.items() if r not in main and r not in layers}
    lines = [
        "[study]",
        f"profile = {json.dumps(simulation.profile)}",
        f"on = {simulation.on.isoformat()}",
    ]
    if title:
        lines.append(f"title = {json.dumps(title, ensure_ascii=False)}")
    shown = {r: names[0] if len(names) == 1 else names for r, names in rasters.items()}
    sections: dict[str, Mapping[Role, object]] = {
        "files": main,
        "layers": layers,
        "tables": tables,
        "rasters": shown,
        "crs": crs,
        "encoding": encoding,
    }
    for name, entries in sections.items():
        if entries:
            lines += ["", f"[{name}]"]
            lines += [f"{r} = {json.dumps(v, ensure_ascii=False)}" for r, v in entries.items()]
    return "\n".join(lines) + "\n"


def _write_csv(path: Path, frame: pd.DataFrame) -> None:
    text = frame.copy()
    for name in text.columns:
        if pd.api.types.is_datetime64_any_dtype(text[name]):
            text[name] = text[name].dt.strftime("%Y-%m-%d")
    _guard(path, lambda: text.to_csv(path, index=False, lineterminator="\n", encoding="utf-8"))


def _arrow(frame: pd.DataFrame) -> pa.Table:
    """Turn a frame into arrow, dates as days, nothing of pandas kept."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    for i, column in enumerate(table.schema):
        if pa.types.is_timestamp(column.type):
            table = table.set_column(i, column.name, table.column(i).cast(pa.date32()))
        elif pa.types.is_large_string(column.type):
            table = table.set_column(i, column.name, table.column(i).cast(pa.string()))
    return table


def _write_parquet(path: Path, frame: pd.DataFrame) -> None:
    _guard(path, lambda: pq.write_table(_arrow(frame), path, compression="zstd"))


def _write_layer(path: Path, layer: gpd.GeoDataFrame, simulation: Simulation) -> None:
    shapes, kind = _of_one_type(layer.geometry.to_numpy())
    attributes = pd.DataFrame(layer.drop(columns=layer.geometry.name))
    wkb = pa.array(shapely.to_wkb(shapes), type=pa.binary())
    table = _arrow(attributes).append_column("geometry", wkb)
    stamp = f"{simulation.on.isoformat()}T00:00:00.000Z"
    with _gdal_options(OGR_CURRENT_DATE=stamp, OGR_SQLITE_PRAGMA=f"page_size={_PAGE_BYTES}"):
        _guard(
            path,
            lambda: pyogrio.raw.write_arrow(
                table,
                path,
                layer=path.stem,
                driver="GPKG",
                geometry_name="geometry",
                geometry_type=kind,
                crs=layer.crs.to_wkt(),
                layer_options={"GEOMETRY_NAME": "geom"},
            ),
        )


def _of_one_type(shapes: Geometries) -> tuple[Geometries, str]:
    """Make polygons multipolygons, and name the type that all shapes have; Unknown for several."""
    out = shapes.copy()
    kinds = set(shapely.get_type_id(shapes[~shapely.is_missing(shapes)]).tolist())
    if kinds <= {3, 6}:
        single = shapely.get_type_id(out) == 3
        out[single] = shapely.multipolygons(out[single].reshape(-1, 1))
        return out, "MultiPolygon"
    return out, _SINGLE[kinds.pop()] if len(kinds) == 1 else "Unknown"


def _write_raster(path: Path, raster: Raster) -> None:
    """Write a raster tile by tile; tiles without data are left out of the file."""
    lattice = raster.lattice
    profile = {
        "driver": "GTiff",
        "dtype": raster.dtype,
        "nodata": raster.nodata,
        "count": 1,
        "height": lattice.rows,
        "width": lattice.columns,
        "crs": _DEGREES,
        "transform": Affine(lattice.side, 0, lattice.west, 0, -lattice.side, lattice.north),
        "tiled": True,
        "blockxsize": _TILE,
        "blockysize": _TILE,
        "compress": "deflate",
        "predictor": 2,
        "sparse_ok": True,
    }

    def write() -> None:
        with rasterio.open(path, "w", **profile) as file:
            for (_, _), window in file.block_windows(1):
                place = (window.row_off, window.col_off, window.height, window.width)
                if any(overlap(place, filled) for filled in raster.filled):
                    file.write(raster.read(place), 1, window=window)

    _guard(path, write)


@contextmanager
def _gdal_options(**options: str) -> Iterator[None]:
    before = {name: pyogrio.get_gdal_config_option(name) for name in options}
    pyogrio.set_gdal_config_options(options)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def _guard(path: Path, write: Callable[[], object]) -> None:
    try:
        write()
    except (OSError, *_REFUSALS, pa.ArrowException, RasterioError) as err:
        raise OutputError(f"cannot write {path}: {describe_refusal(err, path.parent)}") from err
