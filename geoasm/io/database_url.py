"""What a user writes for a place in a PostgreSQL database, and what of it may be shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from urllib.parse import unquote

from geoasm.errors import OptionError

SCHEMES = ("postgresql", "postgres")
TABLE, GEOMETRY, SCHEMA = "table", "geometry", "schema"

_OWN = (TABLE, GEOMETRY, SCHEMA)
_SECRET = ("password", "sslpassword")
# Parameters of libpq that are passed on and may be written down; those that it may learn to know,
# and that hold secrets, are not among them.
_OF_LIBPQ = frozenset(
    (
        *("host", "hostaddr", "port", "dbname", "user", "passfile", "service", "options"),
        *("connect_timeout", "application_name", "fallback_application_name", "client_encoding"),
        *("sslmode", "sslcert", "sslkey", "sslcertmode", "sslrootcert", "sslcrl", "sslcrldir"),
        *("sslsni", "sslcompression", "sslnegotiation", "ssl_min_protocol_version"),
        *("ssl_max_protocol_version", "requiressl", "requirepeer", "require_auth", "ssl"),
        *(
            "min_protocol_version",
            "max_protocol_version",
            "channel_binding",
            "gssencmode",
            "gsslib",
            "gssdelegation",
            "krbsrvname",
        ),
        *("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count"),
        *("tcp_user_timeout", "target_session_attrs", "load_balance_hosts"),
    )
)
# Spellings of other programs too (`postgis://`, `postgresql+psycopg://`): no file is called so.
_DATABASE = re.compile(r"\s*(?:jdbc:)?(?:postg\w*|pgsql|psql|pg)(?:\+\w*)?:/", re.IGNORECASE)
_NAME_BYTES = 63  # of PostgreSQL's names
_HALF_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# Of any scheme, up to the last @ of the line: user and password that were written unescaped may
# hold any sign. Paths have lost one of the slashes.
_CREDENTIALS = re.compile(r"([a-z][a-z0-9+.-]*:/+[^:\n]*):.*@", re.IGNORECASE)
_PARAMETER = re.compile(r"([^\s=?&'\"]+)(\s*=\s*)('[^']*'|\"[^\"]*\"|[^&\s'\"]*)")


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
    """Tell whether a text names a place in a database instead of a file, rightly spelt or not."""
    return _DATABASE.match(text) is not None


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
        It opens otherwise, signs in user or password are not escaped, or a parameter does not
        belong here or is known to nobody; the text shows nothing of user and password.
    """
    address, _, query = text.partition("?")
    scheme, _, place = address.partition("://")
    if scheme.lower() not in SCHEMES:
        raise OptionError(
            "a database URL opens otherwise: write it as postgresql://user@host/database?…"
        )
    who, _, _ = place.rpartition("@")
    if "@" in who or "/" in who or "@" in query or _HALF_ESCAPE.search(text):
        raise OptionError(
            "a database URL has a bare @, /, ? or % in user, password or a name: "
            "write them as %40, %2F, %3F and %25, or leave the password to PGPASSWORD or ~/.pgpass"
        )
    said: dict[str, str] = {}
    kept = []
    for key, value in _parameters(query):
        if key in allowed and value and key not in said:
            said[key] = _name(key, unquote(value))
        elif key in _OWN:
            raise OptionError(_misplaced(key, value, allowed))
        elif key in _OF_LIBPQ or key in _SECRET:
            kept.append(f"{key}={value}")
        else:
            raise OptionError(_unknown(key, allowed))
    # libpq takes the scheme in small letters only
    return DatabaseUrl(_joined(f"{scheme.lower()}://{place}", kept), said)


def _parameters(query: str) -> Iterator[tuple[str, str]]:
    """Give each key as libpq understands it, unescaped, with its value as it is written."""
    for part in filter(None, query.split("&")):
        key, _, value = part.partition("=")
        yield unquote(key), value


def _joined(address: str, parts: list[str]) -> str:
    return f"{address}?{'&'.join(parts)}" if parts else address


def _name(key: str, value: str) -> str:
    if "\0" in value:
        raise OptionError(f"{key}= in a database URL holds %00, which no name has; leave it out")
    if key == SCHEMA and len(value.encode()) > _NAME_BYTES:
        raise OptionError(
            f"{key}= in a database URL names {len(value.encode())} bytes, and PostgreSQL's names "
            f"have {_NAME_BYTES} at most; choose a shorter one"
        )
    return value


def _misplaced(key: str, value: str, allowed: tuple[str, ...]) -> str:
    if key not in allowed:
        takes = " and ".join(f"{name}=" for name in allowed)
        return f"{key}= in a database URL has no meaning here; {takes} do"
    return f"{key}= in a database URL {'is given twice' if value else 'names nothing'}"


def _unknown(key: str, allowed: tuple[str, ...]) -> str:
    near = get_close_matches(key, (*allowed, *sorted(_OF_LIBPQ)), n=1, cutoff=0.75)
    hint = f"did you mean {near[0]}?" if near else "leave it out, or see PostgreSQL's own list"
    return f'a database URL has no parameter "{" ".join(key.split())}"; {hint}'


def without_password(text: str) -> str:
    """Give a URL as it may be written down: with the user, without any password."""
    address, _, query = text.partition("?")
    scheme, _, place = address.partition("://")
    who, at, where = place.rpartition("@")
    known = {*_OF_LIBPQ, *_OWN} if is_database(text) else None
    kept = [
        f"{key}={value}"
        for key, value in _parameters(query)
        if (key in known if known is not None else key.lower() not in _SECRET)
    ]
    return _joined(f"{scheme}://{who.partition(':')[0]}{at}{where}", kept)


def scrub(text: str) -> str:
    """Take the passwords out of every URL in a message."""
    return _PARAMETER.sub(_hidden, _CREDENTIALS.sub(r"\1:…@", text))


def _hidden(found: re.Match[str]) -> str:
    key, sign, _ = found.groups()
    # the key may hang on to a sign before it, as in (password=…
    return f"{key}{sign}…" if unquote(key).lower().endswith(_SECRET) else found[0]
