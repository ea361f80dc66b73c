"""The truth of the sample once more, by another road: from its files, point by point, no index."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely
from pyproj import Transformer
from stdnum.pe import ruc as peruvian

from tests.simulate.reread import Files, Title, letters, text

HARD = ("PARQUE NACIONAL", "SANTUARIO NACIONAL", "SANTUARIO HISTORICO")
CORRIDOR_REGION = "MADRE DE DIOS"


def goes_after(title: Title, other: Title) -> bool:
    """Tell whether another title goes first: datum, then origin, then day, then hour, where stated."""
    if title.datum and other.datum and title.datum != other.datum:
        return other.datum == "psad56"
    if {title.origin, other.origin} == {"DN", "RD"}:
        return other.origin == "DN"
    if not title.filed or not other.filed:
        return False
    if title.filed == other.filed and not (title.hour and other.hour):
        return False
    return other.filed + other.hour < title.filed + title.hour


class Ground:
    """Areas of the sample, and what a place means to a registrant."""

    def __init__(self, folder: Path, files: Files) -> None:
        self.files = files
        areas = pyogrio.read_dataframe(folder / "protected_areas.gpkg")
        self.hard = list(areas.geometry[areas["anp_cate"].isin(HARD)])
        self.asm = list(pyogrio.read_dataframe(folder / "asm_zones.gpkg").geometry)
        self.corridor = list(pyogrio.read_dataframe(folder / "mining_corridor.gpkg").geometry)
        admin = pyogrio.read_dataframe(folder / "admin.gpkg")
        self.region = list(admin.geometry[admin["NOMBDEP"] == CORRIDOR_REGION])
        self.stratum = {c: files.stratum(t)[0] for c, t in files.rights.items()}
        self.idle = files.fined - files.worked()

    def on_title(self, code: str, title: Title, own: bool | None) -> str:
        if title.status == "unknown":
            return "ambiguous"
        if own is None:
            return "on_unknown_holder"
        if code in self.idle:
            return "on_idle_claim"
        named = {"lsm_msm": "on_lsm_msm", "small_scale": "on_small_scale"}
        return named.get(self.stratum[code], "on_unknown_holder")

    def classify(self, lon: float, lat: float, number: str, name: str) -> tuple[str, set[str]]:
        point = shapely.Point(lon, lat)
        stack = self.files.over(lon, lat)
        in_region = any(s.covers(point) for s in self.region)
        if any(s.covers(point) for s in self.hard) or (
            in_region and not any(s.covers(point) for s in self.corridor)
        ):
            return "prohibited_area", set(stack)
        titles = {c: t for c, t in stack.items() if t.status in ("titled", "unknown")}
        own = {c: self.files.is_own(t, number, name) for c, t in titles.items()}
        if any(own[c] and t.status == "titled" for c, t in titles.items()):
            return "own_title", set(stack)
        if titles:
            after = {c for c, t in titles.items() if any(goes_after(t, o) for o in titles.values())}
            rivals = {c: t for c, t in titles.items() if c not in after} or titles
            meant = {self.on_title(c, t, own[c]) for c, t in rivals.items()}
            return (meant.pop() if len(meant) == 1 else "ambiguous"), set(stack)
        if any(s.covers(point) for s in self.asm):
            return "in_asm_zone", set(stack)
        status = {t.status for t in stack.values()}
        for kind in ("pending", "extinct", "other"):
            if kind in status:
                return {"other": "on_other_right"}.get(kind, f"on_{kind}_claim"), set(stack)
        return "open_ground", set(stack)


@pytest.fixture(scope="module")
def files(folder: Path) -> Files:
    return Files(folder)


@pytest.fixture(scope="module")
def recomputed(
    folder: Path, files: Files
) -> tuple[pd.DataFrame, Mapping[int, tuple[str, set[str]]]]:
    ground = Ground(folder, files)
    truth = pd.read_parquet(folder / "truth.parquet")
    register = pd.read_csv(folder / "registrations.csv", dtype=str)
    found = {}
    for row, entry in zip(truth.itertuples(), register.itertuples(), strict=True):
        number = text(entry.M_RUC)
        number = number if peruvian.is_valid(number) else ""
        found[row.Index] = ground.classify(row.lon, row.lat, number, letters(entry.NOMBRE_MIN))
    return truth, found


def test_classes_come_out_the_same(
    recomputed: tuple[pd.DataFrame, Mapping[int, tuple[str, set[str]]]],
) -> None:
    truth, found = recomputed
    wrong = [
        (row.registration_id, row.class_at_place, found[row.Index][0])
        for row in truth.itertuples()
        if row.class_at_place != found[row.Index][0]
    ]
    assert wrong == []
    kept = truth["fault_outcome"] != "unlocatable"
    assert (truth["asm_class"] == truth["class_at_place"])[kept].all()


def test_stacks_come_out_the_same(
    files: Files, recomputed: tuple[pd.DataFrame, Mapping[int, tuple[str, set[str]]]]
) -> None:
    truth, found = recomputed
    for row in truth[truth["fault_outcome"] != "unlocatable"].itertuples():
        ids = set(text(row.right_ids).split(";")) - {""}
        assert ids == found[row.Index][1]
        assert row.n_rights == len(ids)
        assert row.n_titles == sum(files.rights[code].status == "titled" for code in ids)
        if row.asm_class.startswith(("on_", "own")):
            assert row.concession_id in ids


def test_entries_without_a_position_fall_back_on_a_declared_title_in_force(folder: Path) -> None:
    truth = pd.read_parquet(folder / "truth.parquet")
    rights = pd.read_parquet(folder / "truth_concessions.parquet").set_index("concession_id")
    lost = truth[truth["fault_outcome"] == "unlocatable"]
    status = lost["declared_right_id"].map(rights["status"])
    assert (lost["asm_class"] == lost["class_if_unlocated"]).all()
    assert ((lost["asm_class"] != "unlocatable") == (status == "titled")).all()
    assert (status == "titled").any()
    assert (status != "titled").any()


@pytest.fixture(scope="module")
def rights(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "truth_concessions.parquet").set_index("concession_id")


def test_strata_come_out_the_same(files: Files, rights: pd.DataFrame) -> None:
    told = rights[["holder_stratum", "stratum_basis"]].apply(tuple, axis=1).to_dict()
    assert {c: files.stratum(t) for c, t in files.rights.items()} == told


def test_the_ground_behind_each_right_comes_out_the_same(
    files: Files, rights: pd.DataFrame
) -> None:
    for code, title in files.rights.items():
        largest = max((files.total[owner] for owner in files.owners(title)), default=np.nan)
        assert rights["holder_total_ha"][code] == pytest.approx(largest, abs=1e-4, nan_ok=True)


def test_activity_comes_out_the_same_but_for_disturbed_ground(
    files: Files, rights: pd.DataFrame
) -> None:
    worked = files.worked()
    assert worked == set(rights.index[rights["holder_activity"] == "active"])
    idle = set(rights.index[rights["holder_activity"] == "idle"])
    told = set(
        rights.index[rights["holder_activity"].notna()]
    )  # the truth leaves close calls empty
    disputed = (files.fined - worked - idle) & told
    assert idle <= files.fined
    assert rights.loc[list(disputed), "activity_conflict"].all()
    assert (rights.loc[list(disputed), "last_growth_year"] >= 2024).all()


def test_pixels_of_the_rasters_add_up_to_the_disturbed_hectares(
    folder: Path, files: Files, rights: pd.DataFrame
) -> None:
    """Pixels counted by their middle: right to a pixel's width along the edges of a scar."""
    years = pd.read_parquet(folder / "truth_disturbance.parquet")
    for year, rows in years.groupby("year"):
        with rasterio.open(folder / f"activity_{year}.tif") as file:
            values, transform = file.read(1), file.transform
        row, column = np.nonzero(values == 1)
        lon = transform.c + (column + 0.5) * transform.a
        lat = transform.f + (row + 0.5) * transform.e
        for found in rows.itertuples():
            title = files.rights[found.concession_id]
            to_zone = Transformer.from_crs(4326, f"EPSG:327{title.zone}", always_xy=True)
            near = np.abs(lon - np.median(lon)) < 180
            x, y = to_zone.transform(lon[near], lat[near])
            inside = int(shapely.contains_xy(title.shape, x, y).sum())
            pixel_ha = 111.32 * 110.6 * np.cos(np.radians(abs(np.mean(lat)))) / 10_000
            assert abs(inside * pixel_ha - found.disturbed_ha) < 0.12 * found.disturbed_ha + 6
