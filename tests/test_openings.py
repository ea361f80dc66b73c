"""Free ground of a run: from the source's own columns to files, pages and refusals."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from functools import cache
from html import unescape
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

import geoasm
from geoasm import api, schema
from geoasm.errors import OptionError, OutputError, OutputExists
from geoasm.io.results import load_result
from geoasm.model import Result
from geoasm.openings import Openings
from geoasm.render.labels import Labels
from tests.free_scenes import ZONE, X, Y, degrees, square
from tests.screened import HOSTILE, sample_run

# column, row, status, day of free claiming; the cluster stands on the first
RIGHTS = [
    (0, 0, "F", "2023-05-01"),
    (1, 0, "F", "2027-05-01"),
    (0, 1, "F", None),
    (-1, 0, "T", None),
    (0, -1, "P", None),
]


@cache
def planted_run() -> Result:
    """Run a cluster of four on extinct ground, as INGEMMET and MINEM write it."""
    rights = gpd.GeoDataFrame(
        {
            "CODIGOU": [f"01000000{i}" for i in range(len(RIGHTS))],
            "CONCESION": [f"DERECHO {i}" for i in range(len(RIGHTS))],
            "TIT_CONCES": "MINERA GRANDE S.A.",
            "ESTADO": [r[2] for r in RIGHTS],
            "FEC_DENU": pd.Timestamp("2000-01-01"),
            "FEC_LIB": pd.to_datetime([r[3] for r in RIGHTS]),
            "ZONA": "18",
        },
        geometry=[square(*r[:2]) for r in RIGHTS],
        crs=ZONE,
    )
    points = degrees([shapely.Point(X + 400 + i * 60, Y + 500) for i in range(4)])
    register = pd.DataFrame(
        {
            "COD_REINFO": [f"REG{i}" for i in range(4)],
            "M_RUC": None,
            "NOMBRE_MIN": [f"QUISPE MAMANI ROSA{i}" for i in range(4)],
            "TIPO_ACT": "EXPLOTACION",
            "ESTADO": "VIGENTE",
            "LONGITUD_G84": [f"{p.x:.7f}" for p in points],
            "LATITUD_G84": [f"{p.y:.7f}" for p in points],
        }
    ).astype({"M_RUC": "str"})
    return api.analyze(concessions=rights, registrations=register, on=date(2025, 1, 1))


@pytest.fixture(scope="module")
def made() -> Openings:
    return geoasm.seek_openings(planted_run(), ring=1)


@pytest.fixture(scope="module")
def folder(made: Openings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.save(tmp_path_factory.mktemp("openings") / "out")


def test_the_day_of_free_claiming_comes_from_the_cadastre_and_is_published() -> None:
    rights = planted_run().concessions.set_index("concession_id")["free_on"]
    assert rights["010000000"] == pd.Timestamp("2023-05-01")
    assert rights.notna().sum() == 2


def test_cells_say_from_when_extinct_ground_is_free(made: Openings) -> None:
    cells = made.found.cells.set_index("cell_id")
    told = cells.loc[["18-480-8900", "18-481-8900", "18-480-8901"], ["ground", "free_on"]]
    assert list(told["ground"]) == ["extinct_free", "extinct_until", "extinct_unknown"]
    assert list(told["free_on"][:2]) == list(pd.to_datetime(["2023-05-01", "2027-05-01"]))
    assert cells.loc["18-480-8900", "n_registrations"] == 4
    (row,) = made.found.clusters.to_dict("records")
    assert row["blocked_by"] == "pending=1;titled=1"
    assert (row["n_registrations"], row["standing_share"]) == (4, 1.0)


def test_files_are_layers_tables_a_page_and_a_manifest(made: Openings, folder: Path) -> None:
    names = {"openings.gpkg", "openings.csv", "clusters.csv", "openings.html", "manifest.json"}
    assert {p.name for p in folder.iterdir()} == names
    cells = pyogrio.read_dataframe(folder / "openings.gpkg", layer="openings")
    assert len(cells) == len(pd.read_csv(folder / "openings.csv")) == len(made.found.cells) == 7
    with closing(sqlite3.connect(folder / "openings.gpkg")) as db:
        styled = db.execute("SELECT f_table_name FROM layer_styles WHERE useAsDefault").fetchall()
    assert {name for (name,) in styled} == {"openings", "opening_clusters"}
    counts = json.loads((folder / "manifest.json").read_text("utf-8"))["counts"]
    assert (counts["openings"], counts["open_ha"], counts["cells_looked_at"]) == (7, 700.0, 9)
    assert sum(row["cells"] for row in counts["by_ground"].values()) == 7


def test_the_same_run_gives_the_same_bytes(made: Openings, folder: Path, tmp_path: Path) -> None:
    again = geoasm.seek_openings(planted_run(), ring=1).save(tmp_path / "again")
    for path in folder.iterdir():
        assert path.read_bytes() == (again / path.name).read_bytes(), path.name


def test_a_run_without_its_private_part_gives_the_same(folder: Path, tmp_path: Path) -> None:
    run = planted_run().save(tmp_path / "run")  # type: ignore[attr-defined]
    for path in sorted((run / "private").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (run / "private").rmdir()
    again = geoasm.seek_openings(run, ring=1).save(tmp_path / "again")
    for name in ("openings.csv", "clusters.csv"):
        assert (folder / name).read_bytes() == (again / name).read_bytes()


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_page_says_what_it_is_not(language: str) -> None:
    page = unescape(geoasm.seek_openings(sample_run(), language=language).files.page)
    labels = Labels(language)
    assert labels.text("openings.warning") in page
    assert "Ley 30428; DS 025-2016-EM" in page
    assert f'<html lang="{language}">' in page
    assert not re.findall(r"\{\w+\}", page.partition("</style>")[2])
    assert "<script" not in page
    assert labels.role("restricted_areas") in page  # not given


def test_hostile_names_of_regions_stay_text() -> None:
    result = sample_run()
    clusters = result.clusters.copy()
    clusters["admin_1"] = HOSTILE[0]
    page = geoasm.seek_openings(replace(result, clusters=clusters)).files.page
    assert "<img" not in page
    assert "&lt;img" in page or "&#34;&gt;&lt;img" in page


def test_a_run_without_such_clusters_says_so(tmp_path: Path) -> None:
    result = sample_run()
    none = replace(result, clusters=schema.empty(schema.CLUSTERS), registrations=result.registrations.assign(cluster_id=pd.array([pd.NA] * len(result.registrations), dtype="Int64")))  # fmt: skip
    made = geoasm.seek_openings(none, language="en")
    assert "there is nothing to search around" in made.files.page
    out = made.save(tmp_path / "out")
    assert len(pd.read_csv(out / "openings.csv")) == 0


def test_refusals_name_what_is_missing() -> None:
    result = planted_run()
    elsewhere = replace(result, summary={**result.summary, "profile": "cd"})
    with pytest.raises(OptionError, match="profile cd has no grid of claims"):
        geoasm.seek_openings(elsewhere)
    early = replace(result, summary={**result.summary, "on": "2015-01-01"})
    with pytest.raises(OptionError, match="in force from 2016-04-30"):
        geoasm.seek_openings(early)


def test_nothing_is_overwritten_unasked(made: Openings, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputExists):
        made.save(folder)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.docx").touch()
    with pytest.raises(OutputError, match="is not free ground"):
        made.save(tmp_path / "mine", overwrite=True)


@pytest.mark.real
def test_openings_of_cajamarca_are_free_by_its_own_files(real: Path, tmp_path: Path) -> None:
    """By another road: the layers as found, moved by geopandas, cell by cell."""
    folder = real / "peru_cajamarca"
    rights = gpd.read_file(folder / "concessions.geojson").set_crs(4326, allow_override=True)
    extinct = rights[rights["ESTADO"].isin(list("FLX"))]
    rng = np.random.default_rng(1)
    centres = extinct.representative_point().get_coordinates().to_numpy()
    spots = np.repeat(centres, 4, axis=0) + rng.uniform(-1, 1, (4 * len(centres), 2)) * 1e-3
    register = pd.DataFrame({"COD_REINFO": [f"R{i}" for i in range(len(spots))]})
    register[["NOMBRE_MIN", "TIPO_ACT", "ESTADO"]] = ["PEREZ JUAN LUIS", "EXPLOTACION", "VIGENTE"]
    register["M_RUC"] = None
    register[["LONGITUD_G84", "LATITUD_G84"]] = spots.round(7).astype(str)
    result = api.analyze(
        concessions=folder / "concessions.geojson",
        registrations=register.astype("str"),
        layers={
            "protected_areas": folder / "protected_areas.geojson",
            "admin": folder / "provinces.geojson",
        },
        crs={"concessions": "EPSG:4326"},
        on=date(2026, 1, 1),
    )
    cells = geoasm.seek_openings(result).found.cells
    assert len(cells) > 50
    assert {"free", "extinct_unknown"} == set(cells["ground"])
    faults = []
    for zone, here in cells.groupby("zone"):
        moved = rights.to_crs(32700 + int(zone))
        moved["geometry"] = moved.make_valid()
        for row in here.to_dict("records"):
            w, s = row["west_m"], row["south_m"]
            ground = shapely.box(w, s, w + 1000, s + 1000)
            near = moved[moved.intersects(ground)]
            on_it = near[near.intersection(ground).area > 10]
            lapsed = on_it["ESTADO"].isin(list("FLXJHY9"))
            named = "" if pd.isna(row["extinct_ids"]) else row["extinct_ids"]
            if not lapsed.all() or ";".join(sorted(on_it["CODIGOU"])) != named:
                faults.append(row["cell_id"])
    assert faults == []


def test_a_run_reads_back_with_the_day(tmp_path: Path) -> None:
    run = planted_run().save(tmp_path / "run")  # type: ignore[attr-defined]
    assert load_result(run).concessions["free_on"].notna().sum() == 2
