"""No command tells a natural person in what it writes for the public, or says while it works."""

from __future__ import annotations

import csv
import logging
import sys
import warnings
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path

import click
import pandas as pd
import pytest
from click.testing import CliRunner

from geoasm import schema
from geoasm.cli import terminal
from geoasm.cli.main import cli
from geoasm.errors import SchemaError
from geoasm.io.results import load_result, save_result
from tests.baselines import write_scenario
from tests.privacy import scan
from tests.privacy.conftest import World, geoasm
from tests.privacy.planted import FIRM, HOLDER, MINER, OWNER, PERSONS, write_study

Recipe = Callable[[World, Path], list[list[object]]]


def registered(world: World) -> list[str]:
    with world.file("registrations.csv").open(encoding="utf-8") as file:
        return [row["COD_REINFO"] for row in csv.DictReader(file)][:25]


def explained(world: World, out: Path) -> list[list[object]]:
    codes = registered(world)
    return [["explain", world.run, code] for code in codes[:14]] + [
        ["explain", world.run, code, "--json"] for code in codes[:3]
    ]


def inspected(world: World, out: Path) -> list[list[object]]:
    files = sorted(p for p in world.study.parent.iterdir() if p.suffix in (".csv", ".gpkg"))
    plain = [p for p in files if MINER.dni not in p.name]  # a path is told to who typed it
    return [["inspect", *plain], ["inspect", "--json", *plain]]


def linked(world: World, out: Path) -> list[list[object]]:
    return [
        ["partition", world.file("registrations.csv"), "--profile", "pe", "--out", out / "private" / "p"],
        ["partition", world.file("concessions.gpkg"), "--out", out / "private" / "r"],
        ["link", out / "private" / "p", out / "private" / "r", "--point-id", "COD_REINFO",
         "--right-id", "CODIGOU", "--out", out / "pairs.parquet"],
    ]  # fmt: skip


def screened(world: World, out: Path) -> list[list[object]]:
    asked = [["--holder", FIRM], ["--group", "group 1"], ["--all", "--min-registrations", 1]]
    return [["screen", world.run, *a, "--out", out / str(n)] for n, a in enumerate(asked)]


def supposed(world: World, out: Path) -> list[list[object]]:
    named = f'[[measure]]\nkind = "rights_lapse"\nwhere = {{ holder = ["{HOLDER.name}"] }}\n'
    own = write_scenario(out / "private", named)
    return [
        ["scenario", world.run, "title_reform", "--out", out / "reform"],
        ["scenario", world.run, own, "--out", out / "own"],
    ]


def drawn(command: str) -> Recipe:
    def draw(world: World, out: Path) -> list[list[object]]:
        return [[command, world.run, "--lang", lang, "--out", out / lang] for lang in ("en", "es")]

    return draw


RECIPES: dict[str, Recipe] = {
    "demo": lambda world, out: [["demo", "--out", out / "demo"]],
    "inspect": inspected,
    "partition": lambda world, out: linked(world, out)[:2],
    "explain": explained,
    "overlaps": lambda world, out: [
        ["overlaps", world.file("concessions.gpkg"), "--profile", "pe", "--planarize", "--out", out / "o"]
    ],
    "link": linked,
    "map": drawn("map"),
    "report": drawn("report"),
    "screen": screened,
    "openings": lambda world, out: [["openings", world.run, "--out", out / "o"]],
    "compare": lambda world, out: [
        ["compare", world.run, world.runs / "b", "--out", out / "c", "--audience", "public"]
    ],
    "scenario": supposed,
    "series": lambda world, out: [["series", world.runs, "--out", out / "s"]],
    "simulate": lambda world, out: [["simulate", "--profile", "pe", "--out", out / "s"]],
    "fetch": lambda world, out: [["fetch", "--list"]],
    "profiles": lambda world, out: [
        ["profiles", "list"], ["profiles", "show", "pe"], ["profiles", "test", "pe"],
        ["profiles", "new", "bo", "--from", world.file("concessions.gpkg"),
         "--from", world.file("registrations.csv"), "--out", out / "bo"],
    ],
}  # fmt: skip
ELSEWHERE = {"run", "export"}  # each has a test of its own below


def test_every_command_is_looked_at() -> None:
    assert isinstance(cli, click.Group)
    names = set(cli.list_commands(click.Context(cli)))
    assert names == {*RECIPES, *ELSEWHERE}, "say here how the new command is run on planted persons"


@pytest.mark.parametrize("command", RECIPES)
def test_command_tells_no_person(command: str, world: World, tmp_path: Path) -> None:
    (tmp_path / "private").mkdir()
    said = [geoasm(*call) for call in RECIPES[command](world, tmp_path)]
    assert scan.leaks_of("\n".join(said), "output") == []
    assert scan.leaks_in(tmp_path) == []


