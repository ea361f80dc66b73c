"""A register of runs: found, read without their tables, drawn, and refused in one line."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

import geoasm
from geoasm.cli.main import cli
from geoasm.errors import OutputError, OutputExists, RunNotFound
from geoasm.io.register import find_runs
from geoasm.io.results import save_result
from geoasm.render.labels import Labels
from geoasm.render.lines import Trend, trends
from geoasm.render.styles import PointStyle
from geoasm.series import Series
from tests.screened import HOSTILE, sample_run

DAYS = ("2025-10-01", "2025-12-01", "2026-01-01")


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of three runs, one of them by another rule for stacks, with other things beside them."""
    folder = tmp_path_factory.mktemp("register")
    result = sample_run()
    for day in DAYS:
        options = {**result.manifest["options"], "on": day}
        if day == DAYS[-1]:
            options["stacked"] = "ambiguous"
        made = replace(
            result,
            summary={**result.summary, "on": day},
            manifest={**result.manifest, "options": options},
        )
        save_result(made, folder / f"run-{day}")
    (folder / "notes").mkdir()
    (folder / ".run.partial-1").mkdir()
    (folder / "readme.txt").touch()
    return folder


@pytest.fixture(scope="module")
def made(register: Path) -> Series:
    return geoasm.draw_series([register])


def test_a_folder_of_runs_is_its_runs_and_what_else_lies_there_is_left_alone(
    register: Path, made: Series
) -> None:
    assert len(find_runs([register])) == 3
    assert len(find_runs([register, register / f"run-{DAYS[0]}"])) == 3  # none twice
    assert list(dict.fromkeys(made.shares["run"])) == [f"run-{day}" for day in DAYS]


def test_shares_are_those_of_the_runs(made: Series) -> None:
    rows = {row["asm_class"]: row for row in sample_run().summary["tables"]["by_class"]}
    for row in made.shares.to_dict("records"):
        expected = rows.get(row["asm_class"], {"registrations": 0, "share": 0.0})
        assert row["registrations"] == expected["registrations"]
        assert row["share"] == pytest.approx(expected["share"])
        assert row["denominator_registrations"] == 600


def test_a_change_of_options_is_flagged_on_its_day_and_drawn(made: Series) -> None:
    rows = made.changes[made.changes["what"] == "options"]
    assert list(rows["on"]) == [pd.Timestamp(DAYS[-1])]
    assert made.page.count("stroke-dasharray") == made.page.count('id="trends-figure"') * len(
        set(made.shares.loc[made.shares["registrations"] > 0, "asm_class"])
    )


