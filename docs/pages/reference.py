"""The page on the command line: help, options and an example of every command."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from docs.pages.examples import EXAMPLES
from docs.pages.session import Session
from geoasm.cli.main import cli

MOST_LINES = 30
KEPT = "\b\n"  # as click marks it

HEAD = """# Command line

Made from the program by `make docs`; do not edit. Every example was run on the embedded sample, in the folder of a
checkout, in this order; what it prints is printed here, paths on stdout and the rest on stderr alike. Longer answers are
cut, and say so. `make demo` makes the environment; `. .venv/bin/activate` puts `geoasm` on your path.

Exit codes: 0 done; 1 done, but an expectation failed (rows that do not balance, a case that a profile fails); 2 unusable
input or usage, told in one line. Nothing is overwritten without `--overwrite`. `-v` and `-q` may stand before or after the
name of a command. Tables and pages that a command writes: [formats](formats.md).

Where `geoasm` is on the path, a shell can complete commands, options, profiles, and the roles and files of `--layer`, `--table`
and `--raster`: `eval "$(_GEOASM_COMPLETE=bash_source geoasm)"` in bash, with `zsh_source` in zsh; in fish,
`_GEOASM_COMPLETE=fish_source geoasm | source`. In `~/.bashrc` put `command -v geoasm >/dev/null &&` before it.
"""


def commands() -> Iterator[tuple[str, click.Command]]:
    """Give every command that does something, with its whole name."""
    root = click.Context(cli, info_name="geoasm")
    for name in cli.list_commands(root):
        command = cli.get_command(root, name)
        if isinstance(command, click.Group):
            yield from ((f"{name} {part}", command.commands[part]) for part in command.commands)
        elif command is not None:
            yield name, command


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _value(option: click.Option, context: click.Context) -> str:
    if option.is_flag:
        return ""
    if isinstance(option.type, click.Choice):
        return ", ".join(f"`{choice}`" for choice in option.type.choices)
    if option.metavar is None and isinstance(option.type, click.types.IntParamType):
        return "`N`"
    return f"`{_cell(option.make_metavar(context))}`"


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _meaning(option: click.Option, context: click.Context) -> str:
    more = ["Required."] if option.required else []
    more += ["May be repeated."] if option.multiple else []
    if option.show_default and not option.is_flag and option.default is not None:
        # What is worked out when the command runs, today's date, is no text to print.
        known = None if callable(option.default) else option.get_default(context)
        more.append("Default: today." if known is None else f"Default: `{_plain(known)}`.")
    said = _cell(option.help or "")
    return " ".join([said if said.endswith(".") or not said else f"{said}.", *more])


def _options(command: click.Command, context: click.Context) -> list[str]:
    options = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    if not options:
        return []
    lines = ["| option | value | meaning |", "| --- | --- | --- |"]
    for option in options:
        flags = ", ".join(f"`{flag}`" for flag in (*option.opts, *option.secondary_opts))
        lines.append(f"| {flags} | {_value(option, context)} | {_meaning(option, context)} |")
    return [*lines, ""]


def _cut(answer: str) -> str:
    lines = answer.splitlines(keepends=True)
    if len(lines) <= MOST_LINES + 2:
        return answer
    return "".join(lines[:MOST_LINES]) + f"… {len(lines) - MOST_LINES} more lines\n"


def _prose(text: str) -> str:
    """Give a help text as Markdown; a paragraph that keeps its lines there is a block of commands."""
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(
        f"```sh\n{p.removeprefix(KEPT)}\n```" if p.startswith(KEPT) else p for p in paragraphs
    )


def section(name: str, command: click.Command, session: Session) -> str:
    """Describe one command."""
    context = click.Context(command, info_name=f"geoasm {name}")
    usage = command.get_usage(context).removeprefix("Usage: ")
    example = EXAMPLES[name]
    answer = _cut(session.answer(example.commands))
    lines = [f"## geoasm {name}", "", "```text", " ".join(usage.split()), "```", ""]
    lines += [_prose(command.help or ""), ""]
    lines += _options(command, context)
    lines += [example.note, ""] if example.note else []
    lines += ["```sh", example.commands.rstrip("\n"), "```", "", "```text", f"{answer}```", ""]
    return "\n".join(lines)


def reference(session: Session) -> str:
    """Write the whole page."""
    return "\n".join([HEAD, *(section(name, command, session) for name, command in commands())])
