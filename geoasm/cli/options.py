"""Every option that several commands share, once each, with its help and its checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from geoasm.cli import completion, terminal
from geoasm.codes import LAYER_ROLES, RASTER_ROLES, TABLE_ROLES, Role
from geoasm.io.paths import RasterFile
from geoasm.languages import LANGUAGES

Decorator = Callable[[Any], Any]


def iso_date(text: str) -> date:
    """Read a day written as YYYY-MM-DD."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise click.BadParameter(f"{text!r} is no day: write it as 2026-01-31") from None


def role_value(
    roles: Iterable[Role], *, one_file: bool = False
) -> Callable[[str], tuple[Role | None, str]]:
    """Make a reader of `ROLE=VALUE`; `one_file` also takes `VALUE` alone, with role None."""
    roles = tuple(roles)

    def read(text: str) -> tuple[Role | None, str]:
        head, separator, value = text.partition("=")
        is_role = separator and head.replace("_", "").isalpha()  # else a path or URL that has a "="
        if one_file and not is_role:
            return None, text
        if not (separator and value):
            raise click.BadParameter(f"{text!r} must name a role first, as in {roles[0]}={text}")
        return _role(head, roles), value

    return read


def assumption(*, one_file: bool = False) -> Callable[[str], tuple[tuple[Role | None, str], str]]:
    """Make a reader of `ROLE.FIELD=VALUE`; `one_file` also takes `FIELD=VALUE`, with role None."""

    def read(text: str) -> tuple[tuple[Role | None, str], str]:
        target, _, value = text.partition("=")
        head, dot, field = target.rpartition(".")
        if not (field and value) or not (dot or one_file):
            raise click.BadParameter(
                f"{text!r} must be ROLE.FIELD=VALUE, as in concessions.status=titled"
            )
        return (_role(head, tuple(Role)) if dot else None, field), value

    return read


def raster_value(text: str) -> tuple[Role, RasterFile]:
    """Read `ROLE=FILE` or `ROLE@YEAR=FILE`."""
    head, separator, file = text.partition("=")
    name, at, year = head.partition("@")
    if not (separator and file) or (at and not (year.isdecimal() and len(year) == 4)):
        raise click.BadParameter(
            f"{text!r} must be ROLE=FILE or ROLE@YEAR=FILE, as in activity@2020=mining.tif"
        )
    return _role(name, RASTER_ROLES), RasterFile(file, int(year) if at else None)


def _by_role(
    ctx: click.Context, param: click.Parameter, pairs: Iterable[tuple[Role, RasterFile]]
) -> Mapping[Role, tuple[RasterFile, ...]]:
    out: dict[Role, tuple[RasterFile, ...]] = {}
    for role, file in pairs:
        out[role] = (*out.get(role, ()), file)
    return out


