"""Points against polygons: what the grid finds is what testing every pair finds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, affinity, box

from geoasm.io.profiles import load_profile
from geoasm.link import Points, candidates, covered, covers, link, link_areas

pytestmark = pytest.mark.usefixtures("way")

PLAN = load_profile("pe").crs
DEGREES = load_profile("cd").crs
REACH_M = 300.0

HOLED = Polygon(box(0, 0, 10, 10).exterior, [box(4, 4, 6, 6).exterior])
POLYGONS = {
    "a square": [box(0, 0, 10, 10)],
    "two with a shared border": [box(0, 0, 10, 10), box(10, 0, 20, 10)],
    "one in another's hole": [HOLED, box(4, 4, 6, 6)],
    "a square, twice": [box(0, 0, 1, 1), box(0, 0, 1, 1)],
    "rectangles turned by next to nothing": [
        affinity.rotate(box(0, 0, 1000, 1000), angle, origin=(0, 0))
        for angle in (0.0, 1e-12, 1e-9, 1e-6, 0.01, 45.0, 90.0)
    ],
    "four corners that are no rectangle": [
        Polygon([(0, 0), (10, 0), (8, 5), (0, 5)]),
        Polygon([(0, 0), (10, 0), (10, 10), (1, 1)]),
        Polygon([(0, 0), (5, 5), (10, 0), (5, 20)]),
    ],
    "triangles": [Polygon([(0, 0), (9, 0), (0, 9)]), Polygon([(9, 9), (9, 0), (0, 9)])],
    "corners on a straight edge": [Polygon([(0, 0), (3, 0), (7, 0), (10, 0), (10, 10), (0, 10)])],
    "parts": [
        MultiPolygon([box(0, 0, 1, 1), box(1, 1, 2, 2), box(5, 0, 6, 1)]),
        MultiPolygon([HOLED, box(20, 20, 21, 21)]),
    ],
    "UTM coordinates": [box(3e5, 8.9e6, 3.01e5, 8.901e6), box(3.01e5, 8.9e6, 3.02e5, 8.901e6)],
    "huge coordinates": [box(1e12, 1e12, 1e12 + 1, 1e12 + 1), box(-1e12, 0, 1e12, 1)],
    "nothing to hit": [None, Polygon(), MultiPolygon(), box(50, 50, 51, 51)],
    "no polygon at all": [],
}


def polygons_of(shapes: list) -> np.ndarray:
    out = np.empty(len(shapes), dtype=object)
    out[:] = shapes
    return out


def awkward_points(polygons: np.ndarray) -> np.ndarray:
    """Corners, points on and a hair beside edges, in and around holes, far off, and not a number."""
    corners = shapely.get_coordinates(polygons)
    rings = shapely.get_rings(polygons[~shapely.is_missing(polygons)])
    along = [shapely.line_interpolate_point(rings, s, normalized=True) for s in (0.1, 0.37, 0.5)]
    on_edge = shapely.get_coordinates(np.concatenate(along)) if len(rings) else np.empty((0, 2))
    near = np.concatenate([corners, on_edge])
    shaken = [np.nextafter(near, near + dx) for dx in ([1, 0], [-1, 0], [0, 1], [0, -1])]
    rng = np.random.default_rng(7)
    low, high = (near.min(axis=0), near.max(axis=0)) if len(near) else (0.0, 1.0)
    inside = rng.uniform(low, high, size=(60, 2))
    lost = np.array([[np.nan, 0], [0, np.nan], [np.nan, np.nan], [np.inf, 0], [1e15, -1e15]])
    return np.concatenate([near, *shaken, inside, np.rint(inside), lost])


def every_pair(polygons: np.ndarray, x: np.ndarray, y: np.ndarray) -> set[tuple[int, int]]:
    finite = np.isfinite(x) & np.isfinite(y)
    return {
        (int(p), i)
        for i, polygon in enumerate(polygons)
        if polygon is not None
        for p in np.flatnonzero(finite)
        if shapely.covers(polygon, Point(x[p], y[p]))
    }


def found(pairs: tuple[np.ndarray, np.ndarray]) -> set[tuple[int, int]]:
    listed = list(zip(pairs[0].tolist(), pairs[1].tolist(), strict=True))
    assert len(listed) == len(set(listed)), "a pair stands twice"
    return set(listed)


@pytest.mark.parametrize("name", POLYGONS)
def test_finds_exactly_the_pairs_that_testing_each_pair_finds(name: str) -> None:
    polygons = polygons_of(POLYGONS[name])
    x, y = awkward_points(polygons).T
    assert found(covers(polygons, x, y)) == every_pair(polygons, x, y)


def test_a_point_on_a_shared_edge_belongs_to_both_sides() -> None:
    sides = polygons_of([box(0, 0, 1, 1), box(1, 0, 2, 1), box(0, 1, 2, 2)])
    at = found(covers(sides, np.array([1.0, 1.0, 0.5]), np.array([0.5, 1.0, 1.0])))
    assert at == {(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 0), (2, 2)}


def test_a_hole_is_outside_and_its_edge_inside() -> None:
    hit = found(covers(polygons_of([HOLED]), np.array([5.0, 4.0, 2.0]), np.array([5.0, 5.0, 2.0])))
    assert hit == {(1, 0), (2, 0)}


lattice = st.integers(0, 8)


@st.composite
def shapes(draw: st.DrawFn) -> Polygon:
    a, b, c, d = (draw(lattice) for _ in range(4))
    upright = box(min(a, b), min(c, d), max(a, b) + 1, max(c, d) + 1)
    hull = shapely.convex_hull(
        shapely.multipoints(draw(st.lists(st.tuples(lattice, lattice), min_size=3, max_size=6)))
    )
    whole = shapely.difference(upright, hull) if draw(st.booleans()) else hull
    return draw(st.sampled_from([upright, whole if whole.geom_type != "LineString" else upright]))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(shapes().filter(lambda s: s.area > 0), max_size=6),
    st.lists(st.tuples(st.integers(-1, 19), st.integers(-1, 19)), max_size=25),
)
def test_on_a_lattice_where_points_love_edges(drawn: list, halves: list) -> None:
    polygons = polygons_of(drawn)
    x, y = (np.array(halves, dtype=float).reshape(-1, 2) / 2).T
    assert found(covers(polygons, x, y)) == every_pair(polygons, x, y)


@pytest.mark.parametrize(
    ("scale", "dx", "dy"),
    [(1.0, 2.0**20, -(2.0**22)), (2.0**-30, 0.0, 0.0), (2.0**40, 0.0, 2.0**41)],
)
def test_moving_and_scaling_both_sides_changes_nothing(scale: float, dx: float, dy: float) -> None:
    rng = np.random.default_rng(3)
    corner = rng.integers(0, 64, size=(40, 2)).astype(float)
    size = rng.integers(1, 16, size=(40, 2)).astype(float)
    squares = shapely.box(*corner.T, *(corner + size).T)
    points = rng.integers(0, 160, size=(300, 2)) / 2
    here = found(covers(squares, *points.T))
    moved = shapely.transform(squares, lambda c: c * scale + [dx, dy])
    assert found(covers(moved, *(points * scale + [dx, dy]).T)) == here
    assert here


def test_order_of_points_and_polygons_does_not_matter() -> None:
    rng = np.random.default_rng(4)
    middle = rng.uniform(0, 50, size=(30, 2))
    shapes = shapely.buffer(shapely.points(middle), rng.uniform(1, 9, 30), quad_segs=2)
    points = rng.uniform(0, 50, size=(200, 2))
    p, s = rng.permutation(200), rng.permutation(30)
    shuffled = found(covers(shapes[s], *points[p].T))
    assert {(int(p[i]), int(s[j])) for i, j in shuffled} == found(covers(shapes, *points.T))


@pytest.mark.parametrize(
    "points",
    [
        np.array([[3.0, 3.0]]),
        np.full((50, 2), 3.0),
        np.column_stack([np.linspace(0, 10, 41), np.full(41, 2.0)]),
        np.column_stack([np.full(41, 2.0), np.linspace(0, 10, 41)]),
        np.column_stack([np.linspace(0, 10, 41), np.linspace(0, 10, 41)]),
        np.array([[0.0, 0.0], [1e9, 1e-9], [5e8, 0.0], [2.0, 2.0]]),
        np.array([[np.nan, 1.0], [1.0, np.nan]]),
        np.empty((0, 2)),
    ],
    ids=["one", "all the same", "a row", "a column", "a diagonal", "one far off", "none", "empty"],
)
def test_boxes_find_the_points_within_and_on_them(points: np.ndarray) -> None:
    boxes = np.array(
        [
            [0, 0, 10, 10],
            [2, 2, 2, 2],
            [3, 3, 3, 9],
            [-5, -5, -1, -1],
            [11, 0, 20, 10],
            [-1e12, -1e12, 1e12, 1e12],
            [np.nan] * 4,
        ],
        dtype=float,
    )
    x, y = points.T
    expected = {
        (i, j)
        for i in range(len(points))
        for j, (w, s, e, n) in enumerate(boxes)
        if w <= x[i] <= e and s <= y[i] <= n
    }
    point, at = candidates(boxes, x, y)
    assert found((point, at)) == expected
    assert (np.diff(at) >= 0).all()


def test_random_boxes_find_their_points() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(2, 500)) * [[1], [1000]]
    corner = rng.normal(size=(80, 2)) * [1, 1000]
    boxes = np.hstack([corner, corner + rng.exponential(size=(80, 2)) * [0.3, 300]])
    w, s, e, n = boxes.T[:, :, None]
    inside = (x >= w) & (x <= e) & (y >= s) & (y <= n)
    assert found(candidates(boxes, x, y)) == {(int(p), int(b)) for b, p in np.argwhere(inside)}


def test_covered_answers_in_the_order_asked() -> None:
    shapes = polygons_of([box(0, 0, 1, 1), Polygon([(0, 0), (1, 0), (0, 1)])])
    asked = np.array([1, 0, 1, 0], dtype=np.intp)
    x, y = np.array([0.9, 0.9, 0.1, 0.1]), np.array([0.9, 0.9, 0.1, 0.1])
    assert covered(shapes, shapely.bounds(shapes), asked, x, y).tolist() == [
        False,
        True,
        True,
        True,
    ]


# --- registrations against rights


def to_system(crs: str, lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(lon, lat)


def to_degrees(crs: str, shape: Polygon) -> Polygon:
    back = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    return shapely.transform(shape, lambda c: np.column_stack(back.transform(*c.T)))


def rights_of(rows: list[tuple[Polygon, str, Polygon, str]]) -> pd.DataFrame:
    drawn, crs_used, planar, planar_crs = zip(*rows, strict=True) if rows else ([], [], [], [])
    return pd.DataFrame(
        {
            "drawn": pd.Series(list(drawn), dtype=object),
            "crs_used": pd.Series(list(crs_used), dtype="str"),
            "planar": pd.Series(list(planar), dtype=object),
            "planar_crs": pd.Series(list(planar_crs), dtype="str"),
        }
    )


def slow_link(lon: np.ndarray, lat: np.ndarray, rights: pd.DataFrame) -> dict:
    """Every registration against every right, in the right's own systems."""
    out = {}
    for j, right in rights.iterrows():
        dx, dy = to_system(right["crs_used"], lon, lat)
        px, py = to_system(right["planar_crs"], lon, lat)
        for i in range(len(lon)):
            inside = bool(right["drawn"].covers(Point(dx[i], dy[i])))
            edge = right["planar"].boundary.distance(Point(px[i], py[i]))
            if inside or edge <= REACH_M:
                out[i, j] = (inside, edge)
    return out


