"""What a user writes for a file: `path` or `path:layer`, checked before anything is opened."""

from __future__ import annotations

import errno
import glob
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from geoasm.errors import EmptySource, SourceNotFound, UnreadableSource
from geoasm.io.database_url import is_database

SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_SIDECARS = frozenset({".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qmd"})
_DELIMITED = frozenset({".csv", ".tsv", ".txt"})
_OFFICE = {".xls": "an old Excel file", ".ods": "an OpenDocument sheet"}
_HEAD_BYTES = 4096
RASTER_MARKS = (
    *(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"\x89PNG", b"\xff\xd8\xff", b"EHFA_HEADER_TAG"),
    b"\0\0\0\x0cjP  ",
)
_RASTER_SUFFIXES = frozenset({".tif", ".tiff", ".img", ".asc", ".jp2", ".bil", ".hgt", ".vrt"})


class Kind(StrEnum):
    """How a file is read."""

    VECTOR = "vector"
    ARCHIVE = "archive"
    DELIMITED = "delimited"
    WORKBOOK = "workbook"
    PARQUET = "parquet"
    PARTITIONS = "partitions"
    DATABASE = "database"


@dataclass(frozen=True)
class Location:
    """A file that exists, and the layer asked for inside it."""

    path: Path
    layer: str | None = None

    @property
    def name(self) -> str:
        """The file's name as messages show it, never a path."""
        return self.path.name


@dataclass(frozen=True)
class RasterFile:
    """A raster as a user names it: `path` or `path:BAND`, and its year where that is said."""

    text: str
    year: int | None = None


def locate(text: str) -> Location:
    """
    Find the file that a text names.

    Parameters
    ----------
    text
        `path` or `path:layer`; a file whose own name holds the colon comes first.

    Raises
    ------
    SourceNotFound, UnreadableSource, EmptySource
        There is no such file; it is a directory, or may not be read; it has no bytes.
    """
    if is_database(text):
        raise UnreadableSource("a table of a database is no raster; name a file")
    with readable(Path(text).name):
        location = _split(text)
        return _looked_at(location, text)


@contextmanager
def readable(name: str) -> Iterator[None]:
    """
    Tell of an input that this user may not read.

    Raises
    ------
    UnreadableSource
        The system denies it.
    """
    try:
        yield
    except PermissionError as err:
        raise UnreadableSource(
            f"{name} may not be read; ask its owner for the right to read it"
        ) from err


def _looked_at(location: Location, text: str) -> Location:
    path = location.path
    if path.is_dir():
        if path.suffix.lower() == ".gdb" or _is_partitions(path):
            return location
        raise UnreadableSource(f"{path.name or text} is a directory; name a file in it")
    _check_kinds(path)
    if path.stat().st_size == 0:
        raise EmptySource(f"{path.name} is empty (0 bytes); fetch or export it again")
    path.open("rb").close()
    return location


def _check_kinds(path: Path) -> None:
    """Refuse pipes and devices, as a file or as one of its parts: reading one may never end."""
    for part in (path, *named_alike(path)):
        if not (part.is_file() or part.is_dir() or not part.exists()):
            raise UnreadableSource(f"{part.name} is a pipe or a device; name a file")


def named_alike(path: Path) -> list[Path]:
    """List what readers may open beside a file: `a.dbf` and `a.tif.msk` beside `a.tif`."""
    start = f"{path.stem.lower()}."
    return [p for p in path.parent.iterdir() if p.name.lower().startswith(start)]


def _is_partitions(path: Path) -> bool:
    from geoasm.io.partitions import PARTITIONS  # which is slow to load, and help names paths

    return PARTITIONS.is_one(path)


def _split(text: str) -> Location:
    path = expanded(text).absolute()  # `WFS:x` is a file, and no service to GDAL
    if is_there(path):
        return Location(path)
    head, colon, layer = text.rpartition(":")
    if colon and head and layer and is_there(expanded(head)):
        return Location(expanded(head).absolute(), layer)
    where = _neighbours(path) if is_there(path.parent) else "its folder does not exist either"
    raise SourceNotFound(f"no such file: {text}; {where}")


def expanded(text: str | Path) -> Path:
    """Put a user's home in the place of `~NAME`, which stays as it is where no user is called so."""
    return Path(os.path.expanduser(text))  # noqa: PTH111 -- Path.expanduser raises a RuntimeError


