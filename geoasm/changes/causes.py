"""Why the class of a registration differs: what differs at its place, most decisive first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geoasm.areas import LEVELLED_ROLES
from geoasm.changes.rights import Rights
from geoasm.codes import AsmClass, Basis, Cause, RegistrationChange, Role
from geoasm.model import Result
from geoasm.schema import LIST_SEPARATOR

Mask = npt.NDArray[np.bool_]

# Facts of a right, by the cause that they are, and the classes that they can lead to or away from;
# none: any class.
_BY_STRATUM = (
    *(AsmClass.ON_LSM_MSM, AsmClass.ON_SMALL_SCALE, AsmClass.ON_UNKNOWN_HOLDER),
    AsmClass.AMBIGUOUS,
)
_OWN = (AsmClass.OWN_TITLE, AsmClass.ON_UNKNOWN_HOLDER, AsmClass.AMBIGUOUS)
_FACTS: Mapping[Cause, tuple[str, tuple[AsmClass, ...]]] = {
    Cause.STATUS: ("status", ()),
    Cause.ACTIVITY: ("activity", (AsmClass.ON_IDLE_CLAIM, AsmClass.AMBIGUOUS)),
    Cause.HOLDER: ("holder", (*_OWN, *_BY_STRATUM)),
    Cause.STRATUM: ("stratum", _BY_STRATUM),
    Cause.ORDER: ("filing", ()),
}
_CLOSED = (AsmClass.PROHIBITED_AREA, AsmClass.IN_ASM_ZONE)
# Areas that close or open ground, whatever rights lie on it.
_GROUND_ROLES = (*LEVELLED_ROLES, Role.ASM_ZONES, Role.MINING_CORRIDOR)


def find_causes(both: pd.DataFrame, rights: Rights, before: Result, after: Result) -> pd.DataFrame:
    """
    Say of each registration whose class differs why it does.

    First the point, the ground and the rights that decided are looked at; where nothing of them differs,
    every right at the point; then what the run was told about the law. Facts that cannot lead from the
    one class to the other do not count.

    Parameters
    ----------
    both
        As `registrations.compare_registrations` gives them.

    Returns
    -------
    causes
        On the rows whose class differs, those in one run only too: `cause`, `causes` (all, joined by
        ;), `cause_right_id` (missing where the cause is about no right).
    """
    absent = both["appeared"] | both["vanished"]
    rows = both[both["class"] & ~absent]
    evidence = pd.DataFrame(index=rows.index)
    other_basis = rows["basis_a"].astype(object) != rows["basis_b"].astype(object)
    evidence[Cause.POINT] = rows["moved"] | (other_basis & (rows["distance_m"] > 0))
    declared = (rows[["basis_a", "basis_b"]] == Basis.DECLARED).any(axis=1)
    evidence[Cause.DECLARED] = rows[RegistrationChange.DECLARED.value] & declared
    evidence[Cause.CONTEXT] = _other_ground(rows, before, after)
    at = _rights_at(rows, rights, before, after)
    of_right, right_id = _of_rights(rows, at, rights)
    evidence = evidence.join(of_right)
    own = _touches(rows, _OWN)
    evidence[Cause.REGISTRANT] = rows[RegistrationChange.REGISTRANT.value] & own
    other_law = _law(before) != _law(after)
    # Where both may be, a new table of holders or aliases says more than another law.
    may_be_known = not other_law or _tables(before) != _tables(after)
    nothing = ~evidence.any(axis=1)
    evidence[Cause.IDENTITY] = nothing & may_be_known & _touches(rows, (AsmClass.OWN_TITLE,))
    evidence[Cause.RULE] = ~evidence.any(axis=1) & other_law
    evidence[Cause.UNEXPLAINED] = ~evidence.any(axis=1)
    order = [cause for cause in Cause if cause in evidence]
    truth = evidence[order].to_numpy(dtype=bool)
    out = pd.DataFrame(index=rows.index)
    out["cause"] = np.array([c.value for c in order], dtype=object)[truth.argmax(axis=1)]
    out["causes"] = _joined(truth, [c.value for c in order])
    about_right = out["cause"].isin([Cause.RIGHT, *_FACTS])
    out["cause_right_id"] = pd.Series(right_id, index=rows.index).where(about_right)
    lone = both.loc[absent, "appeared"]
    told = np.where(lone, Cause.NEW.value, Cause.GONE.value).astype(object)
    lonely = pd.DataFrame({"cause": told, "causes": told, "cause_right_id": None}, index=lone.index)
    return pd.concat([out, lonely]).sort_index()


def _joined(truth: Mask, names: list[str]) -> list[str]:
    return [LIST_SEPARATOR.join(np.array(names)[row]) for row in truth]


def _touches(rows: pd.DataFrame, classes: tuple[AsmClass, ...]) -> pd.Series:
    return rows[["asm_class_a", "asm_class_b"]].isin(list(classes)).any(axis=1)


def _law(run: Result) -> dict[str, Any]:
    options = run.manifest["options"]
    law = {k: v for k, v in run.manifest["law"].items() if k != "on"}
    return {
        "law": law,
        "stacked": options["stacked"],
        "profile": run.manifest["profile"],
        "untested": run.summary.get("untested"),
        "version": run.manifest["versions"].get("geoasm"),
    }


def _tables(run: Result) -> list[tuple[Any, ...]]:
    """Give what tells the tables apart in which a person says who is who."""
    return [
        (row["role"], row["name"], row.get("sha256"), row["rows"])
        for row in run.manifest["inputs"]
        if row["role"] in (Role.HOLDERS, Role.ALIASES)
    ]


def _other_ground(rows: pd.DataFrame, before: Result, after: Result) -> pd.Series:
    """Tell where closed or set-aside ground lies at a point in one run only, or at another level."""
    touched = rows[_touches(rows, _CLOSED)]
    differs = pd.Series(False, index=rows.index)
    if touched.empty:
        return differs
    ground = [
        _ground_at(touched[f"point_{end}"], run) for end, run in (("a", before), ("b", after))
    ]
    differs[touched.index] = (ground[0] != ground[1]).to_numpy()
    return differs


def _ground_at(points: pd.Series, run: Result) -> pd.Series:
    """List, as one text, the areas at each point (role, type, code, level), and which roles were given."""
    shapes = points.to_numpy(dtype=object)
    found: list[pd.DataFrame] = []
    given = [role.value for role in _GROUND_ROLES if role.value in run.context]
    for role in given:
        frame = run.context[role]
        if not len(frame):
            continue
        i, j = shapely.STRtree(frame.geometry.to_numpy()).query(shapes, predicate="covered_by")
        told = pd.Series(role, index=frame.index)
        for name in ("area_type", "area_code", "level"):
            told = told + "|" + frame[name].fillna("") if name in frame else told
        found.append(pd.DataFrame({"row": i, "area": told.to_numpy()[j]}))
    every = pd.concat([*found, pd.DataFrame({"row": [], "area": []})]).drop_duplicates()
    listed = every.sort_values(["row", "area"]).groupby("row")["area"].agg(LIST_SEPARATOR.join)
    at = listed.reindex(range(len(shapes)), fill_value="").set_axis(points.index)
    return at + f"/{LIST_SEPARATOR.join(given)}"


def _rights_at(rows: pd.DataFrame, rights: Rights, before: Result, after: Result) -> pd.DataFrame:
    """
    Lay out the rights at the points.

    Returns
    -------
    at
        `row` (label of `rows`), `right` (row of `rights.both`), `in_a`, `in_b` (it covers the point, or
        decided there), `decided` (in either run).
    """
    parts = []
    for end, run in (("a", before), ("b", after)):
        right = pd.Series(rights.both.index, index=rights.both[f"id_{end}"])
        right = right[right.index.notna()]
        row = pd.Series(rows.index, index=rows[f"id_{end}"])
        pairs = run.pairs
        pairs = pairs[pairs["covered"].fillna(False).astype(bool)]
        pairs = pairs[pairs["registration_id"].isin(row.index)]
        covered = pd.DataFrame(
            {
                "row": pairs["registration_id"].map(row).to_numpy(),
                "right": pairs["concession_id"].map(right).to_numpy(),
                "decided": False,
            }
        )
        decided = rows[f"concession_id_{end}"].map(right).dropna()
        parts += [
            covered.assign(**{f"in_{end}": True}),
            pd.DataFrame({"row": decided.index, "right": decided.to_numpy(), "decided": True})
            .assign(**{f"in_{end}": True}),
        ]  # fmt: skip
    every = pd.concat(parts, ignore_index=True).dropna(subset=["right"])
    for name in ("in_a", "in_b"):
        every[name] = every[name].eq(True)
    merged = every.groupby(["row", "right"], as_index=False).any()
    return merged.astype({"right": "int64"})


def _of_rights(
    rows: pd.DataFrame, at: pd.DataFrame, rights: Rights
) -> tuple[pd.DataFrame, pd.Series]:
    """Give, by cause, whether it is in the rights at the points, and the right that shows it first."""
    facts = rights.both.loc[at["right"]].reset_index(drop=True)
    known = pd.DataFrame(index=at.index)
    comes_or_goes = (facts["appeared"] | facts["vanished"]).to_numpy(dtype=bool)
    other_cover = (at["in_a"] != at["in_b"]).to_numpy()
    known[Cause.RIGHT] = comes_or_goes | other_cover & facts["shape"].to_numpy(dtype=bool)
    for cause, (name, classes) in _FACTS.items():
        able = _touches(rows, classes).reindex(at["row"]).to_numpy() if classes else True
        known[cause] = facts[name].to_numpy(dtype=bool) & able
    by_decider = known[at["decided"]].any(axis=1).groupby(at["row"]).any()
    looked_at = at["decided"] | ~at["row"].map(by_decider).fillna(False).astype(bool)
    shown = known[looked_at]
    place = at["row"][looked_at]
    evidence = shown.groupby(place).any().reindex(rows.index, fill_value=False)
    ids = rights.both["id_b"].where(rights.both["id_b"].notna(), rights.both["id_a"])
    first = shown.to_numpy(dtype=bool)
    order = pd.DataFrame(
        {
            "row": place,
            "rank": np.where(first.any(axis=1), first.argmax(axis=1), len(shown.columns)),
            "right": ids[at["right"][looked_at]].to_numpy(),
        }
    )
    order = order[order["rank"] < len(shown.columns)].sort_values(["row", "rank", "right"])
    return evidence.astype(bool), order.drop_duplicates("row").set_index("row")["right"]
