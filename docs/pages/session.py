"""Commands of the documents, run one after another in a folder of their own on the embedded sample."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from geoasm.cli.main import cli

ROOT = Path(__file__).parents[2]
SHELL = ("cat", "head", "ls")
REFUSED = ("geoasm export out/runs/2026-01 out/geoasm.db",)  # shown for what it says
# What a terminal shows while a command works, and has taken away when it ends.
STAGE = re.compile(r"^[a-z ]+ …\n", re.MULTILINE)
SHOWN = re.compile(
    r"^```(?P<kind>sh|python)\n(?P<said>(?:(?!```).*\n)+)```\n\n```text\n(?:(?!```).*\n)*```$",
    re.MULTILINE,
)


class Session:
    """
    A folder with `data/sample` in it, in which commands run and leave what they write.

    A command that was run is not run again, so that several pages can show the same one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._answers: dict[str, str] = {}
        (folder / "data").mkdir()
        (folder / "data" / "sample").symlink_to(ROOT / "data" / "sample")

    def answer(self, said: str, kind: str = "sh") -> str:
        """Give what a block of commands, or of Python, prints."""
        pieces = said.replace("\\\n", " ").splitlines() if kind == "sh" else [said]
        return "".join(self._once(piece, kind) for piece in pieces)

    def _once(self, said: str, kind: str) -> str:
        key = " ".join(said.split()) if kind == "sh" else said
        if key not in self._answers:
            with contextlib.chdir(self.folder):
                printed = _run_python(said) if kind == "python" else _run_line(said)
            if str(self.folder) in printed or str(ROOT) in printed:
                raise ValueError(f"{said}: prints a path of this machine; name files relatively")
            self._answers[key] = "".join(f"{line.rstrip()}\n" for line in printed.splitlines())
        return self._answers[key].lstrip("\n")

    def fill(self, page: str) -> str:
        """Write what each block prints into the block of text right below it."""

        def answered(found: re.Match[str]) -> str:
            answer = self.answer(found["said"], found["kind"])
            return f"```{found['kind']}\n{found['said']}```\n\n```text\n{answer}```"

        return SHOWN.sub(answered, page)


def _run_line(line: str) -> str:
    command, _, cut = line.partition(" | ")
    if cut:
        program, option, count = shlex.split(cut)
        if (program, option) != ("head", "-n"):
            raise ValueError(f"{line}: documents cut what is printed with `head -n` alone")
        return "".join(_run_line(command).lstrip("\n").splitlines(keepends=True)[: int(count)])
    program, *words = shlex.split(line)
    if program == "geoasm":
        done = CliRunner().invoke(
            cli, words, prog_name="geoasm", env={"COLUMNS": "80", "NO_COLOR": "1"}
        )
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        if done.exit_code and line not in REFUSED:
            raise ValueError(f"{line}: ends with {done.exit_code}: {done.output}")
        return STAGE.sub("", done.output).rstrip() + "\n"
    if program not in SHELL:
        raise ValueError(f"{line}: documents run geoasm, {', '.join(SHELL)} and Python alone")
    return _run([program, *words])


def _run_python(code: str) -> str:
    return _run([sys.executable, "-c", code])


def _run(words: list[str]) -> str:
    plain = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(  # noqa: S603 - what our own pages say
        words, check=True, capture_output=True, encoding="utf-8", env=plain
    ).stdout
