"""Rights at points as numbers, each right read once, and the rule that applies where one covers a point."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm import predicates
from geoasm.codes import AsmClass, ConcessionStatus
from geoasm.errors import ProfileError
from geoasm.law import LawAt
from geoasm.seniority import NO_PLACE, Order, read_order

Positions = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int8]

IN_FORCE: Final = ConcessionStatus.TITLED.value
CLASSES: Final = tuple(AsmClass)
# What the law asks of a right beside its place in a stack.
TOLD_APART_BY: Final = ("status", "holder_stratum", "stratum_basis", "holder_activity")
_FACTS: Final = ("status", "holder_stratum", "holder_activity")
NO_RIGHT, NOT_KNOWN = -1, -1
_GROUND: Final = ("in_closed_area", "outside_corridor", "in_asm_zone")
_TRUTHS: Final = 3  # false, true, not known
_GROUNDS: Final = 2 * _TRUTHS ** len(_GROUND)


@dataclass(frozen=True)
class Standing:
    """
    What the law of a day asks of each right, read once.

    `kind` numbers the rows of `kinds`, which are the distinct values of TOLD_APART_BY; `first` is the
    first right of each kind. A right may be NO_RIGHT, and so then is its kind.
    """

    law: LawAt
    order: Order
    kind: Positions
    kinds: pd.DataFrame
    first: Positions

    def status_is(self, right: Positions, status: str) -> Bools:
        """Tell which rights (positions or NO_RIGHT) have a status."""
        return self.is_kind(status)[self.kind[right]]

    def is_kind(self, status: str) -> Bools:
        """Tell which kinds have a status; the last entry stands for NO_RIGHT."""
        return np.append((self.kinds["status"] == status).to_numpy(dtype=bool), False)

    @cached_property
    def fact_kinds(self) -> pd.DataFrame:
        """Give what facts read of rights, each combination once."""
        return self.kinds[list(_FACTS)].drop_duplicates(ignore_index=True)

    @cached_property
    def fact_kind(self) -> Positions:
        """Give the position in `fact_kinds` of each kind; the last entry stands for NO_RIGHT."""
        number = self.kinds.groupby(list(_FACTS), sort=False, dropna=False).ngroup()
        return np.append(number.to_numpy(dtype=np.intp), NO_RIGHT)

    @cached_property
    def rules(self) -> Ruled:
        """Give the rule of every situation that facts can tell apart; -1 where none applies."""
        return _rule_everything(self)

    @cached_property
    def listed(self) -> Positions:
        """Give each right's place among rights of one seniority; the last entry is for NO_RIGHT."""
        return np.append(self.order.listed, len(self.order.listed))


def read_standing(concessions: pd.DataFrame, law: LawAt) -> Standing:
    """
    Read once of each right what the law asks of it.

    Parameters
    ----------
    concessions
        `concession_id`, `filed_on`, TOLD_APART_BY and the columns that the law's criteria name.
    """
    together = np.zeros(len(concessions), dtype=np.intp)
    for name in TOLD_APART_BY:
        codes, distinct = pd.factorize(concessions[name])
        together = together * (len(distinct) + 1) + codes + 1
    _, first, kind = np.unique(together, return_index=True, return_inverse=True)
    kinds = concessions[list(TOLD_APART_BY)].iloc[first].reset_index(drop=True)
    return Standing(law, read_order(concessions, law), np.append(kind, NO_RIGHT), kinds, first)


class Situations(NamedTuple):
    """
    One row per registration and right that covers it, and one without a right each.

    Rows of a registration stand together, in the order of its stack, the one without a right last:
    from `starts[i]` on. `own` is 1, 0 or NOT_KNOWN; `ground` numbers the ground of each
    registration, see `number_ground`.
    """

    registration: Positions
    right: Positions
    own: Codes
    starts: Positions
    ground: Positions

    def at(self, rows: Bools) -> Bools:
        """Tell which registrations have a row of the mask."""
        out = np.zeros(len(self.starts), dtype=bool)
        out[self.registration[rows]] = True
        return out


class Ruled(NamedTuple):
    """The rule of each situation (position in the law), its step, and its class in CLASSES."""

    rule: Positions
    step: Positions
    leads_to: Positions


def truth_codes(truth: pd.Series) -> Codes:
    """Write a nullable truth as 1, 0 and NOT_KNOWN."""
    codes: Codes = truth.astype("boolean").to_numpy(dtype=np.int8, na_value=NOT_KNOWN)
    return codes


def number_ground(located: Bools, closed: Codes, outside: Codes, in_zone: Codes) -> Positions:
    """Give each registration's ground one number: located or not, and three truths."""
    number = located.astype(np.intp)
    for truth in (closed, outside, in_zone):
        number = number * _TRUTHS + truth + 1
    return number


def read_ground(number: Positions) -> tuple[Bools, list[Codes]]:
    """Read the numbers of `number_ground` back: located; closed, outside the corridor, in an ASM zone."""
    truths = []
    for _ in _GROUND:
        truths.append((number % _TRUTHS - 1).astype(np.int8))
        number = number // _TRUTHS
    return number.astype(bool), truths[::-1]


