"""A slow reader of packed layers, written from docs/map-format.md alone; pyproj undoes the zones."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any, ClassVar, NamedTuple

import pyproj

Vertex = tuple[float, float]


@dataclass
class Unpacked:
    """One layer as a page knows it; every list has a value a feature."""

    header: dict[str, Any]
    member: list[int]
    names: list[str | None]
    subtitles: list[str | None]
    search: list[str | None]
    fields: dict[str, list[str | None]] = field(default_factory=dict)
    points: list[Vertex] = field(default_factory=list)
    rings: list[list[list[Vertex]]] = field(default_factory=list)
    depth: list[int] = field(default_factory=list)
    tenths_ha: list[int] = field(default_factory=list)
    stacks: list[list[int]] = field(default_factory=list)
    groups: list[dict[str, Any]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.member)


def blocks(page: str) -> list[str]:
    """Give header and parcels of each layer, a line each; long parcels stand at the end of the page."""
    start = '<script type="application/octet-stream" '
    early = re.findall(start + r'class="geoasm-layer">(.*?)</script>', page, re.DOTALL)
    later = dict(re.findall(start + r'data-parcel="([^"]*)">(.*?)</script>', page))
    found = []
    for header, *packed in (block.split("\n") for block in early):
        name = json.loads(header)["id"]
        whole = [letters or later.pop(f"{name} {i}") for i, letters in enumerate(packed)]
        found.append("\n".join([header, *whole]))
    assert not [name for name in later if not name.startswith("base:")]
    return found


INERT = str.maketrans(",:.", "<>&")


def header_of(block: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(block.split("\n")[0])
    return told


def parcels(block: str) -> list[bytes]:
    packed = block.split("\n")[1:]
    return [gzip.decompress(base64.b85decode(letters.translate(INERT))) for letters in packed]


def text_of(page: str) -> str:
    """Everything that a page says from its blocks, to search for what may not be there."""
    said = [json.dumps(header_of(b), ensure_ascii=False) for b in blocks(page)]
    said += [parcel.decode("utf-8", "replace") for b in blocks(page) for parcel in parcels(b)]
    for layer in layers(page).values():
        for values in (layer.names, layer.subtitles, layer.search, *layer.fields.values()):
            said += [value for value in values if value]
    return "\n".join(said)


def ways(page: str) -> dict[str, Any]:
    found = re.search(r'id="geoasm-data">(.*?)</script>', page)
    return json.loads(found[1])["ways"] if found else {"group": ",", "point": ".", "minus": "-"}


def layers(page: str) -> dict[str, Unpacked]:
    found = [read(block, ways(page)) for block in blocks(page)]
    by_id = {layer.header["id"]: layer for layer in found}
    for layer, block in zip(found, blocks(page), strict=True):
        layer.fields = {
            f["label"]: texts(f, layer, split(block), by_id, ways(page))
            for f in layer.header["fields"]
        }
    return by_id


class Section(NamedTuple):
    content: bytes
    way: str | None


def split(block: str) -> dict[str, Section]:
    out = {}
    for raw, listed in zip(parcels(block), header_of(block)["parcels"], strict=True):
        at = 0
        for name, length, *way in listed:
            out[name] = Section(raw[at : at + length], way[0] if way else None)
            at += length
        assert at == len(raw)
    return out


def numbers(section: Section) -> list[int]:
    content, way = section
    if way == "planes":
        n = sum(byte < 128 for byte in content)
        values, rows, at, shift = [0] * n, list(range(n)), 0, 0
        while rows:
            here = dict(zip(rows, content[at : at + len(rows)], strict=True))
            for row, byte in here.items():
                values[row] |= (byte & 127) << shift
            at, shift = at + len(rows), shift + 7
            rows = [row for row, byte in here.items() if byte > 127]
        return values
    out, value, shift = [], 0, 0
    for byte in content:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            out.append(value)
            value = shift = 0
    return out


def unfolded(n: int) -> int:
    return n // 2 if n % 2 == 0 else -(n + 1) // 2


def signed(section: Section) -> list[int]:
    return [unfolded(n) for n in numbers(section)]


def running(steps: list[int]) -> list[int]:
    return list(accumulate(steps))


def lines(raw: bytes) -> list[str]:
    def plain(line: str) -> str:
        return re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], line)

    return [plain(line) for line in raw.decode("utf-8").split("\n")]


def column(
    spec: dict[str, Any], sections: dict[str, Section], layer: Unpacked, ways: dict[str, Any]
) -> list[str | None]:
    kind, size = spec["kind"], len(layer)
    if kind == "none":
        return [None] * size
    if kind == "keyed":
        once = column(spec["column"], sections, _Keys(spec["size"]), ways)
        return [once[k - 1] if k else None for k in numbers(sections["key"])]
    name = spec["section"]
    if kind == "text":
        return [line or None for line in lines(sections[name].content)]
    values = numbers(sections[name])
    if kind == "numbered":
        inner = column(spec["column"], sections, layer, ways)
        return [f"{t} {n - 1}" if n else t for t, n in zip(inner, values, strict=True)]
    if kind == "dictionary":
        words = lines(sections[name + ".words"].content)
        return [words[n - 1] if n else None for n in values]
    if kind == "digits":
        odd = iter(lines(sections[name + ".odd"].content))
        return [
            None if n == 0 else next(odd) if n == 1 else str(n - 2).zfill(spec["width"])
            for n in values
        ]
    if kind == "day":
        first = date.fromisoformat(spec["first"])
        return [str(first + timedelta(days=n - 1)) if n else None for n in values]
    if "ranked" in spec:
        listed = signed(sections[name + ".values"])
        whole = [listed[n - 1] if n else None for n in values]
    else:
        whole = [unfolded(n - 1) if n else None for n in values]
    if spec["ofShape"]:
        whole = [None if n is None else n + t for n, t in zip(whole, layer.tenths_ha, strict=True)]
    return [None if n is None else written(n, spec, ways) for n in whole]


class _Keys(list[int]):
    """As many keys as a layer has, where a column has one value a key."""

    tenths_ha: ClassVar[list[int]] = []

    def __init__(self, size: int) -> None:
        super().__init__(range(size))


def written(scaled: int, spec: dict[str, Any], ways: dict[str, Any]) -> str:
    value = Decimal(scaled).scaleb(-spec["decimals"])
    comma = "," if spec["grouped"] else ""
    text = f"{value:{comma}.{spec['decimals']}f}"
    swap = {",": ways["group"], ".": ways["point"], "-": ways["minus"]}
    return spec["template"].replace("{value}", "".join(swap.get(c, c) for c in text))


def texts(
    told: dict[str, Any],
    layer: Unpacked,
    sections: dict[str, Section],
    every: dict[str, Unpacked],
    ways: dict[str, Any],
) -> list[str | None]:
    parts = []
    for part in told["parts"]:
        if "column" in part:
            parts.append(column(layer.header["columns"][part["column"]], sections, layer, ways))
            continue
        other = every[part["layer"]]
        elsewhere = iter(running(signed(sections[part["rows"] + ".else"])))
        titles = [
            " · ".join(filter(None, pair))
            for pair in zip(other.names, other.subtitles, strict=True)
        ]
        stacks = layer.stacks or [[]] * len(layer)
        rows = [
            None if not n else stack[n - 1] if n <= len(stack) else next(elsewhere)
            for n, stack in zip(numbers(sections[part["rows"]]), stacks, strict=True)
        ]
        parts.append([None if row is None else titles[row] for row in rows])
    return [told["separator"].join(filter(None, row)) or None for row in zip(*parts, strict=True)]


def read(block: str, ways: dict[str, Any]) -> Unpacked:
    sections = split(block)
    header = header_of(block)
    layer = Unpacked(header, numbers(sections["member"]), [], [], [], groups=header["groups"])
    if header["kind"] == "point":
        steps = signed(sections["xy"])
        lon, lat = running(steps[::2]), running(steps[1::2])
        layer.points = [(x / 1e6, y / 1e6) for x, y in zip(lon, lat, strict=True)]
    else:
        layer.rings = list(shapes(header, sections, layer.tenths_ha))

    def of(place: int | None) -> list[str | None]:
        return [] if place is None else column(header["columns"][place], sections, layer, ways)

    layer.names, layer.subtitles, layer.search = map(
        of, (header["name"], header["subtitle"], header["search"])
    )
    layer.depth = numbers(sections["depth"]) if "depth" in sections else []
    if "stack" in sections:
        rows = iter(running(signed(sections["stack"])))
        layer.stacks = [[next(rows) for _ in range(n)] for n in numbers(sections["stack.count"])]
    return layer


def shapes(
    header: dict[str, Any], sections: dict[str, Section], tenths_ha: list[int]
) -> Iterator[list[list[Vertex]]]:
    first, quad, back, following = (
        iter(signed(sections[name])) for name in ("first", "quad", "back", "next")
    )
    sizes = iter(numbers(sections["ringSize"]))
    zones = signed(sections["zone"]) if header["grid"] == "utm" else [0] * header["size"]
    moves = {
        z: pyproj.Transformer.from_crs(f"EPSG:{(32700 if z < 0 else 32600) + abs(z)}", "EPSG:4326", always_xy=True)
        for z in set(zones) - {0}
    }  # fmt: skip
    start = (0, 0)
    for n, zone in zip(numbers(sections["rings"]), zones, strict=True):
        start = here = (start[0] + next(first), start[1] + next(first))
        feature = []
        for r in range(n):
            size, ring = next(sizes), []
            is_quad = header["kind"] == "polygon" and size == 4
            for v in range(size):
                if is_quad and v == 3:
                    undone = [a - b for a, b in zip(ring[1], ring[0], strict=True)]
                    step = [next(back) - undone[0], next(back) - undone[1]]
                elif is_quad and v:
                    step = [next(quad), next(quad)]
                else:
                    step = [next(following), next(following)] if r or v else [0, 0]
                here = (here[0] + step[0], here[1] + step[1])
                ring.append(here)
            feature.append(ring)
        area = sum(
            a[0] * b[1] - b[0] * a[1]
            for ring in feature
            for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)
        )
        tenths_ha.append((abs(area) + 100_000) // 200_000)
        if zone:
            yield [[moves[zone].transform(a / 10, b / 10) for a, b in ring] for ring in feature]
        else:
            yield [[(a / 1e6, b / 1e6) for a, b in ring] for ring in feature]
