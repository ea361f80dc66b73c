"""The languages that pages are written in: a folder of the catalogue each."""

from __future__ import annotations

from importlib import resources

CATALOGUE = resources.files("geoasm").joinpath("render", "catalogue")
FIRST = "es"
LOCALE = "locale.toml"


def _languages() -> tuple[str, ...]:
    """Name them, the first language before the others; a folder without words is none yet."""
    found = sorted(f.name for f in CATALOGUE.iterdir() if f.joinpath(LOCALE).is_file())
    return tuple(sorted(found, key=lambda name: name != FIRST))


LANGUAGES = _languages()
