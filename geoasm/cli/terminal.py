"""How much a command says on stderr: results go to stdout, everything else through here."""

from __future__ import annotations

import logging
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from enum import IntEnum
from pathlib import Path
from typing import Any, TextIO

import click

from geoasm.io.database_url import scrub

_META_KEY = "geoasm.verbosity"
# What a terminal obeys instead of showing: controls but tab and line feed, marks that turn the
# direction of writing, lone surrogates, and what some take for the end of a line.
_OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)


_QUOTED = re.compile(r"""(['"])(?=[^'"]*(?:\s|\d{8}))[^'"]*\1""")


class Verbosity(IntEnum):
    """How much a user wants to be told beside the result."""

    QUIET = -1
    NORMAL = 0
    VERBOSE = 1


_LEVELS = {
    Verbosity.QUIET: logging.ERROR,
    Verbosity.NORMAL: logging.INFO,
    Verbosity.VERBOSE: logging.DEBUG,
}


def shown(text: str) -> str:
    """Put a mark in the place of every character that a terminal would obey, not show."""
    return _OBEYED.sub("\ufffd", text)


def shown_deep(value: Any) -> Any:
    """Do as `shown` does with every text in lists, mappings and dataclasses."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, tuple | list):
        return type(value)(shown_deep(v) for v in value)
    if isinstance(value, dict):
        return {shown_deep(k): shown_deep(v) for k, v in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: shown_deep(getattr(value, f.name)) for f in fields(value)})
    return value


def escaped(json_text: str) -> str:
    """Escape in a text of JSON what a terminal would obey: it reads back as it was."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", json_text)


def hushed(text: str) -> str:
    """Leave out what a library quotes of a file, unless it is one word: a name of a column."""
    return _QUOTED.sub("'…'", text)


def say(message: object, *, err: bool = False, nl: bool = True) -> None:
    """
    Print a message, of which the terminal obeys nothing.

    A path that another program reads stays as it is.
    """
    text = str(message)
    stream = sys.stderr if err else sys.stdout
    if not isinstance(message, Path) or stream.isatty():
        text = shown(text)
    click.echo(text, err=err, nl=nl)


class _StderrHandler(logging.Handler):
    """Write records through click, which finds the stderr of the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        text = scrub(self.format(record))
        say(hushed(text) if record.levelno <= logging.DEBUG else text, err=True)


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Show a library's warning, which may repeat what a file says."""
    text = hushed(scrub(" ".join(str(message).split())))
    say(f"{category.__name__}: {text}", err=True)


def configure(verbosity: Verbosity) -> None:
    """Send geoasm's log to stderr at a level; `VERBOSE` also shows the warnings of libraries."""
    logger = logging.getLogger("geoasm")
    if not any(isinstance(h, _StderrHandler) for h in logger.handlers):
        logger.addHandler(_StderrHandler())
    logger.setLevel(_LEVELS[verbosity])
    context = click.get_current_context(silent=True)
    if context is not None:
        context.meta[_META_KEY] = verbosity
    if verbosity is Verbosity.VERBOSE and not sys.warnoptions:
        warnings.simplefilter("default")
        warnings.showwarning = _show_warning


def verbosity() -> Verbosity:
    """Tell what the running command was asked with -v or -q."""
    context = click.get_current_context(silent=True)
    chosen = Verbosity.NORMAL if context is None else context.meta.get(_META_KEY, Verbosity.NORMAL)
    return Verbosity(chosen)


def shows_progress() -> bool:
    """Tell whether a progress bar is wanted: a terminal reads stderr, and not `--quiet`."""
    return verbosity() is not Verbosity.QUIET and sys.stderr.isatty()


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Give a function that shows the stage at work: a spinner on a terminal, a line elsewhere."""
    if not shows_progress():
        logger = logging.getLogger("geoasm.progress")
        yield lambda stage: logger.info("%s …", stage)
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield lambda stage: status.update(f"{stage} …")
