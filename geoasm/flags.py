"""Facts that stand beside a class: each a flag, with the registrations that carry it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm import seniority
from geoasm.codes import (
    RESTRICTED_FLAG,
    UNTESTED_FLAG,
    AsmClass,
    ConcessionStatus,
    Flag,
)
from geoasm.law import LawAt
from geoasm.schema import LIST_SEPARATOR

IN_FORCE = ConcessionStatus.TITLED.value

Marks = list[tuple[str, npt.NDArray[np.bool_]]]


def find_flags(
    situations: pd.DataFrame,
    answers: pd.DataFrame,
    concessions: pd.DataFrame,
    ground: pd.DataFrame,
    law: LawAt,
    untested: Sequence[str],
) -> Marks:
    """
    Give each flag with the registrations that carry it.

    Parameters
    ----------
    situations
        One row per registration and right, as `classify` lays them out.
    answers
        `asm_class`, `decided_by`, `n_rights`, RangeIndex.
    untested
        Roles that were not given and could have changed a class.
    """
    n = len(answers)
    decided = answers["decided_by"].to_numpy()
    status = np.append(concessions["status"].to_numpy(dtype=object), "")[decided]

    def at(mask: pd.Series) -> npt.NDArray[np.bool_]:
        out = np.zeros(n, dtype=bool)
        out[situations.loc[mask.fillna(False).to_numpy(dtype=bool), "registration"]] = True
        return out

    def of_decided(column: str) -> npt.NDArray[np.bool_]:
        marks = concessions.get(column, pd.Series(False, index=concessions.index))
        found: npt.NDArray[np.bool_] = np.append(marks.to_numpy(dtype=bool), False)[decided]
        return found

    own = situations["same_holder"].fillna(False)
    since = ground["closed_since"].to_numpy()[situations["registration"]]
    older = (situations["right_status"] == IN_FORCE) & (situations["filed_on"] < since)
    anap = ground["in_anap"].to_numpy(dtype=bool)
    extinct = status == ConcessionStatus.EXTINCT
    # The ground is free where every extinct right over it is, not only the senior one.
    lapsed = situations["right_status"] == ConcessionStatus.EXTINCT
    free_on = _free_on(concessions, situations["right"])
    is_free = free_on <= np.datetime64(law.on)
    flags = [
        (Flag.STACKED, answers["n_rights"].to_numpy(dtype=int) > 1),
        (Flag.CO_HOLDER, of_decided("is_joint") & (answers["asm_class"] == AsmClass.OWN_TITLE)),
        (Flag.ACTIVITY_CONFLICT, of_decided("activity_conflict") & (status == IN_FORCE)),
        (Flag.OWN_TITLE_CONTESTED, at(_contested(situations, answers, concessions, law))),
        (Flag.RIGHT_OLDER_THAN_AREA, at(older) & ground["in_closed_area"].to_numpy(dtype=bool)),
        (Flag.SURFACE_COMMUNITY, ground["in_community"].to_numpy(dtype=bool)),
        (Flag.EXTINCT_ANAP, extinct & anap),
        (Flag.EXTINCT_FREE, extinct & ~anap & ~at(lapsed & ~is_free)),
        (Flag.EXTINCT_NOT_FREE, extinct & at(lapsed & ~np.isnat(free_on) & ~is_free)),
        (Flag.OWN_PENDING, at((situations["right_status"] == ConcessionStatus.PENDING) & own)),
        (Flag.HAS_CONTRACT, at(situations["has_contract"] & (situations["right"] == decided[situations["registration"]])) & (status == IN_FORCE)),
    ]  # fmt: skip
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
    situations: pd.DataFrame, answers: pd.DataFrame, concessions: pd.DataFrame, law: LawAt
) -> pd.Series:
    """Tell which situations are another holder's title that goes before the own title that decided."""
    own_title = (answers["asm_class"] == AsmClass.OWN_TITLE).to_numpy()[situations["registration"]]
    other = (situations["right_status"] == IN_FORCE) & ~situations["same_holder"].fillna(False)
    rival = own_title & other.to_numpy(dtype=bool)
    right = situations["right"].to_numpy()[rival]
    own = answers["decided_by"].to_numpy()[situations["registration"].to_numpy()[rival]]
    order = seniority.compare(concessions, right, own, law)["senior"]
    contested = pd.Series(False, index=situations.index)
    contested[rival] = (order == seniority.FIRST).to_numpy()
    return contested


def _free_on(concessions: pd.DataFrame, right: pd.Series) -> npt.NDArray[np.datetime64]:
    never = np.datetime64("NaT", "s")
    if "free_on" not in concessions:
        return np.full(len(right), never)
    dates: npt.NDArray[np.datetime64] = np.append(
        concessions["free_on"].to_numpy(dtype="datetime64[s]"), never
    )
    of_right: npt.NDArray[np.datetime64] = dates[right.to_numpy()]
    return of_right


def join_flags(flags: Marks, n: int) -> pd.Series:
    """Write the flags of each of `n` registrations as one text."""
    text = np.full(n, "", dtype=object)
    for name, mask in flags:
        text[mask] = np.where(text[mask] == "", name, text[mask] + (LIST_SEPARATOR + name))
    return pd.Series(text, index=pd.RangeIndex(n), dtype="str")
