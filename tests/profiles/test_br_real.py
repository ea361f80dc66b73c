"""Brazil on a real layer: a person who stands on each process of Amapá, and what the phase makes of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geoasm import api
from geoasm.codes import Role
from geoasm.io.layers import read_layer
from geoasm.io.profiles import load_profile
from geoasm.io.study import Study
from geoasm.model import Result
from geoasm.normalize import concessions
from tests.profiles.test_br import LAYER

pytestmark = pytest.mark.real
NOBODY = "Fulano Beltrano de Tal"  # holds nothing
CLASS_OF = {
    "LAVRA GARIMPEIRA": "on_small_scale",
    "CONCESSÃO DE LAVRA": "on_unknown_holder",
    "AUTORIZAÇÃO DE PESQUISA": "on_unknown_holder",
    "LICENCIAMENTO": "on_unknown_holder",
    "REGISTRO DE EXTRAÇÃO": "on_other_right",
    "DIREITO DE REQUERER A LAVRA": "on_pending_claim",
    "REQUERIMENTO DE LAVRA": "on_pending_claim",
    "REQUERIMENTO DE LAVRA GARIMPEIRA": "on_pending_claim",
    "REQUERIMENTO DE LICENCIAMENTO": "on_pending_claim",
    "REQUERIMENTO DE PESQUISA": "on_pending_claim",
    "REQUERIMENTO DE REGISTRO DE EXTRAÇÃO": "on_pending_claim",
    "DISPONIBILIDADE": "on_extinct_claim",
    "APTO PARA DISPONIBILIDADE": "on_extinct_claim",
}


@pytest.fixture(scope="module")
def amapa(real: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    layer = f"{real / 'brazil_amapa' / 'mining_processes.gpkg'}:{LAYER}"
    brazil = load_profile("br")
    raw = read_layer(layer, "concessions")
    on = pd.Timestamp(2021, 12, 31).date()
    rights, _ = concessions(raw, brazil.roles[Role.CONCESSIONS], brazil.crs, on=on)
    at = rights.geometry.representative_point()
    register = tmp_path_factory.mktemp("amapa") / "register.csv"
    pd.DataFrame(
        {
            "registro": rights["concession_id"],
            "nome": NOBODY,
            "longitude": at.x.round(8),
            "latitude": at.y.round(8),
        }
    ).to_csv(register, index=False)
    files = {Role.CONCESSIONS: layer, Role.REGISTRATIONS: str(register)}
    return api.run_study(Study(profile="br", on=on, files=files))


def test_the_phase_of_the_only_process_at_a_point_gives_the_class(amapa: Result) -> None:
    alone = amapa.registrations[amapa.registrations["n_rights"] == 1]
    phase = amapa.concessions.set_index("concession_id")["status_code"]
    found = pd.DataFrame(
        {
            "phase": alone["right_ids"].map(phase).astype(str),
            "class": alone["asm_class"].astype(str),
        }
    )
    assert len(found) > 800
    assert set(found["phase"]) == set(CLASS_OF)
    assert found[found["class"] != found["phase"].map(CLASS_OF)].empty


def test_classes_of_one_point_on_each_process(amapa: Result) -> None:
    counts = amapa.registrations["asm_class"].value_counts()
    assert counts.to_dict() == {
        "on_pending_claim": 627,
        "on_unknown_holder": 401,
        "on_extinct_claim": 24,
        "on_small_scale": 7,
        "ambiguous": 4,  # a permit of lavra garimpeira and another title, without days of filing
        "on_other_right": 1,
    }


def test_ground_on_offer_is_no_free_ground(amapa: Result) -> None:
    """Its right has ended, but who may have it is settled by a public offer, not by who comes first."""
    offered = amapa.registrations[amapa.registrations["asm_class"] == "on_extinct_claim"]
    assert set(offered["pathway"]) == {"state_acquisition"}
    assert not offered["flags"].str.contains("extinct_free").any()


def test_no_trader_who_may_be_a_person_is_named(amapa: Result) -> None:
    named = amapa.holders["name"].dropna()
    assert len(named) > 100
    size_alone = named.str.contains(r"[\s.-](?:M\.?E|E\.?P\.?P)\.?$", case=False)
    assert named[size_alone].str.contains(r"\b(?:ltda|eireli|s\W?a)\b", case=False).all()
    assert not size_alone.all()
