"""A dossier as map layers: rights, registrations, clusters, candidates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoasm import schema
from geoasm.dossier import Dossier
from geoasm.schema import OUTPUT_CRS, Column, Table

_HOLDER = Column("holder", "text", "name of the holder")
_REGISTRANT = Column("registrant", "text", "name of the registrant", private=True)
_PLACE = Column("place", "text", "on_title, near or on_other: where it stands")
_NEAR = (
    Column("near_id", "text", "nearest right of the holder, where it stands outside of them"),
    Column("near_distance_m", "number", "from the point to that right", "m"),
    Column("counts_for", "text", "own_right or other_right: whose, where it counts"),
)
_ON = (
    Column("n_on", "integer", "registrations on rights of the holder", "registrations"),
    Column("n_near", "integer", "registrations near and outside", "registrations"),
)
_OF_RIGHTS = (
    *("concession_id", "name", "status", "filed_on", "holder_stratum", "stratum_basis"),
    *("holder_activity", "activity_evidence", "activity_conflict", "substance", "area_ha"),
    *("n_registrations", "disturbed_ha"),
)
_OF_REGISTRATIONS = (
    *("registration_id", "status", "activity", "asm_class", "pathway", "title_relation"),
    *("concession_id", "class_probability", "second_class", "edge_distance_m", "setting"),
    *("declared_right_id", "declared_relation", "flags", "cluster_id", "not_counted"),
    *("precondition", "missing_check", "admin_1", "admin_2", "admin_3"),
)
_OF_WEIGHED = ("cluster_id", "not_counted")  # empty where a run weighs no candidates
_OF_CANDIDATES = (
    *("concession_id", "rank", "n_registrations", "n_active", "n_registrants", "n_clusters"),
    *("score_low", "score_high", "coverage", "top_share", "hinges", "pivot_up", "rank_up"),
    *("pivot_down", "rank_down", "reasons_for", "reasons_against", "next_step"),
)
_UNWEIGHED = ("rights", "registrations")  # layers of such a run
_SEEN_DEGREES = 0.0005  # half-width of a hull that is a line or a point: some 55 m


class MapLayer(NamedTuple):
    """A frame, its table, the type of its geometry, and what it shows."""

    frame: pd.DataFrame
    table: Table
    geometry_type: str
    description: str


def map_layers(
    dossier: Dossier, names: pd.Series, *, with_registrants: bool = False
) -> list[MapLayer]:
    """
    Lay a dossier out for a GeoPackage; codes stay codes, as in the layers of a run.

    Parameters
    ----------
    names
        Names that the audience may read, by party number.
    with_registrants
        Registrants are named.
    """
    rights = dossier.rights.assign(holder=_told(dossier.rights["holder_id"], names))
    registrations = dossier.registrations
    registrant = _told(registrations["registrant_id"], names)
    named = (_REGISTRANT,) if with_registrants else ()
    weighed = _NEAR if dossier.weighed else ()
    told = [c for c in _OF_REGISTRATIONS if dossier.weighed or c not in _OF_WEIGHED]
    hulls = dossier.clusters.assign(geometry=_areas(dossier.clusters["geometry"]))
    tables = (
        (rights, "rights", _picked(schema.CONCESSIONS, _OF_RIGHTS, _HOLDER), "Polygon"),
        (
            registrations.assign(registrant=registrant),
            "registrations",
            _picked(schema.REGISTRATIONS, told, _PLACE, *weighed, *named),
            "Point",
        ),
        (hulls, "clusters", _picked(schema.CLUSTERS, schema.CLUSTERS.names, *_ON), "Polygon"),
        (dossier.candidates, "candidates", _picked(schema.CANDIDATES, _OF_CANDIDATES), "Polygon"),
    )
    return [
        MapLayer(frame, Table(name, columns, key=(columns[0].name,)), kind, _DESCRIPTIONS[name])
        for frame, name, columns, kind in tables
        if dossier.weighed or name in _UNWEIGHED
    ]


_DESCRIPTIONS = {
    "rights": "Rights of the holder or group, of every status",
    "registrations": "Registrations on and near these rights",
    "clusters": "Clusters that stand on or near them; a hull of few places is widened to be seen",
    "candidates": "Rights that pass every gate to coexistence",
}


def _told(numbers: pd.Series, names: pd.Series) -> pd.Series:
    return numbers.map(names).astype("str")


def _picked(table: Table, names: Sequence[str], *more: Column) -> tuple[Column, ...]:
    of = {column.name: column for column in table.columns}
    plain = [of[name] for name in names if of[name].dtype != "geometry"]
    return (*plain, *more, of["geometry"])


def _areas(shapes: pd.Series) -> gpd.GeoSeries:
    """Give hulls as polygons: a line or a point is widened."""
    hulls = shapes.to_numpy(dtype=object)
    thin = shapely.get_dimensions(hulls) < 2
    return gpd.GeoSeries(
        np.where(thin, shapely.buffer(hulls, _SEEN_DEGREES), hulls),
        index=shapes.index,
        crs=OUTPUT_CRS,
    )
