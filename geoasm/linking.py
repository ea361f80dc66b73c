"""Files of points by the million against a file of rights: pairs into a file, batch after batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm import bulk, geometry, issues, schema
from geoasm.codes import Action
from geoasm.errors import CRSError, InputError, OutputError
from geoasm.geometry import Floats
from geoasm.io import arrow_shapes, atomic, pairs, writers
from geoasm.io.ahead import in_order
from geoasm.io.crs_check import find_fault
from geoasm.io.geoparquet import GeoParquet, open_geoparquet
from geoasm.io.held_rights import HeldRights, read_rights
from geoasm.io.paths import expanded, unchanged
from geoasm.io.profiles import load_profile
from geoasm.kernels import engine
from geoasm.model import CrsPlan

LEAST, MOST = 500_000, 1_500_000  # points in a batch; a million take some 150 MB while at work
PER_RIGHT = 1.5  # every batch walks past all rights: a batch of fewer points is mostly walking
WORKERS = 2
SAMPLE = 5_000  # shapes whose coordinates are held against the stated system
IDS = {"points": "registration_id", "rights": "concession_id"}
FLAGS = {"points": "--point-id", "rights": "--right-id"}
WORLD = (-180.0, -90.0, 180.0, 90.0)


class Lot(NamedTuple):
    """A batch of points: rows before it, coordinates, and ids (None for row numbers)."""

    first: int
    part: bulk.Part
    ids: Any


@dataclass(frozen=True)
class LinkCounts:
    """
    What became of every point and every right.

    A point is in one right, in several, in none, or without position. `operation` tells how points
    came into the rights' system, None where both files are in one.
    """

    in_one: int
    in_several: int
    in_none: int
    without_position: int
    pairs: int
    rights: int
    rights_mended: int
    rights_set_aside: int
    operation: Mapping[str, object] | None
    issues: Path | None

    @property
    def points(self) -> int:
        """All points."""
        return self.in_one + self.in_several + self.in_none + self.without_position


def link_files(
    points: str,
    rights: str,
    out: Path,
    *,
    ids: Mapping[str, str | None] | None = None,
    crs: Mapping[str, str] | None = None,
    profile: str | None = None,
    overwrite: bool = False,
    workers: int = WORKERS,
    batch: int | None = None,
) -> LinkCounts:
    """
    Find which rights cover which points, and write the pairs as Parquet, ordered by both files.

    A point on an edge belongs to both sides. Rights are held in memory, points come by in batches;
    neither the size of a batch nor the number of workers changes a pair or its place.

    Parameters
    ----------
    points, rights
        A GeoParquet file, or a folder of parts.
    out
        File of pairs, columns `point` and `right`. Rights that were mended or set aside are listed
        beside it, in `<out>.issues.csv`.
    ids
        Columns that name a point and a right, by "points" and "rights"; else `registration_id` and
        `concession_id` where the files have them, else row numbers from 1.
    crs
        Coordinate systems by "points" and "rights", against what the files say.
    profile
        Country whose pinned datum operations hold where the systems differ.
    overwrite
        Replace a file of pairs that exists.
    workers
        Batches at work at the same time.
    batch
        Points in a batch; by default by the number of rights.

    Returns
    -------
    linked
        How many points are in one right, in several, in none, and without a position.

    Raises
    ------
    InputError, NotPolygons, NotPoints
        A file cannot be used; the text names the next step.
    OutputError
        The file of pairs exists, cannot be written, or is among what is read.
    """
    atomic.check_file(out, overwrite=overwrite)
    with ExitStack() as reading:
        reading.enter_context(unchanged(*map(expanded, (points, rights))))
        spots, titles = (
            replace(source, crs=(crs or {}).get(source.role, source.crs))
            for source in (open_geoparquet(points, "points"), open_geoparquet(rights, "rights"))
        )
        _check_apart(out, (points, rights))
        names = [_id_column(source, (ids or {}).get(source.role)) for source in (spots, titles)]
        plans = [load_profile(profile).crs] if profile else []
        held = _hold(titles, names[1], spots.rows, plans, workers)
        size = batch or int(min(max(PER_RIGHT * titles.rows, LEAST), MOST))
        lots = _lots(spots, names[0], size, plans)
        operation = _operation(spots, titles, plans)
        described = [_described(s, n) for s, n in zip((spots, titles), names, strict=True)]
        with _both_written(out, held.doubts, overwrite=overwrite) as fresh:
            counts, rows = _write_pairs(fresh, described, held, lots, operation, workers)
            reading.close()  # sources that changed meanwhile leave the former result
    return _balanced(counts, rows, titles.rows, held, operation, out)


def _write_pairs(
    path: Path,
    described: Sequence[tuple[Any, str]],
    held: HeldRights,
    lots: Iterator[Lot],
    operation: geometry.Operation | None,
    workers: int,
) -> tuple[npt.NDArray[np.int64], int]:
    """Write the pairs; give the number of points without position, in none, one or several, and of pairs."""
    counts = np.zeros(4, np.int64)
    shared = bulk.Shared(held.rights, operation)
    # GEOS prepares shapes in place: two threads at one shape end the process.
    at_once = workers if isinstance(held.rights, tuple) else 1
    with pairs.written(path, *zip(*described, strict=True)) as writer:
        for lot, found in in_order(lots, lambda lot: bulk.task(shared, lot.part), at_once):
            writer.write(
                pairs.chosen(lot.ids, found.point, lot.first), pairs.chosen(held.ids, found.right)
            )
            counts += np.bincount(np.minimum(found.counts, 2) + 1, minlength=4)
    return counts, writer.rows


def _balanced(
    counts: npt.NDArray[np.int64],
    rows: int,
    rights: int,
    held: HeldRights,
    operation: geometry.Operation | None,
    out: Path,
) -> LinkCounts:
    nowhere, none, one, several = (int(n) for n in counts)
    return LinkCounts(
        one, several, none, nowhere, rows, rights,
        rights_mended=int((held.doubts["action"] == Action.MENDED).sum()),
        rights_set_aside=issues.count_set_aside(held.doubts, "rights"),
        operation=None if operation is None else operation.describe(),
        issues=_beside(out) if len(held.doubts) else None,
    )  # fmt: skip


def _check_apart(out: Path, inputs: Sequence[str]) -> None:
    """Make sure that the result neither replaces what is read nor becomes a part of it."""
    place = out.resolve()
    for text in inputs:
        if place.is_relative_to(expanded(text).resolve()):
            raise OutputError(f"{out} is, or lies in, {text}, which is read: choose another --out")


def _id_column(source: GeoParquet, asked: str | None) -> str | None:
    if asked is not None:
        return source.check_column(asked, FLAGS[source.role])
    usual = IDS[source.role]
    return usual if usual in source.kinds else None


def _described(source: GeoParquet, id_column: str | None) -> tuple[Any, str]:
    """Give the type of a file's ids as they are written, and what they are."""
    if id_column is None:
        return pairs.kind_of(None), f"row number, from 1, of {source.name}"
    return pairs.kind_of(source.kinds[id_column]), f"{id_column} of {source.name}"


