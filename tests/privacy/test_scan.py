"""The scan for persons finds each kind of leak: without this, its silence would mean nothing."""

from __future__ import annotations

import base64
import codecs
import gzip
import hashlib
import html
import json
import sqlite3
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.privacy import scan
from tests.privacy.planted import HOLDER, MINER, OWNER

NAME, DNI, RUC = OWNER.name, OWNER.dni, OWNER.ruc
PLAIN = "NAHUINCONDOR ZUNIGARAY WILMERINDO"


@pytest.mark.parametrize(
    "text",
    [
        NAME,
        PLAIN.lower(),
        PLAIN.replace(" ", "  \n"),
        PLAIN.replace(" ", ""),
        "Wilmerindo ÑAHUINCÓNDOR",
        "z-u-n-i-g-a-r-a-y",
        NAME.encode().decode("latin-1"),
        f"DNI {DNI}",
        f"{DNI[:2]}.{DNI[2:5]}.{DNI[5:]}",
        RUC,
        DNI[::-1],
        PLAIN[::-1],
        html.escape(NAME).encode("ascii", "xmlcharrefreplace").decode(),
        json.dumps(NAME),
        NAME.replace("Ñ", "%C3%91").replace("Ó", "%C3%93"),
        base64.b64encode(RUC.encode()).decode(),
        base64.b64encode(NAME.encode()).decode(),
        codecs.encode(PLAIN, "rot13"),
        DNI.encode().hex(),
        hashlib.md5(DNI.encode()).hexdigest(),
        hashlib.sha1(RUC.encode()).hexdigest(),
        hashlib.sha256(NAME.encode()).hexdigest()[:12],
        hashlib.sha256(f"registrant:{DNI}".encode()).hexdigest().upper(),
        hashlib.sha256(f"{RUC}7".encode()).hexdigest(),
        f"{zlib.crc32(DNI.encode()):08x}",
    ],
)
def test_person_is_found_in_a_text_however_it_is_written(text: str) -> None:
    assert scan.leaks_of(f"before {text} after", "here")


@pytest.mark.parametrize(
    "text",
    [
        "COMPAÑÍA MINERA PLANTADORA UNO S.A.C.",
        "20512345678",
        hashlib.sha256(b"concessions.gpkg").hexdigest(),
        "holder no. 3, natural person",
    ],
)
def test_what_tells_nobody_is_no_leak(text: str) -> None:
    assert scan.leaks_of(text, "here") == []


def parquet(table: pa.Table) -> bytes:
    sink = BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def in_a_column() -> bytes:
    return parquet(pa.table({"name": ["A", NAME, "Z"] * 50}))


def in_metadata() -> bytes:
    return parquet(pa.table({"n": [1]}).replace_schema_metadata({"note": NAME}))


def in_a_workbook() -> bytes:
    book, sink = openpyxl.Workbook(), BytesIO()
    book.active["B2"] = NAME  # type: ignore[index]
    book.save(sink)
    return sink.getvalue()


def in_properties() -> bytes:
    book, sink = openpyxl.Workbook(), BytesIO()
    book.properties.creator = NAME
    book.save(sink)
    return sink.getvalue()


def in_an_archive() -> bytes:
    sink = BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr(f"{PLAIN}.txt", "")
    return sink.getvalue()


def in_a_deleted_row() -> bytes:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("PRAGMA secure_delete = OFF")
        db.execute("CREATE TABLE t (a TEXT)")
        db.execute("INSERT INTO t VALUES (?)", ["x" * 3000 + PLAIN])
        db.execute("DELETE FROM t")
        db.commit()
        return db.serialize()


def in_a_page() -> bytes:
    packed = base64.b85encode(gzip.compress(NAME.encode())).decode()
    inert = packed.translate(str.maketrans("<>&", ",:."))
    block = f'<script type="application/octet-stream" data-parcel="x 0">{inert}</script>'
    return f"<!doctype html><html>{block}</html>".encode()


def in_a_picture_in_a_page() -> bytes:
    picture = base64.b64encode(f"<svg><title>{NAME}</title></svg>".encode()).decode()
    return f'<html><img src="data:image/svg+xml;base64,{picture}"></html>'.encode()


def in_two_bytes_a_letter() -> bytes:
    return b"\x00" + NAME.encode("utf-16-le")


def as_a_raw_digest() -> bytes:
    return b"...." + hashlib.sha256(DNI.encode()).digest()


@pytest.mark.parametrize(
    "write",
    [
        in_a_column,
        in_metadata,
        in_a_workbook,
        in_properties,
        in_an_archive,
        in_a_deleted_row,
        in_a_page,
        in_a_picture_in_a_page,
        in_two_bytes_a_letter,
        as_a_raw_digest,
    ],
)
def test_person_is_found_in_a_file_however_it_is_packed(write: Callable[[], bytes]) -> None:
    assert scan.leaks_of_bytes(write(), "file")


def test_person_is_found_in_the_name_of_a_file_but_not_in_private(tmp_path: Path) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "a.txt").write_text(HOLDER.name, encoding="utf-8")
    assert scan.leaks_in(tmp_path) == []
    (tmp_path / f"{MINER.dni}.txt").touch()
    assert scan.leaks_in(tmp_path)
