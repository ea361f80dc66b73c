"""Files of points against rights: what several threads may do at once."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geoasm import link, linking
from geoasm.kernels import engine


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    n = np.arange(700)
    shapes = {
        "points": shapely.points(3e5 + n % 30, 8.9e6 + n // 30),
        "rights": shapely.buffer(shapely.points(3e5 + n[::9] % 30, 8.9e6 + n[::9] // 30), 2),
    }
    for name, drawn in shapes.items():
        gpd.GeoSeries(drawn, crs="EPSG:32718").to_frame("geometry").to_parquet(
            tmp_path / f"{name}.parquet"
        )
    return [str(tmp_path / f"{name}.parquet") for name in shapes]


def test_shapes_are_tested_by_one_thread_at_a_time(
    files: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GEOS prepares them in place; beside each other threads ended the process, now and then."""
    at_work, most = [], []
    plain = link.covers

    def covers(*given: Any) -> Any:
        at_work.append(1)
        most.append(len(at_work))
        time.sleep(0.01)
        found = plain(*given)
        at_work.pop()
        return found

    monkeypatch.setattr(link, "covers", covers)
    with engine.use("shapely"):
        linking.link_files(*files, tmp_path / "pairs.parquet", batch=70, workers=3)
    assert len(most) > 3
    assert max(most) == 1
