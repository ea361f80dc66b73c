"""What a shell offers where a word of a command is begun."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete

from geoasm.cli.main import COMMANDS, cli

WITHOUT_OFFER = ("code", "source", "command")  # a new country's, a service of whatever profile, any


def offered(*words: str) -> list[tuple[str, str]]:
    shell = ShellComplete(cli, {}, "geoasm", "_GEOASM_COMPLETE")
    return [(item.type, item.value) for item in shell.get_completions(list(words[:-1]), words[-1])]


def test_every_command_is_offered() -> None:
    assert {value for _, value in offered("")} == set(COMMANDS)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("run", "--profile", ""), [("plain", "br"), ("plain", "cd"), ("plain", "pe")]),
        (("run", "--profile", "./own"), [("dir", "./own")]),
        (("run", "--layer", "prot"), [("plain", "protected_areas=")]),
        (("run", "--layer", "protected_areas=da"), [("file", "da")]),
        (("run", "--raster", "activity@2020=da"), [("file", "da")]),
        (("run", "--table", "str"), [("plain", "strata=")]),
        (("run", "--raster", "a"), [("plain", "activity=")]),
        (("run", "--concessions", "da"), [("file", "da")]),
        (("run", "--registrations", ""), [("file", "")]),
        (("inspect", "x"), [("file", "x")]),
        (("overlaps", "x"), [("file", "x")]),
        (("map", "runs", "--lang", ""), [("plain", "es"), ("plain", "en")]),
    ],
)
def test_values_are_offered(words: tuple[str, ...], expected: list[tuple[str, str]]) -> None:
    assert offered(*words) == expected


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_shell_offers_something_for_every_file_and_profile(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    group = command.commands if isinstance(command, click.Group) else {"": command}
    for inner, one in group.items():
        for param in one.params:
            if isinstance(param, click.Argument) and param.name not in WITHOUT_OFFER:
                start = [name, inner] if inner else [name]
                assert offered(*start, ""), (name, inner, param.name)
                break


BASH = """
source <("$PYTHON" -m geoasm)
compopt() { echo compopt "$@"; }
COMP_WORDS=($WORDS); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=()
_geoasm_completion "$PROGRAM"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("geoasm run --layer prot", "compopt -o nospace\nprotected_areas=\n"),
        ("geoasm run --layer protected_areas =", "compopt -o default\n\n"),
        ("geoasm run --layer protected_areas = da", "compopt -o default\n\n"),
        ("geoasm run --profile p", "pe\n"),
    ],
)
def test_bash_leaves_a_role_open_for_its_file(words: str, said: str, tmp_path: Path) -> None:
    program = tmp_path / "geoasm"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m geoasm "$@"\n')
    program.chmod(0o755)
    env = {**os.environ, "WORDS": words, "PROGRAM": str(program), "PYTHON": sys.executable}
    env["_GEOASM_COMPLETE"] = "bash_source"
    done = subprocess.run(
        ["bash", "--norc", "-c", BASH], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout == said
