"""Spoilt binary stores: databases through SQL, shapefiles, Parquet's metadata and TIFF's tags."""

from __future__ import annotations

import io
import json
import random
import sqlite3
import struct
import tempfile
from pathlib import Path

import pyarrow.parquet as pq

# What hostile or clumsy programs leave in a GeoPackage, most of it lawful SQL.
_SAID = (
    "UPDATE m_2020 SET geom = x'00'",
    "UPDATE m_2020 SET geom = 'text' WHERE fid = 2",
    "UPDATE m_2020 SET geom = substr(geom, 1, 60) WHERE fid = 2",
    "UPDATE m_2020 SET geom = NULL",
    "UPDATE m_2020 SET geom = zeroblob(1000) WHERE fid > 3",
    "UPDATE m_2020 SET CODIGOU = x'ff00fe' WHERE fid = 2",
    "UPDATE m_2020 SET CODIGOU = 1e300 WHERE fid = 2",
    "UPDATE m_2020 SET HECTAREAS = 'abc', FEC_DENU = x'00' WHERE fid = 3",
    "UPDATE m_2020 SET CONCESION = CAST(x'd1ff' AS TEXT)",
    "UPDATE m_2020 SET CONCESION = printf('%.*c', 3000000, 'x') WHERE fid = 1",
    "UPDATE m_2020 SET fid = -fid",
    "UPDATE m_2020 SET fid = fid * 1000000000000",
    "DELETE FROM gpkg_contents",
    "DELETE FROM gpkg_geometry_columns",
    "DELETE FROM gpkg_spatial_ref_sys",
    "UPDATE gpkg_geometry_columns SET srs_id = 99999",
    "UPDATE gpkg_geometry_columns SET geometry_type_name = 'CURVE'",
    "UPDATE gpkg_geometry_columns SET column_name = 'nowhere'",
    "UPDATE gpkg_contents SET table_name = 'nowhere'",
    "UPDATE gpkg_contents SET min_x = 'a', max_x = 1e999, last_change = 'never'",
    "UPDATE gpkg_contents SET data_type = 'tiles'",
    "UPDATE gpkg_spatial_ref_sys SET definition = 'PROJCS[' WHERE srs_id = 4326",
    "UPDATE gpkg_spatial_ref_sys SET definition = printf('%.*c', 100000, '['), organization = 'x'",
    "ALTER TABLE m_2020 RENAME COLUMN CODIGOU TO [a\"b'c]",
    "ALTER TABLE m_2020 ADD COLUMN source_row TEXT DEFAULT 'x'",
    "ALTER TABLE m_2020 ADD COLUMN geometry TEXT DEFAULT 'x'",
    "DROP TABLE gpkg_spatial_ref_sys",
    "PRAGMA user_version = 99999999",
    "PRAGMA application_id = 0",
    "DROP TABLE m_2020; CREATE VIEW m_2020 AS SELECT * FROM m_2020",
    "CREATE TABLE t AS SELECT * FROM m_2020; DROP TABLE m_2020; CREATE VIEW m_2020 AS WITH RECURSIVE"
    " c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT i AS fid, geom, CODIGOU FROM c, t",
    "CREATE TABLE t AS SELECT * FROM m_2020; DROP TABLE m_2020; CREATE VIEW m_2020 AS SELECT fid, geom,"
    " load_extension('/tmp/x.so') AS CODIGOU FROM t",
    "CREATE VIRTUAL TABLE v USING VirtualShape('/etc/passwd', 'UTF-8', 4326)",
    "UPDATE gpkg_contents SET table_name = 'sqlite_master'",
)  # fmt: skip


