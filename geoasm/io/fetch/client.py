"""Questions to a server: one at a time, unhurried, asked again where an answer is no answer."""

from __future__ import annotations

import codecs
import json
import logging
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import certifi
import httpx
import tenacity

from geoasm import __version__
from geoasm.errors import FetchError, SourceNotFound
from geoasm.io.fetch.limits import MB, Budget, Clock, Limits

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

MOST_REDIRECTS = 5
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_CODINGS = "gzip, deflate"
_NEEDS_TOKEN = frozenset({498, 499})
_THIS_MACHINE = frozenset({"127.0.0.1", "localhost"})


class ServerTrouble(FetchError):
    """An answer that may be better next time, or for fewer rows."""

    def __init__(self, text: str, retry_after_s: float = 0.0) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s


class TooMuch(ServerTrouble):
    """An answer that is too large or too slow, and will be again: only fewer rows help."""


class Unreachable(ServerTrouble):
    """No answer at all."""


class Refusal(FetchError):
    """The server understood, and does not do it."""

    def __init__(self, text: str, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Document:
    """A JSON answer: its bytes in UTF-8, and what they say."""

    content: bytes
    data: Mapping[str, Any]


class Client:
    """
    Asks one server.

    Parameters
    ----------
    ca_bundle
        PEM file of certificates that are trusted besides those of the system and of certifi.

    Raises
    ------
    SourceNotFound, FetchError
        The bundle does not exist, or holds no certificate.
    """

    def __init__(
        self, limits: Limits, *, clock: Clock | None = None, ca_bundle: Path | None = None
    ) -> None:
        self.limits, self.clock = limits, clock or Clock()
        self.budget = Budget(limits, self.clock)
        self.requests = 0
        self._trouble: BaseException | None = None  # of the last attempt
        self._free_at = self.clock.now()
        try:
            self._http = httpx.Client(
                verify=_trusted(ca_bundle),
                timeout=httpx.Timeout(limits.read_s, connect=limits.connect_s),
                headers={"User-Agent": f"geoasm/{__version__}", "Accept-Encoding": _CODINGS},
                limits=httpx.Limits(max_connections=1),
            )
        except (ImportError, ValueError, httpx.InvalidURL) as err:  # a proxy of the environment
            raise FetchError(
                "the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names cannot be used"
                f" ({_reason(err)}); name one as http://HOST:PORT, or unset the variable"
            ) from err

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def json(self, url: str, parameters: Mapping[str, str]) -> Document:
        """
        Ask for JSON until an answer is whole.

        Raises
        ------
        FetchError
            As `Refusal`, the server says that it does not do this; as `ServerTrouble`, no attempt
            brought an object in JSON; else a cap is reached, the certificate cannot be verified,
            or a redirect leads elsewhere.
        """

        def ask() -> Document:
            with self.answer(url, parameters) as response:
                content = self._content(response)
                charset = response.charset_encoding
            return _document(content, charset, _host(url))

        return self.persistently(ask)

    def _content(self, response: httpx.Response) -> bytes:
        limits, host = self.limits, response.url.host
        ends_at = self.clock.now() + limits.answer_s
        pieces, size = [], 0
        for piece in self.chunks(response.iter_bytes()):
            pieces.append(piece)
            size += len(piece)
            if size > limits.max_answer_mb * MB:
                raise TooMuch(f"{host} answers with over {limits.max_answer_mb:g} MB at once")
            if self.clock.now() > ends_at:
                raise TooMuch(f"{host} takes over {limits.answer_s:g} s to answer")
        return b"".join(pieces)

    def persistently(self, ask: Callable[[], Answer]) -> Answer:
        """Ask until there is an answer, with pauses that grow, or that the server names."""
        attempt = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.limits.attempts),
            retry=tenacity.retry_if_exception(_may_pass),
            wait=self._pause_s,
            sleep=self._wait,
            before_sleep=_tell,
            reraise=True,
        )
        return attempt(ask)

    @contextmanager
    def answer(
        self, url: str, parameters: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> Iterator[httpx.Response]:
        """Open one answer to read from; every way in which it can fail is a FetchError."""
        target = httpx.URL(url, params=dict(parameters)) if parameters else httpx.URL(url)
        with self._translated(target):
            for _ in range(1 + MOST_REDIRECTS):
                self._take_turn()
                try:
                    with self._http.stream("GET", target, headers=headers) as response:
                        if not response.has_redirect_location:
                            _check_status(response, target.host)
                            _check_form(response, headers or {})
                            yield response
                            return
                        target = _followed(target, response)
                finally:
                    self._free_at = self.clock.now() + self.limits.delay_s
        raise FetchError(f"{target.host} redirects in a circle; look at {url} in a browser")

    def chunks(self, parts: Iterator[bytes]) -> Iterator[bytes]:
        """Read an answer within the caps of size and time."""
        for part in parts:
            self.budget.spend(len(part))
            self.budget.check_time()
            yield part

    def _take_turn(self) -> None:
        self.budget.pause(self._free_at - self.clock.now())
        self.requests += 1

    def _wait(self, seconds: float) -> None:
        try:
            self.budget.pause(seconds)
        except FetchError as err:
            raise FetchError(f"{self._trouble}; {err}") from err

    def _pause_s(self, state: tenacity.RetryCallState) -> float:
        first, longest = self.limits.first_pause_s, self.limits.longest_pause_s
        grown = tenacity.wait_exponential(first, longest) + tenacity.wait_random(0, first)
        failure = self._trouble = state.outcome.exception() if state.outcome else None
        return max(grown(state), getattr(failure, "retry_after_s", 0.0))

    @contextmanager
    def _translated(self, target: httpx.URL) -> Iterator[None]:
        host = target.host
        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout) as err:
            distrust = _certificate_fault(err)
            if distrust is None:
                raise Unreachable(f"{host} cannot be reached ({_reason(err)})") from err
            raise FetchError(
                f"{host}: its certificate cannot be verified ({distrust}); if the server leaves out"
                " an issuer, save the issuer's certificate as PEM and add --ca-bundle FILE"
            ) from err
        except httpx.TimeoutException as err:
            raise ServerTrouble(f"{host} does not answer in {self.limits.read_s:g} s") from err
        except httpx.RequestError as err:
            raise ServerTrouble(f"{host} broke off its answer ({_reason(err)})") from err


