"""The [grid] table of a profile: what it may say, and how a mistake in it is told."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any

import pytest

from geoasm.errors import ProfileError
from geoasm.io.profiles import load_profile
from geoasm.profile.grid import parse_grid
from geoasm.profile.sections import Section

Data = dict[str, Any]


def peru() -> Data:
    """Give the table as Peru has it."""
    text = resources.files("geoasm.profiles.pe").joinpath("profile.toml").read_text("utf-8")
    return dict(tomllib.loads(text)["grid"])


def parse(data: Data) -> Any:
    return parse_grid(Section(data, "profile.toml", "grid"))


def test_peru_draws_claims_on_whole_kilometres_and_says_by_what() -> None:
    grid = parse(peru())
    assert (grid.cell_m, grid.origin_m) == (1000.0, (0.0, 0.0))
    assert (grid.least_ha, grid.most_ha) == (100.0, 1000.0)
    assert "extinct" not in grid.blocking
    assert all(reference or not verified for reference, verified in grid.references.values())


@pytest.mark.parametrize("code", ["cd", "br"])
def test_a_country_without_a_grid_has_none(code: str) -> None:
    assert load_profile(code).grid is None


@pytest.mark.parametrize(
    ("table", "key", "value", "told"),
    [
        ("", "cell_m", 0, "grid.cell_m: must be above nought"),
        ("", "origin_m", [0], "grid.origin_m: must be easting and northing"),
        ("", "reference", "", "grid.reference: is empty"),
        ("claim", "most_ha", 50, "grid.claim.most_ha: is below least_ha"),
        ("search", "ring_cells", -1, "grid.search.ring_cells: cannot be below nought"),
        ("search", "blocking", ["titled", "extinct"], "'extinct' is none of"),
        ("search", "rings", 2, "grid.search.rings: is no key"),
    ],
)
def test_a_mistake_is_told_with_its_key(table: str, key: str, value: object, told: str) -> None:
    data = peru()
    data = {**data, table: {**data[table], key: value}} if table else {**data, key: value}
    with pytest.raises(ProfileError, match=r"profile\.toml") as caught:
        parse(data)
    assert told in str(caught.value)
