"""Hectares of each kind of ground: known rectangles, nothing counted twice, nets that sum up."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from shapely import Polygon, affinity, box

from geoasm import schema
from geoasm.io.profiles import load_profile
from geoasm.kernels import engine
from geoasm.territory import FREE, KINDS, measure

PLAN = load_profile("pe").crs
TO_DEGREES = pyproj.Transformer.from_crs(PLAN.equal_area, "EPSG:4326", always_xy=True)


@pytest.fixture(autouse=True, params=["numba", "shapely"])
def either_way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever is measured here is measured alike by the compiled sweep and by unions."""
    with engine.use(request.param):
        yield


def km(west: float, south: float, east: float, north: float) -> Polygon:
    """A rectangle of equal-area kilometres, in degrees: its corners are exact there and back."""
    square = affinity.scale(box(west, south, east, north), 1000, 1000, origin=(0, 0))
    return shapely.transform(square, lambda c: np.column_stack(TO_DEGREES.transform(*c.T)))


def rights(*rows: tuple[str, Polygon]) -> gpd.GeoDataFrame:
    frame = pd.DataFrame({"status": pd.Series([s for s, _ in rows], dtype="str")})
    return gpd.GeoDataFrame(frame, geometry=[g for _, g in rows], crs="EPSG:4326")


def areas(*rows: tuple[str, Polygon]) -> gpd.GeoDataFrame:
    return rights(*rows).rename(columns={"status": "level"})


def regions(*rows: tuple[str | None, str | None, Polygon]) -> gpd.GeoDataFrame:
    frame = pd.DataFrame({"admin_1": pd.Series([a for a, _, _ in rows], dtype="str")})
    frame["admin_2"] = pd.Series([b for _, b, _ in rows], dtype="str")
    return gpd.GeoDataFrame(frame, geometry=[g for *_, g in rows], crs="EPSG:4326")


TWO = regions(("NORTH", "A", km(0, 10, 10, 20)), ("SOUTH", "B", km(0, 0, 10, 10)))


def at(frame: pd.DataFrame, ground: str, *names: str) -> pd.Series:
    names = (*names, *[""] * (3 - len(names)))
    keys = ["admin_1", "admin_2", "admin_3", "ground"]
    (row,) = frame[(frame[keys] == [*names, ground]).all(axis=1)].index
    return frame.loc[row]


