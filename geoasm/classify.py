"""The law of one day applied to the rights and the ground at each point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm import predicates, seniority
from geoasm.codes import (
    PATHWAY_OF_CLASS,
    AsmClass,
    ConcessionStatus,
    Flag,
    HolderActivity,
    HolderStratum,
    Pathway,
    StratumBasis,
    TitleRelation,
)
from geoasm.errors import ProfileError
from geoasm.flags import IN_FORCE, Marks, find_flags, join_flags
from geoasm.law import LawAt
from geoasm.schema import LIST_SEPARATOR


def classify(
    located: pd.Series,
    concessions: pd.DataFrame,
    pairs: pd.DataFrame,
    ground: pd.DataFrame,
    law: LawAt,
    *,
    registrants: str = "persons",
    stacked: str = "seniority",
    untested: Sequence[str] = (),
) -> pd.DataFrame:
    """
    Give each registration its class, the rule and right that decided, its axes and flags.

    Parameters
    ----------
    located
        Boolean per registration, RangeIndex: it has a usable position.
    concessions
        `concession_id`, `status`, `filed_on`, `holder_stratum` (missing where strata were not
        given), `stratum_basis`, `holder_activity`; `free_on`, `is_joint`, `activity_conflict` where
        known; RangeIndex.
    pairs
        `registration`, `concession` (positions), `covered`, `seniority`, `same_holder` (nullable),
        `has_contract` where contracts were given.
    ground
        Rows as `located`: see `areas.describe_ground`.
    stacked
        "seniority": the senior title decides. "ambiguous": titles of different classes decide nothing.
    untested
        Roles that were not given and could have changed a class.

    Returns
    -------
    answers
        Index of `located`: `asm_class`, `rule_id`, `reference`, `pathway`, `title_relation`,
        `holder_stratum`, `stratum_basis`, `holder_activity`, `concession_id`, `right_ids`,
        `n_rights`, `flags`, and `decided_by` (position of the right that decided, -1 for none).
    """
    laid_out = _situations(located, concessions, pairs, ground)
    situations = _apply_rules(laid_out, law)
    answers = _decide(situations, concessions, law, stacked, len(located))
    answers = answers.join(_stacks(situations, concessions, len(located)))
    beneath = _beneath_closed_ground(laid_out, answers, concessions, law, stacked)
    answers = answers.join(_axes(situations, answers, beneath, concessions, registrants))
    flags = find_flags(situations, answers, concessions, ground, law, untested)
    answers["pathway"] = _pathways(answers["asm_class"], flags)
    answers["flags"] = join_flags(flags, len(located))
    return answers


def _situations(
    located: pd.Series, concessions: pd.DataFrame, pairs: pd.DataFrame, ground: pd.DataFrame
) -> pd.DataFrame:
    """Lay out one row per registration and right at its point, and one without a right each."""
    stack = pairs[pairs["covered"].to_numpy(dtype=bool)]
    right = stack["concession"].to_numpy()
    rights = concessions.iloc[right]
    rows = pd.DataFrame(
        {
            "registration": stack["registration"].to_numpy(),
            "right": right,
            "seniority": stack["seniority"].to_numpy(),
            "right_status": rights["status"].to_numpy(dtype=object),
            "same_holder": stack["same_holder"].array,
            "has_contract": stack["has_contract"].array if "has_contract" in stack else False,
            "holder_stratum": rights["holder_stratum"].to_numpy(dtype=object),
            "holder_activity": rights["holder_activity"].to_numpy(dtype=object),
            "filed_on": rights["filed_on"].to_numpy(),
        }
    )
    lone = pd.DataFrame({"registration": np.arange(len(located)), "right": -1})
    rows = pd.concat([rows, lone], ignore_index=True)
    rows["located"] = located.to_numpy(dtype=bool)[rows["registration"]]
    for name in ("in_closed_area", "outside_corridor", "in_asm_zone"):
        rows[name] = ground[name].array[rows["registration"]]
    rows = rows.astype({"seniority": "Int64", "has_contract": "boolean"})
    rows = rows.astype(predicates.SITUATION_COLUMNS)
    order = concessions["concession_id"].rank(method="first")
    rows["order"] = _take(order, rows["right"], np.inf).astype("float64")
    return rows.sort_values(
        ["registration", "seniority", "filed_on", "order"], na_position="last", ignore_index=True
    )


def _take(
    values: pd.Series, positions: npt.NDArray[np.intp] | pd.Series, absent: Any
) -> npt.NDArray[np.object_]:
    """Take values by position; -1, no right, takes `absent`."""
    taken: npt.NDArray[np.object_] = np.append(values.to_numpy(dtype=object), absent)[positions]
    return taken


def _apply_rules(situations: pd.DataFrame, law: LawAt) -> pd.DataFrame:
    """Give each situation the first rule that is not False: `rule`, `step`, `leads_to`."""
    n = len(situations)
    rule = np.full(n, -1)
    is_unknown = np.zeros(n, dtype=bool)
    known = {
        name: predicates.facts()[name](situations)
        for name in {w for r in law.rules for w in r.when}
    }
    for i, row in enumerate(law.rules):
        truth = pd.Series(True, index=situations.index, dtype="boolean")
        for name in row.when:
            truth = truth & known[name]
        open_rows = (rule == -1) & ~(truth.fillna(True) == False).to_numpy()  # noqa: E712
        rule[open_rows] = i
        is_unknown[open_rows] = truth[open_rows].isna().to_numpy()
    step = {name: i for i, name in enumerate(law.steps)}
    steps = np.array([(step[r.step], step[r.unknown_step]) for r in law.rules])
    classes = np.array([(r.then.value, r.unknown_class.value) for r in law.rules], dtype=object)
    if (rule < 0).any():
        facts = [name for name, fact in known.items() if bool(fact[rule < 0].iloc[0])]
        raise ProfileError(
            f"law.toml: no rule applies on {law.on.isoformat()} where {' and '.join(facts) or 'nothing'}"
            " holds; add one that always does, last in the table"
        )
    out = situations.copy()
    out["rule"] = rule
    out["step"] = steps[rule, is_unknown.astype(int)]
    out["leads_to"] = classes[rule, is_unknown.astype(int)]
    return out


def _decide(
    situations: pd.DataFrame, concessions: pd.DataFrame, law: LawAt, stacked: str, n: int
) -> pd.DataFrame:
    """Between the rights at a point: the earliest step, within it the senior right."""
    best = situations.groupby("registration")["step"].transform("min")
    top = situations[situations["step"] == best]
    # Only rights of this step count: what goes before them all may be of no weight here.
    behind = np.zeros(len(top), dtype=bool)
    rights = np.flatnonzero(top["right"] >= 0)
    behind[rights] = seniority.outranked(
        top["registration"].to_numpy()[rights], top["right"].to_numpy()[rights], concessions, law
    )
    senior = top[~behind]
    chosen = senior.drop_duplicates("registration").set_index("registration")
    chosen = chosen.reindex(np.arange(n))
    open_order = senior.groupby("registration")["leads_to"].nunique().reindex(np.arange(n)) > 1
    if stacked == "ambiguous":
        titles = situations[situations["right_status"].isin([IN_FORCE, ConcessionStatus.UNKNOWN])]
        differ = titles.groupby("registration")["leads_to"].nunique().reindex(np.arange(n)) > 1
        decided_by_title = chosen["right_status"].isin([IN_FORCE, ConcessionStatus.UNKNOWN])
        open_order |= differ & decided_by_title
    rules = np.array([(r.id, r.reference) for r in law.rules], dtype=object)
    picked = rules[chosen["rule"].to_numpy(dtype=int)]
    right = chosen["right"].to_numpy(dtype=int)
    settled = ~open_order.to_numpy() & (chosen["leads_to"] != AsmClass.AMBIGUOUS).to_numpy()
    decided = np.isin(chosen["step"], _steps_of_rights(law)) & settled
    return pd.DataFrame(
        {
            "asm_class": np.where(open_order, AsmClass.AMBIGUOUS.value, chosen["leads_to"]),
            "rule_id": np.where(open_order, law.order_unknown_id, picked[:, 0]),
            "reference": np.where(open_order, "", picked[:, 1]),
            "decided_by": np.where(decided, right, -1),
            "step": chosen["step"].to_numpy(dtype=int),
        },
        index=pd.RangeIndex(n),
    )


def _beneath_closed_ground(
    laid_out: pd.DataFrame,
    answers: pd.DataFrame,
    concessions: pd.DataFrame,
    law: LawAt,
    stacked: str,
) -> pd.DataFrame:
    """Decide as if no ground were closed: whose title covers a point is true of closed ground as well."""
    closed = laid_out["in_closed_area"].fillna(False) | laid_out["outside_corridor"].fillna(False)
    rows = laid_out[closed.to_numpy(dtype=bool)]
    number, registration = pd.factorize(rows["registration"])
    if not len(registration):
        return answers
    rows = rows.assign(registration=number, in_closed_area=False, outside_corridor=False)
    rows = rows.astype(predicates.SITUATION_COLUMNS).reset_index(drop=True)
    found = _decide(_apply_rules(rows, law), concessions, law, stacked, len(registration))
    beneath = answers[list(found)].copy()
    beneath.iloc[registration] = found.to_numpy(dtype=object)
    return beneath.astype(answers.dtypes[list(found)].to_dict())


def _steps_of_rights(law: LawAt) -> list[int]:
    """Steps in which a right decides, not the ground: those whose rules look at a right's status."""
    status_facts = {"status_unknown", "in_force", "pending", "extinct", "other_right"}
    names = {r.step for r in law.rules if status_facts & set(r.when)}
    return [i for i, name in enumerate(law.steps) if name in names]


