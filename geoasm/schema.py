"""Columns of every output frame: type, unit, whether private, and what each means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from geoasm.errors import SchemaError

OUTPUT_CRS = "EPSG:4326"
LIST_SEPARATOR = ";"


@dataclass(frozen=True)
class Column:
    """One column: `dtype` is `text`, `integer`, `number`, `boolean`, `date` or `geometry`."""

    name: str
    dtype: str
    meaning: str
    unit: str = ""
    private: bool = False


@dataclass(frozen=True)
class Table:
    """One output table; `key` columns identify a row and give the order in which rows are written."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    private: bool = False

    @property
    def geometry(self) -> str | None:
        """Name of the geometry column."""
        return next((c.name for c in self.columns if c.dtype == "geometry"), None)

    @property
    def names(self) -> list[str]:
        """Names of the columns, in order."""
        return [c.name for c in self.columns]


def _columns(*rows: tuple[str, ...], private: bool = False) -> tuple[Column, ...]:
    return tuple(Column(row[0], row[1], row[2], "".join(row[3:]), private) for row in rows)


REGISTRATIONS = Table(
    "registrations",
    _columns(
        ("registration_id", "text", "code of the registration in its register"),
        (
            "registrant_id",
            "integer",
            "run-local number of the registrant; means nothing outside the run",
        ),
        (
            "registrant_kind",
            "text",
            "natural, legal or unknown, from the identity number or the legal form",
        ),
        ("status", "text", "active, suspended, excluded or unknown"),
        ("activity", "text", "extraction, processing or unknown"),
        ("asm_class", "text", "class in law: one of the closed set"),
        ("rule_id", "text", "rule that decided the class"),
        ("reference", "text", "article behind the rule; empty where none is verified"),
        ("pathway", "text", "way to formality open from the class"),
        (
            "title_relation",
            "text",
            "whose title covers the point, whatever else is true of the place",
        ),
        ("holder_stratum", "text", "stratum of the holder of the right that decided"),
        ("stratum_basis", "text", "what the stratum rests on"),
        ("holder_activity", "text", "active, idle or no_evidence"),
        ("concession_id", "text", "right that decided the class; empty where no right decided"),
        ("right_ids", "text", "every right at the point, senior first, joined by ;"),
        ("n_rights", "integer", "rights at the point", "rights"),
        ("declared_right_id", "text", "right that the registrant declared"),
        ("declared_relation", "text", "declared right against the rights at the point"),
        ("declared_distance_m", "number", "from the point to the declared right; 0 inside it", "m"),
        (
            "declared_same_holder",
            "boolean",
            "the declared right has the holder of the right at the point; empty where not known",
        ),
        ("basis", "text", "spatial or declared: which locator gave the class"),
        ("setting", "text", "hard_rock, alluvial or unknown"),
        (
            "class_probability",
            "number",
            "probability of the class under the stated position error",
            "1",
        ),
        ("second_class", "text", "next most probable class"),
        ("second_probability", "number", "its probability", "1"),
        (
            "position_sigma_m",
            "number",
            "standard deviation of the position error, per axis; 95 % lie within 2.45 times as much",
            "m",
        ),
        ("edge_distance_m", "number", "from the point to the nearest edge of a right", "m"),
        ("flags", "text", "facts beside the class, joined by ;"),
        ("admin_1", "text", "first-level region: of the admin layer where given, else as declared"),
        ("admin_2", "text", "second-level region"),
        ("admin_3", "text", "third-level region"),
        ("crs_used", "text", "system in which the point was tested against rights"),
        ("source_row", "integer", "record number in the source, from 1"),
        (
            "geometry",
            "geometry",
            "point, longitude and latitude; empty where unlocatable",
            "degree",
        ),
    ),
    key=("registration_id",),
)

