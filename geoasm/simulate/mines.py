"""Mining units and production units, and the production of units and rights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import pandas as pd
import shapely

from geoasm.codes import UnitStage, UnitSubstance
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
_SEEN_DAYS = 40  # before the day of the study, or after it
_TONNES, _ORE_T = 900.0, 2_500.0
_UNIT_MEMBERS = (2, 4)
_PRODUCTION_UNITS = 3  # in a round: with a mining unit in one of their rights, and without

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
    # Too old by themselves, and named in recent production, as `_PRODUCERS` says.
    *((where, _OPERATING, 5, "holder", _METALLIC) for where in ("near", "near", "inside", "near")),
    ("inside", _OPERATING, 5, "nobody", _METALLIC),
    ("near", _OPERATING, 5, "holder", _METALLIC),
)
_PRODUCERS: Final = {
    15: "operator",
    16: "name",
    17: "nobody",
    18: "number",
    19: "operator",
    20: "unknown",
}
_UNKNOWN = "OPERADORA DE NADIE S.A."
_OLD = 3  # years: from then on a unit of that age counts no more


@dataclass(frozen=True)
class Scene:
    """What evidence is planted on."""

    rng: np.random.Generator
    rights: pd.DataFrame
    holders: pd.DataFrame
    law: LawAt
    plan: CrsPlan

    def first(self, right: int) -> int:
        """Give the row of the first holder of a right."""
        return int(self.rights["members"].iloc[right][0])

    def stranger(self, right: int, listed: bool = False) -> int:
        """Give the row of a holder who has nothing to do with a right; one whose number is known."""
        holders = self.holders
        own = holders.iloc[list(self.rights["members"].iloc[right])]
        other = ~holders["party"].isin(own["party"]) & ~holders["unclear"]
        other &= ~holders["group"].isin(own["group"].dropna())
        if listed:
            other &= holders["listed"]
        return int(self.rng.choice(np.flatnonzero(other)))

    def named(self, row: int | None) -> dict[str, object]:
        """Name a holder; nobody who holds rights where there is none."""
        if row is None:
            return {"party": -1, "holder_name": None}
        return {
            "party": int(self.holders["party"].iloc[row]),
            "holder_name": self.holders["name"].iloc[row],
        }


def units(scene: Scene, anchors: Iterator[int], rounds: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Plant mining units in rights or so far from them, and production that names them.

    Returns
    -------
    units, production
        Of units `right` is the row of the right in which one stands and counts, -1 for others.
    """
    rows, made = [], []
    law = scene.law
    labels = words(scene.rng, rounds * len(_UNITS))
    last = law.on - timedelta(days=_SEEN_DAYS)
    for k, label in enumerate(labels):
        where, stage, age, who, substance = _UNITS[k % len(_UNITS)]
        right = next(anchors)
        side = {"inside": None, "near": -_BESIDE_M, "far": _BESIDE_M}[where]
        reach = None if side is None else law.number(RADIUS_M[substance]) + side
        lon, lat = _place(scene, right, reach)
        operator = {"party": -1, "holder_name": f"OPERADORA {label} S.A."}
        if who != "nobody":
            operator = scene.named(scene.first(right) if who == "holder" else scene.stranger(right))
        seen = last.replace(year=last.year - age)
        rows.append(
            {
                "name": f"UNIDAD {label}",
                **operator,
                "stage": str(stage),
                "substance": str(substance),
                "observed_on": seen if age >= 0 else law.on + timedelta(days=_SEEN_DAYS),
                "lon": lon,
                "lat": lat,
                "right": right if where == "inside" and 0 <= age < _OLD else -1,
            }
        )
        producer = _PRODUCERS.get(k % len(_UNITS))
        if producer is not None:
            named = _producer(scene, producer, operator, right)
            made.append({"unit_name": f"UNIDAD {label}", **named, **_year(law.on.year - 1)})
    found = pd.DataFrame(rows)
    found["observed_on"] = pd.to_datetime(found["observed_on"]).astype("datetime64[s]")
    return found, pd.DataFrame(made)


def _producer(scene: Scene, who: str, operator: dict[str, object], right: int) -> dict[str, object]:
    """
    Name whose production a row is.

    The operator's of a unit, nobody's, another holder's by name or number, somebody's who holds nothing.
    """
    if who == "operator":
        return operator
    if who == "unknown":
        return {"party": -1, "holder_name": _UNKNOWN}
    if who == "nobody":
        return scene.named(None)
    row = scene.stranger(right, listed=who == "number")
    if who == "number":
        ruc = scene.holders["ruc"].iloc[row]
        return {**scene.named(row), "holder_name": None, "ruc": ruc}
    return scene.named(row)


def _year(year: int, amount: float = _TONNES, ore_t: float = np.nan) -> dict[str, object]:
    return {"year": year, "amount": amount, "ore_t": ore_t, "stratum": None}


def _place(scene: Scene, right: int, reach_m: float | None) -> tuple[float, float]:
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


def production_units(
    scene: Scene, worked: list[int], order: list[int], rounds: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Put titles of one holder into production units, those far from each other first.

    Parameters
    ----------
    worked
        Rows of rights in which a mining unit operates.

    Returns
    -------
    production_units, production
        `concession_id`, `unit_id`. Of some a mining unit stands in one right, of some one right or
        the unit itself produces, of some nothing does.
    """
    zones = scene.rights["crs_used"].to_numpy(dtype=object)
    ids = scene.rights["concession_id"].to_numpy(dtype=object)
    of_holder: dict[int, list[int]] = {}
    for right in order:
        of_holder.setdefault(scene.first(right), []).append(right)
    taken: set[int] = set()
    rows: list[tuple[str, str]] = []
    made: list[dict[str, object]] = []
    labels = iter(words(scene.rng, 2 * _PRODUCTION_UNITS * rounds))

    def join(right: int) -> tuple[str, str] | None:
        some = [r for r in of_holder[scene.first(right)] if r != right and r not in taken]
        far = [r for r in some if zones[r] != zones[right]]
        size = int(scene.rng.integers(_UNIT_MEMBERS[0], _UNIT_MEMBERS[1] + 1))
        if right in taken or not some or (label := next(labels, None)) is None:
            return None
        members = [right, *(far + [r for r in some if r not in far])[: size - 1]]
        rows.extend((ids[r], f"UEA {label}") for r in members)
        taken.update(members)
        return f"UEA {label}", ids[right]

    for right in worked:
        join(right)
    several = [some[0] for some in of_holder.values() if len(some) > _UNIT_MEMBERS[0]]
    rest = [unit for right in several if right not in worked and (unit := join(right)) is not None]
    for k, (label, code) in enumerate(rest):
        if k % 3 < 2:
            place = {"concession_id": code} if k % 3 else {"unit_name": label}
            made.append({**place, **scene.named(None), **_year(scene.law.on.year - 1)})
    return pd.DataFrame(rows, columns=["concession_id", "unit_id"], dtype="str"), pd.DataFrame(made)


def production(scene: Scene, anchors: Iterator[int], rounds: int) -> pd.DataFrame:
    """Plant production of rights, and of units that bear a right's name: its holder's or another's."""
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
    for k in range(4 * rounds):
        right = next(anchors)
        holder = scene.named(scene.first(right) if k % 2 else scene.stranger(right))
        rows.append({"unit_name": rights["name"].iloc[right], **holder, **_year(on.year - 1)})
    return pd.DataFrame(rows)
