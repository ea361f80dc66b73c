"""Whatever ends a command, its former output stands byte by byte or the new one is whole, and the next run succeeds."""

from __future__ import annotations

import shutil
import signal
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.faults.boxes import ROOT, Box, Disk, Stage, spread

SAMPLE = ROOT / "data" / "sample"
COMMANDS = ("run", "overlaps", "compare", "screen", "map")
FOLDER_OF_A_RUN = {"map": "map.html"}


def command_of(name: str, run: Path) -> list[str]:
    if name == "screen":
        firms = pd.read_parquet(run / "holders.parquet", columns=["name"])["name"].dropna()
        return ["screen", str(run), "--holder", firms.iloc[0]]
    return {
        "run": ["run", str(SAMPLE / "study.toml")],
        "overlaps": ["overlaps", str(SAMPLE / "concessions.gpkg"), "--profile", "pe"],
        "compare": ["compare", str(run), str(run)],
        "map": ["map", "TARGET"],
    }[name]


@pytest.fixture(params=COMMANDS)
def box(request: pytest.FixtureRequest, stage: Stage, tmp_path: Path) -> Box:
    name = request.param
    command = command_of(name, stage.run)
    return Box(stage, tmp_path / "box", command, inside=FOLDER_OF_A_RUN.get(name, ""))


@pytest.mark.slow
def test_former_stands_or_new_is_whole_wherever_it_ends(box: Box) -> None:
    broken = []
    for where, blows in (("files", ("full", "kill", "end")), ("lines", ("starve", "interrupt"))):
        box.lay()
        points = box.stage.order(replace(box.plain(), where=where)).points
        for turn, blow in enumerate(blows):
            for at in spread(points, 3, seed=turn):
                broken += box.try_out(where=where, at=at, blow=blow)
    assert not broken


@pytest.mark.slow
def test_killed_or_ended_at_any_time_it_leaves_what_was(box: Box) -> None:
    box.lay()
    lasts = box.stage.order(box.plain()).lasted_s
    broken = []
    for turn, number in enumerate((signal.SIGKILL, signal.SIGINT, signal.SIGTERM)):
        for share in (0.3 + 0.1 * turn, 0.8):
            broken += box.try_out(after_s=share * lasts, signal=int(number))
    assert not broken


@pytest.mark.slow
@pytest.mark.parametrize("largest", [1_500, 20_000, 150_000, 250_000])
def test_a_file_that_may_not_grow_ends_in_one_line(
    stage: Stage, tmp_path: Path, largest: int
) -> None:
    """Deep in Arrow, GDAL and SQLite: a limit of the system, which stands for any disk that refuses."""
    box = Box(stage, tmp_path / "box", command_of("overlaps", stage.run))
    box.lay()
    ending = stage.order(replace(box.plain(), largest=largest))
    assert ending.code == 2
    assert ending.said.count("\n") == 1
    assert "ulimit -f" in ending.said
    assert box.state() == "old"
    assert [p.name for p in box.folder.iterdir()] == ["target"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["overlaps", "screen"])
def test_a_full_disk_ends_in_one_line(stage: Stage, mount: Disk, name: str) -> None:
    box = Box(stage, mount("size=64m"), command_of(name, stage.run))
    box.lay()
    used = shutil.disk_usage(box.folder).used
    broken = []
    for room in spread(used, 6, seed=1)[:-1]:
        box.lay()
        mount(f"size={used + room}")
        ending = stage.order(box.plain())
        mount("size=64m")
        left = [p.name for p in box.folder.iterdir()]
        told = ending.said.count("\n") == 1 and "no space left" in ending.said
        if ending.code != 2 or not told or box.state() != "old" or left != ["target"]:
            broken.append((room, used, ending, box.state(), left))
    assert not broken
    assert stage.order(box.plain()).code == 0
    assert box.state() == "new"


def test_a_read_only_disk_is_told_before_anything_is_lost(stage: Stage, mount: Disk) -> None:
    box = Box(stage, mount("size=64m"), command_of("overlaps", stage.run))
    box.lay()
    mount("ro")
    ending = stage.order(box.plain())
    mount("rw")
    assert ending.code == 2
    assert ending.said.count("\n") == 1
    assert "read-only; choose another --out" in ending.said
    assert box.state() == "old"
