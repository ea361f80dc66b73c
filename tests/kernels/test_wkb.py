"""Well-known binary into outlines and coordinates: what GEOS makes of it, and no byte beyond a value."""

from __future__ import annotations

import struct

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoasm.errors import BrokenGeometry, NotPoints, NotPolygons
from geoasm.kernels import outlines, wkb

SQUARE = shapely.box(0, 0, 10, 10)
HOLED = shapely.Polygon([(0, 0), (10, 0), (10, 10), (0, 10)], [[(4, 4), (6, 4), (6, 6), (4, 6)]])
TWO = shapely.MultiPolygon([HOLED, shapely.box(40, 0, 60, 2)])
FLAVOURS = ("iso", "extended")


def packed(values):
    """Bytes, offsets and presence, as an Arrow column holds them."""
    ends = np.cumsum([0, *(0 if v is None else len(v) for v in values)])
    data = np.frombuffer(b"".join(v or b"" for v in values), np.uint8)
    return data, ends, np.array([v is not None for v in values], dtype=bool)


def ring(points, order="<"):
    flat = b"".join(struct.pack(f"{order}{len(p)}d", *p) for p in points)
    return struct.pack(f"{order}I", len(points)) + flat


def polygon(rings, code=3, order="<"):
    head = struct.pack(f"{order}BII", order == "<", code, len(rings))
    return head + b"".join(ring(r, order) for r in rings)


def same(found, expected):
    return all(
        np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
        for a, b in zip(found, expected, strict=True)
    )


