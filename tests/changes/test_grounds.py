"""Closed and set-aside ground at a point: what decides, what a run lacks, what only has another level."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geoasm.changes.grounds import Grounds, compare_grounds
from geoasm.codes import Role
from tests import cells
from tests.changes import snapshots
from tests.changes.test_causes import cause, compare

POINT = shapely.Point(-75, -10)
ROWS = pd.DataFrame(
    {
        "asm_class_a": ["open_ground"],
        "asm_class_b": ["prohibited_area"],
        "point_a": [POINT],
        "point_b": [POINT],
    }
)


def area(level: str, code: str = "A", at: shapely.Point = POINT) -> gpd.GeoDataFrame:
    columns = {"area_type": ["T"], "area_code": [code], "level": [level]}
    return gpd.GeoDataFrame(columns, geometry=[at.buffer(0.1)], crs="EPSG:4326")


def compared(before: Any, after: Any) -> tuple[bool, ...]:
    """Whether ground differs, is not given, differs in level, where runs have these restricted areas."""
    runs: list[Any] = [
        SimpleNamespace(context={} if frame is None else {"restricted_areas": frame})
        for frame in (before, after)
    ]
    found: Grounds = compare_grounds(ROWS, *runs)
    return tuple(bool(column.iloc[0]) for column in found)


def test_closed_ground_that_appears_differs() -> None:
    elsewhere = area("hard", at=shapely.Point(-70, -10))
    assert compared(elsewhere, area("hard")) == (True, False, False)


def test_soft_ground_decides_nothing() -> None:
    elsewhere = area("soft", at=shapely.Point(-70, -10))
    assert compared(elsewhere, area("soft")) == (False, False, False)


def test_the_same_area_at_another_level_is_the_law() -> None:
    assert compared(area("soft"), area("hard")) == (False, False, True)


def test_a_layer_that_one_run_lacks_is_not_given_where_it_would_decide() -> None:
    assert compared(None, area("hard")) == (False, True, False)
    assert compared(None, area("soft")) == (False, False, False)


def test_a_title_that_gave_way_to_a_zone_is_asked_before_the_zone() -> None:
    before, after = cells.whole_world(), cells.whole_world()
    rights = before[Role.CONCESSIONS]
    title = rights[rights["CODIGOU"] == "010000003"].assign(CODIGOU="010000088")
    title = title.set_geometry([cells.cell(8)], crs=cells.ZONE)
    before[Role.CONCESSIONS] = pd.concat([rights, title], ignore_index=True)
    before[Role.ASM_ZONES] = before[Role.ASM_ZONES].set_geometry([cells.cell(30)], crs=cells.ZONE)
    found = compare(snapshots.run(before), snapshots.run(after))
    assert cause(found, "REG08") == ("on_small_scale", "in_asm_zone", "right")


def test_a_declared_right_that_only_changed_its_code_is_no_other() -> None:
    before, after = cells.whole_world(), cells.whole_world()
    rights, rows = after[Role.CONCESSIONS], after[Role.REGISTRATIONS]
    rights.loc[rights["CODIGOU"] == "010000002", "CODIGOU"] = "010000092"
    rows.loc[rows["ID_UNIDAD"] == "010000002", "ID_UNIDAD"] = "010000092"
    assert compare(snapshots.run(before), snapshots.run(after)).registrations.empty
