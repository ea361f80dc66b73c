"""Frames between steps have the columns, types and order of their table."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, box

from geoasm import schema
from geoasm.errors import SchemaError

DTYPES = {"text", "integer", "number", "boolean", "date", "geometry"}


def pairs(**columns: object) -> pd.DataFrame:
    row: dict[str, object] = {
        "registration_id": ["A1"],
        "concession_id": ["C1"],
        "covered": [True],
        "edge_distance_m": [12.5],
        "role": ["prior"],
        "seniority": [1],
    }
    return pd.DataFrame(row | columns)


@pytest.mark.parametrize("table", schema.TABLES.values(), ids=str)
def test_every_column_has_a_type_and_a_meaning_once(table: schema.Table) -> None:
    assert len(set(table.names)) == len(table.names)
    assert set(table.key) <= set(table.names)
    assert {c.dtype for c in table.columns} <= DTYPES
    assert all(c.meaning for c in table.columns)


@pytest.mark.parametrize("table", schema.TABLES.values(), ids=str)
def test_a_measure_in_the_name_is_the_unit_of_the_column(table: schema.Table) -> None:
    for column in table.columns:
        for suffix, unit in (("_m", "m"), ("_ha", "ha")):
            if column.name.endswith(suffix):
                assert column.unit == unit, column.name
        if column.name.endswith("_on"):
            assert column.dtype == "date", column.name


@pytest.mark.parametrize("table", schema.TABLES.values(), ids=str)
def test_an_empty_table_has_its_columns_and_survives_a_second_conforming(
    table: schema.Table,
) -> None:
    empty = schema.empty(table)
    assert list(empty.columns) == table.names
    assert len(empty) == 0
    assert isinstance(empty, gpd.GeoDataFrame) == (table.geometry is not None)
    pd.testing.assert_frame_equal(schema.conform(empty, table), empty)


def test_private_columns_stand_only_in_private_tables() -> None:
    for table in schema.TABLES.values():
        if not table.private:
            assert not any(c.private for c in table.columns), table.name
    assert all(c.private for c in schema.PARTIES.columns)


def test_conforming_orders_columns_drops_others_and_keeps_rows_as_they_are() -> None:
    given = pairs(extra=["x"])
    given = given[given.columns[::-1]].set_axis([7])
    out = schema.conform(given, schema.PAIRS)
    assert list(out.columns) == schema.PAIRS.names
    assert out.index.tolist() == [7]
    assert out.dtypes.astype(str).to_dict() == {
        "registration_id": "str",
        "concession_id": "str",
        "covered": "boolean",
        "edge_distance_m": "float64",
        "role": "str",
        "seniority": "Int64",
    }


def test_unknown_stays_unknown_in_every_type() -> None:
    out = schema.conform(
        pairs(covered=[None], edge_distance_m=[None], seniority=[None], role=[None]), schema.PAIRS
    )
    assert out[["covered", "edge_distance_m", "seniority", "role"]].isna().all(axis=None)


def test_all_faults_are_named_at_once() -> None:
    broken = pairs(covered=["perhaps"], seniority=["first"]).drop(columns="role")
    with pytest.raises(SchemaError) as caught:
        schema.conform(broken, schema.PAIRS)
    text = str(caught.value)
    assert text.startswith("table pairs: ")
    for part in ("no column role", "covered is not boolean", "seniority is not integer"):
        assert part in text


def test_geometry_without_a_system_is_longitude_and_latitude() -> None:
    frame = schema.empty(schema.CANDIDATES_REJECTED)
    given = pd.DataFrame(
        {
            "concession_id": ["C1"],
            "gate": ["idle"],
            "n_registrations": [1],
            "n_counted": [0],
            "holder_id": [1],
        }
        | {"geometry": [box(0, 0, 1, 1)]}
    )
    out = schema.conform(given, schema.CANDIDATES_REJECTED)
    assert out.crs == frame.crs == schema.OUTPUT_CRS


def test_geometry_in_another_system_is_refused_and_never_relabelled() -> None:
    given = gpd.GeoDataFrame(
        {
            "concession_id": ["C1"],
            "gate": ["idle"],
            "n_registrations": [1],
            "n_counted": [0],
            "holder_id": [1],
        },
        geometry=[Point(500000, 9000000)],
        crs="EPSG:32718",
    )
    with pytest.raises(SchemaError, match="EPSG:32718"):
        schema.conform(given, schema.CANDIDATES_REJECTED)
