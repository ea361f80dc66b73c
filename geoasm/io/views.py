"""Views of a database: counted before GDAL, which computes every one as it opens the file."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from functools import partial
from pathlib import Path

from geoasm.errors import UnreadableSource

_LEAST_STEPS = 20_000_000  # that all views of a file may take: some seconds
_STEPS_A_BYTE = 8  # of a larger file; a join of small rows by key takes two
_MOST_SECONDS = 30.0  # of processor, where steps are dear
_STEPS_AT_ONCE = 50
_LEAST_LENGTH = 1 << 20  # of a text that a view may make; of a larger file, all of it
_SCHEMA_UNREAD = "malformed database schema"


def check_views(path: Path) -> None:
    """
    Compute every view of a database, for as long as is in proportion to the file.

    Raises
    ------
    UnreadableSource
        One goes on, or needs what only GDAL has; or what the file says of itself is damaged.
    """
    damaged = f"{path.name} is damaged or cut short; fetch or export it again"
    try:
        try:
            _compute_all(path, "mode=ro")
        except sqlite3.OperationalError as err:
            if err.sqlite_errorcode & 0xFF not in (
                sqlite3.SQLITE_READONLY,
                sqlite3.SQLITE_CANTOPEN,
            ):
                raise
            # a log of changes stands beside it, which cannot be written here: without the log
            _compute_all(path, "mode=ro&immutable=1")
    except UnicodeDecodeError as err:  # of a message that quotes damage
        raise UnreadableSource(damaged) from err
    except sqlite3.Error as err:
        if _SCHEMA_UNREAD in str(err):  # which another SQLite might read
            raise UnreadableSource(damaged) from err
        # other damage is told by who reads the rows


def _compute_all(path: Path, how: str) -> None:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)) as base:
        base.text_factory = partial(str, encoding="utf-8", errors="replace")
        names = base.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall()
        base.text_factory = bytes
        _limit(base, path.stat().st_size)
        for (name,) in names:
            _compute(base, name, path.name)


def _limit(base: sqlite3.Connection, size: int) -> None:
    """Stop what takes too many steps or seconds in all, or makes one text longer than the file."""
    end = time.thread_time() + _MOST_SECONDS
    left = max(_LEAST_STEPS, _STEPS_A_BYTE * size) // _STEPS_AT_ONCE

    def is_enough() -> bool:
        nonlocal left
        left -= 1
        return left < 0 or time.thread_time() > end

    base.set_progress_handler(is_enough, _STEPS_AT_ONCE)
    base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(_LEAST_LENGTH, size))


def _compute(base: sqlite3.Connection, view: str, file: str) -> None:
    quoted = view.replace('"', '""')
    try:
        for _ in base.execute(f'SELECT * FROM "{quoted}"'):
            pass
    except (sqlite3.Error, UnicodeDecodeError) as err:
        code = getattr(err, "sqlite_errorcode", None)
        if code in (sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_TOOBIG) or "\ufffd" in view:
            raise UnreadableSource(
                f"{file}: its view {view!r} may compute rows without end; write it as a table"
            ) from err
        if str(err).startswith(("no such function", "no such module")):
            raise UnreadableSource(
                f"{file}: its view {view!r} needs functions that only other programs have; "
                "write it as a table"
            ) from err
        # no reader can compute it, and each leaves it out
