"""URLs of databases: geoasm's own parameters apart, credentials never shown."""

from __future__ import annotations

import pytest

from geoasm.errors import OptionError
from geoasm.io.database_url import SCHEMA, is_database, parse_url, scrub, without_password

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
        ("t%61ble=t&table=u", "given twice"),
        ("table=t%00", "%00"),
        ("sslmod=require", "did you mean sslmode"),
        ("colour=red", '"colour"; leave it out'),
        (f"c%6Flour={SECRET}", '"colour"; leave it out'),
        ("scram_client_key=x", '"scram_client_key"'),
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
        (f"postgresql://ana@h/db?p%61ssword={SECRET}&table=t", "postgresql://ana@h/db?table=t"),
        (
            f"postgresql://h/db?%73slpassword={SECRET}&sslmode=require",
            "postgresql://h/db?sslmode=require",
        ),
        (f"postgresql://h/db?colour={SECRET}&t%61ble=t", "postgresql://h/db?table=t"),
        (f"https://ana:{SECRET}@h/x?v=1&p%61ssword={SECRET}", "https://ana@h/x?v=1"),
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
        f"odd ?p%61ssword={SECRET}&table=t",
        f"odd ?PASSWORD={SECRET}",
        f"odd (password={SECRET})",
        f"odd dbname=x password='a {SECRET}' host=h",
        f"no such file: POSTGRESQL://ana:{SECRET}@h/db",
        f"no such file: PostgreSQL:/ana:{SECRET}@h/db",
        f"no such file: postgis://ana:{SECRET}@h/db",
        f"no such file: postgresql+psycopg://ana:{SECRET}@h/db",
        f"no such file: jdbc:postgresql://ana:{SECRET}@h/db",
        f"no such file: mysql://ana:{SECRET}@h/db",
        f"no such file: postgresql://ana@corp.example:{SECRET}@h/db",
        f"no such file: postgresql://ana/x:{SECRET}@h/db",
        f"no such file: postgresql://Ana María:{SECRET}@h/db",
        f"postgresql://ana@h/db and postgresql://ana:{SECRET}@h/db",
    ],
)
def test_messages_lose_credentials_and_keep_the_rest(message: str) -> None:
    clean = scrub(message)
    assert SECRET not in clean
    assert "…" in clean
    before, _, after = clean.partition("…")
    assert message.startswith(before)
    assert message.endswith(after)


def test_other_messages_stay_as_they_are() -> None:
    for message in (
        "a@b: no such file: x.gpkg",
        "https://example.org:8080/a.zip: 404",
        "no such table: t; see postgresql://ana@h:5432/db?sslmode=require",
        "--crs concessions=EPSG:32718: unknown",
    ):
        assert scrub(message) == message


def test_only_postgresql_is_a_database() -> None:
    assert is_database("postgres://h/db")
    assert not is_database("postgresql.gpkg")
    assert not is_database("https://h/db")


WRONG = ("postgis", "PostGIS", "postgresql+psycopg", "postgres+asyncpg", "jdbc:postgresql", "pgsql")


@pytest.mark.parametrize("scheme", WRONG)
def test_other_spellings_of_the_scheme_are_answered_with_the_right_one(scheme: str) -> None:
    text = f"{scheme}://ana:{SECRET}@h/db?table=t"
    assert is_database(text)
    with pytest.raises(OptionError, match="write it as postgresql://") as caught:
        parse_url(text, ("table",))
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("scheme", ["POSTGRESQL", "PostgreSQL", "Postgres"])
def test_capitals_in_the_scheme_mean_nothing(scheme: str) -> None:
    text = f"{scheme}://ana@h/db?table=t"
    assert is_database(text)
    assert parse_url(text, ("table",)).dsn == f"{scheme.lower()}://ana@h/db"


def test_keys_are_read_as_libpq_reads_them() -> None:
    url = parse_url("postgresql://h/db?t%61ble=t&p%61ssword=a%26b&%73slmode=require", ("table",))
    assert url.said == {"table": "t"}
    assert url.dsn == "postgresql://h/db?password=a%26b&sslmode=require"


def test_a_schema_has_a_name_that_postgresql_can_hold() -> None:
    parse_url(f"postgresql://h/db?schema={'s' * 63}", (SCHEMA,))
    for name in ("s" * 80, "%C3%B1" * 32):  # letters of two bytes
        with pytest.raises(OptionError, match="63 at most"):
            parse_url(f"postgresql://h/db?schema={name}", (SCHEMA,))
