"""A register and a cadastre in a line each, and what is asked of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geoasm.parties import Parties, same_holder
from geoasm.parties.review import find_similar
from tests.people import PE

RULES = PE.parties
ROSA, JUAN, OTHER_JUAN = "10456789012", "10123456789", "10987654321"
FIRM, SISTER = "20100000001", "20100000002"


def text(values: list[str | None]) -> pd.Series:
    return pd.Series(values, dtype="str")


def register(*people: tuple[str | None, str | None]) -> pd.DataFrame:
    """Registrations as (name, number)."""
    frame = pd.DataFrame({"registration_id": text([f"A{i:03}" for i in range(len(people))])})
    frame["registrant_name"] = text([n for n, _ in people])
    return frame.assign(ruc=text([r for _, r in people]), source_row=range(1, len(people) + 1))


def cadastre(*names: str | None) -> pd.DataFrame:
    """Rights by the names of their holders."""
    ids = text([f"R{i:03}" for i in range(len(names))])
    frame = pd.DataFrame({"concession_id": ids, "holder_name": text(list(names))})
    return frame.assign(source_row=range(1, len(names) + 1))


def answers(
    parties: Parties, registrants: str = "persons", likely: pd.DataFrame | None = None
) -> list[list[bool | None]]:
    """Whether each registrant (row) is each holder (column); None: not to be told."""
    n, m = len(parties.registrant), len(parties.holder)
    registrant = parties.registrant.take(np.repeat(np.arange(n), m)).reset_index(drop=True)
    holder = parties.holder.take(np.tile(np.arange(m), n)).reset_index(drop=True)
    same = same_holder(registrant, holder, parties, registrants, likely)
    plain = [None if pd.isna(v) else bool(v) for v in same]
    return [plain[i * m : (i + 1) * m] for i in range(n)]


def likely(parties: Parties, denied: pd.DataFrame | None = None) -> list[tuple[str, str, str]]:
    """The review list as (registrant, holder, reason), by name."""
    found = find_similar(parties, RULES, denied)
    named = parties.frame.set_index("party_id")["name"]
    rows = zip(found["registrant_id"], found["member_id"], found["reason"], strict=True)
    return [(named[one], named[other], reason) for one, other, reason in rows]


def members(parties: Parties) -> list[list[str]]:
    """The keys of the members of each right's holder, sorted."""
    keys = parties.frame.set_index("party_id")["keys"]
    of = parties.members.groupby("holder_id")["member_id"].agg(list)
    return [
        [] if pd.isna(holder) else sorted(key for i in of[holder] for key in keys[i])
        for holder in parties.holder
    ]
