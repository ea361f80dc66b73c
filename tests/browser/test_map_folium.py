"""Layers of folium work on top of the map, without a network."""

from __future__ import annotations

from pathlib import Path

import folium
import pytest
from playwright.sync_api import expect

from geoasm.render.labels import Labels
from geoasm.render.map import build_map
from tests.browser.conftest import Opener
from tests.render import synthetic

pytestmark = pytest.mark.browser

LINE = {
    "type": "Feature",
    "properties": {},
    "geometry": {"type": "LineString", "coordinates": [[-78.6, -7.1], [-78.3, -7.0]]},
}


def test_markers_circles_and_lines_of_folium_are_drawn(visit: Opener, tmp_path: Path) -> None:
    drawn = build_map(synthetic.result(), Labels("es"))
    folium.CircleMarker([-7.1, -78.5], radius=12, color="#ff0000").add_to(drawn)
    folium.Marker([-7.05, -78.45]).add_to(drawn)
    folium.GeoJson(LINE).add_to(drawn)
    path = tmp_path / "map.html"
    path.write_text(drawn.get_root().render(), encoding="utf-8")
    seen = visit(str(path))
    expect(seen.page.locator('path[stroke="#ff0000"]')).to_be_visible()
    expect(seen.page.locator('path[stroke="#3388ff"]')).to_be_attached()
    icon = seen.page.locator("img.leaflet-marker-icon")
    expect(icon).to_be_visible()
    assert icon.evaluate("(image) => image.complete && image.naturalWidth") == 25
    assert [u for u in seen.requests if not u.startswith(("data:", "blob:", path.as_uri()))] == []
    assert seen.complaints == []
