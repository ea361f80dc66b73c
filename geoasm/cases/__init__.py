"""The law's cases: situations a lawyer wrote down, run through the very rules they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import pandas as pd

from geoasm import classify, seniority
from geoasm.cases import frames
from geoasm.cases.reading import CASE_MARK, COUNT_KEYS, LIST_KEYS, Case, read_case
from geoasm.law import LawAt
from geoasm.parties import identify, same_holder
from geoasm.parties.review import find_similar
from geoasm.profile import Profile
from geoasm.schema import LIST_SEPARATOR


@dataclass(frozen=True)
class Outcome:
    """What a case expected, and what the rules gave for the same columns."""

    name: str
    ok: bool
    expected: Mapping[str, Any]
    got: Mapping[str, Any]


def run_cases(profile: Profile) -> list[Outcome]:
    """
    Run every case of a profile, in the order of its file.

    Raises
    ------
    ProfileError
        A case says something that the format does not know; the text names the case and the key.
    """
    cases = [read_case(number, table, profile) for number, table in enumerate(profile.cases)]
    outcomes: dict[int, Outcome] = {}
    # Cases of one day are one register: they are answered together.
    for (on, stacked), group in groupby(sorted(cases, key=_session), _session):
        together = list(group)
        answers = _answer(together, profile, profile.law.at(on), stacked)
        for case, (_, answer) in zip(together, answers.iterrows(), strict=True):
            outcomes[case.number] = _compare(case, answer)
    return [outcomes[case.number] for case in cases]


def _session(case: Case) -> tuple[date, str]:
    return case.on, case.stacked


def _compare(case: Case, answer: pd.Series) -> Outcome:
    got = {key: _plain(key, answer[key]) for key in case.expect}
    expected = {key: sorted(v) if key == "flags" else v for key, v in case.expect.items()}
    return Outcome(case.name, got == expected, expected, got)


def _plain(key: str, value: Any) -> Any:
    """Give a cell as the file writes it: lists as lists, an empty cell as an empty text."""
    if key == "roles":
        return value
    if key in LIST_KEYS:
        items = [item for item in str(value).split(LIST_SEPARATOR) if item]
        return sorted(items) if key == "flags" else [i.split(CASE_MARK, 1)[1] for i in items]
    if pd.isna(value):
        return ""
    if key == "concession_id":
        return str(value).split(CASE_MARK, 1)[1]
    return int(value) if key in COUNT_KEYS else str(value)


def _answer(cases: Sequence[Case], profile: Profile, law: LawAt, stacked: str) -> pd.DataFrame:
    """Build the frames of the situations and classify them: one registration a case, in order."""
    concessions = frames.concessions_of(cases, law)
    registrant = [case.registration.get("registrant") for case in cases]
    parties = identify(
        pd.DataFrame({"registrant_name": pd.array(registrant, dtype="str")}),
        concessions,
        profile.parties,
    )
    concessions = frames.with_strata(concessions, cases, parties, law)
    pairs = seniority.order_stacks(frames.link_cases(cases, profile, law), concessions, law)
    pairs["same_holder"] = same_holder(
        parties.registrant.take(pairs["registration"]).reset_index(drop=True),
        parties.holder.take(pairs["concession"]).reset_index(drop=True),
        parties,
        profile.registrants,
        find_similar(parties, profile.parties),
    )
    signed = {frames.code_of(c, r) for c in cases for r in c.registration.get("contract_with", [])}
    ids = concessions["concession_id"].take(pairs["concession"]).reset_index(drop=True)
    pairs["has_contract"] = ids.isin(signed)
    answers = classify.classify(
        pd.Series([case.registration.get("located", True) for case in cases]),
        concessions,
        pairs,
        frames.ground_of(cases, law),
        law,
        registrants=profile.registrants,
        stacked=stacked,
        mined=pd.Series([case.registration.get("substance") for case in cases], dtype="str"),
    )
    names = ids.str.split(CASE_MARK, n=1).str[1]
    met = pairs.assign(name=names).groupby("registration")[["name", "role"]]
    roles = {at: dict(zip(rows["name"], rows["role"], strict=True)) for at, rows in met}
    return answers.assign(roles=[roles.get(i, {}) for i in range(len(cases))])
