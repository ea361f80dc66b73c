"""A run that was made with a profile of one's own is compared, screened and searched with that profile."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import geoasm
from geoasm.cli.main import cli
from geoasm.errors import UnknownProfile
from geoasm.io.profiles import load_profile
from geoasm.io.results import load_result
from geoasm.io.run_profile import profile_of
from geoasm.manifest import digest
from geoasm.profile import Profile

SHIPPED = Path(geoasm.__file__).parent / "profiles" / "pe"


def call(*args: object) -> Result:
    return CliRunner().invoke(cli, list(map(str, args)))


@pytest.fixture(scope="module")
def made(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a profile `xx` of somebody's own and a run made with it."""
    folder = tmp_path_factory.mktemp("own")
    shutil.copytree(SHIPPED, folder / "xx")
    for file in ("profile.toml", "law.toml"):
        text = (folder / "xx" / file).read_text(encoding="utf-8")
        text = text.replace('code = "pe"', 'code = "xx"').replace('"pe.', '"xx.')
        (folder / "xx" / file).write_text(text, encoding="utf-8")
    done = call(
        *("run", "--profile", folder / "xx", "--on", "2026-01-01"),
        *("--concessions", sample / "concessions.gpkg"),
        *("--registrations", sample / "registrations.csv", "--out", folder / "run"),
    )
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture
def own(made: Path, tmp_path: Path) -> Path:
    """The same, to be spoilt; the run's study says where its profile was."""
    shutil.copytree(made, tmp_path / "own")
    study = tmp_path / "own" / "run" / "private" / "study.toml"
    moved = study.read_text(encoding="utf-8").replace(str(made), str(tmp_path / "own"))
    study.write_text(moved, encoding="utf-8")
    return tmp_path / "own"


def test_the_profile_is_found_where_it_lies(own: Path, tmp_path: Path) -> None:
    assert profile_of(own / "run", load_result(own / "run")).code == "xx"
    for command in (
        ["compare", own / "run", own / "run"],
        ["openings", own / "run"],
        ["screen", own / "run", "--all", "--min-registrations", 5],
    ):
        done = call(*command, "--out", tmp_path / str(command[0]))
        assert done.exit_code == 0, done.output


def test_a_changed_copy_of_a_shipped_profile_goes_before_the_shipped_one(own: Path) -> None:
    copy = own / "pe"
    shutil.copytree(SHIPPED, copy)
    file = copy / "profile.toml"
    file.write_text(
        file.read_text("utf-8").replace("same_point_m = 1", "same_point_m = 7"), "utf-8"
    )
    study = own / "run" / "private" / "study.toml"
    study.write_text(study.read_text("utf-8").replace(str(own / "xx"), str(copy)), "utf-8")
    found = profile_of(own / "run", load_result(own / "run")).comparison
    assert found is not None
    assert found.same_point_m == 7


@pytest.mark.parametrize("command", [["compare", "{run}", "{run}"], ["openings", "{run}"]])
def test_a_profile_that_is_gone_is_one_line_that_says_where_it_was(
    command: list[str], own: Path, tmp_path: Path
) -> None:
    shutil.rmtree(own / "xx")
    done = call(*(word.format(run=own / "run") for word in command), "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert f"profile in {own / 'xx'}, which is not there: put the folder back" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_run_without_its_private_part_says_what_is_missing(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(own / "run" / "private")
    result = load_result(own / "run")
    monkeypatch.chdir(own)  # where a folder happens to bear the code
    with pytest.raises(UnknownProfile, match=r"private/study\.toml is missing"):
        profile_of(own / "run", result)
    with pytest.raises(UnknownProfile, match="profile 'xx'"):
        profile_of(result, result)


def test_an_own_profile_that_bears_a_shipped_code_is_not_taken_for_the_shipped_one(
    own: Path, tmp_path: Path
) -> None:
    copy = own / "pe"
    shutil.copytree(SHIPPED, copy)
    file = copy / "profile.toml"
    file.write_text(
        file.read_text("utf-8").replace("same_point_m = 1", "same_point_m = 7"), "utf-8"
    )
    remade = json.loads((own / "run" / "manifest.json").read_text("utf-8"))
    assert remade["profile_is_shipped"] is False
    result = load_result(own / "run")
    shutil.rmtree(own / "run" / "private")

    def found(**manifest: object) -> Profile:
        summary = {**result.summary, "profile": "pe"}
        said = {**result.manifest, **manifest}
        return profile_of(own / "run", replace(result, summary=summary, manifest=said))

    with pytest.raises(UnknownProfile, match="its maker's own"):
        found(profile_sha256=digest(load_profile(str(copy))))
    same = shutil.copytree(SHIPPED, tmp_path / "same" / "pe")
    assert found(profile_sha256=digest(load_profile(str(same)))).code == "pe"
    assert found(profile_is_shipped=True).code == "pe"


def test_a_map_needs_no_profile(own: Path, tmp_path: Path) -> None:
    shutil.rmtree(own / "xx")
    done = call("map", own / "run", "--lang", "en", "--out", tmp_path / "map.html")
    assert done.exit_code == 0, done.output
