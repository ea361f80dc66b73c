"""Workers of Dask distributed, on this machine or behind a scheduler."""

from __future__ import annotations

import asyncio
import logging
import platform
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sized
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import geoasm
from geoasm.errors import ClusterError, MissingExtra
from geoasm.kernels import engine
from geoasm.workers import Done, Part, Shared, Workers

if TYPE_CHECKING:
    from distributed import Client, Future

log = logging.getLogger(__name__)

_CONNECT_SECONDS = 10
# Ways to a scheduler, and whether certificates are needed.
_PROTOCOLS = {"tcp": False, "ws": False, "tls": True, "wss": True}
_WITHOUT_WORKERS_SECONDS = 120  # a machine that restarts is back by then
_LOOK_SECONDS = 5
_PARTS_PER_WORKER = 4  # a worker that is lost, or slow, costs a quarter of its share
_ROWS_PER_PART = 10_000  # a part travels with its task; schedulers are made for a few MB
_LOSSES = 3  # of what all parts share, on every worker at once
# What answers may depend on; the same everywhere, or they could differ by the worker.
_PACKAGES = ("distributed", "geopandas", "numba", "numpy", "pandas", "pyproj", "shapely")

# Compiled loops and GEOS are told what to do process by process, and prepared shapes are shared.
_one_at_a_time = threading.Lock()


@contextmanager
def connect(
    scheduler: str | None = None,
    *,
    n_workers: int | None = None,
    tell: Callable[[int, int | None], None] | None = None,
) -> Iterator[Workers]:
    """
    Give workers while the block lasts: those of a scheduler, or processes of this machine.

    Parameters
    ----------
    scheduler
        Address, as in "tcp://10.0.0.1:8786"; None to start processes here.
    n_workers
        Processes to start here; as many as there are cores where not given.
    tell
        Hears how many parts are done, and of how many where that is known.

    Raises
    ------
    MissingExtra
        Dask is not installed.
    ClusterError
        The scheduler cannot be reached, has no workers, or they run other versions.
    """
    for package in ("dask", "distributed"):
        if find_spec(package) is None:
            raise MissingExtra("--engine dask needs Dask: pip install 'geoasm[scale]'")
    with ExitStack() as stack:
        stack.enter_context(_hushed())
        client = stack.enter_context(_reach(scheduler) if scheduler else _start(n_workers))
        where = scheduler or "this machine"
        _check_workers(client, where, list(client.nthreads()))
        log.info("%d workers, dashboard: %s", len(client.nthreads()), client.dashboard_link)
        yield _Cluster(client, where, tell or (lambda _done, _total: None))


@contextmanager
def _hushed() -> Iterator[None]:
    """Leave it to our own lines to tell of losses; theirs are tracebacks."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    former = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(_loudness())
        yield
    finally:
        for logger, level in zip(loggers, former, strict=True):
            logger.setLevel(level)


def _loudness() -> int:
    return logging.WARNING if log.isEnabledFor(logging.DEBUG) else logging.CRITICAL


@contextmanager
def _start(n_workers: int | None) -> Iterator[Client]:
    from dask.system import CPU_COUNT
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=n_workers or CPU_COUNT,
            threads_per_worker=1,
            preload=[__name__],
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            silence_logs=_loudness(),
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def dask_setup(worker: object) -> None:
    """Leave Ctrl-C to this process; Dask calls this in every process that it starts for `_start`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _reach(scheduler: str) -> Iterator[Client]:
    from distributed import Client

    _check_protocol(scheduler)
    _knock(scheduler)
    with Client(scheduler, timeout=_CONNECT_SECONDS, set_as_default=False) as client:
        try:
            client.wait_for_workers(1, timeout=_CONNECT_SECONDS)
        except TimeoutError as err:
            raise ClusterError(
                f"{scheduler} has no workers: start some with `dask worker {scheduler}`"
            ) from err
        yield client


def _knock(scheduler: str) -> None:
    """
    Make sure that a scheduler answers, before there is a client.

    A client that fails is left half made, and closed when it is collected. Where that is while another
    one starts, the two wait for each other for ever.
    """
    from distributed import Security
    from distributed.comm import connect, normalize_address

    async def ask() -> None:
        settings = Security().get_connection_args("client")
        comm = await connect(normalize_address(scheduler), timeout=_CONNECT_SECONDS, **settings)
        comm.abort()

    try:
        with ThreadPoolExecutor(1) as apart:  # from a loop that may run in this thread
            apart.submit(asyncio.run, ask()).result()
    except Exception as err:  # what another service answers may be anything
        raise ClusterError(
            f"no Dask scheduler at {scheduler}: start one with `dask scheduler`, and name its "
            "address, as in tcp://10.0.0.1:8786"
        ) from err


def _check_protocol(scheduler: str) -> None:
    """Refuse what Dask fails on only once a client is half made."""
    from distributed import Security

    protocol = scheduler.rpartition("://")[0] or "tcp"
    if protocol not in _PROTOCOLS:
        raise ClusterError(
            f"--scheduler {scheduler}: no way {protocol!r} to a scheduler; write tcp://HOST:PORT"
        )
    if _PROTOCOLS[protocol] and not Security().get_connection_args("client").get("ssl_context"):
        raise ClusterError(
            f"--scheduler {scheduler}: certificates are not set up here (distributed.comm.tls of "
            "Dask's configuration); set them up, or write tcp://HOST:PORT"
        )


