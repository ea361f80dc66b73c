"""Files to raw layers: what is inside, which part is meant, and its rows as they stand."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geoasm.errors import EmptySource, OptionError, SourceNotFound, UnreadableSource
from geoasm.geometry import crs_label, parse_crs
from geoasm.io import archives, database_tables, partitions, tables, vector
from geoasm.io.database_url import TABLE, DatabaseUrl, is_database
from geoasm.io.paths import Kind, Location, digest, kind_of, locate, unchanged
from geoasm.model import RawLayer, Source

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """One layer, sheet or table inside a file, and the name that a user gives it."""

    name: str
    file: Path
    kind: Kind
    layer: str | None = None


@dataclass(frozen=True)
class Dataset:
    """An open file: its entries can be read while it is open."""

    location: Location
    entries: tuple[Entry, ...]
    sha256: str

    @property
    def name(self) -> str:
        """The file's name as messages show it."""
        return self.location.name

    def choose(self) -> Entry:
        """
        Give the entry that the location names, or the only one.

        Raises
        ------
        SourceNotFound, UnreadableSource
            There is no such layer; there are several and none was named.
        """
        wanted = self.location.layer
        names = ", ".join(e.name for e in self.entries)
        if wanted is None:
            if len(self.entries) == 1:
                return self.entries[0]
            raise UnreadableSource(
                f"{self.name} has {len(self.entries)} layers: {names}; "
                f"name one, as in {self.name}:{self.entries[0].name}"
            )
        for entry in self.entries:
            if entry.name == wanted:
                return entry
        raise SourceNotFound(f"{self.name} has no layer {wanted!r}; it has {names}")

    def read(
        self, entry: Entry, role: str, *, crs: str | None = None, encoding: str | None = None
    ) -> RawLayer:
        """Read one entry as it stands; see `read_layer`."""
        used: str | None = None
        broken: pd.DataFrame | None = None
        curved = cut_short = False
        if encoding is not None and entry.kind in (
            Kind.WORKBOOK,
            Kind.PARQUET,
            Kind.PARTITIONS,
        ):
            raise OptionError(
                f"--encoding {role}={encoding}: {self.name} states its own; leave it out"
            )
        if entry.kind is Kind.DELIMITED:
            frame, broken, used = tables.read_delimited(entry.file, encoding)
        elif entry.kind is Kind.WORKBOOK:
            frame = tables.read_sheet(entry.file, str(entry.layer))
        elif entry.kind is Kind.PARQUET:
            frame = _read_parquet(entry.file)
        elif entry.kind is Kind.PARTITIONS:
            whole = partitions.read_partitions(entry.file)
            frame, broken, used = whole.frame, whole.broken, whole.source.encoding
            curved, cut_short = whole.curved, whole.cut_short
        else:
            read = vector.read_vector(entry.file, str(entry.layer), encoding)
            frame, broken, used = read.frame, read.broken, read.encoding
            curved, cut_short = read.curved, read.cut_short
        broken = broken if broken is not None and len(broken) else None
        source = Source(
            role=role,
            name=self.name,
            sha256=self.sha256,
            layer=entry.name if len(self.entries) > 1 or self.location.layer else None,
            rows=len(frame) + (0 if broken is None else len(broken)),
            crs_read=_label(frame),
            encoding=used,
        )
        raw = RawLayer(frame, source, broken, curved, cut_short)
        return raw if crs is None else labelled(raw, crs)


@dataclass(frozen=True)
class DatabaseTable(Dataset):
    """One table of a database; what is in it is known, and summed up, as it is read."""

    url: DatabaseUrl

    @property
    def name(self) -> str:
        """The table's name as the user says it: never host or user."""
        return self.entries[0].name

    def read(
        self, entry: Entry, role: str, *, crs: str | None = None, encoding: str | None = None
    ) -> RawLayer:
        """Read the table as it stands; see `read_layer`."""
        if encoding is not None:
            raise OptionError(
                f"--encoding {role}={encoding}: a database states its own; leave it out"
            )
        read = database_tables.read_table(self.url)
        source = Source(
            role=role,
            name=self.name,
            sha256=read.sha256,
            rows=len(read.frame) + (0 if read.broken is None else len(read.broken)),
            crs_read=_label(read.frame),
        )
        raw = RawLayer(read.frame, source, read.broken, read.curved)
        return raw if crs is None else labelled(raw, crs)


def _label(frame: pd.DataFrame) -> str | None:
    if isinstance(frame, gpd.GeoDataFrame) and frame.crs is not None:
        return crs_label(frame.crs)
    return None


def labelled(raw: RawLayer, crs: str) -> RawLayer:
    """
    Name a layer's coordinate system, whatever the file says; coordinates stay as they are.

    Raises
    ------
    CRSError, OptionError
        The system is unknown; the file has no geometry.
    """
    if not isinstance(raw.frame, gpd.GeoDataFrame):
        raise OptionError(
            f"--crs {raw.source.role}={crs}: {raw.source.name} has no geometry; "
            "positions in columns are in the system that the profile states"
        )
    frame = raw.frame.set_crs(parse_crs(crs), allow_override=True)
    return replace(
        raw, frame=frame, source=replace(raw.source, crs_read=f"{crs_label(crs)} (given)")
    )


