"""Situations of the law in a line each, laid out as the pipeline does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from geoasm.classify import classify
from geoasm.io.profiles import load_profile
from geoasm.seniority import order_stacks

ON = date(2024, 6, 1)
LAW = load_profile("pe").law.at(ON)


@dataclass
class Right:
    """A right over a point, as one registrant sees it."""

    id: str
    status: str = "titled"
    filed_on: str | None = "1999-01-01"
    own: bool | None = False
    stratum: str | None = "lsm_msm"  # None: no strata were given
    idle: bool = False
    free_on: str | None = None
    contract: bool = False
    filed_hour: str | None = None
    datum: str = "unknown"
    origin: str = "unknown"


@dataclass
class Place:
    """One registration: what covers its point."""

    rights: list[Right] = field(default_factory=list)
    located: bool = True
    closed: bool = False
    outside: bool = False
    asm_zone: bool = False
    anap: bool = False
    community: bool = False
    restricted: str = ""
    closed_since: str | None = None
    beside: list[Right] = field(default_factory=list)  # within reach, not over the point


def ask(
    places: list[Place], *, stacked: str = "seniority", shuffle: int | None = None, **given: object
) -> pd.DataFrame:
    """Lay the places out as the pipeline does, and classify them."""
    rights = {r.id: r for place in places for r in [*place.rights, *place.beside]}
    order = sorted(rights)
    rows = [
        (i, order.index(r.id), covered, r.own, r.contract)
        for i, place in enumerate(places)
        for covered, group in ((True, place.rights), (False, place.beside))
        for r in group
    ]
    pairs = pd.DataFrame(
        rows, columns=["registration", "concession", "covered", "same_holder", "has_contract"]
    )
    pairs = pairs.astype({"registration": "int64", "concession": "int64", "covered": "bool"})
    pairs = pairs.astype({"same_holder": "boolean", "has_contract": "bool"})
    listed = [rights[name] for name in order]
    concessions = pd.DataFrame(
        {
            "concession_id": pd.Series(order, dtype="str"),
            "status": pd.Series([r.status for r in listed], dtype="str"),
            "filed_on": pd.Series([r.filed_on for r in listed], dtype="datetime64[s]"),
            "filed_hour": pd.Series([r.filed_hour for r in listed], dtype="str"),
            "datum": pd.Series([r.datum for r in listed], dtype="str"),
            "origin": pd.Series([r.origin for r in listed], dtype="str"),
            "free_on": pd.Series([r.free_on for r in listed], dtype="datetime64[s]"),
            "holder_stratum": pd.Series([r.stratum for r in listed], dtype="str"),
            "stratum_basis": pd.Series(["official" for _ in listed], dtype="str"),
            "holder_activity": pd.Series(
                ["idle" if r.idle else "no_evidence" for r in listed], dtype="str"
            ),
        }
    )
    if shuffle is not None:
        rng = np.random.default_rng(shuffle)
        moved = rng.permutation(len(concessions))
        concessions = concessions.iloc[moved].reset_index(drop=True)
        pairs["concession"] = np.argsort(moved)[pairs["concession"]]
        pairs = pairs.sample(frac=1, random_state=shuffle).reset_index(drop=True)
    ground = pd.DataFrame(
        {
            "in_closed_area": pd.array([p.closed for p in places], dtype="boolean"),
            "outside_corridor": pd.array([p.outside for p in places], dtype="boolean"),
            "in_asm_zone": pd.array([p.asm_zone for p in places], dtype="boolean"),
            "in_anap": pd.array([p.anap for p in places], dtype="boolean"),
            "in_community": pd.array([p.community for p in places], dtype="boolean"),
            "restricted": pd.Series([p.restricted for p in places], dtype="str"),
            "closed_since": pd.Series([p.closed_since for p in places], dtype="datetime64[s]"),
        }
    )
    located = pd.Series([p.located for p in places], dtype=bool)
    law = given.pop("law", LAW)
    pairs = order_stacks(pairs, concessions, law)
    return classify(located, concessions, pairs, ground, law, stacked=stacked, **given)


def one(place: Place, **given: object) -> pd.Series:
    return ask([place], **given).iloc[0]
