"""Struck at every line that moves a folder or file into its place, the old stands or the new is whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.boxes import Box, Stage, spread

MOST = {"kill": 20}
FEW = 8


@pytest.mark.parametrize("blow", ["kill", "interrupt", "starve", "end"])
@pytest.mark.parametrize("former", [True, False], ids=["over a former one", "for the first time"])
@pytest.mark.parametrize(
    "flags", [[], ["--plain"], ["--page"]], ids=["folder", "folder in two moves", "page"]
)
def test_every_line_may_be_the_last(
    stage: Stage, tmp_path: Path, flags: list[str], former: bool, blow: str
) -> None:
    if blow == "kill" and former and "--plain" in flags:
        pytest.skip("for a moment there is none: see the next test")
    box = Box(stage, tmp_path / "box", ["tiny", *flags], former)
    box.lay()
    lines = stage.order(replace(box.plain(), where="moving")).points
    assert lines > 30
    broken = [
        fault
        for at in spread(lines, MOST.get(blow, FEW), seed=len(flags) + former)
        for fault in box.try_out(where="moving", at=at, blow=blow)
    ]
    assert not broken


def test_between_two_moves_nothing_is_lost(stage: Stage, tmp_path: Path) -> None:
    """Where a system cannot exchange, the former lies aside for a moment: the next start puts it back."""
    box = Box(stage, tmp_path / "box", ["tiny", "--plain"])
    box.lay()
    lines = stage.order(replace(box.plain(), where="moving")).points
    aside = 0
    for at in range(lines // 2, lines + 1):
        box.lay()
        stage.order(replace(box.plain(), where="moving", at=at, blow="kill"))
        if not box.target.exists():
            aside += 1
            refused = replace(box.plain(), arguments=["tiny", "--plain", "--out", str(box.target)])
            assert stage.order(refused).code == 2
            assert box.state() == "old"
    assert aside
