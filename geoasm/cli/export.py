"""`geoasm export`: the tables of a run into a PostGIS database."""

from __future__ import annotations

from pathlib import Path

import click

from geoasm.cli import options, terminal


@click.command(name="export", short_help="Write the tables of a run into a PostGIS database.")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("database", metavar="URL")
@options.overwrite
@options.verbosity
def export_command(run: Path, database: str, overwrite: bool) -> None:
    """
    Write the public tables of the run folder RUN into a schema of a database, all of them or none.

    URL is postgresql://user@host/database?schema=NAME; the schema is `geoasm` where none is named.
    The password is read from PGPASSWORD or ~/.pgpass. Nothing of RUN/private is written.
    `--overwrite` replaces tables that an earlier export wrote, and no others.
    """
    from geoasm.io.database_export import export_result, parse_target, shown_target
    from geoasm.io.results import load_result

    target = parse_target(database)
    counts = export_result(load_result(run), target, overwrite=overwrite)
    if terminal.verbosity() is not terminal.Verbosity.QUIET:
        width = max(map(len, counts))
        for name, rows in counts.items():
            terminal.say(f"{name:<{width}}  {rows:>9,}", err=True)
    terminal.say(shown_target(database))
