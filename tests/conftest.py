"""What every test stands on: no network, and the real layers where they lie beside the checkout."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis.internal.conjecture import providers

from geoasm.cli.terminal import shown_deep
from geoasm.kernels import engine

ROOT = Path(__file__).parents[1]

# A slow machine is no failure; the same examples every time keep a failure repeatable.
hypothesis.settings.register_profile("geoasm", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("geoasm")
if "FUZZ" not in os.environ:
    # It would also draw constants of the modules loaded so far: other examples in every order of tests.
    providers._get_local_constants = lambda: providers._local_constants

# numba keeps compiled loops by the file of each, and misses changes in the files that it calls.
LOOPS = hashlib.sha256(
    b"".join(path.read_bytes() for path in sorted((ROOT / "geoasm/kernels").glob("*.py")))
).hexdigest()[:12]
os.environ.setdefault("NUMBA_CACHE_DIR", str(ROOT / ".pytest_cache" / f"loops-{LOOPS}"))

# PROJ would fetch grids over its own sockets, past the guard below.
os.environ["PROJ_NETWORK"] = "OFF"


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if self.family != socket.AF_UNIX and host not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test reached for the network: {address!r}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def sample() -> Path:
    """Folder of the embedded sample."""
    return ROOT / "data" / "sample"


@pytest.fixture(scope="session")
def real() -> Path:
    """Folder of the real layers, which are not part of the repository."""
    folder = ROOT.parent / "shared" / "real"
    if not folder.is_dir():
        pytest.skip("the real layers are not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A private PostgreSQL with PostGIS (tests.databases.Server)."""
    from tests.databases import serve

    with serve() as running:
        yield running


@pytest.fixture
def database(postgres: Any) -> Iterator[Any]:
    """A database of one test's own, with PostGIS in it (tests.databases.Database)."""
    made = postgres.database()
    yield made
    postgres.drop(made)


@pytest.fixture(scope="module", params=["shapely", "numba"])
def way(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run every test that asks for it by shapely and through the compiled loops."""
    with engine.use(request.param):
        yield request.param


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """Let no text that is no UTF-8 end the process that gathers reports."""
    return shown_deep((yield))
