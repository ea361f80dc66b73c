"""Mining units and plants beside rights: in them, near them, and of which group."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm import geometry
from geoasm.codes import ConcessionStatus, EvidenceScope, Role, UnitStage, UnitSubstance
from geoasm.law import LawAt
from geoasm.link import Points, link_areas
from geoasm.model import CrsPlan, PartyRules
from geoasm.parsing.text import fold_series
from geoasm.parties import Parties, name_keys
from geoasm.parties.groups import Groups

PLANT = "plant"
_RADII = {
    UnitSubstance.METALLIC.value: "unit_radius_m",
    UnitSubstance.BULK.value: "unit_radius_bulk_m",
    UnitSubstance.ALLUVIAL.value: "unit_radius_alluvial_m",
    UnitSubstance.UNKNOWN.value: "unit_radius_m",
}
_SITE_COLUMNS = ("subject", "unit", "operator", "stage", "substance", "observed_on", "point")


@dataclass(frozen=True)
class Ground:
    """Rights, and the groups or lone parties behind each: `affiliates` has `right` and `affiliate`."""

    concessions: pd.DataFrame
    affiliates: pd.DataFrame
    plan: CrsPlan

    @cached_property
    def of_code(self) -> pd.Series:
        """Give the position of each right's code."""
        ids = self.concessions["concession_id"]
        return pd.Series(np.arange(len(ids)), index=ids)

    @property
    def names(self) -> pd.Series:
        """Give the name of each right, missing where the source has none."""
        blank = pd.Series(pd.NA, index=self.concessions.index, dtype="str")
        return self.concessions.get("name", blank)

    @cached_property
    def planar(self) -> npt.NDArray[np.object_]:
        """Give each right in metres."""
        shapes: npt.NDArray[np.object_] = self.concessions["planar"].to_numpy(dtype=object)
        return shapes

    def distance_m(
        self, rights: npt.NDArray[np.intp], points: npt.NDArray[np.object_]
    ) -> np.ndarray:
        """Measure from rights to points (degrees), pair by pair, in the zone of the right."""
        out = np.full(len(rights), np.nan)
        systems = self.concessions["planar_crs"].to_numpy(dtype=object)[rights]
        for crs in pd.unique(systems):
            rows = np.flatnonzero(systems == crs)
            distinct, which = np.unique(
                shapely.get_coordinates(points[rows]), axis=0, return_inverse=True
            )
            move = geometry.operation(self.plan.geographic, crs, self.plan)
            x, y = move.points(distinct[:, 0], distinct[:, 1])
            moved = geometry.points(x, y)[which.ravel()]
            out[rows] = shapely.distance(self.planar[rights[rows]], moved)
        return out


def locate(
    layer: pd.DataFrame | None,
    rules: PartyRules,
    parties: Parties,
    groups: Groups,
    plan: CrsPlan,
) -> pd.DataFrame:
    """
    Lay out units or plants: `subject` (name), `unit` (folded), `operator` (see `name_operator`),
    `stage`, `substance`, `observed_on`, `year`, `point` (degrees); what has no place is left out.
    """
    if layer is None:
        return pd.DataFrame({name: [] for name in (*_SITE_COLUMNS, "year")}).astype(
            {"observed_on": "datetime64[s]", "year": "Int64", "unit": "str", "operator": "str"}
        )
    blank = pd.Series(pd.NA, index=layer.index, dtype="str")
    keys = name_keys(layer.get("holder_name", blank).astype("str"), rules)["key"]
    shapes = layer["geometry"].to_numpy(dtype=object)
    observed = layer.get("observed_on", pd.Series(pd.NaT, index=layer.index)).astype(
        "datetime64[s]"
    )
    rows = pd.DataFrame(
        {
            "subject": layer["name"],
            "unit": fold_series(layer["name"]),
            "operator": name_operator(keys, groups, parties),
            "stage": layer.get("stage", blank).fillna(UnitStage.UNKNOWN.value),
            "substance": layer.get("substance", blank).fillna(UnitSubstance.UNKNOWN.value),
            "observed_on": observed,
            "year": observed.dt.year.astype("Int64"),
            "point": shapely.point_on_surface(shapes),
        }
    )
    return rows[~shapely.is_missing(rows["point"])].reset_index(drop=True)


def name_operator(keys: pd.Series, groups: Groups, parties: Parties) -> pd.Series:
    """Name the group or lone party of each normalised name; the name itself where it holds nothing."""
    known = groups.affiliate_of_name(keys, parties)
    return known.where(known.notna(), "name " + keys)


