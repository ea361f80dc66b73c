"""Sums of masks over polygons: a pixel counts with the part of it that lies inside, wherever and however."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import exactextract
import numpy as np
import pytest
import shapely
from affine import Affine
from exactextract.raster import NumPyRasterSource
from hypothesis import assume, given
from hypothesis import strategies as st
from rasterio.features import rasterize
from shapely import MultiPolygon, Polygon, affinity, box

from geoasm.kernels import engine
from geoasm.zonal import Outlines, tiles

NORTH_UP = (10.0, 0.0, 1000.0, 0.0, -10.0, 2000.0)
GRIDS = {
    "north-up": NORTH_UP,
    "south-up": (10.0, 0.0, 1000.0, 0.0, 10.0, 2000.0),
    "east-left": (-10.0, 0.0, 1000.0, 0.0, -10.0, 2000.0),
    "rotated": (9.0, 3.0, 1000.0, 2.0, -11.0, 2000.0),
    "turned by a quarter": (0.0, 10.0, 1000.0, 10.0, 0.0, 2000.0),
    "degrees": (1 / 3600, 0.0, -75.0, 0.0, -1 / 3600, -9.0),
}
ROWS, COLUMNS = 11, 9
MASK = np.random.default_rng(4).random((ROWS, COLUMNS)) < 0.5
RING = MultiPolygon([box(1, 1, 8, 9) - box(2.3, 2.7, 6.1, 5.5), box(3, 3, 4, 4)])
SHAPES = {
    "one pixel": box(4, 4, 5, 5),
    "edges on pixel lines": box(2, 3, 7, 8),
    "the whole grid": box(0, 0, COLUMNS, ROWS),
    "inside one pixel": box(4.2, 4.3, 4.6, 4.4),
    "a sliver": Polygon([(0.5, 0.5), (8.5, 9.5), (8.5, 9.5001)]),
    "nearly upright": affinity.rotate(box(2.5, 2.5, 6.5, 8.5), 0.001),
    "a diamond through corners": Polygon([(4, 1), (8, 5), (4, 9), (0, 5)]),
    "a part in a hole": RING,
    "over the left edge": box(-5, 2, 3.5, 7),
    "over the right edge": box(6.5, 2, 30, 7),
    "over all edges": Polygon([(-3, 5), (4, -6), (14, 5), (4, 18)]),
    "around the grid": box(-10, -10, 30, 30) - box(-1, -1, COLUMNS + 1, ROWS + 1),
    "outside": box(20, 2, 25, 7),
    "beside the corner": Polygon([(-1, 3), (-1, -1), (3, -1)]),
    "touching from outside": box(-3, 0, 0, ROWS),
}


def on_grid(shapes: list, transform: tuple[float, ...]) -> np.ndarray:
    """Shapes in pixel coordinates, brought to where a grid lies."""
    a, b, c, d, e, f = transform
    out = np.empty(len(shapes), dtype=object)
    out[:] = [
        None if s is None else affinity.affine_transform(s, (a, b, d, e, c, f)) for s in shapes
    ]
    return out


def summed(
    polygons: np.ndarray,
    transform: tuple[float, ...] = NORTH_UP,
    masks: tuple[np.ndarray, ...] = (MASK,),
    block: tuple[int, int] = (4, 3),
    **windows: int,
) -> np.ndarray:
    def read(window: tuple[int, int, int, int]) -> Iterator[np.ndarray]:
        row, column, rows, columns = window
        for mask in masks:
            yield mask[row : row + rows, column : column + columns]

    shape = masks[0].shape
    return Outlines(polygons, transform).sums(shape, block, read, len(masks), **windows)


def test_the_way_that_rings_run_counts_for_nothing() -> None:
    shapes = [*SHAPES.values(), None, Polygon()]
    forth = on_grid(shapes, NORTH_UP)
    assert len({bool(way) for way in shapely.is_ccw(shapely.get_exterior_ring(forth[:3]))}) == 1
    some = np.arange(len(shapes)) % 2 == 0
    for back in (shapely.reverse(forth), np.where(some, shapely.reverse(forth), forth)):
        # Where a ring begins stays: the same edges, the other way.
        assert summed(back) == pytest.approx(summed(forth), abs=1e-12, nan_ok=True)


def one_by_one(polygons: np.ndarray, transform: tuple[float, ...], mask: np.ndarray) -> np.ndarray:
    """Cut every set pixel with every polygon: slow, and nothing to go wrong."""
    cells = [box(c, r, c + 1, r + 1) for r, c in zip(*np.nonzero(mask), strict=True)]
    pixels = on_grid(cells, transform)
    a, b, _, d, e, _ = transform
    area = np.array(
        [
            0.0 if p is None else shapely.area(shapely.intersection(p, pixels)).sum()
            for p in polygons
        ]
    )
    return area / abs(a * e - b * d)


def extracted(polygons: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The sums of exactextract, in pixel coordinates turned north-up."""
    rows, columns = mask.shape
    flipped = [affinity.affine_transform(p, (1, 0, 0, -1, 0, rows)) for p in polygons]
    source = NumPyRasterSource(mask.astype(float), xmin=0, ymin=0, xmax=columns, ymax=rows)
    features = [
        {"type": "Feature", "geometry": shapely.geometry.mapping(p), "properties": {"id": i}}
        for i, p in enumerate(flipped)
    ]
    found = exactextract.exact_extract(source, features, ["sum"])
    return np.array([feature["properties"]["sum"] or 0.0 for feature in found])


