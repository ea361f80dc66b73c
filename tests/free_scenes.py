"""Scenes of free ground: rights, areas and registrations in the metres of a zone, as a run has them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoasm import schema
from geoasm.free_ground import FreeGround, find_openings
from geoasm.geometry import operation
from geoasm.io.profiles import load_profile
from geoasm.model import ClaimGrid

PE = load_profile("pe")
LAW = PE.law.at(date(2024, 6, 1))
ZONE = "EPSG:32718"
X, Y = 480_000.0, 8_900_000.0  # a vertex of the grid


def square(column: float, row: float, wide: float = 1, tall: float = 1) -> shapely.Polygon:
    """Give ground by columns and rows of the grid, counted from (X, Y)."""
    west, south = X + column * 1000, Y + row * 1000
    return shapely.box(west, south, west + wide * 1000, south + tall * 1000)


def grid(ring: int = 1) -> ClaimGrid:
    assert PE.grid is not None
    return replace(PE.grid, ring_cells=ring)


@dataclass
class Right:
    shape: shapely.Geometry
    status: str = "titled"
    free_on: str | None = None
    id: str = ""
    crs: str = ZONE


@dataclass
class Area:
    shape: shapely.Geometry
    level: str = "hard"
    code: str = "PN"
    role: str = "protected_areas"


@dataclass
class Scene:
    """Points are easting, northing, class and cluster (None: alone)."""

    points: list[tuple[float, float, str, int | None]]
    rights: list[Right] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    context: dict[str, pd.DataFrame] = field(default_factory=dict)
    ring: int = 1

    def seek(self, order: np.random.Generator | None = None) -> FreeGround:
        """Find the openings, rows in the order given or in another."""

        def mixed(frame: pd.DataFrame) -> pd.DataFrame:
            return frame if order is None else frame.iloc[order.permutation(len(frame))]

        return find_openings(
            mixed(self.registrations()),
            mixed(self.concessions()),
            mixed(self.clusters()),
            self.layers(),
            grid(self.ring),
            PE.crs,
            LAW,
        )

    def registrations(self) -> gpd.GeoDataFrame:
        frame = pd.DataFrame(
            {
                "registration_id": [f"R{i:03}" for i in range(len(self.points))],
                "asm_class": [p[2] for p in self.points],
                "cluster_id": pd.array([p[3] for p in self.points], dtype="Int64"),
                "geometry": degrees([shapely.Point(p[:2]) for p in self.points]),
            }
        )
        return filled(frame, schema.REGISTRATIONS)

    def concessions(self) -> gpd.GeoDataFrame:
        frame = pd.DataFrame(
            {
                "concession_id": [r.id or f"C{i:03}" for i, r in enumerate(self.rights)],
                "status": [r.status for r in self.rights],
                "free_on": pd.to_datetime([r.free_on for r in self.rights]),
                "crs_used": [r.crs for r in self.rights],
                "geometry": [degrees([r.shape], r.crs)[0] for r in self.rights],
            }
        )
        return filled(frame, schema.CONCESSIONS)

    def clusters(self) -> gpd.GeoDataFrame:
        found = self.registrations().dropna(subset=["cluster_id"]).groupby("cluster_id")
        frame = pd.DataFrame({"cluster_id": list(found.groups)})
        frame["n_registrations"] = list(found.size())
        frame["geometry"] = [g.union_all().convex_hull for _, g in found["geometry"]]
        return filled(frame, schema.CLUSTERS)

    def layers(self) -> dict[str, pd.DataFrame]:
        out = dict(self.context)
        for role in {a.role for a in self.areas}:
            of = [a for a in self.areas if a.role == role]
            told = {"level": [a.level for a in of], "level_code": [a.code for a in of]}
            out[role] = gpd.GeoDataFrame(
                told, geometry=degrees([a.shape for a in of]), crs="EPSG:4326"
            )
        return out


def degrees(shapes: list[shapely.Geometry], crs: str = ZONE) -> np.ndarray:
    return operation(crs, "EPSG:4326", PE.crs).geometries(np.array(shapes, dtype=object))


def filled(frame: pd.DataFrame, table: schema.Table) -> gpd.GeoDataFrame:
    """Give a frame the columns that it lacks, empty."""
    absent = {name: None for name in table.names if name not in frame}
    return schema.conform(frame.assign(**absent), table)
