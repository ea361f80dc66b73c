"""What was filed and what an analyst noted: environmental instruments, assessments of holders and rights."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from geoasm.codes import AsmClass, ConcessionStatus, FactorName, HolderStratum, RegistrationStatus

_FILED: Final = {RegistrationStatus.ACTIVE: 0.6, RegistrationStatus.SUSPENDED: 0.15}
_BOTH = 0.3  # of those who filed: the second part, too
_FIRST, _SECOND = "CORRECTIVO", "PREVENTIVO"
_LATE, _STRANGE = 4, 3  # rows dated after the day of the study, rows of nobody
_TURNED, _LATER = 3, np.timedelta64(90, "D")
_DAYS = 1_500
_OF_RIGHTS, _OF_HOLDERS = 0.15, 0.1  # of the titles of large holders
_AT_LEAST = 6
_VALUES: Final = (0.0, 0.2, 0.5, 0.8, 1.0)
_FACTORS: Final = (str(FactorName.COMPANY_COMMITMENT), str(FactorName.GEOLOGY))
_AGAIN = 3  # one in so many was assessed before, one in so many will be after the day


def _days(on: date, offsets: np.ndarray) -> pd.Series:
    day = np.datetime64(on, "D") + offsets.astype("timedelta64[D]")
    return pd.Series(day.astype("datetime64[s]"))


def igafom(rng: np.random.Generator, register: pd.DataFrame, on: date) -> pd.DataFrame:
    """
    Plant who filed an environmental instrument: `registration_id`, `stage`, `filed_on`.

    A few rows are dated after the day, of such as have filed nothing before, or one part; a few name
    registrations that the register does not have.
    """
    draw = rng.random(len(register))
    share = register["status"].map({str(s): p for s, p in _FILED.items()}).fillna(0.0)
    filed = draw < share.to_numpy(dtype=float)
    codes = register["registration_id"].to_numpy(dtype=object)
    first = pd.DataFrame({"registration_id": codes[filed], "stage": _FIRST})
    first["filed_on"] = _days(on, -rng.integers(1, _DAYS, len(first)))
    second = first[rng.random(len(first)) < _BOTH].assign(stage=_SECOND)
    # Of these one part was filed, and the other is to come.
    again = first["registration_id"].isin(second["registration_id"].iloc[:_TURNED])
    first["filed_on"] = first["filed_on"].mask(again, np.datetime64(on, "s") + _LATER)
    waiting = ~filed & (register["planned"] == AsmClass.ON_LSM_MSM).to_numpy(dtype=bool)
    later = pd.DataFrame({"registration_id": codes[waiting][:_LATE], "stage": _FIRST})
    later["filed_on"] = _days(on, np.arange(1, len(later) + 1) * 30)
    nobody = pd.DataFrame(
        {"registration_id": [f"99{i:07d}" for i in range(_STRANGE)], "stage": _FIRST}
    )
    nobody["filed_on"] = _days(on, -np.arange(1, _STRANGE + 1))
    rows = pd.concat([first, second, later, nobody], ignore_index=True)
    return rows.sort_values(["registration_id", "stage"], ignore_index=True)


def assessments(
    rng: np.random.Generator, rights: pd.DataFrame, holders: pd.DataFrame, on: date
) -> pd.DataFrame:
    """
    Plant what an analyst noted of some titles of large holders, and of some of these holders.

    Parameters
    ----------
    rights
        `status`, `holder_stratum`, `members` (rows of `holders`), `unclear`.

    Returns
    -------
    assessments
        `concession_id` or `holder_name`, `factor`, `value` (0 to 1), `assessed_on`: for some an older
        value, for some one dated after the day.
    """
    large = rights[
        (rights["status"] == ConcessionStatus.TITLED)
        & (rights["holder_stratum"] == HolderStratum.LSM_MSM)
        & ~rights["unclear"]
    ]
    behind = sorted({m for members in large["members"] for m in members})
    kinds = (
        ("concession_id", large["concession_id"].sort_values().to_list(), _OF_RIGHTS),
        ("holder_name", [str(holders["name"].iloc[m]) for m in behind], _OF_HOLDERS),
    )
    rows: list[dict[str, object]] = []
    for column, known, share in kinds:
        n = min(len(known), max(_AT_LEAST, round(share * len(large))))
        for k, i in enumerate(rng.permutation(len(known))[:n]):
            told = {column: known[int(i)], "factor": _FACTORS[k % len(_FACTORS)]}
            days = [-int(rng.integers(1, _DAYS))]
            if k % _AGAIN == 1:
                days.append(days[0] - 400)
            if k % _AGAIN == 2:
                days.append(60)
            for day in days:
                value = _VALUES[int(rng.integers(len(_VALUES)))]
                rows.append({**told, "value": value, "day": day})
    out = pd.DataFrame(rows, columns=["concession_id", "holder_name", "factor", "value", "day"])
    out["assessed_on"] = _days(on, out["day"].to_numpy(dtype=np.int64))
    text = dict.fromkeys(("concession_id", "holder_name", "factor"), "str")
    by = ["concession_id", "holder_name", "factor", "assessed_on"]
    return out.drop(columns="day").astype(text).sort_values(by, ignore_index=True)
