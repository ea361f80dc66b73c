from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geoasm.io.inspection import LayerReport, inspect_file
from geoasm.io.profiles import load_profile

PROFILES = [load_profile("cd"), load_profile("pe")]


@pytest.fixture
def rights() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "CODIGOU": ["010000116", "010000216", "010000216"],
            "TIT_CONCES": ["PEÃ‘A FLORES JUANA", "MINERA UNO S.A.", ""],
            "D_ESTADO": ["D.M. en TrÃ¡mite D.L. 708"] * 3,
            "FEC_DENU": ["2016-01-04"] * 3,
            "DNI": [40000001, 40000002, 40000003],
            "FREE_TEXT": ["JUANA PEREZ"] * 3,
        },
        geometry=[shapely.box(-77 + i, -12, -76.9 + i, -11.9) for i in range(3)],
        crs="EPSG:4326",
    )


def only(path: Path) -> LayerReport:
    reports, errors = inspect_file(str(path), PROFILES)
    assert not errors
    assert len(reports) == 1
    return reports[0]


def problems(report: LayerReport) -> str:
    return "\n".join(f"{f.problem} -> {f.remedy}" for f in report.findings)


def test_a_sound_layer_is_described_and_nothing_looks_wrong(
    tmp_path: Path, rights: gpd.GeoDataFrame
) -> None:
    sound = rights.iloc[:2].assign(TIT_CONCES="MINERA UNO S.A.", D_ESTADO="D.M. Titulado D.L. 708")
    sound.to_file(tmp_path / "a.gpkg")
    report = only(tmp_path / "a.gpkg")
    assert (report.rows, report.crs, report.geometry) == (2, "EPSG:4326", {"Polygon": 2})
    assert report.bounds == (-77, -12, -75.9, -11.9)
    assert report.best is not None
    assert (report.best.profile, report.best.role) == ("pe", "concessions")
    assert report.findings == ()
    used = {c.name: c.field for c in report.columns}
    assert used["CODIGOU"] == "concession_id"
    assert used["D_ESTADO"] == "status_code, status, right_type"


def test_values_are_shown_only_where_they_cannot_name_a_person(
    tmp_path: Path, rights: gpd.GeoDataFrame
) -> None:
    rights.to_file(tmp_path / "a.gpkg")
    examples = {c.name: c.example for c in only(tmp_path / "a.gpkg").columns}
    assert examples["CODIGOU"] == "010000116"
    assert examples["TIT_CONCES"] is None
    assert examples["DNI"] is None
    assert examples["FREE_TEXT"] is None


def test_a_file_that_fits_no_role_shows_no_value_at_all(
    tmp_path: Path, rights: gpd.GeoDataFrame
) -> None:
    rights[["TIT_CONCES", "FREE_TEXT", "geometry"]].to_file(tmp_path / "a.gpkg")
    report = only(tmp_path / "a.gpkg")
    assert report.best is None
    assert {c.example for c in report.columns} == {None}
    assert {c.name: c.distinct for c in report.columns}["FREE_TEXT"] == 1


def test_empty_cells_are_counted_with_blanks(tmp_path: Path, rights: gpd.GeoDataFrame) -> None:
    rights.to_file(tmp_path / "a.gpkg")
    shares = {c.name: c.empty_share for c in only(tmp_path / "a.gpkg").columns}
    assert shares["TIT_CONCES"] == pytest.approx(1 / 3)
    assert shares["CODIGOU"] == 0


def test_every_fault_is_found_with_what_mends_it(tmp_path: Path, rights: gpd.GeoDataFrame) -> None:
    bow_tie = shapely.Polygon([(-77, -12), (-76, -11), (-77, -11), (-76, -12)])
    faulty = rights.set_geometry([bow_tie, shapely.force_3d(shapely.Point(-77, -12)), None])
    faulty.to_file(tmp_path / "a.gpkg")
    text = problems(only(tmp_path / "a.gpkg"))
    assert "1 row without geometry" in text
    assert "1 invalid geometry -> a run repairs" in text
    assert "3-D" in text
    assert "types are mixed: Point, Polygon" in text
    assert "3 rows (100%) with mojibake" in text
    assert "2 rows share their CODIGOU with another" in text


def test_a_missing_system_and_metres_called_degrees_name_the_flag(
    tmp_path: Path, rights: gpd.GeoDataFrame
) -> None:
    metres = rights.to_crs("EPSG:32718")
    metres.to_file(tmp_path / "none.shp")
    (tmp_path / "none.prj").unlink()
    assert "say which with --crs concessions=EPSG:32717 or EPSG:32718 or" in problems(
        only(tmp_path / "none.shp")
    )
    metres.set_crs("EPSG:4326", allow_override=True).to_file(tmp_path / "wrong.gpkg")
    text = problems(only(tmp_path / "wrong.gpkg"))
    assert "coordinates are metres" in text
    assert "--crs concessions=" in text


def test_swapped_axes_and_rows_abroad_are_found(tmp_path: Path, rights: gpd.GeoDataFrame) -> None:
    swapped = rights.set_geometry([shapely.box(-12, -77 + i, -11, -76 + i) for i in range(3)])
    swapped.to_file(tmp_path / "swapped.gpkg")
    assert "axes look swapped" in problems(only(tmp_path / "swapped.gpkg"))
    abroad = rights.copy()
    abroad.loc[0, "geometry"] = shapely.box(10, 10, 11, 11)
    abroad.loc[1, "geometry"] = shapely.Polygon()  # without geometry, which is no place abroad
    abroad.to_file(tmp_path / "abroad.gpkg")
    assert "1 row outside the bounds of profile pe" in problems(only(tmp_path / "abroad.gpkg"))


def test_each_layer_is_reported_and_a_layer_without_rows_too(
    tmp_path: Path, rights: gpd.GeoDataFrame
) -> None:
    rights.to_file(tmp_path / "a.gpkg", layer="one")
    rights.iloc[:0].to_file(tmp_path / "a.gpkg", layer="two")
    reports, errors = inspect_file(f"{tmp_path}/a.gpkg", PROFILES)
    assert [(r.layer, r.rows) for r in reports] == [("one", 3), ("two", 0)]
    assert "it has no rows" in problems(reports[1])
    assert not errors


def test_lost_records_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("CODIGOU,TITULAR\n1,x\n2,y,z\n")
    assert "1 record of 2 cannot be read" in problems(only(tmp_path / "a.csv"))


def test_a_layer_that_lacks_one_column_names_the_flag(
    tmp_path: Path, rights: gpd.GeoDataFrame
) -> None:
    rights.drop(columns="FEC_DENU").to_file(tmp_path / "a.gpkg")
    report = only(tmp_path / "a.gpkg")
    assert report.best is None
    assert "as concessions of profile pe it lacks filed_on" in problems(report)
    assert "--assume concessions.filed_on=VALUE" in problems(report)


def test_a_layer_whose_geometry_is_all_missing_is_described(
    tmp_path: Path, rights: gpd.GeoDataFrame
) -> None:
    rights.set_geometry([None] * 3).to_file(tmp_path / "a.shp", geometry_type="Polygon")
    (tmp_path / "a.prj").unlink()
    report = only(tmp_path / "a.shp")
    assert report.bounds is None
    assert "3 rows without geometry" in problems(report)
