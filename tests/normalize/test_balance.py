"""Every row ends in one place: in the output or set aside; and the order of rows decides nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoasm import issues as issue_list
from geoasm import normalize

SHAPES = {
    "none": None,
    "empty": shapely.Polygon(),
    "point": shapely.Point(-75, -10),
    "away": shapely.box(6, -21, 7, -20),
    "bow": shapely.Polygon([(-75, -10), (-74.9, -9.9), (-74.9, -10), (-75, -9.9)]),
    "here": shapely.box(-75, -10, -74.99, -9.99),
    "near": shapely.box(-75, -10, -74.989, -9.99),
    "beside": shapely.box(-74.99, -10, -74.98, -9.99),
    "far": shapely.box(-70, -12, -69.99, -11.99),
}

right = st.tuples(
    st.sampled_from(["010000016", "010000116", "10000016", None]),
    st.sampled_from(["A", "B", None]),
    st.sampled_from(["T", "X", "?", None]),
    st.sampled_from(sorted(SHAPES)),
)
entry = st.tuples(
    st.sampled_from(["R0", "R1", None]),
    st.sampled_from(["ANA", "EVA", None]),
    st.sampled_from(["-75.5", "75.5", "0", "x", None]),
    st.sampled_from(["2019-01-01", "2020-01-01", None]),
)


def without_row_numbers(frame: pd.DataFrame, key: str) -> list[tuple[str, ...]]:
    plain = pd.DataFrame(frame.drop(columns="source_row"))
    for column in ("geometry", "drawn", "planar"):
        if column in plain:
            plain[column] = shapely.to_wkt(shapely.normalize(plain[column].to_numpy(dtype=object)))
    return sorted(map(tuple, plain.sort_values(key).astype("str").fillna("").to_numpy()))


def without_rows(issues: pd.DataFrame) -> list[tuple[str, ...]]:
    columns = ["id", "problem", "field", "value", "action", "detail"]
    return sorted(map(tuple, issues[columns].astype("str").fillna("").to_numpy()))


@settings(max_examples=6, deadline=None)
@given(rows=st.lists(right, min_size=4, max_size=14), parts=st.booleans(), order=st.randoms())
def test_rights_balance_in_any_order(
    country: Any, rows: list[Any], parts: bool, order: Any
) -> None:
    def run(rows: list[Any]) -> Any:
        codes, holders, states, shapes = zip(*rows, strict=True)
        raw = country.rights(
            len(rows), [SHAPES[s] for s in shapes], CODIGOU=codes, TIT_CONCES=holders,
            ESTADO=states, CONCESION=["A"] * len(rows),
        )  # fmt: skip
        broken = pd.DataFrame({"source_row": [len(rows) + 1], "reason": ["cut short"]})
        spec = replace(country.concessions, merge_parts=parts)
        return normalize.concessions(replace(raw, broken=broken), spec, country.plan, on=country.on)

    rights, issues = run(rows)
    assert rights["concession_id"].is_unique
    assert rights["concession_id"].notna().all()
    gone = issue_list.count_set_aside(issues, "concessions")
    assert len(rows) + 1 == len(rights) + gone
    set_aside = set(issues.loc[issues["action"] == "set_aside", "row"])
    assert not set_aside & set(rights["source_row"])
    turned = list(rows)
    order.shuffle(turned)
    again, issues_again = run(turned)
    assert without_row_numbers(rights, "concession_id") == without_row_numbers(
        again, "concession_id"
    )
    assert without_rows(issues) == without_rows(issues_again)


@settings(max_examples=6, deadline=None)
@given(rows=st.lists(entry, min_size=4, max_size=14), visits=st.booleans(), order=st.randoms())
def test_registrations_balance_in_any_order(
    country: Any, rows: list[Any], visits: bool, order: Any
) -> None:
    def run(rows: list[Any]) -> Any:
        codes, names, lons, days = zip(*rows, strict=True)
        raw = country.register(len(rows), COD=codes, NOMBRE=names, LON=lons, VISITA=days)
        spec = replace(country.registrations, latest_by="visited_on" if visits else None)
        return normalize.registrations(raw, spec, country.plan, on=country.on)

    found, issues = run(rows)
    assert found["registration_id"].is_unique
    assert len(rows) == len(found) + issue_list.count_set_aside(issues, "registrations")
    turned = list(rows)
    order.shuffle(turned)
    again, issues_again = run(turned)
    key = "registration_id"
    assert without_row_numbers(found, key) == without_row_numbers(again, key)
    assert without_rows(issues) == without_rows(issues_again)


def test_areas_and_tables_balance(country: Any) -> None:
    shapes = list(SHAPES.values())
    raw = country.layer({"CATEGORIA": ["PN"] * len(shapes), "CODIGO": ["A"] * len(shapes)}, shapes)
    areas, issues = normalize.area(raw, country.areas, country.plan, on=country.on)
    assert len(shapes) == len(areas) + issue_list.count_set_aside(issues, "protected_areas")
    table = country.layer({"derecho": ["010000016", None], "año": ["x", "2019"]})
    rows, issues = normalize.table(table, country.penalties, on=country.on)
    assert len(rows) == 2
    assert np.array_equal(rows.index, [0, 1])
    assert issues["problem"].tolist() == ["missing_id", "unreadable_date"]