def versions() -> dict[str, str]:
    """Give the versions on which answers may depend."""
    import pyproj
    import shapely

    return {
        "geoasm": geoasm.__version__,
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "GEOS": shapely.geos_version_string,
        "PROJ": pyproj.proj_version_str,
        **{name: metadata.version(name) for name in _PACKAGES},
    }


def _check_workers(client: Client, where: str, addresses: list[str]) -> None:
    """Make sure that workers run what this process runs."""
    here = versions()
    told = client.run(versions, workers=addresses, on_error="return")
    for address, there in told.items():
        if isinstance(there, OSError):  # it is gone again
            continue
        if isinstance(there, BaseException):
            raise ClusterError(
                f"{where}: the worker at {address} has no usable geoasm ({there}): install "
                f"geoasm[scale] {here['geoasm']} where it runs"
            ) from there
        for name, version in here.items():
            if there.get(name) != version:
                raise ClusterError(
                    f"{where}: the worker at {address} has {name} {there.get(name)}, this "
                    f"machine {version}: install the same environment on both"
                )


@dataclass(frozen=True)
class _Sealed:
    """A part that Dask does not look into, whatever it is made of."""

    part: Any


@dataclass
class _Sent:
    """A part at work."""

    part: _Sealed
    future: Future[Any]


class _Cluster:
    """Workers behind a client of Dask."""

    def __init__(self, client: Client, where: str, tell: Callable[[int, int | None], None]) -> None:
        self._client, self._where, self._tell = client, where, tell
        self._seen = set(client.nthreads())

    def cut(self, n: int) -> int:
        """Give each worker several parts, and none too many rows."""
        return max(_PARTS_PER_WORKER * max(len(self._seen), 1), -(-n // _ROWS_PER_PART))

    def map(
        self, task: Callable[[Shared, Part], Done], shared: Shared, parts: Iterable[Part]
    ) -> Iterator[Done]:
        """Run a task on each part, as many at a time as keep every worker busy."""
        job = _Job(self._client, task, shared)
        total = len(parts) if isinstance(parts, Sized) else None
        at_work: deque[_Sent] = deque()
        n = 0
        try:
            for part in parts:
                sealed = _Sealed(part)
                at_work.append(_Sent(sealed, job.send(sealed)))
                if len(at_work) >= _PARTS_PER_WORKER * max(len(self._seen), 1):
                    n += 1
                    yield self._next(job, at_work)
                    self._tell(n, total)
            while at_work:
                n += 1
                yield self._next(job, at_work)
                self._tell(n, total)
        finally:
            self._client.cancel([sent.future for sent in at_work])

    def _next(self, job: _Job, at_work: deque[_Sent]) -> Any:
        """Give the result of the part that was sent first."""
        from distributed import CancelledError, KilledWorker

        for _ in range(_LOSSES):
            try:
                done = self._wait(at_work[0].future)
            except KilledWorker as err:
                raise ClusterError(
                    f"{self._where}: a part of the work ended {err.allowed_failures + 1} workers, "
                    "for want of memory most likely: give each more of it, or start fewer"
                ) from err
            except CancelledError:
                # All workers that held what the parts share are gone: it is sent again.
                self._watch()
                job.share()
                for sent in at_work:
                    if sent.future.cancelled():
                        sent.future = job.send(sent.part)
            else:
                self._watch()
                at_work.popleft()
                return done
        raise ClusterError(f"{self._where}: all workers were lost {_LOSSES} times: see their logs")

    def _wait(self, future: Future[Any]) -> Any:
        """Wait for a result, for as long as there are workers that may give it."""
        since = time.monotonic()
        while True:
            try:
                return future.result(timeout=_LOOK_SECONDS)
            except TimeoutError:
                if future.done():  # the error is the task's own, or it ended this very moment
                    return future.result()
                if self._watch():
                    since = time.monotonic()
                elif time.monotonic() - since > _WITHOUT_WORKERS_SECONDS:
                    raise ClusterError(
                        f"{self._where}: no worker is left; start some, and run again"
                    ) from None

    def _watch(self) -> bool:
        """Say which workers are gone, look at those that came; tell whether there are any."""
        try:
            now = set(self._client.nthreads())
        except (OSError, RuntimeError) as err:
            raise ClusterError(f"{self._where}: the scheduler is gone; run again") from err
        for address in sorted(self._seen - now):
            log.warning("worker %s is lost: what it had to do goes to another", address)
        joined, self._seen = sorted(now - self._seen), now
        if joined:
            _check_workers(self._client, self._where, joined)
        return bool(now)


class _Job:
    """A task, and what all its parts share, on the workers."""

    def __init__(self, client: Client, task: Callable[[Any, Any], Any], shared: Any) -> None:
        self._client, self._task, self._shared = client, task, shared
        self._way = engine.chosen()
        self.share()

    def share(self) -> None:
        """Put what all parts share on every worker, so that it survives any of them."""
        (self._held,) = self._client.scatter([self._shared], broadcast=True, hash=False)

    def send(self, part: _Sealed) -> Future[Any]:
        """Set a worker to work on a part."""
        name = str(self._held.key)
        return self._client.submit(_work, self._task, name, self._held, part, self._way, pure=False)


_kept: dict[str, Any] = {}  # what the parts of the job at work share, by its name


def _work(
    task: Callable[[Any, Any], Any], name: str, shared: Any, sealed: _Sealed, way: str
) -> Any:
    with _one_at_a_time, engine.use(way):
        if name not in _kept:
            # Dask takes back what several workers hold, and brings it again: without its index.
            _kept.clear()
            _kept[name] = shared
        return task(_kept[name], sealed.part)
