"""What covers the places where a registration may truly lie: samples tested near edges alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm import link, places
from geoasm.codes import Role
from geoasm.geometry import Floats, Geometries
from geoasm.kernels import engine
from geoasm.link import Points
from geoasm.places import Keys, Positions, World
from geoasm.position_error import CUT, N_SAMPLES, Spread, stencil
from geoasm.situations import truth_codes

Bools = npt.NDArray[np.bool_]

_TESTS_AT_ONCE = 1 << 21
_SLACK = 1.01  # pairs that were linked serve errors this much wider than they reach
_BOX_SHARE = 1 - 1e-12  # of its bounding box, and more, a polygon covers only if it is that box


def possible_answers(
    geometries: Geometries,
    pairs: pd.DataFrame,
    sigma_m: Floats,
    world: World,
) -> pd.DataFrame:
    """
    Give the answers that registrations near an edge may have, with their probabilities.

    Parameters
    ----------
    geometries
        Stated points (degrees), None without a position.
    pairs
        Linked pairs with `same_holder`, up to the law's `link_reach_m`.
    sigma_m
        Standard deviation per axis of each position (metres), NaN without one.

    Returns
    -------
    possible
        `registration`, `probability` and the axes of `classify`; registrations that no edge parts
        from their answer are left out.
    """
    spread = Spread(shapely.get_x(geometries), shapely.get_y(geometries), sigma_m, world.plan)
    near = _neighbours(geometries, pairs, spread, world)
    near = near[near["registration"].isin(near.loc[near["is_open"], "registration"])]
    # Registrations beside one right come together, so that it is indexed once for all of them.
    first = near["shape"].where(near["is_open"]).groupby(near["registration"]).min()
    ordered = first.sort_values(kind="stable").index.to_numpy()
    near = near.assign(
        place=pd.Series(np.arange(len(ordered)), index=ordered)
        .reindex(near["registration"])
        .to_numpy(),
        key=places.keys(near["shape"].to_numpy(), near["same_holder"].to_numpy()),
    ).sort_values(["place", "shape"], ignore_index=True)
    fixed, open_ = near[~near["is_open"]], near[near["is_open"]].reset_index(drop=True)
    base = places.sum_keys(fixed["place"].to_numpy(), fixed["key"].to_numpy(), len(ordered))
    if engine.compiled(len(open_)):
        blocks = _sample_compiled(open_, base, spread, world, N_SAMPLES)
    else:
        blocks = list(_sample(open_, base, spread, world, N_SAMPLES))
    runs, covering, key = _distinct(blocks, open_, fixed)
    judged = places.judge(covering, len(key), world)
    answer = judged.which[np.searchsorted(key, runs.key)]
    together = ordered[runs.place] * len(judged.answers) + answer
    distinct, which = np.unique(together, return_inverse=True)
    registration, answer = np.divmod(distinct, max(len(judged.answers), 1))
    out = judged.answers.iloc[answer].reset_index(drop=True)
    out.insert(0, "registration", registration)
    samples = np.bincount(which, weights=runs.samples, minlength=len(distinct))
    return out.assign(probability=samples / N_SAMPLES)


def _neighbours(
    geometries: Geometries, pairs: pd.DataFrame, spread: Spread, world: World
) -> pd.DataFrame:
    """
    List the shapes that cover each point, and those whose edge is within its error (`is_open`).

    Of areas the distance to the edge is not measured: 0, the least that it can be.
    """
    reach = CUT * spread.sigma_m
    linked_m = world.law.number("link_reach_m")
    parts = [_rights(pairs[(reach <= linked_m * _SLACK)[pairs["registration"]]], reach, world)]
    for rows in _bands(reach):
        points = Points(geometries[rows], world.plan)
        wide = np.flatnonzero(reach[rows] > linked_m * _SLACK)
        if len(wide):
            own = Points(geometries[rows[wide]], world.plan)
            rights = world.indexed[Role.CONCESSIONS]
            found = link.link(own, rights, reach_m=float(reach[rows].max()))
            found["registration"] = rows[wide][found["registration"]]
            found["same_holder"] = world.same_holder(found)
            parts.append(_rights(found, reach, world))
        for role, layer in world.layers.items():
            start = world.starts[role]
            inside = link.link_areas(points, world.indexed[role])
            beside = _beside(layer, spread, rows)
            found = pd.concat([beside.assign(is_open=True), inside.assign(is_open=False)])
            found = found.drop_duplicates(["registration", "area"])
            parts.append(
                pd.DataFrame(
                    {
                        "registration": rows[found["registration"]],
                        "shape": found["area"].to_numpy() + start,
                        "same_holder": 0,
                        "is_open": found["is_open"].to_numpy(),
                        "covered": False,
                        "edge_distance_m": 0.0,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def _bands(reach: Floats) -> Iterator[Positions]:
    """Part registrations by how far their error reaches, each band at most twice as far as the last."""
    known = np.flatnonzero(np.isfinite(reach))
    if len(known):
        band = np.ceil(np.log2(reach[known] / reach[known].min()))
        for value in np.unique(band):
            yield known[band == value]


def _rights(pairs: pd.DataFrame, reach: Floats, world: World) -> pd.DataFrame:
    is_open = pairs["edge_distance_m"].to_numpy() <= reach[pairs["registration"]]
    out = pd.DataFrame(
        {
            "registration": pairs["registration"].to_numpy(),
            "shape": pairs["concession"].to_numpy() + world.starts[Role.CONCESSIONS],
            "same_holder": truth_codes(pairs["same_holder"]),
            "is_open": is_open,
            "covered": pairs["covered"].to_numpy(dtype=bool),
            "edge_distance_m": pairs["edge_distance_m"].to_numpy(),
        }
    )
    return out[out["is_open"] | out["covered"]]


def _beside(layer: pd.DataFrame, spread: Spread, rows: Positions) -> pd.DataFrame:
    """Pair registrations with areas whose edge may be within the error; one too many does no harm."""
    parts = [np.empty((2, 0), dtype=np.intp)]
    for crs, areas in layer.groupby("crs_used").indices.items():
        at = spread.in_system(str(crs))[rows]
        # In degrees a metre is not as long east as north: the longer counts.
        reach = (
            CUT * _SLACK * np.maximum(np.hypot(at[:, 2], at[:, 3]), np.hypot(at[:, 4], at[:, 5]))
        )
        edges = shapely.boundary(layer["drawn"].to_numpy(dtype=object)[areas])
        wide = np.nanmax(reach, initial=0.0) * np.array([-1.0, -1.0, 1.0, 1.0])
        point, area = link.candidates(shapely.bounds(edges) + wide, at[:, 0], at[:, 1])
        shapely.prepare(edges)
        spots: Geometries = np.asarray(shapely.points(at[point, :2]), dtype=object)
        hit = shapely.dwithin(edges[area], spots, reach[point])
        parts.append(np.vstack([point[hit], areas[area[hit]]]))
    point, area = np.hstack(parts)
    return pd.DataFrame({"registration": point, "area": area})


class _Runs(NamedTuple):
    """How many samples of each place fell on each sum of keys."""

    place: Positions
    key: Keys
    samples: Positions


class _Sampled(NamedTuple):
    """What a block of places found: runs, and of each new sum of keys the shapes that make it."""

    runs: _Runs
    key: Keys
    place: Positions
    member: Positions  # number of the sum
    row: Positions  # of the open shapes


def _sample_compiled(
    open_: pd.DataFrame, base: Keys, spread: Spread, world: World, n_samples: int
) -> list[_Sampled]:
    """Test every sample of each place against its open shapes, in one go."""
    from geoasm.kernels import outlines, samples

    used, shape = np.unique(open_["shape"].to_numpy(), return_inverse=True)
    east, north = stencil(n_samples)
    place = open_["place"].to_numpy()
    starts = np.searchsorted(place, np.arange(len(base) + 1))
    at, sure = _spread_rows(open_, spread, world, np.hypot(east, north))
    stated = open_["covered"].to_numpy()
    tested = (at, east, north, sure, stated, *outlines.flatten(world.shapes[used]))
    *found, left = samples.count_answers(starts, base, open_["key"].to_numpy(), shape, *tested)
    runs, sample = _Runs(*found[:3]), found[3]
    key, head = np.unique(runs.key, return_index=True)
    member, row = samples.list_members(runs.place[head], sample[head], starts, shape, *tested)
    blocks = [_Sampled(runs, key, runs.place[head], member, row)]
    if len(left):
        # Rounding leaves a sample open: the places go the other way, where GEOS decides.
        rows = np.flatnonzero(np.isin(place, left))
        again = open_.iloc[rows].assign(place=np.searchsorted(left, place[rows]))
        for block in _sample(again.reset_index(drop=True), base[left], spread, world, n_samples):
            moved = block.runs._replace(place=left[block.runs.place])
            blocks.append(block._replace(runs=moved, place=left[block.place], row=rows[block.row]))
    return blocks


def _spread_rows(
    open_: pd.DataFrame, spread: Spread, world: World, away: Floats
) -> tuple[Floats, Positions]:
    """Give each row's position and steps in its shape's system, and how many samples are sure."""
    registration = open_["registration"].to_numpy()
    numbers, systems = world.system_numbers
    system = numbers[open_["shape"].to_numpy()]
    at = np.empty((len(open_), 6))
    for i in np.unique(system):
        here, crs = system == i, systems[i]
        at[here] = spread.in_system(str(crs))[registration[here]]
    # Nearer than the edge nothing changes; samples go outward.
    free_m = open_["edge_distance_m"].to_numpy() / _SLACK
    return at, np.searchsorted(away, free_m / spread.sigma_m[registration])


def _sample(
    open_: pd.DataFrame, base: Keys, spread: Spread, world: World, n_samples: int
) -> Iterator[_Sampled]:
    """Test every sample of each place against its open shapes, block by block."""
    east, north = stencil(n_samples)
    ends = np.cumsum(np.bincount(open_["place"], minlength=len(base)))
    starts = np.concatenate([[0], ends[:-1]]).astype(np.intp)
    shape, key = open_["shape"].to_numpy(), open_["key"].to_numpy()
    registration = open_["registration"].to_numpy()
    stated = open_["covered"].to_numpy()
    free_m = open_["edge_distance_m"].to_numpy() / _SLACK
    away = np.hypot(east, north)
    bounds = shapely.bounds(world.shapes)
    box_area = (bounds[:, 2] - bounds[:, 0]) * (bounds[:, 3] - bounds[:, 1])
    is_box = shapely.area(world.shapes) >= _BOX_SHARE * box_area
    first = 0
    while first < len(base):
        limit = starts[first] + _TESTS_AT_ONCE // n_samples
        last = max(first + 1, int(np.searchsorted(ends, limit, side="right")))
        rows = slice(int(starts[first]), int(ends[last - 1]))
        inside = np.zeros((rows.stop - rows.start, n_samples), dtype=bool)
        systems = world.systems[shape[rows]]
        for crs in np.unique(systems.astype(str)):
            here = np.flatnonzero(systems == crs)
            at = spread.in_system(str(crs))[registration[rows][here]]
            x = at[:, 0, None] + at[:, 2, None] * east + at[:, 4, None] * north
            y = at[:, 1, None] + at[:, 3, None] * east + at[:, 5, None] * north
            # Nearer than the edge nothing changes; samples go outward.
            sure = np.searchsorted(
                away, free_m[rows][here] / spread.sigma_m[registration[rows][here]]
            )
            inside[here] = _covers(
                world.shapes, bounds, is_box, shape[rows][here], x, y, sure, stated[rows][here]
            )
        sums = np.add.reduceat(
            np.where(inside, key[rows, None], np.uint64(0)), starts[first:last] - rows.start, axis=0
        )
        yield _sum_up(
            sums + base[first:last, None], inside, starts[first:last], ends[first:last], first
        )
        first = last


def _covers(
    shapes: Geometries,
    bounds: Floats,
    is_box: Bools,
    shape: Positions,
    x: Floats,
    y: Floats,
    sure: Positions,
    stated: Bools,
) -> Bools:
    """Test each row of samples against its shape; the first `sure` of them fare as the stated point."""
    west, south, east, north = bounds[shape].T[:, :, None]
    inside: Bools = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    is_sure = np.arange(x.shape[1]) < sure[:, None]
    inside = np.where(is_sure, stated[:, None], inside)
    row, column = np.nonzero(inside & ~is_box[shape][:, None] & ~is_sure)
    used = np.unique(shape[row])
    shapely.prepare(shapes[used])
    inside[row, column] = shapely.intersects_xy(shapes[shape[row]], x[row, column], y[row, column])
    shapely.destroy_prepared(shapes[used])
    return inside


def _sum_up(sums: Keys, inside: Bools, starts: Positions, ends: Positions, first: int) -> _Sampled:
    """Count equal sums of each place, and tell of each new sum which shapes make it."""
    in_order = np.sort(sums, axis=1)
    is_new = np.ones(sums.shape, dtype=bool)
    is_new[:, 1:] = in_order[:, 1:] != in_order[:, :-1]
    flat = np.flatnonzero(is_new)
    place = flat // sums.shape[1]
    key = in_order.ravel()[flat]
    runs = _Runs(first + place, key, np.diff(np.append(flat, sums.size)))
    distinct, head = np.unique(key, return_index=True)
    of = place[head]
    sample = np.argmax(sums[of] == distinct[:, None], axis=1)
    n_open = (ends - starts)[of]
    member = np.repeat(np.arange(len(of)), n_open)
    row = (
        np.arange(len(member)) - np.repeat(np.cumsum(n_open) - n_open, n_open) + starts[of][member]
    )
    hit = inside[row - starts[0], sample[member]]
    return _Sampled(runs, distinct, first + of, member[hit], row[hit])


def _distinct(
    blocks: list[_Sampled], open_: pd.DataFrame, fixed: pd.DataFrame
) -> tuple[_Runs, pd.DataFrame, Keys]:
    """Put blocks together: what covers the first place of each distinct sum of keys."""
    if not blocks:
        none = np.empty(0, dtype=np.intp)
        keys = none.astype(np.uint64)
        return _Runs(none, keys, none), fixed.assign(case=fixed["place"]), keys
    runs = _Runs(*(np.concatenate(part) for part in zip(*(b.runs for b in blocks), strict=True)))
    sizes = np.cumsum([0, *(len(b.key) for b in blocks)])
    member = np.concatenate([b.member + size for b, size in zip(blocks, sizes, strict=False)])
    row = np.concatenate([b.row for b in blocks])
    key, head = np.unique(np.concatenate([b.key for b in blocks]), return_index=True)
    case = np.full(sizes[-1], -1)
    case[head] = np.arange(len(head))
    kept = case[member] >= 0
    sampled = open_.iloc[row[kept]].assign(case=case[member[kept]])
    place = np.concatenate([b.place for b in blocks])[head]
    always = pd.DataFrame({"case": np.arange(len(head)), "place": place}).merge(fixed, on="place")
    covering = pd.concat([sampled, always], ignore_index=True)
    return runs, covering[["case", "shape", "same_holder"]], key
