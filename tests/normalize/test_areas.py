"""Context layers: as the file draws them, and in degrees."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import pytest
import shapely

from geoasm import normalize
from geoasm.errors import CRSError


def test_an_area_keeps_the_system_of_its_file_beside_degrees(country: Any) -> None:
    square = shapely.box(400000, 8700000, 401000, 8701000)
    raw = country.layer({"CATEGORIA": ["PN"], "CODIGO": ["7"]}, [square], "EPSG:32718")
    areas, issues = normalize.area(raw, country.areas, country.plan, on=country.on)
    assert areas["drawn"].tolist() == [square]
    assert areas["crs_used"].tolist() == ["EPSG:32718"]
    assert areas.crs == "EPSG:4326"
    expected = gpd.GeoSeries([square], crs=32718).to_crs(4326)[0]
    assert shapely.equals_exact(areas.geometry[0], expected, tolerance=1e-9)
    assert issues.empty


def test_parts_that_repeat_a_code_stay_separate_and_invalid_ones_are_mended(country: Any) -> None:
    bow = shapely.Polygon([(-75, -10), (-74.9, -9.9), (-74.9, -10), (-75, -9.9)])
    raw = country.layer(
        {"CATEGORIA": ["PN", None, "PN"], "CODIGO": ["PN01", "PN01", "PN02"]},
        [country.square(-75, -10), bow, None],
    )
    areas, issues = normalize.area(raw, country.areas, country.plan, on=country.on)
    assert areas["area_code"].tolist() == ["PN01", "PN01"]
    assert areas["drawn"].map(shapely.is_valid).all()
    told = issues.set_index("problem")[["row", "id"]]
    assert told.loc["invalid_geometry"].tolist() == [2, "PN01"]
    assert told.loc["missing_value"].tolist() == [2, "PN01"]
    assert told.loc["empty_geometry"].tolist() == [3, "PN02"]


@pytest.mark.parametrize(
    ("kind", "kept"), [("polygon", [1]), ("line", [2]), ("point", [3]), ("any", [1, 2, 3])]
)
def test_a_layer_has_the_kind_of_geometry_that_its_role_says(
    country: Any, kind: str, kept: list[int]
) -> None:
    shapes = [
        country.square(-75, -10),
        shapely.MultiLineString([[(-75, -10), (-74, -10)]]),
        shapely.Point(-75, -10),
    ]
    raw = country.layer({"CATEGORIA": ["A", "B", "C"]}, shapes)
    spec = replace(country.areas, geometry=kind)
    areas, issues = normalize.area(raw, spec, country.plan, on=country.on)
    assert areas["source_row"].tolist() == kept
    wrong = country.problems(issues, "wrong_geometry_type")
    assert sorted([*kept, *wrong["row"]]) == [1, 2, 3]


def test_an_area_without_system_is_refused(country: Any) -> None:
    raw = country.layer({"CATEGORIA": ["PN"]}, [country.square(-75, -10)], None)
    with pytest.raises(CRSError, match="--crs protected_areas="):
        normalize.area(raw, country.areas, country.plan, on=country.on)
