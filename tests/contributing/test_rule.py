"""The page on rules, followed to the letter: its cases hold, on both sides of its date, and can fail."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from geoasm.cases import Outcome, run_cases
from geoasm.io.profiles import load_profile
from tests.contributing.pages import FOLDER, blocks
from tests.profiles import test_profiles as asked

SHIPPED = FOLDER.parents[1] / "geoasm" / "profiles"


def copied(folder: Path) -> Path:
    """Copy the country that the page starts from, as its first commands do."""
    shutil.copytree(SHIPPED / "br", folder / "xx")
    for name in ("law.toml", "cases.toml"):
        file = folder / "xx" / name
        file.write_text(file.read_text("utf-8").replace('"br.', '"xx.'), encoding="utf-8")
    file = folder / "xx" / "profile.toml"
    file.write_text(re.sub(r'(?m)^code = "br"', 'code = "xx"', file.read_text("utf-8")), "utf-8")
    return folder / "xx"


def end_old_rule(text: str) -> str:
    """Apply the page's difference, whose lines must stand in the law exactly once."""
    (lines,) = (block.splitlines() for block in blocks("rule.md", "diff"))
    before = "\n".join(line[1:] for line in lines if line[0] != "+")
    after = "\n".join(line[1:] for line in lines if line[0] != "-")
    assert text.count(before) == 1
    return text.replace(before, after)


@pytest.fixture
def country(tmp_path: Path) -> Path:
    """A copied country to which everything on the page was done."""
    folder = copied(tmp_path)
    rule, cases = blocks("rule.md", "toml")
    law = end_old_rule((folder / "law.toml").read_text("utf-8"))
    at = law.index('[[rule]]\nid = "xx.idle"')
    (folder / "law.toml").write_text(f"{law[:at]}{rule}\n{law[at:]}", encoding="utf-8")
    with (folder / "cases.toml").open("a", encoding="utf-8") as file:
        file.write("\n" + cases)
    return folder


def failed(folder: Path) -> list[Outcome]:
    return [outcome for outcome in run_cases(load_profile(str(folder))) if not outcome.ok]


def test_every_case_holds_with_the_page_s_rule(country: Path) -> None:
    assert failed(country) == []


def test_the_page_s_rule_is_as_complete_as_shipped_ones_must_be(country: Path) -> None:
    profile = load_profile(str(country))
    asked.test_every_rule_decides_some_case(profile)
    asked.test_every_class_a_rule_can_give_is_some_case_s_answer(profile)
    asked.test_every_day_on_which_a_rule_changes_has_cases_on_both_sides(profile)


def test_without_the_page_s_rule_its_cases_fail(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    _, cases = blocks("rule.md", "toml")
    with (folder / "cases.toml").open("a", encoding="utf-8") as file:
        file.write("\n" + cases)
    assert len(failed(folder)) == 3


def test_an_end_that_is_a_day_late_fails_the_case_that_the_page_names(country: Path) -> None:
    law = country / "law.toml"
    law.write_text(law.read_text("utf-8").replace("until = 2024-07-01", "until = 2024-07-02"))
    (late,) = (o for o in failed(country) if o.expected["asm_class"] == "on_small_scale")
    assert late.got["asm_class"] == "on_idle_claim"


def test_the_page_s_rules_are_in_force_on_the_days_it_tells(country: Path) -> None:
    law = load_profile(str(country)).law
    for day, idle in ((date(2024, 6, 30), "xx.idle"), (date(2024, 7, 1), "xx.idle_large")):
        ids = [rule.id for rule in law.at(day).rules if rule.then == "on_idle_claim"]
        assert ids == [idle]
