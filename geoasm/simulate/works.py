"""Work on rights, and signs of none: production, mining units, production units, permits, penalties."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import pandas as pd
import shapely

from geoasm.codes import ConcessionStatus, Role, UnitStage, UnitSubstance
from geoasm.geometry import operation
from geoasm.law import LawAt
from geoasm.model import CrsPlan
from geoasm.simulate.names import words

RADIUS_M: Final = {
    UnitSubstance.METALLIC: "unit_radius_m",
    UnitSubstance.BULK: "unit_radius_bulk_m",
    UnitSubstance.ALLUVIAL: "unit_radius_alluvial_m",
}
DECIMALS = 6  # of the degrees of units
_BESIDE_M = 100.0  # how far inside or outside the radius a unit is planted
_IDLE, _ONE_YEAR, _LONG_AGO, _TO_COME = 0.16, 0.06, 0.05, 0.03  # shares of titles by their penalties
_SEEN_DAYS = 40  # before the day of the study, or after it
_TITLES_A_ROUND = 800  # titles for each further round of all kinds of evidence
_TONNES, _ORE_T = 900.0, 2_500.0
_UNIT_MEMBERS = (2, 4)
_PRODUCTION_UNITS = 3

# What is planted of mining units: where, stage, age in years (-1: after the day), who runs it, radius.
_OPERATING, _EXPLORING, _CLOSED = UnitStage.OPERATING, UnitStage.EXPLORING, UnitStage.CLOSED
_METALLIC, _BULK, _ALLUVIAL = UnitSubstance.METALLIC, UnitSubstance.BULK, UnitSubstance.ALLUVIAL
_UNITS: Final = (
    ("near", _OPERATING, 0, "holder", _METALLIC),
    ("far", _OPERATING, 0, "holder", _METALLIC),
    ("near", _OPERATING, 1, "holder", _BULK),
    ("far", _OPERATING, 1, "holder", _BULK),
    ("near", _OPERATING, 0, "holder", _ALLUVIAL),
    ("far", _OPERATING, 0, "holder", _ALLUVIAL),
    ("near", _OPERATING, 0, "other", _METALLIC),
    ("inside", _OPERATING, 0, "holder", _METALLIC),
    ("inside", _OPERATING, 1, "other", _METALLIC),  # the operator is not the title holder
    ("inside", _OPERATING, 2, "nobody", _BULK),  # nor anybody who holds a right
    ("inside", _OPERATING, 3, "nobody", _METALLIC),  # too old by a year
    ("inside", _OPERATING, -1, "nobody", _METALLIC),
    ("inside", _EXPLORING, 0, "holder", _METALLIC),
    ("near", _EXPLORING, 0, "holder", _METALLIC),
    ("inside", _CLOSED, 0, "holder", _BULK),
    # Too old by themselves, and named in recent production: of the operator, of somebody else, of
    # nobody.
    ("near", _OPERATING, 5, "holder", _METALLIC),
    ("near", _OPERATING, 5, "holder", _METALLIC),
    ("inside", _OPERATING, 5, "holder", _METALLIC),
)
_PRODUCERS: Final = {15: "operator", 16: "other", 17: None}


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
    Plant penalties: enough years in the window for some titles, too few, too old or to come for others.

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
    bounds = np.cumsum([_IDLE, _ONE_YEAR, _LONG_AGO, _TO_COME])
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
    scene = _Scene(rng, rights, holders, law, plan)
    units, named = _units(scene, anchors, rounds)
    grouped = _production_units(scene, order, rounds)
    made = _production(scene, anchors, grouped, rounds)
    production = pd.concat([said, named, made], ignore_index=True)
    production["stratum"] = production["stratum"].fillna("unknown")
    return Works(
        fines,
        production.astype({"party": "int64", "year": "int64"}),
        units,
        grouped,
        _permits(scene, anchors, 4 * rounds),
    )


@dataclass(frozen=True)
class _Scene:
    rng: np.random.Generator
    rights: pd.DataFrame
    holders: pd.DataFrame
    law: LawAt
    plan: CrsPlan

    def first(self, right: int) -> int:
        """Give the row of the first holder of a right."""
        return int(self.rights["members"].iloc[right][0])

    def stranger(self, right: int) -> int:
        """Give the row of a holder who has nothing to do with a right."""
        holders = self.holders
        own = holders.iloc[list(self.rights["members"].iloc[right])]
        other = ~holders["party"].isin(own["party"]) & ~holders["unclear"]
        other &= ~holders["group"].isin(own["group"].dropna())
        return int(self.rng.choice(np.flatnonzero(other)))

    def named(self, row: int | None) -> dict[str, object]:
        """Name a holder; nobody who holds rights where there is none."""
        if row is None:
            return {"party": -1, "holder_name": None}
        return {
            "party": int(self.holders["party"].iloc[row]),
            "holder_name": self.holders["name"].iloc[row],
        }


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


def _units(
    scene: _Scene, anchors: Iterator[int], rounds: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Plant mining units in rights or so far from them, and production that names them."""
    rows, made = [], []
    law = scene.law
    labels = words(scene.rng, rounds * len(_UNITS))
    last = law.on - timedelta(days=_SEEN_DAYS)
    for k in range(rounds * len(_UNITS)):
        where, stage, age, who, substance = _UNITS[k % len(_UNITS)]
        right = next(anchors)
        operator = {"holder": scene.first, "other": scene.stranger, "nobody": lambda _: None}[who](right)
        side = {"inside": None, "near": -_BESIDE_M, "far": _BESIDE_M}[where]
        reach = None if side is None else law.number(RADIUS_M[substance]) + side
        lon, lat = _place(scene, right, reach)
        name = f"UNIDAD {labels[k]}"
        seen = law.on + timedelta(days=_SEEN_DAYS) if age < 0 else last.replace(year=last.year - age)
        rows.append(
            {
                "name": name,
                **scene.named(operator),
                "stage": str(stage),
                "substance": str(substance),
                "observed_on": seen,
                "lon": lon,
                "lat": lat,
            }
        )
        if operator is None:
            rows[-1]["holder_name"] = f"OPERADORA {labels[k]} S.A."
        if k % len(_UNITS) in _PRODUCERS:
            by = _PRODUCERS[k % len(_UNITS)]
            producer = {"operator": operator, "other": scene.stranger(right), None: None}[by]
            made.append({"unit_name": name, **scene.named(producer), **_year(law.on.year - 1)})
    units = pd.DataFrame(rows)
    units["observed_on"] = pd.to_datetime(units["observed_on"]).astype("datetime64[s]")
    return units, pd.DataFrame(made)


