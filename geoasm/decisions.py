"""Which right decides at each registration, and whose title covers the point."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from geoasm.codes import AsmClass, ConcessionStatus, HolderStratum, StratumBasis, TitleRelation
from geoasm.law import LawAt
from geoasm.seniority import find_outranked
from geoasm.situations import (
    CLASSES,
    IN_FORCE,
    NO_RIGHT,
    NOT_KNOWN,
    Bools,
    Positions,
    Ruled,
    Situations,
    Standing,
    apply_rules,
    number_ground,
    read_ground,
)

RELATIONS: Final = tuple(TitleRelation)
ORDER_UNKNOWN = -1  # the rule where no order between rights can be told
_AMBIGUOUS = CLASSES.index(AsmClass.AMBIGUOUS)
_UNKNOWN = RELATIONS.index(TitleRelation.UNKNOWN)


class Decided(NamedTuple):
    """Per registration: class in CLASSES, rule (position), the right that decided, step."""

    asm_class: Positions
    rule: Positions
    right: Positions
    step: Positions


class Answered(NamedTuple):
    """
    What the law says of each registration.

    `relation` counts in RELATIONS; `title` is the title that the axes speak of, or NO_RIGHT;
    `n_rights` counts the rights at the point, `n_titles` those of them that are titles in force.
    """

    decided: Decided
    relation: Positions
    title: Positions
    n_rights: Positions
    n_titles: Positions


def answer(
    situations: Situations, standing: Standing, *, registrants: str, stacked: str
) -> Answered:
    """
    Decide between the rights at each point, and say whose title covers it.

    Parameters
    ----------
    registrants
        "none" where the register has no persons.
    stacked
        "seniority": the senior title decides. "ambiguous": titles of different classes decide nothing.
    """
    decided = _decide(situations, apply_rules(situations, standing), standing, stacked)
    beneath = _beneath_closed_ground(situations, decided, standing, stacked)
    relation, title = _relate(situations, beneath, standing)
    if registrants == "none":
        relation[relation == RELATIONS.index(TitleRelation.THIRD_PARTY)] = _UNKNOWN
    n_rights = np.diff(situations.starts, append=len(situations.right)) - 1
    return Answered(decided, relation, title, n_rights, _count_titles(situations, standing))


def _decide(situations: Situations, ruled: Ruled, standing: Standing, stacked: str) -> Decided:
    """Between the rights at a point: the earliest step, within it the senior right."""
    registration, right, n = situations.registration, situations.right, len(situations.starts)
    best = np.minimum.reduceat(ruled.step, situations.starts) if n else ruled.step
    top = np.flatnonzero(ruled.step == best[registration])
    # Only rights of this step count: what goes before them all may be of no weight here.
    rights = top[right[top] >= 0]
    behind = np.zeros(len(right), dtype=bool)
    behind[rights] = find_outranked(registration[rights], right[rights], standing.order)
    senior = top[~behind[top]]
    chosen = senior[np.diff(registration[senior], prepend=-1) > 0]
    open_order = _differ(ruled.leads_to[senior], registration[senior], n)
    if stacked == "ambiguous":
        is_title = standing.is_kind(IN_FORCE) | standing.is_kind(ConcessionStatus.UNKNOWN)
        titles = np.flatnonzero(is_title[standing.kind[right]])
        differ = _differ(ruled.leads_to[titles], registration[titles], n)
        open_order |= differ & is_title[standing.kind[right[chosen]]]
    asm_class = np.where(open_order, _AMBIGUOUS, ruled.leads_to[chosen])
    step = ruled.step[chosen]
    settled = (asm_class != _AMBIGUOUS) & np.isin(step, _steps_of_rights(standing.law))
    return Decided(
        asm_class,
        np.where(open_order, ORDER_UNKNOWN, ruled.rule[chosen]),
        np.where(settled, right[chosen], NO_RIGHT),
        step,
    )


def _differ(leads_to: Positions, registration: Positions, n: int) -> Bools:
    """Tell which registrations have rows that lead to different classes; rows come in order."""
    some = np.zeros(n, dtype=np.intp)
    some[registration] = leads_to
    out = np.zeros(n, dtype=bool)
    out[registration[leads_to != some[registration]]] = True
    return out


def _steps_of_rights(law: LawAt) -> list[int]:
    """Steps in which a right decides, not the ground: those whose rules look at a right's status."""
    status_facts = {"status_unknown", "in_force", "pending", "extinct", "other_right"}
    names = {r.step for r in law.rules if status_facts & set(r.when)}
    return [i for i, name in enumerate(law.steps) if name in names]


