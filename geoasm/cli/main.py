"""The command group: loads a subcommand when it is called, and turns errors into one line."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple

import click

from geoasm import __version__
from geoasm.cli import options, terminal
from geoasm.errors import GeoasmError
from geoasm.io.database_url import scrub
from geoasm.io.refusals import NO_MEMORY, TOO_DEEP, describe_refusal, is_memory
from geoasm.kernels import engine

KERNELS = "GEOASM_KERNELS"  # auto, numba or shapely: how loops over many shapes run
# OpenBLAS takes a buffer a thread; the allocator in Arrow a thread of its own.
_FRUGAL = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
EXIT_UNUSABLE = 2
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells count
EXIT_BROKEN_PIPE = 141  # 128 + SIGPIPE


class Entry(NamedTuple):
    """Where a command lives and what `geoasm --help` says of it, so that help loads nothing."""

    target: str
    summary: str


COMMANDS = {
    "demo": Entry("geoasm.cli.demo:demo", "Run the whole job on the embedded sample."),
    "inspect": Entry(
        "geoasm.cli.inspect:inspect", "Say what a file holds, what it fits, what looks wrong."
    ),
    "partition": Entry(
        "geoasm.cli.partition:partition_command", "Cut a file into GeoParquet files of neighbours."
    ),
    "run": Entry("geoasm.cli.run:run", "Classify registrations against rights: files to a run."),
    "explain": Entry(
        "geoasm.cli.explain:explain", "Say in words why a registration has its class."
    ),
    "overlaps": Entry(
        "geoasm.cli.overlaps:overlaps_command", "Compare the rights of a cadastre with each other."
    ),
    "link": Entry(
        "geoasm.cli.link:link_command", "Find the rights over each point, of files by the million."
    ),
    "map": Entry("geoasm.cli.map:map_command", "Draw the map of a run again."),
    "report": Entry("geoasm.cli.report:report_command", "Write the report of a run again."),
    "screen": Entry(
        "geoasm.cli.screen:screen_command", "Write a company's dossier: HTML, XLSX, GeoPackage."
    ),
    "export": Entry(
        "geoasm.cli.export:export_command", "Write the tables of a run into a PostGIS database."
    ),
    "openings": Entry(
        "geoasm.cli.openings:openings_command", "Find free cells around clusters on open ground."
    ),
    "compare": Entry(
        "geoasm.cli.compare:compare_command", "Say what changed from one run to another, and why."
    ),
    "scenario": Entry(
        "geoasm.cli.scenario:scenario_command", "Run a scenario beside a run: what moves, and why."
    ),
    "series": Entry(
        "geoasm.cli.series:series_command", "Draw class shares over a register of runs."
    ),
    "simulate": Entry("geoasm.cli.simulate:simulate", "Make a data set whose answers are known."),
    "fetch": Entry("geoasm.cli.fetch:fetch_command", "Download a layer from an official service."),
    "profiles": Entry("geoasm.cli.profiles:profiles", "List, show and test country profiles."),
}


class LazyGroup(click.Group):
    """A group that imports a command only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names in the order of a day's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, name = entry.target.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, importing none."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader that closed the pipe ends it without a word."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _discard_stdout()
            ctx.exit(EXIT_BROKEN_PIPE)
        return result

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Run and exit: 0 done, 1 an expectation failed, 2 unusable input or usage."""
        call: Callable[[], Any] = partial(super().main, *args, standalone_mode=False, **extra)
        if not standalone_mode:
            return call()
        try:
            outcome = call()
        except click.exceptions.NoArgsIsHelpError as err:
            err.show()
            sys.exit(EXIT_UNUSABLE)
        except click.ClickException as err:
            _fail(_usage_line(err), EXIT_UNUSABLE)
        except GeoasmError as err:
            _fail(NO_MEMORY if is_memory(err) else str(err), EXIT_UNUSABLE)
        except click.Abort:
            _say("geoasm: interrupted")
            sys.exit(EXIT_INTERRUPTED)
        except RecursionError:
            _fail(TOO_DEEP, EXIT_UNUSABLE)
        except OSError as err:
            _discard_stdout()
            where = f"{err.filename}: " if err.filename else ""
            _fail(f"{where}{describe_refusal(err)}", EXIT_UNUSABLE)
        except Exception as err:
            if not is_memory(err):
                raise
            _fail(NO_MEMORY, EXIT_UNUSABLE)
        sys.exit(outcome if isinstance(outcome, int) else 0)


def _fail(message: str, code: int) -> None:
    _say(f"geoasm: error: {scrub(' '.join(message.split()))}")
    sys.exit(code)


def _say(line: str) -> None:
    with contextlib.suppress(OSError):  # nobody may be left to hear it
        terminal.say(line, err=True)


def _usage_line(err: click.ClickException) -> str:
    context = getattr(err, "ctx", None)
    where = f" (see {context.command_path} --help)" if context is not None else ""
    return err.format_message().rstrip(".") + where


def _discard_stdout() -> None:
    # The interpreter flushes stdout when it ends, and would complain about the closed pipe again.
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(name="geoasm", cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="geoasm")
@options.verbosity
def cli() -> None:
    """
    Tell which artisanal mining registration stands on whose title, by which rule.

    Start with `geoasm demo`, then `geoasm inspect FILE` on your own files and `geoasm run`.
    Results go to stdout, everything else to stderr.
    """
    engine.choose(os.environ.get(KERNELS) or "auto")
    terminal.configure(terminal.verbosity())


def _ask_for_little() -> None:
    """Keep libraries that load later from asking again and again, or aloud, for what a limit refuses."""
    if sys.platform != "win32":
        import resource

        if resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY:
            for name, value in _FRUGAL.items():
                os.environ.setdefault(name, value)


def main() -> None:
    """Be the `geoasm` program: as `cli`, with the warnings of libraries hidden unless -v."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    _ask_for_little()
    cli(prog_name="geoasm")