@pytest.mark.parametrize("transform", GRIDS.values(), ids=GRIDS)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_sum_is_that_of_cutting_every_pixel(
    shape: shapely.Geometry, transform: tuple[float, ...]
) -> None:
    polygons = on_grid([shape], transform)
    want = one_by_one(polygons, transform, MASK)
    assert summed(polygons, transform)[0] == pytest.approx(want, abs=2e-6)


@pytest.mark.parametrize("transform", GRIDS.values(), ids=GRIDS)
def test_weight_is_the_area_in_pixels_wherever_it_lies(transform: tuple[float, ...]) -> None:
    outlines = Outlines(on_grid(list(SHAPES.values()), transform), transform)
    assert outlines.weights == pytest.approx([s.area for s in SHAPES.values()], rel=1e-5)


on_lines = st.integers(-3, 14).map(float)
# Never on a line: exactextract errs by whole pixels for some polygons that touch themselves on one.
between = st.integers(-3_000, 14_000).map(lambda n: (n + 0.5) / 1000)


@st.composite
def polygon(draw: st.DrawFn, at: st.SearchStrategy = on_lines | between) -> shapely.Geometry:
    """Any polygon with any hole, mended: parts, slivers, vertices on pixel lines, beyond the border."""
    n = draw(st.integers(3, 8))
    rings = [
        Polygon(draw(st.lists(st.tuples(at, at), min_size=n, max_size=n)))
        for _ in range(draw(st.integers(1, 2)))
    ]
    mended = [shapely.make_valid(ring) for ring in rings]
    shape = mended[0] if len(mended) == 1 else shapely.difference(*mended)
    parts = [p for p in shapely.get_parts([shape]) if p.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)


masks = (
    st.integers(0, 2**16)
    .map(lambda seed: np.random.default_rng(seed))
    .map(lambda rng: rng.random((ROWS, COLUMNS)) < rng.choice([0.05, 0.5, 0.95, 1.0]))
)


@given(st.lists(polygon(between), min_size=1, max_size=4), masks)
def test_sum_is_that_of_exactextract(shapes: list, mask: np.ndarray) -> None:
    polygons = np.array([s for s in shapes if not s.is_empty], dtype=object)
    if len(polygons):
        own = summed(polygons, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), (mask,))[0]
        assert own == pytest.approx(extracted(polygons, mask), abs=1e-5)


@given(polygon(), masks, st.sampled_from(list(GRIDS)))
def test_sum_is_that_of_cutting_on_any_grid(
    shape: shapely.Geometry, mask: np.ndarray, name: str
) -> None:
    polygons = on_grid([shape], GRIDS[name])
    assume(polygons[0].is_valid)  # rounding may cross edges that nearly touch
    want = one_by_one(polygons, GRIDS[name], mask)
    assert summed(polygons, GRIDS[name], (mask,))[0] == pytest.approx(want, abs=2e-6)


