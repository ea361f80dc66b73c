"""The example map in maps/sample is of the sample of today and of the format of today."""

from __future__ import annotations

import json
import re
from pathlib import Path

from geoasm.io.paths import digest
from geoasm.io.samples import sample_folder
from geoasm.render.packing import FORMAT
from tests.render import unpacked

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "maps" / "sample"


def test_it_was_made_from_the_sample_of_today() -> None:
    manifest = json.loads((SAMPLE / "manifest.json").read_text(encoding="utf-8"))
    told = {Path(row["name"]).name: row["sha256"] for row in manifest["inputs"]}
    assert told
    for name, sha256 in told.items():
        assert digest(sample_folder() / name) == sha256


def test_it_can_be_read_as_the_format_says() -> None:
    layers = unpacked.layers((SAMPLE / "map.html").read_text(encoding="utf-8"))
    assert {layer.header["format"] for layer in layers.values()} == {FORMAT}
    assert {"registrations", "concessions", "candidates"} <= set(layers)


def test_pictures_of_the_readme_are_there() -> None:
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(shown) == 2
    for name in shown:
        assert (ROOT / name).read_bytes().startswith(b"\x89PNG")
