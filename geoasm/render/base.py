"""The ground under a map: land, regions, rivers and towns of a profile's base map, where it has one."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
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
    Give the layers of a profile's base map, from the ground up; none where nothing shows the country.

    A country without a base map of its own is drawn on that of the neighbour whose map shows it best.
    Their ids are `base:world`, `base:countries`, `base:regions`, `base:lakes`, `base:rivers` and
    `base:towns`. The groups of rivers and towns are their ranks, the most important first.
    """
    of_layer: dict[str, list[Mapping[str, Any]]] = {name: [] for name in _STYLES}
    for feature in _features(profile):
        of_layer[feature["properties"]["layer"]].append(feature)
    return [_layer(name, found, labels) for name, found in of_layer.items() if found]


def _features(profile: str) -> list[Mapping[str, Any]]:
    folder = resources.files("geoasm") / "profiles"
    if (folder / profile / FILE).is_file():
        return _read(folder / profile / FILE)
    maps = [_read(path / FILE) for path in folder.iterdir() if (path / FILE).is_file()]
    corners, best = max(((_corners(found, profile), found) for found in maps), key=lambda m: m[0])
    return best if corners else []


def _read(file: Traversable) -> list[Mapping[str, Any]]:
    features: list[Mapping[str, Any]] = json.loads(gzip.decompress(file.read_bytes()))["features"]
    return features


def _corners(features: Sequence[Mapping[str, Any]], profile: str) -> int:
    """Count the corners with which a map draws a country: the more, the finer."""
    own = [f["geometry"] for f in features if f["properties"].get("code") == profile.upper()]
    return sum(shapely.get_num_coordinates(shapely.from_geojson(json.dumps(g))) for g in own)


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
