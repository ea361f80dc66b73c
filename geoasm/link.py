"""Points against rights and areas, each tested in the system in which the polygon was drawn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm import geometry
from geoasm.geometry import Floats, Geometries
from geoasm.index import Index, Measured, Shapes
from geoasm.model import CrsPlan
from geoasm.schema import OUTPUT_CRS

Positions = npt.NDArray[np.intp]

CELLS_PER_POINT = 4  # finer cells cost more runs, coarser ones more candidates outside the box


class Points:
    """Registration points in longitude and latitude, converted once per system asked for."""

    def __init__(self, geometries: Geometries, plan: CrsPlan, system: str = OUTPUT_CRS) -> None:
        located = ~(shapely.is_missing(geometries) | shapely.is_empty(geometries))
        lon, lat = np.full(len(geometries), np.nan), np.full(len(geometries), np.nan)
        lon[located] = shapely.get_x(geometries[located])
        lat[located] = shapely.get_y(geometries[located])
        self._keep(located, lon, lat, plan, system)

    @classmethod
    def at(cls, lon: Floats, lat: Floats, plan: CrsPlan) -> Points:
        """Make points of longitude and latitude; NaN in one of them is no place."""
        out = cls.__new__(cls)
        out._keep(np.isfinite(lon) & np.isfinite(lat), lon, lat, plan, OUTPUT_CRS)
        return out

    def _keep(
        self, located: npt.NDArray[np.bool_], lon: Floats, lat: Floats, plan: CrsPlan, system: str
    ) -> None:
        self.located, self._plan, self._system = located, plan, system
        self._lon, self._lat = np.where(located, lon, np.nan), np.where(located, lat, np.nan)
        self._converted: dict[str, tuple[Floats, Floats]] = {}

    def in_system(self, crs: str) -> tuple[Floats, Floats]:
        """Give x and y in a system; NaN where unlocated or beyond the system's reach."""
        if crs not in self._converted:
            operation = geometry.operation(self._system, crs, self._plan)
            self._converted[crs] = operation.points(self._lon, self._lat)
        return self._converted[crs]


def covers(polygons: Geometries, x: Floats, y: Floats) -> tuple[Positions, Positions]:
    """
    Join points to the polygons that cover them; a point on an edge belongs to both sides.

    Parameters
    ----------
    polygons
        Valid polygons or None, in one system.
    x, y
        Coordinates in that system; NaN matches nothing.

    Returns
    -------
    point, polygon
        Positions of each pair.
    """
    return _covers(Shapes(polygons), x, y)


def _covers(shapes: Shapes, x: Floats, y: Floats) -> tuple[Positions, Positions]:
    if shapes.compiled(len(x)):
        from geoasm.kernels import joins

        return joins.covers(shapes.geometries, x, y, shapes.outlines)
    point, polygon = candidates(shapes.bounds, x, y)
    hit = covered(shapes.geometries, shapes.bounds, polygon, x[point], y[point])
    return point[hit], polygon[hit]


