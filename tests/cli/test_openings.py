"""`geoasm openings`: from a run folder to free ground, and one line for what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from geoasm.cli.main import cli
from tests.screened import sample_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_run().save(tmp_path_factory.mktemp("runs") / "run")  # type: ignore[attr-defined, no-any-return]


def openings(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["openings", *(str(a) for a in arguments)])


def refusal(*arguments: object) -> str:
    """Run what must be refused with exit code 2, nothing on stdout, one line on stderr."""
    outcome = openings(*arguments)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    return outcome.stderr.splitlines()[-1]


def test_it_prints_the_folder_and_the_page(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "free"
    outcome = openings(run, "--out", out)
    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.stdout == f"{out}\n{out / 'openings.html'}\n"
    assert "--overwrite" in refusal(run, "--out", out)
    few = (out / "openings.csv").read_text("utf-8").count("\n")
    assert openings(run, "--out", out, "--overwrite", "--lang", "en", "--ring", 4).exit_code == 0
    assert '<html lang="en">' in (out / "openings.html").read_text(encoding="utf-8")
    assert (out / "openings.csv").read_text("utf-8").count("\n") > few


def test_what_is_wrong_is_one_line(run: Path, tmp_path: Path) -> None:
    assert "no such folder" in refusal(tmp_path / "nowhere", "--out", tmp_path / "x")
    assert "--ring" in refusal(run, "--ring", -1, "--out", tmp_path / "x")
    assert "xx" in refusal(run, "--lang", "xx", "--out", tmp_path / "x")
    assert not (tmp_path / "x").exists()
