"""A format that is added as the page says stands in every run, and nothing else changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

import geoasm
from geoasm import schema
from geoasm.io import formats
from geoasm.io.results import load_result
from tests import cells
from tests.contributing.pages import blocks

Save = Callable[[Path], Path]


@pytest.fixture(scope="module")
def save() -> Save:
    """Save one small run into a folder."""
    analysis = geoasm.analyze(
        concessions=cells.concessions(), registrations=cells.registrations(), language="en"
    )
    return lambda folder: analysis.save(folder)


@pytest.fixture
def followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do what the page says to `geoasm/io/formats.py`."""
    function, table = blocks("format.md", "python")
    names: dict[str, Any] = {**vars(formats), "gpd": gpd}
    exec(function + table, names)
    monkeypatch.setattr(formats, "FORMATS", names["FORMATS"])


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*")}


def test_the_page_s_format_has_the_located_registrations(
    save: Save, followed: None, tmp_path: Path
) -> None:
    folder = save(tmp_path / "run")
    written = gpd.read_file(folder / "registrations.fgb")
    kept = load_result(folder).registrations
    kept = kept[kept.geometry.notna()]
    assert sorted(written["registration_id"]) == sorted(kept["registration_id"])
    assert set(written.columns) == set(schema.REGISTRATIONS.names)
    assert written.crs == "EPSG:4326"


def test_the_page_s_format_is_the_same_bytes_again_and_changes_no_other_file(
    save: Save, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    before = contents(save(tmp_path / "before"))
    request.getfixturevalue("followed")
    first, again = (contents(save(tmp_path / name)) for name in ("first", "again"))
    assert first == again
    assert {name: first[name] for name in before} == before
    assert set(first) - set(before) == {"registrations.fgb"}


def test_a_format_that_fails_leaves_the_former_run(
    save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = save(tmp_path / "run")
    before = contents(folder)

    def fail(folder: Path, published: formats.Published) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(formats, "FORMATS", (*formats.FORMATS, fail))
    analysis = geoasm.analyze(
        concessions=cells.concessions(), registrations=cells.registrations(), language="en"
    )
    with pytest.raises(ZeroDivisionError):
        analysis.save(folder, overwrite=True)
    assert contents(folder) == before
    assert [p.name for p in tmp_path.iterdir()] == ["run"]
