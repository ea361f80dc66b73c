"""QGIS styles: one a layer and language, with what QGIS needs to find; tests/qgis looks at them there."""

from __future__ import annotations

import base64
import itertools
from xml.etree import ElementTree

import pytest

from geoasm import schema
from geoasm.codes import LAYER_ROLES, AsmClass, ConcessionStatus
from geoasm.dossier import layers as dossier_layers
from geoasm.languages import LANGUAGES
from geoasm.render.labels import Labels, catalogue
from geoasm.render.qml import (
    change_style_rows,
    dossier_style_rows,
    opening_style_rows,
    style_rows,
)
from geoasm.render.qml_fields import SECTIONS, alias
from geoasm.render.styles import CLASS_STYLES, SHAPES, STATUS_ORDER

ES, EN = Labels("es"), Labels("en")
Document = ElementTree.Element


@pytest.fixture(scope="module")
def documents() -> dict[object, Document]:
    return {
        row["f_table_name"]: ElementTree.fromstring(str(row["styleQML"]))
        for row in style_rows(ES)
        if row["useAsDefault"]
    }


def properties(layer: Document) -> dict[str | None, str | None]:
    return {p.get("k"): p.get("v") for p in layer.findall("prop")}


def test_every_layer_has_a_style_in_every_language_and_one_default() -> None:
    rows = style_rows(EN)
    tables = {t.name for t in schema.TABLES.values() if t.geometry} - {"candidates_rejected"}
    tables -= {schema.OPENINGS.name, schema.OPENING_CLUSTERS.name}  # no part of a run
    tables -= {schema.RIGHTS_CHANGED.name, schema.REGISTRATIONS_CHANGED.name}  # of two runs
    assert {row["f_table_name"] for row in rows} == {*tables, "issues", *map(str, LAYER_ROLES)}
    key = ("f_table_name", "geometry_type")
    rows.sort(key=lambda row: [str(row[name]) for name in key])
    for _, group in itertools.groupby(rows, key=lambda row: [row[name] for name in key]):
        told = {row["styleName"]: row["useAsDefault"] for row in group}
        assert told == {"geoasm (en)": 1, "geoasm (es)": 0}


def test_a_layer_of_context_has_a_style_for_each_geometry_it_may_have() -> None:
    kinds = {row["geometry_type"] for row in style_rows(ES) if row["f_table_name"] == "rivers"}
    assert kinds == {"Point", "LineString", "Polygon", "Unknown"}


def test_qgis_finds_styles_by_the_geometry_column() -> None:
    for row in style_rows(ES):
        assert row["f_geometry_column"] == ("geom" if row["geometry_type"] else "")


def test_layers_of_free_ground_have_a_style() -> None:
    rows = opening_style_rows(ES)
    assert {row["f_table_name"] for row in rows} == {"openings", "opening_clusters"}


def test_layers_of_changes_have_a_style() -> None:
    rows = change_style_rows(ES)
    assert {row["f_table_name"] for row in rows} == {"rights_changed", "registrations_changed"}


def test_every_layer_of_a_dossier_has_a_style() -> None:
    rows = dossier_style_rows(ES)
    assert {row["f_table_name"] for row in rows} == set(dossier_layers._DESCRIPTIONS)
    assert {row["styleName"] for row in rows} == {f"geoasm ({name})" for name in LANGUAGES}


def test_a_style_says_what_it_shows_in_its_language() -> None:
    told = {
        row["styleName"]: row["description"]
        for row in style_rows(ES)
        if row["f_table_name"] == "registrations"
    }
    assert told == {
        "geoasm (es)": "Inscripciones por clase",
        "geoasm (en)": "Registrations by class",
    }


@pytest.mark.parametrize(
    ("layer", "column", "codes"),
    [("registrations", "asm_class", AsmClass), ("concessions", "status", ConcessionStatus)],
)
def test_categories_are_the_codes_of_the_column_with_their_symbols(
    documents: dict[object, Document], layer: str, column: str, codes: type
) -> None:
    renderer = documents[layer].find("renderer-v2")
    assert renderer is not None
    assert renderer.get("attr") == column
    found = {c.get("value"): c for c in renderer.iter("category")}
    assert set(found) == {str(code) for code in codes}
    symbols = {s.get("name") for s in renderer.findall("symbols/symbol")}
    assert {c.get("symbol") for c in found.values()} == symbols


def test_markers_are_the_paths_of_the_map(documents: dict[object, Document]) -> None:
    symbols = documents["registrations"].findall("renderer-v2/symbols/symbol/layer")
    for asm_class, layer in zip(AsmClass, symbols, strict=True):
        style, found = CLASS_STYLES[asm_class], properties(layer)
        rgb = ",".join(str(int(style.color[i : i + 2], 16)) for i in (1, 3, 5))
        assert found["color"] == f"{rgb},255"
        drawing = base64.b64decode(str(found["name"]).removeprefix("base64:")).decode("ascii")
        paths = {p.get("d") for p in ElementTree.fromstring(drawing)}
        assert paths == {SHAPES[style.shape].path}


def test_stronger_rights_lie_over_weaker_ones(documents: dict[object, Document]) -> None:
    renderer = documents["concessions"].find("renderer-v2")
    assert renderer is not None
    assert renderer.get("symbollevels") == "1"
    status = {c.get("symbol"): c.get("value") for c in renderer.iter("category")}
    ranks = {
        status[symbol.get("name")]: {layer.get("pass") for layer in symbol.iter("layer")}
        for symbol in renderer.findall("symbols/symbol")
    }
    assert ranks == {str(s): {str(i)} for i, s in enumerate(STATUS_ORDER)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_that_qgis_shows_has_a_name_and_no_name_is_left_over(language: str) -> None:
    labels = Labels(language)
    rows = [
        *style_rows(labels), *dossier_style_rows(labels), *opening_style_rows(labels),
        *change_style_rows(labels),
    ]  # fmt: skip
    shown = {
        str(field.get("field"))
        for row in rows
        for field in ElementTree.fromstring(str(row["styleQML"])).iter("alias")
    }
    plain = {name for name in shown if not name.startswith(("factor_", "known_"))}
    assert plain == set(catalogue(language)["qgis_field"])
    assert all(alias(name, labels).strip() for name in shown)


def test_factors_are_named_by_the_names_of_factors() -> None:
    assert alias("factor_own_plant", ES) == f"Factor: {ES.code('factor', 'own_plant')}"
    assert alias("known_own_plant", EN) == f"Known part: {EN.code('factor', 'own_plant')}"


def test_codes_are_shown_in_words(documents: dict[object, Document]) -> None:
    def words(layer: str, column: str) -> dict[str | None, str | None]:
        field = documents[layer].find(f"fieldConfiguration/field[@name='{column}']")
        assert field is not None
        pairs = field.findall("editWidget/config/Option/Option[@name='map']/Option/Option")
        return {pair.get("value"): pair.get("name") for pair in pairs}

    assert words("registrations", "asm_class") == catalogue("es")["asm_class"]
    assert words("registrations", "status") == catalogue("es")["registration_status"]
    assert words("concessions", "status") == catalogue("es")["concession_status"]
    assert set(SECTIONS.values()) <= set(catalogue("es"))


def test_the_same_language_gives_the_same_styles() -> None:
    assert style_rows(ES) == style_rows(Labels("es"))
