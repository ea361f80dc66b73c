"""How a server is asked: verified, one at a time, patiently, and never beyond the caps."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from geoasm.errors import FetchError, SourceNotFound
from geoasm.io.fetch import Clock, Limits
from geoasm.io.fetch.client import Client, ServerTrouble, Unreachable
from tests.io.fetch.conftest import LIMITS, Download
from tests.io.fetch.map_server import LAYER, MapServer, _Handler, planted, running

Serve = Callable[[MapServer], MapServer]


def test_one_request_at_a_time_with_a_pause_between(serve: Serve, download: Download) -> None:
    server = serve(MapServer(planted(30)))
    download(server, limits={"delay_s": 7.0})
    assert len(download.pauses) == len(server.asked) - 1
    assert all(6.0 < pause <= 7.0 for pause in download.pauses)


def test_pauses_between_attempts_grow(serve: Serve, download: Download) -> None:
    server = serve(MapServer(planted(30), trouble=lambda page, _: "503" if page < 5 else None))
    download(server, limits={"first_pause_s": 2.0, "attempts": 5})
    bases = (2, 4, 8, 16)
    assert len(download.pauses) == 4
    assert all(
        base <= pause <= base + 2 for base, pause in zip(bases, download.pauses, strict=True)
    )


def test_a_pause_that_the_server_asks_for_is_kept(serve: Serve, download: Download) -> None:
    server = serve(MapServer(planted(9), trouble=lambda p, _: "retry-after" if p == 1 else None))
    assert download(server).agrees
    assert download.pauses == [17.0]


def test_a_slow_drip_ends_at_the_time_cap(serve: Serve, download: Download) -> None:
    server = serve(MapServer(planted(9), trouble=lambda *_: "drip"))
    began = time.monotonic()
    with pytest.raises(
        FetchError, match=r"longer than 0\.005 minutes; allow more with --max-minutes"
    ):
        download(server, limits={"max_minutes": 0.005})
    assert time.monotonic() - began < 3


def test_a_slow_drip_is_asked_again_in_smaller_pages(serve: Serve, download: Download) -> None:
    server = serve(MapServer(planted(9), trouble=lambda _, ids: "drip" if len(ids) > 2 else None))
    assert download(server, limits={"answer_s": 0.1}).agrees
    assert max(len(page) for page in server.given) == 2


def test_an_answer_that_is_too_large_is_asked_in_smaller_pages(
    serve: Serve, download: Download
) -> None:
    server = serve(MapServer(planted(30)))
    assert download(server, limits={"max_answer_mb": 0.003}).agrees
    assert [len(page) for page in server.given[:2]] == [10, 5]  # the first was not taken
    assert server.pages <= 8


def test_the_size_cap_counts_what_is_kept(serve: Serve, download: Download) -> None:
    server = serve(MapServer(planted(30)))
    with pytest.raises(
        FetchError, match=r"larger than 0\.009 MB; allow more with --max-mb; what has"
    ):
        download(server, limits={"max_mb": 0.009})
    given = len(server.given)
    with pytest.raises(FetchError, match=r"larger than 0\.001 MB"):
        download(server, limits={"max_mb": 0.001})
    assert len(server.given) == given
    assert download(server).agrees


def test_time_that_a_pause_would_overrun_is_not_spent(serve: Serve, download: Download) -> None:
    server = serve(MapServer(planted(9), trouble=lambda *_: "retry-after"))
    with pytest.raises(FetchError, match=r"longer than 0\.1 minutes"):
        download(server, limits={"max_minutes": 0.1})
    assert download.pauses == []


def client(**limits: float) -> Client:
    return Client(Limits(**{**LIMITS, **limits}), clock=Clock(sleep=lambda _: None))  # type: ignore[arg-type]


def test_nobody_there_is_one_line() -> None:
    with running(MapServer([])) as server:
        url = server.url
    with (
        client() as asking,
        pytest.raises(Unreachable, match=r"^127\.0\.0\.1 cannot be reached \("),
    ):
        asking.json(url, {})


class Redirecting(_Handler):
    to = ""

    def do_GET(self) -> None:  # noqa: N802 -- the name that http.server calls
        if self.path.startswith("/old"):
            self._send(b"", status=302, headers={"Location": self.to})
        else:
            super().do_GET()


@pytest.mark.parametrize("to", ["http://example.org/x", "https://127.0.0.2/x", "ftp://127.0.0.1/x"])
def test_a_redirect_to_elsewhere_is_not_followed(to: str) -> None:
    handler = type("To", (Redirecting,), {"to": to})
    with running(MapServer(planted(1)), handler) as server, client() as asking:
        old = server.url.replace(LAYER, "/old")
        with pytest.raises(
            FetchError, match=r"redirects to .*, which is not followed; if the service"
        ):
            asking.json(old, {})


def test_a_redirect_on_the_same_host_is_followed() -> None:
    handler = type("To", (Redirecting,), {"to": f"{LAYER}?f=json"})
    with running(MapServer(planted(1)), handler) as server, client() as asking:
        answer = asking.json(server.url.replace(LAYER, "/old"), {})
        assert answer.data["objectIdField"] == "OBJECTID"
    handler = type("To", (Redirecting,), {"to": "/old"})
    with (
        running(MapServer([]), handler) as server,
        client() as asking,
        pytest.raises(FetchError, match="redirects in a circle"),
    ):
        asking.json(server.url.replace(LAYER, "/old"), {})


class Says(_Handler):
    body = b""

    def do_GET(self) -> None:  # noqa: N802 -- the name that http.server calls
        self._send(self.body)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", "cut short or damaged"),
        (b"[1, 2]", "JSON that is no object"),
        (b"\n<html>", "a web page instead of data"),
        (b'{"error": "gone"}', "error 500: gone"),
        (b'{"error": {"code": 504, "message": "a\\nb"}}', "error 504: a b"),
    ],
)
def test_an_answer_that_is_none_says_what_it_is(body: bytes, fault: str) -> None:
    handler = type("Saying", (Says,), {"body": body})
    with (
        running(MapServer([]), handler) as server,
        client(attempts=1) as asking,
        pytest.raises(ServerTrouble, match=fault),
    ):
        asking.json(server.url, {})


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody has signed, with its key."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl")
    path = tmp_path_factory.mktemp("tls") / "own.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(path.with_suffix(".key")), "-out", str(path)),
        ],
        check=True,
        capture_output=True,
    )
    return path


def test_a_certificate_is_verified_and_the_bundle_helps(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    with running(MapServer(planted(2)), tls=context) as server:
        url = server.url.replace("http:", "https:")
        with client() as asking, pytest.raises(FetchError) as refused:
            asking.json(url, {"f": "json"})
        assert str(refused.value).startswith("127.0.0.1: its certificate cannot be verified (")
        assert "save the issuer's certificate as PEM and add --ca-bundle FILE" in str(refused.value)
        assert asking.requests == 1
        with Client(Limits(delay_s=0), ca_bundle=certificate) as asking:
            assert asking.json(url, {"f": "json"}).data["name"] == "Catastro Minero"


def test_a_bundle_that_is_none_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("hello")
    with pytest.raises(FetchError, match="holds no certificate in PEM"):
        Client(Limits(), ca_bundle=tmp_path / "no.pem")
    with pytest.raises(SourceNotFound, match="no such file"):
        Client(Limits(), ca_bundle=tmp_path / "absent.pem")
