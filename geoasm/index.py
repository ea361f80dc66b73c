"""Shapes laid out once for many joins, by the system in which they are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm.errors import NotPolygons
from geoasm.geometry import Floats, Geometries
from geoasm.kernels import engine

Positions = npt.NDArray[np.intp]

SHAPES = ("drawn", "planar")  # columns of shapes in the systems of the two following
_SYSTEMS = ("crs_used", "planar_crs")


class Shapes:
    """Shapes in one system; what a join needs of all of them is made once."""

    def __init__(self, geometries: Geometries) -> None:
        self.geometries = geometries

    def __len__(self) -> int:
        return len(self.geometries)

    @cached_property
    def bounds(self) -> Floats:
        """Give west, south, east and north of each shape, NaN where it is missing."""
        bounds: Floats = shapely.bounds(self.geometries)
        return bounds

    @cached_property
    def edges(self) -> Geometries:
        """Give the edge of each shape."""
        edges: Geometries = shapely.boundary(self.geometries)
        return edges

    @cached_property
    def outlines(self) -> Any:
        """Give `kernels.outlines.Outlines`; None where a shape is no polygon."""
        from geoasm.kernels import outlines

        try:
            return outlines.flatten(self.geometries)
        except NotPolygons:  # rivers go the other way
            return None

    def compiled(self, n_points: int) -> bool:
        """Tell whether a join with points goes through compiled loops."""
        return engine.compiled(len(self) + n_points) and self.outlines is not None


class Drawn(NamedTuple):
    """Shapes of one system, and their rows in the frame."""

    crs: str
    rows: Positions
    shapes: Shapes


class Measured(NamedTuple):
    """Shapes drawn in one system and measured in another (metres), and their rows in the frame."""

    drawn_in: str
    measured_in: str
    rows: Positions
    drawn: Shapes
    planar: Shapes


class Index:
    """
    The shapes of a frame, sorted by system when they are first asked for.

    Parameters
    ----------
    frame
        `drawn` in `crs_used`; for distances also `planar`, in metres in `planar_crs`.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self._columns: Mapping[str, npt.NDArray[Any]] = {
            name: frame[name].to_numpy(dtype=object)
            for name in (*SHAPES, *_SYSTEMS)
            if name in frame
        }

    def __getstate__(self) -> dict[str, Any]:
        """Give what another process needs to make the same index; WKB is the fastest way there."""
        columns = self._columns.items()
        return {name: shapely.to_wkb(v) if name in SHAPES else v for name, v in columns}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._columns = {
            name: shapely.from_wkb(v) if name in SHAPES else v for name, v in state.items()
        }

    @cached_property
    def by_system(self) -> tuple[Drawn, ...]:
        """Give the shapes as drawn, system by system."""
        systems = pd.Series(self._columns["crs_used"])
        return tuple(
            Drawn(str(crs), rows, Shapes(self._columns["drawn"][rows]))
            for crs, rows in systems.groupby(systems).indices.items()
        )

    @cached_property
    def by_plane(self) -> tuple[Measured, ...]:
        """Give the shapes by the systems in which they are drawn and measured."""
        systems = pd.DataFrame({name: self._columns[name] for name in _SYSTEMS})
        drawn, planar = (self._columns[name] for name in SHAPES)
        return tuple(
            Measured(drawn_in, measured_in, rows, Shapes(drawn[rows]), Shapes(planar[rows]))
            for (drawn_in, measured_in), rows in systems.groupby(list(_SYSTEMS)).indices.items()
        )


def pack(frame: pd.DataFrame) -> pd.DataFrame:
    """Write the shapes of a frame as WKB, which travels several times faster than shapes do."""
    return _convert(frame, shapely.to_wkb)


def unpack(frame: pd.DataFrame) -> pd.DataFrame:
    """Read what `pack` wrote."""
    return _convert(frame, shapely.from_wkb)


def _convert(frame: pd.DataFrame, convert: Any) -> pd.DataFrame:
    columns = {
        name: pd.Series(convert(frame[name].to_numpy(dtype=object)), frame.index, dtype=object)
        for name in SHAPES
        if name in frame
    }
    return frame.assign(**columns)
