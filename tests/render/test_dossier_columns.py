"""Tables of a dossier: every column is of the schema, has a head and words for its codes."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from geoasm import schema
from geoasm.render import dossier_columns as of
from geoasm.render.dossier_columns import Spec, page_table, sheet
from geoasm.render.labels import LANGUAGES, Labels, catalogue
from geoasm.render.parties import Names
from tests.screened import sample_run

RENDER = Path(__file__).parents[2] / "geoasm" / "render"
TABLES = {name: v for name, v in vars(of).items() if name.isupper() and isinstance(v, tuple)}
SPECS = [spec for table in TABLES.values() for spec in table if isinstance(spec, Spec)]
# Beginnings of keys that modules put together with a name or a code.
PREFIXES = ("key_", "caption_", "legend_", "by_", "sign_", "one_", "pivot_", "counts_")


def test_every_column_has_a_head_and_its_codes_a_section() -> None:
    assert len(SPECS) > 90
    for language in LANGUAGES:
        words = catalogue(language)
        assert [s for s in SPECS if (s.title or s.name) not in words["dossier_column"]] == []
        assert [s for s in SPECS if s.section and s.section not in words] == []


def test_no_head_and_no_text_is_left_over() -> None:
    files = [*RENDER.glob("*.py"), *RENDER.glob("templates/*")]
    source = "\n".join(path.read_text(encoding="utf-8") for path in files)
    heads = {spec.title or spec.name for spec in SPECS}
    unused = [k for k in catalogue("es")["dossier_column"] if k not in heads and f'"{k}"' not in source]  # fmt: skip
    assert unused == []
    codes = {str(code) for codes_ in catalogue("es").values() for code in codes_}
    for key in catalogue("es")["dossier"]:
        tail = next((key.removeprefix(p) for p in PREFIXES if key.startswith(p)), None)
        told = f"dossier.{key}" in source or f'"{key}"' in source or f"'{key}'" in source
        assert told or (tail is not None and (f'"{tail}"' in source or tail in codes)), key


@pytest.mark.parametrize(
    ("table", "known"),
    [
        ("HOLDERS", schema.HOLDERS),
        ("RIGHTS", schema.CONCESSIONS),
        ("EVIDENCE", schema.EVIDENCE),
        ("REGISTRATIONS", schema.REGISTRATIONS),
        ("NEAR", schema.NEAR_OUTSIDE),
        ("CLUSTERS", schema.CLUSTERS),
        ("CANDIDATES", schema.CANDIDATES),
    ],
)
def test_columns_are_those_of_the_schema_and_numbers_are_numbers(
    table: str, known: schema.Table
) -> None:
    dtypes = {column.name: column.dtype for column in known.columns}
    joined = {"part", "place", "near_id", "near_distance_m", "counts_for", "n_on", "n_near", "name"}
    names = [spec.name for spec in TABLES[table]]
    assert len(set(names)) == len(names)
    assert set(names) - joined <= set(dtypes)
    for spec in TABLES[table]:
        dtype = dtypes.get(spec.name)
        if dtype in {"number", "integer"} and spec.kind != "holder":
            assert spec.is_number, spec
        if dtype == "date":
            assert spec.kind == "date", spec


def test_public_registrations_have_no_column_of_registrants() -> None:
    assert not [s for s in of.REGISTRATIONS if "registrant_id" in s.name or s.kind == "registrant"]


def test_page_and_sheet_say_the_same_of_a_row() -> None:
    result = sample_run()
    labels = Labels("es")
    names = Names(result, labels, "public")
    columns = of.specs("*concession_id", "*status text concession_status", "*area_ha hectares", "*filed_on date", "classes text asm_class")  # fmt: skip
    frame = pd.DataFrame(
        {
            "concession_id": ["010000101", "<b>"],
            "status": ["titled", None],
            "area_ha": [1234.56, float("nan")],
            "filed_on": pd.to_datetime(["2001-02-03", None]),
            "classes": ["own_title;open_ground", None],
        }
    )
    page = page_table(frame, columns, labels, names)
    assert [cell.text for cell in page.rows[0]] == [
        "010000101",
        "Titulado",
        "1,234.6",
        "3 feb. 2001",
    ]
    assert [cell.text for cell in page.rows[1]] == ["<b>", "–", "–", "–"]
    assert [cell.is_number for cell in page.rows[0]] == [False, False, True, False]
    book = sheet("s", frame, columns, labels, names)
    assert book.rows[0][:3] == ("010000101", "Titulado", 1234.56)
    assert book.rows[0][4] == "En concesión propia; En área libre"
    assert book.kinds == ["text", "text", "hectares", "date", "text"]
    assert len(page_table(frame, columns, labels, names, most=1).rows) == 1


def test_columns_of_the_page_know_how_they_are_set() -> None:
    columns = of.specs("*own_id", "*name", "*area_ha hectares", "status", "*relation")
    assert of.classes(columns) == ["code", "free", "number", ""]
    assert not re.search(r"\s", "".join(of.classes(SPECS)))
