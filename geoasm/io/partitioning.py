"""Any layer or register that can be read, to a folder of partitions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from geoasm.errors import MissingColumn
from geoasm.geometry import Floats
from geoasm.io.crs_check import MAX_LATITUDE, MAX_LONGITUDE
from geoasm.io.layers import read_layer
from geoasm.io.matching import position_columns
from geoasm.io.partitions import PARTITIONS, ROWS, write_partitions
from geoasm.model import RawLayer
from geoasm.normalize.columns import ColumnNames
from geoasm.normalize.findings import Findings
from geoasm.normalize.positions import read_positions
from geoasm.profile import Profile


def partition(
    text: str,
    folder: Path,
    profiles: Sequence[Profile],
    *,
    rows: int = ROWS,
    crs: str | None = None,
    encoding: str | None = None,
    overwrite: bool = False,
) -> Path:
    """
    Cut what a text names into GeoParquet files of neighbours.

    Parameters
    ----------
    text
        As `read_layer` takes it.
    profiles
        Countries whose columns of positions are looked for in a table without geometry; the first
        that knows some counts.
    rows
        Rows of a file.
    crs, encoding
        Against what the file says of itself.

    Raises
    ------
    InputError
        The file cannot be read; it has neither geometry nor columns of positions.
    OutputExists, OutputError
        The folder exists and is not to be replaced, or the disk refuses.
    """
    PARTITIONS.check(folder, overwrite=overwrite)
    raw = read_layer(text, "FILE", crs=crs, encoding=encoding)
    x, y = _places(raw, profiles)
    return write_partitions(raw, x, y, folder, rows=rows, overwrite=overwrite)


def _places(raw: RawLayer, profiles: Sequence[Profile]) -> tuple[Floats, Floats]:
    """Give where each row lies: the middle of its shape, else what its columns state (degrees)."""
    if isinstance(raw.frame, gpd.GeoDataFrame):
        west, south, east, north = shapely.bounds(raw.frame.geometry.to_numpy()).T
        return (west + east) / 2, (south + north) / 2
    names = ColumnNames(raw.frame)
    for profile in profiles:
        for spec in profile.roles.values():
            if position_columns(names, spec):
                stated = read_positions(raw, spec, profile.crs, Findings(spec.role, raw))
                lon, lat = (stated[name].to_numpy(dtype=np.float64) for name in ("lon", "lat"))
                # One slip of a keyboard would stretch the curve until it parts nothing.
                on_earth = (np.abs(lon) <= MAX_LONGITUDE) & (np.abs(lat) <= MAX_LATITUDE)
                return np.where(on_earth, lon, np.nan), np.where(on_earth, lat, np.nan)
    known = ", ".join(profile.code for profile in profiles)
    raise MissingColumn(
        f"{raw.source.name} has neither geometry nor columns of positions that {known} knows; "
        "name the country with --profile, or see `geoasm inspect`"
    )
