"""Pages on disk to one frame: values as the service gave them, one system, no row twice."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from geoasm import geometry
from geoasm.errors import FetchError
from geoasm.io.fetch.columns import typed
from geoasm.io.fetch.layer import LayerFacts
from geoasm.io.fetch.outlines import read_outlines
from geoasm.io.fetch.whereabouts import check_degrees, tell_outside
from geoasm.model import CrsPlan
from geoasm.parsing.text import fold

_SAME_OUTLINE = 1e-7  # degrees, a centimetre: what two projections of one vertex may differ by


@dataclass(frozen=True)
class Rows:
    """
    The rows of a layer, in the system asked for.

    `received` counts them as they came, `again` those left out because their object id came before,
    `alike` those left out as the same row under another id. Of rows that share a key, and are kept,
    `parted` differ in outline and `disputed` in attributes. `unreadable` are the object ids of rows
    left out for an outline that cannot be read.
    """

    frame: gpd.GeoDataFrame
    received: int
    crs_served: str
    again: int = 0
    alike: int = 0
    parted: int = 0
    disputed: int = 0
    unreadable: tuple[int, ...] = ()


def read_pages(
    paths: list[Path], facts: LayerFacts, *, utc_offset_h: float, out_crs: str, plan: CrsPlan
) -> Rows:
    """
    Read pages in Esri's JSON into one frame.

    Returns
    -------
    rows
        Columns in the service's order, under the names of `facts`; dates as days; no object id
        twice.

    Raises
    ------
    FetchError
        A page cannot be read, has no system, another than the page before, or coordinates that its
        system cannot have; or no row is left.
    CRSError
        The service's system cannot be brought to `out_crs`.
    """
    pages = [_page(path, facts) for path in paths]
    systems = {"none" if crs is None else geometry.crs_label(crs): crs for *_, crs in pages}
    if len(systems) > 1 or "none" in systems:
        raise FetchError(
            f"the pages are in several systems or state none ({', '.join(sorted(systems))})"
        )
    ((served, crs),) = systems.items()
    values = pd.concat([page[0] for page in pages], ignore_index=True)
    shapes = np.concatenate([page[1] for page in pages])
    unreadable = np.concatenate([page[2] for page in pages])
    first = ~values[facts.id_field].duplicated().to_numpy()
    lost = values[facts.id_field][first & unreadable]
    if not (first & ~unreadable).any():
        raise FetchError("every row has arcs or another outline that geoasm cannot read")
    columns = typed(values, facts.fields, utc_offset_h).rename(columns=facts.columns)
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)[first & ~unreadable]
    frame = in_crs(frame.reset_index(drop=True), out_crs, plan)
    tell_outside(frame, plan)
    return Rows(
        frame,
        len(values),
        served,
        again=int((~first).sum()),
        unreadable=tuple(int(i) for i in lost),
    )


def _page(
    path: Path, facts: LayerFacts
) -> tuple[pd.DataFrame, npt.NDArray[Any], npt.NDArray[np.bool_], pyproj.CRS | None]:
    said = json.loads(path.read_bytes())
    shapes, unreadable, crs = read_outlines(said, path.name)
    attributes = [feature["attributes"] for feature in said["features"]]
    values = pd.DataFrame(
        {name: _as_given(attributes, name) for name in facts.fields}, index=range(len(attributes))
    )
    return values, shapes, unreadable, crs


def _as_given(attributes: list[dict[str, Any]], name: str) -> pd.Series:
    """Take a column from JSON; as objects, for whole numbers beside null become floats else."""
    return pd.Series([row.get(name) for row in attributes], dtype="object")


def in_crs(frame: gpd.GeoDataFrame, out_crs: str, plan: CrsPlan) -> gpd.GeoDataFrame:
    """
    Bring every vertex to a system, by the operation that the country's plan pins.

    Raises
    ------
    FetchError
        The coordinates cannot be of the system that they claim.
    CRSError
        There is no safe way from one system to the other.
    """
    check_degrees(frame)
    operation = geometry.operation(geometry.crs_label(frame.crs), out_crs, plan)
    shapes = operation.geometries(frame.geometry.to_numpy())
    frame = frame.drop(columns=frame.geometry.name)
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=out_crs)


def without_repeats(rows: Rows, key: str, apart: Collection[str] = ()) -> Rows:
    """
    Leave out rows that share a key, an outline and every attribute with an earlier one.

    Rows that share a key and differ in outline are parts of one thing, rows that differ in
    attributes contradict each other: both stay.

    Parameters
    ----------
    apart
        Columns, however they are written, in which copies of one row may differ: object ids, lengths
        and areas of the shape, the zone.
    """
    frame = rows.frame
    if key not in frame.columns:
        raise FetchError(f"the service has no column {key}, by which its rows should be unique")
    ignored = {fold(name) for name in apart}
    others = [c for c in frame.columns.drop([key, frame.geometry.name]) if fold(c) not in ignored]
    alike = _copies(frame, [key, *others], key)
    kept = frame[~alike].reset_index(drop=True)
    later = kept[key].notna() & kept[key].duplicated()
    disputed = int(_copies(kept, [key], key).sum())
    return replace(
        rows,
        frame=kept,
        alike=rows.alike + int(alike.sum()),
        parted=int(later.sum()) - disputed,
        disputed=disputed,
    )


def _copies(frame: gpd.GeoDataFrame, columns: list[str], key: str) -> npt.NDArray[np.bool_]:
    """Tell which rows agree in some columns and in outline with an earlier row."""
    codes = pd.DataFrame({i: pd.factorize(frame[c])[0] for i, c in enumerate(columns)})
    groups = codes.groupby(list(codes.columns), sort=False).ngroup()
    shapes = shapely.normalize(frame.geometry.to_numpy())
    copies = np.zeros(len(frame), dtype=bool)
    shared = frame[key].notna().to_numpy() & groups.duplicated(keep=False).to_numpy()
    left = groups[shared]
    while len(left):  # each pass settles the first row of every group, and its copies
        first = left.index.to_series().groupby(left, sort=False).transform("first")
        own, theirs = shapes[left.index.to_numpy()], shapes[first.to_numpy()]
        same = shapely.equals_exact(own, theirs, _SAME_OUTLINE)
        same |= shapely.is_missing(own) & shapely.is_missing(theirs)
        later = (first != left.index).to_numpy()
        copies[left.index[same & later]] = True
        left = left[~same & later]
    return copies


def data_days(frame: pd.DataFrame, column: str | None) -> tuple[str | None, str | None]:
    """Give the first and the last day (ISO) that a column of update dates states."""
    known = {fold(name): name for name in frame.columns}
    name = known.get(fold(column)) if column else None
    if name is None:
        return None, None
    stated = frame[name].astype("object")
    days = pd.to_datetime(stated, errors="coerce", format="ISO8601").dropna()
    if days.empty:
        return None, None
    return days.min().date().isoformat(), days.max().date().isoformat()
