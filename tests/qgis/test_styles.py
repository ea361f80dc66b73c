"""A run opened in QGIS: every layer by its default style, drawn as the map draws it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import LineString, Point, box

from geoasm import schema
from geoasm.codes import LAYER_ROLES, AsmClass, ConcessionStatus, Role
from geoasm.io.results import save_result
from geoasm.render import styles
from geoasm.render.labels import Labels
from geoasm.render.qml import style_rows
from geoasm.render.qml_symbols import svg_marker
from tests.render import synthetic

PYTHON = Path("/usr/bin/python3")
LOOK = Path(__file__).with_name("look.py")
ES, EN = Labels("es"), Labels("en")
MM_PER_PIXEL = 25.4 / 96
POINT, LINE, POLYGON = range(3)
Seen = dict[tuple[str, int], Any]


def has_qgis() -> bool:
    if not PYTHON.is_file():
        return False
    done = subprocess.run([PYTHON, "-c", "import qgis.core"], capture_output=True, check=False)
    return done.returncode == 0


def context() -> dict[str, Any]:
    """Every role of context as areas, the rivers as lines and areas, plants and units as points."""
    west, south = synthetic.WEST, synthetic.SOUTH
    area = [box(west, south, west + 0.1, south + 0.1)]
    layers = {str(role): synthetic.layer(area, name=str(role)) for role in LAYER_ROLES}
    line = LineString([(west, south), (west + 0.1, south + 0.05), (west + 0.2, south)])
    layers["rivers"] = synthetic.layer([line, box(west, south + 0.05, west + 0.1, south + 0.1)])
    layers["roads"] = synthetic.layer([line])
    for role in styles.CONTEXT_POINTS:
        layers[str(role)] = synthetic.layer([Point(west, south)], name=synthetic.HOSTILE[0])
    return layers


@pytest.fixture(scope="session")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    if not has_qgis():
        if os.environ.get("GEOASM_REQUIRE_QGIS") == "1":
            pytest.fail("GEOASM_REQUIRE_QGIS=1 and there is no QGIS")
        pytest.skip("there is no QGIS")
    out = tmp_path_factory.mktemp("qgis")
    run = replace(synthetic.result(), context=context())
    folder = save_result(run, out / "run", styles=style_rows(ES))
    subprocess.run(
        [PYTHON, LOOK, out, folder / "geoasm.gpkg", folder / "context.gpkg"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(out)},
        capture_output=True,
        check=True,
    )
    told = json.loads((out / "seen.json").read_text(encoding="utf-8"))
    return {(layer["layer"], layer["geometry"]): layer for layer in told}


def outline(entry: dict[str, Any]) -> dict[str, Any]:
    line: dict[str, Any] = entry["layers"][-1]
    assert line["kind"] == "SimpleLine"
    return line


def assert_drawn_as(entry: dict[str, Any], style: styles.AreaStyle) -> None:
    line = outline(entry)
    told = line["properties"]
    assert line["color"] == style.color
    assert float(told["line_width"]) == pytest.approx(style.width * MM_PER_PIXEL, abs=0.01)
    dash = [float(x) for x in told["customdash"].split(";")] if style.dash else []
    assert told["use_custom_dash"] == str(int(bool(style.dash)))
    assert dash == pytest.approx([x * MM_PER_PIXEL for x in style.dash], abs=0.01)
    if entry["symbol"] != POLYGON:
        return
    kinds = {layer["kind"]: layer for layer in entry["layers"]}
    assert ("SimpleFill" in kinds) == (style.fill > 0)
    if style.fill:
        opacity = int(kinds["SimpleFill"]["properties"]["color"].split(",")[3]) / 255
        assert opacity == pytest.approx(style.fill, abs=0.01)
        assert kinds["SimpleFill"]["color"] == style.color
    assert ("LinePatternFill" in kinds) == (style.hatch is not None)
    if style.hatch is not None:
        hatch = kinds["LinePatternFill"]
        assert float(hatch["properties"]["angle"]) == style.hatch
        assert hatch["inner"][0]["color"] == style.color


def test_every_layer_opens_with_a_default_style_of_geoasm(seen: Seen) -> None:
    names = {t.name for t in schema.RUN_TABLES.values() if t.geometry} - {
        "candidates_rejected",
        "pieces",
    }
    assert {name for name, _ in seen} == {*names, "issues", *map(str, LAYER_ROLES)}
    assert {kind for name, kind in seen if name == "rivers"} == {LINE, POLYGON}
    assert [key for key, layer in seen.items() if not layer["loaded"]] == []
    named = {tuple(name for name, _ in layer["styles"]) for layer in seen.values()}
    assert named == {("geoasm (es)", "geoasm (en)")}


@pytest.mark.parametrize("layer", ["registrations", "near_outside"])
def test_registrations_are_drawn_by_class_with_the_markers_of_the_map(
    seen: Seen, layer: str
) -> None:
    told = seen[layer, POINT]
    assert (told["type"], told["attribute"]) == ("categorizedSymbol", "asm_class")
    assert [entry["value"] for entry in told["entries"]] == [str(c) for c in AsmClass]
    assert [entry["label"] for entry in told["entries"]] == [ES.class_name(c) for c in AsmClass]
    for asm_class, entry in zip(AsmClass, told["entries"], strict=True):
        style = styles.CLASS_STYLES[asm_class]
        (marker,) = entry["layers"]
        assert (marker["kind"], marker["color"]) == ("SvgMarker", style.color)
        assert styles.SHAPES[style.shape].path in svg_marker(style)


def test_rights_are_drawn_by_status_with_the_lines_of_the_map(seen: Seen) -> None:
    told = seen["concessions", POLYGON]
    assert (told["type"], told["attribute"]) == ("categorizedSymbol", "status")
    assert [e["value"] for e in told["entries"]] == [str(s) for s in ConcessionStatus]
    names = [ES.code("concession_status", s) for s in ConcessionStatus]
    assert [e["label"] for e in told["entries"]] == names
    for status, entry in zip(ConcessionStatus, told["entries"], strict=True):
        assert_drawn_as(entry, styles.STATUS_STYLES[status])


ALIKE = {
    "candidates": styles.CANDIDATE_STYLE,
    "verify_first": styles.VERIFY_STYLE,
    "clusters": styles.CLUSTER_STYLE,
    "overlaps": styles.OVERLAP_STYLE,
}


@pytest.mark.parametrize("layer", ALIKE)
def test_layers_of_one_kind_have_the_style_and_the_name_of_the_map(seen: Seen, layer: str) -> None:
    (entry,) = seen[layer, POLYGON]["entries"]
    assert entry["label"] == ES.text(f"qgis.{layer}")
    assert_drawn_as(entry, ALIKE[layer])


@pytest.mark.parametrize("role", LAYER_ROLES)
def test_context_is_drawn_as_on_the_map(seen: Seen, role: Role) -> None:
    found = {kind: layer for (name, kind), layer in seen.items() if name == role}
    for kind, layer in found.items():
        (entry,) = [e for e in layer["entries"] if e["symbol"] == kind]
        assert entry["label"].lower() == ES.role(role).lower()
        if kind == POINT:
            assert entry["layers"][0]["color"] == styles.CONTEXT_POINTS[role].color
        else:
            assert_drawn_as(entry, styles.CONTEXT_STYLES[role])


def pixels(layer: dict[str, Any], color: str) -> int:
    """Count the pixels of a colour; a line thinner than one lets a little of the ground through."""

    def parts(text: str) -> list[int]:
        return [int(text[i : i + 2], 16) for i in (1, 3, 5)]

    def near(text: str) -> bool:
        return max(abs(a - b) for a, b in zip(parts(text), parts(color), strict=True)) <= 5

    return sum(n for text, n in layer["colors"].items() if near(text))


def test_every_class_and_status_shows_its_colour_in_the_picture(seen: Seen) -> None:
    points, rights = seen["registrations", POINT], seen["concessions", POLYGON]
    drawn = [style.color for c, style in styles.CLASS_STYLES.items() if c != AsmClass.UNLOCATABLE]
    assert [color for color in drawn if pixels(points, color) < 120] == []
    lines = [style.color for style in styles.STATUS_STYLES.values()]
    assert [color for color in lines if pixels(rights, color) < 300] == []


def test_context_shows_its_colour_and_hatch_in_the_picture(seen: Seen) -> None:
    ground = {}
    for (name, kind), layer in seen.items():
        if name in LAYER_ROLES and kind != POINT:
            assert pixels(layer, styles.CONTEXT_STYLES[Role(name)].color) > 300, name
            ground[name, kind] = layer["colors"][styles.BACKGROUND]
    plain = ground["admin", POLYGON]
    for role, style in styles.CONTEXT_STYLES.items():
        if style.hatch is not None:
            assert ground[str(role), POLYGON] < 0.95 * plain, role


def test_the_style_in_the_other_language_says_the_same_in_its_words(seen: Seen) -> None:
    other = {key: layer["other"] for key, layer in seen.items()}
    assert other["registrations", POINT]["labels"] == [EN.class_name(c) for c in AsmClass]
    assert other["candidates", POLYGON]["labels"] == [EN.text("qgis.candidates")]
    assert other["registrations", POINT]["aliases"]["flags"] == EN.text("qgis_field.flags")


def test_columns_have_names_and_codes_have_words(seen: Seen) -> None:
    ours = {"fid", "geom"}
    nameless = [
        (key, column)
        for key, layer in seen.items()
        for column, alias in layer["aliases"].items()
        if not alias and column not in ours
    ]
    assert nameless == []
    told = seen["registrations", POINT]
    assert told["aliases"]["asm_class"] == "Clase"
    assert {told["widgets"][c] for c in ("asm_class", "status", "pathway")} == {"ValueMap"}
    assert seen["issues", 4]["widgets"]["problem"] == "ValueMap"
    assert "Clase: En concesión propia" in told["tip"]


def test_a_tip_shows_markup_of_the_data_as_text(seen: Seen) -> None:
    tips = [layer["tip"] for layer in seen.values() if layer["tip"]]
    assert any("&lt;img" in tip for tip in tips)
    assert {tag for tip in tips for tag in re.findall(r"<[^>]*>", tip)} == {"<b>", "</b>", "<br>"}


def test_a_candidate_has_its_place_written_on_it(seen: Seen) -> None:
    assert seen["candidates", POLYGON]["labels"]
    assert not seen["concessions", POLYGON]["labels"]
