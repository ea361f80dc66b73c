"""How sure each class is: under position error, in a former datum, in a neighbouring zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    """
    geometries = registrations.geometry.to_numpy()
    located = np.isfinite(sigma_m)
    found = possible_answers(geometries, pairs, sigma_m, world)
    certain = np.setdiff1d(np.arange(len(answers)), found["registration"])
    as_stated = answers.iloc[certain][AXES].assign(registration=certain, probability=1.0)
    possible = pd.concat([found, as_stated], ignore_index=True)
    frame = _rank(possible, answers["asm_class"], located)
    doubt = 1.0 - frame["class_probability"]
    lon, lat = shapely.get_x(geometries), shapely.get_y(geometries)
    is_utm = located & (registrations["position_kind"] == "utm").fillna(False).to_numpy(bool)
    zones = [
        _where_declared(place, registrations, admin, world)
        for place in restated.neighbouring_zones(lon, lat, is_utm, world.plan)
    ]
    former = restated.former_datum(lon, lat, is_utm, world.plan)
    frame["position_sigma_m"] = sigma_m
    frame["edge_uncertain"] = (doubt >= world.law.number("edge_uncertain_share")).to_numpy()
    frame["datum_sensitive"] = _differs(former, answers, world)
    frame["zone_sensitive"] = _differs(zones, answers, world)
    return Certainty(frame, possible)


def _rank(possible: pd.DataFrame, headline: pd.Series, located: Bools) -> pd.DataFrame:
    """Give the probability of the stated class, and the most probable of the others."""
    rows = pd.RangeIndex(len(headline))
    by_class = possible.groupby(["registration", "asm_class"], as_index=False)["probability"].sum()
    stated = headline.to_numpy(dtype=object)[by_class["registration"]]
    is_stated = (by_class["asm_class"] == stated).to_numpy()
    own = by_class[is_stated].set_index("registration")["probability"].reindex(rows).fillna(0.0)
    order = {c.value: -i for i, c in enumerate(AsmClass)}
    others = by_class[~is_stated].assign(order=by_class["asm_class"].map(order))
    others = others.sort_values(["registration", "probability", "order"], ascending=False)
    second = others.drop_duplicates("registration").set_index("registration").reindex(rows)
    rest = np.minimum(second["probability"], 1.0 - own)  # sums of shares round off past one
    return pd.DataFrame(
        {
            "class_probability": own.where(located),
            "second_class": second["asm_class"].where(located).astype("str"),
            "second_probability": rest.where(located),
        }
    )


def _differs(read_as: list[restated.Places], answers: pd.DataFrame, world: World) -> Bools:
    """Tell which registrations have another class at any of the places, where there is one."""
    differs = np.zeros(len(answers), dtype=bool)
    stated = answers["asm_class"].to_numpy(dtype=object)
    for lon, lat in read_as:
        points = Points(geometry.points(lon, lat), world.plan)
        judged = places.judge(places.cover(points, world), len(answers), world)
        there = judged.answers["asm_class"].to_numpy(dtype=object)[judged.which]
        differs |= points.located & (there != stated)
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
        kept &= _inside(shapely.bounds(shapely.geometrycollections(rights)), lon, lat)
    if admin is not None and kept.any():
        points = Points(geometry.points(np.where(kept, lon, np.nan), lat), world.plan)
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
