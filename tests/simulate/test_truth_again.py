"""The truth of the sample once more, by another road: from its files, point by point, no index."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyogrio
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry
from stdnum.pe import ruc as peruvian

STATUS = {"P": "pending", "D": "pending", "A": "other", "B": "other", "R": "other", "S": "other"}
STATUS |= dict.fromkeys("TNEQ", "titled") | dict.fromkeys("FJLHY9X", "extinct")
DATUM = dict.fromkeys(["01", "1", "PSAD56"], "psad56") | dict.fromkeys(["02", "2"], "wgs84")
DATUM["WGS84"] = "wgs84"
HARD = ("PARQUE NACIONAL", "SANTUARIO NACIONAL", "SANTUARIO HISTORICO")
CORRIDOR_REGION = "MADRE DE DIOS"
PENALTY_YEARS, WINDOW = 2, (2024, 2026)


def letters(name: object) -> str:
    """Keep the letters of a name, whatever its case, accents, stops and spaces; undo mojibake."""
    if not isinstance(name, str):
        return ""
    for encoding in ("cp1252", "latin-1"):
        try:
            name = name.encode(encoding).decode("utf-8")
            break
        except UnicodeError:
            continue
    plain = unicodedata.normalize("NFKD", name.upper())
    return "".join(c for c in plain if c.isalnum())


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


@dataclass
class Title:
    status: str
    filed: str
    holder: str
    zone: str
    hour: str = ""
    datum: str = ""
    origin: str = ""
    parts: list[BaseGeometry] = field(default_factory=list)


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


class Files:
    """The sample as somebody reads it who knows nothing of how it was made."""

    def __init__(self, folder: Path) -> None:
        self.rights = self._rights(pyogrio.read_dataframe(folder / "concessions.gpkg"))
        areas = pyogrio.read_dataframe(folder / "protected_areas.gpkg")
        self.hard = list(areas.geometry[areas["anp_cate"].isin(HARD)])
        self.asm = list(pyogrio.read_dataframe(folder / "asm_zones.gpkg").geometry)
        self.corridor = list(pyogrio.read_dataframe(folder / "mining_corridor.gpkg").geometry)
        admin = pyogrio.read_dataframe(folder / "admin.gpkg")
        self.region = list(admin.geometry[admin["NOMBDEP"] == CORRIDOR_REGION])
        strata = pd.read_csv(folder / "strata.csv")
        self.stratum = dict(zip(strata["holder"].map(letters), strata["stratum"], strict=True))
        holders = pd.read_csv(folder / "holders.csv", dtype=str)
        self.number = dict(zip(holders["holder"].map(letters), holders["ruc"], strict=True))
        paid = pd.read_csv(folder / "penalties.csv", dtype={"concession_id": str})
        paid = paid[paid["year"].between(*WINDOW)].drop_duplicates()
        counts = paid["concession_id"].value_counts()
        self.idle = set(counts.index[counts >= PENALTY_YEARS])

    @staticmethod
    def _rights(rows: pd.DataFrame) -> dict[str, Title]:
        rights: dict[str, Title] = {}
        for row in rows.itertuples():
            if row.geometry is None or row.geometry.is_empty:
                continue
            code = row.CODIGOU.rjust(9, "0")
            to_zone = Transformer.from_crs(4326, f"EPSG:327{row.ZONA}", always_xy=True)
            shape = shapely.transform(row.geometry, to_zone.transform, interleaved=False)
            if not shape.is_valid:
                shape = shapely.make_valid(shape)
            filed = "" if pd.isna(row.FEC_DENU) else str(row.FEC_DENU)[:10]
            status = STATUS.get(row.ESTADO, "unknown")
            title = Title(
                status,
                filed,
                letters(row.TIT_CONCES),
                row.ZONA,
                text(row.HOR_DENU).replace(":", ""),
                DATUM.get(text(row.DATUM), ""),
                text(row.TIPO_EX),
            )
            rights.setdefault(code, title).parts.append(shape)
        return rights

    def over(self, lon: float, lat: float) -> dict[str, Title]:
        at = {}
        for zone in ("17", "18", "19"):
            to_zone = Transformer.from_crs(4326, f"EPSG:327{zone}", always_xy=True)
            at[zone] = shapely.Point(to_zone.transform(lon, lat))
        return {
            code: title
            for code, title in self.rights.items()
            if any(part.covers(at[title.zone]) for part in title.parts)
        }

    def is_own(self, title: Title, number: str, name: str) -> bool | None:
        known = self.number.get(title.holder, "")
        if number and known:
            return number == known
        return name == title.holder if name and title.holder else None

    def on_title(self, code: str, title: Title, own: bool | None) -> str:
        if title.status == "unknown":
            return "ambiguous"
        if own is None:
            return "on_unknown_holder"
        if code in self.idle:
            return "on_idle_claim"
        stratum = self.stratum.get(title.holder)
        return {"LSM_MSM": "on_lsm_msm", "SMALL_SCALE": "on_small_scale"}.get(
            str(stratum), "on_unknown_holder"
        )

    def classify(self, lon: float, lat: float, number: str, name: str) -> tuple[str, set[str]]:
        point = shapely.Point(lon, lat)
        stack = self.over(lon, lat)
        in_region = any(s.covers(point) for s in self.region)
        if any(s.covers(point) for s in self.hard) or (
            in_region and not any(s.covers(point) for s in self.corridor)
        ):
            return "prohibited_area", set(stack)
        titles = {c: t for c, t in stack.items() if t.status in ("titled", "unknown")}
        own = {c: self.is_own(t, number, name) for c, t in titles.items()}
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
def recomputed(folder: Path) -> tuple[pd.DataFrame, Mapping[int, tuple[str, set[str]]]]:
    files = Files(folder)
    truth = pd.read_parquet(folder / "truth.parquet")
    register = pd.read_csv(folder / "registrations.csv", dtype=str)
    found = {}
    for row, entry in zip(truth.itertuples(), register.itertuples(), strict=True):
        number = text(entry.M_RUC)
        number = number if peruvian.is_valid(number) else ""
        found[row.Index] = files.classify(row.lon, row.lat, number, letters(entry.NOMBRE_MIN))
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
    recomputed: tuple[pd.DataFrame, Mapping[int, tuple[str, set[str]]]],
) -> None:
    truth, found = recomputed
    for row in truth[truth["fault_outcome"] != "unlocatable"].itertuples():
        ids = set(text(row.right_ids).split(";")) - {""}
        assert ids == found[row.Index][1]
        assert row.n_rights == len(ids)
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