def run_sql(rng: random.Random, content: bytes) -> bytes:
    """Change a GeoPackage through SQL, whatever its triggers and rules say."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.gpkg"
        path.write_bytes(content)
        base = sqlite3.connect(path, isolation_level=None)
        base.execute("PRAGMA foreign_keys = OFF")
        names = [
            n for (n,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        ]
        for name in names:
            base.execute(f'DROP TRIGGER "{name}"')
        for script in rng.sample(_SAID, rng.choice((1, 1, 2))):
            try:
                base.executescript(script)
            except sqlite3.Error:
                continue  # a change made before may forbid it
        base.close()
        return path.read_bytes()


def spoil_pages(rng: random.Random, content: bytes) -> bytes:
    """Spoil the head of one page of a database, where SQLite keeps how it hangs together."""
    at = rng.randrange(len(content) // 4096) * 4096 + rng.randrange(12)
    return content[:at] + rng.choice((b"\0\0", b"\xff\xff", rng.randbytes(8))) + content[at + 2 :]


def spoil_shape_counts(rng: random.Random, content: bytes) -> bytes:
    """Give one record of a .shp absurd parts, points, type, length or coordinates."""
    out, at, starts = bytearray(content), 100, []
    while at + 12 <= len(out):
        starts.append(at)
        at += 8 + 2 * int(struct.unpack_from(">i", out, at + 4)[0])
    at = rng.choice(starts)
    how = rng.randrange(5)
    if how == 0:
        struct.pack_into("<i", out, at + 8 + 36, rng.choice((-1, 0, 7, 2**31 - 1)))
    elif how == 1:
        struct.pack_into("<i", out, at + 8 + 40, rng.choice((-1, 0, 1, 2**31 - 1, 2**28)))
    elif how == 2:
        struct.pack_into("<i", out, at + 8, rng.choice((0, 1, 3, 8, 15, 31, 99, -1)))
    elif how == 3:
        struct.pack_into(">i", out, at + 4, rng.choice((-1, 0, 2, 2**31 - 1)))
    else:
        struct.pack_into("<d", out, at + 8 + 48, rng.choice((float("nan"), float("inf"), 1e300)))
    return bytes(out)


def spoil_geo_metadata(rng: random.Random, content: bytes) -> bytes:
    """Change what a GeoParquet says of itself; its pages stay whole."""
    table = pq.read_table(io.BytesIO(content))
    geo = json.loads(table.schema.metadata[b"geo"])
    column = geo["columns"]["geometry"]
    odd = rng.choice(
        (None, [], {}, 7, "", "x", "OGC:CRS84", {"type": "x"}, [1, 2], "EPSG:32718", True)
    )
    where = rng.choice((geo, geo, column, column, column, geo["columns"]))
    where[rng.choice(list(where))] = odd
    text = rng.choice(
        (json.dumps(geo), json.dumps(geo), json.dumps(geo)[:-9], "[" * 100_000, "null")
    )
    said = {**table.schema.metadata, b"geo": text.encode()}
    if rng.random() < 0.1:
        del said[b"geo"]
    out = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(said), out)
    return out.getvalue()


def spoil_tag(rng: random.Random, content: bytes) -> bytes:
    """Change type, count or value of one tag of a little-endian TIFF."""
    out = bytearray(content)
    (first,) = struct.unpack_from("<I", out, 4)
    (count,) = struct.unpack_from("<H", out, first)
    at = first + 2 + 12 * rng.randrange(count)
    how = rng.randrange(4)
    if how == 0:
        struct.pack_into("<H", out, at + 2, rng.choice((0, 1, 2, 3, 5, 12, 13, 16, 99)))
    elif how == 1:
        struct.pack_into("<I", out, at + 4, rng.choice((0, 1, 2, 65_536, 2**28, 2**32 - 1)))
    elif how == 2:
        value = rng.choice((0, 1, 3, 8, 64, 65_535, 2**31 - 1, 2**32 - 1, len(out) + 9, first))
        struct.pack_into("<I", out, at + 8, value)
    else:
        struct.pack_into("<H", out, at, rng.choice((256, 257, 258, 259, 277, 322, 330, 339, 42113)))
    return bytes(out)


OF_GEOPACKAGE = (run_sql, run_sql, run_sql, spoil_pages)
