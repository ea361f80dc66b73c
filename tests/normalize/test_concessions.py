"""Rights: geometry tested and repaired, each drawn in its own system, one row per right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from geoasm import normalize
from geoasm.errors import CRSError, InputError

Frames = tuple[gpd.GeoDataFrame, pd.DataFrame]


def run(country: Any, raw: Any, **more: Any) -> Frames:
    return normalize.concessions(raw, country.concessions, country.plan, on=country.on, **more)


def utm(zone: int, shapes: list[Any]) -> list[Any]:
    return list(gpd.GeoSeries(shapes, crs=4326).to_crs(32700 + zone))


# Geometry as it comes


def test_shapes_of_no_use_are_set_aside_with_the_reason(country: Any) -> None:
    shapes = [
        None,
        shapely.MultiPolygon(),
        shapely.Point(-75, -10),
        shapely.LineString([(-75, -10), (-74, -10)]),
        shapely.Polygon([(-75, -10), (-74, -10), (-75, -10)]),
        country.square(6, -21),
        country.square(-75, -10),
    ]
    rights, issues = run(country, country.rights(7, shapes))
    assert rights["source_row"].tolist() == [7]
    assert issues.groupby("problem")["row"].agg(list).to_dict() == {
        "empty_geometry": [1, 2, 5],
        "wrong_geometry_type": [3, 4],
        "outside_country": [6],
    }
    assert set(issues["action"]) == {"set_aside"}
    assert issues["id"].tolist() == [f"01{int(r) - 1:05d}16" for r in issues["row"]]
    assert country.problems(issues, "outside_country")["value"].tolist() == ["6.0050, -20.9950"]


def test_coordinates_that_are_nowhere_on_earth_are_outside_the_country(country: Any) -> None:
    shapes = [shapely.box(1e12, 1e12, 2e12, 2e12), shapely.box(5e5, 9e6, 5e5 + 10, 9e6 + 10)]
    rights, issues = run(country, country.rights(2, shapes, crs="EPSG:32718"))
    assert rights["source_row"].tolist() == [2]
    assert issues["problem"].tolist() == ["outside_country"]
    assert issues["value"].isna().all()
    stray = shapely.Polygon([(-75, -10), (-75, -9.9), (-74.9, 100)])
    rights, issues = run(country, country.rights(2, [stray, country.square(-75, -10)]))
    assert rights["source_row"].tolist() == [2]
    assert issues["problem"].tolist() == ["outside_country"]
    assert issues["action"].tolist() == ["set_aside"]


def test_a_file_of_which_nothing_is_left_gives_no_rights_of_the_same_types(country: Any) -> None:
    rights, issues = run(country, country.rights(2, [None, shapely.Polygon()]))
    full, _ = run(country, country.rights(1))
    assert len(rights) == 0
    assert len(issues) == 2
    assert rights.dtypes.astype("str").equals(full.dtypes.astype("str"))
    assert rights.crs == "EPSG:4326"


def test_an_invalid_polygon_is_made_valid_and_told(country: Any) -> None:
    bow = shapely.Polygon([(-75, -10), (-74.9, -9.9), (-74.9, -10), (-75, -9.9)])
    rights, issues = run(country, country.rights(1, [bow]))
    assert rights.geometry[0].is_valid
    assert rights["drawn"][0].is_valid
    told = country.problems(issues, "invalid_geometry")
    assert told["value"].tolist() == ["Self-intersection"]
    assert told["action"].tolist() == ["mended"]


def test_of_a_collection_its_polygons_are_kept(country: Any) -> None:
    square = country.square(-75, -10)
    nested = shapely.GeometryCollection([shapely.GeometryCollection([square])])
    mixed = shapely.GeometryCollection([square, shapely.Point(-75, -10)])
    points = shapely.GeometryCollection([shapely.Point(-75, -10)])
    rights, issues = run(country, country.rights(3, [mixed, nested, points]))
    assert rights["source_row"].tolist() == [1, 2]
    assert [g.equals(square) for g in rights.geometry] == [True, True]
    told = country.problems(issues, "wrong_geometry_type")
    assert told.set_index("row")["action"].to_dict() == {1: "mended", 2: "mended", 3: "set_aside"}


def test_heights_are_left_out_and_told_once_for_the_file(country: Any) -> None:
    flat = country.square(-75, -10)
    rights, issues = run(country, country.rights(2, [shapely.force_3d(flat, 4000), flat]))
    assert not shapely.has_z(rights.geometry.to_numpy()).any()
    told = country.problems(issues, "heights_dropped")
    assert told["row"].isna().tolist() == [True]


def test_multipart_rights_stay_whole(country: Any) -> None:
    parts = shapely.MultiPolygon([country.square(-75, -10), country.square(-74.9, -10)])
    rights, issues = run(country, country.rights(1, [parts]))
    assert shapely.get_num_geometries(rights["drawn"][0]) == 2
    assert issues.empty


def test_records_and_arcs_that_the_reader_told_of_are_in_the_issues(country: Any) -> None:
    raw = country.rights(1)
    broken = pd.DataFrame({"source_row": [2], "reason": ["ring of three points"]})
    _, issues = run(country, replace(raw, broken=broken, curved=True))
    assert issues["problem"].tolist() == ["curved_geometry", "unreadable_record"]
    assert issues["action"].tolist() == ["mended", "set_aside"]
    assert issues["row"].fillna(0).tolist() == [0, 2]


def test_files_without_geometry_or_system_are_refused(country: Any) -> None:
    raw = country.rights(1)
    with pytest.raises(InputError, match=r"file\.gpkg.*geometry"):
        run(country, replace(raw, frame=pd.DataFrame(raw.frame.drop(columns="geometry"))))
    with pytest.raises(CRSError, match="--crs concessions="):
        run(country, country.rights(1, crs=None))


# The system a right was drawn in


def test_each_right_is_drawn_in_the_zone_of_its_record(country: Any) -> None:
    shapes = [country.square(-78.3, -7), country.square(-77.9, -7), country.square(-70, -12)]
    rights, issues = run(country, country.rights(3, shapes, ZONA=["17", "17S", "19.0"]))
    assert rights["crs_used"].tolist() == ["EPSG:32717", "EPSG:32717", "EPSG:32719"]
    expected = [*utm(17, shapes[:2]), *utm(19, shapes[2:])]
    assert all(
        shapely.equals_exact(d, e, tolerance=1e-6)
        for d, e in zip(rights["drawn"], expected, strict=True)
    )
    assert rights["drawn"].tolist() == rights["planar"].tolist()
    assert rights["area_ha"].tolist() == pytest.approx([e.area / 1e4 for e in expected], rel=1e-12)
    assert [g.equals(s) for g, s in zip(rights.geometry, shapes, strict=True)] == [True] * 3
    assert rights.crs == "EPSG:4326"
    assert issues.empty


def test_without_a_zone_the_position_gives_it(country: Any) -> None:
    shapes = [country.square(-78.1, -7), country.square(-77.9, -7)]
    rights, _ = run(country, country.rights(2, shapes))
    assert rights["crs_used"].tolist() == ["EPSG:32717", "EPSG:32718"]


def test_a_zone_that_the_position_contradicts_is_doubted_and_not_used(country: Any) -> None:
    shapes = [country.square(-75, -10), country.square(-75, -10.1), country.square(-75, -10.2)]
    rights, issues = run(country, country.rights(3, shapes, ZONA=["19", "22", "18"]))
    assert rights["crs_used"].tolist() == ["EPSG:32718"] * 3
    told = country.problems(issues, "zone_mismatch")
    assert told["row"].tolist() == [1, 2]
    assert set(told["action"]) == {"doubted"}


def test_vertices_of_a_file_in_the_zone_itself_are_untouched(country: Any) -> None:
    cell = shapely.box(600000, 9200000, 601000, 9201000)
    over = shapely.box(
        840000, 9200000, 841000, 9201000
    )  # east of 78 W, drawn in zone 17 all the same
    rights, _ = run(country, country.rights(2, [cell, over], crs="EPSG:32717"))
    assert rights["crs_used"].tolist() == ["EPSG:32717"] * 2
    assert rights["drawn"].tolist() == [cell, over]
    assert rights["area_ha"].tolist() == [100.0, 100.0]
    assert rights.geometry[0].centroid.x == pytest.approx(-80.1, abs=0.1)


def test_a_file_in_the_former_datum_goes_through_the_pinned_operation(country: Any) -> None:
    cell = shapely.box(600000, 9200000, 601000, 9201000)
    rights, _ = run(country, country.rights(1, [cell], crs="EPSG:24877"))
    assert rights["crs_used"].tolist() == ["EPSG:32717"]
    shift = pyproj.Transformer.from_pipeline("urn:ogc:def:coordinateOperation:EPSG::1208")
    lon, lat = pyproj.Transformer.from_crs(24877, 4248, always_xy=True).transform(600000, 9200000)
    lat, lon = shift.transform(lat, lon)
    x, y = pyproj.Transformer.from_crs(4326, 32717, always_xy=True).transform(lon, lat)
    nearest = np.abs(shapely.get_coordinates(rights["drawn"][0]) - (x, y)).sum(axis=1).min()
    assert nearest < 1e-3
    assert abs(x - 600000) > 200


def test_rights_of_a_country_that_draws_in_degrees_keep_them(country: Any) -> None:
    plan = replace(country.plan, drawn_in="geographic")
    shape = country.square(-75, -10)
    rights, _ = normalize.concessions(
        country.rights(1, [shape]), country.concessions, plan, on=country.on
    )
    assert rights["crs_used"].tolist() == ["EPSG:4326"]
    assert rights["drawn"].tolist() == [shape]
    assert rights["planar_crs"].tolist() == ["EPSG:32718"]
    assert rights["area_ha"][0] == pytest.approx(rights["planar"][0].area / 1e4)


def test_areas_that_differ_from_the_declared_by_more_than_the_share_are_doubted(
    country: Any,
) -> None:
    measured = run(country, country.rights(1))[0]["area_ha"][0]
    declared = [measured * 1.019, measured * 1.03, measured * 0.97, None, 0]
    raw = country.rights(5, HASDATUM=declared)
    assert run(country, raw)[1].empty
    _, issues = run(country, raw, area_tolerance_share=0.02)
    assert country.problems(issues, "area_mismatch")["row"].tolist() == [2, 3]


# One row per right


def test_a_record_written_twice_is_set_aside_once(country: Any) -> None:
    square = country.square(-75, -10)
    turned = shapely.Polygon([*square.exterior.coords[2:-1], *square.exterior.coords[:3]])
    raw = country.rights(2, [square, turned], CODIGOU=["010000016"] * 2, CONCESION=["A", "A"],
                         OBJECTID=[1, 2])  # fmt: skip
    rights, issues = run(country, raw)
    assert len(rights) == 1
    assert country.problems(issues, "duplicate_record")["action"].tolist() == ["set_aside"]


def test_of_two_versions_of_one_place_the_fuller_then_the_later_is_kept(country: Any) -> None:
    square, similar = country.square(-75, -10), country.square(-75.001, -10)
    raw = country.rights(4, [square, similar, country.square(-74, -10), country.square(-74, -10, 0.011)],
        CODIGOU=["010000016", "010000016", "010000116", "010000116"],
        CONCESION=[None, "A", "B", "B"],
        FECHA_ACTUALIZACION=["2026-05-01", "2026-01-01", "2026-01-01", "2026-05-01"])  # fmt: skip
    rights, issues = run(country, raw)
    assert rights["source_row"].tolist() == [2, 4]
    told = country.problems(issues, "duplicate_id")
    assert told["row"].tolist() == [1, 3]
    assert set(told["action"]) == {"set_aside"}


def test_parts_of_one_right_are_joined(country: Any) -> None:
    shapes = [country.square(-75, -10), country.square(-74.99, -10), country.square(-74, -10)]
    raw = country.rights(4, [*shapes, country.square(-73, -10)],
        CODIGOU=["010000016"] * 3 + ["010000116"], CONCESION=["A", "A", "A", "B"])  # fmt: skip
    rights, issues = run(country, raw)
    assert rights["concession_id"].tolist() == ["010000016", "010000116"]
    assert rights.geometry[0].equals(shapely.union_all(shapes))
    assert shapely.get_num_geometries(rights["drawn"][0]) == 2
    told = country.problems(issues, "merged_parts")
    assert sorted(told["action"]) == ["mended", "set_aside", "set_aside"]
    assert sorted(told["row"]) == [1, 2, 3]


def test_joining_parts_whose_fields_differ_is_doubted(country: Any) -> None:
    shapes = [country.square(-75, -10), country.square(-74, -10)]
    raw = country.rights(2, shapes, CODIGOU=["010000016"] * 2, ESTADO=["T", "X"])
    rights, issues = run(country, raw)
    assert len(rights) == 1
    assert sorted(country.problems(issues, "merged_parts")["action"]) == ["doubted", "set_aside"]


def test_where_parts_are_not_joined_one_row_of_an_id_is_kept(country: Any) -> None:
    spec = replace(country.concessions, merge_parts=False)
    shapes = [country.square(-75, -10), country.square(-74, -10)]
    raw = country.rights(2, shapes, CODIGOU=["010000016"] * 2)
    rights, issues = normalize.concessions(raw, spec, country.plan, on=country.on)
    assert len(rights) == 1
    assert country.problems(issues, "duplicate_id")["action"].tolist() == ["set_aside"]


def test_rights_without_a_code_get_one_that_follows_from_what_they_say(country: Any) -> None:
    shapes = [country.square(-75, -10), country.square(-74, -10), country.square(-74, -10)]
    columns = {"CODIGOU": [None] * 3, "CONCESION": ["A", "B", "B"], "TIT_CONCES": ["X", "Y", "Z"]}
    names = run(country, country.rights(3, shapes, **columns))[0]["concession_id"]
    assert names.is_unique
    assert names.str.startswith("unnamed-").all()
    turned = {k: v[::-1] for k, v in columns.items()}
    again = run(country, country.rights(3, shapes[::-1], **turned))[0]["concession_id"]
    assert again.tolist() == names.tolist()[::-1]


def test_the_input_is_left_as_it_was(country: Any) -> None:
    bow = shapely.Polygon([(-75, -10), (-74.9, -9.9), (-74.9, -10), (-75, -9.9)])
    raw = country.rights(2, [bow, None])
    before = raw.frame.copy()
    run(country, raw)
    assert raw.frame.equals(before)


def test_a_shape_with_a_coordinate_that_is_no_number_is_set_aside(country: Any) -> None:
    for odd in (np.nan, np.inf):
        with np.errstate(invalid="ignore"):
            shape = shapely.Polygon([(-75, -10), (odd, -10), (-75, -9.9)])
        rights, issues = run(country, country.rights(2, [shape, country.square(-75, -10)]))
        assert rights["source_row"].tolist() == [2]
        told = issues[issues["action"] == "set_aside"]
        assert told["row"].tolist() == [1]
        assert told["problem"].tolist() == ["invalid_geometry"]
