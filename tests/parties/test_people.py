"""People as numbers: the same parties, in the same order, as telling one person after the other."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd
import pytest

from geoasm.parties import identify, names
from tests.parties.sides import FIRM, JUAN, ROSA, RULES, SISTER, cadastre, register, text

NAMES = ["ROSA QUISPE MAMANI", "JUAN PEREZ RIOS", "MINERA X S.A.C.", "MINERA Y S.R.L.", "NN", "S/N"]
NUMBERS = [ROSA, JUAN, FIRM, SISTER]


def one_by_one(
    people: pd.DataFrame, rights: pd.DataFrame, table: pd.DataFrame
) -> tuple[list[int], list[int]]:
    """Number of each registrant's and each holder's party; 0 is nobody."""

    def key(name: object) -> str | None:
        read = None if pd.isna(name) else names.read_names([str(name)], RULES)[0].whole
        return None if read is None else read.key

    numbers: dict[str, set[str]] = defaultdict(set)
    of_table: dict[str, set[str]] = defaultdict(set)
    for known, frame, column in (
        (numbers, people, "registrant_name"),
        (numbers, table, "holder_name"),
        (of_table, table, "holder_name"),
    ):
        for name, number in zip(frame[column], frame["ruc"], strict=True):
            if (bearing := key(name)) and pd.notna(number):
                known[bearing].add(number)

    def identity(bearing: str | None, number: object, holds: bool) -> str | None:
        for known in (of_table, numbers) if holds else (numbers,):
            if pd.isna(number) and bearing and len(known[bearing]) == 1:
                number = next(iter(known[bearing]))
        return str(number) if pd.notna(number) else "=" + bearing if bearing else None

    registered = [
        identity(key(name), number, False)
        for name, number in zip(people["registrant_name"], people["ruc"], strict=True)
    ]
    whole: list[str | None] = []
    told = [(0, i, 1, "", one) for i, one in enumerate(registered) if one]
    for i, name in enumerate(rights["holder_name"]):
        read = None if pd.isna(name) else names.read_names([str(name)], RULES)[0]
        keys = sorted(part.key for part in read.parts) if read else []
        members = list(dict.fromkeys(identity(k, None, True) for k in keys))
        told += [(1, i, 1, k, str(identity(k, None, True))) for k in keys]
        is_joint = len(members) > 1 or bool(members and read and read.is_open)
        whole.append(
            ("&" * (1 + read.is_open) + "|".join(map(str, members)) if read else None)
            if is_joint
            else next(iter(members), None)
        )
        told += [(1, i, 0, "", str(whole[-1]))] if is_joint else []
    order = list(dict.fromkeys(row[-1] for row in sorted(told)))
    number_of = {one: n for n, one in enumerate(order, 1)}
    return tuple([number_of[one] if one else 0 for one in side] for side in (registered, whole))


@pytest.mark.parametrize("seed", range(5))
def test_parties_are_those_of_one_person_after_the_other(seed: int) -> None:
    rng = np.random.default_rng(seed)

    def pick(values: list[str], missing: float = 0.5) -> str | None:
        return None if rng.random() < missing else values[rng.integers(len(values))]

    people = register(*((pick(NAMES, 0.1), pick(NUMBERS)) for _ in range(40)))
    several = [", ".join(rng.choice(NAMES[:4], n, replace=False)) for n in (2, 2, 3)]
    rights = cadastre(*(pick([*NAMES, *several, "MINERA Z S.A. Y OTROS"], 0.1) for _ in range(40)))
    named = [pick(NAMES, 0) for _ in range(3)]
    table = pd.DataFrame({"holder_name": text(named), "ruc": text([pick(NUMBERS) for _ in named])})
    parties = identify(people, rights, RULES, holders=table)
    found = tuple(side.fillna(0).tolist() for side in (parties.registrant, parties.holder))
    assert found == one_by_one(people, rights, table)
    assert len(set(found[1])) > len(NAMES)
