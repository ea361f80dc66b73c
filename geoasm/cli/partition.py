"""`geoasm partition`: a layer or register as GeoParquet files of neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from geoasm.cli import completion, options, terminal
from geoasm.codes import Role


@click.command(name="partition", short_help="Cut a file into GeoParquet files of neighbours.")
@click.argument("file", shell_complete=completion.files)
@options.profile()
@click.option(
    "--rows", type=click.IntRange(min=1), default=100_000, show_default=True, metavar="N",
    help="Rows of a file.",
)  # fmt: skip
@options.crs(one_file=True)
@options.encoding(one_file=True)
@options.out()
@options.overwrite
@options.verbosity
def partition_command(
    file: str,
    profile: str | None,
    rows: int,
    crs: Mapping[Role | None, str],
    encoding: Mapping[Role | None, str],
    out: Path,
    overwrite: bool,
) -> None:
    """
    Write FILE, a layer or a register, as a folder of GeoParquet files along a Hilbert curve.

    The folder stands for the file wherever a command reads one, with the same answers; each part
    states its bounding box. Rows without a position are in the last part. Of a table the columns
    of positions that a profile knows are looked for, those of all profiles where none is named.

    \b
    geoasm partition registro.csv --profile pe --out registro
    geoasm run --profile pe --concessions catastro.zip --registrations registro --out run
    """  # noqa: D301 -- click's own mark for lines that stay as they are
    from geoasm.io.partitioning import partition
    from geoasm.io.profiles import list_profiles, load_profile

    countries = [load_profile(name) for name in ([profile] if profile else list_profiles())]
    partition(
        file,
        out,
        countries,
        rows=rows,
        crs=options.of_one_file("--crs", crs),
        encoding=options.of_one_file("--encoding", encoding),
        overwrite=overwrite,
    )
    terminal.say(out)
