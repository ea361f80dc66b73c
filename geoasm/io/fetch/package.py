"""The download as a GeoPackage: one layer, and beside it the record of where it comes from."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from geoasm import __version__
from geoasm.errors import OutputError
from geoasm.io import atomic
from geoasm.io.damaged import hushed
from geoasm.io.refusals import describe_refusal
from geoasm.io.vector import PROVENANCE_TABLE

_REFUSALS = (
    RuntimeError,  # of which pyogrio's own are
    sqlite3.Error,
)


@dataclass(frozen=True)
class Provenance:
    """Where the rows of one address come from, as the file itself tells it."""

    source: str
    title: str
    role: str
    url: str
    layer_name: str
    box: str | None
    started_at: str
    finished_at: str
    pages: int
    server_count: int | None
    rows_received: int
    rows_repeated: int
    rows_written: int
    rows_missing: str | None
    crs_served: str
    crs_written: str
    data_first_on: str | None
    data_last_on: str | None
    sha256: str
    credit: str
    licence: str
    reference: str
    verified: bool
    geoasm_version: str = __version__


def write_package(
    target: Path,
    layer: str,
    frame: gpd.GeoDataFrame,
    records: list[Provenance],
    *,
    overwrite: bool,
) -> None:
    """
    Write the layer and its provenance, whole or not at all.

    Raises
    ------
    OutputExists, OutputError
        The target exists and is not to be replaced, or the disk refuses.
    """
    with atomic.whole_file(target, overwrite=overwrite, apart=True) as fresh:
        try:
            _write(fresh, layer, frame, records)
        except _REFUSALS as err:
            why = describe_refusal(err, fresh.parent)
            raise OutputError(f"cannot write {target}: {why}") from err


def _write(path: Path, layer: str, frame: gpd.GeoDataFrame, records: list[Provenance]) -> None:
    with hushed():
        pyogrio.write_dataframe(
            frame.rename_geometry("geom"),
            path,
            layer=layer,
            driver="GPKG",
            use_arrow=True,
            promote_to_multi=_is_extended(frame),
            layer_options={"FID": "fid"},
        )
        pyogrio.write_dataframe(
            _table(records),
            path,
            layer=PROVENANCE_TABLE,
            driver="GPKG",
            use_arrow=True,
            layer_options={"DESCRIPTION": "where the rows come from"},
        )
    _check(path, layer, len(frame))


def _is_extended(frame: gpd.GeoDataFrame) -> bool:
    return bool(frame.geom_type.dropna().str.contains("Polygon|Line").any())


def _table(records: list[Provenance]) -> pd.DataFrame:
    frame = pd.DataFrame([asdict(r) for r in records], columns=[f.name for f in fields(Provenance)])
    counts = [c for c in frame.columns if c in ("server_count",)]
    texts = frame.columns[frame.dtypes == "object"].difference(counts)
    return frame.astype({**dict.fromkeys(counts, "Int64"), **dict.fromkeys(texts, "str")})


def _check(path: Path, layer: str, rows: int) -> None:
    with closing(sqlite3.connect(path)) as db:
        (written,) = db.execute(f'SELECT count(*) FROM "{layer}"').fetchone()
    if written != rows:
        raise OutputError(f"{path.name} holds {written:,} of {rows:,} rows; is the disk full?")
