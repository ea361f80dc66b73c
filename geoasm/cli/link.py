"""`geoasm link`: which rights cover which points, by the million."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geoasm.cli import completion, options, terminal

if TYPE_CHECKING:
    from geoasm.linking import LinkCounts

SIDES = ("points", "rights")


def side_value(text: str) -> tuple[str, str]:
    """Read `points=EPSG:CODE` or `rights=EPSG:CODE`."""
    side, _, value = text.partition("=")
    if side not in SIDES or not value:
        raise click.BadParameter(f"{text!r} must be points=EPSG:CODE or rights=EPSG:CODE")
    return side, value


def by_side(
    ctx: click.Context, param: click.Parameter, given: tuple[tuple[str, str], ...]
) -> Mapping[str, str]:
    """Map each side to its value, which is given once."""
    out = dict(given)
    if len(out) < len(given):
        raise click.BadParameter("one side is given twice", ctx=ctx, param=param)
    return out


@click.command(name="link", short_help="Find the rights over each point, of files by the million.")
@click.argument("points", shell_complete=completion.files)
@click.argument("rights", shell_complete=completion.files)
@click.option(
    "--point-id",
    metavar="COLUMN",
    help="Column that names a point; registration_id where there is one, else the row number.",
)
@click.option(
    "--right-id",
    metavar="COLUMN",
    help="Column that names a right; concession_id where there is one, else the row number.",
)
@click.option(
    "--crs",
    metavar="SIDE=EPSG:CODE",
    type=side_value,
    multiple=True,
    callback=by_side,
    help="Coordinate system of points or rights, against what the file says of itself.",
)
@options.profile()
@options.out(folder=False)
@options.overwrite
@options.verbosity
def link_command(
    points: str,
    rights: str,
    point_id: str | None,
    right_id: str | None,
    crs: Mapping[str, str],
    profile: str | None,
    out: Path,
    overwrite: bool,
) -> None:
    """
    Write every pair of a point and a right that covers it into FILE, a Parquet file.

    POINTS and RIGHTS are GeoParquet files, or folders of parts; points are read in batches and may
    be more than fit into memory. A point on an edge belongs to both sides. Points come into the
    rights' system, by the datum operation of the profile where one is given. Rights that are not
    valid are mended as `geoasm run` does, and listed in FILE.issues.csv. Other formats: convert
    them first, as with ogr2ogr -f Parquet.
    """
    from geoasm import linking

    found = linking.link_files(
        points, rights, out, ids={"points": point_id, "rights": right_id}, crs=crs,
        profile=profile, overwrite=overwrite,
    )  # fmt: skip
    for line in lines(found):
        terminal.say(line)


def lines(found: LinkCounts) -> list[str]:
    """Lay the counts out, points and rights in balance."""
    rows = [
        ("points", found.points),
        ("  in one right", found.in_one),
        ("  in several", found.in_several),
        ("  in none", found.in_none),
        ("  without position", found.without_position),
        ("pairs", found.pairs),
        ("rights", found.rights),
        ("  mended", found.rights_mended),
        ("  without outline", found.rights_set_aside),
    ]
    out = [f"{name:<20}{n:>16,}" for name, n in rows]
    if found.operation is not None:
        accuracy = found.operation["accuracy_m"]
        sure = "of unknown accuracy" if accuracy is None else f"accurate to {accuracy:g} m"
        out.append(f"points came into the rights' system by {found.operation['operation']}, {sure}")
    if found.in_none and not found.pairs:
        out.append("no point lies in any right: check both systems (--crs) and the order of axes")
    if found.issues is not None:
        out.append(f"what was mended or set aside: {found.issues}")
    return out
