"""`geoasm explain`: from a run folder to words on stdout."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from geoasm.cli.main import cli
from geoasm.io.results import save_result
from geoasm.manifest import RUN_FORMAT, RUN_FORMAT_VERSION
from tests.render import synthetic


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    manifest = {"format": {"name": RUN_FORMAT, "version": RUN_FORMAT_VERSION}, **synthetic.RECORD}
    result = replace(synthetic.result(), manifest=manifest)
    return save_result(result, tmp_path_factory.mktemp("runs") / "run")


def geoasm(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["explain", *(str(a) for a in arguments)])


def test_it_speaks_the_language_of_the_run_or_the_one_asked_for(run: Path) -> None:
    outcome = geoasm(run, "R00000")
    assert outcome.exit_code == 0
    assert outcome.stdout.startswith("Inscripción R00000\n")
    assert outcome.stderr == ""
    assert geoasm(run, "R00000", "--lang", "en").stdout.startswith("Registration R00000\n")


def test_json_is_for_machines(run: Path) -> None:
    told = json.loads(geoasm(run, "R00000", "--json").stdout)
    assert told["registration"]["registration_id"] == "R00000"
    assert told["registration"]["class_probability"] == 0.87


def test_a_wrong_code_is_one_line_with_the_nearest_and_exit_2(run: Path) -> None:
    outcome = geoasm(run, "R0000")
    assert outcome.exit_code == 2
    assert outcome.stdout == ""
    (line,) = outcome.stderr.splitlines()
    assert "R00000" in line


def test_names_of_persons_need_the_private_part_and_an_internal_reader(
    run: Path, tmp_path: Path
) -> None:
    named = "HUAMÁN FLORES, LUIS"
    assert named in geoasm(run, "R00000", "--audience", "internal").stdout
    assert named not in geoasm(run, "R00000").stdout
    public = shutil.copytree(run, tmp_path / "public")
    shutil.rmtree(public / "private")
    assert geoasm(public, "R00000").exit_code == 0
    refused = geoasm(public, "R00000", "--audience", "internal")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "private" in refused.stderr


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    assert geoasm(tmp_path, "R00000").exit_code == 2
