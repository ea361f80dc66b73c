"""`geoasm scenario`: a run beside the same run under other rules or facts."""

from __future__ import annotations

from pathlib import Path

import click

from geoasm.cli import completion, options, terminal


def _list(ctx: click.Context, param: click.Parameter, asked: bool) -> None:
    """Print the scenarios of the package, and end."""
    from geoasm.io.scenarios import find_scenario, list_scenarios, read_scenario

    if asked:
        for name in list_scenarios():
            names = read_scenario(find_scenario(name)).names
            terminal.say(f"{name}\t{names['en']}")
        ctx.exit()


@click.command(
    name="scenario", short_help="Run a scenario beside a run: changed rules, parameters, facts."
)
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("scenario", metavar="SCENARIO", shell_complete=completion.files)
@click.option(
    "--study",
    type=click.Path(path_type=Path),
    metavar="STUDY.toml",
    help="Names the run's files, where its private part is gone or they have moved.",
)
@click.option(
    "--list",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list,
    help="Name the scenarios that come with the package, and end.",
)
@options.out()
@options.lang()
@options.overwrite
@options.verbosity
@click.pass_context
def scenario_command(
    ctx: click.Context,
    run: Path,
    scenario: str,
    study: Path | None,
    out: Path,
    lang: str | None,
    overwrite: bool,
) -> None:
    """
    Repeat the run RUN under the SCENARIO, a TOML file or the name of one that comes with the package.

    Written are the scenario's own run, a report of what moved and why, the flows and the candidates.
    RUN itself is not changed, and its files must be those of then.

    \b
    geoasm scenario run title_reform --out reform
    geoasm scenario run my_scenario.toml --out mine
    """  # noqa: D301 -- click's own mark for lines that stay as they are
    from geoasm.clock import Clock
    from geoasm.io.scenario_folder import PAGE, TRIAL
    from geoasm.render import shell
    from geoasm.render.labels import Labels
    from geoasm.scenario import try_scenario

    TRIAL.check(out, overwrite=overwrite)
    with terminal.progress() as tell:
        trial = try_scenario(run, scenario, study=study, language=lang, clock=Clock(tell=tell))
        tell("write")
        trial.save(out, overwrite=overwrite)
    labels = Labels(str(trial.analysis.summary["language"]))
    if terminal.verbosity() is not terminal.Verbosity.QUIET:
        total = labels.number(trial.numbers["registrations"])
        told = labels.text("scenario.key_moved", total=total)
        terminal.say(f"geoasm: {labels.number(trial.numbers['moved'])} {told}", err=True)
    for fault in shell.failed(trial.analysis.summary, labels):
        terminal.say(f"geoasm: {fault}", err=True)
    for code in trial.effects.faults:
        said = labels.text("scenario.failed", name=labels.class_name(code))
        terminal.say(f"geoasm: {said}", err=True)
    terminal.say(out)
    terminal.say(out / PAGE)
    if trial.effects.faults or trial.analysis.summary["failed"]:
        ctx.exit(1)