@given(
    st.lists(polygon(), min_size=1, max_size=4), masks,
    st.integers(1, 200), st.integers(1, 11), st.integers(1, 9),
)  # fmt: skip
def test_windows_change_nothing(
    shapes: list, mask: np.ndarray, pixels: int, rows: int, columns: int
) -> None:
    polygons = on_grid(shapes, NORTH_UP)
    whole = summed(polygons, masks=(mask,), block=mask.shape)
    divided = summed(polygons, masks=(mask,), block=(rows, columns), pixels=pixels)
    assert divided == pytest.approx(whole, abs=1e-9)


@given(polygon(), masks, st.integers(0, 5), st.integers(0, 5))
def test_moving_grid_and_polygon_by_whole_pixels_changes_nothing(
    shape: shapely.Geometry, mask: np.ndarray, right: int, down: int
) -> None:
    moved = np.zeros((ROWS + 5, COLUMNS + 5), dtype=bool)
    moved[down : down + ROWS, right : right + COLUMNS] = mask
    inside = shapely.intersection(shape, box(0, 0, COLUMNS, ROWS))
    there = affinity.translate(inside, right, down)
    unit = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    before = summed(np.array([inside], dtype=object), unit, (mask,))
    after = summed(np.array([there], dtype=object), unit, (moved,))
    assert after == pytest.approx(before, abs=1e-6)


def test_pieces_of_a_polygon_sum_to_the_whole() -> None:
    whole = SHAPES["over all edges"]
    pieces = [
        whole & box(x, y, x + 2.5, y + 3.1)
        for x in np.arange(-5, 15, 2.5)
        for y in np.arange(-6.2, 18.6, 3.1)
    ]
    kept = [p for p in pieces if p.area]
    own = summed(on_grid([whole, *kept], NORTH_UP))[0]
    assert own[1:].sum() == pytest.approx(own[0], abs=1e-5)


def test_masks_of_one_grid_are_summed_together() -> None:
    polygons = on_grid(list(SHAPES.values()), NORTH_UP)
    several = (MASK, ~MASK, np.zeros_like(MASK), np.ones_like(MASK))
    own = summed(polygons, masks=several)
    assert own[0] + own[1] == pytest.approx(own[3], abs=1e-9)
    assert not own[2].any()
    assert own[0] == pytest.approx(summed(polygons)[0], abs=1e-12)


def test_what_the_grid_does_not_reach_has_no_sum_but_a_weight() -> None:
    everything = np.ones_like(MASK)
    polygons = on_grid([SHAPES["over the right edge"], SHAPES["outside"]], NORTH_UP)
    own = summed(polygons, masks=(everything,))[0]
    assert own == pytest.approx([2.5 * 5, 0.0])
    assert Outlines(polygons, NORTH_UP).weights == pytest.approx([23.5 * 5, 25.0])


def test_a_polygon_beside_set_pixels_has_exactly_nothing() -> None:
    mask = np.zeros_like(MASK)
    mask[0, 0] = True
    rng = np.random.default_rng(2)
    # their boxes hold the pixel, they do not
    corners = [
        Polygon([(a, 3 + b), (3 + b, a), (3 + a, 3 + b)]) for a, b in rng.uniform(0, 1, (50, 2))
    ]
    own = summed(on_grid(corners, GRIDS["rotated"]), GRIDS["rotated"], (mask,))[0]
    assert own.tolist() == [0.0] * 50


def test_no_polygon_has_no_sum() -> None:
    polygons = on_grid([None, Polygon(), MultiPolygon(), SHAPES["one pixel"]], NORTH_UP)
    own = summed(polygons, masks=(np.ones_like(MASK),))[0]
    assert own == pytest.approx([0, 0, 0, 1])
    assert summed(np.empty(0, dtype=object)).shape == (1, 0)


