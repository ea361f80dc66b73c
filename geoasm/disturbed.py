"""Disturbed ground of rights, year by year: what notebooks call; no register is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import pandas as pd

from geoasm import assemble, disturbance, issues, normalize, rights, schema, veil
from geoasm.codes import Role
from geoasm.io.inputs import (
    Layer,
    Raster,
    assumed_field,
    check_options,
    rasters_by_role,
    read_input,
    role_of,
)
from geoasm.io.profiles import load_profile
from geoasm.io.rasters import open_rasters
from geoasm.model import Options
from geoasm.profile import Profile


@dataclass(frozen=True)
class DisturbedRights:
    """Rights with their disturbed ground; rights by year; rows and rasters that were doubted."""

    concessions: gpd.GeoDataFrame
    years: pd.DataFrame
    issues: pd.DataFrame


def measure_disturbance(
    concessions: Layer,
    rasters: Raster,
    *,
    profile: str | Profile = "pe",
    on: date | None = None,
    crs: Mapping[str, str] | None = None,
    encoding: str | None = None,
    assume: Mapping[str, str] | None = None,
) -> DisturbedRights:
    """
    Measure the disturbed ground of every right of a cadastre; no register is needed.

    Parameters
    ----------
    concessions
        Path (also `path:layer` or a zip) or a frame with the source's own columns.
    profile
        Name of a country profile, its folder, or a loaded profile.
    rasters
        One activity raster, several whose names tell the year, or files by year.
    on
        Rasters of later years count for nothing; today where not given.
    crs, encoding
        Against what files say of themselves: systems of `concessions`, `activity`; of the cadastre.
    assume
        `{"activity.nodata": "255", "activity.legend": "binary", "concessions.status": "titled"}`.

    Returns
    -------
    result
        `concessions` with `disturbed_ha` and further columns; `years`; `issues`.

    Raises
    ------
    GeoasmError
        An input cannot be used; the text names file, row or field and the next step.
    """
    country = profile if isinstance(profile, Profile) else load_profile(profile)
    options = Options(
        on=on or date.today(),
        assumptions={assumed_field(key): value for key, value in (assume or {}).items()},
    )
    check_options(options)
    law = country.law.at(options.on)
    systems = {role_of(name): value for name, value in (crs or {}).items()}
    role = Role.CONCESSIONS
    raw = read_input(role, concessions, country, options, systems.get(role), encoding)
    cleaned, doubts = normalize.concessions(
        raw, country.roles[role], country.crs, on=law.on,
        assumptions={f: v for (r, f), v in options.assumptions.items() if r == role},
        area_tolerance_share=law.number("area_tolerance_share"),
    )  # fmt: skip
    cleaned = rights.settle_status(cleaned)
    opened = open_rasters(
        rasters_by_role({Role.ACTIVITY.value: rasters}), country.crs, crs=systems,
        assumptions=options.assumptions,
    )  # fmt: skip
    with opened as grids:
        found = disturbance.measure(
            cleaned,
            grids[Role.ACTIVITY],
            country.legends.get(Role.ACTIVITY, ()),
            law,
            country.crs,
            options.assumptions.get((Role.ACTIVITY.value, "legend")),
        )
    noted = issues.join([doubts, found.issues])
    hidden = veil.weave({role: cleaned}, noted, country)
    return DisturbedRights(
        assemble.lay_out_cadastre(cleaned.join(found.frame), hidden),
        schema.conform(found.years, schema.DISTURBANCE),
        veil.cover_issues(noted, hidden),
    )
