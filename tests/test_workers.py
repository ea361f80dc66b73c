"""Work in parts gives, row for row, what work in one piece gives."""

from __future__ import annotations

import pickle
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
import shapely

from geoasm import confidence, geometry, link
from geoasm.codes import AsmClass, Role
from geoasm.geometry import operation
from geoasm.index import Index
from geoasm.io.profiles import load_profile
from geoasm.kernels import engine
from geoasm.link import Points
from geoasm.model import Result
from geoasm.places import AXES
from geoasm.workers import Here
from tests.cells import whole_world
from tests.hands import Posted, add
from tests.test_pipeline import run
from tests.worlds import ZONE, Right, X, Y, crowd, weigh, world

PE = load_profile("pe")


def assert_same(one: Result, other: Result) -> None:
    """All but the seconds that it took."""
    for field in fields(Result):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if isinstance(mine, pd.DataFrame):
            pd.testing.assert_frame_equal(mine, theirs, check_exact=True)
        elif field.name == "manifest":
            assert {**mine, "timings_s": 0} == {**theirs, "timings_s": 0}
        elif field.name in ("context", "review"):
            assert mine.keys() == theirs.keys()
            for name, frame in mine.items():
                pd.testing.assert_frame_equal(frame, theirs[name])
        else:
            assert mine == theirs


def test_here_everything_is_one_part_done_in_order() -> None:
    assert Here().cut(10**6) == 1
    assert list(Here().map(add, 10, range(4))) == [10, 11, 12, 13]


# --- parts


def test_parts_hold_every_place_once_and_neighbours_together() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.uniform(-80, -70, 1000), rng.uniform(-15, -5, 1000)
    x[::50] = np.nan

    parts = geometry.cut(x, y, 16)

    assert sorted(np.concatenate(parts)) == list(range(1000))
    assert {len(part) for part in parts} <= {62, 63}
    assert all((np.diff(part) > 0).all() for part in parts)
    assert np.isnan(x[parts[-1]]).sum() == 20
    spread = [np.ptp(x[part]) * np.ptp(y[part]) for part in parts[:-1]]
    assert np.mean(spread) < 0.25 * 10 * 10


@pytest.mark.parametrize(("n", "parts"), [(0, 5), (1, 5), (3, 5), (5, 1)])
def test_few_places_make_few_parts(n: int, parts: int) -> None:
    cut = geometry.cut(np.zeros(n), np.arange(n, dtype=float), parts)
    assert len(cut) == max(min(n, parts), 1)
    assert sorted(np.concatenate(cut)) == list(range(n))


# --- the same answers


@pytest.fixture(scope="module")
def whole() -> Result:
    return run()


@pytest.mark.parametrize("n", [2, 7, 1000])
def test_a_run_in_parts_is_the_run_in_one(whole: Result, n: int) -> None:
    hands = Posted(n)
    assert_same(whole, run(workers=hands))
    assert len(hands.parts) == 2
    assert max(hands.parts) == min(n, len(whole.registrations))


def test_a_register_with_one_place_left_is_the_same_in_parts() -> None:
    frames = whole_world()
    lost = frames[Role.REGISTRATIONS]
    lost.loc[1:, ["LONGITUD_G84", "LATITUD_G84"]] = None
    alone = run(frames)
    assert (alone.registrations["asm_class"] == AsmClass.UNLOCATABLE).sum() > 10
    assert_same(alone, run(frames, workers=Posted(4)))


@pytest.mark.parametrize("sigma", [30.0, 400.0])
@pytest.mark.parametrize("way", ["shapely", "numba"])
def test_what_is_sampled_in_parts_knows_each_registrant(sigma: float, way: str) -> None:
    rights, at = crowd(3)
    on = world(rights, owners={0: "R00", 3: "R04", 11: "R02", 17: "R09"})
    with engine.use(way):
        one, other = (weigh(at, on, sigma=sigma, workers=hands) for hands in (None, Posted(6)))
    pd.testing.assert_frame_equal(one.frame, other.frame, check_exact=True)
    pd.testing.assert_frame_equal(one.possible, other.possible, check_exact=True)


def test_no_registration_at_all_has_no_answers() -> None:
    rights, _ = crowd(1)
    nobody = np.empty(0)
    stated = confidence._Places(nobody, nobody, nobody, np.empty(0, object), [], [])
    pairs = pd.DataFrame(
        {
            "registration": np.empty(0, np.intp), "concession": np.empty(0, np.intp),
            "covered": np.empty(0, bool), "edge_distance_m": nobody,
            "same_holder": pd.array([], dtype="boolean"),
        }
    )  # fmt: skip
    found, former, zones = confidence._look(stated, pairs, world(rights), Posted(3))
    assert len(found) == len(former) == len(zones) == 0
    assert list(found) == ["registration", *AXES, "probability"]


# --- what travels


def places(at: list[tuple[float, float]]) -> np.ndarray:
    x, y = np.array(at).T
    return geometry.points(*operation(ZONE, "EPSG:4326", PE.crs).points(x + X, y + Y))


def test_an_index_is_the_same_after_a_journey(way: str) -> None:
    rights, at = crowd(2)
    frame = world(rights).concessions
    frame["drawn"] = frame["drawn"].where(frame.index != 3, None)
    frame["planar"] = frame["planar"].where(frame.index != 3, None)
    index = Index(frame)
    points = Points(places(at), PE.crs)
    before = link.link(points, frame, reach_m=200.0)
    link.link(points, index, reach_m=200.0)

    sent = pickle.dumps(index)
    after = link.link(points, pickle.loads(sent), reach_m=200.0)

    assert len(before) > 20
    pd.testing.assert_frame_equal(before, after)
    assert sent == pickle.dumps(Index(frame))  # what was made of the shapes stays at home


def test_a_world_carries_its_shapes_and_no_more() -> None:
    on = world([Right(shapely.box(0, 0, 1, 1))])
    sent = pickle.dumps(on)
    assert on.indexed
    assert on.standing is not None
    assert len(pickle.dumps(on)) == len(sent)
    there = pickle.loads(sent)
    assert there.shapes[0].equals(on.shapes[0])
    pd.testing.assert_frame_equal(there.concessions, on.concessions)
