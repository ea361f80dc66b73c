"""Answers that nobody should give: one line each, no traceback, no memory, nothing kept for ever."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import pytest

from geoasm.errors import FetchError, OutputError, ProfileError
from geoasm.io.fetch.client import Client, Refusal, ServerTrouble, TooMuch
from geoasm.io.fetch.limits import Limits
from geoasm.profile.sections import Section
from geoasm.profile.services import parse_services
from tests.io.fetch.conftest import Download
from tests.io.fetch.map_server import MapServer, _Handler, planted, running
from tests.io.fetch.test_archives import Files, giving, of_zones
from tests.io.fetch.test_client import client
from tests.profile.test_services import told

Serve = Callable[[MapServer], MapServer]


class Lists(MapServer):
    """Lists other ids than its own."""

    ids: ClassVar[list[Any]] = []

    def query(self, asked: dict[str, str]) -> tuple[Mapping[str, Any], list[int] | None]:
        if asked.get("returnIdsOnly"):
            return {"objectIds": self.ids}, None
        return super().query(asked)


@pytest.mark.parametrize("ids", [[1, None], ["a"], [2**70], [[1], [2, 3]], [[1], [2]], [1.5]])
def test_ids_that_are_none_are_one_line(serve: Serve, download: Download, ids: list[Any]) -> None:
    server = serve(type("Odd", (Lists,), {"ids": ids})(planted(3)))
    with pytest.raises(FetchError, match="cadastre: the service lists object ids that are no whol"):
        download(server)


@pytest.mark.parametrize(
    "said", [{"maxRecordCount": -5}, {"maxRecordCount": "x"}, {"name": {"a": 1}}], ids=str
)
def test_an_odd_description_costs_nothing(
    serve: Serve, download: Download, said: dict[str, Any]
) -> None:
    class Odd(MapServer):
        def describe(self) -> Mapping[str, Any]:
            return {**super().describe(), **said}

    assert download(serve(Odd(planted(12)))).agrees


def test_fields_that_are_no_list_are_one_line(serve: Serve, download: Download) -> None:
    with pytest.raises(FetchError, match="is no layer whose rows have object ids"):
        download(serve(MapServer(planted(3), fields=5)))  # type: ignore[arg-type]


def test_a_column_to_be_unique_by_that_is_not_there_is_told_before_the_download(
    serve: Serve, download: Download
) -> None:
    server = serve(MapServer(planted(3)))
    with pytest.raises(FetchError, match=r"no column CODE, .*correct unique_by in services\.toml"):
        download(server, unique_by="CODE")
    assert server.pages == 0


class Says(_Handler):
    body = b"{}"
    status = 200
    more: ClassVar[dict[str, str]] = {}

    def do_GET(self) -> None:  # noqa: N802 -- the name that http.server calls
        self._send(self.body, status=self.status, headers=self.more)


@pytest.mark.parametrize(
    ("answer", "kind", "fault"),
    [
        ({"body": b'{"a":' + b"[" * 200_000}, ServerTrouble, "cut short or damaged"),
        (
            {
                "body": gzip.compress(gzip.compress(bytes(50_000_000))),
                "more": {"Content-Encoding": "gzip, gzip"},
            },
            TooMuch,
            "packs its answer as 'gzip, gzip', unasked",
        ),
        ({"more": {"Content-Encoding": "br"}}, TooMuch, "packs its answer as 'br'"),
        ({"status": 206}, ServerTrouble, "HTTP 206 where the whole was asked for"),
        ({"status": 304}, ServerTrouble, "HTTP 304 where the whole was asked for"),
        (
            {"body": b'{"error": {"code": 499, "message": "Token Required"}}'},
            FetchError,
            "499: Token Required; the service gives this layer only to users who sign in",
        ),
        ({"status": 429, "more": {"Retry-After": "9" * 400}}, FetchError, "HTTP 429"),
    ],
)
def test_an_answer_is_refused_in_one_line(
    answer: dict[str, Any], kind: type[Exception], fault: str
) -> None:
    handler = type("Saying", (Says,), answer)
    with (
        running(MapServer([]), handler) as server,
        client(attempts=1) as asking,
        pytest.raises(kind, match=fault) as raised,
    ):
        asking.json(server.url, {})
    assert not isinstance(raised.value, Refusal)


def test_a_pause_that_is_too_long_is_named(serve: Serve, download: Download) -> None:
    server = serve(MapServer(planted(9), trouble=lambda *_: "retry-after"))
    with pytest.raises(FetchError, match=r"HTTP 429; the server has to be left alone for 17 s"):
        download(server, limits={"max_minutes": 0.1})


def test_a_proxy_that_cannot_be_used_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks9://127.0.0.1:9")
    with pytest.raises(FetchError, match=r"the proxy that HTTPS_PROXY, .* cannot be used"):
        Client(Limits())


def test_a_box_is_asked_for_with_every_digit(serve: Serve, download: Download) -> None:
    server = serve(MapServer(planted(3)))
    download(server, options={"box": (-76.00000012345, -11.0, -75.1, -9.0)})
    boxes = {a["geometry"] for a in server.asked if "geometry" in a}
    assert boxes == {"-76.00000012345,-11,-75.1,-9"}


def test_too_high_a_count_without_an_order_is_written_and_told(
    serve: Serve, download: Download
) -> None:
    class NoOrder(MapServer):
        def query(self, asked: dict[str, str]) -> tuple[Mapping[str, Any], list[int] | None]:
            if "orderByFields" in asked:
                return {"error": {"code": 400, "message": "no order"}}, None
            return super().query(asked)

    done = download(serve(NoOrder(planted(12), miscount=1)))
    assert (done.rows, done.expected, done.agrees) == (12, 13, False)


def bomb(mb: int) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.dbf", bytes(mb * 1_000_000))
    return content.getvalue()


def test_a_zip_that_unpacks_beyond_the_cap_is_not_unpacked(download: Download) -> None:
    with giving() as server:
        server.files[next(iter(server.files))] = bomb(30)
        with pytest.raises(FetchError, match=r"the zips unpack to 30 MB, over 20 MB \(2 times --m"):
            download(server, limits={"max_mb": 10}, **of_zones(server))
    assert not download.parts.exists()


def test_a_zip_that_is_of_no_use_is_not_kept(download: Download) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("read.me", "nothing")
    with giving() as server:
        good = dict(server.files)
        server.files[next(iter(good))] = content.getvalue()
        with pytest.raises(FetchError, match=r"17S\.zip cannot be used, and is not kept"):
            download(server, **of_zones(server))
        server.files.update(good)
        assert download(server, **of_zones(server)).rows == 15


def test_a_part_where_the_whole_was_asked_for_is_one_line(download: Download) -> None:
    class Partial(Files):
        def do_GET(self) -> None:  # noqa: N802 -- the name that http.server calls
            self._send(self.map_server.files[self.path], status=206)

    with (
        giving() as source,
        running(MapServer([], files=source.files), Partial) as server,
        pytest.raises(FetchError, match=r"cadastre: 127\.0\.0\.1 answers HTTP 206 where"),
    ):
        download(server, **of_zones(server))
    assert not download.parts.exists()


def test_a_disk_that_fills_up_is_called_full(
    serve: Serve, download: Download, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise RuntimeError("sqlite3_exec() failed: database or disk is full")

    monkeypatch.setattr("geoasm.io.fetch.package.pyogrio.write_dataframe", full)
    with pytest.raises(
        OutputError, match=r"cannot write .*out\.gpkg: no space left on the disk; make room"
    ):
        download(serve(MapServer(planted(3))))
    assert download.parts.exists()


def test_a_system_that_is_none_names_file_and_key() -> None:
    with pytest.raises(ProfileError, match=r"services\.toml: service\[0\]\.out_crs: unknown coord"):
        parse_services(Section({"service": [told(out_crs="banana")]}, "services.toml"))
