"""`geoasm screen`: a company's dossier, or one for every company."""

from __future__ import annotations

from pathlib import Path

import click

from geoasm.cli import options, terminal


@click.command(name="screen", short_help="Write a company's dossier: HTML, XLSX, GeoPackage.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--holder", metavar="NAME-OR-RUC", help="Holder by name, by its number in the run, or by RUC."
)
@click.option("--group", metavar="NAME", help="Group of holders, by the run's table of groups.")
@click.option("--all", "everyone", is_flag=True, help="One dossier for every company.")
@click.option(
    "--min-registrations",
    "fewest",
    type=click.IntRange(min=1),
    metavar="N",
    help="With --all: registrations of others that a company's titles in force host at least.",
)
@options.out()
@options.lang()
@options.audience
@options.overwrite
@options.verbosity
def screen_command(
    run: Path,
    holder: str | None,
    group: str | None,
    everyone: bool,
    fewest: int | None,
    out: Path,
    lang: str | None,
    audience: str,
    overwrite: bool,
) -> None:
    """
    Write what the run folder RUN knows of one holder or group, as a page, a workbook and map layers.

    Their rights, the registrations on and near them, clusters, candidates with reasons, what to verify
    first. `--all` writes one for every group, and every legal entity outside of groups, with an index.
    """
    from geoasm import screening
    from geoasm.cli.page import check_place
    from geoasm.io.dossiers import DOSSIER, INDEX, PAGE
    from geoasm.render.dossier_book import key_figures

    if sum((holder is not None, group is not None, everyone)) != 1:
        raise click.UsageError("give one of --holder NAME-OR-RUC, --group NAME and --all")
    if everyone != (fewest is not None):
        raise click.UsageError("--all needs --min-registrations N, and nothing else takes it")
    if audience == "internal":
        check_place(run, out)
    DOSSIER.check(out, overwrite=overwrite)
    if fewest is not None:
        screening.screen_all(
            run, out, fewest=fewest, audience=audience, language=lang, overwrite=overwrite
        )
    else:
        made = screening.screen(run, holder=holder, group=group, audience=audience, language=lang)
        made.save(out, overwrite=overwrite)
        if terminal.verbosity() is not terminal.Verbosity.QUIET:
            terminal.say("\n".join(_figure_lines(made.title, key_figures(made.shown))), err=True)
    terminal.say(out)
    terminal.say(out / (INDEX if everyone else PAGE))


def _figure_lines(title: str, figures: list[tuple[str, str]]) -> list[str]:
    width = max(len(name) for name, _ in figures)
    return ["", title, *(f"  {name:<{width}}  {value:>12}" for name, value in figures), ""]
