"""`geoasm openings`: free ground around the clusters of a run."""

from __future__ import annotations

from pathlib import Path

import click

from geoasm.cli import options, terminal


@click.command(name="openings", short_help="Find free cells around clusters on open ground.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--ring",
    type=click.IntRange(min=0, max=20),
    metavar="N",
    help="Cells to look at around the one of a registration; else as the profile says.",
)
@options.out()
@options.lang()
@options.overwrite
@options.verbosity
def openings_command(
    run: Path, ring: int | None, out: Path, lang: str | None, overwrite: bool
) -> None:
    """
    Find whole cells of the official grid that could be claimed or reserved, around the clusters of RUN.

    Of clusters on extinct or open ground: cells free of rights, pending claims and closed areas, with
    hectares, contiguous blocks, and the day from which extinct ground is free.
    """
    from geoasm.io.openings import FREE_GROUND, PAGE
    from geoasm.openings import seek_openings

    FREE_GROUND.check(out, overwrite=overwrite)
    seek_openings(run, ring=ring, language=lang).save(out, overwrite=overwrite)
    terminal.say(out)
    terminal.say(out / PAGE)
