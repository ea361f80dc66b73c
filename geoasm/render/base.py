"""The ground under a map: land, regions, rivers and towns of a profile's base map, where it has one."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geoasm.render.labels import Labels
from geoasm.render.payload import Group, Layer
from geoasm.render.styles import BACKGROUND, AreaStyle, PointStyle

FILE = "base.geojson.gz"  # in the profile's folder; data/base_map makes it
SEA = "#e4edf2"
ABROAD = "#f0eee5"
# From the ground up. The filling is the style's colour; lines on it are the page's.
_STYLES: Mapping[str, AreaStyle | PointStyle] = {
    "world": AreaStyle(ABROAD, fill=1),
    "countries": AreaStyle(ABROAD, fill=1),
    "regions": AreaStyle(BACKGROUND, fill=1),
    "lakes": AreaStyle(SEA, fill=1),
    "rivers": AreaStyle("#a9c8da", line=True),
    "towns": PointStyle("#4a4b45", "circle"),
}
_KINDS = {"rivers": "line", "towns": "point"}


def base_layers(profile: str, labels: Labels) -> list[Layer]:
    """
    Give the layers of a profile's base map, from the ground up; none where it has no base map.

    Their ids are `base:world`, `base:countries`, `base:regions`, `base:lakes`, `base:rivers` and
    `base:towns`. The groups of rivers and towns are their ranks, the most important first.
    """
    file = resources.files("geoasm") / "profiles" / profile / FILE
    if not file.is_file():
        return []
    features = json.loads(gzip.decompress(file.read_bytes()))["features"]
    of_layer: dict[str, list[Mapping[str, Any]]] = {name: [] for name in _STYLES}
    for feature in features:
        of_layer[feature["properties"]["layer"]].append(feature)
    return [_layer(name, found, labels) for name, found in of_layer.items() if found]


def _layer(name: str, features: Sequence[Mapping[str, Any]], labels: Labels) -> Layer:
    told = [feature["properties"] for feature in features]
    names = [labels.country(p["code"]) if p.get("code") else p.get("name") or None for p in told]
    ranks, members = np.unique([p.get("rank", 0) for p in told], return_inverse=True)
    geometry = shapely.from_geojson([json.dumps(feature["geometry"]) for feature in features])
    return Layer(
        id=f"base:{name}",
        title="",
        here="",
        kind=_KINDS.get(name, "polygon"),
        groups=[Group(f"base:{name}:{rank}", str(rank), 0, _STYLES[name]) for rank in ranks],
        members=members,
        names=pd.Series(names, dtype=object),
        subtitles=pd.Series([None] * len(told), dtype=object),
        geometry=geometry,
    )
