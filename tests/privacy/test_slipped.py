"""Names in the wrong column: no table of the public part has them, whoever they tell."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
from shapely import box

import geoasm
from geoasm import schema
from geoasm.schema import HIDDEN


def run() -> geoasm.Result:
    squares = [box(-75, -10, -74.99, -9.99), box(-74.98, -10, -74.97, -9.99)]
    rights = {
        "CODIGOU": ["010000001", "010000002"],
        "TIT_CONCES": ["MINERA GRANDE S.A.", "MINERA CHICA S.A."],
        "FEC_DENU": ["1999-01-01", "2003-01-01"],
        "ESTADO": ["T", "Yaa Owusu"],
    }
    register = {
        "COD_REINFO": ["A", "B"],
        "NOMBRE_MIN": ["KOFI BOATENG", "AMA MENSAH"],
        "ESTADO": ["VIGENTE", "VIGENTE"],
        "DEPARTAMENTO": ["PUNO", "Boateng, Kofi"],
        "LONGITUD_G84": [-74.995, -74.975],
        "LATITUD_G84": [-9.995, -9.995],
    }
    return geoasm.analyze(
        concessions=gpd.GeoDataFrame(rights, geometry=squares, crs="EPSG:4326"),
        registrations=pd.DataFrame(register),
        on=date(2024, 6, 1),
    )


def test_a_name_in_a_column_of_codes_or_places_is_in_no_table() -> None:
    result = run()
    assert set(result.registrations["admin_1"]) == {"PUNO", HIDDEN}
    assert result.concessions["status_code"].tolist() == ["T", HIDDEN]
    for table in schema.RUN_TABLES.values():
        if (
            not table.private and table is not schema.ISSUES
        ):  # which is published without the private
            cells = getattr(result, table.name).astype("object").to_numpy().ravel().tolist()
            assert not [cell for cell in cells if any(n in str(cell) for n in ("Boateng", "Owusu"))]
    assert "Boateng" not in str(result.summary)
