"""Damaged layers: what can still be read, record by record, and why the rest cannot."""

from __future__ import annotations

import json
import logging
import re
import warnings
import xml.parsers.expat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import fiona
import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from fiona._err import CPLE_BaseError  # of damage met late; no other name is public
from shapely.geometry import shape

from geoasm.errors import UnreadableSource
from geoasm.io.drivers import OFFLINE
from geoasm.io.paths import named_alike, shapefile_part

log = logging.getLogger(__name__)
_UNREADABLE = (CPLE_BaseError, fiona.errors.FionaError, OSError, ValueError)
_SILENCE = logging.NullHandler()

GEOMETRY = "its geometry cannot be read"
_RECORD = "the record cannot be read"
_ENDS_INSIDE = "the file ends inside the record"
_UNREAD = "the file is damaged here, and nothing after can be read"
_ENDS_EARLY = "the file ends before its list of records does"
_FIRST_FID = {"GPKG": 1}  # other formats number their records from 0
_HEAD_BYTES = 65_536
_DBF_HEAD = 32
_LEAST_RECORD = 4  # bytes in any format
_FEATURES = re.compile(r'"features"\s*:\s*\[')
_SYSTEM = re.compile(r'"crs"\s*:\s*')
_NEXT = re.compile(r',\s*(?=\{\s*"(?:type"\s*:\s*"Feature"|id"\s*:|properties"\s*:))')
_BETWEEN = re.compile(r"[\s,]*")
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_NO_MARKS = bytes(set(range(256)) - set(b'"[]{},'))
_DEEPER = np.zeros(256, dtype=np.int8)
_DEEPER[list(b"[{")], _DEEPER[list(b"]}")] = 1, -1


@contextmanager
def hushed() -> Iterator[None]:
    """Send what the readers complain of to the log: what it means for rows is tested apart."""
    readers = logging.getLogger("fiona")
    was = readers.propagate
    readers.propagate = False
    readers.addHandler(_SILENCE)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        finally:
            readers.removeHandler(_SILENCE)
            readers.propagate = was
    for warning in caught:
        log.debug("%s: %s", warning.category.__name__, warning.message)


def broken_rows(rows: list[int], reasons: list[str] | str) -> pd.DataFrame:
    """Make the list of records that could not be read."""
    frame = pd.DataFrame({"source_row": pd.array(rows, dtype="int64"), "reason": reasons})
    return frame.astype({"reason": "str"})


