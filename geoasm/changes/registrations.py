"""Registrations of two runs: which are the same, and what differs in each."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from geoasm.changes import people, shapes
from geoasm.changes.people import People
from geoasm.changes.rights import Rights
from geoasm.changes.sides import put_side_by_side
from geoasm.codes import RegistrationChange
from geoasm.model import ComparisonRules
from geoasm.schema import LIST_SEPARATOR

_COLUMNS = (
    *("registrant_id", "status", "declared_right_id", "asm_class", "pathway"),
    *("rule_id", "concession_id", "class_probability", "admin_1", "basis", "title_relation"),
)
_COMPARED = {
    RegistrationChange.STATUS: "status",
    RegistrationChange.CLASS: "asm_class",
    RegistrationChange.PATHWAY: "pathway",
}


def compare_registrations(
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    who: tuple[People, People],
    rights: Rights,
    rules: ComparisonRules,
) -> pd.DataFrame:
    """
    Match registrations by code, else by registrant and place, and tell what differs in each.

    Parameters
    ----------
    before, after
        As `schema.REGISTRATIONS`.
    who
        `people.identify` of both runs.

    Returns
    -------
    both
        One row per registration of either run, RangeIndex: `id_a`, `id_b` (missing where a run lacks
        it), columns of both runs with the endings `_a` and `_b`, `distance_m`, one boolean for each
        `RegistrationChange`.
    """
    both = put_side_by_side(
        before,
        after,
        code="registration_id",
        columns=_COLUMNS,
        ground="point",
        find_again=lambda gone, new: _same_site(gone, new, who, rules),
    )
    present = both["id_a"].notna() & both["id_b"].notna()
    points = [both[name].to_numpy(dtype=object) for name in ("point_a", "point_b")]
    both["distance_m"] = shapes.distance_m(*points)
    changed = {
        RegistrationChange.APPEARED: both["id_a"].isna(),
        RegistrationChange.VANISHED: both["id_b"].isna(),
        RegistrationChange.RENUMBERED: present & (both["id_a"] != both["id_b"]),
        RegistrationChange.MOVED: _has_moved(both, present, rules),
        RegistrationChange.REGISTRANT: present & ~_same_registrant(both, who),
        RegistrationChange.DECLARED: present & _declares_another(both, rights),
        RegistrationChange.CERTAINTY: present & _is_surer_or_not(both, rules),
        **{c: present & _differs(both, column) for c, column in _COMPARED.items()},
    }
    for change, mask in changed.items():
        both[change.value] = mask.astype(bool)
    return both


def _same_site(
    gone: pd.DataFrame,
    new: pd.DataFrame,
    who: tuple[People, People],
    rules: ComparisonRules,
) -> pd.DataFrame:
    """Pair registrations that vanished with new ones of the same registrant at the same place."""
    old = gone[["registrant_id_a"]].assign(old=gone.index).dropna()
    now = new[["registrant_id_b"]].assign(new=new.index).dropna()
    tables = [side.keys.rename(columns={"key": "by"}).dropna() for side in who] + [
        side.known["ruc"].dropna().rename("by").rename_axis("party").reset_index() for side in who
    ]
    pairs = pd.concat(
        [
            old.merge(a, left_on="registrant_id_a", right_on="party").merge(
                now.merge(b, left_on="registrant_id_b", right_on="party"), on="by"
            )
            for a, b in (tables[:2], tables[2:])
        ]
    )[["old", "new"]].drop_duplicates(ignore_index=True)
    same = people.is_same(
        gone["registrant_id_a"].loc[pairs["old"]].reset_index(drop=True),
        new["registrant_id_b"].loc[pairs["new"]].reset_index(drop=True),
        who,
    )
    pairs = pairs[same.fillna(False).to_numpy(dtype=bool)].reset_index(drop=True)
    pairs["distance_m"] = shapes.distance_m(
        gone["point_a"].loc[pairs["old"]].to_numpy(dtype=object),
        new["point_b"].loc[pairs["new"]].to_numpy(dtype=object),
    )
    declared = [
        side["declared_right_id_" + end].loc[pairs[name]].to_numpy(dtype=object)
        for side, end, name in ((gone, "a", "old"), (new, "b", "new"))
    ]
    lost = [
        ~shapes.has_place(side[f"point_{end}"]).loc[pairs[name]].to_numpy()
        for side, end, name in ((gone, "a", "old"), (new, "b", "new"))
    ]
    # Without a point on either side the right that both declare tells the site.
    by_right = lost[0] & lost[1] & pd.notna(declared[0]) & (declared[0] == declared[1])
    near = pairs[(pairs["distance_m"] <= rules.same_site_m) | by_right]
    return _one_to_one(near.fillna({"distance_m": 0.0}))


def _one_to_one(pairs: pd.DataFrame) -> pd.DataFrame:
    """Take the nearest pairs first, each side once."""
    left = pairs.sort_values(["distance_m", "old", "new"], ignore_index=True)
    taken = []
    while len(left):
        # The first pair of both its sides stands in nobody's way.
        first = left[~left["old"].duplicated() & ~left["new"].duplicated()]
        taken.append(first)
        left = left[~left["old"].isin(first["old"]) & ~left["new"].isin(first["new"])]
    return pd.concat(taken) if taken else pairs


def _differs(both: pd.DataFrame, column: str) -> pd.Series:
    a, b = (both[f"{column}_{end}"].astype(object) for end in "ab")
    return (a != b) & ~(a.isna() & b.isna())


def _has_moved(both: pd.DataFrame, present: pd.Series, rules: ComparisonRules) -> pd.Series:
    has_place = [shapes.has_place(both[f"point_{end}"]) for end in "ab"]
    far = both["distance_m"] > rules.same_point_m
    return present & (far | (has_place[0] != has_place[1]))


def _same_registrant(both: pd.DataFrame, who: tuple[People, People]) -> pd.Series:
    same = people.is_same(both["registrant_id_a"], both["registrant_id_b"], who)
    return same.fillna(True).astype(bool)


def _declares_another(both: pd.DataFrame, rights: Rights) -> pd.Series:
    """Compare the declared rights; a right that only has another code is no other right."""
    later = rights.both.dropna(subset=["id_a", "id_b"]).set_index("id_a")["id_b"]
    declared = both["declared_right_id_a"].astype(object)
    told = declared.map(later).astype(object)
    expected = told.where(told.notna(), declared)
    now = both["declared_right_id_b"].astype(object)
    return (expected != now) & (declared != now) & ~(declared.isna() & now.isna())


def _is_surer_or_not(both: pd.DataFrame, rules: ComparisonRules) -> pd.Series:
    """Compare the probabilities of one and the same class."""
    step = (both["class_probability_a"] - both["class_probability_b"]).abs()
    one_known = both["class_probability_a"].isna() != both["class_probability_b"].isna()
    same_class = ~_differs(both, "asm_class")
    return same_class & ((step >= rules.certainty_step) | one_known)


def lay_out(both: pd.DataFrame, causes: pd.DataFrame) -> pd.DataFrame:
    """
    Give the rows in which anything differs, as `schema.REGISTRATIONS_CHANGED`.

    Parameters
    ----------
    both
        As `compare_registrations` gives them.
    causes
        `cause`, `causes`, `cause_right_id` on the index of those whose class differs.
    """
    marks = both[[change.value for change in RegistrationChange]].to_numpy(dtype=bool)
    rows = both[marks.any(axis=1)]
    codes = np.array([change.value for change in RegistrationChange], dtype=object)
    listed = pd.Series("", index=rows.index, dtype=object)
    for code, mask in zip(codes, marks[marks.any(axis=1)].T, strict=True):
        listed[mask] += code + LIST_SEPARATOR
    out = pd.DataFrame({"changes": listed.str.removesuffix(LIST_SEPARATOR)}, index=rows.index)
    renamed: Mapping[str, str] = {
        "asm_class": "class", "rule_id": "rule", "class_probability": "probability",
        "pathway": "pathway", "concession_id": "decided_by", "id": "registration_id",
    }  # fmt: skip
    for column, name in renamed.items():
        for end in ("_a", "_b"):
            out[f"{name}{end}"] = rows[f"{column}{end}"]
    later = rows["id_b"].notna()
    out["registration_id"] = rows["id_b"].where(later, rows["id_a"])
    out["admin_1"] = rows["admin_1_b"].where(later, rows["admin_1_a"])
    out["geometry"] = rows["point_b"].where(later, rows["point_a"])
    out["distance_m"] = rows["distance_m"].where(rows[RegistrationChange.MOVED.value])
    out = out.join(causes)
    out["causes"] = out["causes"].fillna("")
    return out.sort_values(["registration_id", "registration_id_a"], ignore_index=True)
