"""Whole simulations: a world of one's own, or registrations planted on a cadastre that exists."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd

from geoasm.codes import Role
from geoasm.errors import OptionError
from geoasm.geometry import area_ha
from geoasm.law import LawAt
from geoasm.model import CrsPlan, RoleSpec
from geoasm.simulate import (
    answers,
    columns,
    crowds,
    faults,
    filings,
    holders,
    joint,
    lands,
    mines,
    placement,
    positions,
    register,
    scenery,
    truth_prospects,
)
from geoasm.simulate import ground as grounds
from geoasm.simulate import rights as cadastres
from geoasm.simulate.names import people_and_firms
from geoasm.simulate.raster import Raster
from geoasm.simulate.scales import DEFAULT_ON, Country, Scale

_RIGHTS_PER_HOLDER = 4
_FIRMS = 0.45  # of the holders
_SNAPSHOT_DAYS = 20  # before the day of the study
_PLANTED_TABLES = (Role.STRATA, Role.PENALTIES)
_LIMITS = ("small_scale_limit_ha", "small_scale_limit_t_d", *mines.RADIUS_M.values())
_ORDERING = ("filed_hour", "datum", "origin")  # nobody knows them where the sources lack them


@dataclass(frozen=True)
class Simulation:
    """
    A planted data set in the columns of a country's sources, and its truth.

    `concessions` is None where a cadastre was given; `layers` then holds nothing that was given
    either. `truth` has one row for each row of `registrations`, in its order; `truth_disturbance` has
    one for each right and year that has a raster.
    """

    profile: str
    on: date
    concessions: gpd.GeoDataFrame | None
    registrations: pd.DataFrame
    layers: Mapping[Role, gpd.GeoDataFrame]
    tables: Mapping[Role, pd.DataFrame]
    truth: pd.DataFrame
    truth_concessions: pd.DataFrame
    rasters: tuple[Raster, ...] = ()
    truth_disturbance: pd.DataFrame | None = None
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
        The country draws rights in no UTM zone, has no tables of strata or penalties, or its law of that
        day sets no limits.
    """
    _check_tables(country)
    plan, law = country.crs, country.law.at(on)
    _check_law(country, law)
    streams = [np.random.default_rng([seed, k]) for k in range(8)]
    laid = grounds.blocks(streams[0], plan, size)
    tiles = grounds.admin(streams[0], laid, size, law)
    areas = grounds.areas(streams[1], laid, tiles, law, plan, size)
    areas = {role: frame for role, frame in areas.items() if role in country.roles}
    count = max(12, (size.rights + size.extinct) // _RIGHTS_PER_HOLDER)
    firms = round(_FIRMS * count)
    people = people_and_firms(streams[2], count - firms, firms)
    parties = holders.table(streams[2], people, country.parties, law)
    spec = country.roles[Role.CONCESSIONS]
    lengths = spec.fields["concession_id"].code_lengths
    drawn = cadastres.cadastre(streams[3], laid, parties, plan, size, lengths)
    untold = drawn.columns.intersection(_ORDERING).difference(list(spec.fields))
    drawn = joint.share_out(streams[4], drawn.drop(columns=untold), parties, country.parties)
    rights = faults.mark_rights(streams[3], drawn)
    rights["area_ha"] = area_ha(rights["drawn"].to_numpy(dtype=object))
    rights["declared_area_ha"] = rights["area_ha"].round(4)
    rights["snapshot_on"] = _snapshot(on)
    rows = faults.cadastre_rows(streams[3], rights, plan)
    source = columns.to_source(rows, spec, rows["variant"].to_numpy(dtype=int))
    there = rights[rights["fault"] != "empty_geometry"].reset_index(drop=True)
    bounds = [(b.west, b.south, b.east, b.north) for b in laid]
    scene = scenery.prepare(streams[6], country, law, there.assign(unclear=False), parties, bounds)
    world = placement.World(scene.rights, scene.holders, areas, tiles, plan, law)
    return _registered(
        country,
        scene,
        world,
        size,
        streams[5],
        sex=sex,
        seed=seed,
        concessions=gpd.GeoDataFrame(source, geometry=rows["geometry"], crs=plan.geographic),
        areas={Role.ADMIN: tiles, **areas},
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
        The rights leave no ground to plant on; a layer is given that is planted; the country has no
        tables of strata or penalties, or its law of that day sets no limits.
    """
    _check_tables(country)
    check_layers(areas or {})
    law = country.law.at(on)
    _check_law(country, law)
    streams = [np.random.default_rng([seed, k]) for k in range(3)]
    given = dict(areas or {})
    admin = given.pop(Role.ADMIN, None)
    rights = pd.DataFrame(concessions).sort_values("concession_id", ignore_index=True)
    rights = rights.assign(fault=faults.NONE, area_ha=area_ha(rights["planar"].to_numpy(object)))
    names = holders.of_names(rights["holder_name"], country.parties)
    parties = holders.table(streams[0], names, country.parties, law)
    rights = joint.of_plain_names(rights, parties)
    west, south, east, north = concessions.total_bounds
    bounds = [(float(west), float(south), float(east), float(north))]
    scene = scenery.prepare(streams[1], country, law, rights, parties, bounds)
    world = placement.World(scene.rights, scene.holders, given, admin, country.crs, law)
    return _registered(
        country, scene, world, size, streams[2], sex=sex, seed=seed, concessions=None, areas={}
    )


def check_layers(given: Collection[Role]) -> None:
    """
    Refuse layers that are planted themselves.

    Raises
    ------
    OptionError
        One of them is given.
    """
    for role in scenery.LAYERS:
        if role in given:
            raise OptionError(f"--layer {role}: simulate plants its own; leave this one out")


def _check_tables(country: Country) -> None:
    """Refuse a country whose runs take no table of what is planted on holders."""
    lacking = [str(r) for r in _PLANTED_TABLES if r not in country.roles]
    if lacking:
        raise OptionError(
            f"--profile {country.code}: simulate plants {' and '.join(lacking)}, "
            "for which this profile has no role; choose another profile"
        )


def _check_law(country: Country, law: LawAt) -> None:
    """Refuse a country whose law does not set the limits on whose sides holders and units are planted."""
    lacking = [name for name in _LIMITS if law.may_number(name) is None]
    if lacking:
        raise OptionError(
            f"--profile {country.code}: simulate plants holders and units on both sides of {lacking[0]}, "
            f"for which its law of {law.on.isoformat()} has no number; choose another profile"
        )


def _snapshot(on: date) -> np.datetime64:
    return np.datetime64(on - timedelta(days=_SNAPSHOT_DAYS), "s")


def _layer(frame: pd.DataFrame, spec: RoleSpec, plan: CrsPlan) -> gpd.GeoDataFrame:
    source = columns.to_source(frame, spec)
    return gpd.GeoDataFrame(source, geometry=list(frame["geometry"]), crs=plan.geographic)


def _table(frame: pd.DataFrame, spec: RoleSpec) -> pd.DataFrame:
    """Write a side table; what tells large from medium scale stands in the column of the stratum."""
    if "scale" not in frame:
        return columns.to_source(frame, spec)
    told = (frame["scale"] != columns.UNKNOWN).to_numpy()
    source = columns.to_source(frame, spec, told.astype(np.intp))
    own = [s.columns[0] for s in spec.fields["scale"].sources]
    shared = [s.columns[0] for s in spec.fields["stratum"].sources]
    return source.drop(columns=[c for c in own if c not in shared])


def _registered(
    country: Country,
    scene: scenery.Scene,
    world: placement.World,
    size: Scale,
    rng: np.random.Generator,
    *,
    sex: bool,
    seed: int,
    concessions: gpd.GeoDataFrame | None,
    areas: Mapping[Role, pd.DataFrame],
) -> Simulation:
    """Register on a finished world, plant the faults, work out the truth."""
    records = world.records()
    sites = placement.choose(rng, world, records, size.registrations, size.shares)
    entries = register.register(rng, world, records, sites, sex=sex)
    late = rng.spawn(1)[0]  # what was drawn before stays as it is
    entries = crowds.gather(late, entries)
    spec = country.roles[Role.REGISTRATIONS]
    places = columns.position_columns(spec)
    lon, lat = (entries[c].to_numpy(dtype=float) for c in ("lon", "lat"))
    written = positions.write(rng, lon, lat, world.plan, places)
    written = written.iloc[entries["at"]].reset_index(drop=True)
    entries = faults.mark_entries(
        rng, entries, written, size.fault_share, regions=world.admin is not None
    )
    scars = scenery.scar_under(rng, scene, sites, entries)
    judged = answers.judge_rights(world, scene.works, scars, entries)
    records = replace(world, rights=judged.frame).records()
    found = answers.answer(world, records, sites, entries)
    rows = faults.register_rows(rng, entries, written, world.plan)
    rows["snapshot_on"] = _snapshot(world.law.on)
    side = {**scene.tables(), **_filed(late, world, judged.frame, entries, found)}
    around = lands.plant(late, entries)
    layers = {**areas, **scene.layers()}
    layers |= {role: frame for role, frame in around.items() if role not in world.areas}
    known = answers.lay_out(world, sites, rows, found, entries, scene.relief)
    return Simulation(
        profile=country.code,
        on=world.law.on,
        concessions=concessions,
        registrations=_register_source(rows, spec, places),
        layers={
            role: _layer(frame, country.roles[role], world.plan)
            for role, frame in layers.items()
            if role in country.roles and len(frame)
        },
        tables={
            Role(name): _table(frame, country.roles[Role(name)])
            for name, frame in side.items()
            if Role(name) in country.roles and len(frame)
        },
        truth=known,
        truth_concessions=answers.lay_out_rights(truth_prospects.of_rights(judged.frame, known)),
        rasters=scene.rasters(scars),
        truth_disturbance=judged.years,
        seed=seed,
        shortfalls=_shortfalls(size, entries),
    )


def _filed(
    rng: np.random.Generator,
    world: placement.World,
    rights: pd.DataFrame,
    entries: pd.DataFrame,
    found: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Plant the side tables that need the register: contracts, instruments, assessments."""
    on = world.law.on
    return {
        "contracts": _contracts(entries, found),
        "igafom": filings.igafom(rng, entries, on),
        "assessments": filings.assessments(rng, rights, world.holders, on),
    }


def _contracts(entries: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    signed = found["has_contract"] & entries["signed_on"].notna()
    contracts = pd.DataFrame(
        {
            "concession_id": found.loc[signed, "concession_id"],
            "ruc": entries.loc[signed, "ruc"],
            "signed_on": entries.loc[signed, "signed_on"],
        }
    )
    contracts = contracts.drop_duplicates(["concession_id", "ruc"])
    return contracts.sort_values(["concession_id", "ruc"], ignore_index=True)


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


def _shortfalls(size: Scale, entries: pd.DataFrame) -> dict[str, int]:
    """Count what the ground lacked of each class asked for."""
    got = entries["planned"].value_counts()
    wanted = {str(c): round(s * size.registrations) for c, s in size.shares.items()}
    return {c: w - int(got.get(c, 0)) for c, w in wanted.items() if got.get(c, 0) < w}
