"""How sure an answer is: known geometries, doubtful systems, and what must not matter."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
import shapely

from geoasm import places
from geoasm.codes import Role
from geoasm.geometry import operation
from geoasm.io.profiles import load_profile
from geoasm.position_error import CUT
from tests.worlds import LAW, PE, REACH, SIGMA, WIDE, Right, X, Y, area, crowd, square, weigh, world

pytestmark = pytest.mark.usefixtures("way")

NORMAL = NormalDist()


def probability(at: tuple[float, float], on: places.World, **given: object) -> float:
    return float(weigh([at], on, **given).frame.loc[0, "class_probability"])


def cut_normal(d: float) -> float:
    """Probability that an error cut at three sigma stays below d in one direction."""
    radius = np.linspace(1e-9, CUT, 20_001)
    weight = radius * np.exp(-(radius**2) / 2)
    inside = 1 - np.arccos(np.clip(d / radius, -1, 1)) / np.pi
    return float((weight * inside).sum() / weight.sum())


@pytest.mark.parametrize("turn", [0, 30, 77, 130, 255])
def test_beside_a_straight_edge_it_is_the_normal_distribution(turn: float) -> None:
    inward = np.array([-np.cos(np.radians(turn)), -np.sin(np.radians(turn))]) * SIGMA
    half_plane = shapely.affinity.rotate(square(-WIDE, -WIDE, 0, WIDE), turn, origin=(X, Y))
    distances = [0.02, 0.25, 0.5, 1.0, 1.5, 2.0, 2.8]
    found = weigh([tuple(d * inward) for d in distances], world([Right(half_plane)])).frame
    for d, share in zip(distances, found["class_probability"], strict=True):
        assert share == pytest.approx(cut_normal(d), abs=0.01)
        assert share == pytest.approx(NORMAL.cdf(d), abs=0.0135)


def test_in_the_middle_of_a_big_right_nothing_is_open() -> None:
    found = weigh([(0, 0)], world([Right(square(-900, -900, 900, 900))])).frame.iloc[0]
    assert found["class_probability"] == 1
    assert pd.isna(found["second_class"])
    assert pd.isna(found["second_probability"])
    assert not found["edge_uncertain"]


def test_corner_is_the_product_of_its_sides() -> None:
    on = world([Right(square(-WIDE, -WIDE, 0, 0))])
    beside = [(0.01, 0.01), (0.5, 1.0), (-0.5, 0.5), (1.5, 1.5)]
    found = weigh([(-a * SIGMA, -b * SIGMA) for a, b in beside], on).frame["class_probability"]
    for (a, b), share in zip(beside, found, strict=True):
        inside = share if min(a, b) >= 0 else 1 - share
        assert inside == pytest.approx(NORMAL.cdf(a) * NORMAL.cdf(b), abs=0.015)


def test_hole_is_open_ground() -> None:
    hole = square(-100, -100, 100, 100)
    ring = shapely.Polygon(square(-2000, -2000, 2000, 2000).exterior, [hole.exterior])
    found = weigh([(0, 0)], world([Right(ring)])).frame.iloc[0]
    assert found["class_probability"] == pytest.approx((2 * NORMAL.cdf(1) - 1) ** 2, abs=0.015)
    assert found["second_class"] == "on_lsm_msm"
    assert found["second_probability"] == pytest.approx(1 - found["class_probability"])


def test_edge_between_rights_of_one_class_parts_nothing() -> None:
    one, other = square(-2000, -2000, 0, 2000), square(0, -2000, 2000, 2000)
    same = world([Right(one, "R1"), Right(other, "R2")])
    assert probability((10, 0), same) == 1
    differing = world([Right(one, "R1"), Right(other, "R2", stratum="small_scale")])
    found = weigh([(10, 0)], differing).frame.iloc[0]
    assert found["class_probability"] == pytest.approx(NORMAL.cdf(0.1), abs=0.015)
    assert found["second_class"] == "on_lsm_msm"


def test_senior_right_below_decides_the_sample_too() -> None:
    senior = Right(
        square(-2000, -2000, 0, 2000), "R1", stratum="small_scale", filed_on="1990-01-01"
    )
    junior = Right(square(-2000, -2000, 2000, 2000), "R2")
    found = weigh([(100, 0)], world([senior, junior])).frame.iloc[0]
    assert found["second_class"] == "on_small_scale"
    assert found["second_probability"] == pytest.approx(NORMAL.cdf(-1), abs=0.015)


def test_an_application_over_a_title_is_a_right_and_no_title_in_the_samples_too() -> None:
    title = Right(square(-2000, -2000, 0, 2000), "R1", filed_on="1990-01-01")
    asked = Right(square(-2000, -2000, 2000, 2000), "R2", status="pending")
    possible = weigh([(100, 0)], world([title, asked])).possible.set_index("asm_class")
    assert possible["n_rights"].to_dict() == {"on_lsm_msm": 2, "on_pending_claim": 1}
    assert possible["n_titles"].to_dict() == {"on_lsm_msm": 1, "on_pending_claim": 0}


def test_own_title_is_own_in_the_samples_too() -> None:
    on = world(
        [Right(square(-2000, -2000, 0, 2000)), Right(square(0, -2000, 2000, 2000), "R2")],
        owners={0: "R2"},
    )
    found = weigh([(50, 0), (50, 0)], on).frame
    assert found["second_class"].tolist()[0] == "on_lsm_msm"
    assert found["class_probability"][0] == pytest.approx(NORMAL.cdf(0.5), abs=0.015)
    assert found["class_probability"][1] == 1


@pytest.mark.parametrize(
    ("layers", "second"),
    [
        (
            {
                Role.PROTECTED_AREAS: area(
                    square(100, -WIDE, WIDE, WIDE), level="hard", level_code="PN"
                )
            },
            "prohibited_area",
        ),
        ({Role.ASM_ZONES: area(square(100, -WIDE, WIDE, WIDE))}, "in_asm_zone"),
        (
            {
                Role.MINING_CORRIDOR: area(square(-WIDE, -WIDE, 100, WIDE)),
                Role.ADMIN: area(square(-WIDE, -WIDE, WIDE, WIDE), admin_1="MADRE DE DIOS"),
            },
            "prohibited_area",
        ),
    ],
)
def test_edges_of_areas_count(layers: dict[Role, pd.DataFrame], second: str) -> None:
    kept = places.decisive_layers(layers, LAW)
    found = weigh([(0, 0)], world([Right(square(9000, 9000, 9100, 9100))], kept)).frame.iloc[0]
    assert found["second_class"] == second
    assert found["second_probability"] == pytest.approx(NORMAL.cdf(-1), abs=0.015)


def test_soft_areas_part_no_classes() -> None:
    soft = area(square(0, 0, 10, 10), level="soft", level_code="ZR")
    kept = places.decisive_layers({Role.PROTECTED_AREAS: soft, Role.COMMUNITIES: soft}, LAW)
    assert [len(frame) for frame in kept.values()] == [0]


def test_error_wider_than_the_link_finds_its_own_rights() -> None:
    on = world([Right(square(REACH * 2, -WIDE, WIDE, WIDE))])
    assert probability((0, 0), on, sigma=SIGMA) == 1
    assert probability((0, 0), on, sigma=REACH * 2) == pytest.approx(NORMAL.cdf(1), abs=0.015)
    together = weigh([(0, 0), (0, 0)], on, sigma=[SIGMA, REACH * 2]).frame["class_probability"]
    assert together[0] == 1
    assert together[1] == pytest.approx(NORMAL.cdf(1), abs=0.015)


def test_same_ground_drawn_in_the_neighbouring_zone_gives_the_same() -> None:
    at = operation("EPSG:4326", "EPSG:32718", PE.crs).points(np.array([-77.99]), np.array([-9.0]))
    x, y = float(at[0][0]), float(at[1][0])
    drawn = shapely.segmentize(shapely.box(x - 3000, y - 3000, x + 60, y + 3000), 500)
    moved = operation("EPSG:32718", "EPSG:32717", PE.crs).geometries(np.array([drawn]))[0]
    near, far = (
        weigh([(x - X, y - Y)], world([Right(shape, crs=crs)])).frame.loc[0, "class_probability"]
        for shape, crs in ((drawn, "EPSG:32718"), (moved, "EPSG:32717"))
    )
    assert near == pytest.approx(NORMAL.cdf(0.6), abs=0.015)
    assert far == pytest.approx(near, abs=0.004)


def test_rights_drawn_in_degrees() -> None:
    congo = load_profile("cd")
    lon, lat = 27.0, -11.0
    hundred_metres = 100 / 109_000
    east = Right(shapely.box(26, -12, lon + hundred_metres, -10), crs="EPSG:4326")
    on = world([east], profile=congo)
    found = probability((lon, lat), on, crs="EPSG:4326")
    assert found == pytest.approx(NORMAL.cdf(1), abs=0.015)


def test_no_register_and_no_rights_are_no_trouble() -> None:
    on = world([Right(square(0, 0, 100, 100))])
    assert weigh([], on).frame.empty
    bare = places.World(on.concessions.iloc[:0], {}, LAW, PE.crs, on.same_holder)
    assert probability((0, 0), bare) == 1


def test_without_a_position_there_is_no_probability() -> None:
    found = weigh([(np.nan, np.nan)], world([Right(square(0, 0, 1, 1))])).frame.iloc[0]
    assert found[["class_probability", "second_class", "second_probability"]].isna().all()
    assert not found[["edge_uncertain", "datum_sensitive", "zone_sensitive"]].any()


@pytest.mark.parametrize(("d", "flagged"), [(1.5, True), (1.8, False)])
def test_from_one_in_twenty_an_edge_is_uncertain(d: float, flagged: bool) -> None:
    assert LAW.number("edge_uncertain_share") == 0.05
    on = world([Right(square(-WIDE, -WIDE, d * SIGMA, WIDE))])
    assert weigh([(0, 0)], on).frame.loc[0, "edge_uncertain"] == flagged


@pytest.mark.parametrize(("half", "flagged"), [(150, True), (1500, False)])
def test_small_right_is_lost_in_the_former_datum(half: float, flagged: bool) -> None:
    on = world([Right(square(-half, -half, half, half))])
    assert weigh([(0, 0)], on).frame.loc[0, "datum_sensitive"] == flagged


def test_eastings_of_the_former_datum_are_read_in_its_own_zone() -> None:
    x, y = operation("EPSG:24878", "EPSG:32718", PE.crs).points(np.array([X]), np.array([Y]))
    there = shapely.box(x[0] - 5, y[0] - 5, x[0] + 5, y[0] + 5)
    found = weigh([(0, 0)] * 2, world([Right(there)]), position_kind=["utm", "lonlat"]).frame
    assert found["datum_sensitive"].tolist() == [True, False]


@pytest.mark.parametrize(
    ("kind", "declared", "flagged"),
    [("utm", None, True), ("lonlat", None, False), ("utm", "HERE", False), ("utm", "THERE", True)],
)
def test_eastings_may_belong_to_the_neighbouring_zone(
    kind: str, declared: str | None, flagged: bool
) -> None:
    there = Right(square(-500, -500, 500, 500), crs="EPSG:32719")
    admin = pd.concat(
        [
            area(square(-WIDE, -WIDE, WIDE, WIDE), admin_1="HERE"),
            area(square(-WIDE, -WIDE, WIDE, WIDE), admin_1="THERE").assign(crs_used="EPSG:32719"),
        ],
        ignore_index=True,
    )
    columns = {"position_kind": [kind], "declared_admin_1": pd.array([declared], dtype="str")}
    found = weigh([(0, 0)], world([there]), admin=admin, **columns)
    assert found.frame.loc[0, "zone_sensitive"] == flagged


@pytest.mark.parametrize("reaches_there", [True, False])
def test_without_regions_rights_tell_how_far_the_ground_is_known(reaches_there: bool) -> None:
    here = Right(square(-500, -500, 500, 500))
    there = Right(square(3000, -9000, 9000, 9000), "R2", crs="EPSG:32719")
    rights = [here, there] if reaches_there else [here]
    found = weigh([(0, 0)], world(rights), position_kind=["utm"])
    assert found.frame.loc[0, "zone_sensitive"] == reaches_there


def test_reading_outside_the_country_is_no_doubt() -> None:
    there = Right(square(-500, -500, 500, 500), crs="EPSG:32719")
    here = area(square(-WIDE, -WIDE, WIDE, WIDE), admin_1="HERE")
    found = weigh([(0, 0)], world([there]), admin=here, position_kind=["utm"])
    assert not found.frame.loc[0, "zone_sensitive"]


def test_agrees_with_many_random_errors_one_by_one() -> None:
    rights, at = crowd(3)
    found = weigh(at, world(rights)).frame["class_probability"]
    rng = np.random.default_rng(1)
    radius = np.sqrt(-2 * np.log1p(rng.random(2500) * np.expm1(-(CUT**2) / 2))) * SIGMA
    turn = rng.random(2500) * 2 * np.pi
    step = np.column_stack([radius * np.cos(turn), radius * np.sin(turn)])

    def class_of(point: np.ndarray) -> str:
        here = [
            r for r, shape in zip(rights, shapes, strict=True) if shape.covers(shapely.Point(point))
        ]
        for status in ("titled", "pending", "extinct"):
            found = sorted((r for r in here if r.status == status), key=lambda r: r.filed_on)
            if found:
                titles = {"lsm_msm": "lsm", "small_scale": "small", "unknown": "unknown"}
                return titles[found[0].stratum] if status == "titled" else status
        return "open"

    shapes = [r.shape for r in rights]
    for prepared in shapes:
        shapely.prepare(prepared)
    for i in (0, 10, 20):
        stated = np.add(at[i], (X, Y))
        drawn = [class_of(stated + s) for s in step]
        assert found[i] == pytest.approx(np.mean(np.array(drawn) == class_of(stated)), abs=0.03)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_neither_order_nor_other_rows_nor_far_rights_matter(seed: int) -> None:
    rights, at = crowd(seed)
    alone = weigh(at, world(rights)).frame
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(at))
    far = [Right(square(90_000 + i, 0, 91_000 + i, 900), f"F{i}") for i in range(3)]
    others = [rights[i] for i in rng.permutation(len(rights))]
    together = weigh([at[i] for i in (*rows, *rows[:7])], world([*far, *others])).frame
    pd.testing.assert_frame_equal(together.iloc[np.argsort(rows)].reset_index(drop=True), alone)


def test_possible_answers_add_up_to_one() -> None:
    rights, at = crowd(4)
    possible = weigh([*at, (np.nan, np.nan)], world(rights)).possible
    total = possible.groupby("registration")["probability"].sum()
    assert total.index.tolist() == list(range(len(at) + 1))
    assert total.to_numpy() == pytest.approx(1)
