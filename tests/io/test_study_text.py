"""A study written down is the study again: every option, absolute paths, no password."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from geoasm.codes import Role
from geoasm.io.paths import RasterFile
from geoasm.io.study import Study, read_study
from geoasm.io.study_text import study_text


def read_back(study: Study, folder: Path) -> Study:
    path = folder / "study.toml"
    path.write_text(study_text(study), encoding="utf-8")
    return read_study(path)


def test_everything_that_a_study_says_comes_back(tmp_path: Path) -> None:
    study = Study(
        profile="pe",
        on=date(2026, 1, 31),
        title='Título "entre comillas" \\ y\ttabulación\x7f',
        files={
            Role.CONCESSIONS: "/data/catastro 2026.gpkg:titles",
            Role.REGISTRATIONS: "/data/reinfo.csv",
            Role.ADMIN: "/data/regiones.zip",
            Role.PENALTIES: "/data/padrón.xlsx:hoja 1",
        },
        rasters={
            Role.ACTIVITY: (RasterFile("/r/a_2019.tif"), RasterFile("/r/b.tif:2", 2024)),
            Role.ELEVATION: (RasterFile("/r/dem.tif"),),
        },
        crs={Role.CONCESSIONS: "EPSG:32718"},
        encoding={Role.REGISTRATIONS: "cp1252"},
        assumptions={("concessions", "status"): "titled", ("activity", "nodata"): "255"},
        audience="internal",
        language="en",
        stacked="ambiguous",
        planarize=True,
        position_sigma_m=250.0,
    )
    assert read_back(study, tmp_path) == study


def test_what_is_not_said_stays_unsaid(tmp_path: Path) -> None:
    assert read_back(Study(), tmp_path) == Study()


def test_paths_are_absolute_wherever_the_study_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/h/ana")
    study = Study(
        profile="my_profile",
        files={
            Role.CONCESSIONS: "in/c.gpkg:a b",
            Role.REGISTRATIONS: "~/r.csv",
            Role.ADMIN: "~nobody-is-called-so/a.zip",
        },
        rasters={Role.ELEVATION: (RasterFile("dem.tif"),)},
    )
    said = tomllib.loads(study_text(study))
    assert said["files"] == {
        "concessions": f"{tmp_path}/in/c.gpkg:a b",
        "registrations": "/h/ana/r.csv",
    }
    assert said["layers"] == {"admin": f"{tmp_path}/~nobody-is-called-so/a.zip"}
    assert said["rasters"] == {"elevation": [f"{tmp_path}/dem.tif"]}
    assert said["study"]["profile"] == f"{tmp_path}/my_profile"


@pytest.mark.parametrize(
    ("url", "written"),
    [
        (
            "postgresql://ana:secret@db:5432/cat?table=public.titles",
            "postgresql://ana@db:5432/cat?table=public.titles",
        ),
        ("postgresql://ana:p@ss:w@db/cat?table=t", "postgresql://ana@db/cat?table=t"),
        (
            "postgresql://db/cat?table=t&password=secret&sslmode=require",
            "postgresql://db/cat?table=t&sslmode=require",
        ),
        ("postgresql://ana@db/cat?table=a%20b", "postgresql://ana@db/cat?table=a%20b"),
    ],
)
def test_a_database_keeps_all_but_its_password(url: str, written: str) -> None:
    text = study_text(Study(files={Role.CONCESSIONS: url}))
    assert tomllib.loads(text)["files"]["concessions"] == written
    assert "secret" not in text
