"""Pages of a layer: asked for, checked row by row, and kept; what is kept is not asked again."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from geoasm.codes import Paging
from geoasm.errors import FetchError
from geoasm.io.fetch.client import Document, Refusal, ServerTrouble, Unreachable
from geoasm.io.fetch.layer import LEAST_ID, Ids, Query, ids_in, most_listed
from geoasm.io.fetch.parts import Parts

log = logging.getLogger(__name__)

Say = Callable[[str], None]

MOST_WITHHELD = 3  # single rows that a server cannot give before the download ends
MOST_GONE = 50  # rows that are listed and not there before the download ends
_OTHER_WAYS = (Paging.ID_RANGES, Paging.ID_BATCHES)


class NoOrder(FetchError):
    """A server gives rows in no order that tells which are missing."""


@dataclass
class Pages:
    """
    The rows of a layer on disk, and those still to come.

    `withheld` are rows that the server lists and cannot give, `gone` those that it no longer has.
    """

    query: Query
    parts: Parts
    say: Say
    ids: Ids  # kept so far, sorted
    withheld: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)

    def keep(self, document: Document, ids: Ids) -> None:
        """Write a page under the first and last of its ids."""
        self.parts.write(f"{ids.min():012d}-{ids.max():012d}.json", document.content)
        self.ids = np.union1d(self.ids, ids)

    @property
    def met(self) -> int:
        """Tell of how many rows the fate is known."""
        return self.ids.size + len(self.withheld) + len(self.gone)

    def tell(self, total: int | None) -> None:
        """Say how far it is."""
        of = f" of {total:,}" if total is not None else ""
        self.say(f"{self.ids.size:,}{of} rows")


def kept_pages(query: Query, parts: Parts, say: Say) -> Pages:
    """Read which rows are on disk; a page that is damaged is asked again."""
    found = [np.array([], dtype=np.int64)]
    for path in parts.named(".json"):
        content = path.read_bytes()
        try:
            found.append(ids_in(Document(content, json.loads(content)), query.id_field))
        except (ValueError, AttributeError, FetchError):
            log.warning("%s is damaged, and is asked for again", path.name)
            path.unlink()
    return Pages(query, parts, say, np.unique(np.concatenate(found)))


def is_unchanged(pages: Pages, listed: Ids | None, way: Paging) -> bool:
    """
    Ask for the first page on disk again, and tell whether its rows are the same.

    A count and ids that stay the same tell nothing of what stands in the rows.
    """
    kept = pages.parts.named(".json")
    if not kept:
        return True
    before = _features(json.loads(kept[0].read_bytes()), pages.query.id_field)
    ids = np.array(sorted(before), dtype=np.int64)
    ids, document = _asked_again(pages.query, ids, listed, way)
    after = _features(document.data, pages.query.id_field)
    return all(after.get(i) == before[i] for i in ids.tolist())


def _asked_again(query: Query, ids: Ids, listed: Ids | None, way: Paging) -> tuple[Ids, Document]:
    for other in dict.fromkeys((way, *_OTHER_WAYS)):
        if other is Paging.OFFSET and listed is None:
            continue
        asked = ids[: most_listed(ids, ids.size)] if other is Paging.ID_BATCHES else ids
        with suppress(Refusal):
            at = 0 if listed is None else int(np.searchsorted(listed, ids[0]))
            return asked, query.page(other, asked, at)
    return ids, query.after(int(ids[0]) - 1)


def _features(said: Mapping[str, Any], id_field: str) -> dict[int, str]:
    """Give a digest of each row by its object id."""
    ids = ids_in(Document(b"", said), id_field).tolist()
    texts = (json.dumps(f, sort_keys=True).encode("utf-8") for f in said["features"])
    return {i: hashlib.sha256(t).hexdigest() for i, t in zip(ids, texts, strict=True)}


def fetch_listed(pages: Pages, listed: Ids, way: Paging, size: int) -> None:
    """
    Fetch the rows of a list of ids.

    A page that fails is asked in halves, one that the server cuts off is completed; a way of
    paging that it refuses gives place to another.

    Raises
    ------
    FetchError
        The server is out of reach, refuses every way, or gives rows that were not asked for.
    """
    ways = [way, *(w for w in _OTHER_WAYS if w is not way)]
    at_once = size
    pages.tell(listed.size)
    while (todo := _to_come(pages, listed)).size:
        ids, at = _next_run(todo, listed, at_once, ways[0])
        try:
            document = pages.query.page(ways[0], ids, at)
            got = _checked(document, ids, ways[0], pages.query.id_field)
        except Unreachable:
            raise
        except ServerTrouble as err:
            at_once = _smaller(pages, ids, err)
            continue
        except Refusal as err:
            if len(ways) == 1:
                raise
            log.info("%s: paging by %s gives place to %s", err, ways[0], ways[1])
            del ways[0]
            continue
        if not np.isin(ids, got).any():
            at_once = _emptied(pages, ids) or size
            continue
        pages.keep(document, got)
        at_once = min(size, at_once + max(1, at_once // 4))  # slowly, or every other page fails
        pages.tell(listed.size)


def _to_come(pages: Pages, listed: Ids) -> Ids:
    without = [pages.ids, np.array(pages.withheld + pages.gone, dtype=np.int64)]
    return np.setdiff1d(listed, np.concatenate(without), assume_unique=True)


def _next_run(todo: Ids, listed: Ids, size: int, way: Paging) -> tuple[Ids, int]:
    """Give the next ids that follow each other in the list, so that a range holds no other."""
    places = np.searchsorted(listed, todo[:size])
    breaks = np.flatnonzero(np.diff(places) > 1)
    ids = todo[: breaks[0] + 1] if breaks.size else todo[:size]
    if way is Paging.ID_BATCHES:
        ids = ids[: most_listed(ids, size)]
    return ids, int(places[0])


def _checked(document: Document, ids: Ids, way: Paging, id_field: str) -> Ids:
    got = np.unique(ids_in(document, id_field))
    # A row added since the listing may stand between two that are listed.
    between = (got >= ids[0]) & (got <= ids[-1]) & (way is Paging.ID_RANGES)
    if not (between | np.isin(got, ids)).all():
        raise Refusal("the service gives rows that were not asked for")
    return got


def _smaller(pages: Pages, ids: Ids, trouble: ServerTrouble) -> int:
    """Halve a page that fails; a row that fails by itself is set aside, if there are few."""
    if ids.size > 1:
        log.info("%s; asking for %d rows instead of %d", trouble, ids.size // 2, ids.size)
        return int(ids.size // 2)
    if len(pages.withheld) == MOST_WITHHELD:
        raise trouble
    log.warning("%s for the row of %s %d, which is left out", trouble, pages.query.id_field, ids[0])
    pages.withheld.append(int(ids[0]))
    return 1


def _emptied(pages: Pages, ids: Ids) -> int:
    """Halve a page that came empty; a row that is not there by itself has gone since the list."""
    if ids.size == 1:
        pages.gone.append(int(ids[0]))
        if len(pages.gone) > MOST_GONE:
            raise FetchError("the service lists rows and gives none; try again on another day")
    return int(ids.size // 2)


def fetch_unlisted(pages: Pages, count: int | None) -> None:
    """
    Fetch every row from a server that lists no ids: always those after the last.

    Raises
    ------
    FetchError
        The server fails, or does not give rows in the order of their ids.
    """
    last = int(pages.ids[-1]) if pages.ids.size else LEAST_ID - 1
    pages.tell(count)
    while True:
        document = pages.query.after(last)
        got = ids_in(document, pages.query.id_field)
        if got.size == 0:
            return
        if got[0] <= last or (np.diff(got) <= 0).any():
            raise NoOrder(
                "the service does not list every object id, and does not give rows in their order,"
                " so that nobody can tell which are missing; geoasm cannot read it"
            )
        pages.keep(document, got)
        last = int(got[-1])
        pages.tell(count)
