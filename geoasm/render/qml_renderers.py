"""How QGIS draws the features of a layer, and what it writes on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from xml.etree.ElementTree import Element, SubElement

from geoasm.codes import AsmClass, ConcessionStatus, OpeningGround
from geoasm.render import styles
from geoasm.render.labels import Labels
from geoasm.render.qml_symbols import FILL, LINE, MARKER, Style, add_symbol

# Of a geometry type: the kind of its symbol, and the number that QGIS gives it.
KINDS: Mapping[str, tuple[str, int]] = {
    "Point": (MARKER, 0),
    "LineString": (LINE, 1),
    "Polygon": (FILL, 2),
}
_TYPE_NAMES = {"Point": "Point", "LineString": "Line", "Polygon": "Polygon"}  # of an expression

Renderer = Callable[[Element, str, Labels], None]


def _renderer(root: Element, kind: str, *, by_rank: bool = False, **more: str) -> Element:
    levels = str(int(by_rank))
    return SubElement(
        root,
        "renderer-v2",
        {"type": kind, "symbollevels": levels, "enableorderby": "0", "forceraster": "0", **more},
    )


def alike(style: Style, name: str) -> Renderer:
    """Make a renderer that draws all features alike; `name` is the key of what the legend says."""

    def add(root: Element, geometry_type: str, labels: Labels) -> None:
        by_geometry(root, labels.text(name), {geometry_type: style})

    return add


def classes(root: Element, geometry_type: str, labels: Labels) -> None:
    """Draw registrations by their class."""
    entries = [(str(c), labels.class_name(c), styles.CLASS_STYLES[c], 0) for c in AsmClass]
    _categorized(root, "asm_class", geometry_type, entries)


def statuses(root: Element, geometry_type: str, labels: Labels) -> None:
    """Draw rights by their status, the stronger over the weaker."""
    ranks = {status: i for i, status in enumerate(styles.STATUS_ORDER)}
    entries = [
        (str(s), labels.code("concession_status", s), styles.STATUS_STYLES[s], ranks[s])
        for s in ConcessionStatus
    ]
    _categorized(root, "status", geometry_type, entries)


def later_classes(root: Element, geometry_type: str, labels: Labels) -> None:
    """Draw registrations that changed by their later class."""
    entries = [(str(c), labels.class_name(c), styles.CLASS_STYLES[c], 0) for c in AsmClass]
    _categorized(root, "class_b", geometry_type, entries)


def right_changes(root: Element, geometry_type: str, labels: Labels) -> None:
    """Draw rights by what changed in them, the foremost over the others."""
    drawn = list(styles.RIGHT_CHANGE_STYLES.items())
    entries = [
        (str(c), labels.code("right_change", c), style, len(drawn) - i)
        for i, (c, style) in enumerate(drawn)
    ]
    _categorized(root, "change", geometry_type, entries)


def grounds(root: Element, geometry_type: str, labels: Labels) -> None:
    """Draw openings by what lies on them."""
    entries = [
        (str(g), labels.code("opening_ground", g), styles.OPENING_STYLES[g], 0)
        for g in OpeningGround
    ]
    _categorized(root, "ground", geometry_type, entries)


def by_geometry(root: Element, name: str, drawn: Mapping[str, Style]) -> None:
    """
    Draw each type of geometry alike, by rules: no single symbol has a text in the legend.

    QGIS shows a layer of several types as one of each.
    """
    renderer = _renderer(root, "RuleRenderer")
    rules = SubElement(renderer, "rules", {"key": "all"})
    symbols = SubElement(renderer, "symbols")
    for i, (kind, style) in enumerate(drawn.items()):
        rule = {"key": kind, "symbol": str(i), "label": name}
        if len(drawn) > 1:
            rule["filter"] = f"geometry_type($geometry) = '{_TYPE_NAMES[kind]}'"
        SubElement(rules, "rule", rule)
        add_symbol(symbols, str(i), KINDS[kind][0], style)


def _categorized(
    root: Element,
    column: str,
    geometry_type: str,
    entries: Iterable[tuple[str, str, Style, int]],
) -> None:
    listed = list(entries)
    by_rank = any(rank for *_, rank in listed)
    renderer = _renderer(root, "categorizedSymbol", by_rank=by_rank, attr=column)
    categories = SubElement(renderer, "categories")
    symbols = SubElement(renderer, "symbols")
    for i, (value, label, style, rank) in enumerate(listed):
        SubElement(
            categories,
            "category",
            {"value": value, "label": label, "symbol": str(i), "render": "true", "type": "string"},
        )
        add_symbol(symbols, str(i), KINDS[geometry_type][0], style, rank)


def add_marks(root: Element, expression: str, color: str, *, from_scale: int = 0) -> None:
    """
    Write a value on features with a halo of the map's ground, where there is room.

    From `from_scale` on, where it is given, each has its value, and before that none.
    """
    near = str(int(from_scale > 0))
    settings = SubElement(SubElement(root, "labeling", {"type": "simple"}), "settings")
    text = SubElement(
        settings,
        "text-style",
        {
            "fieldName": expression,
            "isExpression": "1",
            "fontSize": "9",
            "fontSizeUnit": "Point",
            "fontWeight": "75",
            "textColor": _rgb(color),
            "textOpacity": "1",
        },
    )
    SubElement(
        text,
        "text-buffer",
        {
            "bufferDraw": "1",
            "bufferSize": "0.8",
            "bufferSizeUnits": "MM",
            "bufferColor": _rgb(styles.BACKGROUND),
            "bufferOpacity": "1",
        },
    )
    SubElement(settings, "placement", {"placement": "1", "quadOffset": "4"})
    SubElement(
        settings,
        "rendering",
        {
            "drawLabels": "1",
            "displayAll": near,
            "scaleVisibility": near,
            "scaleMin": "1",
            "scaleMax": str(from_scale),
        },
    )


def _rgb(color: str) -> str:
    return ",".join(str(int(color[i : i + 2], 16)) for i in (1, 3, 5))
