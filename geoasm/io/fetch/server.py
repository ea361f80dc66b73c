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
from geoasm.errors import FetchError, InputError
from geoasm.io.fetch.client import Client, Refusal, ServerTrouble, Unreachable
from geoasm.io.fetch.columns import tell_renamed
from geoasm.io.fetch.layer import Box, Ids, LayerFacts, Query, box_text, describe
from geoasm.io.fetch.package import Provenance
from geoasm.io.fetch.pages import (
    NoOrder,
    Pages,
    fetch_listed,
    fetch_unlisted,
    is_unchanged,
    kept_pages,
)
from geoasm.io.fetch.parts import Parts, begin, digest_of, take_up
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
    says in words what is known of the difference. `has_changed`: the rows may be of several
    editions, and asking for the missing ones mends nothing. `repeated` rows are left out.
    """

    frame: gpd.GeoDataFrame
    records: list[Provenance]
    expected: int | None
    arrived: int
    missing: str = ""
    has_changed: bool = False
    repeated: int = 0


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
    if service.unique_by and service.unique_by not in facts.fields:
        raise FetchError(
            f"the service has no column {service.unique_by}, by which its rows should be unique;"
            f" it has {', '.join(facts.fields)}: correct unique_by in services.toml of the profile"
        )
    tell_renamed(facts.columns)
    epsg = geometry.parse_crs(service.out_crs).to_epsg()
    query = Query(client, url, facts.id_field, int(epsg or 4326), box)
    count, listed = query.count(), query.ids()
    pages, started_at = _taken_up(service, client, parts, query, facts, say, (count, listed))
    size = min(service.page_rows, facts.most_rows or service.page_rows)
    if listed is not None:
        fetch_listed(pages, listed, service.paging, size)
    if listed is None or pages.met < (count or 0):
        log.info("%s does not list every row; the others are asked for in order", service.name)
        _fetch_beyond(pages, count, is_listed=listed is not None)
    if pages.ids.size == 0:
        raise FetchError(f"there are no rows{' in this box' if box else ''}")
    last = query.count()
    expected = last if last is not None else None if listed is None else int(listed.size)
    changed = _changed(count, listed, last, query.ids())
    say("reading the pages")
    try:
        asked = _Asked(box, started_at, expected, changed)
        return _read(service, plan, client, parts, pages, facts, asked)
    except (FetchError, InputError) as err:
        parts.empty()  # else the same pages would fail for ever
        raise FetchError(f"{err}; what has arrived cannot be used, and is not kept") from err


def _taken_up(
    service: Service,
    client: Client,
    parts: Parts,
    query: Query,
    facts: LayerFacts,
    say: Callable[[str], None],
    state: tuple[int | None, Ids | None],
) -> tuple[Pages, str]:
    """Give the pages that are on disk and still hold, and when the first was asked for."""
    asked = {
        "source": service.name,
        "url": service.urls[0],
        "crs": service.out_crs,
        "box": query.box and list(query.box),
    }
    found, now = _found(facts, *state), client.clock.stamp()
    started_at = take_up(parts, asked, found, now, max_age_h=client.limits.max_age_h)
    pages = kept_pages(query, parts, say)
    if is_unchanged(pages, state[1], service.paging):
        return pages, started_at
    log.warning(
        "the rows of the service have changed since the download was begun %s: it starts anew",
        started_at,
    )
    begin(parts, asked, found, now)
    return kept_pages(query, parts, say), now


def _fetch_beyond(pages: Pages, count: int | None, *, is_listed: bool) -> None:
    """Fetch what is not listed; where all that is listed has arrived, a failure ends nothing."""
    try:
        fetch_unlisted(pages, count)
    except (NoOrder, Refusal, ServerTrouble) as err:
        if not is_listed or isinstance(err, Unreachable):
            raise
        log.warning("%s", err)  # the count will tell


def _changed(
    count: int | None, listed: Ids | None, last_count: int | None, last_listed: Ids | None
) -> str:
    """Say how the service changed while it was asked: rows may be lost then, or there twice."""
    if listed is not None and last_listed is None:
        return "the service no longer lists its object ids, so that nobody can tell what changed"
    if listed is not None and last_listed is not None:
        new, gone = np.setdiff1d(last_listed, listed).size, np.setdiff1d(listed, last_listed).size
        if new or gone:
            return f"object ids changed during the download ({new:,} new, {gone:,} gone)"
    if count is not None and last_count is not None and count != last_count:
        return f"the count changed during the download ({count:,} at its beginning)"
    return ""


@dataclass(frozen=True)
class _Asked:
    box: Box | None
    started_at: str
    expected: int | None
    changed: str


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
    read = len(rows.frame) + len(rows.unreadable)
    if read != pages.ids.size:
        raise FetchError(f"the pages hold {pages.ids.size:,} rows, of which {read:,} are read")
    if service.unique_by:
        key = facts.columns[service.unique_by]
        rows = without_repeats(rows, key, (*facts.apart, *service.copies_differ_in))
        tell_repeats(rows, service)
    first_on, last_on = data_days(rows.frame, service.updated_column)
    missing = "; ".join(filter(None, (_missing(pages, rows), asked.changed)))
    record = Provenance(
        **told(service),
        url=service.urls[0],
        layer_name=facts.name,
        box=box_text(asked.box) if asked.box else None,
        started_at=asked.started_at,
        finished_at=client.clock.stamp(),
        pages=len(paths),
        server_count=asked.expected,
        rows_received=rows.received,
        rows_repeated=rows.again + rows.alike,
        rows_written=len(rows.frame),
        rows_missing=missing or None,
        crs_served=rows.crs_served,
        data_first_on=first_on,
        data_last_on=last_on,
        sha256=digest_of(paths),
        credit=facts.credit,
    )
    return Download(
        rows.frame,
        [record],
        asked.expected,
        len(rows.frame),
        missing,
        has_changed=bool(asked.changed or rows.again or rows.alike),
        repeated=rows.again + rows.alike,
    )


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
    if rows.disputed:
        log.warning(
            "%d rows share their %s and outline with another row and differ in other columns;"
            " all are kept",
            rows.disputed,
            service.unique_by,
        )
    if rows.parted:
        log.warning(
            "%d rows share their %s with another outline; all are kept as parts",
            rows.parted,
            service.unique_by,
        )


def _missing(pages: Pages, rows: Rows) -> str:
    told = (
        ("cannot be given", pages.withheld),
        ("are listed and not there", pages.gone),
        ("have arcs or another outline that geoasm cannot read", list(rows.unreadable)),
    )
    said = [
        f"{len(ids)} rows {what} ({pages.query.id_field} {_few(ids)})" for what, ids in told if ids
    ]
    if rows.again:
        said.append(f"{rows.again} rows came again under one {pages.query.id_field}")
    if rows.alike:
        said.append(f"{rows.alike} rows stand there again under another {pages.query.id_field}")
    return "; ".join(said)


def _few(ids: list[int]) -> str:
    shown = ", ".join(map(str, np.sort(ids)[:_FEW].tolist()))
    return shown + (" …" if len(ids) > _FEW else "")


def _both(texts: Mapping[str, str]) -> str:
    return " / ".join(dict.fromkeys(texts.values()))
