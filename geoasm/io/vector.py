"""Vector layers in bulk; what bulk reading loses is looked for record by record."""

from __future__ import annotations

import codecs
import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyogrio

from geoasm.errors import SourceNotFound, UnreadableSource
from geoasm.io import damaged, drivers
from geoasm.io.damaged import hushed
from geoasm.io.paths import shapefile_part

log = logging.getLogger(__name__)

FALLBACK_ENCODINGS = ("CP1252", "ISO-8859-1")
PROVENANCE_TABLE = "geoasm_provenance"  # beside the layer in what `geoasm fetch` writes
# QGIS keeps them beside the data
_STYLE_TABLES = frozenset({"layer_styles", "qgis_projects", PROVENANCE_TABLE})
# Columns that the driver adds to every placemark, whether the file has them or not.
_KML_COLUMNS = [
    "timestamp",
    "begin",
    "end",
    "altitudeMode",
    "tessellate",
    "extrude",
    "visibility",
    "drawOrder",
    "icon",
    "snippet",
]
_READING_FAILED = (RuntimeError, OSError, ValueError, pa.ArrowException)


@dataclass(frozen=True)
class VectorRead:
    """
    A layer as read.

    `broken` lists what was lost, `curved` tells that arcs became lines, `cut_short` that the file
    ends early.
    """

    frame: pd.DataFrame
    broken: pd.DataFrame | None
    encoding: str | None
    curved: bool = False
    cut_short: bool = False


def layer_names(path: Path) -> list[str]:
    """
    List the layers of a vector file, tables included, in the file's order.

    Raises
    ------
    UnreadableSource
        It is no vector file.
    """
    drivers.check_content(path)
    try:
        with hushed(), drivers.offline():
            names = [str(n) for n in pyogrio.list_layers(path)[:, 0]]
    except _READING_FAILED as err:
        if damaged.is_geojson(path):
            return [path.stem]
        raise UnreadableSource(_not_spatial(path)) from err
    if not names:
        raise UnreadableSource(_not_spatial(path))
    return [n for n in names if n not in _STYLE_TABLES] or names


