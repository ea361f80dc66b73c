"""`geoasm series`: shares of classes over months of runs."""

from __future__ import annotations

from pathlib import Path

import click

from geoasm.cli import options, terminal


@click.command(name="series", short_help="Draw class shares over a register of runs.")
@click.argument(
    "folders", metavar="DIR...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@options.out()
@options.lang()
@options.overwrite
@options.verbosity
def series_command(folders: tuple[Path, ...], out: Path, lang: str | None, overwrite: bool) -> None:
    """
    Draw the shares of classes over runs, and say what of the method changed between them.

    DIR is a run folder, or a folder that holds runs; they go by their own day (--on).
    """
    from geoasm.io.register import PAGE, SERIES, TABLE
    from geoasm.series import draw_series

    SERIES.check(out, overwrite=overwrite)
    draw_series(folders, language=lang).save(out, overwrite=overwrite)
    terminal.say(out)
    terminal.say(out / PAGE)
    terminal.say(out / TABLE)
