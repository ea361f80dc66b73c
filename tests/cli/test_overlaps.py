"""`geoasm overlaps`: a cadastre in, a folder of pairs and pieces out."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from click.testing import CliRunner, Result

from geoasm import schema
from geoasm.cli.main import cli
from geoasm.io.writers import read_parquet
from tests.cells import BIG, SMALL, ZONE, cell, concessions


def call(*args: str) -> Result:
    return CliRunner().invoke(cli, ["overlaps", *args])


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cadastre") / "rights.gpkg"
    concessions().to_file(path, engine="pyogrio")
    return path


@pytest.fixture(scope="module")
def done(file: Path) -> tuple[Result, Path]:
    out = file.parent / "out"
    args = ("--profile", "pe", "--on", "2024-06-01", "--lang", "en", "--planarize")
    return call(str(file), *args, "--out", str(out)), out


def test_the_paths_go_to_stdout_and_the_report_to_stderr(done: tuple[Result, Path]) -> None:
    result, out = done
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{out}\n{out / 'overlaps.gpkg'}\n"
    lines = [" ".join(line.split()) for line in result.stderr.splitlines()]
    assert "Sum of the areas of the rights 1,500.0 ha" in lines
    assert "Ground under a right 1,200.0 ha" in lines
    assert "Ground under two rights 300.0 ha" in lines
    assert "Pairs of rights that overlap 3 300.0 ha" in lines
    assert "Titled / Titled 3 300.0 ha" in lines
    assert "simultaneous 1 100.0 ha" in lines


def test_the_folder_holds_tables_layers_and_counts(done: tuple[Result, Path]) -> None:
    out = done[1]
    assert {p.name for p in out.iterdir()} == {
        *("overlaps.parquet", "pieces.parquet", "overlaps.gpkg"),
        *("issues.csv", "summary.json", "manifest.json"),
    }
    pairs = read_parquet(out / "overlaps.parquet", schema.OVERLAPS)
    assert pairs["senior_id"].tolist()[1:] == ["010000012", "010000014"]
    assert pairs["senior_id"].isna()[0]
    net = read_parquet(out / "pieces.parquet", schema.PIECES)
    assert net["area_ha"].sum() == pytest.approx(1200)
    layers = dict(pyogrio.list_layers(out / "overlaps.gpkg"))
    assert set(layers) == {"overlaps", "concessions", "pieces", "layer_styles"}
    styles = pyogrio.read_dataframe(out / "overlaps.gpkg", layer="layer_styles")
    assert set(styles["f_table_name"]) == {"overlaps", "concessions", "pieces"}
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["counts"]["concessions_kept"] == summary["counts"]["concessions_read"] == 15
    assert summary["failed"] == []
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["format"]["name"] == "geoasm-overlaps"
    assert manifest["balanced"]


def test_no_holder_is_named(done: tuple[Result, Path]) -> None:
    for path in done[1].iterdir():
        content = path.read_bytes()
        assert not any(name.encode() in content for name in (BIG, SMALL, "QUISPE"))


def test_another_order_of_rows_gives_the_same_bytes(
    file: Path, done: tuple[Result, Path], tmp_path: Path
) -> None:
    other = tmp_path / file.name
    concessions().sample(frac=1, random_state=2).to_file(other, engine="pyogrio")
    args = ("--profile", "pe", "--on", "2024-06-01", "--lang", "en", "--planarize", "-q")
    result = call(str(other), *args, "--out", str(tmp_path / "out"))
    assert result.stderr == ""
    for name in ("overlaps.parquet", "pieces.parquet", "summary.json", "issues.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (done[1] / name).read_bytes()


def test_pieces_are_written_only_when_asked_for(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert call(str(file), "--profile", "pe", "--out", str(out)).exit_code == 0
    assert not (out / "pieces.parquet").exists()
    assert set(
        pyogrio.read_dataframe(out / "overlaps.gpkg", layer="layer_styles").f_table_name
    ) == {
        "overlaps",
        "concessions",
    }
    ground = json.loads((out / "summary.json").read_text(encoding="utf-8"))["ground"]
    assert ground["twice_ha"] == pytest.approx(300)


def test_it_replaces_only_its_own_and_only_when_told(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    args = (str(file), "--profile", "pe", "--out", str(out))
    assert call(*args).exit_code == 0
    refused = call(*args)
    assert refused.exit_code == 2
    assert "--overwrite" in refused.stderr
    assert call(*args, "--overwrite").exit_code == 0
    other = tmp_path / "letters"
    other.mkdir()
    (other / "mine.txt").write_text("mine", encoding="utf-8")
    refused = call(str(file), "--profile", "pe", "--out", str(other), "--overwrite")
    assert refused.exit_code == 2
    assert (other / "mine.txt").exists()


def test_a_column_that_lacks_is_supplied_by_assume_and_told(tmp_path: Path) -> None:
    file = tmp_path / "bare.geojson"
    shapes = [cell(0), cell(0, 100)]
    columns = {"CODIGOU": ["010000001", "010000002"], "TIT_CONCES": BIG, "FEC_DENU": "2001-01-01"}
    bare = gpd.GeoDataFrame(columns, geometry=shapes, crs=ZONE)
    bare.to_crs("EPSG:4326").to_file(file, engine="pyogrio")
    args = (str(file), "--profile", "pe", "--out", str(tmp_path / "out"))
    refused = call(*args)
    assert refused.exit_code == 2
    assert "--assume" in refused.stderr
    result = call(*args, "--assume", "status=titled")
    assert result.exit_code == 0, result.output
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["assumed"] == {"concessions.status": "titled"}
    issues = pd.read_csv(tmp_path / "out" / "issues.csv")
    assert "assumed_value" in set(issues["problem"])


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--crs", "registrations=EPSG:32718"), "reads concessions only"),
        (("--assume", "strata.holder=X"), "reads concessions only"),
        (("--crs", "EPSG:32718", "--crs", "concessions=EPSG:32717"), "--crs is given twice"),
        (
            ("--assume", "status=titled", "--assume", "concessions.status=pending"),
            "--assume status is given twice",
        ),
    ],
)
def test_flags_of_other_roles_are_refused(
    file: Path, tmp_path: Path, args: tuple[str, ...], said: str
) -> None:
    result = call(str(file), "--profile", "pe", "--out", str(tmp_path / "out"), *args)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (tmp_path / "out").exists()
