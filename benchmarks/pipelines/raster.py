"""
Plant an activity raster over a cadastre, once: pixels of 100 m, zeros and ones, some without data.

Usage: python -m pipelines.raster CADASTRE OUT
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyogrio
import rasterio
import shapely
from pyproj import Transformer
from rasterio.transform import from_origin
from rasterio.windows import Window

SYSTEM = "EPSG:32718"
PIXEL_M, BLOCK = 100.0, 512
NODATA = 255
PATCHES, PATCH = 40, 60  # in a block, and the longest side of one (pixels)


def lattice(cadastre: Path) -> tuple[float, float, int, int]:
    """Lay pixels over the cadastre: west, north, rows, columns."""
    west, south, east, north = pyogrio.read_info(cadastre, force_total_bounds=True)["total_bounds"]
    border = shapely.segmentize(shapely.box(west, south, east, north), 0.05)
    x, y = Transformer.from_crs(4326, SYSTEM, always_xy=True).transform(
        *shapely.get_coordinates(border).T
    )
    left, top = np.floor(x.min() / PIXEL_M) * PIXEL_M, np.ceil(y.max() / PIXEL_M) * PIXEL_M
    columns, rows = np.ceil((x.max() - left) / PIXEL_M), np.ceil((top - y.min()) / PIXEL_M)
    return float(left), float(top), int(rows), int(columns)


def block(rng: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    """Draw patches of disturbed ground, and few of no data."""
    values = np.zeros((rows, columns), dtype=np.uint8)
    for i, (row, column, height, width) in enumerate(
        rng.integers(0, [BLOCK, BLOCK, PATCH, PATCH], (PATCHES, 4))
    ):
        values[row : row + height, column : column + width] = NODATA if i % 20 == 0 else 1
    return values


def plant(cadastre: Path, out: Path) -> None:
    """Write the raster block by block."""
    left, top, rows, columns = lattice(cadastre)
    rng = np.random.default_rng(1)
    profile = {
        "driver": "GTiff", "width": columns, "height": rows, "count": 1, "dtype": "uint8", "crs": SYSTEM,
        "transform": from_origin(left, top, PIXEL_M, PIXEL_M), "nodata": NODATA, "tiled": True,
        "blockxsize": BLOCK, "blockysize": BLOCK, "compress": "deflate",
    }  # fmt: skip
    with rasterio.open(out, "w", **profile) as file:
        for row in range(0, rows, BLOCK):
            for column in range(0, columns, BLOCK):
                size = min(BLOCK, rows - row), min(BLOCK, columns - column)
                window = Window(column, row, size[1], size[0])
                file.write(block(rng, *size), 1, window=window)


if __name__ == "__main__":
    plant(Path(sys.argv[1]), Path(sys.argv[2]))
