"""`geoasm profiles new`: a draft that loads, passes its cases and carries a run to the end."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from geoasm.cli.main import cli
from geoasm.codes import Role
from geoasm.draft import draft_profile
from geoasm.errors import OutputExists
from geoasm.io.profiles import load_profile
from tests.draft import country

PLACES = ("concessions", "registrations")


def call(*args: object) -> Result:
    return CliRunner().invoke(cli, list(map(str, args)))


def drafted(code: str, *files: object, out: Path) -> Result:
    flags = [part for file in files for part in ("--from", file)]
    return call("profiles", "new", code, *flags, "--out", out)


def run(profile: Path, concessions: Path, registrations: Path, out: Path) -> Result:
    files = ("--concessions", concessions, "--registrations", registrations)
    return call("run", "--profile", profile, *files, "--on", "2026-01-01", "--out", out)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return country.write(tmp_path, country.rights(), country.miners())


@pytest.fixture
def bolivia(files: tuple[Path, Path], tmp_path: Path) -> Path:
    out = tmp_path / "bo"
    done = drafted("bo", *files, out=out)
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{out}\n"
    return out


def parsed(profile: Path, name: str) -> dict[str, Any]:
    return tomllib.loads((profile / name).read_text(encoding="utf-8"))


def test_draft_loads_and_passes_its_cases(bolivia: Path) -> None:
    assert call("profiles", "show", bolivia).exit_code == 0
    done = call("profiles", "test", bolivia)
    assert done.exit_code == 0, done.output
    assert "23 cases passed, 0 failed" in done.stdout


def test_draft_guesses_no_law_and_no_meaning(bolivia: Path) -> None:
    law = load_profile(str(bolivia)).law
    told = [*law.rules, *law.seniority, *law.parameters.values(), *law.evidence]
    assert told
    assert not [t for t in told if t.verified or t.reference]
    lookups = parsed(bolivia, "lookups.toml")["vocabulary"]
    assert set(lookups["status"]["values"]) == set(country.STATUSES)
    for name in ("status", "right_type", "stratum_by_licence", "registration_status"):
        assert set(lookups[name]["values"].values()) == {"unknown"}, name
        assert lookups[name]["verified"] is False


def test_draft_quotes_no_value_of_a_private_column(bolivia: Path) -> None:
    text = " ".join(path.read_text(encoding="utf-8") for path in bolivia.iterdir())
    assert "REVERTIDO" in text
    assert "ACTOR_TITULAR" in text
    for value in ("PEREZ", "CONDORI", "QUISPE", "MINERA 1"):
        assert value not in text


def test_run_with_a_draft_goes_to_the_end_and_says_that_nothing_is_known(
    bolivia: Path, files: tuple[Path, Path], tmp_path: Path
) -> None:
    done = run(bolivia, *files, tmp_path / "run")
    assert done.exit_code == 1, done.output
    assert "the status of only 0.0 % of the rights is known" in done.stderr.replace("\u00a0", " ")
    frame = pd.read_parquet(tmp_path / "run" / "registrations.parquet")
    assert len(frame) == 30
    assert frame["asm_class"].value_counts().to_dict() == {"ambiguous": 26, "open_ground": 4}
    assert set(frame["rule_id"]) == {"bo.status_unknown", "bo.open_ground"}
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["profile"] == "bo"
    assert str(tmp_path) not in json.dumps(manifest)
    summary = json.loads((tmp_path / "run" / "summary.json").read_text(encoding="utf-8"))
    counts = {row["step"]: row["registrations"] for row in summary["funnel"]}
    assert (counts["inside_any_right"], counts["on_title_in_force"]) == (26, 0)
    assert 'class="geoasm-base"' in (tmp_path / "run" / "map.html").read_text(encoding="utf-8")


def test_draft_that_a_person_filled_in_gives_classes(
    bolivia: Path, files: tuple[Path, Path], tmp_path: Path
) -> None:
    lookups = bolivia / "lookups.toml"
    text = lookups.read_text(encoding="utf-8")
    for code, meaning in zip(country.STATUSES, ("titled", "pending", "extinct"), strict=True):
        text = text.replace(f'"{code}" = "unknown"', f'"{code}" = "{meaning}"')
    lookups.write_text(text, encoding="utf-8")
    done = run(bolivia, *files, tmp_path / "run")
    assert done.exit_code == 0, done.output
    classes = set(pd.read_parquet(tmp_path / "run" / "registrations.parquet")["asm_class"])
    assert classes == {"on_unknown_holder", "on_pending_claim", "on_extinct_claim", "open_ground"}


def test_peru_drafted_again_from_its_sample_finds_its_columns(sample: Path, tmp_path: Path) -> None:
    out = tmp_path / "pe"
    of_peru = (sample / "concessions.gpkg", sample / "registrations.csv")
    areas = f"protected_areas={sample / 'protected_areas.gpkg'}"
    assert drafted("pe", *of_peru, areas, out=out).exit_code == 0
    again, known = load_profile(str(out)), load_profile("pe")
    assert again.crs.drawn_in == known.crs.drawn_in == "zone"
    assert again.crs.zones == known.crs.zones
    for role, names in (
        (Role.CONCESSIONS, "concession_id holder_name name filed_on zone status substance"),
        (Role.REGISTRATIONS, "registration_id registrant_name declared_right_id status activity"),
        (Role.PROTECTED_AREAS, "area_type area_code name established_on"),
    ):
        for name in names.split():
            spelled = {c for s in known.roles[role].fields[name].sources for c in s.columns}
            found = {c for s in again.roles[role].fields[name].sources for c in s.columns}
            assert found, (role, name)
            assert found <= spelled, (role, name)
    places = [p.kind for p in again.roles[Role.REGISTRATIONS].positions]
    assert places == ["lonlat", "utm"]
    assert "ruc" not in again.roles[Role.REGISTRATIONS].fields
    done = run(out, *of_peru, tmp_path / "run")
    assert done.exit_code == 1, done.output  # no status has a meaning yet


def test_register_of_places_has_no_persons_and_its_last_visit_counts(tmp_path: Path) -> None:
    visits = country.miners().drop(columns="OPERADOR")
    visits["FECHA_VISITA"] = [f"2020-01-{1 + k % 28:02d}" for k in range(len(visits))]
    visits["NRO_REGISTRO"] = [f"R{k // 2}" for k in range(len(visits))]
    files = country.write(tmp_path, country.rights(), visits)
    assert drafted("bo", *files, out=tmp_path / "bo").exit_code == 0
    profile = load_profile(str(tmp_path / "bo"))
    assert profile.registrants == "none"
    assert profile.roles[Role.REGISTRATIONS].latest_by == "visited_on"
    assert call("profiles", "test", tmp_path / "bo").exit_code == 0


def test_what_follows_from_a_register_without_names_is_said(tmp_path: Path) -> None:
    rights, miners = country.rights(), country.miners().drop(columns="OPERADOR")
    done = drafted("bo", *country.write(tmp_path, rights, miners), out=tmp_path / "bo")
    assert "nobody is on a title of their own" in done.stderr
    assert parsed(tmp_path / "bo", "profile.toml")["profile"]["registrants"] == "none"


def test_draft_called_like_a_profile_of_the_package_is_tried_by_its_path(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = drafted("pe", *files, out=Path("pe"))
    assert "`geoasm profiles test ./pe`" in done.stderr
    rights, miners = files
    told = f"`geoasm run --profile ./pe --concessions {rights} --registrations {miners} --out RUN`"
    assert told in done.stderr
    assert "23 cases passed" in call("profiles", "test", "./pe").stdout


def test_address_of_a_database_is_a_file_and_no_role(tmp_path: Path) -> None:
    done = drafted("bo", "postgresql://localhost:1/none?table=x", out=tmp_path / "bo")
    assert done.exit_code == 2
    assert "PostgreSQL" in done.stderr or "database" in done.stderr
    assert "role" not in done.stderr


def test_hostile_names_and_values_stay_texts(tmp_path: Path) -> None:
    rights = country.rights().rename(columns={"TIPO_CONTRATO": 'TIPO "]\n[x'})
    rights["ESTADO_TRAMITE"] = ['a" = "titled', "@code@ @roles@"] * 20
    rights.to_file(tmp_path / "rights.geojson")
    done = drafted("bo", tmp_path / "rights.geojson", out=tmp_path / "bo")
    assert done.exit_code == 0, done.output
    assert done.stderr.count("\n") == len(done.stderr.splitlines()) == 4
    values = parsed(tmp_path / "bo", "lookups.toml")["vocabulary"]["status"]["values"]
    assert values == {'a" = "titled': "unknown", "@code@ @roles@": "unknown"}
    assert load_profile(str(tmp_path / "bo")).code == "bo"


def test_file_of_no_role_is_left_to_a_person(files: tuple[Path, Path], tmp_path: Path) -> None:
    rivers = country.rights()[["geometry"]].assign(LARGO=3)
    rivers.geometry = rivers.boundary
    rivers.to_file(tmp_path / "rivers.gpkg")
    done = drafted("bo", *files, tmp_path / "rivers.gpkg", out=tmp_path / "bo")
    assert done.exit_code == 0
    assert "rivers.gpkg: fits no role; say which with --from ROLE=FILE" in done.stderr
    assert '"rivers.gpkg" fits no role' in (tmp_path / "bo" / "profile.toml").read_text("utf-8")


def test_work_of_a_person_is_never_overwritten(bolivia: Path, files: tuple[Path, Path]) -> None:
    before = {path.name: path.read_bytes() for path in bolivia.iterdir()}
    done = drafted("bo", *files, out=bolivia)
    assert done.exit_code == 2
    assert "never overwritten: name another place with --out" in done.stderr
    assert {path.name: path.read_bytes() for path in bolivia.iterdir()} == before


def test_a_draft_is_not_saved_over_another(files: tuple[Path, Path], tmp_path: Path) -> None:
    draft = draft_profile("bo", [(None, str(files[0]))])
    draft.save(tmp_path / "bo")
    with pytest.raises(OutputExists, match="never overwritten"):
        draft.save(tmp_path / "bo")


@pytest.mark.parametrize(
    ("code", "out", "text"),
    [
        ("bol", "bol", "two letters"),
        ("BO", "BO", "two letters"),
        ("../x", "x", "two letters"),
        ("bo", "bolivia", "a profile's folder goes by its code"),
    ],
)
def test_code_that_is_none_is_one_line(
    code: str, out: str, text: str, files: tuple[Path, Path], tmp_path: Path
) -> None:
    done = drafted(code, *files, out=tmp_path / out)
    assert done.exit_code == 2
    assert text in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / out).exists()


def test_files_that_cannot_be_used_are_one_line_that_teaches(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    table, nowhere = tmp_path / "table.csv", country.write_nowhere(tmp_path / "nowhere.gpkg")
    country.miners().drop(columns=["LONGITUD", "LATITUD"]).to_csv(table, index=False)
    anything = tmp_path / "anything.gpkg"
    country.rights()[["geometry"]].assign(LARGO=3).to_file(anything)
    for given, text in (
        ([table], "table.csv has neither geometry nor columns of coordinates"),
        ([nowhere], "--crs concessions=EPSG:"),
        ([files[0], f"asm_zones={files[0]}", files[0]], "both look like concessions"),
        ([f"registrations={files[0]}"], "cannot be registrations: it has polygons"),
        (
            [f"roads={files[0]}"],
            "no role here; roles: concessions, registrations, protected_areas, asm_zones, admin",
        ),
        ([anything], "no column tells whether anything.gpkg has rights or registrations"),
        ([tmp_path / "absent.gpkg"], "absent.gpkg"),
    ):
        done = drafted("bo", *given, out=tmp_path / "bo")
        assert done.exit_code == 2, given
        assert text in done.stderr
        assert done.stderr.count("\n") == 1
        assert not (tmp_path / "bo").exists()


def test_system_that_the_user_states_is_taken(tmp_path: Path) -> None:
    nowhere = country.write_nowhere(tmp_path / "nowhere.gpkg")
    done = call(
        *("profiles", "new", "bo", "--from", nowhere),
        *("--crs", f"concessions={country.ZONE}", "--out", tmp_path / "bo"),
    )
    assert done.exit_code == 0, done.output
    assert [z.code for z in load_profile(str(tmp_path / "bo")).crs.zones] == ["20"]


def test_places_of_a_table_are_known_by_rights_in_the_system_that_the_user_states(
    tmp_path: Path,
) -> None:
    nowhere = country.write_nowhere(tmp_path / "nowhere.gpkg")
    names = {**country.MINERS, "lon": "P1", "lat": "P2"}
    _, table = country.write(tmp_path, country.rights(), country.miners(names))
    done = call(
        *("profiles", "new", "bo", "--from", table, "--from", nowhere),
        *("--crs", f"concessions={country.ZONE}", "--out", tmp_path / "bo"),
    )
    assert done.exit_code == 0, done.output
    text = (tmp_path / "bo" / "profile.toml").read_text("utf-8")
    assert "[[roles.registrations.position]] # by lying where the other files are" in text
    (place,) = load_profile(str(tmp_path / "bo")).roles[Role.REGISTRATIONS].positions
    assert (place.x_columns, place.y_columns) == (("P1",), ("P2",))
