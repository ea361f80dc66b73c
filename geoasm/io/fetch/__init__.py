"""Downloads from official services: the only part of geoasm that asks the web."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from geoasm.codes import ServiceKind
from geoasm.errors import FetchError, InputError, OptionError, OutputError
from geoasm.io.atomic import check_file
from geoasm.io.fetch.archives import fetch_archives
from geoasm.io.fetch.client import Client
from geoasm.io.fetch.layer import Box
from geoasm.io.fetch.limits import Clock, Limits
from geoasm.io.fetch.package import write_package
from geoasm.io.fetch.parts import kept_beside
from geoasm.io.fetch.server import fetch_layer
from geoasm.io.refusals import describe_refusal
from geoasm.model import CrsPlan
from geoasm.profile.services import Service

log = logging.getLogger(__name__)

__all__ = ["Box", "Clock", "Fetched", "Limits", "fetch"]


@dataclass(frozen=True)
class Fetched:
    """
    A download that is written.

    `expected` is the service's own count of rows, None where it gives none; `arrived` ours, after
    repeats inside a layer were left out (a right in the files of two zones counts in both);
    `repeated` counts the rows left out. `missing` says what is known of a difference.
    `has_changed`: the service changed meanwhile or gave rows twice, so that the rows may be of
    several editions. `data_on` are the days that the rows state.
    """

    path: Path
    rows: int
    arrived: int
    expected: int | None
    repeated: int
    missing: str
    has_changed: bool
    data_on: tuple[str | None, str | None]

    @property
    def agrees(self) -> bool:
        """Tell whether the rows are surely those of the service."""
        return not self.has_changed and (
            self.arrived == self.expected if self.expected is not None else not self.missing
        )


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
            raise OutputError(f"cannot write {parts.folder}: {describe_refusal(err)}") from err
        except (FetchError, InputError) as err:
            kept = (
                f"; what has arrived is kept in {parts.folder.name}, and the same command goes on"
            )
            raise FetchError(f"{service.name}: {err}{kept if parts.held() else ''}") from err
        say("writing")
        write_package(target, service.name, download.frame, download.records, overwrite=overwrite)
        days = [d for r in download.records for d in (r.data_first_on, r.data_last_on) if d]
        done = Fetched(
            path=target,
            rows=len(download.frame),
            arrived=download.arrived,
            expected=download.expected,
            repeated=download.repeated,
            missing=download.missing,
            has_changed=download.has_changed,
            data_on=(min(days, default=None), max(days, default=None)),
        )
        if done.data_on[0] != done.data_on[1]:
            log.warning("the rows are of several days, %s to %s", *done.data_on)
        if done.agrees:
            parts.remove()
        elif done.has_changed:
            parts.empty()  # the next download starts anew
    return done
