"""QGIS styles: what QGIS needs to find in them, and the same colours as the map."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from geoasm import schema
from geoasm.codes import AsmClass, ConcessionStatus
from geoasm.render.labels import Labels
from geoasm.render.qml import style_rows
from geoasm.render.styles import CLASS_STYLES, SHAPES


@pytest.fixture(scope="module")
def documents() -> dict[object, ElementTree.Element]:
    return {
        row["f_table_name"]: ElementTree.fromstring(str(row["styleQML"]))
        for row in style_rows(Labels("es"))
    }


def properties(symbol: ElementTree.Element) -> dict[str | None, str | None]:
    return {p.get("k"): p.get("v") for p in symbol.iter("prop")}


def test_every_layer_with_geometry_has_a_default_style() -> None:
    rows = style_rows(Labels("es"))
    layers = {t.name for t in schema.TABLES.values() if t.geometry} - {"candidates_rejected"}
    assert {row["f_table_name"] for row in rows} == layers
    assert all(row["useAsDefault"] == 1 for row in rows)


@pytest.mark.parametrize(
    ("layer", "column", "codes"),
    [("registrations", "asm_class", AsmClass), ("concessions", "status", ConcessionStatus)],
)
def test_categories_are_the_codes_of_the_column_with_their_names(
    documents: dict[object, ElementTree.Element], layer: str, column: str, codes: type
) -> None:
    renderer = documents[layer].find("renderer-v2")
    assert renderer is not None
    assert renderer.get("attr") == column
    found = {c.get("value"): c for c in renderer.iter("category")}
    assert set(found) == {str(code) for code in codes}
    symbols = {s.get("name") for s in renderer.iter("symbol")}
    assert {c.get("symbol") for c in found.values()} == symbols


def test_markers_are_those_of_the_map(documents: dict[object, ElementTree.Element]) -> None:
    symbols = list(documents["registrations"].iter("symbol"))
    for asm_class, symbol in zip(AsmClass, symbols, strict=True):
        style, found = CLASS_STYLES[asm_class], properties(symbol)
        rgb = ",".join(str(int(style.color[i : i + 2], 16)) for i in (1, 3, 5))
        ink = "outline_color" if SHAPES[style.shape].hollow else "color"
        assert found[ink] == f"{rgb},255"
        assert found["name"] == SHAPES[style.shape].qgis


def test_no_two_markers_look_alike_in_qgis(documents: dict[object, ElementTree.Element]) -> None:
    looks = [
        (p["name"], p["angle"], p["outline_width"])
        for p in map(properties, documents["registrations"].iter("symbol"))
    ]
    assert len(set(looks)) == len(AsmClass)
