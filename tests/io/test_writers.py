"""Frames to Parquet and CSV: the same bytes for the same rows, in any order."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import geopandas.testing
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shapely import Point, from_wkt, to_wkb

from geoasm import schema
from geoasm.errors import SchemaError
from geoasm.io import geopackage, writers
from geoasm.model import Result

from .conftest import HOSTILE, frame_of


def shuffled(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sample(frac=1, random_state=7)


@pytest.mark.parametrize("name", ["registrations", "concessions", "pairs", "territory"])
def test_row_order_does_not_reach_the_file(name: str, result: Result, tmp_path: Path) -> None:
    table, frame = schema.TABLES[name], getattr(result, name)
    for i, rows in enumerate([frame, shuffled(frame), frame.iloc[::-1]]):
        writers.write_parquet(writers.arrange(rows, table), table, tmp_path / f"{i}.parquet")
    files = {(tmp_path / f"{i}.parquet").read_bytes() for i in range(3)}
    assert len(files) == 1


def test_rows_that_share_a_key_are_ordered_by_what_they_say() -> None:
    table = schema.Table(
        "areas", (schema.Column("name", "text", ""), schema.Column("geometry", "geometry", "")), ()
    )
    frame = gpd.GeoDataFrame(
        {"name": ["B", None, None]},
        geometry=[Point(0, 0), Point(2, 0), Point(1, 0)],
        crs=schema.OUTPUT_CRS,
    )
    out = writers.arrange(frame, table, unique=False)
    geopandas.testing.assert_geodataframe_equal(
        out, writers.arrange(frame.iloc[::-1], table, unique=False)
    )
    assert out["name"].isna().tolist() == [True, True, False]


def test_a_key_that_repeats_is_a_fault() -> None:
    frame = frame_of(schema.HOLDERS, 3, holder_id=[1, 2, 2])
    with pytest.raises(SchemaError, match="table holders: 2 rows share their holder_id"):
        writers.arrange(frame, schema.HOLDERS)


def test_text_that_no_file_can_hold_is_shown_as_replaced() -> None:
    frame = pd.DataFrame(
        {name: [None, None] for name in schema.HOLDERS.names}
        | {"holder_id": [1, 2], "name": pd.Series(["a\ud800b", "nul\x00"], dtype=object)}
    )
    out = writers.arrange(frame, schema.HOLDERS)
    assert out["name"].tolist() == ["a\ufffdb", "nul\ufffd"]


def test_nul_in_a_text_column_is_shown_as_replaced() -> None:
    frame = frame_of(schema.HOLDERS, 1, holder_id=[1], name=["nul\x00"])
    assert writers.arrange(frame, schema.HOLDERS)["name"].tolist() == ["nul\ufffd"]


def test_every_type_comes_back(tmp_path: Path) -> None:
    n = len(HOSTILE)
    frame = frame_of(
        schema.CONCESSIONS,
        n,
        concession_id=[f"{i:09d}" for i in range(n)],
        name=list(HOSTILE),
        filed_on=pd.to_datetime(["1889-12-31", *[None] * (n - 1)]).astype("datetime64[s]"),
        holder_id=[2**53 + 1, *[None] * (n - 1)],
        area_ha=[1 / 3, np.nan, *[0.0] * (n - 2)],
        geometry=[Point(-77, -9).buffer(0.1), None, *[Point(-70, -8).buffer(0.1)] * (n - 2)],
    )
    path = tmp_path / "x.parquet"
    writers.write_parquet(frame, schema.CONCESSIONS, path)
    back = writers.read_parquet(path, schema.CONCESSIONS)
    geopandas.testing.assert_geodataframe_equal(back, frame)


@pytest.mark.parametrize("table", list(schema.TABLES.values()), ids=lambda t: t.name)
def test_an_empty_table_keeps_its_types(table: schema.Table, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    writers.write_parquet(writers.arrange(schema.empty(table), table), table, path)
    back, expected = writers.read_parquet(path, table), schema.empty(table)
    pd.testing.assert_series_equal(back.dtypes, expected.dtypes)
    assert len(back) == 0
    if table.geometry:
        read = gpd.read_parquet(path)
        assert read.crs == schema.OUTPUT_CRS


def test_others_read_the_file_with_its_types_and_system(result: Result, tmp_path: Path) -> None:
    path = tmp_path / "r.parquet"
    writers.write_parquet(result.registrations, schema.REGISTRATIONS, path)
    read = gpd.read_parquet(path)
    geopandas.testing.assert_geodataframe_equal(read, result.registrations)
    file = pq.read_schema(path)
    assert "index_columns" in file.pandas_metadata
    assert file.pandas_metadata["index_columns"] == []
    geo = json.loads(file.metadata[b"geo"])
    assert geo["columns"]["geometry"]["geometry_types"] == ["Point"]
    assert geo["columns"]["geometry"]["bbox"] == [-76.9, -8.9, -70.0, -8.0]


def test_dates_are_days_and_columns_say_what_they_mean(result: Result, tmp_path: Path) -> None:
    path = tmp_path / "c.parquet"
    writers.write_parquet(result.concessions, schema.CONCESSIONS, path)
    file = pq.read_schema(path)
    assert file.field("filed_on").type == pa.date32()
    assert file.field("area_ha").metadata[b"unit"] == b"ha"
    assert b"seniority" in file.field("filed_on").metadata[b"description"]
    assert pq.ParquetFile(path).metadata.row_group(0).column(0).compression == "ZSTD"


def test_a_file_of_another_version_names_the_column(tmp_path: Path) -> None:
    path = tmp_path / "old.parquet"
    pq.write_table(pa.table({"registration_id": ["R-1"]}), path)
    with pytest.raises(SchemaError, match="no column concession_id"):
        writers.read_parquet(path, schema.PAIRS)


def test_csv_holds_hostile_text_and_runs_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    frame = pd.DataFrame({"value": pd.Series(HOSTILE, dtype="str"), "n": range(len(HOSTILE))})
    writers.write_csv(frame, path)
    back = pd.read_csv(path, dtype={"value": "str"})
    risky = {"=HYPERLINK(1)", "+51", "-9.5", "@home", "\ttab"}
    assert back["value"].tolist() == [f"'{v}" if v in risky else v for v in HOSTILE]
    assert back["n"].tolist() == list(range(len(HOSTILE)))
    assert b"\r" not in path.read_bytes()
    assert not path.read_bytes().startswith(b"\xef\xbb\xbf")


def test_csv_leaves_numbers_and_missing_text_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    day = pd.to_datetime(["2001-02-03", None]).astype("datetime64[s]")
    writers.write_csv(pd.DataFrame({"a": ["x", None], "b": [-1.5, 2.0], "day": day}), path)
    assert path.read_text() == "a,b,day\nx,-1.5,2001-02-03\n,2.0,\n"


def test_summary_is_laid_out_with_labels_counts_and_denominators(result: Result) -> None:
    frame = writers.summary_frame(result.summary)
    assert list(frame.columns) == ["table", "step", "asm_class", *writers.MEASURES]
    assert frame["table"].tolist() == ["funnel", "funnel", "by_class"]
    assert frame["asm_class"].tolist()[2] == "own_title"
    assert frame["registrants"].isna().tolist() == [False, True, False]
    assert frame["registrations"].dtype == "Int64"


def test_a_summary_without_tables_has_its_header_only(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    writers.write_csv(writers.summary_frame({}), path)
    assert path.read_text() == ",".join(["table", *writers.MEASURES]) + "\n"


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        "Ñandú \u201c\n{[",
        {"rows": [{"a": 1, "b": None, "ñ": '},\n  {"'}, {}, {"a": [], "b": {}}], "empty": [[], {}]},
        [[1, 2.5], {"deep": {"deeper": [{"x": True, "y": -1e-9}]}}, "text"],
    ],
)
def test_indented_json_is_what_the_standard_library_writes(value: object) -> None:
    expected = json.dumps(value, ensure_ascii=False, indent=2)
    assert writers.indented_json(value) == expected


@pytest.mark.parametrize(
    "codes",
    [["a", "b", "c"], ["c", "a", "b"], ["ñ", "z", "a"], ["b"], [], ["\U0001f600", "\uff1d"]],
)
def test_rows_come_in_the_order_of_their_key_whether_they_came_so_or_not(codes: list[str]) -> None:
    codes_of_pairs = {"concession_id_a": ["x"] * len(codes), "concession_id_b": codes}
    rows = frame_of(schema.OVERLAPS, len(codes), **codes_of_pairs)
    out = writers.arrange(rows, schema.OVERLAPS)
    assert out["concession_id_b"].tolist() == sorted(codes)
    assert out.index.equals(pd.RangeIndex(len(codes)))


def test_wkb_made_multi_part_is_that_of_multi_part_shapes() -> None:
    texts = (
        "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))",
        "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))",
        "POLYGON Z ((0 0 7, 1 0 8, 1 1 9, 0 0 7))",
        "LINESTRING (0 0, 1 1)",
        "POLYGON EMPTY",
        "POINT (1 2)",
    )
    shapes = np.array([*map(from_wkt, texts), None], dtype=object)
    given = pa.chunked_array([pa.array(to_wkb(shapes, byte_order=1), type=pa.binary())])
    expected = to_wkb(geopackage.multi_part(shapes), byte_order=1).tolist()
    assert geopackage.multi_part_wkb(given).to_pylist() == expected
