"""Geometry as layers hold it: squares that overlap, and everything that is no such thing."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from hypothesis import strategies as st
from shapely import wkt
from shapely.affinity import translate

WEST, SOUTH, SIDE = -75.01, -10.0, 0.01
_T = 1e-9


def square(i: int = 0, j: int = 0, side: float = SIDE) -> shapely.Polygon:
    """A square of the lattice near 75° W, 10° S."""
    x, y = WEST + i * SIDE, SOUTH + j * SIDE
    return shapely.box(x, y, x + side, y + side)


def _ring(*corners: tuple[float, float]) -> shapely.Polygon:
    return shapely.Polygon([(WEST + x * SIDE, SOUTH + y * SIDE) for x, y in corners])


def _star(n: int) -> shapely.Polygon:
    turn = np.linspace(0, 2 * np.pi, n, endpoint=False)
    far = np.where(np.arange(n) % 2, 0.9, 1.0) * SIDE
    return shapely.Polygon(np.column_stack([WEST + far * np.cos(turn), SOUTH + far * np.sin(turn)]))


def _nested(depth: int) -> Any:
    shape: Any = shapely.GeometryCollection([square()])
    for _ in range(depth):
        shape = shapely.GeometryCollection([shape, shapely.Point(WEST, SOUTH)])
    return shape


_BAD = np.seterr(invalid="ignore")  # GEOS warns of coordinates that are none
BOW = _ring((0, 0), (1, 1), (1, 0), (0, 1))
ODD: dict[str, Any] = {
    "none": None,
    "empty polygon": shapely.Polygon(),
    "empty point": shapely.Point(),
    "empty collection": shapely.GeometryCollection(),
    "point": shapely.Point(WEST, SOUTH),
    "points": shapely.MultiPoint([(WEST, SOUTH), (WEST + SIDE, SOUTH)]),
    "one of points": shapely.MultiPoint([(WEST, SOUTH)]),
    "line": shapely.LineString([(WEST, SOUTH), (WEST + SIDE, SOUTH + SIDE)]),
    "line of one place": shapely.LineString([(WEST, SOUTH), (WEST, SOUTH)]),
    "ring": shapely.LinearRing([(WEST, SOUTH), (WEST + SIDE, SOUTH), (WEST, SOUTH + SIDE)]),
    "bow tie": BOW,
    "bow ties": shapely.MultiPolygon([BOW, translate(BOW, SIDE / 2)]),
    "spike": _ring((0, 0), (1, 0), (1, 1), (1, 5), (1, 1), (0, 1)),
    "collapsed": _ring((0, 0), (1, 1), (0, 0), (1, 1)),
    "all one place": _ring((0, 0), (0, 0), (0, 0)),
    "sliver": _ring((0, 0), (1, 0), (1, _T), (0, _T)),
    "hair": _ring((0, 0), (1, 1e-13), (2, 0)),
    "twice around": _ring((0, 0), (1, 0), (1, 1), (0, 1), (0, 0), (1, 0), (1, 1), (0, 1)),
    "hole outside": shapely.Polygon(square().exterior, [square(3).exterior]),
    "hole the whole": shapely.Polygon(square().exterior, [square().exterior]),
    "parts alike": shapely.MultiPolygon([square(), square()]),
    "parts that touch": shapely.MultiPolygon([square(), square(1)]),
    "height": shapely.force_3d(square(), 4000),
    "height nan": wkt.loads("POLYGON Z ((-75.01 -10 nan, -75 -10 1, -75 -9.99 1, -75.01 -10 nan))"),
    "measure": wkt.loads("POINT M (-75.005 -9.995 3)"),
    "measured": wkt.loads("POLYGON ZM ((-75.01 -10 1 2, -75 -10 1 2, -75 -9.99 1 2, -75.01 -10 1 2))"),
    "nan": shapely.Polygon([(WEST, SOUTH), (np.nan, SOUTH), (WEST, np.nan), (WEST, SOUTH)]),
    "inf": shapely.Polygon([(WEST, SOUTH), (np.inf, SOUTH), (WEST, -np.inf), (WEST, SOUTH)]),
    "nan point": shapely.Point(np.nan, np.nan),
    "half a point": shapely.Point(WEST, np.nan),
    "inf point": shapely.Point(np.inf, SOUTH),
    "huge": shapely.box(-1e300, -1e300, 1e300, 1e300),
    "tiny": square(side=1e-15),
    "world": shapely.box(-180, -90, 180, 90),
    "antimeridian": shapely.Polygon([(179, -10), (-179, -10), (-179, -9), (179, -9)]),
    "beyond": shapely.box(181, -10, 190, -9),
    "pole": shapely.Polygon([(-180, -90), (180, -90), (0, -89)]),
    "polar point": shapely.Point(0, 90),
    "null island": shapely.box(0, 0, SIDE, SIDE),
    "country": shapely.box(-84, -20, -69, 0),
    "many corners": _star(20_000),
    "collection": shapely.GeometryCollection([square(), shapely.Point(WEST, SOUTH)]),
    "collection of overlaps": shapely.GeometryCollection([square(), square(side=2 * SIDE)]),
    "collection of a bow": shapely.GeometryCollection([BOW, shapely.LineString([(0, 0), (1, 1)])]),
    "collection without": shapely.GeometryCollection([shapely.Point(WEST, SOUTH)]),
    "nested": _nested(5),
    "metres": shapely.box(500_000, 8_890_000, 501_000, 8_891_000),
}  # fmt: skip
np.seterr(**_BAD)

_lattice = st.builds(
    square, st.integers(-1, 2), st.integers(-1, 2), st.sampled_from([SIDE, SIDE * 1.5, SIDE / 4])
)
_corner = st.tuples(st.integers(-2, 4), st.integers(-2, 4))
_scribble = st.lists(_corner, min_size=3, max_size=9).map(lambda corners: _ring(*corners))
odd = st.sampled_from(sorted(ODD)).map(ODD.__getitem__)
_place = st.builds(
    lambda i, j: shapely.Point(WEST + i * SIDE / 4, SOUTH + j * SIDE / 4),
    st.integers(-4, 12), st.integers(-4, 12),
)  # fmt: skip
areas = st.one_of(_lattice, _lattice, _scribble, odd)
places = st.one_of(_place, _place, odd)
plain = {"polygon": _lattice, "point": _place, "any": _lattice}
shapes = {"polygon": areas, "point": places, "any": st.one_of(areas, places)}

SYSTEMS = (
    *["EPSG:4326"] * 30, "EPSG:32718", "EPSG:32718", "EPSG:32717", "EPSG:24878",
    "EPSG:4248", "EPSG:3857", "EPSG:4979", "EPSG:4269", "EPSG:32618", "EPSG:27700", "EPSG:4978",
    "EPSG:5348", "OGC:CRS84", "ESRI:54009", "+proj=laea +lat_0=-10 +lon_0=-75",
    "+proj=utm +zone=18 +south +ellps=intl", "+proj=ortho +lat_0=40 +lon_0=100", "EPSG:3031", None,
)  # fmt: skip
