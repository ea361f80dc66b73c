"""A slow reader of packed layers, written from docs/map-format.md alone; pyproj undoes the zones."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

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
    stacks: list[list[int]] = field(default_factory=list)
    groups: list[dict[str, Any]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.member)


def blocks(page: str) -> list[str]:
    return re.findall(
        r'<script type="application/octet-stream" class="geoasm-layer">(.*?)</script>', page
    )


def text_of(page: str) -> str:
    """Everything that the blocks of a page carry, as text to search for what may not be there."""
    return "\n".join(
        gzip.decompress(base64.b64decode(b)).decode("utf-8", "replace") for b in blocks(page)
    )


def layers(page: str) -> dict[str, Unpacked]:
    found = [read(block) for block in blocks(page)]
    by_id = {layer.header["id"]: layer for layer in found}
    for layer, block in zip(found, blocks(page), strict=True):
        layer.fields = {
            f["label"]: texts(f, layer, split(block), by_id) for f in layer.header["fields"]
        }
    return by_id


def split(block: str) -> dict[str, bytes]:
    raw = gzip.decompress(base64.b64decode(block))
    size = int.from_bytes(raw[:4], "little")
    at, out = 4 + size, {"header": raw[4 : 4 + size]}
    for name, length in json.loads(out["header"])["sections"]:
        out[name] = raw[at : at + length]
        at += length
    assert at == len(raw)
    return out


def numbers(raw: bytes) -> Iterator[int]:
    value = shift = 0
    for byte in raw:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield value
            value = shift = 0


def signed(raw: bytes) -> list[int]:
    return [n // 2 if n % 2 == 0 else -(n + 1) // 2 for n in numbers(raw)]


def running(steps: list[int]) -> list[int]:
    out, at = [], 0
    for step in steps:
        at += step
        out.append(at)
    return out


def lines(raw: bytes) -> list[str]:
    def plain(line: str) -> str:
        return re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], line)

    return [plain(line) for line in raw.decode("utf-8").split("\n")]


def column(spec: dict[str, str], sections: dict[str, bytes], size: int) -> list[str | None]:
    if spec["kind"] == "none":
        return [None] * size
    if spec["kind"] == "text":
        return [line or None for line in lines(sections[spec["section"]])]
    words = lines(sections[spec["section"] + ".words"])
    return [words[n - 1] if n else None for n in numbers(sections[spec["section"]])]


def texts(
    told: dict[str, Any], layer: Unpacked, sections: dict[str, bytes], every: dict[str, Unpacked]
) -> list[str | None]:
    size, parts = len(layer), []
    for part in told["parts"]:
        if "column" in part:
            parts.append(column(layer.header["columns"][part["column"]], sections, size))
            continue
        other, rows = every[part["layer"]], running(signed(sections[part["rows"]]))
        there = sections[part["rows"] + ".there"]
        steps = iter(rows)
        named = [next(steps) if there[f // 8] >> (f % 8) & 1 else None for f in range(size)]
        titles = [
            " · ".join(filter(None, pair))
            for pair in zip(other.names, other.subtitles, strict=True)
        ]
        parts.append([None if row is None else titles[row] for row in named])
    return [told["separator"].join(filter(None, row)) or None for row in zip(*parts, strict=True)]


def read(block: str) -> Unpacked:
    sections = split(block)
    header = json.loads(sections["header"])
    size = header["size"]

    def of(place: int | None) -> list[str | None]:
        return [] if place is None else column(header["columns"][place], sections, size)

    layer = Unpacked(
        header, list(numbers(sections["member"])), of(header["name"]), of(header["subtitle"]),
        of(header["search"]), groups=header["groups"],
    )  # fmt: skip
    layer.depth = list(numbers(sections.get("depth", b"")))
    if "stack" in sections:
        rows = iter(running(signed(sections["stack"])))
        layer.stacks = [[next(rows) for _ in range(n)] for n in numbers(sections["stack.count"])]
    if header["kind"] == "point":
        steps = signed(sections["xy"])
        lon, lat = running(steps[::2]), running(steps[1::2])
        layer.points = [(x / 1e6, y / 1e6) for x, y in zip(lon, lat, strict=True)]
    else:
        layer.rings = list(shapes(header, sections))
    return layer


def shapes(header: dict[str, Any], sections: dict[str, bytes]) -> Iterator[list[list[Vertex]]]:
    first, following = signed(sections["first"]), iter(signed(sections["next"]))
    starts = zip(running(first[::2]), running(first[1::2]), strict=True)
    sizes = numbers(sections["ringSize"])
    zones = signed(sections["zone"]) if header["grid"] == "utm" else [0] * header["size"]
    moves = {
        z: pyproj.Transformer.from_crs(f"EPSG:{(32700 if z < 0 else 32600) + abs(z)}", "EPSG:4326", always_xy=True)
        for z in set(zones) - {0}
    }  # fmt: skip
    for (x, y), n, zone in zip(starts, numbers(sections["rings"]), zones, strict=True):
        here, feature = (x, y), []
        for r in range(n):
            ring = []
            for v in range(next(sizes)):
                if r or v:
                    here = (here[0] + next(following), here[1] + next(following))
                ring.append(here)
            feature.append(ring)
        if zone:
            yield [[moves[zone].transform(a / 10, b / 10) for a, b in ring] for ring in feature]
        else:
            yield [[(a / 1e6, b / 1e6) for a, b in ring] for ring in feature]
