"""What a caller names, as frames or files, to raw layers and rasters: checked by role first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import geopandas as gpd
import pandas as pd

from geoasm import geometry
from geoasm.codes import RASTER_ROLES, Role
from geoasm.errors import EmptySource, OptionError
from geoasm.io.crs_check import check_crs
from geoasm.io.layers import read_layer
from geoasm.io.matching import check_role
from geoasm.io.paths import RasterFile
from geoasm.io.profiles import list_profiles, load_profile
from geoasm.io.rasters import ASSUMED_FIELDS, open_rasters
from geoasm.io.study import CHOICES
from geoasm.io.vector import distinct
from geoasm.model import Grid, Options, RawLayer, Source
from geoasm.parsing.text import sound
from geoasm.profile import Profile

Layer: TypeAlias = str | Path | pd.DataFrame
Raster: TypeAlias = str | Path | Sequence[str | Path] | Mapping[int, str | Path]

MAX_POSITION_SIGMA_M = 10_000.0  # beyond, three sigma leave the zone in which a plane holds


def by_role(
    argument: str, given: Mapping[str, Layer] | None, allowed: tuple[Role, ...]
) -> dict[Role, Layer]:
    """
    Sort what an argument names by role.

    Raises
    ------
    OptionError
        A name is no role, or none of the allowed ones.
    """
    roles = {role_of(name): layer for name, layer in (given or {}).items()}
    _check_roles(argument, roles, allowed)
    return roles


def rasters_by_role(given: Mapping[str, Raster] | None) -> dict[Role, tuple[RasterFile, ...]]:
    """
    Sort rasters by role; several of one role as a list, or by year.

    Raises
    ------
    OptionError
        A name is no role of rasters, or names no file.
    """
    roles = {role_of(name): raster_files(several) for name, several in (given or {}).items()}
    _check_roles("rasters", roles, RASTER_ROLES)
    for role, files in roles.items():
        if not files:
            raise OptionError(f"rasters: {role} names no file; leave it out")
    return roles


def raster_files(given: Raster) -> tuple[RasterFile, ...]:
    """List the files of one role of rasters."""
    if isinstance(given, Mapping):
        return tuple(RasterFile(str(file), int(year)) for year, file in given.items())
    several = [given] if isinstance(given, str | Path) else given
    return tuple(RasterFile(str(file)) for file in several)


def _check_roles(argument: str, roles: Mapping[Role, object], allowed: tuple[Role, ...]) -> None:
    for role in roles:
        if role not in allowed:
            raise OptionError(f"{argument}: {role} does not belong here; {', '.join(allowed)} do")


def role_of(name: str) -> Role:
    """
    Give the role of a name.

    Raises
    ------
    OptionError
        It is none.
    """
    try:
        return Role(name)
    except ValueError as err:
        raise OptionError(f"{name!r} is no role; roles: {', '.join(Role)}") from err


def assumed_field(key: str) -> tuple[str, str]:
    """
    Take an assumption's `ROLE.FIELD` apart.

    Raises
    ------
    OptionError
        It is not of that form, or its role is none.
    """
    role, dot, name = key.partition(".")
    if not dot:
        raise OptionError(f"assume: {key!r} must be ROLE.FIELD, as in concessions.status")
    return role_of(role).value, name


def check_options(options: Options) -> None:
    """
    Check what a user asked of a run.

    Raises
    ------
    OptionError
        A value is none of the allowed ones, or a raster has no such field.
    """
    for name, allowed in CHOICES.items():
        value = getattr(options, name)
        if value is not None and value not in allowed:
            raise OptionError(f"{name}: {value!r} is none of {', '.join(allowed)}")
    sigma_m = options.position_sigma_m
    if sigma_m is not None and not 0 < sigma_m <= MAX_POSITION_SIGMA_M:
        raise OptionError(
            f"position_sigma_m: {sigma_m} m is no position error that a class could survive; "
            f"give metres above 0 and up to {MAX_POSITION_SIGMA_M:,.0f}"
        )
    for role, field in options.assumptions:
        fields = ASSUMED_FIELDS.get(Role(role), (field,))
        if field not in fields:
            known = " or ".join(f"{role}.{name}" for name in fields)
            raise OptionError(
                f"assume: {role}.{field} is nothing that a raster can lack; {known} is"
            )


@contextmanager
def open_inputs(
    given: Mapping[Role, Layer],
    rasters: Mapping[Role, Sequence[RasterFile]],
    profile: Profile,
    options: Options,
    *,
    crs: Mapping[Role, str],
    encoding: Mapping[Role, str],
) -> Iterator[tuple[dict[Role, RawLayer], Mapping[Role, Sequence[Grid]]]]:
    """
    Read every file of a run, and hold its rasters open while the block lasts.

    Raises
    ------
    OptionError
        What was asked for cannot be done.
    InputError
        A file cannot be read, states no system that fits, or lacks what its role needs.
    """
    check_options(options)
    for role in (r for r in RASTER_ROLES if r in encoding):
        raise OptionError(f"--encoding {role}={encoding[role]}: a raster has no text; leave it out")
    opened = open_rasters(rasters, profile.crs, crs=crs, assumptions=options.assumptions)
    with opened as grids:
        raw = {
            role: read_input(role, given[role], profile, options, crs.get(role), encoding.get(role))
            for role in Role  # whatever the order in which they were named
            if role in given
        }
        yield raw, grids


def read_input(
    role: Role,
    layer: Layer,
    profile: Profile,
    options: Options,
    crs: str | None,
    encoding: str | None,
) -> RawLayer:
    """
    Read a file, or take a frame, for a role of a country.

    Raises
    ------
    InputError
        It cannot be read, states no system that fits, or lacks what the role needs.
    """
    if isinstance(layer, pd.DataFrame):
        raw = _wrap(role, layer)
    else:
        raw = read_layer(str(layer), role, crs=crs, encoding=encoding)
    raw = check_crs(raw, profile.crs, crs)
    if role in profile.roles:
        assumed = {name: v for (owner, name), v in options.assumptions.items() if owner == role}
        others = [load_profile(name) for name in list_profiles() if name != profile.code]
        check_role(raw, profile, others, assumed)
    return raw


def _wrap(role: Role, frame: pd.DataFrame) -> RawLayer:
    if not len(frame):
        raise EmptySource(f"{role} frame has no rows: give a frame that has some, or leave it out")
    label = None
    active = frame._geometry_column_name if isinstance(frame, gpd.GeoDataFrame) else None
    placed = active is not None and active in frame.columns
    if placed and frame.crs is not None:
        label = geometry.crs_label(frame.crs)
    out = frame.reset_index(drop=True)
    if not placed:
        out = pd.DataFrame(out)  # shapes none of which is the active one are a table's cells
    out.columns = distinct(sound(str(name)) for name in frame.columns)
    if placed and active not in out.columns:
        out = out.set_geometry(out.columns[frame.columns.get_loc(active)])
    out["source_row"] = range(1, len(out) + 1)
    return RawLayer(out, Source(role.value, f"{role} frame", rows=len(out), crs_read=label))
