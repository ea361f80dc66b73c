"""Small worlds of rights and areas, and registrations in them, for questions of certainty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoasm import confidence, places
from geoasm.codes import Role
from geoasm.confidence import Certainty
from geoasm.geometry import operation
from geoasm.io.profiles import load_profile
from geoasm.link import Points, link
from geoasm.workers import Workers

PE = load_profile("pe")
LAW = PE.law.at(date(2024, 6, 1))
ZONE = "EPSG:32718"
X, Y = 480_000.0, 8_900_000.0
SIGMA = 100.0
REACH = LAW.number("link_reach_m")
WIDE = 20_000.0


@dataclass
class Right:
    shape: shapely.Geometry
    id: str = "R1"
    status: str = "titled"
    filed_on: str = "1999-01-01"
    stratum: str = "lsm_msm"
    crs: str = ZONE


@dataclass(frozen=True)
class Owners:
    """Which right each registrant holds."""

    of: dict[int, str]
    ids: pd.Series

    def __call__(self, pairs: pd.DataFrame) -> pd.Series:
        owned = pairs["registration"].map(self.of)
        return (owned == self.ids.take(pairs["concession"]).to_numpy()).astype("boolean")


def square(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(X + west, Y + south, X + east, Y + north)


def world(
    rights: list[Right],
    layers: dict[Role, pd.DataFrame] | None = None,
    owners: dict[int, str] | None = None,
    profile=PE,
) -> places.World:
    planar = [r.crs if r.crs != "EPSG:4326" else "EPSG:32735" for r in rights]
    drawn = np.array([r.shape for r in rights], dtype=object)
    moved = [
        operation(r.crs, crs, profile.crs).geometries(drawn[i : i + 1])[0]
        for i, (r, crs) in enumerate(zip(rights, planar, strict=True))
    ]
    frame = pd.DataFrame(
        {
            "concession_id": pd.Series([r.id for r in rights], dtype="str"),
            "status": pd.Series([r.status for r in rights], dtype="str"),
            "filed_on": pd.Series([r.filed_on for r in rights], dtype="datetime64[s]"),
            "holder_stratum": pd.Series([r.stratum for r in rights], dtype="str"),
            "stratum_basis": "official",
            "holder_activity": "no_evidence",
            "crs_used": [r.crs for r in rights],
            "planar_crs": planar,
        }
    )
    frame["geometry"] = [
        operation(r.crs, "EPSG:4326", profile.crs).geometries(drawn[i : i + 1])[0]
        for i, r in enumerate(rights)
    ]
    frame["drawn"], frame["planar"] = drawn, np.array(moved, dtype=object)

    same_holder = Owners(owners or {}, frame["concession_id"])
    law = LAW if profile is PE else profile.law.at(LAW.on)
    return places.World(frame, layers or {}, law, profile.crs, same_holder)


def area(shape: shapely.Geometry, **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame({"crs_used": [ZONE], **{k: [v] for k, v in columns.items()}})
    frame["drawn"] = np.array([shape], dtype=object)
    return frame


def weigh(
    at: list[tuple[float, float]],
    on: places.World,
    sigma: float | list[float] = SIGMA,
    crs: str = ZONE,
    admin: pd.DataFrame | None = None,
    workers: Workers | None = None,
    **columns: object,
) -> Certainty:
    """Measure the certainty of registrations at eastings and northings counted from (X, Y)."""
    offset = (X, Y) if crs == ZONE else (0.0, 0.0)
    x, y = (np.array([p[i] + offset[i] for p in at], dtype=float) for i in (0, 1))
    lon, lat = operation(crs, "EPSG:4326", on.plan).points(x, y)
    register = gpd.GeoDataFrame(
        {"position_kind": ["lonlat"] * len(at), **columns},
        geometry=[
            shapely.Point(p) if np.isfinite(p).all() else None for p in zip(lon, lat, strict=True)
        ],
        crs="EPSG:4326",
    )
    points = Points(register.geometry.to_numpy(), on.plan)
    pairs = link(points, on.concessions, reach_m=REACH)
    pairs["same_holder"] = on.same_holder(pairs)
    judged = places.judge(places.cover(points, on), len(register), on)
    answers = judged.answers.iloc[judged.which].reset_index(drop=True)
    error = np.where(points.located, np.broadcast_to(sigma, len(register)), np.nan)
    return confidence.measure(register, answers, pairs, error, on, admin, workers)


def crowd(seed: int) -> tuple[list[Right], list[tuple[float, float]]]:
    """Twenty rights thrown over each other, and registrations among them."""
    rng = np.random.default_rng(seed)
    rights = []
    for i in range(20):
        corners = rng.uniform(0, 2500, 2) + rng.uniform(-900, 900, (6, 2)) + (X, Y)
        shape = shapely.MultiPoint(corners).convex_hull
        status = ("titled", "titled", "pending", "extinct")[i % 4]
        stratum = ("lsm_msm", "small_scale", "unknown")[i % 3]
        rights.append(Right(shape, f"R{i:02}", status, f"19{60 + i}-01-01", stratum))
    return rights, [tuple(p) for p in rng.uniform(0, 2500, (25, 2))]
