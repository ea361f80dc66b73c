"""Concessions, context layers and tables: raw rows in, the schema's columns and issues out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from geoasm import geometry
from geoasm.codes import Action, FieldKind, Problem
from geoasm.model import CrsPlan, RawLayer, RoleSpec
from geoasm.normalize import duplicates
from geoasm.normalize.columns import ID_FIELD, ColumnNames, id_field, supplies
from geoasm.normalize.drawn import draw
from geoasm.normalize.fields import read_fields
from geoasm.normalize.findings import Findings
from geoasm.normalize.shapes import clean, in_degrees, set_aside_outside, shapes_of
from geoasm.schema import OUTPUT_CRS


def concessions(
    raw: RawLayer,
    spec: RoleSpec,
    plan: CrsPlan,
    *,
    on: date,
    assumptions: Mapping[str, str] | None = None,
    area_tolerance_share: float | None = None,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """
    Normalise a cadastre of mining rights.

    Parameters
    ----------
    raw
        The file as read, with geometry.
    on
        Day of the run: later dates are doubted.
    assumptions
        Field to the value that stands for a column the file lacks.
    area_tolerance_share
        Share by which the declared area may differ from the measured one.

    Returns
    -------
    rights, issues
        One row per right, unique `concession_id`: every field of `spec`, `source_row`, `geometry`
        (EPSG:4326), `drawn` (polygon in `crs_used`), `planar` (metres, `planar_crs`), `area_ha`.
        Every row of `raw` is in `rights` or set aside in `issues`.

    Raises
    ------
    InputError
        No geometry, no coordinate system, or a needed column is missing.
    """
    findings = Findings(spec.role, raw)
    shapes, crs = shapes_of(raw, spec.role)
    frame = read_fields(raw, spec, findings, on, assumptions or {}, {})
    shapes = clean(shapes, spec.geometry, findings)
    degrees = in_degrees(shapes, crs, plan, findings)
    set_aside_outside(degrees, plan, findings)
    frame = duplicates.name_the_nameless(frame, shapes, spec)
    ids = frame[ID_FIELD[spec.role]]
    place = pd.Series(np.arange(len(frame)), index=frame.index)
    left = ~findings.gone
    repeated = duplicates.repeats(frame[left], shapes[left.to_numpy()], spec, findings)
    if spec.merge_parts:
        shapes = duplicates.merge(repeated, shapes, place, spec, findings)
    else:
        duplicates.one_of_each(repeated, spec, findings)
    left = ~findings.gone
    out = draw(frame[left], shapes[left.to_numpy()], crs, plan, findings)
    if area_tolerance_share is not None and "declared_area_ha" in out.columns:
        _compare_areas(out, area_tolerance_share, findings)
    return out.reset_index(drop=True), findings.frame(ids)


def _compare_areas(rights: gpd.GeoDataFrame, share: float, findings: Findings) -> None:
    declared = rights["declared_area_ha"]
    differ = ((rights["area_ha"] - declared).abs() > share * declared) & (declared > 0)
    findings.add(
        Problem.AREA_MISMATCH,
        Action.DOUBTED,
        differ,
        field="declared_area_ha",
        values=declared,
        detail="the polygon has " + rights.loc[differ, "area_ha"].round(4).astype("str") + " ha",
    )


def area(
    raw: RawLayer,
    spec: RoleSpec,
    plan: CrsPlan,
    *,
    on: date,
    assumptions: Mapping[str, str] | None = None,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """
    Normalise a context layer: areas, lines or points.

    Returns
    -------
    features, issues
        Every field of `spec`, `source_row`, `geometry` (EPSG:4326), and `drawn`: the geometry in
        the file's own system, which `crs_used` names.

    Raises
    ------
    InputError
        No geometry, no coordinate system, or a needed column is missing.
    """
    findings = Findings(spec.role, raw)
    shapes, crs = shapes_of(raw, spec.role)
    frame = read_fields(raw, spec, findings, on, assumptions or {}, {})
    shapes = clean(shapes, spec.geometry, findings)
    degrees = in_degrees(shapes, crs, plan, findings)
    left = ~findings.gone
    here = left.to_numpy()
    rows = frame[left].assign(
        crs_used=pd.Series(geometry.crs_label(crs), index=frame.index[here], dtype="str"),
        drawn=pd.Series(shapes[here], index=frame.index[here], dtype=object),
    )
    out = gpd.GeoDataFrame(rows, geometry=degrees[here], crs=OUTPUT_CRS)
    return out.reset_index(drop=True), findings.frame(_ids(frame, spec))


def table(
    raw: RawLayer,
    spec: RoleSpec,
    *,
    on: date,
    assumptions: Mapping[str, str] | None = None,
    known_rights: Collection[str] = (),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Normalise a table without geometry.

    Parameters
    ----------
    known_rights
        Ids of the cadastre; they prove lost leading zeros of `concession_id`.

    Returns
    -------
    rows, issues
        Every field of `spec`, and `source_row`; of numbers only those of which the file has a column.

    Raises
    ------
    InputError
        A needed column is missing.
    """
    findings = Findings(spec.role, raw)
    known = {"concession_id": known_rights}
    frame = read_fields(raw, spec, findings, on, assumptions or {}, known)
    found = findings.frame(_ids(frame, spec))
    # An amount left blank says something else than a table that counts nothing.
    names = ColumnNames(raw.frame)
    not_given = [
        name
        for name, field in spec.fields.items()
        if field.kind is FieldKind.NUMBER
        and name not in (assumptions or {})
        and not supplies(names, field)
    ]
    return frame.drop(columns=not_given).reset_index(drop=True), found


def _ids(frame: pd.DataFrame, spec: RoleSpec) -> pd.Series | None:
    name = id_field(spec)
    return None if name is None else frame[name]
