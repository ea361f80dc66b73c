"""Projecting, repairing, measuring."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from geoasm import geometry
from geoasm.errors import CRSError
from geoasm.model import CrsPlan, DatumOperation, Zone

PERU = CrsPlan(
    geographic="EPSG:4326",
    drawn_in="zone",
    zones=(
        Zone("17", 32717, -84, -78),
        Zone("18", 32718, -78, -72),
        Zone("19", 32719, -72, -66),
    ),
    equal_area="+proj=laea +lat_0=-10 +lon_0=-75 +datum=WGS84 +units=m +type=crs",
    bounds=(-84.7, -20.3, -68.6, 0.1),
    operations=(DatumOperation("EPSG:4248", "EPSG:4326", "EPSG:1208", 16.0, "EPSG dataset"),),
)
BOW_TIE = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])


def array(*values: object) -> np.ndarray:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def move(source: str, target: str, x: float, y: float) -> tuple[float, float]:
    out = geometry.operation(source, target, PERU).points(np.array([x]), np.array([y]))
    return float(out[0][0]), float(out[1][0])


@pytest.mark.parametrize(
    ("place", "psad56", "wgs84", "lon", "lat", "east", "north"),
    [
        ("Piura", 24877, 32717, -80.63, -5.20, -249, -375),
        ("Pataz", 24878, 32718, -77.59, -7.78, -221, -374),
        ("Nazca", 24878, 32718, -74.94, -14.83, -224, -363),
        ("Puno", 24879, 32719, -69.45, -14.63, -197, -370),
        ("Madre de Dios", 24879, 32719, -69.18, -12.60, -196, -372),
        ("Tacna", 24879, 32719, -70.25, -18.00, -196, -364),
    ],
)
def test_the_old_datum_is_shifted_by_the_pinned_operation(
    place: str, psad56: int, wgs84: int, lon: float, lat: float, east: float, north: float
) -> None:
    old, new = f"EPSG:{psad56}", f"EPSG:{wgs84}"
    x, y = move("EPSG:4326", old, lon, lat)
    x2, y2 = move(old, new, x, y)
    assert x2 - x == pytest.approx(east, abs=2), place
    assert y2 - y == pytest.approx(north, abs=2), place


def test_the_pin_holds_where_the_default_choice_is_another_countrys_operation() -> None:
    """Near Piura the unpinned choice is an operation made for Ecuador, metres away."""
    x, y = 541252.0, 9425590.0
    assert geometry.operation("EPSG:24877", "EPSG:32717", PERU).describe() == {
        "from": "EPSG:24877",
        "to": "EPSG:32717",
        "operation": "EPSG:1208",
        "accuracy_m": 16.0,
    }
    there = move("EPSG:24877", "EPSG:32717", x, y)
    assert move("EPSG:32717", "EPSG:24877", *there) == pytest.approx((x, y), abs=0.02)


def test_an_operation_without_a_datum_shift_is_refused() -> None:
    with pytest.raises(CRSError, match=r"no datum operation known from EPSG:4267 to EPSG:4326"):
        geometry.operation("EPSG:4267", "EPSG:4326", PERU)


def test_the_same_system_moves_nothing_whatever_its_axis_order() -> None:
    same = geometry.operation("EPSG:4326", "OGC:CRS84", PERU)
    assert same.describe()["operation"] == "none"
    assert move("EPSG:4326", "OGC:CRS84", -77.5, -8.0) == (-77.5, -8.0)


def test_x_comes_before_y_in_every_system() -> None:
    x, y = move("EPSG:4326", "EPSG:32718", -75.0, -10.0)
    assert (x, y) == pytest.approx((500000, 8894587), abs=1)


def test_what_is_no_number_or_beyond_a_system_becomes_nan() -> None:
    to_utm = geometry.operation("EPSG:4326", "EPSG:32718", PERU)
    x, y = to_utm.points(np.array([np.nan, -75.0, -75.0]), np.array([-10.0, 95.0, -10.0]))
    assert np.isnan(x).tolist() == [True, True, False]
    assert np.isnan(y).tolist() == [True, True, False]


def test_an_unknown_system_says_how_to_write_one() -> None:
    with pytest.raises(CRSError, match=r"'UTM 18': write it as EPSG:32718"):
        geometry.parse_crs("UTM 18")


def test_a_system_is_named_by_its_code_or_name_or_else_its_method() -> None:
    assert geometry.crs_label("EPSG:32717") == "EPSG:32717"
    named = geometry.parse_crs(PERU.equal_area).to_wkt().replace('"unknown"', '"Equal Area"', 1)
    assert geometry.crs_label(named) == "Equal Area"
    assert geometry.crs_label(PERU.equal_area) == "Lambert Azimuthal Equal Area without EPSG code"


def test_every_vertex_of_a_polygon_moves_and_missing_stays_missing() -> None:
    square = box(-75.0, -10.0, -74.99, -9.99)
    to_utm = geometry.operation("EPSG:4326", "EPSG:32718", PERU)
    moved = to_utm.geometries(array(square, None))
    assert moved[1] is None
    assert shapely.get_num_coordinates(moved[0]) == 5
    assert moved[0].exterior.coords[0] == pytest.approx(
        move("EPSG:4326", "EPSG:32718", *square.exterior.coords[0])
    )


@pytest.mark.parametrize(
    ("longitude", "zone"),
    [
        (-84.0, "17"),
        (-78.0001, "17"),
        (-78.0, "18"),
        (-72.0001, "18"),
        (-72.0, "19"),
        (-90.0, "17"),
        (-60.0, "19"),
    ],
)
def test_a_longitude_has_one_zone_and_outside_all_the_nearest(longitude: float, zone: str) -> None:
    (number,) = geometry.zone_of(np.array([longitude]), PERU)
    assert PERU.zones[number].code == zone


def test_a_square_kilometre_is_a_hundred_hectares() -> None:
    assert geometry.area_ha(array(box(0, 0, 1000, 1000))).tolist() == [100.0]


def test_a_bow_tie_keeps_the_ground_of_both_wings() -> None:
    mended, bad = geometry.repair(array(BOW_TIE, box(0, 0, 1, 1)))
    assert bad.tolist() == [True, False]
    assert shapely.is_valid(mended).all()
    assert mended[0].area == pytest.approx(5000)
    assert mended[0].covers(Point(10, 50))
    assert not mended[0].covers(Point(50, 10))


def test_a_spike_leaves_no_line_behind() -> None:
    spiked = Polygon([(0, 0), (0, 10), (10, 10), (20, 10), (10, 10), (10, 0)])
    mended, bad = geometry.repair(array(spiked))
    assert bad.tolist() == [True]
    assert mended[0].geom_type == "Polygon"
    assert mended[0].area == pytest.approx(100)


def test_repair_flattens_leaves_valid_ones_alone_and_does_not_edit_its_input() -> None:
    given = array(Polygon([(0, 0, 5), (0, 1, 5), (1, 1, 5)]), BOW_TIE, None)
    mended, bad = geometry.repair(given)
    assert bad.tolist() == [False, True, False]
    assert not shapely.has_z(mended[0])
    assert mended[2] is None
    assert given[1] is BOW_TIE


@pytest.mark.parametrize("form", ["Z", "M", "ZM"])
def test_repair_leaves_two_coordinates_of_what_has_more_be_it_empty(form: str) -> None:
    corners = ", ".join(f"{x} {y}{' 7' * len(form)}" for x, y in ((0, 0), (1, 0), (1, 1), (0, 0)))
    given = shapely.from_wkt(
        [f"POLYGON {form} EMPTY", f"POLYGON {form} (({corners}))", None, "POINT (1 2)"]
    )
    mended, bad = geometry.repair(given)
    np.testing.assert_array_equal(mended, shapely.force_2d(given))
    assert shapely.to_wkt(mended[:2]).tolist() == [
        "POLYGON EMPTY",
        "POLYGON ((0 0, 1 0, 1 1, 0 0))",
    ]
    assert not bad.any()


def test_a_polygon_without_extent_becomes_empty_and_never_a_line() -> None:
    mended, bad = geometry.repair(array(Polygon([(0, 0), (10, 0), (5, 0)])))
    assert bad.tolist() == [True]
    assert mended[0].is_empty
    assert mended[0].geom_type in {"Polygon", "MultiPolygon"}


def test_only_the_polygons_of_a_collection_are_kept() -> None:
    mixed = GeometryCollection([box(0, 0, 1, 1), LineString([(0, 0), (9, 9)]), Point(5, 5)])
    kept = geometry.polygonal(array(mixed, LineString([(0, 0), (1, 1)]), None))
    assert kept[0].equals(box(0, 0, 1, 1))
    assert kept[1].is_empty
    assert kept[1].geom_type == "MultiPolygon"
    assert kept[2] is None


def test_ground_covered_twice_is_counted_once() -> None:
    parts = array(box(0, 0, 100, 100), box(50, 0, 150, 100), None, MultiPolygon())
    assert geometry.dissolved_ha(parts) == pytest.approx(1.5)
    assert geometry.dissolved_ha(array(None)) == 0.0


def test_points_are_made_only_where_both_coordinates_are_numbers() -> None:
    made = geometry.points(np.array([1.0, np.nan, 3.0]), np.array([2.0, 2.0, np.inf]))
    assert made[0].equals(Point(1, 2))
    assert made[1] is None
    assert made[2] is None