def as_mapping(pairs: pd.DataFrame) -> dict:
    return {
        (r, c): (covered, edge)
        for r, c, covered, edge in pairs[
            ["registration", "concession", "covered", "edge_distance_m"]
        ].itertuples(index=False)
    }


def assert_same(got: dict, expected: dict) -> None:
    assert got.keys() == expected.keys()
    for pair, (inside, edge) in expected.items():
        assert got[pair] == (inside, pytest.approx(edge, abs=1e-6)), pair


def points_at(lon: np.ndarray, lat: np.ndarray, plan=PLAN) -> Points:
    return Points(shapely.points(lon, lat), plan)


@pytest.fixture
def border() -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Rights of both zones on either side of 78° W, and points around their edges."""
    rng = np.random.default_rng(11)
    rows = []
    for crs in ("EPSG:32717", "EPSG:32718"):
        x, y = to_system(crs, -78.0, -9.0)
        x, y = np.floor(x / 1000) * 1000, np.floor(y / 1000) * 1000
        for east, north in [(-2, 0), (-1, 0), (0, 0), (1, 1), (0, 1)]:
            cell = box(0, 0, 1000, 1000)
            cell = affinity.translate(cell, x + east * 1000, y + north * 1000)
            rows.append((cell, crs, cell, crs))
        leaning = Polygon([(x, y), (x + 2500, y + 300), (x + 2000, y + 2500), (x - 300, y + 2000)])
        rows.append((leaning, crs, leaning, crs))
    lon, lat = -78 + rng.uniform(-0.03, 0.03, 150), -9 + rng.uniform(-0.03, 0.03, 150)
    return lon, lat, rights_of(rows)


def test_rights_of_two_zones_are_tested_each_in_its_own(border) -> None:
    lon, lat, rights = border
    got = as_mapping(link(points_at(lon, lat), rights, reach_m=REACH_M))
    assert_same(got, slow_link(lon, lat, rights))
    zones = rights["crs_used"]
    by_zone = {
        zone: {i for i, j in got if zones[j] == zone and got[i, j][0]} for zone in set(zones)
    }
    both = set.intersection(*by_zone.values())
    assert both, "no point lies in rights of both zones: the test tests nothing"


def test_pairs_come_by_registration_then_right_whatever_the_order_of_rights(border) -> None:
    lon, lat, rights = border
    pairs = link(points_at(lon, lat), rights, reach_m=REACH_M)
    assert pairs.equals(pairs.sort_values(["registration", "concession"], ignore_index=True))
    order = np.random.default_rng(1).permutation(len(rights))
    again = link(points_at(lon, lat), rights.iloc[order].reset_index(drop=True), reach_m=REACH_M)
    again["concession"] = order[again["concession"]]
    again = again.sort_values(["registration", "concession"], ignore_index=True)
    pd.testing.assert_frame_equal(again, pairs)


def test_rights_drawn_in_degrees_are_tested_in_degrees_and_measured_in_metres() -> None:
    zone = "EPSG:32735"
    x, y = to_system(zone, 27.0, -10.0)
    metres = [box(x + dx, y + dy, x + dx + 900, y + dy + 900) for dx in (0, 900) for dy in (0, 950)]
    drawn = [to_degrees(zone, shape) for shape in metres]
    drawn.append(box(27.0, -10.01, 27.3, -10.0))
    planar = [shapely.transform(d, lambda c: np.column_stack(to_system(zone, *c.T))) for d in drawn]
    rights = rights_of([(d, "EPSG:4326", p, zone) for d, p in zip(drawn, planar, strict=True)])
    rng = np.random.default_rng(2)
    lon = np.concatenate([27 + rng.uniform(-0.02, 0.04, 150), [27.15, 27.15]])
    # The long chord of a parallel bulges by metres in UTM: these two lie between edge and chord.
    lat = np.concatenate([-10 + rng.uniform(-0.03, 0.03, 150), [-10.0000005, -9.9999995]])
    expected = slow_link(lon, lat, rights)
    assert_same(as_mapping(link(points_at(lon, lat, DEGREES), rights, reach_m=REACH_M)), expected)
    assert expected[150, 4][0]
    assert not expected[151, 4][0]


def test_reach_is_measured_from_the_edge_and_never_drops_what_covers() -> None:
    zone = "EPSG:32718"
    x, y = 500_000.0, 8_900_000.0
    square = box(x, y, x + 5000, y + 5000)
    stands = np.array([[2500, 2500], [4800, 2500], [5200, 2500], [5400, 2500], [5220, 5220]])
    lon, lat = shapely.get_coordinates(
        [to_degrees(zone, Point(p[0] + x, p[1] + y)) for p in stands]
    ).T
    pairs = link(points_at(lon, lat), rights_of([(square, zone, square, zone)]), reach_m=REACH_M)
    assert pairs["registration"].tolist() == [0, 1, 2]
    assert pairs["covered"].tolist() == [True, True, False]
    assert pairs["edge_distance_m"].round(3).tolist() == [2500, 200, 200]


def test_registrations_without_position_pair_with_nothing() -> None:
    zone = "EPSG:32718"
    everywhere = box(-1e7, 0, 1e7, 1e7)
    lost = np.array([None, Point(), Point(-75, -9)], dtype=object)
    points = Points(lost, PLAN)
    pairs = link(points, rights_of([(everywhere, zone, everywhere, zone)]), reach_m=REACH_M)
    assert points.located.tolist() == [False, False, True]
    assert pairs["registration"].tolist() == [2]


@pytest.mark.parametrize(("n_points", "n_rights"), [(0, 0), (0, 1), (2, 0)])
def test_nothing_pairs_with_nothing(n_points: int, n_rights: int) -> None:
    square = box(5e5, 8.9e6, 5.01e5, 8.901e6)
    rights = rights_of([(square, "EPSG:32718", square, "EPSG:32718")] * n_rights)
    points = Points(polygons_of([Point(-75, -9)] * n_points), PLAN)
    pairs = link(points, rights, reach_m=REACH_M)
    assert len(pairs) == 0
    assert pairs.dtypes.astype(str).to_dict() == {
        "registration": "int64",
        "concession": "int64",
        "covered": "bool",
        "edge_distance_m": "float64",
    }
    areas = pd.DataFrame({"drawn": rights["drawn"], "crs_used": rights["crs_used"]})
    assert len(link_areas(points, areas)) == 0


def test_areas_are_tested_each_in_the_system_of_its_file() -> None:
    lon, lat = np.array([-75.0, -75.5, -75.2]), np.array([-9.0, -9.0, -9.2])
    in_degrees = box(-75.1, -9.1, -74.9, -8.9)
    x, y = to_system("EPSG:32718", lon, lat)
    in_metres = box(x[1] - 10, y[1] - 500, x[0] + 10, y[0] + 500)
    areas = pd.DataFrame(
        {
            "drawn": pd.Series([in_metres, in_degrees], dtype=object),
            "crs_used": pd.Series(["EPSG:32718", "EPSG:4326"], dtype="str"),
        }
    )
    pairs = link_areas(points_at(lon, lat), areas)
    assert pairs.to_numpy().tolist() == [[0, 0], [0, 1], [1, 0]]
    assert not in_degrees.covers(Point(lon[1], lat[1]))


def test_a_line_meets_the_points_on_it() -> None:
    river = shapely.LineString([(0, 0), (10, 10)])

    point, polygon = covers(np.array([river]), np.array([5.0, 5.0]), np.array([5.0, 6.0]))

    assert (point.tolist(), polygon.tolist()) == ([0], [0])