def test_run_tells_no_person(world: World) -> None:
    assert scan.leaks_of(world.said, "output") == []
    assert scan.leaks_in(world.runs) == []


def test_persons_were_planted_where_they_could_leak(world: World) -> None:
    private = [p for p in (world.run / "private").rglob("*") if p.is_file()]
    told = [leak for p in private for leak in scan.leaks_of_bytes(p.read_bytes(), p.name)]
    for person in PERSONS:
        assert {leak.what for leak in told} & scan.needles(person), person.name


def test_run_without_its_private_part_is_read_and_tells_no_person(
    world: World, tmp_path: Path
) -> None:
    result = load_result(world.run)
    kept = save_result(result, tmp_path / "again")
    assert scan.leaks_in(kept) == []


def test_sample_tells_no_number_and_no_name_of_its_persons(sample: Path, tmp_path: Path) -> None:
    geoasm("demo", "--out", tmp_path / "demo")
    with (sample / "registrations.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["M_RUC"].startswith("10")]
    told = {row["M_RUC"] for row in rows} | {scan.squeeze(row["NOMBRE_MIN"]) for row in rows}
    told = {text for text in told if len(text) > 10}
    for path in sorted((tmp_path / "demo").glob("*.*")):
        for part, text in scan.texts_of(path.read_bytes()):
            squeezed = scan.squeeze(text)
            assert not {t for t in told if t in squeezed}, f"{path.name} {part}"


def test_tables_in_a_database_tell_no_person(world: World, database: object) -> None:
    url = database.url()  # type: ignore[attr-defined]
    said = geoasm("export", world.run, f"{url}{'&' if '?' in url else '?'}schema=asm")
    assert scan.leaks_of(said, "output") == []
    names = database.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'asm'")  # type: ignore[attr-defined]
    assert len(names) > 10
    for (name,) in names:
        rows = database.ask(f'SELECT t::text FROM asm."{name}" t')  # type: ignore[attr-defined]
        assert scan.leaks_of("\n".join(text for (text,) in rows), name) == []


def test_what_libraries_quote_of_a_file_is_left_out_of_the_log(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "warnoptions", [])
    with warnings.catch_warnings():
        terminal.configure(terminal.Verbosity.VERBOSE)
        for value in (MINER.name, MINER.dni, MINER.ruc):
            told = f"Value '{value}' of field 'ANIO' parsed incompletely"
            warnings.warn(told, RuntimeWarning, stacklevel=1)
            logging.getLogger("geoasm.io.vector").debug("a.csv: %s", told)
    err = capsys.readouterr().err
    assert err.count("'ANIO'") == 6
    assert scan.leaks_of(err, "log") == []


def test_value_that_does_not_fit_its_column_is_not_told() -> None:
    values = pd.DataFrame({"concession_id": ["1"], "year": [MINER.name]})
    with pytest.raises(SchemaError, match="column year is not integer") as caught:
        schema.conform(values, schema.DISTURBANCE)
    assert scan.leaks_of(str(caught.value), "error") == []


def test_register_that_is_coded_by_identity_numbers_is_refused(
    sample: Path, tmp_path: Path
) -> None:
    study = write_study(sample, tmp_path / "study")
    register = study.with_name("registrations.csv")
    text = register.read_text(encoding="utf-8")
    assert text.splitlines()[1].split(",")[1] == OWNER.ruc
    head, first, rest = text.split("\n", 2)
    first = first.replace(first.split(",")[0], OWNER.ruc, 1)
    register.write_text("\n".join([head, first, rest]), encoding="utf-8")
    done = CliRunner().invoke(cli, ["run", str(study), "--out", str(tmp_path / "run")])
    assert done.exit_code == 2
    assert "go by the identity number" in done.output
    assert scan.leaks_of(done.output, "error") == []
    assert not (tmp_path / "run").exists()


def test_error_about_a_cell_does_not_tell_it(world: World, tmp_path: Path) -> None:
    with chdir(tmp_path):
        headless = tmp_path / "headless.csv"
        lines = world.file("registrations.csv").read_text(encoding="utf-8").splitlines()
        headless.write_text("\n".join(lines[1:]) + "\n", encoding="utf-8")
        for call in (
            ["run", "--profile", "pe", "--concessions", str(world.file("concessions.gpkg")),
             "--registrations", "headless.csv", "--out", "x"],
            ["inspect", "headless.csv"],
            ["partition", "headless.csv", "--profile", "pe", "--out", "y"],
        ):  # fmt: skip
            done = CliRunner().invoke(cli, call)
            assert scan.leaks_of(done.output, call[0]) == [], done.output
