"""QGIS styles for the layers of a run's GeoPackage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree import ElementTree

from geoasm.codes import AsmClass, ConcessionStatus
from geoasm.render.labels import Labels
from geoasm.render.styles import (
    CANDIDATE_STYLE,
    CLASS_STYLES,
    CLUSTER_STYLE,
    OVERLAP_STYLE,
    SHAPES,
    STATUS_STYLES,
    VERIFY_STYLE,
    AreaStyle,
    PointStyle,
)

_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_MARKER_MM = 3.0
_MM_PER_PIXEL = 0.26
_FILL_PATTERNS = {
    None: "solid",
    0: "horizontal",
    45: "b_diagonal",
    90: "vertical",
    135: "f_diagonal",
}

Style = PointStyle | AreaStyle
Entry = tuple[str, str, Style]  # value, label, style


def style_rows(labels: Labels) -> list[dict[str, object]]:
    """
    Give the rows of `layer_styles`, in which a GeoPackage keeps the styles that QGIS opens it with.

    Returns
    -------
    rows
        `f_table_name`, `f_geometry_column`, `styleName`, `styleQML`, `useAsDefault`,
        `description`; layers without geometry have none.
    """
    return _rows(
        {
            "registrations": _categorized("asm_class", _classes(labels)),
            "concessions": _categorized("status", _statuses(labels)),
            "candidates": _single(CANDIDATE_STYLE),
            "verify_first": _single(VERIFY_STYLE),
            "clusters": _single(CLUSTER_STYLE),
            "near_outside": _categorized("asm_class", _classes(labels)),
            "overlaps": _single(OVERLAP_STYLE),
            "pieces": _single(OVERLAP_STYLE),
        },
        labels,
    )


def dossier_style_rows(labels: Labels) -> list[dict[str, object]]:
    """Give the rows of `layer_styles` for the layers of a dossier."""
    return _rows(
        {
            "rights": _categorized("status", _statuses(labels)),
            "registrations": _categorized("asm_class", _classes(labels)),
            "clusters": _single(CLUSTER_STYLE),
            "candidates": _single(CANDIDATE_STYLE),
        },
        labels,
    )


def _classes(labels: Labels) -> list[Entry]:
    return [(c, labels.class_name(c), CLASS_STYLES[c]) for c in AsmClass]


def _statuses(labels: Labels) -> list[Entry]:
    return [(s, labels.code("concession_status", s), STATUS_STYLES[s]) for s in ConcessionStatus]


def _rows(documents: Mapping[str, ElementTree.Element], labels: Labels) -> list[dict[str, object]]:
    return [
        {
            "f_table_name": layer,
            "f_geometry_column": "geom",
            "styleName": layer,
            "styleQML": _DOCTYPE + ElementTree.tostring(document, encoding="unicode"),
            "useAsDefault": 1,
            "description": labels.text(f"qgis.{layer}"),
        }
        for layer, document in documents.items()
    ]


def _categorized(column: str, entries: list[Entry]) -> ElementTree.Element:
    root, renderer = _document("categorizedSymbol", attr=column)
    categories = ElementTree.SubElement(renderer, "categories")
    symbols = ElementTree.SubElement(renderer, "symbols")
    for i, (value, label, style) in enumerate(entries):
        ElementTree.SubElement(
            categories,
            "category",
            {"value": value, "label": label, "symbol": str(i), "render": "true", "type": "string"},
        )
        _symbol(symbols, str(i), style)
    return root


def _single(style: Style) -> ElementTree.Element:
    root, renderer = _document("singleSymbol")
    _symbol(ElementTree.SubElement(renderer, "symbols"), "0", style)
    return root


def _document(kind: str, **more: str) -> tuple[ElementTree.Element, ElementTree.Element]:
    root = ElementTree.Element("qgis", {"version": "3.22", "styleCategories": "Symbology"})
    renderer = ElementTree.SubElement(
        root, "renderer-v2", {"type": kind, "symbollevels": "0", "enableorderby": "0", **more}
    )
    return root, renderer


def _symbol(parent: ElementTree.Element, name: str, style: Style) -> None:
    is_point = isinstance(style, PointStyle)
    symbol = ElementTree.SubElement(
        parent,
        "symbol",
        {
            "name": name,
            "type": "marker" if is_point else "fill",
            "alpha": "1",
            "clip_to_extent": "1",
        },
    )
    layer = ElementTree.SubElement(
        symbol,
        "layer",
        {
            "class": "SimpleMarker" if is_point else "SimpleFill",
            "enabled": "1",
            "pass": "0",
            "locked": "0",
        },
    )
    properties = _marker(style) if isinstance(style, PointStyle) else _fill(style)
    options = ElementTree.SubElement(layer, "Option", {"type": "Map"})
    for key, value in properties:
        ElementTree.SubElement(options, "Option", {"name": key, "type": "QString", "value": value})
        ElementTree.SubElement(layer, "prop", {"k": key, "v": value})  # read by QGIS before 3.22


def _marker(style: PointStyle) -> Iterator[tuple[str, str]]:
    shape = SHAPES[style.shape]
    yield from (
        ("name", shape.qgis),
        ("angle", str(shape.angle)),
        ("color", _color(style.color, 0.0 if shape.hollow else 1.0)),
        ("outline_color", _color(style.color if shape.hollow else "#ffffff", 1.0)),
        ("outline_width", "0.8" if shape.hollow else "0.2"),
        ("outline_style", "solid"),
        ("size", str(_MARKER_MM)),
        ("size_unit", "MM"),
    )


def _fill(style: AreaStyle) -> Iterator[tuple[str, str]]:
    yield from (
        ("style", _FILL_PATTERNS[style.hatch]),
        ("color", _color(style.color, style.fill)),
        ("outline_color", _color(style.color, 1.0)),
        ("outline_style", _pen(style.dash)),
        ("outline_width", f"{style.width * _MM_PER_PIXEL:.2f}"),
        ("outline_width_unit", "MM"),
    )


def _pen(dash: tuple[int, ...]) -> str:
    """Give the pen of QGIS that is nearest to a dash."""
    pens: Mapping[bool, str] = {True: "dot", False: "dash"}
    if len(dash) == 4:
        return "dash dot"
    return pens[dash[0] < dash[1]] if dash else "solid"


def _color(color: str, opacity: float) -> str:
    parts = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    return ",".join(map(str, (*parts, round(255 * opacity))))
