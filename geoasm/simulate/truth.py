"""
What the law says of a planted point, worked out slowly and plainly.

It shares no code with what it is used to test: the order of decision is written out case by case.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import pandas as pd

from geoasm.codes import (
    AsmClass,
    ConcessionStatus,
    HolderActivity,
    HolderStratum,
    OwnBasis,
    TitleRelation,
)
from geoasm.law import LawAt
from geoasm.simulate.holders import ALIAS, ALIAS_NUMBER, NO_ALIAS
from geoasm.simulate.reading import name_key


@dataclass(frozen=True)
class Party:
    """
    Who somebody is, as far as the sources say.

    `key` is the folded name. `like` is that of a holder of whose name this one is a wrong spelling, so
    that nobody can tell whether it is the same; `by_alias`: a person said that it is.
    """

    ruc: str | None
    key: str | None
    like: str | None = None
    by_alias: bool = False


@dataclass(frozen=True)
class Right:
    """One right, as far as it matters to a decision; `filed` counts days, `hour` minutes."""

    id: str
    status: str
    filed: int | None
    holders: tuple[Party, ...]
    is_open: bool = False  # not all holders are named
    stratum: str = str(HolderStratum.UNKNOWN)
    basis: str = "none"
    activity: str = str(HolderActivity.NO_EVIDENCE)
    conflict: bool = False
    hour: int | None = None
    datum: str | None = None
    origin: str | None = None

    @property
    def is_joint(self) -> bool:
        """Several hold it, named or not."""
        return self.is_open or len(self.holders) > 1


@dataclass(frozen=True)
class Answer:
    """The truth of one registration."""

    asm_class: AsmClass
    title_relation: TitleRelation
    right: Right | None = None
    contested: bool = False
    stack: tuple[Right, ...] = field(default=())


def same_party(registrant: Party, holder: Party) -> bool | None:
    """
    Compare two parties: by number where both have one, else by name.

    None where neither can tell, or where the one name is a wrong spelling of the other.
    """
    if registrant.ruc and holder.ruc:
        return registrant.ruc == holder.ruc
    if registrant.key and holder.key:
        if registrant.like == holder.key:
            return None
        return registrant.key == holder.key
    return None


def same_holder(registrant: Party, right: Right) -> bool | None:
    """Tell whether a registrant is one of the holders of a right; None where it may be."""
    told = [same_party(registrant, holder) for holder in right.holders]
    if True in told:
        return True
    return None if not told or None in told or right.is_open else False


def own_basis(registrant: Party, right: Right) -> OwnBasis:
    """Say what shows that a registrant is one of the holders of its own title."""
    mine = [h for h in right.holders if same_party(registrant, h)]
    if any(registrant.ruc and h.ruc for h in mine):
        return OwnBasis.RUC
    return OwnBasis.ALIAS if registrant.by_alias else OwnBasis.NAME


def class_on_title(registrant: Party, right: Right) -> tuple[AsmClass, TitleRelation]:
    """Give what one title in force, or one of unknown status, means to a registrant."""
    if right.status == ConcessionStatus.UNKNOWN:
        return AsmClass.AMBIGUOUS, TitleRelation.UNKNOWN
    same = same_holder(registrant, right)
    if same is True:
        return AsmClass.OWN_TITLE, TitleRelation.OWN
    if same is None:
        return AsmClass.ON_UNKNOWN_HOLDER, TitleRelation.UNKNOWN
    if right.activity == HolderActivity.IDLE:
        return AsmClass.ON_IDLE_CLAIM, TitleRelation.THIRD_PARTY
    if right.stratum == HolderStratum.LSM_MSM:
        return AsmClass.ON_LSM_MSM, TitleRelation.THIRD_PARTY
    if right.stratum == HolderStratum.SMALL_SCALE:
        return AsmClass.ON_SMALL_SCALE, TitleRelation.THIRD_PARTY
    return AsmClass.ON_UNKNOWN_HOLDER, TitleRelation.THIRD_PARTY


class Order(Enum):
    """What can be said of two rights: which goes before, that neither does, or nothing."""

    FIRST, SECOND, SAME, OPEN = range(4)


def order_of(a: Right, b: Right) -> Order:
    """
    Tell which of two rights goes before the other.

    Extinct rights go last, the former datum first, a denuncio before a redenuncio; then the
    earlier day, then the earlier hour.
    """
    if (a.status == ConcessionStatus.EXTINCT) != (b.status == ConcessionStatus.EXTINCT):
        return Order.SECOND if a.status == ConcessionStatus.EXTINCT else Order.FIRST
    if {a.datum, b.datum} == {"psad56", "wgs84"}:
        return Order.FIRST if a.datum == "psad56" else Order.SECOND
    if {a.origin, b.origin} == {"old_claim", "refiled_claim"}:
        return Order.FIRST if a.origin == "old_claim" else Order.SECOND
    if a.filed is None or b.filed is None:
        return Order.OPEN
    if a.filed != b.filed:
        return Order.FIRST if a.filed < b.filed else Order.SECOND
    if a.hour is None and b.hour is None:
        return Order.SAME
    if a.hour is None or b.hour is None:
        return Order.OPEN
    if a.hour != b.hour:
        return Order.FIRST if a.hour < b.hour else Order.SECOND
    return Order.SAME


def by_seniority(stack: tuple[Right, ...]) -> tuple[Right, ...]:
    """
    List rights senior first: each by the number of rights that go before it, then by day and code.

    Last come those whose order to all others is open, and all where nobody comes first.
    """
    before, lost = {}, {}
    for right in stack:
        met = [order_of(right, other) for other in stack if other is not right]
        before[right.id] = met.count(Order.SECOND)
        lost[right.id] = bool(met) and met.count(Order.OPEN) == len(met)
    if before and min(before.values()) > 0:
        lost = dict.fromkeys(lost, True)

    def place(right: Right) -> tuple[bool, int, bool, int, str]:
        nowhere = lost[right.id]
        rank = 0 if nowhere else before[right.id]
        return nowhere, rank, right.filed is None, right.filed or 0, right.id

    return tuple(sorted(stack, key=place))


def seniors(rights: tuple[Right, ...]) -> tuple[Right, ...]:
    """Keep the rights before which none of the others goes; all where that leaves nobody."""
    first = []
    for right in rights:
        met = [order_of(right, other) for other in rights if other is not right]
        if Order.SECOND not in met:
            first.append(right)
    return tuple(first) or rights


def _of_status(stack: tuple[Right, ...], *statuses: ConcessionStatus) -> tuple[Right, ...]:
    return tuple(r for r in stack if r.status in statuses)


def _on_titles(registrant: Party, titles: tuple[Right, ...]) -> Answer:
    """Decide between titles in force and rights of unknown status, listed senior first."""
    meaning = {r.id: class_on_title(registrant, r) for r in titles}
    own = tuple(r for r in titles if meaning[r.id][0] is AsmClass.OWN_TITLE)
    if own:
        mine = seniors(own)[0]
        contested = any(
            r.status == ConcessionStatus.TITLED
            and r not in own
            and order_of(r, mine) is Order.FIRST
            for r in titles
        )
        return Answer(AsmClass.OWN_TITLE, TitleRelation.OWN, mine, contested)
    top = seniors(titles)
    classes = {meaning[r.id][0] for r in top}
    if len(classes) == 1 and AsmClass.AMBIGUOUS not in classes:
        return Answer(classes.pop(), meaning[top[0].id][1], top[0])
    relations = {relation for _, relation in meaning.values()}
    unknown = TitleRelation.UNKNOWN in relations
    return Answer(
        AsmClass.AMBIGUOUS, TitleRelation.UNKNOWN if unknown else TitleRelation.THIRD_PARTY
    )


def decide(registrant: Party, stack: tuple[Right, ...], closed: bool, asm_zone: bool) -> Answer:
    """
    Walk the order of decision for one registration.

    Closed area, own title, the senior title in force, ASM zone, application, extinct right, other
    right, open ground. The relation to titles stands beside a class that the ground decides.
    """
    stack = by_seniority(stack)
    titles = _of_status(stack, ConcessionStatus.TITLED, ConcessionStatus.UNKNOWN)
    lesser = (
        (ConcessionStatus.PENDING, AsmClass.ON_PENDING_CLAIM, TitleRelation.PENDING),
        (ConcessionStatus.EXTINCT, AsmClass.ON_EXTINCT_CLAIM, TitleRelation.EXTINCT),
        (ConcessionStatus.OTHER, AsmClass.ON_OTHER_RIGHT, TitleRelation.OTHER_RIGHT),
    )
    answer = Answer(AsmClass.OPEN_GROUND, TitleRelation.NONE)
    if titles:
        answer = _on_titles(registrant, titles)
    else:
        for status, asm_class, relation in lesser:
            if some := _of_status(stack, status):
                answer = Answer(asm_class, relation, seniors(some)[0])
                break
    if closed:
        return Answer(AsmClass.PROHIBITED_AREA, answer.title_relation, stack=stack)
    if asm_zone and not titles:
        return Answer(AsmClass.IN_ASM_ZONE, answer.title_relation, stack=stack)
    return Answer(answer.asm_class, answer.title_relation, answer.right, answer.contested, stack)


def holder_parties(holders: pd.DataFrame) -> list[Party]:
    """Give each row of holders as sources know it: its number where a table tells it."""
    told = holders["listed"] | (holders["alias"] == ALIAS_NUMBER)
    return [
        Party(str(ruc) if known else None, name_key(name))
        for name, ruc, known in zip(holders["name"], holders["ruc"], told, strict=True)
    ]


def registrant_party(
    ruc: object, name: object, holders_spelt: dict[str, tuple[str, str | None]]
) -> Party:
    """
    Give a registrant as its entry states it.

    Parameters
    ----------
    holders_spelt
        Wrong spellings of holders' names (keys): the right one, and what the table of aliases says.
    """
    number = None if pd.isna(ruc) else str(ruc)
    key = name_key(name)
    meant, said = holders_spelt.get(key or "", (None, None))
    if meant is None or said == NO_ALIAS:
        return Party(number, key)
    if said == ALIAS:
        return Party(number, meant, by_alias=True)
    return Party(number, key, like=meant)


def right_records(rights: pd.DataFrame, parties: list[Party], law: LawAt) -> list[Right]:
    """
    Give every right as a record, in order.

    Parameters
    ----------
    rights
        `concession_id`, `status`, `filed_on`, `members` (rows of holders), `is_open`, `holder_stratum`,
        `stratum_basis`, `holder_activity`, `activity_conflict`; `filed_hour`, `datum` and `origin`
        where there are such columns and the law asks for them.
    parties
        Of `holder_parties`.
    """
    days = rights["filed_on"].to_numpy().astype("datetime64[D]")
    asked = {criterion.by for criterion in law.seniority}
    nothing = [None] * len(rights)
    more = [
        list(rights[name]) if name in asked and name in rights else nothing
        for name in ("filed_hour", "datum", "origin")
    ]
    records = []
    for row, day, hour, datum, origin in zip(rights.itertuples(), days, *more, strict=True):
        records.append(
            Right(
                row.concession_id,
                row.status,
                None if pd.isna(day) else int(day.astype(int)),
                tuple(parties[m] for m in row.members),
                bool(row.is_open),
                row.holder_stratum,
                row.stratum_basis,
                row.holder_activity,
                bool(row.activity_conflict),
                _minutes(hour),
                _text(datum),
                _text(origin),
            )
        )
    return records


def _minutes(hour: object) -> int | None:
    """Count the minutes of an hour like 09:05 or 0905."""
    digits = (_text(hour) or "").replace(":", "")
    return int(digits[:2]) * 60 + int(digits[2:]) if len(digits) == 4 else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
