"""Values laid out for a person, and those kept back."""

from __future__ import annotations

from datetime import date

import pandas as pd

from geoasm.draft.lookups import values_of
from geoasm.draft.proposals import Columns
from geoasm.draft.words import read_catalogue
from geoasm.io.profiles import read_template
from tests.draft import country


def columns_of(frame: pd.DataFrame) -> Columns:
    return Columns(frame, read_catalogue(read_template()[1]), [], date(2026, 1, 1))


def test_values_are_counted_the_most_frequent_first() -> None:
    found = values_of(columns_of(country.rights()), ["ESTADO_TRAMITE"])
    assert found.counts == (("OTORGADO", 14), ("EN CURSO", 13), ("REVERTIDO", 13))
    assert found.kept_back == 0


def test_a_name_that_slipped_among_the_codes_is_only_counted() -> None:
    frame = country.miners()
    frame.loc[1:5, "SITUACION"] = country.PERSON.lower()
    found = values_of(columns_of(frame), ["SITUACION"])
    assert [value for value, _ in found.counts] == ["OBSERVADO", "VIGENTE"]
    assert found.kept_back == 1


def test_rare_texts_of_several_words_and_long_numbers_are_only_counted() -> None:
    frame = country.miners()
    frame.loc[0, "SITUACION"] = "ROJAS VARGAS PEDRO"
    frame.loc[1, "SITUACION"] = "10456789"
    frame.loc[2, "SITUACION"] = "ANULADO"
    found = values_of(columns_of(frame), ["SITUACION"])
    assert {value for value, _ in found.counts} == {"OBSERVADO", "VIGENTE", "ANULADO"}
    assert found.kept_back == 2
