"""A sample made once, in memory and as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoasm.io.profiles import load_profile
from geoasm.io.simulations import save_simulation
from geoasm.profile import Profile
from geoasm.simulate import SCALES, Simulation, simulate

TITLE = "Datos simulados: muestra, semilla 1"


@pytest.fixture(scope="session")
def peru() -> Profile:
    return load_profile("pe")


@pytest.fixture(scope="session")
def made(peru: Profile) -> Simulation:
    return simulate(peru, SCALES["sample"], seed=1)


@pytest.fixture(scope="session")
def folder(made: Simulation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_simulation(
        made, tmp_path_factory.mktemp("simulated") / "sample", title=TITLE
    ).parent
