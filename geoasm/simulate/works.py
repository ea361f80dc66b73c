"""Work on rights, and signs of none: production, mining units, production units, permits, penalties."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import pandas as pd
import shapely

from geoasm.codes import ConcessionStatus, Role, UnitStage
from geoasm.law import LawAt
from geoasm.model import CrsPlan
from geoasm.simulate import mines
from geoasm.simulate.names import respell_some

# Shares of titles by their penalties; at the edge: one year counts, the one before is just too old.
_IDLE, _ONE_YEAR, _LONG_AGO, _TO_COME, _AT_THE_EDGE, _TWICE = 0.16, 0.05, 0.04, 0.02, 0.03, 0.01
_PERMITS = 12  # in a round
_TITLES_A_ROUND = 800  # titles for each further round of all kinds of evidence
_RESPELT = 0.2  # of the names of holders


@dataclass(frozen=True)
class Works:
    """
    Planted evidence, canonical columns.

    `production` and `units` carry `party`, the number of the party that they name (-1: nobody who
    holds rights); `units` have `lon` and `lat`.
    """

    penalties: pd.DataFrame
    production: pd.DataFrame
    units: pd.DataFrame
    production_units: pd.DataFrame
    permits: pd.DataFrame

    def readable(self, roles: Collection[Role]) -> Works:
        """Keep what a country reads."""
        return replace(
            self,
            **{
                str(role): frame.iloc[:0]
                for role, frame in (
                    (Role.PRODUCTION, self.production),
                    (Role.PRODUCTION_UNITS, self.production_units),
                    (Role.PERMITS, self.permits),
                )
                if role not in roles
            },
            units=self.units if Role.MINING_UNITS in roles else self.units.iloc[:0],
        )

    def tables(self) -> dict[str, pd.DataFrame]:
        """Give the side tables, by role."""
        return {
            "penalties": self.penalties,
            "production": self.production,
            "production_units": self.production_units,
            "permits": self.permits,
        }

    def layers(self) -> dict[Role, pd.DataFrame]:
        """Give the layers, by role; `geometry` in degrees."""
        points = shapely.points(self.units["lon"], self.units["lat"])
        return {Role.MINING_UNITS: self.units.assign(geometry=points)}


def penalties(rng: np.random.Generator, rights: pd.DataFrame, law: LawAt) -> pd.DataFrame:
    """
    Plant penalties: enough years in the window for some titles, too few, too old, to come for others.

    Returns
    -------
    penalties
        `concession_id`, `year`; one row a penalty.
    """
    need, window = int(law.number("idle_penalty_years")), int(law.number("idle_window_years"))
    ids = rights.loc[rights["status"] == ConcessionStatus.TITLED, "concession_id"].to_numpy()
    draw = rng.random(len(ids))
    # Years that count however the window is laid: the day's own year is hardly ever paid yet.
    years = np.arange(law.on.year - max(window - 1, need), law.on.year)
    bounds = np.cumsum([_IDLE, _ONE_YEAR, _LONG_AGO, _TO_COME, _AT_THE_EDGE, _TWICE])
    rows: list[tuple[str, int]] = []
    for code, u in zip(ids, draw, strict=True):
        if u < bounds[0]:
            count = int(rng.integers(need, len(years) + 1))
            rows += [(code, int(y)) for y in np.sort(rng.choice(years, count, replace=False))]
        elif u < bounds[1]:
            rows += [(code, int(y)) for y in rng.choice(years, max(need - 1, 0), replace=False)]
        elif u < bounds[2]:
            rows += [(code, int(years[0]) - 2 - k) for k in range(need + 1)]
        elif u < bounds[3]:
            rows += [(code, law.on.year + 1 + k) for k in range(need)]
        elif u < bounds[4]:
            rows += [(code, law.on.year - window + k * (window - 1)) for k in range(need)]
        elif u < bounds[5]:
            rows += [(code, law.on.year - 1)] * need
    return pd.DataFrame(rows, columns=["concession_id", "year"]).sort_values(
        ["concession_id", "year"], ignore_index=True
    )


def plant(
    rng: np.random.Generator,
    rights: pd.DataFrame,
    holders: pd.DataFrame,
    said: pd.DataFrame,
    law: LawAt,
    plan: CrsPlan,
) -> Works:
    """
    Plant evidence on titles of holders who are known, each kind on both sides of what counts.

    Parameters
    ----------
    rights
        `concession_id`, `name`, `status`, `members`, `drawn`, `crs_used`; `unclear` where it is a
        question who holds a right.
    said
        Production that names a holder alone: `party`, `holder_name`, `year`, `stratum`, `ore_t`, `amount`.
    """
    fines = penalties(rng, rights, law)
    order = _order(rng, rights, fines)
    rounds = max(1, len(order) // _TITLES_A_ROUND)
    anchors = itertools.cycle(order)
    scene = mines.Scene(rng, rights, holders, law, plan)
    units, named = mines.units(scene, anchors, rounds)
    worked = [int(r) for r in units.loc[units["stage"] == UnitStage.OPERATING, "right"] if r >= 0]
    grouped, of_units = mines.production_units(scene, worked, order, rounds)
    made = mines.production(scene, anchors, rounds)
    production = pd.concat([said, named, of_units, made], ignore_index=True)
    production["stratum"] = production["stratum"].fillna("unknown")
    for frame in (production, units):
        frame["holder_name"] = respell_some(rng, frame["holder_name"], _RESPELT)
    return Works(
        fines,
        production.astype({"party": "int64", "year": "int64"}),
        units,
        grouped,
        _permits(scene, anchors, _PERMITS * rounds),
    )


def _order(rng: np.random.Generator, rights: pd.DataFrame, fines: pd.DataFrame) -> list[int]:
    """
    Shuffle the titles of known holders, every other one with penalties as long as there are some.

    What counts then makes a conflict as often as not, and what does not count leaves rights idle.
    """
    titled = rights["status"] == ConcessionStatus.TITLED
    able = titled & (rights["members"].map(len) > 0)
    if "unclear" in rights:
        able &= ~rights["unclear"]
    order = rng.permutation(np.flatnonzero(able))
    fined = rights["concession_id"].isin(fines["concession_id"]).to_numpy()[order]
    turns = np.where(fined, 2 * (np.cumsum(fined) - 1), 2 * np.cumsum(~fined) - 1)
    return [int(right) for right in order[np.argsort(turns, kind="stable")]]


def _permits(scene: mines.Scene, anchors: Iterator[int], n: int) -> pd.DataFrame:
    """Plant permits, which say nothing of work: `concession_id`, `permit`, `granted_on`."""
    ids = scene.rights["concession_id"].to_numpy(dtype=object)
    days = scene.rng.integers(-300, 2_000, n)
    rows = [
        (ids[next(anchors)], "CERTIFICACIÓN AMBIENTAL", scene.law.on - timedelta(days=int(day)))
        for day in days
    ]
    out = pd.DataFrame(rows, columns=["concession_id", "permit", "granted_on"])
    out["granted_on"] = pd.to_datetime(out["granted_on"]).astype("datetime64[s]")
    return out.drop_duplicates().sort_values(["concession_id", "granted_on"], ignore_index=True)