def lay_out(
    registration: Positions,
    right: Positions,
    own: Codes,
    place: Positions,
    ground: Positions,
    standing: Standing,
) -> tuple[Situations, Positions]:
    """
    Lay out the rights that cover each registration, the senior first.

    Parameters
    ----------
    registration, right, own, place
        Per pair: positions, whether the registrant holds the right, place in the stack.
    ground
        Per registration.

    Returns
    -------
    situations, pair
        And which pair each row comes from, -1 of the rows without a right.
    """
    n = len(ground)
    of_right = standing.listed[right]
    unranked = int(place.max(initial=0)) + 1
    rank = np.where(place == NO_PLACE, unranked, place)
    n_listed = len(standing.listed) + 1
    ends = np.arange(n) * (unranked + 1) + unranked
    key = np.concatenate(
        [(registration * (unranked + 1) + rank) * n_listed + of_right, (ends + 1) * n_listed - 1]
    )
    order = np.argsort(key, kind="stable")
    registration = np.concatenate([registration, np.arange(n)])[order]
    starts = np.flatnonzero(np.diff(registration, prepend=-1))
    right = np.concatenate([right, np.full(n, NO_RIGHT)])[order]
    own = np.concatenate([own, np.full(n, NOT_KNOWN, dtype=np.int8)])[order]
    pair = np.where(order < len(order) - n, order, -1)
    return Situations(registration, right, own, starts, ground), pair


def apply_rules(situations: Situations, standing: Standing) -> Ruled:
    """
    Give each situation the first rule that is not False.

    Raises
    ------
    ProfileError
        No rule of the law applies to a situation.
    """
    code = (standing.fact_kind[standing.kind[situations.right]] + 1) * _TRUTHS + situations.own + 1
    code = code * _GROUNDS + situations.ground[situations.registration]
    rules = standing.rules
    found = Ruled(*(column[code] for column in rules))
    if (found.rule < 0).any():
        _say_what_lacks(_describe(code[[np.argmax(found.rule < 0)]], standing), standing.law)
    return found


def _say_what_lacks(situation: pd.DataFrame, law: LawAt) -> None:
    names = dict.fromkeys(name for rule in law.rules for name in rule.when)
    facts = [name for name in names if truth_codes(predicates.facts()[name](situation))[0] == 1]
    raise ProfileError(
        f"law.toml: no rule applies on {law.on.isoformat()} where {' and '.join(facts) or 'nothing'}"
        " holds; add one that always does, last in the table"
    )


def _rule_everything(standing: Standing) -> Ruled:
    """Apply the law to every situation that its facts can tell apart."""
    law = standing.law
    frame = _describe(np.arange((len(standing.fact_kinds) + 1) * _TRUTHS * _GROUNDS), standing)
    names = dict.fromkeys(name for rule in law.rules for name in rule.when)
    known = {name: truth_codes(predicates.facts()[name](frame)) for name in names}
    rule = np.full(len(frame), -1)
    is_unknown = np.zeros(len(frame), dtype=np.intp)
    for i, row in enumerate(law.rules):
        facts = np.array([known[name] for name in row.when]).reshape(len(row.when), len(frame))
        open_rows = (rule == -1) & ~(facts == 0).any(axis=0)
        rule[open_rows] = i
        is_unknown[open_rows] = (facts == NOT_KNOWN).any(axis=0)[open_rows]
    step = {name: i for i, name in enumerate(law.steps)}
    steps = np.array([(step[r.step], step[r.unknown_step]) for r in law.rules])
    classes = np.array([(_number(r.then), _number(r.unknown_class)) for r in law.rules])
    return Ruled(rule, steps[rule, is_unknown], classes[rule, is_unknown])


def _number(asm_class: AsmClass) -> int:
    return CLASSES.index(asm_class)


def _describe(code: Positions, standing: Standing) -> pd.DataFrame:
    """Lay out distinct situations as facts read them."""
    located, truths = read_ground(code % _GROUNDS)
    own = code // _GROUNDS % _TRUTHS - 1
    kind = code // (_GROUNDS * _TRUTHS) - 1
    rights = standing.fact_kinds.reindex(np.where(kind < 0, len(standing.fact_kinds), kind))
    columns = {
        "located": located,
        **{name: _nullable(truth) for name, truth in zip(_GROUND, truths, strict=True)},
        "right_status": rights["status"].array,
        "same_holder": _nullable(own),
        "holder_stratum": rights["holder_stratum"].array,
        "holder_activity": rights["holder_activity"].array,
    }
    return pd.DataFrame(columns).astype(predicates.SITUATION_COLUMNS)


def _nullable(truth: npt.NDArray[np.integer]) -> pd.arrays.BooleanArray:
    return pd.arrays.BooleanArray(truth == 1, truth == NOT_KNOWN)
