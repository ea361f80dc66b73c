"""Samples counted by compiled loops, against the same counted through GEOS."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from geoasm import sampling
from geoasm.kernels import engine, joins, samples
from geoasm.kernels.outlines import flatten
from geoasm.position_error import stencil
from tests.worlds import Right, crowd, weigh, world

THIN = shapely.Polygon([(0.1, 0.1), (0.7, 0.7), (0.1, 0.8)])


def both_ways(at, on, **given):
    out = []
    for way in ("shapely", "numba"):
        with engine.use(way):
            out.append(weigh(at, on, **given))
    return out


@pytest.mark.parametrize("seed", range(4))
def test_possible_answers_are_the_same_either_way(seed) -> None:
    rights, at = crowd(seed)

    one, other = both_ways(at, world(rights, owners={0: "R00", 3: "R04"}), sigma=150.0)

    order = list(one.possible.columns)
    assert len(one.possible) > len(at)
    pd.testing.assert_frame_equal(one.frame, other.frame)
    pd.testing.assert_frame_equal(
        one.possible.sort_values(order, ignore_index=True),
        other.possible.sort_values(order, ignore_index=True),
    )


def count(at, shapes, starts, sure=0, stated=False, base=0):
    """Count one row per shape, its place given by `starts`; the key of a row is its number plus one."""
    n = len(shapes)
    east, north = np.array([0.0, 1.0, -1.0, 2.0]), np.array([0.0, 0.0, 0.0, 0.0])
    rows = (np.arange(n), np.asarray(at, dtype=float), east, north)
    told = (np.full(n, sure), np.full(n, stated))
    return samples.count_answers(
        np.array(starts),
        np.full(len(starts) - 1, base, dtype=np.uint64),
        np.arange(1, n + 1).astype(np.uint64),
        *rows,
        *told,
        *flatten(np.array(shapes, dtype=object)),
    )


def test_sums_of_keys_are_counted_sample_by_sample() -> None:
    left, right = shapely.box(-5, -5, 0.5, 5), shapely.Polygon([(-0.5, -5), (9, 0), (-0.5, 5)])
    at = [[0, 0, 1, 0, 0, 1]] * 2

    place, total, n, sample, undecided = count(at, [left, right], [0, 2], base=10)

    assert dict(zip(total.tolist(), n.tolist(), strict=True)) == {13: 1, 12: 2, 11: 1}
    assert dict(zip(total.tolist(), sample.tolist(), strict=True)) == {13: 0, 12: 1, 11: 2}
    assert set(place) == {0}
    assert not len(undecided)


def test_samples_nearer_than_the_edge_fare_as_the_stated_point() -> None:
    at = [[0, 0, 1, 0, 0, 1]]

    _, total, n, _, _ = count(at, [shapely.box(50, 50, 60, 60)], [0, 1], sure=3, stated=True)

    assert dict(zip(total.tolist(), n.tolist(), strict=True)) == {1: 3, 0: 1}


def test_a_place_that_rounding_leaves_open_is_left_to_geos() -> None:
    share = np.random.default_rng(1).random(500)
    x = 0.1 + 0.6 * share
    y = np.nextafter(x, 1)
    at = np.column_stack([x, y, np.zeros((500, 4))])

    *_, undecided = count(at, [THIN] * 500, np.arange(501))

    told = {int(p) for p in joins.covers(np.array([THIN]), x, y)[0]}
    place, total, *_ = count(at, [THIN] * 500, np.arange(501))
    assert len(undecided) > 0
    assert not set(place) & set(undecided)
    assert {int(p) for p, t in zip(place, total, strict=True) if t} == told - set(undecided)


def test_places_that_are_left_open_are_counted_through_geos(monkeypatch) -> None:
    rights, at = crowd(7)
    on = world(rights)
    expected, _ = both_ways(at, on)
    real = samples.count_answers
    left = np.array([0, 2, 3])

    def undecided_for_some(*given):
        place, total, n, sample, _ = real(*given)
        kept = ~np.isin(place, left)
        return place[kept], total[kept], n[kept], sample[kept], left

    asked = []
    through_geos = sampling._sample

    def listen(open_, *rest):
        asked.append(open_["place"].nunique())
        return through_geos(open_, *rest)

    monkeypatch.setattr(samples, "count_answers", undecided_for_some)
    monkeypatch.setattr(sampling, "_sample", listen)
    with engine.use("numba"):
        found = weigh(at, on)

    assert asked == [3]
    pd.testing.assert_frame_equal(found.frame, expected.frame)


def test_rights_that_the_law_cannot_tell_apart_stand_for_each_other_where_alone() -> None:
    box = shapely.box(480_000, 8_900_000, 481_000, 8_901_000)
    kinds = [("titled", "lsm_msm"), ("extinct", "lsm_msm"), ("titled", "lsm_msm")]
    kinds += [("titled", "small_scale")]
    rights = [Right(box, f"R{i}", status, stratum=s) for i, (status, s) in enumerate(kinds)]

    standing = world(rights).standing
    assert standing.first[standing.kind[:-1]].tolist() == [0, 1, 0, 3]


def every_sample_by_geos(at, shape, east, north):
    x = at[0] + at[2] * east + at[4] * north
    y = at[1] + at[3] * east + at[5] * north
    return int(shapely.intersects_xy(shape, x, y).sum())


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e4])
@pytest.mark.parametrize("away", [0.0, 8e6])
def test_samples_beside_edges_and_corners_fare_as_geos_says(seed, scale, away) -> None:
    rng = np.random.default_rng(seed)
    east, north = stencil(200)
    corners = rng.uniform(-4, 4, (3, 40, 2))
    hull = shapely.convex_hull(shapely.multipoints(corners[0][:5]))
    notched = hull.difference(shapely.box(-0.5, -9, 0.5, 9)).union(shapely.box(-3, -3, 3, -2.5))
    split = shapely.segmentize(shapely.box(-3, -2, 1, 3), 0.8)
    holed = shapely.box(-3, -3, 3, 3).difference(shapely.Point(0.2, 0.1).buffer(0.7))
    moved = [
        shapely.transform(s, lambda at: at * scale + away)
        for s in (hull, notched, split, holed, holed.reverse(), shapely.Polygon([(0, 0), (5, 0.01), (5, -0.01)]))
    ]  # fmt: skip
    for shape in moved:
        ring = shapely.get_coordinates(shape)
        spots = np.vstack([corners[1] * scale + away, ring, (ring[1:] + ring[:-1]) / 2])
        n = len(spots)
        size = scale * rng.choice([0.02, 0.2, 1.0], n)
        turn = rng.uniform(0, 7, n)
        steps = np.column_stack([np.cos(turn), np.sin(turn), -np.sin(turn), np.cos(turn)])
        at = np.column_stack([spots, steps * size[:, None]])
        place, total, count_, _, undecided = samples.count_answers(
            np.arange(n + 1), np.zeros(n, dtype=np.uint64), np.ones(n, dtype=np.uint64),
            np.zeros(n, dtype=np.intp), at, east, north,
            np.zeros(n, dtype=np.intp), np.zeros(n, dtype=bool), *flatten(np.array([shape])),
        )  # fmt: skip
        inside = np.zeros(n, dtype=np.intp)
        inside[place[total == 1]] = count_[total == 1]
        told = np.setdiff1d(np.arange(n), undecided)
        expected = [every_sample_by_geos(at[i], shape, east, north) for i in told]
        assert inside[told].tolist() == expected
        assert len(told) > n / 2
