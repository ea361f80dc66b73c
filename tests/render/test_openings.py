"""openings.html: each cluster by its region, those where most stand first."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from geoasm.render.labels import Labels
from geoasm.render.openings_map import place_name

EN = Labels("en")


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("A", "P", "x"), "A › P › x"),
        (("A", None, "x"), "A › x"),
        (("A", "", pd.NA), "A"),
        ((None, "P", "x"), EN.text("common.no_region")),
    ],
)
def test_a_cluster_is_named_by_its_regions_from_the_first_level_down(
    names: tuple[Any, ...], told: str
) -> None:
    cluster = dict(zip(("admin_1", "admin_2", "admin_3"), names, strict=True))
    assert place_name(cluster, EN) == told
