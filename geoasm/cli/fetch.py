"""`geoasm fetch`: a layer from an official service, as a GeoPackage that says where it comes from."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geoasm.cli import options, terminal
from geoasm.errors import MissingExtra, UnknownService

if TYPE_CHECKING:
    from geoasm.io.fetch import Fetched
    from geoasm.profile import Profile
    from geoasm.profile.services import Service

log = logging.getLogger(__name__)

_QUIET_S = 10.0  # between two lines of progress where no terminal reads them


def _box(text: str) -> tuple[float, float, float, float]:
    """Read west, south, east, north in degrees."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise click.BadParameter(
            f"{text!r} must be west,south,east,north in degrees, as in -71,-13,-69,-12"
        ) from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise click.BadParameter(f"{text!r} is no box: west before east, south before north")
    return west, south, east, north


@click.command(name="fetch", short_help="Download a layer from an official service.")
@click.argument("source", required=False)
@options.out(required=False, folder=False)
@options.profile()
@click.option("--list", "listing", is_flag=True, help="List the services that profiles name.")
@click.option(
    "--bbox", "box", type=_box, metavar="W,S,E,N", help="Only rows that touch this box (degrees)."
)
@click.option(
    "--delay",
    "delay_s",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="Pause between two requests.",
)
@click.option(
    "--max-mb",
    type=click.FloatRange(min=0, min_open=True),
    default=2000.0,
    show_default=True,
    metavar="N",
    help="Stop at this size.",
)
@click.option(
    "--max-minutes",
    type=click.FloatRange(min=0, min_open=True),
    default=120.0,
    show_default=True,
    metavar="N",
    help="Stop after this time.",
)
@click.option(
    "--ca-bundle",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Certificates (PEM) to trust besides the system's, where a server leaves out its issuer.",
)
@options.overwrite
@options.verbosity
@click.pass_context
def fetch_command(
    ctx: click.Context,
    source: str | None,
    out: Path | None,
    profile: str | None,
    listing: bool,
    box: tuple[float, float, float, float] | None,
    delay_s: float,
    max_mb: float,
    max_minutes: float,
    ca_bundle: Path | None,
    overwrite: bool,
) -> None:
    """
    Download SOURCE, a service of `geoasm fetch --list`, into the GeoPackage FILE.

    Broken off, the same command goes on where it ended. The file holds a table of where its rows
    come from. Exit code 1: written, but the rows are not surely those of the service.
    """
    known = _services(profile)
    if listing:
        terminal.say("\n".join(_listed(known)))
        return
    if source is None or out is None:
        raise click.UsageError("give a SOURCE and --out FILE; `geoasm fetch --list` names sources")
    owner, service = _chosen(source, known)
    try:
        from geoasm.io.fetch import Limits, fetch
    except ModuleNotFoundError as err:
        raise MissingExtra(
            f"geoasm fetch needs {err.name}: pip install 'geoasm[fetch]', or download by hand"
        ) from err
    with terminal.progress() as show:
        done = fetch(
            service,
            owner.crs,
            out,
            limits=Limits(delay_s=delay_s, max_mb=max_mb, max_minutes=max_minutes),
            box=box,
            ca_bundle=ca_bundle,
            overwrite=overwrite,
            say=_seldom(show),
        )
    terminal.say(out)
    if not _told(service, done):
        ctx.exit(1)


def _services(profile: str | None) -> list[tuple[Profile, Service]]:
    from geoasm.io.profiles import list_profiles, load_profile

    profiles = [load_profile(name) for name in ([profile] if profile else list_profiles())]
    return [(owner, service) for owner in profiles for service in owner.services]


def _listed(known: list[tuple[Profile, Service]]) -> Iterator[str]:
    for owner, service in known:
        title = service.titles.get("en") or next(iter(service.titles.values()))
        doubt = "" if service.verified else "; address not verified"
        yield f"{service.name}  ({owner.code}, {service.role}{doubt})"
        yield f"    {title}"
        yield from (f"    {url}" for url in service.urls)


def _chosen(source: str, known: list[tuple[Profile, Service]]) -> tuple[Profile, Service]:
    for owner, service in known:
        if service.name == source:
            return owner, service
    names = ", ".join(service.name for _, service in known)
    raise UnknownService(
        f"no service {source!r}; "
        + (f"there are {names}" if names else "the profile names none (services.toml)")
    )


def _seldom(show: Callable[[str], None]) -> Callable[[str], None]:
    """Show everything on a terminal, and elsewhere a line now and then."""
    if terminal.shows_progress():
        return show
    shown_at = -_QUIET_S

    def say(stage: str) -> None:
        nonlocal shown_at
        if (now := time.monotonic()) - shown_at >= _QUIET_S:
            shown_at = now
            show(stage)

    return say


def _told(service: Service, done: Fetched) -> bool:
    """Say on stderr what has arrived, and whether the service counts the same."""
    said = f"{service.name}: {done.rows:,} rows"
    if done.repeated:
        said += f", {done.repeated:,} left out as there twice"
    if done.data_on[1]:
        said += f", of {done.data_on[1]}"
    log.info(said)
    note = service.note.get("en") or next(iter(service.note.values()), "")
    if note:
        log.info(note)
    if done.expected is None:
        log.info("the service gives no count to hold this against")
    if not done.agrees:
        counts = "gives no count" if done.expected is None else f"counts {done.expected:,} rows"
        why = f": {done.missing}" if done.missing else ""
        step = "downloads it anew" if done.has_changed else "asks for the others again"
        terminal.say(
            f"geoasm: {service.name}: the service {counts}, {done.arrived:,} are written{why};"
            f" the same command with --overwrite {step}",
            err=True,
        )
    return done.agrees
