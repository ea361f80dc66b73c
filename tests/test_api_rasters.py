"""Rasters from notebooks and the command line: their numbers come out, and one line where they cannot."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from rasterio.transform import Affine
from shapely import box

import geoasm
from geoasm.cli.main import cli
from geoasm.errors import CRSError, InputError, OptionError
from geoasm.render.labels import Labels
from geoasm.render.report import report_html
from geoasm.schema import HIDDEN
from tests.geotiffs import write

ON = date(2024, 6, 1)
X, Y = 500_000.0, 9_000_000.0
PLACE = Affine(100, 0, X, 0, -100, Y + 1000)  # ten pixels by ten, a hectare each


@pytest.fixture
def rights() -> gpd.GeoDataFrame:
    """Two squares of 25 hectares, side by side, and one far away."""
    columns = {
        "CODIGOU": ["010000001", "010000002", "010000003"],
        "TIT_CONCES": ["MINERA GRANDE S.A.", "QUISPE ROSA", "QUISPE ROSA"],
        "FEC_DENU": pd.to_datetime(["1999-01-01", "2003-01-01", "2003-01-01"]),
        "ESTADO": ["T", "T", "T"],
    }
    squares = [box(X + x, Y, X + x + 500, Y + 500) for x in (0, 500, 50_000)]
    return gpd.GeoDataFrame(columns, geometry=squares, crs="EPSG:32718")


@pytest.fixture
def register() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "COD_REINFO": ["A"],
            "NOMBRE_MIN": ["ROSA QUISPE"],
            "ESTADO": ["VIGENTE"],
            "ZONA": ["18"],
            "ESTE": [X + 250],
            "NORTE": [Y + 250],
        }
    )


def mask(path: Path, disturbed: int, **options: object) -> Path:
    """The south-western right has so many disturbed pixels."""
    values = np.zeros((10, 10), dtype=np.uint8)
    rows, columns = np.divmod(np.arange(disturbed), 5)
    values[9 - rows, columns] = 1
    return write(path, values, transform=PLACE, **options)


@pytest.fixture
def activity(tmp_path: Path) -> list[Path]:
    return [mask(tmp_path / f"mining_{y}.tif", n) for y, n in ((2015, 2), (2020, 2), (2023, 9))]


# --- Rights alone


def test_rights_are_measured_without_a_register(
    rights: gpd.GeoDataFrame, activity: list[Path]
) -> None:
    found = geoasm.measure_disturbance(rights, activity, on=ON)
    table = found.concessions.set_index("concession_id")
    assert table["disturbed_ha"].tolist()[:2] == pytest.approx([9, 0])
    assert pd.isna(table.loc["010000003", "disturbed_ha"])
    assert table.loc["010000001", ["disturbed_year", "last_growth_year"]].tolist() == [2023, 2023]
    assert found.years.groupby("year")["concession_id"].agg(list).to_dict() == {
        year: ["010000001", "010000002"] for year in (2015, 2020, 2023)
    }
    assert set(found.issues["source"]) == {"activity"}
    assert isinstance(found.concessions, gpd.GeoDataFrame)


def test_persons_are_hidden_in_what_a_cadastre_says_freely(
    rights: gpd.GeoDataFrame, activity: list[Path]
) -> None:
    said = rights.assign(CONCESION=["LA PRIMERA", "QUISPE ROSA", "ROSA"], HASDATUM=1.0)
    found = geoasm.measure_disturbance(said, activity, on=ON)
    assert found.concessions["name"].tolist() == ["LA PRIMERA", HIDDEN, "ROSA"]
    assert (found.issues["problem"] == "area_mismatch").sum() == 3


def test_years_may_be_said_with_the_files(rights: gpd.GeoDataFrame, tmp_path: Path) -> None:
    files = {2018: mask(tmp_path / "a.tif", 3), 2019: mask(tmp_path / "b.tif", 1)}
    found = geoasm.measure_disturbance(rights, files, on=ON).concessions
    assert found.loc[0, ["first_disturbed_year", "disturbed_year"]].tolist() == [2018, 2019]


def test_one_file_is_no_list(rights: gpd.GeoDataFrame, activity: list[Path]) -> None:
    for one in (activity[2], str(activity[2])):
        found = geoasm.measure_disturbance(rights, one, on=ON).concessions
        assert found.loc[0, "disturbed_ha"] == pytest.approx(9)


def test_no_file_is_no_answer(rights: gpd.GeoDataFrame) -> None:
    with pytest.raises(OptionError, match="activity names no file"):
        geoasm.measure_disturbance(rights, [], on=ON)


def test_assumptions_reach_the_rasters(rights: gpd.GeoDataFrame, tmp_path: Path) -> None:
    file = mask(tmp_path / "m_2020.tif", 9, nodata=1, crs=None)
    given = {"on": ON, "crs": {"activity": "EPSG:32718"}}
    with pytest.raises(CRSError, match="--crs activity="):
        geoasm.measure_disturbance(rights, file, on=ON)
    said = {"activity.nodata": "none", "activity.legend": "binary"}
    found = geoasm.measure_disturbance(rights, file, assume=said, **given).concessions
    assert found.loc[0, "disturbed_ha"] == pytest.approx(9)
    other = geoasm.measure_disturbance(
        rights, file, assume={**said, "activity.legend": "mapbiomas"}, **given
    )
    assert other.concessions.loc[0, "disturbed_ha"] == 0


def test_what_a_raster_cannot_lack_is_told(rights: gpd.GeoDataFrame, activity: list[Path]) -> None:
    with pytest.raises(
        OptionError, match=r"activity\.clouds is nothing .*activity\.nodata or activ"
    ):
        geoasm.measure_disturbance(rights, activity, assume={"activity.clouds": "3"})


# --- A whole run


def test_a_run_says_what_rasters_show(
    rights: gpd.GeoDataFrame, register: pd.DataFrame, activity: list[Path], tmp_path: Path
) -> None:
    dem = write(
        tmp_path / "dem.tif",
        np.tile(np.arange(40, dtype=np.float32) * 30, (40, 1)),  # 45 degrees, to the east
        transform=Affine(30, 0, X - 300, 0, -30, Y + 900),
    )
    result = geoasm.analyze(
        concessions=rights,
        registrations=register,
        rasters={"activity": activity, "elevation": dem},
        on=ON,
    )
    assert result.registrations.loc[0, "slope_deg"] == pytest.approx(45)
    assert result.registrations.loc[0, "setting"] == "hard_rock"
    assert result.concessions.loc[0, "disturbed_ha"] == pytest.approx(9)
    assert sorted(result.disturbance["year"].unique()) == [2015, 2020, 2023]
    inputs = [i for i in result.manifest["inputs"] if i["role"] in ("activity", "elevation")]
    names = [i["name"] for i in inputs]
    assert names == ["mining_2015.tif", "mining_2020.tif", "mining_2023.tif", "dem.tif"]
    assert {len(i["sha256"]) for i in inputs} == {64}
    assert {i["rows"] for i in inputs} == {0}
    assert [i["legend"] for i in inputs] == ["binary"] * 3 + [None]
    report = report_html(result, Labels("en"))
    assert "mining_2015.tif, read by legend binary" in report
    assert "dem.tif, read" not in report
    assert "rasterio" in result.manifest["versions"]


@pytest.mark.parametrize("is_placed", [True, False])
def test_growth_is_no_evidence_where_somebody_is_registered_by_place_or_by_declaration(
    rights: gpd.GeoDataFrame, register: pd.DataFrame, activity: list[Path], is_placed: bool
) -> None:
    elsewhere = register.assign(COD_REINFO="B", ESTE=X + 50_250)
    declared = register.assign(ID_UNIDAD="010000001")
    if not is_placed:
        declared[["ESTE", "NORTE", "ZONA"]] = None
    found = []
    for rows in (elsewhere, pd.concat([elsewhere, declared], ignore_index=True)):
        result = geoasm.analyze(
            concessions=rights, registrations=rows, rasters={"activity": activity}, on=ON
        )
        grown = result.evidence[result.evidence["kind"] == "footprint"]
        found.append(grown.set_index("concession_id")["counts"].to_dict())
    assert found == [{"010000001": True}, {"010000001": False}]


@pytest.mark.parametrize(
    ("rasters", "message"),
    [
        ({"activty": "a.tif"}, "'activty' is no role"),
        ({"admin": "a.tif"}, "rasters: admin does not belong here; activity, elevation do"),
        ({"activity": []}, "rasters: activity names no file"),
        ({"elevation": ["a.tif", "b.tif"]}, "elevation is given 2 times"),
    ],
)
def test_what_is_wrong_with_rasters_is_one_line(
    rights: gpd.GeoDataFrame, register: pd.DataFrame, rasters: dict, message: str
) -> None:
    with pytest.raises(OptionError, match=message):
        geoasm.analyze(concessions=rights, registrations=register, rasters=rasters, on=ON)


def test_rasters_have_no_encoding(
    rights: gpd.GeoDataFrame, register: pd.DataFrame, activity: list[Path]
) -> None:
    with pytest.raises(OptionError, match="--encoding activity=utf-8: a raster has no text"):
        geoasm.analyze(
            concessions=rights,
            registrations=register,
            rasters={"activity": activity},
            encoding={"activity": "utf-8"},
        )


# --- The command line


def ask(*args: object) -> Result:
    return CliRunner().invoke(cli, [str(a) for a in args])


@pytest.fixture
def files(rights: gpd.GeoDataFrame, register: pd.DataFrame, tmp_path: Path) -> list[object]:
    rights.to_file(tmp_path / "rights.gpkg")
    register.to_csv(tmp_path / "register.csv", index=False)
    given = [
        "--concessions",
        tmp_path / "rights.gpkg",
        "--registrations",
        tmp_path / "register.csv",
    ]
    return ["run", "--profile", "pe", "--on", "2024-06-01", *given]


def test_flags_bring_rasters_to_a_run(
    files: list[object], activity: list[Path], tmp_path: Path
) -> None:
    flags = [part for file in activity[1:] for part in ("--raster", f"activity={file}")]
    done = ask(*files, *flags, "--out", tmp_path / "run")
    assert done.exit_code == 0, done.stderr
    concessions = pd.read_parquet(tmp_path / "run" / "concessions.parquet").set_index(
        "concession_id"
    )
    assert concessions.loc["010000001", "last_growth_year"] == 2023
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    names = [i["name"] for i in manifest["inputs"] if i["role"] == "activity"]
    assert names == ["mining_2020.tif", "mining_2023.tif"]
    assert str(tmp_path) not in json.dumps(manifest)


def test_a_study_file_brings_rasters_to_a_run(
    files: list[object], activity: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "study.toml").write_text(
        '[study]\nprofile = "pe"\non = 2024-06-01\n[files]\nconcessions = "rights.gpkg"\n'
        'registrations = "register.csv"\n[rasters]\n'
        'activity = ["mining_2015.tif", { file = "mining_2023.tif", year = 2022 }]\n',
        encoding="utf-8",
    )
    done = ask("run", tmp_path / "study.toml", "--out", tmp_path / "run")
    assert done.exit_code == 0, done.stderr
    concessions = pd.read_parquet(tmp_path / "run" / "concessions.parquet").set_index(
        "concession_id"
    )
    assert concessions.loc["010000001", "disturbed_year"] == 2022


@pytest.mark.parametrize(
    ("flag", "words"),
    [
        ("activity={folder}/none_2020.tif", "no such file"),
        ("activity={folder}/rights.gpkg", "is no raster"),
        ("activity={folder}/mining.tif", "--raster activity@2020="),
        ("activity={folder}/photo_2020.tif", "3 bands"),
        ("activity={folder}/away_2020.tif", "does not overlap the concessions"),
        ("elevation={folder}/away_2020.tif", "does not overlap the registrations"),
        ("activity={folder}/odd_2020.tif", "--assume activity.legend=NAME"),
    ],
)
def test_a_raster_that_cannot_be_used_is_one_line_and_exit_code_2(
    files: list[object], tmp_path: Path, flag: str, words: str
) -> None:
    mask(tmp_path / "mining.tif", 3)
    write(tmp_path / "photo_2020.tif", np.zeros((3, 4, 4), dtype=np.uint8))
    write(tmp_path / "away_2020.tif", transform=Affine(30, 0, X + 2e5, 0, -30, Y))
    write(tmp_path / "odd_2020.tif", np.full((10, 10), 200, dtype=np.uint8), transform=PLACE)
    done = ask(*files, "--raster", flag.format(folder=tmp_path), "--out", tmp_path / "run")
    assert done.exit_code == 2
    assert words in done.stderr
    assert done.stderr.strip().splitlines()[-1].startswith("geoasm: error: ")
    assert not (tmp_path / "run").exists()


def test_a_nodata_that_is_disturbed_ground_is_refused(
    rights: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="declares 1 as no data, but legend binary calls it"):
        geoasm.measure_disturbance(
            rights,
            mask(tmp_path / "m_2020.tif", 3, nodata=1),
            assume={"activity.legend": "binary"},
        )
