"""Downloads from official services: the only part of geoasm that asks the web."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from geoasm.codes import ServiceKind
from geoasm.errors import FetchError, OptionError, OutputError
from geoasm.io.atomic import check_file
from geoasm.io.fetch.archives import fetch_archives
from geoasm.io.fetch.client import Client
from geoasm.io.fetch.layer import Box
from geoasm.io.fetch.limits import Clock, Limits
from geoasm.io.fetch.package import write_package
from geoasm.io.fetch.parts import kept_beside
from geoasm.io.fetch.server import fetch_layer
from geoasm.model import CrsPlan
from geoasm.profile.services import Service

log = logging.getLogger(__name__)

__all__ = ["Box", "Clock", "Fetched", "Limits", "fetch"]


@dataclass(frozen=True)
class Fetched:
    """
    A download that is written.

    `expected` is the service's own count of rows, None where it gives none; `arrived` ours, before
    rows that are there twice were left out; `data_on` the days that its rows state.
    """

    path: Path
    rows: int
    arrived: int
    expected: int | None
    missing: str
    data_on: tuple[str | None, str | None]

    @property
    def agrees(self) -> bool:
        """Tell whether the service counts as many rows as arrived."""
        return self.expected is None or self.expected == self.arrived


def fetch(
    service: Service,
    plan: CrsPlan,
    target: Path,
    *,
    limits: Limits,
    box: Box | None = None,
    ca_bundle: Path | None = None,
    overwrite: bool = False,
    say: Callable[[str], None] = lambda _: None,
    clock: Clock | None = None,
) -> Fetched:
    """
    Download a service into a GeoPackage: its layer, and a table of where the rows come from.

    What arrives is kept in `FILE.parts` beside the target until the file is written and the
    service's count is met; the same call goes on from there.

    Parameters
    ----------
    plan
        Systems of the country, for rows that come in another one than asked for.
    box
        West, south, east, north (degrees): only rows that touch it. None for all.
    ca_bundle
        PEM file of certificates to trust besides the system's.
    say
        Told of every stage and page.

    Raises
    ------
    OptionError
        The target is no .gpkg, or the service has no box to ask for.
    OutputExists, OutputError
        The target exists, or the disk refuses.
    FetchError
        The service cannot be reached or gives nothing usable, or a cap is reached.
    """
    if target.suffix.lower() != ".gpkg":
        raise OptionError(f"{target.name}: --out takes a GeoPackage; name it FILE.gpkg")
    if box is not None and service.kind is ServiceKind.FILES:
        raise OptionError(f"{service.name} comes as whole files; leave --bbox out")
    check_file(target, overwrite=overwrite)
    with (
        Client(limits, clock=clock, ca_bundle=ca_bundle) as client,
        kept_beside(target) as parts,
    ):
        try:
            client.budget.spend(parts.size())
            if service.kind is ServiceKind.FILES:
                download = fetch_archives(service, plan, client, parts, say=say)
            else:
                download = fetch_layer(service, plan, client, parts, box=box, say=say)
        except BrokenPipeError:  # whoever reads the progress has left
            raise
        except OSError as err:
            raise OutputError(f"cannot write {parts.folder}: {err.strerror or err}") from err
        except FetchError as err:
            kept = (
                f"; what has arrived is kept in {parts.folder.name}, and the same command goes on"
            )
            raise FetchError(f"{service.name}: {err}{kept if parts.held() else ''}") from err
        say("writing")
        check_file(target, overwrite=overwrite)  # asked again: much time has passed
        write_package(target, service.name, download.frame, download.records)
        days = [d for r in download.records for d in (r.data_first_on, r.data_last_on) if d]
        done = Fetched(
            path=target,
            rows=len(download.frame),
            arrived=download.arrived,
            expected=download.expected,
            missing=download.missing,
            data_on=(min(days, default=None), max(days, default=None)),
        )
        if done.data_on[0] != done.data_on[1]:
            log.warning("the rows are of several days, %s to %s", *done.data_on)
        if done.agrees:
            parts.remove()
    return done
