"""Looks for persons in everything that a command leaves, however it is written or packed."""

from __future__ import annotations

import base64
import binascii
import codecs
import gzip
import hashlib
import html
import io
import re
import sqlite3
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import pyarrow.parquet as pq

from tests.privacy.planted import PERSONS, Person
from tests.render import unpacked

SALTS = ("", "ruc", "dni", "name", "party", "registrant", "holder", "registrations", "concessions",
         "geoasm", "salt", *map(str, range(1, 30)))  # fmt: skip
HEX = re.compile(r"[0-9a-f]{8,}")
TELLING = 10  # characters of a digest that give it away, for digests are cut as well
SQLITE = b"SQLite format 3\x00"
PACKED = re.compile(r'<script type="application/octet-stream"[^>]*>(.*?)</script>', re.DOTALL)
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


class Leak(NamedTuple):
    """Where something of a person is told, and what."""

    where: str
    what: str


def leaks_in(folder: Path, persons: Iterable[Person] = PERSONS) -> list[Leak]:
    """Find persons in the files of a folder and in what these are called, but for `private/`."""
    found: list[Leak] = []
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if "private" in place.parts:
            continue
        found += leaks_of(str(place), "name of file", persons)
        if path.is_file():
            found += leaks_of_bytes(path.read_bytes(), str(place), persons)
    return found


def leaks_of_bytes(content: bytes, where: str, persons: Iterable[Person] = PERSONS) -> list[Leak]:
    """Find persons in a file: as it lies there, and in all that is packed in it."""
    persons = tuple(persons)
    found = [
        Leak(where, f"raw digest of {person.dni}")
        for person in persons
        for digest in raw_digests(person)
        if digest in content
    ]
    for part, text in texts_of(content):
        found += leaks_of(text, f"{where} {part}".strip(), persons)
    return list(dict.fromkeys(found))


def leaks_of(text: str, where: str, persons: Iterable[Person] = PERSONS) -> list[Leak]:
    """Find persons in a text, whatever its case, accents, spaces, order of names or escapes."""
    squeezed = {squeeze(way) for way in ways(text)}
    lowered = text.lower()
    runs = {run[i : i + TELLING] for run in HEX.findall(lowered) for i in range(len(run) - 7)}
    found = []
    for person in persons:
        plain = {needle for needle in needles(person) if any(needle in s for s in squeezed)}
        plain |= {form for form in spelt(person) if form in lowered}
        found += [Leak(where, needle) for needle in sorted(plain)]
        found += [Leak(where, f"digest {d}") for d in sorted(digests(person) & runs)]
    return found


def ways(text: str) -> Iterator[str]:
    """Give a text as it is, and without the escapes of HTML, JSON and URLs."""
    yield text
    plain = html.unescape(text)
    plain = ESCAPED.sub(lambda m: chr(int(m[1], 16)), plain)
    yield unquote(plain)
    if "Ã" in plain:  # UTF-8 read as a single-byte encoding
        yield plain.encode("latin-1", "ignore").decode("utf-8", "ignore")


def squeeze(text: str) -> str:
    """Leave letters and digits only, in capitals, without accents."""
    plain = unicodedata.normalize("NFKD", text).upper()
    return "".join(c for c in plain if c.isalnum())


@lru_cache
def needles(person: Person) -> frozenset[str]:
    """Give what tells a person by itself: every word of the name, the number, both turned round."""
    words = [squeeze(word) for word in person.name.split()]
    return frozenset({*words, person.dni, person.dni[::-1], *(w[::-1] for w in words)})


def values_of(person: Person) -> list[str]:
    plain = " ".join(squeeze(word) for word in person.name.split())
    names = [person.name, plain, person.name.lower(), plain.lower(), plain.replace(" ", "")]
    return [person.dni, person.ruc, *names]


@lru_cache
def spelt(person: Person) -> frozenset[str]:
    """Give what undoes without a table: base64, base85, hexadecimal, letters moved by 13."""
    out = set()
    for value in values_of(person):
        raw = value.encode()
        out |= {raw.hex(), codecs.encode(value, "rot13").lower()} - {value.lower()}
        out |= {base64.b64encode(raw).decode().rstrip("=")[:-1].lower()}
        out |= {base64.b32encode(raw).decode().rstrip("=")[:-1].lower()}
    return frozenset(out)


