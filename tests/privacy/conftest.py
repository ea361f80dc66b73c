"""A planted study, run twice: what every other command starts from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from geoasm.cli.main import cli
from tests.privacy import planted


@dataclass(frozen=True)
class World:
    """Files and runs; `said` is what the runs put out on both streams."""

    study: Path
    runs: Path
    said: str

    @property
    def run(self) -> Path:
        return self.runs / "a"

    def file(self, name: str) -> Path:
        return self.study.parent / name


def geoasm(*arguments: object) -> str:
    """Run the command line as loud as it goes; give all that it puts out."""
    done = CliRunner().invoke(cli, ["-v", "-v", *map(str, arguments)])
    assert done.exit_code in (0, 1), done.output
    return done.output


@pytest.fixture(scope="session")
def world(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("planted")
    study = planted.write_study(sample, folder / "study")
    runs = folder / "runs"
    runs.mkdir()
    said = [geoasm("run", study, "--planarize", "--out", runs / "a")]
    said.append(geoasm("run", study, "--on", "2026-02-01", "--lang", "en", "--out", runs / "b"))
    return World(study, runs, "\n".join(said))
