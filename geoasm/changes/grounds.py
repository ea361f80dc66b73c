"""Ground that decides a class whatever rights lie on it, at the points of two runs."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
import shapely

from geoasm.areas import LEVELLED_ROLES
from geoasm.codes import AsmClass, ClosureLevel, Role
from geoasm.model import Result
from geoasm.schema import LIST_SEPARATOR

_CLASSES = (AsmClass.PROHIBITED_AREA, AsmClass.IN_ASM_ZONE)


class Grounds(NamedTuple):
    """By registration: the ground differs; a run lacks the layer that tells; only its level differs."""

    differs: pd.Series
    not_given: pd.Series
    other_level: pd.Series


def compare_grounds(rows: pd.DataFrame, before: Result, after: Result) -> Grounds:
    """
    Compare closed and set-aside ground at the points of registrations whose class is, or was, of such.

    Parameters
    ----------
    rows
        `point_a`, `point_b`, `asm_class_a`, `asm_class_b`.
    """
    nothing = pd.Series(False, index=rows.index)
    is_touched = rows[["asm_class_a", "asm_class_b"]].isin(list(_CLASSES)).any(axis=1)
    touched = rows[is_touched]
    found = Grounds(nothing.copy(), nothing.copy(), nothing.copy())
    if touched.empty:
        return found
    for role in (*LEVELLED_ROLES, Role.ASM_ZONES, Role.MINING_CORRIDOR):
        sides = [
            _at(touched[f"point_{end}"], run, role) for end, run in (("a", before), ("b", after))
        ]
        given = [run_has(run, role) for run in (before, after)]
        if all(given):
            other = sides[0]["decides"] != sides[1]["decides"]
            same_areas = sides[0]["areas"] == sides[1]["areas"]
            found.differs[touched.index] |= other & ~same_areas
            found.other_level[touched.index] |= other & same_areas
        elif any(given):
            told = sides[given.index(True)]["decides"]
            matters = (
                told != "" if role is not Role.MINING_CORRIDOR else pd.Series(True, told.index)
            )
            found.not_given[touched.index] |= matters
    if run_has(before, Role.ADMIN) != run_has(after, Role.ADMIN) and any(
        run_has(run, Role.MINING_CORRIDOR) for run in (before, after)
    ):
        found.not_given[touched.index] = True
    return found


def run_has(run: Result, role: Role) -> bool:
    """Tell whether a run was given a layer."""
    return role.value in run.context


def _at(points: pd.Series, run: Result, role: Role) -> pd.DataFrame:
    """List the areas of a role at each point as texts: all of them, and those that decide."""
    blank = pd.DataFrame({"areas": "", "decides": ""}, index=points.index)
    frame = run.context.get(role.value)
    if frame is None or not len(frame):
        return blank
    i, j = shapely.STRtree(frame.geometry.to_numpy()).query(
        points.to_numpy(dtype=object), predicate="covered_by"
    )
    named = pd.Series(role.value, index=frame.index)
    for column in ("area_type", "area_code"):
        named = named + "|" + frame[column].fillna("") if column in frame else named
    hard = pd.Series(True, index=frame.index)
    if "level" in frame and role in LEVELLED_ROLES:
        hard = frame["level"] == ClosureLevel.HARD
    pairs = pd.DataFrame({"row": i, "area": named.to_numpy()[j], "hard": hard.to_numpy()[j]})
    for column, some in (("areas", pairs), ("decides", pairs[pairs["hard"]])):
        listed = some.drop_duplicates(["row", "area"]).sort_values(["row", "area"])
        joined = listed.groupby("row")["area"].agg(LIST_SEPARATOR.join)
        blank[column] = joined.reindex(range(len(points)), fill_value="").to_numpy()
    return blank
