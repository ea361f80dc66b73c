"""What lies on cells of the grid: rights, closed and restricted areas, regions; and how much of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm import geometry
from geoasm.areas import LEVELLED_ROLES
from geoasm.codes import Role
from geoasm.free_ground.cells import squares_in_degrees
from geoasm.geometry import Floats, Geometries
from geoasm.law import LawAt
from geoasm.model import ClaimGrid, CrsPlan
from geoasm.overlaps import BULGE_DEG, follow
from geoasm.parsing.text import fold, fold_series
from geoasm.schema import OUTPUT_CRS

TOLERANCE = "overlap_tolerance_m2"  # parameter of the law

Bools = npt.NDArray[np.bool_]
_AREA_COLUMNS = ("level", "level_code", "crs_used", "geometry")


def shared_ground(
    cells: pd.DataFrame, things: pd.DataFrame, plan: CrsPlan, tolerance_m2: float
) -> pd.DataFrame:
    """
    Find what lies on each cell by more than the tolerance.

    Polygons are tested in the zone of the cell: those drawn in it as they were drawn, others with
    edges followed along their course.

    Parameters
    ----------
    cells
        `zone`, `square`.
    things
        `geometry` (EPSG:4326), `crs_used`: the system in which each was drawn.

    Returns
    -------
    pairs
        `cell`, `thing` (positions), `shared_m2`.
    """
    parts = [
        _shared_in_zone(cells, rows, number, things, plan)
        for number, rows in cells.groupby("zone").indices.items()
    ]
    pairs = pd.DataFrame({"cell": [], "thing": [], "shared_m2": []}).astype(
        {"cell": np.intp, "thing": np.intp}
    )
    pairs = pd.concat([part for part in parts if len(part)] or [pairs], ignore_index=True)
    return pairs[pairs["shared_m2"] > tolerance_m2].reset_index(drop=True)


def _shared_in_zone(
    cells: pd.DataFrame,
    rows: npt.NDArray[np.intp],
    number: int,
    things: pd.DataFrame,
    plan: CrsPlan,
) -> pd.DataFrame:
    squares = cells["square"].to_numpy(dtype=object)[rows]
    shapes = things["geometry"].to_numpy(dtype=object)
    # Boxes first: few of a country's rights are near clusters.
    west, south, east, north = shapely.bounds(squares_in_degrees(cells.iloc[rows], plan)).T
    reach = BULGE_DEG
    wide = shapely.box(west - reach, south - reach, east + reach, north + reach)
    boxes = np.where(shapely.is_missing(shapes), None, shapely.box(*shapely.bounds(shapes).T))
    near = np.unique(shapely.STRtree(boxes).query(wide)[1])
    placed = in_zone(things.iloc[near], plan.zones[number].crs, plan)
    shapely.prepare(placed)
    thing, cell = shapely.STRtree(squares).query(placed, predicate="intersects")
    shared = np.full(len(cell), np.nan)
    whole = shapely.covers(placed[thing], squares[cell])
    shared[whole] = shapely.area(squares[cell[whole]])
    rest = ~whole
    shared[rest] = shapely.area(shapely.intersection(squares[cell[rest]], placed[thing[rest]]))
    return pd.DataFrame({"cell": rows[cell], "thing": near[thing], "shared_m2": shared})


def in_zone(things: pd.DataFrame, crs: str, plan: CrsPlan) -> Geometries:
    """Take polygons to a zone: vertices back once to where they were drawn, edges straight there."""
    out = np.empty(len(things), dtype=object)
    shapes = things["geometry"].to_numpy(dtype=object)
    for drawn, rows in things.groupby("crs_used").indices.items():
        there = geometry.operation(OUTPUT_CRS, str(drawn), plan).geometries(shapes[rows])
        out[rows] = there if drawn == crs else follow(there, str(drawn), crs, plan)
    return geometry.repair(out)[0]


def areas_of(context: Mapping[str, pd.DataFrame], plan: CrsPlan) -> pd.DataFrame:
    """Gather the areas of a run that have a level: `level`, `level_code`, `crs_used`, `geometry`."""
    parts = [context[role] for role in LEVELLED_ROLES if role in context and len(context[role])]
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in _AREA_COLUMNS})
    joined = pd.concat([part[["level", "level_code", "geometry"]] for part in parts])
    return _with_system(pd.DataFrame(joined).reset_index(drop=True), plan)


def _with_system(areas: pd.DataFrame, plan: CrsPlan) -> pd.DataFrame:
    """Name the system in which each area was drawn: the zone in which it lies, as the run took it."""
    shapes = areas["geometry"].to_numpy(dtype=object)
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    out = areas[there].reset_index(drop=True)
    crs = np.full(len(out), plan.geographic, dtype=object)
    if plan.drawn_in == "zone":
        zones = np.array([zone.crs for zone in plan.zones], dtype=object)
        inside = shapely.get_x(shapely.point_on_surface(shapes[there]))
        crs = zones[geometry.zone_of(inside, plan)]
    return out.assign(crs_used=crs)


def outside_corridor(
    cells: pd.DataFrame,
    context: Mapping[str, pd.DataFrame],
    grid: ClaimGrid,
    plan: CrsPlan,
    law: LawAt,
) -> Bools:
    """Tell which cells have ground in the corridor's region and outside the corridor."""
    name = law.parameters.get("corridor_region")
    if name is None or not {Role.MINING_CORRIDOR, Role.ADMIN} <= set(context):
        return np.zeros(len(cells), dtype=bool)
    admin = context[Role.ADMIN]
    region = admin[(fold_series(admin["admin_1"]) == fold(name)).to_numpy(dtype=bool)]
    corridor = context[Role.MINING_CORRIDOR]

    def outside(crs: str) -> shapely.Geometry:
        taken = shapely.union_all(_placed(corridor, crs, plan))
        return shapely.difference(
            _without_gaps(_placed(region, crs, plan), grid.border_gap_m), taken
        )

    return np.asarray(_measure(cells, outside, plan) > law.number(TOLERANCE))


