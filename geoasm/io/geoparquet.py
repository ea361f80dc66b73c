"""GeoParquet by the row group: what its files say of themselves, and their rows in batches."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyproj

from geoasm.errors import (
    BrokenGeometry,
    EmptySource,
    MissingColumn,
    NotPoints,
    NotPolygons,
    SourceNotFound,
    UnreadableSource,
)
from geoasm.geometry import parse_crs
from geoasm.io.paths import expanded, is_there, readable

CRS84 = "OGC:CRS84"  # what GeoParquet means where it names no system
PAGE = 131_072  # rows decoded at a time, so that they stay in a processor's cache
_ENCODINGS = {"rights": ("WKB",), "points": ("WKB", "point")}


@dataclass(frozen=True)
class GeoParquet:
    """
    One GeoParquet file, or a folder of parts with the same columns.

    `crs` is None where the file says that nobody knows it; `kinds` gives the Arrow type of every
    column; `rows` counts all parts.
    """

    name: str
    role: str
    parts: tuple[Path, ...]
    column: str
    crs: str | None
    kinds: Mapping[str, Any]
    rows: int

    def batches(self, columns: list[str], rows: int) -> Iterator[tuple[int, Any]]:
        """
        Read columns in batches of at most `rows` rows, part after part, in the order of the files.

        Each comes with the number of rows before it, as an Arrow table.

        Raises
        ------
        UnreadableSource
            A part is damaged, or ends before the rows that it announces.
        """
        first, held = 0, 0
        waiting: list[Any] = []
        try:
            for part in self.parts:
                with pq.ParquetFile(part) as file:
                    for batch in file.iter_batches(
                        min(rows, PAGE), columns=columns, use_threads=False
                    ):
                        if held + len(batch) > rows:
                            yield first, pa.Table.from_batches(waiting)
                            first, waiting, held = first + held, [], 0
                        waiting.append(batch)
                        held += len(batch)
        except (OSError, ValueError) as err:  # pyarrow's own errors are among them
            raise UnreadableSource(f"{self.name} is damaged; write it again") from err
        if waiting:
            yield first, pa.Table.from_batches(waiting)
        if first + held != self.rows:
            raise UnreadableSource(
                f"{self.name} announces {self.rows} rows and has {first + held}; write it again"
            )

    @contextmanager
    def blamed(self) -> Iterator[None]:
        """Put the file's name before what is wrong with a shape, or with all of them."""
        try:
            yield
        except (NotPolygons, NotPoints, BrokenGeometry, UnreadableSource) as err:
            raise type(err)(f"{self.name}: {err}") from err

    def check_column(self, name: str, flag: str) -> str:
        """
        Give the name of a column that exists.

        Raises
        ------
        MissingColumn
            There is none of that name.
        """
        if name not in self.kinds:
            raise MissingColumn(
                f"{self.name} has no column {name!r}: name one with {flag}, of "
                f"{', '.join(n for n in self.kinds if n != self.column) or 'none'}"
            )
        return name


def open_geoparquet(text: str, role: str) -> GeoParquet:
    """
    Read what a GeoParquet file, or every part of a folder, says of itself.

    Parameters
    ----------
    role
        "points" or "rights".

    Raises
    ------
    SourceNotFound, EmptySource
        There is no such file, no part in the folder, or no row.
    UnreadableSource
        It is no GeoParquet, its geometry is stored in another way, or parts differ.
    """
    path = expanded(text)
    if not is_there(path):
        raise SourceNotFound(f"no such file or folder: {text}")
    parts = _parts(path) if path.is_dir() else (path,)
    if not parts:
        raise SourceNotFound(f"{path.name} holds no part named *.parquet")
    told = [_told(part, role) for part in parts]
    for part, said in zip(parts, told, strict=True):
        if said[:3] != told[0][:3]:
            raise UnreadableSource(
                f"{part.name} differs from {parts[0].name} in columns or coordinate system; "
                "parts of one folder must agree"
            )
    column, crs, kinds, _ = told[0]
    rows = sum(n for *_, n in told)
    if not rows:
        raise EmptySource(f"{path.name} has no rows; check the export or its filter")
    return GeoParquet(path.name, role, parts, column, crs, kinds, rows)


def _parts(folder: Path) -> tuple[Path, ...]:
    """List the parts of a folder, without what is hidden: a result that was never finished."""
    found = sorted(folder.rglob("*.parquet"))
    return tuple(
        part
        for part in found
        if not any(name.startswith(".") for name in part.relative_to(folder).parts)
    )


def _told(path: Path, role: str) -> tuple[str, str | None, dict[str, Any], int]:
    """Give geometry column, system, columns with their types, and number of rows of one file."""
    convert = "convert it, as in: ogr2ogr -f Parquet out.parquet FILE"
    try:
        with readable(path.name), pq.ParquetFile(path) as file:
            metadata = file.schema_arrow.metadata or {}
            fields = list(file.schema_arrow)
            rows = file.metadata.num_rows
    except (OSError, ValueError) as err:
        raise UnreadableSource(f"{path.name} is no Parquet file, or damaged; {convert}") from err
    kinds = {field.name: field.type for field in fields}
    if len(kinds) < len(fields):
        twice = next(name for name in kinds if [field.name for field in fields].count(name) > 1)
        raise UnreadableSource(
            f"{path.name} has more than one column {twice!r}; rename one, and write it again"
        )
    try:
        geo = json.loads(metadata[b"geo"])
        column = geo["primary_column"]
        stated = geo["columns"][column]
        encoding = stated["encoding"]
    except (KeyError, ValueError, TypeError) as err:
        raise UnreadableSource(
            f"{path.name} has no geo metadata, so it is no GeoParquet; {convert}"
        ) from err
    if encoding not in _ENCODINGS[role] or column not in kinds:
        raise UnreadableSource(
            f"{path.name}: {role} are stored as {encoding!r}; "
            f"write them as {' or '.join(_ENCODINGS[role])}"
        )
    return column, _system(stated.get("crs", CRS84), path.name), kinds, rows


def _system(stated: Any, name: str) -> str | None:
    if stated is None:
        return None
    if stated == CRS84:
        return "EPSG:4326"  # in geoasm's order, x before y, the same
    try:
        found = pyproj.CRS.from_user_input(stated)
    except pyproj.exceptions.CRSError as err:
        raise UnreadableSource(
            f"{name}: its coordinate system cannot be read; write it again"
        ) from err
    code = found.to_authority()
    if code == ("OGC", "CRS84"):
        return "EPSG:4326"
    text = ":".join(code) if code else found.to_wkt()
    parse_crs(text)
    return text
