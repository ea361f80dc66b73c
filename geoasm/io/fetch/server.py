"""A layer of a map server, from its description to checked rows."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np

from geoasm import geometry
from geoasm.errors import FetchError
from geoasm.io.fetch.client import Client
from geoasm.io.fetch.layer import Box, Ids, LayerFacts, Query, describe
from geoasm.io.fetch.package import Provenance
from geoasm.io.fetch.pages import Pages, fetch_listed, fetch_unlisted, kept_pages
from geoasm.io.fetch.parts import Parts, digest_of, take_up
from geoasm.io.fetch.rows import Rows, data_days, read_pages, without_repeats
from geoasm.model import CrsPlan
from geoasm.profile.services import Service

log = logging.getLogger(__name__)

_FEW = 10  # object ids that a message or a record lists


@dataclass(frozen=True)
class Download:
    """
    Rows that have arrived, with their records.

    `expected` is the service's own count, None where it gives none, and `arrived` ours; `missing`
    says in words what is known of the difference.
    """

    frame: gpd.GeoDataFrame
    records: list[Provenance]
    expected: int | None
    arrived: int
    missing: str = ""


def fetch_layer(
    service: Service,
    plan: CrsPlan,
    client: Client,
    parts: Parts,
    *,
    box: Box | None,
    say: Callable[[str], None],
) -> Download:
    """
    Download a layer page by page, and read the pages.

    Parameters
    ----------
    box
        West, south, east, north (degrees): only rows that touch it. None for all.
    say
        Told of every page.

    Raises
    ------
    FetchError
        The service gives nothing usable, or a cap is reached; the pages so far are kept.
    """
    say(f"asking {service.name}")
    (url,) = service.urls
    facts = describe(client, url)
    epsg = geometry.parse_crs(service.out_crs).to_epsg()
    query = Query(client, url, facts.id_field, int(epsg or 4326), box)
    count, listed = query.count(), query.ids()
    started_at = take_up(
        parts,
        {"source": service.name, "url": url, "crs": service.out_crs, "box": box and list(box)},
        _found(facts, count, listed),
        client.clock.stamp(),
    )
    pages = kept_pages(query, parts, say)
    size = min(service.page_rows, facts.most_rows or service.page_rows)
    if listed is not None:
        fetch_listed(pages, listed, service.paging, size)
    if listed is None or pages.met < (count or 0):
        log.info("%s does not list every row; the others are asked for in order", service.name)
        fetch_unlisted(pages, count)
    if pages.ids.size == 0:
        raise FetchError(f"there are no rows{' in this box' if box else ''}")
    last = query.count()
    expected = last if last is not None else None if listed is None else int(listed.size)
    say("reading the pages")
    return _read(service, plan, client, parts, pages, facts, _Asked(box, started_at, expected))


@dataclass(frozen=True)
class _Asked:
    box: Box | None
    started_at: str
    expected: int | None


def _found(facts: LayerFacts, count: int | None, listed: Ids | None) -> dict[str, object]:
    """Say what identifies the rows of the moment: a page of other rows does not fit to these."""
    ids = None if listed is None else hashlib.sha256(listed.tobytes()).hexdigest()
    return {"count": count, "ids": ids, "fields": dict(facts.fields), "id_field": facts.id_field}


def _read(
    service: Service,
    plan: CrsPlan,
    client: Client,
    parts: Parts,
    pages: Pages,
    facts: LayerFacts,
    asked: _Asked,
) -> Download:
    paths = parts.named(".json")
    rows = read_pages(
        paths, facts, utc_offset_h=service.utc_offset_h, out_crs=service.out_crs, plan=plan
    )
    arrived = len(rows.frame)
    if arrived != pages.ids.size:
        raise FetchError(f"the pages hold {pages.ids.size:,} rows, of which {arrived:,} are read")
    if service.unique_by:
        rows = without_repeats(rows, service.unique_by)
        tell_repeats(rows, service)
    first_on, last_on = data_days(rows.frame, service.updated_column)
    missing = _missing(pages)
    record = Provenance(
        **told(service),
        url=service.urls[0],
        layer_name=facts.name,
        box=",".join(f"{v:g}" for v in asked.box) if asked.box else None,
        started_at=asked.started_at,
        finished_at=client.clock.stamp(),
        pages=len(paths),
        server_count=asked.expected,
        rows_received=rows.received,
        rows_repeated=rows.alike,
        rows_written=len(rows.frame),
        rows_missing=missing or None,
        crs_served=rows.crs_served,
        data_first_on=first_on,
        data_last_on=last_on,
        sha256=digest_of(paths),
        credit=facts.credit,
    )
    return Download(rows.frame, [record], asked.expected, arrived, missing)


def told(service: Service) -> dict[str, Any]:
    """Give what the profile says of a service, as a record has it."""
    return {
        "source": service.name,
        "title": _both(service.titles),
        "role": str(service.role),
        "crs_written": service.out_crs,
        "licence": _both(service.licence),
        "reference": service.reference,
        "verified": service.verified,
    }


def tell_repeats(rows: Rows, service: Service) -> None:
    """Say what became of rows that share their key."""
    if rows.alike:
        log.info("%d rows are there twice and are left out", rows.alike)
    if rows.parted:
        log.warning(
            "%d rows share their %s with another outline; all are kept as parts",
            rows.parted,
            service.unique_by,
        )


def _missing(pages: Pages) -> str:
    told = (("cannot be given", pages.withheld), ("are listed and not there", pages.gone))
    return "; ".join(
        f"{len(ids)} rows {what} ({pages.query.id_field} {_few(ids)})" for what, ids in told if ids
    )


def _few(ids: list[int]) -> str:
    shown = ", ".join(map(str, np.sort(ids)[:_FEW].tolist()))
    return shown + (" …" if len(ids) > _FEW else "")


def _both(texts: Mapping[str, str]) -> str:
    return " / ".join(dict.fromkeys(texts.values()))
