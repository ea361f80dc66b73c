"""The page on countries, followed to the letter: its profile passes its cases and classifies its files."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from geoasm.io.profiles import load_profile
from tests.contributing.pages import FOLDER, blocks, put
from tests.profiles import test_profiles as asked

ROOT = FOLDER.parents[1]
PROFILE, LOOKUPS = "countries/xx/profile.toml", "countries/xx/lookups.toml"

Shell = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder from which the package's profiles are seen as from a checkout."""
    desk = tmp_path_factory.mktemp("desk")
    (desk / "geoasm").symlink_to(ROOT / "geoasm")
    return desk


@pytest.fixture(scope="module")
def shell(desk: Path) -> Shell:
    """Run the lines of a block, `geoasm` being that of this checkout."""

    def run(lines: str) -> subprocess.CompletedProcess[str]:
        command = f'set -e\ngeoasm() {{ "{sys.executable}" -m geoasm "$@"; }}\n{lines}'
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            ["bash", "-c", command], cwd=desk, env=env, capture_output=True, text=True, check=False
        )

    return run


@pytest.fixture(scope="module")
def done(desk: Path, shell: Shell) -> list[subprocess.CompletedProcess[str]]:
    """Follow the page; give what its commands said, block by block."""
    (desk / "titles.geojson").write_text(blocks("country.md", "json")[0], encoding="utf-8")
    (desk / "register.csv").write_text(blocks("country.md", "csv")[0], encoding="utf-8")
    look, copy, law, job = blocks("country.md", "sh")
    said = [shell(look), shell(copy)]
    for block in blocks("country.md", "toml"):
        file = desk / (LOOKUPS if block.startswith("[vocabulary") else PROFILE)
        file.write_text(put(file.read_text("utf-8"), block), encoding="utf-8")
    return [*said, shell(law), shell(job)]


def test_every_command_of_the_page_ends_well(
    done: list[subprocess.CompletedProcess[str]],
) -> None:
    assert [(one.returncode, one.stderr) for one in done if one.returncode] == []


def test_the_cases_that_were_copied_hold(done: list[subprocess.CompletedProcess[str]]) -> None:
    assert re.search(r"xx: \d\d cases passed, 0 failed", done[2].stdout)


def test_registrations_have_the_classes_that_the_page_tells(
    done: list[subprocess.CompletedProcess[str]], desk: Path
) -> None:
    page = (FOLDER / "country.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| (R\d) \| `(\w+)` \|$", page, re.M))
    found = pd.read_parquet(desk / "out" / "exampleland" / "registrations.parquet")
    assert dict(zip(found["registration_id"], found["asm_class"], strict=True)) == told
    assert len(told) == 5


def test_nothing_of_the_page_s_files_goes_unread_or_unknown(
    done: list[subprocess.CompletedProcess[str]], desk: Path
) -> None:
    issues = pd.read_csv(desk / "out" / "exampleland" / "issues.csv")
    assert issues["problem"].tolist() == ["null_position"]


def test_people_of_the_page_s_files_stay_private(
    done: list[subprocess.CompletedProcess[str]], desk: Path
) -> None:
    holders = pd.read_parquet(desk / "out" / "exampleland" / "holders.parquet")
    assert holders["name"].dropna().tolist() == ["Golden Hill Mining Ltd"]
    asked.test_names_and_numbers_of_persons_are_read_as_such(
        load_profile(str(desk / "countries" / "xx"))
    )
