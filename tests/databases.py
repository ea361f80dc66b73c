"""A private PostgreSQL with PostGIS for the tests: own folder, own socket, no port, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import geopandas as gpd
import pandas as pd
import psycopg
import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

USER, LOCKED = "tester", "locked"  # LOCKED must give its password, USER need not
PASSWORD = "p4ß/w@rd?"  # as bad for a URL as any
_SHELVES = (Path("/usr/lib/postgresql"), Path("/usr/pgsql"), Path("/opt/homebrew/opt/postgresql"))
_CONTROL = "extension/postgis.control"
_NUMBERS = count(1)


@dataclass(frozen=True)
class Database:
    """One database of the server."""

    name: str
    socket: Path

    def url(self, table: str | None = None, *, user: str = USER, **said: str) -> str:
        """Give the URL as a user writes it, with a password in it."""
        own = {"table": table, **said} if table is not None else said
        query = "".join(f"&{key}={quote(value, safe='')}" for key, value in own.items())
        password = quote(PASSWORD, safe="")
        return f"postgresql://{user}:{password}@/{self.name}?host={self.socket}{query}"

    def run(self, *statements: str) -> None:
        """Run SQL."""
        with psycopg.connect(self.url()) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Run SQL and give its rows."""
        with psycopg.connect(self.url()) as connection:
            return connection.execute(statement.encode()).fetchall()

    def fill(
        self, table: str, frame: pd.DataFrame, *, key: str | None = None, schema: str | None = None
    ) -> None:
        """Put a frame into a table as geopandas and pandas do; `key` makes a primary key."""
        engine = create_engine(
            "postgresql+psycopg://",
            creator=lambda: psycopg.connect(self.url()),
            poolclass=NullPool,
        )
        if isinstance(frame, gpd.GeoDataFrame):
            frame.to_postgis(table, engine, schema=schema)
        else:
            frame.to_sql(table, engine, schema=schema, index=False)
        engine.dispose()
        if key is not None:
            self.run(f'ALTER TABLE "{table}" ADD PRIMARY KEY ("{key}")')


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    socket: Path

    def database(self, *, postgis: bool = True, encoding: str = "UTF8") -> Database:
        """Make a database of its own; one of another encoding has no PostGIS yet."""
        name = f"cadastre_{next(_NUMBERS)}"
        template = "with_postgis" if postgis else "template0"
        with psycopg.connect(Database("postgres", self.socket).url(), autocommit=True) as admin:
            admin.execute(
                f"CREATE DATABASE {name} TEMPLATE {template} ENCODING '{encoding}'".encode()
            )
        return Database(name, self.socket)

    def drop(self, database: Database) -> None:
        """Give the room of a database back."""
        with psycopg.connect(Database("postgres", self.socket).url(), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {database.name} WITH (FORCE)".encode())


def programs() -> Path | None:
    """Folder of the server's programs, the newest that has PostGIS; None where there is none."""
    found = shutil.which("initdb")
    shelves = sorted(p / "bin" for shelf in _SHELVES for p in shelf.glob("*"))
    for folder in [*([Path(found).parent] if found else []), *reversed(shelves)]:
        told = (
            subprocess.run(
                [folder / "pg_config", "--sharedir"], capture_output=True, text=True, check=False
            )
            if (folder / "pg_config").is_file()
            else None
        )
        beside = Path("/usr/share/postgresql") / folder.parent.name
        shares = [beside, *([Path(told.stdout.strip())] if told else [])]
        if (folder / "initdb").is_file() and any((s / _CONTROL).is_file() for s in shares):
            return folder
    return None


@contextmanager
def serve() -> Iterator[Server]:
    """Run a server while the block lasts."""
    folder = programs()
    if folder is None:
        if os.environ.get("GEOASM_REQUIRE_POSTGIS") == "1":
            pytest.fail("GEOASM_REQUIRE_POSTGIS=1 and there is no PostgreSQL with PostGIS")
        pytest.skip("there is no PostgreSQL with PostGIS")
    # a socket's path is short, and a server refuses to be root
    place = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    place.chmod(0o755)
    owner = _owner()
    if owner is not None:
        os.chown(place, owner.pw_uid, owner.pw_gid)

    def call(program: str, *arguments: str) -> None:
        as_owner: dict[str, Any] = {}
        if owner is not None:
            as_owner = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        subprocess.run(
            [folder / program, "-D", place / "data", *arguments],
            cwd=place,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(place)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            **as_owner,
        )

    try:
        call("initdb", "-A", "trust", "-U", USER, "-E", "UTF8", "--locale=C", "--no-sync")
        access = place / "data" / "pg_hba.conf"
        access.write_text(f"local all {LOCKED} scram-sha-256\nlocal all all trust\n")
        settings = f"-F -c listen_addresses='' -c unix_socket_directories={place}"
        call("pg_ctl", "-w", "-l", str(place / "log"), "-o", settings, "start")
        try:
            yield _ready(Server(place))
        finally:
            call("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _owner() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return pytest.skip("there is no user that may run a server")


def _ready(server: Server) -> Server:
    first = Database("postgres", server.socket).url()
    with psycopg.connect(first, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {LOCKED} LOGIN PASSWORD '{PASSWORD}'".encode())
        admin.execute("CREATE DATABASE with_postgis")
    Database("with_postgis", server.socket).run("CREATE EXTENSION postgis")
    return server
