"""`geoasm scenario`: from a run folder to a scenario's, and one line for what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from geoasm.cli.main import cli
from tests.baselines import run_files, write_scenario, write_world

LAPSE = '[[measure]]\nkind = "rights_lapse"\nwhere = { holder_activity = "idle" }\n'


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    return run_files(write_world(folder / "files")).save(folder / "run")


def call(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["scenario", *(str(a) for a in arguments)])


def refusal(*arguments: object) -> str:
    """Run what must be refused with exit code 2, nothing on stdout, one line on stderr."""
    outcome = call(*arguments)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    return outcome.stderr.splitlines()[-1]


def test_it_writes_the_run_the_report_and_the_tables(run: Path, tmp_path: Path) -> None:
    asked, out = write_scenario(tmp_path, LAPSE), tmp_path / "out"
    outcome = call(run, asked, "--out", out)
    assert outcome.exit_code == 0
    assert outcome.stdout == f"{out}\n{out / 'scenario.html'}\n"
    assert "1 de 16 inscripciones cambian de clase" in outcome.stderr
    assert {p.name for p in out.iterdir()} == {
        *("run", "scenario.html", "scenario.json", "scenario.toml", "flows.csv", "candidates.csv")
    }
    assert (out / "scenario.toml").read_bytes() == asked.read_bytes()
    numbers = json.loads((out / "scenario.json").read_text(encoding="utf-8"))
    assert numbers["by_reason"] == {"rights_lapse": 1}
    flows = pd.read_csv(out / "flows.csv")
    assert list(flows) == [
        *("class_a", "class_b", "pathway_a", "pathway_b", "admin_1", "reason", "registrations")
    ]
    assert flows["registrations"].sum() == numbers["registrations"] == 16
    assert "--overwrite" in refusal(run, asked, "--out", out)
    outcome = call(run, asked, "--out", out, "--overwrite", "--lang", "en", "-q")
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    page = (out / "scenario.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in page
    assert "not the present situation" in page


def test_the_package_names_its_scenarios() -> None:
    outcome = call("--list")
    assert outcome.exit_code == 0
    assert [line.split("\t")[0] for line in outcome.stdout.splitlines()] == [
        *("coexistence_agreements", "state_acquires_extinct", "title_reform")
    ]


def test_what_is_wrong_is_one_line_and_nothing_is_written(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert "title_reform" in refusal(run, "title_refrom", "--out", out)
    asked = write_scenario(tmp_path, "[parameters]\nidle_years = 3\n")
    line = refusal(run, asked, "--out", out)
    assert line.startswith("geoasm: error: a_scenario.toml: parameters.idle_years")
    assert "no such folder" in refusal(tmp_path / "nowhere", asked, "--out", out)
    assert not out.exists()


def test_flows_that_do_not_add_up_end_with_one(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geoasm.amendments.effects.balance_faults", lambda *_: ["on_idle_claim"])
    asked = write_scenario(tmp_path, "")
    said = {"es": "«En concesión ociosa» no cuadran", "en": "“On an idle title” do not add up"}
    for language, fault in said.items():
        out = tmp_path / language
        outcome = call(run, asked, "--out", out, "--lang", language)
        assert outcome.exit_code == 1
        assert fault in outcome.stderr
        assert "on_idle_claim" not in outcome.stderr
        assert fault in (out / "scenario.html").read_text(encoding="utf-8")