def of_units(units: pd.DataFrame, place: Ground, law: LawAt) -> pd.DataFrame:
    """
    Place units beside rights.

    Returns
    -------
    rows
        The columns of `units`, `right`, `scope`, `distance_m` and `by_holder` (missing where nobody
        is known to run it): a unit in a right, whoever runs it;
        of the units of the holder's group those within the radius of their kind; and of those
        farther away the nearest of each kind.
    """
    inside = _inside(units, place)
    near = _of_affiliates(units, place)
    radius = (
        near["substance"]
        .map(_RADII)
        .map({name: law.may_number(name) for name in set(_RADII.values())})
    )
    within = near["distance_m"] <= radius.fillna(-1.0).astype("float64")
    near["scope"] = np.where(within, EvidenceScope.UNIT_RADIUS, EvidenceScope.ELSEWHERE)
    far = near[~within].sort_values(["right", "kind", "distance_m", "subject"])
    far = far.drop_duplicates(["right", "kind"])
    found = pd.concat([inside, near[within], far], ignore_index=True)
    return found.drop_duplicates(["right", "site"], ignore_index=True)


def of_plants(plants: pd.DataFrame, place: Ground) -> pd.DataFrame:
    """
    Place plants beside rights: of a layer, and the plant rights of the cadastre itself.

    Returns
    -------
    rows
        `right`, `scope`, `distance_m`, `subject`, `observed_on`, `year`, `by_holder`, `source` (the
        role of the file, which may be the cadastre itself): a plant in the right,
        whoever runs it, and the nearest of the holder's group.
    """
    plants = plants.assign(source=Role.PLANTS.value)
    every = pd.concat([plants, _plant_rights(place)], ignore_index=True)
    near = _of_affiliates(every, place).assign(scope=EvidenceScope.ELSEWHERE.value)
    near = near.sort_values(["right", "distance_m", "subject"]).drop_duplicates("right")
    found = pd.concat([_inside(plants, place), near], ignore_index=True)
    return found.drop_duplicates(["right", "site"], ignore_index=True)


def _plant_rights(place: Ground) -> pd.DataFrame:
    rights = place.concessions
    if "right_type" not in rights:
        return pd.DataFrame()
    plants = (rights["right_type"] == PLANT) & (rights["status"] == ConcessionStatus.OTHER)
    at = np.flatnonzero(plants)
    rows = place.affiliates[place.affiliates["right"].isin(at)]
    chosen = rights.iloc[rows["right"]]
    return pd.DataFrame(
        {
            "subject": place.names.iloc[rows["right"]].to_numpy(dtype=object),
            "operator": rows["affiliate"].to_numpy(dtype=object),
            "source": Role.CONCESSIONS.value,
            "point": shapely.point_on_surface(chosen["geometry"].to_numpy(dtype=object)),
        }
    )


def _inside(sites: pd.DataFrame, place: Ground) -> pd.DataFrame:
    if not len(sites):
        return sites.assign(
            right=[], site=[], scope=[], distance_m=[], by_holder=pd.array([], dtype="boolean")
        )
    points = Points(sites["point"].to_numpy(dtype=object), place.plan)
    pairs = link_areas(points, place.concessions)
    rows = sites.iloc[pairs["registration"]].reset_index(drop=True)
    behind = pd.MultiIndex.from_frame(place.affiliates[["right", "affiliate"]])
    runs = pd.MultiIndex.from_arrays([pairs["area"], rows["operator"]]).isin(behind)
    by_holder = pd.Series(runs, index=rows.index, dtype="boolean")
    return rows.assign(
        by_holder=by_holder.mask(rows["operator"].isna()),
        site=pairs["registration"].array,
        right=pairs["area"].array,
        scope=EvidenceScope.RIGHT.value,
        distance_m=0.0,
    )


def _of_affiliates(sites: pd.DataFrame, place: Ground) -> pd.DataFrame:
    """Pair the rights and the sites of one group or lone party, with their distance."""
    numbered = sites.assign(site=np.arange(len(sites)))
    rows = place.affiliates.merge(
        numbered.dropna(subset=["operator"]), left_on="affiliate", right_on="operator"
    )
    rows = rows.drop_duplicates(["right", "site"], ignore_index=True).drop(columns="affiliate")
    distance = place.distance_m(
        rows["right"].to_numpy(dtype=np.intp), rows["point"].to_numpy(dtype=object)
    )
    runs = pd.Series(True, index=rows.index, dtype="boolean")
    return rows.assign(distance_m=distance, by_holder=runs)
