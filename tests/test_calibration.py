"""What is called eighty per cent sure holds in eighty per cent: a small uniform world."""

from __future__ import annotations

import numpy as np

from geoasm import places
from geoasm.geometry import operation, points
from geoasm.link import Points
from tests.worlds import PE, SIGMA, ZONE, X, Y, crowd, weigh, world

N = 15_000


def test_stated_probability_is_the_share_that_holds() -> None:
    on = world(crowd(8)[0])
    rng = np.random.default_rng(2)
    true = rng.uniform(-600, 3100, (N, 2))
    stated = true + rng.normal(0, SIGMA, (N, 2))
    said = weigh([tuple(p) for p in stated], on).frame["class_probability"].to_numpy()

    def classes(at: np.ndarray) -> np.ndarray:
        lon, lat = operation(ZONE, "EPSG:4326", PE.crs).points(at[:, 0] + X, at[:, 1] + Y)
        found = places.cover(Points(points(lon, lat), PE.crs), on)
        judged = places.judge(found, N, on)
        return judged.answers["asm_class"].to_numpy(dtype=object)[judged.which]

    holds = classes(true) == classes(stated)
    bins = np.clip((said * 10).astype(int), 0, 9)
    counts = np.bincount(bins, minlength=10)
    gap = [
        abs(said[bins == b].mean() - holds[bins == b].mean()) for b in range(10) if counts[b] >= 300
    ]
    assert sum(counts >= 300) >= 4
    assert np.average(gap, weights=counts[counts >= 300]) < 0.02
    assert holds.mean() < 0.95  # or nothing was at stake
