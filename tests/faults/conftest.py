"""One stage for all tests of a worker, and disks that refuse."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.boxes import Disk, Stage, staged


@pytest.fixture(scope="session")
def stage(sample: Path) -> Iterator[Stage]:
    """A process that has the sample's answers ready."""
    with staged(sample / "study.toml") as running:
        yield running


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Disk]:
    """Mount a small disk of its own, or mount it anew with other options."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = False

    def do(options: str) -> Path:
        nonlocal mounted
        how = f"remount,{options}" if mounted else options
        if os.geteuid() != 0 or _run("mount", "-t", "tmpfs", "-o", how, "tmpfs", str(place)):
            pytest.skip("no right to mount a disk here")
        mounted = True
        return place

    yield do
    if mounted:
        _run("umount", "-l", str(place))


def _run(*command: str) -> int:
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode
    except OSError:
        return 127
