"""Rasters that are worked out window by window; nobody ever holds a whole one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geoasm.codes import Role
from geoasm.geometry import Floats, Geometries, Operation
from geoasm.model import Window

Cells = npt.NDArray[np.int64]  # n × 2: row, column
Bounds = tuple[float, float, float, float]  # west, south, east, north


@dataclass(frozen=True)
class Lattice:
    """Square pixels in degrees: the north-western corner, the side of a pixel, how many."""

    west: float
    north: float
    side: float
    rows: int
    columns: int

    def cells(self, lon: Floats, lat: Floats) -> Cells:
        """Give row and column of the pixel of each place, also outside the lattice."""
        row = np.floor((self.north - lat) / self.side)
        column = np.floor((lon - self.west) / self.side)
        return np.column_stack([row, column]).astype(np.int64)

    def window(self, bounds: Bounds) -> Window:
        """Give the pixels that lie whole within bounds."""
        west, south, east, north = bounds
        top = int(np.ceil((self.north - north) / self.side - 1e-6))
        left = int(np.ceil((west - self.west) / self.side - 1e-6))
        bottom = int(np.floor((self.north - south) / self.side + 1e-6))
        right = int(np.floor((east - self.west) / self.side + 1e-6))
        top, left = max(top, 0), max(left, 0)
        return top, left, min(bottom, self.rows) - top, min(right, self.columns) - left

    def centres(self, window: Window) -> tuple[Floats, Floats]:
        """Give longitude and latitude of the middles of a window's pixels, rows × columns."""
        row, column, rows, columns = window
        lat = self.north - (row + np.arange(rows) + 0.5) * self.side
        lon = self.west + (column + np.arange(columns) + 0.5) * self.side
        return np.broadcast_to(lon, (rows, columns)), np.broadcast_to(lat[:, None], (rows, columns))

    def boxes(self, cells: Cells, shift: Operation) -> Geometries:
        """Draw pixels as polygons in the system that a coordinate operation leads to."""
        corners = cells[:, None, :] + np.array([[0, 0], [0, 1], [1, 1], [1, 0]])
        x, y = shift.points(
            self.west + corners[..., 1].ravel() * self.side,
            self.north - corners[..., 0].ravel() * self.side,
        )
        rings = np.stack([x, y], axis=-1).reshape(-1, 4, 2)
        return np.asarray(shapely.polygons(rings), dtype=object)


def lattice_over(bounds: list[Bounds], side: float) -> Lattice:
    """Lay pixels over all bounds, corners on multiples of their side."""
    west, south = (min(b[i] for b in bounds) for i in (0, 1))
    east, north = (max(b[i] for b in bounds) for i in (2, 3))
    left, top = np.floor(west / side), np.ceil(north / side)
    return Lattice(
        float(round(left * side, 6)),
        float(round(top * side, 6)),
        side,
        int(top - np.floor(south / side)),
        int(np.ceil(east / side) - left),
    )


@dataclass(frozen=True)
class Raster:
    """
    One band to be written.

    `filled` are the windows outside of which there is no data; `read` gives the values of any
    window, rows × columns.
    """

    role: Role
    lattice: Lattice
    dtype: str
    nodata: int
    filled: tuple[Window, ...]
    read: Callable[[Window], npt.NDArray[np.int16] | npt.NDArray[np.uint8]]
    year: int | None = None


def overlap(a: Window, b: Window) -> Window | None:
    """Give the pixels that two windows share; None where there are none."""
    top, left = max(a[0], b[0]), max(a[1], b[1])
    bottom, right = min(a[0] + a[2], b[0] + b[2]), min(a[1] + a[3], b[1] + b[3])
    if bottom <= top or right <= left:
        return None
    return top, left, bottom - top, right - left
