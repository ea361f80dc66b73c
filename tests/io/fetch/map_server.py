"""A map server on this machine that has the manners of those out there, from rows that are planted."""

from __future__ import annotations

import json
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np

LAYER = "/arcgis/rest/services/SERV_TEST/MapServer/0"
HOUR = 3_600_000

Row = dict[str, Any]
Trouble = Callable[[int, list[int]], str | None]

FIELDS = [
    {"name": "OBJECTID", "type": "esriFieldTypeOID"},
    {"name": "CODIGOU", "type": "esriFieldTypeString", "length": 13},
    {"name": "TIT_CONCES", "type": "esriFieldTypeString", "length": 100},
    {"name": "ESTADO", "type": "esriFieldTypeString", "length": 1},
    {"name": "FEC_DENU", "type": "esriFieldTypeDate", "length": 8},
    {"name": "HECTAREA", "type": "esriFieldTypeDouble"},
    {"name": "FECHA_ACTUALIZACION", "type": "esriFieldTypeDate", "length": 8},
    {"name": "SHAPE", "type": "esriFieldTypeGeometry"},
]


def lima(day: str) -> int:
    """Give the instant (ms) at midnight in Lima."""
    return int(np.datetime64(day, "ms").astype("int64")) + 5 * HOUR


def planted(n: int, *, step: int = 3) -> list[Row]:
    """Rows with gaps between their object ids; codes keep their leading zero, names their accents."""
    return [
        {
            "OBJECTID": 7 + step * i,
            "CODIGOU": f"0100{i:05d}",
            "TIT_CONCES": f"MINERA SINTÉTICA PEÑA {i} S.A.C.",
            "ESTADO": "T" if i % 4 else None,
            "FEC_DENU": lima(f"{1920 + i % 100}-03-01") if i % 5 else None,
            "HECTAREA": 100.0 if i % 3 else None,
            "FECHA_ACTUALIZACION": lima("2026-09-21"),
            "_ring": square(-76 + (i % 40) * 0.02, -10 + (i // 40) * 0.02),
        }
        for i in range(n)
    ]


def square(x: float, y: float, side: float = 0.01) -> list[list[float]]:
    return [[x, y], [x, y + side], [x + side, y + side], [x + side, y], [x, y]]


@dataclass
class MapServer:
    """
    The rows, how they are given out, and what was asked.

    `trouble` names what goes wrong with a page, by its number among the pages asked (from 1) and
    its object ids. `given` are the ids of every page that went out whole.
    """

    rows: list[Row]
    cap: int = 1000
    states_cap: bool = True
    says_cut: bool = True
    takes_offset: bool = False
    takes_ranges: bool = True
    takes_batches: bool = True
    lists_ids: bool = True
    lists_at_most: int | None = None
    counts: bool = True
    hears_where: bool = True
    hears_out_sr: bool = True
    geometry: str = "esriGeometryPolygon"
    fields: list[dict[str, Any]] = field(default_factory=lambda: [dict(f) for f in FIELDS])
    trouble: Trouble = lambda page, ids: None
    miscount: int = 0
    content_type: str = "application/json;charset=UTF-8"
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    given: list[list[int]] = field(default_factory=list)
    pages: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{LAYER}"

    def describe(self) -> Mapping[str, Any]:
        said: dict[str, Any] = {
            "name": "Catastro Minero",
            "geometryType": self.geometry,
            "objectIdField": "OBJECTID",
            "copyrightText": "INGEMMET",
            "fields": self.fields,
        }
        return said | ({"maxRecordCount": self.cap} if self.states_cap else {})

    def query(self, asked: dict[str, str]) -> tuple[Mapping[str, Any], list[int] | None]:
        """Answer a query: what goes out, and the ids of its rows where it is a page."""
        if asked.get("f") != "json" or asked.get("where") == "1=1":
            return _refused("Unable to perform query"), None
        if "resultOffset" in asked and not self.takes_offset:
            return _refused("Pagination is not supported."), None
        chosen = self._chosen(asked)
        if chosen is None:
            return _refused("Invalid query parameters"), None
        if asked.get("returnCountOnly"):
            counted = {"count": len(chosen) + self.miscount}
            return (counted if self.counts else _refused("not supported")), None
        ids = [row["OBJECTID"] for row in chosen]
        if asked.get("returnIdsOnly"):
            listed = {"objectIdFieldName": "OBJECTID", "objectIds": ids[: self.lists_at_most][::-1]}
            return (listed if self.lists_ids else _refused("not supported")), None
        start = int(asked.get("resultOffset", 0))
        out = chosen[start : start + min(self.cap, int(asked.get("resultRecordCount", self.cap)))]
        page = {
            "objectIdFieldName": "OBJECTID",
            "geometryType": self.geometry,
            "spatialReference": self._system(asked),
            "fields": [f for f in self.fields if f["name"] != "SHAPE"],
            "features": [self._feature(row, asked) for row in out],
        }
        if self.says_cut and len(out) < len(chosen) - start:
            page["exceededTransferLimit"] = True
        return page, [row["OBJECTID"] for row in out]

    def _chosen(self, asked: dict[str, str]) -> list[Row] | None:
        rows = [r for r in sorted(self.rows, key=lambda r: r["OBJECTID"]) if _touches(r, asked)]
        if "objectIds" in asked:
            wanted = {int(i) for i in asked["objectIds"].split(",")}
            return [r for r in rows if r["OBJECTID"] in wanted] if self.takes_batches else None
        if not self.hears_where:
            return rows
        where = asked.get("where", "")
        if "AND" in where and not self.takes_ranges:
            return None
        tests = re.findall(r"OBJECTID (>=|<=|>) (-?\d+)", where)
        holds = {">=": int.__ge__, "<=": int.__le__, ">": int.__gt__}
        return [r for r in rows if all(holds[s](r["OBJECTID"], int(v)) for s, v in tests)]

    def _system(self, asked: dict[str, str]) -> dict[str, int]:
        if self.hears_out_sr:
            return {"wkid": int(asked["outSR"]), "latestWkid": int(asked["outSR"])}
        return {"wkid": 102100, "latestWkid": 3857}

    def _feature(self, row: Row, asked: dict[str, str]) -> dict[str, Any]:
        attributes = {k: v for k, v in row.items() if not k.startswith("_")}
        ring = row.get("_ring")
        if ring is None:
            return {"attributes": attributes}
        if not self.hears_out_sr:
            ring = [_mercator(*corner) for corner in ring]
        if self.geometry == "esriGeometryPoint":
            return {"attributes": attributes, "geometry": {"x": ring[0][0], "y": ring[0][1]}}
        return {"attributes": attributes, "geometry": {"rings": [ring]}}


def _refused(text: str) -> dict[str, Any]:
    return {"error": {"code": 400, "message": text, "details": []}}


def _touches(row: Row, asked: dict[str, str]) -> bool:
    if "geometry" not in asked or row.get("_ring") is None:
        return True
    west, south, east, north = map(float, asked["geometry"].split(","))
    xs, ys = zip(*row["_ring"], strict=True)
    return max(xs) >= west and min(xs) <= east and max(ys) >= south and min(ys) <= north


def _mercator(longitude: float, latitude: float) -> list[float]:
    radius = 6378137.0
    y = radius * np.log(np.tan(np.pi / 4 + np.radians(latitude) / 2))
    return [float(radius * np.radians(longitude)), float(y)]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body in one packet, or each answer waits for an acknowledgement
    map_server: MapServer

    def do_GET(self) -> None:
        server, parts = self.map_server, urlsplit(self.path)
        asked = dict(parse_qsl(parts.query))
        server.asked.append({"_path": parts.path, **asked})
        if parts.path == LAYER:
            self._send(json.dumps(server.describe()).encode())
        elif parts.path == f"{LAYER}/query":
            said, ids = server.query(asked)
            body = json.dumps(said, ensure_ascii=False).encode()
            if ids is None:
                self._send(body)
            else:
                self._page(body, ids)
        else:
            self._send(b"no such thing", status=404)

    def _page(self, body: bytes, ids: list[int]) -> None:
        server = self.map_server
        server.pages += 1
        trouble = server.trouble(server.pages, ids)
        if trouble is None:
            server.given.append(ids)
            self._send(body)
        elif trouble.isdecimal():
            self._send(b"<html>error</html>", status=int(trouble), kind="text/html")
        elif trouble == "retry-after":
            self._send(b"", status=429, headers={"Retry-After": "17"})
        elif trouble == "cut short":
            self._send(body[: len(body) // 2])
        elif trouble == "web page":
            self._send(b"<!DOCTYPE html><p>Mantenimiento</p>")
        elif trouble == "error":
            self._send(b'{"error": {"code": 500, "message": "Error performing query"}}')
        elif trouble == "broken off":
            self._send(body[: len(body) // 2], length=len(body))
            self.close_connection = True
        elif trouble == "drip":
            self._drip(body)
        elif trouble == "latin-1":
            server.given.append(ids)
            self._send(body.decode().encode("latin-1"))
        else:
            raise AssertionError(trouble)

    def _send(
        self,
        body: bytes,
        *,
        status: int = 200,
        kind: str | None = None,
        length: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind or self.map_server.content_type)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _drip(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for place in range(len(body)):
            self.wfile.write(body[place : place + 1])
            self.wfile.flush()
            time.sleep(0.01)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def running(
    server: MapServer,
    handler: type[BaseHTTPRequestHandler] = _Handler,
    tls: ssl.SSLContext | None = None,
    port: int = 0,
) -> Iterator[MapServer]:
    """Run a server for as long as the context lasts."""
    bound = type("Bound", (handler,), {"map_server": server})
    with _Quiet(("127.0.0.1", port), bound) as http:
        server.port = http.server_address[1]
        if tls is not None:
            http.socket = tls.wrap_socket(http.socket, server_side=True)
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error."""
