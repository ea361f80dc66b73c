"""How an official service is asked for its rows."""

from __future__ import annotations

from enum import StrEnum


class ServiceKind(StrEnum):
    """`arcgis`: a layer of a map server, asked page by page; `files`: archives as they are."""

    ARCGIS = "arcgis"
    FILES = "files"


class Paging(StrEnum):
    """What a page of a map server's layer is asked by."""

    ID_RANGES = "id_ranges"  # object ids from … to …
    ID_BATCHES = "id_batches"  # object ids, listed
    OFFSET = "offset"  # so many rows after so many; many servers refuse it