CONCESSIONS = Table(
    "concessions",
    _columns(
        ("concession_id", "text", "code of the right in its cadastre"),
        ("name", "text", "name of the right"),
        ("status", "text", "titled, pending, extinct, other or unknown"),
        ("status_code", "text", "status as the source says it"),
        ("filed_on", "date", "day of filing, which gives seniority"),
        ("holder_id", "integer", "run-local number of the holder"),
        ("holder_stratum", "text", "lsm_msm, small_scale or unknown"),
        ("stratum_basis", "text", "what the stratum rests on"),
        ("holder_total_ha", "number", "hectares of all rights of the holder, dissolved", "ha"),
        ("holder_activity", "text", "active, idle or no_evidence"),
        ("activity_evidence", "text", "evidence behind holder_activity, joined by ;"),
        ("substance", "text", "metallic, non_metallic or unknown"),
        (
            "area_ha",
            "number",
            "planar area in the zone's UTM, as the cadastre counts hectares",
            "ha",
        ),
        ("declared_area_ha", "number", "area as the source says it", "ha"),
        (
            "n_registrations",
            "integer",
            "registrations whose point the right covers",
            "registrations",
        ),
        ("disturbed_ha", "number", "disturbed ground by the activity raster", "ha"),
        ("disturbed_share", "number", "share of the valid raster that is disturbed", "1"),
        ("crs_used", "text", "system in which the polygon was tested"),
        ("source_row", "integer", "record number in the source, from 1"),
        ("geometry", "geometry", "polygon, longitude and latitude", "degree"),
    ),
    key=("concession_id",),
)

PAIRS = Table(
    "pairs",
    _columns(
        ("registration_id", "text", "registration"),
        ("concession_id", "text", "right within reach of its point"),
        (
            "covered",
            "boolean",
            "the right covers the point; a point on an edge belongs to both sides",
        ),
        ("edge_distance_m", "number", "from the point to the edge of the right", "m"),
        ("role", "text", "place of the right in the stack at the point"),
        (
            "seniority",
            "integer",
            "rank in the stack, 1 the most senior; empty where the order is unknown",
        ),
    ),
    key=("registration_id", "concession_id"),
)

OVERLAPS = Table(
    "overlaps",
    _columns(
        ("concession_id_a", "text", "first right, by code"),
        ("concession_id_b", "text", "second right"),
        ("overlap_ha", "number", "ground in both", "ha"),
        ("share_of_a", "number", "part of the first right that both cover", "1"),
        ("share_of_b", "number", "part of the second right that both cover", "1"),
        (
            "measured_in",
            "text",
            "system of the areas: the zone of both rights, or equal-area across zones",
        ),
        ("senior_id", "text", "right that goes before; empty where the order is unknown"),
        ("relation", "text", "why the senior right goes before"),
        ("geometry", "geometry", "the ground in both", "degree"),
    ),
    key=("concession_id_a", "concession_id_b"),
)

PIECES = Table(
    "pieces",
    _columns(
        ("piece_id", "integer", "run-local number of the piece"),
        ("right_ids", "text", "rights on the piece, senior first, joined by ;"),
        ("n_rights", "integer", "rights on the piece", "rights"),
        ("senior_id", "text", "right that goes before all others; empty where nobody can tell"),
        ("area_ha", "number", "ground of the piece; pieces do not overlap", "ha"),
        (
            "measured_in",
            "text",
            "system of the area: the zone of the rights, or equal-area across zones",
        ),
        ("geometry", "geometry", "polygon of the piece", "degree"),
    ),
    key=("piece_id",),
)

CANDIDATES = Table(
    "candidates",
    _columns(
        ("concession_id", "text", "right with registrations that pass every gate"),
        ("n_registrations", "integer", "registrations that count", "registrations"),
        ("n_active", "integer", "of these, active", "registrations"),
        ("n_clusters", "integer", "groups of registrations", "clusters"),
        ("score_low", "number", "score with unknown factors at nought", "1"),
        ("score_high", "number", "score with unknown factors at full", "1"),
        ("coverage", "number", "share of the weights whose factor is known", "1"),
        ("reasons_for", "text", "what speaks for coexistence"),
        ("reasons_against", "text", "what speaks against it"),
        ("next_step", "text", "check to make first"),
        ("geometry", "geometry", "polygon of the right", "degree"),
    ),
    key=("concession_id",),
)

