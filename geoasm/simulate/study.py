"""Whole simulations: a world of one's own, or registrations planted on a cadastre that exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd

from geoasm.codes import AsmClass, PartyKind, Role
from geoasm.errors import OptionError
from geoasm.geometry import area_ha
from geoasm.model import CrsPlan, RoleSpec
from geoasm.simulate import columns, faults, holders, placement, positions, register, truth
from geoasm.simulate import ground as grounds
from geoasm.simulate import rights as cadastres
from geoasm.simulate.names import identity_numbers, people_and_firms
from geoasm.simulate.scales import DEFAULT_ON, Country, Scale

_RIGHTS_PER_HOLDER = 4
_FIRMS = 0.45  # of the holders
_SNAPSHOT_DAYS = 20  # before the day of the study
_PLANTED_TABLES = (Role.STRATA, Role.PENALTIES)
_ORDERING = ("filed_hour", "datum", "origin")  # nobody knows them where the sources lack them
_REGION_FIELDS = ("admin_1", "admin_2", "admin_3")

_TRUTH_COLUMNS = (
    "registration_id",
    "source_row",
    "lon",
    "lat",
    "asm_class",
    "class_at_place",
    "class_if_unlocated",
    "title_relation",
    "concession_id",
    "right_ids",
    "n_rights",
    "holder_stratum",
    "holder_activity",
    "own_title_contested",
    "has_contract",
    "declared_right_id",
    "declared",
    "fault",
    "fault_outcome",
    "planned",
    *_REGION_FIELDS,
)
_RIGHT_TRUTH = (
    "concession_id",
    "kind",
    "status",
    "holder_name",
    "filed_on",
    "filed_hour",
    "datum",
    "origin",
    "crs_used",
    "area_ha",
    "holder_stratum",
    "idle",
    "fault",
)


@dataclass(frozen=True)
class Simulation:
    """
    A planted data set in the columns of a country's sources, and its truth.

    `concessions` is None where a cadastre was given; `layers` then holds nothing that was given
    either. `truth` has one row for each row of `registrations`, in its order.
    """

    profile: str
    on: date
    concessions: gpd.GeoDataFrame | None
    registrations: pd.DataFrame
    layers: Mapping[Role, gpd.GeoDataFrame]
    tables: Mapping[Role, pd.DataFrame]
    truth: pd.DataFrame
    truth_concessions: pd.DataFrame
    seed: int = 0
    shortfalls: Mapping[str, int] = field(default_factory=dict)


def simulate(
    country: Country, size: Scale, *, seed: int, on: date = DEFAULT_ON, sex: bool = False
) -> Simulation:
    """
    Plant a whole world: cadastre, areas, tables and register, with faults and truth.

    Parameters
    ----------
    country
        Profile of the country whose columns, codes and law are used.
    on
        Day of the study; penalties are planted before it.
    sex
        The register says the sex of natural persons.

    Raises
    ------
    OptionError
        The country draws rights in no UTM zone, or has no tables of strata or penalties.
    ParameterUndefined
        The law of that day lacks a parameter.
    """
    _check_tables(country)
    plan, law = country.crs, country.law.at(on)
    streams = [np.random.default_rng([seed, k]) for k in range(6)]
    laid = grounds.blocks(streams[0], plan, size)
    tiles = grounds.admin(streams[0], laid, size, law)
    areas = grounds.areas(streams[1], laid, tiles, law, plan, size)
    areas = {role: frame for role, frame in areas.items() if role in country.roles}
    count = max(12, (size.rights + size.extinct) // _RIGHTS_PER_HOLDER)
    firms = round(_FIRMS * count)
    parties = holders.table(streams[2], people_and_firms(streams[2], count - firms, firms))
    spec = country.roles[Role.CONCESSIONS]
    lengths = spec.fields["concession_id"].code_lengths
    drawn = cadastres.cadastre(streams[3], laid, parties, plan, size, lengths)
    untold = drawn.columns.intersection(_ORDERING).difference(list(spec.fields))
    drawn = drawn.drop(columns=untold)
    rights = faults.mark_rights(streams[3], drawn.astype({"holder_name": "str"}))
    rights["area_ha"] = area_ha(rights["drawn"].to_numpy(dtype=object))
    rights["declared_area_ha"] = rights["area_ha"].round(4)
    rights["snapshot_on"] = _snapshot(on)
    there = rights[rights["fault"] != "empty_geometry"].reset_index(drop=True)
    fines = holders.penalties(streams[4], there, law)
    world = placement.World(there, parties, fines, areas, tiles, plan, law)
    rows = faults.cadastre_rows(streams[3], rights, plan)
    source = columns.to_source(rows, spec, rows["variant"].to_numpy(dtype=int))
    layers = {Role.ADMIN: tiles, **areas}
    return _registered(
        country,
        world,
        size,
        streams[5],
        sex=sex,
        seed=seed,
        concessions=gpd.GeoDataFrame(source, geometry=rows["geometry"], crs=plan.geographic),
        layers={
            role: _layer(frame, country.roles[role], plan)
            for role, frame in layers.items()
            if role in country.roles
        },
    )


def plant_on(
    country: Country,
    concessions: gpd.GeoDataFrame,
    size: Scale,
    *,
    seed: int,
    on: date = DEFAULT_ON,
    areas: Mapping[Role, gpd.GeoDataFrame] | None = None,
    sex: bool = False,
) -> Simulation:
    """
    Plant registrations on a cadastre that exists.

    Parameters
    ----------
    concessions
        Normalised rights: `concession_id`, `name`, `status`, `holder_name`, `filed_on`, `drawn`,
        `crs_used`, `geometry`.
    areas
        Normalised context layers by role, `geometry` in degrees; with `admin` the register
        declares regions, and slips of position can be planted.

    Raises
    ------
    OptionError
        The rights leave no ground to plant on; the country has no tables of strata or penalties.
    """
    _check_tables(country)
    law = country.law.at(on)
    streams = [np.random.default_rng([seed, k]) for k in range(3)]
    given = dict(areas or {})
    admin = given.pop(Role.ADMIN, None)
    rights = pd.DataFrame(concessions).sort_values("concession_id", ignore_index=True)
    rights = rights.assign(fault=faults.NONE, area_ha=area_ha(rights["planar"].to_numpy(object)))
    parties = holders.table(streams[0], _parties_of(rights))
    fines = holders.penalties(streams[1], rights, law)
    world = placement.World(rights, parties, fines, given, admin, country.crs, law)
    return _registered(
        country,
        world,
        size,
        streams[2],
        sex=sex,
        seed=seed,
        concessions=None,
        layers={},
    )


def _check_tables(country: Country) -> None:
    """Refuse a country whose runs take no table of what is planted on holders."""
    lacking = [str(r) for r in _PLANTED_TABLES if r not in country.roles]
    if lacking:
        raise OptionError(
            f"--profile {country.code}: simulate plants {' and '.join(lacking)}, "
            "for which this profile has no role; choose another profile"
        )


def _snapshot(on: date) -> np.datetime64:
    return np.datetime64(on - timedelta(days=_SNAPSHOT_DAYS), "s")


def _layer(frame: pd.DataFrame, spec: RoleSpec, plan: CrsPlan) -> gpd.GeoDataFrame:
    source = columns.to_source(frame, spec)
    return gpd.GeoDataFrame(source, geometry=list(frame["geometry"]), crs=plan.geographic)


def _parties_of(rights: pd.DataFrame) -> pd.DataFrame:
    """Give the holders of a cadastre whose names are one party's, with invented numbers."""
    names = rights.loc[rights["holder_name"].map(holders.is_plain), "holder_name"]
    found = pd.DataFrame({"name": names}).assign(
        key=names.map(holders.name_key), firm=names.map(holders.firm_key)
    )
    found = found.sort_values(["key", "name"]).drop_duplicates("key", ignore_index=True)
    legal = (found["key"] != found["firm"]).groupby(found["firm"]).transform("any").to_numpy()
    serial = pd.factorize(found["firm"])[0].astype(np.int64)
    numbers = [identity_numbers(prefix, serial) for prefix in ("10", "20")]
    return pd.DataFrame(
        {
            "name": found["name"],
            "ruc": np.where(legal, numbers[1], numbers[0]),
            "kind": np.where(legal, str(PartyKind.LEGAL), str(PartyKind.NATURAL)),
        },
        dtype="str",
    )


