"""Facts that stand beside a class: each a flag, with the registrations that carry it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm.codes import (
    RESTRICTED_FLAG,
    UNTESTED_FLAG,
    AsmClass,
    ConcessionStatus,
    Flag,
    Substance,
)
from geoasm.law import LawAt
from geoasm.schema import LIST_SEPARATOR
from geoasm.seniority import FIRST
from geoasm.situations import IN_FORCE, Bools, Positions, Situations, Standing

Marks = list[tuple[str, npt.NDArray[np.bool_]]]


def find_flags(
    situations: Situations,
    signed: Bools,
    answers: pd.DataFrame,
    concessions: pd.DataFrame,
    ground: pd.DataFrame,
    standing: Standing,
    law: LawAt,
    untested: Sequence[str],
    mined: pd.Series | None = None,
) -> Marks:
    """
    Give each flag with the registrations that carry it.

    Parameters
    ----------
    signed
        Per situation: the registrant has a contract for the right.
    answers
        `asm_class`, `decided_by`, `n_rights`, RangeIndex.
    untested
        Roles that were not given and could have changed a class.
    mined
        What each registration says that it mines, if the register says it.
    """
    n = len(answers)
    decided = answers["decided_by"].to_numpy()
    at, right, own = situations.at, situations.right, situations.own == 1
    in_force, pending, extinct = (
        standing.is_kind(status)
        for status in (IN_FORCE, ConcessionStatus.PENDING, ConcessionStatus.EXTINCT)
    )
    kind, of_decided = standing.kind[right], standing.kind[decided]
    own_title = (answers["asm_class"] == AsmClass.OWN_TITLE).to_numpy(dtype=bool)
    since = ground["closed_since"].to_numpy()[situations.registration]
    older = in_force[kind] & (_of_rights(concessions, "filed_on")[right] < since)
    anap = ground["in_anap"].to_numpy(dtype=bool)
    # The ground is free where every extinct right over it is, not only the senior one.
    lapsed = extinct[kind]
    free_on = _of_rights(concessions, "free_on")[right]
    is_free = free_on <= np.datetime64(law.on)
    gone, titled = extinct[of_decided], in_force[of_decided]
    deciding = right == decided[situations.registration]
    flags = [
        (Flag.STACKED, answers["n_rights"].to_numpy(dtype=int) > 1),
        (Flag.CO_HOLDER, _marked(concessions, "is_joint")[decided] & own_title),
        (Flag.SUBSTANCE_MISMATCH, _differs(mined, concessions, decided) & titled),
        (Flag.ACTIVITY_CONFLICT, _marked(concessions, "activity_conflict")[decided] & titled),
        (Flag.OWN_TITLE_CONTESTED, at(_contested(situations, own_title, decided, standing))),
        (Flag.RIGHT_OLDER_THAN_AREA, at(older) & ground["in_closed_area"].to_numpy(dtype=bool)),
        (Flag.SURFACE_COMMUNITY, ground["in_community"].to_numpy(dtype=bool)),
        (Flag.EXTINCT_ANAP, gone & anap),
        (Flag.EXTINCT_FREE, gone & ~anap & ~at(lapsed & ~is_free)),
        (Flag.EXTINCT_NOT_FREE, gone & at(lapsed & ~np.isnat(free_on) & ~is_free)),
        (Flag.OWN_PENDING, at(pending[kind] & own)),
        (Flag.HAS_CONTRACT, at(signed & deciding) & titled),
    ]
    named = [(str(flag.value), mask) for flag, mask in flags]
    codes = ground["restricted"].str.split(LIST_SEPARATOR).explode()
    codes = codes[codes != ""]
    for code, rows in codes.groupby(codes).groups.items():
        mask = np.zeros(n, dtype=bool)
        mask[rows] = True
        named.append((f"{RESTRICTED_FLAG}{code}", mask))
    named += [(f"{UNTESTED_FLAG}{role}", np.ones(n, dtype=bool)) for role in untested]
    return named


def _contested(
    situations: Situations, own_title: Bools, decided: Positions, standing: Standing
) -> Bools:
    """Tell which situations are another holder's title that goes before the own title that decided."""
    registration, right = situations.registration, situations.right
    other = standing.status_is(right, IN_FORCE) & (situations.own != 1)
    rival = np.flatnonzero(own_title[registration] & other)
    senior, _ = standing.order.compare(right[rival], decided[registration[rival]])
    contested = np.zeros(len(right), dtype=bool)
    contested[rival[senior == FIRST]] = True
    return contested


def _of_rights(concessions: pd.DataFrame, column: str) -> npt.NDArray[np.datetime64]:
    """Give the days of a column, and for no right, or without the column, none."""
    never = np.datetime64("NaT", "s")
    if column not in concessions:
        return np.full(len(concessions) + 1, never)
    days: npt.NDArray[np.datetime64] = np.append(
        concessions[column].to_numpy(dtype="datetime64[s]"), never
    )
    return days


def _differs(mined: pd.Series | None, concessions: pd.DataFrame, decided: Positions) -> Bools:
    """Tell which registrations mine what the right that decided was not granted for; both are known."""
    if mined is None or "substance" not in concessions:
        return np.zeros(len(decided), dtype=bool)
    known = [Substance.METALLIC.value, Substance.NON_METALLIC.value]
    granted = concessions["substance"].where(concessions["substance"].isin(known)).array
    of_right = pd.Series(granted.take(decided, allow_fill=True), index=mined.index)
    differs = mined.isin(known) & of_right.notna() & (mined != of_right)
    return np.asarray(differs, dtype=bool)


def _marked(concessions: pd.DataFrame, column: str) -> Bools:
    """Give the marks of a column, and for no right, or without the column, none."""
    marks = concessions.get(column, pd.Series(False, index=concessions.index))
    return np.append(marks.to_numpy(dtype=bool), False)


def join_flags(flags: Marks, n: int) -> pd.Series:
    """Write the flags of each of `n` registrations as one text, each set of flags once."""
    together = np.zeros(n, dtype=np.intp)
    for _, mask in flags:
        _, together = np.unique(together * 2 + mask, return_inverse=True)
    _, first, which = np.unique(together, return_index=True, return_inverse=True)
    texts = [LIST_SEPARATOR.join(name for name, mask in flags if mask[i]) for i in first]
    return pd.Series(texts, dtype="str").take(which).reset_index(drop=True)