CANDIDATES_REJECTED = Table(
    "candidates_rejected",
    _columns(
        ("concession_id", "text", "right with registrations that stops at a gate"),
        ("gate", "text", "gate at which it stops"),
        ("n_registrations", "integer", "registrations on it", "registrations"),
        ("geometry", "geometry", "polygon of the right", "degree"),
    ),
    key=("concession_id",),
)

HOLDERS = Table(
    "holders",
    _columns(
        ("holder_id", "integer", "run-local number of the holder"),
        ("name", "text", "name of a legal entity; empty for natural persons"),
        ("holder_kind", "text", "natural, legal or unknown"),
        ("group", "text", "group of holders, by the user's table"),
        ("stratum", "text", "lsm_msm, small_scale or unknown"),
        ("stratum_basis", "text", "what the stratum rests on"),
        ("n_in_force", "integer", "titles in force", "rights"),
        ("in_force_ha", "number", "their ground, dissolved", "ha"),
        ("n_pending", "integer", "applications", "rights"),
        ("idle_ha", "number", "ground of idle titles, dissolved", "ha"),
        ("n_hosted", "integer", "registrations of others on titles in force", "registrations"),
        ("hosted_by_class", "text", "hosted registrations by class, as class=count joined by ;"),
        (
            "is_registered",
            "boolean",
            "the holder is itself in the register; empty where it has no persons",
        ),
    ),
    key=("holder_id",),
)

TERRITORY = Table(
    "territory",
    _columns(
        ("admin_1", "text", "first-level region; empty: the whole study area"),
        ("admin_2", "text", "second-level region"),
        ("admin_3", "text", "third-level region"),
        ("ground", "text", "closed, titled, pending, extinct, other, unknown or free"),
        ("area_ha", "number", "ground of this kind, dissolved; kinds may overlap", "ha"),
        ("share", "number", "of the region's area; kinds may overlap", "1"),
        (
            "net_ha",
            "number",
            "ground counted once: closed, then titled, pending, extinct, other, unknown, free",
            "ha",
        ),
        ("net_share", "number", "of the region's area; the kinds of a region sum to 1", "1"),
        ("region_ha", "number", "the region's area: the denominator", "ha"),
    ),
    key=("admin_1", "admin_2", "admin_3", "ground"),
)

ISSUES = Table(
    "issues",
    _columns(
        ("source", "text", "role of the file"),
        ("row", "integer", "record number in the file, from 1; empty for the file as a whole"),
        ("id", "text", "code of the record, where it has one"),
        ("problem", "text", "what is wrong, from a closed set"),
        ("field", "text", "field or column concerned"),
        ("value", "text", "offending value; hidden where the field is private"),
        ("action", "text", "mended, doubted or set_aside"),
        ("detail", "text", "what was done or what can be"),
    ),
    key=("source", "row", "id", "problem", "field", "value"),
)

PARTIES = Table(
    "parties",
    _columns(
        ("party_id", "integer", "run-local number of a registrant or holder"),
        ("name", "text", "name as the source spells it"),
        ("ruc", "text", "identity number"),
        ("kind", "text", "natural, legal or unknown"),
        private=True,
    ),
    key=("party_id",),
    private=True,
)

TABLES: Mapping[str, Table] = {
    t.name: t
    for t in (
        REGISTRATIONS,
        CONCESSIONS,
        PAIRS,
        OVERLAPS,
        PIECES,
        CANDIDATES,
        CANDIDATES_REJECTED,
        HOLDERS,
        TERRITORY,
        ISSUES,
        PARTIES,
    )
}

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
        except (TypeError, ValueError) as err:
            faults.append(f"column {column.name} is not {column.dtype} ({err})")
    if faults:
        raise SchemaError(f"table {table.name}: " + "; ".join(faults))
    out = pd.DataFrame(columns, index=frame.index)
    if table.geometry is None:
        return out
    geometry = gpd.GeoSeries(frame[table.geometry], index=frame.index)
    if geometry.crs is None:
        geometry = geometry.set_crs(OUTPUT_CRS)
    elif geometry.crs != OUTPUT_CRS:
        raise SchemaError(f"table {table.name}: geometry is in {geometry.crs}, not in {OUTPUT_CRS}")
    return gpd.GeoDataFrame(out, geometry=geometry)
