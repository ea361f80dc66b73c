"""
Hold the compiled join against GEOS' `covers` on millions of adversarial points, and count differences.

Usage: python benchmarks/fuzz_covering.py [--cases 5000000] [--seed 1]

Draws small worlds over and over: polygons on a lattice (collinear runs, shared edges, holes, slivers,
rectangles), turned, scaled from 1e-160 to 1e150 and moved as far as whole numbers go; points on vertices, on
edges, half way, one rounding beside, and anywhere. Every point is asked of every polygon, by GEOS one
by one. A case is one point and one polygon. It exits with 1 where an answer differs.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import shapely

from geoasm.kernels import joins

SCALES = (1.0, 1.0, 1e-3, 0.1, 1 / 3, 1e7, 1e150, 1e-150, 1e-160)
SHIFTS = (0.0, 0.0, 0.1, 5e5, 9e6, 2.0**52)


def random_shape(rng: np.random.Generator) -> shapely.Geometry | None:
    """Draw a rectangle, a star, a star with a bite or hole, a sliver or none."""
    kind = rng.integers(5)
    if kind == 0:
        low, high = np.sort(rng.integers(0, 17, (2, 2)), axis=0)
        return shapely.box(*low, *high) if (low < high).all() else None
    corners = rng.integers(0, 17, (rng.integers(3, 40 if kind == 1 else 9), 2)).astype(float)
    if kind == 2:
        corners[:, 1] = corners[:, 0] + rng.integers(-1, 2, len(corners)) * 2.0**-40
    middle = corners.mean(axis=0) + 0.01
    star = shapely.Polygon(corners[np.argsort(np.arctan2(*(corners - middle).T))])
    if kind == 3 and star.is_valid:
        star = star.difference(shapely.box(6, 6, 9, 9))
    return star if star.geom_type in {"Polygon", "MultiPolygon"} else None


def random_world(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw polygons, and points on and beside them."""
    scale = rng.choice(SCALES)
    shift = rng.choice(SHIFTS) if 1e-9 < scale < 1e100 else 0.0
    angle = rng.choice([0.0, 0.0, 0.3, np.pi / 4])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    drawn = [shape for shape in (random_shape(rng) for _ in range(12)) if shape is not None]
    moved = shapely.transform(np.array(drawn, dtype=object), lambda at: (at @ turn) * scale + shift)
    shapes = moved[shapely.is_valid(moved) & ~shapely.is_empty(moved)]
    spots = rng.integers(0, 17, (100, 2)) / rng.choice([1.0, 2.0, 3.0], (100, 1))
    corners = shapely.get_coordinates(moved)
    share = rng.choice([0.5, 0.25, 1 / 3, rng.random()])
    along = corners[:-1] + share * (corners[1:] - corners[:-1])
    beside = np.nextafter(along, rng.choice([-np.inf, np.inf], along.shape))
    points = [(spots @ turn) * scale + shift, corners, along, beside, np.nextafter(corners, np.inf)]
    x, y = np.vstack(points).T
    return shapes, np.ascontiguousarray(x), np.ascontiguousarray(y)


def main() -> None:
    """Run the campaign."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--cases", type=int, default=5_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    rng, start = np.random.default_rng(asked.seed), time.perf_counter()
    cases = covered = differ = worlds = 0
    while cases < asked.cases:
        shapes, x, y = random_world(rng)
        if not len(shapes):
            continue
        expected = shapely.covers(shapes[:, None], shapely.points(x, y)[None, :])
        found = np.zeros(expected.shape, dtype=bool)
        point, polygon = joins.covers(shapes, x, y)
        found[polygon, point] = True
        differ += int((found != expected).sum()) + len(point) - int(found.sum())
        cases, covered, worlds = cases + found.size, covered + int(found.sum()), worlds + 1
    print(
        f"GEOS {shapely.geos_version_string}: {cases:,} cases in {worlds:,} worlds, {covered:,} covered, "
        f"{differ:,} differ ({time.perf_counter() - start:.0f} s)"
    )
    raise SystemExit(differ > 0)


if __name__ == "__main__":
    main()
