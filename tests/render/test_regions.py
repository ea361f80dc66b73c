"""Regions on pages: the level that is shown is one of three, whether or not all of them have names."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pytest

from geoasm.render.labels import Labels
from geoasm.render.report_figures import region_figure
from geoasm.render.scenario_tables import region_table
from geoasm.render.tables import (
    Table,
    admin_table,
    declared_table,
    pathway_table,
    region_level,
    territory_table,
)
from tests.render.drawings import parsed, texts

EN = Labels("en")
ADMIN = ("admin_1", "admin_2", "admin_3")
ONE_REGION = [("A", "", ""), ("A", "", "x"), ("A", "", "y")]
TWO_REGIONS = [("A", "", ""), ("B", "", ""), ("A", "", "x"), ("B", "", "y")]
# A place for each row, and the first level at which there are two names.
LEVELS = [
    (ONE_REGION, 3),
    (TWO_REGIONS, 1),
    ([("A", "", ""), ("A", "P", ""), ("A", "Q", "")], 2),
    ([("A", "", ""), ("A", "P", ""), ("A", "P", "x"), ("A", "P", "y")], 3),
    ([("A", "", ""), ("A", "", "x")], 3),
    ([("A", None, None)], 1),
    ([("", "", "x"), ("", "", "y")], 3),
    ([("", "", "")], 1),
]


def rows(places: Sequence[tuple[str | None, ...]], **more: object) -> list[dict[str, object]]:
    return [dict(zip(ADMIN, place, strict=True)) | {"registrations": 4} | more for place in places]


def regions(table: Table) -> list[str]:
    return [row[0].text for row in table.rows]


@pytest.mark.parametrize(("places", "level"), LEVELS)
def test_the_level_of_regions_is_the_first_that_parts_the_area(
    places: list[tuple[str | None, ...]], level: int
) -> None:
    assert region_level(pd.DataFrame(rows(places))) == level


def test_regions_below_a_level_without_names_stand_in_every_table() -> None:
    by_class = rows(ONE_REGION, asm_class="own_title")
    by_pathway = rows(ONE_REGION, pathway="await_title")
    declared = rows(ONE_REGION, declared_relation="agrees")
    ground = pd.DataFrame(rows(ONE_REGION, ground="free", net_ha=5.0, net_share=1.0, region_ha=5.0))
    assert regions(admin_table(by_class, EN)) == ["A", "x", "y"]
    assert regions(pathway_table(by_pathway, EN)) == ["A", "x", "y"]
    assert regions(declared_table(declared[:1], declared[1:], EN))[1:] == ["x", "y"]
    assert regions(territory_table(ground, EN)) == ["A", "x", "y"]


def test_the_finer_table_skips_a_level_without_names() -> None:
    by_class = rows(TWO_REGIONS, asm_class="own_title")
    assert regions(admin_table(by_class, EN)) == ["A", "B"]
    assert regions(admin_table(by_class, EN, finer=True)) == ["A", "x", "B", "y"]
    assert admin_table(by_class[:2], EN, finer=True) == Table([], [])


def test_the_figure_has_a_bar_for_each_region_below_a_level_without_names() -> None:
    figure = region_figure(rows(ONE_REGION, asm_class="own_title"), EN)
    assert figure is not None
    assert {"x", "y"} <= set(texts(parsed(figure.svg)))


def test_regions_below_a_level_without_names_stand_in_the_table_of_a_scenario() -> None:
    moved = {"reason": "rules", "class_a": "own_title", "class_b": "open_ground"}
    assert regions(region_table(pd.DataFrame(rows(ONE_REGION[1:], **moved)), "class", EN)) == ["x", "y"]  # fmt: skip