def test_only_windows_near_a_polygon_are_read() -> None:
    polygons = on_grid([box(1, 1, 2, 2), box(81, 91, 82, 92)], NORTH_UP)
    read = [w for w, _ in Outlines(polygons, NORTH_UP).windows((100, 100), (10, 10), pixels=100)]
    assert read == [(1, 1, 1, 1), (91, 81, 1, 1)]


@pytest.mark.parametrize(
    ("shape", "block", "pixels"),
    [
        ((100, 90), (10, 10), 400),
        ((100, 90), (256, 256), 400),  # one block is more than a window may hold
        ((100, 90), (1, 90), 400),
        ((100, 90), (1, 90), 50),  # so is a strip
        ((100, 90), (100, 90), 1),
        ((1, 1), (1, 1), 1000),
    ],
)
def test_tiles_cover_a_grid_once_and_keep_to_their_size(
    shape: tuple[int, int], block: tuple[int, int], pixels: int
) -> None:
    count = np.zeros(shape, dtype=int)
    for row, column, rows, columns in tiles(shape, block, pixels):
        count[row : row + rows, column : column + columns] += 1
        assert rows * columns <= pixels
    assert (count == 1).all()


def test_tiles_are_whole_blocks() -> None:
    for row, column, _, _ in tiles((1000, 900), (64, 32), 200 * 200):
        assert row % 64 == 0
        assert column % 32 == 0


@given(st.lists(polygon(), min_size=1, max_size=4), masks, st.booleans())
def test_compiled_sums_are_the_same_to_the_bit(
    shapes: list, mask: np.ndarray, turned: bool
) -> None:
    polygons = on_grid(shapes, NORTH_UP)
    mask = np.asfortranarray(mask) if turned else mask
    with engine.use("shapely"):
        plain = summed(polygons, masks=(mask,), pixels=24)
    with engine.use("numba"):
        compiled = summed(polygons, masks=(mask,), pixels=24)

    assert compiled.tolist() == plain.tolist()


@pytest.mark.parametrize("way", ["shapely", "numba"])
def test_second_sums_of_a_long_strip_do_not_overflow(way: str) -> None:
    mask = np.ones((2, 70_000), dtype=bool)
    mask[1, ::2] = False
    leaning = Polygon([(0, 0.5), (70_000, 0), (70_000, 2), (0, 1.5)])
    with engine.use(way):
        own = summed(on_grid([leaning], NORTH_UP), masks=(mask,), block=(2, 70_000))[0]
    assert own == pytest.approx([70_000 * (0.75 + 0.75 / 2)], rel=1e-5)


def test_many_edges_are_cut_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0, 300, (2, 2000))
    shapes = [affinity.rotate(box(a, b, a + 200, b + 200), 30) for a, b in zip(x, y, strict=True)]
    mask = rng.random((512, 512)) < 0.5
    polygons = on_grid(shapes, NORTH_UP)
    at_once = summed(polygons, masks=(mask,), block=(512, 512))

    monkeypatch.setattr("geoasm.zonal._PIECES", 10_000)
    tracemalloc.start()
    divided = summed(polygons, masks=(mask,), block=(512, 512))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert divided == pytest.approx(at_once, abs=1e-9)
    assert peak < 12e6


def test_memory_depends_on_the_window_not_on_the_raster() -> None:
    def peak(side: int) -> int:
        polygons = on_grid([box(9.5, 9.5, side - 9.5, side - 9.5)], NORTH_UP)

        def read(window: tuple[int, int, int, int]) -> Iterator[np.ndarray]:
            mask = np.zeros(window[2:], dtype=bool)
            mask[::3] = True
            yield mask

        outlines = Outlines(polygons, NORTH_UP)
        tracemalloc.start()
        outlines.sums((side, side), (128, 128), read, 1, pixels=1 << 16)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(2048) < 1.2 * peak(512)


def test_affine_of_rasterio_is_the_transform_meant_here() -> None:
    shape = on_grid([box(2, 3, 7, 8)], NORTH_UP)[0]
    burnt = rasterize([shape], (ROWS, COLUMNS), transform=Affine(*NORTH_UP))
    assert summed(np.array([shape], dtype=object))[0] == pytest.approx([(burnt & MASK).sum()])
