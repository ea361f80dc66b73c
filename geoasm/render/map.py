"""map.html: a folium map that opens from disk with no network."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, ClassVar

import folium
from branca.element import Element, Figure
from folium.template import Template
from markupsafe import Markup
from xstatic.pkg import leaflet

from geoasm.model import Result
from geoasm.render import layers, online, shell
from geoasm.render.base import base_layers
from geoasm.render.labels import Labels
from geoasm.render.layers import Drawing
from geoasm.render.packed_numbers import inert
from geoasm.render.packing import Packed, pack
from geoasm.render.parties import Names
from geoasm.render.payload import Group
from geoasm.render.styles import SHAPES
from geoasm.render.swatches import swatch

_FOLDER = ("static", "map")
# A script of their own: the workers read it too.
_DECODE = ("decode.js", "columns.js", "reading.js")
_GUARD = "guard.js"  # its own script: it runs where the others cannot
_INLINE_SCRIPT = re.compile(r"""<script(?: id="geoasm-decode")?>(.*?)</script>""", re.DOTALL)
_LINKED_IMAGE = re.compile(r"url\((images/[\w.-]+\.png)\)")
_MAP_ID = "geoasm"  # folium draws ids at random; a page must come out the same every time


class Raw(Element):
    """Text that reaches the page to the letter: branca reads every other element as a template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def render(self, **kwargs: Any) -> str:
        """Give the text."""
        return self._text


class Page(Figure):
    """A page with a language and a content policy that runs its own scripts and nothing else."""

    def __init__(self, language: str, title: str) -> None:
        super().__init__(title=title)
        self.language = language
        self.later: list[str] = []  # what stands behind the scripts

    def render(self, **kwargs: Any) -> str:
        """Give the whole page; scripts are allowed by their digest, so injected ones never run."""
        for child in list(self._children.values()):
            child.render(**kwargs)
        head, body = self.header.render(**kwargs), self.html.render(**kwargs)
        script = f"<script>{self.script.render(**kwargs)}</script>"
        template = shell.environment().get_template("map_page.html.j2")
        text: str = template.render(
            language=self.language,
            title=self.title,
            tile_host=online.TILE_HOST,
            digests=[_digest(s) for s in _INLINE_SCRIPT.findall(head + body + script)],
            head=Markup(head),  # noqa: S704  (made of our own files and Raw text)
            body=Markup(body),  # noqa: S704
            script=Markup(script),  # noqa: S704
            later=Markup("\n".join(self.later)),  # noqa: S704
        )
        return text


@dataclass(frozen=True)
class Head:
    """What a map says of itself beside its layers; `on` is the day in the names of what is exported."""

    title: str
    dated: str
    on: str
    notes: Sequence[str] = ()
    sources: Sequence[str] = ()
    internal: bool = False


class OfflineMap(folium.Map):
    """
    A folium map whose libraries are in the page, and its base map, where the profile has one.

    Layers of folium may be added to it; none of geoasm's data pass through folium's templates.
    """

    _template = Template(
        """
        {% macro html(this, kwargs) %}
        <div class="folium-map" id="{{ this.get_name() }}"></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.map("{{ this.get_name() }}", {{ this.options|tojavascript }});
        {% endmacro %}
        """
    )
    default_js: ClassVar[list[tuple[str, str]]] = []
    default_css: ClassVar[list[tuple[str, str]]] = []

    def __init__(
        self,
        page: Page,
        panel: str,
        words: str,
        packed: Sequence[Packed],
        base: Sequence[Packed] = (),
    ) -> None:
        super().__init__(
            tiles=None, zoom_control=False, attribution_control=False, fade_animation=False
        )
        self._id = _MAP_ID
        self.options.pop("zoom", None)  # the script fits the map to its data
        page.add_child(self, name="map")
        page.header.add_child(Raw(f"<style>{_leaflet_css()}</style>"), name="leaflet_css")
        page.header.add_child(Raw(f"<script>{_leaflet_js()}</script>"), name="leaflet_js")
        page.header.add_child(Raw(f"<style>{_own('.css')}</style>"), name="css")
        page.html.add_child(Raw(panel), name="panel")
        guard = shell.package_text(*_FOLDER, _GUARD)
        page.html.add_child(Raw(f"<script>{guard}</script>"), name="guard")
        page.html.add_child(
            Raw(f'<script type="application/json" id="geoasm-data">{words}</script>'), name="words"
        )
        for kind, some in (("base", base), ("layer", packed)):
            for i, layer in enumerate(some):
                block = _data(f'class="geoasm-{kind}"', layer.block())
                page.html.add_child(Raw(block), name=f"{kind}{i}")
                page.later += [_data(f'data-parcel="{n}"', p) for n, p in layer.later().items()]
        decode = "\n".join(shell.package_text(*_FOLDER, name) for name in _DECODE)
        page.html.add_child(Raw(f'<script id="geoasm-decode">{decode}</script>'), name="decode")

    def render(self, **kwargs: Any) -> None:
        """Render folium's part, then the script that fills the map."""
        super().render(**kwargs)
        start = f"{_own('.js')}\ngeoasm.start({self.get_name()});"
        self.get_root().script.add_child(Raw(start), name="geoasm")


