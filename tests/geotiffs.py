"""GeoTIFFs in a line each."""

from __future__ import annotations

import struct
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


def with_tag(content: bytes, tag: int, value: int, *, kind: int = 4, count: int = 1) -> bytes:
    """A little-endian GeoTIFF in which one tag has another value."""
    out = bytearray(content)
    (first,) = struct.unpack_from("<I", out, 4)
    for i in range(struct.unpack_from("<H", out, first)[0]):
        at = first + 2 + 12 * i
        if struct.unpack_from("<H", out, at)[0] == tag:
            struct.pack_into("<HII", out, at + 2, kind, count, value)
            return bytes(out)
    raise KeyError(tag)
