"""Connections to PostgreSQL, whose errors teach in one line and never show a password."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from geoasm.errors import GeoasmError, MissingExtra, OptionError
from geoasm.io.database_url import DatabaseUrl, scrub

if TYPE_CHECKING:
    import psycopg
    import sqlalchemy

# PostGIS's types and functions by their bare names, wherever they were installed.
REACH_POSTGIS = """
SELECT set_config('search_path', current_setting('search_path') || ', ' || quote_ident(n.nspname), true)
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'postgis'"""

_CONNECT_SECONDS = 10
_AGAIN = "somebody else is at work on it: try again later"
_TAKEN = "something else there has that name: name another schema, as in ?schema=NAME"
# By SQLSTATE, or the class that are its first two signs.
_MENDED_BY = {
    "08": "see that the server runs, and try again",
    "22021": "its text is in no encoding that the server knows; copy it into a database in UTF8, "
    "as with pg_dump --encoding=LATIN1",
    "23505": _AGAIN,  # keys are unique before they are sent: two make one schema at once
    "25006": "name a server, or a view, that lets this be done",
    "2BP01": "drop what depends on it, views for one, and make it again afterwards",
    "40": _AGAIN,
    "42501": "ask its owner for the right (GRANT)",
    "42710": _TAKEN,
    "42P06": _AGAIN,
    "42P07": _TAKEN,
    "53": "the server is short of room: ask who runs it",
    "55P03": _AGAIN,
    "57": "the server stopped it: see that it runs and lets this take its time, and try again",
    "58": "the server's disk fails: ask who runs it",
    "XX": "the server itself fails: ask who runs it",
}


@contextmanager
def connect(url: DatabaseUrl, error: type[GeoasmError]) -> Iterator[psycopg.Connection[Any]]:
    """
    Open a connection for one transaction: committed when the block ends well, else undone.

    Parameters
    ----------
    error
        Class of the error for what the server refuses.

    Raises
    ------
    MissingExtra, OptionError, GeoasmError
        No driver is installed; libpq does not read the URL; the server cannot be reached or
        refuses.
    """
    place, password = _told(url)
    with _translated(place, password, error), _opened(url, place, password, error) as connection:
        yield connection


@contextmanager
def transact(url: DatabaseUrl, error: type[GeoasmError]) -> Iterator[sqlalchemy.Connection]:
    """Open the same for SQLAlchemy; see `connect`."""
    place, password = _told(url)
    try:
        from sqlalchemy import create_engine, exc
        from sqlalchemy.pool import NullPool
    except ImportError as err:
        raise missing_extra() from err
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: _opened(url, place, password, error),
        poolclass=NullPool,
    )
    with _translated(place, password, error):
        try:
            with engine.begin() as connection:
                yield connection
        except exc.DBAPIError as err:
            raise err.orig or err from None


def missing_extra() -> MissingExtra:
    """Give the error that names what to install."""
    return MissingExtra("databases need an optional driver: pip install 'geoasm[postgis]'")


def _told(url: DatabaseUrl) -> tuple[str, str]:
    """Give the place as messages name it, and the password that they must not show."""
    try:
        import psycopg
    except ImportError as err:
        raise missing_extra() from err
    try:
        known = psycopg.conninfo.conninfo_to_dict(url.dsn)
    except psycopg.ProgrammingError as err:
        # other complaints of libpq quote the URL itself
        detail = scrub(str(err)).strip() if "query parameter" in str(err) else "its form is wrong"
        raise OptionError(
            f"PostgreSQL does not read this database URL ({detail}); "
            "write it as postgresql://user@host/database"
        ) from None
    place = f"database {known.get('dbname') or 'of the user'} at {known.get('host') or 'localhost'}"
    return place, str(known.get("password") or "")


def _opened(
    url: DatabaseUrl, place: str, password: str, error: type[GeoasmError]
) -> psycopg.Connection[Any]:
    import psycopg

    known = psycopg.conninfo.conninfo_to_dict(url.dsn)
    patience = known.get("connect_timeout") or _CONNECT_SECONDS
    try:
        patience = int(patience)
    except ValueError:
        raise OptionError("connect_timeout= in a database URL takes whole seconds") from None
    try:
        return psycopg.connect(url.dsn, client_encoding="UTF8", connect_timeout=patience)
    except psycopg.Error as err:
        raise error(
            f"cannot connect to {place}: {_first_line(err, password)}; "
            "check the URL, and the password in PGPASSWORD or ~/.pgpass"
        ) from None


@contextmanager
def _translated(place: str, password: str, error: type[GeoasmError]) -> Iterator[None]:
    import psycopg

    try:
        yield
    except psycopg.Error as err:
        # what the server could not say any more has no state
        state = err.sqlstate or ("08" if isinstance(err, psycopg.OperationalError) else "")
        mended_by = _MENDED_BY.get(state) or _MENDED_BY.get(state[:2])
        hint = f"; {mended_by}" if mended_by else ""
        raise error(f"{place}: {_first_line(err, password)}{hint}") from None


def _first_line(err: Exception, password: str) -> str:
    line = next(iter(str(err).splitlines()), type(err).__name__)
    for opening in ("connection failed: ", "connection is bad: "):
        line = line.removeprefix(opening)
    return scrub(line.replace(password, "…") if password else line)
