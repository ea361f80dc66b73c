"""Whatever a layer, a register or a table holds, each of its rows ends in one place."""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoasm import normalize
from geoasm.codes import Role
from geoasm.io.inputs import read_input
from geoasm.model import Options, RawLayer
from tests.fuzz_frames import frames
from tests.fuzz_frames.frames import PE
from tests.fuzz_frames.promises import answer_or_refusal, check_rows
from tests.fuzz_frames.shapes import ODD, square
from tests.fuzz_frames.values import dose

ON = date(2024, 6, 1)


def taken(role: Role, frame: Any) -> RawLayer:
    return read_input(role, frame, PE, Options(on=ON), None, None)


@dose(20)
@given(frame=frames.layers(Role.CONCESSIONS))
def test_rows_of_any_cadastre_are_kept_or_set_aside(frame: Any) -> None:
    spec = PE.roles[Role.CONCESSIONS]
    found = answer_or_refusal(
        lambda: normalize.concessions(
            taken(spec.role, frame), spec, PE.crs, on=ON, area_tolerance_share=0.01
        )
    )
    if found is not None:
        check_rows(*found, "concessions", len(frame))
        assert found[0]["concession_id"].is_unique


@dose(20)
@given(frame=frames.registers())
def test_rows_of_any_register_are_kept_or_set_aside(frame: Any) -> None:
    spec = PE.roles[Role.REGISTRATIONS]
    found = answer_or_refusal(
        lambda: normalize.registrations(taken(spec.role, frame), spec, PE.crs, on=ON)
    )
    if found is not None:
        check_rows(*found, "registrations", len(frame))
        assert found[0]["registration_id"].is_unique


@dose(15)
@given(role=st.sampled_from(frames.LAYERS), data=st.data())
def test_rows_of_any_context_layer_are_kept_or_set_aside(role: Role, data: Any) -> None:
    frame = data.draw(frames.layers(role))
    spec = PE.roles[role]
    found = answer_or_refusal(lambda: normalize.area(taken(role, frame), spec, PE.crs, on=ON))
    if found is not None:
        check_rows(*found, role.value, len(frame))


@dose(15)
@given(role=st.sampled_from(frames.TABLES), data=st.data())
def test_rows_of_any_side_table_are_kept(role: Role, data: Any) -> None:
    frame = data.draw(frames.tables(role))
    found = answer_or_refusal(lambda: normalize.table(taken(role, frame), PE.roles[role], on=ON))
    if found is not None:
        check_rows(*found, role.value, len(frame))


@pytest.mark.parametrize("role", [Role.PROTECTED_AREAS, Role.RIVERS, Role.MINING_UNITS])
def test_every_odd_shape_is_kept_or_set_aside(role: Role) -> None:
    plain = {"any": square(), "polygon": square(), "point": ODD["point"]}
    shapes = [*ODD.values(), plain[PE.roles[role].geometry]]
    cells = {c: ["x"] * len(shapes) for c in ("CATEGORIA", "nombre", "titular")}
    frame = gpd.GeoDataFrame(cells, geometry=shapes, crs="EPSG:4326")
    found = answer_or_refusal(
        lambda: normalize.area(taken(role, frame), PE.roles[role], PE.crs, on=ON)
    )
    assert found is not None
    check_rows(*found, role.value, len(frame))