def candidates(bounds: Floats, x: Floats, y: Floats) -> tuple[Positions, Positions]:
    """
    Find the points in each bounding box, edges included, by a grid of cells over the points.

    Parameters
    ----------
    bounds
        Shape (n, 4): west, south, east, north of each box; NaN matches nothing.
    x, y
        Coordinates; NaN matches nothing.

    Returns
    -------
    point, box
        Positions of each pair, ordered by box.
    """
    usable = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    boxes = np.flatnonzero(np.isfinite(bounds).all(axis=1))
    if not len(usable) or not len(boxes):
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    corners = bounds[boxes]
    x0, y0 = x[usable].min(), y[usable].min()
    width, height = x[usable].max() - x0, y[usable].max() - y0
    cell = max(np.sqrt(width * height / (CELLS_PER_POINT * len(usable))), max(width, height) / 4096)
    cell = cell or 1.0
    columns, rows = int(width / cell) + 1, int(height / cell) + 1
    key = ((y[usable] - y0) / cell).astype(np.intp) * columns
    key += ((x[usable] - x0) / cell).astype(np.intp)
    order = np.argsort(key, kind="stable")
    offset = np.concatenate([[0], np.cumsum(np.bincount(key, minlength=columns * rows))])
    with np.errstate(invalid="ignore"):
        west, east = (np.clip((corners[:, i] - x0) / cell, -1, columns) for i in (0, 2))
        south, north = (np.clip((corners[:, i] - y0) / cell, -1, rows) for i in (1, 3))
    c0, c1 = np.maximum(west, 0).astype(np.intp), np.minimum(east, columns - 1).astype(np.intp)
    r0, r1 = np.maximum(south, 0).astype(np.intp), np.minimum(north, rows - 1).astype(np.intp)
    touching = (east >= 0) & (west < columns) & (north >= 0) & (south < rows)
    box, row = _expand(r0, np.where(touching, r1 - r0 + 1, 0))
    start = offset[row * columns + c0[box]]
    run, slot = _expand(start, offset[row * columns + c1[box] + 1] - start)
    point, box = usable[order[slot]], box[run]
    px, py, edge = x[point], y[point], corners[box]
    hit = (px >= edge[:, 0]) & (px <= edge[:, 2]) & (py >= edge[:, 1]) & (py <= edge[:, 3])
    return point[hit], boxes[box[hit]]


def _expand(start: Positions, count: Positions) -> tuple[Positions, Positions]:
    """Unroll ranges: the range number and the value of each of `start[i] … start[i]+count[i]-1`."""
    which = np.repeat(np.arange(len(start)), count)
    first = np.cumsum(count) - count
    return which, np.arange(len(which)) - first[which] + start[which]


def covered(
    polygons: Geometries, bounds: Floats, polygon: Positions, x: Floats, y: Floats
) -> npt.NDArray[np.bool_]:
    """
    Test each candidate pair whose bounding boxes meet: does `polygons[polygon]` cover (x, y)?

    Upright rectangles are their own bounding box, so they need no further test.
    """
    inside = np.ones(len(polygon), dtype=bool)
    needed = np.zeros(len(polygons), dtype=bool)
    needed[polygon] = True
    shapes = np.flatnonzero(needed)
    shapes = shapes[~_is_upright_rectangle(polygons[shapes], bounds[shapes])]
    needed[:] = False
    needed[shapes] = True
    test = np.flatnonzero(needed[polygon])
    test = test[np.argsort(polygon[test], kind="stable")]
    shapely.prepare(polygons[shapes])
    inside[test] = shapely.intersects_xy(polygons[polygon[test]], x[test], y[test])
    shapely.destroy_prepared(polygons[shapes])
    return inside


def _is_upright_rectangle(polygons: Geometries, bounds: Floats) -> npt.NDArray[np.bool_]:
    west, south, east, north = bounds.T
    box = (east - west) * (north - south)
    likely = np.flatnonzero(shapely.area(polygons) > 0.999 * box)
    shapes = polygons[likely]
    plain = (shapely.get_type_id(shapes) == 3) & (shapely.get_num_coordinates(shapes) == 5)
    likely = likely[plain]
    x, y = shapely.get_coordinates(polygons[likely]).reshape(-1, 5, 2).transpose(2, 1, 0)
    # Five vertices on the box's corners and nearly all of its ground: nothing else is left.
    at_x = (x == west[likely]) | (x == east[likely])
    at_y = (y == south[likely]) | (y == north[likely])
    out: npt.NDArray[np.bool_] = np.zeros(len(polygons), dtype=bool)
    out[likely] = (at_x & at_y).all(axis=0)
    return out


