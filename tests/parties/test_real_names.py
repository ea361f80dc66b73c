"""Real layers, where they lie beside the checkout: what is one name there, and what several."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geoasm.io.profiles import load_profile
from geoasm.parties import identify
from geoasm.parties.names import name_keys, read_names
from geoasm.parties.review import find_similar
from geoasm.simulate.spellings import Fault, misspell
from tests.parties.sides import cadastre, register

pytestmark = pytest.mark.real


def names_of(path: Path, column: str) -> list[str]:
    return sorted(gpd.read_file(path, ignore_geometry=True)[column].dropna().unique())


def test_two_holders_of_cajamarca_are_spelt_in_two_ways(real: Path) -> None:
    names = names_of(real / "peru_cajamarca" / "concessions.geojson", "TIT_CONCES")
    rules = load_profile("pe").parties
    keys = name_keys(pd.Series(names, dtype="str"), rules)["key"]
    merged = keys[keys.duplicated(keep=False) & keys.notna()]
    assert merged.value_counts().to_dict() == {
        "MINERA SULLIDEN SHAHUINDO *SAC": 2,  # once with a remark
        "O Y G MINERIA Y CONSTRUCCION *SRL": 2,  # once with an ampersand
    }
    readings = read_names(names, rules, rules.name_width)
    assert max(len(reading.parts) for reading in readings) == 1


def test_one_title_of_the_congo_has_two_holders(real: Path) -> None:
    names = names_of(real / "drc_2020" / "titles.geojson", "Parties")
    rules = load_profile("cd").parties
    readings = read_names(names, rules, rules.name_width)
    (joint,) = (reading for reading in readings if len(reading.parts) > 1)
    assert [part.text for part in joint.parts] == [
        "AFRIQUE RESSOURCES INTERNATIONAL SARL",
        "VICENT MINING SARLU",
    ]


@pytest.mark.parametrize(("fault", "least"), [(Fault.TYPO, 0.97), (Fault.TWO_TYPOS, 0.87)])
def test_misspelt_holders_of_cajamarca_are_found(real: Path, fault: Fault, least: float) -> None:
    """As docs/holders.md says."""
    rules = load_profile("pe").parties
    names = names_of(real / "peru_cajamarca" / "concessions.geojson", "TIT_CONCES")
    named = name_keys(pd.Series(names, dtype="str"), rules)
    spelt = misspell(
        np.random.default_rng(1),
        pd.Series(names, dtype="str"),
        named["is_legal"].to_numpy(dtype=bool),
        fault,
    )
    parties = identify(register(*((name, None) for name in spelt)), cadastre(*names), rules)
    likely = find_similar(parties, rules)
    listed = set(zip(likely["registrant_id"], likely["member_id"], strict=True))
    pairs = list(zip(parties.registrant, parties.holder, strict=True))
    found = [one == other or (one, other) in listed for one, other in pairs if other is not pd.NA]
    assert len(found) > 600
    assert np.mean(found) >= least