def _year(year: int, amount: float = _TONNES, ore_t: float = np.nan) -> dict[str, object]:
    return {"year": year, "amount": amount, "ore_t": ore_t, "stratum": None}


def _place(scene: _Scene, right: int, reach_m: float | None) -> tuple[float, float]:
    """Find a point in a right, or so far from it in any direction: degrees as files state them."""
    shape = scene.rights["drawn"].iloc[right]
    inside = shapely.point_on_surface(shape)
    x, y = float(inside.x), float(inside.y)
    if reach_m is not None:
        turn = scene.rng.uniform(0, 2 * np.pi)
        low, high = 0.0, reach_m + float(shapely.length(shape))
        for _ in range(60):
            middle = (low + high) / 2
            point = shapely.Point(x + middle * np.cos(turn), y + middle * np.sin(turn))
            low, high = (low, middle) if shape.distance(point) > reach_m else (middle, high)
        x, y = x + low * np.cos(turn), y + low * np.sin(turn)
    shift = operation(str(scene.rights["crs_used"].iloc[right]), scene.plan.geographic, scene.plan)
    lon, lat = shift.points(np.array([x]), np.array([y]))
    return round(float(lon[0]), DECIMALS), round(float(lat[0]), DECIMALS)


def _production_units(scene: _Scene, order: list[int], rounds: int) -> pd.DataFrame:
    """Put titles of one holder into production units: `concession_id`, `unit_id`."""
    ids = scene.rights["concession_id"].to_numpy(dtype=object)
    of_holder: dict[int, list[int]] = {}
    for right in order:
        of_holder.setdefault(scene.first(right), []).append(right)
    rows = []
    wanted = _PRODUCTION_UNITS * (rounds + 1)
    able = [some for some in of_holder.values() if len(some) > _UNIT_MEMBERS[0]][:wanted]
    for label, some in zip(words(scene.rng, len(able)), able, strict=True):
        size = int(scene.rng.integers(_UNIT_MEMBERS[0], _UNIT_MEMBERS[1] + 1))
        rows += [(ids[right], f"UEA {label}") for right in some[-size:]]
    return pd.DataFrame(rows, columns=["concession_id", "unit_id"], dtype="str")


def _production(
    scene: _Scene, anchors: Iterator[int], grouped: pd.DataFrame, rounds: int
) -> pd.DataFrame:
    """Plant production of rights, of production units, and of units that bear a right's name."""
    rights, on = scene.rights, scene.law.on
    window = int(scene.law.number("activity_window_years"))
    ids = rights["concession_id"].to_numpy(dtype=object)
    years = [
        _year(on.year - 1),
        _year(on.year - window + 1),
        _year(on.year - window),  # too old by a year
        _year(on.year + 1),
        _year(on.year - 1, amount=0.0),
        _year(on.year - 1, ore_t=_ORE_T),
    ]
    rows = []
    for k in range(2 * rounds * len(years)):
        right, made = next(anchors), years[k % len(years)]
        holder = scene.named(scene.first(right) if k % 2 else None)
        rows.append({"concession_id": ids[right], **holder, **made})
    for k in range(4 * rounds):  # of a unit that bears the name of a right, of its holder or another's
        right = next(anchors)
        holder = scene.first(right) if k % 2 else scene.stranger(right)
        rows.append(
            {"unit_name": rights["name"].iloc[right], **scene.named(holder), **_year(on.year - 1)}
        )
    of_unit = grouped.groupby("unit_id", sort=False)["concession_id"].first()
    for k, (unit, code) in enumerate(of_unit.items()):  # on one right of a unit, on the unit, nowhere
        made = {**scene.named(None), **_year(on.year - 1)}
        if k % 3 < 2:
            rows.append({"concession_id" if k % 3 else "unit_name": code if k % 3 else unit, **made})
    return pd.DataFrame(rows)


def _permits(scene: _Scene, anchors: Iterator[int], n: int) -> pd.DataFrame:
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
