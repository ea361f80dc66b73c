"""How much a command says on stderr: results go to stdout, everything else through here."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum

import click

from geoasm.io.database_url import scrub

_META_KEY = "geoasm.verbosity"


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


class _StderrHandler(logging.Handler):
    """Write records through click, which finds the stderr of the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        click.echo(scrub(self.format(record)), err=True)


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
