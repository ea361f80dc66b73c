"""Zip files: unpacked into a temporary folder after their members were looked at."""

from __future__ import annotations

import errno
import lzma
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from geoasm.errors import UnreadableSource

_DATA = frozenset(
    [
        ".shp",
        ".gpkg",
        ".geojson",
        ".json",
        ".fgb",
        ".kml",
        ".kmz",
        ".gml",
        ".tab",
        ".mif",
        ".parquet",
        ".geoparquet",
        ".csv",
        ".tsv",
        ".xlsx",
        ".sqlite",
    ]
)
_KMZ, _KML = ".kmz", ".kml"
_NESTED = 1  # a zip inside the zip is opened, no deeper
_ENCRYPTED = 0x1
_SMALL_BYTES = 1 << 30  # what any zip may unpack to
_MOST_SWELLING = 100  # times its own size beyond that; a cadastre packs to a tenth or so


@contextmanager
def unpacked(path: Path) -> Iterator[dict[str, Path]]:
    """
    Unpack a zip for as long as the context lasts.

    Yields
    ------
    files
        The members that hold data, by their path in the zip, sorted.

    Raises
    ------
    UnreadableSource
        The zip is damaged, encrypted, holds no data, or has members that point outside it.
    """
    with TemporaryDirectory(prefix="geoasm-") as folder:
        swelling = Swelling(path.name, path.stat().st_size)
        files = _extract(path, Path(folder), swelling, _NESTED)
        if not files:
            raise UnreadableSource(f"{path.name} holds no spatial file and no table")
        yield dict(sorted(files.items()))


@contextmanager
def rewritten(path: Path) -> Iterator[Path]:
    """
    Write a KMZ anew, for as long as the context lasts, from those of its members that are KML.

    GDAL unpacks a KMZ without a limit, and may find other members in it than were measured.

    Yields
    ------
    file
        Of the same name.

    Raises
    ------
    UnreadableSource
        As `unpacked`.
    """
    with TemporaryDirectory(prefix="geoasm-") as folder:
        swelling = Swelling(path.name, path.stat().st_size)
        yield _rewrite(path, Path(folder) / path.name, swelling)


@dataclass
class Swelling:
    """How far a zip, with the zips inside it, has grown: a bomb is told before it is unpacked."""

    name: str
    packed: int
    unpacked: int = 0

    def add(self, size: int) -> None:
        """
        Count bytes that are about to be unpacked.

        Raises
        ------
        UnreadableSource
            They are out of all proportion.
        """
        self.unpacked += size
        if self.unpacked > max(_SMALL_BYTES, _MOST_SWELLING * self.packed):
            raise UnreadableSource(
                f"{self.name} is refused: {self.packed / 1e6:.1f} MB would unpack to "
                f"{self.unpacked / 1e9:.1f} GB; if that is right, unpack it and name the file inside"
            )


def _extract(path: Path, folder: Path, swelling: Swelling, depth: int) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for target in _unpack(path, folder, swelling):
        name, suffix = target.relative_to(folder).as_posix(), target.suffix.lower()
        if suffix == _KMZ:
            files[name] = _rewrite(target, target, swelling)
        elif suffix in _DATA:
            files[name] = target
        elif suffix == ".zip" and depth:
            inner = target.with_name(f"{target.name}.unpacked")
            within = _extract(target, inner, swelling, depth - 1)
            files |= {f"{name}/{member}": file for member, file in within.items()}
    return files


def _rewrite(path: Path, target: Path, swelling: Swelling) -> Path:
    with TemporaryDirectory(prefix="geoasm-") as folder:
        found = [f for f in _unpack(path, Path(folder), swelling) if f.suffix.lower() == _KML]
        if not found:
            raise UnreadableSource(f"{path.name} holds no KML; export it again")
        with _refusing(swelling.name), zipfile.ZipFile(target, "w") as archive:
            for file in found:
                archive.write(file, file.relative_to(folder))
    return target


def _unpack(path: Path, folder: Path, swelling: Swelling) -> list[Path]:
    name = path.name if path.name == swelling.name else f"{path.name} in {swelling.name}"
    with _refusing(name), zipfile.ZipFile(path) as archive:
        members = [m for m in archive.infolist() if not _is_litter(m)]
        _check(members, folder, swelling)
        archive.extractall(folder, members)
    return list(dict.fromkeys(folder / m.filename for m in members))  # some are listed twice


@contextmanager
def _refusing(name: str) -> Iterator[None]:
    """Tell a zip that is no zip, and a disk that is full, in one line."""
    try:
        yield
    except (
        zipfile.BadZipFile, EOFError, NotImplementedError, zlib.error, lzma.LZMAError, OSError,
        ValueError, RuntimeError,
    ) as err:  # fmt: skip
        if isinstance(err, OSError) and err.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UnreadableSource(
                f"{name} cannot be unpacked: the temporary folder is full; name another with TMPDIR"
            ) from err
        raise UnreadableSource(
            f"{name} cannot be unpacked: the zip is damaged or cut short; fetch it again"
        ) from err


def _is_litter(member: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(member.filename).parts
    if not parts:  # a name of nothing, or of dots alone
        return True
    return member.is_dir() or "__MACOSX" in parts or parts[-1].startswith(".")


def _check(members: list[zipfile.ZipInfo], folder: Path, swelling: Swelling) -> None:
    name = swelling.name
    for member in members:
        inside = PurePosixPath(member.filename.replace("\\", "/"))
        if inside.is_absolute() or ".." in inside.parts or ":" in inside.parts[0]:
            raise UnreadableSource(
                f"{name} is refused: a member's name points outside the zip ({member.filename!r})"
            )
        if member.flag_bits & _ENCRYPTED:
            raise UnreadableSource(f"{name} is encrypted; unpack it and name the file")
    folder.mkdir(parents=True, exist_ok=True)
    size = sum(member.file_size for member in members)
    swelling.add(size)
    if size > shutil.disk_usage(folder).free:
        raise UnreadableSource(
            f"{name} unpacks to {size / 1e9:.1f} GB, more than the temporary folder has free"
        )