@lru_cache
def digests(person: Person) -> frozenset[str]:
    """Give the beginnings of digests by which anybody with a list of numbers finds the person."""
    out = set()
    for value in values_of(person):
        for salt in SALTS:
            for mark in ("", ":", "|", "-", "_") if salt else ("",):
                for text in (f"{salt}{mark}{value}", f"{value}{mark}{salt}"):
                    raw = text.encode()
                    out |= {hashlib.new(n, raw).hexdigest()[:TELLING] for n in ALGORITHMS}
                    out |= {f"{zlib.crc32(raw):08x}", f"{zlib.adler32(raw):08x}"}
    return frozenset(out)


ALGORITHMS = ("md5", "sha1", "sha256", "sha512", "blake2b")


@lru_cache
def raw_digests(person: Person) -> frozenset[bytes]:
    return frozenset(
        hashlib.new(name, value.encode()).digest()[:TELLING]
        for value in values_of(person)
        for name in ALGORITHMS
    )


def texts_of(content: bytes) -> Iterator[tuple[str, str]]:
    """Read a file in every way in which it may hold text."""
    yield "", content.decode("utf-8", "replace")
    if b"\x00" in content:
        for encoding in ("utf-16-le", "utf-16-be"):
            for start in (0, 1):
                yield encoding, content[start:].decode(encoding, "replace")
    yield "latin-1", content.decode("latin-1")
    if content.startswith(SQLITE):
        yield from _of_database(content)
    elif content.startswith(b"PAR1"):
        yield from _of_parquet(content)
    elif content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                yield "archive", f"{member.filename} {member.comment.decode('utf-8', 'replace')}"
                for part, text in texts_of(archive.read(member)):
                    yield f"{member.filename} {part}", text
    elif content.startswith(b"\x1f\x8b"):
        yield from texts_of(gzip.decompress(content))
    elif b"<html" in content[:2000].lower():
        yield from _of_page(content.decode("utf-8", "replace"))


def _of_database(content: bytes) -> Iterator[tuple[str, str]]:
    with closing(sqlite3.connect(":memory:")) as db:
        db.deserialize(content)
        db.text_factory = lambda raw: raw.decode("utf-8", "replace")
        tables = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            with suppress(sqlite3.OperationalError):  # of a module that is not loaded
                for row in db.execute(f'SELECT * FROM "{table}"'):
                    yield f"table {table}", " | ".join(str(v) for v in row if isinstance(v, str))


def _of_parquet(content: bytes) -> Iterator[tuple[str, str]]:
    file = pq.ParquetFile(io.BytesIO(content))
    schema = file.schema_arrow
    yield "schema", str(schema) + str(schema.metadata) + str([f.metadata for f in schema])
    for group in range(file.num_row_groups):
        for at in range(file.metadata.num_columns):
            told = file.metadata.row_group(group).column(at).statistics
            if told is not None and told.has_min_max:
                yield f"statistics of column {at}", f"{told.min} | {told.max}"
    for name in schema.names:
        values = file.read([name]).column(0).to_pylist()
        for value in {v for v in values if isinstance(v, str)}:
            yield f"column {name}", value


def _of_page(page: str) -> Iterator[tuple[str, str]]:
    if 'class="geoasm-layer"' in page:
        yield "layers", unpacked.text_of(page)
    for block in PACKED.findall(page):
        for line in block.split("\n"):
            with suppress(ValueError, OSError, EOFError, zlib.error):
                packed = base64.b85decode(line.translate(unpacked.INERT))
                yield "packed", gzip.decompress(packed).decode("utf-8", "replace")
    for data in re.findall(r"data:[\w/+.-]+;base64,([A-Za-z0-9+/=]+)", page):
        with suppress(binascii.Error):
            for part, text in texts_of(base64.b64decode(data)):
                yield f"data {part}", text
