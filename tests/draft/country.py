"""Files of a country that no profile knows, in the words of its cadastre."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

ZONE = "EPSG:32720"
WEST, SOUTH = 600_000, 8_000_000  # of the first right, in metres of the zone
SIDE_M = 1_000
PERSON = "QUISPE MAMANI, JUAN CARLOS"
STATUSES = ("OTORGADO", "EN CURSO", "REVERTIDO")

SPANISH = {
    "concession_id": "CODIGO_ATE",
    "holder_name": "ACTOR_TITULAR",
    "filed_on": "FECHA_SOLICITUD",
    "status": "ESTADO_TRAMITE",
    "right_type": "TIPO_CONTRATO",
}
FRENCH = {
    "concession_id": "NUM_PERMIS",
    "holder_name": "TITULAIRE",
    "filed_on": "DATE_DEPOT",
    "status": "STATUT",
    "right_type": "TYPE_PERMIS",
}
PORTUGUESE = {
    "concession_id": "NUMERO_TITULO",
    "holder_name": "REQUERENTE",
    "filed_on": "DATA_REQUERIMENTO",
    "status": "SITUACAO_TITULO",
    "right_type": "REGIME",
}
ENGLISH = {
    "concession_id": "LicenceNo",
    "holder_name": "LicenseeName",
    "filed_on": "AppDate",
    "status": "TitleStage",
    "right_type": "LicenceType",
}
MINERS = {
    "registration_id": "NRO_REGISTRO",
    "registrant_name": "OPERADOR",
    "status": "SITUACION",
    "lon": "LONGITUD",
    "lat": "LATITUD",
}


def rights(names: Mapping[str, str] = SPANISH, rows: int = 40) -> gpd.GeoDataFrame:
    """Whole cells of a UTM grid, some of firms and some of persons."""
    n = np.arange(rows)
    values = {
        "concession_id": [f"{100 + k}-{k}" for k in n],
        "holder_name": [f"MINERA {k} S.A." if k % 2 else f"PEREZ LOPEZ MARIA {k}" for k in n],
        "filed_on": [f"20{k % 20:02d}-03-{1 + k % 27:02d}" for k in n],
        "status": [STATUSES[k % 3] for k in n],
        "right_type": ["CONTRATO" if k % 4 else "LICENCIA" for k in n],
    }
    frame = pd.DataFrame({names[field]: column for field, column in values.items()})
    x, y = WEST + SIDE_M * (n % 8), SOUTH + SIDE_M * (n // 8)
    return gpd.GeoDataFrame(frame, geometry=shapely.box(x, y, x + SIDE_M, y + SIDE_M), crs=ZONE)


def miners(names: Mapping[str, str] = MINERS, rows: int = 30) -> pd.DataFrame:
    """A register whose places lie on the rights and beside them."""
    n = np.arange(rows)
    x, y = WEST + 50 + 310 * n, np.full(rows, SOUTH + 2_500)
    at = gpd.GeoSeries(shapely.points(x, y), crs=ZONE).to_crs("EPSG:4326")
    values = {
        "registration_id": [f"R{k:04d}" for k in n],
        "registrant_name": [PERSON if k == 0 else f"CONDORI FLORES ANA {k}" for k in n],
        "status": ["VIGENTE" if k % 2 else "OBSERVADO" for k in n],
        "lon": at.x.round(6),
        "lat": at.y.round(6),
    }
    return pd.DataFrame({names[field]: column for field, column in values.items()})


def write_nowhere(path: Path) -> Path:
    """Write rights that do not say in which system they are."""
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        rights().set_crs(None, allow_override=True).to_file(path)
    return path


def write(
    folder: Path, concessions: pd.DataFrame, registrations: pd.DataFrame
) -> tuple[Path, Path]:
    """Write both files as a cadastre and a register come."""
    drawn, listed = folder / "rights.gpkg", folder / "miners.csv"
    gpd.GeoDataFrame(concessions).to_file(drawn)
    registrations.to_csv(listed, index=False)
    return drawn, listed
