"""Two commands at one target: one wins, or the second is told in one line; none is torn."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.boxes import ROOT

# Both begin their writing at the same moment, again and again, and never wait for each other.
RIVAL = """
import os, sys, time
from pathlib import Path
from geoasm.errors import OutputError, OutputExists
from geoasm.io import atomic
me, target, overwrite, begin = sys.argv[1], Path(sys.argv[2]), sys.argv[3] == "True", sys.argv[4]
told = {"written": 0, "exists": 0, "refused": 0}
for turn in range(60):
    place = target / str(turn)
    while time.time() < float(begin) + turn * 0.02:
        time.sleep(0)
    try:
        with atomic.whole_folder(
            place, overwrite=overwrite, replaceable=lambda p: (p / "record").is_file(), what="ours"
        ) as fresh:
            for name in ("a", "b", "record"):
                atomic.write_text(fresh / name, me)
        told["written"] += 1
    except OutputExists:
        told["exists"] += 1
    except OutputError as error:
        assert "\\n" not in str(error)
        told["refused"] += 1
print(*told.values())
"""


def race(target: Path, *, overwrite: bool) -> list[list[int]]:
    begin = str(time.time() + 1.5)
    rivals = [
        subprocess.Popen(
            [sys.executable, "-c", RIVAL, me, str(target), str(overwrite), begin],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for me in ("one", "two")
    ]
    said = [rival.communicate(timeout=300)[0] for rival in rivals]
    assert [rival.returncode for rival in rivals] == [0, 0]
    return [[int(n) for n in text.split()] for text in said]


@pytest.mark.parametrize("overwrite", [True, False])
def test_of_two_at_once_each_output_is_of_one_alone(tmp_path: Path, overwrite: bool) -> None:
    told = race(tmp_path / "t", overwrite=overwrite)
    places = sorted((tmp_path / "t").iterdir())
    assert len(places) == 60  # and so none of the hidden ones at work
    for place in places:
        assert sorted(p.name for p in place.iterdir()) == ["a", "b", "record"]
        assert len({p.read_text() for p in place.iterdir()}) == 1
    written, exists, refused = (sum(counts) for counts in zip(*told, strict=True))
    assert refused == 0
    assert (written, exists) == ((120, 0) if overwrite else (60, 60))


@pytest.mark.slow
@pytest.mark.parametrize("overwrite", [True, False])
def test_two_runs_of_the_program_at_once_leave_one_whole(tmp_path: Path, overwrite: bool) -> None:
    out = tmp_path / "rights"
    command = [
        *(sys.executable, "-m", "geoasm", "overlaps", "data/sample/concessions.gpkg"),
        *("--profile", "pe", "--on", "2026-01-01", "-q", "--out", str(out)),
        *(["--overwrite"] if overwrite else []),
    ]
    rivals = [
        subprocess.Popen(
            command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        for _ in range(2)
    ]
    said = [rival.communicate(timeout=300)[1] for rival in rivals]
    codes = sorted(rival.returncode for rival in rivals)
    assert codes == ([0, 0] if overwrite else [0, 2])
    assert "".join(said).count("\n") == (0 if overwrite else 1)
    assert overwrite or "exists; name another folder" in "".join(said)
    assert [p.name for p in tmp_path.iterdir()] == ["rights"]
    alone = tmp_path / "alone"
    subprocess.run([*command[:-1], str(alone)] if not overwrite else [*command[:-2], str(alone)],
                   cwd=ROOT, check=True, stdout=subprocess.DEVNULL)  # fmt: skip
    for path in alone.glob("*.parquet"):
        assert (out / path.name).read_bytes() == path.read_bytes()