def _registered(
    country: Country,
    world: placement.World,
    size: Scale,
    rng: np.random.Generator,
    *,
    sex: bool,
    seed: int,
    concessions: gpd.GeoDataFrame | None,
    layers: Mapping[Role, gpd.GeoDataFrame],
) -> Simulation:
    """Register on a finished world, plant the faults, work out the truth."""
    records = world.records()
    sites = placement.choose(rng, world, records, size.registrations, size.shares)
    entries = register.register(rng, world, records, sites, sex=sex)
    spec = country.roles[Role.REGISTRATIONS]
    places = columns.position_columns(spec)
    lon, lat = (entries[c].to_numpy(dtype=float) for c in ("lon", "lat"))
    written = positions.write(rng, lon, lat, world.plan, places)
    entries = faults.mark_entries(
        rng, entries, written, size.fault_share, regions=world.admin is not None
    )
    found = register.answers(world, records, sites, entries)
    rows = faults.register_rows(rng, entries, written, world.plan)
    rows["snapshot_on"] = _snapshot(world.law.on)
    side = {**holders.tables(world.holders, world.law.on), **_other_tables(world, entries, found)}
    return Simulation(
        profile=country.code,
        on=world.law.on,
        concessions=concessions,
        registrations=_register_source(rows, spec, places),
        layers=layers,
        tables={
            Role(name): columns.to_source(frame, country.roles[Role(name)])
            for name, frame in side.items()
            if Role(name) in country.roles and len(frame)
        },
        truth=_truth_rows(world, sites, rows, found, entries),
        truth_concessions=_right_rows(world, records),
        seed=seed,
        shortfalls=_shortfalls(size, entries),
    )


