"""Archives of a service: downloaded with resume, tested, read, and joined into one layer."""

from __future__ import annotations

import json
import logging
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import geopandas as gpd
import httpx
import numpy as np
import pandas as pd

from geoasm.errors import FetchError, InputError
from geoasm.io.fetch.client import Client, Refusal, ServerTrouble
from geoasm.io.fetch.columns import distinct_names, tell_renamed
from geoasm.io.fetch.limits import MB
from geoasm.io.fetch.package import Provenance
from geoasm.io.fetch.parts import Parts, digest_of, take_up
from geoasm.io.fetch.rows import Rows, data_days, in_crs, without_repeats
from geoasm.io.fetch.server import Download, tell_repeats, told
from geoasm.io.fetch.whereabouts import tell_outside
from geoasm.io.layers import read_layer
from geoasm.model import CrsPlan, RawLayer
from geoasm.profile.services import Service

log = logging.getLogger(__name__)

Say = Callable[[str], None]

_FILE = "geoasm_file"
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
    age_h = client.limits.max_age_h
    started_at = take_up(parts, asked, {}, client.clock.stamp(), max_age_h=age_h)
    paths = [_save(client, url, parts, say) for url in service.urls]
    say("reading the files")
    files = [_read(path, service, plan) for path in paths]
    layers = [layer for layer, _ in files]
    rows = _joined([frame for _, frame in files], layers)
    tell_outside(rows.frame, plan)
    if service.unique_by:
        rows = without_repeats(rows, service.unique_by, (_FILE, *service.copies_differ_in))
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
        repeated=rows.alike,
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


def _read(path: Path, service: Service, plan: CrsPlan) -> tuple[RawLayer, gpd.GeoDataFrame]:
    """Read a zip into the system asked for; one that cannot be used is not kept."""
    try:
        layer = read_layer(str(path), service.role, encoding=service.encoding)
        return layer, in_crs(_spatial(layer), service.out_crs, plan)
    except (FetchError, InputError) as err:
        path.unlink()
        _mark_of(path.with_name(f"{path.name}.part")).unlink(missing_ok=True)
        raise FetchError(f"{path.name} cannot be used, and is not kept: {err}") from err


def _joined(frames: list[gpd.GeoDataFrame], layers: list[RawLayer]) -> Rows:
    served = ", ".join(dict.fromkeys(str(layer.source.crs_read) for layer in layers))
    columns = (c for frame in frames for c in frame.columns.drop(frame.geometry.name))
    names = distinct_names(dict.fromkeys(columns))
    tell_renamed(names)
    frame = pd.concat(
        [f.rename(columns=names).assign(**{_FILE: n}) for n, f in enumerate(frames)],
        ignore_index=True,
    )
    return Rows(frame, len(frame), served)


def _save(client: Client, url: str, parts: Parts, say: Say) -> Path:
    name = httpx.URL(url).path.rpartition("/")[2]
    whole, partial = parts.folder / name, parts.folder / f"{name}.part"
    if whole.exists():
        if client.persistently(lambda: _is_current(client, url, whole, _mark_of(partial))):
            client.budget.unpack(_unpacked(whole))
            return whole
        log.warning("%s has another version than the one kept: it is downloaded anew", name)
        whole.unlink()

    def ask() -> Path:
        _receive(client, url, partial, say)
        _check_archive(client, partial, name)
        return partial.replace(whole)

    return client.persistently(ask)


def _is_current(client: Client, url: str, whole: Path, mark: Path) -> bool:
    """Ask whether the service still has the version that is kept."""
    kept = _Version.read(mark)
    headers = {"Accept-Encoding": "identity"}
    if kept.etag:
        headers["If-None-Match"] = kept.etag
    elif kept.modified:
        headers["If-Modified-Since"] = kept.modified
    with client.answer(url, {}, headers) as response:
        if response.status_code == httpx.codes.NOT_MODIFIED:
            return True
        now = _Version.of(response)
    same_length = now.length in (None, whole.stat().st_size)
    return same_length and (now.etag, now.modified) == (kept.etag, kept.modified)


def _mark_of(partial: Path) -> Path:
    return partial.with_name(f"{partial.name}.mark")


def _unpacked(path: Path) -> int:
    with zipfile.ZipFile(path) as archive:
        return sum(entry.file_size for entry in archive.infolist())


def _receive(client: Client, url: str, partial: Path, say: Say) -> None:
    """Take the bytes that are still to come, if the file is still the one that was begun."""
    mark = _mark_of(partial)
    have, version = _begun(partial, mark)
    headers = {"Accept-Encoding": "identity"}
    if version:
        headers |= {"Range": f"bytes={have}-", "If-Range": version}
    try:
        with client.answer(url, {}, headers) as response:
            goes_on = response.status_code == httpx.codes.PARTIAL_CONTENT
            if goes_on and not _starts_at(response, have):
                partial.unlink(missing_ok=True)
                raise ServerTrouble(f"{response.url.host} goes on at another place than asked")
            if not goes_on:
                _Version.of(response).write(mark)
                have = 0
            length = _Version.of(response).length
            total = -1 if length is None else have + length
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
    size, version = partial.stat().st_size if partial.exists() else 0, _Version.read(mark).firm
    return (size, version) if size and version else (0, None)


@dataclass(frozen=True)
class _Version:
    """What a server says of the version of a file."""

    etag: str | None = None
    modified: str | None = None
    length: int | None = None

    @staticmethod
    def of(response: httpx.Response) -> _Version:
        said, length = response.headers, response.headers.get("Content-Length", "")
        number = int(length) if length.isdecimal() else None
        return _Version(said.get("ETag"), said.get("Last-Modified"), number)

    @staticmethod
    def read(mark: Path) -> _Version:
        try:
            return _Version(**json.loads(mark.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return _Version()

    def write(self, mark: Path) -> None:
        mark.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @property
    def firm(self) -> str | None:
        """Give what promises equal bytes; a weak tag does not."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.modified


def _starts_at(response: httpx.Response, place: int) -> bool:
    return bool(response.headers.get("Content-Range", "").startswith(f"bytes {place}-"))


def _tell(partial: Path, arrived: int, total: int, say: Say) -> None:
    of = f" of {total / MB:,.1f}" if total >= 0 else ""
    say(f"{partial.stem}: {arrived / MB:,.1f}{of} MB")


def _check_archive(client: Client, path: Path, name: str) -> None:
    """Make sure that a zip is one, undamaged and not too large; else it is thrown away."""
    size = 0
    with path.open("rb") as file:
        page = file.read(1) == b"<"
    try:
        size = _unpacked(path)
        client.budget.unpack(size)
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip() is not None
    except (zipfile.BadZipFile, EOFError, NotImplementedError, zlib.error, RuntimeError):
        damaged = True
    except FetchError:
        path.unlink()
        _mark_of(path).unlink(missing_ok=True)
        raise
    if damaged:
        path.unlink()
        _mark_of(path).unlink(missing_ok=True)
        client.budget.unpack(-size)
        what = "is a web page, not a zip" if page else "is no zip, or is damaged"
        raise ServerTrouble(f"what the service gives as {name} {what}")
