"""What changed from one run to another, and why registrations changed their class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from geoasm import flows, schema
from geoasm.changes import causes, people, registrations, rights
from geoasm.changes.inputs import Inputs
from geoasm.codes import Cause, RegistrationChange, RightChange
from geoasm.model import ComparisonRules, PartyRules, Result


@dataclass(frozen=True)
class Changes:
    """
    Two runs side by side.

    `rights` and `registrations` follow `schema.RIGHTS_CHANGED` and `schema.REGISTRATIONS_CHANGED`;
    `flows` has `class_a`, `class_b`, `cause`, `admin_1`, `registrations` for every registration of
    either run; `summary` has the counts, and in `failed` the classes whose flows do not add up.
    """

    rights: pd.DataFrame
    registrations: pd.DataFrame
    flows: pd.DataFrame
    summary: dict[str, Any]


def find_changes(
    before: Result,
    after: Result,
    parties: PartyRules,
    rules: ComparisonRules,
    *,
    internal: bool = False,
) -> Changes:
    """
    Compare two runs of one country.

    Parameters
    ----------
    before, after
        The earlier and the later run.
    parties
        How the country tells one name from another.
    rules
        How far two runs may differ in what is still the same.
    internal
        Holders who are natural persons are named.
    """
    who = (
        people.identify(before, parties, internal=internal),
        people.identify(after, parties, internal=internal),
    )
    matched = rights.compare_rights(before.concessions, after.concessions, who, rules)
    both = registrations.compare_registrations(
        before.registrations, after.registrations, who, matched, rules
    )
    inputs = Inputs(before, after)
    why = causes.find_causes(both, matched, before, after)
    changed = registrations.lay_out(both, why)
    counted = flows.count_flows(
        both["asm_class_a"],
        both["asm_class_b"],
        cause=why["cause"],
        admin_1=both["admin_1_b"].where(both["id_b"].notna(), both["admin_1_a"]),
    )
    failed = flows.balance_faults(
        counted, before.registrations["asm_class"], after.registrations["asm_class"]
    )
    return Changes(
        schema.conform(matched.changes, schema.RIGHTS_CHANGED),
        schema.conform(changed, schema.REGISTRATIONS_CHANGED),
        counted,
        {
            "rights": _tally(matched.changes["change"], RightChange),
            "rights_a": len(before.concessions),
            "rights_b": len(after.concessions),
            "rights_both": len(matched.both),
            "holders_not_compared": matched.unknown,
            "registrations": {c.value: int(both[c.value].sum()) for c in RegistrationChange},
            "registrations_a": len(before.registrations),
            "registrations_b": len(after.registrations),
            "registrations_both": int((both["id_a"].notna() & both["id_b"].notna()).sum()),
            "causes": _tally(why["cause"], Cause),
            "only_a": inputs.only_in(0),
            "only_b": inputs.only_in(1),
            "registrants_not_compared": int(not (len(before.parties) and len(after.parties))),
            "failed": failed,
        },
    )


def _tally(values: pd.Series, codes: type[RightChange] | type[Cause]) -> dict[str, int]:
    counts = values.value_counts()
    return {code.value: int(counts.get(code.value, 0)) for code in codes}