def _other_tables(
    world: placement.World, entries: pd.DataFrame, found: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    signed = found["has_contract"] & entries["signed_on"].notna()
    contracts = pd.DataFrame(
        {
            "concession_id": found.loc[signed, "concession_id"],
            "ruc": entries.loc[signed, "ruc"],
            "signed_on": entries.loc[signed, "signed_on"],
        }
    )
    contracts = contracts.drop_duplicates(["concession_id", "ruc"])
    contracts = contracts.sort_values(["concession_id", "ruc"], ignore_index=True)
    return {"penalties": world.penalties, "contracts": contracts}


def _register_source(
    rows: pd.DataFrame, spec: RoleSpec, places: Mapping[str, tuple[str, ...]]
) -> pd.DataFrame:
    """Write the register in the source's columns, positions in those of their form."""
    source = columns.to_source(rows, spec)
    utm = (rows["form"] == "utm").to_numpy()
    for kind, names in places.items():
        own = utm if kind == "utm" else ~utm
        for name, part in zip(names, ("x", "y", "zone"), strict=False):
            source[name] = rows[part].where(own)
    return source


def _truth_rows(
    world: placement.World,
    sites: placement.Sites,
    rows: pd.DataFrame,
    found: pd.DataFrame,
    entries: pd.DataFrame,
) -> pd.DataFrame:
    entry = rows["entry"].to_numpy()
    out = found.iloc[entry].reset_index(drop=True)
    out["class_at_place"] = out["asm_class"]
    for name in ("registration_id", "source_row", "lon", "lat", "declared", "fault", "planned"):
        out[name] = rows[name]
    out["declared_right_id"] = entries["declared_right_id"].to_numpy(dtype=object)[entry]
    out["fault_outcome"] = pd.array([faults.outcome(f) for f in rows["fault"]], dtype="str")
    tile = sites.tile[rows["site"].to_numpy()]
    for name in _REGION_FIELDS:
        out[name] = pd.Series(None, index=out.index, dtype="str")
        if world.admin is not None and name in world.admin.columns:
            out[name] = pd.array(world.admin[name].to_numpy(dtype=object)[tile], dtype="str")
    lost = out["fault_outcome"] == faults.UNLOCATABLE
    out["asm_class"] = out["class_if_unlocated"].where(lost, out["asm_class"])
    nowhere = lost & (out["class_if_unlocated"] == AsmClass.UNLOCATABLE)
    out["concession_id"] = out["concession_id"].mask(lost, out["declared_right_id"])
    out["concession_id"] = out["concession_id"].mask(nowhere)
    out["right_ids"] = out["right_ids"].mask(lost)
    out["n_rights"] = out["n_rights"].mask(lost, 0)
    for name in ("title_relation", "holder_stratum", "holder_activity"):
        out[name] = out[name].mask(lost)
    out["own_title_contested"] &= ~lost
    text = dict.fromkeys(("declared_right_id", "concession_id"), "str")
    return out.astype(text)[list(_TRUTH_COLUMNS)]


def _right_rows(world: placement.World, records: list[truth.Right]) -> pd.DataFrame:
    rights = world.rights.assign(
        holder_stratum=pd.array([r.stratum for r in records], dtype="str"),
        idle=[r.idle for r in records],
    )
    kept = [c for c in _RIGHT_TRUTH if c in rights.columns]
    return rights[kept].sort_values("concession_id", ignore_index=True)


def _shortfalls(size: Scale, entries: pd.DataFrame) -> dict[str, int]:
    """Count what the ground lacked of each class asked for."""
    got = entries["planned"].value_counts()
    wanted = {str(c): round(s * size.registrations) for c, s in size.shares.items()}
    return {c: w - int(got.get(c, 0)) for c, w in wanted.items() if got.get(c, 0) < w}
