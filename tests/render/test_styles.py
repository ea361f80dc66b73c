"""Styles: readable on the map's ground, and told apart without colour."""

from __future__ import annotations

import itertools

import pytest

from geoasm.codes import AsmClass, ConcessionStatus, Role
from geoasm.render.styles import (
    BACKGROUND,
    CANDIDATE_STYLE,
    CLASS_STYLES,
    CONTEXT_POINTS,
    CONTEXT_STYLES,
    OVERLAP_STYLE,
    SHAPES,
    STATUS_STYLES,
)
from geoasm.render.swatches import class_swatch, swatch

EVERY = [
    *CLASS_STYLES.values(),
    *STATUS_STYLES.values(),
    *CONTEXT_STYLES.values(),
    *CONTEXT_POINTS.values(),
    CANDIDATE_STYLE,
    OVERLAP_STYLE,
]


def luminance(color: str) -> float:
    """Relative luminance after WCAG 2."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("color", sorted({style.color for style in EVERY}))
def test_colour_stands_out_from_ground_and_paper(color: str) -> None:
    assert contrast(color, BACKGROUND) >= 3
    assert contrast(color, "#ffffff") >= 3


def test_every_class_and_status_has_a_style() -> None:
    assert set(CLASS_STYLES) == set(AsmClass)
    assert set(STATUS_STYLES) == set(ConcessionStatus)


def test_no_two_classes_share_a_shape() -> None:
    shapes = [style.shape for style in (*CLASS_STYLES.values(), *CONTEXT_POINTS.values())]
    assert len(set(shapes)) == len(shapes)
    assert set(shapes) <= set(SHAPES)


def test_no_two_statuses_share_a_dash() -> None:
    dashes = [style.dash for style in STATUS_STYLES.values()]
    assert len(set(dashes)) == len(dashes)


def test_ground_that_is_no_right_differs_by_hatch_or_dash() -> None:
    hatched = {role: s for role, s in CONTEXT_STYLES.items() if s.hatch is not None}
    for one, other in itertools.combinations(hatched.values(), 2):
        assert (one.hatch, one.dash) != (other.hatch, other.dash)
    assert {Role.PROTECTED_AREAS, Role.ASM_ZONES, Role.RESTRICTED_AREAS} <= set(hatched)


def test_swatches_show_the_colour_and_the_dash() -> None:
    pending = STATUS_STYLES[ConcessionStatus.PENDING]
    assert f'stroke="{pending.color}"' in swatch(pending)
    assert 'stroke-dasharray="7 4"' in swatch(pending)
    assert SHAPES["star"].path in class_swatch(AsmClass.IN_ASM_ZONE)
    assert 'aria-hidden="true"' in class_swatch("own_title")
