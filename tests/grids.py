"""Rasters in a line each, as reading gives them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from geoasm.model import Grid, Source, Window

X, Y = 500_000.0, 9_000_000.0
CRS = "EPSG:32718"
PIXEL_M = 100.0  # a pixel has a hectare


def raster(
    values: Any,
    year: int | None = 2020,
    *,
    valid: Any = None,
    nodata: float | None = None,
    transform: tuple[float, float, float, float, float, float] | None = None,
    crs: str = CRS,
    block: tuple[int, int] = (4, 4),
    read: list[Window] | None = None,
) -> Grid:
    """
    A raster whose last row stands on (X, Y), north up, of pixels of a hectare.

    `read` hears of every window that is asked for.
    """
    array = np.atleast_2d(np.asarray(values))
    shown = np.ones(array.shape, dtype=bool) if valid is None else np.atleast_2d(valid).astype(bool)
    if nodata is not None:
        shown = shown & (array != nodata)
    rows, columns = array.shape
    place = transform or (PIXEL_M, 0.0, X, 0.0, -PIXEL_M, Y + rows * PIXEL_M)

    def window(at: Window) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
        if read is not None:
            read.append(at)
        row, column, height, width = at
        assert 0 <= row < row + height <= rows
        assert 0 <= column < column + width <= columns
        part = slice(row, row + height), slice(column, column + width)
        return array[part].copy(), shown[part].copy()

    source = Source("activity", f"mining_{year}.tif", crs_read=crs)
    return Grid(source, crs, place, (rows, columns), block, nodata, window, year)