def records(
    path: Path, layer: str, encoding: str | None, driver: str
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """
    Read a layer one record at a time, keeping every record that reads.

    Returns
    -------
    frame, broken
        The good records with `source_row`; the others with the reason.

    Raises
    ------
    UnreadableSource
        Not one record can be read.
    """
    try:
        with (
            hushed(), fiona.Env(**OFFLINE),
            fiona.open(path, layer=layer, encoding=encoding, enabled_drivers=[driver]) as layer_file,
        ):  # fmt: skip
            crs = layer_file.crs_wkt or None
            expected = len(layer_file)
            _check_room(path, expected)
            found = dict(_readable(layer_file, expected, _FIRST_FID.get(driver, 0)))
    except _UNREADABLE as err:
        raise UnreadableSource(
            f"{path.name} is damaged, and no record of it can be read; fetch or export it again"
        ) from err
    first = _FIRST_FID.get(driver, 0)
    if driver == "ESRI Shapefile":
        held = attributes_held(path)
        found = {fid: record if fid < held else _ENDS_INSIDE for fid, record in found.items()}
    good = {fid: record for fid, record in found.items() if not isinstance(record, str)}
    if not good:
        raise UnreadableSource(
            f"{path.name} is damaged, and no record of it can be read; fetch or export it again"
        )
    frame = gpd.GeoDataFrame(
        [properties for properties, _ in good.values()],
        geometry=[geometry for _, geometry in good.values()],
        crs=crs,
    )
    frame["source_row"] = [fid - first + 1 for fid in good]
    bad = {fid - first + 1: why for fid, why in found.items() if isinstance(why, str)}
    return frame, broken_rows(list(bad), list(bad.values()))


def _check_room(path: Path, expected: int) -> None:
    """Refuse a header that announces more records than there are bytes: each would be asked for."""
    held = sum(p.stat().st_size for p in (path, *named_alike(path)) if p.is_file())
    if expected * _LEAST_RECORD > held:
        raise UnreadableSource(
            f"{path.name} is damaged: it announces {expected:,} records and has no room for them; "
            "fetch or export it again"
        )


def _readable(
    layer_file: Any, expected: int, first: int
) -> Iterator[tuple[int, tuple[dict[str, Any], Any] | str]]:
    """Walk forward as far as the file lets us, then ask for the rest by number."""
    last, count = first - 1, 0
    try:
        for record in layer_file:
            last, count = int(record.id), count + 1
            yield last, _taken(record)
    except _UNREADABLE:
        pass  # the loop below reaches what lies behind the damage
    end = max(first + expected, last + 1 + expected - count)
    for fid in range(last + 1, end):
        try:
            record = layer_file.get(fid)
        except (*_UNREADABLE, KeyError, IndexError):
            record = None
        yield fid, _RECORD if record is None else _taken(record)


def _taken(record: Any) -> tuple[dict[str, Any], Any] | str:
    if record.geometry is None:
        return dict(record.properties), None
    try:
        return dict(record.properties), shape(record.geometry)
    except (shapely.errors.ShapelyError, ValueError, TypeError, IndexError):
        return GEOMETRY


def deleted_records(path: Path, driver: str) -> int:
    """Count the records that a shapefile marks as deleted: they are counted, and are no rows."""
    dbf = shapefile_part(path, ".dbf") if driver == "ESRI Shapefile" else None
    return 0 if dbf is None else int(_deleted(dbf).sum())


def attributes_held(path: Path) -> int:
    """
    Count the records that are whole in the .dbf of a shapefile.

    Raises
    ------
    UnreadableSource
        Not one is.
    """
    dbf = shapefile_part(path, ".dbf")
    head = (_head(dbf) if dbf else b"").ljust(_DBF_HEAD, b"\0")
    first, width = (int.from_bytes(head[i : i + 2], "little") for i in (8, 10))
    held = (dbf.stat().st_size - first) // width if dbf and first and width else 0
    if held <= 0 and int.from_bytes(head[4:8], "little") | (not first):
        raise UnreadableSource(
            f"{path.stem}.dbf is damaged, so {path.name} has no attributes; copy all its parts again"
        )
    return held


def _head(dbf: Path) -> bytes:
    with dbf.open("rb") as file:
        return file.read(_DBF_HEAD)


def broken_markup(path: Path, rows: int) -> pd.DataFrame | None:
    """Tell of XML that stops being XML: GDAL hands over what comes before, and says nothing."""
    parser = xml.parsers.expat.ParserCreate()
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except xml.parsers.expat.ExpatError:
        return broken_rows([rows + 1], _UNREAD)
    return None


def _deleted(dbf: Path) -> Any:
    content = np.fromfile(dbf, dtype=np.uint8)
    if len(content) < _DBF_HEAD or not content[10:12].any():  # no record has a width
        return np.zeros(0, dtype=bool)
    head, width = (int(content[i]) + 256 * int(content[i + 1]) for i in (8, 10))
    body = content[head:]
    return body[: len(body) - len(body) % width].reshape(-1, width)[:, 0] == ord("*")


def lost_geometries(
    path: Path, layer: str, driver: str, frame: pd.DataFrame
) -> pd.DataFrame | None:
    """
    List the records whose geometry the file states and no reader understands.

    Readers hand such a record over without geometry, as if it had none.
    """
    if not isinstance(frame, gpd.GeoDataFrame):
        return None
    missing = frame.geometry.isna().to_numpy()
    if not missing.any():
        return None
    stated = {"ESRI Shapefile": _in_shapefile, "GPKG": _in_geopackage, "GeoJSON": _in_geojson}
    if driver not in stated:
        return None
    has = stated[driver](path, layer, len(frame))
    lost = frame.loc[missing & has, "source_row"]
    return broken_rows(list(lost), GEOMETRY) if len(lost) else None


def _in_shapefile(path: Path, layer: str, rows: int) -> Any:
    """Tell which records have a shape, by the offsets of the .shx: type 0 is an honest null."""
    shx, dbf = shapefile_part(path, ".shx"), shapefile_part(path, ".dbf")
    if shx is None or dbf is None:
        return np.zeros(rows, dtype=bool)
    offsets = np.fromfile(shx, dtype=">i4")[25::2].astype(np.int64) * 2  # after 100 header bytes
    content = np.fromfile(path, dtype=np.uint8)
    beyond = (offsets < 0) | (offsets + 12 > len(content))
    kinds = content[np.where(beyond, 0, offsets + 8)]  # type codes fit the low byte
    has = beyond | (kinds != 0)
    kept = ~_deleted(dbf)[: len(has)]
    out = np.zeros(rows, dtype=bool)
    out[: kept.sum()] = has[: len(kept)][kept][:rows]
    return out


def _in_geopackage(path: Path, layer: str, rows: int) -> Any:
    with hushed():
        column = pyogrio.read_info(path, layer=layer)["geometry_name"]
    options = {"layer": layer, "columns": [], "read_geometry": False, "fid_as_index": True}
    with hushed():
        every = pyogrio.read_dataframe(path, **options).index
        without = pyogrio.read_dataframe(path, where=f'"{column}" IS NULL', **options).index
    return ~every.isin(without) if len(every) == rows else np.zeros(rows, dtype=bool)


def _in_geojson(path: Path, layer: str, rows: int) -> Any:
    text = path.read_bytes().decode("utf-8", "replace")
    start = _FEATURES.search(text)
    pieces = _pieces(text, start.end()) if start else ()
    has = [p[0].get("geometry") is not None for p in pieces if not isinstance(p, str)]
    return np.array(has, dtype=bool) if len(has) == rows else np.zeros(rows, dtype=bool)


def is_geojson(path: Path) -> bool:
    """Tell whether a file starts as a GeoJSON collection, whole or not."""
    if path.is_dir():
        return False
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"Feature' in head


def holds_more(path: Path, rows: int) -> bool:
    """Tell whether a GeoJSON lists other things among as many features: no reader mentions them."""
    content = path.read_bytes()
    if rows and _lists_objects(content, rows):
        return False
    text = content.decode("utf-8", "replace")
    start = _FEATURES.search(text)
    if start is None:
        return False
    whole = [isinstance(piece, str) for piece in _pieces(text, start.end())]
    return len(whole) > rows == whole.count(False)


def _lists_objects(content: bytes, count: int) -> bool:
    """Tell by brackets alone whether features are so many objects: to decode each takes longer."""
    start = re.search(_FEATURES.pattern.encode(), content)
    if start is None:
        return False
    content = content[start.end() :]
    if b"\\" in content:
        content = _ESCAPED.sub(b"", content)
    marks = np.frombuffer(content.translate(None, _NO_MARKS), dtype=np.uint8)
    marks = marks[np.logical_xor.accumulate(marks == ord('"')) == 0]  # a text is its last quote
    depth = np.cumsum(_DEEPER[marks], dtype=np.int32)
    end = int(np.argmax(np.append(depth, -1) < 0))
    marks, depth = marks[:end], depth[:end]
    of_list = marks[(depth == 0) | ((depth == 1) & (_DEEPER[marks] > 0))]
    return bool(of_list.tobytes() == b",".join([b"{}"] * count))


class Pieces(NamedTuple):
    """What is whole in a damaged GeoJSON, and what is not."""

    collection: bytes  # the whole features as a GeoJSON
    rows: list[int]  # their record numbers
    located: list[int]  # record numbers of those that state a geometry
    broken: pd.DataFrame
    cut_short: bool  # the text ends early


def geojson(name: str, text: str) -> Pieces:
    """
    Take a damaged GeoJSON text apart and keep the features that are whole.

    Raises
    ------
    UnreadableSource
        No feature is whole.
    """
    start = _FEATURES.search(text)
    if start is None:
        raise UnreadableSource(f"{name} is damaged before its first feature; fetch it again")
    spans: list[str] = []
    rows: list[int] = []
    bad: dict[int, str] = {}
    located: list[int] = []
    for row, piece in enumerate(_pieces(text, start.end()), 1):
        if isinstance(piece, str):
            bad[row] = piece
            continue
        feature, begin, end = piece
        spans.append(text[begin:end])
        rows.append(row)
        if feature.get("geometry") is not None:
            located.append(row)
    if not spans:
        raise UnreadableSource(f"{name} is damaged: no feature of it is whole; fetch it again")
    collection = f'{{"type":"FeatureCollection",{_system(text)}"features":[{",".join(spans)}]}}'
    broken = broken_rows(list(bad), list(bad.values()))
    cut_short = not {_ENDS_INSIDE, _ENDS_EARLY}.isdisjoint(bad.values())
    return Pieces(collection.encode("utf-8", "replace"), rows, located, broken, cut_short)


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), -float("inf")):  # 1e999: GDAL would refuse the whole file
        raise ValueError(text)
    return number


def _pieces(text: str, at: int) -> Iterator[tuple[dict[str, Any], int, int] | str]:
    decoder = json.JSONDecoder(parse_float=_finite)
    while True:
        at = _BETWEEN.match(text, at).end()  # type: ignore[union-attr]
        if at >= len(text):
            yield _ENDS_EARLY
            return
        if text[at] == "]":
            return
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            following = _NEXT.search(text, at + 1)
            yield _RECORD if following or text.rstrip().endswith("]}") else _ENDS_INSIDE
            if following is None:
                return
            at = following.end()
            continue
        is_feature = isinstance(value, dict) and value.get("type") == "Feature"
        yield (value, at, end) if is_feature else "it is no feature"
        at = end


def _system(text: str) -> str:
    found = _SYSTEM.search(text)
    if found is None:
        return ""
    try:
        _, end = json.JSONDecoder().raw_decode(text, found.end())
    except (ValueError, RecursionError):
        return ""
    return f'"crs":{text[found.end() : end]},'