def outside_regions(
    cells: pd.DataFrame,
    context: Mapping[str, pd.DataFrame],
    grid: ClaimGrid,
    plan: CrsPlan,
    law: LawAt,
) -> Bools:
    """Tell which cells reach beyond the regions given; narrow gaps between regions count as inside."""
    if Role.ADMIN not in context:
        return np.zeros(len(cells), dtype=bool)

    def inside(crs: str) -> shapely.Geometry:
        return _without_gaps(_placed(context[Role.ADMIN], crs, plan), grid.border_gap_m)

    whole = shapely.area(cells["square"].to_numpy(dtype=object))
    return np.asarray(whole - _measure(cells, inside, plan) > law.number(TOLERANCE))


def _measure(
    cells: pd.DataFrame, ground_in: Callable[[str], shapely.Geometry], plan: CrsPlan
) -> Floats:
    """Measure, in m2, how much of each cell lies in one piece of ground, given in the zone's system."""
    out = np.zeros(len(cells))
    squares = cells["square"].to_numpy(dtype=object)
    for number, rows in cells.groupby("zone").indices.items():
        ground = ground_in(plan.zones[number].crs)
        shapely.prepare(ground)
        held = shapely.covers(ground, squares[rows])
        cut = rows[~held & shapely.intersects(ground, squares[rows])]
        out[rows[held]] = shapely.area(squares[rows[held]])
        out[cut] = shapely.area(shapely.intersection(squares[cut], ground))
    return out


def _placed(areas: pd.DataFrame, crs: str, plan: CrsPlan) -> Geometries:
    return in_zone(_with_system(pd.DataFrame(areas), plan), crs, plan)


def _without_gaps(shapes: Geometries, gap_m: float) -> shapely.Geometry:
    """Join polygons over gaps between them; what is added lies within half a gap of them."""
    joined = shapely.buffer(shapely.union_all(shapes), gap_m / 2, join_style="mitre")
    return shapely.buffer(joined, -gap_m / 2, join_style="mitre")


def name_regions(cells: pd.DataFrame, context: Mapping[str, pd.DataFrame], degrees: Geometries) -> pd.DataFrame:  # fmt: skip
    """Name the region of each cell's centre; missing where no layer of regions was given."""
    names = ["admin_1", "admin_2", "admin_3"]
    blank = pd.DataFrame(index=pd.RangeIndex(len(cells)), columns=names, dtype="str")
    if Role.ADMIN not in context or cells.empty:
        return blank
    admin = context[Role.ADMIN]
    tree = shapely.STRtree(admin["geometry"].to_numpy(dtype=object))
    cell, area = tree.query(shapely.centroid(degrees), predicate="intersects")
    told = [name for name in names if name in admin]
    found = admin.iloc[area][told].set_axis(cell).rename_axis("cell").reset_index()
    found = found.sort_values(["cell", *told]).drop_duplicates("cell").set_index("cell")
    return blank.assign(**{name: found[name].reindex(blank.index) for name in told})
