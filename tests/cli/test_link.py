"""`geoasm link`: counts that balance, a file of pairs, and flags that say what was meant."""

from __future__ import annotations

import errno
import os

import geopandas as gpd
import pyarrow.parquet as pq
import pytest
import shapely
from click.testing import CliRunner

from geoasm.cli.main import cli
from geoasm.io import writers

BOW = shapely.Polygon([(3e5, 8.91e6), (3.02e5, 8.912e6), (3.02e5, 8.91e6), (3e5, 8.912e6)])


@pytest.fixture
def files(tmp_path):
    rights = [
        shapely.box(3e5, 8.9e6, 3.01e5, 8.901e6),
        shapely.box(3.01e5, 8.9e6, 3.02e5, 8.901e6),
        BOW,
    ]
    spots = [
        shapely.Point(3.01e5, 8.9005e6),
        shapely.Point(3.005e5, 8.9005e6),
        None,
        shapely.Point(3e5, 8e6),
    ]
    paths = tmp_path / "points.parquet", tmp_path / "rights.parquet"
    gpd.GeoDataFrame({"code": list("abcd")}, geometry=spots, crs="EPSG:32718").to_parquet(paths[0])
    gpd.GeoDataFrame(geometry=rights, crs="EPSG:32718").to_parquet(paths[1])
    return [str(path) for path in paths]


def call(*arguments):
    return CliRunner().invoke(cli, ["link", *map(str, arguments)])


def test_counts_balance_and_pairs_are_written(files, tmp_path) -> None:
    out = tmp_path / "pairs.parquet"

    done = call(*files, "--point-id", "code", "--out", out)

    assert done.exit_code == 0, done.output
    told = {
        name: int(n) for name, n in (line.rsplit(None, 1) for line in done.stdout.splitlines()[:9])
    }
    assert told == {
        "points": 4, "  in one right": 1, "  in several": 1, "  in none": 1, "  without position": 1,
        "pairs": 3, "rights": 3, "  mended": 1, "  without outline": 0,
    }  # fmt: skip
    assert done.stdout.splitlines()[9] == f"what was mended or set aside: {out}.issues.csv"
    assert pq.read_table(out).to_pylist() == [
        {"point": "a", "right": 1}, {"point": "a", "right": 2}, {"point": "b", "right": 1},
    ]  # fmt: skip


def test_pairs_whose_list_of_doubts_cannot_be_written_are_not_written_either(
    files, tmp_path, monkeypatch
) -> None:
    out = tmp_path / "t" / "pairs.parquet"
    assert call(*files, "--out", out).exit_code == 0
    before = {p.name: p.read_bytes() for p in out.parent.iterdir()}
    assert set(before) == {"pairs.parquet", "pairs.parquet.issues.csv"}

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(writers, "write_csv", refuse)
    done = call(files[0], files[1], "--point-id", "code", "--out", out, "--overwrite")
    assert done.exit_code == 2
    assert "issues.csv: no space left" in done.stderr
    assert {p.name: p.read_bytes() for p in out.parent.iterdir()} == before


def test_the_operation_between_systems_is_told(files, tmp_path) -> None:
    degrees = tmp_path / "degrees.parquet"
    gpd.read_parquet(files[0]).to_crs("EPSG:4326").to_parquet(degrees)

    done = call(degrees, files[1], "--profile", "pe", "--out", tmp_path / "pairs.parquet")

    assert done.exit_code == 0, done.output
    assert "points came into the rights' system by" in done.stdout


def test_where_nothing_meets_it_says_what_to_check(files, tmp_path) -> None:
    turned = tmp_path / "turned.parquet"
    spots = gpd.read_parquet(files[0]).to_crs("EPSG:4326")
    spots.set_geometry(shapely.transform(spots.geometry, lambda at: at[:, ::-1])).to_parquet(turned)

    met = call(*files, "--out", tmp_path / "met.parquet")
    missed = call(turned, files[1], "--out", tmp_path / "missed.parquet")

    assert missed.exit_code == 0, missed.output
    assert "no point lies in any right: check both systems" in missed.stdout
    assert "no point lies" not in met.stdout


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--crs", "EPSG:4326"], "must be points=EPSG:CODE or rights=EPSG:CODE"),
        (["--crs", "points=EPSG:32718", "--crs", "points=EPSG:32717"], "one side is given twice"),
        (["--crs", "points=EPSG:1"], "unknown coordinate system 'EPSG:1'"),
        (["--right-id", "nonsense"], "no column 'nonsense': name one with --right-id, of none"),
    ],
)
def test_what_is_wrong_is_one_line(files, tmp_path, flags, says) -> None:
    done = call(*files, *flags, "--out", tmp_path / "pairs.parquet")

    assert done.exit_code == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "pairs.parquet").exists()


def test_a_result_that_exists_stays(files, tmp_path) -> None:
    out = tmp_path / "pairs.parquet"
    out.write_text("mine")

    done = call(*files, "--out", out)

    assert done.exit_code == 2
    assert out.read_text() == "mine"
    assert call(*files, "--out", out, "--overwrite").exit_code == 0


def test_a_home_of_nobody_is_a_missing_file_in_one_line(files, tmp_path) -> None:
    done = call("~nobody-is-called-so/a.parquet", files[1], "--out", tmp_path / "p.parquet")
    assert done.exit_code == 2
    assert "no such file or folder: ~nobody-is-called-so/a.parquet" in done.stderr
    assert done.stderr.count("\n") == 1
