"""How sure each class is: under position error, in a former datum, in a neighbouring zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm import geometry, link, places, restated
from geoasm.codes import AsmClass
from geoasm.geometry import Floats
from geoasm.link import Points
from geoasm.parsing.text import fold_series
from geoasm.places import AXES, World
from geoasm.sampling import possible_answers
from geoasm.workers import Here, Workers

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Certainty:
    """
    What position error and doubt about the system make of the answers.

    `frame` has a row per registration: `position_sigma_m`, `class_probability`, `second_class`,
    `second_probability` (missing without a position or a second class) and the booleans
    `edge_uncertain`, `datum_sensitive`, `zone_sensitive`. `possible` lists every answer that a
    registration may have: `registration`, `probability` and the axes of `classify`.
    """

    frame: pd.DataFrame
    possible: pd.DataFrame


def measure(
    registrations: pd.DataFrame,
    answers: pd.DataFrame,
    pairs: pd.DataFrame,
    sigma_m: Floats,
    world: World,
    admin: pd.DataFrame | None = None,
    workers: Workers | None = None,
) -> Certainty:
    """
    Say how sure the class of each registration is.

    Parameters
    ----------
    registrations
        Normalised: geometry, `position_kind`, `declared_admin_1` where the profile reads it.
    answers
        Of `classify`, for the same rows.
    pairs
        Linked pairs with `same_holder`, up to the law's `link_reach_m`.
    sigma_m
        Standard deviation per axis of each position (metres), NaN without one.
    admin
        Regions of the country; they refute readings in a neighbouring zone.
    workers
        Who looks at the places where registrations may lie; this process where not given.
    """
    geometries = registrations.geometry.to_numpy()
    located = np.isfinite(sigma_m)
    lon, lat = shapely.get_x(geometries), shapely.get_y(geometries)
    is_utm = located & (registrations["position_kind"] == "utm").fillna(False).to_numpy(bool)
    zones = [
        _where_declared(place, registrations, admin, world)
        for place in restated.neighbouring_zones(lon, lat, is_utm, world.plan)
    ]
    former = restated.former_datum(lon, lat, is_utm, world.plan)
    stated = _Places(lon, lat, sigma_m, answers["asm_class"].to_numpy(dtype=object), former, zones)
    found, former_differs, zone_differs = _look(stated, pairs, world, workers or Here())
    certain = np.setdiff1d(np.arange(len(answers)), found["registration"])
    as_stated = answers.iloc[certain][AXES].assign(registration=certain, probability=1.0)
    possible = pd.concat([found, as_stated], ignore_index=True)
    frame = _rank(possible, answers["asm_class"], located)
    doubt = 1.0 - frame["class_probability"]
    frame["position_sigma_m"] = sigma_m
    frame["edge_uncertain"] = (doubt >= world.law.number("edge_uncertain_share")).to_numpy()
    frame["datum_sensitive"] = former_differs
    frame["zone_sensitive"] = zone_differs
    return Certainty(frame, possible)


class _Places(NamedTuple):
    """Where registrations stand, how surely, as what, and where they would otherwise."""

    lon: Floats
    lat: Floats
    sigma_m: Floats
    asm_class: npt.NDArray[np.object_]
    former: list[restated.Places]
    zones: list[restated.Places]

    def at(self, rows: places.Positions) -> _Places:
        """Give some of them."""
        former, zones = ([(x[rows], y[rows]) for x, y in of] for of in (self.former, self.zones))
        error_m, asm_class = self.sigma_m[rows], self.asm_class[rows]
        return _Places(self.lon[rows], self.lat[rows], error_m, asm_class, former, zones)


class _Part(NamedTuple):
    """Registrations that are looked at together: their rows, and pairs numbered within the part."""

    rows: places.Positions
    stated: _Places
    pairs: pd.DataFrame


def _look(
    stated: _Places, pairs: pd.DataFrame, world: World, workers: Workers
) -> tuple[pd.DataFrame, Bools, Bools]:
    """Give possible answers, and who has another class in a former datum, in a neighbouring zone."""
    n = len(stated.lon)
    pieces = geometry.cut(stated.lon, stated.lat, workers.cut(n))
    rows = np.concatenate(pieces)
    sizes = [len(piece) for piece in pieces]
    part, place = np.empty(n, dtype=np.intp), np.empty(n, dtype=np.intp)
    part[rows] = np.repeat(np.arange(len(pieces)), sizes)
    place[rows] = np.concatenate([np.arange(size) for size in sizes])
    of_pair = part[pairs["registration"]]
    numbered = pairs.assign(registration=place[pairs["registration"]])
    parts = [
        _Part(piece, stated.at(piece), numbered[of_pair == i]) for i, piece in enumerate(pieces)
    ]
    done = list(workers.map(_look_at_part, world, parts))
    found = [
        answers.assign(registration=piece[answers["registration"]])
        for piece, (answers, _, _) in zip(pieces, done, strict=True)
    ]
    possible = pd.concat(found).sort_values("registration", kind="stable", ignore_index=True)
    former, zones = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    former[rows] = np.concatenate([differs for _, differs, _ in done])
    zones[rows] = np.concatenate([differs for _, _, differs in done])
    return possible, former, zones


def _look_at_part(world: World, part: _Part) -> tuple[pd.DataFrame, Bools, Bools]:
    here, stated = world.numbered(part.rows), part.stated
    spots = geometry.points(stated.lon, stated.lat)
    found = possible_answers(spots, part.pairs, stated.sigma_m, here)
    n = len(stated.former)
    differs = _differ([*stated.former, *stated.zones], stated.asm_class, here)
    former: Bools = np.any(differs[:n], axis=0)
    zones: Bools = np.any(differs[n:], axis=0)
    return found, former, zones


def _rank(possible: pd.DataFrame, headline: pd.Series, located: Bools) -> pd.DataFrame:
    """Give the probability of the stated class, and the most probable of the others."""
    n, names = len(headline), [c.value for c in AsmClass]
    code = pd.Categorical(possible["asm_class"], names).codes.astype(np.intp)
    stated = pd.Categorical(headline, names).codes
    together = possible["registration"].to_numpy() * len(names) + code
    share = possible["probability"].groupby(together).sum()
    registration, code = np.divmod(share.index.to_numpy(), len(names))
    share = share.to_numpy()
    is_stated = code == stated[registration]
    own = np.zeros(n)
    own[registration[is_stated]] = share[is_stated]
    # The most probable of the others, of equals the first in the vocabulary, is written last.
    others = np.flatnonzero(~is_stated)
    others = others[np.lexsort((-code[others], share[others]))]
    second, rest = np.full(n, len(names)), np.full(n, np.nan)
    second[registration[others]] = code[others]
    rest[registration[others]] = share[others]
    second[~located], rest[~located] = len(names), np.nan
    return pd.DataFrame(
        {
            "class_probability": np.where(located, own, np.nan),
            "second_class": pd.Series([*names, None], dtype="str").take(second).array,
            # Sums of shares round off past one.
            "second_probability": np.minimum(rest, 1.0 - own),
        }
    )


def _differ(
    read_as: list[restated.Places], asm_class: npt.NDArray[np.object_], world: World
) -> Bools:
    """
    Tell which registrations have another class at each of the places, where there is one.

    Returns
    -------
    differs
        Shape (places, registrations).
    """
    differs = np.zeros((len(read_as), len(asm_class)), dtype=bool)
    lon, lat = np.reshape(read_as, (len(read_as), 2, len(asm_class))).transpose(1, 0, 2)
    place, registration = np.nonzero(np.isfinite(lon) & np.isfinite(lat))
    points = Points.at(lon[place, registration], lat[place, registration], world.plan)
    covering = places.cover(points, world, registration)
    judged = places.judge(covering, len(registration), world)
    there = judged.answers["asm_class"].to_numpy(dtype=object)[judged.which]
    differs[place, registration] = there != asm_class[registration]
    return differs


def _where_declared(
    place: restated.Places,
    registrations: pd.DataFrame,
    admin: pd.DataFrame | None,
    world: World,
) -> restated.Places:
    """
    Keep places inside the country and, as far as regions are known, in the declared one.

    Without regions what the rights extend over stands for the country: beyond it lies no open
    ground, but a part of the cadastre that was not given.
    """
    lon, lat = place
    kept = _inside(world.plan.bounds, lon, lat)
    if admin is None:
        rights = world.concessions["geometry"].to_numpy(dtype=object)
        extent = shapely.total_bounds(rights) if len(rights) else np.full(4, np.nan)
        kept &= _inside(extent, lon, lat)
    if admin is not None and kept.any():
        points = Points.at(np.where(kept, lon, np.nan), lat, world.plan)
        found = link.link_areas(points, admin)
        kept &= np.isin(np.arange(len(lon)), found["registration"])
        if "declared_admin_1" in registrations and "admin_1" in admin:
            names = fold_series(admin["admin_1"])
            declared = fold_series(registrations["declared_admin_1"]).to_numpy(dtype=object)
            row = found["registration"].to_numpy()
            agree = names.to_numpy(dtype=object)[found["area"]] == declared[row]
            known = pd.Series(declared).isin(names.dropna()).to_numpy()
            kept &= ~known | np.isin(np.arange(len(lon)), row[agree])
    return np.where(kept, lon, np.nan), np.where(kept, lat, np.nan)


def _inside(bounds: Sequence[float] | Floats, lon: Floats, lat: Floats) -> Bools:
    west, south, east, north = bounds
    inside: Bools = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return inside
