"""GeoTIFFs in a line each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.transform import Affine

PLACE = Affine(30, 0, 500_000, 0, -30, 9_000_000)
VALUES = np.arange(12, dtype=np.uint8).reshape(3, 4)


def write(path: Path, values: Any = VALUES, mask: Any = None, **options: Any) -> Path:
    """A GeoTIFF with the given bands; options are rasterio's, and `finish`, told the open dataset."""
    bands = np.atleast_3d(values) if np.ndim(values) == 2 else np.moveaxis(values, 0, -1)
    finish = options.pop("finish", lambda dataset: None)
    given = {"crs": "EPSG:32718", "transform": PLACE, "dtype": bands.dtype, **options}
    given = {k: v for k, v in given.items() if v is not None}
    rows, columns, count = bands.shape
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
        rasterio.open(path, "w", driver="GTiff", height=rows, width=columns, count=count, **given) as out,
    ):  # fmt: skip
        for i in range(count):
            out.write(bands[:, :, i], i + 1)
        if mask is not None:
            out.write_mask(np.asarray(mask, dtype=bool))
        finish(out)
    return path
