"""Vector files that are damaged on purpose: one line, or every row accounted for."""

from __future__ import annotations

import contextlib
import io
import json
import os
import struct
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyarrow.parquet as pq
import pytest
import shapely

from geoasm.errors import EmptySource, UnreadableSource
from geoasm.io import damaged
from geoasm.io.layers import read_layer
from geoasm.model import RawLayer
from tests.fuzz.seeds import ROWS, Seed, seeds
from tests.io.refusing import refused

OF = {seed.kind: seed for seed in seeds()}


def laid_out(folder: Path, seed: Seed, **changes: bytes) -> Path:
    """A seed's parts in a folder, some of them changed; the one to name."""
    for suffix, content in seed.files.items():
        (folder / f"a{suffix}").write_bytes(changes.get(suffix[1:], content))
    return folder / f"a{next(iter(seed.files))}"


def assert_all_there(raw: RawLayer, rows: int) -> dict[int, str]:
    """Every record is a row or is set aside with a reason; the latter are given."""
    aside = (
        {}
        if raw.broken is None
        else dict(zip(raw.broken.source_row, raw.broken.reason, strict=True))
    )
    assert sorted([*raw.frame["source_row"], *aside]) == list(range(1, rows + 1))
    assert raw.source.rows == rows
    return aside


def geojson(folder: Path, change: Any) -> RawLayer:
    data = json.loads(OF["geojson"].files[".geojson"])
    change(data["features"])
    path = folder / "a.geojson"
    path.write_text(json.dumps(data))
    return read_layer(str(path), "concessions")


@pytest.mark.parametrize("at", [0, 2, ROWS])
@pytest.mark.parametrize("item", ["x", 7, [], {}, {"type": "Point", "coordinates": [0, 0]}])
def test_what_is_no_feature_among_features_is_set_aside(
    tmp_path: Path, item: object, at: int
) -> None:
    """GDAL passes over such things without a word."""
    raw = geojson(tmp_path, lambda features: features.insert(at, item))
    assert assert_all_there(raw, ROWS + 1) == {at + 1: "it is no feature"}


@pytest.mark.parametrize("text", ["ÑAÑA", '"}, {"', "]}", "\\", '\\"', "[{", ""])
def test_features_alone_are_not_decoded_twice_whatever_their_texts_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(damaged, "_pieces", None)
    raw = geojson(tmp_path, lambda features: features[1]["properties"].update(TIT_CONCES=text))
    assert raw.frame["TIT_CONCES"][1] == text
    assert assert_all_there(raw, ROWS) == {}


def test_what_follows_the_features_is_none_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(damaged, "_pieces", None)
    data = json.loads(OF["geojson"].files[".geojson"]) | {"pages": [{"of": [{}, 1]}, "x"]}
    (tmp_path / "a.geojson").write_text(json.dumps(data))
    assert assert_all_there(read_layer(f"{tmp_path}/a.geojson", "concessions"), ROWS) == {}


@pytest.mark.parametrize("item", ["x", 7, None, {}])
def test_a_list_of_other_things_alone_is_refused_and_an_empty_one_has_no_rows(
    tmp_path: Path, item: object
) -> None:
    with pytest.raises(EmptySource):
        geojson(tmp_path, lambda features: features.clear())
    with pytest.raises(UnreadableSource, match="no feature of it is whole"):
        geojson(tmp_path, lambda features: (features.clear(), features.append(item)))


def test_json_nested_deeper_than_any_reader_goes_costs_one_record(tmp_path: Path) -> None:
    text = OF["geojson"].files[".geojson"].replace(b'"T"', b"[" * 10_000 + b"]" * 10_000, 1)
    (tmp_path / "a.geojson").write_bytes(text)
    raw = read_layer(f"{tmp_path}/a.geojson", "concessions")
    assert assert_all_there(raw, ROWS) == {1: "the record cannot be read"}


def test_a_document_that_is_nothing_but_brackets_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_bytes(b'{"type":"FeatureCollection","features":' + b"[" * 200_000)
    refused(path)


def test_a_number_beyond_all_numbers_costs_one_record(tmp_path: Path) -> None:
    """JSON allows 1e999, and GDAL refuses a whole file for it."""
    text = OF["geojson"].files[".geojson"].replace(b"100.5", b"1e999", 1)
    (tmp_path / "a.geojson").write_bytes(text)
    raw = read_layer(f"{tmp_path}/a.geojson", "concessions")
    assert assert_all_there(raw, ROWS) == {1: "the record cannot be read"}


