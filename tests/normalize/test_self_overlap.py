"""Rights whose own parts overlap: counted once, and said so."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geoasm import normalize
from geoasm.codes import Role
from geoasm.io.profiles import load_profile
from geoasm.model import RawLayer, Source
from tests.rights import square

PROFILE = load_profile("pe")


def normalized(rows: list[tuple[str, shapely.Geometry]]) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    frame = gpd.GeoDataFrame(
        {
            "CODIGOU": [code for code, _ in rows],
            "ESTADO": "T",
            "FEC_DENU": "2001-01-01",
            "TIT_CONCES": "MINERA S.A.",
            "source_row": range(1, len(rows) + 1),
        },
        geometry=[shape for _, shape in rows],
        crs="EPSG:32718",
    )
    raw = RawLayer(frame, Source("concessions", "rights.gpkg", rows=len(rows)))
    spec = PROFILE.roles[Role.CONCESSIONS]
    return normalize.concessions(raw, spec, PROFILE.crs, on=date(2024, 6, 1))


def test_parts_of_one_record_that_overlap_are_told() -> None:
    parts = shapely.MultiPolygon([square(0, 0), square(800, 0)])
    rights, issues = normalized([("010000001", parts), ("010000002", square(5000, 0))])
    assert rights["area_ha"].tolist() == pytest.approx([180, 100])
    told = issues[issues["problem"] == "self_overlap"]
    assert told[["row", "id", "action"]].to_numpy().tolist() == [[1, "010000001", "doubted"]]
    assert told["detail"].iloc[0].startswith("10.00%")


def test_a_sliver_of_overlap_is_never_told_as_nothing() -> None:
    parts = shapely.MultiPolygon([square(0, 0), square(999.99, 0)])
    _, issues = normalized([("010000001", parts), ("010000002", square(5000, 0))])
    (told,) = issues.loc[issues["problem"] == "self_overlap", "detail"]
    assert told.startswith("less than 0.01% of the area")


def test_parts_in_several_records_that_overlap_are_told_on_the_one_that_is_kept() -> None:
    rights, issues = normalized(
        [("010000001", square(0, 0)), ("010000002", square(5000, 0)), ("010000001", square(800, 0))]
    )
    assert rights["area_ha"].sum() == pytest.approx(280)
    told = issues[issues["problem"] == "self_overlap"]
    assert told["id"].tolist() == ["010000001"]
    assert set(told["row"]) <= set(rights["source_row"])


@pytest.mark.parametrize(
    "shape",
    [
        shapely.MultiPolygon([square(0, 0), square(2000, 0)]),
        shapely.MultiPolygon([square(0, 0), square(1000, 0)]),
        shapely.Polygon([(5e5, 9e6), (501e3, 9.001e6), (501e3, 9e6), (5e5, 9.001e6)]),
    ],
    ids=["parts apart", "parts that share an edge", "a ring that crosses itself"],
)
def test_other_shapes_are_not(shape: shapely.Geometry) -> None:
    assert "self_overlap" not in set(normalized([("010000001", shape)])[1]["problem"])
