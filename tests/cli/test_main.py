"""The command group: quick help, one line an error, honest exit codes."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

import geoasm
from geoasm.cli import main, options, terminal
from geoasm.codes import Role
from geoasm.errors import EmptySource
from geoasm.io.paths import RasterFile

ROOT = Path(__file__).parents[2]
HEAVY = ("geopandas", "pandas", "numpy", "shapely", "pyproj", "rasterio", "folium")


def run_python(code: str, **kwargs: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        **kwargs,
    )


def call(command: click.Command, *args: str, monkeypatch: pytest.MonkeyPatch) -> Result:
    """Run a command made in a test as `geoasm probe`."""
    entry = main.Entry(f"{__name__}:unused", "A probe.")
    monkeypatch.setitem(main.COMMANDS, "probe", entry)
    monkeypatch.setattr(main.LazyGroup, "get_command", lambda self, ctx, name: command)
    return CliRunner().invoke(main.cli, ["probe", *args])


def raising(error: BaseException) -> click.Command:
    @click.command()
    def probe() -> None:
        raise error

    return probe


# --- help and version


def test_examples_in_the_help_keep_their_lines() -> None:
    text = CliRunner().invoke(main.cli, ["run", "--help"]).output
    assert "\n  geoasm run study.toml --out run\n" in text
    assert "\\b" not in text


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_and_version_load_no_geographic_stack(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom geoasm.cli.main import cli\n"
        f"try: cli({arguments!r})\nexcept SystemExit as end: assert not end.code\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    done = run_python(code)
    assert done.stderr.strip() == "[]"
    assert geoasm.__version__ in done.stdout or "Commands:" in done.stdout


def test_importing_the_package_loads_no_geographic_stack() -> None:
    done = run_python(f"import sys, geoasm; print([m for m in {HEAVY!r} if m in sys.modules])")
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", geoasm.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(geoasm, name) is not None
    assert name in dir(geoasm)


def test_unknown_public_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = geoasm.nonsense


@pytest.mark.parametrize("name", list(main.COMMANDS))
def test_listed_command_exists_and_has_help(name: str) -> None:
    done = CliRunner().invoke(main.cli, [name, "--help"])
    assert done.exit_code == 0, done.output
    assert f"Usage: geoasm {name}" in done.output


@pytest.mark.parametrize("name", list(main.COMMANDS))
def test_every_option_has_help(name: str) -> None:
    command = main.cli.get_command(click.Context(main.cli), name)
    assert command is not None
    bare = [p.opts[0] for p in command.params if isinstance(p, click.Option) and not p.help]
    assert not bare


def test_without_a_command_help_is_printed_and_the_exit_code_is_two() -> None:
    done = CliRunner().invoke(main.cli, [])
    assert done.exit_code == 2
    assert "Commands:" in done.output


# --- errors and exit codes


def test_error_of_ours_is_one_line_and_exit_two(monkeypatch: pytest.MonkeyPatch) -> None:
    error = EmptySource("titles.gpkg: the layer has\nno rows")
    done = call(raising(error), monkeypatch=monkeypatch)
    assert done.exit_code == 2
    assert done.stderr == "geoasm: error: titles.gpkg: the layer has no rows\n"
    assert not done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["nonsense"], "No such command 'nonsense'"), (["--nonsense"], "No such option '--nonsense'")],
)
def test_usage_error_is_one_line_and_exit_two(arguments: list[str], says: str) -> None:
    done = CliRunner().invoke(main.cli, arguments)
    assert done.exit_code == 2
    assert says in done.stderr
    assert "(see geoasm --help)" in done.stderr
    assert done.stderr.count("\n") == 1


def test_interrupt_exits_130_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    done = call(raising(KeyboardInterrupt()), monkeypatch=monkeypatch)
    assert done.exit_code == 130
    assert done.stderr.split() == ["geoasm:", "interrupted"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), "not enough memory"),
        (RecursionError(), "nested too deeply"),
        (OSError(errno.ENOSPC, "No space left on device", "a.csv"), "a.csv: no space left"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
    ],
)
def test_what_the_machine_refuses_is_one_line(
    monkeypatch: pytest.MonkeyPatch, error: Exception, told: str
) -> None:
    done = call(raising(error), monkeypatch=monkeypatch)
    assert done.exit_code == 2
    assert told in done.stderr
    assert done.stderr.startswith("geoasm: error: ")
    assert done.stderr.count("\n") == 1


def test_other_exception_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    done = call(raising(ZeroDivisionError("bug")), monkeypatch=monkeypatch)
    assert isinstance(done.exception, ZeroDivisionError)


def test_exit_code_of_a_command_is_the_program_s(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    @click.pass_context
    def probe(ctx: click.Context) -> None:
        ctx.exit(1)

    assert call(probe, monkeypatch=monkeypatch).exit_code == 1


def test_closed_pipe_ends_quietly() -> None:
    code = (
        "import click, sys\nfrom geoasm.cli import main\n"
        "@click.command()\ndef probe():\n    click.echo('x' * 200_000)\n"
        "main.LazyGroup.get_command = lambda self, ctx, name: probe\nmain.cli(['probe'])"
    )
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert done.returncode == 128 + signal.SIGPIPE
    assert done.stderr == b""


# --- how much is said


def test_log_goes_to_stderr_and_follows_v_and_q(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    @options.verbosity
    def probe() -> None:
        import logging

        logger = logging.getLogger("geoasm.probe")
        logger.debug("detail")
        logger.info("step")
        logger.error("fault")
        click.echo("result")

    said = {flag: call(probe, *flag, monkeypatch=monkeypatch) for flag in [(), ("-q",), ("-v",)]}
    assert {done.stdout for done in said.values()} == {"result\n"}
    assert said[()].stderr == "step\nfault\n"
    assert said[("-q",)].stderr == "fault\n"
    assert said[("-v",)].stderr == "detail\nstep\nfault\n"


def test_verbosity_before_the_command_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def probe() -> None:
        click.echo(terminal.verbosity().name)
        click.echo(terminal.shows_progress())

    monkeypatch.setattr(main.LazyGroup, "get_command", lambda self, ctx, name: probe)
    done = CliRunner().invoke(main.cli, ["-q", "probe"])
    assert done.stdout == "QUIET\nFalse\n"


@pytest.mark.parametrize(("flags", "shown"), [([], False), (["-v"], True)])
def test_warnings_of_libraries_show_only_when_verbose(flags: list[str], shown: bool) -> None:
    code = (
        "import click, sys, warnings\nfrom geoasm.cli import main\n"
        "@click.command()\ndef probe():\n    warnings.warn('from a library')\n"
        "main.LazyGroup.get_command = lambda self, ctx, name: probe\n"
        f"sys.argv = ['geoasm', *{flags!r}, 'probe']\nmain.main()"
    )
    done = run_python(code, env={**os.environ, "PYTHONWARNINGS": ""})
    assert done.returncode == 0
    assert ("from a library" in done.stderr) is shown


# --- shared options


def parse(decorator: Any, *args: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    got: dict[str, Any] = {}

    @click.command()
    @decorator
    def probe(**values: Any) -> None:
        got.update(values)

    done = call(probe, *args, monkeypatch=monkeypatch)
    return done.stderr if done.exit_code else next(iter(got.values()))


def test_layers_are_read_as_role_and_file(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("--layer", "admin=a.gpkg:districts", "--layer", "anap=x=y.shp")
    got = parse(options.layers, *arguments, monkeypatch=monkeypatch)
    assert got == {Role.ADMIN: "a.gpkg:districts", Role.ANAP: "x=y.shp"}


@pytest.mark.parametrize(
    ("option", "arguments", "says"),
    [
        (options.layers, ["--layer", "protected_area=a.shp"], "did you mean protected_areas?"),
        (options.layers, ["--layer", "strata=a.csv"], "'strata' is no role here"),
        (options.layers, ["--layer", "a.shp"], "must name a role first"),
        (options.layers, ["--layer", "admin=a", "--layer", "admin=b"], "admin is given twice"),
        (options.tables, ["--table", "admin=a.csv"], "'admin' is no role here"),
        (options.rasters, ["--raster", "a.tif"], "must be ROLE=FILE or ROLE@YEAR=FILE"),
        (options.rasters, ["--raster", "activity@19=a.tif"], "as in activity@2020=mining.tif"),
        (
            options.rasters,
            ["--raster", "admin=a.tif"],
            "'admin' is no role here; roles: activity, ",
        ),
        (options.rasters, ["--raster", "activty=a.tif"], "did you mean activity?"),
        (options.crs(), ["--crs", "EPSG:32718"], "must name a role first"),
        (options.assume(), ["--assume", "status=titled"], "must be ROLE.FIELD=VALUE"),
        (options.assume(), ["--assume", "concessions.status"], "must be ROLE.FIELD=VALUE"),
        (options.on, ["--on", "31/01/2026"], "write it as 2026-01-31"),
        (options.out(), [], "Missing option '--out'"),
    ],
)
def test_bad_option_names_the_flag_and_the_way_out(
    option: Any, arguments: list[str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = parse(option, *arguments, monkeypatch=monkeypatch)
    assert says in said
    assert (arguments or ["--out"])[0] in said
    assert said.count("\n") == 1


def test_rasters_of_a_role_come_together_each_with_its_year(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = ("activity=a_2019.tif", "elevation=dem.tif:1", "activity@2024=x=y.tif")
    arguments = [part for text in given for part in ("--raster", text)]
    assert parse(options.rasters, *arguments, monkeypatch=monkeypatch) == {
        Role.ACTIVITY: (RasterFile("a_2019.tif"), RasterFile("x=y.tif", 2024)),
        Role.ELEVATION: (RasterFile("dem.tif:1"),),
    }


def test_role_may_be_left_out_where_one_file_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    crs = parse(options.crs(one_file=True), "--crs", "EPSG:32718", monkeypatch=monkeypatch)
    assert crs == {None: "EPSG:32718"}
    assume = parse(
        options.assume(one_file=True), "--assume", "status=titled", monkeypatch=monkeypatch
    )
    assert assume == {(None, "status"): "titled"}


def test_assumption_keeps_what_stands_after_the_first_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    got = parse(options.assume(), "--assume", "concessions.status=a=b", monkeypatch=monkeypatch)
    assert got == {(Role.CONCESSIONS, "status"): "a=b"}


def test_day_is_today_unless_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse(options.on, monkeypatch=monkeypatch) == date.today()
    got = parse(options.on, "--on", "2019-01-01", monkeypatch=monkeypatch)
    assert got == date(2019, 1, 1)