def random_world(seed: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    rng = np.random.default_rng(seed)
    status = rng.choice(["titled", "pending", "extinct", "other", "unknown"], 60)
    corner, size = rng.uniform(-5, 25, (60, 2)), rng.uniform(0.5, 6, (60, 2))
    shapes = [km(*c, *(c + s)) for c, s in zip(corner, size, strict=True)]
    closed = areas(("hard", km(3, 3, 9, 14)), ("soft", km(0, 0, 10, 10)), ("info", km(0, 0, 1, 1)))
    parts = [
        ("N", "A", km(0, 10, 7, 20)),
        ("N", "B", km(7, 10, 20, 20)),
        ("S", "C", km(0, 0, 20, 10)),
    ]
    return rights(*zip(status, shapes, strict=True)), closed, regions(*parts)


@pytest.mark.parametrize("seed", [1, 2])
def test_nets_of_every_region_sum_to_its_area(seed: int) -> None:
    cadastre, closed, admin = random_world(seed)
    out = measure(cadastre, [closed], admin, PLAN)
    sums = out.groupby(["admin_1", "admin_2", "admin_3"]).agg(
        net=("net_ha", "sum"), share=("net_share", "sum"), whole=("region_ha", "first")
    )
    assert len(sums) == 1 + 2 + 3
    np.testing.assert_allclose(sums["net"], sums["whole"], rtol=1e-9)
    np.testing.assert_allclose(sums["share"], 1.0, rtol=1e-9)
    assert (out["net_ha"] <= out["area_ha"] + 1e-6).all()
    assert (out["net_ha"] >= 0).all()
    assert set(out["ground"]) == {*KINDS, FREE}


def test_ground_that_rights_cover_wholly_leaves_no_free_ground_and_no_less() -> None:
    rng = np.random.default_rng(5)
    edges = np.sort(rng.uniform(0, 20, (30, 2)), axis=1)
    parts = [("N", f"R{i}", km(30 * i + low, 0, 30 * i + high, 7.3)) for i, (low, high) in enumerate(edges)]  # fmt: skip
    whole = [("titled", km(30 * i - 1, -1, 30 * i + 9.7, 9)) for i in range(30)]
    rest = [("pending", km(30 * i + 9.7, -1, 30 * i + 25, 9)) for i in range(30)]
    out = measure(rights(*whole, *rest), [], regions(*parts), PLAN)
    free = out[out["ground"] == FREE]
    assert (free["net_ha"] >= 0).all()
    np.testing.assert_allclose(free["net_ha"], 0, atol=1e-6)


@pytest.mark.parametrize("seed", [1, 2])
def test_each_kind_is_what_a_plain_union_measures(seed: int) -> None:
    cadastre, closed, admin = random_world(seed)
    out = measure(cadastre, [closed], admin, PLAN)
    here = cadastre.to_crs(PLAN.equal_area)
    ground = {s: here.geometry[here["status"] == s].union_all() for s in set(here["status"])}
    ground["closed"] = closed[closed["level"] == "hard"].to_crs(PLAN.equal_area).union_all()
    seen = Polygon()
    for region in admin.to_crs(PLAN.equal_area).itertuples():
        seen = Polygon()
        for kind in KINDS:
            row = at(out, kind, region.admin_1, region.admin_2)
            own = ground[kind].intersection(region.geometry)
            assert row["area_ha"] == pytest.approx(own.area / 1e4, abs=1e-4)
            assert row["net_ha"] == pytest.approx(own.difference(seen).area / 1e4, abs=1e-4)
            seen = seen.union(own)
        free = region.geometry.difference(seen)
        assert at(out, FREE, region.admin_1, region.admin_2)["net_ha"] == pytest.approx(
            free.area / 1e4, abs=1e-4
        )


def test_holes_parts_repeats_and_shared_edges_count_once() -> None:
    ring = km(0, 0, 4, 4).difference(km(1, 1, 3, 3))  # 12 km2
    apart = shapely.union_all([km(5, 5, 6, 6), km(7, 7, 8, 8)])  # 2 km2
    cadastre = rights(
        ("titled", ring),
        ("titled", ring),
        ("titled", km(4, 0, 5, 4)),  # beside the first, 4 km2
        ("titled", km(1, 1, 2, 2)),  # in its hole, 1 km2
        ("pending", apart),
        ("pending", km(0, 0, 4, 4)),  # 16 km2, of which the hole keeps 3
        ("extinct", apart.reverse()),
        ("extinct", Polygon(shapely.get_coordinates(km(8, 0, 10, 2))[[0, 1, 2]])),  # 2 km2
    )
    out = measure(cadastre, [], TWO, PLAN)
    expected = {"titled": (1700, 1700), "pending": (1800, 500), "extinct": (400, 200)}
    for ground, (gross, net) in expected.items():
        row = at(out, ground, "SOUTH", "B")
        assert row["area_ha"] == pytest.approx(gross, abs=1e-3)
        assert row["net_ha"] == pytest.approx(net, abs=1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_crossing_shapes_cut_by_slanting_regions_are_what_geos_unites(seed: int) -> None:
    rng = np.random.default_rng(seed)
    turns, sizes = rng.uniform(0, 90, 80), rng.uniform(1, 5, (80, 2))
    corners = np.where(rng.random((80, 1)) < 0.5, rng.integers(0, 16, (80, 2)), rng.uniform(0, 16))
    shapes = [
        km(x, y, x + w, y + h) if i % 2 else affinity.rotate(km(x, y, x + w, y + h), turn)
        for i, ((x, y), (w, h), turn) in enumerate(zip(corners, sizes, turns, strict=True))
    ]
    cadastre = rights(*zip(rng.choice(["titled", "extinct"], 80), shapes, strict=True))
    parts = [("N", str(i), affinity.rotate(km(0, 0, 20, 20), 40 + i)) for i in range(3)]
    out = measure(cadastre, [], regions(*parts), PLAN)
    here = cadastre.to_crs(PLAN.equal_area)
    titled = here.geometry[here["status"] == "titled"].union_all()
    extinct = here.geometry[here["status"] == "extinct"].union_all()
    for part in regions(*parts).to_crs(PLAN.equal_area).itertuples():
        whole = titled.intersection(part.geometry), extinct.intersection(part.geometry)
        row = at(out, "extinct", "N", part.admin_2)
        assert at(out, "titled", "N", part.admin_2)["net_ha"] == pytest.approx(whole[0].area / 1e4)
        assert row["area_ha"] == pytest.approx(whole[1].area / 1e4)
        assert row["net_ha"] == pytest.approx(whole[1].difference(titled).area / 1e4)


def test_known_rectangles_have_their_known_hectares() -> None:
    cadastre = rights(
        ("titled", km(0, 0, 2, 1)),
        ("titled", km(1, 0, 3, 1)),  # overlaps the first by a square kilometre
        ("pending", km(2, 0, 5, 1)),  # overlaps titled ground by one
        ("extinct", km(0, 9, 1, 11)),  # half in either region
        ("titled", km(100, 0, 101, 1)),  # in no region
    )
    out = measure(cadastre, [areas(("hard", km(0, 0, 1, 1)), ("soft", km(5, 5, 9, 9)))], TWO, PLAN)
    expected = {
        "closed": (100, 100),
        "titled": (300, 200),
        "pending": (300, 200),
        "extinct": (100, 100),
        "other": (0, 0),
        FREE: (9400, 9400),
    }
    for ground, (gross, net) in expected.items():
        row = at(out, ground, "SOUTH", "B")
        assert (row["area_ha"], row["net_ha"]) == (
            pytest.approx(gross, abs=1e-3),
            pytest.approx(net, abs=1e-3),
        )
        assert row["region_ha"] == pytest.approx(10_000, abs=1e-3)
        assert row["share"] == pytest.approx(gross / 10_000, abs=1e-6)
        assert at(out, ground, "SOUTH")["net_ha"] == row["net_ha"]
    assert at(out, "extinct", "NORTH")["area_ha"] == pytest.approx(100, abs=1e-3)
    assert at(out, "titled")["area_ha"] == pytest.approx(300, abs=1e-3)
    assert at(out, FREE)["region_ha"] == pytest.approx(20_000, abs=1e-3)


def test_without_regions_the_whole_is_measured_without_a_denominator() -> None:
    cadastre = rights(("titled", km(0, 0, 2, 1)), ("pending", km(1, 0, 3, 1)))
    out = measure(cadastre, [], None, PLAN)
    assert at(out, "titled")["net_ha"] == pytest.approx(200, abs=1e-3)
    assert at(out, "pending")["area_ha"] == pytest.approx(200, abs=1e-3)
    assert at(out, "pending")["net_ha"] == pytest.approx(100, abs=1e-3)
    assert out["region_ha"].isna().all()
    assert FREE not in set(out["ground"])


def test_closed_ground_of_several_layers_is_dissolved() -> None:
    both = [areas(("hard", km(0, 0, 2, 1))), areas(("hard", km(1, 0, 3, 1))), areas()]
    out = measure(rights(), both, TWO, PLAN)
    assert at(out, "closed", "SOUTH")["area_ha"] == pytest.approx(300, abs=1e-3)


def test_a_bow_tie_region_and_a_right_folded_by_rounding_are_measured() -> None:
    bow = km(0, 0, 2, 2)
    corners = shapely.get_coordinates(bow)[[0, 2, 1, 3, 0]]
    out = measure(rights(("titled", Polygon(corners))), [], TWO, PLAN)
    assert at(out, "titled", "SOUTH")["area_ha"] == pytest.approx(200, abs=0.5)


def test_a_region_without_name_counts_above_and_has_no_row_of_its_own() -> None:
    admin = regions(("SOUTH", "B", km(0, 0, 10, 10)), ("SOUTH", None, km(10, 0, 20, 10)))
    out = measure(rights(("titled", km(9, 0, 11, 1))), [], admin, PLAN)
    assert not out.duplicated(list(schema.TERRITORY.key)).any()
    assert at(out, "titled", "SOUTH", "B")["area_ha"] == pytest.approx(100, abs=1e-3)
    assert at(out, "titled", "SOUTH")["area_ha"] == pytest.approx(200, abs=1e-3)


def test_order_of_rows_does_not_matter() -> None:
    cadastre, closed, admin = random_world(3)
    out = measure(cadastre, [closed], admin, PLAN)
    again = measure(
        cadastre.sample(frac=1, random_state=1).reset_index(drop=True),
        [closed.iloc[::-1].reset_index(drop=True)],
        admin.iloc[::-1].reset_index(drop=True),
        PLAN,
    )
    pd.testing.assert_frame_equal(again, out, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("admin", [None, TWO])
def test_no_rights_at_all(admin: gpd.GeoDataFrame | None) -> None:
    out = measure(rights(), [], admin, PLAN)
    assert (out.loc[out["ground"] != FREE, "area_ha"] == 0).all()
    schema.conform(out, schema.TERRITORY)
