"""The world of sixteen cells as files, and runs of them, for scenarios that start from a run folder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from geoasm import api
from geoasm.codes import LAYER_ROLES, MAIN_ROLES, TABLE_ROLES, Role
from tests.cells import BIG, whole_world

ON = date(2024, 6, 1)


def write_world(folder: Path, **changed: pd.DataFrame) -> dict[Role, Path]:
    """Write the world's files; frames by role in the place of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    units = gpd.GeoDataFrame(
        {
            "UNIDAD": ["UNIDAD"],
            "titular": [BIG],
            "ETAPA": ["Explotación"],
            "FECHA": pd.to_datetime(["2024-01-01"]),
        },
        geometry=[whole_world()[Role.CONCESSIONS].geometry.iloc[1].centroid],
        crs=whole_world()[Role.CONCESSIONS].crs,
    )
    world = {**whole_world(), Role.MINING_UNITS: units}
    for role, frame in {**world, **{Role(k): v for k, v in changed.items()}}.items():
        if isinstance(frame, gpd.GeoDataFrame):
            files[role] = folder / f"{role}.gpkg"
            frame.to_file(files[role], layer=str(role))
        else:
            files[role] = folder / f"{role}.csv"
            frame.to_csv(files[role], index=False)
    return files


def run_files(files: Mapping[Role, Path], **options: Any) -> api.Analysis:
    """Run files on the day of the tests."""
    main = {str(role): files[role] for role in MAIN_ROLES}
    return api.analyze(
        **main,
        layers={r: f for r, f in files.items() if r in LAYER_ROLES},
        tables={r: f for r, f in files.items() if r in TABLE_ROLES},
        **{"on": ON, **options},
    )


def write_scenario(folder: Path, text: str, name: str = "a_scenario.toml") -> Path:
    """Write a scenario file under a head that every one needs."""
    path = folder / name
    path.write_text(f'[scenario]\nname = "Prueba"\n{text}', encoding="utf-8")
    return path
