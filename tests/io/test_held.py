"""Shapes held as well-known binary: the same for who asks, and the same files without any object."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import geopandas.testing
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from geoasm import held, schema
from geoasm.io import results, writers
from geoasm.io.profiles import load_profile
from geoasm.kernels import engine
from geoasm.model import Result
from geoasm.overlaps import find_overlaps
from geoasm.render import layers
from tests.rights import X, Y, cadastre, square

MakeResult = Callable[..., Result]
PROFILE = load_profile("pe")
WAYS = ("numba", "shapely")
COMB = shapely.union_all(
    [
        shapely.box(X - 100, Y + 50, X + 1600, Y + 100),
        shapely.box(X + 1500, Y + 50, X + 1600, Y + 900),
        shapely.box(X - 100, Y + 800, X + 1600, Y + 900),
    ]
)
SHAPES = {
    "A": square(0, 0).difference(square(400, 400, 200)),
    "B": square(500, 0),
    "C": shapely.Polygon([(X - 30, Y - 40), (X + 900, Y + 50), (X + 300, Y + 999)]),
    "D": square(300, 300, 450),
    "E": COMB,
}


@pytest.fixture(params=WAYS)
def overlaps(request: pytest.FixtureRequest) -> pd.DataFrame:
    """Pairs with holes and several parts, held, cut and written one way."""
    with engine.use(request.param):
        found = find_overlaps(
            cadastre(PROFILE.crs, SHAPES), PROFILE.crs, PROFILE.law.at(date(2024, 6, 1))
        )
        yield found.held


def by_shapely(held_frame: pd.DataFrame) -> gpd.GeoDataFrame:
    wkb = [bytes(value) for value in held_frame["geometry"]]
    plain = pd.DataFrame(held_frame.drop(columns="geometry"))
    return gpd.GeoDataFrame(plain, geometry=shapely.from_wkb(wkb), crs="EPSG:4326")


def no_shapes(*_: object) -> None:
    raise AssertionError("shapes were made that nobody asked for")


def test_who_asks_gets_shapes_once(make_result: MakeResult, overlaps) -> None:
    result = make_result(overlaps=overlaps)
    assert held.is_held(held.as_held(result, "overlaps")["geometry"])

    asked = result.overlaps

    assert asked.geometry.geom_type.unique().tolist() == ["Polygon", "MultiPolygon"]
    assert shapely.get_num_interior_rings(asked.geometry.to_numpy()).sum() > 0
    assert (asked.crs, list(asked)) == ("EPSG:4326", schema.OVERLAPS.names)
    geopandas.testing.assert_geodataframe_equal(asked, by_shapely(overlaps))
    assert result.overlaps is asked
    assert held.as_held(result, "overlaps") is asked


def test_a_frame_with_shapes_stays_the_one_that_was_given(make_result: MakeResult) -> None:
    given = schema.empty(schema.OVERLAPS)
    assert make_result(overlaps=given).overlaps is given
    with pytest.raises(AttributeError, match="overlaps"):
        _ = Result.overlaps


def test_a_result_is_copied_with_what_it_holds(make_result: MakeResult, overlaps) -> None:
    result = make_result(overlaps=overlaps)
    for other in (copy.copy(result), pickle.loads(pickle.dumps(result)), replace(result)):
        geopandas.testing.assert_geodataframe_equal(other.overlaps, by_shapely(overlaps))


def test_files_are_those_of_a_frame_with_shapes(
    make_result: MakeResult, overlaps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = results.save_result(make_result(overlaps=by_shapely(overlaps)), tmp_path / "shapes")
    if engine.chosen() == "numba":
        monkeypatch.setattr(held, "shaped", no_shapes)
        monkeypatch.setattr(shapely, "from_wkb", no_shapes)

    run = results.save_result(make_result(overlaps=overlaps), tmp_path / "held")

    for name in ("overlaps.parquet", "geoasm.gpkg"):
        assert (run / name).read_bytes() == (expected / name).read_bytes()
    told = pq.read_schema(run / "overlaps.parquet").metadata[b"geo"]
    assert b'"geometry_types": ["MultiPolygon", "Polygon"]' in told
    assert b'"bbox"' in told


def test_what_was_changed_after_asking_is_what_is_written(
    make_result: MakeResult, overlaps, tmp_path: Path
) -> None:
    result = make_result(overlaps=overlaps)
    result.overlaps["relation"] = "changed"

    back = results.load_result(results.save_result(result, tmp_path / "run"))

    assert set(back.overlaps["relation"]) == {"changed"}


def test_a_run_read_back_holds_what_was_written(
    make_result: MakeResult, overlaps, tmp_path: Path
) -> None:
    result = make_result(overlaps=overlaps)

    back = results.load_result(results.save_result(result, tmp_path / "run"))

    assert held.is_held(held.as_held(back, "overlaps")["geometry"])
    geopandas.testing.assert_geodataframe_equal(back.overlaps, result.overlaps)


def test_a_map_counts_pairs_without_shapes(
    make_result: MakeResult, overlaps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "shaped", no_shapes)
    rights = pd.DataFrame({"concession_id": list("ABCDE"), "status": ["extinct"] + 4 * ["titled"]})
    result = make_result(overlaps=overlaps, concessions=rights)

    living = (overlaps["concession_id_a"] != "A").sum()  # its pairs have it first
    assert layers._living_pairs(result) == living > 0


def test_shuffled_rows_are_put_in_order_with_their_shapes(overlaps) -> None:
    shuffled = overlaps.sample(frac=1, random_state=5)

    arranged = writers.arrange(shuffled, schema.OVERLAPS)

    pd.testing.assert_frame_equal(arranged, overlaps)
    rows = writers.arrange(pd.concat([shuffled, shuffled]), schema.OVERLAPS, unique=False)
    assert rows["geometry"].tolist() == overlaps["geometry"].repeat(2).tolist()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "shapes",
    [
        [],
        [None],
        [shapely.Polygon(), None, shapely.MultiPolygon()],
        [shapely.box(-80, -9, -79, -8), None, shapely.Polygon()],
        [shapely.MultiPolygon([shapely.box(1, 2, 3, 4)]), shapely.box(-1, 3, 0, 9)],
    ],
)
def test_files_tell_types_and_bounds_of_what_is_held(shapes, way, tmp_path: Path) -> None:
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    plain = {c.name: [None] * len(made) for c in schema.OVERLAPS.columns if c.dtype != "geometry"}
    wkb = pa.chunked_array([pa.array(shapely.to_wkb(made), type=pa.binary())])
    frames = (
        pd.DataFrame({**plain, "geometry": held.hold(wkb)}),
        gpd.GeoDataFrame(plain, geometry=made, crs="EPSG:4326"),
    )
    for name, frame in zip(("held", "shapes"), frames, strict=True):
        conformed = schema.conform(frame, schema.OVERLAPS)
        with engine.use(way):
            writers.write_parquet(conformed, schema.OVERLAPS, tmp_path / name)

    assert (tmp_path / "held").read_bytes() == (tmp_path / "shapes").read_bytes()
    back = writers.read_parquet(tmp_path / "held", schema.OVERLAPS, hold=True)
    assert held.shapes(back["geometry"]).tolist() == shapes
