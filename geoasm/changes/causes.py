"""Why the class of a registration differs: what differs at its place, most decisive first."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm.changes.grounds import compare_grounds
from geoasm.changes.inputs import ACTIVITY_ROLES, STRATUM_ROLES, WHO_ROLES, Inputs
from geoasm.changes.rights import Rights
from geoasm.codes import AsmClass, Basis, Cause, RegistrationChange, Role, TitleRelation
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
_TITLE_CLASSES = (
    *(AsmClass.OWN_TITLE, AsmClass.ON_LSM_MSM, AsmClass.ON_SMALL_SCALE),
    *(AsmClass.ON_UNKNOWN_HOLDER, AsmClass.ON_IDLE_CLAIM),
)
# The order of decision: what goes before takes the ground from what follows. Other classes stand nowhere.
_STRENGTH = {
    **dict.fromkeys(_TITLE_CLASSES, 0),
    AsmClass.IN_ASM_ZONE: 1,
    AsmClass.ON_PENDING_CLAIM: 2,
    AsmClass.ON_EXTINCT_CLAIM: 3,
    AsmClass.ON_OTHER_RIGHT: 4,
    AsmClass.OPEN_GROUND: 5,
}
_WHOSE = (TitleRelation.OWN, TitleRelation.THIRD_PARTY, TitleRelation.UNKNOWN)


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
    inputs = Inputs(before, after)
    evidence = pd.DataFrame(False, index=rows.index, columns=[cause.value for cause in Cause])
    other_basis = rows["basis_a"].astype(object) != rows["basis_b"].astype(object)
    evidence[Cause.POINT] = rows["moved"] | (other_basis & (rows["distance_m"] > 0))
    declared = (rows[["basis_a", "basis_b"]] == Basis.DECLARED).any(axis=1)
    evidence[Cause.DECLARED] = rows[RegistrationChange.DECLARED.value] & declared
    of_right, right_id = _of_rights(rows, _rights_at(rows, rights, before, after), rights)
    evidence[of_right.columns] = of_right
    evidence[Cause.REGISTRANT] = rows[RegistrationChange.REGISTRANT.value] & _touches(rows, _OWN)
    _weigh_tables(evidence, inputs)
    _weigh_grounds(evidence, rows, before, after)
    relations = rows[["title_relation_a", "title_relation_b"]]
    whose = relations.isin(list(_WHOSE)).all(axis=1) & (
        relations.iloc[:, 0].astype(object) != relations.iloc[:, 1].astype(object)
    )
    nothing = ~evidence.any(axis=1)
    if inputs.lacks(WHO_ROLES):
        evidence[Cause.GIVEN] |= nothing & whose
    elif not (inputs.other_law and inputs.is_same(WHO_ROLES)):
        # Where both may be, a new table of holders or aliases says more than another law.
        evidence[Cause.IDENTITY] = nothing & whose
    evidence[Cause.RULE] |= ~evidence.any(axis=1) & inputs.other_law
    evidence[Cause.UNEXPLAINED] = ~evidence.any(axis=1)
    order = [cause for cause in Cause if cause in evidence]
    truth = evidence[order].to_numpy(dtype=bool)
    out = pd.DataFrame(index=rows.index)
    out["cause"] = np.array([c.value for c in order], dtype=object)[truth.argmax(axis=1)]
    out["causes"] = _joined(truth, [c.value for c in order])
    about_right = out["cause"].isin([Cause.RIGHT, *_FACTS])
    out["cause_right_id"] = pd.Series(right_id, index=rows.index).where(about_right)
    lone = both.loc[absent, "appeared"]
    named = np.where(lone, Cause.NEW.value, Cause.GONE.value).astype(object)
    lonely = pd.DataFrame(
        {"cause": named, "causes": named, "cause_right_id": None}, index=lone.index
    )
    return pd.concat([out, lonely]).sort_index()


def _joined(truth: Mask, names: list[str]) -> list[str]:
    return [LIST_SEPARATOR.join(np.array(names)[row]) for row in truth]


def _touches(rows: pd.DataFrame, classes: tuple[AsmClass, ...]) -> pd.Series:
    return rows[["asm_class_a", "asm_class_b"]].isin(list(classes)).any(axis=1)


def _weigh_tables(evidence: pd.DataFrame, inputs: Inputs) -> None:
    """Take stratum and activity that differ for what they are: a table lacks, or the evidence grew old."""
    for cause, roles in ((Cause.STRATUM, STRATUM_ROLES), (Cause.ACTIVITY, ACTIVITY_ROLES)):
        if inputs.lacks(roles):
            instead = Cause.GIVEN
        elif inputs.is_same((*roles, Role.CONCESSIONS)) and (inputs.other_day or inputs.other_law):
            instead = Cause.RULE
        else:
            continue
        evidence[instead] |= evidence[cause]
        evidence[cause] = False


def _weigh_grounds(
    evidence: pd.DataFrame, rows: pd.DataFrame, before: Result, after: Result
) -> None:
    """Add closed and set-aside ground; it counts alone, but for a zone that a title covered or covers."""
    found = compare_grounds(rows, before, after)
    any_ground = found.differs | found.not_given | found.other_level
    in_zone = _touches(rows, (AsmClass.IN_ASM_ZONE,)) & _touches(rows, _TITLE_CLASSES)
    by_right = evidence[[Cause.RIGHT, *_FACTS]].any(axis=1)
    counts = any_ground & ~(in_zone & by_right)
    evidence.loc[
        counts, [c.value for c in (Cause.RIGHT, Cause.REGISTRANT, Cause.GIVEN, *_FACTS)]
    ] = False
    evidence[Cause.CONTEXT] = counts & found.differs
    evidence[Cause.GIVEN] |= counts & found.not_given
    evidence[Cause.RULE] |= counts & found.other_level


def _rights_at(rows: pd.DataFrame, rights: Rights, before: Result, after: Result) -> pd.DataFrame:
    """
    Lay out the rights at the points.

    Returns
    -------
    at
        `row` (label of `rows`), `right` (row of `rights.both`), `in_a`, `in_b` (it covers the point, or
        decided there), `decided_a`, `decided_b`.
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
            }
        )
        decided = rows[f"concession_id_{end}"].map(right).dropna()
        parts += [
            covered.assign(**{f"in_{end}": True}),
            pd.DataFrame({"row": decided.index, "right": decided.to_numpy()})
            .assign(**{f"in_{end}": True, f"decided_{end}": True}),
        ]  # fmt: skip
    every = pd.concat(parts, ignore_index=True).dropna(subset=["right"])
    for name in ("in_a", "in_b", "decided_a", "decided_b"):
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
    reshaped = (facts["shape"] | facts["recoded"]).to_numpy(dtype=bool)
    known[Cause.RIGHT] = comes_or_goes | other_cover & reshaped
    for cause, (name, classes) in _FACTS.items():
        able = _touches(rows, classes).reindex(at["row"]).to_numpy() if classes else True
        known[cause] = facts[name].to_numpy(dtype=bool) & able
    strength = rows[["asm_class_a", "asm_class_b"]].apply(lambda side: side.map(_STRENGTH))
    gained = (strength["asm_class_b"] < strength["asm_class_a"]).reindex(at["row"]).to_numpy()
    lost = (strength["asm_class_b"] > strength["asm_class_a"]).reindex(at["row"]).to_numpy()
    # What is weaker takes no ground: the right that decided before has lost it, and the other way round.
    decides = (at["decided_a"] & ~gained) | (at["decided_b"] & ~lost)
    # Tables name rights by their codes: what they said is lost with the code.
    lost_code = facts["recoded"].to_numpy(dtype=bool) & known[[Cause.ACTIVITY, Cause.STRATUM]].any(
        axis=1
    )
    known[Cause.RIGHT] |= lost_code
    by_decider = known[decides].any(axis=1).groupby(at["row"]).any()
    looked_at = decides | ~at["row"].map(by_decider).fillna(False).astype(bool)
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
