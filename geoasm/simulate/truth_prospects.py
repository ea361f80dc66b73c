"""
Which registrations count towards coexistence, and how far each right gets on the way to the candidates.

Written out case by case, one registration and one right at a time.
"""

from __future__ import annotations

from collections import Counter

import pandas as pd

from geoasm.codes import AsmClass, ConcessionStatus, HolderActivity, HolderStratum
from geoasm.simulate import faults

CANDIDATE = "candidate"
CLOSE_CALL = "close_call"  # nobody can say whether it is alluvial


def why_not(
    asm_class: str,
    status: str,
    activity: str,
    setting: str | None,
    right_status: str | None,
    is_other: bool,
) -> str | None:
    """
    Say why a registration does not count: the first reason; None where it counts.

    Parameters
    ----------
    setting
        None where it may be alluvial or not.
    right_status
        Of the right that decided; None where none did.
    is_other
        The registrant is another than the holder of that right, for certain.
    """
    if asm_class == AsmClass.OWN_TITLE:
        return "own_title"
    if asm_class == AsmClass.PROHIBITED_AREA:
        return "prohibited"
    if asm_class == AsmClass.AMBIGUOUS:
        return "ambiguous"
    if asm_class == AsmClass.UNLOCATABLE:
        return "unlocatable"
    if status == "excluded":
        return "excluded"
    if activity == "processing":
        return "processing"
    if setting is None:
        return CLOSE_CALL
    if setting == "alluvial":
        return "alluvial"
    if right_status != ConcessionStatus.TITLED:
        return "no_title"
    return None if is_other else "unknown_party"


def prospect(
    status: str, activity: str, stratum: str, conflict: bool, n_on: int, n_counted: int
) -> str | None:
    """
    Say how far a right gets: `candidate`, the gate that stops it, or `verify:` and what is open.

    Parameters
    ----------
    n_on
        Registrations on the right, by their place or by declaration; with none it is not met: None.
    """
    if not n_on:
        return None
    if status != ConcessionStatus.TITLED:
        return "not_in_force"
    if activity == HolderActivity.IDLE:
        return "idle"
    if stratum == HolderStratum.SMALL_SCALE:
        return "small_scale"
    if not n_counted:
        return "none_counting"
    if stratum != HolderStratum.LSM_MSM:
        return "verify:stratum"
    if conflict:
        return "verify:conflict"
    return CANDIDATE if activity == HolderActivity.ACTIVE else "verify:activity"


def of_registrations(rows: pd.DataFrame, right_status: dict[str, str]) -> pd.Series:
    """
    Give `not_counted` of every row of the register's file; missing where it counts or is a double.

    `close_call` where no measuring could tell whether it is alluvial, and that would matter.

    Parameters
    ----------
    rows
        `asm_class`, `status`, `activity`, `setting`, `concession_id`, `is_other`, `fault_outcome`.
    right_status
        By code.
    """
    found: list[str | None] = []
    for row in rows.itertuples():
        setting = None if pd.isna(row.setting) else str(row.setting)
        of_right = None if pd.isna(row.concession_id) else right_status[str(row.concession_id)]
        reason = why_not(
            str(row.asm_class),
            str(row.status),
            str(row.activity),
            setting,
            of_right,
            bool(row.is_other),
        )
        found.append(None if row.fault_outcome == faults.SET_ASIDE else reason)
    return pd.Series(found, index=rows.index, dtype="str")


def of_rights(rights: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """
    Give `prospect` and `n_counted` of every right.

    `prospect` is missing where nobody is registered, and where no plain answer exists: it is a question
    who holds a title, whether it is worked, or whether anybody counts on it. `n_counted` is missing
    where a registration on it is a close call.

    Parameters
    ----------
    rights
        `concession_id`, `status`, `holder_activity`, `holder_stratum`, `activity_conflict`, `unclear`,
        `activity_unclear`.
    truth
        Rows of the register's file: `not_counted`, `concession_id`, `right_ids`, `fault_outcome`.
    """
    on: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    open_: Counter[str] = Counter()
    for row in truth[truth["fault_outcome"] != faults.SET_ASIDE].itertuples():
        if not pd.isna(row.right_ids):
            on.update(str(row.right_ids).split(";"))
        elif not pd.isna(row.concession_id):  # without a position, by the right declared
            on[str(row.concession_id)] += 1
        if pd.isna(row.not_counted):
            counted[str(row.concession_id)] += 1
        elif row.not_counted == CLOSE_CALL and not pd.isna(row.concession_id):
            open_[str(row.concession_id)] += 1
    found, sure = [], []
    for right in rights.itertuples():
        code = str(right.concession_id)
        known = (
            str(right.status),
            str(right.holder_activity),
            str(right.holder_stratum),
            bool(right.activity_conflict),
            on[code],
        )
        told = prospect(*known, counted[code])
        plain = told == prospect(*known, counted[code] + open_[code])
        doubted = bool(right.unclear) or bool(right.activity_unclear)
        plain = plain and not (doubted and told != "not_in_force")
        found.append(told if plain else None)
        sure.append(pd.NA if open_[code] else counted[code])
    return rights.assign(
        prospect=pd.Series(found, index=rights.index, dtype="str"),
        n_counted=pd.array(sure, dtype="Int64"),
    )
