"""Ways to spoil a file: blind ones for every kind of bytes, and some that know a format."""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tests.fuzz import archives, documents, stores
from tests.fuzz.seeds import STEM, Seed


@dataclass(frozen=True)
class Odd:
    """Something on disk that is no file with bytes: a pipe, a folder, a link to somewhere."""

    what: str

    def place(self, path: Path) -> None:
        if self.what == "pipe":
            os.mkfifo(path)
        elif self.what == "folder":
            path.mkdir()
        else:
            path.symlink_to(self.what)


Content: TypeAlias = bytes | Odd
Files: TypeAlias = dict[str, Content]


@dataclass(frozen=True)
class Mutant:
    """A spoilt file: its parts, the first of which is named, and what was done to it."""

    kind: str
    role: str
    how: str
    files: Files

    def write(self, folder: Path) -> Path:
        """Lay the parts out in a folder and give the one to name."""
        for suffix, content in self.files.items():
            path = folder / f"{STEM}{suffix}"
            if isinstance(content, Odd):
                content.place(path)
            else:
                path.write_bytes(content)
        return folder / f"{STEM}{next(iter(self.files))}"


def breed(seed: Seed, rng: random.Random) -> Mutant:
    """Spoil one seed in one way."""
    files: Files = dict(seed.files)
    knowing = KNOWING.get(seed.kind.partition("-")[0], ())
    roll = rng.random()
    if knowing and roll < 0.45:
        spoil = rng.choice(knowing)
        main = next(iter(files))
        files[main] = spoil(rng, seed.files[main])
    elif roll < 0.53:
        spoil = rng.choice(OF_PARTS)
        files = spoil(rng, files)
    else:
        part = rng.choice(list(files))
        content = seed.files[part]
        spoil = rng.choice(BLIND)
        for _ in range(rng.choice((1, 1, 1, 2, 4))):
            content = spoil(rng, content)
        files[part] = content
    return Mutant(seed.kind, seed.role, spoil.__name__, files)


def place_of(rng: random.Random, content: bytes) -> int:
    """Choose a byte, heads more often than the rest: they hold counts and offsets."""
    most = len(content) if rng.random() < 0.5 else min(len(content), 300)
    return rng.randrange(max(most, 1))


def flip_bits(rng: random.Random, content: bytes) -> bytes:
    out = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8, 64)) if out else 0):
        out[place_of(rng, content)] ^= 1 << rng.randrange(8)
    return bytes(out)


def cut_short(rng: random.Random, content: bytes) -> bytes:
    return content[: place_of(rng, content)]


def overwrite(rng: random.Random, content: bytes) -> bytes:
    at, length = place_of(rng, content), rng.choice((1, 4, 16, 128, 1024))
    kinds = (b"\0" * length, b"\xff" * length, rng.randbytes(length))
    return content[:at] + rng.choice(kinds)[: len(content) - at] + content[at + length :]


def put_extreme_number(rng: random.Random, content: bytes) -> bytes:
    """Write a number that no count or offset should be, in either order of bytes."""
    at = place_of(rng, content) & ~1
    code, values = rng.choice(
        (
            ("H", (0, 1, 0xFFFF, 0x7FFF)),
            ("I", (0, 1, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 0x10000000)),
            ("Q", (0, 2**64 - 1, 2**63 - 1, 2**40)),
            ("d", (float("nan"), float("inf"), 1e308, -1e308, 5e-324)),
        )
    )
    number = struct.pack(rng.choice("<>") + code, rng.choice(values))
    return content[:at] + number + content[at + len(number) :]


def drop_span(rng: random.Random, content: bytes) -> bytes:
    at = place_of(rng, content)
    return content[:at] + content[at + rng.choice((1, 3, 64, 512)) :]


def repeat_span(rng: random.Random, content: bytes) -> bytes:
    at, length = place_of(rng, content), rng.choice((1, 8, 100, 1000))
    return (
        content[:at] + content[at : at + length] * rng.choice((2, 3, 50)) + content[at + length :]
    )


def swap_spans(rng: random.Random, content: bytes) -> bytes:
    a, b = sorted((place_of(rng, content), place_of(rng, content)))
    n = min(rng.choice((4, 64, 400)), b - a)
    return (
        content[:a]
        + content[b : b + n]
        + content[a + n : b]
        + content[a : a + n]
        + content[b + n :]
    )


def drop_part(rng: random.Random, files: Files) -> Files:
    gone = rng.choice(list(files)[1:] or list(files))
    return {k: v for k, v in files.items() if k != gone} or {gone: b""}


def empty_part(rng: random.Random, files: Files) -> Files:
    return {**files, rng.choice(list(files)): b""}


def swap_parts(rng: random.Random, files: Files) -> Files:
    a, b = rng.choice(list(files)), rng.choice(list(files))
    return {**files, a: files[b], b: files[a]}


def make_part_odd(rng: random.Random, files: Files) -> Files:
    """Put a pipe, a folder, a device or a dead link in the place of one part."""
    what = rng.choice(("pipe", "folder", "/dev/zero", "/dev/full", "nowhere", f"{STEM}.loop"))
    return {**files, rng.choice(list(files)): Odd(what)}


def add_side_file(rng: random.Random, files: Files) -> Files:
    """Add a side file that some driver looks for, with text that points elsewhere."""
    main = next(iter(files))
    name = rng.choice((".prj", ".cpg", ".qix", ".gfs", ".xsd", f"{main}.msk", f"{main}.ovr",
                       f"{main}.aux.xml", ".tfw", f"{main}-wal", f"{main}-journal"))  # fmt: skip
    content = rng.choice((*documents.POINTERS, b"", b"UTF-9", rng.randbytes(300), Odd("pipe")))
    return {**files, name: content}


def rename(rng: random.Random, files: Files) -> Files:
    """Give the named part a suffix of another format."""
    other = rng.choice((".shp", ".gpkg", ".geojson", ".kml", ".kmz", ".csv", ".xlsx", ".zip",
                        ".tif", ".parquet", ".gdb", ".vrt", ".xml", ".txt", ".mif", ""))  # fmt: skip
    main, *rest = files
    return {other: files[main], **{k: files[k] for k in rest if k != other}}


def point_elsewhere(rng: random.Random, files: Files) -> Files:
    """Put a document that only names other data in the place of the data."""
    return {**files, next(iter(files)): rng.choice(documents.POINTERS)}


BLIND: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    flip_bits, flip_bits, cut_short, overwrite, put_extreme_number, put_extreme_number,
    drop_span, repeat_span, swap_spans,
)  # fmt: skip
OF_PARTS: tuple[Callable[[random.Random, Files], Files], ...] = (
    drop_part, empty_part, swap_parts, make_part_odd, add_side_file, add_side_file, rename,
    point_elsewhere,
)  # fmt: skip
KNOWING: dict[str, tuple[Callable[[random.Random, bytes], bytes], ...]] = {
    "shapefile": (stores.spoil_shape_counts,),
    "gpkg": stores.OF_GEOPACKAGE,
    "geojson": documents.OF_JSON,
    "kml": documents.OF_XML,
    "gml": documents.OF_XML,
    "csv": documents.OF_TEXT,
    "table": documents.OF_TEXT,
    "zip": archives.OF_ZIP,
    "xlsx": archives.OF_WORKBOOK,
    "parquet": (stores.spoil_geo_metadata,),
    "tif": (stores.spoil_tag,),
}
