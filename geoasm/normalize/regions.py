"""Declared regions: does a place lie where its record says."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm import geometry
from geoasm.parsing.text import fold_series

LEVELS = (1, 2, 3)
_BETWEEN = "\x1f"


class Regions:
    """
    The regions that records declare, found by name in an admin layer.

    Each record is tested at the finest level whose names the layer knows.

    Parameters
    ----------
    records
        `declared_admin_1` to `_3`, as far as there are.
    admin
        `admin_1` to `_3` and polygons in EPSG:4326; None: nothing can be tested.
    tolerance_m
        How far outside its region a place may lie.
    """

    def __init__(
        self, records: pd.DataFrame, admin: gpd.GeoDataFrame | None, tolerance_m: float
    ) -> None:
        self._reach = tolerance_m / geometry.M_PER_DEGREE
        self.level = np.zeros(len(records), dtype=np.int64)
        self._code = np.full(len(records), -1, dtype=np.int64)
        self.known = np.zeros(len(records), dtype=bool)
        if admin is None or not len(admin):
            return
        self._tree = shapely.STRtree(np.asarray(admin.geometry.array, dtype=object))
        self._area_codes = np.full((len(LEVELS) + 1, len(admin)), -2, dtype=np.int64)
        shared: list[int] = []
        for level in LEVELS:
            if not (_has(records, f"declared_admin_{level}") and _has(admin, f"admin_{level}")):
                continue
            shared.append(level)
            declared = _path(records, [f"declared_admin_{n}" for n in shared])
            drawn = _path(admin, [f"admin_{n}" for n in shared])
            codes, names = pd.factorize(drawn)
            self._area_codes[level] = np.where(codes < 0, -2, codes)
            code = (
                names.get_indexer(pd.Index(declared)) if len(names) else np.full(len(records), -1)
            )
            found = (code >= 0) & declared.notna().to_numpy()
            self.level[found], self._code[found] = level, code[found]
        self.known = self._code >= 0

    def holds(
        self, records: npt.NDArray[np.intp], lon: geometry.Floats, lat: geometry.Floats
    ) -> npt.NDArray[np.bool_]:
        """
        Tell for each place whether it lies in the region that a record declares.

        Parameters
        ----------
        records
            Number of the record whose region counts, one a place; its region must be known.
        """
        out = np.zeros(len(records), dtype=bool)
        if not len(records):
            return out
        points = geometry.points(lon, lat)
        self._mark(out, np.arange(len(out)), records, points, None)
        self._mark(out, np.flatnonzero(~out), records, points, self._reach)
        return out

    def _mark(
        self,
        out: npt.NDArray[np.bool_],
        places: npt.NDArray[np.intp],
        records: npt.NDArray[np.intp],
        points: geometry.Geometries,
        reach: float | None,
    ) -> None:
        if reach is None:
            which, area = self._tree.query(points[places], predicate="intersects")
        elif reach > 0:
            which, area = self._tree.query(points[places], predicate="dwithin", distance=reach)
        else:
            return
        record = records[places[which]]
        hit = self._area_codes[self.level[record], area] == self._code[record]
        out[places[which[hit]]] = True


def _has(frame: pd.DataFrame, column: str) -> bool:
    return column in frame.columns and bool(frame[column].notna().any())


def _path(frame: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Join the folded names of several levels; missing where one is missing."""
    out = fold_series(frame[columns[0]])
    for column in columns[1:]:
        out = out + _BETWEEN + fold_series(frame[column])
    return out
