"""Ground in conflict, and land of communities, round the places where people are registered."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import shapely

from geoasm.codes import AsmClass, Role
from geoasm.geometry import Floats, Geometries, points
from geoasm.simulate import truth_ground
from geoasm.simulate.ground import star
from geoasm.simulate.names import words

_DEGREE_M = 111_000.0  # roughly, to size things
_CORNERS = 8
_DECIMALS = 6


class _Kind(NamedTuple):
    share: float  # of the registrations, one area each
    at_least: int
    radius_m: tuple[float, float]
    name: str


_KINDS: Final = {
    Role.CONFLICT_AREAS: _Kind(0.004, 6, (500.0, 2_000.0), "CONFLICTO {}"),
    Role.COMMUNITIES: _Kind(0.002, 4, (2_000.0, 6_000.0), "COMUNIDAD {}"),
}
LAYERS: Final = tuple(_KINDS)


def plant(rng: np.random.Generator, register: pd.DataFrame) -> dict[Role, pd.DataFrame]:
    """
    Draw areas round registrations; half of them round such as stand on the titles of large holders.

    None has a registration on its edge.

    Parameters
    ----------
    register
        `lon`, `lat`, `planned`.

    Returns
    -------
    layers
        `name`, `geometry` (degrees) by role.
    """
    lon, lat = (register[c].to_numpy(dtype=float) for c in ("lon", "lat"))
    large = np.flatnonzero(register["planned"] == AsmClass.ON_LSM_MSM)
    out = {}
    for role, kind in _KINDS.items():
        n = max(kind.at_least, round(kind.share * len(register)))
        anywhere = rng.integers(0, len(register), n)
        rows = np.where(
            np.arange(n) % 2, anywhere, rng.choice(large, n) if len(large) else anywhere
        )
        centres = np.column_stack([lon[rows], lat[rows]])
        stars = star(rng, np.zeros((n, 2)), rng.uniform(*kind.radius_m, n), _CORNERS)
        shapes = _clear(_place(stars, centres), lon, lat)
        names = words(rng, n)[: len(shapes)]
        out[role] = pd.DataFrame(
            {"name": [kind.name.format(word) for word in names], "geometry": list(shapes)}
        )
    return out


def _place(stars: Geometries, centres: Floats) -> Geometries:
    """Move stars, drawn in metres round nought, to their centres in degrees."""
    ring = shapely.get_coordinates(stars).reshape(len(stars), _CORNERS + 1, 2) / _DEGREE_M
    placed: Geometries = shapely.polygons(np.round(ring + centres[:, None, :], _DECIMALS))
    return placed


def _clear(shapes: Geometries, lon: Floats, lat: Floats) -> Geometries:
    """Leave out shapes that are not valid, or have a point on their edge."""
    edges = truth_ground.edge_tree(shapes)
    near = edges.query(points(lon, lat), predicate="dwithin", distance=truth_ground.EDGE_DEG)[1]
    keep = shapely.is_valid(shapes)
    keep[near // _CORNERS] = False
    kept: Geometries = shapes[keep]
    return kept
