"""`geoasm map` and `geoasm report`: pages of a finished run, for another language or audience."""

from __future__ import annotations

import html
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from geoasm.cli.main import cli
from geoasm.errors import OptionError, OutputExists, RunNotFound
from geoasm.io.results import save_result
from geoasm.manifest import RUN_FORMAT, RUN_FORMAT_VERSION
from geoasm.render.labels import catalogue
from tests.render import synthetic, unpacked


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    result = synthetic.result()
    manifest = {"format": {"name": RUN_FORMAT, "version": RUN_FORMAT_VERSION}, **synthetic.RECORD}
    return save_result(replace(result, manifest=manifest), folder)


def geoasm(*arguments: object) -> str:
    """Run the command line, letting errors through; give its stdout."""
    outcome = CliRunner().invoke(
        cli, [str(a) for a in arguments], standalone_mode=False, catch_exceptions=False
    )
    return outcome.stdout


@pytest.mark.parametrize("command", ["map", "report"])
def test_page_goes_into_the_run_in_its_language(run: Path, command: str) -> None:
    page = run / f"{command}.html"
    assert geoasm(command, run) == f"{page}\n"
    assert '<html lang="es">' in page.read_text(encoding="utf-8")
    with pytest.raises(OutputExists, match="--overwrite"):
        geoasm(command, run)
    geoasm(command, run, "--lang", "en", "--overwrite")
    assert '<html lang="en">' in page.read_text(encoding="utf-8")


def test_candidates_speak_the_language_of_the_page(run: Path, tmp_path: Path) -> None:
    geoasm("report", run, "--lang", "en", "--out", tmp_path / "en.html")
    geoasm("report", run, "--out", tmp_path / "es.html")
    english, spanish = (
        (tmp_path / f"{lang}.html").read_text(encoding="utf-8") for lang in ("en", "es")
    )
    steps = {lang: set(catalogue(lang)["next_step"].values()) for lang in ("en", "es")}
    assert any(html.escape(step) in english for step in steps["en"])
    assert not any(html.escape(step) in english for step in steps["es"])
    assert "planta propia" in spanish  # as the run said it
    assert "planta propia" not in english


def test_internal_page_goes_into_the_private_part(run: Path) -> None:
    geoasm("map", run, "--audience", "internal")
    page = (run / "private" / "map.html").read_text(encoding="utf-8")
    assert synthetic.SECRET in unpacked.text_of(page)
    assert synthetic.SECRET not in unpacked.text_of((run / "map.html").read_text(encoding="utf-8"))


def test_internal_page_may_lie_outside_the_run_but_not_in_what_is_published(
    run: Path, tmp_path: Path
) -> None:
    geoasm("map", run, "--audience", "internal", "--out", tmp_path / "mine.html")
    assert (tmp_path / "mine.html").exists()
    with pytest.raises(OptionError, match="may be published"):
        geoasm("map", run, "--audience", "internal", "--out", run / "names.html")
    assert not (run / "names.html").exists()


def test_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunNotFound):
        geoasm("report", tmp_path)
