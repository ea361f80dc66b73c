"""Mining rights of two runs: which are the same, and what changed in each."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoasm.changes import people, shapes
from geoasm.changes.people import People
from geoasm.changes.sides import put_side_by_side
from geoasm.codes import RightChange
from geoasm.model import ComparisonRules
from geoasm.schema import LIST_SEPARATOR

# Columns of a right whose change is one by itself; holders are compared as people.
_FACTS = {
    RightChange.STATUS: "status",
    RightChange.STRATUM: "holder_stratum",
    RightChange.ACTIVITY: "holder_activity",
    RightChange.FILING: "filed_on",
}


@dataclass(frozen=True)
class Rights:
    """
    The rights of two runs side by side.

    `both` has one row per right of either run, RangeIndex: `id_a`, `id_b` (missing where a run lacks
    it), the columns of both runs with the endings `_a` and `_b`, and one boolean for each fact that
    may differ: `appeared`, `vanished`, `recoded`, `shape`, `status`, `holder`, `stratum`, `activity`,
    `filing`. `changes` has one row per right and change, as `schema.RIGHTS_CHANGED`. `unknown` counts
    rights of which nobody can tell whether the holder is the same.
    """

    both: pd.DataFrame
    changes: pd.DataFrame
    unknown: int


def compare_rights(
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    who: tuple[People, People],
    rules: ComparisonRules,
) -> Rights:
    """
    Match rights by code, else by ground and day of filing, and tell what changed in each.

    Parameters
    ----------
    before, after
        As `schema.CONCESSIONS`.
    who
        `people.identify` of both runs.
    """
    both = put_side_by_side(
        before,
        after,
        code="concession_id",
        columns=["name", "holder_id", "area_ha", *_FACTS.values()],
        ground="shape_of",
        find_again=lambda gone, new: _same_ground(gone, new, who, rules),
    )
    present = both["id_a"].notna() & both["id_b"].notna()
    both["appeared"], both["vanished"] = both["id_a"].isna(), both["id_b"].isna()
    both["recoded"] = present & (both["id_a"] != both["id_b"])
    same_holder = people.is_same(both["holder_id_a"], both["holder_id_b"], who)
    both["holder"] = present & (same_holder == False).fillna(False).astype(bool)  # noqa: E712
    for change, column in _FACTS.items():
        a, b = both[f"{column}_a"], both[f"{column}_b"]
        both[change.value] = present & ((a != b).fillna(True) & ~(a.isna() & b.isna())).astype(bool)
    both["shape"] = False
    shaped = _shape_changes(both, present, rules)
    both.loc[shaped.index, "shape"] = True
    related = _divisions(both, shaped.index, rules)
    rows = [*_plain_changes(both, who), _laid_out(both, shaped), _laid_out(both, related)]
    changes = pd.concat([r for r in rows if len(r)] or rows[:1], ignore_index=True)
    changes = changes.sort_values(["concession_id", "change", "related_ids"], ignore_index=True)
    return Rights(both, changes, int((present & same_holder.isna()).sum()))


def _same_ground(
    gone: pd.DataFrame,
    new: pd.DataFrame,
    who: tuple[People, People],
    rules: ComparisonRules,
) -> pd.DataFrame:
    """
    Pair rights that vanished with new ones on the same ground that are the same by their filing.

    Ground alone tells nothing: on the grid a later claim has the outline of the right before it.
    """
    a = gone.loc[shapes.has_place(gone["shape_of_a"]), "shape_of_a"]
    b = new.loc[shapes.has_place(new["shape_of_b"]), "shape_of_b"]
    pairs = shapes.covering(a, b, rules.same_ground_share)
    pairs = pairs[(pairs[["of_old", "of_new"]] >= rules.same_ground_share).all(axis=1)]
    one, other = gone.loc[pairs["old"]], new.loc[pairs["new"]]
    filed = [side.reset_index(drop=True) for side in (one["filed_on_a"], other["filed_on_b"])]
    dated = filed[0].notna() & filed[1].notna()
    held = [side.reset_index(drop=True) for side in (one["holder_id_a"], other["holder_id_b"])]
    same_party = people.is_same(held[0], held[1], who)
    nobody = held[0].isna().to_numpy() & held[1].isna().to_numpy()
    same_name = one["name_a"].to_numpy(dtype=object) == other["name_b"].to_numpy(dtype=object)
    named = (~nobody | same_name) & same_party.fillna(False).to_numpy(dtype=bool)
    is_one = np.where(dated, filed[0] == filed[1], named)
    pairs = pairs[is_one.astype(bool)]
    once = ~pairs["old"].duplicated(keep=False) & ~pairs["new"].duplicated(keep=False)
    return pairs[once]


def _shape_changes(both: pd.DataFrame, present: pd.Series, rules: ComparisonRules) -> pd.DataFrame:
    """Give `change`, `distance_m` of rights whose outline differs, on their rows."""
    rows = both.index[
        present & shapes.has_place(both["shape_of_a"]) & shapes.has_place(both["shape_of_b"])
    ]
    a, b = (both.loc[rows, f"shape_of{end}"].to_numpy(dtype=object) for end in ("_a", "_b"))
    apart = ~shapes.is_same_outline(a, b, rules.same_outline_m)
    change, moved_m = shapes.compare_outlines(
        a[apart], b[apart], rules.same_ground_share, rules.same_outline_m
    )
    return pd.DataFrame({"change": change, "distance_m": moved_m}, index=rows[apart])


def _divisions(both: pd.DataFrame, reshaped: pd.Index, rules: ComparisonRules) -> pd.DataFrame:
    """
    Find rights that were split into several of the same status, and several that were merged into one.

    Only ground of rights that vanished, appeared or changed their shape is looked at.
    """
    touched = both.index.isin(reshaped)
    old = both[(both["vanished"] | touched) & shapes.has_place(both["shape_of_a"])]
    new = both[(both["appeared"] | touched) & shapes.has_place(both["shape_of_b"])]
    pairs = shapes.covering(old["shape_of_a"], new["shape_of_b"], rules.same_ground_share)
    status = both["status_a"][pairs["old"]].to_numpy(), both["status_b"][pairs["new"]].to_numpy()
    pairs = pairs[status[0] == status[1]]
    found = [
        _one_and_many(pairs, "old", "new", both["shape_of_b"], rules.same_ground_share),
        _one_and_many(pairs, "new", "old", both["shape_of_a"], rules.same_ground_share),
    ]
    names = {"new": both["id_b"], "old": both["id_a"]}
    out = []
    kinds = (RightChange.SPLIT, RightChange.MERGED)
    for change, many, one_side, many_side in zip(
        kinds, found, ("old", "new"), ("new", "old"), strict=True
    ):
        codes = many.assign(code=names[many_side][many[many_side]].to_numpy())
        told = codes.groupby(one_side)["code"].agg(lambda ids: LIST_SEPARATOR.join(sorted(ids)))
        out.append(pd.DataFrame({"change": change.value, "related_ids": told}))
    return pd.concat(out)


def _one_and_many(
    pairs: pd.DataFrame, one: str, many: str, parts: pd.Series, share: float
) -> pd.DataFrame:
    """Keep pairs of a shape with several that lie in it, fill it, and do not lie upon each other."""
    inside = pairs[pairs[f"of_{many}"] >= share]
    filled = inside.groupby(one)[f"of_{one}"].agg(["sum", "size"])
    once = filled["sum"].between(share, 1 / share) & (filled["size"] > 1)
    inside = inside[inside[one].isin(filled.index[once])]
    areas = parts[inside[many]].set_axis(inside[one]).groupby(level=0)
    apart = areas.agg(lambda some: shapely.area(shapely.union_all(list(some))))
    summed = areas.agg(lambda some: shapely.area(list(some)).sum())
    return inside[inside[one].isin(apart.index[apart >= share * summed])]


def _plain_changes(both: pd.DataFrame, who: tuple[People, People]) -> list[pd.DataFrame]:
    """Give the rows of every change but those of ground."""
    named = {
        end: known.beside(both[f"holder_id{end}"])["name"]
        for end, known in zip(("_a", "_b"), who, strict=True)
    }
    says = {c: (both[f"{name}_a"], both[f"{name}_b"]) for c, name in _FACTS.items()}
    says[RightChange.FILING] = tuple(
        days.dt.strftime("%Y-%m-%d") for days in says[RightChange.FILING]
    )
    says[RightChange.HOLDER] = named["_a"], named["_b"]
    says[RightChange.RECODED] = both["id_a"], both["id_b"]
    says[RightChange.APPEARED] = pd.Series(None, index=both.index, dtype=object), both["status_b"]
    says[RightChange.VANISHED] = both["status_a"], pd.Series(None, index=both.index, dtype=object)
    out = []
    for change, (before, after) in says.items():
        rows = both.index[both[change.value]]
        told = pd.DataFrame({"before": before[rows], "after": after[rows]}, index=rows)
        out.append(_laid_out(both, told.assign(change=change.value)))
    return out


def _laid_out(both: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """Put what changed beside the right: its codes, hectares, statuses and ground."""
    right = both.loc[told.index]
    absent = dict.fromkeys(("before", "after", "related_ids", "distance_m"))
    rows = pd.DataFrame(
        {**absent, **{name: told[name].to_numpy() for name in told}}, index=right.index
    )
    rows["related_ids"] = rows["related_ids"].fillna("").astype(object)
    for name in ("id", "status", "area_ha"):
        for end in ("_a", "_b"):
            rows[f"{'code' if name == 'id' else name}{end}"] = right[f"{name}{end}"]
    rows["concession_id"] = right["id_b"].where(right["id_b"].notna(), right["id_a"])
    rows["name"] = right["name_b"].where(right["id_b"].notna(), right["name_a"])
    rows["geometry"] = right["shape_of_b"].where(right["id_b"].notna(), right["shape_of_a"])
    return rows
