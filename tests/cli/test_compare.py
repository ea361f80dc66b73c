"""`geoasm compare`: two run folders in, tables and pages out, and one line for what is wrong."""

from __future__ import annotations

import json
import shutil
import sqlite3
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from geoasm.api import Analysis
from geoasm.cli.main import cli
from geoasm.codes import Cause, RightChange, Role
from tests.changes import snapshots

FILES = {
    *("changes.gpkg", "comparison.html", "comparison.json", "flows.csv", "map.html"),
    *("registrations_changed.csv", "rights_changed.csv"),
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("runs")
    made = []
    for name, frames, on in (
        ("a", snapshots.earlier(), date(2024, 6, 1)),
        ("b", snapshots.later(), date(2024, 12, 1)),
    ):
        result = snapshots.run(frames, on)
        assert isinstance(result, Analysis)
        made.append(result.save(folder / name))
    return made[0], made[1]


@pytest.fixture(scope="module")
def compared(runs: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("compared") / "c"
    assert compare(*runs, "--out", out).exit_code == 0
    return out


def compare(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["compare", *(str(a) for a in arguments)])


def refusal(*arguments: object) -> str:
    outcome = compare(*arguments)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    (line,) = outcome.stderr.splitlines()
    return line


def test_it_prints_where_the_results_are_and_what_changed(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "c"
    outcome = compare(*runs, "--out", out, "--lang", "en")
    assert outcome.exit_code == 0
    assert outcome.stdout == f"{out}\n{out / 'comparison.html'}\n{out / 'map.html'}\n"
    assert "Another holder" in outcome.stderr
    assert {p.name for p in out.iterdir()} == FILES
    assert compare(*runs, "--out", out, "--overwrite", "-q").stderr == ""


def test_flows_of_the_file_add_up_to_both_runs(runs: tuple[Path, Path], compared: Path) -> None:
    flows = pd.read_csv(compared / "flows.csv")
    for side, run in zip(("class_a", "class_b"), runs, strict=True):
        counted = pd.read_parquet(run / "registrations.parquet")["asm_class"].value_counts()
        assert flows.groupby(side)["registrations"].sum().to_dict() == counted.to_dict()


def test_the_record_says_what_was_compared(compared: Path) -> None:
    record = json.loads((compared / "comparison.json").read_text(encoding="utf-8"))
    assert (record["a"]["on"], record["b"]["on"]) == ("2024-06-01", "2024-12-01")
    assert set(record["causes"]) == set(Cause)
    assert set(record["rights"]) == set(RightChange)
    assert record["rights"]["split"] == 1
    assert {row["role"] for row in record["a"]["inputs"]} >= {"concessions", "registrations"}


def test_same_runs_same_bytes(runs: tuple[Path, Path], compared: Path, tmp_path: Path) -> None:
    compare(*runs, "--out", tmp_path / "again")
    for name in FILES - {"changes.gpkg"}:
        assert (tmp_path / "again" / name).read_bytes() == (compared / name).read_bytes(), name


def test_layers_have_styles_in_both_languages(compared: Path) -> None:
    with sqlite3.connect(compared / "changes.gpkg") as db:
        styled = db.execute("select f_table_name, styleName from layer_styles").fetchall()
    db.close()
    assert {(name, style) for name, style in styled} == {
        (name, f"geoasm ({language})")
        for name in ("rights_changed", "registrations_changed")
        for language in ("es", "en")
    }


def test_no_natural_person_is_named_anywhere(compared: Path) -> None:
    for path in compared.iterdir():
        content = path.read_bytes()
        for name in (b"QUISPE", b"PEREZ", b"GOMEZ"):
            assert name not in content, path.name


def test_without_its_private_part_a_run_says_what_cannot_be_told(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    bare = shutil.copytree(runs[0], tmp_path / "bare")
    shutil.rmtree(bare / "private")
    assert compare(bare, runs[1], "--out", tmp_path / "c").exit_code == 0
    record = json.loads((tmp_path / "c" / "comparison.json").read_text(encoding="utf-8"))
    assert record["holders_not_compared"] == 2  # Rosa's two titles
    assert "persona natural" in (tmp_path / "c" / "comparison.html").read_text(encoding="utf-8")


def test_a_run_against_itself_says_that_nothing_changed(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "c"
    done = compare(runs[0], runs[0], "--out", out)
    assert (done.exit_code, len(done.stderr.splitlines())) == (0, 3)
    assert "no cambió ningún derecho" in done.stderr
    assert "no cambió ningún derecho" in (out / "comparison.html").read_text(encoding="utf-8")
    assert len(pd.read_csv(out / "registrations_changed.csv")) == 0
    assert len(pd.read_csv(out / "rights_changed.csv")) == 0


def test_the_later_run_does_not_come_first(runs: tuple[Path, Path], tmp_path: Path) -> None:
    line = refusal(runs[1], runs[0], "--out", tmp_path / "c")
    assert line.endswith("name the earlier run first")


def test_runs_of_two_countries_are_refused(runs: tuple[Path, Path], tmp_path: Path) -> None:
    other = shutil.copytree(runs[1], tmp_path / "other")
    summary = json.loads((other / "summary.json").read_text(encoding="utf-8"))
    (other / "summary.json").write_text(json.dumps({**summary, "profile": "cd"}), encoding="utf-8")
    assert "of different profiles, pe and cd" in refusal(runs[0], other, "--out", tmp_path / "c")


def test_what_is_no_run_is_named(runs: tuple[Path, Path], tmp_path: Path) -> None:
    line = refusal(runs[0], tmp_path / "nothing", "--out", tmp_path / "c")
    assert "no such folder" in line


def test_a_folder_that_is_there_stays(runs: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "mine.txt").write_text("x", encoding="utf-8")
    refusal(*runs, "--out", tmp_path / "c", "--overwrite")
    assert (tmp_path / "c" / "mine.txt").exists()


def test_an_internal_comparison_names_persons_and_says_so(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "c"
    assert compare(*runs, "--out", out, "--audience", "internal").exit_code == 0
    assert "QUISPE MAMANI" in (out / "rights_changed.csv").read_text(encoding="utf-8")
    for page in ("comparison.html", "map.html"):
        assert "USO INTERNO" in (out / page).read_text(encoding="utf-8")


def test_an_internal_comparison_is_not_put_into_what_may_be_published(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    line = refusal(*runs, "--out", runs[0] / "c", "--audience", "internal")
    assert "may be published" in line
    bare = shutil.copytree(runs[0], tmp_path / "bare")
    shutil.rmtree(bare / "private")
    line = refusal(bare, runs[1], "--out", tmp_path / "c", "--audience", "internal")
    assert line.endswith("has no private/: compare them without --audience internal")


def test_an_internal_comparison_needs_no_party_where_none_is_known(tmp_path: Path) -> None:
    for name, day in (("a", date(2024, 1, 1)), ("b", date(2024, 12, 1))):
        frames = snapshots.earlier()
        nobody = {"TIT_CONCES": None, "NOMBRE_MIN": None, "MINERO_EN_PROCESO": None, "M_RUC": None}
        for role in (Role.CONCESSIONS, Role.REGISTRATIONS):
            known = [c for c in nobody if c in frames[role]]
            frames[role] = frames[role].assign(**dict.fromkeys(known))
        only = {r: frames[r] for r in (Role.CONCESSIONS, Role.REGISTRATIONS)}
        run = snapshots.run(only, day)
        assert run.parties.empty
        run.save(tmp_path / name)
    done = compare(
        tmp_path / "a", tmp_path / "b", "--out", tmp_path / "c", "--audience", "internal"
    )
    assert done.exit_code == 0, done.output


def test_what_only_one_run_was_given_is_said_first(runs: tuple[Path, Path], tmp_path: Path) -> None:
    frames = snapshots.earlier()
    del frames[Role.STRATA]
    bare = snapshots.run(frames, date(2024, 12, 1))
    assert isinstance(bare, Analysis)
    other = bare.save(tmp_path / "bare")
    outcome = compare(runs[0], other, "--out", tmp_path / "c")
    page = (tmp_path / "c" / "comparison.html").read_text(encoding="utf-8")
    brief = page[: page.index('id="flows"')]
    assert "Solo la primera corrida recibió: estratos de titulares" in brief
    assert "Otra tabla o capa dada" in outcome.stderr


def test_what_else_changed_in_registrations_is_on_the_page(compared: Path) -> None:
    page = (compared / "comparison.html").read_text(encoding="utf-8")
    section = page[page.index('id="registrations"') :]
    for words in ("otro código", "otra posición", "otro inscrito", "otra vía"):
        assert words in section


def test_of_the_law_the_page_tells_what_differs(tmp_path: Path) -> None:
    runs = []
    for name, on in (("a", date(2018, 12, 31)), ("b", date(2019, 1, 2))):
        made = snapshots.run(snapshots.earlier(), on)
        assert isinstance(made, Analysis)
        runs.append(made.save(tmp_path / name))
    compare(*runs, "--out", tmp_path / "c")
    page = (tmp_path / "c" / "comparison.html").read_text(encoding="utf-8")
    for rule in ("pe.idle_before_2019", "pe.idle"):
        assert f"Regla {rule}<" in page
    assert "Regla pe.small_scale" not in page


def test_a_finished_run_stays_as_it_is(runs: tuple[Path, Path]) -> None:
    line = refusal(*runs, "--out", runs[0] / "changes")
    assert "lies in the finished run" in line
    assert not (runs[0] / "changes").exists()


def test_the_run_of_a_scenario_is_told_from_what_is(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    supposed = shutil.copytree(runs[1], tmp_path / "supposed")
    summary = json.loads((supposed / "summary.json").read_text(encoding="utf-8"))
    told = {**summary, "scenario": {"name": {"es": "TITULOS QUE CADUCAN"}}}
    (supposed / "summary.json").write_text(json.dumps(told), encoding="utf-8")
    assert compare(runs[0], supposed, "--out", tmp_path / "c").exit_code == 0
    for page in ("comparison.html", "map.html"):
        assert "TITULOS QUE CADUCAN" in (tmp_path / "c" / page).read_text(encoding="utf-8")
    outcome = CliRunner().invoke(
        cli, ["series", str(runs[0]), str(supposed), "--out", str(tmp_path / "s")]
    )
    assert outcome.exit_code == 2
    assert "is the run of a scenario" in outcome.stderr
