"""Whatever ends a command, its former output stands byte by byte or the new one is whole, and the next run succeeds."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.boxes import Box, Disk, Stage, spread
from tests.faults.commands import MOST_STRUCK, STRUCK, boxed, command_of

WHERE = {"files": ("full", "kill", "end"), "lines": ("starve", "interrupt")}


@pytest.fixture(params=MOST_STRUCK)
def box(request: pytest.FixtureRequest, stage: Stage, tmp_path: Path) -> Iterator[Box]:
    with boxed(request.param, stage, tmp_path) as made:
        yield made


def struck(box: Box, *, most: int) -> list[str]:
    """Strike a command at some points of every kind; list what that broke of what is promised."""
    broken = []
    for where, blows in WHERE.items():
        box.lay()
        points = box.stage.order(replace(box.plain(), where=where)).points
        assert points > 0
        for turn, blow in enumerate(blows):
            for at in spread(points, most, seed=turn):
                broken += box.try_out(where=where, at=at, blow=blow)
    return broken


@pytest.mark.slow
def test_former_stands_or_new_is_whole_wherever_it_ends(box: Box) -> None:
    assert not struck(box, most=3)


@pytest.mark.slow
@pytest.mark.parametrize("name", STRUCK)
def test_whatever_else_is_written_stands_or_is_whole_too(
    stage: Stage, tmp_path: Path, name: str
) -> None:
    with boxed(name, stage, tmp_path) as box:
        assert not struck(box, most=1)


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
@pytest.mark.parametrize(
    ("name", "largest"),
    [
        *(("overlaps", largest) for largest in (1_500, 20_000, 150_000, 250_000)),
        *(("openings", 8_192), ("partition", 4_000), ("simulate", 20_000)),
    ],
)
def test_a_file_that_may_not_grow_ends_in_one_line(
    stage: Stage, tmp_path: Path, name: str, largest: int
) -> None:
    """Deep in Arrow, GDAL and SQLite: a limit of the system, which stands for any disk that refuses."""
    box = Box(stage, tmp_path / "box", command_of(name, stage.run))
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
