"""
Time the ground that rights share with each other, and with complex protected areas, against peers.

Usage: python benchmarks/overlaps.py [--rights 160000] [--protected 250] [--country DIR] [--rounds 3]

Takes planted rights in metres (see `planted`), three eighths of them titled, and finds every titled one
and extinct one that share ground, and how much, with `geopandas.overlay` and with shapely's STRtree
and vectorised intersection (a round each), and with geoasm: areas alone (`geoasm.kernels.shared_ground.areas`), and areas with shapes
(`geoasm.cutting.find_shared`, which `geoasm.overlaps.find_overlaps` calls for each system). Then the
same between rights and protected areas of up to 50,000 vertices. `--country` adds the rights of a
country that `geoasm simulate` planted in DIR, half of them irregular. Pairs must be the same and areas
within a square millimetre and a billionth, or the script fails.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from planted import protected_areas, rights
from race import Engine, Gate, Race, finish, in_turn, options

from geoasm import cutting
from geoasm.kernels import engine, shared_ground

ROUNDS = 3
CRS = "EPSG:32718"
MILLIMETRE = 0.001  # corners are whole metres in the rights' own zone
CLOSE_M2, CLOSE = 1e-6, 1e-9
Found = tuple[np.ndarray, np.ndarray, np.ndarray]


def by_overlay(shapes: np.ndarray, others: np.ndarray | None) -> Callable[[], Found]:
    """Overlay as geopandas' documentation does; the frames are there before."""
    right = gpd.GeoDataFrame({"i": np.arange(len(shapes))}, geometry=shapes, crs=CRS)
    second = shapes if others is None else others
    other = gpd.GeoDataFrame({"j": np.arange(len(second))}, geometry=second, crs=CRS)

    def find() -> Found:
        # Frames keep their index: a copy builds it anew, as the others do.
        both = gpd.overlay(right.copy(), other.copy(), how="intersection", keep_geom_type=True)
        i, j = both["i"].to_numpy(), both["j"].to_numpy()
        once = i < j if others is None else np.ones(len(i), dtype=bool)
        return i[once], j[once], both.area.to_numpy()[once]

    return find


def by_shapely(shapes: np.ndarray, others: np.ndarray | None) -> Callable[[], Found]:
    """Intersect, vectorised, the pairs of a tree, each once."""
    second = shapes if others is None else others

    def find() -> Found:
        i, j = shapely.STRtree(second).query(shapes)
        if others is None:
            i, j = i[i < j], j[i < j]
        area = shapely.area(shapely.intersection(shapes[i], second[j]))
        return i[area > 0], j[area > 0], area[area > 0]

    return find


def by_areas(shapes: np.ndarray, others: np.ndarray | None) -> Callable[[], Found]:
    """Measure alone, compiled."""
    return lambda: shared_ground.areas(shapes, others)


def by_shapes(shapes: np.ndarray, others: np.ndarray | None) -> Callable[[], Found]:
    """Cut the shared ground out, compiled."""

    def find() -> Found:
        with engine.use("numba"):
            i, j, shared = cutting.find_shared(shapes)
        return i, j, shared.areas()

    return find


def in_order(found: Found) -> pd.Series:
    """Give areas by pair."""
    i, j, area = found
    return pd.Series(area, index=i.astype(np.int64) << 32 | j.astype(np.int64)).sort_index()


def same(expected: Found, found: Found) -> bool:
    """Tell whether pairs and areas are the same, and print how far apart they are."""
    theirs, ours = in_order(expected), in_order(found)
    if not ours.index.equals(theirs.index):
        more, less = ours.index.difference(theirs.index), theirs.index.difference(ours.index)
        print(f"  {len(more)} pairs more, {len(less)} less")
        return False
    apart = (ours - theirs).abs()
    print(f"  {len(ours):,} pairs, {ours.sum() / 1e6:,.6f} km2, apart by {apart.max():.1e} m2")
    return bool((apart <= CLOSE_M2 + CLOSE * theirs).all())


METHODS = {
    "geopandas.overlay": ("geopandas", by_overlay, True),
    "shapely.STRtree": ("shapely", by_shapely, True),
    "geoasm areas": ("numba", by_areas, False),
    "geoasm areas and shapes": ("numba", by_shapes, False),
}


def overlap(
    title: str, shapes: np.ndarray, others: np.ndarray | None, rounds: int, least: float | None
) -> tuple[Race, bool]:
    """Find what shapes share with each other, or with others."""
    engines = [
        Engine(name, f"{package} {version(package)}", method(shapes, others), once)
        for name, (package, method, once) in METHODS.items()
        if others is None or method is not by_shapes
    ]
    gates = [] if least is None else [Gate("geopandas.overlay", "geoasm areas", least)]
    return in_turn(title, engines, rounds, same, gates)


def planted_country(folder: Path) -> np.ndarray:
    """Read the rights of a planted country, all in one zone, valid, to the millimetre."""
    drawn = gpd.read_file(folder / "concessions.gpkg", columns=[]).to_crs(CRS).geometry
    shapes = shapely.set_precision(shapely.make_valid(drawn.to_numpy()), MILLIMETRE)
    shapes = shapely.set_precision(shapes, 0)  # else peers round what they cut, too
    return shapes[np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)]


def main() -> None:
    """Run the benchmark."""
    parser = options(str(__doc__), ROUNDS)
    parser.add_argument("--rights", type=int, default=160_000)
    parser.add_argument("--protected", type=int, default=250)
    parser.add_argument("--country", type=Path)
    asked = parser.parse_args()
    shapes, areas = rights(asked.rights), protected_areas(asked.protected)
    is_full = asked.rights >= 160_000
    titled, extinct = np.split(shapes, [3 * len(shapes) // 8])
    title = f"{len(titled):,} titled rights with {len(extinct):,} extinct ones"
    races = [overlap(title, titled, extinct, asked.rounds, 40.0 if is_full else None)]
    title = f"{len(shapes):,} rights with {len(areas)} protected areas"
    races += [overlap(title, shapes, areas, asked.rounds, 9.0 if is_full else None)]
    if asked.country:
        country = planted_country(asked.country)
        title = f"{len(country):,} rights of a planted country with each other"
        races += [overlap(title, country, None, asked.rounds, None)]
    finish(races, asked.record)


if __name__ == "__main__":
    main()
