from __future__ import annotations

import json
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from geoasm.errors import UnreadableSource
from geoasm.io.damaged import attributes_held
from geoasm.io.layers import read_layer
from geoasm.model import RawLayer


def squares(n: int) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"ID": [f"{i:05d}" for i in range(1, n + 1)], "TEXT": ["x" * 200] * n},
        geometry=[shapely.box(i * 0.01, 0, i * 0.01 + 0.01, 0.01) for i in range(n)],
        crs="EPSG:4326",
    )


def lost(raw: RawLayer) -> dict[int, str]:
    assert raw.broken is not None
    return dict(zip(raw.broken["source_row"], raw.broken["reason"], strict=True))


def assert_balanced(raw: RawLayer, rows: int) -> None:
    numbers = sorted([*raw.frame["source_row"], *lost(raw)])
    assert numbers == list(range(1, rows + 1))
    assert raw.source.rows == rows
    assert (raw.frame["ID"].astype(int) == raw.frame["source_row"]).all()
    assert raw.frame.geometry.notna().all()


def test_of_attributes_only_the_head_is_read_to_count_them(tmp_path: Path) -> None:
    squares(3).to_file(tmp_path / "a.shp")
    with (tmp_path / "a.dbf").open("r+b") as file:
        file.truncate(64 << 20)
    tracemalloc.start()
    try:
        held = attributes_held(tmp_path / "a.shp")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held > 3
    assert peak < 1 << 20


def collection(n: int) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(squares(n).to_json())
    return loaded


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": "garbage"},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, "x"], [1, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
        {"type": "Blob", "coordinates": [0, 0]},
    ],
)
def test_one_senseless_geometry_costs_one_record(tmp_path: Path, geometry: object) -> None:
    data = collection(3)
    data["features"][1]["geometry"] = geometry
    (tmp_path / "a.geojson").write_text(json.dumps(data))
    raw = read_layer(f"{tmp_path}/a.geojson", "concessions")
    assert_balanced(raw, 3)
    assert lost(raw) == {2: "its geometry cannot be read"}


def test_a_record_without_geometry_is_not_broken(tmp_path: Path) -> None:
    data = collection(3)
    data["features"][1]["geometry"] = None
    (tmp_path / "a.geojson").write_text(json.dumps(data))
    raw = read_layer(f"{tmp_path}/a.geojson", "concessions")
    assert raw.broken is None
    assert raw.frame.geometry.isna().tolist() == [False, True, False]


def test_broken_json_in_one_feature_costs_one_record(tmp_path: Path) -> None:
    text = json.dumps(collection(4)).replace('"00002"', '"00"2"')
    (tmp_path / "a.geojson").write_text(text)
    raw = read_layer(f"{tmp_path}/a.geojson", "concessions")
    assert_balanced(raw, 4)
    assert lost(raw) == {2: "the record cannot be read"}
    assert not raw.cut_short
    assert raw.frame.crs.to_epsg() == 4326


def test_broken_json_and_a_senseless_geometry_are_both_found(tmp_path: Path) -> None:
    data = collection(4)
    data["features"][2]["geometry"]["coordinates"] = "garbage"
    (tmp_path / "a.geojson").write_text(json.dumps(data).replace('"00002"', '"00"2"'))
    raw = read_layer(f"{tmp_path}/a.geojson", "concessions")
    assert_balanced(raw, 4)
    assert list(lost(raw)) == [2, 3]


def test_a_download_cut_short_keeps_what_came(tmp_path: Path) -> None:
    text = json.dumps(collection(4))
    inside = text.index('"00004"') + 3
    (tmp_path / "inside.geojson").write_text(text[:inside])
    raw = read_layer(f"{tmp_path}/inside.geojson", "concessions")
    assert_balanced(raw, 4)
    assert lost(raw) == {4: "the file ends inside the record"}
    assert raw.cut_short
    between = text.rindex(', {"')
    (tmp_path / "between.geojson").write_text(text[:between])
    raw = read_layer(f"{tmp_path}/between.geojson", "concessions")
    assert lost(raw) == {4: "the file ends before its list of records does"}
    assert raw.cut_short


