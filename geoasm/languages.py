"""The languages that pages are written in: a folder of the catalogue each."""

from __future__ import annotations

from importlib import resources

CATALOGUE = resources.files("geoasm").joinpath("render", "catalogue")
FIRST = "es"


def _languages() -> tuple[str, ...]:
    """Name them, the first language before the others."""
    found = sorted(folder.name for folder in CATALOGUE.iterdir() if folder.is_dir())
    return tuple(sorted(found, key=lambda name: name != FIRST))


LANGUAGES = _languages()