def test_only_what_runs_say_of_themselves_is_read(register: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(register, tmp_path / "copy")
    for path in [*copy.glob("*/*.parquet"), *copy.glob("*/*.gpkg"), *copy.glob("*/*.html")]:
        path.unlink()
    for path in copy.glob("*/private"):
        shutil.rmtree(path)
    assert len(geoasm.draw_series([copy]).shares) > 0


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_page_spells_denominators_out_and_has_a_table_for_its_figures(
    register: Path, language: str
) -> None:
    labels = Labels(language)
    page = unescape(geoasm.draw_series([register], language=language).page)
    whole = labels.code("denominator", "all")
    assert labels.text("series.whole", denominator=whole) in page
    assert labels.code("denominator", "third_party") in page
    assert page.count('role="img"') == 2
    assert page.count("<title") == 3  # of the page and of each figure
    assert labels.text("series.caption_classes") in page
    assert labels.code("method_change", "options") in page
    assert not re.findall(r"\{\w+\}", page.partition("</style>")[2])
    for day in DAYS:
        assert labels.day(day) in page


def test_hostile_names_stay_text(register: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(register, tmp_path / "copy")
    path = copy / f"run-{DAYS[1]}" / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["options"]["stacked"] = HOSTILE[0]
    manifest["versions"]["geoasm"] = HOSTILE[1]
    path.write_text(json.dumps(manifest), encoding="utf-8")
    made = geoasm.draw_series([copy])
    assert "<img" not in made.page
    assert "<script" not in made.page
    assert "'" + HOSTILE[3] not in made.page


def test_a_series_is_written_whole_and_nothing_is_overwritten_unasked(
    made: Series, tmp_path: Path
) -> None:
    folder = made.save(tmp_path / "series")
    names = {"series.csv", "method_changes.csv", "series.html", "manifest.json"}
    assert {p.name for p in folder.iterdir()} == names
    assert pd.read_csv(folder / "series.csv")["registrations"].sum() == 1800
    with pytest.raises(OutputExists):
        made.save(folder)
    again = made.save(folder, overwrite=True)
    assert (again / "series.csv").read_bytes() == (folder / "series.csv").read_bytes()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.docx").touch()
    with pytest.raises(OutputError, match="is not a series of runs"):
        made.save(tmp_path / "mine", overwrite=True)


@pytest.mark.parametrize(
    ("break_it", "told"),
    [
        (lambda run: (run / "summary.json").unlink(), "summary.json cannot be read"),
        (lambda run: (run / "manifest.json").write_text("{", "utf-8"), "manifest.json cannot be"),
        (lambda run: (run / "summary.json").write_text("[]", "utf-8"), "holds no table"),
        (lambda run: (run / "summary.json").write_text("{}", "utf-8"), "lacks the day"),
        (
            lambda run: (run / "manifest.json").write_text(
                json.dumps({"format": {"name": "geoasm-run", "version": 0}}), "utf-8"
            ),
            "another version of geoasm",
        ),
    ],
)
def test_a_run_that_cannot_be_read_is_named(
    register: Path, tmp_path: Path, break_it: object, told: str
) -> None:
    copy = shutil.copytree(register, tmp_path / "copy")
    break_it(copy / f"run-{DAYS[1]}")  # type: ignore[operator]
    with pytest.raises(RunNotFound) as caught:
        geoasm.draw_series([copy])
    assert told in str(caught.value)
    assert f"run-{DAYS[1]}" in str(caught.value)


def refusal(*arguments: object) -> str:
    outcome = CliRunner().invoke(cli, ["series", *(str(a) for a in arguments)])
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    return outcome.stderr.splitlines()[-1]


def test_the_command_prints_what_it_wrote_and_refuses_in_one_line(
    register: Path, tmp_path: Path
) -> None:
    out = tmp_path / "series"
    runs = sorted(register.glob("run-*"))
    outcome = CliRunner().invoke(
        cli, ["series", *map(str, runs), "--out", str(out), "--lang", "en"]
    )
    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.stdout == f"{out}\n{out / 'series.html'}\n{out / 'series.csv'}\n"
    assert "--overwrite" in refusal(register, "--out", out)
    assert "two runs or more" in refusal(runs[0], "--out", tmp_path / "x")
    assert "no such folder" in refusal(tmp_path / "nowhere", "--out", tmp_path / "x")
    assert "holds none" in refusal(register / "notes", "--out", tmp_path / "x")
    twin = shutil.copytree(runs[0], tmp_path / "twin")
    line = refusal(register, twin, "--out", tmp_path / "x")
    assert runs[0].name in line
    assert "twin" in line
    assert not (tmp_path / "x").exists()


def test_places_on_the_axis_go_by_days_and_heights_by_values() -> None:
    days = [date(2025, 1, 1), date(2025, 1, 11), date(2025, 4, 11)]
    row = Trend("x", [0.0, 0.5, 0.25], [None] * 3, "", "50 %", PointStyle("#123456", "circle"))
    drawn = str(trends([row], days, ["a", "b", "c"], [], "t", "n"))
    path = re.search(r'd="M([^"]*)" fill="none" stroke="#123456"', drawn)
    assert path is not None
    (x0, y0), (x1, y1), (x2, y2) = (map(float, p.split()) for p in path[1].split("L"))
    assert (x1 - x0) / (x2 - x0) == pytest.approx(0.1, abs=0.005)
    assert (y0 - y2) / (y0 - y1) == pytest.approx(0.5, abs=0.01)