@st.composite
def shapes(draw):
    """Boxes, stars, holes, several parts, empty ones and missing ones, some with heights."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale = draw(st.sampled_from([1.0, 1e-3, 1e150, 1 / 3]))
    out = np.empty(draw(st.integers(0, 12)), dtype=object)
    for i in range(len(out)):
        angle = np.sort(rng.random(rng.integers(3, 40))) * 2 * np.pi
        star = shapely.Polygon(np.column_stack([np.cos(angle), np.sin(angle)]) * scale)
        kinds = [None, shapely.Polygon(), shapely.MultiPolygon(), star, HOLED, TWO, SQUARE]
        out[i] = kinds[rng.integers(0, len(kinds))]
        if out[i] is not None and not rng.integers(3):
            out[i] = shapely.force_3d(out[i], 7.0)
    return out


@settings(max_examples=150)
@given(shapes(), st.sampled_from(FLAVOURS), st.sampled_from([0, 1]), st.booleans())
def test_outlines_are_those_of_the_shapes(polygons, flavour, order, system) -> None:
    if system:
        polygons = shapely.set_srid(polygons, 32718)
    written = shapely.to_wkb(
        polygons, flavor=flavour, byte_order=order, include_srid=system and flavour == "extended"
    )

    assert same(wkb.polygons(*packed(written)), outlines.flatten(polygons))


@settings(max_examples=80)
@given(
    st.lists(st.none() | st.tuples(*[st.floats(allow_nan=False)] * 3), max_size=20),
    st.sampled_from(FLAVOURS),
    st.sampled_from([0, 1]),
    st.booleans(),
)
def test_points_are_where_geos_sees_them(spots, flavour, order, flat) -> None:
    points = np.array([s and shapely.Point(s[:2] if flat else s) for s in spots], dtype=object)
    written = shapely.to_wkb(points, flavor=flavour, byte_order=order)

    x, y = wkb.points(*packed(written))

    assert np.array_equal(x, shapely.get_x(points), equal_nan=True)
    assert np.array_equal(y, shapely.get_y(points), equal_nan=True)


def test_an_empty_point_has_no_place() -> None:
    x, y = wkb.points(*packed([shapely.to_wkb(shapely.Point()), None]))

    assert np.isnan(x).all()
    assert np.isnan(y).all()


@pytest.mark.parametrize("code", [2003, 3 | 0x40000000])
def test_measures_are_dropped(code) -> None:
    measured = [(0, 0, 1), (5, 0, 2), (5, 5, 3), (0, 0, 4)]

    found = wkb.polygons(*packed([polygon([measured], code)]))

    assert found.vertices.tolist() == [[0, 0], [5, 0], [5, 5], [0, 0]]


@pytest.mark.parametrize("shape", [SQUARE, HOLED, TWO], ids=lambda s: s.geom_type)
@pytest.mark.parametrize("order", [0, 1])
def test_a_shape_cut_off_anywhere_is_an_error_that_names_its_row(shape, order) -> None:
    whole = shapely.to_wkb(shape, byte_order=order)
    for length in range(len(whole)):
        # What stands behind in the buffer must not be taken for the rest.
        with pytest.raises(BrokenGeometry, match=r"^row 12 is no well-known binary"):
            wkb.polygons(*packed([whole, whole[:length], whole]), first=10)


@pytest.mark.parametrize("order", [0, 1])
def test_a_point_cut_off_anywhere_is_an_error(order) -> None:
    whole = shapely.to_wkb(shapely.Point(1, 2), byte_order=order)
    for length in range(len(whole)):
        with pytest.raises(BrokenGeometry, match=r"^row 1 "):
            wkb.points(*packed([whole[:length], whole]))


@pytest.mark.parametrize(
    "value",
    [
        struct.pack("<BII", 1, 3, 2**32 - 1),
        struct.pack("<BIII", 1, 3, 1, 2**32 - 1) + bytes(64),
        struct.pack("<BII", 1, 6, 2**32 - 1) + bytes(64),
        struct.pack("<BIII", 1, 1003, 1, 4) + bytes(4 * 16),
        b"\x02" + polygon([[(0, 0), (1, 0), (1, 1), (0, 0)]])[1:],
        polygon([[(0, 0), (1, 0), (1, 1), (0, 0)]], code=9003),
        polygon([[(0, 0), (1, 0), (1, 1), (0, 1)]]),
        polygon([[(np.nan, 0), (1, 0), (1, 1), (np.nan, 0)]]),
        polygon([[(0, 0), (0, 0)]]),
        polygon([[], [(0, 0), (1, 0), (1, 1), (0, 0)]]),
        struct.pack("<BII", 1, 6, 1) + shapely.to_wkb(shapely.Point(0, 0)),
    ],
)
def test_absurd_counts_and_broken_rings_are_errors(value) -> None:
    with pytest.raises(BrokenGeometry, match=r"^row 1 is no well-known binary"):
        wkb.polygons(*packed([value]))


def test_rings_that_geos_takes_are_taken() -> None:
    zeros = polygon([[(0.0, 0), (1, 0), (1, 1), (-0.0, 0)], []])
    to_and_fro = polygon([[(0, 0), (1, 0), (0, 0)]])

    found = wkb.polygons(*packed([zeros, to_and_fro]))

    assert np.diff(found.rings).tolist() == [4, 3]
    assert np.diff(found.parts).tolist() == [1, 1]


@pytest.mark.parametrize(
    "shape", ["POINT (0 0)", "LINESTRING (0 0, 1 1)", "GEOMETRYCOLLECTION EMPTY"]
)
def test_other_shapes_are_refused(shape) -> None:
    with pytest.raises(NotPolygons, match="row 1"):
        wkb.polygons(*packed([shapely.to_wkb(shapely.from_wkt(shape))]))


def test_other_shapes_than_points_are_refused() -> None:
    with pytest.raises(NotPoints, match="row 2"):
        wkb.points(*packed([None, shapely.to_wkb(SQUARE)]))


@settings(max_examples=300)
@given(st.binary(max_size=120), st.integers(0, 3))
def test_any_bytes_give_outlines_or_a_typed_error(noise, kind) -> None:
    heads = [b"", b"\x01\x03\x00\x00\x00", b"\x01\x06\x00\x00\x00", b"\x00\x00\x00\x00\x03"]
    try:
        found = wkb.polygons(*packed([heads[kind] + noise]))
    except (BrokenGeometry, NotPolygons):
        return
    assert found.parts[-1] == len(found.rings) - 1
    assert found.rings[-1] == len(found.vertices)


@pytest.mark.parametrize("offsets", [[0, 10**9], [50, 10], [-5, 20]])
def test_offsets_beyond_the_bytes_are_an_error(offsets) -> None:
    data = np.frombuffer(shapely.to_wkb(SQUARE), np.uint8)
    for read in (wkb.polygons, wkb.points):
        with pytest.raises(BrokenGeometry):
            read(data, np.array(offsets), np.array([True]))
