"""Archives of a service: downloaded with resume, tested, read, and joined into one layer."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import httpx
import numpy as np
import pandas as pd

from geoasm.errors import FetchError
from geoasm.geometry import crs_label
from geoasm.io.fetch.client import Client, Refusal, ServerTrouble
from geoasm.io.fetch.limits import MB
from geoasm.io.fetch.package import Provenance
from geoasm.io.fetch.parts import Parts, digest_of, take_up
from geoasm.io.fetch.rows import Rows, data_days, in_crs, without_repeats
from geoasm.io.fetch.server import Download, tell_repeats, told
from geoasm.io.layers import read_layer
from geoasm.model import CrsPlan, RawLayer
from geoasm.profile.services import Service

Say = Callable[[str], None]

_FILE = "_file"
_RANGE_NOT_THERE = 416


def fetch_archives(
    service: Service, plan: CrsPlan, client: Client, parts: Parts, *, say: Say
) -> Download:
    """
    Download the files of a service, and join their rows.

    Raises
    ------
    FetchError
        A file cannot be had whole, or a cap is reached; what has arrived is kept.
    InputError
        A file is whole, and cannot be read.
    """
    asked = {"source": service.name, "urls": list(service.urls)}
    started_at = take_up(parts, asked, {}, client.clock.stamp())
    paths = [_save(client, url, parts, say) for url in service.urls]
    say("reading the files")
    layers = [read_layer(str(p), service.role, encoding=service.encoding) for p in paths]
    rows = _joined([_spatial(layer) for layer in layers], service, plan)
    if service.unique_by:
        rows = without_repeats(rows, service.unique_by)
        tell_repeats(rows, service)
    written = np.bincount(rows.frame[_FILE], minlength=len(layers))
    records = []
    for number, (url, path, layer) in enumerate(zip(service.urls, paths, layers, strict=True)):
        first_on, last_on = data_days(layer.frame, service.updated_column)
        records.append(
            Provenance(
                **told(service),
                url=url,
                layer_name=layer.source.layer or path.stem,
                box=None,
                started_at=started_at,
                finished_at=client.clock.stamp(),
                pages=1,
                server_count=layer.source.rows,
                rows_received=len(layer.frame),
                rows_repeated=len(layer.frame) - int(written[number]),
                rows_written=int(written[number]),
                rows_missing=None,
                crs_served=str(layer.source.crs_read),
                data_first_on=first_on,
                data_last_on=last_on,
                sha256=digest_of([path]),
                credit="",
            )
        )
    return Download(
        rows.frame.drop(columns=_FILE),
        records,
        sum(layer.source.rows for layer in layers),
        sum(len(layer.frame) for layer in layers),
        "records of the files that cannot be read" if any(_cut(x) for x in layers) else "",
    )


def _cut(layer: RawLayer) -> bool:
    return layer.broken is not None


def _spatial(layer: RawLayer) -> gpd.GeoDataFrame:
    frame = layer.frame
    if not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None:
        raise FetchError(
            f"{layer.source.name} has no geometry, or no coordinate system beside it (.prj)"
        )
    return frame.drop(columns="source_row")


def _joined(frames: list[gpd.GeoDataFrame], service: Service, plan: CrsPlan) -> Rows:
    served = ", ".join(dict.fromkeys(crs_label(f.crs) for f in frames))
    moved = [
        in_crs(f, service.out_crs, plan).assign(**{_FILE: number})
        for number, f in enumerate(frames)
    ]
    frame = pd.concat(moved, ignore_index=True)
    return Rows(frame, len(frame), 0, 0, served)


def _save(client: Client, url: str, parts: Parts, say: Say) -> Path:
    name = httpx.URL(url).path.rpartition("/")[2]
    whole, partial = parts.folder / name, parts.folder / f"{name}.part"
    if whole.exists():
        return whole

    def ask() -> Path:
        _receive(client, url, partial, say)
        _check_archive(partial, name)
        return partial.replace(whole)

    return client.persistently(ask)


def _receive(client: Client, url: str, partial: Path, say: Say) -> None:
    """Take the bytes that are still to come, if the file is still the one that was begun."""
    mark = partial.with_name(f"{partial.name}.mark")
    have, version = _begun(partial, mark)
    headers = {"Accept-Encoding": "identity"}
    if version:
        headers |= {"Range": f"bytes={have}-", "If-Range": version}
    try:
        with client.answer(url, {}, headers) as response:
            goes_on = response.status_code == httpx.codes.PARTIAL_CONTENT
            if goes_on and not _starts_at(response, have):
                partial.unlink()
                raise ServerTrouble(f"{response.url.host} goes on at another place than asked")
            if not goes_on:
                mark.write_text(json.dumps(_version(response)), encoding="utf-8")
                have = 0
            total = have + int(response.headers.get("Content-Length", -1 - have))
            with partial.open("ab" if goes_on else "wb") as file:
                for block in client.chunks(response.iter_raw()):
                    file.write(block)
                    _tell(partial, file.tell(), total, say)
    except Refusal as err:
        if err.status != _RANGE_NOT_THERE:
            raise
        partial.unlink(missing_ok=True)
        raise ServerTrouble(str(err)) from err
    if 0 <= total != partial.stat().st_size:
        raise ServerTrouble(f"{httpx.URL(url).host} broke off {partial.stem}")


def _begun(partial: Path, mark: Path) -> tuple[int, str | None]:
    """Tell how much has arrived, and of which version; nothing counts without a version."""
    try:
        size, version = partial.stat().st_size, json.loads(mark.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return 0, None
    return (size, version) if size and isinstance(version, str) else (0, None)


def _version(response: httpx.Response) -> str | None:
    tag: str = response.headers.get("ETag", "")
    if tag and not tag.startswith("W/"):  # a weak one promises no equal bytes
        return tag
    changed: str | None = response.headers.get("Last-Modified")
    return changed


def _starts_at(response: httpx.Response, place: int) -> bool:
    return bool(response.headers.get("Content-Range", "").startswith(f"bytes {place}-"))


def _tell(partial: Path, arrived: int, total: int, say: Say) -> None:
    of = f" of {total / MB:,.1f}" if total >= 0 else ""
    say(f"{partial.stem}: {arrived / MB:,.1f}{of} MB")


def _check_archive(path: Path, name: str) -> None:
    """Make sure that a zip is one and undamaged; else it is thrown away."""
    with path.open("rb") as file:
        page = file.read(1) == b"<"
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip() is not None
    except (zipfile.BadZipFile, EOFError, NotImplementedError, zlib.error, RuntimeError):
        damaged = True
    if damaged:
        path.unlink()
        what = "is a web page, not a zip" if page else "is no zip, or is damaged"
        raise ServerTrouble(f"what the service gives as {name} {what}")
