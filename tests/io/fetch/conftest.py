"""Downloads from this machine, without pauses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from geoasm.codes import Paging, Role, ServiceKind
from geoasm.io.fetch import Clock, Fetched, Limits, fetch
from geoasm.io.profiles import load_profile
from geoasm.profile.services import Service
from tests.io.fetch.map_server import MapServer, running

LIMITS = {"delay_s": 0.0, "first_pause_s": 0.0, "attempts": 3}


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def serve() -> Iterator[Callable[[MapServer], MapServer]]:
    """Starter of servers, which end with the test."""
    with ExitStack() as stack:
        yield lambda server: stack.enter_context(running(server))


def service(url: str, **changes: Any) -> Service:
    """The cadastre's service, at another address."""
    given: dict[str, Any] = {
        "name": "cadastre",
        "titles": {"es": "Catastro", "en": "Cadastre"},
        "role": Role.CONCESSIONS,
        "kind": ServiceKind.ARCGIS,
        "urls": (url,),
        "out_crs": "EPSG:4326",
        "licence": {"es": "No consta.", "en": "None stated."},
        "reference": "planted",
        "verified": False,
        "paging": Paging.ID_RANGES,
        "page_rows": 10,
        "utc_offset_h": -5.0,
        "updated_column": "FECHA_ACTUALIZACION",
        **changes,
    }
    return Service(**given)


@dataclass
class Download:
    """A download into a folder of the test, repeated at will; `pauses` are those asked for (s)."""

    target: Path
    pauses: list[float] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def parts(self) -> Path:
        return self.target.with_name(f"{self.target.name}.parts")

    def __call__(
        self,
        server: MapServer,
        *,
        limits: dict[str, Any] | None = None,
        options: dict[str, Any] | None = None,
        **changes: Any,
    ) -> Fetched:
        return fetch(
            service(server.url, **changes),
            load_profile("pe").crs,
            self.target,
            limits=Limits(**{**LIMITS, **(limits or {})}),
            clock=Clock(sleep=self.pauses.append),
            say=self.said.append,
            **(options or {}),
        )


@pytest.fixture
def download(tmp_path: Path) -> Download:
    """Downloader into a GeoPackage of the test."""
    return Download(tmp_path / "out.gpkg")
