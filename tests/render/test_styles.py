"""Styles: readable on the map's ground, told apart by every eye, and as the cadastre's readers expect them."""

from __future__ import annotations

import itertools

import pytest

from geoasm.codes import LAYER_ROLES, AsmClass, ConcessionStatus, Role
from geoasm.render.styles import (
    BACKGROUND,
    CANDIDATE_STYLE,
    CLASS_STYLES,
    CLUSTER_STYLE,
    CONTEXT_AREA,
    CONTEXT_POINT,
    CONTEXT_POINTS,
    CONTEXT_STYLES,
    OVERLAP_STYLE,
    PIECE_STYLE,
    SHAPES,
    STATUS_STYLES,
    VERIFY_STYLE,
    AreaStyle,
)
from geoasm.render.swatches import class_swatch, swatch
from tests.render.vision import SEEING, chroma, contrast, distance, hue

APART = 20  # in CIELAB: two thin lines of such colours are not taken for each other
AREAS: dict[str, AreaStyle] = {
    **{str(status): style for status, style in STATUS_STYLES.items()},
    **{str(role): style for role, style in CONTEXT_STYLES.items()},
    "other context": CONTEXT_AREA,
    "candidate": CANDIDATE_STYLE,
    "verify": VERIFY_STYLE,
    "overlap": OVERLAP_STYLE,
    "piece": PIECE_STYLE,
    "cluster": CLUSTER_STYLE,
}
POINTS = [*CLASS_STYLES.values(), *CONTEXT_POINTS.values()]
COLORS = {style.color for style in (*AREAS.values(), *POINTS, CONTEXT_POINT)}


def test_contrast_and_distance_of_black_and_white_are_the_known_ones() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert distance("#000000", "#ffffff") == pytest.approx(100, abs=0.01)
    assert (hue("#0000ff"), chroma("#0000ff")) == pytest.approx((306.3, 133.8), abs=0.1)


@pytest.mark.parametrize("seeing", SEEING)
def test_every_eye_sees_grey_as_it_is(seeing: str) -> None:
    assert distance("#808080", "#808080", seeing) == 0
    assert distance("#404040", "#c0c0c0", seeing) == pytest.approx(
        distance("#404040", "#c0c0c0"), abs=0.1
    )


def test_simulated_eyes_confuse_what_such_eyes_confuse() -> None:
    red, green, blue, teal = "#b2182b", "#4d7c0f", "#0000ff", "#00785a"
    assert distance(red, green, "deuteranopia") < distance(red, green) / 4
    assert distance(red, green, "protanopia") < distance(red, green) / 2
    assert distance(blue, teal, "tritanopia") < distance(blue, teal) / 1.5


@pytest.mark.parametrize("color", sorted(COLORS))
def test_colour_stands_out_from_ground_and_paper(color: str) -> None:
    assert contrast(color, BACKGROUND) >= 3
    assert contrast(color, "#ffffff") >= 3


def test_everything_that_is_drawn_has_a_style() -> None:
    assert set(CLASS_STYLES) == set(AsmClass)
    assert set(STATUS_STYLES) == set(ConcessionStatus)
    assert {*CONTEXT_STYLES, *CONTEXT_POINTS} == set(LAYER_ROLES)


def test_no_two_markers_share_a_shape() -> None:
    shapes = [style.shape for style in POINTS]
    assert len(set(shapes)) == len(shapes)
    assert set(shapes) == set(SHAPES)
    assert len({shape.path for shape in SHAPES.values()}) == len(SHAPES)


def dashes_differ(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Tell dashes apart as a reader does: by their marks, their length, or how much of it is ink."""
    if len(one) != len(other):
        return True
    if not one:
        return False
    short, long = sorted((sum(one), sum(other)))
    ink = abs(sum(one[::2]) / sum(one) - sum(other[::2]) / sum(other))
    return long / short >= 1.6 or ink >= 0.2


def forms_differ(one: AreaStyle, other: AreaStyle) -> bool:
    """Tell areas apart without colour: by hatch, dash, a line half as wide again, a full inside."""
    thin, wide = sorted((one.width, other.width))
    inside = one.line != other.line and max(one.fill, other.fill) >= 0.15
    lines = dashes_differ(one.dash, other.dash) or wide / thin >= 1.5
    return one.hatch != other.hatch or lines or inside


def test_dashes_that_a_reader_confuses_do_not_count_as_different() -> None:
    assert not dashes_differ((4, 4), (3, 3))
    assert not dashes_differ((6, 3), (7, 4))
    assert dashes_differ((), (7, 4))
    assert dashes_differ((2, 3), (7, 4))


@pytest.mark.parametrize("seeing", SEEING)
def test_any_two_areas_are_told_apart_by_form_or_colour(seeing: str) -> None:
    confused = [
        (name, other_name)
        for (name, one), (other_name, other) in itertools.combinations(AREAS.items(), 2)
        if not forms_differ(one, other) and distance(one.color, other.color, seeing) < APART
    ]
    assert confused == []


def test_statuses_are_told_apart_on_a_grey_print_by_their_lines_alone() -> None:
    for one, other in itertools.combinations(STATUS_STYLES.values(), 2):
        assert dashes_differ(one.dash, other.dash)


def test_statuses_have_the_colours_of_the_cadastre() -> None:
    color = {status: style.color for status, style in STATUS_STYLES.items()}
    assert 240 <= hue(color[ConcessionStatus.TITLED]) <= 290
    assert 140 <= hue(color[ConcessionStatus.PENDING]) <= 180
    assert min(chroma(color[s]) for s in (ConcessionStatus.TITLED, ConcessionStatus.PENDING)) > 30
    assert contrast(color[ConcessionStatus.EXTINCT], "#000000") < 1.5
    assert chroma(color[ConcessionStatus.EXTINCT]) < 5


def test_a_candidate_is_what_the_eye_finds_first() -> None:
    others = [style for style in AREAS.values() if style is not CANDIDATE_STYLE]
    rights = [*STATUS_STYLES.values(), VERIFY_STYLE]
    assert CANDIDATE_STYLE.width > max(style.width for style in others)
    assert chroma(CANDIDATE_STYLE.color) > max(chroma(style.color) for style in others)
    assert CANDIDATE_STYLE.fill > max(style.fill for style in rights)
    assert CANDIDATE_STYLE.dash == ()


def test_ground_that_is_no_right_is_hatched() -> None:
    closed = {Role.PROTECTED_AREAS, Role.BUFFER_ZONES, Role.RESTRICTED_AREAS, Role.ANAP}
    for role in closed | {Role.ASM_ZONES, Role.COMMUNITIES, Role.CONFLICT_AREAS}:
        assert CONTEXT_STYLES[role].hatch is not None
    assert all(style.hatch is None for style in STATUS_STYLES.values())


def test_swatches_show_the_colour_and_the_dash() -> None:
    pending = STATUS_STYLES[ConcessionStatus.PENDING]
    assert f'stroke="{pending.color}"' in swatch(pending)
    assert 'stroke-dasharray="7 4"' in swatch(pending)
    assert SHAPES["star"].path in class_swatch(AsmClass.IN_ASM_ZONE)
    assert 'aria-hidden="true"' in class_swatch("own_title")
