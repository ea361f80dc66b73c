"""What lies around each registration: rights, areas, and what rasters and rivers show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import pandas as pd
import shapely

from geoasm import assemble, declared, disturbance, geometry, issues, terrain
from geoasm.codes import Role
from geoasm.geometry import Floats
from geoasm.given import Frames, Given
from geoasm.holdership import People
from geoasm.index import Index
from geoasm.law import LawAt
from geoasm.link import Points, link, link_areas
from geoasm.model import CrsPlan, Grid, Options
from geoasm.parties import has_contract
from geoasm.profile import Profile
from geoasm.seniority import order_stacks
from geoasm.workers import Here, Workers

# Lines, in which nobody stands; the box of a long one holds much of the register.
_NO_GROUND = frozenset({Role.RIVERS, Role.ROADS})


@dataclass(frozen=True)
class Linked:
    """Registrations beside the rights and areas at their points."""

    points: Points
    pairs: pd.DataFrame
    declared: pd.DataFrame  # pairs with the declared right, of registrations without a position
    areas: Frames  # pairs of registrations and areas, by role; none of rivers and roads


@dataclass(frozen=True)
class Seen:
    """What rasters and rivers show: disturbed ground of rights, the setting of registrations."""

    disturbed: disturbance.Disturbance | None
    setting: pd.DataFrame
    issues: pd.DataFrame


class _Around(NamedTuple):
    """What may lie around a registration."""

    rights: Index
    areas: Mapping[Role, Index]
    plan: CrsPlan
    reach_m: float


def link_all(
    given: Given, people: People, profile: Profile, law: LawAt, workers: Workers | None = None
) -> Linked:
    """
    Bring registrations together with the rights and areas at their points, and the right declared.

    Parameters
    ----------
    workers
        Who looks for rights and areas; this process where not given.
    """
    concessions = given.concessions
    geometries = given.registrations.geometry.to_numpy()
    points = Points(geometries, profile.crs)
    layers = {r: Index(frame) for r, frame in given.layers.items() if r not in _NO_GROUND}
    around = _Around(Index(concessions), layers, profile.crs, law.number("link_reach_m"))
    nearby, found = _link(geometries, around, workers or Here())
    pairs = order_stacks(nearby, concessions, law)
    codes = assemble.column(given.registrations, "declared_right_id")
    by_code = declared.stand_ins(codes, points.located, concessions)
    return Linked(
        points,
        _join_parties(pairs, given, people, law),
        _join_parties(by_code, given, people, law),
        found,
    )


def _link(
    geometries: geometry.Geometries, around: _Around, workers: Workers
) -> tuple[pd.DataFrame, dict[Role, pd.DataFrame]]:
    """Pair registrations with rights, and with the areas of each role."""
    lon, lat = shapely.get_x(geometries), shapely.get_y(geometries)
    pieces = geometry.cut(lon, lat, workers.cut(len(lon)))
    done = list(workers.map(_link_part, around, [(lon[rows], lat[rows]) for rows in pieces]))

    def join(several: list[pd.DataFrame], other: str) -> pd.DataFrame:
        moved = [
            pairs.assign(registration=rows[pairs["registration"]])
            for rows, pairs in zip(pieces, several, strict=True)
        ]
        return pd.concat(moved).sort_values(["registration", other], ignore_index=True)

    areas = {role: join([found[role] for _, found in done], "area") for role in around.areas}
    return join([pairs for pairs, _ in done], "concession"), areas


def _link_part(
    around: _Around, places: tuple[Floats, Floats]
) -> tuple[pd.DataFrame, dict[Role, pd.DataFrame]]:
    points = Points(geometry.points(*places), around.plan)
    found = {role: link_areas(points, index) for role, index in around.areas.items()}
    return link(points, around.rights, reach_m=around.reach_m), found


def _join_parties(pairs: pd.DataFrame, given: Given, people: People, law: LawAt) -> pd.DataFrame:
    """Say of each pair whether the registrant holds the right or has a contract for it."""
    signed = has_contract(
        people.parties.registrant.take(pairs["registration"]).set_axis(pairs.index),
        given.concessions["concession_id"].take(pairs["concession"]).set_axis(pairs.index),
        people.parties,
        given.contracts,
        on=law.on,
    )
    return pairs.assign(same_holder=people.same_holder(pairs), has_contract=signed)


def look(
    given: Given,
    rasters: Mapping[Role, Sequence[Grid]],
    profile: Profile,
    law: LawAt,
    options: Options,
) -> Seen:
    """Measure what rasters show of rights, and rasters and rivers of registrations."""
    disturbed = None
    if Role.ACTIVITY in rasters:
        disturbed = disturbance.measure(
            given.concessions,
            rasters[Role.ACTIVITY],
            profile.legends.get(Role.ACTIVITY, ()),
            law,
            profile.crs,
            legend=options.assumptions.get((Role.ACTIVITY.value, "legend")),
        )
    shapes = given.registrations.geometry
    around = terrain.describe(
        shapes.x.to_numpy(),
        shapes.y.to_numpy(),
        law,
        profile.crs,
        elevation=next(iter(rasters.get(Role.ELEVATION, ())), None),
        rivers=given.layers.get(Role.RIVERS),
    )
    doubts = [] if disturbed is None else [disturbed.issues]
    return Seen(disturbed, around.frame, issues.join([*doubts, around.issues]))


def name_legends(
    rasters: Mapping[Role, Sequence[Grid]], disturbed: disturbance.Disturbance | None
) -> dict[Role, Sequence[Grid]]:
    """Put into the source of each activity raster the legend by which its values were read."""
    named = dict(rasters)
    if disturbed is not None:
        named[Role.ACTIVITY] = [
            replace(grid, source=replace(grid.source, legend=disturbed.legends.get(grid.year)))
            for grid in rasters[Role.ACTIVITY]
        ]
    return named
