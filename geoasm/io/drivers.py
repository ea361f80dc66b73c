"""The formats that geoasm opens, and no others: GDAL knows two hundred, and some of them ask the web."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyogrio

from geoasm.errors import UnreadableSource
from geoasm.io.views import check_views

VECTOR = (
    "ESRI Shapefile",
    "GPKG",
    "GeoJSON",
    "GeoJSONSeq",
    "ESRIJSON",
    "TopoJSON",
    "JSONFG",
    "FlatGeobuf",
    "KML",
    "LIBKML",
    "GML",
    "MapInfo File",
    "OpenFileGDB",
    "SQLite",
)
RASTER = (
    "GTiff",
    "HFA",
    "JP2OpenJPEG",
    "PNG",
    "JPEG",
    "AAIGrid",
    "EHdr",
    "SRTMHGT",
    "GPKG",  # so that a GeoPackage of several rasters can be told from none
)
READS_LAYERS = (
    "geoasm reads Shapefile, GeoPackage, GeoJSON, FlatGeobuf, KML, GML, MapInfo, File Geodatabase, "
    "SQLite, GeoParquet, CSV and XLSX"
)
READS_RASTERS = "geoasm reads GeoTIFF, IMG, JPEG 2000, PNG, JPEG, ASC, BIL and HGT"

# A lawful file can name a system, or a level of detail, by an address: port 9 of this machine
# answers nobody, and GDAL has no other way out.
OFFLINE = {
    "GDAL_HTTP_PROXY": "http://127.0.0.1:9",
    "GDAL_HTTPS_PROXY": "http://127.0.0.1:9",
    "GDAL_HTTP_MAX_RETRY": "0",
    "GDAL_HTTP_CONNECTTIMEOUT": "1",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GML_DOWNLOAD_WFS_SCHEMA": "NO",
}

_HEAD_BYTES = 65_536
_SQLITE = b"SQLite format 3\0"
_BEFORE_TEXT = b"\xef\xbb\xbf \t\r\n"
_PROLOGUE = re.compile(
    rb"(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>|\s+)*", re.DOTALL
)
_ROOT = re.compile(rb"<(?:[\w.-]+:)?([\w.-]+)")
# Of documents that only say where data lie. GDAL looks for them anywhere in a head.
_ELSEWHERE = re.compile(
    rb"<OGR(?:VRT|WFS|CSW)|<VRTDataset|<GDAL_W|<WCS_|<GDALTileIndex|<\w*:?\w*Capabilities\b|<qgis\b"
    rb'|"gdal_streamed_alg"|"stac_version"'
)


class _Cut:
    """The options of pyogrio's GDAL, which are those of all threads: the last reader puts them back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readers = 0
        self._former: dict[str, object] = {}

    def enter(self) -> None:
        with self._lock:
            if not self._readers:
                self._former = {name: pyogrio.get_gdal_config_option(name) for name in OFFLINE}
                pyogrio.set_gdal_config_options(OFFLINE)
            self._readers += 1

    def leave(self) -> None:
        with self._lock:
            self._readers -= 1
            if not self._readers:
                pyogrio.set_gdal_config_options(self._former)


_CUT = _Cut()


@contextmanager
def offline() -> Iterator[None]:
    """Let pyogrio's readers reach nothing but files for as long as the context lasts."""
    _CUT.enter()
    try:
        yield
    finally:
        _CUT.leave()


def check_content(path: Path) -> None:
    """
    Look at the first bytes of a vector file before any reader does.

    Raises
    ------
    UnreadableSource
        It only says where data lie, or begins as no format that geoasm reads.
    """
    if path.is_dir():
        return  # a File Geodatabase by its name
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(_SQLITE):
        _check_pages(path, head)
        check_views(path)
    if _is_text(head) and _ELSEWHERE.search(head):
        raise UnreadableSource(
            f"{path.name} only points to data elsewhere; name the file with the data"
        )
    if not _is_known(head, path.suffix.lower()):
        raise UnreadableSource(
            f"{path.name} is not a spatial file that can be read; {READS_LAYERS}"
        )


def _check_pages(path: Path, head: bytes) -> None:
    """Refuse a database that is cut short: SQLite reads what is missing of a page as zeros."""
    size = int.from_bytes(head[16:18], "big")
    pages = int.from_bytes(head[28:32], "big")
    is_stated = head[24:28] == head[92:96]  # else an old program wrote it, and left the count alone
    if is_stated and path.stat().st_size < pages * (65_536 if size == 1 else size):
        raise UnreadableSource(f"{path.name} is damaged or cut short; fetch or export it again")


def _is_text(head: bytes) -> bool:
    return head.lstrip(_BEFORE_TEXT).startswith((b"<", b"{", b"["))


def _is_known(head: bytes, suffix: str) -> bool:
    text = head.lstrip(_BEFORE_TEXT)
    if suffix in (".shp", ".shx", ".dbf", ".gpkg", ".fgb", ".sqlite", ".tab", ".mif"):
        return not text.startswith(b"<")  # which alone a reader of its own would take for a layer
    if head.startswith((_SQLITE, b"fgb\x03", b"\0\0\x27\x0a")):
        return True
    if text.startswith(b"<"):
        return _is_kml_or_gml(text)
    return text.startswith((b"{", b"[", b"\x1e")) or suffix in (".kmz", ".kml", ".gml")


def _is_kml_or_gml(text: bytes) -> bool:
    prologue = _PROLOGUE.match(text)
    root = _ROOT.match(text, prologue.end() if prologue else 0)
    return root is not None and (
        root[1] in (b"kml", b"FeatureCollection") or b"opengis.net/gml" in text
    )


def check_driver(driver: str, name: str) -> None:
    """
    Look at what GDAL took a vector file for.

    Raises
    ------
    UnreadableSource
        It is a format that geoasm does not promise to read.
    """
    if driver not in VECTOR:
        raise UnreadableSource(
            f"{name} is of the format {driver}, which is not read; {READS_LAYERS}: "
            "convert it, as in: ogr2ogr out.gpkg FILE"
        )
