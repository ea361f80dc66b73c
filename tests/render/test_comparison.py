"""comparison.html and its map: their words."""

from __future__ import annotations

from pathlib import Path

from geoasm.render import comparison_map
from geoasm.render.labels import Labels, catalogue


def test_every_name_of_a_field_of_the_map_is_used() -> None:
    source = Path(comparison_map.__file__).read_text(encoding="utf-8")
    named = [key for key in catalogue("es")["comparison"] if key.startswith("field_")]
    assert named
    assert [key for key in named if f'"{key.removeprefix("field_")}"' not in source] == []


def test_a_difference_has_its_sign_and_none_is_a_nought() -> None:
    assert [Labels("en").signed(n) for n in (1234, 0, -5)] == ["+1,234", "0", "-5"]
