"""Nothing that a file says is obeyed by the terminal on which it is shown."""

from __future__ import annotations

import ast
import io
import json
import logging
import sys
import warnings
from pathlib import Path

import pytest
from click.testing import CliRunner

from geoasm.cli import main, terminal
from geoasm.cli.main import cli

CLI = Path(main.__file__).parent
ESCAPES = {
    "color": "\x1b[31mred",
    "clear": "\x1b[2J",
    "title": "\x1b]0;owned\x07",
    "link": "\x1b]8;;http://x.example\x1b\\text\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;ZWNobw==\x07",
    "bell": "a\x07",
    "back": "right\rwrong",
    "erase": "abc\x08\x08",
    "one byte": "\x9b31m",
    "turned": "a\u202ecod.exe",
    "isolated": "a\u2066b\u2069",
    "line": "a\u2028geoasm: done",
    "delete": "a\x7f",
}
OBEYED = frozenset("".join(map(chr, [*range(9), *range(11, 32), *range(127, 160)]))) | frozenset(
    "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def obeyed(text: str) -> set[str]:
    return OBEYED & set(text)


@pytest.mark.parametrize("text", ESCAPES.values(), ids=list(ESCAPES))
def test_message_shows_what_a_terminal_would_obey_as_a_mark(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.say(text)
    terminal.say(text, err=True)
    out, err = capsys.readouterr()
    assert not obeyed(out + err)
    assert "\ufffd" in out
    assert "\ufffd" in err


@pytest.mark.parametrize("text", ESCAPES.values(), ids=list(ESCAPES))
def test_error_that_repeats_a_hostile_name_is_one_plain_line(text: str) -> None:
    done = CliRunner().invoke(cli, ["explain", f"run {text}", "1"])
    assert done.exit_code == 2
    assert not obeyed(done.output)
    assert done.output.count("\n") == 1


def test_log_and_warnings_of_libraries_are_plain(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "warnoptions", [])
    with warnings.catch_warnings():
        terminal.configure(terminal.Verbosity.VERBOSE)
        warnings.warn(f"layer {ESCAPES['title']}", RuntimeWarning, stacklevel=1)
        logging.getLogger("geoasm.io").debug("layer %s", ESCAPES["clear"])
    err = capsys.readouterr().err
    assert err.count("layer") == 2
    assert not obeyed(err)


def test_inspect_shows_names_and_values_of_a_hostile_file_plainly(tmp_path: Path) -> None:
    path = tmp_path / "hostile.csv"
    hostile = "".join(ESCAPES.values()).replace("\r", "")
    path.write_text(
        f'COD_REINFO,M_RUC,NOMBRE_MIN,ESTADO,"x{hostile}",DEPARTAMENTO,LON,LAT\n'
        f'"1{hostile}",,A,VIGENTE,1,"{hostile}",-70,-13\n',
        encoding="utf-8",
    )
    table = CliRunner().invoke(cli, ["inspect", str(path)])
    assert "DEPARTAMENTO" in table.output
    assert not obeyed(table.output)
    as_json = CliRunner().invoke(cli, ["inspect", "--json", str(path)])
    assert not obeyed(as_json.output)
    names = [column["name"] for column in json.loads(as_json.stdout)[0]["columns"]]
    assert any(ESCAPES["turned"] in name for name in names)  # it reads back as it was


def test_path_for_another_program_stays_as_it_is_and_on_a_terminal_is_plain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream, plain in ((io.StringIO(), False), (Screen(), True)):
        monkeypatch.setattr(sys, "stdout", stream)
        terminal.say(Path("run\u202eabc"))
        assert ("\u202e" not in stream.getvalue()) is plain


def test_commands_print_through_the_guard_alone() -> None:
    found = []
    for path in sorted(CLI.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            if called in {"click.echo", "click.secho", "print"} | {
                f"sys.{s}.write" for s in ("stdout", "stderr")
            }:
                said = ast.unparse(node)
                if path.name != "terminal.py" and "geoasm: interrupted" not in said:
                    found.append(f"{path.name}: {said}")
    assert not found, "print with geoasm.cli.terminal.say"
