"""What lies around each registration: rights, areas, and what rasters and rivers show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from geoasm import assemble, declared, disturbance, issues, terrain
from geoasm.codes import Role
from geoasm.given import Frames, Given
from geoasm.holdership import People
from geoasm.law import LawAt
from geoasm.link import Points, link, link_areas
from geoasm.model import Grid, Options
from geoasm.parties import has_contract
from geoasm.profile import Profile
from geoasm.seniority import order_stacks


@dataclass(frozen=True)
class Linked:
    """Registrations beside the rights and areas at their points."""

    points: Points
    pairs: pd.DataFrame
    declared: pd.DataFrame  # pairs with the declared right, of registrations without a position
    areas: Frames  # pairs of registrations and areas, by role


@dataclass(frozen=True)
class Seen:
    """What rasters and rivers show: disturbed ground of rights, the setting of registrations."""

    disturbed: disturbance.Disturbance | None
    setting: pd.DataFrame
    issues: pd.DataFrame


def link_all(given: Given, people: People, profile: Profile, law: LawAt) -> Linked:
    """Bring registrations together with the rights and areas at their points, and the right declared."""
    concessions = given.concessions
    points = Points(given.registrations.geometry.to_numpy(), profile.crs)
    pairs = order_stacks(
        link(points, concessions, reach_m=law.number("link_reach_m")), concessions, law
    )
    codes = assemble.column(given.registrations, "declared_right_id")
    by_code = declared.stand_ins(codes, points.located, concessions)
    found = {role: link_areas(points, frame) for role, frame in given.layers.items()}
    return Linked(
        points,
        _join_parties(pairs, given, people, law),
        _join_parties(by_code, given, people, law),
        found,
    )


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
