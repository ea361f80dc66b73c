"""
The same rights and registrations as pages of folium, made as its documentation shows.

Attributes are those of the drawing that geoasm's own map is packed from, already in words; columns have
names of ten characters, as a shapefile's have. What geoasm draws besides (layers of context, candidates,
the list of rights at a point) these pages go without.
"""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import tarfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import folium
import geopandas as gpd
import pandas as pd
import shapely
from folium.plugins import FastMarkerCluster
from xstatic.pkg import leaflet

from geoasm.render.layers import Drawing
from geoasm.render.layers.context import SIMPLIFIED_DEGREES
from geoasm.render.payload import Column, Days, Field, Layer, Numbers, Reference, joined

COLUMN_CHARACTERS = 10
DECIMALS = 5
MOST_ZOOM = 18  # of folium's default tiles, which these pages go without; clusters need one
PERU = (-9.5, -75.0)
PACKAGES = {"jquery": "3.7.1", "bootstrap": "5.2.2", "leaflet.markercluster": "1.1.0"}
# Links of a page of folium by their ends, and the files of a package that stand for them.
PARTS = {
    "jquery-3.7.1.min.js": ("jquery", "jquery.min.js"),
    "bootstrap.bundle.min.js": ("bootstrap", "js/bootstrap.bundle.min.js"),
    "bootstrap.min.css": ("bootstrap", "css/bootstrap.min.css"),
    "leaflet.markercluster.js": ("leaflet.markercluster", "leaflet.markercluster.js"),
    "MarkerCluster.css": ("leaflet.markercluster", "MarkerCluster.css"),
    "MarkerCluster.Default.css": ("leaflet.markercluster", "MarkerCluster.Default.css"),
}
_LINK = re.compile(
    r'<script src="(?P<js>https?:[^"]+)"></script>|<link rel="stylesheet" href="(?P<css>https?:[^"]+)"\s*/?>'
)
_ICONS = ("marker-icon.png", "marker-icon-2x.png", "marker-shadow.png")
# Both end a template of folium, which reads data as part of it, or a string of JavaScript.
_BREAKS_FOLIUM = str.maketrans({"{": "(", "}": ")", "\\": "/", "`": "'"})
CALLBACK = """function (row) {
  var marker = L.marker(new L.LatLng(row[0], row[1]));
  marker.bindPopup(row[2] + "<br>" + row[3]);
  return marker;
}"""


class NoLibrariesError(Exception):
    """The libraries that pages of folium link to cannot be had."""


@dataclass(frozen=True)
class Tables:
    """Rights and registrations with the columns of geoasm's popups, and the labels of those."""

    rights: gpd.GeoDataFrame
    registrations: gpd.GeoDataFrame
    labels: Mapping[str, Mapping[str, str]]
    holder: str
    registrant: str

    def sample(self, every: int) -> Tables:
        """Keep every so manieth feature."""
        rights, registrations = self.rights.iloc[::every], self.registrations.iloc[::every]
        return Tables(rights, registrations, self.labels, self.holder, self.registrant)


def tables(drawing: Drawing, holder_label: str, registrant_label: str) -> Tables:
    """Turn the layers of a drawing into tables as a user of folium has them."""
    layers = {layer.id: layer for layer in drawing.layers}
    made, labels = {}, {}
    for name in ("concessions", "registrations"):
        made[name], labels[name] = _table(layers[name], layers)
    by_label = {k: {v: c for c, v in labels[k].items()} for k in labels}
    return Tables(
        made["concessions"],
        made["registrations"],
        labels,
        by_label["concessions"][holder_label],
        by_label["registrations"][registrant_label],
    )


def _table(layer: Layer, layers: Mapping[str, Layer]) -> tuple[gpd.GeoDataFrame, dict[str, str]]:
    columns = {"codigo": layer.names, "nombre": layer.subtitles}
    columns["clase"] = pd.Series([layer.groups[m].label for m in layer.members], dtype=object)
    labels = {"codigo": "Código", "nombre": "Nombre", "clase": "Clase"}
    for field in layer.fields:
        short = re.sub(r"\W+", "_", field.label.lower())[:COLUMN_CHARACTERS]
        name = next(n for n in (short, *(f"{short[:-1]}{i}" for i in range(9))) if n not in columns)
        columns[name], labels[name] = _texts(field, layers), field.label
    said = {n: c for n, c in columns.items() if c.notna().any()}
    text = pd.DataFrame({n: c.fillna("").astype(str).to_numpy() for n, c in said.items()})
    for name in text:
        text[name] = [value.translate(_BREAKS_FOLIUM) for value in text[name]]
    table = gpd.GeoDataFrame(text, geometry=list(layer.geometry), crs="EPSG:4326")
    return table, {name: labels[name] for name in said}


def _texts(field: Field, layers: Mapping[str, Layer]) -> pd.Series:
    parts = (_said(part, layers) for part in field.values.columns)
    return joined(parts, field.values.separator)


