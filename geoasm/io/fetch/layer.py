"""What a map server says of one of its layers, and the questions that it is asked."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geoasm.codes import Paging
from geoasm.errors import FetchError
from geoasm.io.fetch.client import (
    Client,
    Document,
    Refusal,
    ServerTrouble,
    TooMuch,
    Unreachable,
)
from geoasm.io.fetch.columns import distinct_names

log = logging.getLogger(__name__)

Ids = npt.NDArray[np.int64]
Box = tuple[float, float, float, float]  # west, south, east, north in degrees

LEAST_ID = -(2**31)  # that every server can compare with

_LONGEST_LIST = 1500  # characters of listed ids in an address; servers stop reading near 2,000
_OID = "esriFieldTypeOID"
_MADE = frozenset({_OID, "esriFieldTypeGlobalID"})
_NOT_DATA = frozenset({"esriFieldTypeGeometry", "esriFieldTypeBlob", "esriFieldTypeRaster"})


@dataclass(frozen=True)
class LayerFacts:
    """
    A layer by its own words.

    `fields` are its columns and their Esri types, `columns` their names in the file; `apart` are
    columns that the server makes, so that two copies of one row differ in them.
    """

    name: str
    id_field: str
    fields: Mapping[str, str]
    columns: Mapping[str, str]
    apart: tuple[str, ...]
    most_rows: int
    credit: str


def describe(client: Client, url: str) -> LayerFacts:
    """
    Read what the server says of the layer.

    Raises
    ------
    FetchError
        It is no layer with rows, or its rows have no object ids.
    """
    said = client.json(url, {"f": "json"}).data
    stated = said.get("fields")
    columns = [f for f in stated if isinstance(f, dict)] if isinstance(stated, list) else []
    fields = {str(f.get("name")): str(f.get("type")) for f in columns}
    oid = next((name for name, kind in fields.items() if kind == _OID), None)
    id_field = said.get("objectIdField") or oid
    if not fields or not id_field:
        raise FetchError(
            f"{url} is no layer whose rows have object ids; look at the address in a browser, and"
            " correct services.toml of the profile"
        )
    measures = said.get("geometryProperties")
    data = {name: kind for name, kind in fields.items() if kind not in _NOT_DATA}
    data.setdefault(str(id_field), _OID)
    return LayerFacts(
        name=str(said.get("name") or ""),
        id_field=str(id_field),
        fields=data,
        columns=distinct_names(data),
        apart=(
            *(str(id_field), *(name for name, kind in data.items() if kind in _MADE)),
            *map(str, measures.values() if isinstance(measures, dict) else ()),
        ),
        most_rows=_whole(said.get("maxRecordCount")),
        credit=" ".join(str(said.get("copyrightText") or "").split()),
    )


def _whole(value: Any) -> int:
    is_count = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return value if is_count else 0


class Query:
    """
    The questions to one layer.

    Parameters
    ----------
    epsg
        Number of the system in which outlines are asked for.
    box
        Only rows that touch it; None for all.
    """

    def __init__(
        self, client: Client, url: str, id_field: str, epsg: int, box: Box | None = None
    ) -> None:
        self._client, self._url, self.id_field = client, f"{url}/query", id_field
        # All rows: some servers stumble over 1=1, some may over IS NOT NULL; ids may be negative.
        self._all = [f"{id_field} IS NOT NULL", f"{id_field} >= {LEAST_ID}"]
        self.box, self._within = box, _within(box)
        self._rows = {
            "f": "json",
            "outFields": "*",
            "returnGeometry": "true",
            "outSR": str(epsg),
            **self._within,
        }

    def count(self) -> int | None:
        """Ask for the server's own count of the rows; None where it does not count."""
        try:
            said = self._summary(returnCountOnly="true").data.get("count")
        except Refusal:
            return None
        return said if isinstance(said, int) and not isinstance(said, bool) else None

    def ids(self) -> Ids | None:
        """
        Ask for every object id, sorted; None where the server lists none.

        Raises
        ------
        FetchError
            What it lists are no ids.
        """
        try:
            said = self._summary(returnIdsOnly="true").data
        except Refusal:
            return None
        listed = said.get("objectIds")
        if not isinstance(listed, list):
            return None
        try:
            return np.unique(_whole_numbers(listed))
        except (TypeError, ValueError, OverflowError) as err:
            raise FetchError("the service lists object ids that are no whole numbers") from err

    def _summary(self, **asked: str) -> Document:
        """Ask about all rows; the first way of saying "all" that is understood is kept to."""
        while True:
            try:
                answer = self._client.json(
                    self._url, {"f": "json", "where": self._all[0], **self._within, **asked}
                )
            except (Refusal, ServerTrouble) as err:
                if len(self._all) == 1 or isinstance(err, TooMuch | Unreachable):
                    raise
                refused = self._all.pop(0)
                log.info("%s; asking for %s instead of %s", err, self._all[0], refused)
            else:
                del self._all[1:]
                return answer

    def page(self, way: Paging, ids: Ids, at: int) -> Document:
        """
        Ask for the rows of some ids.

        Parameters
        ----------
        ids
            Sorted, neighbours in the list of all.
        at
            Place of the first of them in the list of all.
        """
        if way is Paging.ID_BATCHES:
            chosen = {"objectIds": ",".join(map(str, ids.tolist()))}
        elif way is Paging.ID_RANGES:
            chosen = {
                "where": f"{self.id_field} >= {ids[0]} AND {self.id_field} <= {ids[-1]}",
            }
        else:
            chosen = {
                "where": self._all[0],
                "orderByFields": self.id_field,
                "resultOffset": str(at),
                "resultRecordCount": str(ids.size),
            }
        return self._client.json(self._url, {**self._rows, **chosen})

    def after(self, last: int) -> Document:
        """Ask for the first rows with ids above one."""
        chosen = {"where": f"{self.id_field} > {last}", "orderByFields": self.id_field}
        return self._client.json(self._url, {**self._rows, **chosen})


def box_text(box: Box) -> str:
    """Write a box with every digit that it has."""
    return ",".join(np.format_float_positional(v, trim="-") for v in box)


def _within(box: Box | None) -> dict[str, str]:
    if box is None:
        return {}
    return {
        "geometry": box_text(box),
        "geometryType": "esriGeometryEnvelope",
        "inSR": "4326",
        "spatialRel": "esriSpatialRelIntersects",
    }


def most_listed(ids: Ids, size: int) -> int:
    """Tell how many of some ids, at most `size`, fit into an address."""
    lengths = np.char.str_len(ids[:size].astype(str)) + 3  # a comma is written %2C
    return max(1, int(np.searchsorted(np.cumsum(lengths), _LONGEST_LIST, side="right")))


def ids_in(document: Document, id_field: str) -> Ids:
    """
    Read the object ids of a page.

    Raises
    ------
    FetchError
        The page has no rows in it, or rows without an id.
    """
    features: Sequence[Any] | None = document.data.get("features")
    if not isinstance(features, list):
        raise FetchError("the service answers without a list of rows; look at it in a browser")
    try:
        return _whole_numbers([f["attributes"][id_field] for f in features])
    except (KeyError, TypeError, ValueError, OverflowError) as err:
        raise FetchError(f"the service gives rows without their {id_field}") from err


def _whole_numbers(values: Sequence[Any]) -> Ids:
    """Read object ids; some servers write them as text or as 7.0."""
    return np.array([int(v) if isinstance(v, int | str) else _exact(v) for v in values], np.int64)


def _exact(value: Any) -> int:
    if not isinstance(value, float) or not value.is_integer():
        raise ValueError(f"{value!r} is no whole number")
    return int(value)
