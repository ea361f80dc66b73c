"""Rights that several hold together, as cadastres write them: one text with every name, or not with all."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from geoasm.codes import ConcessionStatus
from geoasm.model import PartyRules
from geoasm.simulate import reading

_SHARES: Final = {2: 0.045, 3: 0.02}  # of the titles and applications, by the number of holders
_OPEN_SHARE = 0.02  # "and others"
_AT_LEAST = 4
_LONGEST = 95  # characters that no source cuts


def share_out(
    rng: np.random.Generator, rights: pd.DataFrame, holders: pd.DataFrame, rules: PartyRules
) -> pd.DataFrame:
    """
    Let some rights be held by two or three parties, and some by one and others who are not named.

    Parameters
    ----------
    rights
        `holder` (row of `holders`), `status`.

    Returns
    -------
    rights
        `members` (rows of `holders`, as named) and `is_open` (not all are named) instead of
        `holder`; `holder_name` as the cadastre writes it.
    """
    names = holders["name"].to_numpy(dtype=object)
    ends = np.array([_ends_plainly(str(n), rules) for n in names], dtype=bool)
    members = [(int(h),) for h in rights["holder"]]
    texts = list(names[rights["holder"].to_numpy()])
    is_open = np.zeros(len(rights), dtype=bool)
    counted = rights["status"].isin([ConcessionStatus.TITLED, ConcessionStatus.PENDING])
    able = np.flatnonzero(counted.to_numpy() & ends[rights["holder"].to_numpy()])
    order = list(rng.permutation(able))
    others = np.flatnonzero(ends)
    for count, share in _SHARES.items():
        for _ in range(min(len(order), max(_AT_LEAST, round(share * len(able))))):
            row = int(order.pop())
            more = rng.choice(others, count - 1, replace=False)
            some = tuple(dict.fromkeys((*members[row], *map(int, more))))
            text = joined([str(names[i]) for i in some], rules)
            if len(some) == count and len(text) < _LONGEST:
                members[row], texts[row] = some, text
    for _ in range(min(len(order), max(_AT_LEAST, round(_OPEN_SHARE * len(able))))):
        row = int(order.pop())
        is_open[row], texts[row] = True, f"{texts[row]} {rules.others[0]}"
    return rights.drop(columns="holder").assign(
        members=members, is_open=is_open, holder_name=pd.array(texts, dtype="str")
    )


def _ends_plainly(name: str, rules: PartyRules) -> bool:
    """Tell whether nobody can doubt where a name ends: a person's, or a form closes it."""
    if reading.looks_natural(name, rules):
        return True
    last = reading.forms_of(name.split()[-1], rules)
    return not last.isdisjoint(rules.closing_forms)


def joined(names: list[str], rules: PartyRules) -> str:
    """Write holders in one text: A Y B; A, B Y C."""
    return f"{', '.join(names[:-1])} {rules.and_word} {names[-1]}"


def of_plain_names(rights: pd.DataFrame, holders: pd.DataFrame) -> pd.DataFrame:
    """
    Say who holds each right of a cadastre whose names are read plainly.

    Returns
    -------
    rights
        `members` (rows of `holders`; none where there is no name, or it is not one party's for
        certain), `is_open` (False), and `unclear`: somebody holds it, and who is a question.
    """
    row_of = {reading.name_key(n): i for i, n in enumerate(holders["name"])}
    doubtful = holders["unclear"].to_numpy(dtype=bool)
    members: list[tuple[int, ...]] = []
    unclear = np.zeros(len(rights), dtype=bool)
    for k, name in enumerate(rights["holder_name"]):
        row = row_of.get(reading.name_key(name)) if reading.is_plain(name) else None
        members.append(() if row is None else (row,))
        unclear[k] = bool(reading.name_key(name)) and (row is None or doubtful[row])
    return rights.assign(members=members, is_open=False, unclear=unclear)
