"""Maps of a dossier: every right and every located registration once, places apart on maps of their own."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from geoasm.dossier import Dossier, gather, of_holder
from geoasm.render.dossier_map import MOST_MAPS, draw_maps
from geoasm.render.labels import Labels
from geoasm.render.styles import CLASS_STYLES, SHAPES
from tests.screened import HOLDER, number_of, sample_run

ES = Labels("es")


@pytest.fixture(scope="module")
def dossier() -> Dossier:
    result = sample_run()
    return gather(result, of_holder(result, number_of(HOLDER)))


def markers(svg: str) -> int:
    shapes = {SHAPES[style.shape].path for style in CLASS_STYLES.values()}
    return sum(svg.count(f'd="{path}"') for path in shapes)


def test_every_registration_with_a_point_is_drawn_once(dossier: Dossier) -> None:
    maps, left_out = draw_maps(dossier, ES)
    assert 1 < len(maps) <= MOST_MAPS
    assert left_out == 0
    located = dossier.registrations["geometry"].notna().sum()
    assert sum(markers(drawn.svg) for drawn in maps) == located > 0


def outlines(svg: str) -> list[list[tuple[float, float]]]:
    """Corners of every area that is drawn."""
    drawn = re.findall(r'd="M([\d .LMZ-]+)Z" fill="#\w+" fill-opacity', svg)
    pairs = [[p.split() for p in re.split("[LMZ]+", text)] for text in drawn]
    return [[(float(x), float(y)) for x, y in corners] for corners in pairs]


def test_everything_lies_on_the_paper(dossier: Dossier) -> None:
    for drawn in draw_maps(dossier, ES)[0]:
        _, _, width, height = map(float, re.search(r'viewBox="([^"]+)"', drawn.svg)[1].split())  # type: ignore[index]
        points = [(float(x), float(y)) for x, y in re.findall(r"translate\(([-\d.]+) ([-\d.]+)\)", drawn.svg)]  # fmt: skip
        mine = [corner for shape in outlines(drawn.svg) for corner in shape]
        assert points
        assert mine
        foot = 34
        assert all(0 <= x <= width and 0 <= y <= height - foot for x, y in points + mine)


def test_the_scale_bar_is_as_long_as_it_says(dossier: Dossier) -> None:
    to_degrees = Transformer.from_crs("EPSG:32718", "EPSG:4326", always_xy=True).transform
    square = shapely.transform(
        shapely.box(480_000, 9_100_000, 484_000, 9_102_000),
        lambda xy: np.column_stack(to_degrees(xy[:, 0], xy[:, 1])),
    )
    one = dossier.rights.iloc[[0]].assign(geometry=[square])
    drawn = draw_maps(replace(dossier, rights=one, registrations=dossier.registrations.iloc[:0]), ES)[0][0]  # fmt: skip
    km = float(re.search(r">([\d.]+) km<", drawn.svg)[1])  # type: ignore[index]
    start, end = map(float, re.search(r'd="M([\d.]+) [\d.]+v6H([\d.]+)v-6"', drawn.svg).groups())  # type: ignore[union-attr]
    xs, ys = zip(*outlines(drawn.svg)[0], strict=True)
    unit = (end - start) / km
    assert (max(xs) - min(xs)) / unit == pytest.approx(4.0, rel=0.01)
    assert (max(ys) - min(ys)) / unit == pytest.approx(2.0, rel=0.01)


def test_no_marks_lie_over_each_other(dossier: Dossier) -> None:
    for drawn in draw_maps(dossier, ES)[0]:
        boxes = [
            tuple(map(float, b))
            for b in re.findall(
                r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" rx', drawn.svg
            )
        ]
        for i, a in enumerate(boxes):
            for b in boxes[:i]:
                assert a[0] + a[2] < b[0] or b[0] + b[2] < a[0] or a[1] + a[3] < b[1] or b[1] + b[3] < a[1]  # fmt: skip


def test_places_far_apart_have_maps_of_their_own_and_the_rest_is_counted(
    dossier: Dossier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geoasm.render.dossier_map.MOST_MAPS", 1)
    maps, left_out = draw_maps(dossier, ES)
    assert (len(maps), left_out) == (1, 2)


def test_rights_without_registrations_are_drawn_where_there_is_nothing_else(
    dossier: Dossier,
) -> None:
    alone = replace(dossier, registrations=dossier.registrations.iloc[:0])
    maps, left_out = draw_maps(alone, ES)
    assert (len(maps), left_out) == (1, 2)
    assert markers(maps[0].svg) == 0
    nothing = replace(alone, rights=dossier.rights.iloc[:0])
    assert draw_maps(nothing, ES) == ([], 0)
