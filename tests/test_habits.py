"""Citation, hooks and forms agree with the project that they speak of."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import geoasm

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml"))


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_the_citation_names_version_and_licence_of_the_package() -> None:
    cited = read("CITATION.cff")
    assert cited["version"] == geoasm.__version__
    assert cited["license"] == PROJECT["project"]["license"]
    assert cited["keywords"] == PROJECT["project"]["keywords"]
    assert [author["name"] for author in cited["authors"]] == [
        author["name"] for author in PROJECT["project"]["authors"]
    ]


def test_the_version_is_read_where_the_citation_s_is_checked() -> None:
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert (ROOT / PROJECT["tool"]["hatch"]["version"]["path"]).samefile(geoasm.__file__)


def test_the_citation_has_what_its_schema_requires() -> None:
    cited = read("CITATION.cff")
    assert cited["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(cited)
    assert {"type", "title", "authors"} <= set(cited["references"][0])


def test_hooks_run_the_checks_of_make_lint_by_the_locked_tools() -> None:
    (local,) = read(".pre-commit-config.yaml")["repos"]
    assert local["repo"] == "local"
    rule = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text("utf-8"), re.M)
    assert rule is not None
    wanted = re.findall(r"\$\(BIN\)/(.+)", rule[1])
    hooked = [
        hook["entry"].removeprefix(".venv/bin/").replace(" --force-exclude", "")
        for hook in local["hooks"]
    ]
    assert sorted(hooked) == sorted(line.removesuffix(" .") for line in wanted)
    assert all(hook["language"] == "system" for hook in local["hooks"])


def test_there_are_forms_for_a_fault_an_answer_and_a_country() -> None:
    assert [form.stem for form in FORMS] == ["bug", "new_country", "wrong_answer"]


@pytest.mark.parametrize("form", FORMS, ids=lambda p: p.stem)
def test_a_form_warns_of_personal_data_first_and_asks_to_confirm(form: Path) -> None:
    first, *fields = yaml.safe_load(form.read_text(encoding="utf-8"))["body"]
    assert "No personal data" in first["attributes"]["value"]
    (box,) = (field for field in fields if field["type"] == "checkboxes")
    assert all(option["required"] for option in box["attributes"]["options"])
    ids = [field["id"] for field in fields]
    assert len(set(ids)) == len(ids)


def test_the_container_has_a_python_that_geoasm_runs_on() -> None:
    image = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text("utf-8"))["image"]
    version = image.removeprefix("python:")
    listed = PROJECT["project"]["classifiers"]
    assert f"Programming Language :: Python :: {version}" in listed
