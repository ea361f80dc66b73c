"""What a user writes for a place in a PostgreSQL database, and what of it may be shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from urllib.parse import unquote

from geoasm.errors import OptionError

SCHEMES = ("postgresql://", "postgres://")
TABLE, GEOMETRY, SCHEMA = "table", "geometry", "schema"

_OWN = (TABLE, GEOMETRY, SCHEMA)
_HALF_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# Up to the last @ of the line: a password that was written unescaped may hold any sign. Paths have
# lost one of the slashes.
_CREDENTIALS = re.compile(r"(postgres(?:ql)?:/+[^\s:@/]*):.*@")
_PASSWORD = re.compile(r"((?:ssl)?password=)[^&\s'\"]*")


@dataclass(frozen=True)
class DatabaseUrl:
    """
    A database, and what is meant inside it.

    `dsn` is what libpq takes; it may hold a password, so it is never shown. `said` are geoasm's own
    parameters: `table`, `geometry`, `schema`.
    """

    dsn: str = field(repr=False)
    said: Mapping[str, str]


def is_database(text: str) -> bool:
    """Tell whether a text names a place in a database instead of a file."""
    return text.startswith(SCHEMES)


def parse_url(text: str, allowed: tuple[str, ...]) -> DatabaseUrl:
    """
    Take a URL apart: geoasm's own parameters, and the rest for libpq, as it is.

    Parameters
    ----------
    text
        `postgresql://user@host/database?table=schema.name`.
    allowed
        Own parameters that belong here.

    Raises
    ------
    OptionError
        Signs in user or password are not escaped, or a parameter does not belong here; the text
        shows nothing of user and password.
    """
    address, _, query = text.partition("?")
    scheme, _, place = address.partition("://")
    who, _, _ = place.rpartition("@")
    if "@" in who or "/" in who or "@" in query or _HALF_ESCAPE.search(text):
        raise OptionError(
            "a database URL has a bare @, /, ? or % in user, password or a name: "
            "write them as %40, %2F, %3F and %25, or leave the password to PGPASSWORD or ~/.pgpass"
        )
    said: dict[str, str] = {}
    kept = []
    for part in filter(None, query.split("&")):
        key, _, value = part.partition("=")
        if key in allowed and value and key not in said:
            said[key] = unquote(value)
        elif key in _OWN:
            raise OptionError(_misplaced(key, value, allowed))
        else:
            near = get_close_matches(key, allowed, n=1, cutoff=0.75)
            if near:
                raise OptionError(f"a database URL has no parameter {key}; did you mean {near[0]}?")
            kept.append(part)
    dsn = f"{scheme}://{place}" + (f"?{'&'.join(kept)}" if kept else "")
    return DatabaseUrl(dsn, said)


def _misplaced(key: str, value: str, allowed: tuple[str, ...]) -> str:
    if key not in allowed:
        takes = " and ".join(f"{name}=" for name in allowed)
        return f"{key}= in a database URL has no meaning here; {takes} do"
    return f"{key}= in a database URL {'is given twice' if value else 'names nothing'}"


def without_password(text: str) -> str:
    """Give a database URL as it may be written down: with the user, without any password."""
    address, _, query = text.partition("?")
    scheme, _, place = address.partition("://")
    who, at, where = place.rpartition("@")
    kept = [part for part in query.split("&") if part and not _PASSWORD.match(part)]
    return f"{scheme}://{who.partition(':')[0]}{at}{where}" + (f"?{'&'.join(kept)}" if kept else "")


def scrub(text: str) -> str:
    """Take the passwords out of every database URL in a message."""
    return _PASSWORD.sub(r"\1…", _CREDENTIALS.sub(r"\1:…@", text))
