"""What a notebook calls: frames or files in, a result out, and one line where that cannot be."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point, box

import geoasm
from geoasm.api import Analysis
from geoasm.errors import (
    CRSError,
    EmptySource,
    GeoasmError,
    MissingColumn,
    OptionError,
    OutputExists,
    SourceNotFound,
    UnknownProfile,
    UnreadableSource,
)
from geoasm.io.results import load_result

ON = date(2024, 6, 1)


@pytest.fixture
def rights() -> gpd.GeoDataFrame:
    columns = {
        "CODIGOU": ["010000001", "010000002"],
        "TIT_CONCES": ["MINERA GRANDE S.A.", "QUISPE ROSA"],
        "FEC_DENU": pd.to_datetime(["1999-01-01", "2003-01-01"]),
        "ESTADO": ["T", "T"],
    }
    squares = [box(-75, -10, -74.99, -9.99), box(-74.98, -10, -74.97, -9.99)]
    return gpd.GeoDataFrame(columns, geometry=squares, crs="EPSG:4326")


@pytest.fixture
def register() -> pd.DataFrame:
    """A plain table with numbers, as a notebook holds it."""
    return pd.DataFrame(
        {
            "COD_REINFO": ["A", "B", "C"],
            "NOMBRE_MIN": ["ROSA QUISPE", "ROSA QUISPE", "JUAN PEREZ"],
            "ESTADO": ["VIGENTE", "VIGENTE", "SUSPENDIDO"],
            "LONGITUD_G84": [-74.995, -74.975, -74.5],
            "LATITUD_G84": [-9.995, -9.995, -9.5],
        }
    )


STRATA = pd.DataFrame({"holder": ["MINERA GRANDE SA"], "stratum": ["Régimen General"]})


def classes(analysis: Analysis) -> list[str]:
    return analysis.registrations.sort_values("registration_id")["asm_class"].tolist()


def test_frames_in_classes_out(rights: gpd.GeoDataFrame, register: pd.DataFrame) -> None:
    before = rights.copy(), register.copy()
    result = geoasm.analyze(
        concessions=rights, registrations=register, tables={"strata": STRATA}, on=ON
    )
    assert classes(result) == ["on_lsm_msm", "own_title", "open_ground"]
    assert result.manifest["versions"]["geoasm"] == geoasm.__version__
    assert result.manifest["options"]["on"] == "2024-06-01"
    pd.testing.assert_frame_equal(rights, before[0])
    pd.testing.assert_frame_equal(register, before[1])


def test_points_any_index_and_any_system_will_do(
    rights: gpd.GeoDataFrame, register: pd.DataFrame
) -> None:
    at = gpd.points_from_xy(register["LONGITUD_G84"], register["LATITUD_G84"], crs="EPSG:4326")
    plain = register.drop(columns=["LONGITUD_G84", "LATITUD_G84"]).set_index(
        "COD_REINFO", drop=False
    )
    points = gpd.GeoDataFrame(plain, geometry=at).to_crs("EPSG:32718")
    result = geoasm.analyze(
        concessions=rights.to_crs("EPSG:3857").set_index("CODIGOU", drop=False),
        registrations=points,
        tables={"strata": STRATA},
        on=ON,
    )
    assert classes(result) == ["on_lsm_msm", "own_title", "open_ground"]


def test_files_give_what_frames_give(
    rights: gpd.GeoDataFrame, register: pd.DataFrame, tmp_path: Path
) -> None:
    rights.to_file(tmp_path / "rights.gpkg", layer="cadastre")
    register.to_csv(tmp_path / "register.csv", index=False)
    STRATA.to_csv(tmp_path / "strata.csv", index=False)
    result = geoasm.analyze(
        concessions=f"{tmp_path / 'rights.gpkg'}:cadastre",
        registrations=tmp_path / "register.csv",
        tables={"strata": str(tmp_path / "strata.csv")},
        on=ON,
    )
    assert classes(result) == ["on_lsm_msm", "own_title", "open_ground"]
    inputs = {i["role"]: i for i in result.manifest["inputs"]}
    assert inputs["concessions"]["name"].endswith("rights.gpkg")
    assert str(tmp_path) not in str(result.manifest)
    assert len(inputs["registrations"]["sha256"]) == 64


def test_a_saved_result_is_whole_and_reads_back(
    rights: gpd.GeoDataFrame, register: pd.DataFrame, tmp_path: Path
) -> None:
    result = geoasm.analyze(concessions=rights, registrations=register, on=ON, language="en")
    folder = result.save(tmp_path / "run")
    for name in ("manifest.json", "geoasm.gpkg", "summary.json", "map.html", "report.html"):
        assert (folder / name).stat().st_size > 0
    loaded = load_result(folder)
    assert classes(loaded) == classes(result) == classes(geoasm.load_result(str(folder)))
    for page in ("map.html", "report.html"):
        text = (folder / page).read_text(encoding="utf-8")
        assert "QUISPE" not in text
        assert "JUAN PEREZ" not in text
    with pytest.raises(OutputExists):
        result.save(folder)
    result.save(folder, overwrite=True)


def test_the_same_answers_are_the_same_bytes(
    rights: gpd.GeoDataFrame, register: pd.DataFrame, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        geoasm.analyze(concessions=rights, registrations=register, on=ON).save(tmp_path / name)
    files = sorted(p.name for p in (tmp_path / "one").glob("*") if p.suffix in (".parquet", ".csv"))
    assert len(files) > 5
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_column_that_a_file_lacks_may_be_assumed(
    rights: gpd.GeoDataFrame, register: pd.DataFrame
) -> None:
    bare = rights.drop(columns="ESTADO")
    with pytest.raises(MissingColumn, match=r"--assume concessions\.status=VALUE"):
        geoasm.analyze(concessions=bare, registrations=register, on=ON)
    result = geoasm.analyze(
        concessions=bare, registrations=register, on=ON, assume={"concessions.status": "pending"}
    )
    assert classes(result) == ["on_pending_claim", "on_pending_claim", "open_ground"]
    assert result.summary["assumed"] == {"concessions.status": "pending"}
    assert result.manifest["options"]["assumptions"] == {"concessions.status": "pending"}


def test_a_system_may_be_named_for_a_frame_that_has_none(
    rights: gpd.GeoDataFrame, register: pd.DataFrame
) -> None:
    nameless = rights.set_crs(None, allow_override=True)
    with pytest.raises(CRSError, match="--crs concessions="):
        geoasm.analyze(concessions=nameless, registrations=register, on=ON)
    result = geoasm.analyze(
        concessions=nameless, registrations=register, on=ON, crs={"concessions": "EPSG:4326"}
    )
    assert classes(result)[1] == "own_title"


def test_an_empty_point_is_a_registration_without_position(
    rights: gpd.GeoDataFrame, register: pd.DataFrame
) -> None:
    points = [Point(-74.995, -9.995), Point(), None]
    drawn = gpd.GeoDataFrame(register.iloc[:, :3], geometry=points, crs="EPSG:4326")
    found = geoasm.analyze(concessions=rights, registrations=drawn, on=ON).registrations
    assert (
        found.set_index("registration_id")["asm_class"][["B", "C"]].tolist() == ["unlocatable"] * 2
    )


def test_an_internal_run_of_which_no_party_is_known_is_saved(
    rights: gpd.GeoDataFrame, register: pd.DataFrame, tmp_path: Path
) -> None:
    given = {"registrations": register.assign(NOMBRE_MIN=None), "on": ON, "audience": "internal"}
    nobody = geoasm.analyze(concessions=rights.assign(TIT_CONCES=None), **given)
    assert nobody.parties.empty
    assert load_result(nobody.save(tmp_path / "run")).parties.empty


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"layers": {"parks": STRATA}}, OptionError, "'parks' is no role; roles: concessions"),
        ({"tables": {"stratum": STRATA}}, OptionError, "'stratum' is no role"),
        ({"layers": {"concessions": STRATA}}, OptionError, "layers: concessions does not belong"),
        ({"tables": {"admin": STRATA}}, OptionError, "tables: admin does not belong here; strata,"),
        ({"crs": {"rights": "EPSG:4326"}}, OptionError, "'rights' is no role"),
        ({"assume": {"status": "titled"}}, OptionError, "must be ROLE.FIELD"),
        ({"assume": {"concessions.status": "titled"}}, OptionError, "has it in column ESTADO"),
        ({"position_sigma_m": 1e9}, OptionError, "up to 10,000"),
        ({"position_sigma_m": float("nan")}, OptionError, "no position error"),
        ({"assume": {"concessions.colour": "red"}}, GeoasmError, "colour"),
        ({"profile": "atlantis"}, UnknownProfile, "atlantis"),
        ({"stacked": "senior"}, OptionError, "stacked: 'senior' is none of seniority, ambiguous"),
        ({"audience": "everybody"}, OptionError, "audience: 'everybody' is none of"),
        ({"language": "qu"}, OptionError, "language: 'qu' is none of es, en"),
        ({"on": date(1990, 1, 1)}, GeoasmError, "1990-01-01"),
        ({"concessions": "nowhere.gpkg"}, SourceNotFound, "nowhere.gpkg"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_cannot_be_done_is_told_in_one_line(
    rights: gpd.GeoDataFrame, register: pd.DataFrame, given: dict, error: type, says: str
) -> None:
    with pytest.raises(error) as caught:
        geoasm.analyze(**{"concessions": rights, "registrations": register, "on": ON, **given})
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_unusable_frames_are_told_in_one_line(
    rights: gpd.GeoDataFrame, register: pd.DataFrame
) -> None:
    points = rights.set_geometry([Point(-75, -10)] * 2).set_crs("EPSG:4326")
    cases = [
        ({"concessions": rights.drop(columns="CODIGOU")}, MissingColumn, "concession_id"),
        ({"concessions": points}, UnreadableSource, "polygon"),
        ({"concessions": pd.DataFrame(rights.drop(columns="geometry"))}, GeoasmError, "geometry"),
        ({"registrations": register.drop(columns="LATITUD_G84")}, MissingColumn, "position"),
        ({"registrations": register.drop(columns="NOMBRE_MIN")}, MissingColumn, "registrant_name"),
        ({"registrations": register.iloc[:0]}, EmptySource, "registrations"),
        ({"concessions": rights.iloc[:0]}, EmptySource, "concessions"),
        ({"tables": {"strata": STRATA[["holder"]]}}, MissingColumn, "stratum"),
    ]
    for given, error, says in cases:
        with pytest.raises(error) as caught:
            geoasm.analyze(**{"concessions": rights, "registrations": register, "on": ON, **given})
        assert says in str(caught.value)
        assert "\n" not in str(caught.value)
        assert "QUISPE" not in str(caught.value)


def test_columns_of_one_name_are_told_apart_and_the_first_is_read(
    rights: gpd.GeoDataFrame, register: pd.DataFrame
) -> None:
    twice = pd.concat([register, register[["ESTADO"]].assign(ESTADO="?")], axis=1)
    result = geoasm.analyze(concessions=rights, registrations=twice, on=ON)
    assert result.registrations["status"].tolist() == ["active", "active", "suspended"]
    unused = result.issues[result.issues["problem"] == "unused_column"]
    assert unused["field"].tolist() == ["ESTADO.1"]


def test_columns_may_be_named_by_anything(rights: gpd.GeoDataFrame, register: pd.DataFrame) -> None:
    odd = register.assign(more=1, last=2).set_axis(
        pd.Index([*register.columns, 0, "\ud800"], dtype=object), axis=1
    )
    result = geoasm.analyze(concessions=rights.rename_geometry(7), registrations=odd, on=ON)
    assert len(result.registrations) == 3


def test_shapes_none_of_which_is_the_active_one_are_no_geometry(
    rights: gpd.GeoDataFrame, register: pd.DataFrame
) -> None:
    lost = rights.rename(columns={"geometry": "shape"})
    with pytest.raises(UnreadableSource, match="the file has no geometry"):
        geoasm.analyze(concessions=lost, registrations=register, on=ON)
