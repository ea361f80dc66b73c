"""`geoasm profiles`: what is listed, what is shown of the law of a day, and failing cases."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from click.testing import CliRunner, Result

from geoasm.cli import profiles
from geoasm.cli.main import cli
from geoasm.io.profiles import list_profiles, load_profile


def call(*args: str) -> Result:
    return CliRunner().invoke(cli, ["profiles", *args])


def test_list_names_every_profile_and_its_roles() -> None:
    done = call("list")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines[::2]] == list(list_profiles())
    assert "pe  Perú / Peru" in lines
    assert "concessions, registrations" in lines[2 * list_profiles().index("pe") + 1]


@pytest.mark.parametrize("name", list_profiles())
def test_show_has_every_rule_parameter_and_column(name: str) -> None:
    done = call("show", name, "--on", "2026-01-01")
    assert done.exit_code == 0
    profile = load_profile(name)
    for rule in profile.law.at(date(2026, 1, 1)).rules:
        assert f"  {rule.id} " in done.stdout
    for spec in profile.roles.values():
        for field in spec.fields.values():
            assert field.sources[0].columns[0] in done.stdout


def test_show_takes_the_law_of_the_day_asked_for() -> None:
    assert "pe.idle_before_2019" in call("show", "pe", "--on", "2015-01-01").stdout
    assert "pe.idle_before_2019" not in call("show", "pe", "--on", "2026-01-01").stdout


def test_show_says_which_references_nobody_verified() -> None:
    lines = call("show", "pe", "--on", "2026-01-01").stdout.splitlines()
    rules = {line.split()[0]: line for line in lines if line.startswith("  pe.")}
    assert rules["pe.open_ground"].endswith("(not verified)")
    assert rules["pe.idle"].endswith("DL 1320 arts. 40-41")


def test_day_before_any_law_is_one_line_and_exit_two() -> None:
    done = call("show", "pe", "--on", "1950-01-01")
    assert done.exit_code == 2
    assert "1950-01-01" in done.stderr
    assert done.stderr.count("\n") == 1


def test_unknown_profile_lists_those_that_exist() -> None:
    done = call("show", "atlantis")
    assert done.exit_code == 2
    assert "atlantis" in done.stderr
    assert "pe" in done.stderr


@pytest.mark.parametrize("name", list_profiles())
def test_cases_of_every_profile_pass(name: str) -> None:
    done = call("test", name)
    assert done.exit_code == 0, done.stdout
    assert done.stdout.endswith(" 0 failed\n")


def test_failing_case_is_named_with_its_difference_and_exits_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = {
        "name": "ground that nobody holds is somebody's title",
        "on": date(2026, 1, 1),
        "registration": {"registrant": "A"},
        "expect": {"asm_class": "own_title", "n_rights": 0},
    }
    wrong = dataclasses.replace(load_profile("pe"), cases=(case,))
    monkeypatch.setattr(profiles, "load_profile", lambda name: wrong)
    done = call("test", "pe")
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        f"FAILED {case['name']}: asm_class is 'open_ground', not 'own_title'",
        "pe: 0 cases passed, 1 failed",
    ]
