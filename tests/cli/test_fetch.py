"""`geoasm fetch`: what it prints, where, and with which exit code."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import geoasm
from geoasm.cli.main import cli
from geoasm.io.profiles import load_profile
from tests.io.fetch.map_server import MapServer, planted, running

SERVICES = """
[[service]]
name = "cadastre"
title = {{ es = "Catastro", en = "Cadastre" }}
role = "concessions"
kind = "arcgis"
urls = ["{url}"]
paging = "id_batches"
page_rows = 10
out_crs = "EPSG:4326"
utc_offset_h = -5
updated_column = "FECHA_ACTUALIZACION"
licence = {{ es = "No consta.", en = "None stated." }}
note = {{ es = "Mire la fecha.", en = "Look at the date." }}
reference = "planted"
verified = false
"""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MapServer]:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with running(MapServer(planted(25))) as started:
        yield started


@pytest.fixture
def profile(server: MapServer, tmp_path: Path) -> Path:
    """Peru's profile, whose cadastre is on this machine."""
    folder = tmp_path / "pe"
    shutil.copytree(Path(geoasm.__file__).parent / "profiles" / "pe", folder)
    (folder / "services.toml").write_text(SERVICES.format(url=server.url), encoding="utf-8")
    return folder


def fetch(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["fetch", *map(str, arguments)])


def refusal(*arguments: object) -> str:
    outcome = fetch(*arguments)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    return outcome.stderr.splitlines()[-1]


def test_it_prints_the_file_and_tells_the_rest_on_stderr(profile: Path, tmp_path: Path) -> None:
    out = tmp_path / "cadastre.gpkg"
    outcome = fetch("cadastre", "--profile", profile, "--out", out, "--delay", 0)
    assert (outcome.exit_code, outcome.stdout) == (0, f"{out}\n")
    assert "cadastre: 25 rows, of 2026-09-21\nLook at the date.\n" in outcome.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cadastre.gpkg", "pe"]


def test_what_it_writes_is_what_run_and_inspect_read(profile: Path, tmp_path: Path) -> None:
    out = tmp_path / "cadastre.gpkg"
    assert fetch("cadastre", "--profile", profile, "--out", out, "--delay", 0).exit_code == 0
    looked = CliRunner().invoke(cli, ["inspect", str(out), "--profile", "pe"])
    assert looked.exit_code == 0
    assert "concessions of profile pe" in looked.stdout
    compared = CliRunner().invoke(
        cli, ["overlaps", str(out), "--profile", "pe", "--out", str(tmp_path / "ground")]
    )
    assert compared.exit_code == 0, compared.stderr


def test_another_count_than_the_services_is_exit_code_1(
    server: MapServer, profile: Path, tmp_path: Path
) -> None:
    server.miscount = 2
    out = tmp_path / "cadastre.gpkg"
    outcome = fetch("cadastre", "--profile", profile, "--out", out, "--delay", 0, "-q")
    assert (outcome.exit_code, outcome.stdout) == (1, f"{out}\n")
    (line,) = outcome.stderr.splitlines()
    assert line.startswith("geoasm: cadastre: the service counts 27 rows, 25 are written; the ")
    assert out.exists()


def test_a_download_that_breaks_says_that_it_goes_on(
    server: MapServer, profile: Path, tmp_path: Path
) -> None:
    server.trouble = lambda page, _: "drip" if page == 2 else None
    out = tmp_path / "cadastre.gpkg"
    arguments = ("cadastre", "--profile", profile, "--out", out, "--delay", 0)
    line = refusal(*arguments, "--max-minutes", 0.01)
    assert line.startswith("geoasm: error: cadastre: the download takes longer than 0.01 minutes")
    assert line.endswith("is kept in cadastre.gpkg.parts, and the same command goes on")
    assert fetch(*arguments).exit_code == 0
    assert [len(page) for page in server.given] == [10, 10, 10, 5]
    assert server.given[1] == server.given[0]  # asked again: are its rows still the same?


def test_an_existing_file_is_not_replaced_unasked(
    server: MapServer, profile: Path, tmp_path: Path
) -> None:
    out = tmp_path / "cadastre.gpkg"
    out.write_text("mine")
    arguments = ("cadastre", "--profile", profile, "--out", out, "--delay", 0)
    assert "exists; add --overwrite" in refusal(*arguments)
    assert (out.read_text(), server.asked) == ("mine", [])
    assert fetch(*arguments, "--overwrite").exit_code == 0


def test_the_list_names_each_service_its_role_and_addresses() -> None:
    outcome = fetch("--list")
    assert outcome.exit_code == 0
    assert "reinfo  (pe, registrations; address not verified)" in outcome.stdout
    assert outcome.stdout.count("https://") == 11
    assert fetch("--list", "--profile", "cd").stdout == "\n"


def test_the_page_of_sources_names_every_service() -> None:
    page = (Path(__file__).parents[2] / "docs" / "sources.md").read_text(encoding="utf-8")
    services = load_profile("pe").services
    assert [s.name for s in services if f"`{s.name}`" not in page] == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nada", "--out", "x.gpkg"], "no service 'nada'; there are cadastre-zones, cadastre, rei"),
        (
            ["reinfo", "--out", "x.gpkg", "--profile", "cd"],
            "the profile names none (services.toml)",
        ),
        (["reinfo"], "give a SOURCE and --out FILE; `geoasm fetch --list` names sources"),
        (["--out", "x.gpkg"], "give a SOURCE and --out FILE"),
        (["reinfo", "--out", "x.csv"], "x.csv: --out takes a GeoPackage; name it FILE.gpkg"),
        (["reinfo", "--out", "x.gpkg", "--bbox", "1,2,3"], "must be west,south,east,north"),
        (["reinfo", "--out", "x.gpkg", "--bbox=-70,-10,-71,-9"], "is no box: west before east"),
        (["reinfo", "--out", "x.gpkg", "--max-mb", "0"], "--max-mb"),
        (
            ["reinfo", "--out", "x.gpkg", "--ca-bundle", "no.pem"],
            "--ca-bundle no.pem: no such file",
        ),
    ],
)
def test_what_cannot_be_done_is_one_line(
    arguments: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert says in refusal(*arguments)
    assert list(tmp_path.iterdir()) == []


def test_without_the_extra_it_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in sys.modules if n.startswith("geoasm.io.fetch")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tenacity", None)
    line = refusal("reinfo", "--out", "x.gpkg")
    assert "geoasm fetch needs tenacity: pip install 'geoasm[fetch]'" in line
    assert fetch("--list").exit_code == 0