@cache
def _known_issuers() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(cafile=certifi.where())
    return context


def _trusted(ca_bundle: Path | None) -> ssl.SSLContext:
    if ca_bundle is None:
        return _known_issuers()
    context = _known_issuers.__wrapped__()
    try:
        context.load_verify_locations(cafile=ca_bundle)
    except FileNotFoundError as err:
        raise SourceNotFound(f"--ca-bundle {ca_bundle}: no such file") from err
    except (ssl.SSLError, OSError) as err:
        raise FetchError(
            f"--ca-bundle {ca_bundle}: holds no certificate in PEM (-----BEGIN CERTIFICATE-----)"
        ) from err
    return context


def _may_pass(failure: BaseException) -> bool:
    return isinstance(failure, ServerTrouble) and not isinstance(failure, TooMuch)


def _check_status(response: httpx.Response, host: str) -> None:
    status = response.status_code
    if status in (200, 206, 304):  # the last two where they were asked for: _check_form
        return
    if status in _PASSING:
        raise ServerTrouble(f"{host} answers HTTP {status}", _retry_after_s(response))
    raise Refusal(f"{host} answers HTTP {status}", status)


def _check_form(response: httpx.Response, asked: Mapping[str, str]) -> None:
    """Refuse an answer in a form that was not asked for."""
    host, coding = response.url.host, response.headers.get("Content-Encoding", "").strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        # Coding upon coding swells beyond any cap before a byte can be counted.
        raise TooMuch(f"{host} packs its answer as {coding[:60]!r}, unasked")
    status = response.status_code
    if (status == httpx.codes.PARTIAL_CONTENT and "Range" not in asked) or (
        status == httpx.codes.NOT_MODIFIED and not any(name.startswith("If-") for name in asked)
    ):
        raise ServerTrouble(f"{host} answers HTTP {status} where the whole was asked for")


def _retry_after_s(response: httpx.Response) -> float:
    text = response.headers.get("Retry-After", "")
    if text.isdecimal():
        return float(text)
    try:
        return (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return 0.0


def _followed(target: httpx.URL, response: httpx.Response) -> httpx.URL:
    try:
        where = target.join(response.headers["Location"])
    except (httpx.InvalidURL, ValueError) as err:
        raise FetchError(f"{target.host} redirects to what is no address") from err
    safe = where.scheme == "https" or (where.scheme == "http" and where.host in _THIS_MACHINE)
    if where.host != target.host or not safe:
        raise FetchError(
            f"{target.host} redirects to {where.scheme}://{where.host}, which is not followed;"
            " if the service has moved, write its new address into services.toml of the profile"
        )
    return where


def _document(content: bytes, charset: str | None, host: str) -> Document:
    """Parse an answer; servers name the content type as they please, so the bytes decide."""
    if content.lstrip()[:1] == b"<":
        raise ServerTrouble(f"{host} answers with a web page instead of data")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        content = content.decode(_single_byte(charset), "replace").encode("utf-8")
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as err:
        raise ServerTrouble(f"{host} answers with JSON that is cut short or damaged") from err
    if not isinstance(data, dict):
        raise ServerTrouble(f"{host} answers with JSON that is no object")
    fault = data.get("error")
    if fault is not None:
        raise _said(fault if isinstance(fault, dict) else {"message": fault}, host)
    return Document(content, data)


def _single_byte(charset: str | None) -> str:
    try:
        name = codecs.lookup(charset or "utf-8").name
    except LookupError:
        name = "utf-8"
    return "latin-1" if name == "utf-8" else name


def _said(fault: Mapping[str, Any], host: str) -> FetchError:
    """Make an error of what an ArcGIS server reports under HTTP 200."""
    code, text = fault.get("code", 500), str(fault.get("message") or "no reason given")
    said = f"{host} answers with error {code}: {' '.join(text.split())[:200]}"
    if code in _NEEDS_TOKEN:
        return FetchError(
            f"{said}; the service gives this layer only to users who sign in, which geoasm does not:"
            " download it by hand, or name another service in services.toml of the profile"
        )
    passing = not isinstance(code, int) or code >= 500 or code in _PASSING
    return ServerTrouble(said) if passing else Refusal(said)


def _certificate_fault(err: BaseException | None) -> str | None:
    while err is not None:
        if isinstance(err, ssl.SSLCertVerificationError):
            return err.verify_message or "unknown issuer"
        err = err.__cause__ or err.__context__
    return None


def _reason(err: Exception) -> str:
    return str(err).partition("\n")[0] or type(err).__name__


def _host(url: str) -> str:
    return httpx.URL(url).host


def _tell(state: tenacity.RetryCallState) -> None:
    failure = state.outcome.exception() if state.outcome else None
    pause = state.next_action.sleep if state.next_action else 0.0
    log.info("%s; asking again in %.0f s", failure, pause)
