"""Commands fed from a database answer as from files, and write no credentials anywhere."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from geoasm.cli.main import cli
from geoasm.codes import Role
from geoasm.held import shaped
from geoasm.io.layers import read_layer
from geoasm.io.results import arrange_public, load_result
from geoasm.io.samples import sample_folder
from geoasm.io.study import read_study
from tests.cells import concessions
from tests.databases import PASSWORD, USER, Database, Server
from tests.screened import sample_run

SECRETS = (PASSWORD, quote(PASSWORD, safe=""))
STAYS_FILE = ("files", "layers", "tables")


def call(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(a) for a in arguments])


def assert_nothing_leaked(outcome: Result, folder: Path, database: Database) -> None:
    """Neither what was said nor what was written holds user, password, host or database."""
    said = outcome.output.encode()
    written = (
        {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} if folder.exists() else {}
    )
    for secret in (*SECRETS, f"{USER}:", f"{USER}@", str(database.socket), database.name):
        assert secret.encode() not in said
        public = [
            p.name for p, b in written.items() if secret.encode() in b and "private" not in p.parts
        ]
        assert not public
    for secret in SECRETS:
        assert not [p.name for p, content in written.items() if secret.encode() in content]


@pytest.mark.parametrize("key", [None, "fid"])
def test_overlaps_of_a_table_are_those_of_the_file(
    database: Database, tmp_path: Path, key: str | None
) -> None:
    rights = concessions()
    rights["fid"] = range(1, len(rights) + 1)
    rights.to_file(tmp_path / "rights.gpkg", engine="pyogrio", layer_options={"FID": "no"})
    database.fill("rights", rights, key=key)
    made = {}
    for name, file in (("file", tmp_path / "rights.gpkg"), ("table", database.url("rights"))):
        out = tmp_path / name
        asked = ("--profile", "pe", "--on", "2024-06-01", "--planarize", "--out", out)
        outcome = call("overlaps", file, *asked)
        assert outcome.exit_code == 0, outcome.output
        made[name] = out
    assert_nothing_leaked(outcome, made["table"], database)
    for written in ("overlaps.parquet", "pieces.parquet"):
        assert (made["table"] / written).read_bytes() == (made["file"] / written).read_bytes()
    manifests = {n: json.loads((f / "manifest.json").read_text("utf-8")) for n, f in made.items()}
    (told,) = manifests["table"]["inputs"]
    assert (told["name"], told["rows"]) == ("rights", len(rights))
    assert len(told["sha256"]) == 64


@pytest.fixture(scope="module")
def loaded(postgres: Server) -> Database:
    """A database with every vector layer and table of the sample, in the files' order."""
    database = postgres.database()
    study = read_study(sample_folder() / "study.toml")
    for role, file in study.files.items():
        frame = read_layer(file, role).frame
        database.fill(role.value, frame, key=None)
        database.run(f'ALTER TABLE "{role.value}" RENAME source_row TO record')
        database.run(f'ALTER TABLE "{role.value}" ADD PRIMARY KEY (record)')
    return database


def test_a_study_of_tables_answers_as_one_of_files(loaded: Database, tmp_path: Path) -> None:
    source = sample_folder() / "study.toml"
    study = read_study(source)
    lines = source.read_text("utf-8").splitlines()
    changed = []
    section = ""
    for line in lines:
        section = line.strip("[]") if line.startswith("[") else section
        name = line.partition(" = ")[0]
        if section in STAYS_FILE and "=" in line:
            line = f"{name} = {json.dumps(loaded.url(name))}"
        elif section == "rasters" and "=" in line:
            line = line.replace('"', f'"{sample_folder()}/', 1)
            line = line.replace(', "', f', "{sample_folder()}/')
        changed.append(line)
    (tmp_path / "study.toml").write_text("\n".join(changed), "utf-8")
    table = tmp_path / "table"
    outcome = call("run", tmp_path / "study.toml", "--out", table)
    assert outcome.exit_code == 0, outcome.output
    assert_nothing_leaked(outcome, table, loaded)
    ours, theirs = load_result(table), sample_run()
    for name, frame in arrange_public(theirs, theirs.issues).items():
        if name != "issues":  # of which those of columns name the added key
            mine, other = pd.DataFrame(getattr(ours, name)), pd.DataFrame(shaped(frame))
            pd.testing.assert_frame_equal(mine, other)
    assert ours.summary["funnel"] == theirs.summary["funnel"]
    assert {i["name"] for i in ours.manifest["inputs"]} >= {str(role) for role in study.files}


