"""An input that goes, shrinks or is replaced while it is read is told in one line, and the former output stands."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from geoasm.errors import UnreadableSource
from geoasm.io.paths import unchanged
from tests.faults.boxes import Box, Stage, alike, contents, spread
from tests.faults.commands import SAMPLE
from tests.faults.stage import Ending

Maker = Callable[[Path], object]
RIGHTS = SAMPLE / "concessions.gpkg"


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(RIGHTS, RIGHTS.name)


FORMATS: dict[str, Maker] = {
    "rights.gpkg": lambda path: shutil.copyfile(RIGHTS, path),
    "rights.geojson": lambda path: gpd.read_file(RIGHTS).to_crs("EPSG:4326").to_file(path),
    "rights.shp": lambda path: gpd.read_file(RIGHTS).to_file(path),
    "rights.parquet": lambda path: gpd.read_file(RIGHTS).to_parquet(path),
    "rights.zip": _zip,
    "register.csv": lambda path: shutil.copyfile(SAMPLE / "registrations.csv", path),
    "register.xlsx": lambda path: pd.read_csv(SAMPLE / "registrations.csv").to_excel(path),
}


def spoilt(box: Box, victim: Path, *, most: int) -> list[str]:
    """Spoil an input at some of the lines that run; list what that broke of what is promised."""
    keep = victim.with_name(f"kept-{victim.name}")
    shutil.copyfile(victim, keep)
    box.lay()
    points = box.stage.order(replace(box.plain(), where="lines")).points
    broken, told = [], 0
    for turn, blow in enumerate(("vanish", "shrink", "swap")):
        for at in spread(points, most, seed=turn):
            shutil.copyfile(keep, victim)
            fault = {"where": "lines", "at": at, "blow": blow, "victim": str(victim)}
            box.lay()
            ending = box.stage.order(replace(box.plain(), **fault))
            told += ending.code == 2
            if not (_is_told(box, ending, victim) or _is_whole(box, ending)):
                broken.append(f"{at} {blow}: exit {ending.code}, {box.state()}, {ending.said!r}")
    assert told
    return broken


def _is_told(box: Box, ending: Ending, victim: Path) -> bool:
    is_line = re.fullmatch(f"geoasm: error: .*{victim.stem}.*\n", ending.said)
    return ending.code == 2 and bool(is_line) and box.state() == "old"


def _is_whole(box: Box, ending: Ending) -> bool:
    """Tell whether the output is that of the input as it was, or as it was left before it was opened."""
    if ending.code != 0 or box.state() == "new":
        return ending.code == 0
    found = contents(box.target)
    return box.stage.order(box.plain()).code == 0 and alike(contents(box.target), found)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")  # shapefiles cut names
@pytest.mark.parametrize("name", FORMATS)
def test_an_input_that_is_spoilt_while_it_is_read_is_named(
    stage: Stage, tmp_path: Path, name: str
) -> None:
    victim = tmp_path / name
    FORMATS[name](victim)
    box = Box(stage, tmp_path / "box", ["partition", str(victim), "--profile", "pe"])
    assert not spoilt(box, victim, most=2)


@pytest.mark.slow
@pytest.mark.parametrize("side", ["registrations", "concessions"])
def test_points_or_rights_that_are_spoilt_while_they_are_linked_are_named(
    stage: Stage, tmp_path: Path, side: str
) -> None:
    paths = [tmp_path / f"{what}.parquet" for what in ("registrations", "concessions")]
    for path in paths:
        shutil.copyfile(stage.run / path.name, path)
    box = Box(stage, tmp_path / "box", ["link", *map(str, paths)])
    assert not spoilt(box, tmp_path / f"{side}.parquet", most=2)


def test_a_database_that_readers_bring_up_to_date_is_not_taken_for_a_changed_one(
    tmp_path: Path,
) -> None:
    file, log = tmp_path / "a.gpkg", tmp_path / "a.gpkg-wal"
    file.write_bytes(b"1")
    with pytest.raises(UnreadableSource, match="was changed"), unchanged(file):
        file.write_bytes(b"22")
    log.write_bytes(b"1")
    with unchanged(file):
        file.write_bytes(b"333")
