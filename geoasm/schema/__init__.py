"""Columns of every output frame: type, unit, whether private, and what each means."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from geoasm.errors import SchemaError
from geoasm.held import is_held
from geoasm.schema.answers import CONCESSIONS, PAIRS, REGISTRATIONS
from geoasm.schema.changes import REGISTRATIONS_CHANGED, RIGHTS_CHANGED
from geoasm.schema.columns import HIDDEN, LIST_SEPARATOR, OUTPUT_CRS, Column, Table
from geoasm.schema.openings import OPENING_CLUSTERS, OPENINGS
from geoasm.schema.prospects import (
    CANDIDATES,
    CANDIDATES_REJECTED,
    CLUSTERS,
    NEAR_OUTSIDE,
    SIGNS,
    VERIFY_FIRST,
)
from geoasm.schema.scenarios import SCENARIO_CANDIDATES, SCENARIO_FLOWS
from geoasm.schema.series import METHOD_CHANGES, SERIES
from geoasm.schema.tables import (
    DISTURBANCE,
    EVIDENCE,
    HOLDERS,
    ISSUES,
    OVERLAPS,
    PARTIES,
    PIECES,
    TERRITORY,
)

__all__ = [
    "CANDIDATES",
    "CANDIDATES_REJECTED",
    "CLUSTERS",
    "CONCESSIONS",
    "DISTURBANCE",
    "EVIDENCE",
    "HIDDEN",
    "HOLDERS",
    "ISSUES",
    "LIST_SEPARATOR",
    "METHOD_CHANGES",
    "NEAR_OUTSIDE",
    "OPENINGS",
    "OPENING_CLUSTERS",
    "OUTPUT_CRS",
    "OVERLAPS",
    "PAIRS",
    "PARTIES",
    "PIECES",
    "PROSPECTS",
    "REGISTRATIONS",
    "REGISTRATIONS_CHANGED",
    "RIGHTS_CHANGED",
    "RUN_TABLES",
    "SCENARIO_CANDIDATES",
    "SCENARIO_FLOWS",
    "SERIES",
    "SIGNS",
    "TABLES",
    "TERRITORY",
    "VERIFY_FIRST",
    "Column",
    "Table",
    "conform",
    "empty",
]

# What one run holds; the other tables are of commands that start from runs.
RUN_TABLES: Mapping[str, Table] = {
    t.name: t
    for t in (
        REGISTRATIONS,
        CONCESSIONS,
        PAIRS,
        OVERLAPS,
        PIECES,
        CANDIDATES,
        CANDIDATES_REJECTED,
        VERIFY_FIRST,
        CLUSTERS,
        NEAR_OUTSIDE,
        SIGNS,
        HOLDERS,
        EVIDENCE,
        DISTURBANCE,
        TERRITORY,
        ISSUES,
        PARTIES,
    )
}

TABLES: Mapping[str, Table] = {
    t.name: t
    for t in (
        *RUN_TABLES.values(),
        OPENINGS,
        OPENING_CLUSTERS,
        SERIES,
        METHOD_CHANGES,
        RIGHTS_CHANGED,
        REGISTRATIONS_CHANGED,
        SCENARIO_FLOWS,
        SCENARIO_CANDIDATES,
    )
}

PROSPECTS = (CANDIDATES, CANDIDATES_REJECTED, VERIFY_FIRST, CLUSTERS, NEAR_OUTSIDE, SIGNS)

_PANDAS_DTYPES = {
    "text": "str",
    "integer": "Int64",
    "number": "float64",
    "boolean": "boolean",
    "date": "datetime64[s]",
}


def empty(table: Table) -> pd.DataFrame:
    """Give the table with its schema and no rows; a GeoDataFrame in EPSG:4326 where it has geometry."""
    return conform(pd.DataFrame({c: [] for c in table.names}), table)


def conform(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """
    Put a frame into a table's columns, order and types; rows keep their index and order.

    Geometry that is held as well-known binary stays so.

    Parameters
    ----------
    frame
        Columns of the table, in any order; others are left out.
    table
        Which table.

    Raises
    ------
    SchemaError
        Columns are missing or do not convert; the text names all of them.
    """
    faults = [f"no column {c.name}" for c in table.columns if c.name not in frame.columns]
    columns: dict[str, pd.Series] = {}
    for column in table.columns:
        if column.name not in frame.columns or column.dtype == "geometry":
            continue
        try:
            columns[column.name] = frame[column.name].astype(_PANDAS_DTYPES[column.dtype])
        except (TypeError, ValueError):  # which repeats the value, and a value may be personal
            faults.append(f"column {column.name} is not {column.dtype}")
    if faults:
        raise SchemaError(f"table {table.name}: " + "; ".join(faults))
    out = pd.DataFrame(columns, index=frame.index)
    if table.geometry is None:
        return out
    if is_held(frame[table.geometry]):
        return out.assign(**{table.geometry: frame[table.geometry]})
    geometry = gpd.GeoSeries(frame[table.geometry], index=frame.index)
    if geometry.crs is None:
        geometry = geometry.set_crs(OUTPUT_CRS)
    elif geometry.crs != OUTPUT_CRS:
        raise SchemaError(f"table {table.name}: geometry is in {geometry.crs}, not in {OUTPUT_CRS}")
    return gpd.GeoDataFrame(out, geometry=geometry)
