"""The [candidates] table of a profile: what it may say, and how a mistake in it is told."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from importlib import resources
from typing import Any

import pytest

from geoasm.codes import FactorName
from geoasm.errors import ProfileError
from geoasm.profile.candidates import parse_candidates
from geoasm.profile.sections import Section

Data = dict[str, Any]


def peru() -> Data:
    """Give the table as Peru has it."""
    text = resources.files("geoasm.profiles.pe").joinpath("profile.toml").read_text("utf-8")
    return dict(tomllib.loads(text)["candidates"])


def parse(data: Data) -> Any:
    return parse_candidates(Section(data, "profile.toml", "candidates"))


def factor(data: Data, name: str) -> Data:
    return next(row for row in data["factor"] if row["name"] == name)


def test_peru_weighs_every_factor_and_says_why() -> None:
    rules = parse(peru())
    assert {f.name for f in rules.factors} == set(FactorName)
    assert all(f.reference or not f.verified for f in rules.factors)
    assert rules.cluster_radius_m == 500
    plant = next(f for f in rules.factors if f.name is FactorName.OWN_PLANT)
    assert plant.bands == ((20_000.0, 1.0), (50_000.0, 0.5))


def test_a_profile_without_the_table_finds_no_candidates() -> None:
    assert parse({}) is None


def test_a_factor_may_be_left_out() -> None:
    data = peru()
    data["factor"] = [row for row in data["factor"] if row["name"] != "own_plant"]
    assert FactorName.OWN_PLANT not in {f.name for f in parse(data).factors}


def no_weight(data: Data) -> None:
    for row in data["factor"]:
        row["weight"] = 0


FAULTS: dict[str, tuple[Callable[[Data], Any], str]] = {
    "unknown factor": (
        lambda d: d["factor"][0].update(name="luck"),
        r"candidates\.factor\[0\]\.name: 'luck' is none of active_holder, own_plant",
    ),
    "twice": (
        lambda d: d["factor"].append(dict(factor(d, "igafom"))),
        r"candidates\.factor: 'igafom' is weighed twice",
    ),
    "negative weight": (
        lambda d: factor(d, "community").update(weight=-3),
        r"weight: cannot be below nought; risks are known by their names",
    ),
    "no weight at all": (no_weight, r"candidates\.factor: no weight is above nought"),
    "weight as text": (lambda d: d["factor"][0].update(weight="25"), r"weight: cannot be '25'"),
    "no source": (
        lambda d: factor(d, "igafom").update(reference=" "),
        r"reference: is empty; state the source, or verified = false",
    ),
    "bands out of order": (
        lambda d: factor(d, "own_plant")["band"].reverse(),
        r"band: needs distances, the nearest first",
    ),
    "no bands": (
        lambda d: factor(d, "own_plant").pop("band"),
        r"band: needs distances, the nearest first",
    ),
    "value of a band": (
        lambda d: factor(d, "own_plant")["band"][0].update(value=1.5),
        r"band\[0\]\.value: must be from 0 to 1",
    ),
    "distance of a band": (
        lambda d: factor(d, "own_plant")["band"][0].update(up_to_km=0),
        r"band\[0\]\.up_to_km: must be above nought",
    ),
    "value missing": (
        lambda d: factor(d, "active_holder")["values"].pop("unit_radius"),
        r"values\.unit_radius: is missing",
    ),
    "value of a code": (
        lambda d: factor(d, "precedent")["values"].update(same_holder=2),
        r"values\.same_holder: must be from 0 to 1",
    ),
    "code unknown": (
        lambda d: factor(d, "precedent")["values"].update(cousin=0.1),
        r"values",
    ),
    "values where none are asked for": (
        lambda d: factor(d, "igafom").update(values={"filed": 1.0}),
        r"candidates\.factor\[3\]",
    ),
    "share": (lambda d: d.update(spread=1.2), r"candidates\.spread: must be from 0 to 1"),
    "metres": (lambda d: d.update(near_m=0), r"candidates\.near_m: must be above nought"),
    "radius": (lambda d: d.update(cluster_radius_m=-1), r"cluster_radius_m: must be above nought"),
    "count": (lambda d: d.update(cluster_fewest=0), r"cluster_fewest: must be 1 or more"),
    "crowd": (lambda d: d.update(crowd=2.5), r"crowd: cannot be 2\.5"),
    "draws": (lambda d: d.update(draws=True), r"draws: cannot be True"),
    "missing": (lambda d: d.pop("seed"), r"candidates\.seed: is missing"),
    "misspelt": (lambda d: d.update(radius_m=5), r"radius_m"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_mistake_names_file_and_key(name: str) -> None:
    spoil, message = FAULTS[name]
    data = peru()
    spoil(data)
    with pytest.raises(ProfileError, match=rf"^profile\.toml: .*{message}"):
        parse(data)
