"""URLs of databases: geoasm's own parameters apart, credentials never shown."""

from __future__ import annotations

import pytest

from geoasm.errors import OptionError
from geoasm.io.database_url import is_database, parse_url, scrub, without_password

SECRET = "hunter2"


def test_own_parameters_are_taken_out_and_the_rest_is_libpqs() -> None:
    url = parse_url(
        "postgresql://ana:pw@h:5433/db?sslmode=require&table=a%20b.%22c%22&geometry=g%26h&port=1",
        ("table", "geometry"),
    )
    assert url.dsn == "postgresql://ana:pw@h:5433/db?sslmode=require&port=1"
    assert url.said == {"table": 'a b."c"', "geometry": "g&h"}


def test_a_url_without_parameters_stays_as_it_is() -> None:
    assert parse_url("postgres:///db", ("schema",)).dsn == "postgres:///db"


def test_what_a_record_shows_of_itself_holds_no_password() -> None:
    assert SECRET not in repr(parse_url(f"postgresql://ana:{SECRET}@h/db?table=t", ("table",)))


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://ana:{SECRET}@home@h/db?table=t",
        f"postgresql://ana:{SECRET}/home@h/db?table=t",
        f"postgresql://ana:{SECRET}?home@h/db?table=t",
        f"postgresql://ana:{SECRET}%zz@h/db?table=t",
    ],
)
def test_bare_signs_are_refused_without_a_word_of_the_password(text: str) -> None:
    with pytest.raises(OptionError, match="%40") as caught:
        parse_url(text, ("table",))
    assert SECRET not in str(caught.value)
    assert "home" not in str(caught.value)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("tabel=t", "did you mean table"),
        ("table=", "names nothing"),
        ("table=t&table=u", "given twice"),
        ("table=t&schema=s", "schema= .* no meaning here; table="),
    ],
)
def test_a_parameter_that_means_nothing_here_is_named(query: str, told: str) -> None:
    with pytest.raises(OptionError, match=told):
        parse_url(f"postgresql://h/db?{query}", ("table", "geometry"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"postgresql://ana:{SECRET}@h/db?table=t", "postgresql://ana@h/db?table=t"),
        (f"postgresql://ana@h/db?password={SECRET}&table=t", "postgresql://ana@h/db?table=t"),
        (f"postgresql://h/db?sslpassword={SECRET}", "postgresql://h/db"),
        ("postgres:///db", "postgres:///db"),
    ],
)
def test_a_url_is_written_down_without_its_password(text: str, said: str) -> None:
    assert without_password(text) == said


@pytest.mark.parametrize(
    "message",
    [
        f"'postgresql://ana:{SECRET}@h/db?table=t' is no role here",
        f"no such file: postgres://ana:{SECRET} with space@h/db",
        f"postgresql://ana:{SECRET}@home@h/db",
        f"odd ?password={SECRET}&table=t",
    ],
)
def test_messages_lose_credentials_and_keep_the_rest(message: str) -> None:
    clean = scrub(message)
    assert SECRET not in clean
    assert "…" in clean
    assert clean.split("postgres")[0].split("?")[0] == message.split("postgres")[0].split("?")[0]


def test_other_messages_stay_as_they_are() -> None:
    assert scrub("a@b: no such file: x.gpkg") == "a@b: no such file: x.gpkg"


def test_only_postgresql_is_a_database() -> None:
    assert is_database("postgres://h/db")
    assert not is_database("postgresql.gpkg")
    assert not is_database("https://h/db")
