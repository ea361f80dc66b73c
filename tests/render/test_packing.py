"""Packed layers: what comes out is what went in, and each piece of the format by itself."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoasm.render.layers import depths
from geoasm.render.map import OfflineMap, Page
from geoasm.render.packed_numbers import inert, planes, varints, zigzag
from geoasm.render.packed_shapes import hilbert_order
from geoasm.render.packing import pack
from geoasm.render.payload import Column, Days, Field, Group, Layer, Numbers, Parts, Reference
from geoasm.render.styles import CANDIDATE_STYLE
from tests.render import unpacked
from tests.render.unpacked import Unpacked

TEXTS = [
    "",
    "a",
    "two\nlines",
    "back\\slash",
    "\\n",
    "Ñandú 🪨",
    "line\u2028sep",
    '"><x>',
    "{{7*7}}",
]


WORDS = '{"ways":{"group":",","point":".","minus":"-"}}'


def layer(geometry: list, kind: str = "polygon", **more: object) -> Layer:
    n = len(geometry)
    names = pd.Series([f"F{i}" for i in range(n)], dtype=object)
    given = {"names": names, "subtitles": pd.Series([None] * n, dtype=object)} | more
    return Layer(
        id="concessions", title="t", here="h", kind=kind,
        groups=[Group("g", "G", n, CANDIDATE_STYLE)], members=np.zeros(n, dtype=int),
        geometry=np.array(geometry, dtype=object), **given,
    )  # fmt: skip


def back(*layers: Layer) -> dict[str, Unpacked]:
    page = Page("es", "t")
    OfflineMap(page, "", WORDS, pack(layers))
    return unpacked.layers(page.render())


@given(st.lists(st.integers(0, 2**63 - 1)))
def test_whole_numbers_come_back(values: list[int]) -> None:
    for way, write in (("groups", varints), ("planes", planes)):
        section = unpacked.Section(write(np.array(values, dtype=np.uint64)), way)
        assert unpacked.numbers(section) == values


@given(st.lists(st.integers(-(2**62), 2**62 - 1)))
def test_signed_numbers_come_back(values: list[int]) -> None:
    assert unpacked.signed(unpacked.Section(varints(zigzag(values)), "groups")) == values


def test_small_numbers_take_one_byte() -> None:
    assert varints([0, 1, 127]) == bytes([0, 1, 127])
    assert varints([128, 300]) == bytes([0x80, 1, 0xAC, 2])


def test_neighbours_on_the_curve_are_neighbours_on_the_ground() -> None:
    side = 16
    x, y = (v.ravel() for v in np.meshgrid(np.arange(side), np.arange(side)))
    order = hilbert_order(x, y)
    steps = np.abs(np.diff(x[order])) + np.abs(np.diff(y[order]))
    assert sorted(order) == list(range(side * side))
    assert (steps == 1).all()


@given(st.permutations(range(len(TEXTS))))
def test_every_text_comes_back_to_the_letter(order: list[int]) -> None:
    texts = [TEXTS[i] for i in order] + [None]
    drawn = layer([shapely.Point(i, 0) for i in range(len(texts))], "point",
                  subtitles=pd.Series(texts, dtype=object))  # fmt: skip
    found = back(drawn)["concessions"]
    expected = {f"F{i}": text or None for i, text in enumerate(texts)}
    assert dict(zip(found.names, found.subtitles, strict=True)) == expected


def test_repeated_texts_come_back_and_so_do_the_missing() -> None:
    told = pd.Series(["a", None, "b", "a", "a", None], dtype=object)
    drawn = layer(
        [shapely.Point(i, i) for i in range(6)],
        "point",
        fields=[Field("L", Parts([told], ""), True)],
    )
    found = back(drawn)["concessions"]
    assert dict(zip(found.names, found.fields["L"], strict=True)) == {
        f"F{i}": t for i, t in enumerate(told)
    }


@pytest.mark.parametrize(
    "at", [(-78.5, -7.2), (-77.99, -9.0), (-72.0, 0.3), (25.0, -11.0), (179.9, 60.0)]
)
def test_shapes_come_back_to_a_tenth_of_a_metre(at: tuple[float, float]) -> None:
    rng = np.random.default_rng(3)
    some = [
        shapely.affinity.translate(
            shapely.Point(0, 0).buffer(0.01, quad_segs=2), at[0] + dx, at[1] + dy
        )
        for dx, dy in rng.uniform(-0.05, 0.05, (20, 2))
    ]
    box = shapely.box(*at, at[0] + 0.1, at[1] + 0.1)
    hole = box.difference(shapely.box(at[0] + 0.02, at[1] + 0.02, at[0] + 0.04, at[1] + 0.04))
    several = shapely.MultiPolygon([some[0], shapely.affinity.translate(some[0], 0.1, 0)])
    geometry = [*some, hole, several]
    found = back(layer(geometry))["concessions"]
    metre = 1 / 111_320
    for name, rings in zip(found.names, found.rings, strict=True):
        shape = shapely.orient_polygons(geometry[int(str(name)[1:])])
        expected = [np.array(r.coords)[:-1] for r in shapely.get_rings(shapely.get_parts(shape))]
        assert [len(r) for r in rings] == [len(r) for r in expected]
        for ring, true in zip(rings, expected, strict=True):
            apart = (np.array(ring) - true) * [np.cos(np.radians(at[1])), 1]
            assert np.abs(apart).max() <= 0.1 * metre


def test_cells_of_a_lattice_in_metres_are_packed_in_metres() -> None:
    move = pyproj.Transformer.from_crs("EPSG:32718", "EPSG:4326", always_xy=True)
    cells = [shapely.box(x, y, x + 1000, y + 1000) for x in range(400_000, 420_000, 1000)
             for y in range(9_000_000, 9_020_000, 1000)]  # fmt: skip
    drawn = [shapely.transform(c, lambda v: np.column_stack(move.transform(*v.T))) for c in cells]
    assert back(layer(drawn))["concessions"].header["grid"] == "utm"
    degrees = [
        shapely.box(x / 100, y / 100, (x + 1) / 100, (y + 1) / 100)
        for x in range(20)
        for y in range(20)
    ]
    assert back(layer(degrees))["concessions"].header["grid"] == "degrees"


def test_a_shape_far_wider_than_a_zone_is_packed_in_degrees() -> None:
    wide = shapely.box(-82, -10, -68, -5)
    found = back(layer([wide]))["concessions"]
    assert found.header["grid"] == "degrees"
    assert np.allclose(sorted(found.rings[0][0]), sorted(wide.exterior.coords[:-1]))


def test_lines_keep_both_ends() -> None:
    line = shapely.LineString([(-77, -9), (-76.9, -9.1), (-77, -9)])
    assert len(back(layer([line], "line"))["concessions"].rings[0][0]) == 3


def test_references_follow_features_to_their_packed_rows() -> None:
    rng = np.random.default_rng(1)
    rights = layer([shapely.box(x, y, x + 0.1, y + 0.1) for x, y in rng.uniform(-9, 9, (30, 2))],
                   subtitles=pd.Series([f"name {i}" for i in range(30)], dtype=object))  # fmt: skip
    rows = rng.integers(-1, 30, 50)
    stack = pd.Series([tuple(rng.integers(0, 30, k % 3)) for k in range(50)], dtype=object)
    points = layer([shapely.Point(*p) for p in rng.uniform(-9, 9, (50, 2))], "point", stack=stack,
                   fields=[Field("on", Parts([Reference("concessions", rows)], ""), True)])  # fmt: skip
    found = back(rights, Layer(**{**vars(points), "id": "registrations"}))
    names, drawn = found["concessions"].names, found["registrations"]
    for name, on, some in zip(drawn.names, drawn.fields["on"], drawn.stacks, strict=True):
        i = int(str(name)[1:])
        assert on == (None if rows[i] < 0 else f"F{rows[i]} · name {rows[i]}")
        assert [names[row] for row in some] == [f"F{row}" for row in stack[i]]


def values_of(column: Column, n: int, **more: object) -> dict[str, str | None]:
    drawn = layer(
        [shapely.box(i, 0, i + 0.5, 0.5) for i in range(n)],
        fields=[Field("L", Parts([column], ""), True)],
        **more,
    )
    found = back(drawn)["concessions"]
    return dict(zip(found.names, found.fields["L"], strict=True))


@given(st.lists(st.none() | st.integers(-(10**7), 10**7), min_size=1), st.integers(0, 2))
def test_every_number_comes_back_as_the_page_writes_it(given: list, decimals: int) -> None:
    scaled = np.array([np.nan if v is None else v for v in given], dtype=float)
    told = values_of(Numbers(scaled / 10**decimals, decimals, "{value} m"), len(given))
    expected = [None if v is None else f"{v / 10**decimals:,.{decimals}f} m" for v in given]
    assert [told[f"F{i}"] for i in range(len(given))] == [
        e and e.replace("-0 m", "0 m") for e in expected
    ]


@given(st.lists(st.none() | st.dates(date(1700, 1, 1), date(2200, 1, 1)), min_size=1))
def test_every_day_comes_back(days: list) -> None:
    told = values_of(Days(pd.Series(pd.array(days, dtype="datetime64[s]"))), len(days))
    assert [told[f"F{i}"] for i in range(len(days))] == [
        None if d is None else str(d) for d in days
    ]


@given(st.lists(st.text("0123456789", min_size=9, max_size=9) | st.sampled_from(
    ["", "12345", "02001234X01", "٠١٢٣٤٥٦٧٨", "a\nb"]), min_size=1, unique=True))  # fmt: skip
def test_every_code_comes_back_whatever_its_form(codes: list[str]) -> None:
    told = values_of(pd.Series(codes, dtype=object), len(codes))
    assert [told[f"F{i}"] for i in range(len(codes))] == [code or None for code in codes]


@given(st.lists(st.tuples(st.sampled_from(["ROSITA", "LA PEÑA", "A 0", "", "x\ny"]),
    st.none() | st.integers(0, 10**7) | st.sampled_from(["07", "II", " 3"])), min_size=1))  # fmt: skip
def test_names_with_numbers_come_back(pairs: list[tuple[str, object]]) -> None:
    names = [name if n is None else f"{name} {n}" for name, n in pairs]
    told = values_of(pd.Series(names, dtype=object), len(names))
    assert [told[f"F{i}"] for i in range(len(names))] == [name or None for name in names]


def test_many_names_with_numbers_pack_as_names_and_numbers() -> None:
    names = pd.Series([f"ROSITA {i % 3} {i}" for i in range(500)], dtype=object)
    found = back(layer([shapely.Point(i, 0) for i in range(500)], "point", names=names))
    assert found["concessions"].header["columns"][0]["kind"] == "numbered"
    assert sorted(map(str, found["concessions"].names)) == sorted(names)


def test_codes_of_one_width_pack_smaller_than_as_text() -> None:
    rng = np.random.default_rng(4)
    codes = pd.Series([f"{n:09d}" for n in rng.integers(0, 10**9, 500)], dtype=object)
    found = back(layer([shapely.Point(i, 0) for i in range(500)], "point", names=codes))
    assert found["concessions"].header["columns"][0]["kind"] == "digits"


def test_what_is_the_same_for_a_key_is_written_once_a_key() -> None:
    keys = np.array([7, -1, 3, 7, 3, 9] * 5)
    words = {7: "seven", 3: "three", 9: None, -1: None}
    told = pd.Series([words[k] for k in keys], dtype=object)
    drawn = layer(
        [shapely.Point(i, 0) for i in range(30)],
        "point",
        keys=keys,
        fields=[
            Field("word", Parts([told], ""), True),
            Field("size", Parts([Numbers(np.where(keys > 3, keys * 1.5, np.nan), 1, "{value}")], ""), True),
            Field("own", Parts([Numbers(np.arange(30.0), 0, "{value}")], ""), True),
        ],
    )  # fmt: skip
    found = back(drawn)["concessions"]
    kinds = [
        found.header["columns"][f["parts"][0]["column"]]["kind"] for f in found.header["fields"]
    ]
    assert kinds == ["keyed", "keyed", "number"]
    for name, word, size, own in zip(found.names, *found.fields.values(), strict=True):
        i = int(str(name)[1:])
        assert word == words[keys[i]]
        assert size == ({7: "10.5", 9: "13.5"}.get(keys[i]))
        assert own == str(i)


def test_hectares_travel_as_what_they_are_more_than_the_outline() -> None:
    move = pyproj.Transformer.from_crs("EPSG:32718", "EPSG:4326", always_xy=True)
    rng = np.random.default_rng(2)
    flat = []
    for x, y, side in rng.uniform((4e5, 9e6, 50), (6e5, 9.1e6, 3000), (40, 3)):
        outer = shapely.box(x, y, x + side, y + side)
        flat.append(outer.difference(shapely.box(x + 5, y + 5, x + side / 2, y + side / 3)))
    true = np.array([g.area / 10_000 for g in flat])
    stated = np.where(np.arange(40) % 4 == 0, np.nan, true.round(1))
    stated[1] += 100
    drawn = layer(
        [shapely.transform(g, lambda v: np.column_stack(move.transform(*v.T))) for g in flat],
        fields=[Field("ha", Parts([Numbers(stated, 1, "{value}", of_shape=True)], ""), True)],
    )
    found = back(drawn)["concessions"]
    for name, told, tenths in zip(found.names, found.fields["ha"], found.tenths_ha, strict=True):
        i = int(str(name)[1:])
        assert told == (None if np.isnan(stated[i]) else f"{stated[i]:,.1f}")
        assert tenths / 10 == pytest.approx(true[i], abs=0.1)


def test_late_groups_come_after_the_others() -> None:
    late = Group("late", "L", 10, CANDIDATE_STYLE, late=True)
    drawn = layer([shapely.box(i, 0, i + 1, 1) for i in range(30)])
    members = np.arange(30) % 3 == 1
    told = {"groups": [late, *drawn.groups], "members": 1 - members.astype(int)}
    found = back(Layer(**{**vars(drawn), **told}))["concessions"]
    assert found.header["soon"] == 20
    assert found.member == [1] * 20 + [0] * 10


def test_an_empty_layer_packs() -> None:
    assert len(back(layer([]))["concessions"]) == 0
    assert len(back(layer([], "point"))["concessions"]) == 0


def test_the_later_of_two_that_overlap_is_deeper() -> None:
    rng = np.random.default_rng(7)
    boxes = np.array([shapely.box(x, y, x + 2, y + 2) for x, y in rng.integers(0, 12, (60, 2))])
    deep = depths(boxes)
    for j in range(60):
        under = [i for i in range(j) if shapely.area(shapely.intersection(boxes[i], boxes[j])) > 0]
        assert deep[j] == max((deep[i] + 1 for i in under), default=0)


def test_a_header_ends_no_element_and_stays_what_it_was() -> None:
    label = "</script><!-- & ñ"
    told = pd.Series(["a"], dtype=object)
    drawn = layer([shapely.Point(0, 0)], "point", fields=[Field(label, Parts([told], ""), True)])
    assert back(drawn)["concessions"].fields == {label: ["a"]}


def test_json_in_a_script_element_ends_no_element_and_stays_what_it_was() -> None:
    told = {"name": "</script><!-- & \u2028 ñ", "more": ["<script>"]}
    text = inert(json.dumps(told))
    assert not set("<>&") & set(text)
    assert text.isascii()
    assert json.loads(text) == told
