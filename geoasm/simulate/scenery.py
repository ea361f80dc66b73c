"""What stands on rights and is said of holders, planted at once: strata, groups, work, scars, relief."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from geoasm.codes import ConcessionStatus, Role
from geoasm.law import LawAt
from geoasm.simulate import (
    faults,
    holders,
    scars,
    statements,
    truth_evidence,
    truth_holders,
)
from geoasm.simulate.placement import Sites
from geoasm.simulate.raster import Bounds, Raster
from geoasm.simulate.relief import Relief, raise_ground
from geoasm.simulate.scales import Country
from geoasm.simulate.scars import Scars
from geoasm.simulate.works import Works, plant

LAYERS: Final = (Role.MINING_UNITS, Role.RIVERS)
# Of the titles with penalties on which somebody is registered: with a scar there.
_UNDER_SHARE, _UNDER = 0.25, 6


@dataclass(frozen=True)
class Scene:
    """
    A world's rights and holders with everything planted about them.

    `rights` are judged as far as it does not matter who registers where: `holder_stratum`,
    `stratum_basis`, `holder_scale`, `holder_total_ha`, `group`, `at_work` (evidence that counts says so),
    `holder_activity`, `activity_conflict`, `apart`. `said` are the side tables on holders. `scars` and `relief` are None where the country
    reads no such rasters.
    """

    rights: pd.DataFrame
    holders: pd.DataFrame
    said: Mapping[str, pd.DataFrame]
    works: Works
    scars: Scars | None
    relief: Relief | None

    def tables(self) -> dict[str, pd.DataFrame]:
        """Give the side tables by role, canonical columns."""
        return {**self.said, **self.works.tables()}

    def layers(self) -> dict[Role, pd.DataFrame]:
        """Give the layers by role, `geometry` in degrees."""
        found = self.works.layers()
        if self.relief is not None:
            found[Role.RIVERS] = self.relief.rivers
        return found

    def rasters(self, scarred: Scars | None) -> tuple[Raster, ...]:
        """Give the rasters, with the scars of the finished world."""
        found = () if scarred is None else scarred.rasters()
        return found if self.relief is None else (*found, self.relief.raster())


def prepare(
    rng: np.random.Generator,
    country: Country,
    law: LawAt,
    rights: pd.DataFrame,
    parties: pd.DataFrame,
    bounds: list[Bounds],
) -> Scene:
    """
    Plant what is said of holders and what stands on their rights.

    Parameters
    ----------
    rights
        `members`, `is_open`, `unclear` and the fields of concessions.
    parties
        Of `holders.table`.
    bounds
        Blocks of ground, in degrees.
    """
    plan = country.crs
    if Role.HOLDERS not in country.roles:
        parties = parties.assign(listed=False)
    titled = rights[rights["status"] == ConcessionStatus.TITLED]
    holding = frozenset(m for members in titled["members"] for m in members)
    parties = holders.misspell(rng, parties, holding, country.parties)
    if Role.ALIASES not in country.roles:
        parties["alias"] = parties["alias"].mask(parties["alias"].notna())
    total = truth_holders.totals(rights, truth_holders.owners_of(rights, parties))
    number = parties["party"].to_numpy()
    joint = [
        tuple(int(p) for p in number[list(members)])
        for members, is_open in zip(titled["members"], titled["is_open"], strict=True)
        if len(members) > 1 and not is_open
    ]
    parties = statements.regroup(rng, parties, total, joint, law)
    if Role.GROUPS not in country.roles:
        parties["group"] = parties["group"].mask(parties["group"].notna())
    official = statements.official(rng, parties, total, law)
    official = statements.tell_scales(rng.spawn(1)[0], official)
    said = statements.production(rng, parties, official, law)
    planted = plant(rng, rights, parties, said, law, plan).readable(frozenset(country.roles))
    idle = truth_evidence.idle_codes(planted.penalties, law)
    at_work = truth_evidence.worked(rights, parties, planted, law, plan)
    judged = truth_evidence.judge(rights, idle, at_work)
    stratum = truth_holders.of_rights(rights, parties, official, planted.production, law)
    stratum["holder_scale"] = truth_holders.scales(rights, parties, official, law)
    rights = rights.join(stratum).join(judged)
    rights["at_work"] = np.isin(np.arange(len(rights)), list(at_work))
    rights["apart"] = False
    scarred, ground = None, None
    if Role.ACTIVITY in country.legends:
        apart = scars.set_apart(rng, rights, idle)
        rights["apart"] = np.isin(np.arange(len(rights)), list(apart))
        scarred = scars.plant(rng, scars.empty(bounds, law), rights, apart, idle, plan)
        if Role.RIVERS in country.roles:
            ground = raise_ground(rng, bounds)
    tables = statements.tables(rng, parties, official)
    return Scene(rights, parties, tables, planted, scarred, ground)


def scar_under(
    rng: np.random.Generator, scene: Scene, sites: Sites, entries: pd.DataFrame
) -> Scars | None:
    """Plant scars that begin under registrations on titles with penalties: they may be the miners' own."""
    if scene.scars is None:
        return None
    idle = scene.rights["holder_activity"] == "idle"
    rows = set(np.flatnonzero(idle))
    kept = [faults.outcome(f) == faults.KEPT for f in entries["fault"]]
    on = [
        i
        for i, site in enumerate(entries["site"])
        if kept[i] and rows.intersection(sites.stack[site])
    ]
    chosen = rng.permutation(on)[: max(_UNDER, round(_UNDER_SHARE * len(on)))].astype(int)
    lon, lat = (entries[c].to_numpy(dtype=float)[chosen] for c in ("lon", "lat"))
    return scars.add(scene.scars, lon, lat, scars.BEGUN)
