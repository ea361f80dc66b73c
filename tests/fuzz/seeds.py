"""Small whole files of every kind that geoasm reads: what mutants are bred from."""

from __future__ import annotations

import io
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import shapely

from tests import geotiffs

ROWS = 6
STEM = "m_2020"  # of every file: rasters take their year from it


@dataclass(frozen=True)
class Seed:
    """A file as its parts by suffix, the first of which is named, and the role that it fills."""

    kind: str
    role: str
    files: Mapping[str, bytes]


def rights() -> gpd.GeoDataFrame:
    """Six rights with an accent in every name, one of them with a hole and one in two parts."""
    squares = [shapely.box(-75 + i / 50, -10, -74.99 + i / 50, -9.99) for i in range(ROWS)]
    hole = shapely.box(-74.998, -9.998, -74.995, -9.995)
    squares[0] = squares[0].difference(hole)
    squares[1] = shapely.MultiPolygon([squares[1], shapely.box(-74, -10, -73.99, -9.99)])
    return gpd.GeoDataFrame(
        {
            "CODIGOU": [f"0100001{i}6" for i in range(ROWS)],
            "CONCESION": [f"ÑAÑA {i}" for i in range(ROWS)],
            "TIT_CONCES": [f"MINERA PEÑA {i} S.A.C." for i in range(ROWS)],
            "FEC_DENU": ["1999-01-01"] * ROWS,
            "D_ESTADO": ["D.M. Titulado"] * ROWS,
            "ESTADO": ["T"] * ROWS,
            "SUSTANCIA": ["M"] * ROWS,
            "HECTAREAS": [100.5] * ROWS,
        },
        geometry=squares,
        crs="EPSG:4326",
    )


def register() -> pd.DataFrame:
    """Six registrations, four of them on a right; identity numbers are made up."""
    return pd.DataFrame(
        {
            "COD_REINFO": [f"21000038{i}" for i in range(ROWS)],
            "M_RUC": ["10000000010"] * ROWS,
            "NOMBRE_MIN": [f"QUISPE ÑAHUI {i}" for i in range(ROWS)],
            "ID_UNIDAD": [f"0100001{i}6" for i in range(ROWS)],
            "ESTADO": ["VIGENTE"] * ROWS,
            "TIPO_ACT": ["EXPLOTACION"] * ROWS,
            "LONGITUD_G84": [f"{-74.999 + i / 50:.6f}" for i in range(ROWS)],
            "LATITUD_G84": ["-9.999000"] * ROWS,
        }
    )


@cache
def seeds() -> tuple[Seed, ...]:
    """Make every seed, in a fixed order."""
    vectors = [
        ("shapefile", ".shp", {}),
        ("gpkg", ".gpkg", {}),
        ("geojson", ".geojson", {}),
        ("fgb", ".fgb", {}),
        ("kml", ".kml", {"driver": "KML"}),
        ("gml", ".gml", {}),
        ("mapinfo", ".tab", {}),
    ]
    made = [Seed(kind, "concessions", _written(suffix, more)) for kind, suffix, more in vectors]
    of = {seed.kind: seed for seed in made}
    table = register().to_csv(index=False).encode()
    tables = {
        "csv": {".csv": table},
        "xlsx": {".xlsx": _workbook(register())},
        "csv-semicolon": {".csv": register().to_csv(index=False, sep=";").encode("cp1252")},
    }
    strata = b"holder,ruc,date,stratum\nMINERA PE\xc3\x91A 1 S.A.C.,,2024-05-31,GRAN MINERIA\n"
    return (
        *made,
        Seed("parquet", "concessions", {".parquet": _parquet()}),
        Seed("zip", "concessions", {".zip": zipped(of["shapefile"].files)}),
        Seed("sqlite", "registrations", {".sqlite": _sqlite()}),
        *(Seed(kind, "registrations", files) for kind, files in tables.items()),
        Seed("table", "strata", {".csv": strata}),
        Seed("tif", "activity", {".tif": _raster()}),
        Seed("tif-tiled", "activity", {".tif": _raster(tiled=True, blockxsize=16, blockysize=16)}),
        Seed("tif-deflate", "elevation", {".tif": _raster(compress="deflate")}),
    )


def zipped(files: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Pack parts, or whole names, into a zip of one fixed day."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in files.items():
            whole = STEM + name if name.startswith(".") else name
            archive.writestr(zipfile.ZipInfo(whole, (2024, 1, 1, 0, 0, 0)), content, compression)
    return out.getvalue()


def _of_folder(suffix: str, write: Callable[[Path], object]) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{STEM}{suffix}"
        write(path)
        others = sorted(p for p in Path(folder).iterdir() if p != path)
        return {p.name.removeprefix(STEM): p.read_bytes() for p in (path, *others)}


def _written(suffix: str, more: dict[str, str]) -> dict[str, bytes]:
    return _of_folder(suffix, lambda path: rights().to_file(path, **more))


def _parquet() -> bytes:
    out = io.BytesIO()
    rights().to_parquet(out)
    return out.getvalue()


def _sqlite() -> bytes:
    """A database of SQLite that is no GeoPackage."""

    def write(path: Path) -> None:
        with sqlite3.connect(path) as base:
            register().to_sql("register", base, index=False)

    return _of_folder(".sqlite", write)[".sqlite"]


def _workbook(frame: pd.DataFrame) -> bytes:
    book = openpyxl.Workbook()
    for row in (list(frame.columns), *frame.to_numpy().tolist()):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _raster(**options: object) -> bytes:
    values = np.where(np.arange(1600).reshape(40, 40) % 7, 3, 30).astype(np.uint8)
    place = geotiffs.Affine(0.001, 0, -75, 0, -0.001, -9.98)
    more = {"crs": "EPSG:4326", "transform": place, **options}
    return _of_folder(".tif", lambda path: geotiffs.write(path, values, **more))[".tif"]