def test_a_line_break_inside_a_text_does_not_cost_the_file(tmp_path: Path) -> None:
    text = OF["geojson"].files[".geojson"].replace(b"D.M. Titulado", b"D.M.\nTitulado", 1)
    content = json.loads(text, strict=False)
    content["features"][3]["geometry"] = None
    text = json.dumps(content).replace("D.M.\\nTitulado", "D.M.\nTitulado").encode()
    (tmp_path / "a.geojson").write_bytes(text)
    assert_all_there(read_layer(f"{tmp_path}/a.geojson", "concessions"), ROWS)


def test_a_table_of_attributes_without_bytes_is_refused(tmp_path: Path) -> None:
    path = laid_out(tmp_path, OF["shapefile"], dbf=b"")
    assert "a.dbf is damaged, so a.shp has no attributes" in refused(path)


def test_records_that_state_no_width_are_no_attributes(tmp_path: Path) -> None:
    dbf = bytearray(OF["shapefile"].files[".dbf"])
    dbf[10:12] = b"\0\0"
    path = laid_out(tmp_path, OF["shapefile"], dbf=bytes(dbf))
    assert "a.dbf is damaged, so a.shp has no attributes" in refused(path)


@pytest.mark.parametrize("share", [40, 60, 80])
def test_records_that_attributes_end_before_are_set_aside(tmp_path: Path, share: int) -> None:
    """Readers hand such records over with their shape, and nothing else."""
    whole = OF["shapefile"].files[".dbf"]
    path = laid_out(tmp_path, OF["shapefile"], dbf=whole[: len(whole) * share // 100])
    raw = read_layer(str(path), "concessions")
    aside = assert_all_there(raw, ROWS)
    assert set(aside.values()) == {"the file ends inside the record"}
    assert raw.frame["CODIGOU"].notna().all()


@pytest.mark.parametrize("bad", [b"&nope;", b"<<", None])
def test_markup_that_breaks_off_is_told_with_what_came_before(
    tmp_path: Path, bad: bytes | None
) -> None:
    """GDAL gives the features before the break, and does not mention it."""
    before, _, after = OF["gml"].files[".gml"].partition("ÑAÑA 3".encode())
    spoilt = before if bad is None else before + bad + after
    laid_out(tmp_path, OF["gml"], gml=spoilt)
    raw = read_layer(f"{tmp_path}/a.gml", "concessions")
    aside = assert_all_there(raw, 4)
    assert aside == {4: "the file is damaged here, and nothing after can be read"}
    assert raw.cut_short


def test_a_database_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    """SQLite reads what is missing of a page as zeros, and rows with nothing in them come out."""
    whole = OF["sqlite"].files[".sqlite"]
    assert "cut short" in refused(laid_out(tmp_path, OF["sqlite"], sqlite=whole[:-1000]))


def test_columns_of_one_name_are_told_apart(tmp_path: Path) -> None:
    dbf = OF["shapefile"].files[".dbf"]
    dbf = dbf.replace(b"CONCESION\0", b" ".ljust(10, b"\0")).replace(
        b"TIT_CONCES", b" ".ljust(10, b"\0")
    )
    raw = read_layer(str(laid_out(tmp_path, OF["shapefile"], dbf=dbf)), "concessions")
    assert {" ", " .1"} <= set(raw.frame.columns)
    assert raw.frame.geometry.name == "geometry"
    assert_all_there(raw, ROWS)


def test_a_header_that_announces_more_records_than_bytes_is_refused_at_once(tmp_path: Path) -> None:
    """Each record would be asked for by its number: a quarter of a milliard of them."""
    dat = bytearray(OF["mapinfo"].files[".dat"])
    dat[7] = 16
    path = laid_out(tmp_path, OF["mapinfo"], dat=bytes(dat))
    assert "records and has no room for them" in refused(path)


@pytest.mark.parametrize("place", [44, 48], ids=["parts", "points"])
@pytest.mark.parametrize("announced", [-1, 1 << 24, (1 << 31) - 1])
def test_a_shape_that_announces_more_than_its_bytes_costs_one_record_and_no_time(
    tmp_path: Path, place: int, announced: int
) -> None:
    shp = bytearray(OF["shapefile"].files[".shp"])
    struct.pack_into("<i", shp, 100 + place, announced)  # of the first record, after the header
    path = laid_out(tmp_path, OF["shapefile"], shp=bytes(shp))
    start = time.process_time()
    assert set(assert_all_there(read_layer(str(path), "concessions"), ROWS)) == {1}
    assert time.process_time() - start < 2


def test_a_folder_in_the_place_of_a_part_is_no_part(tmp_path: Path) -> None:
    path = laid_out(tmp_path, OF["shapefile"])
    (tmp_path / "a.dbf").unlink()
    (tmp_path / "a.dbf").mkdir()
    assert "a.shp has no .dbf beside it" in refused(path)


@pytest.mark.parametrize("part", [".dbf", ".prj", ".shp"])
def test_a_pipe_in_the_place_of_a_part_is_refused_and_not_waited_for(
    tmp_path: Path, part: str
) -> None:
    path = laid_out(tmp_path, OF["shapefile"])
    (tmp_path / f"a{part}").unlink()
    os.mkfifo(tmp_path / f"a{part}")
    with pytest.raises(UnreadableSource, match=rf"a\{part} is a pipe or a device; name a file"):
        read_layer(str(path), "concessions")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full", "/dev/tty"])
def test_a_device_is_refused(tmp_path: Path, device: str) -> None:
    path = tmp_path / "a.csv"
    path.symlink_to(device)
    assert "is a pipe or a device" in refused(path)


@pytest.mark.parametrize("kind", ["fgb", "gml", "kml"])
def test_a_file_whose_layers_are_gone_is_refused(tmp_path: Path, kind: str) -> None:
    content = OF[kind].files[f".{kind}"]
    path = tmp_path / f"a.{kind}"
    path.write_bytes(content[:200])
    assert f"is damaged or is no {kind.upper()} file" in refused(path)


@pytest.mark.parametrize("entity", ['SYSTEM "file:///etc/hostname"', '"lol"'])
@pytest.mark.parametrize("kind", ["kml", "gml"])
def test_an_entity_brings_in_no_other_file(tmp_path: Path, kind: str, entity: str) -> None:
    content = OF[kind].files[f".{kind}"].replace(b"MINERA", b"&e;MINERA")
    head, end, rest = content.partition(b"?>")
    kept = head + end + f"<!DOCTYPE kml [<!ENTITY e {entity}>]>".encode() + rest
    path = tmp_path / f"a.{kind}"
    path.write_bytes(kept)
    host = Path("/etc/hostname").read_text().strip()
    with contextlib.suppress(UnreadableSource):
        raw = read_layer(str(path), "concessions")
        assert not raw.frame["TIT_CONCES"].str.contains(host, regex=False).any()


@pytest.mark.parametrize("kind", ["kml", "gml"])
def test_entities_that_multiply_are_refused(tmp_path: Path, kind: str) -> None:
    content = OF[kind].files[f".{kind}"].replace(b"MINERA", b"&e9;")
    laughs = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    head, end, rest = content.partition(b"?>")
    path = tmp_path / f"a.{kind}"
    path.write_bytes(head + end + f'<!DOCTYPE kml [<!ENTITY e0 "lol">{laughs}]>'.encode() + rest)
    refused(path)


@pytest.mark.parametrize(
    "said", ["[" * 100_000, "7", '{"columns": 7}', '{"columns": {"geometry": []}}']
)
def test_a_geoparquet_that_says_nonsense_of_itself_is_refused(tmp_path: Path, said: str) -> None:
    table = pq.read_table(io.BytesIO(OF["parquet"].files[".parquet"]))
    path = tmp_path / "a.parquet"
    pq.write_table(table.replace_schema_metadata({b"geo": said.encode()}), path)
    assert "a.parquet is damaged" in refused(path)


def test_a_parquet_whose_text_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    frame = gpd.GeoDataFrame({"A": ["ZZZZ"]}, geometry=[shapely.Point(0, 0)], crs=4326)
    frame.to_parquet(path, compression=None)
    path.write_bytes(path.read_bytes().replace(b"ZZZZ", b"\xff\xfeZZ"))
    assert "a.parquet is damaged" in refused(path)


def test_a_database_that_is_no_geopackage_is_a_table_and_none_by_another_name(
    tmp_path: Path,
) -> None:
    path = laid_out(tmp_path, OF["sqlite"])
    raw = read_layer(str(path), "registrations")
    assert not isinstance(raw.frame, gpd.GeoDataFrame)
    assert_all_there(raw, ROWS)
    assert "is no GPKG file" in refused(path.rename(tmp_path / "a.gpkg"))
