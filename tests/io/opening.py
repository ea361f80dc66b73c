"""Opening rasters in tests: what is known of them, their values, and the line that refuses them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geoasm.codes import Role
from geoasm.io.paths import RasterFile
from geoasm.io.profiles import load_profile
from geoasm.io.rasters import open_rasters
from geoasm.model import Grid

PLAN = load_profile("pe").crs


def opened(
    *files: Path | str | RasterFile, role: Role = Role.ACTIVITY, **options: Any
) -> dict[Role, tuple[Grid, ...]]:
    """What is known of rasters once they are open, and again closed."""
    named = [f if isinstance(f, RasterFile) else RasterFile(str(f)) for f in files]
    with open_rasters({role: named}, PLAN, **options) as grids:
        return grids


def grid(*files: Path | str | RasterFile, **options: Any) -> Grid:
    (only,) = next(iter(opened(*files, **options).values()))
    return only


def whole(
    path: Path | str, role: Role = Role.ACTIVITY, **options: Any
) -> tuple[np.ndarray, np.ndarray]:
    with open_rasters({role: [RasterFile(str(path))]}, PLAN, **options) as grids:
        (only,) = grids[role]
        return only.read((0, 0, *only.shape))


def refusal(error: type[Exception], *files: Any, **options: Any) -> str:
    with pytest.raises(error) as raised:
        opened(*files, **options)
    text = str(raised.value)
    assert "\n" not in text
    return text