@contextmanager
def open_dataset(text: str) -> Iterator[Dataset]:
    """
    Open what a text names, and list what is inside.

    Raises
    ------
    InputError
        It cannot be opened; the text says why and what to do.
    """
    if is_database(text):
        yield _table_of(text)
        return
    location = locate(text)
    with unchanged(location.path):
        kind = kind_of(location.path)
        if kind is Kind.ARCHIVE:
            with archives.unpacked(location.path) as files:
                yield Dataset(location, _in_archive(files, location), digest(location.path))
        elif kind is Kind.VECTOR and location.path.suffix.lower() == ".kmz":
            with archives.rewritten(location.path) as file:
                yield Dataset(location, tuple(_entries(file, kind)), digest(location.path))
        else:
            entries = tuple(_entries(location.path, kind))
            yield Dataset(location, entries, digest(location.path))


def _table_of(text: str) -> DatabaseTable:
    url = database_tables.parse_table(text)
    name = url.said.get(TABLE, "database")
    location = Location(Path(name))
    return DatabaseTable(location, (Entry(name, location.path, Kind.DATABASE),), "", url)


def _entries(path: Path, kind: Kind) -> list[Entry]:
    if kind is Kind.VECTOR:
        return [Entry(n, path, kind, n) for n in vector.layer_names(path)]
    if kind is Kind.WORKBOOK:
        sheets = tables.sheet_names(path)
        if not sheets:
            raise EmptySource(f"{path.name} has no sheet with cells")
        return [Entry(n, path, kind, n) for n in sheets]
    return [Entry(path.stem, path, kind)]


def _in_archive(files: Mapping[str, Path], location: Location) -> tuple[Entry, ...]:
    """Name what is in a zip; what would be called alike, by its path there."""
    found: list[tuple[Entry, str]] = []
    for member, file in files.items():
        kind = kind_of(file)
        if kind is not Kind.ARCHIVE:
            inside = _entries(file, kind)
            alone = len(inside) == 1
            found += [(e, member if alone else f"{member}/{e.name}") for e in inside]
    if not found:
        raise UnreadableSource(f"{location.name} holds no spatial file and no table")
    times = Counter(entry.name for entry, _ in found)
    return tuple(e if times[e.name] == 1 else replace(e, name=path) for e, path in found)


def _read_parquet(path: Path) -> pd.DataFrame:
    damaged = f"{path.name} is damaged, or no Parquet that can be read; write it again"
    try:
        try:
            frame = gpd.read_parquet(path)
        except ValueError as err:
            if "geo metadata" not in str(err):
                raise
            frame = pd.read_parquet(path)
        frame = frame.reset_index(drop=frame.index.name is None)
    except Exception as err:  # metadata of any shape, bytes that are no geometry, pages that end
        raise UnreadableSource(damaged) from err
    if not vector.is_utf8(frame):
        raise UnreadableSource(damaged)
    if isinstance(frame, gpd.GeoDataFrame):
        if frame.geometry.name != "geometry":
            frame = frame.rename_geometry("geometry")
        if frame.crs is not None:
            frame = vector.with_common_axes(frame)
    frame["source_row"] = range(1, len(frame) + 1)
    return frame


def read_layer(
    text: str, role: str, *, crs: str | None = None, encoding: str | None = None
) -> RawLayer:
    """
    Read one file as it stands: nothing renamed, nothing converted.

    Parameters
    ----------
    text
        `path` or `path:layer`: any OGR vector file, zip, GeoParquet, delimited text, workbook, folder
        of `geoasm partition`; or `postgresql://user@host/database?table=schema.name`.
    role
        What the file is to the run, as messages and the manifest name it.
    crs
        Coordinate system against what the file says ("EPSG:32718").
    encoding
        Of the text, against what the file says.

    Returns
    -------
    raw
        Vector files as a GeoDataFrame in the file's system with its types; tables as text.

    Raises
    ------
    InputError
        No such file or layer, several layers, no rows, or nothing that can be read.
    """
    with open_dataset(text) as dataset:
        raw = dataset.read(dataset.choose(), role, crs=crs, encoding=encoding)
    if raw.broken is not None:
        log.warning(
            "%s: %d of %d records cannot be read and are set aside",
            raw.source.name,
            len(raw.broken),
            raw.source.rows,
        )
    if raw.frame.empty and raw.broken is not None:
        raise UnreadableSource(
            f"{raw.source.name} is damaged, and no record of it can be read; fetch or export it again"
        )
    if raw.frame.empty:
        layer = f", layer {raw.source.layer}" if raw.source.layer else ""
        raise EmptySource(f"{raw.source.name}{layer} has no rows; check the export or its filter")
    return raw
