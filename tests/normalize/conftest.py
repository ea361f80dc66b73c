"""A small country to normalise files of: three zones, a cadastre, a register, districts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geoasm.codes import FieldKind, Role
from geoasm.model import (
    CrsPlan,
    DatumOperation,
    FieldSource,
    FieldSpec,
    PositionSpec,
    RawLayer,
    RoleSpec,
    Source,
    Vocabulary,
    Zone,
)

ON = date(2026, 6, 1)

PLAN = CrsPlan(
    geographic="EPSG:4326",
    drawn_in="zone",
    zones=(
        Zone("17", 32717, -84, -78),
        Zone("18", 32718, -78, -72),
        Zone("19", 32719, -72, -66),
    ),
    equal_area="+proj=laea +lat_0=-10 +lon_0=-75 +datum=WGS84 +units=m +type=crs",
    bounds=(-84.7, -20.3, -68.6, 0.1),
    operations=(DatumOperation("EPSG:4248", "EPSG:4326", "EPSG:1208", 16, "EPSG dataset"),),
    legacy_zones=(
        Zone("17", 24877, -84, -78),
        Zone("18", 24878, -78, -72),
        Zone("19", 24879, -72, -66),
    ),
)

LETTERS = Vocabulary(
    "letters",
    "invented",
    {"T": "titled", "P": "pending", "X": "extinct", "E": "titled"},
    doubtful=frozenset({"E"}),
)
WORDS = Vocabulary(
    "words",
    "invented",
    {"PLANTA": "other"},
    prefixes=(("D.M. TIT", "titled"), ("D.M.", "pending")),
)
KINDS = Vocabulary("kinds", "invented", {"T": "mining", "P": "mining", "X": "mining", "B": "plant"})


def field(
    name: str, kind: FieldKind, *columns: str, vocabulary: Vocabulary | None = None, **more: Any
) -> FieldSpec:
    return FieldSpec(name, kind, (FieldSource(columns, vocabulary),), **more)


def _fields(*specs: FieldSpec) -> Mapping[str, FieldSpec]:
    return {s.name: s for s in specs}


CONCESSIONS = RoleSpec(
    Role.CONCESSIONS,
    "polygon",
    _fields(
        field("concession_id", FieldKind.CODE, "CODIGOU", required=True, code_lengths=(9, 11)),
        field("name", FieldKind.TEXT, "CONCESION"),
        field("holder_name", FieldKind.NAME, "TIT_CONCES", required=True),
        FieldSpec(
            "status",
            FieldKind.VOCABULARY,
            (FieldSource(("ESTADO",), LETTERS), FieldSource(("D_ESTADO",), WORDS)),
            required=True,
        ),
        field("right_type", FieldKind.VOCABULARY, "ESTADO", vocabulary=KINDS, default="mining"),
        field("filed_on", FieldKind.DATE, "FEC_DENU", required=True),
        field("declared_area_ha", FieldKind.NUMBER, "HASDATUM", unit="ha"),
        field("zone", FieldKind.TEXT, "ZONA"),
        field("snapshot_on", FieldKind.DATE, "FECHA_ACTUALIZACION"),
    ),
    ignored=frozenset({"OBJECTID"}),
    merge_parts=True,
)

REGISTRATIONS = RoleSpec(
    Role.REGISTRATIONS,
    "point",
    _fields(
        field("registration_id", FieldKind.CODE, "COD", required=True),
        field("ruc", FieldKind.RUC, "RUC"),
        field("registrant_name", FieldKind.NAME, "NOMBRE"),
        field("declared_right_id", FieldKind.CODE, "ID_UNIDAD", code_lengths=(9, 11)),
        field("declared_admin_1", FieldKind.TEXT, "DEPARTAMENTO"),
        field("declared_admin_2", FieldKind.TEXT, "PROVINCIA"),
        field("registered_year", FieldKind.YEAR, "ANIO"),
        field("visited_on", FieldKind.DATE, "VISITA"),
    ),
    positions=(
        PositionSpec("lonlat", ("LON",), ("LAT",), crs="EPSG:4326"),
        PositionSpec("utm", ("ESTE",), ("NORTE",), zone_columns=("ZONA",)),
    ),
    need_one_of=(("ruc", "registrant_name"),),
)

AREAS = RoleSpec(
    Role.PROTECTED_AREAS,
    "polygon",
    _fields(
        field("area_type", FieldKind.TEXT, "CATEGORIA", required=True),
        field("area_code", FieldKind.CODE, "CODIGO"),
    ),
)

PENALTIES = RoleSpec(
    Role.PENALTIES,
    "none",
    _fields(
        field("concession_id", FieldKind.CODE, "derecho", required=True, code_lengths=(9, 11)),
        field("year", FieldKind.YEAR, "año", required=True),
    ),
)


class Country:
    """What a test needs of the country: its plan, its roles, and files to be read."""

    on = ON
    plan = PLAN
    concessions = CONCESSIONS
    registrations = REGISTRATIONS
    areas = AREAS
    penalties = PENALTIES

    @staticmethod
    def field(name: str, kind: FieldKind, *columns: str, **more: Any) -> FieldSpec:
        """One field of a role."""
        return field(name, kind, *columns, **more)

    @staticmethod
    def square(lon: float, lat: float, size: float = 0.01) -> shapely.Polygon:
        """A square, by its south-western corner, in degrees."""
        return shapely.box(lon, lat, lon + size, lat + size)

    @staticmethod
    def layer(
        rows: Mapping[str, Any] | pd.DataFrame,
        geometry: Any = None,
        crs: str | None = "EPSG:4326",
        **more: Any,
    ) -> RawLayer:
        """A raw layer as the reader hands it on."""
        frame = pd.DataFrame(rows).reset_index(drop=True)
        if geometry is not None:
            frame = gpd.GeoDataFrame(frame, geometry=list(geometry), crs=crs)
        frame = frame.assign(source_row=range(1, len(frame) + 1))
        return RawLayer(frame, Source("file", "file.gpkg", rows=len(frame)), **more)

    def rights(
        self, n: int = 1, geometry: Any = None, crs: str = "EPSG:4326", **columns: Any
    ) -> RawLayer:
        """A cadastre of n plain titles side by side; columns given replace its own, None drops one."""
        rows = {
            "CODIGOU": [f"01{i:05d}16" for i in range(n)],
            "CONCESION": [f"NUMERO {i}" for i in range(n)],
            "TIT_CONCES": ["MINERA UNO S.A.C."] * n,
            "ESTADO": ["T"] * n,
            "FEC_DENU": ["2016-01-04"] * n,
        } | columns
        shapes = (
            [self.square(-75 + i / 50, -10) for i in range(n)] if geometry is None else geometry
        )
        return self.layer({k: v for k, v in rows.items() if v is not None}, shapes, crs)

    def register(self, n: int = 1, **columns: Any) -> RawLayer:
        """A register of n miners at one good place; columns given replace its own, None drops one."""
        rows = {
            "COD": [f"R{i}" for i in range(n)],
            "RUC": ["20131312955"] * n,
            "LON": ["-75.50000"] * n,
            "LAT": ["-11.50000"] * n,
        } | columns
        return self.layer({k: v for k, v in rows.items() if v is not None})

    @staticmethod
    def problems(issues: pd.DataFrame, problem: str) -> pd.DataFrame:
        """The issues of one kind."""
        return issues[issues["problem"] == problem].reset_index(drop=True)


@pytest.fixture(scope="session")
def country() -> Country:
    return Country()


@pytest.fixture(scope="session")
def admin() -> gpd.GeoDataFrame:
    """Provinces a degree wide: two departments of two, and one that begins five degrees further east."""
    names = [
        ("SUR", "ALFA", -76, -12),
        ("SUR", "BETA", -75, -12),
        ("NORTE", "ALFA", -76, -11),
        ("NORTE", "GAMMA", -75, -11),
        ("LEVANTE", "DELTA", -70, -12),
    ]
    return gpd.GeoDataFrame(
        {"admin_1": [n[0] for n in names], "admin_2": [n[1] for n in names]},
        geometry=[shapely.box(x, y, x + 1, y + 1) for *_, x, y in names],
        crs="EPSG:4326",
    )
