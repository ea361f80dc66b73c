"""A style of the map as a symbol of QGIS: the same path, dash, hatch and width, in millimetres."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement

from geoasm.render.styles import SHAPES, AreaStyle, PointStyle

Style = PointStyle | AreaStyle

MARKER, LINE, FILL = "marker", "line", "fill"
_MM_PER_PIXEL = 25.4 / 96
_BOX = (
    1.25  # half a side of the drawing of a marker: its path goes to 1, the rest is its white edge
)
_EDGE = 0.3
_MARKER_PIXELS = 6.0  # radius, where a legend shows it
# Radius of a marker in pixels down to a scale: as the map's zoom levels have it.
_RADIUS_AT_SCALE = ((4_400_000, 2.5), (1_100_000, 3.2), (270_000, 4.2), (34_000, 6.0), (0, 7.5))
_SMALL_SCALE = 1_100_000  # beyond it a line keeps half its width
_THINNEST_PIXELS = 1.0
_HATCH_PIXELS = {0: 16.0, 90: 16.0, 45: 16 / 2**0.5, 135: 16 / 2**0.5}
_HATCH_OPACITY = 0.45


def add_symbol(parent: Element, name: str, kind: str, style: Style, rank: int = 0) -> None:
    """
    Add a symbol to an element.

    Parameters
    ----------
    kind
        MARKER, LINE or FILL, by the geometry of the layer.
    rank
        Place in the order of drawing, where symbols have one: the higher lies over the lower.
    """
    symbol = SubElement(
        parent, "symbol", {"name": name, "type": kind, "alpha": "1", "clip_to_extent": "1"}
    )
    if isinstance(style, PointStyle):
        _add_layer(symbol, "SvgMarker", _marker(style), rank, _changing("size", _sizes()))
        return
    if kind == FILL and style.fill:
        _add_layer(symbol, "SimpleFill", _inside(style), rank)
    if kind == FILL and style.hatch is not None:
        hatch = _add_layer(symbol, "LinePatternFill", _hatch(style, style.hatch), rank)
        line = SubElement(
            hatch, "symbol", {"name": f"@{name}@1", "type": LINE, "alpha": str(_HATCH_OPACITY)}
        )
        _add_layer(line, "SimpleLine", _line(AreaStyle(style.color, (), _THINNEST_PIXELS)), 0)
    _add_layer(symbol, "SimpleLine", _line(style), rank, _changing("outlineWidth", _width(style)))


def svg_marker(style: PointStyle) -> str:
    """Draw a marker as an SVG whose fill QGIS sets."""
    path = SHAPES[style.shape].path
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" '
        f'viewBox="{-_BOX} {-_BOX} {2 * _BOX} {2 * _BOX}">'
        f'<path d="{path}" fill="none" stroke="#ffffff" stroke-opacity="0.9" '
        f'stroke-width="{_EDGE}" stroke-linejoin="round"/>'
        f'<path d="{path}" fill="param(fill)"/></svg>'
    )


def _add_layer(
    symbol: Element, kind: str, properties: Mapping[str, str], rank: int, *more: Element
) -> Element:
    layer = SubElement(
        symbol, "layer", {"class": kind, "enabled": "1", "pass": str(rank), "locked": "0"}
    )
    options = SubElement(layer, "Option", {"type": "Map"})
    for key, value in properties.items():
        SubElement(options, "Option", {"name": key, "type": "QString", "value": value})
        SubElement(layer, "prop", {"k": key, "v": value})  # read by QGIS before 3.22
    layer.extend(more)
    return layer


def _marker(style: PointStyle) -> dict[str, str]:
    drawing = base64.b64encode(svg_marker(style).encode("ascii")).decode("ascii")
    return {
        "name": f"base64:{drawing}",
        "color": _color(style.color, 1.0),
        "outline_color": _color("#ffffff", 0.0),
        "outline_width": "0",
        "size": f"{_marker_mm(_MARKER_PIXELS):.2f}",
        "size_unit": "MM",
    }


def _inside(style: AreaStyle) -> dict[str, str]:
    return {"style": "solid", "color": _color(style.color, style.fill), "outline_style": "no"}


def _hatch(style: AreaStyle, angle: int) -> dict[str, str]:
    return {
        "angle": str(angle),
        "color": _color(style.color, 1.0),
        "distance": f"{_HATCH_PIXELS[angle] * _MM_PER_PIXEL:.2f}",
        "distance_unit": "MM",
        "line_width": _mm(_THINNEST_PIXELS),
        "line_width_unit": "MM",
    }


def _line(style: AreaStyle) -> dict[str, str]:
    dash = {
        "use_custom_dash": "1",
        "customdash": ";".join(_mm(length) for length in style.dash),
        "customdash_unit": "MM",
    }
    return {
        "line_color": _color(style.color, 1.0),
        "line_style": "solid",
        "line_width": _mm(style.width),
        "line_width_unit": "MM",
        "joinstyle": "round",
        "capstyle": "flat",
        **(dash if style.dash else {"use_custom_dash": "0"}),
    }


def _sizes() -> str:
    cases = " ".join(
        f"WHEN @map_scale > {scale} THEN {_marker_mm(pixels):.2f}"
        for scale, pixels in _RADIUS_AT_SCALE
    )
    return f"CASE {cases} END"


def _width(style: AreaStyle) -> str:
    thin = _mm(max(style.width / 2, min(style.width, _THINNEST_PIXELS)))
    return f"if(@map_scale > {_SMALL_SCALE}, {thin}, {_mm(style.width)})"


def _changing(name: str, expression: str) -> Element:
    """Make a property follow an expression."""
    out = Element("data_defined_properties")
    options = SubElement(out, "Option", {"type": "Map"})
    SubElement(options, "Option", {"name": "name", "type": "QString", "value": ""})
    properties = SubElement(options, "Option", {"name": "properties", "type": "Map"})
    one = SubElement(properties, "Option", {"name": name, "type": "Map"})
    SubElement(one, "Option", {"name": "active", "type": "bool", "value": "true"})
    SubElement(one, "Option", {"name": "expression", "type": "QString", "value": expression})
    SubElement(one, "Option", {"name": "type", "type": "int", "value": "3"})
    SubElement(options, "Option", {"name": "type", "type": "QString", "value": "collection"})
    return out


def _marker_mm(radius: float) -> float:
    return 2 * _BOX * radius * _MM_PER_PIXEL


def _mm(pixels: float) -> str:
    return f"{pixels * _MM_PER_PIXEL:.2f}"


def _color(color: str, opacity: float) -> str:
    parts = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    return ",".join(map(str, (*parts, round(255 * opacity))))
