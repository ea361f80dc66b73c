"""A cadastre read from GeoParquet into what tasks hold: sound outlines, ids, and what was mended."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from geoasm import geometry, issues
from geoasm.codes import Action, Problem
from geoasm.geometry import Floats, Geometries
from geoasm.io import arrow_shapes, pairs
from geoasm.io.ahead import in_order
from geoasm.io.geoparquet import GeoParquet

if TYPE_CHECKING:
    from geoasm.kernels.batches import Held
    from geoasm.kernels.outlines import Outlines

ROWS = 131_072  # read at a time
SOURCE = "rights"


class HeldRights(NamedTuple):
    """
    Rights as `bulk.Shared` takes them.

    `boxes` has shape (n, 4), NaN without outline; `ids` is an Arrow array, None for row numbers;
    `doubts` lists what was mended or has no outline (columns of `schema.ISSUES`).
    """

    rights: Held | Geometries
    boxes: Floats
    ids: Any
    doubts: pd.DataFrame


def read_rights(
    file: GeoParquet, id_column: str | None, *, compiled: bool, workers: int
) -> HeldRights:
    """
    Read rights in batches; those that are not valid are mended as `geoasm run` does, and listed.

    Parameters
    ----------
    compiled
        Into outlines for compiled loops; else into shapely polygons.

    Raises
    ------
    NotPolygons, BrokenGeometry, UnreadableSource
        A shape is no polygon, or the file is damaged; the text names file and row.
    """
    held, ids, doubts = [], [], []
    columns = [file.column, *([id_column] if id_column else [])]
    sound: Callable[[Any, int], tuple[Any, pd.DataFrame]] = _outlines if compiled else _polygons

    def read(batch: tuple[int, Any]) -> tuple[Any, pd.DataFrame]:
        with file.blamed():
            return sound(batch[1].column(file.column), batch[0])

    for (_, table), (lot, found) in in_order(file.batches(columns, ROWS), read, workers):
        held.append(lot)
        doubts.append(found)
        if id_column:
            ids += table.column(id_column).chunks
    names = pairs.plain(ids) if ids else None
    if compiled:
        from geoasm.kernels.batches import hold
        from geoasm.kernels.outlines import join

        whole = join(held)
        held.clear()
        return HeldRights(hold(whole), whole.bounds, names, issues.join(doubts))
    shapes: Geometries = np.concatenate(held)
    return HeldRights(shapes, shapely.bounds(shapes), names, issues.join(doubts))


def _outlines(column: Any, first: int) -> tuple[Outlines, pd.DataFrame]:
    """Give sound outlines of a batch, asking GEOS only where edges do not tell."""
    from geoasm.kernels.batches import take
    from geoasm.kernels.outlines import flatten, join
    from geoasm.kernels.validity import surely_valid

    read = arrow_shapes.outlines(column, first)
    unsure = np.flatnonzero(~surely_valid(*read[:3], read.upright))
    shapes, bad, doubts = _mended(arrow_shapes.geometries(column.take(unsure)), unsure + first)
    bare = np.flatnonzero(np.diff(read.parts) == 0)
    doubts = issues.join([doubts, _empty(bare + first)])
    if not len(bad):
        return read, doubts
    which = np.arange(len(column))
    which[unsure[bad]] = len(column) + np.arange(len(bad))
    return take(join([read, flatten(shapes[bad])]), which), doubts


def _polygons(column: Any, first: int) -> tuple[Geometries, pd.DataFrame]:
    """Give sound polygons of a batch."""
    read = arrow_shapes.polygons(column, first)
    rows = np.arange(first, first + len(read))
    shapes, _, doubts = _mended(read, rows)
    bare = shapely.is_missing(read) | shapely.is_empty(read)
    return shapes, issues.join([doubts, _empty(rows[bare])])


def _mended(shapes: Geometries, rows: Any) -> tuple[Geometries, Any, pd.DataFrame]:
    """Mend polygons that are not valid; gives all, the positions of those mended, and issues."""
    bad = np.flatnonzero(~shapely.is_valid(shapes) & ~shapely.is_missing(shapes))
    if not len(bad):
        return shapes, bad, issues.none()
    out = shapes.copy()
    reasons = [str(reason) for reason in shapely.is_valid_reason(shapes[bad])]
    numbers = [np.isfinite(shapely.get_coordinates(shape)).all() for shape in shapes[bad]]
    sound = bad[np.array(numbers, dtype=bool)]
    out[bad] = shapely.Polygon()
    out[sound], _ = geometry.repair(shapes[sound])
    kept = np.isin(bad, sound) & ~shapely.is_empty(out[bad])
    doubts = [
        issues.make(
            SOURCE, Problem.INVALID_GEOMETRY, action, rows[bad[which]] + 1, field="geometry",
            detail=[reason for reason, this in zip(reasons, which, strict=True) if this],
        )
        for action, which in ((Action.MENDED, kept), (Action.SET_ASIDE, ~kept))
    ]  # fmt: skip
    return out, bad, issues.join(doubts)


def _empty(rows: Any) -> pd.DataFrame:
    return issues.make(
        SOURCE, Problem.EMPTY_GEOMETRY, Action.SET_ASIDE, rows + 1, field="geometry",
        detail="no shape",
    )  # fmt: skip
