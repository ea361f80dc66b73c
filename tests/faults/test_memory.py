"""Memory: runs in one process leave nothing behind, and what is not there is told in one line."""

from __future__ import annotations

import gc
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import repeated
from geoasm import api
from geoasm.io.study import read_study
from tests.faults.boxes import ROOT, contents

resource = pytest.importorskip("resource")

MB = 2**20
OVERLAPS = ("overlaps", "data/sample/concessions.gpkg", "--profile", "pe", "--on", "2026-01-01")


@pytest.mark.slow
def test_runs_in_one_process_leave_no_objects_behind(tmp_path: Path) -> None:
    """Counted, as megabytes are unsteady: a result that is kept is some thousand objects."""
    study = read_study(repeated.small_study(tmp_path, registrations=12))
    held = []
    for _ in range(5):
        api.run_study(study).save(tmp_path / "run", overwrite=True)
        gc.collect()
        held.append(len(gc.get_objects()))
    assert np.diff(held)[-2:].min() < 100, held


@pytest.fixture(scope="module")
def former(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("memory") / "rights"
    assert overlaps(out, None).returncode == 0
    return out


def overlaps(out: Path, megabytes: int | None) -> subprocess.CompletedProcess[str]:
    def limit() -> None:
        if megabytes is not None:
            resource.setrlimit(resource.RLIMIT_AS, (megabytes * MB, megabytes * MB))

    return subprocess.run(
        [sys.executable, "-m", "geoasm", *OVERLAPS, "-q", "--overwrite", "--out", str(out)],
        cwd=ROOT, check=False, capture_output=True, text=True, timeout=120, preexec_fn=limit,
    )  # fmt: skip


# At 500 OpenBLAS asks without end unless it is told to take one thread.
@pytest.mark.slow
@pytest.mark.parametrize("megabytes", [60, 200, 500, 640])
def test_too_little_memory_is_one_line_and_the_former_stands(former: Path, megabytes: int) -> None:
    before = contents(former)
    ended = overlaps(former, megabytes)
    assert ended.returncode == 2 or ended.returncode < 0
    assert contents(former) == before
    if ended.returncode == 2:
        assert [p.name for p in former.parent.iterdir()] == ["rights"]
        assert re.fullmatch(r"geoasm: error: not enough memory; .*\n", ended.stderr)


@pytest.mark.slow
def test_memory_that_may_suffice_leaves_the_former_or_a_whole_one(former: Path) -> None:
    before = contents(former)
    ended = overlaps(former, 740)
    found = contents(former)
    assert set(found) == set(before)
    assert ended.returncode == 0 or found == before
