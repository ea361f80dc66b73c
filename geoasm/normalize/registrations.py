"""The register: one row per registration, its position tested and mended only where one reading fits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import geopandas as gpd
import pandas as pd

from geoasm import geometry
from geoasm.model import CrsPlan, RawLayer, RoleSpec
from geoasm.normalize import duplicates
from geoasm.normalize.columns import ID_FIELD
from geoasm.normalize.fields import read_fields
from geoasm.normalize.findings import Findings
from geoasm.normalize.locate import locate
from geoasm.normalize.positions import read_positions
from geoasm.normalize.regions import Regions
from geoasm.schema import OUTPUT_CRS

DEFAULT_REGION_TOLERANCE_M = 500.0


def registrations(
    raw: RawLayer,
    spec: RoleSpec,
    plan: CrsPlan,
    *,
    on: date,
    assumptions: Mapping[str, str] | None = None,
    admin: gpd.GeoDataFrame | None = None,
    known_rights: Collection[str] = (),
    region_tolerance_m: float = DEFAULT_REGION_TOLERANCE_M,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """
    Normalise a register of miners or sites.

    A position is taken as stated where it lies in the declared region, or in the country where no
    region can be tested. Else the other readings that one slip explains are tried: exactly one in
    the declared region mends it, several leave it empty. Where none fits it stays as stated inside
    the country (doubted), and is left empty outside.

    Parameters
    ----------
    admin
        Normalised admin layer: `admin_1` to `admin_3`, polygons in EPSG:4326.
    known_rights
        Ids of the cadastre; they prove lost leading zeros of declared rights.
    region_tolerance_m
        How far outside its declared region a point may lie.

    Returns
    -------
    registrations, issues
        One row per registration, unique `registration_id`: every field of `spec`, `source_row`,
        `geometry` (EPSG:4326, None where unusable), `position_decimals` (Int64, decimals given),
        `position_kind` ("lonlat", "utm" or "geometry"). Every row of `raw` is there or set aside.

    Raises
    ------
    InputError
        A needed column, every position or the coordinate system is missing.
    """
    findings = Findings(spec.role, raw)
    frame = read_fields(
        raw, spec, findings, on, assumptions or {}, {"declared_right_id": known_rights}
    )
    stated = read_positions(raw, spec, plan, findings)
    said = frame.assign(position=stated["text"])
    said = duplicates.name_the_nameless(said, None, spec)
    ids = said[ID_FIELD[spec.role]]
    duplicates.one_of_each(
        duplicates.repeats(said, None, spec, findings, spec.latest_by), spec, findings
    )
    left = ~findings.gone
    out = said[left].drop(columns="position")
    lon, lat = locate(stated[left], plan, Regions(out, admin, region_tolerance_m), findings)
    out = out.assign(
        position_decimals=stated.loc[left, "decimals"], position_kind=stated.loc[left, "kind"]
    )
    located = gpd.GeoDataFrame(out, geometry=geometry.points(lon, lat), crs=OUTPUT_CRS)
    return located.reset_index(drop=True), findings.frame(ids)
