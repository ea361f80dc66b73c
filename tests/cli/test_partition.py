"""`geoasm partition`: files of neighbours that stand for the file they were cut from."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from click.testing import CliRunner, Result

from geoasm.cli.main import cli
from geoasm.io import partitions
from geoasm.io.layers import read_layer


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(a) for a in arguments])


def cut(file: Path, out: Path, *arguments: object) -> Path:
    outcome = invoke("partition", file, "--out", out, *arguments)
    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.stdout == f"{out}\n"
    return out


def refusal(*arguments: object) -> str:
    outcome = invoke(*arguments)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    line = outcome.stderr.splitlines()[-1]
    assert line.startswith("geoasm: error: ")
    return line


def layer(path: Path, n: int = 500, crs: str | None = "EPSG:32718") -> Path:
    """Points in the plane, every tenth of them nowhere, with columns of many kinds."""
    rng = np.random.default_rng(1)
    x, y = rng.uniform(4e5, 5e5, n), rng.uniform(8.5e6, 8.6e6, n)
    shapes = shapely.points(x, y).astype(object)
    shapes[::10] = None
    frame = gpd.GeoDataFrame(
        {
            "CODE": [f"{i:05}" for i in range(n)],
            "n": np.where(np.arange(n) % 7, np.arange(n, dtype=float), np.nan),
            "k": np.arange(n, dtype=np.int32),
            "on": pd.date_range("2020-01-01", periods=n),
            "yes": np.arange(n) % 2 == 0,
            "none": pd.Series([None] * n, dtype="str"),
        },
        geometry=shapes,
        crs=crs,
    )
    frame.to_file(path)
    return path


def record(folder: Path) -> dict:
    return json.loads((folder / "partitions.json").read_text("utf-8"))


# --- what is written


def test_files_hold_neighbours_their_box_and_at_last_what_lies_nowhere(tmp_path: Path) -> None:
    folder = cut(layer(tmp_path / "a.gpkg"), tmp_path / "parts", "--rows", 60)

    names = sorted(p.name for p in folder.iterdir())
    assert names == [*(f"part-{i:04}.parquet" for i in range(9)), "partitions.json"]
    parts = [gpd.read_parquet(folder / name) for name in names[:-1]]
    assert [len(p) for p in parts] == [60] * 8 + [20]
    assert sorted(pd.concat(parts)["CODE"]) == [f"{i:05}" for i in range(500)]
    missing = pd.concat(parts).geometry.isna().to_numpy()
    assert missing[-50:].all()
    assert not missing[:-50].any()
    areas = [shapely.box(*p.total_bounds).area for p in parts[:7]]
    assert sum(areas) < 2.5 * 1e5**2 * 7 / 9  # else each of them would take all of it
    for part, told, name in zip(parts, record(folder)["files"], names, strict=False):
        said = json.loads(pq.read_schema(folder / name).metadata[b"geo"])["columns"]["geometry"]
        assert part.crs == "EPSG:32718"
        assert told["name"] == name
        assert told["bbox"] == said.get("bbox")
        if told["bbox"] is not None:
            assert told["bbox"] == list(part.total_bounds)


def test_row_groups_are_small_enough_to_take_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "ROWS_PER_GROUP", 50)
    folder = cut(layer(tmp_path / "a.gpkg"), tmp_path / "parts", "--rows", 200)
    file = pq.ParquetFile(folder / "part-0000.parquet")
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [50] * 4


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    file = layer(tmp_path / "a.gpkg")
    one, other = (cut(file, tmp_path / name, "--rows", 100) for name in ("one", "other"))
    for path in one.iterdir():
        assert path.read_bytes() == (other / path.name).read_bytes()


# --- what is read back


@pytest.mark.parametrize(
    "name", ["registrations.csv", "concessions.gpkg", "mining_units.gpkg", "rivers.gpkg", "strata.csv"]
)  # fmt: skip
def test_a_folder_is_read_as_the_file_was(name: str, sample: Path, tmp_path: Path) -> None:
    if name == "strata.csv":
        assert "neither geometry nor columns of positions" in refusal(
            "partition", sample / name, "--out", tmp_path / "parts"
        )
        return
    whole = read_layer(str(sample / name), "role")
    parts = read_layer(str(cut(sample / name, tmp_path / "parts", "--rows", 100)), "role")
    pd.testing.assert_frame_equal(whole.frame, parts.frame)
    assert type(whole.frame) is type(parts.frame)
    assert getattr(whole.frame, "crs", None) == getattr(parts.frame, "crs", None)
    for field in ("rows", "crs_read", "encoding"):
        assert getattr(whole.source, field) == getattr(parts.source, field)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_columns_of_any_kind_and_a_missing_system_come_back(tmp_path: Path) -> None:
    for crs in ("EPSG:32718", None):
        file = layer(tmp_path / f"{crs}.gpkg".replace(":", ""), crs=crs)
        whole = read_layer(str(file), "role").frame
        parts = read_layer(str(cut(file, tmp_path / f"parts{crs}", "--rows", 70)), "role").frame
        pd.testing.assert_frame_equal(whole, parts)
        assert parts.crs == whole.crs
    named = cut(file, tmp_path / "named", "--crs", "EPSG:32717")
    assert read_layer(str(named), "role").frame.crs == "EPSG:32717"


def test_lines_that_cannot_be_read_stay_in_the_balance(tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text("CODE,LONGITUD_G84,LATITUD_G84\na,-76.5,-12.5\nb,-76,-12,9,9\nc,,\n", "utf-8")
    whole = read_layer(str(file), "role")
    parts = read_layer(str(cut(file, tmp_path / "parts", "--profile", "pe")), "role")
    assert whole.broken is not None
    pd.testing.assert_frame_equal(whole.broken, parts.broken)
    assert whole.source.rows == parts.source.rows == 3


@pytest.mark.slow
def test_a_run_of_folders_is_the_run_of_the_files(sample: Path, tmp_path: Path) -> None:
    files = {"concessions": "concessions.gpkg", "registrations": "registrations.csv"}
    here = {flag: sample / name for flag, name in files.items()}
    folders = {f: cut(path, tmp_path / f, "--rows", 170) for f, path in here.items()}
    for name, given in (("files", here), ("folders", folders)):
        flags = [word for flag, path in given.items() for word in (f"--{flag}", path)]
        outcome = invoke(
            "run", "--profile", "pe", "--on", "2024-06-01", *flags, "--out", tmp_path / name
        )
        assert outcome.exit_code == 0, outcome.stderr
    for path in (tmp_path / "files").rglob("*.parquet"):
        other = tmp_path / "folders" / path.relative_to(tmp_path / "files")
        assert path.read_bytes() == other.read_bytes(), path.name


# --- what is refused


def test_nothing_is_replaced_unasked_and_nothing_that_is_no_such_folder(tmp_path: Path) -> None:
    file = layer(tmp_path / "a.gpkg", 20)
    folder = cut(file, tmp_path / "parts")
    assert "--overwrite" in refusal("partition", file, "--out", folder)
    cut(file, folder, "--overwrite", "--rows", 5)
    assert len(list(folder.iterdir())) == 5
    other = tmp_path / "other"
    other.mkdir()
    (other / "precious").touch()
    assert "is not a folder of partitions" in refusal(
        "partition", file, "--out", other, "--overwrite"
    )


@pytest.mark.parametrize("flag", ["--crs", "--encoding"])
def test_a_flag_that_is_given_twice_for_the_one_file_is_refused(tmp_path: Path, flag: str) -> None:
    twice = (flag, "concessions=EPSG:32717", flag, "EPSG:32718")
    said = refusal("partition", layer(tmp_path / "a.gpkg", 20), "--out", tmp_path / "o", *twice)
    assert f"{flag} is given twice for the one file" in said
    assert not (tmp_path / "o").exists()


def test_a_folder_that_is_not_whole_is_no_layer(sample: Path, tmp_path: Path) -> None:
    file = layer(tmp_path / "a.gpkg", 50)
    folder = cut(file, tmp_path / "parts", "--rows", 20)
    run = ("run", "--profile", "pe", "--concessions", sample / "concessions.gpkg")
    run = (*run, "--out", tmp_path / "run")
    whole = (folder / "part-0001.parquet").read_bytes()
    (folder / "part-0001.parquet").write_bytes(whole[: len(whole) // 2])
    assert "parts is damaged" in refusal(*run, "--registrations", folder)
    (folder / "part-0001.parquet").write_bytes((folder / "part-0002.parquet").read_bytes())
    assert "part-0001.parquet lacks rows" in refusal(*run, "--registrations", folder)
    (folder / "part-0001.parquet").unlink()
    assert "parts is damaged" in refusal(*run, "--registrations", folder)
    (folder / "partitions.json").unlink()
    assert "parts is a directory" in refusal(*run, "--registrations", folder)


@pytest.mark.parametrize(
    "harm",
    [
        {"geometry": "nonsense"},
        {"geometry": None},
        {"source": None},
        {"files": None},
        {"files": []},
        {"files": [{}]},
        {"broken": 1},
    ],
)
def test_a_record_that_was_changed_is_one_line(tmp_path: Path, harm: dict[str, object]) -> None:
    folder = cut(layer(tmp_path / "a.gpkg", 50), tmp_path / "parts")
    record = folder / "partitions.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), **harm}))

    assert "parts is damaged" in refusal("partition", folder, "--out", tmp_path / "again")


def test_a_part_without_metadata_is_one_line(tmp_path: Path) -> None:
    folder = cut(layer(tmp_path / "a.gpkg", 50), tmp_path / "parts")
    part = folder / "part-0000.parquet"
    pq.write_table(pq.read_table(part).replace_schema_metadata(None), part)

    assert "parts is damaged" in refusal("partition", folder, "--out", tmp_path / "again")


def test_a_box_without_end_is_not_stated(tmp_path: Path) -> None:
    spots = [shapely.Point(0, 0), shapely.Point(np.inf, 1)]
    gpd.GeoDataFrame(geometry=spots, crs="EPSG:4326").to_parquet(tmp_path / "a.parquet")

    folder = cut(tmp_path / "a.parquet", tmp_path / "parts")

    said = pq.read_schema(folder / "part-0000.parquet").metadata[b"geo"].decode()
    assert "Infinity" not in said


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    assert "no such file" in refusal("partition", tmp_path / "x.csv", "--out", tmp_path / "o")
    assert not (tmp_path / "o").exists()
