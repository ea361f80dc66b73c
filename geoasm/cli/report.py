"""`geoasm report`: the report of a run again."""

from __future__ import annotations

from pathlib import Path

import click

from geoasm.cli import options


@click.command(name="report", short_help="Write the report of a run again.")
@click.argument("run", type=click.Path(path_type=Path))
@options.out(required=False, folder=False)
@options.lang()
@options.audience
@options.overwrite
@options.verbosity
def report_command(
    run: Path, out: Path | None, lang: str | None, audience: str, overwrite: bool
) -> None:
    """
    Write the report of a run again: another language, another audience.

    Without --out it goes into the run folder RUN as report.html; an internal page goes into RUN/private.
    """
    from geoasm.cli.page import write_page
    from geoasm.render.report import report_html

    write_page(
        run, "report.html", report_html, out=out, lang=lang, audience=audience, overwrite=overwrite
    )