def test_inspect_says_what_a_table_holds(loaded: Database, tmp_path: Path) -> None:
    outcome = call("inspect", loaded.url("concessions"), "--profile", "pe")
    assert outcome.exit_code == 0, outcome.output
    assert outcome.stdout.startswith("concessions\n")
    assert "concessions of profile pe" in outcome.stdout
    assert_nothing_leaked(outcome, tmp_path / "none", loaded)


def test_wrong_usage_shows_no_credentials(loaded: Database, tmp_path: Path) -> None:
    url = loaded.url("concessions")
    for arguments in (
        ("run", "--profile", "pe", "--layer", url),
        ("run", "--profile", "pe", "--layer", f"rivres={url}"),
        ("run", "--profile", "pe", "--concessions", url, "--raster", f"activity={url}"),
        ("run", url),
        ("run", "--profile", "pe", "--concessions", url, "--crs", url),
        ("inspect", url.replace("table=", "tabel=")),
        ("overlaps", url, url, "--profile", "pe"),
        ("overlaps", url, "--profile", url),
        ("map", url),
        ("explain", url, url),
        (url,),
    ):
        out = ("--out", tmp_path / "out") if arguments[0] in ("run", "overlaps") else ()
        outcome = call(*arguments, *out)
        assert outcome.exit_code == 2, outcome.output
        assert not [secret for secret in SECRETS if secret in outcome.output]
        assert len(outcome.stderr.splitlines()) == 1


def test_a_simulation_on_a_table_writes_its_url_without_password(
    loaded: Database, tmp_path: Path
) -> None:
    asked = ("--profile", "pe", "--scale", "sample", "--registrations", 40, "--seed", 1)
    url = loaded.url(str(Role.CONCESSIONS))
    outcome = call("simulate", *asked, "--concessions", url, "--out", tmp_path / "world")
    assert outcome.exit_code == 0, outcome.output
    text = (tmp_path / "world" / "study.toml").read_text("utf-8")
    assert f"postgresql://{USER}@/{loaded.name}?host=" in text
    assert not [secret for secret in SECRETS if secret in text]


def test_a_password_under_an_escaped_key_is_not_kept(loaded: Database, tmp_path: Path) -> None:
    url = f"postgresql://{USER}@/{loaded.name}?host={loaded.socket}&p%61ssword=s3cret&table="
    registrations = read_study(sample_folder() / "study.toml").files[Role.REGISTRATIONS]
    out = tmp_path / "run"
    asked = ("--profile", "pe", "--on", "2024-06-01", "--registrations", registrations)
    outcome = call("run", "--concessions", url + Role.CONCESSIONS, *asked, "--out", out)
    assert outcome.exit_code == 0, outcome.output
    study = (out / "private" / "study.toml").read_text("utf-8")
    assert f"&table={Role.CONCESSIONS}" in study
    assert "s3cret" not in outcome.output
    assert not [p for p in out.rglob("*") if p.is_file() and b"s3cret" in p.read_bytes()]


@pytest.mark.parametrize("scheme", ["postgis", "postgresql+psycopg", "POSTGRESQL", "mysql"])
def test_other_schemes_show_no_password_either(tmp_path: Path, scheme: str) -> None:
    url = f"{scheme}://locked:s3cret@127.0.0.1:1/db?table=t"
    study = tmp_path / "study.toml"
    given = sample_folder() / "registrations.csv"
    files = f'[files]\nconcessions = "{url}"\nregistrations = "{given}"\n'
    study.write_text(f'[study]\nprofile = "pe"\n{files}', "utf-8")
    asked = ("--profile", "pe", "--concessions", url, "--registrations", given)
    for arguments in (
        ("run", study, "--out", tmp_path / "out"),
        ("run", url, "--out", tmp_path / "out"),
        ("run", *asked, "--out", tmp_path / "out"),
        ("inspect", url),
        ("overlaps", url, "--profile", "pe", "--out", tmp_path / "out"),
        ("export", tmp_path, url),
        ("map", url),
    ):
        outcome = call(*arguments)
        assert outcome.exit_code == 2, outcome.output
        assert "s3cret" not in outcome.output
        *progress, line = outcome.stderr.splitlines()
        assert all(said.endswith(" …") for said in progress)
        if scheme.startswith("postg") and arguments[0] != "map" and arguments[:2] != ("run", url):
            assert "write it as postgresql://" in line