def test_a_cut_file_keeps_the_system_that_it_states(tmp_path: Path) -> None:
    squares(3).set_crs("EPSG:32718", allow_override=True).to_file(tmp_path / "a.geojson")
    text = (tmp_path / "a.geojson").read_text()
    assert '"crs"' in text
    (tmp_path / "a.geojson").write_text(text[: text.rindex('"00003"')])
    raw = read_layer(f"{tmp_path}/a.geojson", "concessions")
    assert raw.source.crs_read == "EPSG:32718"


def test_nothing_whole_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text('{"type":"FeatureCollection","features":[{"type":"Fea')
    with pytest.raises(UnreadableSource, match="no feature of it is whole"):
        read_layer(f"{tmp_path}/a.geojson", "concessions")


def offset(shx: Path, record: int) -> int:
    return int(struct.unpack_from(">i", shx.read_bytes(), 100 + 8 * (record - 1))[0]) * 2


@pytest.mark.parametrize("at", [8, 8 + 4 + 32])  # the type of the shape; its number of parts
def test_a_senseless_shape_costs_one_record(tmp_path: Path, at: int) -> None:
    squares(3).to_file(tmp_path / "a.shp")
    content = bytearray((tmp_path / "a.shp").read_bytes())
    struct.pack_into("<i", content, offset(tmp_path / "a.shx", 2) + at, 9977)
    (tmp_path / "a.shp").write_bytes(content)
    raw = read_layer(f"{tmp_path}/a.shp", "concessions")
    assert_balanced(raw, 3)
    assert lost(raw) == {2: "its geometry cannot be read"}


def test_a_shapefile_cut_short_keeps_the_whole_shapes(tmp_path: Path) -> None:
    squares(5).to_file(tmp_path / "a.shp")
    content = (tmp_path / "a.shp").read_bytes()
    (tmp_path / "a.shp").write_bytes(content[: offset(tmp_path / "a.shx", 4) + 20])
    raw = read_layer(f"{tmp_path}/a.shp", "concessions")
    assert_balanced(raw, 5)
    assert list(lost(raw)) == [4, 5]


def test_rows_that_a_shapefile_marks_as_deleted_are_no_rows(tmp_path: Path) -> None:
    frame = squares(4)
    frame.loc[2, "geometry"] = None
    frame.to_file(tmp_path / "a.shp")
    content = bytearray((tmp_path / "a.dbf").read_bytes())
    head, width = struct.unpack_from("<HH", content, 8)
    content[head + width] = ord("*")  # the second of four
    (tmp_path / "a.dbf").write_bytes(content)
    raw = read_layer(f"{tmp_path}/a.shp", "concessions")
    assert raw.frame["ID"].tolist() == ["00001", "00003", "00004"]
    assert raw.broken is None
    assert raw.frame.geometry.isna().tolist() == [False, True, False]


def test_a_geopackage_with_a_spoilt_page_keeps_every_other_record(tmp_path: Path) -> None:
    squares(3000).to_file(tmp_path / "a.gpkg")
    content = bytearray((tmp_path / "a.gpkg").read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = b"\xa5" * 4096
    (tmp_path / "a.gpkg").write_bytes(content)
    raw = read_layer(f"{tmp_path}/a.gpkg", "concessions")
    assert_balanced(raw, 3000)
    assert 0 < len(lost(raw)) < 50


def test_a_flatgeobuf_cut_short_keeps_the_whole_records(tmp_path: Path) -> None:
    squares(300).to_file(tmp_path / "a.fgb", SPATIAL_INDEX="NO")
    content = (tmp_path / "a.fgb").read_bytes()
    (tmp_path / "a.fgb").write_bytes(content[: len(content) * 3 // 4])
    raw = read_layer(f"{tmp_path}/a.fgb", "concessions")
    assert_balanced(raw, 300)
    assert min(lost(raw)) == len(raw.frame) + 1
