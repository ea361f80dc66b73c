"""Rights that several hold together, as cadastres write them: one text with every name, or not with all."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoasm.codes import ConcessionStatus
from geoasm.model import PartyRules
from geoasm.simulate import reading

_SHARES: Final = {2: 0.07, 3: 0.03}  # of the titles and applications, by the number of holders
_OPEN_SHARE = 0.03  # "and others"
_AT_LEAST = 4
_FEW = 2  # rights of a holder of little
_LONGEST = 99  # characters that no source cuts


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
    members: list[tuple[int, ...]] = [(int(h),) for h in rights["holder"]]
    texts = list(names[rights["holder"].to_numpy()])
    is_open = np.zeros(len(rights), dtype=bool)
    counted = rights["status"].isin([ConcessionStatus.TITLED, ConcessionStatus.PENDING])
    able = np.flatnonzero(counted.to_numpy() & ends[rights["holder"].to_numpy()])
    held = np.bincount(rights["holder"], minlength=len(names))
    few = held <= _FEW
    order = _alternating(rng.permutation(able), few[rights["holder"].to_numpy()])
    length = np.array([len(str(name)) for name in names])
    others = np.flatnonzero(ends)
    brief = others[np.argsort(length[others], kind="stable")][: max(4, len(others) // 4)]
    for count, share in _SHARES.items():
        wanted, left = max(_AT_LEAST, round(share * len(able))), []
        for row in order:
            # Holders of little join others of little: together they may still be small.
            likes = others[few[others] == few[members[row][0]]] if count == 2 else brief
            more = rng.permutation(likes)[: count - 1].tolist()
            some = tuple(dict.fromkeys([*members[row], *more]))
            text = joined([str(names[i]) for i in some], rules)
            if wanted and len(some) == count and len(text) < _LONGEST:
                members[row], texts[row] = some, text
                wanted -= 1
            else:
                left.append(row)
        order = left
    for _ in range(min(len(order), max(_AT_LEAST, round(_OPEN_SHARE * len(able))))):
        row = order.pop()
        is_open[row], texts[row] = True, f"{texts[row]} {rules.others[0]}"
    return rights.drop(columns="holder").assign(
        members=members, is_open=is_open, holder_name=pd.array(texts, dtype="str")
    )


def _alternating(rows: npt.NDArray[np.intp], first: npt.NDArray[np.bool_]) -> list[int]:
    """Put rows in an order in which every other one is marked, as long as there are some."""
    marked = first[rows]
    turn = np.where(marked, 2 * np.cumsum(marked), 2 * np.cumsum(~marked) + 1)
    return [int(row) for row in rows[np.argsort(turn, kind="stable")]]


def _ends_plainly(name: str, rules: PartyRules) -> bool:
    """Tell whether nobody can doubt where a name ends: a person's, or a form closes it."""
    if reading.is_whole_person(name, rules):
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