def _hold(
    titles: GeoParquet,
    id_column: str | None,
    points: int,
    plans: Sequence[CrsPlan],
    workers: int,
) -> HeldRights:
    """Read the rights, and make sure of their system and ids."""
    compiled = engine.compiled(points + titles.rows)
    held = read_rights(titles, id_column, compiled=compiled, workers=workers)
    boxes = held.boxes[np.isfinite(held.boxes).all(axis=1)]
    boxes = boxes[:: max(1, len(boxes) // SAMPLE)]
    x, y = ((boxes[:, :2] + boxes[:, 2:]) / 2).T
    _check_system(titles, x, y, plans)
    _check_ids(titles, id_column, held.ids)
    return held


def _lots(
    spots: GeoParquet, id_column: str | None, batch: int, plans: Sequence[CrsPlan]
) -> Iterator[Lot]:
    """Read points lot by lot; the first tells whether the stated system can be theirs."""
    compiled = engine.compiled(spots.rows)
    columns = [spots.column, *([id_column] if id_column else [])]
    for first, table in spots.batches(columns, batch):
        with spots.blamed():
            x, y = arrow_shapes.points(table.column(spots.column), first, compiled=compiled)
        if first == 0:
            step = max(1, len(x) // SAMPLE)
            _check_system(spots, x[::step], y[::step], plans)
        ids = pairs.plain(table.column(id_column).chunks) if id_column else None
        _check_ids(spots, id_column, ids)
        yield Lot(first, bulk.Part(x, y), ids)


def _check_ids(source: GeoParquet, column: str | None, ids: Any) -> None:
    if ids is not None and ids.null_count:
        raise InputError(
            f"{source.name}: {ids.null_count} rows have no {column}; fill it, or name another "
            f"column with {FLAGS[source.role]}"
        )


def _check_system(source: GeoParquet, x: Floats, y: Floats, plans: Sequence[CrsPlan]) -> None:
    """Make sure that a file has a coordinate system that its coordinates can be in."""
    frame = gpd.GeoDataFrame(geometry=geometry.points(x, y), crs=source.crs)
    fault = find_fault(frame, source.role, source.name, plans)
    if fault is None and source.crs is None:
        raise CRSError(
            f"{source.name}: no coordinate system is stated; "
            f"say which with --crs {source.role}=EPSG:CODE"
        )
    if fault is not None:
        raise CRSError(f"{source.name}: {fault.problem}; {fault.remedy}")


def _operation(
    spots: GeoParquet, titles: GeoParquet, plans: Sequence[CrsPlan]
) -> geometry.Operation | None:
    """Give the operation from the points' system to the rights', None where it is the same."""
    if spots.crs is None or titles.crs is None or spots.crs == titles.crs:
        return None
    found = geometry.operation(
        spots.crs, titles.crs, plans[0] if plans else _plan_around(titles.crs)
    )
    return None if found.accuracy_m == 0.0 and found.name == "none" else found


def _plan_around(crs: str) -> CrsPlan:
    """Give a plan without pinned operations, over the area for which a system is meant."""
    area = geometry.parse_crs(crs).area_of_use
    bounds = area.bounds if area is not None else WORLD
    return CrsPlan("EPSG:4326", "geographic", (), "EPSG:6933", bounds)


@contextmanager
def _both_written(out: Path, doubts: pd.DataFrame, *, overwrite: bool) -> Iterator[Path]:
    """
    Give a file for the pairs; they are moved into place last, when all that may fail is done.

    Rights that were mended or set aside are listed beside them; no list where there are none.
    """
    listed = _beside(out)
    with atomic.whole_file(out, overwrite=overwrite) as fresh:
        yield fresh
        if len(doubts):
            with atomic.whole_file(listed, overwrite=True) as scratch:
                frame = writers.arrange(issues.publish(doubts), schema.ISSUES, unique=False)
                writers.write_csv(frame, scratch)
    if not len(doubts):
        listed.unlink(missing_ok=True)


def _beside(out: Path) -> Path:
    return out.with_name(f"{out.name}.issues.csv")
