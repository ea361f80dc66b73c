"""A right in force that is no title to mine is another right."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from geoasm.rights import settle_status


def rights(status: str, kind: str | None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "status": pd.array([status], dtype="str"),
            "right_type": pd.array([kind], dtype="str"),
            "name": ["A"],
        },
        geometry=[box(0, 0, 1, 1)],
        crs="EPSG:4326",
        index=[5],
    )


@pytest.mark.parametrize("kind", ["quarry", "tailings", "plant", "other"])
def test_a_quarry_plant_or_tailings_in_force_is_no_title(kind: str) -> None:
    assert settle_status(rights("titled", kind))["status"].tolist() == ["other"]


def test_a_mining_title_in_force_stays_one() -> None:
    assert settle_status(rights("titled", "mining"))["status"].tolist() == ["titled"]


@pytest.mark.parametrize("kind", ["unknown", None])
def test_a_kind_that_nobody_knows_changes_nothing(kind: str | None) -> None:
    assert settle_status(rights("titled", kind))["status"].tolist() == ["titled"]


@pytest.mark.parametrize("status", ["pending", "extinct", "other", "unknown"])
def test_only_rights_in_force_are_told_apart_by_their_kind(status: str) -> None:
    assert settle_status(rights(status, "quarry"))["status"].tolist() == [status]


def test_everything_else_stays_and_the_input_is_not_edited() -> None:
    given = rights("titled", "quarry")
    out = settle_status(given)
    assert given["status"].tolist() == ["titled"]
    assert isinstance(out, gpd.GeoDataFrame)
    assert out.crs == given.crs
    pd.testing.assert_frame_equal(out.drop(columns="status"), given.drop(columns="status"))
    assert out["status"].dtype == given["status"].dtype


def test_a_cadastre_that_names_no_kinds_is_left_as_it_is() -> None:
    given = rights("titled", "quarry").drop(columns="right_type")
    assert settle_status(given)["status"].tolist() == ["titled"]