def _role(text: str, roles: tuple[Role, ...]) -> Role:
    names = [str(role) for role in roles]
    if text in names:
        return Role(text)
    near = get_close_matches(text, names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"roles: {', '.join(names)}"
    raise click.BadParameter(f"{text!r} is no role here; {hint}")


def _once_each(
    ctx: click.Context, param: click.Parameter, pairs: Iterable[tuple[Any, Any]]
) -> Mapping[Any, Any]:
    out: dict[Any, Any] = {}
    for key, value in pairs:
        if key in out:
            shown = ".".join(filter(None, key)) if isinstance(key, tuple) else key
            raise click.BadParameter(f"{shown or 'it'} is given twice", ctx=ctx, param=param)
        out[key] = value
    return out


def of_one_file(
    flag: str, given: Mapping[Role | None, str], read: Iterable[Role] = tuple(Role)
) -> str | None:
    """
    Give what a flag says of the one file that a command reads, whatever role it is called by.

    Parameters
    ----------
    read
        Roles that the file may have.

    Raises
    ------
    click.UsageError
        It is called by another role, or the flag is given twice.
    """
    read = tuple(read)
    for role in given:
        if role not in (None, *read):
            raise click.UsageError(f"{flag}: this command reads {', '.join(read)} only, not {role}")
    if len(given) > 1:
        raise click.UsageError(f"{flag} is given twice for the one file: leave one out")
    return next(iter(given.values()), None)


def _say(level: terminal.Verbosity) -> Callable[[click.Context, click.Parameter, bool], None]:
    def callback(ctx: click.Context, param: click.Parameter, given: bool) -> None:
        if given:
            terminal.configure(level)

    return callback


def verbosity(command: Any) -> Any:
    """Add -v and -q; they work before and after the name of the command."""
    for flags, level, text in (
        (("-q", "--quiet"), terminal.Verbosity.QUIET, "Say only what is wrong."),
        (("-v", "--verbose"), terminal.Verbosity.VERBOSE, "Say more, library warnings included."),
    ):
        option = click.option(
            *flags, is_flag=True, expose_value=False, callback=_say(level), help=text
        )
        command = option(command)
    return command


def profile(*, required: bool = False) -> Decorator:
    """Add --profile."""
    return click.option(
        "--profile",
        metavar="NAME",
        required=required,
        shell_complete=completion.profiles,
        help="Country profile: a name of `geoasm profiles list`, or a folder of your own.",
    )


def lang(*, default: str | None = None) -> Decorator:
    """Add --lang, the language of pages."""
    return click.option(
        "--lang",
        type=click.Choice(LANGUAGES),
        default=default,
        help="Language of maps and reports; the profile's own where not given.",
    )


def crs(*, one_file: bool = False) -> Decorator:
    """Add --crs: a mapping of role (None for the one file) to coordinate system."""
    return click.option(
        "--crs",
        metavar="[ROLE=]EPSG:CODE" if one_file else "ROLE=EPSG:CODE",
        type=role_value(Role, one_file=one_file),
        multiple=True,
        callback=_once_each,
        help="Coordinate system of a file, against what the file says of itself.",
    )


def encoding(*, one_file: bool = False) -> Decorator:
    """Add --encoding: a mapping of role (None for the one file) to encoding."""
    return click.option(
        "--encoding",
        metavar="[ROLE=]ENCODING" if one_file else "ROLE=ENCODING",
        type=role_value(Role, one_file=one_file),
        multiple=True,
        callback=_once_each,
        help="Character encoding of a file, as in registrations=cp1252.",
    )


def assume(*, one_file: bool = False) -> Decorator:
    """Add --assume: a mapping of (role, field) to the value of a column that a file lacks."""
    return click.option(
        "--assume",
        metavar="[ROLE.]FIELD=VALUE" if one_file else "ROLE.FIELD=VALUE",
        type=assumption(one_file=one_file),
        multiple=True,
        callback=_once_each,
        help="Value for a column that a file lacks; written into manifest, map and report.",
    )


def out(*, required: bool = True, folder: bool = True) -> Decorator:
    """Add --out, a path that must not exist unless --overwrite."""
    return click.option(
        "--out",
        type=click.Path(path_type=Path),
        metavar="DIR" if folder else "FILE",
        required=required,
        help="Where the result goes.",
    )


concessions = click.option(
    "--concessions",
    metavar="FILE",
    shell_complete=completion.files,
    help="Mining rights: path, path:layer, a zip, or a postgresql:// table.",
)
registrations = click.option(
    "--registrations",
    metavar="FILE",
    shell_complete=completion.files,
    help="Registrations: layer, CSV or XLSX with coordinates.",
)
layers = click.option(
    "--layer",
    "layers",
    metavar="ROLE=FILE",
    type=role_value(LAYER_ROLES),
    shell_complete=completion.roles(LAYER_ROLES),
    multiple=True,
    callback=_once_each,
    help=f"Context layer; roles: {', '.join(LAYER_ROLES)}.",
)
tables = click.option(
    "--table",
    "tables",
    metavar="ROLE=FILE",
    type=role_value(TABLE_ROLES),
    shell_complete=completion.roles(TABLE_ROLES),
    multiple=True,
    callback=_once_each,
    help=f"Side table; roles: {', '.join(TABLE_ROLES)}.",
)
rasters = click.option(
    "--raster",
    "rasters",
    metavar="ROLE[@YEAR]=FILE",
    type=raster_value,
    shell_complete=completion.roles(RASTER_ROLES),
    multiple=True,
    callback=_by_role,
    help=f"Raster; roles: {', '.join(RASTER_ROLES)}. Several years of activity are welcome.",
)
on = click.option(
    "--on",
    type=iso_date,
    default=lambda: date.today().isoformat(),
    show_default="today",
    metavar="YYYY-MM-DD",
    help="Day whose law and evidence count.",
)
audience = click.option(
    "--audience",
    type=click.Choice(["public", "internal"]),
    default="public",
    show_default=True,
    help="`internal` puts names in, and says so on every page.",
)
overwrite = click.option("--overwrite", is_flag=True, help="Replace a result that exists.")