def _stacks(situations: pd.DataFrame, concessions: pd.DataFrame, n: int) -> pd.DataFrame:
    """List every right at each point, senior first."""
    rights = situations[situations["right"] >= 0]
    ids = concessions["concession_id"].to_numpy(dtype=object)[rights["right"]]
    n_rights = np.bincount(rights["registration"], minlength=n)
    ends = np.cumsum(n_rights)
    texts = [
        LIST_SEPARATOR.join(ids[start:end])
        for start, end in zip(ends - n_rights, ends, strict=True)
    ]
    return pd.DataFrame(
        {
            "right_ids": pd.Series(texts, dtype="str"),
            "n_rights": pd.Series(n_rights, dtype="Int64"),
        }
    )


def _axes(
    situations: pd.DataFrame,
    answers: pd.DataFrame,
    beneath: pd.DataFrame,
    concessions: pd.DataFrame,
    registrants: str,
) -> pd.DataFrame:
    """
    Say whose title covers the point, whatever the class; stratum and activity of its holder.

    `beneath` are the answers as if no ground were closed.
    """
    n = len(answers)
    status, own = situations["right_status"], situations["same_holder"]
    title = status == IN_FORCE
    relation = pd.Series(TitleRelation.NONE.value, index=pd.RangeIndex(n), dtype=object)
    undecided = beneath["asm_class"] == AsmClass.AMBIGUOUS
    unsettled = undecided.to_numpy()[situations["registration"]]
    titles = situations[title.to_numpy(dtype=bool)]
    mine = titles["same_holder"].fillna(False).astype(bool)
    senior = pd.concat([titles[mine], titles[~mine]]).drop_duplicates("registration")
    about = np.full(n, -1)
    about[senior["registration"].to_numpy()] = senior["right"].to_numpy()
    top = beneath["decided_by"].to_numpy()
    about = np.where(top >= 0, top, about)
    decided = answers["decided_by"].to_numpy()
    first = title & (situations["right"] == about[situations["registration"]])
    ranked: list[tuple[pd.Series, TitleRelation]] = [
        (status == ConcessionStatus.OTHER, TitleRelation.OTHER_RIGHT),
        (status == ConcessionStatus.EXTINCT, TitleRelation.EXTINCT),
        (status == ConcessionStatus.PENDING, TitleRelation.PENDING),
        (status == ConcessionStatus.UNKNOWN, TitleRelation.UNKNOWN),
        (first & own.notna(), TitleRelation.THIRD_PARTY),
        (first & own.isna(), TitleRelation.UNKNOWN),
        (unsettled & title & own.isna(), TitleRelation.UNKNOWN),
        (unsettled & (status == ConcessionStatus.UNKNOWN), TitleRelation.UNKNOWN),
        (title & own.fillna(False).astype(bool), TitleRelation.OWN),
        (~situations["located"].astype(bool), TitleRelation.UNKNOWN),
    ]
    for mask, value in ranked:
        relation[situations.loc[mask.to_numpy(dtype=bool), "registration"].unique()] = value.value
    if registrants == "none":
        relation[relation.isin([TitleRelation.THIRD_PARTY])] = TitleRelation.UNKNOWN.value
    about = np.where(undecided, -1, about)
    is_title = _take(concessions["status"], about, "") == IN_FORCE
    return pd.DataFrame(
        {
            "title_relation": relation.astype("str"),
            "holder_stratum": _of_title(concessions, "holder_stratum", about, is_title, HolderStratum.UNKNOWN),
            "stratum_basis": _of_title(concessions, "stratum_basis", about, is_title, StratumBasis.NONE),
            "holder_activity": _of_title(
                concessions, "holder_activity", about, is_title, HolderActivity.NO_EVIDENCE
            ),
            "concession_id": pd.Series(
                _take(concessions["concession_id"], decided, None), dtype="str"
            ),
        },
        index=pd.RangeIndex(n),
    )  # fmt: skip


def _of_title(
    concessions: pd.DataFrame,
    column: str,
    about: npt.NDArray[np.intp],
    is_title: npt.NDArray[np.bool_],
    absent: str,
) -> pd.Series:
    values = pd.Series(_take(concessions[column], about, None)).where(is_title)
    return values.fillna(absent).astype("str")


def _pathways(asm_class: pd.Series, flags: Marks) -> pd.Series:
    """Follow the class, except where a contract or free extinct ground opens another way."""
    pathway = asm_class.map({c.value: p.value for c, p in PATHWAY_OF_CLASS.items()})
    masks = dict(flags)
    closed = asm_class == AsmClass.PROHIBITED_AREA
    contract = pd.Series(masks[Flag.HAS_CONTRACT]) & ~closed
    pathway = pathway.mask(contract, Pathway.COMPLETE_FORMALIZATION.value)
    return pathway.mask(pd.Series(masks[Flag.EXTINCT_FREE]), Pathway.CLAIM_GROUND.value).astype(
        "str"
    )
