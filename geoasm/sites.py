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
from geoasm.schema import OUTPUT_CRS

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
        self,
        rights: npt.NDArray[np.intp],
        sites: npt.NDArray[np.intp],
        points: npt.NDArray[np.object_],
    ) -> np.ndarray:
        """Measure from rights to sites, pair by pair, in the zone of the right; `points` in degrees."""
        out = np.full(len(rights), np.nan)
        systems, names = pd.factorize(self.concessions["planar_crs"].to_numpy(dtype=object))
        longitude, latitude = shapely.get_x(points), shapely.get_y(points)
        for number, crs in enumerate(names):
            rows = np.flatnonzero(systems[rights] == number)
            if not len(rows):
                continue
            move = geometry.operation(OUTPUT_CRS, crs, self.plan)
            moved = geometry.points(*move.points(longitude, latitude))
            out[rows] = shapely.distance(self.planar[rights[rows]], moved[sites[rows]])
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
    holder = layer.get("holder_name", blank).astype("str")
    keys = name_keys(holder, rules, known=parties.texts)["key"]
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
    radius = {substance: law.may_number(name) for substance, name in _RADII.items()}
    radius_m = units["substance"].map(radius).fillna(-1.0).to_numpy(dtype=np.float64)
    near = _of_affiliates(units, place)
    is_within = near["distance_m"] <= radius_m[near["site"]]
    far = _nearest(near[~is_within], units["subject"], pd.factorize(units["kind"], sort=True)[0])
    found = [
        _inside(units, place),
        _laid_out(near[is_within], units, EvidenceScope.UNIT_RADIUS),
        _laid_out(far, units, EvidenceScope.ELSEWHERE),
    ]
    return pd.concat(found, ignore_index=True).drop_duplicates(["right", "site"], ignore_index=True)


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
    near = _nearest(
        _of_affiliates(every, place), every["subject"], np.zeros(len(every), dtype=np.intp)
    )
    found = [_inside(plants, place), _laid_out(near, every, EvidenceScope.ELSEWHERE)]
    return pd.concat(found, ignore_index=True).drop_duplicates(["right", "site"], ignore_index=True)


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
    """Pair the rights and the sites of one group or lone party: `right`, `site`, `distance_m`."""
    run = pd.DataFrame({"operator": sites["operator"], "site": np.arange(len(sites))})
    run = run.dropna(subset=["operator"])
    rows = place.affiliates.merge(run, left_on="affiliate", right_on="operator")
    rows = rows[["right", "site"]].drop_duplicates(ignore_index=True)
    right, site = (rows[c].to_numpy(dtype=np.intp) for c in ("right", "site"))
    return rows.assign(
        distance_m=place.distance_m(right, site, sites["point"].to_numpy(dtype=object))
    )


def _nearest(pairs: pd.DataFrame, names: pd.Series, kinds: npt.NDArray[np.intp]) -> pd.DataFrame:
    """Keep of each right the nearest site of each kind, of several the first of the alphabet."""
    site, distance_m = pairs["site"].to_numpy(), pairs["distance_m"].fillna(np.inf).to_numpy()
    which = pairs["right"].to_numpy() * (kinds.max(initial=0) + 1) + kinds[site]
    least = np.full(which.max(initial=-1) + 1, np.inf)
    np.minimum.at(least, which, distance_m)
    at = np.flatnonzero(distance_m == least[which])
    order = pd.factorize(names, sort=True)[0]
    name = np.where(order < 0, len(names), order)[site[at]]
    at = at[np.lexsort((name, which[at]))]
    return pairs.iloc[at[np.diff(which[at], prepend=-1) > 0]]


def _laid_out(pairs: pd.DataFrame, sites: pd.DataFrame, scope: EvidenceScope) -> pd.DataFrame:
    """Give pairs of rights and sites of one group or lone party with the columns of the sites."""
    rows = sites.iloc[pairs["site"]].reset_index(drop=True)
    return rows.assign(
        right=pairs["right"].array,
        site=pairs["site"].array,
        scope=scope.value,
        distance_m=pairs["distance_m"].array,
        by_holder=pd.array([True] * len(pairs), dtype="boolean"),
    )
