"""`geoasm demo`: the whole job on the embedded sample."""

from __future__ import annotations

from pathlib import Path

import click

from geoasm.cli import options


@click.command(name="demo", short_help="Run the whole job on the embedded sample.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    default=Path("geoasm-demo"),
    show_default=True,
    help="Where the result goes.",
)
@options.lang()
@options.overwrite
@options.verbosity
def demo(out: Path, lang: str | None, overwrite: bool) -> None:
    """Classify the embedded synthetic sample, offline, and print the funnel and the map's path."""
    from dataclasses import replace

    from geoasm import api
    from geoasm.cli.funnel import report_run
    from geoasm.io.results import RUN
    from geoasm.io.samples import sample_folder
    from geoasm.io.study import read_study

    RUN.check(out, overwrite=overwrite)
    study = read_study(sample_folder() / "study.toml")
    analysis = api.run_study(replace(study, language=lang or study.language))
    report_run(analysis, analysis.save(out, overwrite=overwrite))
