"""`geoasm simulate`: what it writes, what it says, what it refuses."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from geoasm.cli.main import cli
from geoasm.io.study import read_study
from geoasm.manifest import RUN_FORMAT, RUN_FORMAT_VERSION

SMALL = ("--registrations", "60")


def call(*args: str) -> Result:
    return CliRunner().invoke(cli, ["simulate", "--profile", "pe", *args])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    out = tmp_path_factory.mktemp("simulate") / "data"
    return call(*SMALL, "--seed", "7", "--out", str(out)), out


def test_it_writes_what_a_run_takes_and_says_where(made: tuple[Result, Path]) -> None:
    result, out = made
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{out / 'study.toml'}\n"
    study = read_study(out / "study.toml")
    assert study.profile == "pe"
    assert {"concessions", "registrations", "admin", "asm_zones", "strata"} <= set(study.files)
    assert {"production", "mining_units", "rivers", "aliases", "permits"} <= set(study.files)
    assert all(Path(path).is_file() for path in study.files.values())
    assert {str(role): len(files) for role, files in study.rasters.items()} == {
        "activity": 3,
        "elevation": 1,
    }
    for name in ("truth", "truth_concessions", "truth_disturbance"):
        assert (out / f"{name}.parquet").is_file()


def test_the_title_says_that_it_is_a_simulation(made: tuple[Result, Path]) -> None:
    study = tomllib.loads((made[1] / "study.toml").read_text(encoding="utf-8"))
    assert study["study"]["title"] == "Datos simulados: muestra, semilla 7"


def test_it_replaces_only_what_it_made_and_only_when_told(
    made: tuple[Result, Path], tmp_path: Path
) -> None:
    out = made[1]
    before = (out / "registrations.csv").read_bytes()
    refused = call(*SMALL, "--out", str(out))
    assert refused.exit_code == 2
    assert "--overwrite" in refused.stderr
    assert (out / "registrations.csv").read_bytes() == before
    (tmp_path / "letters.txt").write_text("mine", encoding="utf-8")
    other = call(*SMALL, "--out", str(tmp_path), "--overwrite")
    assert other.exit_code == 2
    assert "is not a simulation" in other.stderr
    assert (tmp_path / "letters.txt").exists()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--scale", "town"), "'town' is not one of"),
        (("--registrations", "0"), "--registrations 0: must be 1 or more"),
        (("--layer", "admin=a.gpkg"), "--layer goes with --concessions"),
        (("--concessions", "nowhere.gpkg"), "nowhere.gpkg"),
        (("--extinct", "5", "--concessions", "c.gpkg"), "--extinct goes without --concessions"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    args: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    result = call(*args, "--out", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("roads", "--layer roads: profile pe has no such role"),
        ("rivers", "--layer rivers: simulate plants its own; leave this one out"),
        ("mining_units", "--layer mining_units: simulate plants its own; leave this one out"),
    ],
)
def test_a_layer_that_nobody_reads_or_that_is_planted_is_refused(
    role: str, said: str, made: tuple[Result, Path], tmp_path: Path
) -> None:
    source = made[1]
    result = call(
        "--concessions", str(source / "concessions.gpkg"), "--layer",
        f"{role}={source / 'admin.gpkg'}", "--out", str(tmp_path / "out"),
    )  # fmt: skip
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_register_is_planted_on_a_cadastre_that_is_given(
    made: tuple[Result, Path], tmp_path: Path
) -> None:
    source = made[1]
    out = tmp_path / "planted"
    result = call(
        "--concessions", str(source / "concessions.gpkg"), "--layer",
        f"admin={source / 'admin.gpkg'}", *SMALL, "--out", str(out),
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "in_asm_zone: the ground lacks" in result.stderr
    study = read_study(out / "study.toml")
    assert Path(study.files["concessions"]).resolve() == (source / "concessions.gpkg").resolve()  # type: ignore[index]
    assert not (out / "concessions.gpkg").exists()


def test_a_country_whose_law_sets_no_limits_is_refused_in_one_line(tmp_path: Path) -> None:
    place = str(tmp_path / "data")
    done = CliRunner().invoke(cli, ["simulate", "--profile", "br", "--out", place])
    assert done.exit_code == 2
    assert "both sides of small_scale_limit_ha" in done.stderr
    assert "choose another profile" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "command",
    [
        ("simulate", "--profile", "pe", "--out", "x"),
        ("profiles", "new", "bo", "--from", "a.csv", "--out", "bo"),
    ],
)
def test_a_finished_run_stays_as_it_is_and_nothing_is_read_or_planted_for_it(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = {"format": {"name": RUN_FORMAT, "version": RUN_FORMAT_VERSION}}
    (tmp_path / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("geoasm.simulate.simulate", None)
    result = CliRunner().invoke(cli, command)
    assert result.exit_code == 2
    assert f"{command[-1]} lies in the finished run {tmp_path}" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]
