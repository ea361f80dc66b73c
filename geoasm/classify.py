"""The law of one day applied to the rights and the ground at each point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geoasm.codes import (
    PATHWAY_OF_CLASS,
    AsmClass,
    Flag,
    HolderActivity,
    HolderStratum,
    Pathway,
    StratumBasis,
)
from geoasm.decisions import RELATIONS, Answered, Decided, answer, read_kinds
from geoasm.flags import Marks, find_flags, join_flags
from geoasm.law import LawAt
from geoasm.schema import LIST_SEPARATOR
from geoasm.seniority import NO_PLACE
from geoasm.situations import (
    CLASSES,
    Bools,
    Positions,
    Situations,
    Standing,
    lay_out,
    number_ground,
    read_standing,
    truth_codes,
)


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
    mined: pd.Series | None = None,
) -> pd.DataFrame:
    """
    Give each registration its class, the rule and right that decided, its axes and flags.

    Parameters
    ----------
    located
        Boolean per registration, RangeIndex: it has a usable position.
    concessions
        `concession_id`, `status`, `filed_on`, `holder_stratum` (missing where strata were not
        given), `stratum_basis`, `holder_activity`; `free_on`, `is_joint`, `activity_conflict`,
        `substance` where known; RangeIndex.
    pairs
        `registration`, `concession` (positions), `covered`, `seniority`, `same_holder` (nullable),
        `has_contract` where contracts were given.
    ground
        Rows as `located`: see `areas.describe_ground`.
    stacked
        "seniority": the senior title decides. "ambiguous": titles of different classes decide nothing.
    untested
        Roles that were not given and could have changed a class.
    mined
        What each registration says that it mines: metallic, non_metallic, unknown; where registers say.

    Returns
    -------
    answers
        Index of `located`: `asm_class`, `rule_id`, `reference`, `pathway`, `title_relation`,
        `holder_stratum`, `stratum_basis`, `holder_activity`, `concession_id`, `right_ids`,
        `n_rights`, `n_titles`, `flags`, and `decided_by` (position of the right that decided, -1 for none).
    """
    standing = read_standing(concessions, law)
    situations, signed = _lay_out(located, pairs, ground, standing)
    found = answer(situations, standing, registrants=registrants, stacked=stacked)
    answers = _name_decisions(found.decided, law)
    answers["right_ids"] = _list_rights(situations, found.n_rights, concessions["concession_id"])
    answers["n_rights"] = pd.Series(found.n_rights, dtype="Int64")
    answers["n_titles"] = pd.Series(found.n_titles, dtype="Int64")
    answers = answers.join(_axes(found, standing, concessions["concession_id"]))
    flags = find_flags(
        situations, signed, answers, concessions, ground, standing, law, untested, mined
    )
    answers["pathway"] = _pathways(answers["asm_class"], flags)
    answers["flags"] = join_flags(flags, len(located))
    return answers


def _lay_out(
    located: pd.Series, pairs: pd.DataFrame, ground: pd.DataFrame, standing: Standing
) -> tuple[Situations, Bools]:
    """Lay out the rights over each point, and tell of each whether a contract is known."""
    stack = pairs[pairs["covered"].to_numpy(dtype=bool)]
    names = ("in_closed_area", "outside_corridor", "in_asm_zone")
    truths = (truth_codes(ground[name]) for name in names)
    situations, pair = lay_out(
        stack["registration"].to_numpy(),
        stack["concession"].to_numpy(),
        truth_codes(stack["same_holder"]),
        stack["seniority"].astype("Int64").to_numpy(dtype=np.intp, na_value=NO_PLACE),
        number_ground(located.to_numpy(dtype=bool), *truths),
        standing,
    )
    if "has_contract" not in stack:
        return situations, np.zeros(len(pair), dtype=bool)
    return situations, np.append(truth_codes(stack["has_contract"]) == 1, False)[pair]


def _name_decisions(decided: Decided, law: LawAt) -> pd.DataFrame:
    """Write classes and rules by their names."""
    ids = [*(rule.id for rule in law.rules), law.order_unknown_id]
    references = [*(rule.reference for rule in law.rules), ""]
    return pd.DataFrame(
        {
            "asm_class": _named([c.value for c in CLASSES], decided.asm_class),
            "rule_id": _named(ids, decided.rule),
            "reference": _named(references, decided.rule),
            "decided_by": decided.right,
            "step": decided.step,
        }
    )


def _named(names: Sequence[str], codes: Positions) -> pd.Series:
    """Write names for positions; -1 is the last."""
    last = len(names) - 1
    return (
        pd.Series(names, dtype="str").take(np.where(codes < 0, last, codes)).reset_index(drop=True)
    )


def _list_rights(situations: Situations, n_rights: Positions, ids: pd.Series) -> pd.Series:
    """List every right at each point, senior first."""
    named = ids.to_numpy(dtype=object)
    texts = np.full(len(n_rights), "", dtype=object)
    some = np.flatnonzero(n_rights)
    texts[some] = named[situations.right[situations.starts[some]]]
    for place in range(1, int(n_rights.max(initial=0))):
        some = some[n_rights[some] > place]
        texts[some] += LIST_SEPARATOR + named[situations.right[situations.starts[some] + place]]
    return pd.Series(texts, dtype="str")


def _axes(found: Answered, standing: Standing, ids: pd.Series) -> pd.DataFrame:
    """Write whose title covers the point, stratum and activity of its holder, the right that decided."""
    absent = {
        "holder_stratum": HolderStratum.UNKNOWN.value,
        "stratum_basis": StratumBasis.NONE.value,
        "holder_activity": HolderActivity.NO_EVIDENCE.value,
    }
    axes = read_kinds(standing.kind[found.title], standing, absent)
    axes.insert(0, "title_relation", _named([r.value for r in RELATIONS], found.relation))
    codes = ids.astype("str").array
    axes["concession_id"] = pd.Series(codes.take(found.decided.right, allow_fill=True))
    return axes


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
