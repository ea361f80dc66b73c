"""Which registrations count towards coexistence, and where rights stop on the way to the candidates."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm.codes import (
    Activity,
    AsmClass,
    ConcessionStatus,
    Gate,
    HolderActivity,
    HolderStratum,
    NotCounted,
    RegistrationStatus,
    Setting,
    VerifyFirst,
)

Positions = npt.NDArray[np.intp]


def why_not_counted(
    registrations: pd.DataFrame,
    decided_by: Positions,
    concessions: pd.DataFrame,
    is_other: npt.NDArray[np.bool_],
) -> pd.Series:
    """
    Say of each registration why it does not count; missing where it counts.

    Parameters
    ----------
    registrations
        `asm_class`, `status`, `activity`, `setting`.
    decided_by
        Position of the right that decided, -1 for none.
    is_other
        The registrant is known to be another than the holder of that right.
    """
    asm_class = registrations["asm_class"]
    in_force = np.append(concessions["status"] == ConcessionStatus.TITLED, False)[decided_by]
    reasons: list[tuple[NotCounted, pd.Series]] = [
        (NotCounted.OWN_TITLE, asm_class == AsmClass.OWN_TITLE),
        (NotCounted.PROHIBITED, asm_class == AsmClass.PROHIBITED_AREA),
        (NotCounted.AMBIGUOUS, asm_class == AsmClass.AMBIGUOUS),
        (NotCounted.UNLOCATABLE, asm_class == AsmClass.UNLOCATABLE),
        (NotCounted.EXCLUDED, registrations["status"] == RegistrationStatus.EXCLUDED),
        (NotCounted.PROCESSING, registrations["activity"] == Activity.PROCESSING),
        (NotCounted.ALLUVIAL, registrations["setting"] == Setting.ALLUVIAL),
        (NotCounted.NO_TITLE, pd.Series(~in_force, index=registrations.index)),
        (NotCounted.UNKNOWN_PARTY, pd.Series(~is_other, index=registrations.index)),
    ]
    masks = [mask.fillna(False).to_numpy(dtype=bool) for _, mask in reasons]
    codes = [str(code) for code, _ in reasons]
    found = pd.Series(np.select(masks, codes, default=""), index=registrations.index)
    return found.mask(found == "").astype("str")


def pass_gates(concessions: pd.DataFrame, n_counted: npt.NDArray[np.intp]) -> pd.DataFrame:
    """
    Walk each right through the gates.

    Parameters
    ----------
    concessions
        `status`, `holder_activity`, `holder_stratum`, `activity_conflict`.
    n_counted
        Registrations that count on each.

    Returns
    -------
    walked
        On the index of `concessions`: `gate`, the first that closes, and `verify`, what is open behind
        the gates; both missing: a candidate.
    """
    stratum = concessions["holder_stratum"]
    gates = [
        (Gate.NOT_IN_FORCE, concessions["status"] != ConcessionStatus.TITLED),
        (Gate.IDLE, concessions["holder_activity"] == HolderActivity.IDLE),
        (Gate.SMALL_SCALE, stratum == HolderStratum.SMALL_SCALE),
        (Gate.NONE_COUNTING, pd.Series(n_counted == 0, index=concessions.index)),
    ]
    open_ = [
        (VerifyFirst.STRATUM, stratum != HolderStratum.LSM_MSM),
        (VerifyFirst.CONFLICT, concessions["activity_conflict"].fillna(False)),
        (VerifyFirst.ACTIVITY, concessions["holder_activity"] != HolderActivity.ACTIVE),
    ]
    closed = _first([(str(code), mask) for code, mask in gates])
    unsure = _first([(str(code), mask) for code, mask in open_])
    return pd.DataFrame({"gate": closed, "verify": unsure.where(closed.isna())}).astype("str")


def _first(masks: list[tuple[str, pd.Series]]) -> pd.Series:
    index = masks[0][1].index
    rows = [mask.fillna(True).to_numpy(dtype=bool) for _, mask in masks]
    found = pd.Series(np.select(rows, [code for code, _ in masks], default=""), index=index)
    return found.mask(found == "")
