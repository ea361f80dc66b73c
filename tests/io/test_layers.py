from __future__ import annotations

import sqlite3
import struct
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from geoasm.errors import (
    CRSError,
    EmptySource,
    OptionError,
    SourceNotFound,
    UnreadableSource,
)
from geoasm.io.layers import read_layer


@pytest.fixture
def rights() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"CODIGOU": ["010000116", "010000216", None], "TITULAR": ["PEÑA", "MUÑOZ", "QUISPE"]},
        geometry=[shapely.box(-75 + i, -10, -74.5 + i, -9.5) for i in range(3)],
        crs="EPSG:4326",
    )


@pytest.mark.parametrize(
    "name", ["a.gpkg", "a.geojson", "a.fgb", "a.shp", "a.kml", "a.gml", "a.parquet"]
)
def test_every_format_gives_the_same_rows(
    tmp_path: Path, rights: gpd.GeoDataFrame, name: str
) -> None:
    path = tmp_path / name
    if name.endswith("parquet"):
        rights.to_parquet(path)
    elif name.endswith("kml"):
        rights.to_file(path, driver="KML")
    elif name.endswith("fgb"):
        rights.to_file(path, SPATIAL_INDEX="NO")  # the index would sort the records
    else:
        rights.to_file(path)
    raw = read_layer(str(path), "concessions")
    assert raw.frame["CODIGOU"].dropna().tolist() == ["010000116", "010000216"]
    assert raw.frame["TITULAR"].tolist() == ["PEÑA", "MUÑOZ", "QUISPE"]
    assert raw.frame["TITULAR"].dtype == "str"
    assert raw.frame["source_row"].tolist() == [1, 2, 3]
    assert raw.frame.geometry.geom_equals(rights.geometry).all()
    assert raw.frame.index.equals(pd.RangeIndex(3))
    assert (raw.source.name, raw.source.rows, raw.source.crs_read) == (name, 3, "EPSG:4326")
    assert raw.broken is None


def test_a_geopackage_of_several_layers_asks_which(
    tmp_path: Path, rights: gpd.GeoDataFrame
) -> None:
    path = tmp_path / "two.gpkg"
    rights.to_file(path, layer="titles")
    pyogrio.write_dataframe(pd.DataFrame({"a": ["x"]}), path, layer="layer_styles")
    assert len(read_layer(str(path), "concessions").frame) == 3  # QGIS styles are no data
    pyogrio.write_dataframe(pd.DataFrame({"a": ["x"]}), path, layer="strata")
    with pytest.raises(UnreadableSource, match=r"two\.gpkg has 2 layers: titles, strata; name one"):
        read_layer(str(path), "concessions")
    table = read_layer(f"{path}:strata", "strata").frame
    assert not isinstance(table, gpd.GeoDataFrame)
    with pytest.raises(SourceNotFound, match="no layer 'rights'; it has titles, strata"):
        read_layer(f"{path}:rights", "concessions")


def test_crs_and_what_was_given_are_recorded(tmp_path: Path, rights: gpd.GeoDataFrame) -> None:
    path = tmp_path / "bare.shp"
    rights.to_file(path)
    (tmp_path / "bare.prj").unlink()
    assert read_layer(str(path), "concessions").source.crs_read is None
    given = read_layer(str(path), "concessions", crs="EPSG:4248")
    assert given.source.crs_read == "EPSG:4248 (given)"
    assert given.frame.crs.to_epsg() == 4248
    with pytest.raises(CRSError, match="write it as EPSG:32718"):
        read_layer(str(path), "concessions", crs="zone 18")


def test_crs84_is_called_by_its_usual_name(tmp_path: Path, rights: gpd.GeoDataFrame) -> None:
    rights.set_crs("OGC:CRS84", allow_override=True).to_parquet(tmp_path / "a.parquet")
    assert read_layer(f"{tmp_path}/a.parquet", "concessions").source.crs_read == "EPSG:4326"


@pytest.mark.parametrize("written", ["UTF-8", "ISO-8859-1"])
def test_a_shapefile_that_states_no_encoding_is_told_by_its_bytes(
    tmp_path: Path, rights: gpd.GeoDataFrame, written: str
) -> None:
    path = tmp_path / "a.shp"
    rights.to_file(path, encoding=written)
    (tmp_path / "a.cpg").unlink()
    raw = read_layer(str(path), "concessions")
    assert raw.frame["TITULAR"].tolist() == ["PEÑA", "MUÑOZ", "QUISPE"]
    assert raw.source.encoding == ("UTF-8" if written == "UTF-8" else "CP1252")


def test_a_wrong_cpg_does_not_stop_the_reading(tmp_path: Path, rights: gpd.GeoDataFrame) -> None:
    path = tmp_path / "a.shp"
    rights.to_file(path, encoding="ISO-8859-1")
    (tmp_path / "a.cpg").write_text("UTF-8")
    assert read_layer(str(path), "concessions").frame["TITULAR"].tolist()[0] == "PEÑA"


