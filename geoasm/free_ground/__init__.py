"""Free ground around clusters: whole cells of the grid of claims that nothing takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoasm import geometry, schema
from geoasm.areas import no_claims
from geoasm.codes import (
    USE_OF_GROUND,
    AsmClass,
    BlockedBy,
    ClosureLevel,
    ConcessionStatus,
    OpeningGround,
)
from geoasm.free_ground.cells import cells_around, keys_of, name_cells, squares_in_degrees
from geoasm.free_ground.obstacles import (
    TOLERANCE,
    areas_of,
    name_regions,
    outside_corridor,
    outside_regions,
    shared_ground,
)
from geoasm.free_ground.served import Looked, describe_clusters
from geoasm.law import LawAt
from geoasm.model import ClaimGrid, CrsPlan
from geoasm.schema import LIST_SEPARATOR

ON_FREE_GROUND = (AsmClass.OPEN_GROUND, AsmClass.ON_EXTINCT_CLAIM)


@dataclass(frozen=True)
class FreeGround:
    """Openings (`schema.OPENINGS`), the clusters that they serve, registrations that stand alone."""

    cells: gpd.GeoDataFrame
    clusters: gpd.GeoDataFrame  # schema.OPENING_CLUSTERS
    looked: int  # cells looked at
    alone: (
        int  # registrations on extinct or open ground in no cluster: nothing is sought around them
    )


def find_openings(
    registrations: pd.DataFrame,
    concessions: pd.DataFrame,
    clusters: pd.DataFrame,
    context: Mapping[str, pd.DataFrame],
    grid: ClaimGrid,
    plan: CrsPlan,
    law: LawAt,
) -> FreeGround:
    """
    Find the whole cells around clusters on extinct or open ground that could be claimed or reserved.

    Cells within the grid's ring of each registration of a cluster that stands on such ground are looked
    at. A right of a blocking status, or closed ground, that shares more than the law's
    `overlap_tolerance_m2` with a cell takes it; less merely adjoins.

    Parameters
    ----------
    registrations, concessions, clusters
        Columns of their schema.
    context
        Layers of the run by role; areas with `level` and `level_code`.
    """
    tolerance = law.number(TOLERANCE)
    points = registrations[registrations["geometry"].notna().to_numpy()]
    points = points[~shapely.is_empty(points["geometry"].to_numpy(dtype=object))]
    x, y = shapely.get_coordinates(points["geometry"].to_numpy(dtype=object)).T
    points = pd.DataFrame(points[["cluster_id", "asm_class"]]).assign(longitude=x, latitude=y)
    on_free = points[points["asm_class"].isin(ON_FREE_GROUND)]
    around = cells_around(on_free.dropna(subset=["cluster_id"]), grid, plan)
    cells = around.cells.copy()
    rights = concessions[concessions["geometry"].notna().to_numpy()].reset_index(drop=True)
    on_cells = shared_ground(cells, rights, plan, tolerance)
    areas = areas_of(context, plan)
    in_areas = shared_ground(cells, areas, plan, tolerance)
    blocked = pd.concat(
        [
            _blocked_by_rights(on_cells, rights, grid),
            _named(BlockedBy.CLOSED_AREA, in_areas["cell"][(areas["level"] == ClosureLevel.HARD).to_numpy()[in_areas["thing"]]]),
            _named(BlockedBy.OUTSIDE_CORRIDOR, np.flatnonzero(outside_corridor(cells, context, grid, plan, law))),
            _named(BlockedBy.OUTSIDE_REGIONS, np.flatnonzero(outside_regions(cells, context, grid, plan, law))),
        ]
    ).drop_duplicates()  # fmt: skip
    cells["is_open"] = ~cells.index.isin(blocked["cell"])
    cells = cells.join(_extinct(on_cells, rights))
    cells["in_anap"] = cells.index.isin(in_areas["cell"][no_claims(areas, law)[in_areas["thing"]]])
    soft = in_areas[(areas["level"] == ClosureLevel.SOFT).to_numpy()[in_areas["thing"]]]
    cells["restricted"] = _join(soft["cell"], areas["level_code"].take(soft["thing"]))
    cells["ground"] = _judge(cells, law)
    cells["possible"] = cells["ground"].map(dict(USE_OF_GROUND))
    zones = geometry.zone_of(points["longitude"].to_numpy(), plan)
    standing = keys_of(
        points["longitude"].to_numpy(), points["latitude"].to_numpy(), zones, grid, plan
    )
    looked = Looked(cells, around.reached, blocked, points.assign(key=standing))
    return FreeGround(
        cells=_lay_out(looked, context, grid, plan),
        clusters=describe_clusters(looked, clusters, grid),
        looked=len(cells),
        alone=int(on_free["cluster_id"].isna().sum()),
    )


def _blocked_by_rights(on_cells: pd.DataFrame, rights: pd.DataFrame, grid: ClaimGrid) -> pd.DataFrame:  # fmt: skip
    """Give cell and status of each right that leaves no room."""
    status = rights["status"].take(on_cells["thing"]).to_numpy(dtype=object)
    blocks = np.isin(status.astype(str), grid.blocking)
    return pd.DataFrame({"cell": on_cells["cell"][blocks], "reason": status[blocks]})


def _named(reason: BlockedBy, cells: object) -> pd.DataFrame:
    return pd.DataFrame({"cell": np.asarray(cells, dtype=np.intp), "reason": str(reason)})


def _extinct(on_cells: pd.DataFrame, rights: pd.DataFrame) -> pd.DataFrame:
    """Give, by cell, the extinct rights on it, and the latest day from which they are free, if known."""
    is_extinct = (rights["status"] == ConcessionStatus.EXTINCT).to_numpy()[on_cells["thing"]]
    found = on_cells[is_extinct]
    of_right = rights.iloc[found["thing"]]
    free_on = of_right["free_on"].set_axis(found.index).groupby(found["cell"])
    out = pd.DataFrame({"extinct_ids": _join(found["cell"], of_right["concession_id"])})
    known = free_on.count() == free_on.size()
    out["free_on"] = free_on.max().where(known).astype("datetime64[s]")
    return out


def _join(cell: pd.Series, texts: pd.Series) -> pd.Series:
    """List the distinct texts of each cell, in the order of the alphabet."""
    pairs = pd.DataFrame({"cell": cell.to_numpy(), "text": texts.to_numpy(dtype=object)})
    pairs = pairs.drop_duplicates().sort_values(["cell", "text"])
    return pairs.groupby("cell")["text"].agg(LIST_SEPARATOR.join).astype("str")


def _judge(cells: pd.DataFrame, law: LawAt) -> pd.Series:
    """Say what ground an open cell is; missing for one that is blocked."""
    extinct, day = cells["extinct_ids"].notna(), cells["free_on"]
    is_free = (day <= pd.Timestamp(law.on)).to_numpy(dtype=bool)
    ground = np.select(
        [
            ~cells["is_open"],
            cells["in_anap"],
            ~extinct,
            day.isna(),
            is_free,
        ],
        [
            "",
            OpeningGround.ANAP,
            OpeningGround.FREE,
            OpeningGround.EXTINCT_UNKNOWN,
            OpeningGround.EXTINCT_FREE,
        ],
        OpeningGround.EXTINCT_UNTIL,
    )
    return pd.Series(ground, index=cells.index, dtype="str").where(cells["is_open"])


def _lay_out(
    looked: Looked, context: Mapping[str, pd.DataFrame], grid: ClaimGrid, plan: CrsPlan
) -> gpd.GeoDataFrame:
    """Put the openings into the columns of `schema.OPENINGS`."""
    cells = looked.cells[looked.cells["is_open"]]
    served = looked.reached[looked.reached["cell"].isin(cells.index)].sort_values(
        ["cell", "cluster_id"]
    )
    by_cell = served.groupby("cell")
    names = served["cluster_id"].astype("str").groupby(served["cell"]).agg(LIST_SEPARATOR.join)
    counts = looked.points["key"].value_counts()
    degrees = squares_in_degrees(cells, plan)
    regions = name_regions(cells, context, degrees).set_axis(cells.index)
    out = cells.assign(
        cell_id=name_cells(cells, plan),
        zone=cells["zone"].map({i: z.code for i, z in enumerate(plan.zones)}),
        cluster_ids=names.reindex(cells.index),
        n_registrations=cells["key"].map(counts).fillna(0),
        distance_m=by_cell["distance_m"].min().reindex(cells.index),
        area_ha=geometry.area_ha(cells["square"].to_numpy(dtype=object)),
        geometry=degrees,
        **{name: regions[name] for name in regions},
    )
    made: gpd.GeoDataFrame = schema.conform(out.reset_index(drop=True), schema.OPENINGS)
    return made
