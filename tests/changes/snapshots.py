"""One country twice: a world of cells, and the same a year later with a change in each cell."""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd

import geoasm
from geoasm.codes import LAYER_ROLES, TABLE_ROLES, Role
from geoasm.model import Result
from tests import cells

Frames = dict[Role, Any]

# What changed in each right, by its later code.
RIGHTS = {
    "010000001": {"holder", "stratum"},
    "010000002": {"status"},
    "010000003": {"vanished"},
    "010000004": {"stratum"},
    "010000005": {"activity"},
    "010000006": {"status"},
    "010000099": {"recoded"},
    "010000008": {"moved"},
    "010000010": {"vanished", "split"},
    "010000012": {"filing"},
    "010000013": {"grew"},
    "010000020": {"appeared"},
    "010000021": {"appeared"},
    "010000030": {"appeared"},
}
# Class before and after, and the cause, of every registration whose class differs.
CLASSES = {
    "REG00": ("own_title", "on_lsm_msm", "holder"),
    "REG01": ("on_lsm_msm", "on_extinct_claim", "status"),
    "REG02": ("on_small_scale", "open_ground", "right"),
    "REG03": ("on_unknown_holder", "on_small_scale", "stratum"),
    "REG04": ("on_idle_claim", "on_lsm_msm", "activity"),
    "REG05": ("on_pending_claim", "on_lsm_msm", "status"),
    "REG08": ("in_asm_zone", "open_ground", "context"),
    "REG09": ("open_ground", "on_pending_claim", "right"),
    "REG10": ("prohibited_area", "on_lsm_msm", "context"),
    "REG12": ("unlocatable", "open_ground", "point"),
    "REG13": ("on_small_scale", "on_lsm_msm", "order"),
    "REG14": ("own_title", "on_lsm_msm", "registrant"),
    "REG15": ("open_ground", None, "gone"),
    "REG99": (None, "open_ground", "new"),
}


def run(frames: Frames, on: date = date(2024, 6, 1), **options: Any) -> Result:
    return geoasm.analyze(
        concessions=frames[Role.CONCESSIONS],
        registrations=frames[Role.REGISTRATIONS],
        layers={r.value: f for r, f in frames.items() if r in LAYER_ROLES},
        tables={r.value: f for r, f in frames.items() if r in TABLE_ROLES},
        on=on,
        **options,
    )


def earlier() -> Frames:
    return cells.whole_world()


def later() -> Frames:
    frames = cells.whole_world()
    rights = frames[Role.CONCESSIONS].set_index("CODIGOU", drop=False)
    rights.loc["010000001", "TIT_CONCES"] = cells.BIG
    rights.loc["010000002", "ESTADO"] = "F"
    rights.loc["010000006", "ESTADO"] = "T"
    rights.loc["010000007", "CODIGOU"] = "010000099"
    rights.loc[["010000008"], "geometry"] = rights.geometry[["010000008"]].translate(300)
    rights.loc["010000012", "FEC_DENU"] = pd.Timestamp("2005-01-01")
    rights.loc[["010000013"], "geometry"] = gpd.GeoSeries([cells.cell(13, 50)], ["010000013"])
    whole = rights.loc["010000010"]
    west, south, east, north = whole.geometry.bounds
    middle = (west + east) / 2 - 100
    halves = [
        whole.geometry.__class__([(a, south), (b, south), (b, north), (a, north)])
        for a, b in ((west, middle), (middle, east))
    ]
    parts = gpd.GeoDataFrame([whole, whole], geometry=halves, crs=rights.crs)
    parts["CODIGOU"] = ["010000020", "010000021"]
    claim = rights.loc[["010000006"]].assign(
        CODIGOU="010000030", ESTADO="P", geometry=[cells.cell(9)]
    )
    kept = rights.drop(index=["010000003", "010000010"])
    frames[Role.CONCESSIONS] = pd.concat([kept, parts, claim], ignore_index=True)
    frames[Role.REGISTRATIONS] = _later_register(frames[Role.REGISTRATIONS])
    strata = pd.DataFrame({"holder": [cells.NEW], "stratum": ["PPM"], "date": "2023-01-01"})
    frames[Role.STRATA] = pd.concat([frames[Role.STRATA], strata], ignore_index=True)
    penalties = frames[Role.PENALTIES]
    frames[Role.PENALTIES] = penalties[penalties["year"] == "2010"].reset_index(drop=True)
    elsewhere = [cells.cell(30)]
    for role in (Role.PROTECTED_AREAS, Role.ASM_ZONES):
        frames[role] = frames[role].set_geometry(elsewhere, crs=cells.ZONE)
    return frames


def _later_register(register: pd.DataFrame) -> pd.DataFrame:
    rows = register.set_index("COD_REINFO", drop=False)
    lon, lat = cells.DEGREES.transform([cells.X + 40_500, cells.X + 42_500], [cells.Y + 500] * 2)
    rows.loc["REG12", ["LONGITUD_G84", "LATITUD_G84"]] = [f"{lon[0]:.7f}", f"{lat[0]:.7f}"]
    rows.loc["REG14", ["M_RUC", "NOMBRE_MIN"]] = [cells.JUAN, "PEREZ JUAN"]
    rows.loc["REG06", "COD_REINFO"] = "REG66"
    new = rows.loc[["REG15"]].assign(COD_REINFO="REG99", NOMBRE_MIN="GOMEZ LUIS")
    new["M_RUC"] = cells.ruc("10", 77)
    new["LONGITUD_G84"], new["LATITUD_G84"] = f"{lon[1]:.7f}", f"{lat[1]:.7f}"
    return pd.concat([rows.drop(index="REG15"), new], ignore_index=True)