def is_there(path: Path) -> bool:
    """Tell whether a path exists; one that is longer than the system takes does not."""
    try:
        return path.exists()
    except OSError as err:
        if err.errno == errno.ENAMETOOLONG:
            return False
        raise


def _neighbours(path: Path) -> str:
    start = glob.escape(path.stem) or "?"
    alike = sorted(p.name for p in path.parent.glob(f"{start}.*") if p.is_file())
    return f"did you mean {alike[0]}?" if alike else f"it is not in {path.parent}"


def kind_of(path: Path) -> Kind:
    """
    Tell how a file is read, by its first bytes before its name.

    Raises
    ------
    UnreadableSource
        It is a raster, an office document, one part of a shapefile, or text that only says where
        data lie.
    """
    suffix, name = path.suffix.lower(), path.name
    if path.is_dir():
        return Kind.PARTITIONS if _is_partitions(path) else Kind.VECTOR
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(b"PAR1"):
        return Kind.PARQUET
    if head.startswith(b"PK") and suffix != ".kmz":
        return Kind.WORKBOOK if suffix in (".xlsx", ".xlsm") else Kind.ARCHIVE
    if suffix in (".zip", ".xlsx", ".xlsm") or (suffix == ".kmz" and not head.startswith(b"PK")):
        raise UnreadableSource(
            f"{name} cannot be unpacked: it is no {suffix[1:]} file, or is cut short"
        )
    if head.startswith(RASTER_MARKS):
        raise UnreadableSource(f"{name} is a raster; a vector layer or a table is needed here")
    if suffix in _OFFICE:
        raise UnreadableSource(f"{name} is {_OFFICE[suffix]}; save it as XLSX or CSV")
    if suffix in _SIDECARS or (suffix == ".dbf" and _sibling(path, ".shp")):
        raise UnreadableSource(f"{name} is one part of a shapefile; name the .shp file")
    return Kind.DELIMITED if suffix in _DELIMITED else Kind.VECTOR


def is_raster(text: str) -> bool:
    """Tell whether what a text names is a raster, by its first bytes or its name."""
    try:
        path = locate(text).path
    except (SourceNotFound, UnreadableSource, EmptySource):
        return False
    if path.is_dir():
        return False
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    return head.startswith(RASTER_MARKS) or path.suffix.lower() in _RASTER_SUFFIXES


def _sibling(path: Path, suffix: str) -> Path | None:
    for candidate in (path.with_suffix(suffix), path.with_suffix(suffix.upper())):
        if candidate.is_file():
            return candidate
    return None


def shapefile_part(path: Path, suffix: str) -> Path | None:
    """Give a part of a shapefile (`.dbf`, `.shx`…), whatever its case; None where it is missing."""
    return _sibling(path, suffix)


def digest(path: Path) -> str:
    """Give the SHA-256 of a file; of a shapefile the parts together, of a folder its files."""
    total = hashlib.sha256()
    for part in _parts(path):
        with part.open("rb") as file:
            while block := file.read(1 << 20):
                total.update(block)
    return total.hexdigest()


def _parts(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(p for p in path.iterdir() if p.is_file())
    if path.suffix.lower() == ".shp":
        found = [path, *(_sibling(path, s) for s in SHAPEFILE_PARTS[1:])]
        return [p for p in found if p is not None]
    return [path]


@contextmanager
def unchanged(*paths: Path) -> Iterator[None]:
    """
    Make sure that files, and those in folders, are the same at the end of a block as at its beginning.

    Raises
    ------
    UnreadableSource
        A file was changed, replaced or removed: what was read may be of both, and whatever else
        failed in the block is told as this.
    """
    before = {
        path: _stamps(path.rglob("*") if path.is_dir() else _parts(path))
        for path in paths
        if not Path(f"{path}-wal").exists()  # a database that readers themselves bring up to date
    }

    def check() -> None:
        for path, stamps in before.items():
            if _stamps(stamps) != stamps:
                raise UnreadableSource(
                    f"{path.name} was changed, replaced or removed while it was read; "
                    "give the command again once it stays as it is"
                )

    try:
        yield
    except Exception as err:
        try:
            check()
        except UnreadableSource as changed:
            raise changed from err
        raise
    check()


def _stamps(parts: Iterable[Path]) -> dict[Path, tuple[int, ...] | None]:
    """Tell by what a system knows a file, and when it was written; None for one that is not there."""
    return {part: _stamp(part) for part in parts}


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
