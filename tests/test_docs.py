"""What the documents say is so: the dictionary is current, commands and links exist, scripts run."""

from __future__ import annotations

import ast
import builtins
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from geoasm import errors
from geoasm.cli.main import COMMANDS, cli
from geoasm.codes import AsmClass

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md")])
SCRIPTS = sorted((ROOT / "scripts").glob("*.py"))
MOST_LINES_OF_A_SCRIPT = 40
TO_BE_MADE = {"geoasm/render/catalogue/qu/locale.toml"}  # by who follows a page


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def code_lines(page: Path) -> list[str]:
    """Commands in the fenced blocks of a page, continued lines joined."""
    blocks = re.findall(r"^```(?:sh|bash|console)\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
    return "\n".join(blocks).replace("\\\n", " ").splitlines()


@pytest.fixture(scope="module")
def maker() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "docs" / "make_pages.py"))


def test_data_dictionary_is_made_from_the_schema_of_today(maker: dict[str, Any]) -> None:
    page = maker["DICTIONARY"].read_text(encoding="utf-8")
    assert page == maker["dictionary"](), "run `make docs`"


def test_the_weights_of_candidates_are_those_of_the_profile(maker: dict[str, Any]) -> None:
    page = maker["CANDIDATES"].read_text(encoding="utf-8")
    assert page == maker["candidates"](), "run `make docs`"
    assert "`own_plant` | 20 |" in page


def test_readme_shows_what_the_demo_says_today(maker: dict[str, Any]) -> None:
    shown = maker["RESULT"].search(README.read_text(encoding="utf-8"))
    assert shown is not None
    assert shown[0] == maker["demo_output"](), "run `make docs`"


def test_every_command_and_every_class_has_its_place_in_the_documents() -> None:
    commands, classes = (
        (ROOT / "docs" / page).read_text(encoding="utf-8") for page in ("cli.md", "classes.md")
    )
    assert not [name for name in COMMANDS if f"\n## geoasm {name}" not in commands]
    assert not [name for name in AsmClass if f"| `{name}` |" not in classes]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_command_lines_of_a_page_use_options_that_exist(page: Path) -> None:
    for line in code_lines(page):
        program, *words = line.split() or [""]
        if program != "geoasm" or not words:
            continue
        command = cli.get_command(click.Context(cli), words[0])
        if isinstance(command, click.Group) and len(words) > 1:
            command = command.get_command(click.Context(command), words[1])
        assert command is not None, line
        if isinstance(command, click.Group):
            command = command.get_command(click.Context(command), words[1])
            assert command is not None, line
        known = {flag for p in command.params for flag in p.opts}
        used = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert used <= known, f"{line}: {used - known}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_files_and_make_targets_of_a_page_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", text)
    assert not [link for link in links if not (page.parent / link).exists()]
    named = re.findall(r"`((?:geoasm|tests|docs|data|benchmarks|scripts)/[\w./-]+)`", text)
    assert not [n for n in named if n not in TO_BE_MADE and not (ROOT / n).exists()]
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    assert set(re.findall(r"\bmake ([a-z]+)`", text)) <= targets


@pytest.mark.parametrize("script", SCRIPTS, ids=name_of)
def test_script_is_thin_and_runs_on_the_sample(script: Path, tmp_path: Path) -> None:
    assert len(script.read_text(encoding="utf-8").splitlines()) <= MOST_LINES_OF_A_SCRIPT
    done = subprocess.run(
        [sys.executable, script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) > 2


def documented_raises() -> list[tuple[str, str]]:
    found = []
    for path in sorted((ROOT / "geoasm").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                text = ast.get_docstring(node) or ""
                section = re.search(r"^Raises\n-+\n(.*?)(?:\n\n|\Z)", text, re.M | re.S)
                names = re.findall(r"^(\w.*)$", section[1], re.M) if section else []
                found += [(f"{name_of(path)}:{node.name}", name) for name in names]
    return found


def test_errors_that_docstrings_promise_exist() -> None:
    promised = [(where, n) for where, line in documented_raises() for n in line.split(", ")]
    assert promised
    known = {*vars(errors), *vars(builtins), *(f"click.{name}" for name in vars(click))}
    assert not [p for p in promised if p[1] not in known]
