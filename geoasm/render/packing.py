"""
Layers as packed columns: what a page carries of each, in a few bytes a feature.

The format is written down in docs/map-format.md; `static/map/decode.js` reads it. One block a layer: gzip
of a header (JSON) and of sections of bytes.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm import geometry as geometries
from geoasm.render.payload import Field, Layer, Reference

FORMAT = 2
UNITS_PER_DEGREE = 1_000_000  # about 0.1 m
UNITS_PER_METRE = 10
_LEVEL = 9  # of gzip
_SIDE = 1 << 16  # cells a side of the curve that orders features
_ZONE_DEGREES = 6

Positions = npt.NDArray[np.intp]
Geometries = npt.NDArray[np.object_]


def varints(values: npt.ArrayLike) -> bytes:
    """Write whole numbers from 0 in groups of seven bits, the lowest first; the high bit: more follow."""
    rest = np.asarray(values, dtype=np.uint64)
    if not len(rest):
        return b""
    sizes = np.ones(len(rest), dtype=np.intp)
    for k in range(1, 10):
        sizes += rest >= (np.uint64(1) << np.uint64(7 * k))
    starts = np.cumsum(sizes) - sizes
    out = np.zeros(int(sizes.sum()), dtype=np.uint8)
    for k in range(int(sizes.max())):
        there = sizes > k
        more = np.where(sizes[there] > k + 1, 128, 0).astype(np.uint8)
        seven = (rest[there] >> np.uint64(7 * k)) & np.uint64(127)
        out[starts[there] + k] = seven.astype(np.uint8) | more
    return out.tobytes()


def zigzag(values: npt.ArrayLike) -> npt.NDArray[np.uint64]:
    """Fold signed numbers into numbers from 0: 0, -1, 1, -2, 2…"""
    signed = np.asarray(values, dtype=np.int64)
    return ((signed << 1) ^ (signed >> 63)).astype(np.uint64)


def hilbert_order(x: npt.ArrayLike, y: npt.ArrayLike) -> Positions:
    """Order places along a Hilbert curve over their extent; places of one cell by their coordinates."""
    across, up = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if not len(across):
        return np.zeros(0, dtype=np.intp)
    cx, cy = (
        ((v - v.min()) / (np.ptp(v) or 1.0) * (_SIDE - 1)).astype(np.int64) for v in (across, up)
    )
    place = np.zeros(len(cx), dtype=np.int64)
    side = _SIDE >> 1
    while side:
        right, top = (cx & side) > 0, (cy & side) > 0
        place += side * side * ((3 * right) ^ top)
        turned = right & ~top
        cx, cy = np.where(turned, _SIDE - 1 - cx, cx), np.where(turned, _SIDE - 1 - cy, cy)
        cx, cy = np.where(top, cx, cy), np.where(top, cy, cx)
        side >>= 1
    return np.lexsort((up, across, place))


def pack(layers: Sequence[Layer]) -> list[str]:
    """
    Pack layers, each into a block of base64, their features along a Hilbert curve.

    Rows that one layer names of another (`stack`, `Reference`) are those of the packed order.
    """
    orders = {layer.id: _order(layer) for layer in layers}
    places = {name: np.argsort(order, kind="stable") for name, order in orders.items()}
    return [_Block(layer, orders[layer.id], places).written() for layer in layers]


def _order(layer: Layer) -> Positions:
    box = shapely.bounds(np.asarray(layer.geometry, dtype=object))
    return hilbert_order(box[:, 0] + box[:, 2], box[:, 1] + box[:, 3])


class _Block:
    """The sections of one layer, and the header that says what they are."""

    def __init__(self, layer: Layer, order: Positions, places: Mapping[str, Positions]) -> None:
        self._order, self._places = order, places
        self._sections: dict[str, bytes] = {}
        self._columns: list[dict[str, Any]] = []
        self._known: dict[int, int] = {}
        self._sections["member"] = varints(np.asarray(layer.members)[order])
        geometry = np.asarray(layer.geometry, dtype=object)[order]
        self._header: dict[str, Any] = {
            "format": FORMAT,
            "id": layer.id,
            "kind": layer.kind,
            "size": len(order),
            "here": layer.here,
            "groups": [
                {"id": g.id, "label": g.label, "style": asdict(g.style)} for g in layer.groups
            ],
            "name": self._column(layer.names),
            "subtitle": self._column(layer.subtitles),
            "search": None if layer.search_by is None else self._column(layer.search_by),
            "searched": layer.searched,
            "fields": [self._field(field) for field in layer.fields],
            **(self._points(geometry) if layer.kind == "point" else self._shapes(geometry, layer)),
        }
        if layer.depths is not None:
            self._sections["depth"] = varints(np.asarray(layer.depths)[order])
        if layer.stack is not None:
            self._stack(layer.stack)

    def written(self) -> str:
        """Give the block: length of the header, header, sections; gzip, base64."""
        sizes = [[name, len(content)] for name, content in self._sections.items()]
        header = {**self._header, "columns": self._columns, "sections": sizes}
        text = json.dumps(header, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        head = text.encode("utf-8")
        raw = b"".join([len(head).to_bytes(4, "little"), head, *self._sections.values()])
        return base64.b64encode(gzip.compress(raw, _LEVEL, mtime=0)).decode("ascii")

    def _field(self, field: Field) -> dict[str, Any]:
        parts = [
            {"layer": part.layer, "rows": self._rows(part)}
            if isinstance(part, Reference)
            else {"column": self._column(part)}
            for part in field.values.columns
        ]
        told = {"label": field.label, "main": field.main, "parts": parts}
        return {**told, "separator": field.values.separator}

    def _rows(self, reference: Reference) -> str:
        """Write rows of another layer, 0 for none: steps between those that are there."""
        rows = np.asarray(reference.rows)[self._order]
        there = rows >= 0
        packed = self._places[reference.layer][rows[there]]
        name = f"rows{len(self._sections)}"
        self._sections[f"{name}.there"] = np.packbits(there, bitorder="little").tobytes()
        self._sections[name] = varints(zigzag(np.diff(packed, prepend=0)))
        return name

    def _stack(self, stack: pd.Series) -> None:
        rows = [tuple(some) if some else () for some in stack.iloc[self._order]]
        counts = np.array([len(some) for some in rows], dtype=np.int64)
        flat = np.array([row for some in rows for row in some], dtype=np.intp)
        packed = self._places["concessions"][flat] if len(flat) else flat
        self._sections["stack.count"] = varints(counts)
        self._sections["stack"] = varints(zigzag(np.diff(packed, prepend=0)))

    def _column(self, values: pd.Series) -> int:
        """Write a column of texts once, however many fields show it."""
        if id(values) in self._known:
            return self._known[id(values)]
        place = self._known[id(values)] = len(self._columns)
        plain = values.astype(object).where(values.notna(), None).iloc[self._order]
        codes, distinct = pd.factorize(plain, use_na_sentinel=True)
        name = f"column{place}"
        if not len(distinct):
            self._columns.append({"kind": "none"})
        elif 2 * len(distinct) > len(plain):
            self._columns.append({"kind": "text", "section": name})
            self._sections[name] = _lines(["" if v is None else str(v) for v in plain])
        else:
            counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
            order = np.lexsort((np.arange(len(distinct)), -counts))  # frequent ones: short numbers
            self._columns.append({"kind": "dictionary", "section": name})
            self._sections[f"{name}.words"] = _lines([str(distinct[i]) for i in order])
            place_of = np.append(np.argsort(order), -1)
            self._sections[name] = varints(place_of[codes] + 1)
        return place

    def _points(self, geometry: Geometries) -> dict[str, Any]:
        whole = _whole_degrees(shapely.get_coordinates(geometry))
        self._sections["xy"] = varints(zigzag(np.diff(whole, axis=0, prepend=0).ravel()))
        return {"grid": "degrees", "vertices": len(whole)}

    def _shapes(self, geometry: Geometries, layer: Layer) -> dict[str, Any]:
        parts, owner = shapely.get_parts(geometry, return_index=True)
        if layer.kind == "polygon":
            rings, part = shapely.get_rings(parts, return_index=True)
            owner = owner[part]
        else:
            rings = parts
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        if layer.kind == "polygon":  # the last vertex of a ring is its first
            keep = np.diff(ring, append=-1) == 0
            xy, ring = xy[keep], ring[keep]
        self._sections["rings"] = varints(np.bincount(owner, minlength=len(geometry)))
        self._sections["ringSize"] = varints(np.bincount(ring, minlength=len(rings)))
        feature = owner[ring]
        tried = {"degrees": _vertices(_whole_degrees(xy), feature)}
        zone = _zones(xy, feature)
        if zone is not None:
            metres = geometries.to_utm(xy[:, 0], xy[:, 1], zone)
            tried["utm"] = _vertices(_whole_from_first(metres * UNITS_PER_METRE, feature), feature)
            tried["utm"]["zone"] = varints(zigzag(zone[_starts(feature)]))
        # Cadastres are drawn in zones or in degrees: what was drawn on a lattice packs well on it.
        grid = min(tried, key=lambda name: sum(len(gzip.compress(b)) for b in tried[name].values()))
        self._sections |= tried[grid]
        return {"grid": grid, "vertices": len(xy)}


def _vertices(whole: npt.NDArray[np.int64], feature: Positions) -> dict[str, bytes]:
    """Write first vertices as steps between features, the others as steps from vertex to vertex."""
    first = _starts(feature)
    steps = np.diff(whole, axis=0, prepend=0)
    return {
        "first": varints(zigzag(np.diff(whole[first], axis=0, prepend=0).ravel())),
        "next": varints(zigzag(steps[~first].ravel())),
    }


def _lines(texts: Sequence[str]) -> bytes:
    """Write texts a line each; a line break in a text is written as a backslash and n."""
    joined = "\n".join(t.replace("\\", "\\\\").replace("\n", "\\n") for t in texts)
    return joined.encode("utf-8", "replace")


def _whole_degrees(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    return np.rint(xy * UNITS_PER_DEGREE).astype(np.int64)


def _starts(feature: Positions) -> npt.NDArray[np.bool_]:
    starts: npt.NDArray[np.bool_] = np.diff(feature, prepend=-1) != 0
    return starts


def _whole_from_first(xy: npt.NDArray[np.float64], feature: Positions) -> npt.NDArray[np.int64]:
    """Round each feature's first vertex, and the others by their way from it: a cell stays a cell."""
    first = xy[_starts(feature)][np.cumsum(_starts(feature)) - 1]
    whole: npt.NDArray[np.int64] = (np.rint(first) + np.rint(xy - first)).astype(np.int64)
    return whole


def _zones(xy: npt.NDArray[np.float64], feature: Positions) -> npt.NDArray[np.int64] | None:
    """Give the UTM zone of each vertex by its feature's first one; None where one reaches too far from it."""
    first = xy[_starts(feature)][np.cumsum(_starts(feature)) - 1]
    zone = np.floor((first[:, 0] + 180) / _ZONE_DEGREES).astype(np.int64) + 1
    zone = np.clip(zone, 1, 360 // _ZONE_DEGREES)
    middle = zone * _ZONE_DEGREES - 180 - _ZONE_DEGREES / 2
    if len(xy) and np.abs(xy[:, 0] - middle).max() > _ZONE_DEGREES:
        return None
    signed: npt.NDArray[np.int64] = np.where(first[:, 1] < 0, -zone, zone)
    return signed
