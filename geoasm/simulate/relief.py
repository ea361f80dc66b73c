"""Heights as a formula: valleys with flat floors and rivers in them, steep sides, flat tops; and lakes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm.codes import Role
from geoasm.geometry import Floats
from geoasm.model import Window
from geoasm.simulate.ground import star
from geoasm.simulate.names import words
from geoasm.simulate.raster import Bounds, Lattice, Raster, lattice_over, overlap

SIDE_DEG = 0.002
NODATA = -32768
_METRES_A_DEGREE = 111_320.0
# Across a valley: from so far from its river (metres) the ground rises by so many degrees.
PROFILE: Final = ((0.0, 1.0), (1_500.0, 22.0), (3_500.0, 9.0), (5_500.0, 1.5))
SPACING_M = 14_000.0  # from river to river
_AZIMUTHS = (0.35, -0.6, 1.1)  # of the axis across the valleys, radians from east; one a block
_BASES_M = (250, 2_400, 3_900)
_RIVER_STEP_M = 2_000.0
_LAKE_AT_M = 6_400.0  # from the river: on the flat top, where no river is near
_LAKE_M = 500.0
_HOLES, _HOLE_PIXELS = 3, 6  # squares of no data in each block


@dataclass(frozen=True)
class Valley:
    """The relief of one block: its bounds, and the axis across its valleys."""

    bounds: Bounds
    azimuth: float
    base_m: float

    def across_m(self, lon: Floats, lat: Floats) -> Floats:
        """Measure along the axis from the middle of the block (a river) to places in degrees."""
        west, south, east, north = self.bounds
        middle = (south + north) / 2
        x = (lon - (west + east) / 2) * _METRES_A_DEGREE * np.cos(np.radians(middle))
        y = (lat - middle) * _METRES_A_DEGREE
        across: Floats = x * np.cos(self.azimuth) + y * np.sin(self.azimuth)
        return across

    def from_river_m(self, lon: Floats, lat: Floats) -> Floats:
        """Measure to the nearest of the rivers, which lie at equal distances."""
        across = self.across_m(lon, lat)
        away: Floats = np.abs(across - np.round(across / SPACING_M) * SPACING_M)
        return away

    def height_m(self, lon: Floats, lat: Floats) -> Floats:
        """Give the height of places in degrees."""
        away = self.from_river_m(lon, lat)
        starts = [start for start, _ in PROFILE]
        ends = [*starts[1:], SPACING_M / 2]
        height = np.full(away.shape, self.base_m)
        for start, end, (_, slope) in zip(starts, ends, PROFILE, strict=True):
            height += np.clip(away - start, 0.0, end - start) * np.tan(np.radians(slope))
        return height

    def line(self, n: int, width_m: float) -> Floats:
        """Draw river `n` (0 runs through the middle) so far to both sides: n × 2, degrees."""
        along = np.arange(-width_m, width_m + 1.0, _RIVER_STEP_M)
        return self._place(np.full(len(along), n * SPACING_M), along)

    def _place(self, across: Floats, along: Floats) -> Floats:
        west, south, east, north = self.bounds
        middle = (south + north) / 2
        x = across * np.cos(self.azimuth) - along * np.sin(self.azimuth)
        y = across * np.sin(self.azimuth) + along * np.cos(self.azimuth)
        lon = (west + east) / 2 + x / (_METRES_A_DEGREE * np.cos(np.radians(middle)))
        return np.column_stack([lon, middle + y / _METRES_A_DEGREE])

    def lake(self, rng: np.random.Generator) -> shapely.Polygon:
        """Draw a lake on the flat top beside the middle river; degrees."""
        shore = star(rng, np.array([[_LAKE_AT_M, 0.0]]), np.array([_LAKE_M]), 11)
        across, along = shapely.get_coordinates(shore).T
        return shapely.Polygon(np.round(self._place(across, along), 6))


@dataclass(frozen=True)
class Relief:
    """The relief of a world, and the squares that its raster leaves out."""

    valleys: tuple[Valley, ...]
    lattice: Lattice
    filled: tuple[Window, ...]
    holes: tuple[Window, ...]
    rivers: pd.DataFrame

    def raster(self) -> Raster:
        """Give the raster of heights, whole metres."""
        return Raster(Role.ELEVATION, self.lattice, "int16", NODATA, self.filled, self._read, None)

    def _read(self, window: Window) -> npt.NDArray[np.int16]:
        out = np.full(window[2:], NODATA, dtype=np.int16)
        for valley, some in zip(self.valleys, self.filled, strict=True):
            shared = overlap(window, some)
            if shared is not None:
                height = valley.height_m(*self.lattice.centres(shared))
                top, left = shared[0] - window[0], shared[1] - window[1]
                out[top : top + shared[2], left : left + shared[3]] = np.round(height)
        for hole in self.holes:
            shared = overlap(window, hole)
            if shared is not None:
                top, left = shared[0] - window[0], shared[1] - window[1]
                out[top : top + shared[2], left : left + shared[3]] = NODATA
        return out


def raise_ground(rng: np.random.Generator, bounds: list[Bounds]) -> Relief:
    """Raise the ground within bounds (degrees): relief, rivers, a lake a block."""
    lattice = lattice_over(bounds, SIDE_DEG)
    valleys = tuple(
        Valley(b, _AZIMUTHS[i % len(_AZIMUTHS)], float(_BASES_M[i % len(_BASES_M)]))
        for i, b in enumerate(bounds)
    )
    filled = tuple(lattice.window(b) for b in bounds)
    holes = []
    for row, column, rows, columns in filled:
        for _ in range(_HOLES):
            holes.append(
                (
                    row + int(rng.integers(0, max(1, rows - _HOLE_PIXELS))),
                    column + int(rng.integers(0, max(1, columns - _HOLE_PIXELS))),
                    _HOLE_PIXELS,
                    _HOLE_PIXELS,
                )
            )
    shapes = [shape for valley in valleys for shape in _waters(rng, valley)]
    names = [f"RÍO {word}" for word in words(rng, len(shapes))]
    rivers = pd.DataFrame({"name": names, "geometry": shapes})
    return Relief(valleys, lattice, filled, tuple(holes), rivers)


def _waters(rng: np.random.Generator, valley: Valley) -> list[shapely.Geometry]:
    """Draw the rivers that cross a block, cut to it, and its lake."""
    west, south, east, north = valley.bounds
    box = shapely.box(west, south, east, north)
    width_m = _METRES_A_DEGREE * float(np.hypot(east - west, north - south))
    most = int(width_m / SPACING_M) + 1
    found = []
    for n in range(-most, most + 1):
        line = shapely.LineString(np.round(valley.line(n, width_m), 6)).intersection(box)
        if not line.is_empty:
            found.append(line)
    return [*found, valley.lake(rng)]