def test_an_encoding_given_is_obeyed_or_refused(tmp_path: Path, rights: gpd.GeoDataFrame) -> None:
    path = tmp_path / "a.shp"
    rights.to_file(path, encoding="ISO-8859-1")
    (tmp_path / "a.cpg").unlink()
    raw = read_layer(str(path), "concessions", encoding="latin-1")
    assert (raw.frame["TITULAR"].tolist()[0], raw.source.encoding) == ("PEÑA", "ISO-8859-1")
    with pytest.raises(UnreadableSource, match="its text is not UTF-8"):
        read_layer(str(path), "concessions", encoding="utf-8")
    with pytest.raises(UnreadableSource, match="unknown encoding 'klingon'"):
        read_layer(str(path), "concessions", encoding="klingon")
    rights.to_parquet(tmp_path / "a.parquet")
    with pytest.raises(OptionError, match="states its own; leave it out"):
        read_layer(f"{tmp_path}/a.parquet", "concessions", encoding="utf-8")


def test_geojson_in_latin_1_reads(tmp_path: Path, rights: gpd.GeoDataFrame) -> None:
    path = tmp_path / "a.geojson"
    path.write_bytes(rights.to_json(ensure_ascii=False).encode("latin-1"))
    raw = read_layer(str(path), "concessions")
    assert (raw.frame["TITULAR"].tolist()[0], raw.source.encoding) == ("PEÑA", "CP1252")


def test_lists_and_objects_become_json_text(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":["x","ñ"],'
        '"b":{"c":1}},"geometry":{"type":"Point","coordinates":[1,2,3]}}]}'
    )
    frame = read_layer(str(path), "registrations").frame
    assert frame[["a", "b"]].values.tolist() == [['["x", "ñ"]', '{"c": 1}']]
    assert frame.geometry.has_z.all()


def curved_geopackage(path: Path, rights: gpd.GeoDataFrame) -> None:
    rights.to_file(path, layer="a", SPATIAL_INDEX="NO")
    circle = struct.pack("<BII", 1, 8, 5) + struct.pack("<10d", 0, 0, 1, 1, 2, 0, 1, -1, 0, 0)
    blob = b"GP\x00\x01" + struct.pack("<i", 4326) + struct.pack("<BII", 1, 10, 1) + circle
    db = sqlite3.connect(path)
    for (name,) in db.execute("select name from sqlite_master where type='trigger'").fetchall():
        db.execute(f'drop trigger "{name}"')
    db.execute("update a set geom = ? where fid = 1", (blob,))
    db.execute("update gpkg_geometry_columns set geometry_type_name = 'CURVEPOLYGON'")
    db.commit()
    db.close()


def test_arcs_become_segments_and_are_reported(tmp_path: Path, rights: gpd.GeoDataFrame) -> None:
    curved_geopackage(tmp_path / "a.gpkg", rights)
    raw = read_layer(f"{tmp_path}/a.gpkg", "concessions")
    assert raw.curved
    assert shapely.area(raw.frame.geometry[0]) == pytest.approx(3.1416, rel=1e-3)
    assert len(raw.frame) == 3


def test_no_rows_is_an_error(tmp_path: Path, rights: gpd.GeoDataFrame) -> None:
    rights.iloc[:0].to_file(tmp_path / "a.gpkg")
    with pytest.raises(EmptySource, match=r"a\.gpkg has no rows"):
        read_layer(f"{tmp_path}/a.gpkg", "concessions")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("noise.bin", bytes(range(256)) * 4, "is not a spatial file"),
        ("a.json", b'{"a": 1}', "JSON without features"),
        ("a.gpkg", b"SQLite format 3\0" + bytes(50), "damaged or is no GPKG"),
        ("a.parquet", b"PAR1 and nothing else", "damaged"),
    ],
)
def test_what_cannot_be_read_says_so_in_one_line(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableSource, match=message) as caught:
        read_layer(f"{tmp_path}/{name}", "concessions")
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_shapefile_without_its_parts_says_which_is_missing(
    tmp_path: Path, rights: gpd.GeoDataFrame
) -> None:
    rights.to_file(tmp_path / "a.shp")
    (tmp_path / "a.dbf").unlink()
    with pytest.raises(UnreadableSource, match=r"no \.dbf beside it"):
        read_layer(f"{tmp_path}/a.shp", "concessions")
    (tmp_path / "a.shx").unlink()
    with pytest.raises(UnreadableSource, match=r"no \.shx beside it"):
        read_layer(f"{tmp_path}/a.shp", "concessions")


@pytest.mark.real
def test_a_real_layer_of_two_reads_by_name(real: Path) -> None:
    raw = read_layer(
        f"{real}/brazil_amapa/mining_processes.gpkg:sigmine_AP_2021_poly", "concessions"
    )
    assert raw.source.crs_read == "Albers Equal Area without EPSG code"
    assert len(raw.frame) == 1115
