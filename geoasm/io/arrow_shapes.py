"""Shapes of Arrow columns as flat arrays: well-known binary, or coordinates side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geoasm.errors import BrokenGeometry, NotPoints, NotPolygons, UnreadableSource
from geoasm.geometry import Floats, Geometries

if TYPE_CHECKING:
    from geoasm.kernels.outlines import Outlines

Bools = npt.NDArray[np.bool_]

_POLYGONAL = {-1: "", 3: "Polygon", 6: "MultiPolygon"}  # by GEOS' numbers, -1 where missing
_PAGE = 65_536  # rows taken apart at a time
_OF_POINTS = (-1, 0)


def points(column: Any, first: int = 0, *, compiled: bool = True) -> tuple[Floats, Floats]:
    """
    Give x and y of a column of points; NaN of those missing or empty.

    Parameters
    ----------
    column
        Arrow array of well-known binary, of structs with fields x and y, or of lists of 2 to 4
        numbers.
    first
        Rows before these, for messages.

    Raises
    ------
    NotPoints, BrokenGeometry
        A value is another shape, or none.
    UnreadableSource
        The column is of another type.
    """
    found = [_points(array, start, compiled) for array, start in _arrays(column, first)]
    if not found:
        return np.empty(0), np.empty(0)
    if len(found) == 1:
        return found[0]
    x, y = zip(*found, strict=True)
    return np.concatenate(x), np.concatenate(y)


def outlines(column: Any, first: int = 0) -> Outlines:
    """
    Give the outlines of a column of polygons in well-known binary, without objects.

    Raises
    ------
    NotPolygons, BrokenGeometry
        A value is another shape, or none.
    UnreadableSource
        The column is of another type.
    """
    from geoasm.kernels import wkb
    from geoasm.kernels.outlines import join

    return join([wkb.polygons(*_binary(array), start) for array, start in _arrays(column, first)])


def sum_up(column: Any) -> tuple[list[str], Floats | None]:
    """
    Give the types of a column of polygons in little-endian well-known binary, and the box around all.

    The box is None where there is no vertex.
    """
    codes = pc.unique(pc.binary_slice(column, 1, 2)).drop_null().to_pylist()
    boxes = [outlines(column.slice(start, _PAGE)).bounds for start in range(0, len(column), _PAGE)]
    around = np.concatenate([np.empty((0, 4)), *boxes])
    around = around[~np.isnan(around[:, 0])]
    kinds = sorted(_POLYGONAL[code[0]] for code in codes)
    if not len(around):
        return kinds, None
    return kinds, np.concatenate([around[:, :2].min(axis=0), around[:, 2:].max(axis=0)])


def geometries(column: Any, first: int = 0) -> Geometries:
    """
    Give shapely geometries of a column of well-known binary, None where missing.

    Raises
    ------
    BrokenGeometry
        A value is no well-known binary; the text names its row.
    """
    arrays = [_well_known(array) for array, _ in _arrays(column, first)]
    values = np.array([v for array in arrays for v in array.to_pylist()], dtype=object)
    try:
        with np.errstate(invalid="ignore"):  # coordinates that are no numbers are told further on
            shapes: Geometries = shapely.from_wkb(values)
    except shapely.errors.ShapelyError:
        known = shapely.is_missing(shapely.from_wkb(values, on_invalid="ignore"))
        row = int(np.flatnonzero(known & np.array([v is not None for v in values]))[0])
        raise BrokenGeometry(f"row {first + row + 1} is no well-known binary") from None
    return shapes


def polygons(column: Any, first: int = 0) -> Geometries:
    """
    Give shapely polygons of a column of well-known binary, as `geometries` does.

    Raises
    ------
    NotPolygons, BrokenGeometry
        A value is another shape, or none.
    """
    shapes = geometries(column, first)
    other = np.flatnonzero(~np.isin(shapely.get_type_id(shapes), list(_POLYGONAL)))
    if len(other):
        raise NotPolygons(
            f"only polygons have outlines that cover ground: row {first + other[0] + 1} has none"
        )
    return shapes


def _arrays(column: Any, first: int) -> Iterator[tuple[Any, int]]:
    """Give the plain arrays of a column, each with the number of rows before it."""
    for chunk in column.chunks if isinstance(column, pa.ChunkedArray) else [column]:
        array = chunk.storage if isinstance(chunk, pa.ExtensionArray) else chunk
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        kind = array.type
        if pa.types.is_binary_view(kind) or pa.types.is_fixed_size_binary(kind):
            array = array.cast(pa.large_binary())
        elif pa.types.is_null(kind):
            array = array.cast(pa.binary())
        yield array, first
        first += len(array)


def _well_known(array: Any) -> Any:
    """Give a binary array as it is; any other cannot hold well-known binary."""
    kind = array.type
    if not (pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
        raise UnreadableSource(
            f"a column of {kind} is no geometry in well-known binary; write it again as GeoParquet"
        )
    return array


def _binary(array: Any) -> tuple[Any, Any, Bools]:
    """Give bytes, offsets and presence of a binary array, as views of its buffers."""
    wide = np.int64 if pa.types.is_large_binary(_well_known(array).type) else np.int32
    _, offsets, data = array.buffers()
    if len(array) == 0 or offsets is None:
        return np.empty(0, np.uint8), np.zeros(len(array) + 1, np.int64), present(array)
    held = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    ends = np.frombuffer(offsets, wide)[array.offset : array.offset + len(array) + 1]
    return held, ends.astype(np.int64), present(array)


def present(array: Any) -> Bools:
    """Tell which values of an Arrow array are there."""
    if array.null_count == 0:
        return np.ones(len(array), dtype=bool)
    told: Bools = array.is_valid().to_numpy(zero_copy_only=False)
    return told


def _points(array: Any, first: int, compiled: bool) -> tuple[Floats, Floats]:
    kind = array.type
    if _are_numbers(kind, ("x", "y")):
        x, y = (_numbers(array.field(name)) for name in ("x", "y"))
        return _where(array, x, y)
    if _are_pairs(kind):
        flat = _numbers(array.values)[array.offset * kind.list_size :]
        pairs = flat[: len(array) * kind.list_size].reshape(-1, kind.list_size)
        return _where(array, pairs[:, 0], pairs[:, 1])
    if compiled:
        from geoasm.kernels import wkb

        return wkb.points(*_binary(array), first)
    shapes = geometries(array, first)
    other = np.flatnonzero(~np.isin(shapely.get_type_id(shapes), _OF_POINTS))
    if len(other):
        raise NotPoints(f"only points have one position: row {first + other[0] + 1} is none")
    shapes[shapely.is_empty(shapes)] = None  # GEOS gives no coordinate of an empty point
    return shapely.get_x(shapes), shapely.get_y(shapes)


def _are_numbers(kind: Any, names: Sequence[str]) -> bool:
    """Tell whether a type is a struct with numbers of some names."""
    if not pa.types.is_struct(kind):
        return False
    types = {field.name: field.type for field in kind}
    return all(_is_number(types.get(name, pa.null())) for name in names)


def _are_pairs(kind: Any) -> bool:
    """Tell whether a type is a list of 2 to 4 numbers."""
    return (
        pa.types.is_fixed_size_list(kind)
        and 2 <= kind.list_size <= 4
        and _is_number(kind.value_type)
    )


def _is_number(kind: Any) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


def _numbers(array: Any) -> Floats:
    return np.asarray(array.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


def _where(array: Any, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Give coordinates, NaN where the point itself is missing."""
    there = present(array)
    return (x, y) if there.all() else (np.where(there, x, np.nan), np.where(there, y, np.nan))
