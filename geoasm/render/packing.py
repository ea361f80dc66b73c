"""
Layers as packed columns: what a page carries of each, in a few bytes a feature.

The format is written down in docs/map-format.md; `static/map/decode.js` reads it. One block a layer: a header
(JSON), which a page reads at once, and two parcels of sections, gzip: what is drawn, what is said.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm.render import packed_columns as columns
from geoasm.render import packed_shapes as shapes
from geoasm.render.packed_columns import Sections
from geoasm.render.packed_numbers import inert, to_letters, zigzag
from geoasm.render.packed_shapes import Positions
from geoasm.render.payload import Column, Field, Layer, Numbers, Reference

FORMAT = 3
_LEVEL = 9  # of gzip
_LONG = 100_000  # letters
_DRAWN = 0  # the place of the parcel of what is drawn
_DECIMALS = 6  # of the degrees of a layer's bounds


@dataclass(frozen=True)
class Packed:
    """A layer as it travels: a header, which a page reads at once, and parcels of letters."""

    name: str
    kind: str
    header: str
    parcels: tuple[str, str]

    def is_early(self, place: int) -> bool:
        """Tell whether a parcel is of the first picture of every page: short ones and points."""
        return len(self.parcels[place]) < _LONG or (place == _DRAWN and self.kind == "point")

    def block(self) -> str:
        """Give the header and the parcels, a line each, empty where one comes later."""
        early = [p if self.is_early(i) else "" for i, p in enumerate(self.parcels)]
        return "\n".join([self.header, *early])

    def later(self) -> dict[str, str]:
        """Give the parcels that come later, by layer and place."""
        found = {f"{self.name} {i}": p for i, p in enumerate(self.parcels)}
        return {name: p for i, (name, p) in enumerate(found.items()) if not self.is_early(i)}


def pack(layers: Sequence[Layer]) -> list[Packed]:
    """
    Pack layers, their features along a Hilbert curve.

    Rows that one layer names of another (`stack`, `Reference`) are those of the packed order.
    """
    orders = {layer.id: _order(layer) for layer in layers}
    places = {name: np.argsort(order, kind="stable") for name, order in orders.items()}
    blocks = [_Block(layer, orders[layer.id], places) for layer in layers]
    with ThreadPoolExecutor() as threads:  # compression leaves the interpreter free
        return list(threads.map(_Block.written, blocks))


def _is_late(layer: Layer) -> npt.NDArray[np.bool_]:
    late = np.array([group.late for group in layer.groups], dtype=bool)
    found: npt.NDArray[np.bool_] = late[np.asarray(layer.members, dtype=np.intp)]
    return found


def _order(layer: Layer) -> Positions:
    box = shapely.bounds(np.asarray(layer.geometry, dtype=object))
    along = shapes.hilbert_order(box[:, 0] + box[:, 2], box[:, 1] + box[:, 3])
    return along[np.argsort(_is_late(layer)[along], kind="stable")]


class _Block:
    """The sections of one layer, and the header that says what they are."""

    def __init__(self, layer: Layer, order: Positions, places: Mapping[str, Positions]) -> None:
        self._order, self._places = order, places
        self._drawn_by, self._sections = Sections(), Sections()
        self._columns: list[dict[str, Any]] = []
        self._known: dict[int, int] = {}
        self._area: int | None = None
        self._drawn_by.numbers("member", np.asarray(layer.members)[order])
        self._tenths_ha: npt.NDArray[np.int64] | None = None
        drawn = self._drawn(layer)
        self._stack = self._stacked(layer.stack)
        self._keys = None if layer.keys is None else columns.Keys(layer.keys[order], self._sections)
        self._header: dict[str, Any] = {
            "format": FORMAT,
            "id": layer.id,
            "kind": layer.kind,
            "size": len(order),
            "soon": int(np.count_nonzero(~_is_late(layer))),
            "here": layer.here,
            "groups": [
                {"id": g.id, "label": g.label, "on": g.on, "style": asdict(g.style)}
                for g in layer.groups
            ],
            "name": self._column(layer.names),
            "subtitle": self._column(layer.subtitles),
            "search": None if layer.search_by is None else self._column(layer.search_by),
            "searched": layer.searched,
            "fields": [self._field(field) for field in layer.fields],
            **drawn,
        }
        if layer.depths is not None:
            self._sections.numbers("depth", np.asarray(layer.depths)[order])

    def written(self) -> Packed:
        """Give the header and the parcels: gzip, letters."""
        parcels = (self._drawn_by, self._sections)
        header = {
            **self._header,
            "columns": self._columns,
            "area": self._area,
            "parcels": [parcel.listed() for parcel in parcels],
        }
        text = json.dumps(header, separators=(",", ":"), allow_nan=False)
        drawn, said = (
            to_letters(gzip.compress(b"".join(p.contents()), _LEVEL, mtime=0)) for p in parcels
        )
        return Packed(header["id"], header["kind"], inert(text), (drawn, said))

    def _drawn(self, layer: Layer) -> dict[str, Any]:
        geometry = np.asarray(layer.geometry, dtype=object)[self._order]
        bounds = shapely.total_bounds(geometry).round(_DECIMALS).tolist() if len(geometry) else None
        if layer.kind == "point":
            self._drawn_by.numbers("xy", shapes.points(geometry))
            return {"bounds": bounds, "grid": "degrees", "vertices": len(geometry)}
        told = shapes.outlines(geometry, layer.kind)
        for name, values in told.sections.items():
            self._drawn_by.numbers(name, values)
        self._tenths_ha = told.tenths_ha
        return {"bounds": bounds, "grid": told.grid, "vertices": told.vertices}

    def _field(self, field: Field) -> dict[str, Any]:
        parts = [
            {"layer": part.layer, "rows": self._rows(part)}
            if isinstance(part, Reference)
            else {"column": self._column(part)}
            for part in field.values.columns
        ]
        told = {"label": field.label, "main": field.main, "parts": parts}
        return {**told, "separator": field.values.separator}

    def _column(self, column: Column) -> int:
        """Write a column once, however many fields show it."""
        if id(column) not in self._known:
            self._known[id(column)] = len(self._columns)
            name = f"column{len(self._columns)}"
            values = columns.in_order(column, self._order)
            if isinstance(values, Numbers) and values.of_shape:
                self._area = self._known[id(column)]
                values = columns.beyond_shape(values, self._tenths_ha)
            self._columns.append(columns.write(values, name, self._sections, self._keys))
        return self._known[id(column)]

    def _stacked(self, stack: pd.Series | None) -> list[tuple[int, ...]]:
        """Write the rights at each point: how many, and signed steps between their rows."""
        if stack is None:
            return []
        rows = [tuple(some) if some else () for some in stack.iloc[self._order]]
        flat = np.array([row for some in rows for row in some], dtype=np.intp)
        packed = self._places["concessions"][flat] if len(flat) else flat
        self._sections.numbers(
            "stack.count", np.array([len(some) for some in rows], dtype=np.int64)
        )
        self._sections.numbers("stack", zigzag(np.diff(packed, prepend=0)))
        return rows

    def _rows(self, reference: Reference) -> str:
        """
        Write rows of another layer as places in the stack of the point, from 1; 0 is none.

        A place beyond the stack is a row that stands in a section of its own, as a signed step.
        """
        rows = np.asarray(reference.rows)[self._order]
        places = np.zeros(len(rows), dtype=np.int64)
        is_own = reference.layer == "concessions" and bool(self._stack)
        for f in np.flatnonzero(rows >= 0):
            stack = self._stack[f] if is_own else ()
            places[f] = stack.index(rows[f]) + 1 if rows[f] in stack else len(stack) + 1
        sizes = np.array([len(s) for s in self._stack], dtype=np.int64) if is_own else 0
        name = f"rows{len(self._sections.listed())}"
        elsewhere = self._places[reference.layer][rows[places > sizes]]
        self._sections.numbers(name, places)
        self._sections.numbers(f"{name}.else", zigzag(np.diff(elsewhere, prepend=0)))
        return name