def build_map(result: Result, labels: Labels, *, audience: str = "public") -> OfflineMap:
    """
    Build the map of a run.

    Parameters
    ----------
    result
        Frames of the schema; layers of `context` are drawn as they are given.
    audience
        `public`, or `internal`, which puts names in and says so.

    Raises
    ------
    OptionError
        `internal` is asked of a run without its private part.
    """
    names = Names(result, labels, audience)
    summary = result.summary
    drawing = layers.draw(result, labels, names)
    head = Head(
        title=shell.title(summary, labels, "map.title"),
        dated=labels.text("map.law_date", date=labels.day(summary["on"])),
        on=str(summary["on"])[:10],
        notes=_notes(summary, drawing, labels),
        sources=[source_line(row, labels) for row in summary["sources"]],
        internal=names.internal,
    )
    return draw_map(drawing, head, labels, str(summary["profile"]))


def draw_map(drawing: Drawing, head: Head, labels: Labels, profile: str) -> OfflineMap:
    """
    Put layers on a map of a country.

    Parameters
    ----------
    profile
        Code of the country, whose base map is drawn where it has one.
    """
    base = base_layers(profile, labels)
    template = shell.environment().get_template("map_panel.html.j2")
    panel = template.render(
        text=labels.text,
        title=head.title,
        internal=head.internal,
        law_date=head.dated,
        sections=list(_sections(drawing)),
        swatch=swatch,
        number=labels.number,
        has_regions=any(layer.id == layers.ADMIN_LAYER for layer in drawing.layers),
        notes=head.notes,
        sources=head.sources,
        unlocated=drawing.not_drawn,
        has_base=bool(base),
        on=head.on,
        tiles=online.TILES,
        tile_host=online.TILE_HOST.removeprefix("https://"),
        credit=online.CREDIT,
    )
    page = Page(labels.text("locale.html"), head.title)
    return OfflineMap(page, panel, _words(labels), pack(drawing.layers), pack(base))


def map_html(result: Result, labels: Labels, *, audience: str = "public") -> str:
    """Give the page as text; same result, same bytes. Raises as `build_map`."""
    html: str = build_map(result, labels, audience=audience).get_root().render()
    return html


def _words(labels: Labels) -> str:
    """Give the words and marker shapes of the page as JSON that is safe inside a script element."""
    said = {**labels.section("map"), "locales": labels.locales}
    shapes = {name: shape.path for name, shape in SHAPES.items()}
    return inert(json.dumps({"words": said, "shapes": shapes, "ways": labels.ways}))


def _sections(drawing: Drawing) -> Iterator[tuple[str, list[Group]]]:
    """Give the legend: what is drawn on top comes first, classes in their own order."""
    top_down = drawing.layers[::-1]
    own = [layer for layer in top_down if not layer.is_context]
    context = [layer for layer in top_down if layer.is_context]
    for title, group in groupby([*own, *context], key=lambda layer: layer.title):
        yield title, [g for layer in group for g in (*layer.legend, *layer.painted)]


def _notes(summary: Mapping[str, Any], drawing: Drawing, labels: Labels) -> list[str]:
    notes = [shell.untested(summary, labels), *shell.assumed(summary, labels)]
    if drawing.not_drawn:
        notes.append(labels.text("map.not_drawn", n=labels.number(drawing.not_drawn)))
    if drawing.simplified:
        notes.append(labels.text("map.generalized", metres=layers.SIMPLIFIED_METRES))
    return [note for note in notes if note]


def source_line(row: Mapping[str, Any], labels: Labels) -> str:
    """Say of a source of a run what it is and of which day."""
    day = row.get("data_on")
    when = labels.text("map.data_date", date=labels.day(day)) if day else None
    told = {
        "name": f"{labels.role(row['role'])} ({row['name']})",
        "date": when or labels.text("map.no_data_date"),
    }
    if not row["rows"]:  # a raster has none
        return labels.text("map.source_raster", **told)
    return labels.text("map.source_row", rows=labels.number(row["rows"]), **told)


def _own(suffix: str) -> str:
    """Give the page's own files of a kind as one text: a tool of the map is a file in the folder."""
    names = (name for name in shell.package_names(*_FOLDER) if name.endswith(suffix))
    return "\n".join(
        shell.package_text(*_FOLDER, name) for name in names if name not in {*_DECODE, _GUARD}
    )


def _data(attribute: str, text: str) -> str:
    return f'<script type="application/octet-stream" {attribute}>{text}</script>'


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _leaflet_js() -> str:
    source = Path(leaflet.BASE_DIR, "leaflet.js").read_text(encoding="utf-8")
    plain = re.sub(r"//# sourceMappingURL=\S+", "", source).replace("</script", "<\\/script")
    # Leaflet would look for the pictures of its own markers beside the page.
    images = {
        "iconUrl": "marker-icon.png",
        "iconRetinaUrl": "marker-icon-2x.png",
        "shadowUrl": "marker-shadow.png",
    }
    options = json.dumps({key: _picture(f"images/{name}") for key, name in images.items()})
    return f'{plain}\nL.Icon.Default.imagePath = "";\nL.Icon.Default.mergeOptions({options});'


def _picture(name: str) -> str:
    image = base64.b64encode(Path(leaflet.BASE_DIR, name).read_bytes()).decode("ascii")
    return f"data:image/png;base64,{image}"


def _leaflet_css() -> str:
    source = Path(leaflet.BASE_DIR, "leaflet.css").read_text(encoding="utf-8")

    return _LINKED_IMAGE.sub(lambda match: f"url({_picture(match[1])})", source)
