"""`geoasm screen`: from a run folder to dossiers, and one line for what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from geoasm.cli.main import cli
from tests.screened import HOLDER, number_of, sample_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_run().save(tmp_path_factory.mktemp("runs") / "run")  # type: ignore[attr-defined, no-any-return]


def screen(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["screen", *(str(a) for a in arguments)])


def refusal(*arguments: object) -> str:
    """Run what must be refused with exit code 2, nothing on stdout, one line on stderr."""
    outcome = screen(*arguments)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    (line,) = outcome.stderr.splitlines()
    return line


def test_it_prints_the_folder_and_the_page(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "dossier"
    outcome = screen(run, "--holder", HOLDER.lower(), "--out", out)
    assert outcome.exit_code == 0
    assert outcome.stdout == f"{out}\n{out / 'dossier.html'}\n"
    assert {p.name for p in out.iterdir()} == {
        "dossier.html",
        "dossier.xlsx",
        "dossier.gpkg",
        "manifest.json",
    }
    assert "--overwrite" in refusal(run, "--holder", HOLDER, "--out", out)
    assert (
        screen(run, "--holder", HOLDER, "--out", out, "--overwrite", "--lang", "en").exit_code == 0
    )
    assert '<html lang="en">' in (out / "dossier.html").read_text(encoding="utf-8")


def test_it_says_the_first_figures_of_the_dossier_unless_quiet(run: Path, tmp_path: Path) -> None:
    asked = (run, "--holder", HOLDER, "--lang", "en", "--out", tmp_path / "dossier")
    said = screen(*asked).stderr.split("\n")
    assert said[1] == HOLDER
    in_force = next(line for line in said if line.strip().startswith("Titles in force"))
    assert int(in_force.split()[-1]) >= 1
    assert screen(*asked, "--overwrite", "--quiet").stderr == ""


def test_all_prints_the_index(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "all"
    outcome = screen(run, "--all", "--min-registrations", 10, "--out", out)
    assert outcome.exit_code == 0
    assert outcome.stdout == f"{out}\n{out / 'index.html'}\n"
    assert (out / "grupo-velzanda" / "dossier.xlsx").is_file()


def test_a_wrong_name_is_one_line_with_the_nearest(run: Path, tmp_path: Path) -> None:
    line = refusal(run, "--holder", "EXPLORACIONES GUENSTREQUIRI", "--out", tmp_path / "x")
    assert HOLDER in line
    assert "GRUPO VELZANDA" in refusal(run, "--group", "VELZANDAS", "--out", tmp_path / "x")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--holder", "A", "--group", "B"),
        ("--all",),
        ("--holder", "A", "--min-registrations", "3"),
        ("--all", "--min-registrations", "0"),
        ("--holder", ""),
        ("--holder", " . "),
        ("--group", ""),
    ],
)
def test_asking_for_nothing_or_for_two_things_is_usage(
    run: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    assert "--" in refusal(run, *arguments, "--out", tmp_path / "x")


def test_an_internal_dossier_stays_out_of_what_is_published(run: Path, tmp_path: Path) -> None:
    asked = (run, "--holder", number_of(HOLDER), "--audience", "internal", "--out")
    assert "may be published" in refusal(*asked, run / "names")
    assert screen(*asked, run / "private" / "dossier").exit_code == 0
    assert screen(*asked, tmp_path / "mine").exit_code == 0


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    assert "no such folder" in refusal(tmp_path / "no", "--holder", "A", "--out", tmp_path / "x")
