"""The one server that a map may ask, and only when its reader ticks a box."""

from __future__ import annotations

TILE_HOST = "https://tile.openstreetmap.org"
TILES = f"{TILE_HOST}/{{z}}/{{x}}/{{y}}.png"
CREDIT = "© OpenStreetMap (openstreetmap.org/copyright)"
