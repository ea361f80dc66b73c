"""`geoasm run`: the main job, from files to a run folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geoasm.cli import options, terminal
from geoasm.codes import Role
from geoasm.errors import OptionError
from geoasm.io.paths import RasterFile

if TYPE_CHECKING:
    from geoasm.workers import Workers

LOCAL, DASK = "local", "dask"


@click.command(name="run", short_help="Classify a register against a cadastre: the main job.")
@click.argument("study", required=False, type=click.Path(path_type=Path), metavar="[STUDY.toml]")
@options.profile()
@options.concessions
@options.registrations
@options.layers
@options.tables
@options.rasters
@click.option(
    "--on", type=options.iso_date, metavar="YYYY-MM-DD", help="Day whose law and evidence count; today where not given."
)  # fmt: skip
@options.crs()
@options.encoding()
@options.assume()
@click.option(
    "--stacked",
    type=click.Choice(["seniority", "ambiguous"]),
    help="What decides between titles of different classes at one point.",
)
@click.option(
    "--position-sigma", "position_sigma_m", type=click.FloatRange(min=0, min_open=True), metavar="METRES",
    help="Standard deviation per axis of stated positions; that of the profile's law where not given.",
)  # fmt: skip
@click.option("--planarize", is_flag=True, help="Write the disjoint pieces of the rights, too.")
@click.option(
    "--engine", type=click.Choice([LOCAL, DASK]), default=LOCAL, show_default=True,
    help="Who does the work: this process, or workers of Dask; the answers are the same.",
)  # fmt: skip
@click.option(
    "--scheduler", metavar="tcp://HOST:PORT",
    help="Dask scheduler whose workers do the work; else processes of this machine.",
)  # fmt: skip
@click.option(
    "--workers", "n_workers", type=click.IntRange(min=1), metavar="N",
    help="Processes to start on this machine; as many as it has cores where not given.",
)  # fmt: skip
@options.lang()
@options.audience
@options.out()
@options.overwrite
@options.verbosity
@click.pass_context
def run(
    ctx: click.Context,
    study: Path | None,
    profile: str | None,
    concessions: str | None,
    registrations: str | None,
    layers: Mapping[Role, str],
    tables: Mapping[Role, str],
    rasters: Mapping[Role, tuple[RasterFile, ...]],
    on: date | None,
    crs: Mapping[Role, str],
    encoding: Mapping[Role, str],
    assume: Mapping[tuple[Role, str], str],
    stacked: str | None,
    position_sigma_m: float | None,
    planarize: bool,
    engine: str,
    scheduler: str | None,
    n_workers: int | None,
    lang: str | None,
    audience: str,
    out: Path,
    overwrite: bool,
) -> None:
    """
    Classify every registration by the law of a day and write a run folder.

    Either name a STUDY.toml, or the files; flags go before what the study says.

    \b
    geoasm run study.toml --out run
    geoasm run --profile pe --concessions catastro.zip --registrations reinfo.csv \\
        --layer protected_areas=anp.gpkg --table strata=estratos.csv --out run
    geoasm run study.toml --raster activity=mining_2019.tif --raster activity@2024=now.tif --out run
    geoasm run study.toml --engine dask --scheduler tcp://10.0.0.1:8786 --out run
    """  # noqa: D301 -- click's own mark for lines that stay as they are
    from geoasm import api
    from geoasm.cli.funnel import report_run
    from geoasm.clock import Clock
    from geoasm.io.results import RUN
    from geoasm.io.study import Study, combine, read_study
    from geoasm.memory import hold_little

    hold_little()
    _check_engine(engine, scheduler, n_workers)
    RUN.check(out, overwrite=overwrite)
    main = {Role.CONCESSIONS: concessions, Role.REGISTRATIONS: registrations}
    flags = Study(
        profile=profile,
        on=on,
        files={**{r: f for r, f in main.items() if f}, **layers, **tables},
        rasters=rasters,
        crs=crs,
        encoding=encoding,
        assumptions={(role.value, name): value for (role, name), value in assume.items()},
        audience=audience,
        language=lang,
        stacked=stacked,
        planarize=planarize or None,
        position_sigma_m=position_sigma_m,
    )
    asked = combine(read_study(study) if study else Study(), flags)
    with terminal.progress() as tell, _hands(engine, scheduler, n_workers, tell) as (hands, hear):
        analysis = api.run_study(asked, clock=Clock(tell=hear), workers=hands)
        tell("write")
        folder = analysis.save(out, overwrite=overwrite)
    report_run(analysis, folder)
    if analysis.summary["failed"]:
        ctx.exit(1)


def _check_engine(engine: str, scheduler: str | None, n_workers: int | None) -> None:
    if engine != DASK and (scheduler is not None or n_workers):
        flag = "--scheduler" if scheduler is not None else "--workers"
        raise OptionError(f"{flag} is for --engine dask: add that, or leave {flag} out")
    if scheduler is not None and not scheduler.strip():
        raise OptionError(
            "--scheduler is empty; give its address, as tcp://10.0.0.1:8786, or leave it out"
        )
    if scheduler and n_workers:
        raise OptionError(
            "--workers starts processes on this machine, and --scheduler has workers: leave one out"
        )


@contextmanager
def _hands(
    engine: str, scheduler: str | None, n_workers: int | None, tell: Callable[[str], None]
) -> Iterator[tuple[Workers | None, Callable[[str], None]]]:
    """Give who does the work, and who hears of the stages so that the parts of each can be told."""
    if engine == LOCAL:
        yield None, tell
        return
    from geoasm.io.cluster import connect

    stages = [""]

    def hear(stage: str) -> None:
        stages.append(stage)
        tell(stage)

    def hear_parts(done: int, total: int | None) -> None:
        # A spinner turns with every part; lines in a log come with every quarter.
        if (
            terminal.shows_progress()
            or total is None
            or done * 4 // total > (done - 1) * 4 // total
        ):
            tell(f"{stages[-1]}: {done} of {total or 'some'} parts")

    with connect(scheduler, n_workers=n_workers, tell=hear_parts) as workers:
        yield workers, hear
