"""What a shell offers where a word of a command is begun."""

from __future__ import annotations

import pytest
from click.shell_completion import ShellComplete

from geoasm.cli.main import COMMANDS, cli


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