def _beneath_closed_ground(
    situations: Situations, decided: Decided, standing: Standing, stacked: str
) -> Decided:
    """Decide as if no ground were closed: whose title covers a point is true of closed ground as well."""
    located, (closed, outside, in_zone) = read_ground(situations.ground)
    shut = (closed == 1) | (outside == 1)
    if not shut.any():
        return decided
    rows = shut[situations.registration]
    number = np.cumsum(shut) - 1
    registration = number[situations.registration[rows]]
    opened = np.zeros(int(shut.sum()), dtype=np.int8)
    below = Situations(
        registration,
        situations.right[rows],
        situations.own[rows],
        np.flatnonzero(np.diff(registration, prepend=-1)),
        number_ground(located[shut], opened, opened, in_zone[shut]),
    )
    found = _decide(below, apply_rules(below, standing), standing, stacked)
    out = Decided(*(values.copy() for values in decided))
    for values, there in zip(out, found, strict=True):
        values[shut] = there
    return out


def _relate(
    situations: Situations, beneath: Decided, standing: Standing
) -> tuple[Positions, Positions]:
    """
    Say whose title covers each point, whatever the class.

    Parameters
    ----------
    beneath
        As if no ground were closed.

    Returns
    -------
    relation, title
        Position in RELATIONS; title that the axes speak of, NO_RIGHT where nothing is decided.
    """
    registration, right, own = situations.registration, situations.right, situations.own
    kind = standing.kind[right]
    is_title = standing.is_kind(IN_FORCE)[kind]
    doubtful = standing.is_kind(ConcessionStatus.UNKNOWN)[kind]
    undecided = beneath.asm_class == _AMBIGUOUS
    about = _first_title(situations, is_title)
    about = np.where(beneath.right >= 0, beneath.right, about)
    first = is_title & (right == about[registration])
    located, _ = read_ground(situations.ground)
    relation = np.full(len(undecided), RELATIONS.index(TitleRelation.NONE))
    for status, value in (
        (ConcessionStatus.OTHER, TitleRelation.OTHER_RIGHT),
        (ConcessionStatus.EXTINCT, TitleRelation.EXTINCT),
        (ConcessionStatus.PENDING, TitleRelation.PENDING),
    ):
        relation[registration[standing.is_kind(status)[kind]]] = RELATIONS.index(value)
    relation[registration[doubtful]] = _UNKNOWN
    relation[registration[first & (own != NOT_KNOWN)]] = RELATIONS.index(TitleRelation.THIRD_PARTY)
    open_ = (is_title & (own == NOT_KNOWN)) | doubtful
    unsettled = undecided[registration]
    relation[registration[(first & (own == NOT_KNOWN)) | (unsettled & open_)]] = _UNKNOWN
    relation[registration[is_title & (own == 1)]] = RELATIONS.index(TitleRelation.OWN)
    relation[~located] = _UNKNOWN
    about = np.where(undecided, NO_RIGHT, about)
    return relation, np.where(standing.is_kind(IN_FORCE)[standing.kind[about]], about, NO_RIGHT)


def _count_titles(situations: Situations, standing: Standing) -> Positions:
    """Count the titles in force at each point."""
    is_title = standing.is_kind(IN_FORCE)[standing.kind[situations.right]]
    return np.bincount(situations.registration[is_title], minlength=len(situations.starts))


def _first_title(situations: Situations, is_title: Bools) -> Positions:
    """Give the first own title of each registration, else the first title, else NO_RIGHT."""
    out = np.full(len(situations.starts), NO_RIGHT)
    mine = is_title & (situations.own == 1)
    for mask in (is_title & ~mine, mine):
        rows = np.flatnonzero(mask)[::-1]  # the first of several is written last
        out[situations.registration[rows]] = situations.right[rows]
    return out


def axes_of_holder(title: Positions, standing: Standing) -> pd.DataFrame:
    """Give stratum and its basis of the holder of each title; what nothing says of NO_RIGHT."""
    absent = {"holder_stratum": HolderStratum.UNKNOWN, "stratum_basis": StratumBasis.NONE}
    return read_kinds(standing.kind[title], standing, {k: str(v) for k, v in absent.items()})


def read_kinds(kind: Positions, standing: Standing, absent: dict[str, str]) -> pd.DataFrame:
    """Give columns of kinds, and where a kind says nothing or is NO_RIGHT, what is said for that."""
    return pd.DataFrame(
        {
            name: pd.Series([*standing.kinds[name].fillna(value), value], dtype="str")
            .take(np.where(kind < 0, len(standing.kinds), kind))
            .reset_index(drop=True)
            for name, value in absent.items()
        }
    )
