"""Free cells: against a slow oracle that tries every cell, and on planted ground at every edge."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from tests.free_scenes import LAW, PE, ZONE, Area, Right, Scene, X, Y, square

OPEN, EXTINCT, TITLED = "open_ground", "on_extinct_claim", "on_small_scale"
TOLERANCE_M2 = 10.0


def at(column: float, row: float, kind: str = OPEN, cluster: int | None = 1) -> tuple:
    """A registration in the middle of what would be column and row of the grid."""
    return X + column * 1000 + 500, Y + row * 1000 + 500, kind, cluster


def opened(scene: Scene) -> dict[tuple[int, int], str]:
    """Column and row of each opening, and its ground."""
    cells = scene.seek().cells
    column = ((cells["west_m"] - X) / 1000).astype(int)
    row = ((cells["south_m"] - Y) / 1000).astype(int)
    return dict(zip(zip(column, row, strict=True), cells["ground"], strict=True))


def all_free(ring: int = 1) -> dict[tuple[int, int], str]:
    steps = range(-ring, ring + 1)
    return {(c, r): "free" for c in steps for r in steps}


def test_ground_that_nothing_takes_is_offered_cell_by_cell_within_the_ring() -> None:
    assert opened(Scene([at(0, 0)])) == all_free()
    assert opened(Scene([at(0, 0)], ring=0)) == {(0, 0): "free"}
    found = Scene([at(0, 0)]).seek()
    (cluster,) = found.clusters.to_dict("records")
    assert (cluster["n_cells"], cluster["n_openings"], cluster["open_ha"]) == (9, 9, 900.0)
    assert (cluster["claim_block_ha"], cluster["fewest_claims"]) == (900.0, 1)
    assert set(found.cells["area_ha"]) == {100.0}
    assert "18-480-8900" in set(found.cells["cell_id"])


def test_a_planted_cluster_gets_each_kind_of_ground_and_each_reason() -> None:
    scene = Scene(
        [at(0, 0, EXTINCT), at(0.1, 0, EXTINCT), at(-0.8, 0, TITLED)],
        rights=[
            Right(square(0, 0), "extinct", "2024-06-01", "X1"),
            Right(square(0, 1), "extinct", "2025-01-01", "X2"),
            Right(square(1, 1), "extinct", None, "X3"),
            Right(square(-1, 0), "titled"),
            Right(square(-1, 1), "pending"),
            Right(square(-1, -1), "other"),
        ],
        areas=[
            Area(square(0, -1)),
            Area(square(1, -1), "soft", "ANAP", "anap"),
            Area(square(1, 0), "soft", "ZA", "buffer_zones"),
        ],
    )
    assert opened(scene) == {
        (0, 0): "extinct_free",
        (0, 1): "extinct_until",
        (1, 1): "extinct_unknown",
        (1, -1): "anap",
        (1, 0): "free",
    }
    found = scene.seek()
    cells = found.cells.set_index("ground")
    assert cells["possible"].to_dict() == {
        "extinct_free": "claim",
        "extinct_until": "reserve",
        "extinct_unknown": "reserve",
        "anap": "reserve",
        "free": "claim",
    }
    assert cells.loc["extinct_until", "free_on"] == pd.Timestamp("2025-01-01")
    assert pd.isna(cells.loc["extinct_unknown", "free_on"])
    assert cells.loc["extinct_unknown", "extinct_ids"] == "X3"
    assert cells.loc["free", "restricted"] == "ZA"
    (row,) = found.clusters.to_dict("records")
    assert row["blocked_by"] == "closed_area=1;other=1;pending=1;titled=1"
    assert (row["n_registrations"], row["n_standing"]) == (3, 2)
    assert (row["open_ha"], row["claim_ha"], row["claim_block_ha"]) == (500.0, 200.0, 200.0)
    assert row["free_on"] == pd.Timestamp("2024-06-01")


@pytest.mark.parametrize("status", ["titled", "pending", "other", "unknown"])
def test_a_right_that_shares_an_edge_takes_nothing(status: str) -> None:
    assert opened(Scene([at(0, 0)], [Right(square(2, -1, 1, 3), status)])) == all_free()


@pytest.mark.parametrize(("m2", "taken"), [(5, False), (9, False), (11, True), (50, True)])
def test_a_sliver_adjoins_and_more_takes_the_whole_cell(m2: float, taken: bool) -> None:
    sliver = shapely.box(X + 1000 - m2 / 1000, Y, X + 1500, Y + 1000)  # into the middle cell
    found = opened(Scene([at(0, 0)], [Right(sliver)]))
    assert ((0, 0) in found) is not taken
    assert (1, 0) not in found


def test_the_latest_of_several_extinct_rights_decides_and_one_without_a_day_undoes_it() -> None:
    one, other = (Right(square(0, 0), "extinct", day) for day in ("2020-01-01", "2030-01-01"))
    cells = Scene([at(0, 0)], [one, other], ring=0).seek().cells
    assert (cells["ground"][0], cells["free_on"][0]) == (
        "extinct_until",
        pd.Timestamp("2030-01-01"),
    )
    undated = Right(square(0, 0, 0.5), "extinct", None)
    cells = Scene([at(0, 0)], [one, undated], ring=0).seek().cells
    assert (cells["ground"][0], cells["free_on"].isna()[0]) == ("extinct_unknown", True)


def test_a_title_over_extinct_ground_takes_it() -> None:
    rights = [Right(square(0, 0), "extinct", "2000-01-01"), Right(square(0, 0, 0.2, 0.2))]
    assert opened(Scene([at(0, 0)], rights, ring=0)) == {}


def test_a_right_in_the_former_datum_takes_every_cell_that_it_reaches() -> None:
    shifted = shapely.transform(square(0, 0), lambda xy: xy + np.array([-221.0, -374.0]))
    found = opened(Scene([at(0, 0)], [Right(shifted)]))
    assert set(all_free()) - set(found) == {(0, 0), (-1, 0), (0, -1), (-1, -1)}


def test_only_clusters_with_registrations_on_such_ground_are_looked_at_and_only_around_these() -> (
    None
):
    scene = Scene([at(0, 0), at(9, 9, TITLED), at(30, 0, TITLED, 2), at(50, 0, OPEN, None)])
    found = scene.seek()
    assert list(found.clusters["cluster_id"]) == [1]
    assert opened(scene) == all_free()
    assert found.alone == 1
    nothing = Scene([at(0, 0, TITLED)]).seek()
    assert (len(nothing.cells), len(nothing.clusters), nothing.looked) == (0, 0, 0)


def test_blocks_are_of_cells_that_share_edges_and_corners_do_not_count() -> None:
    # What is left: a corner alone, and three cells in an L.
    taken = [(-1, 0), (0, 0), (0, 1), (0, -1), (-1, -1)]
    found = Scene([at(0, 0)], [Right(square(c, r)) for c, r in taken]).seek()
    (row,) = found.clusters.to_dict("records")
    assert (row["open_ha"], row["block_ha"]) == (400.0, 300.0)


def test_claims_are_as_few_as_the_greatest_size_allows() -> None:
    (row,) = Scene([at(0, 0)], ring=2).seek().clusters.to_dict("records")
    assert (row["claim_block_ha"], row["fewest_claims"]) == (2500.0, 3)
    (row,) = Scene([at(0, 0)], [Right(square(0, 0))], ring=0).seek().clusters.to_dict("records")
    assert (row["claim_block_ha"], row["fewest_claims"], row["blocked_by"]) == (0, 0, "titled=1")


def test_registrations_on_the_lattice_count_once() -> None:
    corners = [(X + c * 1000, Y + r * 1000, OPEN, 1) for c in (0, 1) for r in (0, 1)]
    cells = Scene(corners, ring=1).seek().cells
    assert cells["n_registrations"].sum() == 4
    assert set(cells["n_registrations"]) == {0, 1}


def test_the_ground_beyond_the_regions_given_is_not_offered_and_a_gap_between_them_is_no_border() -> (
    None
):
    west, east = square(-3, -3, 3.4, 3.9), square(0.41, -3, 3, 3.9)  # ten metres apart
    admin = gpd.GeoDataFrame({"admin_1": ["A", "B"]}, geometry=[west, east], crs=ZONE)
    scene = Scene([at(0, 0)], context={"admin": admin.to_crs(4326)})
    found = scene.seek()
    assert {(c, r) for c, r in opened(scene)} == {(c, -1) for c in (-1, 0, 1)}
    assert found.clusters["blocked_by"][0] == "outside_regions=6"
    assert list(found.cells.sort_values("west_m")["admin_1"]) == ["A", "B", "B"]
    apart = admin.assign(geometry=[west, shapely.transform(east, lambda p: p + 100)])
    assert {c for c, _ in opened(Scene([at(0, 0)], context={"admin": apart.to_crs(4326)}))} == {-1, 1}  # fmt: skip


def test_in_the_corridors_region_only_the_corridor_is_offered() -> None:
    name = str(LAW.parameters["corridor_region"])
    around = gpd.GeoDataFrame({"admin_1": [name]}, geometry=[square(-5, -5, 11, 11)], crs=ZONE)
    corridor = gpd.GeoDataFrame({"name": ["X"]}, geometry=[square(0, -5, 3, 11)], crs=ZONE)
    layers = {"admin": around.to_crs(4326), "mining_corridor": corridor.to_crs(4326)}
    scene = Scene([at(0, 0)], context=layers)
    assert {c for c, _ in opened(scene)} == {0, 1}
    assert scene.seek().clusters["blocked_by"][0] == "outside_corridor=3"
    elsewhere = {**layers, "admin": layers["admin"].assign(admin_1="OTHER")}
    assert opened(Scene([at(0, 0)], context=elsewhere)) == all_free()
    assert opened(Scene([at(0, 0)], context={"admin": layers["admin"]})) == all_free()


def test_at_a_meridian_each_zone_offers_its_own_whole_cells() -> None:
    west, east = PE.crs.zones[0], PE.crs.zones[1]
    x, y = Transformer.from_crs(4326, east.crs, always_xy=True).transform(-77.998, -8.0)
    found = Scene([(x, y, OPEN, 1)], ring=2).seek()
    cells = found.cells
    assert set(cells["zone"]) == {west.code, east.code}
    for zone in (west, east):
        own = cells[cells["zone"] == zone.code]
        bounds = own["geometry"].bounds
        assert (bounds["minx"] >= zone.west).all()
        assert (bounds["maxx"] <= zone.east).all()
        move = Transformer.from_crs(4326, zone.crs, always_xy=True)
        corners = np.column_stack(move.transform(*own["geometry"].get_coordinates().to_numpy().T))
        assert np.allclose(corners, np.round(corners, -3), atol=1e-3)
    overlap = [a.intersection(b).area for a in cells["geometry"] for b in cells["geometry"] if a is not b]  # fmt: skip
    assert max(overlap) < 1e-12
    assert found.clusters["n_cells"][0] == len(cells) < 30


def test_a_right_drawn_in_the_next_zone_is_tested_along_its_course() -> None:
    x, y = Transformer.from_crs(4326, "EPSG:32718", always_xy=True).transform(-77.9, -8.0)
    column, row = (np.floor(v / 1000) * 1000 for v in (x, y))
    there = Transformer.from_crs("EPSG:32718", "EPSG:32717", always_xy=True)
    back = Transformer.from_crs("EPSG:32717", "EPSG:32718", always_xy=True)

    def strip(shift: float) -> shapely.Polygon:
        """West of the cell, its long eastern edge straight in the other zone, its ends `shift` off."""
        box = shapely.box(column - 9000, row - 29_500, column + shift, row + 30_500)
        return shapely.transform(box, lambda p: np.column_stack(there.transform(*p.T)))

    ends = there.transform([column, column], [row - 29_500, row + 30_500])
    bulge = back.transform(np.mean(ends[0]), np.mean(ends[1]))[0] - column
    assert abs(bulge) > 2  # metres by which the course leaves the chord
    for into_it, n in ((-0.5, 1), (0.5, 0)):
        right = Right(strip(into_it - bulge), crs="EPSG:32717")
        found = Scene([(column + 500, row + 500, OPEN, 1)], [right], ring=0).seek()
        assert len(found.cells) == n


def random_scene(seed: int) -> Scene:
    rng = np.random.default_rng(seed)
    rights, areas = [], []
    for i in range(rng.integers(5, 30)):
        corner = rng.integers(-6, 12, 2)
        shape = square(*corner, *rng.integers(1, 4, 2))
        if i % 3 == 1:
            shape = shapely.transform(shape, lambda xy: xy + np.array([-221.0, -374.0]))
        elif i % 3 == 2:
            xy = rng.uniform(-3000, 12_000, 2) + rng.uniform(-1500, 1500, (5, 2)) + (X, Y)
            shape = shapely.MultiPoint(xy).convex_hull
        status = rng.choice(["titled", "pending", "extinct", "extinct", "other", "unknown"])
        day = rng.choice([None, "2020-03-01", "2024-06-01", "2024-06-02", "2031-01-01"])
        rights.append(Right(shape, str(status), day, f"C{i:02}"))
    for level, code, role in (
        ("hard", "PN", "protected_areas"),
        ("soft", "ANAP", "anap"),
        ("soft", "ZA", "buffer_zones"),
        ("info", "ANAP", "restricted_areas"),
    ):
        xy = rng.uniform(-2000, 10_000, 2) + rng.uniform(-1500, 1500, (6, 2)) + (X, Y)
        areas.append(Area(shapely.MultiPoint(xy).convex_hull, level, code, role))
    points = [
        (
            *(rng.uniform(0, 8000, 2) + np.array([X, Y])),
            str(rng.choice([OPEN, EXTINCT, TITLED])),
            int(c) if (c := rng.integers(0, 4)) else None,
        )
        for _ in range(rng.integers(1, 14))
    ]
    return Scene(points, rights, areas, ring=int(rng.integers(0, 4)))


def oracle(scene: Scene) -> tuple[dict[str, dict], dict[int, set[str]]]:
    """Try every cell of a wide box, one by one, in the metres in which all was drawn."""
    on = pd.Timestamp(LAW.on)
    cells, looked = {}, {}
    seeds = [p for p in scene.points if p[2] in (OPEN, EXTINCT) and p[3] is not None]
    for column in range(-15, 30):
        for row in range(-15, 30):
            cell = square(column, row)
            name = f"18-{int(X / 1000) + column}-{int(Y / 1000) + row}"
            near = [
                p
                for p in seeds
                if abs(np.floor((p[0] - X) / 1000) - column) <= scene.ring
                and abs(np.floor((p[1] - Y) / 1000) - row) <= scene.ring
            ]
            for p in near:
                looked.setdefault(p[3], set()).add(name)

            def meets(shape: shapely.Geometry, cell: shapely.Geometry = cell) -> bool:
                return shape.intersection(cell).area > TOLERANCE_M2

            on_cell = [r for r in scene.rights if meets(r.shape)]
            closed = any(a.level == "hard" and meets(a.shape) for a in scene.areas)
            if not near or closed or any(r.status != "extinct" for r in on_cell):
                continue
            days = [r.free_on for r in on_cell]
            latest = max(map(pd.Timestamp, days)) if days and None not in days else None
            anap = [a for a in scene.areas if a.code == "ANAP" and a.level != "info"]
            ground = (
                "anap"
                if any(meets(a.shape) for a in anap)
                else "free"
                if not days
                else "extinct_unknown"
                if latest is None
                else "extinct_free"
                if latest <= on
                else "extinct_until"
            )
            cells[name] = {
                "ground": ground,
                "free_on": latest,
                "extinct_ids": ";".join(sorted(r.id for r in on_cell)) or None,
                "restricted": ";".join(
                    sorted({a.code for a in scene.areas if a.level == "soft" and meets(a.shape)})
                )
                or None,
                "cluster_ids": ";".join(map(str, sorted({p[3] for p in near}))),
                "n_registrations": sum(cell.contains(shapely.Point(p[:2])) for p in scene.points),
                "distance_m": min(cell.distance(shapely.Point(p[:2])) for p in near),
            }
    return cells, looked


def largest_block(names: set[str]) -> int:
    """Flood cells by their edges, the plain way."""
    left = {tuple(map(int, name.split("-")[1:])) for name in names}
    best = 0
    while left:
        todo, block = [left.pop()], 1
        while todo:
            c, r = todo.pop()
            for beside in ((c + 1, r), (c - 1, r), (c, r + 1), (c, r - 1)):
                if beside in left:
                    left.remove(beside)
                    todo.append(beside)
                    block += 1
        best = max(best, block)
    return best


@pytest.mark.parametrize("seed", range(12))
def test_random_scenes_come_out_as_the_slow_way(seed: int) -> None:
    scene = random_scene(seed)
    found = scene.seek()
    cells, looked = oracle(scene)
    rows = found.cells.set_index("cell_id")
    assert set(rows.index) == set(cells)
    for name, told in cells.items():
        for column, value in told.items():
            here = rows.loc[name, column]
            if value is None:
                assert pd.isna(here), (name, column)
            elif column == "distance_m":
                assert here == pytest.approx(value, abs=1e-5)
            else:
                assert here == value, (name, column)
    clusters = found.clusters.set_index("cluster_id")
    assert set(clusters.index) == set(looked)
    for cluster, names in looked.items():
        row = clusters.loc[cluster]
        openings = names & set(cells)
        claim = {n for n in openings if cells[n]["ground"] in ("free", "extinct_free")}
        assert (row["n_cells"], row["n_openings"]) == (len(names), len(openings))
        assert row["open_ha"] == 100 * len(openings)
        assert row["claim_ha"] == 100 * len(claim)
        assert row["block_ha"] == 100 * largest_block(openings)
        assert row["claim_block_ha"] == 100 * largest_block(claim)
        by_ground = [row[f"n_{g}"] for g in ("free", "extinct_free", "extinct_until", "extinct_unknown", "anap")]  # fmt: skip
        assert sum(by_ground) == len(openings)


def test_the_random_scenes_have_every_ground_and_reason() -> None:
    """Else the comparison above would prove less than it seems to."""
    found = [random_scene(seed).seek() for seed in range(12)]
    grounds = set().union(*(set(f.cells["ground"]) for f in found))
    assert grounds == {"free", "extinct_free", "extinct_until", "extinct_unknown", "anap"}
    reasons = ";".join(f for one in found for f in one.clusters["blocked_by"].dropna())
    assert {r.split("=")[0] for r in reasons.split(";")} == {
        *("titled", "pending", "other", "unknown", "closed_area"),
    }


@pytest.mark.parametrize("seed", [3, 7])
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    scene = random_scene(seed)
    rng = np.random.default_rng(seed)
    runs = [scene.seek(), *(scene.seek(rng) for _ in range(3))]
    for one, other in pairwise(runs):
        pd.testing.assert_frame_equal(pd.DataFrame(one.cells), pd.DataFrame(other.cells))
        pd.testing.assert_frame_equal(pd.DataFrame(one.clusters), pd.DataFrame(other.clusters))
