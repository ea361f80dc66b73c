"""Registrations: a position is used as stated, mended by the one reading that fits, or left empty."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geoasm import normalize
from geoasm.errors import CRSError, MissingColumn
from geoasm.model import Zone

PLACE = (-75.5, -11.5)  # in the province ALFA of SUR


def run(country: Any, raw: Any, **more: Any) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    return normalize.registrations(raw, country.registrations, country.plan, on=country.on, **more)


def declared(country: Any, lon: str, lat: str, region: str = "SUR", province: str = "ALFA") -> Any:
    return country.register(1, LON=[lon], LAT=[lat], DEPARTAMENTO=[region], PROVINCIA=[province])


def metres(lon: float, lat: float, zone: int) -> tuple[float, float]:
    point = gpd.GeoSeries([shapely.Point(lon, lat)], crs=4326).to_crs(32700 + zone)[0]
    return round(point.x, 2), round(point.y, 2)


def in_metres(country: Any, x: object, y: object, zone: object, **columns: Any) -> Any:
    sound = {"DEPARTAMENTO": ["SUR"], "PROVINCIA": ["ALFA"]}
    return country.register(
        1, LON=None, LAT=None, ESTE=[x], NORTE=[y], ZONA=[zone], **(sound | columns)
    )


def at(frame: gpd.GeoDataFrame) -> tuple[float, float] | None:
    point = frame.geometry[0]
    return None if point is None else (point.x, point.y)


# Positions as stated


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        ("-75.5", "-11.5"),
        ("-75,5", "-11,5"),
        ("75°30'00\"O", "11°30'00\"S"),
        ("75 30 W", "11 30 S"),
    ],
)
def test_degrees_in_every_spelling(country: Any, lon: str, lat: str) -> None:
    found, issues = run(country, country.register(1, LON=[lon], LAT=[lat]))
    assert at(found) == pytest.approx(PLACE)
    assert found["position_kind"].tolist() == ["lonlat"]
    assert issues.empty


@pytest.mark.parametrize("zone", ["18", "18S", "18 L", 18.0])
def test_metres_with_their_zone(country: Any, zone: object) -> None:
    x, y = metres(*PLACE, 18)
    found, issues = run(country, in_metres(country, f"{x:.2f}".replace(".", ","), y, zone))
    assert at(found) == pytest.approx(PLACE, abs=1e-6)
    assert found["position_kind"].tolist() == ["utm"]
    assert issues.empty


@pytest.mark.parametrize("zone", ["35N", "35 n", "35Norte", "35P"])
def test_northings_of_a_northern_zone_count_from_the_equator(country: Any, zone: str) -> None:
    zones = (Zone("34", 32734, 18, 24), Zone("35", 32735, 24, 30))
    plan = replace(country.plan, zones=zones, bounds=(11.9, -13.6, 31.5, 5.6))
    x, y = metres(27.5, 1.5, 35)
    for northing in (y - 10_000_000, y):
        raw = in_metres(country, x, f"{northing:.2f}", zone)
        found, issues = normalize.registrations(raw, country.registrations, plan, on=country.on)
        assert at(found) == pytest.approx((27.5, 1.5), abs=1e-6)
        assert issues.empty


def test_degrees_in_columns_for_metres_are_degrees(country: Any) -> None:
    found, issues = run(country, in_metres(country, "-75.5", "-11.5", None))
    assert at(found) == PLACE
    assert found["position_kind"].tolist() == ["lonlat"]
    assert issues.empty


def test_each_row_takes_the_first_pair_of_columns_that_it_fills(country: Any) -> None:
    x, y = metres(*PLACE, 18)
    raw = country.register(
        3, LON=["-75.5", None, "n.d."], LAT=["-11.5", None, "-11"], ESTE=[None, x, x],
        NORTE=[None, y, y], ZONA=[None, "18", "18"],
    )  # fmt: skip
    found, issues = run(country, raw)
    assert found["position_kind"].tolist() == ["lonlat", "utm", "utm"]
    assert found.geometry.notna().all()
    assert issues.empty


def test_geometry_goes_before_columns_and_is_brought_to_degrees(country: Any) -> None:
    x, y = metres(*PLACE, 18)
    rows = {
        "COD": ["R0", "R1"],
        "RUC": ["20131312955"] * 2,
        "LON": ["1", "-75.5"],
        "LAT": ["1", "-11.5"],
    }
    raw = country.layer(rows, [shapely.MultiPoint([(x, y)]), None], "EPSG:32718")
    found, issues = run(country, raw)
    assert (found.geometry.x - PLACE[0]).abs().max() < 1e-6
    assert found["position_kind"].tolist() == ["geometry", "lonlat"]
    assert issues.empty


def test_decimals_given_are_counted(country: Any) -> None:
    raw = country.register(
        3, LON=["-75.5", "-75,500", "75°30'00.5\"O"], LAT=["-11.51", "-11.5", "11°30'S"]
    )
    assert run(country, raw)[0]["position_decimals"].tolist() == [2, 3, 4]


def test_a_register_without_positions_or_system_is_refused(country: Any) -> None:
    with pytest.raises(MissingColumn, match="LON with LAT"):
        run(country, country.register(1, LON=None))
    rows = {"COD": ["R0"], "RUC": ["20131312955"]}
    with pytest.raises(CRSError, match="--crs registrations="):
        run(country, country.layer(rows, [shapely.Point(PLACE)], None))


@pytest.mark.parametrize(
    ("lon", "lat", "problem"),
    [
        (None, None, "null_position"),
        ("-75.5", "", "null_position"),
        ("0", "0", "zero_position"),
        ("0.0", "-11.5", "zero_position"),
        ("S/C", "-11.5", "unreadable_position"),
        ("20", "50", "outside_country"),
    ],
)
def test_positions_that_nothing_can_mend_are_left_empty_and_the_row_stays(
    country: Any, lon: str | None, lat: str | None, problem: str
) -> None:
    found, issues = run(country, country.register(1, LON=[lon], LAT=[lat]))
    assert at(found) is None
    assert issues["problem"].tolist() == [problem]
    assert issues["action"].tolist() == ["doubted"]
    assert issues["id"].tolist() == ["R0"]


# Slips of the pen, mended when one reading lies in the declared region


@pytest.mark.parametrize(
    ("lon", "lat", "problem"),
    [
        ("-11.5", "-75.5", "swapped_axes"),
        ("75.5", "-11.5", "wrong_sign"),
        ("-75.5", "11.5", "wrong_sign"),
        ("75.5", "11.5", "wrong_sign"),
        ("-81.5", "-11.5", "wrong_zone"),
        ("-69.5", "-11.5", "wrong_zone"),
        ("-5.5", "-11.5", "lost_digit"),
        ("-75.5", "-1.5", "lost_digit"),
    ],
)
def test_degrees_mended_by_the_reading_in_the_declared_province(
    country: Any, admin: gpd.GeoDataFrame, lon: str, lat: str, problem: str
) -> None:
    found, issues = run(country, declared(country, lon, lat), admin=admin)
    assert at(found) == pytest.approx(PLACE)
    assert issues["problem"].tolist() == [problem]
    assert issues["action"].tolist() == ["mended"]
    assert issues["value"].tolist() == [f"{lon}; {lat}"]
    assert f"-75.5000, -11.5000 ({problem})" in issues["detail"][0]


@pytest.mark.parametrize(
    "slip", ["swapped_axes", "wrong_zone", "lost_digit", "missing_false_northing"]
)
def test_metres_mended_by_the_reading_in_the_declared_province(
    country: Any, admin: gpd.GeoDataFrame, slip: str
) -> None:
    x, y = metres(*PLACE, 18)
    x_text, y_text, zone = str(x), str(y), "18"
    if slip == "swapped_axes":
        x_text, y_text = y_text, x_text
    elif slip == "wrong_zone":
        zone = "19"
    elif slip == "lost_digit":
        y_text = y_text[1:]
    else:
        y_text = f"{y - 10_000_000:.2f}"
    found, issues = run(country, in_metres(country, x_text, y_text, zone), admin=admin)
    assert at(found) == pytest.approx(PLACE, abs=1e-6)
    assert issues["problem"].tolist() == [slip]
    assert issues["action"].tolist() == ["mended"]


@pytest.mark.parametrize("place", [0, 1])
def test_a_digit_lost_from_an_easting_comes_back_where_the_region_is_small_enough(
    country: Any, admin: gpd.GeoDataFrame, place: int
) -> None:
    x, y = metres(*PLACE, 18)
    raw = in_metres(country, str(x)[:place] + str(x)[place + 1 :], y, "18")
    found, issues = run(country, raw, admin=admin)
    assert at(found) is None
    assert issues["problem"].tolist() == ["several_readings"]
    small = admin.assign(
        geometry=admin.geometry.where(admin.index != 0, shapely.Point(PLACE).buffer(0.02))
    )
    found, issues = run(country, raw, admin=small)
    assert at(found) == pytest.approx(PLACE, abs=1e-6)
    assert issues["problem"].tolist() == ["lost_digit"]


def test_a_digit_lost_before_noughts_comes_back(country: Any, admin: gpd.GeoDataFrame) -> None:
    x, _ = metres(*PLACE, 18)
    raw = in_metres(country, x, "045678.9", "18")  # 9045678.9, of which a table keeps 45678.9
    south = admin.assign(
        geometry=admin.geometry.where(admin.index != 0, shapely.box(-76, -9, -75, -8))
    )
    found, issues = run(country, raw, admin=south)
    assert at(found) is not None
    assert issues["problem"].tolist() == ["lost_digit"]
    assert at(found)[1] == pytest.approx(-8.63, abs=0.01)


def test_an_easting_of_five_digits_is_doubted_where_no_region_tells(
    country: Any, admin: gpd.GeoDataFrame
) -> None:
    x, y = metres(-78.9, -11.5, 18)
    assert 10_000 < x < 100_000
    found, issues = run(
        country, in_metres(country, x, y, "18", DEPARTAMENTO=[None], PROVINCIA=[None]), admin=admin
    )
    assert at(found) == pytest.approx((-78.9, -11.5), abs=1e-6)
    assert issues["problem"].tolist() == ["lost_digit"]
    assert issues["action"].tolist() == ["doubted"]
    west = admin.assign(geometry=[shapely.box(-79, -12, -78, -11)] * len(admin))
    assert run(country, in_metres(country, x, y, "18"), admin=west)[1].empty


def test_metres_without_zone_are_read_in_every_zone(country: Any, admin: gpd.GeoDataFrame) -> None:
    x, y = metres(*PLACE, 18)
    found, issues = run(country, in_metres(country, x, y, None), admin=admin)
    assert at(found) == pytest.approx(PLACE, abs=1e-6)
    assert issues["problem"].tolist() == ["wrong_zone"]
    nowhere, issues = run(country, in_metres(country, x, y, None))
    assert at(nowhere) is None
    assert issues["problem"].tolist() == ["several_readings"]
    assert issues["detail"][0].count("wrong_zone") == 3


def test_without_a_declared_region_nothing_is_mended_and_the_readings_are_listed(
    country: Any, admin: gpd.GeoDataFrame
) -> None:
    for more in ({}, {"admin": admin}):
        found, issues = run(country, country.register(1, LON=["75.5"], LAT=["-11.5"]), **more)
        assert at(found) is None
        assert issues["problem"].tolist() == ["outside_country"]
        assert "-75.5000, -11.5000 (wrong_sign)" in issues["detail"][0]


def test_several_readings_in_the_region_mend_nothing(country: Any, admin: gpd.GeoDataFrame) -> None:
    wide = gpd.GeoDataFrame(
        {"admin_1": ["SUR"], "admin_2": ["ALFA"]},
        geometry=[shapely.box(-80, -12, -70, -11)], crs=4326,
    )  # fmt: skip
    found, issues = run(country, declared(country, "-7.5", "-11.5"), admin=wide)
    assert at(found) is None
    assert issues["problem"].tolist() == ["several_readings"]
    assert issues["detail"][0].count("lost_digit") > 1


def test_a_place_elsewhere_in_the_country_is_kept_and_doubted(
    country: Any, admin: gpd.GeoDataFrame
) -> None:
    found, issues = run(country, declared(country, "-74.5", "-10.5"), admin=admin)
    assert at(found) == pytest.approx((-74.5, -10.5))
    assert issues["problem"].tolist() == ["elsewhere_than_declared"]
    assert issues["action"].tolist() == ["doubted"]


# Which region is meant


def test_a_name_of_two_provinces_is_told_by_its_department(
    country: Any, admin: gpd.GeoDataFrame
) -> None:
    south = run(country, declared(country, "-75.5", "-11.5", "SUR", "ALFA"), admin=admin)[1]
    north = run(country, declared(country, "-75.5", "-11.5", "NORTE", "ALFA"), admin=admin)[1]
    assert south.empty
    assert north["problem"].tolist() == ["elsewhere_than_declared"]


def test_names_are_compared_without_case_and_accents(country: Any, admin: gpd.GeoDataFrame) -> None:
    assert run(country, declared(country, "-75.5", "-11.5", "súr", " Alfa "), admin=admin)[1].empty


def test_an_unknown_province_falls_back_to_the_department(
    country: Any, admin: gpd.GeoDataFrame
) -> None:
    within = run(country, declared(country, "-74.5", "-11.5", "SUR", "OMEGA"), admin=admin)[1]
    assert within.empty
    outside = run(country, declared(country, "-74.5", "-10.5", "SUR", "OMEGA"), admin=admin)[1]
    assert outside["problem"].tolist() == ["elsewhere_than_declared"]
    unknown = run(country, declared(country, "-74.5", "-10.5", "OESTE", "OMEGA"), admin=admin)[1]
    assert unknown.empty


def test_the_border_of_a_region_has_the_stated_tolerance(
    country: Any, admin: gpd.GeoDataFrame
) -> None:
    raw = declared(country, "-74.997", "-11.5")  # 330 m east of the province
    assert run(country, raw, admin=admin)[1].empty
    strict = run(country, raw, admin=admin, region_tolerance_m=100)[1]
    assert strict["problem"].tolist() == ["elsewhere_than_declared"]
    none = run(country, raw, admin=admin, region_tolerance_m=0)[1]
    assert none["problem"].tolist() == ["elsewhere_than_declared"]


# One row per registration


def test_one_row_of_a_repeated_id_is_kept(country: Any) -> None:
    raw = country.register(
        4, COD=["R0", "R0", "R1", "R1"], ANIO=["2019", None, "2019", "2019"], LON=["-75.5"] * 4,
    )  # fmt: skip
    found, issues = run(country, raw)
    assert found["registration_id"].tolist() == ["R0", "R1"]
    assert found["source_row"].tolist() == [1, 3]
    assert country.problems(issues, "duplicate_id")["row"].tolist() == [2]
    assert country.problems(issues, "duplicate_record")["row"].tolist() == [4]


def test_the_latest_visit_is_kept_and_earlier_ones_are_told(country: Any) -> None:
    spec = replace(country.registrations, latest_by="visited_on")
    raw = country.register(
        5, COD=["A", "A", "A", "B", "B"], ANIO=[None, None, "2019", None, "2020"],
        VISITA=["2019-01-01", "2020-01-01", "2020-01-01", None, "2001-01-01"],
    )  # fmt: skip
    found, issues = normalize.registrations(raw, spec, country.plan, on=country.on)
    assert found["source_row"].tolist() == [3, 5]
    assert country.problems(issues, "earlier_visit")["row"].tolist() == [1]
    assert sorted(country.problems(issues, "duplicate_id")["row"]) == [2, 4]


def test_ids_made_for_rows_without_one_do_not_follow_from_who_it_is(country: Any) -> None:
    one, other = (
        run(country, country.register(1, COD=[None], NOMBRE=[name]))[0]["registration_id"][0]
        for name in ("ANA", "EVA")
    )
    assert one == other
    both = run(country, country.register(2, COD=[None, None], NOMBRE=["ANA", "EVA"]))[0]
    assert both["registration_id"].is_unique


def test_dtypes_hold_for_a_register_of_nothing_but_faults(country: Any) -> None:
    found, _ = run(country, country.register(2, LON=[None, "x"], LAT=[None, "y"]))
    assert found["position_decimals"].dtype == "Int64"
    assert str(found["position_kind"].dtype) == "str"
    assert found.crs == "EPSG:4326"
    assert found.geometry.isna().all()
    assert isinstance(found.index, pd.RangeIndex)
    assert np.array_equal(found.index, [0, 1])


def test_numbers_too_large_for_a_place_have_no_other_reading(country: Any) -> None:
    raw = country.register(2, LON=["9" * 308, "-75.5"], LAT=["-11.5"] * 2)
    found, issues = run(country, raw)
    assert shapely.is_missing(found.geometry.to_numpy()).tolist() == [True, False]
    assert issues["row"].tolist() == [1]
