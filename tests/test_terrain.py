"""The setting of a point follows from planted ground and water, in any system and any grid."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, MultiLineString, MultiPolygon, Polygon, box

from geoasm import terrain
from geoasm.errors import InputError
from geoasm.law import LawAt
from geoasm.model import Grid, Window
from tests.ground import LAW, PE, X, Y, degrees_of, dem, describe, slope

RADIUS = LAW.number("setting_radius_m")
GENTLE, NEAR = (LAW.number(f"alluvial_{n}") for n in ("slope_max_deg", "water_max_m"))
STEEP = LAW.number("hard_rock_slope_min_deg")


def water(*shapes: shapely.Geometry | None) -> gpd.GeoDataFrame:
    """Lines and polygons in metres from the round place, as normalisation gives them."""
    moved = [
        None if s is None else shapely.transform(s, lambda at: np.column_stack(degrees_of(*at.T)))
        for s in shapes
    ]
    return gpd.GeoDataFrame(geometry=moved, crs="EPSG:4326")


def without(*names: str) -> LawAt:
    return replace(LAW, parameters={k: v for k, v in LAW.parameters.items() if k not in names})


SECOND = 1 / 3600
GRIDS = {
    "metres": dem(slope(20)),
    "south-up": dem(slope(20), (30.0, 0.0, X - 3000, 0.0, 30.0, Y - 3000)),
    "rotated": dem(slope(20), (25.0, 12.0, X - 3800, 10.0, -28.0, Y + 2000)),
    "oblong pixels": dem(slope(20), (15.0, 0.0, X - 3000, 0.0, -60.0, Y + 3000), (100, 400)),
    "degrees": dem(slope(20), (SECOND, 0.0, -75.03, 0.0, -SECOND, -9.02), (200, 200), "EPSG:4326"),
    "former datum": dem(slope(20), (30.0, 0.0, X - 2700, 0.0, -30.0, Y + 3300), crs="EPSG:24878"),
    "strips": dem(slope(20), block=(1, 200)),
    "one-metre pixels": dem(slope(20), (1.0, 0.0, X - 300, 0.0, -1.0, Y + 300), (600, 600)),
    "pixels wider than the radius": dem(
        slope(20), (500.0, 0.0, X - 5000, 0.0, -500.0, Y + 5000), (20, 20)
    ),
}


@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
def test_a_planted_slope_comes_back(grid: Grid) -> None:
    east, north = np.random.default_rng(0).uniform(-140, 140, (2, 50))
    found = describe(east, north, elevation=grid)
    assert found["slope_deg"].to_numpy() == pytest.approx(20, abs=0.03)
    reach = 0.75 * max(np.hypot(*grid.transform[0:4:3]), np.hypot(*grid.transform[1:5:3]))
    pixel_m = reach * (111_000 if grid.crs == "EPSG:4326" else 1)
    want = slope(20)(east, north)
    assert np.abs(found["elevation_m"] - want).max() <= pixel_m * np.tan(np.radians(20))


@pytest.mark.parametrize(
    ("to_east", "to_north"), [(1, 0), (0, 1), (-1, 0), (0.8, -0.6)], ids=["east", "north", "west", "south-east"]
)  # fmt: skip
def test_the_direction_of_a_slope_does_not_matter(to_east: float, to_north: float) -> None:
    grid = dem(slope(7, to_east, to_north), (20.0, 0.0, X - 1000, 0.0, -40.0, Y + 1000), (50, 100))
    assert describe(3, 4, elevation=grid)["slope_deg"].item() == pytest.approx(7, abs=1e-6)


def test_rough_ground_has_the_slope_of_its_least_squares_plane() -> None:
    rng = np.random.default_rng(3)
    bumps = rng.normal(0, 20, (200, 200))
    grid = dem(lambda east, north: bumps.ravel() + 0.1 * east)
    place = np.array([12.0, -47.0])
    at = (np.stack(np.meshgrid(np.arange(200), np.arange(200)), axis=-1) + 0.5) * [30, -30] + [
        -3000,
        3000,
    ]
    away = (at - place).reshape(-1, 2)
    near = np.hypot(*away.T) <= RADIUS
    heights = grid.read((0, 0, 200, 200))[0].ravel()[near]
    (a, b, _), *_ = np.linalg.lstsq(np.column_stack([away[near], np.ones(near.sum())]), heights)
    want = np.degrees(np.arctan(np.hypot(a, b)))
    found = describe(*place, elevation=grid)
    assert found["slope_deg"].item() == pytest.approx(want, abs=1e-6)
    assert found["elevation_m"].item() == grid.read((101, 100, 1, 1))[0].item()


def test_ground_beyond_the_radius_does_not_matter() -> None:
    def cliff(distance_m: float) -> Grid:
        return dem(lambda east, north: np.where(np.hypot(east, north) > distance_m, 500.0, 100.0))

    assert describe(0, 0, elevation=cliff(RADIUS))["slope_deg"].item() == pytest.approx(0)
    sided = dem(lambda east, north: np.where(east > RADIUS - 30, 500.0, 100.0))
    assert describe(0, 0, elevation=sided)["slope_deg"].item() > 5


def test_fine_pixels_are_looked_at_all_the_way_to_the_radius() -> None:
    def bank(east: np.ndarray, north: np.ndarray) -> np.ndarray:
        return np.maximum(east - 60, 0) * 0.8

    coarse = dem(bank, (10.0, 0.0, X - 300, 0.0, -10.0, Y + 300), (60, 60))
    fine = dem(bank, (1.0, 0.0, X - 300, 0.0, -1.0, Y + 300), (600, 600))
    found = [describe(0, 0, elevation=grid)["slope_deg"].item() for grid in (coarse, fine)]
    assert found[0] > 5
    assert found[1] == pytest.approx(found[0], abs=0.3)


@pytest.mark.parametrize(
    ("east", "north", "known"),
    [
        (0, 0, True),
        (2800, 0, True),
        (2900, 0, False),  # the border lies within the radius
        (0, -2900, False),
        (1000 - 100, 1000, False),  # so does the hole
        (1000 - 200, 1000, True),
    ],
)
def test_slope_needs_all_the_ground_within_the_radius(
    east: float, north: float, known: bool
) -> None:
    valid = np.ones((200, 200), dtype=bool)
    valid[66, 133] = False  # 1000 m east and north
    found = describe(east, north, elevation=dem(slope(20), valid=valid))
    assert found["slope_deg"].notna().item() is known
    assert found["elevation_m"].notna().item()
    assert (found["setting"].item() == "hard_rock") is known


def test_a_point_on_a_pixel_without_height_has_none() -> None:
    found = describe(0, 0, elevation=dem(slope(20), valid=np.zeros((200, 200), dtype=bool)))
    assert found[["elevation_m", "slope_deg"]].isna().all(axis=None)


def test_a_raster_smaller_than_the_radius_gives_no_slope() -> None:
    tiny = dem(slope(20), (30.0, 0.0, X - 30, 0.0, -30.0, Y + 30), (2, 2))
    found = describe(0, 0, elevation=tiny)
    assert found["slope_deg"].isna().all()
    assert found["elevation_m"].notna().all()


def test_blocks_and_order_of_points_change_nothing() -> None:
    bumps = np.random.default_rng(5).normal(0, 20, 200 * 200)
    east, north = np.random.default_rng(6).uniform(-3100, 3100, (2, 300))
    whole = describe(east, north, elevation=dem(lambda *_: bumps, block=(200, 200)))
    blocks = describe(east[::-1], north[::-1], elevation=dem(lambda *_: bumps, block=(7, 13)))
    pd.testing.assert_frame_equal(blocks[::-1].reset_index(drop=True), whole)


def test_only_windows_with_points_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terrain, "_WINDOW_PIXELS", 20 * 20)
    grid, read = dem(slope(20)), []

    def noted(window: Window) -> tuple[np.ndarray, np.ndarray]:
        read.append(window)
        return grid.read(window)

    describe([-2000, 2000, 2010], [0, 0, 0], elevation=replace(grid, read=noted))
    assert len(read) == 2
    assert max(rows * columns for _, _, rows, columns in read) < 40 * 40


def test_an_elevation_raster_elsewhere_is_an_error_that_names_the_flag() -> None:
    with pytest.raises(InputError, match=r"dem\.tif does not overlap .*--crs elevation=EPSG:CODE"):
        describe([50_000, 60_000], [0, 0], elevation=dem(slope(20)))


def test_one_point_on_the_raster_is_enough() -> None:
    found = describe([0, 50_000], [0, 0], elevation=dem(slope(20)))
    assert found["slope_deg"].notna().tolist() == [True, False]


@pytest.mark.parametrize("n", [0, 3])
def test_without_positions_nothing_is_known_and_nothing_is_wrong(n: int) -> None:
    nowhere = np.full(n, np.nan)
    found = terrain.describe(
        nowhere, nowhere, LAW, PE.crs, elevation=dem(slope(20)), rivers=water(LineString([(0, 0), (1, 1)]))
    ).frame  # fmt: skip
    assert len(found) == n
    assert (found["setting"] == "unknown").all()
    assert found.drop(columns="setting").isna().all(axis=None)


RIVER = LineString([(300, -9000), (300, 9000)])
LAKE = Polygon(box(1000, 1000, 3000, 3000).exterior, [box(1800, 1800, 2200, 2200).exterior])


@pytest.mark.parametrize(
    ("rivers", "east", "north", "metres"),
    [
        ([RIVER], 0, 0, 300),
        ([RIVER], 300, 50, 0),
        ([None, LineString(), RIVER], 0, 0, 300),
        ([RIVER, LineString([(-100, -9000), (-100, 9000)])], 0, 0, 100),
        ([MultiLineString([[(900, 0), (900, 1)], [(0, 40), (9, 40)]])], 0, 0, 40),
        ([LAKE], 1500, 1500, 0),
        ([MultiPolygon([LAKE])], 2900, 2000, 0),
        ([LAKE], 2000, 1900, 100),  # on its island
        ([LAKE], 900, 2000, 100),
        ([RIVER], 300 - terrain.WATER_SEARCH_M + 50, 0, terrain.WATER_SEARCH_M - 50),
        ([RIVER], 300 - terrain.WATER_SEARCH_M - 50, 0, np.nan),
        ([], 0, 0, np.nan),
        ([None], 0, 0, np.nan),
    ],
)
def test_distance_to_water(rivers: list, east: float, north: float, metres: float) -> None:
    found = describe(east, north, rivers=water(*rivers))["water_distance_m"].item()
    assert found == pytest.approx(metres, abs=0.5, nan_ok=True)


def test_without_rivers_the_distance_is_not_known() -> None:
    assert describe(0, 0)["water_distance_m"].isna().all()


def test_each_point_is_measured_in_its_own_zone() -> None:
    middles = np.array([(zone.west + zone.east) / 2 for zone in PE.crs.zones])
    rivers = gpd.GeoDataFrame(
        geometry=[LineString([(lon, -9.5), (lon, -8.5)]) for lon in middles], crs="EPSG:4326"
    )
    lon, lat = np.append(middles + 0.1, np.nan), np.full(len(middles) + 1, -9.0)
    found = terrain.describe(lon, lat, LAW, PE.crs, elevation=None, rivers=rivers).frame
    metres = found["water_distance_m"].to_numpy()
    # the same way in the middle of every zone; seen from the next zone it is 60 m longer
    assert metres[:-1] == pytest.approx(metres[0], abs=1)
    assert metres[0] == pytest.approx(10_990, abs=10)
    assert np.isnan(metres[-1])


def test_water_across_the_border_of_a_zone_is_found() -> None:
    border = PE.crs.zones[0].east
    river = gpd.GeoDataFrame(
        geometry=[LineString([(border + 0.01, lat) for lat in np.linspace(-9.5, -8.5, 100)])],
        crs="EPSG:4326",
    )
    lon, lat = np.array([border - 0.01]), np.array([-9.0])
    found = terrain.describe(lon, lat, LAW, PE.crs, elevation=None, rivers=river).frame
    assert found["water_distance_m"].item() == pytest.approx(2199, abs=3)


def test_a_river_of_many_vertices_is_found_from_all_along_it() -> None:
    along = np.linspace(-60_000, 60_000, 20_000)
    river = water(LineString(np.column_stack([along, 100 * np.sin(along / 500)])))
    east = np.arange(-50_000, 50_001, 10_000.0)
    found = describe(east, 100 * np.sin(east / 500) + 400, rivers=river)["water_distance_m"]
    assert found.between(380, 400.5).all()  # straight down is nearly the nearest way


@pytest.mark.parametrize("vertices", [2, 16, 17, 18, 33, 50])
def test_pieces_of_rivers_leave_no_gap(vertices: int) -> None:
    rng = np.random.default_rng(vertices)
    lines = [LineString(rng.uniform(-900, 900, (vertices, 2)).cumsum(axis=0)) for _ in range(5)]
    rivers = water(MultiLineString(lines[:2]), *lines[2:], LAKE)
    east, north = rng.uniform(-4000, 4000, (2, 100))
    found = describe(east, north, rivers=rivers)["water_distance_m"]
    points = shapely.points(east, north)
    want = np.minimum.reduce([shapely.distance(points, shape) for shape in (*lines, LAKE)])
    assert found.to_numpy() == pytest.approx(want, abs=0.05)


@pytest.mark.parametrize(
    ("degrees", "metres", "setting"),
    [
        (GENTLE - 0.1, NEAR - 1, "alluvial"),
        (GENTLE + 0.1, NEAR - 1, "unknown"),
        (GENTLE - 0.1, NEAR + 1, "unknown"),
        (STEEP - 0.1, NEAR - 1, "unknown"),
        (STEEP + 0.1, NEAR - 1, "hard_rock"),
        (STEEP + 0.1, NEAR + 1, "hard_rock"),
    ],
)
def test_setting_by_slope_and_water(degrees: float, metres: float, setting: str) -> None:
    river = water(LineString([(metres, -9000), (metres, 9000)]))
    found = describe(0, 0, elevation=dem(slope(degrees)), rivers=river)
    assert found["setting"].tolist() == [setting]


def test_water_alone_makes_no_setting_and_slope_alone_only_hard_rock() -> None:
    river = water(RIVER)
    assert describe(0, 0, rivers=river)["setting"].item() == "unknown"
    assert describe(0, 0, elevation=dem(slope(1)))["setting"].item() == "unknown"
    assert describe(0, 0, elevation=dem(slope(30)))["setting"].item() == "hard_rock"


@pytest.mark.parametrize(
    ("missing", "gentle", "steep"),
    [
        ("setting_radius_m", "unknown", "unknown"),
        ("alluvial_slope_max_deg", "unknown", "hard_rock"),
        ("alluvial_water_max_m", "unknown", "hard_rock"),
        ("hard_rock_slope_min_deg", "alluvial", "unknown"),
    ],
)
def test_a_law_that_lacks_a_number_leaves_settings_unknown(
    missing: str, gentle: str, steep: str
) -> None:
    law, river = without(missing), water(RIVER)
    found = [
        describe(0, 0, law=law, elevation=dem(slope(d)), rivers=river)["setting"].item()
        for d in (1, 30)
    ]
    assert found == [gentle, steep]


def test_the_frame_is_that_of_the_points() -> None:
    found = describe([0, 1, 2], [0, 0, 0], elevation=dem(slope(20)))
    assert list(found) == ["elevation_m", "slope_deg", "water_distance_m", "setting"]
    assert isinstance(found.index, pd.RangeIndex)
    assert [str(t) for t in found.dtypes] == ["float64", "float64", "float64", "str"]
