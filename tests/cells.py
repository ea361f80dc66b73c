"""A world of sixteen cells, one for each class and then some, as INGEMMET and MINEM write it."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pyproj
from shapely import Polygon, box

from geoasm.codes import Role

ZONE = "EPSG:32718"
X, Y = 480_000, 8_900_000
DEGREES = pyproj.Transformer.from_crs(ZONE, "EPSG:4326", always_xy=True)

BIG, SMALL, NEW = "MINERA GRANDE S.A.", "MINERA CHICA E.I.R.L.", "MINERA NUEVA S.A.C."


def ruc(prefix: str, number: int) -> str:
    """Make an identity number with its check digit."""
    digits = f"{prefix}{number:08d}"
    total = sum(int(d) * w for d, w in zip(digits, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=True))
    return f"{digits}{(11 - total % 11) % 10}"


ROSA, JUAN = ruc("10", 41), ruc("10", 42)

# cell: (code, holder, status, filed on)
RIGHTS = [
    (0, "010000001", "QUISPE MAMANI, ROSA", "T", "2001-01-01"),
    (1, "010000002", BIG, "T", "1999-01-01"),
    (2, "010000003", SMALL, "T", "2003-01-01"),
    (3, "010000004", NEW, "T", "2003-01-01"),
    (4, "010000005", BIG, "T", "1985-01-01"),
    (5, "010000006", BIG, "P", "2020-01-01"),
    (6, "010000007", SMALL, "F", "1995-01-01"),
    (7, "010000008", BIG, "A", "1995-01-01"),
    (10, "010000009", BIG, "T", "1990-01-01"),
    (11, "010000010", BIG, "T", "2000-01-01"),
    (11, "010000011", SMALL, "T", "2000-01-01"),
    (13, "010000012", SMALL, "T", "1990-01-01"),
    (13, "010000013", BIG, "T", "2000-01-01"),
    (14, "010000014", BIG, "T", "1990-01-01"),
    (14, "010000015", "ROSA QUISPE MAMANI", "T", "2000-01-01"),
]
# class of the registration in each cell
CLASSES = {
    0: "own_title",
    1: "on_lsm_msm",
    2: "on_small_scale",
    3: "on_unknown_holder",
    4: "on_idle_claim",
    5: "on_pending_claim",
    6: "on_extinct_claim",
    7: "on_other_right",
    8: "in_asm_zone",
    9: "open_ground",
    10: "prohibited_area",
    11: "ambiguous",
    12: "unlocatable",
    13: "on_small_scale",
    14: "own_title",
    15: "open_ground",
}


def cell(number: int, grow: float = 0) -> Polygon:
    """A square kilometre of a row of cells with a kilometre between neighbours."""
    west = X + number * 2000
    return box(west - grow, Y - grow, west + 1000 + grow, Y + 1000 + grow)


def polygons(columns: dict, shapes: list) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=shapes, crs=ZONE)


def concessions() -> gpd.GeoDataFrame:
    columns = {
        "CODIGOU": [code for _, code, *_ in RIGHTS],
        "CONCESION": [f"DERECHO {cell}" for cell, *_ in RIGHTS],
        "TIT_CONCES": [holder for _, _, holder, *_ in RIGHTS],
        "FEC_DENU": pd.to_datetime([day for *_, day in RIGHTS]),
        "ESTADO": [status for *_, status, _ in RIGHTS],
        "HECTAREA": [100.0] * len(RIGHTS),
        "ZONA": ["18"] * len(RIGHTS),
        "SUSTANCIA": ["M"] * len(RIGHTS),
    }
    return polygons(columns, [cell(c) for c, *_ in RIGHTS])


def registrations() -> pd.DataFrame:
    lon, lat = DEGREES.transform([X + c * 2000 + 500 for c in CLASSES], [Y + 500] * len(CLASSES))
    rows = pd.DataFrame({"COD_REINFO": [f"REG{c:02}" for c in CLASSES]})
    rows["M_RUC"] = [ROSA if c in (0, 14) else JUAN for c in CLASSES]
    rows["NOMBRE_MIN"] = ["QUISPE MAMANI ROSA" if c in (0, 14) else "PEREZ JUAN" for c in CLASSES]
    rows["ID_UNIDAD"] = ["010000002" if c in (1, 9) else None for c in CLASSES]
    rows["TIPO_ACT"] = ["BENEFICIO" if c == 15 else "EXPLOTACION" for c in CLASSES]
    rows["ESTADO"] = ["SUSPENDIDO" if c % 2 else "VIGENTE" for c in CLASSES]
    rows["DEPARTAMENTO"] = "NORTE"
    rows["LONGITUD_G84"] = [
        None if c == 12 else f"{x:.7f}" for c, x in zip(CLASSES, lon, strict=True)
    ]
    rows["LATITUD_G84"] = [
        None if c == 12 else f"{y:.7f}" for c, y in zip(CLASSES, lat, strict=True)
    ]
    return rows.astype("str")


def layers() -> dict[Role, pd.DataFrame]:
    park = {"anp_cate": ["Parque Nacional"], "anp_codi": ["PN99"], "anp_nomb": ["PARQUE"]}
    park["anp_felec"] = pd.to_datetime(["2000-01-01"])
    west, east = cell(0, 500).bounds, cell(16, 500).bounds
    return {
        Role.PROTECTED_AREAS: polygons(park, [cell(10, 100)]),
        Role.ASM_ZONES: polygons({"CODIGO": ["Z1"], "NOMBRE": ["ZONA"]}, [cell(8, 100)]),
        Role.ADMIN: polygons(
            {"NOMBDEP": ["NORTE"], "NOMBPROV": ["NORTE"]}, [box(*west[:2], *east[2:])]
        ),
        Role.STRATA: pd.DataFrame(
            {"holder": [BIG, SMALL], "stratum": ["Régimen General", "PPM"], "date": "2023-01-01"}
        ).astype("str"),
        Role.PENALTIES: pd.DataFrame(
            {"CODIGOU": ["010000005", "10000005", "010000002"], "year": ["2023", "2022", "2010"]}
        ).astype("str"),
    }


def whole_world() -> dict[Role, pd.DataFrame]:
    return {Role.CONCESSIONS: concessions(), Role.REGISTRATIONS: registrations(), **layers()}
