"""`geoasm map`: the map of a run again."""

from __future__ import annotations

from pathlib import Path

import click

from geoasm.cli import options


@click.command(name="map", short_help="Draw the map of a run again.")
@click.argument("run", type=click.Path(path_type=Path))
@options.out(required=False, folder=False)
@options.lang()
@options.audience
@options.overwrite
@options.verbosity
def map_command(
    run: Path, out: Path | None, lang: str | None, audience: str, overwrite: bool
) -> None:
    """
    Draw the map of a run again: another language, another audience.

    Without --out it goes into the run folder RUN as map.html; an internal page goes into RUN/private.
    """
    from geoasm.cli.page import write_page
    from geoasm.render.map import map_html

    write_page(
        run, "map.html", map_html, out=out, lang=lang, audience=audience, overwrite=overwrite
    )
