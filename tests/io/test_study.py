"""Study files: everything a run takes, and one clear line for everything that is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from geoasm.codes import Role
from geoasm.errors import OptionError, SourceNotFound
from geoasm.io.paths import RasterFile
from geoasm.io.study import Study, combine, read_study

WHOLE = """
[study]
profile = "pe"
on = 2026-01-01
title = "Áncash"

[files]
concessions = "catastro.gpkg:titulos"
registrations = "/data/reinfo.csv"

[layers]
protected_areas = "postgresql://host/db?table=anp"

[tables]
strata = "tables/strata.csv"

[rasters]
activity = ["a_2019.tif", { file = "maps/b.tif:2", year = 2020 }]
elevation = "/data/dem.tif"

[crs]
concessions = "EPSG:32717"

[encoding]
registrations = "cp1252"

[assume]
"concessions.status" = "titled"
registrations.activity = "extraction"

[options]
language = "es"
audience = "internal"
stacked = "ambiguous"
"""


def study_file(folder: Path, text: str) -> Path:
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_whole_study(tmp_path: Path) -> None:
    assert read_study(study_file(tmp_path, WHOLE)) == Study(
        profile="pe",
        on=date(2026, 1, 1),
        title="Áncash",
        files={
            Role.CONCESSIONS: f"{tmp_path}/catastro.gpkg:titulos",
            Role.REGISTRATIONS: "/data/reinfo.csv",
            Role.PROTECTED_AREAS: "postgresql://host/db?table=anp",
            Role.STRATA: f"{tmp_path}/tables/strata.csv",
        },
        rasters={
            Role.ACTIVITY: (
                RasterFile(f"{tmp_path}/a_2019.tif"),
                RasterFile(f"{tmp_path}/maps/b.tif:2", 2020),
            ),
            Role.ELEVATION: (RasterFile("/data/dem.tif"),),
        },
        crs={Role.CONCESSIONS: "EPSG:32717"},
        encoding={Role.REGISTRATIONS: "cp1252"},
        assumptions={
            ("concessions", "status"): "titled",
            ("registrations", "activity"): "extraction",
        },
        language="es",
        audience="internal",
        stacked="ambiguous",
    )


def test_everything_may_be_left_out(tmp_path: Path) -> None:
    assert read_study(study_file(tmp_path, "")) == Study()


def test_a_profile_folder_is_relative_to_the_study(tmp_path: Path) -> None:
    study = read_study(study_file(tmp_path, '[study]\nprofile = "./my/zz"'))
    assert study.profile is not None
    assert Path(study.profile) == tmp_path / "my" / "zz"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[fils]", r"study.toml: fils: is not known here; did you mean files\?"),
        ("[study]\nprofil = 'pe'", r"study.profil: is not known here; did you mean profile\?"),
        (
            "[layers]\nprotected_area = 'x'",
            r"layers.protected_area: is not known here; did you mean protected_areas\?",
        ),
        ("[layers]\nxyzzy = 'x'", r"layers.xyzzy: is not known here; known: protected_areas, "),
        ("[layers]\nstrata = 'x'", r"layers.strata: belongs in \[tables\]"),
        ("[files]\nadmin = 'x'", r"files.admin: belongs in \[layers\]"),
        ("[files]\nconcessions = 3", r"files.concessions: must be a text in quotes, not 3"),
        ("[files]\nconcessions = ' '", r"files.concessions: must be a text in quotes"),
        ("[crs]\nconcesions = 'x'", r"crs.concesions: .* did you mean concessions\?"),
        ("crs = 'EPSG:4326'", r"crs: must be a table: write \[crs\]"),
        ("[study]\non = '2026-01-01'", r"study.on: must be a day without quotes"),
        ("[study]\non = 2026-01-01T00:00:00", r"study.on: must be a day without quotes"),
        ("[study]\nprofile = ''", r"study.profile: must be a text"),
        ("[assume]\nstatus = 'titled'", r'assume.status: write it as "concessions.status"'),
        ("[assume]\n'concesions.status' = 'x'", r"assume.concesions: .* concessions\?"),
        ("[assume]\nconcessions.status = 1", r"assume.concessions.status: must be a text"),
        ("[options]\nstacked = 'both'", r"options.stacked: 'both' is none of seniority, ambig"),
        ("[options]\nlanguages = 'es'", r"options.languages: .* did you mean language\?"),
        ("[rasters]\nadmin = 'x'", r"rasters.admin: belongs in \[layers\]"),
        ("[layers]\nactivity = 'x'", r"layers.activity: belongs in \[rasters\]"),
        ("[rasters]\nactivty = 'x'", r"rasters.activty: .* did you mean activity\?"),
        ("[rasters]\nactivity = []", r"rasters.activity: names no file; leave it out"),
        ("[rasters]\nactivity = [3]", r"rasters.activity: must be a text in quotes, not 3"),
        ("[rasters]\nactivity = { year = 2020 }", r"rasters.activity: lacks its file: \{ file"),
        (
            "[rasters]\nactivity = { file = 'x', year = '2020' }",
            r"rasters.activity.year: must be a year without quotes, not '2020'",
        ),
        (
            "[rasters]\nactivity = { file = 'x', yaer = 2020 }",
            r"rasters.activity.yaer: is not known here; did you mean year\?",
        ),
        ("[study\n", r"study.toml: not a TOML file in UTF-8: .*line 1.{0,20}$"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=message) as caught:
        read_study(study_file(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_bytes(b'[study]\ntitle = "\xc1ncash"')
    with pytest.raises(OptionError, match=r"study\.toml: not a TOML file in UTF-8"):
        read_study(path)


def test_a_missing_study_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFound, match="no such study file"):
        read_study(tmp_path / "none.toml")


def test_a_folder_is_no_study(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="not readable as a study file"):
        read_study(tmp_path)


# --- Flags over a study ---

BASE = Study(
    profile="pe",
    on=date(2026, 1, 1),
    files={Role.CONCESSIONS: "old.shp", Role.REGISTRATIONS: "r.csv"},
    crs={Role.CONCESSIONS: "EPSG:32717", Role.REGISTRATIONS: "EPSG:4326"},
    encoding={Role.CONCESSIONS: "cp1252"},
    assumptions={("concessions", "status"): "titled", ("registrations", "activity"): "extraction"},
    stacked="ambiguous",
)


def test_flags_win_and_the_rest_stays() -> None:
    out = combine(BASE, Study(on=date(2020, 5, 1), files={Role.STRATA: "s.csv"}, language="en"))
    assert (out.profile, out.on, out.stacked, out.language) == (
        "pe",
        date(2020, 5, 1),
        "ambiguous",
        "en",
    )
    assert out.files == {**BASE.files, Role.STRATA: "s.csv"}
    assert out.crs == BASE.crs


def test_what_a_study_says_of_its_file_goes_with_the_file() -> None:
    out = combine(BASE, Study(files={Role.CONCESSIONS: "new.gpkg"}))
    assert out.files[Role.CONCESSIONS] == "new.gpkg"
    assert out.crs == {Role.REGISTRATIONS: "EPSG:4326"}
    assert out.encoding == {}
    assert out.assumptions == {("registrations", "activity"): "extraction"}


def test_a_flag_speaks_for_its_own_file() -> None:
    out = combine(
        BASE,
        Study(files={Role.CONCESSIONS: "new.gpkg"}, crs={Role.CONCESSIONS: "EPSG:32718"}),
    )
    assert out.crs[Role.CONCESSIONS] == "EPSG:32718"


def test_a_role_of_rasters_is_replaced_as_a_whole() -> None:
    several = (RasterFile("a_2019.tif"), RasterFile("b.tif", 2020))
    study = Study(
        rasters={Role.ACTIVITY: several, Role.ELEVATION: (RasterFile("dem.tif"),)},
        crs={Role.ACTIVITY: "EPSG:4326", Role.ELEVATION: "EPSG:32718"},
        assumptions={("activity", "nodata"): "255", ("elevation", "nodata"): "0"},
    )
    newer = (RasterFile("c_2024.tif"),)
    out = combine(study, Study(rasters={Role.ACTIVITY: newer}))
    assert out.rasters == {Role.ACTIVITY: newer, Role.ELEVATION: (RasterFile("dem.tif"),)}
    assert out.crs == {Role.ELEVATION: "EPSG:32718"}
    assert out.assumptions == {("elevation", "nodata"): "0"}


def test_no_flags_change_nothing() -> None:
    assert combine(BASE, Study()) == BASE


def test_a_file_of_rows_in_the_place_of_a_study_is_told_from_one(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text("A,B\n1,2\n", encoding="utf-8")
    with pytest.raises(OptionError, match=r"a study file ends in \.toml, other files have a flag"):
        read_study(path)