def _not_spatial(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix == ".shp":
        if shapefile_part(path, ".shx") is None:
            return f"{path.name} has no .shx beside it; a shapefile is .shp, .shx and .dbf together"
        return f"{path.name} cannot be opened as a shapefile; copy all its parts again"
    if suffix in (".json", ".geojson"):
        return f"{path.name} is JSON without features, or damaged; GeoJSON is needed"
    if suffix in (".gpkg", ".fgb", ".kml", ".gml", ".sqlite"):
        return (
            f"{path.name} is damaged or is no {suffix[1:].upper()} file; fetch or export it again"
        )
    return f"{path.name} is not a spatial file that can be read, nor a CSV or XLSX table"


def read_vector(path: Path, layer: str, encoding: str | None) -> VectorRead:
    """
    Read one layer whole; where that fails, every record that can be read.

    Parameters
    ----------
    layer
        One that `layer_names` gave: the file was looked at then.
    encoding
        Of the text, against what the file says; None to believe the file, and to try the single-
        byte encodings of Windows and Latin-1 where its text is no UTF-8.

    Returns
    -------
    read
        Frame with a column `source_row` (1-based record number), geometry in the file's system.
    """
    try:
        with hushed(), drivers.offline():
            info = pyogrio.read_info(path, layer=layer)
    except pyogrio.errors.DataLayerError as err:
        raise SourceNotFound(f"{path.name} has no layer {layer!r}") from err
    except _READING_FAILED as err:
        if not damaged.is_geojson(path):
            raise UnreadableSource(_not_spatial(path)) from err
        return _from_pieces(path, encoding)
    drivers.check_driver(info["driver"], path.name)
    if shapefile_part(path, ".dbf") is None and info["driver"] == "ESRI Shapefile":
        raise UnreadableSource(
            f"{path.name} has no .dbf beside it, so no attributes; "
            "a shapefile is .shp, .shx and .dbf together"
        )
    return _read(path, layer, info, encoding)


def _read(path: Path, layer: str, info: dict[str, Any], encoding: str | None) -> VectorRead:
    driver = info["driver"]
    given = gdal_encoding(encoding) if encoding else _encoding_of(path, info)
    curved = False
    try:
        try:
            frame, used = _decoded(path, layer, given, fixed=encoding is not None)
        except NotImplementedError:  # arcs: Arrow hands them over, the other way straightens them
            curved = True
            frame, used = _decoded(path, layer, given, fixed=encoding is not None, arrow=False)
    except _READING_FAILED as err:
        log.debug("%s: bulk reading failed: %s", path.name, err)
        if driver == "GeoJSON":
            return _from_pieces(path, encoding)
        frame, broken = damaged.records(path, layer, given, driver)
        return VectorRead(_tidied(frame, driver), broken, given or "UTF-8")
    expected = info["features"] - damaged.deleted_records(path, driver)
    if 0 <= len(frame) < expected:  # Arrow reading ends without a word where a page is damaged
        frame, broken = damaged.records(path, layer, given, driver)
        return VectorRead(_tidied(frame, driver), broken, given or "UTF-8")
    if driver == "GeoJSON" and damaged.holds_more(path, len(frame)):
        return _from_pieces(path, encoding)
    frame = _tidied(frame, driver)
    frame["source_row"] = range(1, len(frame) + 1)
    cut, lost = _what_is_lost(path, layer, driver, frame)
    if lost is not None:
        frame = frame[~frame["source_row"].isin(lost["source_row"])].reset_index(drop=True)
    return VectorRead(frame, lost, used, curved, cut_short=cut)


def _what_is_lost(
    path: Path, layer: str, driver: str, frame: pd.DataFrame
) -> tuple[bool, pd.DataFrame | None]:
    """Tell whether a file ends early, and list the records that readers hand over empty or not at all."""
    cut = None
    if driver == "ESRI Shapefile":
        damaged.attributes_held(path)  # whose lack no reader mentions
    elif driver == "GML":
        cut = damaged.broken_markup(path, len(frame))
    lost = damaged.lost_geometries(path, layer, driver, frame)
    found = [part for part in (cut, lost) if part is not None]
    if not found:
        return False, None
    every = pd.concat(found).drop_duplicates("source_row")
    return cut is not None, every.sort_values("source_row", ignore_index=True)


def _decoded(
    path: Path, layer: str, encoding: str | None, *, fixed: bool, arrow: bool = True
) -> tuple[pd.DataFrame, str | None]:
    attempts: list[str | None] = [encoding]
    if not fixed:
        attempts += [e for e in FALLBACK_ENCODINGS if e != encoding]
    for attempt in attempts:
        fast = arrow and attempt in (None, "UTF-8")
        try:
            with hushed(), drivers.offline():
                frame = pyogrio.read_dataframe(
                    path, layer=layer, encoding=attempt, use_arrow=fast, on_invalid="ignore"
                )
            frame = _with_distinct_columns(frame)
            if not fast or is_utf8(frame):
                return frame, attempt or "UTF-8"
        except UnicodeDecodeError:
            continue
    raise UnreadableSource(
        f"{path.name}: its text is not {encoding or 'UTF-8'}; say which with --encoding "
        f"ROLE={another(encoding or 'UTF-8')}"
    )


def _with_distinct_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Tell columns of one name apart: a damaged header may hold one twice."""
    if frame.columns.is_unique:
        return frame
    spatial = isinstance(frame, gpd.GeoDataFrame)
    first = [frame.columns[-1]] if spatial else []  # the geometry, which keeps its name
    attributes = list(frame.columns[: len(frame.columns) - len(first)])
    names = distinct([*first, *attributes])
    out = frame.copy(deep=False)
    out.columns = [*names[len(first) :], *names[: len(first)]]
    return out


def distinct(header: Iterable[str]) -> list[str]:
    """
    Number the columns that share a name, as in `X`, `X.1`, by numbers that no other column bears.

    As pandas does: a table has the same columns, whether it can be read whole or line by line.
    """
    names = [cell or f"Unnamed: {i}" for i, cell in enumerate(header)]
    spoken_for = set(names)
    seen: dict[str, int] = {}
    out: dict[str, None] = {}
    for name in names:
        told, n = name, seen.get(name, 0)
        while told in out or (n and told in spoken_for):
            n += 1
            told = f"{name}.{n}"
        seen[name] = n
        out[told] = None
    return list(out)


def is_utf8(frame: pd.DataFrame) -> bool:
    """Test the bytes of text columns: Arrow hands them over as they are, whatever they are."""
    try:
        for name in frame.columns[frame.dtypes == "str"]:
            pa.array(frame[name]).validate(full=True)
    except pa.ArrowException:
        return False
    return True


def gdal_encoding(text: str) -> str:
    """
    Give the name under which both Python and GDAL know an encoding.

    Raises
    ------
    UnreadableSource
        Nobody knows it.
    """
    try:
        name = codecs.lookup(text).name.upper()
    except LookupError:
        raise UnreadableSource(
            f"unknown encoding {text!r}; write it as utf-8, cp1252 or latin-1"
        ) from None
    return name.replace("ISO8859", "ISO-8859")


def another(encoding: str) -> str:
    """Name an encoding to try where text is not in one."""
    return "utf-8" if encoding.upper() in ("CP1252", "WINDOWS-1252") else "cp1252"


def _encoding_of(path: Path, info: dict[str, Any]) -> str | None:
    """Tell a shapefile's encoding by its bytes where neither `.cpg` nor header states one."""
    dbf = shapefile_part(path, ".dbf") if info["driver"] == "ESRI Shapefile" else None
    if dbf is None:
        return None
    content = dbf.read_bytes()
    language = content[29] if len(content) > 29 else 0
    if shapefile_part(path, ".cpg") is None and language == 0:
        return text_encoding(content[int.from_bytes(content[8:10], "little") :])
    stated: str = info["encoding"]
    return stated


def text_encoding(content: bytes) -> str:
    """Tell UTF-8 from the single-byte encodings by the bytes themselves."""
    for encoding in ("UTF-8", *FALLBACK_ENCODINGS):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return FALLBACK_ENCODINGS[-1]


def _from_pieces(path: Path, encoding: str | None) -> VectorRead:
    content = path.read_bytes()
    used = gdal_encoding(encoding) if encoding else text_encoding(content)
    pieces = damaged.geojson(path.name, content.decode(used, "replace"))
    try:
        with hushed(), drivers.offline():
            frame = pyogrio.read_dataframe(pieces.collection, on_invalid="ignore")
    except _READING_FAILED as err:
        raise UnreadableSource(_not_spatial(path)) from err
    frame = _tidied(frame, "GeoJSON")
    frame["source_row"] = pieces.rows
    lost = frame["geometry"].isna() & frame["source_row"].isin(pieces.located)
    unread = damaged.broken_rows(list(frame.loc[lost, "source_row"]), damaged.GEOMETRY)
    broken = pd.concat([pieces.broken, unread]).sort_values("source_row", ignore_index=True)
    whole = frame[~lost].reset_index(drop=True)
    return VectorRead(whole, broken, used, cut_short=pieces.cut_short)


def _tidied(frame: pd.DataFrame, driver: str) -> pd.DataFrame:
    """Make text columns text, lists and objects JSON text, and drop what the driver added."""
    frame = frame.copy(deep=False)
    if driver in ("KML", "LIBKML"):
        frame = frame.drop(columns=[c for c in _KML_COLUMNS if c in frame.columns])
    for name in frame.columns[frame.dtypes == "object"]:
        kind = pd.api.types.infer_dtype(frame[name], skipna=True)
        if kind in ("string", "empty"):
            frame[name] = frame[name].astype("str")
        elif kind == "mixed":
            frame[name] = frame[name].map(_as_json, na_action="ignore").astype("str")
    if isinstance(frame, gpd.GeoDataFrame) and frame.crs is not None:
        frame = with_common_axes(frame)
    return frame


def with_common_axes(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Name CRS84, longitude before latitude by definition, as EPSG:4326: GIS order is the same."""
    if frame.crs.to_authority() == ("OGC", "CRS84"):
        return frame.set_crs("EPSG:4326", allow_override=True)
    return frame


def _as_json(value: Any) -> str:
    if hasattr(value, "tolist"):
        value = value.tolist()
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
