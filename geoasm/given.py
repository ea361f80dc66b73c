"""Everything a run was given, brought to the schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd

from geoasm import areas, geometry, issues, normalize, rights, side_tables, veil
from geoasm.codes import LAYER_ROLES, TABLE_ROLES, Role
from geoasm.errors import OptionError
from geoasm.law import LawAt
from geoasm.model import Grid, Options, RawLayer, Source
from geoasm.profile import Profile
from geoasm.schema import OUTPUT_CRS

Frames = dict[Role, pd.DataFrame]

# Roles whose absence may change a class; a registration says when one was not given.
DECISIVE_ROLES = (
    Role.PROTECTED_AREAS,
    Role.RESTRICTED_AREAS,
    Role.ASM_ZONES,
    Role.MINING_CORRIDOR,
    Role.STRATA,
    Role.PENALTIES,
)


@dataclass(frozen=True)
class Given:
    """What a run was given, normalised."""

    registrations: pd.DataFrame
    concessions: pd.DataFrame
    layers: Frames
    tables: Frames
    issues: pd.DataFrame
    supposed: frozenset[Role] = frozenset()  # roles without a file, of which a scenario has rows
    agreed: pd.DataFrame | None = None  # contracts that only a scenario states

    @property
    def by_role(self) -> Frames:
        """Every file by its role."""
        main = {Role.CONCESSIONS: self.concessions, Role.REGISTRATIONS: self.registrations}
        return {**self.layers, **self.tables, **main}

    @property
    def contracts(self) -> pd.DataFrame | None:
        """Contracts of the table and of a scenario; None where neither is given."""
        stated = [t for t in (self.tables.get(Role.CONTRACTS), self.agreed) if t is not None]
        return pd.concat(stated, ignore_index=True) if stated else None


def normalize_all(
    raw: Mapping[Role, RawLayer], profile: Profile, law: LawAt, options: Options
) -> Given:
    """Bring every file to the schema; what cannot be used becomes issues."""
    for role in raw:
        if role not in profile.roles:
            known = ", ".join(sorted(profile.roles))
            raise OptionError(
                f"profile {profile.code} has no role {role}; it knows {known}. "
                f"Add [roles.{role}] to its profile.toml, or leave the file out"
            )
    assumed: dict[str, dict[str, str]] = {}
    for (owner, name), value in options.assumptions.items():
        assumed.setdefault(owner, {})[name] = value
    found: list[pd.DataFrame] = []
    frames: Frames = {}
    for role in (r for r in (Role.CONCESSIONS, *LAYER_ROLES, *TABLE_ROLES) if r in raw):
        spec, wishes = profile.roles[role], assumed.get(role, {})
        if role in TABLE_ROLES:
            frame, doubts = normalize.table(
                raw[role], spec, on=law.on, assumptions=wishes,
                known_rights=frames[Role.CONCESSIONS]["concession_id"],
            )  # fmt: skip
        elif role is Role.CONCESSIONS:
            frame, doubts = normalize.concessions(
                raw[role], spec, profile.crs, on=law.on, assumptions=wishes,
                area_tolerance_share=law.number("area_tolerance_share"),
            )  # fmt: skip
        else:
            frame, doubts = normalize.area(
                raw[role], spec, profile.crs, on=law.on, assumptions=wishes
            )
        found.append(doubts)
        if role in areas.LEVELLED_ROLES:
            frame, doubts = areas.grade(frame, role, law)
            found.append(doubts)
        frames[role] = frame
    registrations, doubts = normalize.registrations(
        raw[Role.REGISTRATIONS], profile.roles[Role.REGISTRATIONS], profile.crs, on=law.on,
        assumptions=assumed.get(Role.REGISTRATIONS, {}), admin=frames.get(Role.ADMIN),
        known_rights=frames[Role.CONCESSIONS]["concession_id"],
    )  # fmt: skip
    veil.check_codes(registrations, profile.parties)
    found.append(doubts)
    tables, doubts = side_tables.settle(
        {r: f for r, f in frames.items() if r in TABLE_ROLES},
        frames[Role.CONCESSIONS]["concession_id"],
        registrations["registration_id"],
    )
    found.append(doubts)
    return Given(
        registrations=registrations,
        concessions=rights.settle_status(frames[Role.CONCESSIONS]),
        layers={r: f for r, f in frames.items() if r in LAYER_ROLES},
        tables=tables,
        issues=issues.join(found),
    )


def untested_roles(profile: Profile, given: Given) -> list[str]:
    """Name the decisive roles of the profile that were not given."""
    present = {*given.layers, *given.tables} - given.supposed
    if "stratum_by_licence" in profile.roles[Role.CONCESSIONS].fields:
        present.add(Role.STRATA)
    if Role.ADMIN not in given.layers:
        present.discard(Role.MINING_CORRIDOR)
    return [r.value for r in DECISIVE_ROLES if r in profile.roles and r not in present]


def dated_sources(raw: Mapping[Role, RawLayer], given: Given) -> list[Source]:
    """Date each source by the latest snapshot that its rows state."""
    frames = {
        Role.REGISTRATIONS: given.registrations,
        Role.CONCESSIONS: given.concessions,
        **given.layers,
        **given.tables,
    }
    out = []
    for role, layer in raw.items():
        dates = frames[role].get("snapshot_on", pd.Series(dtype="datetime64[s]")).dropna()
        data_on = dates.max().date() if len(dates) else None
        out.append(replace(layer.source, role=role.value, data_on=data_on, rows=len(layer.frame)))
    return out


def raster_sources(rasters: Mapping[Role, Sequence[Grid]]) -> list[Source]:
    """List the sources of rasters, those of several years in their order."""
    return [grid.source for role in sorted(rasters) for grid in rasters[role]]


def list_operations(
    raw: Mapping[Role, RawLayer],
    given: Given,
    rasters: Mapping[Role, Sequence[Grid]],
    profile: Profile,
) -> list[dict[str, object]]:
    """
    List the operations by which files were read, points moved to the systems of polygons, and both to
    those of rasters.
    """
    plan = profile.crs
    drawn = {*given.concessions["crs_used"], *given.concessions["planar_crs"]}
    systems = drawn.union(*(set(frame["crs_used"]) for frame in given.layers.values()))
    moves = {(OUTPUT_CRS, crs) for crs in systems}
    for role, layer in raw.items():
        if isinstance(layer.frame, gpd.GeoDataFrame) and layer.frame.crs is not None:
            targets = drawn if role is Role.CONCESSIONS else set()
            moves |= {(layer.frame.crs.to_string(), crs) for crs in {OUTPUT_CRS, *targets}}
    moves |= {
        (crs, g.crs)
        for crs in set(given.concessions["crs_used"])
        for g in rasters.get(Role.ACTIVITY, ())
    }
    moves |= {(OUTPUT_CRS, g.crs) for g in rasters.get(Role.ELEVATION, ())}
    used = [geometry.operation(source, target, plan) for source, target in sorted(moves)]
    return [
        {**move.describe(), "from": geometry.crs_label(move.source)}
        for move in used
        if geometry.crs_label(move.source) != geometry.crs_label(move.target)
    ]
