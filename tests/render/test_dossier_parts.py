"""Signs of a dossier as questions: one, none and several registrations, each in its own grammar."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from geoasm.dossier import gather, of_holder
from geoasm.render.dossier_parts import make_ready
from geoasm.render.labels import Labels
from geoasm.render.parties import Names
from tests.screened import HOLDER, number_of, sample_run

CASES = [
    (1, 1, "", ""),
    (
        1,
        0,
        "La inscripción no está sobre sus derechos ni cerca.",
        "The registration stands neither",
    ),
    (3, 0, "Ninguna de las 3 inscripciones está sobre", "None of the 3 registrations stands on"),
    (3, 1, "De las 3 inscripciones, una está sobre", "Of the 3 registrations, one stands on"),
    (3, 2, "De las 3 inscripciones, 2 están sobre", "Of the 3 registrations, 2 stand on"),
    (3, 3, "", ""),
]


@pytest.mark.parametrize(("total", "here", "es", "en"), CASES)
@pytest.mark.parametrize("language", ["es", "en"])
def test_how_many_registrations_of_a_sign_are_here(
    total: int, here: int, es: str, en: str, language: str
) -> None:
    result, labels = sample_run(), Labels(language)
    dossier = gather(result, of_holder(result, number_of(HOLDER)))
    sign = pd.DataFrame(
        {
            "kind": ["declared_elsewhere"],
            "subject": ["010000199"],
            "concession_id": [None],
            "cluster_id": pd.array([pd.NA], dtype="Int64"),
            "n_registrations": [total],
            "n_registrants": [total],
            "first_year": pd.array([pd.NA], dtype="Int64"),
            "last_year": pd.array([pd.NA], dtype="Int64"),
            "n_here": [here],
        }
    )
    shown = make_ready(
        replace(dossier, signs=sign), result.summary, None, labels, Names(result, labels, "public")
    )
    (question,) = shown.signs["question"]
    asked, _, rest = question.partition("? ")
    plural = {"es": "inscripciones declaran", "en": "registrations declare"}[language]
    assert (plural in asked) == (total > 1)
    told = {"es": es, "en": en}[language]
    assert rest.startswith(told) if told else rest == ""
