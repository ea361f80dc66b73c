"""
Open GeoPackages as QGIS does, and tell as JSON what it makes of their styles.

Run by the system's Python, which has QGIS: `look.py OUT FILE.gpkg…`. OUT gets a picture of each layer.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsCategorizedSymbolRenderer,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsRuleBasedRenderer,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor, QImage
from qgis.PyQt.QtXml import QDomDocument

SIDE = 900
BACKGROUND = "#fbfaf6"


def sublayers(path: Path) -> list[QgsVectorLayer]:
    """Layers of a file as QGIS lists them: one of several geometry types is split by type."""
    whole = QgsVectorLayer(str(path), "all", "ogr")
    parts = [text.split("!!::!!") for text in whole.dataProvider().subLayers()]
    names = [part[1] for part in parts]
    out = []
    for _, name, _, kind, *_ in parts:
        of_kind = f"|geometrytype={kind}" if names.count(name) > 1 else ""
        out.append(QgsVectorLayer(f"{path}|layername={name}{of_kind}", name, "ogr"))
    return [layer for layer in out if layer.name() != "layer_styles"]


def symbol_layers(symbol: Any) -> list[dict[str, Any]]:
    found = []
    for part in symbol.symbolLayers():
        inner = part.subSymbol()
        found.append(
            {
                "kind": part.layerType(),
                "color": part.color().name(),
                "properties": part.properties(),
                "inner": symbol_layers(inner) if inner else [],
            }
        )
    return found


def drawn(layer: QgsVectorLayer) -> list[dict[str, Any]]:
    renderer = layer.renderer()
    if isinstance(renderer, QgsCategorizedSymbolRenderer):
        entries = [(c.value(), c.label(), c.symbol().clone()) for c in renderer.categories()]
    elif isinstance(renderer, QgsSingleSymbolRenderer):
        entries = [(None, None, renderer.symbol().clone())]
    elif isinstance(renderer, QgsRuleBasedRenderer):
        rules = renderer.rootRule().children()
        entries = [(r.filterExpression(), r.label(), r.symbol().clone()) for r in rules]
    else:
        entries = []
    return [
        {"value": v, "label": text, "symbol": s.type(), "layers": symbol_layers(s)}
        for v, text, s in entries
    ]


def picture(layer: QgsVectorLayer, path: Path, *, smooth: bool) -> QImage:
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    settings.setOutputSize(QSize(SIDE, SIDE))
    settings.setOutputDpi(96)
    settings.setBackgroundColor(QColor(BACKGROUND))
    extent = layer.extent()
    extent.grow(max(extent.width(), extent.height(), 0.01) * 0.05)
    settings.setExtent(extent)
    settings.setFlag(QgsMapSettings.Antialiasing, smooth)
    context = QgsExpressionContext()
    context.appendScope(QgsExpressionContextUtils.mapSettingsScope(settings))  # has the scale
    settings.setExpressionContext(context)
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage().convertToFormat(QImage.Format_RGB32)
    image.save(str(path))
    return image


def colors(image: QImage) -> dict[str, int]:
    bits = image.constBits()
    bits.setsize(image.sizeInBytes())
    counted = Counter(memoryview(bits).cast("B").cast("I"))
    return {f"#{value & 0xFFFFFF:06x}": n for value, n in counted.items()}


def tip(layer: QgsVectorLayer) -> str:
    """Text of the tip of the first feature."""
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    context.setFeature(next(layer.getFeatures()))
    return QgsExpression.replaceExpressionText(layer.mapTipTemplate(), context)


def look(path: Path, layer: QgsVectorLayer, out: Path) -> dict[str, Any]:
    _, loaded = layer.loadDefaultStyle()
    n, ids, names, told, _ = (
        layer.listStylesInDatabase()
    )  # n are of this layer, then those of others
    name = f"{path.stem}-{layer.name()}-{layer.geometryType()}"
    seen = {
        "file": path.stem,
        "layer": layer.name(),
        "geometry": layer.geometryType(),
        "loaded": loaded,
        "styles": list(zip(names[:n], told[:n], strict=True)),
        "type": layer.renderer().type() if layer.renderer() else None,
        "attribute": getattr(layer.renderer(), "classAttribute", str)(),
        "entries": drawn(layer),
        "aliases": {f.name(): f.alias() for f in layer.fields()},
        "widgets": {f.name(): f.editorWidgetSetup().type() for f in layer.fields()},
        "tip": tip(layer) if layer.featureCount() else None,
        "display": layer.displayExpression(),
        "labels": layer.labelsEnabled(),
        "other": {},
        "colors": {},
    }
    if layer.isSpatial() and layer.featureCount():
        picture(layer, out / f"{name}.png", smooth=True)
        seen["colors"] = colors(picture(layer, out / f"{name}-hard.png", smooth=False))
    if n > 1:
        document = QDomDocument()
        document.setContent(layer.getStyleFromDatabase(ids[1])[0])
        layer.importNamedStyle(document)
        seen["other"] = {
            "labels": [entry["label"] for entry in drawn(layer)],
            "aliases": {f.name(): f.alias() for f in layer.fields()},
        }
    return seen


def main() -> None:
    out, *paths = map(Path, sys.argv[1:])
    application = QgsApplication([], False)
    application.initQgis()
    seen = [look(path, layer, out) for path in paths for layer in sublayers(path)]
    (out / "seen.json").write_text(json.dumps(seen), encoding="utf-8")


main()