def link(points: Points, concessions: pd.DataFrame | Index, *, reach_m: float) -> pd.DataFrame:
    """
    Pair each registration with every right that covers its point or whose edge is within reach.

    Parameters
    ----------
    points
        Registration points.
    concessions
        Normalised rights: `drawn` in `crs_used`, `planar` in metres in `planar_crs`; or their index,
        where they are asked for several times.
    reach_m
        Rights whose edge is farther than this and that do not cover the point are not paired.

    Returns
    -------
    pairs
        `registration`, `concession` (positions in the two frames), `covered` (bool),
        `edge_distance_m`; ordered by registration, then concession.
    """
    index = concessions if isinstance(concessions, Index) else Index(concessions)
    parts = [_link_system(points, rights, reach_m) for rights in index.by_plane]
    if not parts:
        parts = [np.empty((4, 0))]
    point, right, inside, edge = np.hstack(parts)
    pairs = pd.DataFrame(
        {
            "registration": point.astype(np.intp),
            "concession": right.astype(np.intp),
            "covered": inside.astype(bool),
            "edge_distance_m": edge,
        }
    )
    return pairs.sort_values(["registration", "concession"], ignore_index=True)


def _link_system(points: Points, rights: Measured, reach_m: float) -> npt.NDArray[np.float64]:
    x, y = points.in_system(rights.measured_in)
    planar = rights.planar
    apart = rights.drawn_in != rights.measured_in
    if planar.compiled(len(x)):
        from geoasm.kernels import joins

        point, right, inside, edge = joins.near(
            planar.geometries, x, y, reach_m, keep_all=apart, outlines=planar.outlines
        )
    else:
        point, right, inside, edge = _near(planar, x, y, reach_m)
    if apart:
        dx, dy = points.in_system(rights.drawn_in)
        inside = _covered_in_boxes(rights.drawn, right, dx[point], dy[point])
    keep = inside | (edge <= reach_m)
    kept: npt.NDArray[np.float64] = np.vstack([point, rights.rows[right], inside, edge])[:, keep]
    return kept


def _near(
    shapes: Shapes, x: Floats, y: Floats, reach: float
) -> tuple[Positions, Positions, npt.NDArray[np.bool_], Floats]:
    """Pair points with polygons in whose box, widened by the reach, they lie; measure to the edge."""
    widened = shapes.bounds + np.array([-reach, -reach, reach, reach])
    point, polygon = candidates(widened, x, y)
    inside = _covered_in_boxes(shapes, polygon, x[point], y[point])
    near, of_pair = np.unique(point, return_inverse=True)
    stands = np.asarray(shapely.points(x[near], y[near]))
    edge: Floats = shapely.distance(shapes.edges[polygon], stands[of_pair])
    return point, polygon, inside, edge


def _covered_in_boxes(
    shapes: Shapes, polygon: Positions, x: Floats, y: Floats
) -> npt.NDArray[np.bool_]:
    """Test pairs whose bounding boxes need not meet."""
    low_x, low_y, high_x, high_y = shapes.bounds[polygon].T
    boxed = np.flatnonzero((x >= low_x) & (x <= high_x) & (y >= low_y) & (y <= high_y))
    inside = np.zeros(len(polygon), dtype=bool)
    inside[boxed] = covered(shapes.geometries, shapes.bounds, polygon[boxed], x[boxed], y[boxed])
    return inside


def link_areas(points: Points, areas: pd.DataFrame | Index) -> pd.DataFrame:
    """
    Pair each registration with every area that covers its point.

    Parameters
    ----------
    areas
        Normalised areas: `drawn` in `crs_used`; or their index.

    Returns
    -------
    pairs
        `registration`, `area` (positions in the two frames), ordered by both.
    """
    index = areas if isinstance(areas, Index) else Index(areas)
    found = []
    for crs, rows, shapes in index.by_system:
        point, area = _covers(shapes, *points.in_system(crs))
        found.append(np.vstack([point, rows[area]]))
    point, area = np.hstack(found) if found else np.empty((2, 0), dtype=np.intp)
    pairs = pd.DataFrame({"registration": point, "area": area})
    return pairs.sort_values(["registration", "area"], ignore_index=True)
