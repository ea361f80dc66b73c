"""What has arrived, kept beside the target until the download is whole."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from math import inf
from pathlib import Path
from typing import IO, Any

from geoasm.errors import FetchError, OutputError
from geoasm.io.refusals import describe_refusal

if sys.platform != "win32":
    import fcntl

log = logging.getLogger(__name__)

_PLAN = "plan.json"
_LOCK = "lock"


class Parts:
    """
    The folder `FILE.parts` of one download: its plan, and the parts that are whole.

    The plan is what was asked of which service, and what the service said of itself then.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def plan(self) -> dict[str, Any] | None:
        """
        Read the plan that the folder was begun with.

        Raises
        ------
        FetchError
            The folder holds something else.
        """
        try:
            plan = json.loads((self.folder / _PLAN).read_text(encoding="utf-8"))
        except FileNotFoundError:
            strange = [p.name for p in self.folder.iterdir() if p.name != _LOCK]
            if strange:
                raise self._foreign() from None
            return None
        except ValueError as err:
            raise self._foreign() from err
        return dict(plan) if isinstance(plan, dict) else None

    def _foreign(self) -> FetchError:
        return FetchError(
            f"{self.folder.name} holds no parts of a download; move it away, or choose another --out"
        )

    def begin(self, plan: Mapping[str, Any]) -> None:
        """Empty the folder, and write the plan of a new download."""
        self.empty()
        text = json.dumps(plan, ensure_ascii=False, indent=1, sort_keys=True)
        self.write(_PLAN, text.encode("utf-8"))

    def empty(self) -> None:
        """Delete what has arrived, and the plan."""
        for path in self.folder.iterdir():
            if path.name != _LOCK:
                path.unlink()

    def write(self, name: str, content: bytes) -> Path:
        """Write a part whole or not at all."""
        path, scratch = self.folder / name, self.folder / f".{name}.partial"
        try:
            with scratch.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            return scratch.replace(path)
        except OSError as err:
            raise OutputError(f"cannot write {path}: {describe_refusal(err)}") from err

    def named(self, suffix: str) -> list[Path]:
        """List the parts of a kind, sorted by name."""
        kept = (p for p in self.folder.iterdir() if p.name != _PLAN and p.name[0] != ".")
        return sorted(p for p in kept if p.suffix == suffix)

    def held(self) -> bool:
        """Tell whether anything has arrived."""
        return any(p.name not in (_LOCK, _PLAN) for p in self.folder.iterdir())

    def size(self) -> int:
        """Tell how many bytes are kept."""
        return sum(p.stat().st_size for p in self.folder.iterdir())

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def kept_beside(target: Path) -> Iterator[Parts]:
    """
    Open the folder of parts of a target for this process alone.

    Raises
    ------
    FetchError
        Another process is at it.
    OutputError
        The disk refuses.
    """
    folder = target.with_name(f"{target.name}.parts")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / _LOCK).open("w")
    except OSError as err:
        raise OutputError(f"cannot write {folder}: {describe_refusal(err)}") from err
    with lock:
        _hold(lock, folder)
        try:
            yield Parts(folder)
        finally:
            with suppress(OSError):
                if not Parts(folder).held():
                    shutil.rmtree(folder)  # nothing has arrived: leave nothing behind


def _hold(lock: IO[str], folder: Path) -> None:
    if sys.platform == "win32":  # which has no such locks
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as err:
        raise FetchError(f"another download is writing {folder.name}; wait for it to end") from err


def take_up(
    parts: Parts,
    asked: Mapping[str, Any],
    found: Mapping[str, Any],
    started_at: str,
    *,
    max_age_h: float,
) -> str:
    """
    Go on with a download of the same thing, or begin one.

    Parameters
    ----------
    asked
        What is downloaded; parts of anything else stay untouched.
    found
        What the service says of its rows; where that has changed, the download starts anew.
    started_at
        The present, for a download that begins.
    max_age_h
        Older parts are not gone on with: a service of another day is another.

    Returns
    -------
    started_at
        When the download was begun.

    Raises
    ------
    FetchError
        The folder holds parts of another download.
    """
    former = parts.plan()
    if former is not None and former.get("asked") != asked:
        other = (former.get("asked") or {}).get("source", "something else")
        raise FetchError(
            f"{parts.folder.name} holds parts of another download ({other}, begun"
            f" {former.get('started_at')}); delete it, or choose another --out"
        )
    is_old = (
        former is not None and not 0 <= _hours(former.get("started_at"), started_at) <= max_age_h
    )
    if former is not None and former.get("found") == found and not is_old:
        if parts.held():
            log.info("going on with the download begun %s", former["started_at"])
        return str(former["started_at"])
    if former is not None and parts.held():
        log.warning(
            "%s since the download was begun %s: it starts anew",
            f"over {max_age_h:g} hours have passed" if is_old else "the service has changed",
            former.get("started_at"),
        )
    begin(parts, asked, found, started_at)
    return started_at


def begin(
    parts: Parts, asked: Mapping[str, Any], found: Mapping[str, Any], started_at: str
) -> None:
    """Throw away what has arrived, and begin a download."""
    parts.begin({"asked": asked, "found": found, "started_at": started_at})


def _hours(begun: Any, now: str) -> float:
    try:
        passed = datetime.fromisoformat(now) - datetime.fromisoformat(str(begun))
    except (ValueError, TypeError):
        return inf  # nobody knows how old it is
    return passed.total_seconds() / 3600


def digest_of(paths: list[Path]) -> str:
    """Give one SHA-256 for files in their order."""
    total = hashlib.sha256()
    for path in paths:
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