def _said(part: Column, layers: Mapping[str, Layer]) -> pd.Series:
    """Give a column in words: folium writes what it is given."""
    if isinstance(part, Reference):
        there = layers[part.layer]
        titles = joined([there.names, there.subtitles], " · ")
        said = [titles[row] if row >= 0 else None for row in part.rows]
    elif isinstance(part, Numbers):
        form = f"{',' if part.grouped else ''}.{part.decimals}f"
        numbers = (None if pd.isna(v) else format(v, form) for v in part.values)
        said = [n and part.template.replace("{value}", n) for n in numbers]
    elif isinstance(part, Days):
        said = [None if pd.isna(day) else f"{day:%d/%m/%Y}" for day in part.values]
    else:
        return part.reset_index(drop=True)
    return pd.Series(said, dtype=object)


def plain(data: Tables) -> tuple[str, float]:
    """Give folium's page with every feature a GeoJson, every attribute in a GeoJsonPopup; seconds."""
    start = time.perf_counter()
    page = folium.Map(PERU, zoom_start=6, tiles=None)
    for name, table in (("concessions", data.rights), ("registrations", data.registrations)):
        labels = data.labels[name]
        popup = folium.GeoJsonPopup(list(labels), aliases=list(labels.values()))
        folium.GeoJson(table, popup=popup).add_to(page)
    return page.get_root().render(), time.perf_counter() - start


def canvas(data: Tables) -> tuple[str, float]:
    """Give folium's page with a canvas, simplified outlines, clustered points, two attributes; seconds."""
    start = time.perf_counter()
    page = folium.Map(PERU, zoom_start=6, tiles=None, prefer_canvas=True, maxZoom=MOST_ZOOM)
    rights = data.rights[["codigo", data.holder, "geometry"]].copy()
    outlines = shapely.simplify(rights.geometry.to_numpy(), SIMPLIFIED_DEGREES)
    rights["geometry"] = shapely.transform(outlines, lambda xy: xy.round(DECIMALS))
    popup = folium.GeoJsonPopup(["codigo", data.holder], aliases=["Código", "Titular"])
    folium.GeoJson(rights, popup=popup).add_to(page)
    points = data.registrations
    xy = shapely.get_coordinates(points.geometry.to_numpy()).round(DECIMALS)
    rows = zip(xy[:, 1], xy[:, 0], points["codigo"], points[data.registrant], strict=True)
    FastMarkerCluster(
        [[float(y), float(x), c, r] for y, x, c, r in rows], callback=CALLBACK
    ).add_to(page)
    return page.get_root().render(), time.perf_counter() - start


class Libraries:
    """
    Texts that take the place of the links in a page of folium, of the versions that it links to.

    Raises
    ------
    NoLibrariesError
        There is no npm, or its registry cannot be reached, and `cache` is empty.
    """

    def __init__(self, cache: Path) -> None:
        cache.mkdir(parents=True, exist_ok=True)
        self._texts = {end: _packed(cache, *part) for end, part in PARTS.items()}
        self._texts["leaflet.js"] = Path(leaflet.BASE_DIR, "leaflet.js").read_text(encoding="utf-8")
        self._texts["leaflet.css"] = Path(leaflet.BASE_DIR, "leaflet.css").read_text(
            encoding="utf-8"
        )

    def inlined(self, page: str) -> str:
        """Put the libraries into a page; links to icon fonts, which these pages do not use, go."""
        head, end, body = page.partition("</head>")
        return _LINK.sub(self._text, head) + self._icons() + end + body

    def _text(self, link: re.Match[str]) -> str:
        script = link["js"] is not None
        text = self._texts.get((link["js"] or link["css"]).rpartition("/")[2], "")
        text = re.sub(r"//# sourceMappingURL=\S+|/\*# sourceMappingURL=.*?\*/", "", text)
        text = re.sub(r"url\(images/[\w.-]+\.png\)", "none", text)
        closed = text.replace("</script", "<\\/script")
        return f"<script>{closed}</script>" if script else f"<style>{text}</style>"

    def _icons(self) -> str:
        """Give default markers their pictures: Leaflet looks for them beside the page."""
        icon, twice, shadow = (
            "data:image/png;base64,"
            + base64.b64encode(Path(leaflet.BASE_DIR, "images", name).read_bytes()).decode("ascii")
            for name in _ICONS
        )
        options = f'{{iconUrl: "{icon}", iconRetinaUrl: "{twice}", shadowUrl: "{shadow}"}}'
        set_path = 'L.Icon.Default.imagePath = "";'
        return f"<script>{set_path} L.Icon.Default.mergeOptions({options});</script>"


def _packed(cache: Path, package: str, name: str) -> str:
    archive = cache / f"{package}-{PACKAGES[package]}.tgz"
    if not archive.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise NoLibrariesError("there is no npm")
        command = [npm, "pack", "--silent", f"{package}@{PACKAGES[package]}"]
        try:
            subprocess.run(command, cwd=cache, check=True, capture_output=True, timeout=120)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise NoLibrariesError(f"npm pack {package}@{PACKAGES[package]} failed") from error
    with tarfile.open(archive) as packed:
        held = packed.extractfile(f"package/dist/{name}")
        assert held is not None
        return held.read().decode("utf-8")
